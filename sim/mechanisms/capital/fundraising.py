"""Fund-raising of a quarter: venture firms enter and raise (`venture_firms`), limited partners commit (`commitments`),
the guidance fund joins (`guidance`), funds close.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import environment
from sim.mechanisms.capital import commitments, guidance, venture_firms
from sim.mechanisms.programmes import compensation
from sim.world.kinds import NEVER


class Params(NamedTuple):
    lp_wealth: float
    lp_private: float
    lp_corporate: float
    lp_foreign: float
    lp_state: float
    target_allocation: float
    allocation_speed: float
    return_elasticity: float
    attraction_elasticity: float
    attraction_of_standing: float
    required_multiple: float
    tickets: float
    reputation_weight: float
    affinity: float
    affinity_private: tuple
    affinity_corporate: tuple
    affinity_foreign: tuple
    affinity_state: tuple
    size_weight: float
    smallest_promise: float
    choice_noise: float
    concession_weight: float
    fund_size: float
    fund_size_sd: float
    ambition: float
    size_return: float
    least_growth: float
    most_growth: float
    placing_quarters: float
    placed_share: float
    fund_life_quarters: float
    fee: float
    carry: float
    hurdle: float
    reserve: float
    raise_when_invested: float
    raise_when_quarters: float
    close_after_quarters: float
    close_share: float
    fail_after_quarters: float
    entry_local: float
    entry_outside: float
    rent_exponent: float
    give_up: float
    gp_noise: float
    gp_noise_sd: float
    partners: float
    fees_for_partners: float
    hiring_speed: float
    guidance_acceptance: float
    guidance_dislike: float
    guidance_begun: float
    smallest_guidance: float
    foreign_share: float
    state_share: float
    corporate_share: float
    stage_mix: tuple
    stage_log_size: tuple


def rebalance(model):
    """At the end of the quarter partners take home what their promises do not need."""
    state = model.state
    commitments.take_home(lps=state.lps.used, books=state.books())
    guidance.return_guidance(state, model.levers.payer["guidance_pace"])


def raise_funds(model):
    """Venture firms enter and raise, LPs and the guidance fund commit, funds close."""
    state, params, quarter, chance = model.state, model.params["fundraising"], model.quarter, model.chance
    conditions = model.conditions
    level = model.params["nominal"].level
    venture_firms.enter(state, params, model.map, conditions, chance, model.scale)
    venture_firms.hire_partners(state.gps.used, params, level * model.params["fees"].partner_cost)
    venture_firms.open_funds(state, params, model.params["pace"], level, quarter)
    funds = state.funds.used
    raising = np.flatnonzero((funds.vintage == NEVER) & (funds.ended == NEVER))
    state.commitments.reserve(state.lps.count * int(params.tickets))
    commitments.commit(
        chance=chance,
        raising=raising,
        climate=commitments.Climate(
            now=conditions.fundraising,
            trend=environment.past(model.city, "fundraising", quarter),
            foreign_capital=conditions.foreign_capital,
            covered=commitments.covered(state.capital(), compensation.foreseen(model)),
            attraction=commitments.attraction(funds[raising], state.gps.used, params),
            level=level,
        ),
        params=params,
        capital=state.capital(),
        books=state.books(),
    )
    state.lps.used.brought *= 1.0 - 1.0 / params.fund_life_quarters
    guidance.guide(state, model.levers, params, chance)
    venture_firms.close_funds(state, params, model.params["pace"], quarter)
