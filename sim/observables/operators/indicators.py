"""Observation operators: what a report or a study would say of the city, had it seen the run.

Each operator is a function of the tables of a run and of the first and last year that it speaks
of; stocks are read in the fourth quarter of the last year. It returns a float in the model's
units (yuan, persons, firms, shares), or a `Missing` that says why there is none.
"""

from functools import wraps

import numpy as np

PUDONG, SHENZHEN, BEIJING, SINGAPORE = "PD", "Shenzhen", "Beijing", "Singapore"
CORE = "inner"  # the ring of the central business district
BIOTECH = "bio"  # sectors of which this is the beginning of the name
TEST_BED, ACCELERATOR = "city_testbed", "corporate_accelerator"  # instruments of reports


class Missing(float):
    """A number that is not there (NaN): `verdict` in a word or two, `reason` in a sentence."""

    def __new__(cls, verdict, reason):
        self = super().__new__(cls, "nan")
        self.verdict, self.reason = verdict, reason
        return self


class NotReached(Exception):
    """The run does not cover the years asked for."""


class NotThere(Exception):
    """The city of the run lacks what the operator looks at."""


def operator(function):
    """Let `function` answer with a `Missing` where the run cannot tell."""

    @wraps(function)
    def observe(tables, first, last):
        try:
            return float(function(tables, first, last))
        except NotReached as reason:
            return Missing("not reached", str(reason))
        except NotThere as reason:
            return Missing("not modelled", str(reason))

    return observe


# ---------------------------------------------------------------- reading panels


def over(panel, first, last):
    """The rows of whole years, `first` to `last`."""
    rows = panel[panel["year"].between(first, last)]
    if rows["quarter"].nunique() < 4 * (last - first + 1):
        seen = f"{panel['quarter'].min()} to {panel['quarter'].max()}" if len(panel) else "no quarter"
        raise NotReached(f"needs {first}Q1 to {last}Q4, the run has {seen}")
    return rows


def at_end(panel, year):
    """The rows of the fourth quarter of a year."""
    rows = panel[panel["quarter"] == f"{year}Q4"]
    if rows.empty:
        raise NotReached(f"needs {year}Q4, the run ends in {panel['quarter'].max()}")
    return rows


def total(tables, column, first, last):
    """Sum of a column of the city over years."""
    return _counted(over(tables["city"], first, last), column).sum()


def level(tables, column, year):
    """A column of the city at the end of a year."""
    return _counted(at_end(tables["city"], year), column).iloc[0]


def _counted(rows, column):
    """A column of a panel; a single district has fewer than the city."""
    if column not in rows:
        raise NotThere(f"{column} is not counted by district")
    return rows[column]


def ratio(part, whole):
    """part / whole, NaN of nothing."""
    return part / whole if whole else np.nan


def highest(sample):
    """The largest value, NaN of nothing."""
    return sample.max() if len(sample) else np.nan


def alive(tables, year):
    """Startups alive at the end of a year, as simulated (not divided by the scale)."""
    at_end(tables["city"], year)
    startups, end = tables["startups"], f"{year}Q4"
    return startups[(startups["born"] <= end) & (startups["ended"].isna() | (startups["ended"].fillna("") > end))]


# ---------------------------------------------------------------- money


@operator
def vc_raised(tables, first, last):
    """Yuan that VC funds, of the city or outside, put into the city's startups."""
    return total(tables, "vc_raised_cny", first, last)


@operator
def private_equity_raised(tables, first, last):
    """Yuan that all investors but the government's direct fund put into tech firms:

    VC funds and angels, growth rounds too.
    """
    return total(tables, "equity_raised_cny", first, last) - total(tables, "patient_raised_cny", first, last)


@operator
def equity_raised(tables, first, last):
    """Yuan of equity from everybody, the government's direct fund too."""
    return total(tables, "equity_raised_cny", first, last)


@operator
def guidance_partners(tables, first, last):
    """Yuan committed by all other LPs to funds with guidance money, from launch to the end of the last year:

    gross, not caused.
    """
    return level(tables, "guidance_partners_cny", last)


@operator
def hard_tech_amount_share(tables, first, last):
    """Share of equity raised by startups with the hard-tech tag."""
    return ratio(total(tables, "hard_tech_raised_cny", first, last), total(tables, "equity_raised_cny", first, last))


@operator
def public_commitment_share(tables, first, last):
    """Share of LP commitments made by state LPs and the guidance fund."""
    over(tables["city"], first, last)
    funds = tables["funds"]
    funds = funds[funds["year"].between(first, last) & ~funds["patient"]]
    by_kind = {kind: funds[f"{kind}_cny"].sum() for kind in ("private", "corporate", "foreign", "state", "guidance")}
    return ratio(by_kind["state"] + by_kind["guidance"], sum(by_kind.values()))


# ---------------------------------------------------------------- firms and rounds


@operator
def rounds(tables, first, last):
    """Equity rounds closed."""
    return total(tables, "rounds", first, last)


@operator
def hard_tech_deal_share(tables, first, last):
    """Share of rounds by startups with the hard-tech tag."""
    return ratio(total(tables, "rounds_hard_tech", first, last), total(tables, "rounds", first, last))


@operator
def consumer_deal_share(tables, first, last):
    """Share of rounds by startups with the consumer-internet tag; tags overlap."""
    return ratio(total(tables, "rounds_consumer", first, last), total(tables, "rounds", first, last))


@operator
def vc_firms(tables, first, last):
    """VC firms of the city in business."""
    return level(tables, "vc_firms", last)


@operator
def startups_founded(tables, first, last):
    """Ventures founded."""
    return total(tables, "startups_founded", first, last)


@operator
def startups_alive(tables, first, last):
    """Startups alive."""
    return level(tables, "startups_alive", last)


@operator
def startups_alive_pudong(tables, first, last):
    """Startups alive in Pudong, which Zhangjiang is a part of."""
    rows = at_end(tables["district"], last)
    return _only(rows, "district", PUDONG)["startups_alive"].iloc[0]


@operator
def biotech_startups_pudong(tables, first, last):
    """Startups in biotech and medtech alive in Pudong."""
    startups = alive(tables, last)
    _only(tables["district"], "district", PUDONG)
    known = tables["sector"]["sector"].str.startswith(BIOTECH)
    if not known.any():
        raise NotThere("the city has no biotech sector")
    here = (startups["district"] == PUDONG) & startups["sector"].str.startswith(BIOTECH)
    return here.sum() / tables["startups"].attrs["scale"]


@operator
def lingang_test_bed_startups(tables, first, last):
    """Startups inside the city test-bed in Pudong, which Lingang is a part of."""
    _in_force(tables, TEST_BED)
    startups, end = alive(tables, last), f"{last}Q4"
    inside = (startups["testbed_from"].fillna("9") <= end) & (startups["testbed_until"].fillna("") >= end)
    return (inside & (startups["district"] == PUDONG)).sum() / tables["startups"].attrs["scale"]


@operator
def accelerator_startups(tables, first, last):
    """Startups admitted to the corporate accelerator in the years."""
    _in_force(tables, ACCELERATOR)
    over(tables["city"], first, last)
    kept = tables["applications"]
    admitted = kept["admitted"] & (kept["policy"] == ACCELERATOR) & kept["year"].between(first, last)
    return admitted.sum() / tables["applications"].attrs["scale"]


def _in_force(tables, policy):
    if policy not in set(tables["policy"]["policy"]):
        raise NotThere(f"the run has no policy {policy}")


@operator
def series_d_post_money_max(tables, first, last):
    """Highest post-money value in yuan of a Series D or later round since the run began."""
    return highest(series_d_post_money(tables, last))


def series_d_post_money(tables, last):
    """Post-money values of all rounds of Series D and later up to the end of a year, yuan."""
    at_end(tables["city"], last)
    held = tables["rounds"]
    return held.loc[(held["stage"] == "D") & (held["year"] <= last), "post_money_cny"].to_numpy(float)


@operator
def listing_value_max(tables, first, last):
    """Highest value in yuan of a startup at its listing since the run began."""
    return highest(listing_value(tables, last))


def listing_value(tables, last):
    """Values of all startups at their listing up to the end of a year, yuan."""
    at_end(tables["city"], last)
    sold = tables["exits"]
    return sold.loc[(sold["life"] == "listed") & (sold["year"] <= last), "value_cny"].to_numpy(float)


SAMPLES = {"series_d_post_money_max": series_d_post_money, "listing_value_max": listing_value}


@operator
def sandbox_participants(tables, first, last):
    """Startups admitted to the regulatory sandbox since its launch."""
    return level(tables, "sandbox_participants", last)


# ---------------------------------------------------------------- people


@operator
def returnees(tables, first, last):
    """Persons who returned from overseas to the city."""
    return total(tables, "returnees", first, last)


@operator
def returnee_share(tables, first, last):
    """Share of the persons who returned from overseas to China that came to the city."""
    return ratio(total(tables, "returnees", first, last), total(tables, "returnees_china", first, last))


@operator
def stem_returnee_share(tables, first, last):
    """The same among graduates of science and engineering."""
    return ratio(total(tables, "stem_returnees", first, last), total(tables, "stem_returnees_china", first, last))


@operator
def returnee_residents(tables, first, last):
    """Persons in the tech workforce who returned from overseas at some time."""
    return level(tables, "returnee_residents", last)


@operator
def workforce_growth(tables, first, last):
    """Mean growth a year of the tech workforce between the ends of two years."""
    return (level(tables, "workforce", last) / level(tables, "workforce", first)) ** (1 / max(last - first, 1)) - 1


# ---------------------------------------------------------------- space


@operator
def office_premium_shenzhen(tables, first, last):
    """Mean office rent over Shenzhen's, less one."""
    return over(tables["city"], first, last)["office_premium_shenzhen"].mean()


# ---------------------------------------------------------------- signs: positive where the claim holds


@operator
def business_over_consumer_sales(tables, first, last):
    """Share of sales to firms less share to consumers, mean of the ventures founded."""
    over(tables["city"], first, last)
    startups = tables["startups"]
    born = startups["born"].str[:4].astype(int).between(first, last)
    return 2 * startups.loc[born, "business_share"].mean() - 1


@operator
def core_rent_lead(tables, first, last):
    """Highest office rent in the ring of the central business district over the highest elsewhere, less one."""
    rents = over(tables["district"], first, last).groupby(["ring", "district"])["office_rent_cny_m2"].mean()
    core = rents.index.get_level_values("ring") == CORE
    if core.all() or not core.any():
        raise NotThere(f"the city has no ring {CORE!r} beside others")
    return rents[core].max() / rents[~core].max() - 1


@operator
def hinterland_share_by_rent(tables, first, last):
    """Share of startups that make elsewhere where offices are dear, less the share where they are cheap, within
    sectors.

    Dear is above the median district. Sectors are weighted by their startups, and those without
    a startup on both sides are left out.
    """
    startups = alive(tables, last)
    rents = at_end(tables["district"], last).set_index("district")["office_rent_cny_m2"]
    dear = startups["district"].map(rents > rents.median()).astype(bool)
    away = (~startups["makes_here"]).groupby([startups["sector"], dear]).mean().unstack()
    both = away.dropna()
    if both.shape[1] < 2 or both.empty:
        return np.nan
    return np.average(both[True] - both[False], weights=startups["sector"].value_counts()[both.index])


# ---------------------------------------------------------------- ranks: 1 where the claim holds in the run, a
# probability over runs


@operator
def raised_more_than_shenzhen(tables, first, last):
    """Whether the city's startups raised more VC than Shenzhen's."""
    return _raised(tables, first, last) > _raised(tables, first, last, SHENZHEN)


@operator
def raised_more_than_beijing(tables, first, last):
    """Whether the city's startups raised more VC than Beijing's."""
    return _raised(tables, first, last) > _raised(tables, first, last, BEIJING)


@operator
def raised_between_singapore_and_beijing(tables, first, last):
    """Whether the city's startups raised more VC than Singapore's and less than Beijing's."""
    return (
        _raised(tables, first, last, SINGAPORE) < _raised(tables, first, last) < _raised(tables, first, last, BEIJING)
    )


def _raised(tables, first, last, rival=None):
    if rival is None:
        return total(tables, "vc_raised_cny", first, last)
    return over(_only(tables["rival"], "rival", rival), first, last)["vc_raised_cny"].sum()


def _only(rows, column, name):
    rows = rows[rows[column] == name]
    if rows.empty:
        raise NotThere(f"the city's data have no {name}")
    return rows
