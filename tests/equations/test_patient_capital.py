"""The government's own fund opens when a policy pays for it, and follows its purse."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.capital import fundraising, pace, patient_capital
from sim.mechanisms.capital.bids import dry_powder
from sim.mechanisms.capital.funding import Params
from sim.policies.patient_capital import PatientCapital
from sim.world.columns import DISTRICT, GP, PURSE
from sim.world.kinds import Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

BILLION = 1_000_000_000


def world(partners=3.0, cash=BILLION):
    """A model of two districts, the second the dearer, in which the policy of purse 1 may pay a fund.

    A fund of a billion is for 15 companies, one of 4 billion for 30, and a tenth goes to fees.
    """
    state, levers = State(Persons(1)), Levers(["PD", "XH"], ["ai"])
    fill(state.districts, rows(DISTRICT, 2, office_rent=[1.0, 2.0]))
    fill(state.purses, rows(PURSE, 2, cash=[7, cash]))
    levers.move("patient_partners", partners, payer=1)
    levers.move("patient_life", 80.0)
    return SimpleNamespace(
        state=state,
        levers=levers,
        quarter=8100,
        map=SimpleNamespace(draw_cells=lambda districts, u: districts * 10),
        params={
            "patient_capital": patient_capital.Params(direct_reserve=0.25),
            "pace": params(pace.Params, after_fees=0.9, companies=15.0, companies_elasticity=0.5),
            "fundraising": params(fundraising.Params, gp_noise=0.9),
        },
    )


def endowed(**given):
    """The manager and the fund of such a model."""
    model = world(**given)
    patient_capital.endow(model)
    (manager,), (fund,) = model.state.gps.used, model.state.funds.used
    return manager, fund


def test_it_opens_once_in_the_dearest_district_for_all_stages():
    model = world()
    patient_capital.endow(model)
    patient_capital.endow(model)
    (gp,), (fund,) = model.state.gps.used, model.state.funds.used
    assert (gp.patient, gp.fund, gp.district, gp.cell, gp.noise) == (1, 0, 1, 10, 0.9)
    assert (gp.stage_low, gp.stage_high, gp.registered) == (Stage.SEED, Stage.D, 1.0)
    assert (fund.gp, fund.vintage, fund.life, fund.reserve) == (0, 8100, 80, 0.25)


def test_it_opens_where_the_table_of_venture_firms_is_full():
    model = world()
    firms = fill(model.state.gps, rows(GP, len(model.state.gps.rows)))
    patient_capital.endow(model)
    assert len(model.state.gps.used) == len(firms) + 1
    assert model.state.gps.used[-1].partners == 3


@pytest.mark.parametrize("billions, cheque", [(1, 45_000_000), (4, 90_000_000)])
def test_its_cheque_is_that_of_a_fund_of_its_size(billions, cheque):
    """Three quarters of nine tenths are for new companies: 675 million for 15, and 2700 for 30."""
    _, fund = endowed(cash=billions * BILLION)
    assert fund.cheque == pytest.approx(cheque, abs=1)


def test_its_cheque_grows_with_its_purse():
    model = world()
    patient_capital.endow(model)
    model.state.purses.rows.cash[1] = 4 * BILLION
    patient_capital.endow(model)
    assert model.state.funds.rows.cheque[0] == pytest.approx(90_000_000, abs=1)


def test_its_purse_is_its_dry_powder():
    """Without fees, and whatever it has called before."""
    model = world()
    patient_capital.endow(model)
    model.state.funds.rows.called[0] = 400
    model.state.purses.rows.cash[1] = 2100
    patient_capital.endow(model)
    fund = model.state.funds.rows[0]
    assert dry_powder(fund=fund, quarter=8100, params=params(Params, fee_years=5.0)) == 2100


@pytest.mark.parametrize("wanted, partners", [(0.2, 1), (3.4, 3), (3.5, 4)])
def test_it_has_whole_partners_and_one_at_least(wanted, partners):
    manager, _ = endowed(partners=wanted)
    assert manager.partners == partners


@pytest.mark.parametrize("partners, pays", [(0.0, True), (3.0, False)])
def test_without_a_policy_there_is_none(partners, pays):
    model = world(partners)
    if not pays:
        model.levers.reset()
    patient_capital.endow(model)
    assert model.state.gps.count == 0


# ---------------------------------------------------------------- its policy

POLICY = PatientCapital(
    name="patient",
    size=80 * BILLION,
    years=5.0,
    life_quarters=80.0,
    concession=0.05,
    tilt=1.5,
    politics=0.4,
    money_per_partner=8.0 * BILLION,
    sectors=("ai",),
)


def acted(policy=POLICY, intensity=1.0, scale=1.0):
    """Levers of a city of two sectors after a quarter of the policy."""
    levers = Levers(["PD"], ["ai", "biotech"], scale)
    policy.act(levers=levers, intensity=intensity, slot=0)
    levers.shrink()
    return levers


@pytest.mark.parametrize("intensity, scale, partners", [(1.0, 1.0, 10.0), (0.5, 1.0, 5.0), (1.0, 0.3, 3.0)])
def test_it_has_its_partners_from_its_size(intensity, scale, partners):
    """One for 8 of 80 billion; fewer while it is phased in, and in a smaller run."""
    assert acted(intensity=intensity, scale=scale).patient_partners == pytest.approx(partners)


def test_a_fund_of_twice_the_size_has_twice_the_partners():
    assert acted(POLICY.scaled(2.0)).patient_partners == pytest.approx(20.0)


def test_its_terms_are_those_of_the_policy():
    terms = patient_capital.terms(acted())
    assert (terms.concession, terms.politics) == (0.05, 0.4)
    assert np.array_equal(terms.tilt, [1.5, 1.0])
