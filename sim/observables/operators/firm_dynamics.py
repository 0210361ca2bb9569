"""Facts of firm dynamics: survival, founders' experience, sizes and growth.

Coverage: all ventures founded in the model, with or without a round. A venture dies when it runs out
of money or is given up; one that is listed or acquired is an exit that counts as alive. Sizes are
those of ventures still their own firm at the end of a year, of at least one employee.
"""

import numpy as np

from sim.observables.operators.window import NotReached, operator, ordinal, ratio

FOLLOWED = 8  # years for which a cohort is observed
DEAD = ("failed", "closed")
BENCHMARK = 0.18  # F14b: success rate of first-time founders, to which F14a is scaled


# ---------------------------------------------------------------- survival


def exit_hazards(window):
    """Deaths during a year of life over ventures alive at its start, for the first to the eighth year of life: (8,).

    Year 1 is the calendar year of founding. All cohorts founded from the first year on that are observed for
    eight years up to the last are pooled. Raises NotReached where there is none.
    """
    startups = window.table("startups")
    born, ended = np.floor(ordinal(startups["born"]) / 4), np.floor(ordinal(startups["ended"]) / 4)
    cohort = (born >= window.first) & (born <= window.last - FOLLOWED + 1)
    if not cohort.any():
        raise NotReached(
            f"no venture was founded from {window.first} on and observed for {FOLLOWED} years to {window.last}"
        )
    lifetime = ended - born  # years until dead, listed or acquired
    dead = startups["life"].isin(DEAD)
    return np.array(
        [
            ratio((cohort & dead & (lifetime == age)).sum(), (cohort & ~(lifetime < age)).sum())
            for age in range(FOLLOWED)
        ]
    )


@operator
def exit_hazard_1(window):
    """Deaths during the year of founding over ventures founded."""
    return exit_hazards(window)[0]


@operator
def exit_hazard_2(window):
    """Deaths during the second year of life over ventures alive at its start."""
    return exit_hazards(window)[1]


@operator
def exit_hazard_3(window):
    """Deaths during the third year of life over ventures alive at its start."""
    return exit_hazards(window)[2]


@operator
def exit_hazard_peak(window):
    """Year of life, of the first eight, in which the most die of those alive at its start."""
    return 1 + np.argmax(exit_hazards(window))


@operator
def exit_hazard_least_3_to_7(window):
    """The least hazard of the third to the seventh year of life."""
    return exit_hazards(window)[2:7].min()


@operator
def exit_hazard_8_over_3_to_7(window):
    """Hazard of the eighth year of life over the mean of the third to the seventh."""
    hazards = exit_hazards(window)
    return ratio(hazards[7], hazards[2:7].mean())


def life_table(age, dead, entry, span):
    """(at risk, deaths) by quarter of age, for each of `span` quarters: what Kaplan and Meier's survival is made of.

    Of each firm (arrays of one length): `age` in quarters at death or when last observed, whether it is then `dead`,
    and from which age it is observed, `entry`, 0 for one that is since its founding.
    """
    entered = np.cumsum(np.bincount(entry.clip(max=span), minlength=span + 1))[:span]
    left = np.cumsum(np.bincount(age.clip(0, span), minlength=span + 1))[:span]
    deaths = np.bincount(age[dead].clip(0, span), minlength=span + 1)[:span]
    return entered - np.concatenate([[0], left[:-1]]), deaths


def survival(window, years):
    """Kaplan-Meier share of ventures founded in the window that operate after `years`; acquired and listed ones do.

    Raises NotReached where none is observed so long.
    """
    startups = window.table("startups")
    opening, closing = window.quarters
    born, ended = ordinal(startups["born"]), ordinal(startups["ended"])
    cohort = (born >= opening) & (born <= closing)
    dead = startups["life"].isin(DEAD).to_numpy() & (ended <= closing)
    age = (np.where(dead, ended, closing) - born)[cohort].astype(np.int64)
    at_risk, deaths = life_table(age, dead[cohort], np.zeros_like(age), 4 * years)
    if not at_risk.all():
        raise NotReached(f"no venture of {window.first} to {window.last} is observed for {years} years")
    return np.cumprod(1 - deaths / at_risk)[-1]


@operator
def survival_1(window):
    """Share of ventures that still operate after one year."""
    return survival(window, 1)


@operator
def survival_5(window):
    """Share of ventures that still operate after five years."""
    return survival(window, 5)


@operator
def survival_10(window):
    """Share of ventures that still operate after ten years."""
    return survival(window, 10)


# ---------------------------------------------------------------- founders' experience


def success_rate(window, experience):
    """Share of VC-backed ventures of founders of one `experience` that are listed or have filed to be.

    They are founded in the window, but not in its last eight years, which is too late to tell; a filing counts while
    it stands.
    """
    startups, stakes = window.table("startups"), window.table("rounds")
    born = np.floor(ordinal(startups["born"]) / 4)
    backed = startups["startup_id"].isin(stakes.loc[stakes["investor"] == "fund", "startup_id"])
    mature = (born >= window.first) & (born <= window.last - FOLLOWED + 1)
    group = startups[mature & backed & (startups["experience"] == experience)]
    return ratio(((group["life"] == "listed") | group["filed"].notna()).sum(), len(group))


@operator
def success_rate_succeeded(window):
    """Success rate of founders with an earlier success over that of first-time founders, times the latter's 18%."""
    return BENCHMARK * ratio(success_rate(window, "succeeded_before"), success_rate(window, "first_time"))


@operator
def success_rate_first_time(window):
    """Success rate of first-time founders of VC-backed ventures."""
    return success_rate(window, "first_time")


@operator
def success_ratio_failed(window):
    """Success rate of founders who failed before over that of first-time founders."""
    return ratio(success_rate(window, "failed_before"), success_rate(window, "first_time"))


# ---------------------------------------------------------------- sizes and growth


def sizes(window):
    """Employees of the ventures that operate at the end of the window, at least one each, an array of floats."""
    firms = window.table("firms")
    headcount = firms.loc[firms["year"] == window.last, "headcount"].to_numpy(float)
    return headcount[headcount >= 1]


@operator
def zipf_exponent(window):
    """Zipf exponent of employees above the median size, mean over years."""
    exponents = np.array([rank_exponent(sizes(year)) for year in window.years()])
    exponents = exponents[~np.isnan(exponents)]
    return np.mean(exponents) if len(exponents) else np.nan


def rank_exponent(headcount):
    """Minus the slope of log(rank - 1/2) on log size above the median (Gabaix and Ibragimov 2011).

    `headcount` is an array of sizes; NaN where fewer than three differ.
    """
    top = np.sort(headcount[headcount > np.median(headcount)])[::-1] if len(headcount) else headcount
    if len(np.unique(top)) < 3:
        return np.nan
    return -np.polyfit(np.log(top), np.log(np.arange(len(top)) + 0.5), 1)[0]


@operator
def growth_kurtosis(window):
    """Kurtosis of annual log revenue growth of survivors (Laplace 6, normal 3).

    Growth is demeaned and rescaled within tenths of size.
    """
    firms = window.table("firms")
    firms = firms[firms["year"].between(window.first - 1, window.last) & (firms["revenue_cny"] > 0)]
    before = firms.assign(year=firms["year"] + 1)[["startup_id", "year", "revenue_cny"]]
    pairs = firms.merge(before, on=["startup_id", "year"], suffixes=("", "_before"))
    size = np.log(pairs["revenue_cny_before"].to_numpy(float))
    growth = np.log(pairs["revenue_cny"].to_numpy(float)) - size
    if len(growth) < 100:
        return np.nan
    tenth = np.searchsorted(np.quantile(size, np.arange(1, 10) / 10), size)
    scaled = np.concatenate([_standardised(growth[tenth == k]) for k in range(10)])
    return np.mean(scaled**4) / np.mean(scaled**2) ** 2


def _standardised(values):
    spread = values.std() if len(values) > 1 else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros(0)
