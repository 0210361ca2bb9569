"""Where a long run can go on from: the whole state of the city at the start of a quarter.

A checkpoint is one `.npz` file without pickles. It holds the state's arrays, what the panels remember of the quarters
before, and the fingerprint of the run it belongs to.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.runs.folders import arriving
from sim.world import kept
from sim.world.calendar import quarter_name
from sim.world.state import State

KEPT = 2  # the last one and, should it be damaged, the one before


class AnotherRun(ValueError):
    """The checkpoint has another fingerprint."""


class Checkpoint(NamedTuple):
    folder: Path  # the run it was taken from
    quarter: int  # the next quarter to simulate
    state: dict  # name -> array
    panels: dict  # name -> array


def write(folder, model, fingerprint):
    """Write `folder/checkpoints/<quarter>.npz`, the city before `model.quarter`, and drop all but the last two."""
    checkpoints = Path(folder) / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    about = {"fingerprint": fingerprint, "quarter": int(model.quarter)}
    arrays = {f"state/{name}": array for name, array in model.state.arrays().items()}
    arrays |= {f"panels/{name}": array for name, array in model.panels.state_dict().items()}
    with arriving(checkpoints / f"{quarter_name(model.quarter)}.npz") as temporary, open(temporary, "wb") as file:
        np.savez(file, about=json.dumps(about), **arrays)
    for old in sorted(checkpoints.glob("*.npz"))[:-KEPT]:
        old.unlink()


def read(path):
    """(the Checkpoint in `path`, the fingerprint of its run). Raises ValueError where it is damaged."""
    arrays = kept.read(path)
    try:
        about = json.loads(str(arrays.pop("about")))
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    parts = {"state": {}, "panels": {}}
    for name, array in arrays.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = array
    return Checkpoint(Path(path).parent.parent, about["quarter"], **parts), about["fingerprint"]


def last_good(folder, fingerprint):
    """The newest readable Checkpoint of the run in `folder`.

    Raises ValueError where there is none, and AnotherRun where its run has not this `fingerprint`.
    """
    paths = sorted((Path(folder) / "checkpoints").glob("*.npz"), reverse=True)
    if not paths:
        raise ValueError("holds no checkpoint; a run writes them with checkpoint_quarters=N")
    damage = []
    for path in paths:
        try:
            checkpoint, belongs_to = read(path)
        except ValueError as error:
            damage.append(str(error))
            continue
        if belongs_to != fingerprint:
            raise AnotherRun(f"{path} belongs to another run")
        return checkpoint
    raise ValueError("; ".join(damage))


def restored(config, checkpoint):
    """The Ecosystem of a config where the checkpoint was taken."""
    from sim.model.ecosystem import Ecosystem  # loads the compiler

    model = Ecosystem(config, begun=State.from_arrays(checkpoint.state))
    model.panels.from_state_dict(checkpoint.panels)
    model._quarter = checkpoint.quarter
    return model
