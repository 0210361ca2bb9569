"""One value of a setting: of its type, within its bounds, or a problem that names key, value and what is allowed.

A number in a yaml is a node: value, bounds, unit and source. What is set on top of it is held to
the bounds of that node. Readers append to `problems` and go on, so that all errors are told at once.
"""

import math
import re
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


def several(key: str, value: Any) -> str:
    """Where a list of values of a main key, or a range of seeds, belongs."""
    if key == "seed" and isinstance(value, str) and (ends := re.fullmatch(r"(\d+)(?:\.\.|-|:)(\d+)", value, re.ASCII)):
        return f"; several runs are `sim sweep seeds={ends[1]}..{ends[2]}`"
    if not isinstance(value, list):
        return ""
    text = ",".join(map(shown, value))
    sweep = f" or `sim sweep seeds=[{text}]`" if key == "seed" else ""
    return f"; several runs are `sim -m {key}={text}`{sweep}"


def quarter(key: str, value: Any, problems: list[str], optional: bool = False) -> int | None:
    """The integer of a quarter's text; else a problem, and None."""
    if value is None and optional:
        return None
    try:
        return quarter_of(value)
    except ValueError:
        problems.append(f"{key}={shown(value)}: should be a quarter such as 2016Q3")
        return None


def names(key: str, value: Any, wanted: str = "should be a list of names") -> tuple[list[str], list[str]]:
    """(the names of a list, or the one of a text; what is wrong with them): each is text and stands once."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or not all(isinstance(name, str) and name.strip() for name in listed):
        return [], [f"{key}={shown(value)}: {wanted}"]
    twice = sorted({name for name in listed if listed.count(name) > 1})
    return list(listed), [f"{key}={name}: stands twice" for name in twice]


def flag(key: str, value: Any, problems: list[str]) -> bool:
    """`value` where it is true or false; else a problem and False."""
    if not isinstance(value, bool):
        problems.append(f"{key}={shown(value)}: should be true or false")
    return value is True


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
        if not value:
            problems.append(f"{key}={{}}: sets nothing; write {key}=VALUE")
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
        flag(key, value, problems)
        return value
    if value is None and declared is None:
        return None
    if isinstance(declared, list) or _is_list(kind):
        if value == "all":
            return value
        listed, wrong = names(key, value, "should be a list of names, or all")
        problems += wrong
        return None if wrong else tuple(listed)
    if not isinstance(value, str):
        problems.append(f"{key}={shown(value)}: should be text")
    return value


def check_node(key: str, node: Any, kind: Any, problems: list[str], needed: tuple[str, ...] = NODE[:-1]) -> bool:
    """A number in a yaml has a value, bounds and a source, and is of the `kind` of its field; True where it can be
    used.
    """
    if not isinstance(node, dict):
        if isinstance(node, (int, float)) and not isinstance(node, bool):
            problems.append(f"{key}={node}: a number needs {', '.join(NODE[:-1])} in its yaml")
            return False
        return _fits(key, node, kind, problems)
    wrong = [name for name in node if name not in NODE]
    missing = [name for name in needed if name not in node]
    problems += [f"{key}.{name}: no such key{nearest(name, NODE)}" for name in wrong]
    problems += [f"{key}: {name} is missing from its yaml" for name in missing]
    return not missing and _fits(key, node["value"], kind, problems) and _bounds(key, node, problems)


def _fits(key: str, value: Any, kind: Any, problems: list[str]) -> bool:
    """Whether what a yaml has can stand in a field of `kind`: a list, a word or a flag where the class has one."""
    kinds = [kind, *typing.get_args(kind)]
    fits = {
        list: _is_list(kind),
        str: str in kinds or _is_list(kind),
        bool: bool in kinds,
        type(None): type(None) in kinds,
        int: int in kinds or float in kinds,
        float: int in kinds or float in kinds,
    }.get(type(value), False)
    known = any(one in (int, float, bool, str) for one in kinds) or _is_list(kind)
    if known and not fits:
        wanted = "a list" if _is_list(kind) else WORDS.get(kind, str(kind))
        problems.append(f"{key}={shown(value)}: its yaml has {_words(value)} where the class has {wanted}")
    return fits or not known


def _is_list(kind: Any) -> bool:
    return tuple in [typing.get_origin(one) or one for one in (kind, *typing.get_args(kind))]


WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def _words(value: Any) -> str:
    return {list: "a list", dict: "keys", type(None): "nothing"}.get(type(value), WORDS.get(type(value), "something"))


def _bounds(key: str, node: Tree, problems: list[str]) -> bool:
    """Whether the bounds of a number are numbers, as many as there are values, and in order."""
    size = len(node["value"]) if isinstance(node["value"], list) else 1
    ends = [node[name] if isinstance(node[name], list) else [node[name]] * size for name in ("low", "high")]
    for name, end in zip(("low", "high"), ends, strict=True):
        numbers = [n for n in end if isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n)]
        if len(end) != size or len(numbers) != size:
            wanted = "a number" if size == 1 else f"a number, or a list of {size}"
            problems.append(f"{key}.{name}={shown(node[name])}: should be {wanted}")
            return False
    if any(low > high for low, high in zip(*ends, strict=True)):
        problems.append(f"{key}: bounds are reversed, low {shown(node['low'])} and high {shown(node['high'])}")
        return False
    return True


def plain(values: Tree) -> Tree:
    """Values as a yaml holds them: tuples as lists."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
