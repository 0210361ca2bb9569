"""Acquisitions: corporates buy ventures out of a yearly budget, for what these are worth to them.

    bid = worth x e^(synergy + field [same sector] + place [same district] + noise z) + cash
    ask = what the owners would rather have than sell:  running_ask x worth,
          or fund_end_ask x min(worth, last price) where an investor's fund ends soon, distress_ask x worth in distress
    price = half way between them, where the bid is above the ask and the budget is enough

A venture is offered now and then, more often where a fund ends or money runs out, to its corporate partner or to a few
corporates that it comes upon. In distress it is worth what it can show: its people and its sales, and not what it might
become. The buyer pays at most a part of its cash; its owners put in the rest.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, pay_holders
from sim.mechanisms.space.location import openness_of
from sim.mechanisms.ventures import endings, going_concern
from sim.mechanisms.ventures.going_concern import worth
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, look, normal, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector

MEAN_OPENNESS = 0.5  # added to the openness of a corporate, so that a mean one bids what a venture is worth to it


class Params(NamedTuple):
    sale_rate: float
    fund_end_rate: float
    distress_sale_rate: float
    synergy: float
    field: float
    place: float
    noise: float
    running_ask: float
    fund_end_ask: float
    distress_ask: float
    fund_end_quarters: float
    worth_of_a_head: float
    budget_of_a_head: float
    budget_years: float
    looks: float
    cash_share: float


class Terms(NamedTuple):
    """What the sale of ventures goes by in a quarter."""

    params: Params
    concern: going_concern.Params
    distress_quarters: float  # runway below which a venture is in distress
    openness: np.ndarray  # L.corporate_openness: added to that of corporates, by sector, float64[sectors]
    acquisitions: np.ndarray  # L.acquisitions: factor on the chance of a sale, by sector, float64[sectors]
    level: float  # nominal level of money


@kernel
def _grant_budgets(corporates, level, params):
    """Corporates set aside money for ventures, a part of the profit of their people, and keep that of some years."""
    for c in range(len(corporates)):
        if not corporates.pool[c]:
            yearly = level * params.budget_of_a_head * corporates.headcount[c]
            budget = corporates.acquisition_budget[c] + yearly / 4.0
            corporates.acquisition_budget[c] = np.int64(min(budget, params.budget_years * yearly))


@kernel
def best_bid(chance, firm, value, asked, corporates, terms):
    """(slot of the corporate that would pay most for a venture worth `value` and can afford the price, its bid without
    the cash); NOBODY and 0 where it finds none.
    """
    params, buyer, best = terms.params, NOBODY, 0.0
    for k in range(int(params.looks)):
        c = look(len(corporates), chance.seed, Decision.BUY, chance.quarter, firm.id, 1 + k)
        if k == 0 and firm.partner != NOBODY:
            c = firm.partner
        if corporates.pool[c]:
            continue
        motive = params.synergy + params.noise * normal(chance.seed, Decision.PRICE, chance.quarter, firm.id, 1 + k)
        motive += params.field if corporates.sector[c] == firm.sector else 0.0
        motive += params.place if corporates.district[c] == firm.district else 0.0
        motive += log(MEAN_OPENNESS + openness_of(corporates[c], terms.openness))
        bid = value * exp(motive)
        if bid > best and (bid + asked) / 2.0 <= corporates.acquisition_budget[c]:
            buyer, best = c, bid
    return buyer, best


@kernel
def ends_soon(firm, capital, quarter, params):
    """Whether the fund of an investor in a venture ends soon."""
    row = firm.first_holding
    while row != NOBODY:
        stake = capital.holdings[row]
        if stake.route == Route.HELD and stake.investor == Investor.FUND and stake.holder != NOBODY:
            fund = capital.funds[stake.holder]
            if quarter >= fund.vintage + fund.life - params.fund_end_quarters:
                return True
        row = stake.next
    return False


@kernel
def shown(firm, level, params):
    """What a venture in distress can show, yuan: its people and a year of its sales."""
    return level * params.worth_of_a_head * firm.headcount + 4.0 * firm.revenue


@kernel
def _sell(chance, people, firms, capital, ends, books, terms):
    """Ventures are offered, and sold where a corporate bids more than is asked."""
    startups, corporates, params = firms.startups, firms.corporates, terms.params
    payment = Payment(Sector.CORPORATES, Transaction.ACQUISITION, Route.ACQUISITION)
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.queued != NEVER or firm.progress < 1.0 or firm.rounds == 0:
            continue
        distress = firm.cash < terms.distress_quarters * firm.burn
        rate, ask = params.sale_rate, params.running_ask
        value = worth(firm.traction, firm, firms.sectors.multiple[firm.sector], terms.concern)
        if distress:
            rate, ask = params.distress_sale_rate, params.distress_ask
            value = min(value, shown(firm, terms.level, params))
        elif ends_soon(firm, capital, chance.quarter, params):
            rate, ask = params.fund_end_rate, params.fund_end_ask
            value = min(value, 1.0 * firm.post_money)
        rate *= terms.acquisitions[firm.sector]
        if uniform(chance.seed, Decision.BUY, chance.quarter, firm.id, 0) >= rate:
            continue
        asked = ask * value
        buyer, bid = best_bid(chance=chance, firm=firm, value=value, asked=asked, corporates=corporates, terms=terms)
        price = np.int64((bid + asked) / 2.0)
        if buyer == NOBODY or bid < asked or price <= 0:
            continue
        paid = price + firm.cash  # its cash comes with it
        in_cash = min(paid, np.int64(params.cash_share * corporates.cash[buyer]))
        corporates.cash[buyer] -= in_cash
        corporates.acquisition_budget[buyer] -= price
        books.treasury.world[0] -= paid - in_cash  # what the buyer lacks its owners put in
        pay(books.flows, Transaction.ACQUISITION, Sector.WORLD, Sector.CORPORATES, paid - in_cash)
        common = pay_holders(
            i=i,
            value=paid,
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
            proceeds=endings.Proceeds(paid, paid - common, common - staff, staff),
            buyer=buyer,
            startups=startups,
            ends=ends,
        )


def sell_firms(model, ends):
    """Corporates buy ventures."""
    state, params, levers = model.state, model.params, model.levers
    level = params["nominal"].level
    _grant_budgets(corporates=state.corporates.used, level=level, params=params["acquisitions"])
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
            level=level,
        ),
    )
