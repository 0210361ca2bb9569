"""Listings: ventures above the thresholds of the boards file, wait, and are sold to the public.

The window (national listings) admits those who have waited, in the order of filing, as the exchanges review. Who falls
below the thresholds before withdraws. Preferences lapse, all investors sell to the world, and the firm joins the
incumbents. The price follows how open the window is:

    price = worth x max(window, window_floor)^window_elasticity x luck

A new venue of the city (`venue`) lists beside the national boards.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, pay_holders
from sim.mechanisms.programmes import venue
from sim.mechanisms.programmes.selection import whole_places
from sim.mechanisms.ventures import endings, going_concern
from sim.mechanisms.ventures.going_concern import worth
from sim.world.accounts import Transaction
from sim.world.draws import Decision, exp, normal, power
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, Life, Route, Sector, Stage


class Params(NamedTuple):
    ipo_value: float
    ipo_revenue: float
    ipo_city_share: float
    ipo_wait_quarters: float
    ipo_noise: float
    ipo_founder_sale: float
    window_floor: float
    window_elasticity: float


class Terms(NamedTuple):
    """What a listing of the quarter goes by."""

    params: Params
    concern: going_concern.Params
    climate: float  # factor on prices, 1 in a normal window
    venue_open: bool  # whether the new venue takes files
    venue_thresholds: float  # L.venue_thresholds: factor on the thresholds


@kernel
def climate_of(window, params):
    """Factor of the listing window on prices; 1 is normal for both."""
    return power(max(window, params.window_floor), params.window_elasticity)


@kernel
def _file(quarter, startups, sectors, terms):
    """Firms above the thresholds file for a listing; those that only meet the new venue's file there; who no longer
    meets any withdraws.
    """
    params = terms.params
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.stage < Stage.B:
            continue
        value = worth(firm.traction, firm, sectors.multiple[firm.sector], terms.concern)
        reach = max(value / params.ipo_value, 4.0 * firm.revenue / params.ipo_revenue)
        if reach >= 1.0 or (terms.venue_open and reach >= terms.venue_thresholds):
            firm.board = 0 if reach >= 1.0 else 1
            firm.queued = quarter if firm.queued == NEVER else firm.queued
        else:
            firm.board, firm.queued = 0, NEVER


@kernel
def _list(chance, chosen, people, firms, capital, ends, books, terms):
    """The chosen list: stakes are sold to the world, the firm joins the incumbents."""
    startups, payment = firms.startups, Payment(Sector.WORLD, Transaction.LISTING, Route.IPO)
    for k in range(len(chosen)):
        i = chosen[k]
        firm = startups[i]
        value = np.int64(
            worth(firm.traction, firm, firms.sectors.multiple[firm.sector], terms.concern)
            * terms.climate
            * exp(terms.params.ipo_noise * normal(chance.seed, Decision.PRICE, chance.quarter, firm.id, 0))
        )
        common = pay_holders(
            i=i,
            value=value,
            payment=payment,
            quarter=chance.quarter,
            firms=firms,
            capital=capital,
            people=people,
            books=books,
        )
        sold = np.int64(terms.params.ipo_founder_sale * common)
        books.treasury.world[0] -= value - common + sold
        staff = endings.pay_common(
            i=i, common=sold, payment=payment, startups=startups, people=people, ends=ends, books=books
        )
        pool = firms.pool_of[firm.sector]
        endings.join(firm=firm, corporate=pool, payment=payment, corporates=firms.corporates, books=books)
        ends.exits.board[ends.exits_count[0]] = firm.board
        endings.end(
            i=i,
            life=Life.LISTED,
            quarter=chance.quarter,
            proceeds=endings.Proceeds(value, value - common, sold - staff, staff),
            buyer=pool,
            startups=startups,
            ends=ends,
        )


def list_firms(model, ends):
    """Ventures file, and the first in the queue list; what those will be worth is kept with their exits."""
    state, params, levers = model.state, model.params, model.levers
    firms, before = state.firms(), state.exits.count
    terms = Terms(
        params=params["listing"],
        concern=params["going_concern"],
        climate=climate_of(model.window, params["listing"]),
        venue_open=levers.venue_places > 0.0,
        venue_thresholds=levers.venue_thresholds,
    )
    _file(quarter=model.quarter, startups=firms.startups, sectors=firms.sectors, terms=terms)
    _list(
        chance=model.chance,
        chosen=admitted(model),
        people=state.people(),
        firms=firms,
        capital=state.capital(),
        ends=ends,
        books=state.books(),
        terms=terms,
    )
    venue.look_ahead(model, state.exits.used[before:])


def admitted(model):
    """Slots of the startups that list:

    of those who have waited long enough the first to file, as the window and the new venue allow.
    """
    state, params, quarter = model.state, model.params["listing"], model.quarter
    startups = state.startups.used
    waits = params.ipo_wait_quarters - model.levers.venue_haste * startups.board
    waiting = np.flatnonzero(
        (startups.life == Life.ALIVE) & (startups.queued >= 0) & (startups.queued <= quarter - waits)
    )
    places = whole_places(model.conditions.ipo * params.ipo_city_share * model.scale, quarter - model.city.first)
    order = waiting[np.lexsort((startups.id[waiting], startups.queued[waiting]))]
    national = order[startups.board[order] == 0][:places]
    return np.concatenate([national, venue.admitted(model, order[~np.isin(order, national)])])
