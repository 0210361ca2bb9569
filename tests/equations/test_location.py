"""Where new ventures settle, what a place is worth to who would found one, and who pays for a subsidy of desks."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms.space import location, rents, zones
from sim.world.columns import CASH, CORPORATE, DISTRICT, GP, SECTOR, STARTUP, TALLY
from sim.world.draws import Chance
from sim.world.kinds import Life
from sim.world.levers import Levers
from sim.world.state import Persons, State

# ---------------------------------------------------------------- a subsidy of desks


def settled_town(discount, stock=5000.0, desks=1000.0):
    """Three alike districts of `stock` m2 after 300 startups of 10 m2 settled beside others, who want 3000 m2 each at
    base rent; desks of district 0 are cheaper by `discount`."""
    n = 3
    state = State(Persons(300))
    state.knowledge, state.flows = np.zeros((n, 1)), np.zeros((40, 9, 9), np.int64)
    state.works = np.zeros((n, 1))
    space = {"office_stock": stock, "home_stock": 1.0, "office_background": 3000.0, "home_background": 1.0}
    fill(state.districts, rows(DISTRICT, n, office_rent=300.0, home_rent=200.0, **space))
    fill(state.sectors, rows(SECTOR))
    fill(state.treasury, rows(CASH))
    fill(state.tally, rows(TALLY))
    fill(state.startups, rows(STARTUP, 300, id=np.arange(300) * 16, founder=np.arange(300), headcount=0))
    levers = Levers(["A", "B", "C"], ["ai"])
    levers.move("desks", desks, 0)
    levers.move("desk_discount", discount, 0)
    model = SimpleNamespace(
        state=state,
        levers=levers,
        scale=1.0,
        chance=Chance(1, 8100),
        quarter=8100,
        district_knowledge=np.zeros((n, 1)),
        params={
            "location": params(location.Params, rent_weight=2.0, noise=1.0, cell_samples=1.0, largest_discount=0.9),
            "zones": params(zones.Params, reference=1.0),
            "rents": params(
                rents.Params,
                office_m2=10.0,
                home_m2=0.0,
                office_elasticity=0.5,
                home_elasticity=0.5,
                substitution=2.0,
                vacancy=0.1,
                vacancy_elasticity=1.5,
                largest_vacancy=0.9,
                mobile_share=0.3,
                construction_lag=10.0,
            ),
        },
        map=SimpleNamespace(
            district_distance=np.ones((n, n)),
            district_cells=np.arange(n),
            cumulative_centrality=np.arange(1.0, n + 1),
            district_of_cell=np.arange(n),
        ),
        base_rents={"office": np.full(n, 300.0), "home": np.full(n, 200.0)},
        attraction={"office": np.zeros(n), "home": np.zeros(n)},
        city=dated(8100, districts=SimpleNamespace(office_stock_m2=np.full(n, stock))),
    )
    location.settle(model, np.arange(300), location.compare(model), np.arange(300) % n)
    rents.let(model)
    return model


def test_desk_subsidy_raises_the_rent_of_others_where_space_is_tight():
    rises = {}  # yuan a m2, paid by everybody in district 0 who has no desk
    for stock in (3500.0, 8000.0):
        before, after = (settled_town(discount, stock).state.districts.used.office_rent for discount in (0.0, 0.5))
        rises[stock] = after[0] - before[0]
        assert (after[1:] < before[1:]).all()  # firms drawn away leave space elsewhere
    assert rises[3500.0] > 3.0 * rises[8000.0] > 0.0


def test_desks_are_rationed_and_draw_firms():
    for desks, draw in ((1000.0, 1.5), (20.0, 1.0)):  # plenty draws many, a few draw no more than their number
        at = [settled_town(discount, desks=desks).state.startups.used for discount in (0.0, 0.5)]
        drawn = (at[1].district == 0).sum() - (at[0].district == 0).sum()
        assert drawn > (draw - 1.0) * (at[0].district == 0).sum()
        assert drawn <= desks
    assert at[0].desk.sum() == 0
    assert at[1].desk.sum() == at[1].desk[at[1].district == 0].sum() == 20
    inside = np.flatnonzero(at[1].district == 0)
    assert at[1].desk[inside[:20]].all()  # the first of them


def test_desks_of_ventures_that_ended_are_free_again():
    model = settled_town(0.5, desks=20.0)
    startups, districts = model.state.startups.used, model.state.districts.used
    assert districts.desks.tolist() == [20, 0, 0]
    startups.life[np.flatnonzero(startups.desk)[:5]] = Life.FAILED
    places = location.compare(model)
    assert districts.desks.tolist() == [15, 0, 0] and places.desks.tolist() == [5.0, 0.0, 0.0]


# ---------------------------------------------------------------- what districts are worth

AWAY = math.e - 1  # km, log(1 + km) = 1


def town(sectors=1, districts=2, terms=None, pull=0.0, **columns):
    """Districts that are alike but for the `columns` of them, 1.7 km apart, at base rents of 100 without desks and
    works, for ventures of `sectors`; whoever looks for a place weighs rents and noise by one.
    """
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, districts, **({"office_stock": 1000.0, "office_rent": 100.0} | columns)))
    fill(state.sectors, rows(SECTOR, sectors))
    state.works, state.knowledge = np.zeros((2, districts, sectors))
    return SimpleNamespace(
        quarter=8100,
        state=state,
        levers=Levers([str(d) for d in range(districts)], [str(s) for s in range(sectors)]),
        scale=1.0,
        chance=Chance(1, 8100),
        district_knowledge=np.zeros((districts, sectors)),
        params={
            "location": params(
                location.Params, **({"rent_weight": 1.0, "noise": 1.0, "largest_discount": 0.9} | (terms or {}))
            ),
            "zones": params(zones.Params, reference=1.0, pull=pull),
        },
        map=SimpleNamespace(
            district_distance=AWAY * (1.0 - np.eye(districts)),
            district_cells=np.arange(districts),
            cumulative_centrality=np.arange(1.0, districts + 1),
            district_of_cell=np.arange(districts),
        ),
        base_rents={"office": np.full(districts, 100.0)},
        city=SimpleNamespace(districts=SimpleNamespace(office_stock_m2=np.full(districts, 1000.0))),
    )


def test_worth_of_a_district_by_hand():
    terms = {"size_weight": 0.6, "knowledge_weight": 0.35, "customer_weight": 0.2, "investor_weight": 0.4}
    model = town(terms=terms, office_rent=[200.0, 100.0])
    model.scale = 0.5
    model.district_knowledge[0] = 9.0
    fill(model.state.corporates, rows(CORPORATE, headcount=100, openness=0.2, district=1))
    fill(model.state.gps, rows(GP, 4, local=[1, 1, 0, 1], cell=[1, 1, 1, 0], ended=[-1, -1, -1, 8000]))
    worth = location.compare(model).worth[0]
    # Customers 20 and investors 2 in half of the city; one from outside and one that ended do not count.
    assert worth[0] == pytest.approx(0.6 * math.log(1000) - math.log(200) + 0.35 * math.log(10))
    assert worth[1] == pytest.approx(0.6 * math.log(1000) - math.log(100) + 0.2 * math.log(41) + 0.4 * math.log(5))


def test_who_makes_things_looks_for_a_park():
    model = town(3, terms={"size_weight": 0.5}, office_stock=[1000.0, 10.0], park_stock=[0.0, 500.0])
    model.state.sectors.used.hardware_share = [0.0, 0.5, 1.0]
    gap = np.diff(location.compare(model).worth, axis=1)[:, 0]
    assert gap.tolist() == pytest.approx([0.5 * math.log(room) for room in (10 / 1000, 255 / 500, 500 / 1)])


def test_distance_to_where_a_founder_comes_from_by_hand():
    places = location.compare(town(terms={"home_weight": 0.9}))
    assert places.away.tolist() == [[0.0, pytest.approx(0.9)], [pytest.approx(0.9), 0.0]]


def test_ventures_settle_near_where_their_founders_come_from():
    model = town(terms={"home_weight": 2.0, "cell_samples": 1.0})
    startups = fill(model.state.startups, rows(STARTUP, 4000, id=np.arange(4000) * 16))
    location.settle(model, np.arange(4000), location.compare(model), np.arange(4000) % 2)
    at_home = (startups.district == np.arange(4000) % 2).mean()
    assert at_home == pytest.approx(1 / (1 + math.exp(-2)), abs=0.02)  # standard error 0.005


# ---------------------------------------------------------------- what founding here is worth


def test_founding_at_base_rents_without_desks_and_works_is_worth_nothing_more():
    places = location.compare(town(terms={"home_weight": 0.9, "size_weight": 0.6}, office_stock=[1000.0, 10.0]))
    assert (places.value == 0.0).all() and (places.instruments == 0.0).all()


def test_dear_offices_make_founding_worth_less():
    # Twice the base rent everywhere costs log 2 at any place, in one of two alike places log(2 / (1 + 1/2)).
    assert location.compare(town(office_rent=200.0)).value == pytest.approx(-math.log(2))
    dear = location.compare(town(office_rent=[200.0, 100.0]))
    assert dear.value == pytest.approx(math.log((1 / 2 + 1) / 2))
    assert (dear.instruments == 0.0).all()
    # 1.7 km away counts e^-1 as much: dearer offices count less to who comes from elsewhere.
    far = location.compare(town(terms={"home_weight": 1.0}, office_rent=[200.0, 100.0])).value[:, 0]
    away = math.exp(-1)
    assert far.tolist() == pytest.approx([math.log((1 / 2 + away) / (1 + away)), math.log((away / 2 + 1) / (1 + away))])


def test_desks_make_founding_worth_more_while_some_are_free():
    model = town(office_rent=200.0)
    model.levers.move("desks", 2.0, 0)
    model.levers.move("desk_discount", 0.5, 0)
    places = location.compare(model)  # half the rent in one of two alike places
    assert places.saving.tolist() == [pytest.approx(math.log(2)), 0.0]
    assert places.instruments == pytest.approx(math.log((2 + 1) / 2))
    assert places.value == pytest.approx(math.log((2 + 1) / 2) - math.log(2))
    fill(model.state.startups, rows(STARTUP, 2, desk=1))
    places = location.compare(model)
    assert places.desks.tolist() == [0.0, 0.0] and (places.instruments == 0.0).all()


def test_a_desk_is_never_free():
    model = town()
    model.levers.move("desk_discount", 0.8, 0)
    model.levers.move("desk_discount", 0.7, 0)
    assert location.compare(model).saving.tolist() == [pytest.approx(math.log(10)), 0.0]  # at most 0.9


def test_works_make_founding_worth_more_where_they_are():
    # Works worth as much as a district's offices of 1000 m2: an equipment of log 2.
    model = town(2, pull=0.22, office_rent=200.0)
    model.state.works[1, 0] = 1000.0
    places = location.compare(model)
    assert np.diff(places.worth, axis=1)[:, 0].tolist() == [pytest.approx(0.22 * math.log(2)), 0.0]
    assert places.instruments[:, 0] == pytest.approx(math.log((1 + 2**0.22) / 2))
    assert places.value[:, 0] == pytest.approx(math.log((1 + 2**0.22) / 2) - math.log(2))
    assert (places.instruments[:, 1] == 0.0).all()


# ---------------------------------------------------------------- customers


def test_access_by_hand():
    # 100 people in open corporates sit in district 0, at 1 km; district 1 is 3 km away: 50 to 25, around a mean of
    # 37.5.
    # A foreign corporate in district 1 is open by half where its openness counts half: 100 people there too, so both
    # are alike.
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2))
    fill(state.sectors, rows(SECTOR))
    firms = fill(state.corporates, rows(CORPORATE, 2, headcount=200, openness=0.5, pool=[0, 1]))
    ground = SimpleNamespace(district_distance=np.array([[1.0, 3.0], [3.0, 1.0]]))
    assert location.access(state, ground, 0.5, 0.5, np.zeros(1))[:, 0].tolist() == pytest.approx(
        [math.sqrt(4 / 3), math.sqrt(2 / 3)]
    )
    assert location.access(state, ground, 0.0, 0.5, np.zeros(1)).tolist() == [[1.0], [1.0]]
    firms.pool[1], firms.foreign[1], firms.district[1], firms.headcount[1] = 0, 1, 1, 400
    assert location.access(state, ground, 0.5, 0.5, np.zeros(1))[:, 0].tolist() == pytest.approx([1.0, 1.0])
    # A programme that opens all corporates of the sector by a quarter: the foreign one counts half of it.
    firms.headcount[1] = 200
    assert location.access(state, ground, 1.0, 0.5, np.array([0.25]))[:, 0].tolist() == pytest.approx(
        [93.75 / 84.375, 75.0 / 84.375]
    )
