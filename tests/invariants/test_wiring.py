"""Wiring: each lever alone, moved a little through a whole quarter, reaches its own outcome and not its neighbour's.

A lever that is passed to the wrong equation, or exchanged with the one beside it, moves something else. Where a lever
acts within a programme, both arms have the programme (`given`) and one has the lever moved beside.
"""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest
import small

from sim.model.ecosystem import Ecosystem
from sim.observables.panels import Panels
from sim.world.calendar import quarter_of
from sim.world.kinds import RivalKind
from sim.world.levers import LEVERS
from sim.world.state import State


class Wire(NamedTuple):
    """What a lever is moved by, a column that must then differ between the arms, and one that must not."""

    value: object
    own: str
    apart: str
    given: tuple = ()  # levers of the programme in both arms, (name, value)
    where: dict | None = None  # names by axis; None is everywhere
    by: str = "levers"  # or "foreseen", what those reckon with who decide for the years to come; or "shocks"
    quarters: int = 1


ANSWERED_LATER = 2  # quarters of a wire of a programme: who applies in the first is answered in the second


SANDBOX = (("sandbox_open", 1.0), ("sandbox_places", 200.0), ("sandbox_term", 4.0), ("sandbox_score", -9.0))
LABORATORY = (("laboratory_open", 1.0), ("laboratory_hours", 2e4), ("laboratory_price", 100.0))
CONCEPT = (("concept_open", 1.0), ("concept_places", 200.0), ("concept_grant", 4e5), ("concept_score", -9.0))
ACCELERATOR = (
    *(("accelerator_open", 1.0), ("accelerator_places", 200.0), ("accelerator_score", -9.0)),
    *(("accelerator_term", 2.0), ("accelerator_schooling", 0.5), ("accelerator_stipend", 3e5)),
)
PILOT = (("pilot_open", 1.0), ("pilot_places", 500.0), ("pilot_match", 0.5))
TESTBED = (("testbed_open", 1.0), ("testbed_places", 500.0), ("testbed_term", 4.0))
VENUE = (("venue_places", 500.0), ("venue_thresholds", 0.01), ("venue_haste", 9.0))
COVER = (("loss_cover", 0.5), ("loss_registered", 0.9))
GUIDANCE = (("guidance_pace", 0.5), ("guidance_cap", 0.3))
PATIENT = (("patient_partners", 500.0), ("patient_life", 40.0), ("patient_concession", 0.02))
DIGITAL = (("digital_currency", 0.9), ("digital_saving", 0.5))
TAX = (("tax_relief", 0.5), ("tax_cap", 0.05))
VISA = (("visa_quota", 300.0), ("visa_quarters", 8.0))
HOMES = (("homes", 2000.0), ("home_discount", 0.3))
DESKS = (("desks", 5000.0), ("desk_discount", 0.3))
CONVERSION = (
    *(("converted_offices", 1e5), ("converted_homes", 1e5)),
    *(("conversion_lag", 4.0), ("conversion_cost", 1000.0)),
)


def without(programme, name):
    return tuple(one for one in programme if one[0] != name)


WIRES = {
    # the outside world
    "macro_demand": Wire(1.001, "corporates.target", "persons.id", by="shocks"),
    "fundraising": Wire(1.2, "funds.committed", "startups.revenue", by="shocks"),
    "ipo": Wire(30.0, "exits.life", "persons.id", by="shocks"),
    "foreign_capital": Wire(1.3, "funds.foreign", "sectors.trust", by="shocks"),
    "export_controls": Wire(0.2, "startups.progress", "persons.id", by="shocks"),
    "rival_wage": Wire(1.001, "sectors.wage", "rivals.wage"),
    "rival_generosity": Wire(0.1, "persons.id", "knowledge"),
    "leaving": Wire(1.5, "persons.id", "knowledge"),
    "tenants": Wire(1.001, "districts.office_rent", "startups.progress"),
    # knowledge
    "transfer": Wire(1.01, "institutions.basic", "startups.compliance"),
    "transfer_cost": Wire(1e7, "purses.take_up", "knowledge"),
    "inventor_share": Wire(1.0, "tally.considered", "knowledge", where=None),
    "research": Wire(0.1, "knowledge", "purses.take_up"),
    "enforcement": Wire(1.01, "knowledge", "purses.spent"),
    "court_cost": Wire(1e7, "purses.spent", "knowledge"),
    # ideas, product and sales
    "ideas": Wire(1.1, "tally.considered", "sectors.trust"),
    "progress": Wire(1.001, "startups.progress", "startups.district"),
    "burden": Wire(1.001, "startups.compliance", "startups.progress"),
    "demand": Wire(1.001, "startups.revenue", "startups.traction"),
    "data_zone": Wire(0.01, "startups.revenue", "startups.traction"),
    # founders who fail
    "debt": Wire(1.001, "persons.debt", "persons.stigma"),
    "stigma": Wire(1.001, "persons.stigma", "persons.efficiency"),
    # people
    "appeal": Wire(0.1, "tally.returnees", "knowledge"),
    "arrival_grant": Wire(1e4, "tally.returnees", "knowledge"),
    "seed_grant": Wire(1e4, "startups.cash", "persons.id"),
    "offices_abroad": Wire(1e7, "purses.spent", "persons.id"),
    "graduates": Wire(4000.0, "tally.graduates", "tally.returnees"),
    "graduate_cost": Wire(1e4, "purses.spent", "persons.id", given=(("graduates", 4000.0),)),
    "tax_relief": Wire(0.5, "purses.spent", "knowledge", given=(("tax_cap", 0.05),)),
    "tax_cap": Wire(0.01, "purses.spent", "knowledge", given=TAX),
    "tax_floor": Wire(5e5, "purses.spent", "knowledge", given=TAX),
    "visa_quarters": Wire(8.0, "persons.visa_until", "knowledge", given=(("visa_quota", 300.0),)),
    "visa_delay": Wire(8.0, "tally.foreign", "tally.graduates", given=VISA),
    "visa_quota": Wire(300.0, "purses.take_up", "knowledge", given=(("visa_quarters", 8.0),)),
    "visa_cost": Wire(1e4, "purses.administration", "persons.id", given=VISA),
    # space
    "desks": Wire(5000.0, "startups.desk", "persons.subsidised_home", given=without(DESKS, "desks")),
    "desk_discount": Wire(0.01, "purses.spent", "persons.subsidised_home", given=DESKS),
    "homes": Wire(2000.0, "persons.subsidised_home", "knowledge", given=without(HOMES, "homes")),
    "home_discount": Wire(0.01, "purses.spent", "startups.desk", given=HOMES),
    "homes_for": Wire(0.0, "persons.subsidised_home", "knowledge", given=HOMES),
    "homes_skill": Wire(1.0, "persons.subsidised_home", "startups.desk", given=HOMES),
    "office_works": Wire(1e7, "districts.office_pipeline", "works"),
    "infrastructure": Wire(1e7, "works", "tally.returnees"),
    "converted_offices": Wire(1e5, "districts.office_conversion", "districts.home_conversion", given=CONVERSION),
    "converted_homes": Wire(1e5, "districts.home_conversion", "districts.office_conversion", given=CONVERSION),
    "conversion_lag": Wire(4.0, "districts.conversion_lag", "purses.spent", given=CONVERSION),
    "conversion_cost": Wire(500.0, "purses.spent", "districts.conversion_lag", given=CONVERSION),
    # regulatory sandbox
    "sandbox_open": Wire(
        1.0,
        "startups.sandbox_from",
        "startups.testbed_from",
        given=without(SANDBOX, "sandbox_open"),
        quarters=ANSWERED_LATER,
    ),
    "sandbox_teams": Wire([-5.0, 20.0], "applications.applicant_id", "startups.testbed_from", given=SANDBOX),
    "sandbox_places": Wire(
        200.0, "startups.sandbox_from", "startups.testbed_from", given=SANDBOX, quarters=ANSWERED_LATER
    ),
    "sandbox_term": Wire(
        4.0, "startups.sandbox_until", "startups.sandbox_from", given=SANDBOX, quarters=ANSWERED_LATER
    ),
    "sandbox_volume": Wire(0.5, "startups.revenue", "startups.sandbox_until", given=SANDBOX, quarters=ANSWERED_LATER),
    "sandbox_score": Wire(12.0, "applications.cutoff", "applications.score", given=SANDBOX, quarters=ANSWERED_LATER),
    "sandbox_credit": Wire(
        0.5,
        "startups.compliance",
        "startups.sandbox_until",
        given=(*without(SANDBOX, "sandbox_term"), ("sandbox_term", 0.0)),
        quarters=ANSWERED_LATER,
    ),
    # shared laboratories
    "laboratory_open": Wire(
        1.0, "applications.applicant_id", "sectors.trust", given=without(LABORATORY, "laboratory_open")
    ),
    "laboratory_teams": Wire([-5.0, 20.0], "applications.applicant_id", "startups.concept_from", given=LABORATORY),
    "laboratory_hours": Wire(2e5, "startups.laboratory_wait", "startups.concept_from", given=LABORATORY),
    "laboratory_price": Wire(1.0, "purses.recovered", "purses.take_up", given=LABORATORY),
    # proof of concept
    "concept_open": Wire(
        1.0,
        "startups.concept_from",
        "startups.sandbox_from",
        given=without(CONCEPT, "concept_open"),
        quarters=ANSWERED_LATER,
    ),
    "concept_teams": Wire([-2.0, 20.0], "applications.applicant_id", "startups.sandbox_from", given=CONCEPT),
    "concept_grant": Wire(1e4, "applications.amount", "startups.concept_from", given=CONCEPT, quarters=ANSWERED_LATER),
    "concept_places": Wire(
        200.0, "startups.concept_from", "startups.sandbox_from", given=CONCEPT, quarters=ANSWERED_LATER
    ),
    "concept_score": Wire(12.0, "applications.cutoff", "applications.score", given=CONCEPT, quarters=ANSWERED_LATER),
    # accelerator
    "accelerator_open": Wire(
        1.0,
        "startups.accelerator_from",
        "startups.testbed_from",
        given=without(ACCELERATOR, "accelerator_open"),
        quarters=ANSWERED_LATER,
    ),
    "accelerator_teams": Wire([-2.0, 20.0], "applications.applicant_id", "startups.testbed_from", given=ACCELERATOR),
    "accelerator_places": Wire(
        200.0, "startups.accelerator_from", "startups.testbed_from", given=ACCELERATOR, quarters=ANSWERED_LATER
    ),
    "accelerator_score": Wire(
        30.0, "applications.cutoff", "applications.score", given=ACCELERATOR, quarters=ANSWERED_LATER
    ),
    "accelerator_term": Wire(
        2.0, "startups.accelerator_until", "startups.accelerator_from", given=ACCELERATOR, quarters=ANSWERED_LATER
    ),
    "accelerator_schooling": Wire(
        0.01, "startups.noise", "startups.accelerator_until", given=ACCELERATOR, quarters=ANSWERED_LATER
    ),
    "accelerator_stipend": Wire(1e4, "applications.amount", "startups.noise", given=ACCELERATOR),
    "accelerator_sponsor": Wire(0.01, "purses.spent", "startups.cash", given=ACCELERATOR, quarters=ANSWERED_LATER),
    # corporate open innovation
    "pilot_open": Wire(
        1.0,
        "startups.partner",
        "startups.accelerator_from",
        given=without(PILOT, "pilot_open"),
        quarters=ANSWERED_LATER,
    ),
    "pilot_teams": Wire([-5.0, 20.0], "applications.applicant_id", "startups.accelerator_from", given=PILOT),
    "pilot_places": Wire(500.0, "startups.partner", "startups.accelerator_from", given=PILOT, quarters=ANSWERED_LATER),
    "pilot_match": Wire(0.1, "applications.amount", "startups.partner", given=PILOT, quarters=ANSWERED_LATER),
    "corporate_openness": Wire(0.01, "startups.revenue", "knowledge"),
    "corporate_laboratory": Wire(0.5, "startups.property", "startups.partner", given=PILOT, quarters=ANSWERED_LATER),
    "acquisitions": Wire(30.0, "exits.buyer", "startups.queued"),
    # city test-bed
    "testbed_open": Wire(
        1.0,
        "startups.testbed_from",
        "startups.sandbox_from",
        given=without(TESTBED, "testbed_open"),
        quarters=ANSWERED_LATER,
    ),
    "testbed_teams": Wire([-5.0, 20.0], "applications.applicant_id", "startups.sandbox_from", given=TESTBED),
    "testbed_places": Wire(
        500.0, "startups.testbed_from", "startups.sandbox_from", given=TESTBED, quarters=ANSWERED_LATER
    ),
    "testbed_term": Wire(
        4.0, "startups.testbed_until", "startups.sandbox_from", given=TESTBED, quarters=ANSWERED_LATER
    ),
    # listing venue
    "venue_thresholds": Wire(0.01, "startups.board", "startups.traction", given=(("venue_places", 500.0),)),
    "venue_places": Wire(500.0, "exits.board", "startups.traction", given=without(VENUE, "venue_places")),
    "venue_haste": Wire(9.0, "exits.board", "startups.traction", given=without(VENUE, "venue_haste")),
    # digital currency
    "digital_currency": Wire(0.9, "startups.digital", "startups.revenue", given=without(DIGITAL, "digital_currency")),
    "digital_saving": Wire(0.01, "startups.cash", "startups.digital", given=DIGITAL),
    "digital_services": Wire(0.1, "startups.cash", "startups.digital", given=DIGITAL),
    # failure compensation
    "loss_cover": Wire(0.01, "holdings.compensated", "startups.effort", given=(("loss_registered", 0.9),), quarters=2),
    "loss_project_cap": Wire(1e4, "holdings.compensated", "startups.traction", given=COVER, quarters=2),
    "loss_investor_cap": Wire(1e4, "gps.compensated", "startups.traction", given=COVER, quarters=2),
    "loss_audit": Wire(1.0, "holdings.compensated", "startups.traction", given=COVER, quarters=2),
    "loss_registered": Wire(0.9, "holdings.compensated", "startups.effort", given=(("loss_cover", 0.5),), quarters=2),
    # guidance fund
    "guidance_pace": Wire(0.5, "funds.guidance", "funds.concession", given=without(GUIDANCE, "guidance_pace")),
    "guidance_cap": Wire(0.3, "funds.guidance", "funds.concession", given=GUIDANCE),
    "guidance_concession": Wire(0.1, "funds.concession", "funds.duty", given=GUIDANCE),
    "guidance_duty": Wire(0.1, "funds.duty", "funds.concession", given=GUIDANCE),
    "guidance_tilt": Wire(
        2.0 ** np.arange(9),
        "funds.guidance",
        "institutions.basic",
        given=(("guidance_pace", 0.02), ("guidance_cap", 0.5)),  # room for some of those who ask
        quarters=4,
    ),
    # patient capital
    "patient_partners": Wire(500.0, "gps.partners", "funds.life", given=PATIENT),
    "patient_life": Wire(40.0, "funds.life", "gps.partners", given=PATIENT),
    "patient_concession": Wire(0.001, "startups.post_money", "funds.life", given=PATIENT),
    "patient_tilt": Wire(1.01, "startups.post_money", "funds.life", given=PATIENT),
    "patient_politics": Wire(0.01, "startups.post_money", "funds.life", given=PATIENT),
}

FORESEEN = {
    "debt": Wire(1.5, "startups.id", "sectors.trust", by="foreseen"),
    "stigma": Wire(1.5, "startups.id", "sectors.trust", by="foreseen"),
    "loss_cover": Wire(0.01, "startups.effort", "purses.spent", (("loss_registered", 0.9),), by="foreseen"),
    "loss_project_cap": Wire(1e6, "startups.effort", "startups.traction", COVER, by="foreseen"),
    "loss_registered": Wire(0.9, "startups.effort", "startups.traction", (("loss_cover", 0.5),), by="foreseen"),
    "venue_places": Wire(50.0, "startups.post_money", "startups.board", by="foreseen"),
}

THROUGH_WORKS = {  # what the stock of public works reaches beside itself: where firms settle, what they make, contact
    "infrastructure": (
        Wire(1e11, "startups.district", "tally.returnees", where={"district": ("YP",), "sector": "all"}),
        Wire(1e10, "startups.revenue", "tally.returnees"),
        Wire(1e10, "knowledge", "tally.returnees"),
    ),
}


class Wired(Ecosystem):
    """A city whose levers are moved by hand, beside its policies."""

    moves = ()  # (lever, value, names by axis or None, by)

    def act(self, instruments, first_slot=0):
        super().act(instruments, first_slot)
        shocks = instruments is self.config.shocks
        for name, value, where, by in self.moves:
            if shocks == (by == "shocks"):
                levers = self.foreseen if by == "foreseen" else self.levers
                levers.move(name, value, ... if where is None else levers.where(**where), payer=None if shocks else 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Purse(small.Mover):
    """A policy that moves nothing and has all the money that is asked of it."""

    def appropriation(self, quarter):
        return 2e10


@pytest.fixture(scope="module")
def city():
    """A fifth of Shanghai in 2018, where half of all claims for losses overstate them, and what it holds."""
    config = small.config("scale=0.2", "policy=[]")
    config = small.altered(config, [Purse(name="purse")], compensation={"gaming": 0.5})
    model = Wired(config)
    while model.quarter <= quarter_of("2018Q1"):
        model.step()
    return model, {name: np.array(values) for name, values in model.state.arrays().items()}


def after(city, wire, name=None):
    """Column -> array of the city after the quarters of a wire, with the lever `name` moved or its programme alone."""
    model, before = city
    model.state = State.from_arrays({key: np.array(values) for key, values in before.items()})
    model._quarter = quarter_of("2018Q2")
    model.panels = Panels(model.config, model.city, model.state)
    given = [(*one, None, by) for one in wire.given for by in ("levers", "foreseen")]
    model.moves = [*given, *([(name, wire.value, wire.where, wire.by)] if name else [])]
    for _ in range(wire.quarters):
        model.step()
    found = {}
    for key, values in model.state.arrays().items():
        found |= {f"{key}.{field}": values[field].tobytes() for field in values.dtype.names or ()} or {
            key: values.tobytes()
        }
    return found


def test_every_lever_is_tried():
    assert set(WIRES) == set(LEVERS)


CASES = [*WIRES.items(), *FORESEEN.items(), *((name, wire) for name, wires in THROUGH_WORKS.items() for wire in wires)]


@pytest.mark.parametrize(("name", "wire"), CASES, ids=[f"{name}-{wire.by}-{wire.own}" for name, wire in CASES])
def test_a_lever_reaches_its_own_outcome_and_not_its_neighbours(city, name, wire):
    still, moved = after(city, wire), after(city, wire, name)
    assert still.keys() == moved.keys()
    assert still[wire.own] != moved[wire.own], f"{name} does not move {wire.own}"
    assert still[wire.apart] == moved[wire.apart], f"{name} moves {wire.apart}"


# ---------------------------------------------------------------- rivals

ANSWERED = {  # instruments for people and places: what moves them, and what of their programme is there in both arms
    "appeal": (0.2, ()),
    "arrival_grant": (1e5, ()),
    "tax_relief": (1.0, (("tax_cap", 0.05),)),
    "visa_quota": (300.0, (("visa_quarters", 8.0),)),
    "visa_delay": (-1.0, (("visa_quota", 300.0),)),
    "home_discount": (0.3, (("homes", 20_000.0),)),
    "desk_discount": (0.3, (("desks", 5000.0),)),
    "infrastructure": (1e10, ()),
}
UNANSWERED = {  # those for firms and knowledge, and money without worth to who chooses a place
    "ideas": (1.5, ()),
    "demand": (1.5, ()),
    "progress": (1.5, ()),
    "research": (0.5, ()),
    "enforcement": (2.0, ()),
    "stigma": (0.5, ()),
    "seed_grant": (1e5, ()),
    "offices_abroad": (1e8, ()),
    "graduates": (4000.0, ()),
}


def generosity(city, name, value, given):
    """Generosity of rivals and of all other places after a quarter, with the lever moved and without."""
    model, wire = city[0], Wire(value, "", "", given)
    found = []
    for moved in (name, None):
        after(city, wire, moved)
        rows = model.state.rivals.used
        is_rival = rows.kind == RivalKind.RIVAL
        found.append((rows.generosity[is_rival].copy(), rows.generosity[~is_rival].copy()))
    return found


@pytest.mark.parametrize("name", ANSWERED)
def test_rivals_answer_to_whatever_draws_people_or_founders(city, name):
    """By more generosity of every rival that reacts, within the quarter; the rest of the world stays as it is."""
    (ours, others), (without, others_without) = generosity(city, name, *ANSWERED[name])
    reacts = city[0].city.rivals.reaction[city[0].city.rivals.kind == RivalKind.RIVAL] > 0.0
    assert reacts.sum() > 1
    assert np.all(ours[reacts] > without[reacts]) and np.all(ours[~reacts] == without[~reacts])
    assert np.all(others == others_without) and len(others) > 0


def test_rivals_give_less_where_the_city_drives_people_away(city):
    """And only they do: other places have tables of their own."""
    (ours, others), (without, others_without) = generosity(city, "appeal", -0.2, ())
    assert np.all(ours < without) and np.all(others == others_without)


@pytest.mark.parametrize("name", UNANSWERED)
def test_rivals_do_not_answer_to_the_rest(city, name):
    (ours, _), (without, _) = generosity(city, name, *UNANSWERED[name])
    assert np.all(ours == without)
