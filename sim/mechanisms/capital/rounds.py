"""Rounds close: price, lead, insiders, syndicate, money, shares.

The price is the second-best bid or a margin below the best. The lead takes the round alone or a part of
it; insiders take their pro rata from reserves, other bidders join. Terms: ordinary preference 1x
non-participating, an option pool in the seed round. Effort of the lead: e = gain / (gain + cost) with
gain = 1 - c I / V: cover of losses lowers it, and with fat tails only a little.
"""

import numpy as np

from sim.mechanisms.capital.bids import dry_powder, next_stage, prospect
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, normal, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

OFFERS = 8  # others who can share a round


@kernel
def effort_of(cover, amount, value, cost):
    """Monitoring effort of a lead, 0 to 1:

    falls with the cover of losses, little where value is far above the stake.
    """
    gain = max(1.0 - cover * amount / value, 0.0)
    return gain / (gain + cost)


@kernel
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


@kernel
def _draw(promise, lp, fund, part):
    promise.called += part
    lp.cash -= part
    lp.unfunded -= part
    lp.called += part
    if lp.kind == LPKind.GUIDANCE:
        fund.guidance_called += part


@kernel
def _call_purse(fund, purse, amount, flows):
    """The government's own fund draws on its purse."""
    part = min(amount, purse.cash)
    purse.cash -= part
    purse.spent += part
    fund.cash += part
    fund.called += part
    pay(flows, Transaction.CAPITAL_CALL, Sector.GOVERNMENT, Sector.FUNDS, part)


@kernel
def write_holding(
    holdings, count, i, firm, stage, quarter, kind, holder, holder_id, lead, first, amount, shares, post, guided
):
    row = holdings[count]
    row.startup, row.startup_id, row.place, row.stage, row.quarter = i, firm.id, firm.rounds, stage, quarter
    row.investor, row.holder, row.holder_id, row.lead, row.first = kind, holder, holder_id, lead, first
    row.amount, row.shares, row.post_money, row.proceeds, row.compensated = amount, shares, post, 0, 0
    row.route, row.ended, row.guided = Route.HELD, NEVER, guided
    row.next = firm.first_holding
    firm.first_holding = count
    return count + 1


@kernel
def _holds(firm, holdings, gp, funds):
    """Money that a venture firm already has in a startup."""
    total = 0
    row = firm.first_holding
    while row != NOBODY:
        h = holdings[row]
        if h.investor != Investor.ANGEL and h.holder != NOBODY and funds.gp[h.holder] == gp:
            total += h.amount
        row = h.next
    return total


@kernel
def _ticket(fund, want, quarter, params):
    """What a fund puts into one company at most, now."""
    return max(0, min(want, min(np.int64(params.largest_ticket * fund.committed), dry_powder(fund, quarter))))


@kernel
def _invest(
    i,
    firm,
    f,
    amount,
    price_post,
    lead,
    first,
    funds,
    gps,
    lps,
    commitments,
    purses,
    holdings,
    count,
    flows,
    quarter,
    stage,
    capital,
    books,
):
    """Fund f pays `amount` into startup i at the round's post-money; returns the number of holdings."""
    fund = funds[f]
    short = amount - fund.cash
    if short > 0:
        if gps.patient[fund.gp] != NOBODY:
            _call_purse(fund, purses[gps.patient[fund.gp]], short, flows)
        else:
            call_capital(f, short, capital, books)
    amount = min(amount, fund.cash)
    if amount <= 0:
        return count
    fund.cash -= amount
    fund.invested += amount
    if first:
        fund.new_invested += amount
        gps.deals[fund.gp] += 1
        gps.time[fund.gp] -= 1.0
    firm.cash += amount
    firm.raised += amount
    kind = Investor.PATIENT if gps.patient[fund.gp] != NOBODY else Investor.FUND
    pay(flows, Transaction.EQUITY, Sector.FUNDS, Sector.STARTUPS, amount)
    return write_holding(
        holdings,
        count,
        i,
        firm,
        stage,
        quarter,
        kind,
        f,
        fund.id,
        lead,
        first,
        amount,
        0,
        price_post,
        1 if fund.guidance > 0 else 0,
    )


@kernel
def issue(firm, holdings, first_new, count, raised, post, params):
    """New shares for the round: an option pool before the first, then investors' shares at one price."""
    if firm.pool_shares == 0:
        firm.pool_shares = np.int64(firm.shares * params.pool_share / (1.0 - params.pool_share))
        firm.shares += firm.pool_shares
    price = (post - raised) / firm.shares
    for row in range(first_new, count):
        shares = max(1, np.int64(holdings.amount[row] / price))
        holdings.shares[row] = shares
        firm.shares += shares


@kernel
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


@kernel
def plan_of(seed, firm, params):
    """Quarters over which a startup plans to spend the money of its latest round."""
    return params.plan_quarters * exp(params.plan_sd * normal(seed, Decision.PLAN, 0, firm.id, firm.rounds))


@kernel
def close_round(seed, firm, stage, raised, post, quarter, cover, value, params):
    firm.rounds += 1
    firm.stage = stage
    firm.last_round = quarter
    firm.post_money = post
    firm.seeking = NEVER
    firm.need = 0
    firm.burn = np.int64(firm.cash / plan_of(seed, firm, params))
    firm.redeemable = quarter + np.int64(params.redemption_quarters)
    firm.effort = effort_of(cover, raised, value, params.effort_cost)


@kernel
def _is_in(slots, n, slot):
    for j in range(n):
        if slots[j] == slot:
            return True
    return False


@kernel
def close_deals(
    seed,
    quarter,
    seekers,
    startups,
    sectors,
    gps,
    funds,
    lps,
    commitments,
    purses,
    holdings,
    count,
    offer_gp,
    offer_seeker,
    offer_post,
    n_offers,
    held,
    cover,
    project_cap,
    registered,
    params,
    flows,
    capital,
    books,
):
    """Held bids become rounds: price, lead, insiders, syndicate, money; returns the number of holdings."""
    heads = np.full(len(seekers), NOBODY)
    after = np.full(n_offers, NOBODY)
    for o in range(n_offers):
        after[o] = heads[offer_seeker[o]]
        heads[offer_seeker[o]] = o
    for k in range(len(seekers)):
        if held[k] == NOBODY:
            continue
        i = seekers[k]
        firm = startups[i]
        stage = next_stage(firm.stage)
        best = offer_post[held[k]]
        second = 0.0
        o = heads[k]
        while o != NOBODY:
            if o != held[k] and offer_post[o] <= best:
                second = max(second, offer_post[o])
            o = after[o]
        post = max(second, (1.0 - params.margin) * best)
        lead_gp = offer_gp[held[k]]
        f = gps.fund[lead_gp]
        amount = np.int64(round_size(firm.need, post, stage, max(funds.cheque[f], 1), params))
        solo = uniform(seed, Decision.SYNDICATE, quarter, firm.id, 0) < params.solo_share
        lead_part = _ticket(funds[f], amount if solo else np.int64(params.lead_share * amount), quarter, params)
        # A round that the lead and whoever may join cannot fill by half does not happen.
        pledged = lead_part
        joining = np.full(OFFERS, NOBODY)
        parts = np.zeros(OFFERS, np.int64)
        joined = 0
        if lead_part < amount:
            row = firm.first_holding
            while row != NOBODY and joined < OFFERS:
                h = holdings[row]
                row = h.next
                if h.investor == Investor.ANGEL or h.holder == NOBODY or h.route != Route.HELD:
                    continue
                g = funds.gp[h.holder]
                if (
                    g == lead_gp
                    or _is_in(joining, joined, h.holder)
                    or quarter >= funds[h.holder].vintage + funds[h.holder].life - 4
                ):
                    continue
                if uniform(seed, Decision.SYNDICATE, quarter, firm.id, 1 + gps.id[g]) >= params.join_chance:
                    continue
                part = _ticket(
                    funds[h.holder], min(np.int64(amount * (h.shares / firm.shares)), amount - pledged), quarter, params
                )
                if part >= 100_000:
                    joining[joined], parts[joined] = h.holder, part
                    joined += 1
                    pledged += part
            o = heads[k]
            while o != NOBODY and joined < OFFERS and pledged < amount:
                g = offer_gp[o]
                if (
                    g != lead_gp
                    and offer_post[o] >= 0.9 * post
                    and gps.fund[g] != NOBODY
                    and not _is_in(joining, joined, gps.fund[g])
                ):
                    if uniform(seed, Decision.SYNDICATE, quarter, firm.id, 1 + gps.id[g]) < params.join_chance:
                        part = _ticket(
                            funds[gps.fund[g]], min((amount - lead_part) // 2 + 1, amount - pledged), quarter, params
                        )
                        if part >= 500_000:
                            joining[joined], parts[joined] = gps.fund[g], part
                            joined += 1
                            pledged += part
                o = after[o]
            if pledged < amount:
                more = _ticket(funds[f], amount - pledged + lead_part, quarter, params) - lead_part
                lead_part += max(more, 0)
                pledged += max(more, 0)
        if pledged < 0.5 * amount or lead_part <= 0:
            continue
        first_new = count
        count = _invest(
            i,
            firm,
            f,
            lead_part,
            np.int64(post),
            1,
            1 if _holds(firm, holdings, lead_gp, funds) == 0 else 0,
            funds,
            gps,
            lps,
            commitments,
            purses,
            holdings,
            count,
            flows,
            quarter,
            stage,
            capital,
            books,
        )
        for j in range(joined):
            g = funds.gp[joining[j]]
            count = _invest(
                i,
                firm,
                joining[j],
                parts[j],
                np.int64(post),
                0,
                1 if _holds(firm, holdings, g, funds) == 0 else 0,
                funds,
                gps,
                lps,
                commitments,
                purses,
                holdings,
                count,
                flows,
                quarter,
                stage,
                capital,
                books,
            )
        raised = 0
        for row in range(first_new, count):
            raised += holdings.amount[row]
        if raised <= 0:
            continue
        issue(firm, holdings, first_new, count, raised, post, params)
        c = 0.0
        if gps.registered[lead_gp] < registered and gps.patient[lead_gp] == NOBODY:
            c = min(cover[stage], project_cap / raised)
        value = prospect(firm, sectors.multiple[firm.sector], stage, params)
        close_round(seed, firm, stage, raised, np.int64(post), quarter, c, max(value, 1.0 * raised), params)
    return count
