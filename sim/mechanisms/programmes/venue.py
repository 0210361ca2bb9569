"""A new listing venue beside the national boards: lower thresholds, places of its own, a shorter queue.

Firms that meet the thresholds times L.venue_thresholds file there (`listing`); after what the national boards took, the
venue lists those who wait in the order of filing, within L.venue_places and its purse. Investors foresee it: its places
count as listings in the window by which they value (7.11).

The listing that it adds is the marginal one. What a listed firm is worth three years on, by the law of sales it
lived by before and the courts of the day, is kept with the exit, so the quality of listings is an outcome.
"""

from typing import NamedTuple

from sim.mechanisms.environment import normal_listings
from sim.mechanisms.programmes.selection import whole_places
from sim.mechanisms.ventures.going_concern import worth
from sim.mechanisms.ventures.sales import move
from sim.world.accounts import Transaction, spend
from sim.world.draws import Chance, Decision, normal
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY


class Params(NamedTuple):
    listing_cost: float
    look_ahead_quarters: float


def foreseen_part(model):
    """Places of a venue that is foreseen, over the city's normal listings."""
    return model.foreseen.venue_places / (model.params["listing"].ipo_city_share * normal_listings(model.city))


def admitted(model, waiting):
    """Slots of those who list at the venue among `waiting`, in their order; the purse pays for each listing."""
    state, payer, cost = model.state, model.levers.payer["venue_places"], int(model.params["venue"].listing_cost)
    if payer == NOBODY:
        return waiting[:0]
    places = whole_places(model.levers.venue_places, model.city.since(model.quarter))
    chosen = waiting[: min(places, int(state.purses.rows.cash[payer]) // max(cost, 1))]
    state.startups.used.board[chosen] = 1
    spend(state, payer, len(chosen) * cost, Transaction.PUBLIC_SERVICES, takers=len(chosen))
    return chosen


@kernel
def _follow(chance, exits, firms, quarters, enforcement, law, concern):
    """Values of firms that listed, `quarters` later by the law of sales, with luck of its own."""
    for e in range(len(exits)):
        firm = firms.startups[exits.startup[e]]
        sector = firms.sectors[firm.sector]
        traction = firm.traction
        for quarter in range(chance.quarter + 1, chance.quarter + quarters + 1):
            _, traction = move(
                traction=traction,
                firm=firm,
                sector=sector,
                luck=normal(chance.seed, Decision.AFTER_LISTING, quarter, firm.id, 0),
                chance=Chance(chance.seed, quarter),
                hands=1.0,
                enforcement=enforcement,
                params=law,
            )
        exits.later[e] = int(worth(traction, firm, sector.multiple, concern))


def look_ahead(model, exits):
    """Keep with the exits of firms that just listed, EXIT rows, what those will be worth."""
    params = model.params
    _follow(
        chance=model.chance,
        exits=exits,
        firms=model.state.firms(),
        quarters=int(params["venue"].look_ahead_quarters),
        enforcement=model.levers.enforcement,
        law=params["sales"],
        concern=params["going_concern"],
    )
