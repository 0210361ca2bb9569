"""Failure compensation: registered funds claim a part of what they lost with a firm that failed.

    paid = cover_stage x loss,   within the caps of the firm and of the investor's year, the purse, and the loss itself

A share of claims overstates the loss; audits find those and pay nothing.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes.selection import record
from sim.world.accounts import Transaction, spend
from sim.world.draws import Decision, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NOBODY, Answer, Investor, Route, Sector

AUDITS = 1000  # added to the quarter, so that the luck of an audit is not that of the claim which it looks at


class Params(NamedTuple):
    gaming: float
    overstatement: float


class Cover(NamedTuple):
    """What the failure compensation fund covers of the losses of registered venture firms."""

    share: np.ndarray  # of the loss, by stage of the round, float64[stages]
    project_cap: float  # yuan, for one startup
    registered: float  # share of venture firms that are registered


def foreseen(model):
    """The Cover that those who invest now reckon with: losses are claimed years after the deal."""
    levers = model.foreseen
    return Cover(share=levers.loss_cover, project_cap=levers.loss_project_cap, registered=levers.loss_registered)


@shared
def insured(gp, cover):
    """Whether losses of a venture firm are covered; the government's own fund does not register with itself."""
    return gp.registered < cover.registered and gp.patient == NOBODY


@shared
def cover_of(gp, stage, amount, cover):
    """Share that is covered of the loss of `amount` yuan of a round, for the venture firm that leads it."""
    return min(cover.share[stage], cover.project_cap / amount) if insured(gp, cover) else 0.0


def owed(model, stake, gp, loss):
    """What the rule owes the investor `gp` for a `loss` with a stake, yuan before caps.

    Some claims overstate the loss; an audit finds them and pays nothing. Nobody gets more than was lost.
    """
    params, levers, audit = model.params["compensation"], model.levers, int(Decision.AUDIT)  # numba looks long at enums
    investor, startup = int(gp["id"]), stake["startup_id"]
    games = uniform(model.seed, audit, model.quarter, startup, investor) < params.gaming
    audited = uniform(model.seed, audit, model.quarter + AUDITS, startup, investor) < levers.loss_audit
    if games and audited:
        return 0
    claimed = loss * (1.0 + params.overstatement) if games else float(loss)
    return min(int(levers.loss_cover[stake["stage"]] * claimed), loss)


@kernel
def _lost(quarter, capital, cover):
    """Rows of the stakes of which a part of the loss of this quarter is covered, int64[n]."""
    rows, n = np.empty(capital.holdings_count[0], np.int64), 0
    for h in range(capital.holdings_count[0]):
        stake = capital.holdings[h]
        failed = stake.ended == quarter and stake.route == Route.LIQUIDATION and stake.amount > stake.proceeds
        if not failed or stake.investor != Investor.FUND or stake.holder == NOBODY:
            continue
        if cover.share[stake.stage] > 0.0 and insured(capital.gps[capital.funds.gp[stake.holder]], cover):
            rows[n] = h
            n += 1
    return rows[:n]


def claim(model):
    """Investors of firms that failed this quarter claim a part of their loss; caps and the purse ration it."""
    state, levers, quarter = model.state, model.levers, model.quarter
    if quarter % 4 == 0:
        state.gps.used.compensated[:] = 0  # caps of investors are by year
    payer, holdings = levers.payer["loss_cover"], state.holdings.used
    terms = Cover(share=levers.loss_cover, project_cap=levers.loss_project_cap, registered=levers.loss_registered)
    if payer == NOBODY or terms.share.max() <= 0.0:
        return
    for_startup = defaultdict(int)  # paid this quarter
    claims, amounts = [], []
    for h in _lost(quarter=quarter, capital=state.capital(), cover=terms):
        stake = state.holdings.row(h)
        fund = state.funds.row(stake["holder"])
        gp, startup, loss = state.gps.row(fund["gp"]), int(stake["startup"]), int(stake["amount"] - stake["proceeds"])
        room = min(terms.project_cap - for_startup[startup], levers.loss_investor_cap - gp["compensated"])
        wanted = max(0, int(min(owed(model, stake, gp, loss), room)))
        paid = spend(state, payer, wanted, Transaction.COMPENSATION, payee=Sector.FUNDS)
        state.purses.rows.take_up[payer] += paid > 0
        for_startup[startup] += paid
        for row, column in ((fund, "cash"), (gp, "compensated"), (stake, "compensated")):
            row[column] += paid
        claims.append(h)
        amounts.append(paid)
    if claims:
        rows = holdings[claims]
        record(
            model,
            len(rows),
            policy=payer,
            decided=quarter,
            startup=rows.startup,
            applicant_id=rows.holder_id,
            score=(rows.amount - rows.proceeds).astype(float),
            cutoff=0.0,
            worst_admitted=np.nan,
            best_refused=np.nan,
            admitted=np.array(amounts) > 0,
            answer=np.where(np.array(amounts) > 0, Answer.ADMITTED, Answer.PLACES),
            amount=np.array(amounts),
        )
