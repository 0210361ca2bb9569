"""Acquisitions: corporates near in field buy ventures, which go cheaply in distress.

    price = worth x (1 - sale_discount) x [1 - distress_discount, in distress] x luck

A venture is bought by its corporate partner, or by the best of a few corporates that it comes upon, by openness and
field.
What the buyer lacks its owners put in.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, pay_holders
from sim.mechanisms.space.location import openness_of
from sim.mechanisms.ventures import endings, going_concern
from sim.mechanisms.ventures.going_concern import worth
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, look, normal, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Life, Route, Sector


class Params(NamedTuple):
    sale_rate: float
    distress_sale_rate: float
    sale_noise: float
    sale_discount: float
    distress_discount: float
    looks: float
    field_weight: float
    cash_share: float


class Terms(NamedTuple):
    """What the sale of ventures goes by in a quarter."""

    params: Params
    concern: going_concern.Params
    distress_quarters: float  # runway below which a venture is in distress
    openness: np.ndarray  # L.corporate_openness: added to that of corporates, by sector, float64[sectors]
    acquisitions: np.ndarray  # L.acquisitions: factor on the chance of a sale, by sector, float64[sectors]


@kernel
def buyer_of(chance, firm, corporates, terms):
    """Slot of the corporate that would buy a venture, NOBODY where it finds none: its partner, or the best that it
    looks at.
    """
    if firm.partner != NOBODY:
        return firm.partner
    buyer, best = NOBODY, 0.0
    for k in range(int(terms.params.looks)):
        c = look(len(corporates), chance.seed, Decision.BUY, chance.quarter, firm.id, 1 + k)
        fit = openness_of(corporates[c], terms.openness)
        fit += terms.params.field_weight if corporates.sector[c] == firm.sector else 0.0
        if not corporates.pool[c] and fit > best:
            buyer, best = c, fit
    return buyer


@kernel
def _sell(chance, people, firms, capital, ends, books, terms):
    """Corporates near in field buy ventures; distressed ones go cheaply."""
    startups, corporates, params = firms.startups, firms.corporates, terms.params
    payment = Payment(Sector.CORPORATES, Transaction.ACQUISITION, Route.ACQUISITION)
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.queued != NEVER or firm.progress < 1.0 or firm.rounds == 0:
            continue
        distress = firm.cash < terms.distress_quarters * firm.burn
        rate = (params.distress_sale_rate if distress else params.sale_rate) * terms.acquisitions[firm.sector]
        if uniform(chance.seed, Decision.BUY, chance.quarter, firm.id, 0) >= rate:
            continue
        buyer = buyer_of(chance=chance, firm=firm, corporates=corporates, terms=terms)
        if buyer == NOBODY:
            continue
        price = worth(firm.traction, firm, firms.sectors.multiple[firm.sector], terms.concern)
        price *= 1.0 - params.sale_discount
        if distress:
            price *= 1.0 - params.distress_discount
        luck = normal(chance.seed, Decision.PRICE, chance.quarter, firm.id, 1)
        value = np.int64(price * exp(params.sale_noise * luck))
        affordable = np.int64(params.cash_share * corporates.cash[buyer])
        in_cash = min(min(value, corporates.acquisition_budget[buyer]), affordable)
        corporates.cash[buyer] -= in_cash
        books.treasury.world[0] -= value - in_cash  # what the buyer lacks its owners put in
        pay(books.flows, Transaction.ACQUISITION, Sector.WORLD, Sector.CORPORATES, value - in_cash)
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
        staff = endings.pay_common(
            i=i, common=common, payment=payment, startups=startups, people=people, ends=ends, books=books
        )
        endings.join(firm=firm, corporate=buyer, payment=payment, corporates=corporates, books=books)
        endings.end(
            i=i,
            life=Life.ACQUIRED,
            quarter=chance.quarter,
            proceeds=endings.Proceeds(value, value - common, common - staff, staff),
            buyer=buyer,
            startups=startups,
            ends=ends,
        )


def sell_firms(model, ends):
    """Corporates buy ventures."""
    state, params, levers = model.state, model.params, model.levers
    _sell(
        chance=model.chance,
        people=state.people(),
        firms=state.firms(),
        capital=state.capital(),
        ends=ends,
        books=state.books(),
        terms=Terms(
            params=params["acquisitions"],
            concern=params["going_concern"],
            distress_quarters=params["endings"].distress_quarters,
            openness=levers.corporate_openness,
            acquisitions=levers.acquisitions,
        ),
    )
