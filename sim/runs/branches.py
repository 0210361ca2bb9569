"""A model stepped by hand: branched into what would have been otherwise, and brought back to the tools as a Run.

    model = sim.Ecosystem(policy="history", seed=1, scale=0.1)
    while model.quarter_name < "2016Q1": model.step()
    other = sim.branch(model, policy=["history", Procurement(uplift=0.2)])
    for city in (model, other): city.run_model()
    run, otherwise = sim.Run.of(model), sim.Run.of(other)

A branch begins where the model stands, under other policies. What somebody did by hand between two steps no
fingerprint knows: a Run of a stepped model says so among its `doubts`, and has none.
"""

import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.policies.instrument import Instrument
from sim.runs import records
from sim.runs.checkpoints import Checkpoint, restored
from sim.runs.fingerprint import calibration, git_state, host_class, norms, versions
from sim.runs.folders import now, outcome, write_json, write_text
from sim.settings import python
from sim.settings.config import load
from sim.settings.files import to_yaml
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_name

STEPPED = "the model was stepped by hand, and no fingerprint tells what was done to it between two quarters"


def branch(model, policy, **keys):
    """A copy of a model where it stands that goes on under other policies, with the same luck.

    `policy` and knobs as in `sim.run`. A policy that the model has and the branch has not is in force no more; one that
    only the branch has begins now, or when its start says. Raises ConfigError where the run is another one in anything
    but its policies, or shocks strike in it.
    """
    told = model.config.resolved
    settings = {"policy": policy, "seed": model.seed, "scale": model.scale, "city": told["city"]["name"]}
    settings |= {"start": told["start"], "end": told["end"], "calibrated": told["calibrated"], **keys}
    config = load(python.words(settings))
    if config.resolved["mechanism"] != told["mechanism"]:
        raise ConfigError(["branch: its parameters are not those of the model; a branch differs in policies alone"])
    if config.shocks or model.config.shocks:
        raise ConfigError(["branch: shocks strike in the run; leave them out"])
    by_name = {one.name: one for one in config.policies}
    before = [one.name for one in model.config.policies]
    order = [*before, *(name for name in by_name if name not in before)]  # purses keep their places
    absent = {name: Instrument(name=name, start=model.config.end + 1) for name in order}
    config = replace(config, policies=tuple(by_name.get(name, absent[name]) for name in order))
    state, panels = (
        {name: np.array(values) for name, values in each.items()}
        for each in (model.state.arrays(), model.panels.state_dict())
    )
    known = panels["purses"]
    new = np.zeros((len(known), len(order) - known.shape[1]), known.dtype)
    return restored(config, Checkpoint(None, model.quarter, state, panels | {"purses": np.hstack([known, new])}))


def run_of(model):
    """The Run of a model that was stepped by hand, to the last quarter that it has simulated.

    Its folder is temporary and goes with it, unless saved. Raises ValueError before the first quarter.
    """
    if model.quarter <= model.config.start:
        raise ValueError("the model has simulated no quarter yet; model.step() does one")
    last = model.quarter - 1
    resolved = {**model.config.resolved, "end": quarter_name(last)}
    config = replace(model.config, end=last, resolved=resolved)
    folder = Path(tempfile.mkdtemp(prefix="sim-"))
    about = {
        "schema": records.SCHEMA,
        "status": "running",
        "title": "stepped by hand",
        "fingerprint": "",
        "seed": config.seed,
        "scale": config.scale,
        "first_quarter": quarter_name(config.start),
        "last_quarter": quarter_name(last),
        "policies": [one.name for one in config.policies if type(one) is not Instrument],
        "calibration": calibration(config),
        "norms": norms(config),
        "command": None,
        "resumed_from": None,
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
        "doubts": [STEPPED],
    }
    try:
        with outcome(folder, about, sealed=True):
            write_json(folder / "run.json", about)
            write_text(folder / "config.yaml", to_yaml(config.resolved))
            write_text(folder / "districts.csv", records.districts(config))
            records._write_tables(folder, model.panels.tables(), config, about)
        run = records.Run(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(run, shutil.rmtree, folder, ignore_errors=True)
    return run
