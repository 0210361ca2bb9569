"""Indicators of reports: money, firms and rounds, people, rents, and claims about signs and ranks.

Values are in the model's units: yuan, persons, firms, shares.
"""

import numpy as np

from sim.observables.operators.window import NotThere, only, operator, ratio

PUDONG, SHENZHEN, BEIJING, SINGAPORE = "PD", "Shenzhen", "Beijing", "Singapore"
CORE = "inner"  # the ring of the central business district
BIOTECH = "bio"  # sectors of which this is the beginning of the name
TEST_BED, ACCELERATOR = "city_testbed", "corporate_accelerator"  # instruments of reports


# ---------------------------------------------------------------- money


@operator
def vc_raised(window):
    """Yuan that VC funds, of the city or outside, put into the city's startups."""
    return window.flow("vc_raised_cny")


@operator
def private_equity_raised(window):
    """Yuan that VC funds and angels, not the government's direct fund, put into tech firms, growth rounds too."""
    return window.flow("equity_raised_cny") - window.flow("patient_raised_cny")


@operator
def equity_raised(window):
    """Yuan of equity from everybody, the government's direct fund too."""
    return window.flow("equity_raised_cny")


@operator
def guidance_partners(window):
    """Yuan committed by all other LPs to funds with guidance money, from launch to the end of the last year.

    Gross, not caused.
    """
    return window.stock("guidance_partners_to_date_cny")


@operator
def hard_tech_amount_share(window):
    """Share of equity raised by startups with the hard-tech tag."""
    return ratio(window.flow("hard_tech_raised_cny"), window.flow("equity_raised_cny"))


@operator
def public_commitment_share(window):
    """Share of LP commitments made by state LPs and the guidance fund."""
    funds = window.events("funds")
    funds = funds[~funds["patient"]]
    by_kind = {
        kind: funds[f"{kind}_in_quarter_cny"].sum() for kind in ("private", "corporate", "foreign", "state", "guidance")
    }
    return ratio(by_kind["state"] + by_kind["guidance"], sum(by_kind.values()))


# ---------------------------------------------------------------- firms and rounds


@operator
def rounds(window):
    """Equity rounds closed."""
    return window.flow("rounds")


@operator
def hard_tech_deal_share(window):
    """Share of rounds by startups with the hard-tech tag."""
    return ratio(window.flow("rounds_hard_tech"), window.flow("rounds"))


@operator
def consumer_deal_share(window):
    """Share of rounds by startups with the consumer-internet tag; tags overlap."""
    return ratio(window.flow("rounds_consumer"), window.flow("rounds"))


@operator
def vc_firms(window):
    """VC firms of the city in business."""
    return window.stock("vc_firms")


@operator
def startups_founded(window):
    """Ventures founded."""
    return window.flow("startups_founded")


@operator
def startups_alive(window):
    """Startups alive."""
    return window.stock("startups_alive")


@operator
def startups_alive_pudong(window):
    """Startups alive in Pudong, which Zhangjiang is a part of."""
    return only(window.at_end("district"), "district", PUDONG)["startups_alive"].iloc[0]


@operator
def biotech_startups_pudong(window):
    """Startups in biotech and medtech alive in Pudong."""
    startups = window.alive()
    only(window.tables["district"], "district", PUDONG)
    if not window.tables["sector"]["sector"].str.startswith(BIOTECH).any():
        raise NotThere("the city has no biotech sector")
    here = (startups["district"] == PUDONG) & startups["sector"].str.startswith(BIOTECH)
    return here.sum() / window.scale


@operator
def lingang_test_bed_startups(window):
    """Startups inside the city test-bed in Pudong, which Lingang is a part of."""
    _in_force(window, TEST_BED)
    startups, end = window.alive(), f"{window.last}Q4"
    inside = (startups["testbed_from"].fillna("9") <= end) & (startups["testbed_until"].fillna("") >= end)
    return (inside & (startups["district"] == PUDONG)).sum() / window.scale


@operator
def accelerator_startups(window):
    """Startups admitted to the corporate accelerator in the years."""
    _in_force(window, ACCELERATOR)
    applications = window.events("applications")
    admitted = applications["admitted"] & (applications["policy"] == ACCELERATOR)
    return admitted.sum() / window.scale


def _in_force(window, policy):
    if policy not in set(window.tables["policy"]["policy"]):
        raise NotThere(f"the run has no policy {policy}")


@operator
def series_d_post_money_max(window):
    """Highest post-money value in yuan of a Series D or later round since the run began."""
    return _highest(series_d_post_money(window))


def series_d_post_money(window):
    """Post-money values of all rounds of Series D and later up to the end of the window, yuan."""
    stakes = window.table("rounds")
    chosen = (stakes["stage"] == "D") & (stakes["year"] <= window.last)
    return stakes.loc[chosen, "post_money_cny"].to_numpy(float)


@operator
def listing_value_max(window):
    """Highest value in yuan of a startup at its listing since the run began."""
    return _highest(listing_value(window))


def listing_value(window):
    """Values of all startups at their listing up to the end of the window, yuan."""
    exits = window.table("exits")
    return exits.loc[(exits["life"] == "listed") & (exits["year"] <= window.last), "value_cny"].to_numpy(float)


SAMPLES = {"series_d_post_money_max": series_d_post_money, "listing_value_max": listing_value}


def _highest(sample):
    """The largest value, NaN of nothing."""
    return sample.max() if len(sample) else np.nan


@operator
def sandbox_participants(window):
    """Startups admitted to the regulatory sandbox since its launch."""
    return window.stock("sandbox_participants_to_date")


# ---------------------------------------------------------------- people


@operator
def returnees(window):
    """Persons who returned from overseas to the city."""
    return window.flow("returnees")


@operator
def returnee_share(window):
    """Share of the persons who returned from overseas to China that came to the city."""
    return ratio(window.flow("returnees"), window.flow("returnees_china"))


@operator
def stem_returnee_share(window):
    """The same among graduates of science and engineering."""
    return ratio(window.flow("stem_returnees"), window.flow("stem_returnees_china"))


@operator
def returnee_residents(window):
    """Persons in the tech workforce who returned from overseas at some time."""
    return window.stock("returnee_residents")


@operator
def workforce_growth(window):
    """Mean growth a year of the tech workforce between the ends of two years."""
    growth = window.stock("workforce") / window.stock("workforce", window.first)
    return growth ** (1 / max(window.last - window.first, 1)) - 1


# ---------------------------------------------------------------- space


@operator
def office_premium_shenzhen(window):
    """Mean office rent over Shenzhen's, less one."""
    return window.series("office_premium_shenzhen").mean()


# ---------------------------------------------------------------- signs: positive where the claim holds


@operator
def business_over_consumer_sales(window):
    """Share of sales to firms less share to consumers, mean of the ventures founded."""
    window.over(window.tables["city"])
    startups = window.tables["startups"]
    born = startups["born"].str[:4].astype(int).between(window.first, window.last)
    return 2 * startups.loc[born, "business_share"].mean() - 1


@operator
def core_rent_lead(window):
    """Highest office rent in the ring of the central business district over the highest elsewhere, less one."""
    districts = window.over(window.tables["district"])
    rents = districts.groupby(["ring", "district"])["office_rent_cny_m2"].mean()
    core = rents.index.get_level_values("ring") == CORE
    if core.all() or not core.any():
        raise NotThere(f"the city has no ring {CORE!r} beside others")
    return rents[core].max() / rents[~core].max() - 1


@operator
def hinterland_share_by_rent(window):
    """Share of startups that make elsewhere where offices are dear, less that where they are cheap, within sectors.

    Dear is above the median district. Sectors are weighted by their startups, and those without
    a startup on both sides are left out.
    """
    startups = window.alive()
    rents = window.at_end("district").set_index("district")["office_rent_cny_m2"]
    dear = startups["district"].map(rents > rents.median()).astype(bool)
    away = (~startups["makes_here"]).groupby([startups["sector"], dear]).mean().unstack()
    both = away.dropna()
    if both.shape[1] < 2 or both.empty:
        return np.nan
    return np.average(both[True] - both[False], weights=startups["sector"].value_counts()[both.index])


# ---------------------------------------------------------------- ranks: 1 where the claim holds in the run, a
# probability over runs


@operator
def raised_more_than_shenzhen(window):
    """Whether the city's startups raised more VC than Shenzhen's."""
    return window.flow("vc_raised_cny") > _raised_in(window, SHENZHEN)


@operator
def raised_more_than_beijing(window):
    """Whether the city's startups raised more VC than Beijing's."""
    return window.flow("vc_raised_cny") > _raised_in(window, BEIJING)


@operator
def raised_between_singapore_and_beijing(window):
    """Whether the city's startups raised more VC than Singapore's and less than Beijing's."""
    return _raised_in(window, SINGAPORE) < window.flow("vc_raised_cny") < _raised_in(window, BEIJING)


def _raised_in(window, rival):
    """VC raised in a rival place over the window, yuan."""
    return window.over(only(window.tables["rival"], "rival", rival))["vc_raised_cny"].sum()
