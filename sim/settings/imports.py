"""Classes that a yaml names: imported, looked at and tried once, before anything runs.

What a module of a user's own raises while it is imported, or its class when it is asked to act, is told with file and
line; nothing of it is hidden, and nothing of it ends the process.
"""

import importlib.util
import inspect
import re
import traceback
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from sim.policies.instrument import Instrument
from sim.settings.refusals import nearest
from sim.world import sources
from sim.world.levers import LEVERS, Levers

TRIED = (1.0, 0.5)  # shares of a policy in force at which it is asked to act
OUTSIDE = ("name", "start", "end", "announced", "administration")  # read by the model itself
NOT_USED = ("check", "scaled", "excludes")  # methods that ask for knobs without making anything of them
WHOLE = {"vars", "asdict", "astuple", "fields", "__dict__", "replace"}  # words by which a method reads all knobs


def kind_of(dotted: str, target: Any, problems: list[str]) -> type[Instrument] | None:
    """The class that a yaml's `_target_` names; else a problem and None."""
    module, _, name = str(target).rpartition(".")
    where = f"{dotted}._target_={target}"
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module):
        problems.append(f"{where}: should be module.Class")
        return None
    try:
        loaded = sources.load(module)
    except (Exception, SystemExit) as error:
        unplaced = isinstance(error, SyntaxError) and not error.filename
        problems.append(f"{where}: cannot be imported: {told(error)}{f' ({_file(module)})' if unplaced else ''}")
        return None
    kind = getattr(loaded, name, None)
    if not _is_instrument(kind):
        problems.append(f"{where}: is no instrument{nearest(name, [n for n, c in vars(loaded).items() if _whole(c)])}")
        return None
    if not _whole(kind):
        problems.append(f"{where}: does not say which levers it moves: it has no act{_others(loaded, name)}")
        return None
    return kind


def _file(module: str) -> str:
    """The file of a module that cannot be read far enough to say its name."""
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        found = None
    return found.origin if found is not None and found.origin else f"{module}.py"


def _is_instrument(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Instrument) and is_dataclass(kind)


def _whole(kind: Any) -> bool:
    """Whether a class is an instrument that says which levers it moves."""
    return _is_instrument(kind) and kind.act is not Instrument.act


def _others(module: Any, name: str) -> str:
    others = [n for n, c in vars(module).items() if _whole(c)]
    return nearest(name, others) if others else ""


def told(error: BaseException) -> str:
    """What went wrong in a file of a user's own: the kind of error, its words, file and line."""
    words = " ".join(str(error).split()) or "without a word"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {words}"  # which names file and line
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    kind = "calls sys.exit" if isinstance(error, SystemExit) else type(error).__name__
    return f"{kind}: {words}{place}"


def _is_users(file: str) -> bool:
    path = Path(file)
    return path.is_file() and sources.is_own(file) and not path.resolve().is_relative_to(sources.PACKAGE)


# ---------------------------------------------------------------- what a class reads


def unread(kind: type[Instrument]) -> list[str]:
    """The fields of an instrument that none of its methods reads: they are no knobs."""
    words: set[str] = set()
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        method = getattr(method, "fget", None) or getattr(method, "__func__", method)
        if isinstance(method, FunctionType) and name not in NOT_USED and not name.startswith("__"):
            words |= _words(method, set())
    if "super" in words:
        for base in kind.__mro__:
            for name in words & set(vars(base)):
                method = vars(base)[name]
                words |= _words(method, set()) if isinstance(method, FunctionType) else set()
    if words & WHOLE:
        return []
    return [item.name for item in fields(kind) if item.name not in (*OUTSIDE, *words)]


def _words(function: FunctionType, seen: set[FunctionType]) -> set[str]:
    """Names and texts in the code of a function and of those of its own module that it calls."""
    seen.add(function)
    words = set(_of_code(function.__code__))
    for word in list(words):
        other = function.__globals__.get(word)
        if isinstance(other, FunctionType) and other not in seen:
            words |= _words(other, seen)
    return words


def _of_code(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant)
        elif isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from (one for one in constant if isinstance(one, str))


# ---------------------------------------------------------------- a try


def try_out(dotted: str, instrument: Instrument, levers: Levers, problems: list[str]) -> None:
    """Let an instrument act once, and say what it raises."""
    try:
        for share in TRIED:
            levers.reset()
            instrument.act(levers, share, 0)
    except (Exception, SystemExit) as error:
        instead = "; levers are moved by levers.move(name, value)" if "read-only" in str(error) else ""
        problems.append(f"{dotted}: cannot act: {told(error)}{instead}")


def checked(instrument: Instrument, city: Any) -> list[str]:
    """What an instrument has against its own knobs, as sentences, and what its `check` raises."""
    try:
        said = instrument.check(city)
    except (Exception, SystemExit) as error:
        return [f"cannot be checked: {told(error)}"]
    if not isinstance(said, (list, tuple)) or not all(isinstance(text, str) for text in said):
        return [f"its check gives {said!r}; it should give a list of sentences, [] where nothing is wrong"]
    return list(said)


def moves_nothing(instrument: Instrument, levers: Levers) -> bool:
    """Whether an instrument in full force leaves every lever where it is."""
    levers.reset()
    instrument.act(levers, 1.0, 0)
    return all(np.all(getattr(levers, name) == lever.neutral) for name, lever in LEVERS.items())
