"""Counting who is there and what happened: one pass over persons, and one over the rows of each table that may have
changed.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on, worth
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Status

FIRMS = np.dtype(
    [
        (name, "i8")
        for name in (
            "founded",
            "failed",
            "closed",
            "listed",
            "acquired",
            "alive",
            "funded",
            "jobs",
            "revenue",
            "listed_firms",
            "listed_jobs",
            "listed_revenue",
        )
    ]
)

DEALS = np.dtype([("rounds", "i8"), ("vc", "i8"), ("equity", "i8")])  # rounds closed, yuan from funds and of all
PLACES = 16  # bits of the number of a round in its startup's life
INVESTORS = len(Investor)


@kernel
def count_persons(people, quarters, counts):
    """Adds persons to `counts` (districts, statuses, origins) by where they live; returns how many have searched for
    a job for so many `quarters`.
    """
    searching = 0
    for i in range(len(people.status)):
        status = people.status[i]
        if status != Status.ABSENT:
            counts[people.home[i], status, people.origin[i]] += 1
            searching += status == Status.SEARCHING and people.idle[i] >= quarters
    return searching


@kernel
def count_startups(startups, candidates, quarter, counts, alive):
    """Adds the startups in the slots `candidates` to `counts` (districts, sectors) of FIRMS, their revenue in yuan.

    Returns how many go on, their slots written to `alive` (at least as long as `candidates`), and how many entered
    the sandbox in the quarter.
    """
    living = entered = 0
    for i in candidates:
        firm = startups[i]
        group = counts[firm.district, firm.sector]
        group.founded += firm.born == quarter
        entered += firm.sandbox_from == quarter
        if firm.life == Life.ALIVE:
            group.alive += 1
            group.funded += firm.raised > 0
            group.jobs += firm.headcount
            group.revenue += firm.revenue
        if goes_on(firm.life):
            alive[living] = i
            living += 1
        if firm.life == Life.LISTED:
            group.listed_firms += 1
            group.listed_jobs += firm.headcount
            group.listed_revenue += firm.revenue
        if firm.life != Life.ALIVE and firm.ended == quarter:
            group.failed += firm.life == Life.FAILED
            group.closed += firm.life == Life.CLOSED
            group.listed += firm.life == Life.LISTED
            group.acquired += firm.life == Life.ACQUIRED
    return living, entered


@kernel
def worths_of_listed(startups, slots, sectors, concern):
    """What the listed firms among those in `slots` are worth as going concerns, yuan, float64[listed]."""
    values, n = np.empty(len(slots)), 0
    for i in slots:
        firm = startups[i]
        if firm.life == Life.LISTED:
            values[n] = worth(firm.traction, firm, sectors.multiple[firm.sector], concern)
            n += 1
    return values[:n]


@kernel
def offers(startups, slots, sectors):
    """Sum by sector, of which there are so many, of what customers would buy of those in `slots`, float64[sectors]."""
    total = np.zeros(sectors)
    for i in slots:
        total[startups[i].sector] += startups[i].offer
    return total


@kernel
def queue(startups, slots):
    """Of the startups in `slots`, those that have filed for a listing and wait."""
    waiting, n = np.empty(len(slots), np.int64), 0
    for i in slots:
        waiting[n] = i
        n += startups[i].life == Life.ALIVE and startups[i].queued != NEVER
    return waiting[:n].copy()


@kernel
def count_files(startups, waited, quarter):
    """How many of those that `waited` for a listing, slots, were refused, and how many waited in vain otherwise."""
    refused = withdrawn = 0
    for i in waited:
        firm = startups[i]
        if firm.refused == quarter:
            refused += 1
        elif firm.life != Life.LISTED and (firm.life != Life.ALIVE or firm.queued == NEVER):
            withdrawn += 1
    return refused, withdrawn


class Deals(NamedTuple):
    """What was raised in a quarter; a round is all new stakes in a startup under one number."""

    raised: np.ndarray  # yuan by kind of investor, int64[investors]
    guidance: int  # yuan that the guidance fund paid of what funds raised
    hard_tech_raised: int  # yuan
    stakes: int
    angels: int  # who invested
    rounds: int
    first_rounds: int
    rounds_hard_tech: int
    rounds_consumer: int
    solo_rounds: int  # with one investor


@shared
def _different(numbers):
    """How many different numbers there are."""
    rising, n = np.sort(numbers), 0
    for k in range(len(rising)):
        n += k == 0 or rising[k] != rising[k - 1]
    return n


@kernel
def count_deals(new, quarter, startups, funds, funded, by_district, by_sector):
    """The Deals among the `new` stakes, and DEALS of a quarter by district and sector, to which it adds them. Startups
    that got money are noted in `funded`, bool[startups].
    """
    raised, hard_tech_raised, stakes = np.zeros(INVESTORS, np.int64), 0, 0
    angels, bought = np.empty(len(new), np.int64), np.empty(len(new), np.int64)
    guidance = of_angels = 0
    for k in range(len(new)):
        stake = new[k]
        if stake.quarter != quarter:
            continue
        firm = startups[stake.startup]
        raised[stake.investor] += stake.amount
        by_district[firm.district].equity += stake.amount
        by_sector[firm.sector].equity += stake.amount
        hard_tech_raised += stake.amount if firm.hard_tech > 0 else 0
        bought[stakes] = stake.startup << PLACES | stake.place
        stakes += 1
        if stake.investor == Investor.FUND:
            by_district[firm.district].vc += stake.amount
            by_sector[firm.sector].vc += stake.amount
            fund = funds[stake.holder]
            if fund.guidance > 0:
                guidance += np.int64(np.rint(fund.guidance / fund.committed * stake.amount))
        elif stake.investor == Investor.ANGEL:
            angels[of_angels] = stake.holder_id
            of_angels += 1
    bought = np.sort(bought[:stakes])
    rounds = first_rounds = hard_tech = consumer = solo = 0
    for k in range(stakes):
        begins = k == 0 or bought[k] != bought[k - 1]
        if not begins:
            continue
        i = bought[k] >> PLACES
        firm = startups[i]
        rounds += 1
        by_district[firm.district].rounds += 1
        by_sector[firm.sector].rounds += 1
        first_rounds += not funded[i]
        funded[i] = True
        hard_tech += firm.hard_tech != 0
        consumer += firm.consumer != 0
        solo += k == stakes - 1 or bought[k + 1] != bought[k]
    return Deals(
        raised=raised,
        guidance=guidance,
        hard_tech_raised=hard_tech_raised,
        stakes=stakes,
        angels=_different(angels[:of_angels]),
        rounds=rounds,
        first_rounds=first_rounds,
        rounds_hard_tech=hard_tech,
        rounds_consumer=consumer,
        solo_rounds=solo,
    )


@kernel
def count_exits(holdings, rows, quarter, routes):
    """Adds the stakes among those in `rows` that ended in the quarter to `routes`, int64[routes]; returns the rows of
    those still held.

    A fund at the end of its life sells stakes to strangers, or gives them up unseen; neither what becomes of
    the former nor the latter is counted.
    """
    held, n = np.empty(len(rows), np.int64), 0
    for h in rows:
        stake = holdings[h]
        if stake.ended == NEVER:
            held[n] = h
            n += 1
        elif stake.ended == quarter and (stake.holder != NOBODY or stake.investor == Investor.ANGEL):
            routes[stake.route] += 1
    return held[:n].copy()


@kernel
def value_of_exits(exits, quarter):
    """Yuan that the firms which listed or were acquired in the quarter were sold for."""
    value = 0
    for e in range(len(exits)):
        if exits[e].quarter == quarter and (exits[e].life == Life.LISTED or exits[e].life == Life.ACQUIRED):
            value += exits[e].value
    return value


class Financiers(NamedTuple):
    """Venture firms and their funds, without the government's own where not said otherwise."""

    local: int  # venture firms of the city
    outside: int
    screened: int  # startups in the quarter, the government's too
    deals: int  # new companies in the quarter, the government's too
    partners: int  # yuan that others than the guidance fund promised to funds that it is in
    dry_powder: int  # yuan
    nav: int  # yuan


@kernel
def count_financiers(gps, funds, venture):
    """The Financiers; notes in `venture`, bool[funds], which funds are those of venture firms."""
    local = outside = screened = deals = partners = dry_powder = nav = 0
    for g in range(len(gps)):
        gp = gps[g]
        screened += gp.screened
        deals += gp.deals
        if gp.ended == NEVER and gp.patient == NOBODY:
            local += gp.local == 1
            outside += gp.local == 0
    for f in range(len(funds)):
        fund = funds[f]
        venture[f] = gps[fund.gp].patient == NOBODY
        if fund.guidance > 0 and fund.vintage != NEVER:
            partners += fund.committed - fund.guidance
        if venture[f] and fund.ended == NEVER:
            dry_powder += fund.committed - fund.called
            nav += fund.nav
    return Financiers(local, outside, screened, deals, partners, dry_powder, nav)
