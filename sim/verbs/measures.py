"""What the many runs of a verb leave: outcomes and the present public cost, an array with one row a run."""

import os
from typing import NamedTuple

import numpy as np

from sim.observables import outcomes
from sim.runs import arms, launchers
from sim.statistics import effects
from sim.world.calendar import quarter_name


class Measure(NamedTuple):
    """A number that a run leaves: an outcome of the comparison, or the present public cost."""

    name: str
    title: str
    unit: str


COST = Measure("public_cost_cny", "Public cost, present value", "yuan")
MEASURES = (*(Measure(o.name, o.title, o.unit) for o in outcomes.OUTCOMES), COST)
NAMES = tuple(measure.name for measure in MEASURES)


class Goal(NamedTuple):
    """A measure of which more is better (sign 1), or less (-1); `column` is its place among the MEASURES."""

    measure: Measure
    sign: float
    column: int


def goals(names):
    """[Goal] of outcomes by name, those of which less is better with a minus in front."""
    columns = [NAMES.index(name.removeprefix("-")) for name in names]
    signs = [-1.0 if name.startswith("-") else 1.0 for name in names]
    return [Goal(MEASURES[column], sign, column) for column, sign in zip(columns, signs, strict=True)]


def first_start(config, names):
    """The quarter (text) in which the first of the policies `names` starts."""
    starts = [
        config.start if policy.start is None else max(policy.start, config.start)
        for policy in config.policies
        if policy.name in names
    ]
    return quarter_name(min(starts, default=config.start))


def workers(config):
    """How many processes a verb was given; one a core where it was not told."""
    return config.experiment["workers"] or os.cpu_count()


def at_once(config):
    """How many runs a verb has computed at one time, here or where its launcher has them."""
    return launchers.at_once(config.launcher, workers(config))


def measure(config, configs, first, names):
    """What the runs of `configs` leave: an array (runs, MEASURES), flows and the cost of the policies `names` from
    the quarter `first` (text) on, counts and yuan at full size.

    Runs are kept in the store of the verb's `config`, and only what it lacks is computed.
    """
    runs = arms.run(configs, config.experiment["store"], workers(config), launchers.elsewhere(config.launcher))
    values = np.empty((len(runs), len(MEASURES)))
    for row, one, kept in zip(values, configs, runs, strict=True):
        run = outcomes.Reduced(kept.entry)  # lets go of its tables when it has been read
        totals = run.totals(first)
        cost = effects.discounted(run.cost(names), first, one.city.discount_rate)
        row[:] = [cost if name == COST.name else totals[name] for name in NAMES]
    return values
