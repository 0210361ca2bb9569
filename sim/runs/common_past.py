"""Arms that part later have one past, which is simulated once.

Two arms with the same seed are the same city until a policy of one of them, which the other lacks or has otherwise, is
in force, foreseen or appropriated for. The first arm is simulated to its end; on the way the city is kept as it
stands when another parts from it, which then goes on from there. No bit of any differs from that of a run of its own.

To go on in the same purses all arms need the same instruments in the same order: one that an arm lacks stands there
without ever being in force.
"""

import copy
import json
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import numpy as np

from sim.policies.instrument import Instrument
from sim.runs import spin_ups
from sim.runs.checkpoints import Checkpoint, restored
from sim.runs.fingerprint import decisive


def of(config):
    """What configs with a common past have in common, as text: everything but their policies."""
    return json.dumps({**decisive(config.resolved), "policy": None}, sort_keys=True)


def shared(first, *others):
    """How much of the quarters of configs needs not be simulated, in runs, as they have it in common with the first; 0
    where their policies stand in different orders, which can change numbers.
    """
    try:
        first, *others = _in_one_order(first, *others)
    except CycleError:
        return 0.0
    return sum(_parting(first, other) - first.start for other in others) / (first.end + 1 - first.start)


def simulate(configs, watch):
    """Yields (config, model, watcher) for each of some configs that share a past, when its last quarter is over.

    `watch()` makes what looks at a run: its `see(model)` is called after each quarter. Accounts of a model may have
    empty purses of policies that only another arm has. Raises CycleError where the policies of configs stand in
    different orders, and what the model raises, with a note that names seed and policies.
    """
    first, *rest = _in_one_order(*configs)
    partings = [_parting(first, other) for other in rest]
    kept = {}  # place of a config among the rest -> the city and who watched it when it parts
    model, watcher = spin_ups.model_of(first), watch()
    while model.quarter <= first.end:
        for place, parting in enumerate(partings):
            if model.quarter == parting:
                kept[place] = snapshot(model), copy.deepcopy(watcher)
        _step(model, watcher)
    yield configs[0], model, watcher
    for place, (config, other) in enumerate(zip(configs[1:], rest, strict=True)):
        before, watcher = kept.pop(place)
        model = restored(other, before)
        while model.quarter <= other.end:
            _step(model, watcher)
        yield config, model, watcher


def _step(model, watcher):
    try:
        model.step()
    except Exception as error:
        names = ", ".join(policy.name for policy in model.config.policies if type(policy) is not Instrument) or "none"
        error.add_note(f"in the run with seed {model.seed} and the policies: {names}")
        raise
    watcher.see(model)


def _in_one_order(*configs):
    """`configs` with the policies of all of them in one order, CycleError where there is none; those that a config
    lacks are never in force.
    """
    order = TopologicalSorter({policy.name: () for config in configs for policy in config.policies})
    for config in configs:
        for before, after in pairwise(policy.name for policy in config.policies):
            order.add(after, before)
    names = list(order.static_order())
    by_name = [{policy.name: policy for policy in config.policies} for config in configs]
    return [
        replace(
            config, policies=tuple(policies.get(name) or Instrument(name=name, start=config.end + 1) for name in names)
        )
        for config, policies in zip(configs, by_name, strict=True)
    ]


def _parting(one, other):
    """The first quarter in which two arms are not under the same policies; the last one where they always are."""
    differing = [
        policy for both in zip(one.policies, other.policies, strict=True) if both[0] != both[1] for policy in both
    ]
    moved = (quarter for quarter in range(one.start, one.end) if any(_moves(policy, quarter) for policy in differing))
    return next(moved, one.end)


def _moves(policy, quarter):
    """Whether a policy is in force in a quarter, foreseen, or has money put into its purse."""
    return policy.intensity(quarter) > 0.0 or policy.foreseen(quarter) > 0.0 or policy.appropriation(quarter) > 0.0


def snapshot(model):
    """The city before `model.quarter`, as a checkpoint of its own."""
    state, panels = model.state.arrays(), model.panels.state_dict()
    return Checkpoint(
        None, model.quarter, *({name: np.array(values) for name, values in part.items()} for part in (state, panels))
    )
