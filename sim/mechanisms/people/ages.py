"""Ages: when people come into working life, when they have ideas for ventures, and when they retire.

    age at arrival = youngest + span u^skew,   u uniform, of the person, by cohort
    ideas of an age = e^(-((age - ideas_peak) / ideas_sd)^2 / 2)
    wealth at arrival = that of the person's draw x e^(wealth_growth (min(age, wealth_peak) - wealth_age))

Ventures are begun in mid-life (Azoulay, Jones, Kim and Miranda 2020), by those who know a trade and have saved. Whoever
reaches the age of retirement leaves the workforce and, unless stakes in ventures hold them, the city.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.draws import Decision, exp, log, uniform
from sim.world.kernel import kernel
from sim.world.kinds import Status

OLDEST = 100  # years, of the table of ideas by age


class Params(NamedTuple):
    youngest: tuple
    span: tuple
    skew: tuple
    retirement: float
    ideas_peak: float
    ideas_sd: float
    wealth_growth: float
    wealth_age: float
    wealth_peak: float


@kernel
def at_arrival(cohort, ids, seed, params):
    """Ages in years of persons as they come, float64[n]; `cohort` is the `kinds.Cohort` of each, int64[n]."""
    out = np.empty(len(ids))
    for k in range(len(ids)):
        c, luck = cohort[k], uniform(seed, Decision.AGE, 0, ids[k], 0)
        out[k] = params.youngest[c] + params.span[c] * exp(params.skew[c] * log(luck))
    return out


@kernel
def wealth_of(ages, params):
    """Factor on the wealth of persons who come at these ages, float64[n]."""
    out = np.empty(len(ages))
    for k in range(len(ages)):
        out[k] = exp(params.wealth_growth * (min(ages[k], params.wealth_peak) - params.wealth_age))
    return out


@lru_cache(maxsize=1)
def ideas_of(params):
    """Ideas by age in quarters relative to the age of most, float64[quarters of age]."""
    gap = (np.arange(4 * OLDEST) / 4 - params.ideas_peak) / params.ideas_sd
    return draws.exps(-gap * gap / 2.0)


@kernel
def retire(quarter, people, working_quarters, leaves):
    """Those who have reached the age of retirement leave: sets their `leaves`, bool[persons]."""
    for i in range(len(people.id)):
        leaves[i] |= (people.status[i] != Status.RETIRED) & (quarter - people.born[i] >= working_quarters)
