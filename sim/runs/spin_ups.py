"""Cities set in motion are kept: arms and runs that differ only later begin from one spin-up.

It is addressed by the fingerprint of all that acts in it: code, city, seed, scale, first quarter and parameters, and no
policy, shock or last quarter. The files lie in the user's cache folder, the least recently used go first, and nobody
misses one: it is simulated again.
"""

import hashlib
from dataclasses import replace

from sim.runs.fingerprint import doubts, fingerprint
from sim.world import kept, sources
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
    arrays = model.state.arrays()
    kept.keep(place, arrays | {"purses": arrays["purses"][:0]}, LARGEST)  # without the purses of its policies
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
        return State.from_arrays(kept.taken(place))
    except (KeyError, ValueError):
        return None
