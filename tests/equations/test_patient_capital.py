"""The government's own fund opens when a policy pays for it, and follows its purse."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.capital import funding, fundraising, patient_capital
from sim.world.columns import DISTRICT, GP, PURSE
from sim.world.kinds import Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State


def world(partners=3.0, cash=1000):
    """A model of two districts, the second the dearer, in which the policy of purse 1 may pay a fund."""
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
            "funding": params(funding.Params, new_deals_per_partner=0.5),
            "fundraising": params(fundraising.Params, gp_noise=0.9, raise_when_quarters=10.0),
        },
    )


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


def test_its_purse_is_its_dry_powder():
    """Three partners who take on a company every two quarters find 15 in ten: of 1000 yuan 750 are for them."""
    model = world()
    patient_capital.endow(model)
    fund = model.state.funds.rows[0]
    assert (fund.committed, fund.cheque, model.state.gps.rows.partners[0]) == (1000, 50, 3)
    fund.called = 400
    model.state.purses.rows.cash[1] = 2100
    patient_capital.endow(model)
    assert model.state.funds.rows.committed[0] == 2500


@pytest.mark.parametrize("partners, pays", [(0.0, True), (3.0, False)])
def test_without_a_policy_there_is_none(partners, pays):
    model = world(partners)
    if not pays:
        model.levers.reset()
    patient_capital.endow(model)
    assert model.state.gps.count == 0


def test_its_terms_are_those_of_the_levers():
    model = world()
    for name, value in {"return": 0.12, "tilt": 1.5, "politics": 0.4}.items():
        model.levers.move(f"patient_{name}", value)
    terms = patient_capital.terms(model.levers)
    assert (terms.required_return, terms.politics) == (0.12, 0.4)
    assert np.array_equal(terms.tilt, [1.5])
