"""Why a startup raises money: the plan to the next milestone, less what sales leave.

    heads  = level x team of the stage x e^(team_elasticity (traction - reference) + team_sd z)
    cost   = heads x (pay / people's share of a plan x capital need^capital_weight + office rent)         a quarter
    leaves = margin of sales x sales x e^(quarters x growth / 2),   margin = 1 - cost of sales - pay of those who make
    need   = quarters x (cost - leaves) - cash

A round is raised when the plan ends or money runs short, both some quarters ahead, and not because a price rose:
rounds of opportunity exist, and are few. A round takes `negotiation_quarters` at least from when it is first sought,
and who has asked a programme for something waits for the answer first. What a plan costs follows from wages, rents
and what the sector needs; `level` is the one declared number of the nominal level of money (`nominal`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.bids import next_stage
from sim.mechanisms.people.staffing import people_shares
from sim.world.draws import Decision, exp, log, normal, power, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, Life, Stage


class Params(NamedTuple):
    team: tuple
    team_elasticity: float
    reference_traction: tuple
    team_sd: tuple
    capital_weight: float
    plan_quarters: float
    plan_sd: float
    ahead_quarters: float
    smallest_need: float
    opportunity_rate: float
    opportunity_growth: float
    negotiation_quarters: float
    pitch_progress: float
    pitch_quarters: float
    lowest_hope: float
    highest_hope: float


class Prices(NamedTuple):
    """What plans cost this quarter."""

    pay: np.ndarray  # of a unit of labour at a startup, over the wage of the sector, float64[districts]
    rent: np.ndarray  # of the office of a head, yuan a quarter, float64[districts]
    people: np.ndarray  # share of planned spending that pays people, float64[sectors]
    margin: np.ndarray  # of sales that their cost and those who make them leave, float64[sectors]
    level: float  # nominal level of money


# ---------------------------------------------------------------- equations


@shared
def quarters_of(seed, firm, params):
    """Quarters of the plan that a startup makes with its next round, one at least."""
    luck = normal(seed, Decision.PLAN, 0, firm.id, firm.rounds + 1)
    return max(1.0, params.plan_quarters * exp(params.plan_sd * luck))


@shared
def heads_of(stage, traction, luck, level, params):
    """People of the plan that brings a startup to `stage`."""
    gap = params.team_elasticity * (traction - params.reference_traction[stage])
    return level * params.team[stage] * exp(gap + params.team_sd[stage] * luck)


@shared
def cost_of(heads, wage, people, capital_need, rent, weight):
    """What a plan costs a quarter, yuan; `people` is the share of it that pays them, `rent` that of a head's office."""
    return heads * (wage / people * power(capital_need, weight) + rent)


@shared
def leaves(revenue, margin, growth, quarters):
    """What sales leave a quarter in the mean of a plan, yuan; `growth` a quarter is what the founder hopes for."""
    return margin * revenue * exp(growth * quarters / 2.0)


# ---------------------------------------------------------------- who seeks


@kernel
def _ends(firm, quarter, margin, params):
    """Whether the plan of a startup with rounds is over soon, or its money."""
    over = quarter >= firm.plan_until - params.ahead_quarters
    loss = max(firm.burn - margin * firm.revenue, 1.0)
    return over or firm.cash < params.ahead_quarters * loss


@kernel
def _opportune(chance, firm, multiple, params):
    """Whether a startup takes a high price for an occasion to raise more, or goes on to while it is high."""
    worth_more = log(1.0 * firm.post_money) + params.opportunity_growth < log(multiple) + firm.traction
    luck = uniform(chance.seed, Decision.RAISE_MORE, chance.quarter, firm.id, 0)
    return worth_more and (firm.seeking != NEVER or luck < params.opportunity_rate)


@kernel
def seek(chance, firms, prices, params):
    """Startups whose plan or money ends, and young ones with something to show, look for a round: sets their needs."""
    startups, sectors, quarter = firms.startups, firms.sectors, chance.quarter
    for i in range(len(startups)):
        firm = startups[i]
        firm.need = 0
        if firm.life != Life.ALIVE:
            continue
        sector, margin = sectors[firm.sector], prices.margin[firm.sector]
        if firm.rounds == 0:
            wants = (
                firm.stage == Stage.IDEA
                and firm.progress > params.pitch_progress
                and quarter - firm.born <= params.pitch_quarters
            )
        else:
            wants = _ends(firm, quarter, margin, params) or _opportune(chance, firm, sector.multiple, params)
        if not wants or (firm.seeking == NEVER and firm.asking > 0):
            firm.seeking = NEVER
            continue
        stage = next_stage(firm.stage)
        length = quarters_of(chance.seed, firm, params)
        heads = heads_of(
            stage=stage,
            traction=firm.traction,
            luck=normal(chance.seed, Decision.AMOUNT, 0, firm.id, firm.rounds),
            level=prices.level,
            params=params,
        )
        cost = cost_of(
            heads=heads,
            wage=sector.wage * prices.pay[firm.district],
            people=prices.people[firm.sector],
            capital_need=sector.capital_need,
            rent=prices.rent[firm.district],
            weight=params.capital_weight,
        )
        growth = min(max(firm.hope, params.lowest_hope), params.highest_hope)
        saving = firm.saving if firm.stage == Stage.IDEA else 0.0
        gross = (1.0 - saving) * length * cost
        need = gross - length * leaves(firm.revenue, margin, growth, length) - firm.cash
        if need < params.smallest_need * gross:
            firm.seeking = NEVER
            continue
        firm.seeking = quarter if firm.seeking == NEVER else firm.seeking
        firm.need, firm.planned = np.int64(need), length


@kernel
def in_the_market(startups, quarter, params):
    """Slots of the startups that seek a round and have talked to investors for long enough, int64[n]."""
    seekers, n = np.empty(len(startups), np.int64), 0
    for i in range(len(startups)):
        if startups[i].need > 0 and quarter - startups[i].seeking >= params.negotiation_quarters:
            seekers[n] = i
            n += 1
    return seekers[:n].copy()


def prices(model):
    """What plans cost this quarter."""
    state, params = model.state, model.params
    sectors, offices = state.sectors.used, state.districts.used.office_rent
    made = sectors.payroll_share * params["output"].payroll_of_sales  # pay of those who make what is sold
    return Prices(
        pay=model.labour.pay,
        rent=params["rents"].office_m2 * offices,
        people=people_shares(sectors, params["staffing"]),
        margin=np.maximum(0.0, 1.0 - params["operations"].cost_of_sales - made),
        level=params["nominal"].level,
    )
