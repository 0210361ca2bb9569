"""Listings: ventures above the thresholds of the boards file, wait, are refused or sold to the public.

The bar for new files answers to the queue, and the city's part of the nation's listings to who is there:

    bar'   = bar + bar_speed (max(1, (waiting / (full_years x places a year))^2) - bar)
    places = national listings x waiting / (waiting + those who wait elsewhere)

so that a wait is of a year or two, and more or better firms list more. Some files are refused, more where the window
has closed, and may come again; who falls far below the thresholds withdraws. Within the places those list who have
waited longest, as the exchanges review. Preferences lapse, all investors sell to the world, and the firm, which
raises new money for itself, goes on under hired managers. The price follows how open the window is:

    price = worth x max(window, window_floor)^window_elasticity x luck

A new venue of the city (`venue`) lists beside the national boards.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import environment
from sim.mechanisms.capital.waterfall import Payment, pay_holders
from sim.mechanisms.programmes import venue
from sim.mechanisms.ventures import endings, going_concern
from sim.mechanisms.ventures.going_concern import worth
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, normal, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Life, Route, Sector, Stage

BAR, PLACES = range(2)  # entries of `state.listing`
LEAST_PLACES = 1.0  # a year, as a divisor


class Params(NamedTuple):
    ipo_value: float
    ipo_revenue: float
    ipo_city_share: float
    full_years: float
    bar_speed: float
    queue_elsewhere: float
    staying: float
    refusal: float
    refusal_window: float
    refused_quarters: float
    ipo_wait_quarters: float
    ipo_noise: float
    ipo_founder_sale: float
    new_shares: float
    window_floor: float
    window_elasticity: float


class Terms(NamedTuple):
    """What a listing of the quarter goes by."""

    params: Params
    concern: going_concern.Params
    climate: float  # factor on prices, 1 in a normal window
    venue_open: bool  # whether the new venue takes files
    venue_thresholds: float  # L.venue_thresholds: factor on the thresholds
    bar: float  # factor on the thresholds of the national boards for new files
    level: float  # nominal level of money
    refusal: float  # chance that a file is refused this quarter


@kernel
def climate_of(window, params):
    """Factor of the listing window on prices; 1 is normal for both."""
    return power(max(window, params.window_floor), params.window_elasticity)


@kernel
def _file(chance, startups, sectors, terms):
    """Firms above the bar file for a listing; those that only meet the new venue's file there; who is far below the
    thresholds withdraws, and some are refused.
    """
    params, quarter = terms.params, chance.quarter
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.stage < Stage.B:
            continue
        value = worth(firm.traction, firm, sectors.multiple[firm.sector], terms.concern)
        reach = max(value / (terms.level * params.ipo_value), 4.0 * firm.revenue / params.ipo_revenue)
        waits, venue = firm.queued != NEVER, terms.venue_thresholds
        needed = params.staying if waits and firm.board == 0 else terms.bar
        there = params.staying * venue if waits and firm.board == 1 else venue
        rests = firm.refused != NEVER and quarter < firm.refused + params.refused_quarters
        if not rests and (reach >= needed or (terms.venue_open and reach >= there)):
            firm.board = 0 if reach >= needed else 1
            firm.queued = quarter if firm.queued == NEVER else firm.queued
        else:
            firm.board, firm.queued = 0, NEVER
        luck = uniform(chance.seed, Decision.REFUSE, quarter, firm.id, 0)
        if firm.queued != NEVER and firm.queued < quarter and luck < terms.refusal:
            firm.board, firm.queued, firm.refused = 0, NEVER, quarter


@kernel
def _list(chance, chosen, people, firms, capital, ends, books, terms):
    """The chosen list: stakes are sold to the world, the firm gets new money and goes on, its founders leave."""
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
        new = np.int64(terms.params.new_shares * value)
        firm.cash += new
        books.treasury.world[0] -= new
        pay(books.flows, Transaction.LISTING, Sector.WORLD, Sector.STARTUPS, new)
        firm.seeking, firm.need, firm.desk, firm.partner, firm.pilot = NEVER, 0, 0, NOBODY, 0
        ends.exits.board[ends.exits_count[0]] = firm.board
        endings.end(
            i=i,
            life=Life.LISTED,
            quarter=chance.quarter,
            proceeds=endings.Proceeds(value, value - common, sold - staff, staff),
            buyer=firms.pool_of[firm.sector],
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
        bar=_bar(model),
        level=params["nominal"].level,
        refusal=min(1.0, params["listing"].refusal * closed_window(model, params["listing"])),
    )
    _file(chance=model.chance, startups=firms.startups, sectors=firms.sectors, terms=terms)
    chosen = admitted(model)
    if not len(chosen):
        return
    _list(
        chance=model.chance,
        chosen=chosen,
        people=state.people(),
        firms=firms,
        capital=state.capital(),
        ends=ends,
        books=state.books(),
        terms=terms,
    )
    venue.look_ahead(model, state.exits.used[before:])


@kernel
def _ripe(startups, quarter, haste, params):
    """Slots of the startups that have waited long enough, which at the new venue is less by `haste` quarters."""
    ripe, n = np.empty(len(startups), np.int64), 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life == Life.ALIVE and firm.queued >= 0:
            ripe[n] = i
            n += firm.queued <= quarter - (params.ipo_wait_quarters - haste * firm.board)
    return ripe[:n].copy()


def admitted(model):
    """Slots of the startups that list:

    of those who have waited long enough the first to file, as the window and the new venue allow.
    """
    state, params, quarter = model.state, model.params["listing"], model.quarter
    startups = state.startups.used
    waiting = _ripe(startups=startups, quarter=quarter, haste=model.levers.venue_haste, params=params)
    order = waiting[np.lexsort((startups.id[waiting], startups.queued[waiting]))]
    state.listing[PLACES] += _places(model)
    national = order[startups.board[order] == 0][: int(state.listing[PLACES])]
    state.listing[PLACES] = min(state.listing[PLACES] - len(national), 1.0)
    left = np.ones(len(startups), bool)
    left[national] = False
    return np.concatenate([national, venue.admitted(model, order[left[order]])])


@kernel
def _queue(startups):
    """How many firms wait for a listing on the national boards."""
    waiting = 0
    for i in range(len(startups)):
        firm = startups[i]
        waiting += firm.life == Life.ALIVE and firm.queued >= 0 and firm.board == 0
    return waiting


def _elsewhere(model):
    """Firms that wait in the rest of the country, at the scale of the run."""
    params = model.params["listing"]
    normal = 4.0 * environment.normal_listings(model.city) * model.scale
    return params.queue_elsewhere * normal * (1.0 - params.ipo_city_share)


def _places(model):
    """Places of the quarter on the national boards: the city's part of the nation's listings."""
    queue = _queue(startups=model.state.startups.used)
    return model.conditions.ipo * model.scale * queue / (queue + _elsewhere(model)) if queue else 0.0


def _bar(model):
    """The bar for new files, which follows the queue against the places of the past five years; notes it."""
    params, bar = model.params["listing"], model.state.listing
    yearly = 4.0 * environment.past(model.city, "ipo", model.quarter) * params.ipo_city_share * model.scale
    crowd = _queue(startups=model.state.startups.used) / max(params.full_years * yearly, LEAST_PLACES)
    bar[BAR] += params.bar_speed * (max(1.0, crowd * crowd) - bar[BAR])
    return float(bar[BAR])


def closed_window(model, params):
    """Factor on refusals of a window that has closed; 1 where it is normal or open."""
    return power(1.0 / min(max(float(model.state.window[0]), params.window_floor), 1.0), params.refusal_window)
