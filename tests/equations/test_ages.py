"""Ages: of those who come, and what they make of wealth and ideas; and what becomes of people at retirement."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import small
from by_hand import ends, fill, params, people, rows

from sim.mechanisms.capital import angels, funding, nominal
from sim.mechanisms.people import ages, founding, labour, migration
from sim.mechanisms.ventures import endings
from sim.world import accounts
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, EXIT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer
from sim.world.kinds import NOBODY, Cohort, Life, Sector, Stage, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

N = 10_000  # three standard errors of a share are 0.015 at most
TERMS = params(
    ages.Params,
    youngest=(20.0, 22.0, 25.0, 28.0, 23.0),
    span=(40.0, 4.0, 10.0, 22.0, 16.0),
    skew=(2.0, 1.0, 1.0, 1.0, 0.5),
    retirement=60.0,
    ideas_peak=40.0,
    ideas_sd=10.0,
    wealth_growth=0.1,
    wealth_age=40.0,
    wealth_peak=50.0,
)


def arrived(cohort, ids=None, seed=1):
    ids = np.arange(N) if ids is None else ids
    return ages.at_arrival(np.full(len(ids), int(cohort)), ids, seed, TERMS)


@pytest.mark.parametrize(
    ("cohort", "below", "share"),
    [
        (Cohort.INITIAL, 30.0, 0.5),  # 20 + 40 / 4: where most are young half are there at a quarter of the span
        (Cohort.GRADUATE, 24.0, 0.5),
        (Cohort.RETURNEE, 27.0, 0.2),
        (Cohort.FOREIGN, 39.0, 0.5),
        (Cohort.DOMESTIC, 31.0, 0.25),  # 23 + 16 / 2: where most are old half the span has a quarter
    ],
)
def test_ages_at_arrival_are_those_of_the_cohort(cohort, below, share):
    age = arrived(cohort)
    assert (age < below).mean() == pytest.approx(share, abs=0.015)
    assert TERMS.youngest[cohort] <= age.min() and age.max() <= TERMS.youngest[cohort] + TERMS.span[cohort]


def test_the_age_of_a_person_follows_from_the_number_alone():
    few = np.array([77, 5, 4_000])
    assert arrived(Cohort.FOREIGN, few).tolist() == arrived(Cohort.FOREIGN)[few].tolist()
    assert arrived(Cohort.FOREIGN, seed=2)[few].tolist() != arrived(Cohort.FOREIGN)[few].tolist()


def test_wealth_rises_with_age_up_to_a_peak():
    # 0.1 a year around the age of 40, and no more beyond 50.
    factors = ages.wealth_of(np.array([30.0, 40.0, 45.0, 50.0, 59.0]), TERMS)
    assert factors == pytest.approx([math.exp(-1.0), 1.0, math.exp(0.5), math.e, math.e])


def test_ideas_are_most_in_mid_life():
    of_age = ages.ideas_of(TERMS)  # by quarters
    assert of_age[4 * 40] == of_age.max() == 1.0
    assert of_age[[4 * 30, 4 * 50]] == pytest.approx([math.exp(-0.5)] * 2)
    assert of_age[[4 * 20, 4 * 60]] == pytest.approx([math.exp(-2.0)] * 2)
    assert of_age[4 * 45 + 2] == pytest.approx(math.exp(-((5.5 / 10) ** 2) / 2))


def have_ideas(of_age, **columns):
    """Share of each of five kinds of persons, 10,000 of a kind, who have an idea in quarter 8100: chance 0.3, halved by
    the efficiency, and all else equal.
    """
    has_idea = np.zeros(5 * N, bool)
    founding._have_ideas(
        chance=Chance(1, 8100),
        people=people(
            5 * N,
            id=np.arange(5 * N),
            efficiency=0.5,
            **{name: np.repeat(values, N) for name, values in columns.items()},
        ),
        rate=np.array([[0.3]]),
        of_age=of_age,
        spawn_factor=4.0,
        has_idea=has_idea,
    )
    return has_idea.reshape(5, N).mean(axis=1)


def test_people_have_ideas_by_their_age_and_after_ends_nearby_more():
    # Aged 40, 30, 60, 200 as 99.75 at most, and 30 a quarter after colleagues saw an end, which counts four times.
    born, spawn = 8100 - 4 * np.array([40, 30, 60, 200, 30]), [-1, 8099, -1, -1, 8100]
    share = have_ideas(ages.ideas_of(TERMS), status=[Status.EMPLOYED] * 5, born=born, spawn_until=spawn)
    middle = 0.15 * math.exp(-0.5)
    assert share == pytest.approx([0.15, middle, 0.15 * math.exp(-2.0), 0.0, 4 * middle], abs=0.015)


def test_only_those_who_work_or_look_for_work_have_ideas():
    status = [Status.ABSENT, Status.EMPLOYED, Status.FOUNDER, Status.SEARCHING, Status.RETIRED]
    share = have_ideas(np.ones(400), status=status)
    assert share == pytest.approx([0.0, 0.15, 0.0, 0.15, 0.0], abs=0.015)


# ---------------------------------------------------------------- retirement


def town(**columns):
    """Persons with their money and, at age 60 of retirement, a city that nobody leaves otherwise in quarter 8100: two
    startups and a pool of incumbents employ whom the columns say.
    """
    n = len(columns["status"])
    state = State(Persons(n))
    state.persons.count, state.flows, state.required = n, new_flows(), np.zeros(len(Stage))
    for name, values in ({"id": np.arange(n), "wealth": 10 ** np.arange(n)} | columns).items():
        getattr(state.persons, name)[:] = values
    employed = state.persons.employer[state.persons.status == Status.EMPLOYED]
    fill(state.startups, rows(STARTUP, 2, id=[16, 32], headcount=np.bincount(employed[employed >= 0], minlength=2)))
    fill(state.corporates, rows(CORPORATE, pool=1, headcount=(employed < NOBODY).sum()))
    fill(state.districts, rows(DISTRICT))
    fill(state.sectors, rows(SECTOR))
    fill(state.treasury, rows(CASH, world=10**9))
    return SimpleNamespace(
        state=state,
        quarter=8100,
        seed=1,
        levers=Levers(["PD"], ["ai"]),
        params={
            "ages": TERMS,
            "nominal": nominal.Params(1.0),
            "funding": params(funding.Params),
            "migration": params(migration.Params, nest=0.5, leave_range=1.0, visa_quarters=8.0),
            "endings": params(endings.Params, spawn_quarters=8.0),
        },
        blocks=lambda work, n: [work(slice(0, 2)), work(slice(2, n))],
    )


def leave(model):
    """How many left; the books close."""
    state, before = model.state, accounts.purses(model.state)
    places = migration.Places(np.zeros((3, 1)), np.zeros((3, 1, 1)), np.zeros((1, 1)), np.zeros(1, np.int64))
    state.flows[:], model.chance = 0, Chance(1, model.quarter)
    left = migration.leave(model, places)
    assert accounts.unbalanced(state.flows, before, accounts.purses(state)) == {}
    return left


SIXTY = 8100 - 4 * 60  # quarter of birth


def test_who_works_or_looks_for_work_retires_and_leaves_with_the_money():
    model = town(
        status=[Status.EMPLOYED, Status.EMPLOYED, Status.SEARCHING, Status.EMPLOYED, Status.SEARCHING],
        employer=[0, 0, NOBODY, as_employer(0), NOBODY],
        born=[SIXTY, SIXTY + 1, SIXTY - 9, SIXTY - 1, SIXTY + 1],
    )
    assert leave(model) == 3
    state = model.state
    status = [Status.ABSENT, Status.EMPLOYED, Status.ABSENT, Status.ABSENT, Status.SEARCHING]
    assert state.persons.status.tolist() == status
    assert state.flows.sum() == state.flows[Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD] == 1 + 100 + 1_000
    assert state.persons.wealth.tolist() == [0, 10, 0, 0, 10_000]
    assert state.startups.used.headcount.tolist() == [1, 0] and state.corporates.used.headcount.tolist() == [0]
    assert sorted(state.persons.free) == [0, 2, 3]
    model.quarter += 1  # who was a quarter too young
    assert leave(model) == 2 and len(state.persons) == 0


def test_a_founder_stays_until_the_venture_ends_and_then_retires():
    model = town(status=[Status.FOUNDER], employer=[0], born=[SIXTY - 12])
    for _ in range(3):
        assert leave(model) == 0 and model.state.persons.status[0] == Status.FOUNDER
        model.quarter += 1
    fill(model.state.exits, rows(EXIT, startup=0, quarter=model.quarter, life=Life.FAILED))
    endings.settle(model, ends(2))
    assert model.state.persons.status[0] == Status.SEARCHING
    model.quarter += 1
    assert leave(model) == 1 and model.state.persons.status[0] == Status.ABSENT


def test_a_business_angel_retires_and_stays_with_the_money():
    """The stakes are in the name of a slot, so who holds them keeps it: no money moves, and no job is held."""
    model = town(
        status=[Status.EMPLOYED, Status.SEARCHING, Status.EMPLOYED, Status.FOUNDER],
        employer=[1, NOBODY, 1, 0],
        born=[SIXTY, SIXTY - 20, SIXTY + 1, SIXTY - 20],
        angel=[1, 1, 1, 1],
    )
    assert leave(model) == 0
    state = model.state
    after = [Status.RETIRED, Status.RETIRED, Status.EMPLOYED, Status.FOUNDER]
    assert state.persons.status.tolist() == after
    assert state.persons.employer.tolist() == [NOBODY, NOBODY, 1, 0]
    assert state.startups.used.headcount.tolist() == [0, 1]
    assert state.persons.wealth.tolist() == [1, 10, 100, 1_000] and state.flows.sum() == 0
    assert len(state.persons.free) == 0
    model.quarter += 40
    assert leave(model) == 0 and state.persons.status[:3].tolist() == [Status.RETIRED] * 3  # for good
    investing = angels.active(model=model, people=state.people(), expected=np.zeros(3))
    assert sorted(investing.on.members) == [0, 1, 2, 3]  # and goes on to invest


def test_nobody_beyond_the_age_works_or_looks_for_work(monkeypatch):
    """Four years of a city where all who come are younger than 40, at which people retire, and the rich become business
    angels. The books close every quarter, else the run ends.
    """
    config = small.altered(
        small.config(*small.LAKESIDE, "end=2009Q4"),
        ages={"retirement": 40.0, "span": (35.0, 4.0, 10.0, 10.0, 15.0)},
        funding={"angel_wealth": 100_000.0, "angel_rate": 0.2},
    )
    hire, seen = labour.hire, []

    def watched(model):
        persons, here = model.state.persons, slice(model.state.persons.count)
        works = np.isin(persons.status[here], (Status.EMPLOYED, Status.SEARCHING))
        old = model.quarter - persons.born[here] >= 160
        if model.quarter >= config.start:
            seen.append(((works & old).sum(), (works & ~old).sum()))
        assert (old | (persons.status[here] != Status.RETIRED)).all()
        return hire(model)

    monkeypatch.setattr(labour, "hire", watched)
    model = small.run(config)
    too_old, working = map(sum, zip(*seen, strict=True))
    assert len(seen) == 16 and too_old == 0 and working > 0
    persons = model.state.persons
    retired = persons.status[: persons.count] == Status.RETIRED
    assert retired.sum() >= 5 and (persons.angel[: persons.count][retired] == 1).all()
    assert small.column(model, "city", "retired")[-1] == pytest.approx(10 * retired.sum())  # a tenth of a city
    assert small.column(model, "city", "workforce")[-1] == pytest.approx(10 * (len(persons) - retired.sum()))
