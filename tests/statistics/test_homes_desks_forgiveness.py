"""Homes, desks, forgiveness and data zones: what they are for, and the side effects that theory names.

Paired runs of Shanghai at scale 0.05 to 2012, two seeds; directions only.
"""

import numpy as np
import pytest
import small

from sim.mechanisms.people import payroll
from sim.world.calendar import quarter_of
from sim.world.employment import corporate_of
from sim.world.kinds import NOBODY, Experience, Life, Status

WORDS = ("scale=0.05", "end=2012Q4")
START = "2008Q1"
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def without():
    return [small.run(small.config(*WORDS, "policy=[]", f"seed={seed}")) for seed in SEEDS]


def under(policy, **knobs):
    settings = [f"policy.{policy}.{name}={value}" for name, value in {"start": START, **knobs}.items()]
    return [small.run(small.config(*WORDS, f"policy=[{policy}]", f"seed={seed}", *settings)) for seed in SEEDS]


def total(models, table, name):
    return sum(small.column(model, table, name).sum() for model in models)


def test_talent_homes_bring_people_and_the_others_pay_higher_rents(without):
    homes = under("talent_homes", homes_per_district=6000, budget=20_000_000_000)
    for model in homes:
        persons = model.state.persons
        there = (persons.subsidised_home == 1) & (persons.status != Status.ABSENT)
        housed = np.bincount(persons.home[there], minlength=16)
        assert 0 < housed.max() <= 6000 * 0.05
        assert (housed == model.state.districts.used.homes).all()
    assert total(homes, "city", "returnees") > total(without, "city", "returnees")
    rents = [
        np.mean([small.column(model, "city", "home_rent_cny_m2")[-1] for model in models])
        for models in (homes, without)
    ]
    assert rents[0] > rents[1]


def test_desks_move_ventures_between_districts_more_than_they_make_new_ones(without):
    desks = under("coworking", desks_per_district=2000, districts="[FX]", budget=5_000_000_000)

    def founded(models, district=None):
        return sum(
            int((model.state.startups.used.district == district).sum())
            if district is not None
            else model.state.startups.count
            for model in models
        )

    fengxian = without[0].city.district_codes.index("FX")
    drawn = founded(desks, fengxian) - founded(without, fengxian)
    assert drawn > 0
    assert abs(founded(desks) - founded(without)) < drawn


def test_forgiveness_lets_more_people_found_and_leaves_less_debt(without):
    kind = under("failure_forgiveness", debt_forgiven=1, stigma_forgiven=1)
    assert total(kind, "city", "startups_founded") > total(without, "city", "startups_founded")
    debt = [
        sum(int(model.state.persons.debt[: model.state.persons.count].sum()) for model in models)
        for models in (kind, without)
    ]
    assert debt[0] < debt[1]


def test_who_is_forgiven_earns_what_the_skill_is_worth(without):
    """A first failure leaves a dent in pay, and none where stigma is forgiven; what such a person can do is no less.

    Exact, of those who work for incumbents, who pay in full.
    """
    kind = under("failure_forgiveness", debt_forgiven=1, stigma_forgiven=1)

    def pay_over_skill(model):
        """Log pay of another quarter over what the skill is worth, of those who failed once, since the start."""
        state, persons = model.state, model.state.persons
        startups, corporates, n = state.startups.used, state.corporates.used, persons.count
        failed = startups[startups.life == Life.FAILED]
        founders, failures = np.unique(failed.founder_id, return_counts=True)
        first = failed[(failed.experience == Experience.FIRST_TIME) & (failed.ended >= quarter_of(START))]
        who = np.isin(persons.id[:n], np.intersect1d(first.founder_id, founders[failures == 1]))
        who = np.flatnonzero(who & (persons.status[:n] == Status.EMPLOYED) & (persons.employer[:n] < NOBODY))
        skill = np.exp(model.params["labour"].return_to_skill * persons.skill[who])
        assert np.allclose(persons.efficiency[who], skill, rtol=1e-12)
        firm = corporates[corporate_of(persons.employer[who])]
        wage = state.sectors.used.wage[firm.sector] * firm.wage_offer
        return np.log(payroll.pay_people(model)[who] / (wage * skill))

    forgiven, marked = (np.concatenate([pay_over_skill(model) for model in models]) for models in (kind, without))
    assert len(forgiven) > 20 and np.abs(forgiven).max() < 1e-4  # a yuan of rounding
    assert len(marked) > 20 and marked.max() < -0.01


def test_a_data_zone_raises_sales_in_its_district(without):
    zone = under("data_zone", share=1)

    def revenue(models, district):
        rows = [model.state.startups.used for model in models]
        return sum(int(startups.revenue[startups.district == district].sum()) for startups in rows)

    pudong = without[0].city.district_codes.index("PD")
    assert revenue(zone, pudong) > revenue(without, pudong)


@pytest.mark.parametrize("policy", ["talent_homes", "coworking"])
def test_a_purse_is_never_overspent(policy):
    model = under(policy, budget=10_000_000)[0]
    purse = model.state.purses.used[0]
    assert 0 <= purse.cash < purse.appropriated and purse.spent > 0
