"""A model stepped by hand, branched where it stands into what would have been otherwise.

model = sim.Ecosystem(policy="history", seed=1, scale=0.1)
for _ in range(40):
    model.step()
other = sim.branch(model, policy=["history", Procurement(uplift=0.2)])
for city in (model, other):
    city.run_model()
run, otherwise = sim.Run.of(model), sim.Run.of(other)
"""

from dataclasses import replace

import numpy as np

from sim.policies.instrument import Instrument
from sim.runs.checkpoints import Checkpoint, restored
from sim.settings import python
from sim.settings.config import load
from sim.settings.refusals import ConfigError


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
