"""Facts of deals: the funnel of rounds, time between them, their size and price, returns, exits, investors.

A deal is all stakes in a startup under one number; as a quarter is longer than 60 days, rounds of one
quarter are one. Coverage: the funnel, gaps, solo rounds and totals count every equity round, angels'
too; size and price count priced rounds, those in which a fund or the government's direct fund took part.
"""

import numpy as np

from sim.observables.operators.window import NotReached, operator, ordinal, ratio

UNICORN = 7_000_000_000  # yuan, a billion dollars
FOLLOWED = 7  # years after the first round
RESOLVED = ("failed", "closed", "listed", "acquired")
TAIL = 0.05  # share of firms in the Hill estimate
RECORDED = ("ipo", "acquisition", "buyback", "transfer", "liquidation")


def with_deals(tables):
    """The tables of a run and `deals`, one row a round; whoever asks for many facts makes them once before.

    Columns: startup_id, at (quarter as a number), stage, amount and post (post-money value) in yuan, investors (their
    number), priced (flag), proceeds in yuan.
    """
    stakes = tables["rounds"]
    stakes = stakes.assign(at=ordinal(stakes["quarter"]), priced=stakes["investor"] != "angel")
    deals = stakes.groupby(["startup_id", "at"], sort=True).agg(
        stage=("stage", "first"),
        amount=("amount_cny", "sum"),
        post=("post_money_cny", "max"),
        investors=("investor_id", "nunique"),
        priced=("priced", "any"),
        proceeds=("proceeds_to_date_cny", "sum"),
    )
    return tables | {"deals": deals.reset_index()}


def deals_until(window):
    """The deals up to the end of the window, as in `with_deals`. Raises NotReached."""
    window.at_end("city")
    deals = (window.tables if "deals" in window.tables else with_deals(window.tables))["deals"]
    return deals[deals["at"] <= window.quarters[1]]


def within(window, deals):
    """Those of the rows `deals` that lie in the window."""
    return deals[deals["at"].between(*window.quarters)]


def first_deal(deals):
    """When the startup of each of the rows `deals` closed its first."""
    return deals.groupby("startup_id")["at"].transform("min")


# ---------------------------------------------------------------- funnel


def seed_cohort(window):
    """(deals of the startups of a cohort within seven years of the first, number of its startups).

    The cohort: the first deal is a seed round in the window, at least seven years before its end. Raises NotReached
    where there is none.
    """
    deals = deals_until(window)
    start = first_deal(deals)
    opening, closing = window.quarters
    seeded = deals.loc[(deals["at"] == start) & (deals["stage"] == "seed"), "startup_id"]
    cohort = deals["startup_id"].isin(seeded) & (start >= opening) & (start + 4 * FOLLOWED <= closing)
    if not cohort.any():
        raise NotReached(f"no seed round from {window.first} on is followed for {FOLLOWED} years to {window.last}")
    followed = deals[cohort & (deals["at"] <= start + 4 * FOLLOWED)]
    return followed, followed["startup_id"].nunique()


def seed_exits(window, followed):
    """Value in yuan at listing or sale within seven years of the first round, by startup of the cohort that had one."""
    exits = window.tables["exits"]
    exits = exits[exits["life"].isin(["listed", "acquired"]) & (exits["value_cny"] > 0)]
    start = followed.groupby("startup_id")["at"].min()
    exits = exits[exits["startup_id"].isin(start.index)]
    deadline = exits["startup_id"].map(start).to_numpy(float) + 4 * FOLLOWED
    return exits[ordinal(exits["quarter"]) <= deadline].set_index("startup_id")["value_cny"]


@operator
def seed_to_second(window):
    """Share of seed-funded startups that raise a second round within seven years."""
    followed, size = seed_cohort(window)
    return (followed.groupby("startup_id").size() >= 2).sum() / size


@operator
def seed_to_fourth(window):
    """Share of seed-funded startups that raise a fourth round within seven years."""
    followed, size = seed_cohort(window)
    return (followed.groupby("startup_id").size() >= 4).sum() / size


@operator
def seed_to_exit(window):
    """Share of seed-funded startups listed or acquired within seven years and after at most six rounds."""
    followed, size = seed_cohort(window)
    few = followed.groupby("startup_id").size() <= 6
    return few[seed_exits(window, followed).index].sum() / size


@operator
def seed_to_unicorn(window):
    """Share of seed-funded startups whose post-money or exit value reaches a billion dollars within seven years."""
    followed, size = seed_cohort(window)
    post = followed.groupby("startup_id")["post"].max()
    exits = seed_exits(window, followed)
    return len(set(post.index[post >= UNICORN]) | set(exits.index[exits >= UNICORN])) / size


@operator
def second_round_5y(window):
    """Share of startups first funded, by any round, in the first three years that raise another within five."""
    deals = deals_until(window)
    start = first_deal(deals)
    opening, closing = window.quarters
    if opening + 11 + 20 > closing:
        raise NotReached(
            f"startups first funded up to {window.first + 2} cannot be followed for five years to {window.last}"
        )
    cohort = deals[start.between(opening, opening + 11) & (deals["at"] <= start + 20)]
    return ratio((cohort.groupby("startup_id").size() >= 2).sum(), cohort["startup_id"].nunique())


# ---------------------------------------------------------------- time between rounds


def gaps(window):
    """Quarters between consecutive rounds of a startup, the later in the window: an array of floats."""
    deals = deals_until(window)
    gap = deals.groupby("startup_id")["at"].diff()
    return gap[deals["at"].between(*window.quarters) & gap.notna()].to_numpy(float)


def months(quarters, share):
    """A quantile of grouped data in months: dates are spread evenly within their quarter."""
    if not len(quarters):
        return np.nan
    values, counts = np.unique(quarters, return_counts=True)
    below = np.concatenate([[0], counts.cumsum() / counts.sum()])
    group = min(max(np.searchsorted(below, share), 1), len(values)) - 1
    return 3 * (values[group] - 0.5 + (share - below[group]) / (below[group + 1] - below[group]))


@operator
def round_gap_median(window):
    """Median months between consecutive rounds."""
    return months(gaps(window), 0.5)


@operator
def round_gap_lower(window):
    """25th percentile of months between consecutive rounds."""
    return months(gaps(window), 0.25)


@operator
def round_gap_upper(window):
    """75th percentile of months between consecutive rounds."""
    return months(gaps(window), 0.75)


@operator
def round_gap_log_sd(window):
    """Standard deviation of log months between consecutive rounds."""
    quarters = gaps(window)
    return np.log(quarters).std(ddof=1) if len(quarters) > 2 else np.nan


# ---------------------------------------------------------------- size and price


def priced(window, stage):
    """Priced rounds of a stage in the window."""
    deals = within(window, deals_until(window))
    return deals[deals["priced"] & (deals["stage"] == stage)]


def dilution(window, stage):
    """Median of amount over post-money value at a stage."""
    deals = priced(window, stage)
    return (deals["amount"] / deals["post"]).median()


@operator
def dilution_seed(window):
    """Median dilution in seed rounds."""
    return dilution(window, "seed")


@operator
def dilution_a(window):
    """Median dilution in Series A."""
    return dilution(window, "A")


@operator
def dilution_b(window):
    """Median dilution in Series B."""
    return dilution(window, "B")


@operator
def post_money_step_a(window):
    """Median post-money value of Series A over that of seed rounds."""
    return ratio(priced(window, "A")["post"].median(), priced(window, "seed")["post"].median())


@operator
def post_money_step_b(window):
    """Median post-money value of Series B over that of Series A."""
    return ratio(priced(window, "B")["post"].median(), priced(window, "A")["post"].median())


def amount_step(window, stage, before):
    """Median over startups, with `stage` in the window, of the amount raised in it over that in the stage `before`."""
    deals = deals_until(window)
    deals = deals[deals["priced"]]
    later = within(window, deals[deals["stage"] == stage]).groupby("startup_id")["amount"].sum()
    earlier = deals[deals["stage"] == before].groupby("startup_id")["amount"].sum()
    return (later / earlier).median()


@operator
def amount_step_a(window):
    """Median amount of Series A over that of seed within a startup."""
    return amount_step(window, "A", "seed")


@operator
def amount_step_b(window):
    """Median amount of Series B over that of Series A within a startup."""
    return amount_step(window, "B", "A")


@operator
def amount_log_sd_seed(window):
    """Standard deviation of the log amount of seed rounds."""
    return np.log(priced(window, "seed")["amount"]).std()


@operator
def amount_log_sd_a(window):
    """Standard deviation of the log amount of Series A."""
    return np.log(priced(window, "A")["amount"]).std()


# ---------------------------------------------------------------- returns and concentration


def multiples(window):
    """Cash paid to a round over its amount, an array: one value a round of a startup that ended in the window.

    Compensation is left out.
    """
    deals, startups = deals_until(window), window.tables["startups"]
    ended, (opening, closing) = ordinal(startups["ended"]), window.quarters
    resolved = startups["life"].isin(RESOLVED) & (ended >= opening) & (ended <= closing)
    deals = deals[deals["startup_id"].isin(startups.loc[resolved, "startup_id"])]
    return (deals["proceeds"] / deals["amount"]).to_numpy(float)


@operator
def multiple_below_1(window):
    """Share of financings that return less than was paid."""
    return _share(multiples(window) < 1)


@operator
def multiple_5(window):
    """Share of financings that return five times or more."""
    return _share(multiples(window) >= 5)


@operator
def multiple_10(window):
    """Share of financings that return ten times or more."""
    return _share(multiples(window) >= 10)


@operator
def multiple_50(window):
    """Share of financings that return fifty times or more."""
    return _share(multiples(window) >= 50)


def _share(flags):
    """Share of what is true, NaN of nothing."""
    return ratio(flags.sum(), len(flags))


def totals(window):
    """Equity raised since birth by startups with a round in the window, yuan, largest first."""
    deals = deals_until(window)
    startups = within(window, deals)["startup_id"]
    raised = deals[deals["startup_id"].isin(startups)].groupby("startup_id")["amount"].sum()
    return np.sort(raised.to_numpy(float))[::-1]


@operator
def top_tenth_share(window):
    """Share of all equity that goes to the top tenth of funded startups."""
    raised = totals(window)
    return ratio(raised[: round(len(raised) / 10)].sum(), raised.sum())


@operator
def hill_exponent(window):
    """Hill estimate of the tail exponent of equity raised, top 5% of funded startups."""
    raised = totals(window)
    top = round(TAIL * len(raised))
    return ratio(1, np.mean(np.log(raised[:top] / raised[top]))) if top >= 5 else np.nan


# ---------------------------------------------------------------- exits


def exit_share(window, route):
    """Share of a route in the recorded exits of investors, one for each investor and startup.

    Write-offs without a payment are silent.
    """
    stakes = window.table("rounds")
    ended, (opening, closing) = ordinal(stakes["ended"]), window.quarters
    silent = (stakes["route"] == "liquidation") & (stakes["proceeds_to_date_cny"] == 0)
    exits = stakes[(ended >= opening) & (ended <= closing) & stakes["route"].isin(RECORDED) & ~silent]
    exits = exits.drop_duplicates(["investor", "investor_id", "startup_id", "route"])
    return _share(exits["route"] == route)


@operator
def exit_share_ipo(window):
    """Share of listings in investors' exits."""
    return exit_share(window, "ipo")


@operator
def exit_share_acquisition(window):
    """Share of acquisitions in investors' exits."""
    return exit_share(window, "acquisition")


@operator
def ipo_exits(window):
    """Investor stakes ended by a listing."""
    return window.flow("exits_ipo")


@operator
def buyback_exits(window):
    """Investor stakes bought back by the startup or its founder."""
    return window.flow("exits_buyback")


@operator
def transfer_exits(window):
    """Investor stakes sold to strangers at the end of a fund."""
    return window.flow("exits_transfer")


# ---------------------------------------------------------------- investors


@operator
def screened_per_deal(window):
    """Proposals that reach a VC firm's screening for each company new to it."""
    return ratio(window.flow("proposals_screened"), window.flow("new_portfolio_companies"))


@operator
def new_companies_per_vc(window):
    """Companies new to a VC firm of the city in a year in which it has at least one, mean over firms and years."""
    stakes = window.events("rounds")
    new = stakes[stakes["new"] & stakes["gp_local"]]
    return new.groupby(["gp_id", "year"])["startup_id"].nunique().mean()


@operator
def solo_round_share(window):
    """Share of rounds with exactly one investor."""
    return _share(within(window, deals_until(window))["investors"] == 1)


@operator
def investors_per_round(window):
    """Mean number of investors of a round."""
    return within(window, deals_until(window))["investors"].mean()


# ---------------------------------------------------------------- guidance funds


def guided(window):
    """Funds promised guidance money whose raising began two years or more before the end of the window.

    A DataFrame by fund_id: began (year), closed and announced (size, yuan).
    """
    window.stock("guidance_commitments_in_quarter_cny")
    rows = window.tables["funds"]
    rows = rows[rows["year"] <= window.last]
    by_fund = rows.groupby("fund_id")
    public = by_fund["guidance_in_quarter_cny"].max() > 0
    funds = by_fund.agg(
        began=("year", "min"), closed=("committed_in_quarter_cny", "sum"), announced=("target_cny", "last")
    )
    return funds[public & (funds["began"] <= window.last - 2)]


@operator
def guidance_raised_share(window):
    """Capital closed over announced size of public funds older than two years."""
    funds = guided(window)
    return ratio(funds["closed"].sum(), funds["announced"].sum())


@operator
def guidance_met_share(window):
    """Share of these funds that met their announced size."""
    funds = guided(window)
    return _share(funds["closed"] >= funds["announced"])
