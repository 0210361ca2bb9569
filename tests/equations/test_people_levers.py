"""Levers of people, knowledge and space by hand:

transfer and basic research, bought ideas, tax refunds, conversions, courts, and what instruments move.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows, touching, unsupported

from sim.mechanisms.people import attraction, households, migration
from sim.mechanisms.space import knowledge, location, rents, zones
from sim.policies.innovation_zone import InnovationZone
from sim.policies.ip_protection import IPProtection
from sim.policies.mission_programme import MissionProgramme
from sim.policies.talent_homes import TalentHomes
from sim.policies.technology_transfer import TechnologyTransfer
from sim.policies.zoning_conversion import ZoningConversion
from sim.world.accounts import Transaction, grant, new_flows
from sim.world.columns import CASH, DISTRICT, INSTITUTION, PURSE, SECTOR, TALLY
from sim.world.kinds import NOBODY, Institution, Origin, Sector, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

QUARTER = 8100


def world(n=0, districts=2, purse=0):
    """n persons in districts of two sectors, one purse, and the world."""
    state = State(Persons(n))
    state.persons.count = n
    state.flows = new_flows()
    fill(state.districts, rows(DISTRICT, districts))
    fill(state.sectors, rows(SECTOR, 2))
    fill(state.treasury, rows(CASH, world=10**6))
    fill(state.tally, rows(TALLY))
    fill(state.purses, rows(PURSE, cash=purse))
    return state, Levers(["PD", "MH"], ["ai", "bio"])


# ---------------------------------------------------------------- knowledge


def laboratories(purse, cost=100.0, transfer=3.0):
    """Two laboratories, the second the older, a third to come, and a university; the first three have targets."""
    state, levers = world(purse=purse)
    kinds = [Institution.LAB, Institution.LAB, Institution.LAB, Institution.UNIVERSITY]
    fill(
        state.institutions,
        rows(INSTITUTION, 4, kind=kinds, opened=[8000, 7000, 8101, 6000], ideas=10.0, transfer=1.0, basic=1.0),
    )
    there = levers.where(institution=("lab",))
    levers.move("transfer", transfer, there)
    levers.move("transfer_cost", cost, there, payer=0)
    return state, levers


@pytest.mark.parametrize("purse, expected", [(10**6, [3, 3, 1, 1]), (150, [1, 3, 1, 1]), (99, [1, 1, 1, 1])])
def test_targets_hold_for_those_who_are_paid_the_oldest_first(purse, expected):
    state, levers = laboratories(purse)
    assert knowledge._promoted(state, levers, QUARTER).tolist() == expected
    paid = 100 * expected.count(3)
    assert state.purses.used.spent[0] == state.flows[Transaction.PROCUREMENT, Sector.GOVERNMENT, Sector.WORLD] == paid
    assert (state.purses.used.cash[0], state.purses.used.take_up[0]) == (purse - paid, paid // 100)


def test_basic_research_by_hand():
    # Three times the normal for a quarter uses up 2 x 0.05; then a tenth of the gap comes back.
    state, levers = laboratories(10**6)
    state.institution_mix, state.knowledge = np.ones((4, 1)), np.zeros((1, 1))
    terms = params(knowledge.Params, research_drain=0.05, research_recovery=0.1)
    ground = touching([[NOBODY]], [[0.0]])
    support = unsupported(state)
    knowledge.advance(state, terms, ground, QUARTER, 1.0, support._replace(transfer=np.array([3.0, 1.0, 1.0, 1.0])))
    assert state.knowledge[0, 0] == pytest.approx(30 + 10 + 10)
    assert state.institutions.used.basic.tolist() == pytest.approx([0.9, 1.0, 1.0, 1.0])
    knowledge.advance(state, terms, ground, QUARTER, 1.0, support)
    assert state.knowledge[0, 0] == pytest.approx(50 + 9 + 10 + 10)  # fewer ideas later
    assert state.institutions.used.basic[0] == pytest.approx(0.91)


def test_bought_research_by_hand():
    # 600 for ai, whose 4 ideas cost 50 each: four times the money, twice the ideas. Bio gets nothing.
    state, levers = world(purse=1000)
    fill(state.institutions, rows(INSTITUTION, 1, opened=8000, ideas=8.0))
    state.institution_mix = np.array([[0.5, 0.5]])
    levers.move("research", 0.6, levers.where(sector=("ai",)), payer=0)
    terms = params(knowledge.Params, idea_cost=50.0, research_returns=0.5)
    assert knowledge._bought(state, terms, levers, QUARTER, 1.0).tolist() == pytest.approx([2.0, 1.0])
    assert state.purses.used.cash[0] == 400


def test_the_share_of_institutions_by_hand():
    # 2 ideas a quarter, a quarter of them bio, at a tenth's decay sustain 15 of ai and 5 of bio; one to come sustains
    # nothing yet.
    state, levers = world()
    fill(
        state.institutions,
        rows(INSTITUTION, 2, district=[0, 1], opened=[8000, 8101], ideas=2.0, transfer=1.0, basic=1.0),
    )
    state.institution_mix = np.array([[0.75, 0.25], [0.5, 0.5]])
    stock = np.array([[60.0, 4.0], [0.0, 9.0]])
    model = SimpleNamespace(
        state=state,
        params={"knowledge": params(knowledge.Params, decay=0.1)},
        district_knowledge=stock,
        quarter=QUARTER,
    )
    assert knowledge.share_of_institutions(model).tolist() == [[0.25, 1.0], [0.0, 0.0]]


# ---------------------------------------------------------------- people


def town(purse):
    """Four persons: a local and three foreigners, one of them below the floor of 400,000 a year, one away."""
    state, levers = world(4, purse=purse)
    state.persons.status[:] = [Status.EMPLOYED, Status.EMPLOYED, Status.EMPLOYED, Status.ABSENT]
    state.persons.origin[:] = [Origin.LOCAL, Origin.FOREIGN, Origin.FOREIGN, Origin.FOREIGN]
    state.persons.employer[:] = -2
    state.persons.efficiency[:] = [2.0, 2.0, 0.5, 2.0]
    state.sectors.rows.wage = 100_000.0
    levers.move("tax_relief", 1.0, Origin.FOREIGN, payer=0)
    levers.move("tax_cap", 0.15)
    levers.move("tax_floor", 400_000.0)
    return state, levers, np.array([200_000, 200_000, 50_000, 0])


@pytest.mark.parametrize("purse, refund", [(10**6, 20_000), (5_000, 5_000)])
def test_tax_refunds_by_hand(purse, refund):
    # A quarter of 200,000 taxed at 25 percent is refunded down to 15, while the purse lasts.
    state, levers, earned = town(purse)
    households.refund_tax(state, levers, 0.25, earned)
    assert state.persons.wealth.tolist() == pytest.approx([0, refund, 0, 0], abs=1)
    assert (
        state.purses.used.spent[0]
        == state.persons.wealth.sum()
        == state.flows[Transaction.SUBSIDY, Sector.GOVERNMENT, Sector.PERSONS]
    )
    assert (state.purses.used.cash[0] >= 0, state.purses.used.take_up[0]) == (True, 1)


def test_a_short_purse_refunds_all_the_same_part():
    state, levers, earned = town(9_000)
    state.persons.origin[0] = Origin.FOREIGN
    earned[0] = 400_000
    households.refund_tax(state, levers, 0.25, earned)
    assert state.persons.wealth.tolist() == pytest.approx([6_000, 3_000, 0, 0], abs=1)


def test_a_promised_refund_counts_by_the_chance_of_such_pay():
    # One of two foreigners of the sector is above the floor: half of log(0.85 / 0.75).
    state, levers, _ = town(0)
    gain = attraction._tax_relief(state, levers, 0.25)
    assert gain[Origin.FOREIGN].tolist() == pytest.approx([0.5 * math.log(0.85 / 0.75), 0.0])
    assert not gain[Origin.LOCAL].any() and not gain[Origin.RETURNEE].any()
    levers.move("tax_cap", 0.1)  # the lower cap holds
    assert attraction._tax_relief(state, levers, 0.25)[Origin.FOREIGN, 0] == pytest.approx(0.5 * math.log(0.9 / 0.75))


def test_more_graduates_as_far_as_the_purse_goes():
    state, levers = world(purse=2_500)
    levers.move("graduates", 20.0, payer=0)
    levers.move("graduate_cost", 1_000.0)
    assert migration._more_graduates(state, levers) == 2  # of 5 a quarter
    assert (state.purses.used.spent[0], state.purses.used.take_up[0]) == (2_000, 2)


def test_grants_are_paid_in_their_order_while_the_purse_lasts():
    state, _ = world(purse=250)
    paid = grant(state, 0, np.array([100, 0, 150, 50]), Sector.PERSONS)
    assert paid.tolist() == [100, 0, 150, 0]
    purse = state.purses.used
    assert (purse.cash[0], purse.spent[0], purse.take_up[0]) == (0, 250, 2)
    assert state.flows.sum() == state.flows[Transaction.GRANT, Sector.GOVERNMENT, Sector.PERSONS] == 250
    assert grant(state, NOBODY, np.array([100]), Sector.PERSONS).tolist() == [0]  # nobody's purse grants nothing


# ---------------------------------------------------------------- space


def test_conversions_by_hand():
    # 80 m2 of offices and 20 of homes at 10 yuan, and half the money: 40 and 10 begin; a quarter of what is under way
    # is done.
    state, levers = world(purse=500)
    levers.move("converted_offices", 80.0, 1)
    levers.move("converted_homes", 20.0, 1)
    levers.move("conversion_lag", 4.0, 1)
    levers.move("conversion_cost", 10.0, payer=0)
    model = SimpleNamespace(state=state, levers=levers, scale=1.0)
    rows_ = state.districts.used
    rents._convert(model)
    assert (rows_.office_conversion.tolist(), rows_.home_conversion.tolist(), rows_.office_stock.tolist()) == (
        [0.0, 40.0],
        [0.0, 10.0],
        [0.0, 0.0],
    )
    assert state.purses.used.cash[0] == 0
    levers.reset()  # the programme is over: what is under way goes on at its own pace
    rents._convert(model)
    assert (rows_.office_conversion[1], rows_.office_stock[1], rows_.home_stock[1]) == (30.0, 10.0, 2.5)
    assert state.tally.used.construction[0] == 12


@pytest.mark.parametrize(("purse", "offices"), [(1000, 5.0), (60, 1.0), (20, 0.0)])
def test_zones_of_two_purses_build_in_their_own_districts(purse, offices):
    """50 a quarter for works of one sector and 50 for offices, at 10 a m2, out of a purse that may be short, works
    first; and as much for each of both sectors elsewhere. A tenth of what stood there before has worn off.
    """
    state, levers = world()
    state.works = np.array([[100.0, 0.0], [0.0, 0.0]])
    fill(state.purses, rows(PURSE, 2, cash=[purse, 1000]))
    terms = {"size": 4000.0, "years": 10.0, "office_share": 0.5}
    InnovationZone(name="one", districts=("PD",), sectors=("ai",), **terms).act(levers, 0.5, 0)
    InnovationZone(name="two", districts=("MH",), sectors="all", **(terms | {"size": 8000.0})).act(levers, 1.0, 1)
    mechanisms = {"zones": params(zones.Params, wear=0.1), "rents": params(rents.Params, works_cost=10.0)}
    model = SimpleNamespace(state=state, levers=levers, scale=1.0, params=mechanisms)
    zones.build(model)
    rents._public_works(model)
    built = min(50, purse)
    assert state.works == pytest.approx(np.array([[90.0 + built, 0.0], [50.0, 50.0]]))
    assert state.districts.used.office_pipeline.tolist() == pytest.approx([offices, 10.0])
    spent = [built + 10 * int(offices), 200]
    assert state.purses.used.spent.tolist() == spent
    assert state.flows.sum() == state.flows[Transaction.PROCUREMENT, Sector.GOVERNMENT, Sector.WORLD] == sum(spent)


def test_foreigners_open_where_courts_are_good():
    levers = Levers(["PD"], ["ai"])
    terms = params(location.Params, foreign_openness=0.6)
    assert location.foreigners_openness(terms, levers) == 0.6
    levers.move("enforcement", 2.0)
    assert location.foreigners_openness(terms, levers) == pytest.approx(0.8)
    levers.move("enforcement", 1e6)
    assert location.foreigners_openness(terms, levers) == pytest.approx(1.0)


# ---------------------------------------------------------------- instruments


def test_a_mission_follows_its_path():
    mission = MissionProgramme(
        name="it", start=QUARTER, size=700.0, years=3.0, growth=1.0, tilt=1.5, sectors=("bio", "ai"), first_share=0.7
    )
    years = [sum(mission.appropriation(QUARTER + 4 * year + k) for k in range(4)) for year in range(-1, 4)]
    assert years == pytest.approx([0.0, 100.0, 200.0, 400.0, 0.0])
    levers = Levers(["PD"], ["ai", "bio"])
    mission.act(levers, 1.0, 0)
    assert levers.research.tolist() == pytest.approx([0.3, 0.7])
    assert levers.patient_tilt.tolist() == levers.guidance_tilt.tolist() == [1.5, 1.5]


def test_courts_that_are_half_paid_for_save_half_the_time():
    courts = IPProtection(
        name="it", budget=100.0, damages=2.0, quarters_saved=4.0, delay_cost=0.1, cost_per_quarter_saved=50.0
    )
    levers = Levers(["PD"], ["ai"])
    courts.act(levers, 1.0, 0)
    assert levers.enforcement == pytest.approx(2.0 * math.exp(0.1 * 2.0))
    assert levers.court_cost == pytest.approx(25.0)  # a quarter


def test_talent_homes_and_transfer_and_conversion_move_what_they_say():
    levers = Levers(["PD", "MH"], ["ai"])
    TalentHomes(
        name="homes", homes_per_district=10.0, discount=0.3, lowest_skill=1.0, districts=("MH",), origins=("returnee",)
    ).act(levers, 0.5, 0)
    assert (levers.homes_for.tolist(), levers.homes_skill, levers.homes.tolist()) == (
        [0.0, 1.0, 0.0],
        1.0,
        [0.0, 5.0],
    )
    terms = {"cost_per_institution": 400.0, "graduates": 100.0, "additional_share": 0.3, "cost_per_graduate": 9.0}
    TechnologyTransfer(name="labs", institutions=("lab",), transfer_gain=0.4, inventor_share=0.2, **terms).act(
        levers, 0.5, 1
    )
    assert levers.transfer.tolist() == [1.0, 1.2] and levers.transfer_cost.tolist() == [0.0, 50.0]
    assert (levers.inventor_share, levers.graduates, levers.payer["graduates"]) == (0.1, 15.0, 1)
    ZoningConversion(
        name="mills", districts=("PD",), m2_per_quarter=100.0, home_share=0.25, lag_quarters=4.0, cost_per_m2=7.0
    ).act(levers, 1.0, 2)
    assert (levers.converted_offices.tolist(), levers.converted_homes.tolist(), levers.conversion_lag.tolist()) == (
        [75.0, 0.0],
        [25.0, 0.0],
        [4.0, 0.0],
    )
