"""Rounds close: price, lead, insiders, syndicate, money, cap table.

The price is the second-best bid or a margin below the best. The lead takes the round alone or a part of it; insiders
take their pro rata from reserves, other bidders join. Terms: ordinary preference 1x non-participating, an option pool
in the seed round. Effort of the lead has two tasks, to raise what is gained and to limit what is lost:

    e = (1 - w) u + w u (1 - cover),   u = gain / (gain + cost),   gain = 1 - cover x I / V

so that cover of losses takes the reason for the second away.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.bids import dry_powder, next_stage, prospect
from sim.mechanisms.programmes.compensation import cover_of
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, power, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

MOST_IN_ROUND = 9  # funds that can share a round, the lead among them: room, more than ever join


class Round(NamedTuple):
    """A round that is being closed."""

    startup: int  # slot
    stage: int  # that it brings the startup to
    post: float  # yuan, post-money value
    amount: int  # yuan, that it is to raise
    lead: int  # slot of the venture firm that leads it


class Syndicate(NamedTuple):
    """Funds that pledge money for a round, the lead first."""

    funds: np.ndarray  # slots, int64[MOST_IN_ROUND]
    parts: np.ndarray  # yuan that each pledges, int64[MOST_IN_ROUND]
    size: np.ndarray  # how many they are, int64[1]


# ---------------------------------------------------------------- equations


@shared
def effort_of(cover, amount, value, params):
    """Monitoring effort of a lead, 0 to 1; it falls with the cover of losses."""
    gain = max(1.0 - cover * amount / value, 0.0)
    if gain <= 0.0:
        return 0.0
    return gain / (gain + params.effort_cost) * (1.0 - params.effort_on_losses * cover)


@shared
def post_money(rivals, best, margin):
    """Post-money value of a round, yuan: the best of the `rivals` bids, or a margin below the best of all."""
    second = 0.0
    for k in range(len(rivals)):
        if rivals[k] <= best:
            second = max(second, rivals[k])
    return max(second, (1.0 - margin) * best)


@shared
def round_size(need, post, stage, cheque, params):
    """Money of a round, yuan: between what the startup asks for and what its lead would place.

    A lead wants the customary share of the company, but not for much more or less than a fund of its size
    puts into one: with the cheque's weight, rounds follow the money of funds.
    """
    placed = power(params.ownership[stage] * post, 1.0 - params.cheque_weight) * power(
        cheque / params.lead_share, params.cheque_weight
    )
    return min(
        power(1.0 * need, 1.0 - params.ownership_weight) * power(placed, params.ownership_weight),
        params.largest_dilution * post,
    )


# ---------------------------------------------------------------- money


@shared
def call_capital(f, amount, capital, books):
    """Fund f calls `amount` yuan from its partners by what they promised; the first takes the rounding.

    Returns what came: no partner pays more than it promised.
    """
    fund, commitments = capital.funds[f], capital.commitments
    first, left = fund.first_commitment, amount
    row = first
    while row != NOBODY:
        promise = commitments[row]
        if row != first:
            part = min(np.int64(amount * (promise.amount / fund.committed)), promise.amount - promise.called)
            _draw(promise, capital.lps[promise.lp], fund, part)
            left -= part
        row = promise.next
    row = first
    while row != NOBODY and left > 0:
        promise = commitments[row]
        part = min(left, promise.amount - promise.called)
        _draw(promise, capital.lps[promise.lp], fund, part)
        left -= part
        row = promise.next
    fund.cash += amount - left
    fund.called += amount - left
    fund.preferred += amount - left
    pay(books.flows, Transaction.CAPITAL_CALL, Sector.LPS, Sector.FUNDS, amount - left)
    return amount - left


@shared
def _draw(promise, lp, fund, part):
    """An LP pays `part` yuan of what it promised a fund."""
    promise.called += part
    lp.cash -= part
    lp.unfunded -= part
    lp.called += part
    if lp.kind == LPKind.GUIDANCE:
        fund.guidance_called += part


@shared
def _call_purse(fund, purse, amount, books):
    """The government's own fund draws up to `amount` yuan from its purse."""
    part = min(amount, purse.cash)
    purse.cash -= part
    purse.spent += part
    fund.cash += part
    fund.called += part
    pay(books.flows, Transaction.CAPITAL_CALL, Sector.GOVERNMENT, Sector.FUNDS, part)


@shared
def add_stake(i, stage, quarter, amount, firms, capital):
    """A stake of `amount` yuan enters the cap table of startup i; returns its row, in which the caller notes the
    holder. Shares come with `issue`.
    """
    firm, row = firms.startups[i], capital.holdings_count[0]
    capital.holdings_count[0] += 1
    stake = capital.holdings[row]
    stake.startup, stake.startup_id, stake.place, stake.stage, stake.quarter = i, firm.id, firm.rounds, stage, quarter
    stake.amount, stake.asked, stake.sought = amount, firm.need, firm.seeking
    stake.next = firm.first_holding
    firm.first_holding = row
    return row


@shared
def _has_stake(firm, gp, capital):
    """Whether a venture firm holds a stake in a startup, also from an earlier fund."""
    row = firm.first_holding
    while row != NOBODY:
        stake = capital.holdings[row]
        of_a_fund = stake.investor != Investor.ANGEL and stake.holder != NOBODY and stake.route == Route.HELD
        if of_a_fund and capital.funds.gp[stake.holder] == gp and stake.amount > 0:
            return True
        row = stake.next
    return False


@shared
def _ticket(fund, wanted, quarter, params):
    """What a fund puts into one company now, yuan: what is wanted, at most a share of the fund and its dry powder."""
    largest = np.int64(params.largest_ticket * fund.committed)
    return max(0, min(wanted, min(largest, dry_powder(fund, quarter, params))))


@shared
def _invest(f, amount, leads, deal, quarter, firms, capital, books):
    """Fund f pays `amount` yuan into a round, or what it can get from its partners."""
    firm, fund, gps = firms.startups[deal.startup], capital.funds[f], capital.gps
    patient = gps.patient[fund.gp]
    short = amount - fund.cash
    if short > 0:
        if patient != NOBODY:
            _call_purse(fund, capital.purses[patient], short, books)
        else:
            call_capital(f, short, capital, books)
    amount = min(amount, fund.cash)
    if amount <= 0:
        return
    fund.cash -= amount
    fund.invested += amount
    new = not _has_stake(firm, fund.gp, capital)
    if new:
        fund.new_invested += amount
        gps.deals[fund.gp] += 1
        gps.time[fund.gp] -= 1.0
        gps.account[fund.gp] -= amount
    firm.cash += amount
    firm.raised += amount
    pay(books.flows, Transaction.EQUITY, Sector.FUNDS, Sector.STARTUPS, amount)
    row = add_stake(i=deal.startup, stage=deal.stage, quarter=quarter, amount=amount, firms=firms, capital=capital)
    stake = capital.holdings[row]
    stake.investor = Investor.PATIENT if patient != NOBODY else Investor.FUND
    stake.holder, stake.holder_id, stake.lead, stake.first = f, fund.id, leads, new
    stake.post_money, stake.guided = np.int64(deal.post), fund.guidance > 0


@shared
def issue(firm, stakes, raised, post, params):
    """Startups create shares for the new `stakes`: an option pool before the first round, then all at one price."""
    if firm.pool_shares == 0:
        firm.pool_shares = np.int64(firm.shares * params.pool_share / (1.0 - params.pool_share))
        firm.shares += firm.pool_shares
    price = (post - raised) / firm.shares  # pre-money value a share
    for k in range(len(stakes)):
        shares = max(1, np.int64(stakes.amount[k] / price))
        stakes.shares[k] = shares
        firm.shares += shares


@shared
def close_round(firm, stage, post, effort, chance):
    """A startup that has its money plans how to spend it."""
    firm.rounds += 1
    firm.stage = stage
    firm.last_round = chance.quarter
    firm.post_money = np.int64(post)
    firm.seeking = NEVER
    firm.need = 0
    firm.burn = np.int64(firm.cash / firm.planned)
    firm.plan_until = chance.quarter + np.int64(firm.planned)
    firm.effort = effort


# ---------------------------------------------------------------- the syndicate


@shared
def _pledge(syndicate, f, part):
    """Fund f joins a syndicate with `part` yuan."""
    n = syndicate.size[0]
    syndicate.funds[n], syndicate.parts[n] = f, part
    syndicate.size[0] += 1


@shared
def _is_in(syndicate, f):
    """Whether fund f is in a syndicate already."""
    for j in range(syndicate.size[0]):
        if syndicate.funds[j] == f:
            return True
    return False


@shared
def _joins(gp_id, firm, chance, params):
    """Whether a venture firm that could join a round does."""
    return uniform(chance.seed, Decision.SYNDICATE, chance.quarter, firm.id, 1 + gp_id) < params.join_chance


@shared
def _shares_of(f, firm, capital):
    """Shares of a startup that fund f holds."""
    shares, row = 0, firm.first_holding
    while row != NOBODY:
        stake = capital.holdings[row]
        if stake.investor != Investor.ANGEL and stake.holder == f and stake.route == Route.HELD:
            shares += stake.shares
        row = stake.next
    return shares


@shared
def _ask_insiders(deal, firm, syndicate, chance, params, capital):
    """Funds that hold stakes take their pro rata of a round, or some times of it, out of their reserves."""
    row = firm.first_holding
    while row != NOBODY and syndicate.size[0] < MOST_IN_ROUND:
        stake = capital.holdings[row]
        row = stake.next
        if stake.investor == Investor.ANGEL or stake.holder == NOBODY or stake.route != Route.HELD:
            continue
        fund = capital.funds[stake.holder]
        late = chance.quarter >= fund.vintage + fund.life - params.last_follow_on_quarters
        if fund.gp == deal.lead or late or _is_in(syndicate, stake.holder):
            continue
        if not _joins(capital.gps.id[fund.gp], firm, chance, params):
            continue
        held = _shares_of(stake.holder, firm, capital) / firm.shares
        pro_rata = np.int64(params.pro_rata_times * deal.amount * held)
        part = _ticket(fund, min(pro_rata, deal.amount - syndicate.parts.sum()), chance.quarter, params)
        if part >= params.smallest_follow_on:
            _pledge(syndicate, stake.holder, part)


@shared
def _ask_bidders(deal, firm, syndicate, rivals, offers, chance, params, capital):
    """Venture firms that have bid nearly the price take a part of what the lead leaves; `rivals` are their offers."""
    part_left = np.int64(params.syndicate_share * (deal.amount - syndicate.parts[0])) + 1
    for offer in rivals:
        pledged = syndicate.parts.sum()
        if syndicate.size[0] >= MOST_IN_ROUND or pledged >= deal.amount:
            return
        gp = capital.gps[offers.gp[offer]]
        if offers.post[offer] < params.syndicate_price * deal.post or gp.fund == NOBODY or _is_in(syndicate, gp.fund):
            continue
        if not _joins(gp.id, firm, chance, params):
            continue
        part = _ticket(capital.funds[gp.fund], min(part_left, deal.amount - pledged), chance.quarter, params)
        if part >= params.smallest_ticket:
            _pledge(syndicate, gp.fund, part)


@shared
def _syndicate(deal, firm, rivals, offers, chance, params, capital):
    """The lead takes a round alone or asks others, and adds what they leave as far as it can; returns the Syndicate."""
    f = capital.gps.fund[deal.lead]
    syndicate = Syndicate(
        funds=np.full(MOST_IN_ROUND, NOBODY),
        parts=np.zeros(MOST_IN_ROUND, np.int64),
        size=np.zeros(1, np.int64),
    )
    solo = uniform(chance.seed, Decision.SYNDICATE, chance.quarter, firm.id, 0) < params.solo_share
    wanted = deal.amount if solo else np.int64(params.lead_share * deal.amount)
    _pledge(syndicate, f, _ticket(capital.funds[f], wanted, chance.quarter, params))
    if syndicate.parts[0] < deal.amount:
        _ask_insiders(deal, firm, syndicate, chance, params, capital)
        _ask_bidders(deal, firm, syndicate, rivals, offers, chance, params, capital)
        rest = deal.amount - syndicate.parts[1:].sum()
        if rest > syndicate.parts[0]:
            syndicate.parts[0] = max(syndicate.parts[0], _ticket(capital.funds[f], rest, chance.quarter, params))
    return syndicate


# ---------------------------------------------------------------- the rounds of a quarter


@shared
def _by_seeker(offers):
    """Offers in the order of seekers, those of one from the last on, and where those of each seeker begin."""
    order, first = np.empty(len(offers.seeker), np.int64), np.zeros(len(offers.seekers) + 1, np.int64)
    for offer in range(len(offers.seeker)):
        first[offers.seeker[offer] + 1] += 1
    for k in range(len(offers.seekers)):
        first[k + 1] += first[k]
    free = first[1:].copy()
    for offer in range(len(offers.seeker)):
        k = offers.seeker[offer]
        free[k] -= 1
        order[free[k]] = offer
    return order, first


@shared
def _deal(k, offer, rivals, offers, params, firms, capital):
    """The round that the accepted offer leads to: its price and its size."""
    i, lead = offers.seekers[k], offers.gp[offer]
    firm = firms.startups[i]
    stage, post = next_stage(firm.stage), post_money(offers.post[rivals], offers.post[offer], params.margin)
    cheque = max(capital.funds.cheque[capital.gps.fund[lead]], 1)
    amount = np.int64(round_size(need=firm.need, post=post, stage=stage, cheque=cheque, params=params))
    return Round(startup=i, stage=stage, post=post, amount=amount, lead=lead)


@shared
def _settle(deal, stakes, cover, chance, params, firms, capital):
    """The round closes: shares for the new stakes, and the lead's effort from now on."""
    firm, raised = firms.startups[deal.startup], stakes.amount.sum()
    if raised <= 0:
        return
    issue(firm, stakes, raised, deal.post, params)
    covered = cover_of(capital.gps[deal.lead], deal.stage, raised, cover)
    value = max(prospect(firm, firms.sectors.multiple[firm.sector], deal.stage, params), 1.0 * raised)
    effort = effort_of(cover=covered, amount=raised, value=value, params=params)
    close_round(firm=firm, stage=deal.stage, post=deal.post, effort=effort, chance=chance)


@kernel
def close_deals(chance, offers, accepted, cover, params, firms, capital, books):
    """Accepted term sheets become rounds: price, syndicate, money, shares.

    `accepted` has the offer of each seeker, or NOBODY. A round of which too small a part is pledged does not happen.
    """
    order, first = _by_seeker(offers)
    for k in range(len(accepted)):
        if accepted[k] == NOBODY:
            continue
        rivals = order[first[k] : first[k + 1]]
        rivals = rivals[rivals != accepted[k]]
        deal = _deal(k, accepted[k], rivals, offers, params, firms, capital)
        syndicate = _syndicate(deal, firms.startups[deal.startup], rivals, offers, chance, params, capital)
        if syndicate.parts.sum() < params.smallest_fill * deal.amount or syndicate.parts[0] <= 0:
            continue
        row = capital.holdings_count[0]
        for j in range(syndicate.size[0]):
            _invest(
                f=syndicate.funds[j],
                amount=syndicate.parts[j],
                leads=j == 0,
                deal=deal,
                quarter=chance.quarter,
                firms=firms,
                capital=capital,
                books=books,
            )
        stakes = capital.holdings[row : capital.holdings_count[0]]
        _settle(deal, stakes, cover, chance, params, firms, capital)
