"""Discipline of capital: what funds call, hold and give back, how firms list, what becomes of funded firms.

Coverage: VC funds, of the city or outside, not the government's direct fund, which is none. Lives of funds are those
of funds that closed in the window, as the table of funds begins with the run. Stakes and startups are all that the
city ever had, those from before the first quarter too.
"""

import numpy as np

from sim.observables.operators.deals import UNICORN, deals_until, within
from sim.observables.operators.window import NotReached, operator, ordinal, ratio

OLD = 48  # quarters after which a fund calls no more
THIRD_YEAR = range(12, 16)  # quarters of age
RIPE = 40  # quarters after which what a fund is worth is known well
FEW = 3  # employees below which a firm is left out of a regression
EARLY, LATER = ("seed",), ("A", "B", "C", "D")  # stages of early-stage and of venture investors
SOLD = ("ipo", "acquisition", "buyback", "transfer")  # routes that statistics of exits hold
LISTED, DEAD = ("listed", "delisted"), ("failed", "closed")


# ---------------------------------------------------------------- funds


def moves(window):
    """What VC funds did up to the end of the window, a row a fund and quarter, with the quarter and the vintage as
    numbers, `at` and `vintage_at`. Raises NotReached unless the run covers the window.
    """
    window.over(window.tables["city"])
    rows = window.tables["funds"]
    rows = rows[~rows["patient"] & (rows["year"] <= window.last)]
    return rows.assign(at=ordinal(rows["quarter"]), vintage_at=ordinal(rows["vintage"]))


def lives(window, age=0):
    """Whole lives of the funds that closed in the window, at least `age` quarters before its end: rows of `moves`."""
    rows, (opening, closing) = moves(window), window.quarters
    return rows[rows["vintage_at"].between(opening, closing - age)]


def sums(rows, column):
    """A column of `rows` summed over each fund."""
    return rows.groupby("fund_id")[column].sum()


def living(window):
    """Funds that have closed and not ended at the end of the window, a DataFrame by fund_id:

    committed_to_date_cny is the sum of promises, nav_cny and cash_cny are those of the last quarter in which a fund
    moved.
    """
    rows = moves(window)
    rows = rows[rows["vintage_at"] <= window.quarters[1]]
    by_fund = rows.groupby("fund_id")
    funds = by_fund.agg(
        committed_to_date_cny=("committed_in_quarter_cny", "sum"),
        nav_cny=("nav_cny", "last"),
        cash_cny=("cash_cny", "last"),
        over=("ended_in_quarter", "any"),
    )
    return funds[~funds["over"]]


def of_funds(window):
    """Stakes of VC funds, all that were ever bought, with the quarters of purchase and end as numbers, `at`, `end`."""
    stakes = window.table("rounds")
    stakes = stakes[stakes["investor"] == "fund"]
    return stakes.assign(at=ordinal(stakes["quarter"]), end=ordinal(stakes["ended"]))


@operator
def called_in_life(window):
    """Called over committed of funds that closed at least twelve years before the end of the window."""
    rows = lives(window, OLD)
    return ratio(
        rows.loc[rows["at"] <= rows["vintage_at"] + OLD, "called_in_quarter_cny"].sum(),
        rows["committed_in_quarter_cny"].sum(),
    )


@operator
def called_by_third_year(window):
    """Called over committed twelve to fifteen quarters after closing, mean over funds and quarters."""
    rows = lives(window, THIRD_YEAR[-1])
    committed = sums(rows, "committed_in_quarter_cny")
    called = [
        sums(rows[rows["at"] <= rows["vintage_at"] + age], "called_in_quarter_cny").reindex(
            committed.index, fill_value=0
        )
        for age in THIRD_YEAR
    ]
    return (sum(called) / len(called) / committed).mean()


@operator
def years_in_store(window):
    """Net assets and cash of living funds less the cost of what they hold, over what funds invest in a year."""
    funds, stakes, closing = living(window), of_funds(window), window.quarters[1]
    held = (stakes["at"] <= closing) & ~(stakes["end"] <= closing) & stakes["investor_id"].isin(funds.index)
    spare = funds["nav_cny"].sum() + funds["cash_cny"].sum() - stakes.loc[held, "amount_cny"].sum()
    return ratio(spare, invested(window) / (window.last - window.first + 1))


def invested(window):
    """Yuan that VC funds put into startups in the window."""
    rows = moves(window)
    return within(window, rows)["invested_in_quarter_cny"].sum()


@operator
def invested_of_raised(window):
    """What funds invest over what they are promised in the same years."""
    return ratio(invested(window), within(window, moves(window))["committed_in_quarter_cny"].sum())


@operator
def fees_of_committed(window):
    """Management fees over committed capital of the funds that closed and ended in the window, over their lives."""
    rows = lives(window)
    rows = rows[rows["fund_id"].isin(rows.loc[rows["ended_in_quarter"], "fund_id"])]
    return ratio(rows["fees_in_quarter_cny"].sum(), rows["committed_in_quarter_cny"].sum())


@operator
def fund_size(window):
    """Mean committed capital in yuan of living funds, those that raised all of it before the run left out."""
    committed = living(window)["committed_to_date_cny"]
    return committed[committed > 0].mean()


def worth_and_called(window, age):
    """(what each fund of `lives` gave back and what it holds, what it called), yuan, by fund."""
    rows = lives(window, age)
    return sums(rows, "distributed_in_quarter_cny") + rows.groupby("fund_id")["nav_cny"].last(), sums(
        rows, "called_in_quarter_cny"
    )


@operator
def fund_multiple(window):
    """Median of distributed and held over called, funds that closed at least ten years before the end."""
    worth, called = worth_and_called(window, RIPE)
    return (worth / called)[called > 0].median()


@operator
def fund_multiple_pooled(window):
    """Distributed and held over called of all funds that closed at least a year before the end, pooled."""
    worth, called = worth_and_called(window, 4)
    return ratio(worth.sum(), called.sum())


@operator
def years_to_pay_back(window):
    """Years from closing after which half of the funds followed so long have paid back all they had called.

    Where they never have, the years of the window, as a floor.
    """
    rows, closing = lives(window).sort_values("at"), window.quarters[1]
    by_fund = rows.groupby("fund_id")
    called, back = by_fund["called_in_quarter_cny"].cumsum(), by_fund["distributed_in_quarter_cny"].cumsum()
    born = by_fund["vintage_at"].first()
    even = rows[(called > 0) & (back >= called)].groupby("fund_id")["at"].first()
    took = even.reindex(born.index).fillna(np.inf) - born  # quarters
    ages = range(closing - window.quarters[0] + 1)
    shares = ((took[closing - born >= age] <= age).mean() for age in ages)
    return next((age for age, share in enumerate(shares) if share >= 0.5), len(ages)) / 4 if len(born) else np.nan


@operator
def companies_per_fund(window):
    """Startups in which a fund that closed and ended in the window has invested, median."""
    rows, stakes = lives(window), of_funds(window)
    over = rows.loc[rows["ended_in_quarter"], "fund_id"].unique()
    return stakes.groupby("investor_id")["startup_id"].nunique().reindex(over, fill_value=0).median()


# ---------------------------------------------------------------- rounds


@operator
def round_size(window):
    """Mean yuan of a round, angels' too."""
    return ratio(window.flow("equity_raised_cny"), window.flow("rounds"))


@operator
def first_round_share(window):
    """Share of rounds that are the startup's first."""
    return ratio(window.flow("first_rounds"), window.flow("rounds"))


@operator
def down_round_share(window):
    """Share of priced rounds after another that value the startup, without the new money, below the round before."""
    deals = deals_until(window)
    deals = deals[deals["priced"]]
    before = deals.groupby("startup_id")["post"].shift()
    later = within(window, deals[before.notna()])
    return (later["post"] - later["amount"] < before[later.index]).mean()


def funded(window):
    """What startups alive and funded at the end of the window have and spend: rows of the table of firms."""
    firms, alive, stakes = window.table("firms"), window.alive(), window.table("rounds")
    paid = stakes.loc[ordinal(stakes["quarter"]) <= window.quarters[1], "startup_id"]
    return firms[
        (firms["year"] == window.last) & firms["startup_id"].isin(alive["startup_id"]) & firms["startup_id"].isin(paid)
    ]


@operator
def months_of_cash(window):
    """Months for which the cash of a funded startup covers what it plans to spend beyond its sales, median."""
    firms = funded(window)
    loss = (firms["burn_cny"] - firms["revenue_cny"]).to_numpy(float)
    months = 3 * firms["cash_cny"].to_numpy(float)[loss > 0] / loss[loss > 0]
    return np.median(months) if len(months) else np.nan


@operator
def people_of_spending(window):
    """Pay over planned spending of funded startups whose plan is above their sales."""
    firms = funded(window)
    firms = firms[firms["burn_cny"] > firms["revenue_cny"]]
    return ratio(firms["payroll_cny"].sum(), firms["burn_cny"].sum())


# ---------------------------------------------------------------- listings


def listings(window):
    """Startups listed in the window, rows of the table of exits, with the quarter as a number, `at`."""
    exits = window.events("exits")
    exits = exits[exits["life"] == "listed"]
    return exits.assign(at=ordinal(exits["quarter"]))


@operator
def backed_listings(window):
    """Startups of VC funds that listed."""
    return listings(window)["startup_id"].isin(of_funds(window)["startup_id"]).sum() / window.scale


@operator
def listing_wait(window):
    """Quarters from filing to listing, median over those that listed."""
    startups = window.table("startups").set_index("startup_id")
    listed = listings(window)
    return (listed["at"] - ordinal(startups["filed"].reindex(listed["startup_id"]))).median()


@operator
def firms_in_queue(window):
    """Firms that have filed and wait at the end of the first quarter of the window."""
    return window.series("listing_queue").iloc[0]


@operator
def unlisted_files(window):
    """Share of the files that ended, refused, withdrawn or listed, that did so without a listing."""
    without = window.flow("files_refused") + window.flow("files_withdrawn")
    return ratio(without, without + window.flow("ipos"))


# ---------------------------------------------------------------- what becomes of the funded


def angel_cohort(window):
    """Startups whose first round, in the window but its last year, is a seed round, or of angels."""
    deals = deals_until(window)
    first = deals.sort_values("at").drop_duplicates("startup_id")
    opening, closing = window.quarters
    first = first[((first["stage"] == "seed") | ~first["priced"]) & first["at"].between(opening, closing - 4)]
    startups = window.table("startups")
    if first.empty:
        raise NotReached(f"no startup was first funded in {window.first} to {window.last - 1}")
    return startups[startups["startup_id"].isin(first["startup_id"])]


def ended_so(window, startups, lives_):
    """Share of `startups` that came to one of `lives_` by the end of the window."""
    return (startups["life"].isin(lives_) & (ordinal(startups["ended"]) <= window.quarters[1])).mean()


@operator
def angel_cohort_listed(window):
    """Share of startups first funded by a seed or angel round that list by the end of the window."""
    return ended_so(window, angel_cohort(window), LISTED)


@operator
def angel_cohort_dead(window):
    """Share of startups first funded by a seed or angel round that fail or are given up by the end of the window."""
    return ended_so(window, angel_cohort(window), DEAD)


@operator
def stakes_ended(window):
    """Share of all stakes that funds ever bought that have ended by the end of the window."""
    stakes, closing = of_funds(window), window.quarters[1]
    stakes = stakes[stakes["at"] <= closing]
    return (stakes["end"] <= closing).mean()


@operator
def exits_of_invested(window):
    """Money from the stakes of funds that ended over money that funds invest."""
    window.over(window.tables["city"])
    stakes = of_funds(window)
    ended = stakes["end"].between(*window.quarters)
    return ratio(stakes.loc[ended, "proceeds_to_date_cny"].sum(), within(window, stakes)["amount_cny"].sum())


def route_share(window, stages, route):
    """Share of a route in exits of funds from rounds of `stages`, one for each fund and startup, without what was
    wound up or written off.
    """
    window.over(window.tables["city"])
    stakes = of_funds(window)
    exits = stakes[stakes["end"].between(*window.quarters) & stakes["stage"].isin(stages) & stakes["route"].isin(SOLD)]
    return (exits.drop_duplicates(["investor_id", "startup_id", "route"])["route"] == route).mean()


@operator
def buyback_share_later(window):
    """Share of buy-backs in exits of funds from Series A and later."""
    return route_share(window, LATER, "buyback")


@operator
def listing_share_early(window):
    """Share of listings in exits of funds from seed rounds."""
    return route_share(window, EARLY, "ipo")


@operator
def unicorns(window):
    """Startups alive whose last round valued them at a billion dollars or more."""
    deals = deals_until(window)
    last = deals.sort_values("at").groupby("startup_id")["post"].last()
    alive = window.alive()["startup_id"]
    return alive.isin(last.index[last >= UNICORN]).sum() / window.scale


# ---------------------------------------------------------------- labour


@operator
def sales_to_heads(window):
    """Elasticity of sales to employees over firms of three and more, with a constant for each sector, pooled."""
    firms, startups = window.events("firms"), window.tables["startups"].set_index("startup_id")
    firms = firms[(firms["headcount"] >= FEW) & (firms["revenue_cny"] > 0)]
    logs = np.log(firms[["headcount", "revenue_cny"]].astype(float))
    logs -= logs.groupby(startups["sector"].reindex(firms["startup_id"]).to_numpy()).transform("mean")
    return ratio((logs["headcount"] * logs["revenue_cny"]).sum(), (logs["headcount"] ** 2).sum())
