"""Accelerators: cash and a desk for some months, and, where there is schooling, mentors who teach.

A stay of T quarters with schooling h (0 desk and cash only, 1 mentored throughout):

    speed' = speed (1 + learning h t),   noise' = noise legibility^(h t),   t = min(1, T - quarters passed), each
    quarter

so desk and cash alone are money, and schooling is what investors see (E06: Gonzalez-Uribe and Leatherbee 2018, cash and
co-working change nothing in fund-raising, schooling raises its probability by up to 45 percent). A firm costs its
stipend and `mentor_cost` x h x T; sponsors among the corporates of its sector pay a share of it, the purse the rest.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import Decision, exps, logs
from sim.world.kinds import NEVER, NOBODY, Life, Sector


class Params(NamedTuple):
    learning: float
    legibility: float
    score_noise: float
    mentor_cost: float


def teach(model, support):
    """Firms are admitted, and those inside learn; `support` is the factor on each startup's development."""
    params, levers, startups, quarter = (
        model.params["accelerators"],
        model.levers,
        model.state.startups.used,
        model.quarter,
    )
    if levers.payer["accelerator_places"] == NOBODY:
        return
    _admit(model)
    inside = np.flatnonzero(
        (startups.life == Life.ALIVE) & (startups.accelerator_from != NEVER) & (startups.accelerator_until >= quarter)
    )
    passed = quarter - startups.accelerator_from[inside]
    taught = levers.accelerator_schooling * np.clip(levers.accelerator_term - passed, 0.0, 1.0)
    support[inside] *= 1.0 + params.learning * taught
    startups.noise[inside] *= exps(taught * logs(np.array([params.legibility])))


def _admit(model):
    """Firms that were never in an accelerator apply; stipends are paid to them and mentors hired."""
    state, params, levers, quarter = model.state, model.params["accelerators"], model.levers, model.quarter
    startups, corporates, payer = state.startups.used, state.corporates.used, levers.payer["accelerator_places"]
    term = levers.accelerator_term
    stipend, mentors = (
        int(levers.accelerator_stipend),
        int(params.mentor_cost * levers.accelerator_schooling * term),
    )
    sponsor = int(min(levers.accelerator_sponsor, 1.0) * (stipend + mentors))
    able = (startups.accelerator_from == NEVER) & (quarter >= startups.accelerator_refused + selection.REST_QUARTERS)
    places = levers.accelerator_places
    able &= corporates.cash[model.pool_of[startups.sector]] >= (int(places) + 1) * sponsor
    terms = selection.Terms(
        policy=payer,
        open_to=levers.accelerator_open,
        teams=levers.accelerator_teams,
        places=places,
        lowest=levers.accelerator_score,
        noise=params.score_noise,
        cost=stipend + mentors - sponsor,
        worth=stipend + mentors,
    )
    round_ = selection.select(model, terms, able, Decision.ACCELERATOR)
    inside = round_.inside
    startups.accelerator_from[inside] = quarter
    startups.accelerator_until[inside] = quarter + max(int(np.ceil(term)), 1) - 1
    startups.accelerator_refused[round_.outside] = quarter
    n = len(inside)
    np.subtract.at(corporates.cash, model.pool_of[startups.sector[inside]], sponsor)
    startups.cash[inside] += stipend
    to_firms = min(sponsor, stipend)  # sponsors pay the stipend first
    pay(state.flows, Transaction.GRANT, Sector.CORPORATES, Sector.STARTUPS, n * to_firms)
    pay(state.flows, Transaction.PURCHASES, Sector.CORPORATES, Sector.WORLD, n * (sponsor - to_firms))
    state.treasury.rows.world[0] += n * (sponsor - to_firms)
    spend(state, payer, n * (stipend - to_firms), Transaction.GRANT, Sector.STARTUPS, takers=n)
    spend(state, payer, n * (mentors - sponsor + to_firms), Transaction.PUBLIC_SERVICES)
    selection.keep(model, terms, round_, stipend)
