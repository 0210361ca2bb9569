"""Buy-backs: after some years investors ask their money back with interest, the market norm in China.

The date is that of each investment and not of the firm's last round. A firm pays what it can and still go on, if
that is enough for its investors; one that cannot go on may be wound up, with a debt left to the founder. Who was asked
is not asked again for some time, and nobody asks a firm that waits to list.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, credit
from sim.mechanisms.programmes import compensation, moral_hazard
from sim.mechanisms.ventures import endings
from sim.world.accounts import Transaction
from sim.world.draws import Decision, exp, log, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector


class Params(NamedTuple):
    redemption_quarters: float
    redemption_rate: float
    redemption_return: float
    redemption_closure: float
    settlement: float
    reserve_quarters: float
    rest_quarters: float
    founder_liability: float
    liability_cap: float


class Terms(NamedTuple):
    """What asking for the money back goes by."""

    params: Params
    debt_share: float  # yearly wages, the largest debt that any other failure leaves
    failure: endings.FailureTerms
    cover: compensation.Cover


@shared
def _due(stake, quarter, params):
    """Whether an investor may ask back what it paid for a stake."""
    held = stake.route == Route.HELD and stake.investor != Investor.ANGEL
    return held and quarter >= stake.quarter + params.redemption_quarters


@shared
def _owed(stake, quarter, params):
    """What was paid for a stake, with interest, yuan."""
    return stake.amount * exp((quarter - stake.quarter) / 4.0 * log(1.0 + params.redemption_return))


@shared
def _owed_by(firm, holdings, quarter, params):
    """What investors of a firm may ask back, yuan."""
    owed, row = 0.0, firm.first_holding
    while row != NOBODY:
        if _due(holdings[row], quarter, params):
            owed += _owed(holdings[row], quarter, params)
        row = holdings.next[row]
    return owed


@kernel
def _redeem(chance, people, firms, capital, ends, books, terms):
    """Investors ask their money back; a firm pays, or talks on, or is wound up. Returns how many were asked."""
    seed, quarter, params = chance.seed, chance.quarter, terms.params
    startups, holdings = firms.startups, capital.holdings
    payment = Payment(Sector.STARTUPS, Transaction.BUYBACK, Route.BUYBACK)
    asked = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.rounds == 0 or firm.queued != NEVER:
            continue
        if firm.redeemed != NEVER and quarter < firm.redeemed + params.rest_quarters:
            continue
        if uniform(seed, Decision.REDEEM, quarter, firm.id, 0) >= params.redemption_rate:
            continue
        owed = _owed_by(firm, holdings, quarter, params)
        if owed == 0.0:
            continue
        asked += 1
        reserve = params.reserve_quarters * firm.burn
        part = min(1.0, (firm.cash - reserve) / owed)
        row = firm.first_holding
        while row != NOBODY and part >= params.settlement:
            h = holdings[row]
            if _due(h, quarter, params):
                paid = np.int64(part * _owed(h, quarter, params))
                firm.cash -= paid
                firm.shares -= h.shares
                credit(
                    row=row,
                    amount=paid,
                    payment=payment,
                    quarter=quarter,
                    capital=capital,
                    people=people,
                    books=books,
                )
            row = h.next
        firm.redeemed = quarter
        cover = moral_hazard.covered(firm, capital, terms.cover)
        closure = params.redemption_closure * moral_hazard.hurried(cover, terms.failure.hazard)
        if uniform(seed, Decision.REDEEM, quarter, firm.id, 1) < closure and firm.cash < reserve:
            wage = endings.outside_wage(firm, firms.sectors, people)
            owed_years = min(params.founder_liability * firm.raised / wage, params.liability_cap * terms.debt_share)
            endings.leave_claims(firm=firm, owed=owed_years, wage=wage, people=people, terms=terms.failure)
            endings.wind_up(
                i=i,
                life=Life.FAILED,
                quarter=quarter,
                people=people,
                firms=firms,
                capital=capital,
                ends=ends,
                books=books,
            )
    return asked


def redeem(model, ends):
    """Investors whose date has come ask their money back."""
    state, levers, params = model.state, model.levers, model.params
    state.tally.rows.redemptions[0] = _redeem(
        chance=model.chance,
        people=state.people(),
        firms=state.firms(),
        capital=state.capital(),
        ends=ends,
        books=state.books(),
        terms=Terms(
            params=params["redemption"],
            debt_share=params["endings"].debt_share,
            failure=endings.failure_terms(model),
            cover=compensation.Cover(
                share=levers.loss_cover, project_cap=levers.loss_project_cap, registered=levers.loss_registered
            ),
        ),
    )
