"""The calendar of a policy, its money, and what some policies move."""

import importlib
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from sim.policies import instrument
from sim.policies.city_testbed import CityTestbed
from sim.policies.failure_compensation import FailureCompensation
from sim.policies.failure_forgiveness import FailureForgiveness
from sim.policies.guidance_fund import GuidanceFund
from sim.policies.instrument import Instrument
from sim.policies.sandbox import Sandbox
from sim.policies.talent_visa import TalentVisa
from sim.world.calendar import quarter_of
from sim.world.kinds import Origin, Stage
from sim.world.levers import Levers

START, END = quarter_of("2016Q1"), quarter_of("2017Q4")
CALENDAR = range(START - 8, END + 9)


def test_a_policy_is_in_force_from_start_to_end_inclusive():
    policy = Instrument(name="it", start=START, end=END)
    assert [q for q in CALENDAR if policy.intensity(q) == 1.0] == list(range(START, END + 1))
    assert {policy.intensity(q) for q in CALENDAR} == {0.0, 1.0}


def test_phase_in_by_hand():
    policy = Instrument(name="it", start=START, phase_in_quarters=4)
    assert [policy.intensity(q) for q in range(START - 1, START + 6)] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_no_start_is_always_and_no_end_is_for_ever():
    assert {Instrument(name="it", phase_in_quarters=4).intensity(q) for q in CALENDAR} == {1.0}
    assert Instrument(name="it", start=START).intensity(START + 10_000) == 1.0
    assert Instrument(name="it", end=END).intensity(END + 1) == 0.0


def test_appropriations_by_hand():
    policy = Instrument(name="it", start=START, end=END, budget=400.0, phase_in_quarters=2)
    assert sum(policy.appropriation(q) for q in CALENDAR) == pytest.approx(100 * 8 - 50)
    assert policy.appropriation(START - 1) == 0.0


def test_guidance_fund_gets_its_size_and_no_more():
    policy = GuidanceFund(
        name="guidance",
        start=START,
        phase_in_quarters=4,
        size=50e9,
        years=5.0,
        pace_per_quarter=0.1,
        share_cap=0.2,
        concession=0.3,
        local_duty=1.5,
        tilt=1.5,
    )
    assert sum(policy.appropriation(q) for q in range(START - 8, START + 60)) == pytest.approx(50e9)
    assert policy.appropriation(START) == pytest.approx(2.5e9)
    assert policy.appropriation(START + 20) == 0.0


def test_instrument_without_levers_says_so():
    @dataclass(frozen=True, kw_only=True)
    class Idle(Instrument):
        pass

    with pytest.raises(TypeError, match="Idle"):
        Idle(name="idle").act(Levers(["PD"], ["ai"]), 1.0, 0)


@pytest.fixture
def levers():
    return Levers(["PD", "MH"], ["ai", "bio"])


def test_failure_compensation_at_half_force(levers):
    policy = FailureCompensation(
        name="cover",
        rate_seed=0.6,
        rate_early=0.3,
        rate_later=0.1,
        project_cap=3e6,
        investor_cap=6e6,
        audit_share=0.2,
        registered_share=0.5,
    )
    policy.act(levers, 0.5, 2)
    expected = {Stage.IDEA: 0.0, Stage.SEED: 0.3, Stage.A: 0.15, Stage.B: 0.05, Stage.C: 0.05, Stage.D: 0.05}
    assert levers.loss_cover.tolist() == pytest.approx([expected[stage] for stage in Stage])
    assert (levers.loss_project_cap, levers.loss_investor_cap, levers.payer["loss_cover"]) == (3e6, 6e6, 2)


def test_talent_visa_is_for_foreigners(levers):
    TalentVisa(name="visa", added_quarters=32.0, wait_change=-2.0, quota_per_quarter=100.0, cost_per_permit=5e3).act(
        levers, 0.5, 1
    )
    assert levers.visa_quarters.tolist() == [0.0, 0.0, 32.0]
    assert levers.visa_delay[Origin.FOREIGN] == -2.0
    assert (levers.visa_quota, levers.payer["visa_quota"]) == (50.0, 1)


def test_sandbox_opens_its_sectors_and_districts(levers):
    terms = {
        "places_per_quarter": 10.0,
        "volume_share": 0.1,
        "term_quarters": 8.0,
        "lowest_score": 0.5,
        "compliance_credit": 0.4,
    }
    Sandbox(name="box", sectors=("bio",), districts=("PD",), **terms).act(levers, 0.5, 0)
    assert levers.sandbox_open.shape == (2, 2, len(Stage), len(Origin))
    assert (
        levers.sandbox_open.min(axis=(2, 3)).tolist()
        == levers.sandbox_open.max(axis=(2, 3)).tolist()
        == [[0.0, 1.0], [0.0, 0.0]]
    )
    assert levers.sandbox_teams.tolist() == [0.0, 1e6]
    assert (levers.sandbox_places, levers.sandbox_volume, levers.sandbox_term) == (5.0, 0.1, 8.0)


def test_guidance_tilt_multiplies_its_sectors(levers):
    terms = {"size": 1e9, "years": 5.0, "pace_per_quarter": 0.1, "share_cap": 0.2, "concession": 0.3, "local_duty": 1.5}
    GuidanceFund(name="guidance", tilt=1.5, sectors=("ai",), **terms).act(levers, 1.0, 0)
    assert levers.guidance_tilt.tolist() == [1.5, 1.0]
    assert (levers.guidance_pace, levers.guidance_cap) == (0.1, 0.2)


def test_forgiveness_for_first_timers_or_for_all(levers):
    terms = {"name": "kind", "debt_forgiven": 0.6, "stigma_forgiven": 0.3}
    FailureForgiveness(**terms, first_timers_only=True).act(levers, 0.5, 0)
    assert levers.debt.tolist() == pytest.approx([0.7, 1.0, 1.0]) and levers.stigma.tolist() == pytest.approx(
        [0.85, 1.0, 1.0]
    )
    levers.reset()
    FailureForgiveness(**terms, first_timers_only=False).act(levers, 1.0, 0)
    assert levers.debt.tolist() == pytest.approx([0.4] * 3)


def test_cover_grows_to_the_whole_loss_and_no_further(levers):
    policy = FailureCompensation(
        name="cover",
        rate_seed=0.6,
        rate_early=0.3,
        rate_later=0.1,
        project_cap=3e6,
        investor_cap=6e6,
        audit_share=0.2,
        registered_share=0.5,
        budget=1e6,
    ).scaled(2.0)
    policy.act(levers, 1.0, 0)
    assert levers.loss_cover.tolist() == pytest.approx([0.0, 1.0, 0.6, 0.2, 0.2, 0.2])
    assert (policy.budget, levers.loss_project_cap, levers.loss_investor_cap) == (2e6, 6e6, 12e6)


def test_a_test_bed_admits_as_many_as_leave(levers):
    CityTestbed(name="roads", road_km=300.0, firms_per_km=0.26, term_quarters=8.0, sectors=("ai",)).act(levers, 1.0, 3)
    assert levers.testbed_places * levers.testbed_term == pytest.approx(78.0) and levers.payer["testbed_places"] == 3
    assert levers.testbed_open[:, 0].min() == 1.0 and levers.testbed_open[:, 1].max() == 0.0


@pytest.mark.parametrize("path", sorted(Path(instrument.__file__).parent.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_what_grows_with_a_programme_is_among_its_knobs(path):
    module = importlib.import_module(f"sim.policies.{path.stem}")
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, Instrument):
            assert set(kind.GROWS) <= {field.name for field in fields(kind)}
