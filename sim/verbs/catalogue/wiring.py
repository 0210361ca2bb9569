"""What an instrument moves and who reads it: its levers, the mechanisms in whose sources they stand, the sections of
docs/model.md that have their equations. Nothing is listed: all is found in what runs.
"""

import ast
import functools
import re
from pathlib import Path

import numpy as np

from sim.settings.files import PACKAGE
from sim.world.levers import LEVERS, Levers

MECHANISMS = PACKAGE / "mechanisms"
MODEL = PACKAGE.parent / "docs" / "model.md"  # beside the sources; not installed
PARAMETERS = "<!-- parameters:begin -->"  # what follows is tables of all parameters, and no equation
SIGNS = {"multiply": "× ", "minimum": "at most ", "maximum": "at least "}
MOST_EQUATIONS = 4  # lines shown


class Recorder(Levers):
    """Levers that remember what is moved: name -> (values, whether its purse pays)."""

    def move(self, name, value, where=..., payer=None):
        values, pays = self.__dict__.setdefault("moves", {}).setdefault(name, ([], []))
        values.append(value)
        pays.append(payer is not None)
        super().move(name, value, where, payer)


def moves(instrument, city):
    """Lever -> (numbers it is moved by in full force, how they combine in words, whether its purse pays)."""
    recorder = Recorder(city.district_codes, city.sectors)
    instrument.act(recorder, 1.0, 0)
    return {
        name: (
            [float(number) for value in values for number in np.ravel(value)],
            SIGNS.get(LEVERS[name].combine.__name__, "+ "),
            any(pays),
        )
        for name, (values, pays) in getattr(recorder, "moves", {}).items()
    }


@functools.cache
def readers():
    """Lever -> file -> functions of all mechanisms that read it."""
    readers_of = {}
    for path in sorted(MECHANISMS.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for lever in dict.fromkeys(inner.attr for inner in ast.walk(node) if _reads(inner)):
                    files = readers_of.setdefault(lever, {})
                    files.setdefault(path.relative_to(MECHANISMS).as_posix(), []).append(node.name)
    return readers_of


def _reads(node):
    """Whether a node of the syntax tree is a field of `levers` or `foreseen`, of a model or not."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return owner in ("levers", "foreseen")


# ---------------------------------------------------------------- docs/model.md


def sections(files):
    """Headings of docs/model.md that name any of the `files` of mechanisms; none where the document is not there."""
    names = {name for file in files for name in (f"mechanisms/{file}", Path(file).name)}
    return [title for title in _sections() if any(f"`{name}`" in title for name in names)]


def equations(key, files):
    """(heading, lines in which a parameter stands, formulas before words) of docs/model.md: of the section that names
    any of its `files`, else of the first that has it; None where there is none.
    """
    pattern = re.compile(rf"\b{re.escape(key)}(?![a-z])")
    for title in dict.fromkeys([*sections(files), *_sections()]):
        words, *blocks = re.split(r"^```(?:text)?$", _sections()[title], flags=re.M)
        formulas = [line.strip() for block in blocks[::2] for line in block.splitlines() if pattern.search(line)]
        sentences = re.split(r"(?<=[.:;]) |\n+", " ".join([words, *blocks[1::2]]) if not formulas else "")
        lines = formulas or [text.strip() for text in sentences if pattern.search(text)]
        if lines:
            return title, lines[:MOST_EQUATIONS]
    return None


@functools.cache
def _sections():
    """Heading -> text of docs/model.md, its tables of parameters left out."""
    if not MODEL.is_file():
        return {}
    _, *parts = re.split(r"^##+ ", MODEL.read_text("utf-8").partition(PARAMETERS)[0], flags=re.M)
    return dict(part.split("\n", 1) for part in parts)
