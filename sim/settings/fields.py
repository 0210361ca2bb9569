"""One value of a setting: of its type, within its bounds, or a problem that names key, value and what is allowed.

A number in a yaml is a node: value, bounds, unit and source. What is set on top of it is held to
the bounds of that node. Readers append to `problems` and go on, so that all errors are told at once.
"""

import math
import typing
from typing import Any

from sim.settings.files import Tree
from sim.settings.refusals import nearest, shown
from sim.world.calendar import quarter_of

NODE = ("value", "low", "high", "unit", "source", "note")


def number(
    key: str, value: Any, kind: type, low: float, high: float, problems: list[str], allowed: str | None = None
) -> Any:
    """`value` as `kind` (int or float) where it is a number within bounds; else a problem and None."""
    wanted = allowed or f"a {'whole ' if kind is int else ''}number from {low:g} to {high:g}"
    right = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if right and kind is int:
        right = isinstance(value, int)
    if not right or not low <= value <= high:
        problems.append(f"{key}={shown(value)}: should be {wanted}")
        return None
    return kind(value)


def quarter(key: str, value: Any, problems: list[str], optional: bool = False) -> int | None:
    """The integer of a quarter's text; else a problem, and None."""
    if value is None and optional:
        return None
    try:
        return quarter_of(value)
    except ValueError:
        problems.append(f"{key}={shown(value)}: should be a quarter such as 2016Q3")
        return None


def knob(key: str, value: Any, declared: Any, kind: Any, problems: list[str]) -> Any:
    """`value` in the type of its field, lists as tuples; `declared` is the node or plain value of the yaml.

    A node may stand above a node, with a source and note of its own but never other bounds.
    """
    if isinstance(value, dict):
        below = declared if isinstance(declared, dict) else {}
        changed = [
            name
            for name, given in value.items()
            if name not in ("value", "source", "note") and given != below.get(name)
        ]
        problems += [f"{key}.{name}: no such key; of a number only the value can be set" for name in changed]
        value = value.get("value", below.get("value"))
    if isinstance(declared, dict):
        low, high = declared["low"], declared["high"]
        if not isinstance(declared["value"], list):
            return number(key, value, int if kind is int else float, low, high, problems)
        size = len(declared["value"])
        if not isinstance(value, (list, tuple)) or len(value) != size:
            problems.append(f"{key}={shown(value)}: should be a list of {size} numbers")
            return None
        kind = int if int in typing.get_args(kind) else float
        lows, highs = (bound if isinstance(bound, list) else [bound] * size for bound in (low, high))
        return tuple(number(f"{key}[{i}]", value[i], kind, lows[i], highs[i], problems) for i in range(size))
    if isinstance(declared, bool):
        if not isinstance(value, bool):
            problems.append(f"{key}={shown(value)}: should be true or false")
        return value
    if value is None and declared is None:
        return None
    if isinstance(declared, list) or tuple in [typing.get_origin(one) or one for one in (kind, *typing.get_args(kind))]:
        names = [value] if isinstance(value, str) and value != "all" else value
        if names != "all" and not (isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)):
            problems.append(f"{key}={shown(value)}: should be a list of names, or all")
            return None
        return names if names == "all" else tuple(names)
    if not isinstance(value, str):
        problems.append(f"{key}={shown(value)}: should be text")
    return value


def check_node(key: str, node: Any, problems: list[str]) -> bool:
    """A number in a yaml has a value, bounds and a source; True where it can be used."""
    if not isinstance(node, dict):
        if isinstance(node, (int, float)) and not isinstance(node, bool):
            problems.append(f"{key}={node}: a number needs {', '.join(NODE[:-1])} in its yaml")
            return False
        return True
    wrong = [name for name in node if name not in NODE]
    missing = [name for name in NODE[:-1] if name not in node]
    problems += [f"{key}.{name}: no such key{nearest(name, NODE)}" for name in wrong]
    problems += [f"{key}: {name} is missing from its yaml" for name in missing]
    return not missing


def plain(values: Tree) -> Tree:
    """Values as a yaml holds them: tuples as lists."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
