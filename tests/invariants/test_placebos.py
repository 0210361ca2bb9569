"""Each mechanism at the value of its parameters at which it does nothing: it then changes no bit, while at its own
value it does. Shanghai at a hundredth, to 2013, with some more ideas, so that all happens that a mechanism needs.
"""

import dataclasses
import functools

import numpy as np
import pytest
import small

from sim.mechanisms.people import ages
from sim.mechanisms.ventures import competition
from sim.world.calendar import quarter_of
from sim.world.kinds import NOBODY, Life, RivalKind, Status

WORDS = (*small.SHANGHAI, "policy=[]", "start=2008Q1", "end=2013Q4")


def city(policies=None, change=lambda city: {}, **mechanisms):
    """The settings of the small Shanghai with policies, with parameters, and with what `change` says of the city."""
    config = small.config(*WORDS)
    ideas = {"idea_rate": 3.0 * config.params["founding"].idea_rate}
    mechanisms["founding"] = ideas | mechanisms.get("founding", {})
    config = small.altered(config, policies, **mechanisms)
    return dataclasses.replace(config, city=dataclasses.replace(config.city, **change(config.city)))


@functools.cache
def as_it_is():
    return small.run(city())


def columns_that_differ(one, other, table="startups"):
    """Names of the columns in which a table of two runs differs."""
    ours, theirs = (getattr(model.state, table).used for model in (one, other))
    assert len(ours) == len(theirs)
    return {name for name in ours.dtype.names if ours[name].tobytes() != theirs[name].tobytes()}


def test_the_city_has_what_placebos_need():
    """Firms with sales and staff, know-how that travels, customers lost and founders who went elsewhere."""
    model = as_it_is()
    startups = model.state.startups.used
    alive = startups[startups.life == Life.ALIVE]
    assert np.sum(alive.revenue > 0) > 20 and np.sum(alive.headcount > 2) > 20 and np.any(startups.knowhow > 0.0)
    assert np.any(model.state.sectors.used.customers_lost != 0.0)
    assert small.column(model, "city", "founders_elsewhere").sum() > 0
    assert small.column(model, "city", "turned").sum() > 0


# ---------------------------------------------------------------- customers


def twice(series):
    """A city in which twice as much of a series is normal."""
    return lambda city: {"reference": city.reference | {series: 2.0 * city.reference[series]}}


def test_without_rivalry_for_customers_the_offers_of_others_do_not_count():
    """Elasticity 1: twice the offers sell twice as much, so a firm's share is 1 whatever others offer."""
    params = small.config(*WORDS).params["competition"]._replace(elasticity=1.0)
    offers, normal = np.array([0.0, 1.0, 5e9, 3e8]), np.array([1.0, 7e9, 1.0, 0.0])
    assert np.all(competition.share_of_customers(offers, normal, params) == 1.0)
    alone = city(competition={"elasticity": 1.0})
    crowded = city(competition={"elasticity": 1.0}, change=twice("offers"), rivals={"market_weight": 1.0})
    assert small.differing(small.run(alone), small.run(crowded)) == []
    assert "state.startups" in small.differing(as_it_is(), small.run(city(change=twice("offers"))))


def test_where_no_customers_are_diverted_incumbents_lose_none():
    calm = small.run(city(competition={"diverted": 0.0}))
    assert np.all(calm.state.sectors.used.customers_lost == 0.0)
    assert small.differing(calm, small.run(city(competition={"diverted": 0.0}, change=twice("sales")))) == []
    assert "state.corporates" in small.differing(as_it_is(), calm)


# ---------------------------------------------------------------- know-how

NO_KNOWHOW = {"spillover": 0.0, "hire_gain": 0.0, "founders_share": 0.0}


def test_without_spillovers_hires_and_founders_there_is_no_know_how():
    """And what people carry then is of no use: it may be of any size."""
    seen = []
    without = small.run(city(knowhow=NO_KNOWHOW), lambda model: seen.append(np.abs(model.state.startups.used.knowhow)))
    assert max(known.max() for known in seen if len(known)) == 0.0
    known = small.run(city(knowhow=NO_KNOWHOW | {"quality_known": 0.5}))
    assert small.differing(without, known) == ["state.persons.carried"]


@pytest.mark.parametrize("way", NO_KNOWHOW)
def test_each_way_alone_brings_know_how(way):
    """And it sells. So that the zeros above mean something."""
    params = small.config(*WORDS).params["knowhow"]
    model, without = (small.run(city(knowhow=NO_KNOWHOW | other)) for other in ({way: getattr(params, way)}, {}))
    assert np.any(model.state.startups.used.knowhow != 0.0)
    assert "panels.city/startup_revenue_cny" in small.differing(model, without)


# ---------------------------------------------------------------- density, works, places

NO_DENSITY = {"output": 0.0, "pay": 0.0}


def test_without_premia_density_changes_nothing():
    """Nor what of it is normal."""
    factors = []
    without = small.run(
        city(density=NO_DENSITY), lambda model: factors.extend((*model.labour.output.flat, *model.labour.pay))
    )
    assert set(factors) == {1.0}
    assert small.differing(without, small.run(city(density=NO_DENSITY, change=twice("density")))) == []
    assert "state.startups" in small.differing(as_it_is(), small.run(city(change=twice("density"))))


@pytest.mark.parametrize("premium", NO_DENSITY)
def test_each_premium_alone_is_felt(premium):
    other = {premium: getattr(small.config(*WORDS).params["density"], premium)}
    with_it, without = (small.run(city(density=NO_DENSITY | params)) for params in (other, {}))
    assert "state.startups" in small.differing(with_it, without)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Works(small.Mover):
    """A policy that builds from a purse that has the money for it."""

    def appropriation(self, quarter):
        return 1e10 if self.moves else 0.0


WORKS = Works(name="works", moves={"infrastructure": (2e8, {"district": ("YP", "XH"), "sector": "all"})})
NOTHING = Works(name="works")
OF_NO_USE = {"pull": 0.0, "output": 0.0, "contact": 0.0}


def test_works_of_no_use_are_money_spent():
    """Exact: beside the money and the stock itself nothing moves."""
    built, not_built = (small.run(city([policy], zones=OF_NO_USE)) for policy in (WORKS, NOTHING))
    assert built.state.works.sum() > 0 == not_built.state.works.sum()
    assert small.rebuilt(built, not_built) == ["state.works"]


@pytest.mark.parametrize("use", OF_NO_USE)
def test_works_of_one_use_are_felt(use):
    """So that the zeros above mean something."""
    useful = OF_NO_USE | {use: getattr(small.config(*WORDS).params["zones"], use)}
    built, not_built = (small.run(city([policy], zones=useful)) for policy in (WORKS, NOTHING))
    assert "state.startups" in small.rebuilt(built, not_built)


def founders_of_the_first_quarter(place_weight, elsewhere_response, moves):
    """Who founds here in a quarter, and how many did so elsewhere, with levers moved in it for the first time."""
    weights = {"place_weight": place_weight, "elsewhere_response": elsewhere_response}
    start = quarter_of("2010Q1")
    config = city([small.Mover(name="more", start=start, moves=moves)], founding=weights)
    model = small.run(dataclasses.replace(config, end=start, scale=0.2))
    startups = model.state.startups.used
    return (
        set(startups.founder_id[startups.born == start].tolist()),
        int(model.state.tally.rows.founders_elsewhere[0]),
        startups.district.tolist(),
    )


OUTER = {"district": ("QP", "SJ", "FX")}
DESKS = {"desks": (1e6, OUTER), "desk_discount": (0.9, OUTER)}


def test_where_the_place_has_no_weight_desks_move_founders_and_make_none():
    """The same persons found, and as many elsewhere; only the districts differ. With the weights, more found."""
    same = [founders_of_the_first_quarter(0.0, 0.0, moves) for moves in ({}, DESKS)]
    assert same[0][:2] == same[1][:2] and same[0][2] != same[1][2]
    assert len(same[0][0]) > 50
    params = small.config(*WORDS).params["founding"]
    bare, served = (
        founders_of_the_first_quarter(params.place_weight, params.elsewhere_response, moves) for moves in ({}, DESKS)
    )
    assert bare[0] < served[0]


@pytest.mark.parametrize("weight", ["place_weight", "elsewhere_response"])
def test_each_weight_of_the_place_alone_is_felt(weight):
    params = small.config(*WORDS).params["founding"]
    weights = {"place_weight": 0.0, "elsewhere_response": 0.0} | {weight: 5.0 * getattr(params, weight)}
    bare, served = (founders_of_the_first_quarter(*weights.values(), moves) for moves in ({}, DESKS))
    assert bare[0] < served[0]


def test_where_no_share_founds_elsewhere_nobody_does():
    assert small.column(small.run(city(founding={"elsewhere_share": 0.0})), "city", "founders_elsewhere").sum() == 0


def test_where_distance_costs_nothing_it_is_all_one_where_a_founder_comes_from():
    home, work = (
        small.run(city(location={"home_weight": 0.0}, founding={"spin_off_share": share})) for share in (0.0, 1.0)
    )
    assert small.differing(home, work) == []
    near, far = (small.run(city(founding={"spin_off_share": share})) for share in (0.0, 1.0))
    assert "state.startups" in small.differing(near, far)


# ---------------------------------------------------------------- rivals

GENEROUS = small.Mover(name="generous", moves={"appeal": 1.0})


def test_rivals_of_no_speed_stay_as_they_are():
    """Whatever the city does. And with their speed they do not."""
    seen = []

    def look(model):
        rivals = model.state.rivals.used
        seen.append((rivals.generosity - model.city.rivals.generosity, rivals.young - 1.0))

    small.run(city([GENEROUS], rivals={"speed": 0.0}), look)
    assert np.all(np.array(seen) == 0.0)
    seen.clear()
    small.run(city([GENEROUS]), look)
    generosity, young = np.array(seen)[-1]
    reacts = small.config(*WORDS).city.rivals.kind == RivalKind.RIVAL
    assert np.all(generosity[reacts] > 0.0) and np.all(young[reacts] > 0.0)


def test_rivals_without_weight_in_the_market_take_no_customers():
    """As many young firms as they like sell nothing here: that there are more of them is all that differs."""

    def market(weight, founding):
        return small.run(city([GENEROUS], rivals={"market_weight": weight, "founding": founding}))

    assert small.differing(market(0.0, 0.0), market(0.0, 5.0)) == ["state.rivals", "panels.rival/young_firms"]
    assert "state.startups" in small.differing(market(0.3, 0.0), market(0.3, 5.0))


# ---------------------------------------------------------------- work

AGELESS = {"retirement": 1e6, "ideas_sd": 1e12, "wealth_growth": 0.0}


def test_where_age_means_nothing_anybody_may_be_of_any_age():
    """Nobody retires, has more ideas or more savings by age: another age of those who come is on their papers only."""

    def aged(params, **other):
        return small.run(city(ages=params | other))

    years = {"youngest": (40.0,) * 5, "span": (1.0,) * 5, "skew": (1.0,) * 5}
    young, old = aged(AGELESS), aged(AGELESS, **years)
    assert np.all(ages.ideas_of(young.params["ages"]) == 1.0)
    assert columns_that_differ(young, old) == {"founder_age"}
    apart = {name for name in small.differing(young, old) if name.startswith("state.")}
    assert apart == {"state.persons.born", "state.startups"}
    assert "state.persons.wealth" in small.differing(as_it_is(), aged({}, **years))


def test_without_matches_nobody_is_hired():
    model = small.run(city(vacancies={"matching": 0.0, "turning": 0.0}))
    assert small.column(model, "city", "hires").sum() == 0
    assert np.all(model.state.startups.used.headcount == 0)


def test_who_never_turns_stays_in_the_field():
    """And without a second field all staff work in their own."""
    model = small.run(city(vacancies={"turning": 0.0, "second_field_success": 0.0}))
    assert small.column(model, "city", "turned").sum() == 0 < small.column(model, "city", "hires").sum()
    persons, startups = model.state.persons, model.state.startups.used
    status, employer = persons.status[: persons.count], persons.employer[: persons.count]
    staff = np.flatnonzero((status == Status.EMPLOYED) & (employer >= 0))
    assert len(staff) > 50 and np.all(persons.field[staff] == startups.sector[employer[staff]])


def test_where_hands_are_of_no_use_a_firm_sells_its_demand():
    """Elasticity of sales to labour 0, and no delay: what customers would buy is sold, by whoever is there."""
    equal = []

    def look(model):
        startups = model.state.startups.used
        alive = startups[(startups.life == Life.ALIVE) & (startups.partner == NOBODY)]
        equal.append(alive.revenue == alive.demand)

    small.run(city(output={"labour_elasticity": 0.0}, sales={"ramp": 1.0}), look)
    assert np.all(np.concatenate(equal)) and sum(map(len, equal)) > 100
    equal.clear()
    small.run(city(sales={"ramp": 1.0}), look)
    assert not np.all(np.concatenate(equal))


def test_where_failure_is_no_stigma_none_is_on_anybody_s_pay():
    persons = small.run(city(founding={"stigma": 0.0})).state.persons
    assert np.all(persons.stigma == 0.0)
    assert np.any(as_it_is().state.persons.stigma > 0.0)
