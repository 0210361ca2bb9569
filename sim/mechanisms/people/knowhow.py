"""Know-how: what raises what a firm offers, and travels with people and within a cell, as their labour does.

    a' = (1 - fading) a + fading spillover (log(1 + knowledge of others in the cell) - normal)
         + hire_gain x sum over those hired of (carried - b)+ / (1 + heads),        b = a + quality_known x quality
    carried' = carried + picked_up (b of the employer - carried)    in a startup;  (1 - fading) carried at an incumbent

a is in log points of a firm's offer: a level, which fades and does not compound. Who changes jobs takes along a part
of what the employer knew (Stoyanov and Zubanov 2012; Serafinelli 2019), and founders bring theirs. The knowledge of a
cell (`space.knowledge`) counts without what the firm itself added to it, else a large firm would learn from itself,
and against what is normal for firms of the sector in the quarter (`world.reference`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.space.knowledge import of_others
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world.employment import FIRST_CORPORATE, employers
from sim.world.kernel import kernel, shared
from sim.world.kinds import Status

MILLIONTHS = 1_000_000  # labour is added up in whole parts of a unit, whose sums no order can change


class Params(NamedTuple):
    fading: float
    spillover: float
    hire_gain: float
    quality_known: float
    picked_up: float
    founders_share: float


@shared
def known(firm, params):
    """What those who work for a firm can learn there, log points of an offer; one firm, or all."""
    return firm.knowhow + params.quality_known * firm.quality


@kernel
def _around(startups, knowledge, seen, mean):
    """log(1 + knowledge of others in the cell) of each startup alive, into `seen`, float64[startups], and its mean by
    sector, into `mean`.
    """
    firms = np.zeros(len(mean))
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
            seen[i] = of_others(startups[i], knowledge)
            firms[startups.sector[i]] += 1.0
            mean[startups.sector[i]] += seen[i]
    for s in range(len(mean)):
        mean[s] /= max(firms[s], 1.0)


@kernel
def _bring(hired, people, startups, brought, params):
    """Those hired, slots of persons, add what they know beyond their employer to `brought`, float64[startups]."""
    for i in hired:
        employer = people.employer[i]
        if employer >= 0 and people.status[i] == Status.EMPLOYED:
            brought[employer] += max(0.0, people.carried[i] - known(startups[employer], params))


@kernel
def _learn(startups, seen, normal, brought, params):
    """Know-how of firms fades, follows the cell's, and grows with what the hired brought; `normal` by sector."""
    for i in range(len(startups)):
        firm = startups[i]
        if goes_on(firm.life):
            firm.knowhow += params.fading * (params.spillover * (seen[i] - normal[firm.sector]) - firm.knowhow)
            firm.knowhow += params.hire_gain * brought[i] / (1.0 + firm.headcount)


@kernel
def _work(people, taught, units, params):
    """Persons give their labour to employers, added to `units`, int64[employers] in millionths of a unit, and pick up
    what startups know; `taught` by employer. At incumbents it fades.
    """
    for i in range(len(people.id)):
        employer, carried = people.employer[i], people.carried[i]
        units[employer] += np.int64(MILLIONTHS * people.efficiency[i])
        learned = carried + params.picked_up * (taught[employer] - carried)
        faded = carried * (1.0 - params.fading) if employer <= FIRST_CORPORATE else carried
        people.carried[i] = learned if employer >= 0 else faded


def travel(model, hired):
    """Firms learn from their cell and from those `hired` this quarter, slots of persons; people learn from firms, and
    give them their labour.
    """
    state, params, persons = model.state, model.params["knowhow"], model.state.persons
    startups = state.startups.used
    seen, brought, mean = np.zeros(len(startups)), np.zeros(len(startups)), np.zeros(len(state.sectors))
    _around(startups=startups, knowledge=state.knowledge, seen=seen, mean=mean)
    normal = model.norms.of("knowledge", model.quarter, mean)
    _bring(hired=hired, people=state.people(), startups=startups, brought=brought, params=params)
    _learn(startups=startups, seen=seen, normal=normal, brought=brought, params=params)
    taught = np.zeros(employers(state.firms()))
    taught[: len(startups)] = known(startups, params)

    def one_part(part):
        units = np.zeros(len(taught), np.int64)
        _work(people=state.people(part), taught=taught, units=units, params=params)
        return units

    startups.labour[:] = sum(model.shares(one_part, persons.count))[: len(startups)] / MILLIONTHS
