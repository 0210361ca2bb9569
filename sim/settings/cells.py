"""Policies that were typed rather than kept in files: a class or a function of a notebook's cell, or of a script.

Everything else of a run is told in words, and whoever computes a part of it (another process, a sweep, a run that is
repeated) reads them. So a policy that no yaml names is written down before it runs: its text, with all that the text
needs, as a module, and its knobs as a yaml, in a folder of the user's cache that is then the run's `configs`. What
runs is what is written there (`typed`). The name of the module is a digest of what its text means: an edited class is
another module, a comment makes none.
"""

import dataclasses
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from sim.policies.instrument import Instrument
from sim.settings import typed
from sim.settings.files import Tree, options, read_yaml, to_yaml
from sim.settings.refusals import ConfigError
from sim.world import sources

GROUPS = {"policy": "policy", "against": "policy", "without": "policy", "shock": "shock"}  # keys that hold instruments
OF_THE_CALENDAR = ("name", "start", "end", "announced")
USUAL = {item.name: item.default for item in dataclasses.fields(Instrument) if item.name not in OF_THE_CALENDAR}
UNBOUNDED = 1e18  # to either side, of a knob whose bounds nobody has said


def put_down(settings: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """(settings with every policy and shock that no yaml names in the words of one that a yaml does, the folder with
    these yamls or None where there are none). Raises ConfigError, which says what cannot be written down.
    """
    own_folder = settings.get("configs")
    own_folder = os.fspath(own_folder) if isinstance(own_folder, (str, os.PathLike)) else None
    written = _Written(own_folder)
    told = {key: _told(key, value, written) for key, value in settings.items()}
    if written.problems:
        raise ConfigError(written.problems)
    if not written.yamls:
        return told, own_folder
    if own_folder is not None:
        names = ", ".join(name for _, name in written.yamls)
        raise ConfigError([f"configs={own_folder}: {names} is of no yaml there; sim.to_files(..., folder) writes one"])
    folder = str(written.folder())
    return {**told, "configs": folder}, folder


def to_files(kind: Any, folder: str | Path) -> list[Path]:
    """Write a policy that was typed, a class, an object of it or a function, as its two files: `<name>.py` where Python
    is called, and `<folder>/policy/<name>.yaml`.

    Bounds, unit and source of its knobs are then to be said in the yaml. Returns both paths. Raises ConfigError where
    it cannot be written down, and FileExistsError where a file is there.
    """
    written = _Written(None)
    put = _put(kind, "policy", written)
    if written.problems:
        raise ConfigError(written.problems)
    if not written.yamls:
        raise ConfigError([f"{_shown(kind)}: is in files already"])
    (((_, name), tree),) = written.yamls.items()
    module = (type(put) if isinstance(put, Instrument) else put).__module__
    text = typed.TEXTS.get(module, "")
    places = {Path(f"{name}.py"): text, Path(folder) / "policy" / f"{name}.yaml": _yaml("policy", name, tree)}
    if not module.startswith(sources.CELL):
        raise ConfigError([f"{_shown(kind)}: its class is in a file already, {sources.file_of(module)}"])
    for path in places:
        if path.exists():
            raise FileExistsError(f"{path} is there already")
    for path, content in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace(f"{module}.", f"{name}."), "utf-8")
    return list(places)


def name_of(one: Instrument | type[Instrument]) -> str:
    """The name of an instrument, or for one without that of its class: `CityTestbed` is city_testbed."""
    name = getattr(one, "name", "") if isinstance(one, Instrument) else ""
    kind = type(one) if isinstance(one, Instrument) else one
    return name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


def target(kind: type) -> str:
    """A class as the yaml of a policy names it."""
    return f"{kind.__module__}.{kind.__qualname__}"


# ---------------------------------------------------------------- which are to be written


class _Written:
    """What was written down for one call: yamls by group and name, and why others were not."""

    def __init__(self, own_folder: str | None) -> None:
        self.own_folder = own_folder
        self.yamls: dict[tuple[str, str], Tree] = {}
        self.problems: list[str] = []

    def targets(self, group: str) -> set[str]:
        """The classes that yamls name."""
        said = (read_yaml(path) for path in options(group, self.own_folder).values())
        return {str(one["_target_"]) for one in said if isinstance(one, dict) and "_target_" in one}

    def add(self, group: str, name: str, tree: Tree) -> None:
        before = self.yamls.setdefault((group, name), tree)
        if before["_target_"] != tree["_target_"]:
            self.problems.append(
                f"{group}={name}: two classes of this name are asked for, one of them perhaps of an older cell; make "
                "the objects anew, or give one of them name=..."
            )
        elif name in options(group):
            self.problems.append(f"{group}={name}: is the name of a {group} of the package; give it name=...")

    def folder(self) -> Path:
        """The folder with the yamls; it is named by what they say."""
        texts = {key: _yaml(*key, tree) for key, tree in self.yamls.items()}
        said = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:16]
        folder = sources.cells() / f"configs_{said}"
        for (group, name), text in texts.items():
            typed.keep(folder / group / f"{name}.yaml", text)
        return folder


def _told(key: str, value: Any, written: _Written) -> Any:
    """A setting with what was typed replaced by what was written."""
    group = GROUPS.get(key)
    if group is not None:
        return _replaced(value, group, written)
    if key == "arms" and isinstance(value, Mapping):
        return {
            arm: {inner: _told(inner, one, written) for inner, one in says.items()}
            if isinstance(says, Mapping)
            else _replaced(says, "policy", written)
            for arm, says in value.items()
        }
    return value


def _replaced(value: Any, group: str, written: _Written) -> Any:
    """One policy or a list of them."""
    if isinstance(value, (list, tuple)):
        return [_put(one, group, written) for one in value]
    return _put(value, group, written)


def _put(one: Any, group: str, written: _Written) -> Any:
    """An object, class or function as one that a yaml names; anything else, and what cannot be written, as it is."""
    if isinstance(one, FunctionType):
        kind: Any = one
    elif isinstance(one, Instrument):
        kind = type(one)
    elif isinstance(one, type) and issubclass(one, Instrument):
        kind = one
    else:
        return one
    if not isinstance(one, FunctionType) and target(kind) in written.targets(group):
        return one
    try:
        here = typed.in_a_module(kind)
        if isinstance(one, FunctionType):
            name, usual = one.__name__, None
        else:
            name, usual = name_of(one), one if isinstance(one, Instrument) else None
        written.add(group, name, _tree(here, usual))
    except ValueError as error:
        written.problems.append(f"{group}: {error}")
        return one
    if isinstance(one, Instrument):
        values = {item.name: getattr(one, item.name) for item in dataclasses.fields(one)}
        return here(**{**values, "name": name})
    return here if name == name_of(here) else _named_kind(here, name)


def _named_kind(kind: type[Instrument], name: str) -> Any:
    """An object in place of a class whose name is not that of the policy."""
    return kind(name=name)


def _tree(kind: type[Instrument], usual: Instrument | None) -> Tree:
    """The yaml of a class: every knob with its default, or where it has none what the object `usual` has."""
    from sim.settings.imports import unread

    tree: Tree = {"_target_": target(kind), "start": None, "end": None, "announced": None}
    silent = unread(kind)
    for item in dataclasses.fields(kind):
        if item.name in (*OF_THE_CALENDAR, *silent):
            continue
        value = item.default
        if value == USUAL.get(item.name, dataclasses.MISSING):
            continue  # as a yaml that is silent
        if value is dataclasses.MISSING:
            if usual is None:
                raise ValueError(f"{kind.__name__} has no value for {item.name}; give an object, {kind.__name__}(...)")
            value = getattr(usual, item.name)
        node = _node(f"{kind.__name__}.{item.name}", value)
        tree[item.name] = {"value": value} if item.name in USUAL else node  # whose bounds are known
    return tree


def _node(where: str, value: Any) -> Any:
    """A knob as a yaml has it; no bounds are known of a number."""
    listed = list(value) if isinstance(value, (tuple, list)) else value
    numbers = listed if isinstance(listed, list) else [listed]
    if numbers and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers):
        return {"value": listed, "low": -UNBOUNDED, "high": UNBOUNDED, "unit": "", "source": "typed"}
    if all(isinstance(one, typed.PLAIN) for one in numbers):
        return listed
    raise ValueError(f"{where} is a {type(value).__name__}; a knob is a number, a text, or a tuple of these")


def _yaml(group: str, name: str, tree: Tree) -> str:
    return f"# @package {group}.{name}\n{to_yaml(tree)}"


def _shown(kind: Any) -> str:
    return getattr(kind, "__name__", type(kind).__name__)
