"""What everybody makes of what happened.

- Persons: a success (`exits.succeeded`) or a failure nearby, in one's own sector and district, adds to the Beta counts
  of one's belief about founding; old experience fades. Success stories weigh more than failures.
- Venture firms: reputation follows what their exits returned and fades.
- LPs: the expected multiple of called money follows what came back and what is marked.
- Sectors: the prize of founding follows recent exits; what a failure leaves with its founder, how often and how
  much, follows recent failures.
- Rivals: generosity follows the city's within a budget.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.exits import succeeded
from sim.world.draws import log
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Investor, Life, RivalKind


class Params(NamedTuple):
    prior_success: float
    prior_failure: float
    fading: float
    success_weight: float
    failure_weight: float
    reputation_memory: float
    reputation_gain: float
    expectation_memory: float
    prize_memory: float
    fear_memory: float
    rival_speed: float


@kernel
def _update_beliefs(
    status,
    home,
    field,
    belief_success,
    belief_failure,
    seen_success,
    seen_failure,
    fading,
    prior_success,
    prior_failure,
):
    for i in range(len(status)):
        good = seen_success[home[i], field[i]]
        bad = seen_failure[home[i], field[i]]
        belief_success[i] += fading * (prior_success - belief_success[i]) + good
        belief_failure[i] += fading * (prior_failure - belief_failure[i]) + bad


@kernel
def _events(quarter, exits, startups, success, failure):
    for e in range(len(exits)):
        if exits.quarter[e] == quarter:
            firm = startups[exits.startup[e]]
            if succeeded(exits.life[e], exits.value[e], exits.raised[e]):
                success[firm.district, firm.sector] += 1.0
            else:
                failure[firm.district, firm.sector] += 1.0


@kernel
def _prizes(quarter, exits, startups, sectors, memory):
    for e in range(len(exits)):
        if (
            exits.quarter[e] == quarter
            and exits.value[e] > 1_000_000
            and succeeded(exits.life[e], exits.value[e], exits.raised[e])
        ):
            s = startups.sector[exits.startup[e]]
            sectors.prize[s] += memory * (log(1.0 * exits.value[e]) - sectors.prize[s])


@kernel
def _fears(quarter, exits, startups, sectors, memory):
    """What failures of the quarter left with their founders, before any forgiveness, enters what the sector reckons
    with.
    """
    ends, claims, years = np.zeros(len(sectors)), np.zeros(len(sectors)), np.zeros(len(sectors))
    for e in range(len(exits)):
        if exits.quarter[e] == quarter and (exits.life[e] == Life.FAILED or exits.life[e] == Life.CLOSED):
            firm = startups[exits.startup[e]]
            ends[firm.sector] += 1.0
            if firm.claim > 0.0:
                claims[firm.sector] += 1.0
                years[firm.sector] += firm.claim
    for s in range(len(sectors)):
        if ends[s] > 0.0:
            sectors.claims[s] += memory * (claims[s] / ends[s] - sectors.claims[s])
        if claims[s] > 0.0:
            sectors.debt_years[s] += memory * (years[s] / claims[s] - sectors.debt_years[s])


@kernel
def _reputations(quarter, gps, funds, holdings, memory, gain):
    for g in range(len(gps)):
        gps.reputation[g] *= 1.0 - memory
    for h in range(len(holdings)):
        row = holdings[h]
        if row.ended == quarter and row.investor != Investor.ANGEL and row.holder != NOBODY:
            multiple = row.proceeds / row.amount
            gps.reputation[funds.gp[row.holder]] += gain * (log(multiple + 0.1) - log(1.0))


@kernel
def _expectations(lps, memory):
    for l in range(len(lps)):
        lp = lps[l]
        if lp.called > 0:
            lp.expected += memory * ((lp.distributed + lp.nav) / lp.called - lp.expected)


def learn(model):
    """Beliefs, reputations and expectations follow what the quarter showed."""
    state, params, quarter = model.state, model.params["learning"], model.quarter
    persons, exits, startups = state.persons, state.exits.used, state.startups.used
    success, failure = state.events
    success[:] = 0.0
    failure[:] = 0.0
    _events(quarter, exits, startups, success, failure)
    alive = np.ones_like(success)
    running = startups.life == Life.ALIVE
    np.add.at(alive, (startups.district[running], startups.sector[running]), 1.0)
    seen_success, seen_failure = params.success_weight * success / alive, params.failure_weight * failure / alive

    def one_block(part):
        _update_beliefs(
            persons.status[part],
            persons.home[part],
            persons.field[part],
            persons.belief_success[part],
            persons.belief_failure[part],
            seen_success,
            seen_failure,
            params.fading,
            params.prior_success,
            params.prior_failure,
        )

    model.blocks(one_block, persons.count)
    _prizes(quarter, exits, startups, state.sectors.used, params.prize_memory)
    _fears(quarter, exits, startups, state.sectors.used, params.fear_memory)
    _reputations(
        quarter, state.gps.used, state.funds.used, state.holdings.used, params.reputation_memory, params.reputation_gain
    )
    _expectations(state.lps.used, params.expectation_memory)
    _rivals(model, params)


def _rivals(model, params):
    """Rivals answer the city's pull on arrivals with generosity of their own, within a budget."""
    rivals, appeal = model.state.rivals.used, float(model.levers.appeal.max())
    wanted = model.city.rivals.generosity + np.minimum(rivals.budget, rivals.reaction * appeal)
    reacts = rivals.kind == RivalKind.RIVAL
    rivals.generosity[reacts] += params.rival_speed * (wanted - rivals.generosity)[reacts]
