"""Zones work through what their money has built: it wears, is shared, and is worth something to firms."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
import small
from by_hand import fill, params, rows, touching

from sim.mechanisms.space import knowledge, location, zones
from sim.mechanisms.space.zones import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, DISTRICT, INSTITUTION, PURSE, SECTOR, STARTUP
from sim.world.kinds import Sector
from sim.world.levers import Levers
from sim.world.state import Persons, State

TERMS = params(Params, wear=0.01, shared=0.4, reference=20.0, pull=0.22, output=0.03, contact=0.5)


def town(works=((0.0, 0.0), (0.0, 0.0)), terms=TERMS, scale=1.0, purses=(1000, 1000)):
    """Two districts that began with offices of 100 and 50 m2, and two sectors; works, yuan, by district and sector."""
    state = State(Persons(1))
    state.works, state.flows = np.array(works), new_flows()
    fill(state.purses, rows(PURSE, len(purses), cash=list(purses)))
    fill(state.treasury, rows(CASH))
    fill(state.districts, rows(DISTRICT, 2, office_stock=777.0, office_rent=300.0))
    fill(state.sectors, rows(SECTOR, 2))
    return SimpleNamespace(
        state=state,
        scale=scale,
        quarter=8100,
        levers=Levers(["A", "B"], ["ai", "bio"]),
        params={"zones": terms, "location": params(location.Params, noise=1.0, rent_weight=1.0)},
        city=SimpleNamespace(districts=SimpleNamespace(office_stock_m2=np.array([100.0, 50.0]))),
        map=SimpleNamespace(district_distance=np.zeros((2, 2)), district_of_cell=np.arange(2)),
        district_knowledge=np.zeros((2, 2)),
        base_rents={"office": np.full(2, 300.0)},
    )


def built(quarters, money, **given):
    """The town after so many quarters of zones: (district, sector, yuan a quarter, purse)."""
    model = town(**given)
    for _ in range(quarters):
        model.levers.reset()
        for district, sector, yuan, purse in money:
            model.levers.move("infrastructure", yuan, ([district], [sector]), payer=purse)
        zones.build(model)
    return model


# ---------------------------------------------------------------- the stock of works


def test_works_wear():
    stock = built(3, [], works=((800.0, 0.0), (0.0, 100.0))).state.works
    assert stock.tolist() == [[pytest.approx(800 * 0.99**3), 0.0], [0.0, pytest.approx(99 * 0.99**2)]]


def test_works_grow_by_what_is_paid_for_them():
    stock = built(2, [(0, 1, 100.0, 0)]).state.works
    assert stock.tolist() == [[0.0, pytest.approx(99 + 100)], [0.0, 0.0]]
    # In the long run a quarter's 100 keep up a hundredfold.
    lasting = built(3000, [(0, 1, 100.0, 0)], purses=(10**9,)).state.works
    assert lasting[0, 1] == pytest.approx(100 / 0.01)


def test_works_grow_no_more_than_the_purse_of_each_zone_pays_for():
    model = built(3, [(0, 0, 100.0, 0), (1, 1, 100.0, 1)], purses=(1000, 150))
    assert model.state.works[0, 0] == pytest.approx(100 * (1 + 0.99 + 0.99**2))
    assert model.state.works[1, 1] == pytest.approx(50 * 0.99 + 100 * 0.99**2)  # a half in the second quarter
    purses = model.state.purses.used
    assert purses.cash.tolist() == [700, 0] and purses.spent.tolist() == [300, 150]
    assert model.state.treasury.used.world[0] == 450
    assert model.state.flows[Transaction.PROCUREMENT, Sector.GOVERNMENT, Sector.WORLD] == 450
    assert model.state.flows.sum() == 450


def test_works_that_nobody_pays_for_are_not_built():
    model = town()
    model.levers.move("infrastructure", 100.0)
    zones.build(model)
    assert (model.state.works == 0.0).all() and model.state.flows.sum() == 0


# ---------------------------------------------------------------- how well districts are equipped


def test_equipment_by_hand():
    """1000 for one sector and 500 for the other. Of all 1500 four tenths serve both, and of the rest each its own.

    Offices of 100 m2 at 20 yuan are 2000: 600 + 600 and 600 + 300 over that.
    """
    found = zones.equipment(town(works=((1000.0, 500.0), (0.0, 0.0))))
    assert found.tolist() == [[pytest.approx(math.log(1.6)), pytest.approx(math.log(1.45))], [0.0, 0.0]]


def test_the_shared_part_of_works_serves_other_sectors():
    def served(shared):
        return zones.equipment(town(works=((0.0, 0.0), (900.0, 0.0)), terms=TERMS._replace(shared=shared)))[1]

    assert served(0.4).tolist() == pytest.approx([math.log(1.9), math.log(1.36)])  # of 50 m2, so of 1000
    assert served(0.0).tolist() == [pytest.approx(math.log(1.9)), 0.0]
    assert served(1.0).tolist() == pytest.approx([math.log(1.9)] * 2)


def test_a_tenth_of_the_city_is_as_well_equipped_by_a_tenth_of_the_works():
    whole, tenth = town(works=((1000.0, 0.0), (0.0, 0.0))), town(works=((100.0, 0.0), (0.0, 0.0)), scale=0.1)
    assert zones.equipment(tenth) == pytest.approx(zones.equipment(whole))


def test_each_yuan_equips_less_than_the_one_before():
    found = [zones.equipment(town(works=((1000.0 * k, 0.0), (0.0, 0.0))))[0, 0] for k in range(6)]
    more = np.diff(found)
    assert (more > 0.0).all() and (np.diff(more) < 0.0).all()


# ---------------------------------------------------------------- what that is worth


def test_what_equipment_is_worth_by_hand():
    """1000 for the first sector: 1 + (400 + 600) / 2000 is 1.5, and 1.2 for the other."""
    model = town(works=((1000.0, 0.0), (0.0, 0.0)))
    assert zones.output(model)[0].tolist() == pytest.approx([1.5**0.03, 1.2**0.03])
    assert zones.contact(model)[0] == pytest.approx(1 + 0.5 * (math.log(1.5) + math.log(1.2)) / 2)
    assert zones.output(model)[1].tolist() == [1.0, 1.0] and zones.contact(model)[1] == 1.0
    worth = location.compare(model).worth
    assert (worth[:, 0] - worth[:, 1]).tolist() == pytest.approx([0.22 * math.log(1.5), 0.22 * math.log(1.2)])


def test_knowledge_spreads_faster_where_works_bring_people_together():
    """Two pairs of cells that touch, with 100 in one of each; in the first district contact is half as easy again."""
    model = town(works=((0.0, 0.0), (0.0, 0.0)))
    model.state.works[0] = 2000.0 * (math.e - 1) / 1.4  # each sector uses 1.4 times what is built for one
    model.map = touching([[1], [0], [3], [2]], np.full((4, 1), 0.5), [0, 0, 1, 1])
    state = model.state
    state.knowledge, state.institution_mix = np.array([[100.0, 0.0]] * 4), np.ones((0, 2))
    state.knowledge[[1, 3]] = 0.0
    fill(state.institutions, rows(INSTITUTION, 0))
    fill(state.startups, rows(STARTUP, 0))
    model.params["knowledge"] = params(knowledge.Params, spread=0.1, idea_cost=1.0)
    knowledge.grow(model)
    assert state.knowledge[:, 0].tolist() == pytest.approx([92.5, 7.5, 95.0, 5.0])


# ---------------------------------------------------------------- zones that change nothing


def test_works_of_one_yuan_are_worth_almost_nothing():
    """At what it takes to equip a district; and not nothing, as there is no threshold."""
    model = town(works=((1.0, 0.0), (0.0, 0.0)), terms=TERMS._replace(reference=20_000.0))
    model.city.districts.office_stock_m2[:] = 60_000.0
    places = location.compare(model)
    worth = places.worth[:, 0] - places.worth[:, 1]
    for added in (zones.output(model) - 1.0, zones.contact(model) - 1.0, worth, places.instruments):
        assert 0.0 < added.max() < 1e-9


def lived(yuan=0.0, **terms):
    """The small city after six years full of ideas, with a zone that has enough money and spends so much of it a
    quarter; `terms` of zones.
    """
    config = small.config(*small.LAKESIDE, "policy=[]", "end=2011Q4")
    where = {"district": ("OT",), "sector": ("ai_software",)}
    moves = {"infrastructure": (yuan, where)} if yuan else {}
    zone = small.Mover(name="zone", budget=4e8, moves=moves)
    ideas = 10.0 * config.params["founding"].idea_rate
    return small.run(small.altered(config, [zone], founding={"idea_rate": ideas}, zones=terms))


PUBLIC = {"purses", "treasury", "works", "flows", "policy", "public_spending_cny"}


def apart_from_the_purse(names):
    """Names of the arrays of a model that are not of public money."""
    return {name for name in names if not PUBLIC & set(re.split(r"[./]", name))}


@pytest.fixture(scope="module")
def unspent():
    """The small city with a zone that leaves its money in the purse."""
    return lived()


def test_a_run_with_a_zone_of_one_yuan_is_the_run_without_it(unspent):
    """Ten a quarter, one at a tenth of the city: all that is observed to seven digits and a yuan, as a yuan of rounding
    is as much of what a sector of this small city sells.
    """
    one = lived(10.0)
    assert one.state.purses.used.spent[0] == 24 and one.state.works[0, 0] == pytest.approx(21.4, abs=0.1)
    ours, theirs = small.arrays(one), small.arrays(unspent)
    assert small.differing(one, unspent) != []
    for name in apart_from_the_purse(ours):
        if name.startswith("panels.") and ours[name].dtype.kind in "fi":
            np.testing.assert_allclose(
                ours[name], theirs[name], rtol=1e-7, atol=1.0 if name.endswith("_cny") else 1e-9, err_msg=name
            )


def test_works_that_are_worth_nothing_change_nothing_but_public_money(unspent):
    """No tax pays for them, so that a zone without effects is a null; with them it is none."""
    null = lived(1e8, pull=0.0, output=0.0, contact=0.0)
    assert null.state.purses.used.spent[0] == 24 * 10**7 and null.state.works[0, 0] > 2e8
    assert apart_from_the_purse(small.differing(null, unspent)) == set()
    for effect in ("pull", "output", "contact"):
        others = {name: 0.0 for name in ("pull", "output", "contact") if name != effect}
        assert "state.startups" in apart_from_the_purse(small.differing(lived(1e8, **others), unspent))
