"""Facts of deals: the funnel of rounds, time between them, their size and price, returns, exits, investors.

A round is all stakes in a startup under one number; as a quarter is longer than 60 days, rounds of one
quarter are one. Coverage: the funnel, gaps, solo rounds and totals count every equity round, angels'
too; size and price count priced rounds, those in which a fund or the government's direct fund took part.
"""

import numpy as np

from sim.observables.operators.firm_dynamics import ordinal, window
from sim.observables.operators.indicators import NotReached, at_end, level, operator, over, ratio, total

UNICORN = 7_000_000_000  # yuan, a billion dollars
FOLLOW = 7  # years after the first round
RESOLVED = ("failed", "closed", "listed", "acquired")
TAIL = 0.05  # share of firms in the Hill estimate
RECORDED = ("ipo", "acquisition", "buyback", "transfer", "liquidation")


def gathered(tables):
    """The tables and `deals`, one row a round:

    startup_id, at (quarter as number), stage, amount, post, investors, priced, proceeds.
    """
    stakes = tables["rounds"]
    stakes = stakes.assign(at=ordinal(stakes["quarter"]), priced=stakes["investor"] != "angel")
    held = stakes.groupby(["startup_id", "at"], sort=True).agg(
        stage=("stage", "first"),
        amount=("amount_cny", "sum"),
        post=("post_money_cny", "max"),
        investors=("investor_id", "nunique"),
        priced=("priced", "any"),
        proceeds=("proceeds_cny", "sum"),
    )
    return tables | {"deals": held.reset_index()}


def deals(tables, last):
    """The rounds up to the end of a year, as in `gathered`, which whoever asks for many facts calls once before."""
    at_end(tables["city"], last)
    held = (tables if "deals" in tables else gathered(tables))["deals"]
    return held[held["at"] <= 4 * last + 3]


def within(held, first, last):
    """The rounds of the years `first` to `last`."""
    opening, closing = window(first, last)
    return held[held["at"].between(opening, closing)]


# ---------------------------------------------------------------- funnel


def seed_cohort(tables, first, last):
    """(rounds within seven years of the first, of startups whose first round is a seed round and followed that long;
    size of the cohort).
    """
    held = deals(tables, last)
    start = held.groupby("startup_id")["at"].transform("min")
    opening, closing = window(first, last)
    seeded = held.loc[(held["at"] == start) & (held["stage"] == "seed"), "startup_id"]
    cohort = held["startup_id"].isin(seeded) & (start >= opening) & (start + 4 * FOLLOW <= closing)
    if not cohort.any():
        raise NotReached(f"no seed round from {first} on is followed for {FOLLOW} years to {last}")
    followed = held[cohort & (held["at"] <= start + 4 * FOLLOW)]
    return followed, followed["startup_id"].nunique()


def seed_exits(tables, followed):
    """Value at listing or sale within seven years of the first round, one row a startup of the cohort that had one."""
    sold = tables["exits"]
    sold = sold[sold["life"].isin(["listed", "acquired"]) & (sold["value_cny"] > 0)]
    start = followed.groupby("startup_id")["at"].min()
    sold = sold[sold["startup_id"].isin(start.index)]
    return sold[ordinal(sold["quarter"]) <= sold["startup_id"].map(start).to_numpy(float) + 4 * FOLLOW].set_index(
        "startup_id"
    )["value_cny"]


@operator
def seed_to_second(tables, first, last):
    """Share of seed-funded startups that raise a second round within seven years."""
    followed, size = seed_cohort(tables, first, last)
    return (followed.groupby("startup_id").size() >= 2).sum() / size


@operator
def seed_to_fourth(tables, first, last):
    """Share of seed-funded startups that raise a fourth round within seven years."""
    followed, size = seed_cohort(tables, first, last)
    return (followed.groupby("startup_id").size() >= 4).sum() / size


@operator
def seed_to_exit(tables, first, last):
    """Share of seed-funded startups listed or acquired within seven years and after at most six rounds."""
    followed, size = seed_cohort(tables, first, last)
    few = followed.groupby("startup_id").size() <= 6
    sold = seed_exits(tables, followed)
    return few[sold.index].sum() / size


@operator
def seed_to_unicorn(tables, first, last):
    """Share of seed-funded startups whose post-money or exit value reaches a billion dollars within seven years."""
    followed, size = seed_cohort(tables, first, last)
    high = followed.groupby("startup_id")["post"].max()
    sold = seed_exits(tables, followed)
    return len(set(high.index[high >= UNICORN]) | set(sold.index[sold >= UNICORN])) / size


@operator
def second_round_5y(tables, first, last):
    """Share of startups with their first round, of any kind, in the first three years that raise another within five
    years.
    """
    held = deals(tables, last)
    start = held.groupby("startup_id")["at"].transform("min")
    opening, closing = window(first, last)
    if 4 * (first + 3) - 1 + 20 > closing:
        raise NotReached(f"startups first funded up to {first + 2} cannot be followed for five years to {last}")
    cohort = held[start.between(opening, opening + 11) & (held["at"] <= start + 20)]
    return ratio((cohort.groupby("startup_id").size() >= 2).sum(), cohort["startup_id"].nunique())


# ---------------------------------------------------------------- time between rounds


def gaps(tables, first, last):
    """Quarters between consecutive rounds of a startup, the later in the window."""
    held = deals(tables, last)
    gap = held.groupby("startup_id")["at"].diff()
    return gap[held["at"].between(*window(first, last)) & gap.notna()].to_numpy(float)


def months(quarters, share):
    """A quantile of grouped data in months: dates are spread evenly within their quarter."""
    if not len(quarters):
        return np.nan
    values, counts = np.unique(quarters, return_counts=True)
    below = np.concatenate([[0], counts.cumsum() / counts.sum()])
    group = min(max(np.searchsorted(below, share), 1), len(values)) - 1
    return 3 * (values[group] - 0.5 + (share - below[group]) / (below[group + 1] - below[group]))


@operator
def round_gap_median(tables, first, last):
    """Median months between consecutive rounds."""
    return months(gaps(tables, first, last), 0.5)


@operator
def round_gap_lower(tables, first, last):
    """25th percentile of months between consecutive rounds."""
    return months(gaps(tables, first, last), 0.25)


@operator
def round_gap_upper(tables, first, last):
    """75th percentile of months between consecutive rounds."""
    return months(gaps(tables, first, last), 0.75)


@operator
def round_gap_log_sd(tables, first, last):
    """Standard deviation of log months between consecutive rounds."""
    held = gaps(tables, first, last)
    return np.log(held).std(ddof=1) if len(held) > 2 else np.nan


# ---------------------------------------------------------------- size and price


def priced(tables, first, last, stage):
    """Priced rounds of a stage in the window."""
    held = within(deals(tables, last), first, last)
    return held[held["priced"] & (held["stage"] == stage)]


def dilution(tables, first, last, stage):
    """Median of amount over post-money value at a stage."""
    held = priced(tables, first, last, stage)
    return (held["amount"] / held["post"]).median()


@operator
def dilution_seed(tables, first, last):
    """Median dilution in seed rounds."""
    return dilution(tables, first, last, "seed")


@operator
def dilution_a(tables, first, last):
    """Median dilution in Series A."""
    return dilution(tables, first, last, "A")


@operator
def dilution_b(tables, first, last):
    """Median dilution in Series B."""
    return dilution(tables, first, last, "B")


@operator
def post_money_step_a(tables, first, last):
    """Median post-money value of Series A over that of seed rounds."""
    return ratio(
        priced(tables, first, last, "A")["post"].median(), priced(tables, first, last, "seed")["post"].median()
    )


@operator
def post_money_step_b(tables, first, last):
    """Median post-money value of Series B over that of Series A."""
    return ratio(priced(tables, first, last, "B")["post"].median(), priced(tables, first, last, "A")["post"].median())


def amount_step(tables, first, last, stage, before):
    """Median over startups, with the later stage in the window, of the amount of a stage over that of the stage
    before.
    """
    held = deals(tables, last)
    held = held[held["priced"]]
    later = within(held[held["stage"] == stage], first, last).groupby("startup_id")["amount"].sum()
    earlier = held[held["stage"] == before].groupby("startup_id")["amount"].sum()
    return (later / earlier).median()


@operator
def amount_step_a(tables, first, last):
    """Median amount of Series A over that of seed within a startup."""
    return amount_step(tables, first, last, "A", "seed")


@operator
def amount_step_b(tables, first, last):
    """Median amount of Series B over that of Series A within a startup."""
    return amount_step(tables, first, last, "B", "A")


@operator
def amount_log_sd_seed(tables, first, last):
    """Standard deviation of the log amount of seed rounds."""
    return np.log(priced(tables, first, last, "seed")["amount"]).std()


@operator
def amount_log_sd_a(tables, first, last):
    """Standard deviation of the log amount of Series A."""
    return np.log(priced(tables, first, last, "A")["amount"]).std()


# ---------------------------------------------------------------- returns and concentration


def multiples(tables, first, last):
    """Cash paid to a round over its amount, one value a financing of a startup that exited or died in the window,
    without compensation.
    """
    held = deals(tables, last)
    startups = tables["startups"]
    gone = startups[startups["life"].isin(RESOLVED)]
    gone = gone.loc[(ordinal(gone["ended"]) >= 4 * first) & (ordinal(gone["ended"]) <= 4 * last + 3), "startup_id"]
    held = held[held["startup_id"].isin(gone)]
    return (held["proceeds"] / held["amount"]).to_numpy(float)


@operator
def multiple_below_1(tables, first, last):
    """Share of financings that return less than was paid."""
    held = multiples(tables, first, last)
    return ratio((held < 1).sum(), len(held))


@operator
def multiple_5(tables, first, last):
    """Share of financings that return five times or more."""
    held = multiples(tables, first, last)
    return ratio((held >= 5).sum(), len(held))


@operator
def multiple_10(tables, first, last):
    """Share of financings that return ten times or more."""
    held = multiples(tables, first, last)
    return ratio((held >= 10).sum(), len(held))


@operator
def multiple_50(tables, first, last):
    """Share of financings that return fifty times or more."""
    held = multiples(tables, first, last)
    return ratio((held >= 50).sum(), len(held))


def totals(tables, first, last):
    """Equity raised since birth by startups with a round in the window, largest first."""
    held = deals(tables, last)
    seen = within(held, first, last)["startup_id"]
    return np.sort(held[held["startup_id"].isin(seen)].groupby("startup_id")["amount"].sum().to_numpy(float))[::-1]


@operator
def top_tenth_share(tables, first, last):
    """Share of all equity that goes to the top tenth of funded startups."""
    held = totals(tables, first, last)
    return ratio(held[: round(len(held) / 10)].sum(), held.sum())


@operator
def hill_exponent(tables, first, last):
    """Hill estimate of the tail exponent of equity raised, top 5% of funded startups."""
    held = totals(tables, first, last)
    top = round(TAIL * len(held))
    return ratio(1, np.mean(np.log(held[:top] / held[top]))) if top >= 5 else np.nan


# ---------------------------------------------------------------- exits


def exit_share(tables, first, last, route):
    """Share of a route in the recorded exits of investors, one for each investor and startup; write-offs without a
    payment are silent.
    """
    at_end(tables["city"], last)
    stakes = tables["rounds"]
    ended = ordinal(stakes["ended"])
    silent = (stakes["route"] == "liquidation") & (stakes["proceeds_cny"] == 0)
    seen = stakes[(ended >= 4 * first) & (ended <= 4 * last + 3) & stakes["route"].isin(RECORDED) & ~silent]
    seen = seen.drop_duplicates(["investor", "investor_id", "startup_id", "route"])
    return ratio((seen["route"] == route).sum(), len(seen))


@operator
def exit_share_ipo(tables, first, last):
    """Share of listings in investors' exits."""
    return exit_share(tables, first, last, "ipo")


@operator
def exit_share_acquisition(tables, first, last):
    """Share of acquisitions in investors' exits."""
    return exit_share(tables, first, last, "acquisition")


@operator
def ipo_exits(tables, first, last):
    """Investor stakes ended by a listing."""
    return total(tables, "exits_ipo", first, last)


@operator
def buyback_exits(tables, first, last):
    """Investor stakes bought back by the startup or its founder."""
    return total(tables, "exits_buyback", first, last)


@operator
def transfer_exits(tables, first, last):
    """Investor stakes sold to strangers at the end of a fund."""
    return total(tables, "exits_transfer", first, last)


# ---------------------------------------------------------------- investors


@operator
def screened_per_deal(tables, first, last):
    """Proposals that reach a VC firm's screening for each company new to it."""
    return ratio(
        total(tables, "proposals_screened", first, last), total(tables, "new_portfolio_companies", first, last)
    )


@operator
def new_companies_per_vc(tables, first, last):
    """Companies new to a VC firm of the city in a year in which it has at least one, mean over firms and years."""
    over(tables["city"], first, last)
    stakes = tables["rounds"]
    new = stakes[stakes["new"] & stakes["gp_local"] & stakes["year"].between(first, last)]
    return new.groupby(["gp_id", "year"])["startup_id"].nunique().mean()


@operator
def solo_round_share(tables, first, last):
    """Share of rounds with exactly one investor."""
    held = within(deals(tables, last), first, last)
    return ratio((held["investors"] == 1).sum(), len(held))


@operator
def investors_per_round(tables, first, last):
    """Mean number of investors of a round."""
    return within(deals(tables, last), first, last)["investors"].mean()


# ---------------------------------------------------------------- guidance funds


def guided(tables, last):
    """Closed and announced size of each fund promised guidance money whose raising began two years before the end of a
    year.
    """
    level(tables, "guidance_commitments_cny", last)
    rows = tables["funds"]
    rows = rows[rows["year"] <= last]
    by_fund = rows.groupby("fund_id")
    public = by_fund["guidance_cny"].max() > 0
    funds = by_fund.agg(began=("year", "min"), closed=("committed_cny", "sum"), announced=("target_cny", "last"))
    return funds[public & (funds["began"] <= last - 2)]


@operator
def guidance_raised_share(tables, first, last):
    """Capital closed over announced size of public funds older than two years."""
    funds = guided(tables, last)
    return ratio(funds["closed"].sum(), funds["announced"].sum())


@operator
def guidance_met_share(tables, first, last):
    """Share of these funds that met their announced size."""
    funds = guided(tables, last)
    return ratio((funds["closed"] >= funds["announced"]).sum(), len(funds))
