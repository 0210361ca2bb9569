"""The world outside: what happens to the city and is not decided by it.

History and projection are data (`configs/city/*/history.csv`), each series with its source or
called an assumption. Shocks move the same quantities through levers.
"""

from typing import NamedTuple

from sim.world.draws import Decision, exp, normal
from sim.world.kernel import kernel

AROUND = 10  # quarters on either side of which the trend is the mean
PAST = 20  # quarters of which the past climate is the mean
RENT_TABLES = 4 * 2024  # quarter of the rents in the cities' district tables


class Params(NamedTuple):
    rival_luck: float
    window_memory: float
    spin_up_quarters: float


class Conditions(NamedTuple):
    """The outside world in a quarter."""

    macro_demand: float  # index, 2019 = 1
    fundraising: float  # national VC fund-raising, 2019 = 1
    ipo: float  # listings a quarter in the nation
    foreign_capital: float  # index, 2019 = 1
    borders_open: float  # 0 to 1
    rival_wage: float  # index of real wages elsewhere, 2019 = 1
    export_controls: float  # severity, 0 to 1
    appeal: float  # log utility, trend of the city's appeal that no policy explains
    overseas_pool: float  # index, 2019 = 1


def observe(city, quarter):
    """The conditions of a quarter, from the city's history."""
    return Conditions(*(city.at(series, quarter) for series in Conditions._fields))


def shocked(conditions, levers):
    """The conditions as shocks leave them; neutral levers change no bit."""
    return conditions._replace(
        macro_demand=conditions.macro_demand * levers.macro_demand,
        fundraising=conditions.fundraising * levers.fundraising,
        ipo=conditions.ipo * levers.ipo,
        foreign_capital=conditions.foreign_capital * levers.foreign_capital,
        export_controls=min(1.0, conditions.export_controls + levers.export_controls),
    )


def elsewhere(rivals, city, conditions, quarter, seed, luck):
    """The rivals' quarter: rents in line with incomes; venture capital by their level of 2019, the climate, and the
    year's luck.
    """
    level = income_level(city, conditions)
    rivals.home_rent[:] = level * city.rivals.home_rent
    rivals.office_rent[:] = level * city.rivals.office_rent
    _raise(rivals, conditions.fundraising, quarter, seed, luck)


@kernel
def _raise(rivals, climate, quarter, seed, luck):
    """Venture capital that the rivals raise in a quarter of a year, yuan; the luck is the year's."""
    for i in range(len(rivals)):
        year = exp(luck * normal(seed, Decision.RAISE, quarter // 4, i, 1))
        rivals.raised[i] = rivals.vc_2019[i] / 4.0 * climate * year


def trend(city, series, quarter):
    """Five-year mean of a series of the history around a quarter."""
    return city.mean(series, quarter, before=AROUND, after=AROUND)


def past(city, series, quarter):
    """Mean of a series of the history over the five years up to a quarter: what those there can know."""
    return city.mean(series, quarter, before=PAST - 1, after=0)


def cycle(city, conditions, quarter):
    """Macro demand over its trend; 1 is normal."""
    return conditions.macro_demand / trend(city, "macro_demand", quarter)


def normal_listings(city):
    """National listings a quarter, mean since the history began."""
    return city.history["ipo"][city.history_start - city.first :].mean()


def window(city, conditions):
    """How open the listing window is: listings over their mean since the history began; 1 is normal."""
    return float(conditions.ipo / normal_listings(city))


def income_level(city, conditions):
    """Incomes elsewhere over those of the year of the rent tables: rents in line with incomes keep space as tight."""
    return conditions.rival_wage / city.at("rival_wage", min(RENT_TABLES, city.last))
