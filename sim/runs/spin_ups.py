"""Cities set in motion are kept: arms and runs that differ only later begin from one spin-up.

It is addressed by the fingerprint of all that acts in it: code, city, seed, scale, first quarter and parameters, and no
policy, shock or last quarter. The files lie in the user's cache folder, the least recently used go first, and nobody
misses one: it is simulated again.
"""

import hashlib
import os
from dataclasses import replace

import numpy as np

from sim.runs.checkpoints import arrays_in
from sim.runs.fingerprint import doubts, fingerprint
from sim.runs.folders import arriving
from sim.world import sources
from sim.world.state import State

LARGEST = 4 * 10**9  # bytes of all that are kept
LATER = ("policy", "shock", "end")  # keys of the config that act only after the first quarter


def model_of(config):
    """The Ecosystem of a config, before its first quarter."""
    from sim.model.ecosystem import Ecosystem  # loads the compiler

    if config.params["environment"].spin_up_quarters == 0 or doubts(config):
        return Ecosystem(config)
    place = folder() / f"{identity(config)}.npz"
    state = _read(place)
    if state is not None:
        return Ecosystem(config, begun=state)
    model = Ecosystem(config)
    _keep(place, model)
    return model


def folder():
    """Where spin-ups are kept."""
    return sources.cache_folder() / "spin_ups"


def identity(config):
    """The fingerprint of the spin-up of a config."""
    said = {key: value for key, value in config.resolved.items() if key not in LATER}
    before = replace(config, resolved={**said, "policy": {}, "shock": {}}, policies=(), shocks=())
    altered = repr((config.params, config.seed, config.scale, config.start))  # also where no yaml says so
    return hashlib.sha256(f"{fingerprint(before)} {altered}".encode()).hexdigest()


def _read(place):
    """The State in a file; None without one, or where it is damaged."""
    try:
        state = State.from_arrays(arrays_in(place))
        os.utime(place)
        return state
    except (KeyError, ValueError, OSError):
        return None


def _keep(place, model):
    """Keep the state of a model before its first quarter, without the purses of its policies."""
    arrays = model.state.arrays() | {"purses": model.state.arrays()["purses"][:0]}
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with arriving(place) as temporary, open(temporary, "wb") as file:
            np.savez(file, **arrays)
        kept = sorted(place.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime, reverse=True)
        size = 0
        for one in kept:
            size += one.stat().st_size
            if size > LARGEST and one != place:
                one.unlink(missing_ok=True)
    except OSError:  # a disk that refuses costs time only
        return
