"""The guidance fund is a partner of private funds, on its terms.

It joins funds that have begun well, each with the chance of its room over all that it is asked for, and then in full:
up to its cap. Private firms of high standing take its money less often (Colonnelli, Li and Liu 2024). Its local duty
binds firms from outside alone, which would have invested elsewhere: a multiple of the guidance money comes home, from
what the fund's other partners hold elsewhere. That is on top of what they want to hold here; local firms meet the duty
by what they do anyway.
"""

import numpy as np

from sim.mechanisms.capital.commitments import count_kind, promise, set_aside
from sim.world import draws
from sim.world.accounts import Transaction, recover, spend
from sim.world.draws import Decision
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, GPKind, LPKind, Sector

LARGEST_CAP = 0.95  # of a fund: caps of several policies add up, and others have to be in it too


@kernel
def _bring_home(f, amount, capital, books):
    """The partners of fund f but the guidance fund raise their promises pro rata by `amount` yuan, from what they hold
    elsewhere, and the target rises with them.
    """
    fund, brought = capital.funds[f], 0
    others = fund.committed - fund.guidance
    row = fund.first_commitment
    while row != NOBODY:
        promised = capital.commitments[row]
        lp = capital.lps[promised.lp]
        if lp.kind != LPKind.GUIDANCE:
            more = np.int64(amount * (promised.amount / others))
            promised.amount += more
            promised.brought += more
            lp.unfunded += more
            lp.brought += more
            brought += more
            count_kind(fund, lp.kind, more)
            set_aside(lp, books)
        row = promised.next
    fund.committed += brought
    fund.target += brought


def guide(state, levers, params, chance):
    """The guidance fund joins funds that raise: each with the chance of its room over all that it is asked for, more
    where it is tilted to, and then in full, as far as its purse goes.
    """
    payer = levers.payer["guidance_pace"]
    if payer == NOBODY:
        return
    willing, weight = _willing(state, levers.guidance_tilt, params, chance.seed)
    state.commitments.reserve(len(willing))
    capital, books = state.capital(), state.books()
    cap = min(levers.guidance_cap, LARGEST_CAP)
    asked = cap / (1.0 - cap) * capital.funds.committed[willing]
    room = levers.guidance_pace * capital.purses.cash[payer]
    reach = room / max((weight * asked).sum(), 1.0)
    luck = draws.uniforms(chance.seed, Decision.GUIDE, chance.quarter, capital.funds.id[willing])
    for k in np.flatnonzero(luck < reach * weight):
        f = willing[k]
        fund = capital.funds[f]
        amount = min(int(asked[k]), int(capital.purses.cash[payer]))
        if amount < params.smallest_guidance:
            continue
        promise(f=f, slot=state.guidance_lp, amount=amount, quarter=chance.quarter, capital=capital)
        fund.concession = levers.guidance_concession
        fund.duty = levers.guidance_duty
        fund.target += amount
        if not capital.gps.local[fund.gp]:
            _bring_home(f=f, amount=int(fund.duty * amount), capital=capital, books=books)
        capital.lps.cash[state.guidance_lp] += spend(
            state, payer, amount, Transaction.GUIDANCE, payee=Sector.LPS, takers=1
        )


def _willing(state, tilt, params, seed):
    """Funds that raise, have begun well and take public money: slots, and how the guidance fund is tilted to each."""
    funds, gps = state.funds.used, state.gps.used
    raising = np.flatnonzero(
        (funds.vintage == NEVER)
        & (funds.ended == NEVER)
        & (funds.guidance == 0)
        & (funds.committed >= params.guidance_begun * funds.target)
    )
    fund, gp = funds[raising], gps[funds.gp[raising]]
    dislike = np.where(gp.kind == GPKind.STATE, 0.0, params.guidance_dislike * np.maximum(0.0, gp.reputation))
    accepts = draws.uniforms(seed, Decision.RAISE, 0, fund.id) < 1.0 / (
        1.0 + draws.exps(dislike - params.guidance_acceptance)
    )
    weight = np.maximum(np.maximum(tilt[gp.focus_1], tilt[gp.focus_2]), tilt[gp.focus_3])
    takes = accepts & (gp.kind != GPKind.PRIVATE_DOLLAR)
    return raising[takes], weight[takes]


def return_guidance(state, payer):
    """What funds paid back to the guidance fund returns to its purse."""
    lp = state.lps.rows[state.guidance_lp]
    spare = int(lp.cash - lp.unfunded)
    if spare > 0 and payer != NOBODY:
        lp.cash -= spare
        recover(state, payer, spare, Transaction.GUIDANCE, Sector.LPS)
