"""Limited partners commit to funds. Each of wealth W wants an exposure to the city's ventures, beside all else, of

    level x target x W x trend x (expected / required multiple)^return_elasticity x attraction^attraction_elasticity

and commits a part of the gap to what it has (net asset value and unfunded promises) each quarter, more where the
climate is above that trend. What it expects is what it has learned, and what a cover of losses in force would add to
it. It splits this over funds that raise, by logit in reputation, affinity of kind, concession and size. What it
promises lies in its purse, so a capital call never fails.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, gumbel, log
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

TICKET_NUMBERS = 64  # draws of an LP's tickets in a quarter
LEAST_MULTIPLE = 0.01  # that partners expect, where its log is taken
UNIT = 1e9  # yuan in which targets are compared; another one would change no choice


class Climate(NamedTuple):
    """National fund-raising as partners see it, each an index."""

    now: float  # 2019 = 1
    trend: float  # mean of the five years up to the quarter
    foreign_capital: float  # 2019 = 1
    covered: float  # of the money of a fund: losses that a cover in force would pay back
    attraction: float  # of the funds on offer, by standing and concession; 1 without either
    level: float  # nominal level of money


@shared
def wanted_exposure(lp, climate, params):
    """Exposure to the city's ventures that an LP wants, yuan, beside all else that it could hold: a small part of its
    wealth, more where it has learned to expect more and where what is on offer attracts it.
    """
    expected = max(lp.expected + climate.covered, LEAST_MULTIPLE)
    learned = params.return_elasticity * (log(expected) - log(params.required_multiple))
    drawn = params.attraction_elasticity * log(climate.attraction)
    return climate.level * lp.target * lp.wealth * climate.trend * exp(learned + drawn)


def covered(capital, cover):
    """Part of called money that a cover of losses would pay back: the losses of the past with firms that failed, the
    share that is covered of each by its stage and the cap of a firm, and who is registered, `compensation.Cover`.
    """
    if cover.registered <= 0.0 or not cover.share.any():
        return 0.0
    losses, ended = _losses(stakes=capital.holdings[: capital.holdings_count[0]], share=cover.share)
    return min(cover.registered, 1.0) * float(np.minimum(losses, cover.project_cap).sum() / max(ended, 1))


@kernel
def _losses(stakes, share):
    """By startup the part of what funds lost with it that a cover with these shares pays, yuan before caps, as far as
    the last that has failed; and the yuan of all stakes of funds that have ended.
    """
    startups = ended = 0
    for h in range(len(stakes)):
        stake = stakes[h]
        if stake.investor == Investor.FUND and stake.route != Route.HELD:
            ended += stake.amount
            if stake.route == Route.LIQUIDATION:
                startups = max(startups, stake.startup + 1)
    losses = np.zeros(startups)
    for h in range(len(stakes)):
        stake = stakes[h]
        if stake.investor == Investor.FUND and stake.route == Route.LIQUIDATION:
            losses[stake.startup] += share[stake.stage] * max(stake.amount - stake.proceeds, 0)
    return losses, ended


def attraction(funds, gps, params):
    """How the funds on offer attract partners, by the mean over their sizes of what standing and concession are worth
    to them: it does not hang on how many there are.
    """
    if len(funds) == 0:
        return 1.0
    worth = draws.exps(
        params.attraction_of_standing * gps.reputation[funds.gp] + params.concession_weight * funds.concession
    )
    return float((worth * funds.target).sum() / funds.target.sum())


@shared
def affinity(lp_kind, gp_kind, params):
    """How well money and manager go together: 1 where they are of one kind, less where they hardly meet."""
    if lp_kind == LPKind.FOREIGN:
        return params.affinity_foreign[gp_kind]
    if lp_kind == LPKind.STATE:
        return params.affinity_state[gp_kind]
    if lp_kind == LPKind.CORPORATE:
        return params.affinity_corporate[gp_kind]
    return params.affinity_private[gp_kind]


@shared
def _choose(lp, ticket, raising, chance, params, capital):
    """Fund that an LP likes best among those of `raising` that are still open, for its ticket of that number."""
    best, best_value = NOBODY, -np.inf
    for f in raising:
        fund = capital.funds[f]
        if fund.vintage != NEVER or fund.committed >= fund.target:
            continue
        gp = capital.gps[fund.gp]
        luck = gumbel(chance.seed, Decision.COMMIT, chance.quarter, fund.id, lp.id * TICKET_NUMBERS + ticket)
        value = (
            params.reputation_weight * gp.reputation
            + params.affinity * affinity(lp.kind, gp.kind, params)
            + params.concession_weight * fund.concession
            + params.size_weight * log(fund.target / UNIT)
            + params.choice_noise * luck
        )
        if value > best_value:
            best, best_value = f, value
    return best


@kernel
def commit(chance, raising, climate, params, capital, books):
    """LPs split what they want to add over the funds that raise, slots int64[raising]."""
    tickets = np.int64(params.tickets)
    for slot in range(len(capital.lps)):
        lp = capital.lps[slot]
        if lp.kind == LPKind.GUIDANCE:
            continue
        abroad = climate.foreign_capital if lp.kind == LPKind.FOREIGN else 1.0
        gap = max(0.0, abroad * wanted_exposure(lp, climate, params) + lp.brought - lp.nav - lp.unfunded)
        ticket = np.int64(params.allocation_speed * (climate.now / climate.trend) * gap) // tickets
        if ticket < params.smallest_promise:
            continue
        for number in range(tickets):
            f = _choose(lp, number, raising, chance, params, capital)
            if f == NOBODY:
                return
            room = capital.funds.target[f] - capital.funds.committed[f]
            promise(f=f, slot=slot, amount=min(ticket, room), quarter=chance.quarter, capital=capital)
            set_aside(lp, books)


@shared
def set_aside(lp, books):
    """What an LP has promised it takes from its other assets into its purse."""
    short = lp.unfunded - lp.cash
    if short > 0:
        lp.cash += short
        books.treasury.world[0] -= short
        pay(books.flows, Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS, short)


@kernel
def promise(f, slot, amount, quarter, capital):
    """The LP in `slot` promises `amount` yuan to fund f."""
    fund, lp, count = capital.funds[f], capital.lps[slot], capital.commitments_count
    row = capital.commitments[count[0]]
    row.lp, row.fund, row.quarter, row.amount = slot, f, quarter, amount
    row.next = fund.first_commitment
    fund.first_commitment = count[0]
    count[0] += 1
    fund.committed += amount
    lp.unfunded += amount
    count_kind(fund, lp.kind, amount)


@shared
def count_kind(fund, kind, amount):
    """A fund notes from which kind of LP a promise came."""
    if kind == LPKind.PRIVATE:
        fund.private += amount
    elif kind == LPKind.CORPORATE:
        fund.corporate += amount
    elif kind == LPKind.FOREIGN:
        fund.foreign += amount
    elif kind == LPKind.STATE:
        fund.state += amount
    else:
        fund.guidance += amount


@kernel
def take_home(lps, books):
    """Money of LPs beyond their promises goes back to their other assets."""
    for slot in range(len(lps)):
        lp = lps[slot]
        spare = lp.cash - lp.unfunded
        if spare > 0 and lp.kind != LPKind.GUIDANCE:
            lp.cash -= spare
            books.treasury.world[0] += spare
            pay(books.flows, Transaction.LP_ALLOCATION, Sector.LPS, Sector.WORLD, spare)
