"""How a setting is refused: all problems at once, each with the key, the value, what is allowed, and the nearest right
name.
"""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

SHOWN = 12  # most names to list in a message
AKIN = {"runs": ("seeds", "draws"), "seeds": ("runs",), "folder": ("store",), "store": ("folder",), "size": ("scale",)}


class ConfigError(Exception):
    """A configuration that cannot be run; `problems` says all that is wrong, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def shown(value: Any) -> str:
    """A value as the command line would have it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{shown(key)}:{shown(inner)}' for key, inner in value.items())}}}"
    return str(value)


def nearest(name: Any, names: Iterable[Any]) -> str:
    """`; did you mean ...?`, or the names there are when few, or nothing."""
    names = [str(n) for n in names]
    close = difflib.get_close_matches(str(name), names, 1)
    if close:
        return f"; did you mean {close[0]}?"
    if 0 < len(names) <= SHOWN:
        return f"; there is {', '.join(names)}"
    return ""


def paths(tree: dict[str, Any], stem: str = "") -> Iterator[str]:
    """The dotted keys of all nodes of a tree."""
    for key, value in tree.items():
        yield f"{stem}{key}"
        if isinstance(value, dict):
            yield from paths(value, f"{stem}{key}.")


def unknown(key: str, tree: dict[str, Any]) -> str:
    """`key` is nowhere in `tree`: say so with the nearest right key."""
    keys = [p for p in paths(tree) if not p.rpartition(".")[2].startswith("_")]
    akin = [other for other in AKIN.get(key, ()) if other in tree or f"experiment.{other}" in keys]
    if akin:
        return f"{key}: no such key; did you mean {akin[0]}?"
    inner = [p for p in keys if p.endswith(f".{key}")]
    if inner:
        return f"{key}: no such key; did you mean {inner[0]}?"
    parent, _, name = key.rpartition(".")
    siblings = [
        p.rpartition(".")[2] for p in keys if p.rpartition(".")[0] in ((parent,) if parent else ("", "experiment"))
    ]
    close = difflib.get_close_matches(name, siblings, 1)
    if close:
        return f"{key}: no such key; did you mean {parent + '.' if parent else ''}{close[0]}?"
    close = difflib.get_close_matches(key, [p for p in keys if not key.startswith(f"{p}.")], 1)
    return f"{key}: no such key{f'; did you mean {close[0]}?' if close else ''}"
