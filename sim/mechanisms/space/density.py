"""Density: where many work, a worker makes more, and is paid for it.

    density_d = (startup jobs + 1) / km2,   relative to the density that is normal in the quarter for a worker
    output of a unit of labour = relative^output,   pay of it = relative^pay

Agglomeration counts against a fixed norm (`world.reference`): against the mean worker of the run itself it would be
worth nothing to the city as a whole. Elasticities: Combes, Duranton, Gobillon, Puga and Roux 2012 for France, Chauvin,
Glaeser, Ma and Tobio 2017 for China.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on
from sim.world import draws


class Params(NamedTuple):
    output: float
    pay: float


class Density(NamedTuple):
    """What density does this quarter, by district; 1 is normal."""

    output: np.ndarray  # factor on what a unit of labour makes, float64[districts]
    pay: np.ndarray  # factor on its pay, float64[districts]


def by_district(state, scale):
    """(log density, weight of its workers) of each district, two float64[districts]."""
    startups, area = state.startups.used, state.districts.used.area
    alive = goes_on(startups.life)
    jobs = 1.0 + np.bincount(startups.district[alive], startups.headcount[alive], len(area)) / scale
    return draws.logs(jobs / area), jobs


def relative(model):
    """The Density of a quarter, by the jobs that it begins with."""
    params, (logs, jobs) = model.params["density"], by_district(model.state, model.scale)
    normal = model.norms.of("density", model.quarter, draws.exp(float((logs * jobs).sum() / jobs.sum())))
    gap = logs - draws.log(normal)
    return Density(draws.exps(params.output * gap), draws.exps(params.pay * gap))
