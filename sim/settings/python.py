"""Settings as Python values: in the words of the command line, and as a model of Mesa is told them.

Numbers of numpy, periods of pandas, paths, policies: each becomes a word, which is all that a run is told, so that the
same run can be asked for on the command line. What cannot be said in a word is refused here.
"""

import datetime
import numbers
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from sim.policies.instrument import Instrument
from sim.settings import cells
from sim.settings.config import Config, load, varied
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, shown
from sim.world.calendar import quarter_name

DATES = ("start", "end", "announced")
LARGEST = 2**63 - 1  # seed
KEY = re.compile(r"[\w.-]+")
PLAIN_TEXT = re.compile(r"\w+")  # needs no quotes


def config(told: Config | None, seed: Any, rng: Any, keys: Mapping[str, Any]) -> Config:
    """The Config of a model that is told a Config, or keys by name, or both, and its luck as Mesa says it; ConfigError.

    Where only keys are told and no luck, it is drawn.
    """
    if told is not None and not isinstance(told, Config):
        raise ConfigError([f"config={told!r}: should be a Config; other settings are told by name: scale=0.01"])
    if seed is not None and rng is not None:
        raise ConfigError([f"seed={seed}, rng={rng}: give one of them"])
    luck = _seed(rng) if rng is not None or (told is None and seed is None) else seed
    settings = {**keys, **({} if luck is None else {"seed": luck})}
    if told is None:
        return load(words(settings))
    return varied(told, _each(settings, lambda _, value: _plain(value))) if settings else told


def _seed(rng: Any) -> int:
    """A seed from what Mesa takes for one: a whole number as it is, of anything else one that follows from it."""
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return int(rng)
    try:
        return int(np.random.default_rng(rng).integers(LARGEST, endpoint=True))
    except (TypeError, ValueError):
        raise ConfigError([f"rng={rng!r}: should be a whole number from 0, or a generator of NumPy"]) from None


# ---------------------------------------------------------------- values


def words(settings: Mapping[str, Any]) -> list[str]:
    """`key=value` of each of the settings, and the knobs of the policies and shocks among them. Raises ConfigError."""
    settings, own_folder = cells.put_down(settings)
    _check_objects(settings)
    said: dict[str, str] = {}
    for each in _each(settings, lambda key, value: _said(key, value, own_folder)).values():
        said |= each
    return [f"{key}={text}" for key, text in said.items()]


def _check_objects(settings: Mapping[str, Any]) -> None:
    """A policy that both arms hold as an object is the same in both: a word for a knob holds for one arm alone."""
    here, there = (
        {cells.name_of(one): one for one in listed if isinstance(one, Instrument)}
        for listed in (
            value if isinstance(value, (list, tuple)) else [value] for value in map(settings.get, ("policy", "against"))
        )
    )
    apart = [name for name, one in here.items() if name in there and there[name] != one]
    if apart:
        raise ConfigError([f"against: {name} has other knobs than in policy; write arms={{...}}" for name in apart])


def _each(settings: Mapping[str, Any], read: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Key -> what `read` makes of each of the settings; ConfigError with all that have no words."""
    made, problems = {}, []
    for key, value in settings.items():
        try:
            made[key] = read(key, value)
        except ValueError as error:
            problems.append(f"{key}: {error}")
    if problems:
        raise ConfigError(problems)
    return made


def _said(key: str, value: Any, own_folder: str | None) -> dict[str, str]:
    """Key -> word of one setting and of the knobs that it holds."""
    if key == "arms" and isinstance(value, Mapping):
        return {key: word({name: _arm(says, own_folder) for name, says in value.items()})}
    if key not in cells.GROUPS:
        return {key: word(value)}
    value, knobs = _named(cells.GROUPS[key], value, own_folder)
    return {f"{cells.GROUPS[key]}.{knob}": word(setting) for knob, setting in knobs.items()} | {key: word(value)}


def _arm(says: Any, own_folder: str | None) -> Any:
    """What is said of an arm, with objects and classes by their names and knobs."""
    told = dict(says) if isinstance(says, Mapping) else {"policy": says}
    for key in [key for key in told if key in cells.GROUPS]:
        told[key], knobs = _named(cells.GROUPS[key], told[key], own_folder)
        told |= {f"{cells.GROUPS[key]}.{knob}": setting for knob, setting in knobs.items()}
    return told if isinstance(says, Mapping) or len(told) > 1 else told["policy"]


def word(value: Any) -> str:
    """A value as the command line takes it, text in quotes where it is not plain; ValueError for what has no words."""
    from sim.settings.hydra_words import quoted  # with Hydra, which takes its time

    value = _plain(value)
    if value is None or isinstance(value, (bool, int, float)):
        return shown(value)
    if isinstance(value, str):
        return value if PLAIN_TEXT.fullmatch(value) else quoted(value)
    if isinstance(value, dict):
        return f"{{{','.join(f'{_key(key)}:{word(inner)}' for key, inner in value.items())}}}"
    return f"[{','.join(map(word, value))}]"


def _key(key: Any) -> str:
    """A key of a mapping as the command line takes it, which knows no quotes there."""
    if not KEY.fullmatch(str(key)):
        raise ValueError(f"{key!r}: should be a key of letters, digits, _, - and dots")
    return str(key)


def _plain(value: Any) -> Any:
    """A value as text, number, true or false, None, list or dict."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (datetime.date, datetime.datetime)) or hasattr(value, "quarter"):
        return _quarter(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist") and not isinstance(value, Iterable) or hasattr(value, "dtype"):
        return _plain(value.tolist())  # numpy's flags and arrays, pandas' columns
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)  # a set has no order, and the order of policies counts
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return list(value)
    raise ValueError(f"{value!r} is a {type(value).__name__}; should be text, number, date, path, or a list of these")


def _quarter(value: Any) -> Any:
    """The quarter that a date of Python or pandas lies in."""
    year, quarter = value.year, getattr(value, "quarter", (getattr(value, "month", 1) + 2) // 3)
    return f"{year:04d}Q{quarter}" if year == year else None  # NaT is no date


# ---------------------------------------------------------------- policies and shocks


def _named(group: str, value: Any, own_folder: str | None) -> tuple[Any, dict[str, Any]]:
    """(a choice by names, knobs by `name.knob`) of a choice that may have objects and classes among it."""
    if isinstance(value, Instrument) or (isinstance(value, type) and issubclass(value, Instrument)):
        value = [value]
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return value, {}
    listed = _plain(value)
    knobs: dict[str, Any] = {}
    if not isinstance(listed, list):
        return listed, {}
    names = []
    for one in listed:
        if isinstance(one, Instrument):
            names.append(cells.name_of(one))
            knobs |= _knobs(group, one, own_folder)
        elif isinstance(one, type) and issubclass(one, Instrument):
            names.append(_only(group, one, own_folder))
        else:
            names.append(one)
    return names, knobs


def _knobs(group: str, one: Instrument, own_folder: str | None) -> dict[str, Any]:
    """`name.knob` -> value of what an instrument has otherwise than its yaml."""
    files, name = options(group, own_folder), cells.name_of(one)
    if name not in files:
        raise ValueError(f"there is no {group}/{name}.yaml, which would give the bounds of its knobs")
    declared = read_yaml(files[name]) or {}
    if declared.get("_target_") != cells.target(type(one)):
        raise ValueError(f"{name} is a {cells.target(type(one))}, and its yaml names {declared.get('_target_')}")
    said = {}
    for item in fields(one):
        value, node = getattr(one, item.name), declared.get(item.name, item.default)
        if item.name in DATES:
            value = None if value is None else quarter_name(value)
        usual = node["value"] if isinstance(node, dict) else node
        if item.name != "name" and _plain_list(value) != _plain_list(usual):
            said[f"{name}.{item.name}"] = value
    return said


def _plain_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _only(group: str, kind: type, own_folder: str | None) -> str:
    """The one yaml that names a class."""
    files = options(group, own_folder)
    named = [name for name, path in files.items() if (read_yaml(path) or {}).get("_target_") == cells.target(kind)]
    if len(named) != 1:
        several = f"is the class of {', '.join(named)}; name one" if named else "is named by no yaml"
        raise ValueError(f"{kind.__name__} {several}")
    return named[0]
