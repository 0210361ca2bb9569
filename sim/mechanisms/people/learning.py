"""What everybody makes of what happened.

- Persons: a success (`endings.succeeded`) or a failure nearby, in one's own sector and district, adds to the Beta
  counts of one's belief about founding; old experience fades. Success stories weigh more than failures.
- Venture firms: reputation follows what their exits returned and fades.
- LPs: the expected multiple of called money follows what came back and what is marked.
- Sectors: the prize of founding follows recent exits; what a failure leaves with its founder, how often and how
  much, follows recent failures.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.endings import succeeded
from sim.world.draws import log
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Investor, Life


class Params(NamedTuple):
    prior_success: float
    prior_failure: float
    fading: float
    success_weight: float
    failure_weight: float
    reputation_memory: float
    reputation_gain: float
    loss_floor: float
    expectation_memory: float
    prize_memory: float
    prize_floor: float
    fear_memory: float


@kernel
def _update_beliefs(people, seen_success, seen_failure, params):
    """Beta counts fade towards the prior and take up what was seen, (districts, sectors), in one's own district and
    field.
    """
    for i in range(len(people.id)):
        good = seen_success[people.home[i], people.field[i]]
        bad = seen_failure[people.home[i], people.field[i]]
        people.belief_success[i] += params.fading * (params.prior_success - people.belief_success[i]) + good
        people.belief_failure[i] += params.fading * (params.prior_failure - people.belief_failure[i]) + bad


@kernel
def _count_ends(quarter, exits, startups, success, failure):
    """Adds the successes and failures of the quarter to their counts, (districts, sectors)."""
    for e in range(len(exits)):
        if exits.quarter[e] == quarter:
            firm = startups[exits.startup[e]]
            if succeeded(exits.life[e], exits.value[e], exits.raised[e]):
                success[firm.district, firm.sector] += 1.0
            else:
                failure[firm.district, firm.sector] += 1.0


@kernel
def _count_ventures(startups, ventures):
    """Adds the ventures that live to their counts, (districts, sectors)."""
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE:
            ventures[startups.district[i], startups.sector[i]] += 1.0


@kernel
def _learn_prizes(quarter, exits, firms, params):
    """The prize that a sector reckons with follows the value of each success of the quarter above a floor."""
    for e in range(len(exits)):
        if (
            exits.quarter[e] == quarter
            and exits.value[e] > params.prize_floor
            and succeeded(exits.life[e], exits.value[e], exits.raised[e])
        ):
            sector = firms.sectors[firms.startups.sector[exits.startup[e]]]
            sector.prize += params.prize_memory * (log(1.0 * exits.value[e]) - sector.prize)


@kernel
def _learn_fears(quarter, exits, firms, params):
    """What failures of the quarter left with their founders, before any forgiveness, enters what the sector reckons
    with.
    """
    sectors = firms.sectors
    ends, claims, years = np.zeros(len(sectors)), np.zeros(len(sectors)), np.zeros(len(sectors))
    for e in range(len(exits)):
        if exits.quarter[e] == quarter and (exits.life[e] == Life.FAILED or exits.life[e] == Life.CLOSED):
            firm = firms.startups[exits.startup[e]]
            ends[firm.sector] += 1.0
            if firm.claim > 0.0:
                claims[firm.sector] += 1.0
                years[firm.sector] += firm.claim
    for s in range(len(sectors)):
        if ends[s] > 0.0:
            sectors.claims[s] += params.fear_memory * (claims[s] / ends[s] - sectors.claims[s])
        if claims[s] > 0.0:
            sectors.debt_years[s] += params.fear_memory * (years[s] / claims[s] - sectors.debt_years[s])


@kernel
def _learn_reputations(quarter, capital, params):
    """A venture firm's standing fades and gains by the log of what each stake that ended returned."""
    gps, funds = capital.gps, capital.funds
    for g in range(len(gps)):
        gps.reputation[g] *= 1.0 - params.reputation_memory
    for h in range(capital.holdings_count[0]):
        stake = capital.holdings[h]
        if stake.ended == quarter and stake.investor != Investor.ANGEL and stake.holder != NOBODY:
            multiple = stake.proceeds / stake.amount
            gps.reputation[funds.gp[stake.holder]] += params.reputation_gain * log(multiple + params.loss_floor)


@kernel
def _learn_expectations(lps, memory):
    """The multiple that a partner expects follows what called money has returned and is valued at."""
    for i in range(len(lps)):
        lp = lps[i]
        if lp.called > 0:
            lp.expected += memory * ((lp.distributed + lp.nav) / lp.called - lp.expected)


def learn(model):
    """Beliefs, reputations and expectations follow what the quarter showed."""
    state, params, quarter = model.state, model.params["learning"], model.quarter
    exits, firms, capital = state.exits.used, state.firms(), state.capital()
    startups = firms.startups
    success, failure = state.events
    success[:] = 0.0
    failure[:] = 0.0
    _count_ends(quarter=quarter, exits=exits, startups=startups, success=success, failure=failure)
    ventures = np.ones(success.shape)
    _count_ventures(startups=startups, ventures=ventures)
    seen_success, seen_failure = params.success_weight * success / ventures, params.failure_weight * failure / ventures

    def one_block(part):
        _update_beliefs(people=state.people(part), seen_success=seen_success, seen_failure=seen_failure, params=params)

    model.blocks(one_block, state.persons.count)
    _learn_prizes(quarter=quarter, exits=exits, firms=firms, params=params)
    _learn_fears(quarter=quarter, exits=exits, firms=firms, params=params)
    _learn_reputations(quarter=quarter, capital=capital, params=params)
    _learn_expectations(lps=capital.lps, memory=params.expectation_memory)
