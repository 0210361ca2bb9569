"""City test-beds: firms that make things try them on roads and in streets that the city has opened.

Inside a firm develops faster by 1 + speed x hardware share of its sector. Each quarter it meets an accident with chance
`incident`: the stay ends, the firm is fined, the public pays for the harm and the sector loses trust, as in the
sandbox (7.8), which is compliance work of the ventures to come; a stay without one earns some trust.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.mechanisms.ventures.incidents import incident, rules_of
from sim.world.accounts import Transaction, spend
from sim.world.draws import Decision, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Life


class Params(NamedTuple):
    speed: float
    incident: float
    score_noise: float
    application_progress: float
    running_cost: float


def test(model, support):
    """Firms are admitted, and those inside develop faster; `support` is the factor on each startup's development."""
    params, levers, startups, quarter = model.params["testbeds"], model.levers, model.state.startups.used, model.quarter
    if levers.payer["testbed_places"] == NOBODY:
        return
    _admit(model)
    inside = np.flatnonzero(
        (startups.life == Life.ALIVE) & (startups.testbed_from != NEVER) & (startups.testbed_until >= quarter)
    )
    support[inside] *= 1.0 + params.speed * model.state.sectors.used.hardware_share[startups.sector[inside]]


@kernel
def _able(startups, quarter, progress):
    """Which of the living have something to test and no finished product, were never inside and have rested from a
    refusal, bool[startups].
    """
    able = np.zeros(len(startups), np.bool_)
    for i in range(len(startups)):
        firm = startups[i]
        if selection.free_to_apply(firm.life, firm.testbed_from, firm.testbed_refused, quarter):
            able[i] = progress <= firm.progress < 1.0
    return able


def _admit(model):
    """Firms with something to test and no finished product apply; the purse pays the whole stay."""
    state, params, levers, quarter = model.state, model.params["testbeds"], model.levers, model.quarter
    startups, payer, term = state.startups.used, levers.payer["testbed_places"], int(levers.testbed_term)
    cost = int(params.running_cost) * term
    able = _able(startups=startups, quarter=quarter, progress=params.application_progress)
    terms = selection.Terms(
        policy=payer,
        open_to=levers.testbed_open,
        teams=levers.testbed_teams,
        places=levers.testbed_places,
        lowest=-np.inf,
        noise=params.score_noise,
        cost=cost,
        worth=cost,
    )
    round_ = selection.select(model, terms, able, Decision.TEST_BED)
    inside = round_.inside
    startups.testbed_from[inside] = quarter
    startups.testbed_until[inside] = quarter + term - 1
    startups.testbed_refused[round_.outside] = quarter
    spend(state, payer, len(inside) * cost, Transaction.PUBLIC_SERVICES, takers=len(inside))
    selection.keep(model, terms, round_, cost)


@kernel
def _drive(chance, firms, odds, rules, books):
    """Firms inside meet accidents with `odds` a quarter or leave with a good record; returns how many met one."""
    startups, sectors = firms.startups, firms.sectors
    met = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.testbed_from == NEVER or firm.testbed_until < chance.quarter:
            continue
        if uniform(chance.seed, Decision.ROAD_INCIDENT, chance.quarter, firm.id, 0) < odds:
            met += 1
            firm.testbed_until = chance.quarter - 1
            incident(firm, sectors, rules.incident_cost, rules.trust_loss, books.flows, books.treasury)
        elif firm.testbed_until == chance.quarter:
            sectors.trust[firm.sector] += rules.trust_gain
    return met


def drive(model):
    """Accidents of the quarter; returns their number."""
    return _drive(
        chance=model.chance,
        firms=model.state.firms(),
        odds=model.params["testbeds"].incident,
        rules=rules_of(model),
        books=model.state.books(),
    )
