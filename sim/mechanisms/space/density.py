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
from sim.world.draws import log
from sim.world.kernel import kernel


class Params(NamedTuple):
    output: float
    pay: float


class Density(NamedTuple):
    """What density does this quarter, by district; 1 is normal."""

    output: np.ndarray  # factor on what a unit of labour makes, float64[districts]
    pay: np.ndarray  # factor on its pay, float64[districts]


@kernel
def by_district(startups, area, scale):
    """(log density, weight of its workers) of each district, two float64[districts]."""
    jobs = np.zeros(len(area))
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
            jobs[startups.district[i]] += startups.headcount[i]
    jobs = 1.0 + jobs / scale
    density = np.empty(len(area))
    for d in range(len(area)):
        density[d] = log(jobs[d] / area[d])
    return density, jobs


def relative(model):
    """The Density of a quarter, by the jobs that it begins with."""
    params, state = model.params["density"], model.state
    logs, jobs = by_district(state.startups.used, state.districts.used.area, model.scale)
    normal = model.norms.of("density", model.quarter, draws.exp(float((logs * jobs).sum() / jobs.sum())))
    gap = logs - draws.log(normal)
    return Density(draws.exps(params.output * gap), draws.exps(params.pay * gap))
