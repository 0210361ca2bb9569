"""Facts of the lives of ventures: survival, founders' experience, sizes and growth.

Coverage: all ventures founded in the model, with or without a round. A venture dies when it runs out
of money or is given up; one that is listed or acquired is an exit that counts as alive. Sizes are
those of ventures still their own firm at the end of a year, of at least one employee.
"""

import numpy as np

from sim.observables.operators.indicators import NotReached, at_end, operator, ratio

FOLLOWED = 8  # years for which a cohort is observed
DEAD = ("failed", "closed")
BENCHMARK = 0.18  # F14b: success rate of first-time founders, to which F14a is scaled


def ordinal(quarters):
    """Quarters as numbers, NaN where missing: 2016Q1 -> 8064."""
    text = quarters.astype("string")
    return (text.str[:4].astype("Float64") * 4 + text.str[5:].astype("Float64") - 1).to_numpy(float, na_value=np.nan)


def window(first, last):
    """First quarter of a year and last quarter of another, as numbers."""
    return 4 * first, 4 * last + 3


# ---------------------------------------------------------------- survival


def exit_hazards(tables, first, last):
    """Deaths during a year of life over ventures alive at its start, for the first to the eighth year of life.

    Year 1 is the calendar year of founding. All cohorts founded from `first` on that are observed for
    eight years up to `last` are pooled.
    """
    at_end(tables["city"], last)
    startups = tables["startups"]
    born, ended = np.floor(ordinal(startups["born"]) / 4), np.floor(ordinal(startups["ended"]) / 4)
    cohort = (born >= first) & (born <= last - FOLLOWED + 1)
    if not cohort.any():
        raise NotReached(f"no venture was founded from {first} on and observed for {FOLLOWED} years to {last}")
    age = np.where(startups["life"].isin(DEAD), ended - born, np.nan)  # years at death
    gone = ended - born  # dead, listed or acquired
    return np.array([ratio((cohort & (age == k)).sum(), (cohort & ~(gone < k)).sum()) for k in range(FOLLOWED)])


@operator
def exit_hazard_1(tables, first, last):
    """Deaths during the year of founding over ventures founded."""
    return exit_hazards(tables, first, last)[0]


@operator
def exit_hazard_2(tables, first, last):
    """Deaths during the second year of life over ventures alive at its start."""
    return exit_hazards(tables, first, last)[1]


@operator
def exit_hazard_3(tables, first, last):
    """Deaths during the third year of life over ventures alive at its start."""
    return exit_hazards(tables, first, last)[2]


@operator
def exit_hazard_peak(tables, first, last):
    """Year of life, of the first eight, in which the most die of those alive at its start."""
    return 1 + np.argmax(exit_hazards(tables, first, last))


@operator
def exit_hazard_least_3_to_7(tables, first, last):
    """The least hazard of the third to the seventh year of life."""
    return exit_hazards(tables, first, last)[2:7].min()


@operator
def exit_hazard_8_over_3_to_7(tables, first, last):
    """Hazard of the eighth year of life over the mean of the third to the seventh."""
    of_year = exit_hazards(tables, first, last)
    return ratio(of_year[7], of_year[2:7].mean())


def survival(tables, first, last, years):
    """Kaplan-Meier share of ventures founded in the window that still operate after so many years; acquired and listed
    ones do.
    """
    at_end(tables["city"], last)
    startups = tables["startups"]
    opening, closing = window(first, last)
    born, ended = ordinal(startups["born"]), ordinal(startups["ended"])
    cohort = (born >= opening) & (born <= closing)
    dead = startups["life"].isin(DEAD).to_numpy() & (ended <= closing)
    age = np.where(dead, ended, closing)[cohort] - born[cohort]
    dead = dead[cohort]
    alive = 1.0
    for quarter in range(4 * years):
        at_risk = (age >= quarter).sum()
        if not at_risk:
            raise NotReached(f"no venture of {first} to {last} is observed for {years} years")
        alive *= 1 - (dead & (age == quarter)).sum() / at_risk
    return alive


@operator
def survival_1(tables, first, last):
    """Share of ventures that still operate after one year."""
    return survival(tables, first, last, 1)


@operator
def survival_5(tables, first, last):
    """Share of ventures that still operate after five years."""
    return survival(tables, first, last, 5)


@operator
def survival_10(tables, first, last):
    """Share of ventures that still operate after ten years."""
    return survival(tables, first, last, 10)


# ---------------------------------------------------------------- founders' experience


def success_rate(tables, first, last, experience):
    """Share of VC-backed ventures founded in the window that are listed or have a filing that stands, by their
    founder's history.

    Ventures of the last eight years are left out, as they have not had the time.
    """
    at_end(tables["city"], last)
    startups, rounds = tables["startups"], tables["rounds"]
    born = np.floor(ordinal(startups["born"]) / 4)
    backed = startups["startup_id"].isin(rounds.loc[rounds["investor"] == "fund", "startup_id"])
    group = startups[(born >= first) & (born <= last - FOLLOWED + 1) & backed & (startups["experience"] == experience)]
    return ratio(((group["life"] == "listed") | group["filed"].notna()).sum(), len(group))


@operator
def success_rate_succeeded(tables, first, last):
    """Success rate of founders with an earlier success were that of first-time founders 18%:

    scored as the ratio of the two.
    """
    return BENCHMARK * ratio(
        success_rate(tables, first, last, "succeeded_before"), success_rate(tables, first, last, "first_time")
    )


@operator
def success_rate_first_time(tables, first, last):
    """Success rate of first-time founders of VC-backed ventures."""
    return success_rate(tables, first, last, "first_time")


@operator
def success_ratio_failed(tables, first, last):
    """Success rate of founders who failed before over that of first-time founders."""
    return ratio(success_rate(tables, first, last, "failed_before"), success_rate(tables, first, last, "first_time"))


# ---------------------------------------------------------------- sizes and growth


def sizes(tables, year):
    """Employees of the ventures that operate at the end of a year, at least one each."""
    at_end(tables["city"], year)
    firms = tables["firms"]
    held = firms.loc[firms["year"] == year, "headcount"].to_numpy(float)
    return held[held >= 1]


@operator
def zipf_exponent(tables, first, last):
    """Zipf exponent of employees:

    minus the slope of log(rank - 1/2) on log size above the median size, mean over years.
    """
    found = [rank_exponent(sizes(tables, year)) for year in range(first, last + 1)]
    known = [exponent for exponent in found if exponent == exponent]
    return np.mean(known) if known else np.nan


def rank_exponent(held):
    """Exponent of the tail above the median (Gabaix and Ibragimov 2011)."""
    top = np.sort(held[held > np.median(held)])[::-1] if len(held) else held
    if len(np.unique(top)) < 3:
        return np.nan
    return -np.polyfit(np.log(top), np.log(np.arange(len(top)) + 0.5), 1)[0]


@operator
def growth_kurtosis(tables, first, last):
    """Kurtosis of annual log revenue growth of survivors, demeaned and rescaled within tenths of size (Laplace 6,
    normal 3).
    """
    at_end(tables["city"], last)
    firms = tables["firms"]
    firms = firms[firms["year"].between(first - 1, last) & (firms["revenue_cny"] > 0)]
    before = firms.assign(year=firms["year"] + 1)[["startup_id", "year", "revenue_cny"]]
    pairs = firms.merge(before, on=["startup_id", "year"], suffixes=("", "_before"))
    size = np.log(pairs["revenue_cny_before"].to_numpy(float))
    growth = np.log(pairs["revenue_cny"].to_numpy(float)) - size
    if len(growth) < 100:
        return np.nan
    tenth = np.searchsorted(np.quantile(size, np.arange(1, 10) / 10), size)
    scaled = np.concatenate([_standard(growth[tenth == k]) for k in range(10)])
    return np.mean(scaled**4) / np.mean(scaled**2) ** 2


def _standard(values):
    spread = values.std() if len(values) > 1 else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros(0)
