"""What people write by hand, as it is read: text, tables and YAML. What cannot be read is refused in sentences that
name the row.

Every table and every yaml that a user may write comes through here, so that all readers take the same for text and
for a number.
"""

import codecs
import csv
import io
import re
from pathlib import Path

import yaml

DEEPEST = 50  # brackets within brackets of a yaml
MOST_NODES = 100_000  # of a yaml whose aliases are written out
OTHERS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}  # first bytes -> encoding
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)  # as csv readers of other programs take it
FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")  # 1e-3 too, which YAML 1.1 takes for text


class Unreadable(ValueError):
    """A file is not what it should be; `problems` says why, in sentences that go on after the file's name."""

    def __init__(self, *problems):
        self.problems = problems
        super().__init__("; ".join(problems))


def number(text):
    """The finite number that text from a cell is, or None: 90000 and 9e4 are numbers, 90_000, 9,000 and 9 % are not."""
    text = text.strip()
    value = float(text) if NUMBER.fullmatch(text) else None
    return None if value is None or abs(value) == float("inf") else value


# ---------------------------------------------------------------- text


def read_text(path):
    """The text of a file in UTF-8, with or without a byte order mark. Raises Unreadable."""
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    other = next((name for mark, name in OTHERS.items() if data.startswith(mark)), None)
    if other:
        raise Unreadable(f"is {other} and not UTF-8; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"row {row}: is not UTF-8 (it may be GBK or Latin-1); save the file as UTF-8") from None
    found = CONTROL.search(text)
    if found:
        row, character = text.count("\n", 0, found.start()) + 1, ord(found[0])
        hint = "; is it UTF-16? Save it as UTF-8" if not character else ""
        raise Unreadable(f"row {row}: holds the control character U+{character:04X}{hint}")
    return text


# ---------------------------------------------------------------- tables


def read_csv(path):
    """(names of the columns, rows as dicts of text) of a csv file. Raises Unreadable with all that is wrong with its
    shape; the first row after the header is row 2.
    """
    lines = []
    try:
        lines.extend(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    except csv.Error as error:
        long = f"a cell of more than {csv.field_size_limit():,} characters"
        raise Unreadable(f"row {len(lines) + 1}: {long if 'limit' in str(error) else error}") from None
    while lines and not any(lines[-1]):
        lines.pop()
    if not lines:
        raise Unreadable("is empty")
    columns, *rows = lines
    if len(columns) == 1 and (other := next((mark for mark in ";\t" if mark in columns[0]), None)):
        raise Unreadable(f"row 1: cells are parted by {'a tab' if other != ';' else other} and not by a comma")
    problems = [f"row 1: column {place} has no name" for place, name in enumerate(columns, 1) if not name.strip()]
    problems += [f"column {name}: stands twice" for name in sorted({n for n in columns if columns.count(n) > 1 and n})]
    for place, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            problems.append(
                f"row {place}: has {len(row)} cells and the header {len(columns)}" if row else f"row {place}: is empty"
            )
    if problems:
        raise Unreadable(*problems)
    return columns, [dict(zip(columns, row, strict=True)) for row in rows]


# ---------------------------------------------------------------- yaml


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as Hydra reads it, in C where there is a C: 1e-3 is a number and a key stands once."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key)
            if isinstance(name, str) and name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", node.start_mark)
            seen.add(name if isinstance(name, str) else None)
        return super().construct_mapping(node, deep)


Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def parse_yaml(text):
    """What YAML text says. Raises Unreadable, also where it is nested without sense or grows without limit."""
    try:
        _bounded(yaml.parse(text, Loader))
        return yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:  # a wrong !!timestamp raises the last
        raise Unreadable(f"is not YAML: {' '.join(str(error).split())}") from None


def _bounded(events):
    """Raise ValueError where a stream of YAML is too deep, or too large once its aliases are written out."""
    sizes, open_nodes, used = {}, [], False  # anchor -> nodes below it; [anchor, nodes so far]
    for event in events:
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            open_nodes.append([event.anchor, 1])
            if len(open_nodes) > DEEPEST:
                raise ValueError(f"row {event.start_mark.line + 1}: more than {DEEPEST} brackets within brackets")
            continue
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            anchor, size = open_nodes.pop()
        elif isinstance(event, yaml.ScalarEvent):
            anchor, size = event.anchor, 1
        elif isinstance(event, yaml.AliasEvent):
            if any(event.anchor == name for name, _ in open_nodes):
                raise ValueError(f"row {event.start_mark.line + 1}: *{event.anchor} holds itself")
            anchor, size, used = None, sizes.get(event.anchor, 1), True
        else:
            continue
        if anchor:
            sizes[anchor] = size
        if open_nodes:
            open_nodes[-1][1] += size
        if used and size > MOST_NODES:
            raise ValueError(f"row {event.start_mark.line + 1}: its aliases stand for more than {MOST_NODES:,} values")
