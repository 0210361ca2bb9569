"""Nested logit between here, the rivals and abroad; arrivals as supersets; the hazard of leaving."""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, people, rows

from sim.mechanisms.people import ages, labour, learning
from sim.mechanisms.people.attraction import (
    Living,
    Residents,
    count_residents,
    inclusive_value,
    utility_elsewhere,
    utility_here,
)
from sim.mechanisms.people.migration import (
    Params,
    Places,
    _decide,
    _expire,
    choice,
    hazard_of_leaving,
    leave,
    pool_of,
    pool_size,
)
from sim.mechanisms.people.settlement import Arrivals, house, identities, kinds_by_share, release, settle
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, RIVAL, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, NOBODY, Cohort, Origin, RivalKind, Sector, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

KINDS = np.array([RivalKind.RIVAL, RivalKind.REST, RivalKind.OVERSEAS, RivalKind.SINGAPORE])
HALF = params(Params, nest=0.5)
RETURNEES = pool_of(Cohort.RETURNEE, HALF)
LEAVING = HALF._replace(leave_base=0.01, leave_slope=2.0, leave_foreign=2.0, leave_range=5.0, leave_cap=0.5)


def test_inclusive_value_by_hand():
    # 0.5 log(e^0 + e^(log 3 / 0.5)) = 0.5 log(1 + 9)
    assert inclusive_value(np.array([0.0, math.log(3.0)]), 0.5) == pytest.approx(0.5 * math.log(10.0))
    assert inclusive_value(np.array([1.7]), 0.5) == pytest.approx(1.7)


def test_graduates_by_hand():
    # Moving: here or the rival, sqrt(2). Outside: three places, sqrt(3).
    here, moves = choice(np.zeros(1), np.zeros((4, 1)), KINDS, pool_of(Cohort.GRADUATE, HALF), 0.5)
    assert moves == pytest.approx(math.sqrt(2) / (math.sqrt(2) + math.sqrt(3)))
    assert here == pytest.approx(moves / 2)


def test_returnees_by_hand():
    # Moving: here (worth log 2: e^(2 log 2) = 4), the rival and the rest of China, sqrt(6). Outside: sqrt(2) x e^0.3.
    terms = HALF._replace(constant_returnees=math.log(2.0), stay_returnees=0.3)
    here, moves = choice(np.zeros(1), np.zeros((4, 1)), KINDS, pool_of(Cohort.RETURNEE, terms), 0.5)
    assert moves == pytest.approx(math.sqrt(6) / (math.sqrt(6) + math.sqrt(2) * math.exp(0.3)))
    assert here == pytest.approx(moves * 4 / 6)


@pytest.mark.parametrize("cohort, nest", [(Cohort.DOMESTIC, [0]), (Cohort.FOREIGN, [0, 1])])
def test_probabilities_sum_to_one(cohort, nest):
    """Every place gets its chance by changing sides with the city; the chances of a nest sum to that of moving."""
    chance = np.random.default_rng(3)
    utility = chance.normal(size=(5, 6))  # the city, then the rivals, by sector
    total = np.zeros(6)
    for place in [0, *(1 + rival for rival in nest)]:
        swapped = utility.copy()
        swapped[[0, place]] = utility[[place, 0]]
        here, moves = choice(swapped[0], swapped[1:], KINDS, pool_of(cohort, HALF), 0.5)
        assert (here > 0.0).all()
        total += here
    assert total == pytest.approx(moves)
    assert (moves < 1.0).all()


def test_raising_the_citys_utility_only_adds_persons():
    ids = identities(Cohort.RETURNEE, 8100, 5000)
    fields = np.arange(5000) % 2
    went = []
    for raised in (0.0, 0.1, 1.0):
        here, moves = choice(
            np.array([0.0, 0.5]) + raised, np.zeros((4, 2)), KINDS, pool_of(Cohort.RETURNEE, HALF), 0.5
        )
        arrives, returned = np.zeros(5000, bool), np.zeros(5000, bool)
        _decide(
            chance=Chance(1, 8100),
            ids=ids,
            fields=fields,
            here=here,
            moves=moves,
            arrives=arrives,
            returned=returned,
        )
        assert (arrives <= returned).all()
        assert arrives.mean() == pytest.approx(here.mean(), abs=0.02)
        went.append((arrives, returned))
    for (arrives, returned), (more, more_returned) in pairwise(went):
        assert (arrives <= more).all() and arrives.sum() < more.sum()
        assert (returned <= more_returned).all()


def test_hazard_of_leaving_by_hand():
    terms = LEAVING._replace(leave_reference=0.5, leave_foreign=3.0)
    elsewhere = np.zeros((4, 1))  # the best of four places is worth 0.5 log 4 = log 2
    here = math.log(2.0) + np.array([0.5, 1.0, 50.0, -50.0])
    hazard = hazard_of_leaving(np.broadcast_to(here, (3, 1, 4)), elsewhere, terms, np.ones(1))
    expected = 0.01 * np.array([1.0, math.exp(-1.0), 0.2, 5.0])  # at most five times more or less
    assert hazard[Origin.LOCAL, 0] == pytest.approx(expected)
    assert hazard[Origin.FOREIGN, 0] == pytest.approx(3.0 * expected)
    twice = hazard_of_leaving(np.broadcast_to(here, (3, 1, 4)), elsewhere, terms, np.full(1, 2.0))  # the lever
    assert twice == pytest.approx(2.0 * hazard)


def test_hazard_of_leaving_falls_with_the_utility_of_the_city():
    hazard = hazard_of_leaving(
        np.broadcast_to(np.linspace(0.0, 1.4, 9), (3, 1, 9)), np.zeros((4, 1)), LEAVING, np.ones(1)
    )
    assert (np.diff(hazard, axis=2) < 0.0).all()


def test_nobody_leaves_more_often_than_the_cap():
    terms = LEAVING._replace(leave_base=0.2, leave_cap=0.3)
    hazard = hazard_of_leaving(np.full((3, 1, 1), -9.0), np.zeros((4, 1)), terms, np.ones(1))
    assert hazard.ravel().tolist() == [0.3, 0.3, 0.3]


@pytest.fixture
def town():
    """One sector and one district: wage 100,000 a quarter, rent 200, a quarter of 8 residents foreign."""
    state = State(Persons(8))
    state.persons.count = 8
    state.persons.status[:] = Status.EMPLOYED
    state.persons.origin[:2] = Origin.FOREIGN
    fill(state.sectors, rows(SECTOR, wage=100_000.0, odds=0.25))
    fill(state.districts, rows(DISTRICT, home_rent=200.0, home_stock=6000.0, amenity=0.7))
    return state


def residents_of(state):
    """Who lives there, by origin and by district."""
    residents = Residents(np.zeros(len(Origin), np.int64), np.zeros(len(state.districts), np.int64))
    count_residents(people=state.people(), by_origin=residents.by_origin, by_district=residents.by_district)
    return residents


def test_residents_are_all_who_are_there():
    state = State(Persons(7))
    state.persons.count = 7
    fill(state.districts, rows(DISTRICT, 2))
    state.persons.status[:5] = [Status.EMPLOYED, Status.FOUNDER, Status.SEARCHING, Status.RETIRED, Status.EMPLOYED]
    state.persons.origin[:] = [Origin.LOCAL, Origin.RETURNEE, Origin.FOREIGN, *[Origin.LOCAL] * 4]
    state.persons.home[:] = [0, 1, 1, 1, 1, 0, 0]  # the last two are empty slots
    residents = residents_of(state)
    assert (residents.by_origin.tolist(), residents.by_district.tolist()) == ([3, 1, 1], [1, 4])


TERMS = params(
    Params,
    wage_weight=1.0,
    rent_weight=0.3,
    opportunity_weight=0.1,
    network_weight=0.2,
    appeal_weight=0.5,
    grant_weight=2.0,
    delay_weight=0.05,
    permit_weight=0.4,
    visa_delay_quarters=3.0,
    visa_quarters=8.0,
)
WORLD = SimpleNamespace(rival_wage=1.1)


def utility(town, levers, terms):
    """Utility of the town by origin, where a share `terms` of foreigners gets the better permit."""
    return utility_here(
        state=town,
        params=TERMS,
        levers=levers,
        living=Living(tax_rate=0.2, normal_odds=0.5, appeal=0.6, terms=terms),
        residents=residents_of(town),
    )[:, 0, 0]


def test_utility_here_by_hand(town):
    by_origin = utility(town, Levers(["PD"], ["ai"]), 0.0)
    place = math.log(80_000) - 0.3 * math.log(200) + 0.1 * math.log(0.25 / 0.5) + 0.7  # half the normal odds
    assert by_origin[Origin.LOCAL] == pytest.approx(place + 0.2 * math.log(76))
    assert by_origin[Origin.RETURNEE] == pytest.approx(place + 0.5 * 0.6)
    assert by_origin[Origin.FOREIGN] == pytest.approx(
        place + 0.2 * math.log(26) + 0.5 * 0.6 - 0.05 * 3 + 0.4 * math.log(2.0)
    )


@pytest.mark.parametrize(
    "lever, value, gain",
    [
        ("appeal", 0.3, 0.3),
        ("arrival_grant", 160_000.0, 2.0 * 160_000 / 320_000),  # in yearly wages after tax
        ("visa_delay", -2.0, 0.05 * 2),
        ("visa_delay", -9.0, 0.05 * 3),  # nobody waits less than not at all
        ("visa_quarters", 24.0, 0.4 * math.log(4.0)),  # 8 years for 2
    ],
)
def test_levers_raise_the_utility_of_whom_they_are_for(town, lever, value, gain):
    neutral, moved = Levers(["PD"], ["ai"]), Levers(["PD"], ["ai"])
    moved.move(lever, value, Origin.FOREIGN)
    change = utility(town, moved, 1.0) - utility(town, neutral, 1.0)
    assert change == pytest.approx([0.0, 0.0, gain])


def test_utility_elsewhere_by_hand():
    state = State(Persons(1))
    fill(state.rivals, rows(RIVAL, wage=0.9, home_rent=150.0, vc_odds=0.5, amenity=0.2, generosity=0.1))
    utility = utility_elsewhere(state, TERMS, Levers(["A"], ["s"]), np.array([100_000.0]), WORLD, 0.2)
    assert utility[0, 0] == pytest.approx(
        math.log(0.9 * 1.1 * 80_000) - 0.3 * math.log(150) + 0.1 * math.log(0.5) + 0.3
    )


def test_pools_are_finite():
    assert pool_size(35_000.0, 1.0, 0.1) == 875
    assert pool_size(35_000.0, 0.5, 0.1) == 438  # 437.5


# ---------------------------------------------------------------- residents come and go


def test_kinds_are_drawn_by_their_shares():
    luck = np.array([0.0, 0.19, 0.2, 0.69, 0.7, 0.999])
    assert kinds_by_share(np.array([0.2, 0.5, 0.3]), luck).tolist() == [0, 0, 1, 1, 2, 2]


CITY = SimpleNamespace(
    wealth_median=1_000.0, wealth_mean=1_000.0, traits=SimpleNamespace(workforce=np.array([0.0, 1.0]))
)
GROUND = SimpleNamespace(draw_cells=lambda homes, luck: 10 * homes)
MECHANISMS = {
    "ages": params(
        ages.Params,
        youngest=(40.0, 25.25, 40.0, 40.0, 40.0),
        span=(0.0,) * 5,
        wealth_growth=0.1,
        wealth_age=40.0,
        wealth_peak=60.0,
    ),
    "labour": params(labour.Params, skill_foreign=2.0, return_to_skill=0.0),
    "learning": params(learning.Params, prior_success=1.0, prior_failure=5.0),
}


def empty_city(n):
    """A city with room for n persons, one startup and one corporate of staff 5 each."""
    state = State(Persons(n))
    state.flows = new_flows()
    fill(state.treasury, rows(CASH, world=10**6))
    fill(state.districts, rows(DISTRICT, 2))
    fill(state.startups, rows(STARTUP, headcount=5))
    fill(state.corporates, rows(CORPORATE, headcount=5))
    return state


def arrive(state, cohort, ids, origin, permit_until=NEVER):
    """Persons with numbers `ids` settle in the second district, with field 0; returns their slots."""
    given = {"cohort": int(cohort), "origin": origin, "fields": 0, "homes": 1, "permit_until": permit_until}
    arrivals = Arrivals(ids=np.array(ids), **{name: np.full(len(ids), value) for name, value in given.items()})
    return settle(state, CITY, GROUND, MECHANISMS, Chance(1, 8100), [arrivals])


def test_arrivals_bring_wealth_from_the_world_and_look_for_work():
    state = empty_city(3)
    slots = arrive(state, Cohort.DOMESTIC, [5, 6, 7, 8], origin=Origin.LOCAL)  # one more than there is room for
    here = state.people()
    assert slots.tolist() == [0, 1, 2, 3] and here.id.tolist() == [5, 6, 7, 8]
    assert (here.wealth == 1_000).all() and (here.status == Status.SEARCHING).all() and (here.employer == NOBODY).all()
    assert (here.belief_success == 1.0).all() and (here.belief_failure == 5.0).all()
    assert (here.home == 1).all() and (here.cell == 10).all() and (here.second_field == 1).all()
    assert (here.arrived == 8100).all() and (here.visa_until == NEVER).all() and (here.born == 8100 - 160).all()
    assert (here.workplace == NOBODY).all() and (here.stigma == 0.0).all() and (here.carried == 0.0).all()
    assert state.flows.sum() == state.flows[Transaction.MIGRATION, Sector.WORLD, Sector.PERSONS] == 4_000
    assert state.treasury.used.world[0] == 10**6 - 4_000


def test_the_young_bring_less_and_foreigners_their_skill_and_permit():
    """At 25 and a quarter, of people who have the city's wealth at 40 and a tenth more each year."""
    state = empty_city(9)
    arrive(state, Cohort.GRADUATE, [1, 2], origin=Origin.LOCAL)
    arrive(state, Cohort.DOMESTIC, [3], origin=Origin.LOCAL)
    arrive(state, Cohort.FOREIGN, [3], origin=Origin.FOREIGN, permit_until=8108)
    here = state.people()
    assert here.wealth.tolist() == [int(1_000 * math.exp(-1.475))] * 2 + [1_000, 1_000]
    assert here.born.tolist() == [8100 - 101] * 2 + [8100 - 160] * 2
    assert here.skill[3] - here.skill[2] == pytest.approx(2.0)  # the same number, so the same luck
    assert here.visa_until.tolist() == [NEVER, NEVER, NEVER, 8108]


def test_who_takes_an_empty_slot_is_a_new_person():
    state = empty_city(2)
    arrive(state, Cohort.DOMESTIC, [1, 2], origin=Origin.LOCAL)
    persons = state.persons
    of_before = {"debt": 9, "ventures": 3, "successes": 1, "spawn_until": 9000, "subsidised_home": 1, "idle": 7}
    for name, value in (of_before | {"angel": 1, "stigma": 0.5, "carried": 0.3, "workplace": 1}).items():
        getattr(persons, name)[:] = value
    persons.employer[:], persons.status[:] = [0, as_employer(0)], Status.EMPLOYED
    state.districts.used.homes[:] = 2
    release(state, np.array([0, 1]))
    assert (state.startups.used.headcount[0], state.corporates.used.headcount[0]) == (4, 4)
    assert state.districts.used.homes.tolist() == [2, 0]
    assert (persons.status[:2] == Status.ABSENT).all() and persons.wealth[:2].sum() == 0
    assert state.treasury.used.world[0] == 10**6
    assert arrive(state, Cohort.DOMESTIC, [3], origin=Origin.LOCAL).tolist() == [1] and persons.free.tolist() == [0]
    nothing = ("debt", "ventures", "successes", "subsidised_home", "idle", "angel", "stigma", "carried")
    assert [getattr(persons, name)[1] for name in nothing] == [0] * len(nothing)
    assert (persons.spawn_until[1], persons.employer[1], persons.workplace[1]) == (NEVER, NOBODY, NOBODY)
    assert (persons.id[1], persons.born[1]) == (3, 8100 - 160)


def test_permits_that_end_are_renewed_or_their_holders_go():
    """Of 1,000 with a permit that ended, 800 are renewed; founders stay, and whose permit runs on is not asked."""
    n = 3_000
    status = np.repeat([Status.EMPLOYED, Status.FOUNDER, Status.SEARCHING], 1_000)
    persons = people(n, id=np.arange(n), status=status, visa_until=np.repeat([8099, 8099, 8100], 1_000))
    leaves = np.zeros(n, np.bool_)
    _expire(chance=Chance(1, 8100), people=persons, renewal=0.8, renewed_until=8132, leaves=leaves)
    assert leaves[:1_000].mean() == pytest.approx(0.2, abs=0.05) and not leaves[1_000:].any()
    assert (persons.visa_until[:1_000][~leaves[:1_000]] == 8132).all()
    assert persons.visa_until[1_000:].tolist() == [8099] * 1_000 + [8100] * 1_000


def test_founders_and_business_angels_stay_where_everybody_else_leaves():
    state = empty_city(6)
    arrive(state, Cohort.DOMESTIC, range(6), origin=Origin.LOCAL)
    persons = state.persons
    persons.status[:] = [Status.EMPLOYED, Status.EMPLOYED, Status.FOUNDER, *[Status.SEARCHING] * 2, Status.RETIRED]
    persons.employer[:3], persons.angel[:] = 0, [0, 1, 0, 0, 1, 1]
    everybody = LEAVING._replace(leave_base=1.0, leave_range=1.0, leave_cap=1.0, visa_quarters=8.0)
    model = SimpleNamespace(
        state=state,
        quarter=8100,
        chance=Chance(1, 8100),
        levers=Levers(["PD", "MH"], ["ai"]),
        params={"migration": everybody, "ages": params(ages.Params, retirement=60.0)},
        blocks=lambda work, n: [work(slice(0, 4)), work(slice(4, n))],
    )
    assert leave(model, Places(np.zeros((3, 1)), np.zeros((3, 1, 2)), np.zeros((4, 1)), KINDS)) == 2
    left = [Status.ABSENT, Status.EMPLOYED, Status.FOUNDER, Status.ABSENT, Status.SEARCHING, Status.RETIRED]
    assert persons.status.tolist() == left and sorted(persons.free) == [0, 3]
    assert state.startups.used.headcount[0] == 4
    assert state.flows[Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD] == 2_000  # with their money
    assert persons.wealth.sum() == 4_000 and state.treasury.used.world[0] == 10**6 - 4_000


def test_homes_go_to_the_latest_newcomers_of_the_origin_and_skill_admitted():
    state = State(Persons(6))
    state.persons.count = 6
    fill(state.districts, rows(DISTRICT, 2, homes=[0, 1]))
    persons = state.persons
    persons.id[:], persons.status[:], persons.home[:] = np.arange(6), Status.EMPLOYED, [1, 1, 1, 1, 1, 0]
    persons.origin[:] = [Origin.RETURNEE] * 5 + [Origin.RETURNEE]
    persons.origin[4] = Origin.LOCAL
    persons.skill[:] = [2.0, 2.0, 2.0, 0.5, 2.0, 2.0]
    persons.arrived[:] = [8099, 8089, 8088, 8100, 8100, 8100]  # those of 8088 came twelve quarters ago
    levers = Levers(["PD", "MH"], ["ai"])
    levers.move("homes", 4.0, 1)
    levers.move("homes_for", 0.0, Origin.LOCAL)
    levers.move("homes_skill", 1.0)
    model = SimpleNamespace(
        state=state, levers=levers, quarter=8100, params={"migration": params(Params, newcomer_quarters=12.0)}
    )
    house(model)
    assert persons.subsidised_home.tolist() == [1, 1, 0, 0, 0, 0]
    assert state.districts.used.homes.tolist() == [0, 3]
    persons.subsidised_home[:] = 0
    levers.reset()
    levers.move("homes", 2.0, 1)  # one is used by somebody else: one left, for who came last
    levers.move("homes_for", 0.0, Origin.LOCAL)
    levers.move("homes_skill", 1.0)
    state.districts.used.homes[1] = 1
    house(model)
    assert persons.subsidised_home.tolist() == [1, 0, 0, 0, 0, 0]
