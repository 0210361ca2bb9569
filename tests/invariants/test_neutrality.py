"""What should change nothing changes no bit: neutral levers, policies out of force, levers on what is not there."""

import dataclasses
import functools

import numpy as np
import pytest
import small

from sim.world.calendar import quarter_of
from sim.world.columns import SECTOR
from sim.world.kinds import Life
from sim.world.levers import LEVERS

SPAN = (*small.LAKESIDE, "policy=[]", "end=2011Q4")


def still(**calendar):
    return small.Mover(name="still", **calendar)


def lively(config, policies=None):
    """The same city with ten times the ideas, so that little time and few persons show much."""
    return small.altered(config, policies, founding={"idea_rate": 10.0 * config.params["founding"].idea_rate})


@pytest.fixture(scope="module")
def untouched():
    """The small city with a policy in force that moves no lever."""
    return small.run(lively(small.config(*SPAN), [still()]))


def test_the_baseline_has_something_to_move(untouched):
    assert len(untouched.state.startups) > 5 and len(untouched.state.holdings) > 0


# ---------------------------------------------------------------- neutral


@pytest.mark.parametrize("name", [*(pytest.param(name, marks=pytest.mark.slow) for name in LEVERS), "all of them"])
def test_a_lever_at_its_neutral_value(untouched, name):
    """Also where a policy's purse stands behind it."""
    moves = {one: lever.neutral for one, lever in LEVERS.items() if name in (one, "all of them")}
    moved = small.run(lively(small.config(*SPAN), [small.Mover(name="still", moves=moves)]))
    assert small.differing(untouched, moved) == []


def test_a_neutral_value_is_neutral_beside_other_policies():
    """Under every rule of combination: what another policy does stays as it is."""
    real = small.config(
        *small.LAKESIDE,
        "policy=[sandbox,guidance_fund,failure_compensation_two_tier]",
        *everywhere("sandbox", "guidance_fund"),
        "end=2011Q4",
    )
    moves = {name: lever.neutral for name, lever in LEVERS.items()}
    silent = lively(real, [*real.policies, still()])
    neutral = lively(real, [*real.policies, NoPurse(name="still", moves=moves)])
    assert small.differing(small.run(silent), small.run(neutral)) == []


class NoPurse(small.Mover):
    """Moves levers and leaves it to others to pay."""

    def act(self, levers, intensity, slot):
        super().act(levers, intensity, None)


def everywhere(*policies):
    return [f"policy.{name}.sectors=all" for name in policies]


# ---------------------------------------------------------------- out of force

WITH_SECTORS = (
    "sandbox",
    "guidance_fund",
    "patient_capital",
    "shared_laboratories",
    "proof_of_concept",
    "accelerator",
    "open_innovation",
)
WITHOUT = (
    "failure_compensation",
    "failure_forgiveness",
    "talent_visa",
    "returnee_programme",
    "listing_venue",
    "talent_tax_break",
    "technology_transfer",
    "ip_protection",
)
ALL = (*WITH_SECTORS, *WITHOUT)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("calendar", [("start=2012Q1",), ("start=2005Q1", "end=2005Q4")], ids=["to come", "over"])
def test_a_policy_outside_its_calendar(untouched, name, calendar):
    words = [f"policy.{name}.{word}" for word in calendar]
    sectors = everywhere(name) if name in WITH_SECTORS else []
    found = small.run(lively(small.config(*SPAN[:-2], f"policy=[{name}]", *sectors, *words, SPAN[-1])))
    assert small.differing(untouched, found) == []


def test_a_policy_of_no_intensity(untouched):
    class Dormant(small.Mover):
        def intensity(self, quarter):
            return 0.0

    moves = dict.fromkeys(LEVERS, 1.0)
    assert (
        small.differing(
            untouched, small.run(lively(small.config(*SPAN), [Dormant(name="still", budget=1e9, moves=moves)]))
        )
        == []
    )


def test_nothing_changes_before_the_start(untouched):
    """A policy that moves much later leaves every quarter before it alone, in state and in what was observed."""
    moves = {"ideas": 5.0, "appeal": 1.0, "demand": 3.0}
    later = lively(small.config(*SPAN), [small.Mover(name="still", start=quarter_of("2010Q1"), moves=moves)])
    before = small.run(dataclasses.replace(later, end=quarter_of("2009Q4")))
    same = small.run(dataclasses.replace(lively(small.config(*SPAN), [still()]), end=quarter_of("2009Q4")))
    assert small.differing(same, before) == []
    assert "state.startups" in small.differing(untouched, small.run(later))


# ---------------------------------------------------------------- placebo


@pytest.fixture(scope="module")
def half_empty():
    """The small city without anybody, idea, job or laboratory of its last sector, and with a district nobody settles
    in.
    """
    config = small.config(*SPAN)
    city = config.city
    traits, districts, mix = city.traits.copy(), city.districts.copy(), city.institution_mix.copy()
    traits.workforce[:], traits.ideas[:] = [0.6, 0.4, 0.0], [1.8, 1.2, 0.0]
    districts.tech_share[:] = [0.5, 0.3, 0.2, 0.0]
    districts.home_rent[3] = districts.office_rent[3] = 1e9
    mix[:, 2] = 0.0
    mix /= mix.sum(axis=1, keepdims=True)
    empty = dataclasses.replace(city, traits=traits, districts=districts, institution_mix=mix)
    return lively(dataclasses.replace(config, city=empty), [still()])


NOBODY_THERE = {"sector": ("advanced_manufacturing",), "district": ("HI",)}
SOMEBODY_THERE = {"sector": ("ai_software",), "district": ("OT",)}
FIRMS = {"district": "all", "sector": "all", "stage": "all", "origin": "all"}
PLACEBOS = {  # lever, the axis along which nobody is there -> how much, and where else
    ("ideas", "sector"): (9.0, {"district": "all", "sector": "all"}),
    ("progress", "sector"): (9.0, {"district": "all", "sector": "all"}),
    ("sandbox_open", "sector"): (1.0, FIRMS),
    ("burden", "sector"): (0.1, {"sector": "all"}),
    ("demand", "sector"): (9.0, {"sector": "all"}),
    ("patient_tilt", "sector"): (9.0, {"sector": "all"}),
    ("ideas", "district"): (9.0, {"district": "all", "sector": "all"}),
    ("progress", "district"): (9.0, {"district": "all", "sector": "all"}),
    ("sandbox_open", "district"): (1.0, FIRMS),
}
REST = {  # of the programme that a lever belongs to
    "sandbox_open": {"sandbox_places": 1e4, "sandbox_term": 8.0, "sandbox_volume": 1.0, "sandbox_score": -9.0},
    "patient_tilt": {"patient_partners": 1e4, "patient_life": 40.0, "patient_concession": 0.05},
}


@pytest.fixture(scope="module")
def without(half_empty):
    return small.run(half_empty)


def test_half_of_the_city_is_empty(without):
    state = without.state
    persons, startups = state.persons, state.startups.used
    assert not np.any(persons.field[: persons.count] == 2) and not np.any(startups.sector == 2)
    assert not np.any(persons.home[: persons.count] == 3) and not np.any(startups.district == 3)
    assert np.any(startups.life == Life.ALIVE)


def programme(city, lever, moves=None):
    """The city with the rest of the programme of a lever at work, if it has one, and with `moves` beside it."""
    rest = REST.get(lever, {})
    return small.run(small.altered(city, [small.Mover(name="still", budget=1e10, moves=rest | (moves or {}))]))


@pytest.fixture(scope="module")
def bare(half_empty):
    """Lever -> the city with the rest of its programme alone."""
    return functools.cache(lambda lever: programme(half_empty, lever))


@pytest.mark.parametrize(("lever", "axis"), PLACEBOS)
def test_a_lever_on_nothing_has_no_effect(half_empty, bare, lever, axis):
    value, where = PLACEBOS[lever, axis]
    moved = programme(half_empty, lever, {lever: (value, where | {axis: NOBODY_THERE[axis]})})
    assert small.differing(bare(lever), moved) == []


@pytest.mark.parametrize(("lever", "axis"), PLACEBOS)
def test_the_same_lever_on_something_has_one(half_empty, bare, lever, axis):
    """So that the zeros above mean something."""
    value, where = PLACEBOS[lever, axis]
    moved = programme(half_empty, lever, {lever: (value, where | {axis: SOMEBODY_THERE[axis]})})
    assert "state.startups" in small.differing(bare(lever), moved)


# ---------------------------------------------------------------- frozen


def test_a_frozen_city_does_not_move():
    """No arrivals, leavers, quits, hires, ideas, new investors, building or news: only money changes hands."""
    config = small.config(*small.LAKESIDE, "policy=[]", "end=2011Q4")
    never = 1e9
    frozen = small.altered(
        config,
        migration={"leave_base": 0.0, "visa_renewal": 1.0}
        | {f"stay_{pool}": never for pool in ("graduates", "returnees", "foreign", "domestic")},
        ages={"retirement": never},
        founding={"idea_rate": 0.0},
        environment={"rival_luck": 0.0},
        labour=dict.fromkeys(("quit_startup", "quit_incumbent", "layoff_speed", "flexibility", "pull"), 0.0),
        staffing={"incumbent_growth": 0.0},
        vacancies={"matching": 0.0, "turning": 0.0},
        fundraising={"entry_local": 0.0, "entry_outside": 0.0},
        rents={"construction_rate": 0.0, "background_growth": 0.0},
    )
    traits = config.city.traits.copy()
    traits.trend[:] = 0.0
    history = {name: np.full_like(series, series[0]) for name, series in config.city.history.items()}
    still = dataclasses.replace(config.city, traits=traits, history=history, reference=None)  # what is, is normal
    frozen = dataclasses.replace(frozen, city=still)

    seen = []
    model = small.run(
        frozen, lambda model: seen.append({name: array.copy() for name, array in model.state.arrays().items()})
    )
    moved = {name for quarter in seen for name in quarter if quarter[name].tobytes() != seen[0][name].tobytes()}
    money = {"persons.wealth", "corporates", "treasury", "flows", "gps", "funds", "lps", "commitments"}
    assert moved <= money | {
        "persons.visa_until",
        "persons.idle",
        "knowledge",
        "districts",
        "sectors",
        "tally",
    }  # permits are renewed, who is without work waits on; the rest within rounding, below
    for table, columns in {
        "districts": ("office_rent", "home_rent", "office_stock", "home_stock"),
        "sectors": SECTOR.names,
        "corporates": ("headcount", "target", "full_staff", "district", "sector", "wage_offer"),
        "tally": (
            "leavers",
            "hires",
            "separations",
            "returnees",
            "foreign",
            "domestic",
            "graduates",
            "considered",
            "construction",
        ),
    }.items():
        for column in columns:
            assert all(np.allclose(quarter[table][column], seen[0][table][column], rtol=1e-6) for quarter in seen), (
                table,
                column,
            )
    # Knowledge still creeps into far cells, but as much is added as decays.
    assert all(
        np.allclose(quarter["knowledge"].sum(axis=0), seen[0]["knowledge"].sum(axis=0), rtol=1e-9) for quarter in seen
    )
    assert len(model.state.startups) == len(model.state.holdings) == len(model.state.exits) == 0
    assert len(model.state.gps) == len(seen[0]["gps"])
