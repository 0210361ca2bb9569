"""What places are worth to people: the city, district by district, and the other places.

Utility of a place for a person of origin o in field s:

    V = wage_weight (log(net wage) + chance of a tax refund x log(its part of the net wage)) - rent_weight log(home
    rent) + opportunity_weight log(odds of a first round)
        + network_weight log(1 + residents of the same origin, share) + amenity + appeal
        + grant_weight grant / yearly wage - delay_weight (quarters of waiting) + permit_weight log(permit years)

The chance of a refund is that of pay above its floor, as residents show it. The parameters are those of `migration`,
which says who chooses between the places.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.draws import exp, log
from sim.world.kernel import kernel
from sim.world.kinds import Origin, RivalKind, Status
from sim.world.sums import mean, total

QUARTERS = 4.0  # of a year
PERCENT = 100.0


class Residents(NamedTuple):
    """Who lives in the city, int64."""

    by_origin: np.ndarray
    by_district: np.ndarray


class Living(NamedTuple):
    """What life in the city is like beside its wages, rents and people."""

    tax_rate: float
    normal_odds: float  # of a first round
    appeal: float  # to who is not from here, that no policy explains
    terms: float  # share of arrivals who get the better permit


class Help(NamedTuple):
    """The levers of these names that make life in the city better; by origin, or by district."""

    appeal: np.ndarray
    arrival_grant: np.ndarray
    visa_delay: np.ndarray
    visa_quarters: np.ndarray
    homes_for: np.ndarray
    homes: np.ndarray
    home_discount: np.ndarray


@kernel
def inclusive_value(utility, dissimilarity):
    """Log-sum of a nest: dissimilarity x log sum exp(V / dissimilarity)."""
    top, odds = utility.max(), np.empty(len(utility))
    for i in range(len(utility)):
        odds[i] = exp((utility[i] - top) / dissimilarity)
    return top + dissimilarity * log(total(odds))


@kernel
def value_of_city(districts, dissimilarity):
    """Utility of the city, (origins, sectors), of that of its districts."""
    here = np.empty(districts.shape[:2])
    for o, s in np.ndindex(here.shape):
        here[o, s] = inclusive_value(districts[o, s], dissimilarity)
    return here


@kernel
def _utility(rows, sectors, residents, help_, relief, living, params):
    """Utility of living in each of the districts (`rows`), (origins, sectors, districts); `relief` is the log gain of
    net pay from a tax refund, (origins, sectors).
    """
    origins, districts = len(residents.by_origin), len(rows)
    wage = np.empty(len(sectors))
    for s in range(len(sectors)):
        wage[s] = sectors.wage[s] * (1.0 - living.tax_rate)
    everybody, yearly = max(residents.by_origin.sum(), 1), QUARTERS * mean(wage)
    utility = np.empty((origins, len(sectors), districts))
    for o in range(origins):
        of_origin = params.network_weight * log(1.0 + PERCENT * residents.by_origin[o] / everybody)
        if o != Origin.LOCAL:
            of_origin += params.appeal_weight * living.appeal
        of_origin += help_.appeal[o]
        of_origin += params.grant_weight * help_.arrival_grant[o] / yearly
        if o == Origin.FOREIGN:
            delay = max(0.0, params.visa_delay_quarters + help_.visa_delay[o] * living.terms)
            years = (params.visa_quarters + help_.visa_quarters[o] * living.terms) / QUARTERS
            of_origin += -params.delay_weight * delay + params.permit_weight * log(years)
        for s in range(len(sectors)):
            of_pay = params.wage_weight * log(wage[s])
            of_pay += params.opportunity_weight * log(sectors.odds[s] / living.normal_odds)
            of_pay += params.wage_weight * relief[o, s]
            for d in range(districts):
                utility[o, s, d] = of_origin + of_pay
        for d in range(districts):
            cut = _home_cut(help_, residents.by_district[d], d) if help_.homes_for[o] > 0.0 else 0.0
            of_district = -params.rent_weight * log(rows.home_rent[d] * (1.0 - cut)) + rows.amenity[d]
            for s in range(len(sectors)):
                utility[o, s, d] += of_district
    return utility


@kernel
def _home_cut(help_, residents, d):
    """Cut of the home rent that a resident of district d may expect: discount x subsidised homes a resident."""
    return help_.home_discount[d] * min(1.0, help_.homes[d] / max(residents, 1))


def utility_here(state, params, levers, living, residents):
    """Utility of living in the city, (origins, sectors, districts), under the levers.

    Odds of a first round are relative to normal ones, as those of the rivals are.
    """
    return _utility(
        rows=state.districts.used,
        sectors=state.sectors.used,
        residents=residents,
        help_=Help(
            appeal=levers.appeal,
            arrival_grant=levers.arrival_grant,
            visa_delay=levers.visa_delay,
            visa_quarters=levers.visa_quarters,
            homes_for=levers.homes_for,
            homes=levers.homes,
            home_discount=levers.home_discount,
        ),
        relief=_tax_relief(state, levers, living.tax_rate),
        living=living,
        params=params,
    )


def _tax_relief(state, levers, tax_rate):
    """Log gain of net pay that a tax refund promises, (origins, sectors): chance of pay above the floor, as residents
    show it, times the gain.
    """
    cut = max(0.0, tax_rate - levers.tax_cap)
    if cut <= 0.0 or levers.tax_relief.max() <= 0.0:
        return np.zeros((len(Origin), len(state.sectors)))
    everybody, above = np.zeros((2, len(Origin), len(state.sectors)))
    _count_rich(
        people=state.people(), sectors=state.sectors.used, floor=levers.tax_floor, everybody=everybody, above=above
    )
    refunded = np.minimum(levers.tax_relief, 1.0) * cut
    return above / np.maximum(everybody, 1.0) * draws.logs(1.0 + refunded / (1.0 - tax_rate))[:, None]


@kernel
def _count_rich(people, sectors, floor, everybody, above):
    """Adds the residents, and those whose yearly pay is above a floor, to their counts, (origins, sectors)."""
    for i in range(len(people.id)):
        if people.status[i] != Status.ABSENT:
            origin, field = people.origin[i], people.field[i]
            everybody[origin, field] += 1.0
            if QUARTERS * sectors.wage[field] * people.efficiency[i] >= floor:
                above[origin, field] += 1.0


@kernel
def count_residents(people, by_origin, by_district):
    """Adds the residents to their counts, int64[origins] and int64[districts]."""
    for i in range(len(people.id)):
        if people.status[i] != Status.ABSENT:
            by_origin[people.origin[i]] += 1
            by_district[people.home[i]] += 1


@kernel
def _elsewhere(rivals, base_wage, rival_wage, net, generosity, params):
    """Utility of the other places, (rivals, sectors): wages there are `rival_wage` times what they were, of which
    people keep the part `net`; `generosity` is that which a shock adds to rival cities'.
    """
    utility = np.empty((len(rivals), len(base_wage)))
    for i in range(len(rivals)):
        place = rivals[i]
        of_place = -params.rent_weight * log(place.home_rent) + params.opportunity_weight * log(place.vc_odds)
        of_place += place.amenity
        of_place += place.generosity
        of_place += generosity if place.kind == RivalKind.RIVAL else 0.0
        for s in range(len(base_wage)):
            utility[i, s] = params.wage_weight * log(place.wage * base_wage[s] * rival_wage * net) + of_place
    return utility


def utility_elsewhere(state, params, levers, base_wage, conditions, tax_rate):
    """Utility of the other places, (rivals, sectors)."""
    return _elsewhere(
        rivals=state.rivals.used,
        base_wage=base_wage * levers.rival_wage,
        rival_wage=conditions.rival_wage,
        net=1.0 - tax_rate,
        generosity=levers.rival_generosity,
        params=params,
    )
