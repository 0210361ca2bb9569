"""Settings as Python values: in the words of the command line, and as a model of Mesa is told them."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.settings.config import Config, load, varied
from sim.settings.refusals import ConfigError

LARGEST = 2**63 - 1  # seed


def word(value: Any) -> str:
    """A value as the command line takes it, text in quotes where it is not plain."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(word, value))}]"
    if isinstance(value, str) and not re.fullmatch(r"\w+", value):
        return "'" + re.sub(r"(\\+)(?='|$)", r"\1\1", value).replace("'", r"\'") + "'"  # Hydra's rules for quotes
    return str(value)


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
        return load([f"{key}={word(value)}" for key, value in settings.items()])
    return varied(told, settings) if settings else told


def _seed(rng: Any) -> int:
    """A seed from what Mesa takes for one: a whole number as it is, of anything else one that follows from it."""
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return int(rng)
    try:
        return int(np.random.default_rng(rng).integers(LARGEST, endpoint=True))
    except (TypeError, ValueError):
        raise ConfigError([f"rng={rng!r}: should be a whole number from 0, or a generator of NumPy"]) from None
