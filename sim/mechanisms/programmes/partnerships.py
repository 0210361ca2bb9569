"""Corporate open innovation: a corporate buys a venture's pilots, lends it a laboratory, and may buy it.

Ventures with a product in sight apply by score; one that is admitted meets a few corporates of its sector and takes
the most open. Every quarter the partner buys pilots of `pilot_size`; the programme pays a share of the price while its
purse lasts. In the partner's laboratory the venture develops faster by 1 + L.corporate_laboratory.

The other side is dependence on one customer: the partner goes with chance `partner_hazard` a year, or when it wants
fewer than 1 - `partner_shrinks` of its staff, and all its purchases go with it, while the venture has hired for
them.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.mechanisms.space.location import openness_of
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import Decision, several, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Life, Sector

LOOKS = 6  # corporates that a venture meets


class Params(NamedTuple):
    pilot_size: float
    pilot_progress: float
    partner_hazard: float
    partner_shrinks: float
    score_noise: float


@kernel
def _part(chance, firms, params):
    """Partners that leave or shrink buy no more; returns the number of ventures they leave."""
    startups, corporates, quarter = firms.startups, firms.corporates, chance.quarter
    lost = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.partner == NOBODY:
            continue
        partner = corporates[firm.partner]
        leaves = uniform(chance.seed, Decision.PARTNER_LEAVES, quarter, firm.id, 0) < params.partner_hazard / 4.0
        if leaves or partner.target < (1.0 - params.partner_shrinks) * partner.headcount:
            lost += 1
            firm.partner, firm.pilot, firm.partner_lost = NOBODY, 0, quarter
    return lost


def join(model, support):
    """Partners are lost and found; `support` is the factor on each startup's development."""
    state, params, levers = model.state, model.params["partnerships"], model.levers
    startups = state.startups.used
    state.tally.rows.partners_lost[0] = _part(chance=model.chance, firms=state.firms(), params=params)
    if levers.payer["pilot_places"] != NOBODY:
        _meet(model)
    support[startups.partner != NOBODY] *= 1.0 + levers.corporate_laboratory


@kernel
def _able(startups, quarter, progress, met):
    """Which of the living have something to show a corporate, which there is in their sector where `met`,
    bool[sectors], never had a partner and have rested from a refusal, bool[startups].
    """
    able = np.zeros(len(startups), np.bool_)
    for i in range(len(startups)):
        firm = startups[i]
        if selection.free_to_apply(firm.life, firm.partner_lost, firm.pilot_refused, quarter):
            able[i] = firm.partner == NOBODY and firm.progress >= progress and met[firm.sector]
    return able


def _meet(model):
    """New pilots: the best applicants find a corporate of their sector; the purse must hold its part of a year."""
    state, params, levers, quarter = model.state, model.params["partnerships"], model.levers, model.quarter
    startups, corporates, payer = state.startups.used, state.corporates.used, levers.payer["pilot_places"]
    named = [np.flatnonzero((corporates.pool == 0) & (corporates.sector == s)) for s in range(len(state.sectors))]
    able = _able(
        startups=startups,
        quarter=quarter,
        progress=params.pilot_progress,
        met=np.array([len(some) > 0 for some in named]),
    )
    yearly = int(4 * min(levers.pilot_match, 1.0) * params.pilot_size)
    terms = selection.Terms(
        policy=payer,
        open_to=levers.pilot_open,
        teams=levers.pilot_teams,
        places=levers.pilot_places,
        lowest=-np.inf,
        noise=params.score_noise,
        cost=yearly,
        worth=4 * params.pilot_size,
    )
    round_ = selection.select(model, terms, able, Decision.PILOT)
    for i in round_.inside:
        some = named[startups.sector[i]]
        luck = several(model.seed, Decision.PARTNER, quarter, int(startups.id[i]), LOOKS)
        met = some[(luck * len(some)).astype(np.int64)]
        startups.partner[i] = max(met, key=lambda c: openness_of(corporates[c], levers.corporate_openness))
    startups.pilot[round_.inside] = int(params.pilot_size)
    startups.pilot_refused[round_.outside] = quarter
    state.purses.rows.take_up[payer] += len(round_.inside)
    selection.keep(model, terms, round_, yearly)


def buy(model):
    """Partners pay for the pilots of the quarter, the purse its share of the price, as far as either goes."""
    state, levers = model.state, model.levers
    startups, corporates, payer = state.startups.used, state.corporates.used, levers.payer["pilot_places"]
    match = min(levers.pilot_match, 1.0)
    for i in np.flatnonzero((startups.life == Life.ALIVE) & (startups.partner != NOBODY)):
        partner = startups.partner[i]
        public = spend(state, payer, match * startups.pilot[i], Transaction.SUBSIDY, Sector.STARTUPS)
        own = min(int(startups.pilot[i]) - int(match * startups.pilot[i]), int(corporates.cash[partner]))
        corporates.cash[partner] -= own
        corporates.pilots[partner] += own
        startups.cash[i] += own + public
        startups.revenue[i] += own + public
        startups.demand[i] += own + public
        pay(state.flows, Transaction.SALES_LOCAL, Sector.CORPORATES, Sector.STARTUPS, own)
