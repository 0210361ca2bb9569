"""The calendar of a policy, its money, and what some policies move."""

from dataclasses import dataclass

import pytest

from sim.calendar import quarter_of
from sim.levers import Levers
from sim.policies.failure_compensation import FailureCompensation
from sim.policies.guidance_fund import GuidanceFund
from sim.policies.instrument import Instrument
from sim.policies.sandbox import Sandbox
from sim.policies.talent_visa import TalentVisa
from sim.state import Origin, Stage

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
        name="guidance", start=START, phase_in_quarters=4, size=50e9, years=5.0, pace_per_quarter=0.1, share_cap=0.2, concession=0.3,
        local_duty=1.5, tilt=1.5,
    )  # fmt: skip
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
        name="cover", rate_seed=0.6, rate_early=0.3, rate_later=0.1, project_cap=3e6, investor_cap=6e6, audit_share=0.2, registered_share=0.5
    )
    policy.act(levers, 0.5, 2)
    expected = {Stage.IDEA: 0.0, Stage.SEED: 0.3, Stage.A: 0.15, Stage.B: 0.05, Stage.C: 0.05, Stage.D: 0.05}
    assert levers.loss_cover.tolist() == pytest.approx([expected[stage] for stage in Stage])
    assert (levers.loss_project_cap[0], levers.loss_investor_cap[0], levers.payer["loss_cover"]) == (3e6, 6e6, 2)


def test_talent_visa_is_for_foreigners(levers):
    TalentVisa(name="visa", added_quarters=32.0, wait_change=-2.0, quota_per_quarter=100.0, cost_per_permit=5e3).act(levers, 0.5, 1)
    assert levers.visa_quarters.tolist() == [0.0, 0.0, 32.0]
    assert levers.visa_delay[Origin.FOREIGN] == -2.0
    assert (levers.visa_quota[0], levers.payer["visa_quota"]) == (50.0, 1)


def test_sandbox_opens_its_sectors_and_districts(levers):
    terms = {"places_per_quarter": 10.0, "volume_share": 0.1, "term_quarters": 8.0, "lowest_score": 0.5, "compliance_credit": 0.4}
    Sandbox(name="box", sectors=("bio",), districts=("PD",), **terms).act(levers, 0.5, 0)
    assert levers.sandbox_open.shape == (2, 2, len(Stage), len(Origin))
    assert levers.sandbox_open.min(axis=(2, 3)).tolist() == levers.sandbox_open.max(axis=(2, 3)).tolist() == [[0.0, 1.0], [0.0, 0.0]]
    assert levers.sandbox_teams.tolist() == [0.0, 1e6]
    assert (levers.sandbox_places[0], levers.sandbox_volume[0], levers.sandbox_term[0]) == (5.0, 0.1, 8.0)


def test_guidance_tilt_multiplies_its_sectors(levers):
    terms = {"size": 1e9, "years": 5.0, "pace_per_quarter": 0.1, "share_cap": 0.2, "concession": 0.3, "local_duty": 1.5}
    GuidanceFund(name="guidance", tilt=1.5, sectors=("ai",), **terms).act(levers, 1.0, 0)
    assert levers.guidance_tilt.tolist() == [1.5, 1.0]
    assert (levers.guidance_pace[0], levers.guidance_cap[0]) == (0.1, 0.2)
