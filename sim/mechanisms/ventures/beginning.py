"""How a venture begins: what it is, who owns it, and what its founders pay in.

    quality = sqrt(1 - w) luck + sqrt(w) skill + match + knowledge + experience + co-founders

Success persists and failure teaches little (F14: success rates 30 : 20 : 18). Market and first traction are luck of the
venture's own number. Who founds, and with whom, is decided in `people.founding`, which has the parameters.
"""

from typing import NamedTuple

import numpy as np

from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, normal, power, uniform
from sim.world.employment import leave_job
from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY, Experience, Sector, Status

SHARES = 10_000_000  # of a new company, so many that a stake is cut to a hundred-thousandth of a percent
ATTEMPTS = 16  # numbers that a founder has for ventures; all beyond share the last
SQUARE_ROOT = 0.5  # exponent
MEAN_DRAW = 0.5  # of a uniform one
FIRST_TIME, FAILED_BEFORE, SUCCEEDED_BEFORE = map(int, Experience)  # numba indexes arrays by plain integers only


class Surroundings(NamedTuple):
    """What a new venture is born into."""

    knowledge: np.ndarray  # log(1 + local knowledge / reference), (districts, sectors)
    burden: np.ndarray  # L.burden: factor on compliance work, (sectors,)
    knowhow: np.ndarray  # that the founder brings, by plan


@equation
def stake_of(wealth, params):
    """What a founder of some wealth puts into a venture, yuan."""
    return min(params.stake_share * wealth, params.stake_cap)


@kernel
def experience_of(ventures, successes):
    """Experience of a founder with so many ventures and successes."""
    if successes > 0:
        return SUCCEEDED_BEFORE
    return FAILED_BEFORE if ventures > 0 else FIRST_TIME


@kernel
def quality_of(luck, skill, same_field, knowledge, experience, partners, params):
    """Latent quality of a venture in standard deviations.

    `luck` and `skill` are standard normal, `same_field` is 1 in the founder's own field and else 0, `knowledge` is
    log(1 + local knowledge / reference).
    """
    w = params.skill_weight
    bonus = 0.0
    if experience == Experience.SUCCEEDED_BEFORE:
        bonus = params.success_bonus
    elif experience == Experience.FAILED_BEFORE:
        bonus = params.failure_bonus
    return (
        power(1.0 - w, SQUARE_ROOT) * luck
        + power(w, SQUARE_ROOT) * skill
        + params.match_bonus * same_field
        + params.knowledge_bonus * knowledge
        + bonus
        + params.partner_bonus * partners
    )


@kernel
def begin(chance, people, plans, first, firms, surroundings, params):
    """Each who founds begins a venture, in the startup slots from `first` on; its luck follows from its number."""
    knowledge, burden, knowhow = surroundings
    seed, slot = chance.seed, first
    for k in range(len(plans.person)):
        if not plans.founds[k]:
            continue
        i, s = plans.person[k], plans.sector[k]
        sector, firm = firms.sectors[s], firms.startups[slot]
        slot += 1
        firm.founder = i
        firm.founder_id = people.id[i]
        firm.attempt = people.ventures[i]
        firm.id = people.id[i] * ATTEMPTS + min(people.ventures[i], ATTEMPTS - 1)
        firm.partner_1 = plans.partner_1[k]
        firm.partner_2 = plans.partner_2[k]
        firm.origin = people.origin[i]
        firm.experience = experience_of(people.ventures[i], people.successes[i])
        firm.skill = people.skill[i]
        firm.founder_age = (chance.quarter - people.born[i]) / 4.0
        firm.born = chance.quarter
        firm.sector = s
        firm.quality = quality_of(
            luck=normal(seed, Decision.QUALITY, 0, firm.id, 0),
            skill=people.skill[i],
            same_field=1.0 if people.field[i] == s else 0.0,
            knowledge=knowledge[people.home[i], s],
            experience=firm.experience,
            partners=int(plans.partner_1[k] != NOBODY) + int(plans.partner_2[k] != NOBODY),
            params=params,
        )
        firm.market = log(params.market_median) + params.market_sd * normal(seed, Decision.MARKET, 0, firm.id, 0)
        firm.traction = (
            firm.market - params.traction_gap + params.traction_sd * normal(seed, Decision.TRACTION, 0, firm.id, 0)
        )
        firm.hard_tech = uniform(seed, Decision.TAGS, 0, firm.id, 0) < sector.hard_tech
        firm.consumer = uniform(seed, Decision.TAGS, 0, firm.id, 1) < sector.consumer
        deviation = params.business_spread * (uniform(seed, Decision.TAGS, 0, firm.id, 2) - MEAN_DRAW)
        firm.business_share = min(max(sector.business_share + deviation, 0.0), 1.0)
        firm.export_share = sector.export_share
        firm.compliance = sector.regulatory_work * burden[s] * exp(-sector.trust)
        firm.hope = params.first_hope
        firm.knowhow = knowhow[k]
        firm.shares = SHARES
        firm.founder_shares = SHARES


@kernel
def pay_in(people, plans, first, firms, params, flows):
    """Founders and who joins them leave their jobs, pay in their stakes, and plan to spend them over some quarters."""
    slot = first
    for k in range(len(plans.person)):
        if not plans.founds[k]:
            continue
        firm = firms.startups[slot]
        for member in (plans.person[k], plans.partner_1[k], plans.partner_2[k]):
            if member == NOBODY:
                continue
            leave_job(member, people, firms)
            people.status[member] = Status.FOUNDER
            people.employer[member] = slot
            people.ventures[member] += 1
            stake = np.int64(stake_of(people.wealth[member], params))
            if member != firm.founder:
                stake = np.int64(params.partner_stake * stake)
            people.wealth[member] -= stake
            firm.cash += stake
            pay(flows, Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS, stake)
        firm.burn = np.int64(firm.cash / params.first_plan_quarters)
        slot += 1
