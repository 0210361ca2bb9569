"""The stay in the sandbox: a good record is credited, an incident costs firm, place and trust."""

from types import SimpleNamespace

import pytest
from by_hand import books, fill, firms, params, rows

from sim.mechanisms.programmes import sandbox
from sim.mechanisms.ventures import incidents
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, SECTOR, STARTUP, TALLY
from sim.world.draws import Chance
from sim.world.kinds import NEVER, Sector
from sim.world.state import Persons, State

RULES = params(incidents.Params, incident_cost=30.0, trust_gain=0.1, trust_loss=0.5)


def stayed(hazard):
    """Three firms inside in quarter 8100, one of them for the last, and one that left; the number of incidents, the
    firms, and the trust in their sector.
    """
    startups = rows(
        STARTUP, 4, cash=[100, 20, 100, 100], compliance=4.0, sandbox_from=8090, sandbox_until=[8100, 8105, 8105, 8099]
    )
    sectors, written = rows(SECTOR), books()
    met = sandbox._stay(
        chance=Chance(1, 8100),
        firms=firms(startups=startups, sectors=sectors),
        hazard=hazard,
        credit=0.5,
        rules=RULES,
        books=written,
    )
    fines = written.flows[Transaction.FINES, Sector.STARTUPS, Sector.GOVERNMENT]
    assert fines == written.treasury.treasury[0] == 320 - startups.cash.sum()
    return met, startups, sectors.trust[0]


def test_good_record_is_credited_at_the_end():
    met, startups, trust = stayed(0.0)
    assert met == 0
    assert startups.compliance.tolist() == [2.0, 4.0, 4.0, 4.0]
    assert trust == pytest.approx(0.1)


def test_incidents_cost_firm_place_and_trust():
    met, startups, trust = stayed(1.0)
    assert met == 3
    assert startups.cash.tolist() == [70, 0, 70, 100]  # a fine of 30, or what there is
    assert startups.sandbox_until.tolist() == [8099] * 4
    assert startups.compliance.tolist() == [4.0] * 4
    assert trust == pytest.approx(-1.5)


def test_who_is_inside():
    from_until = {(8090, 8100): True, (8090, 8099): False, (NEVER, NEVER): False, (8100, 8104): True}
    for (first, last), here in from_until.items():
        assert sandbox.inside(rows(STARTUP, sandbox_from=first, sandbox_until=last)[0], 8100) == here


def test_the_public_pays_for_harm_as_far_as_it_goes_and_forgets():
    state = State(Persons(1))
    state.flows = new_flows()
    fill(state.treasury, rows(CASH, treasury=100))
    fill(state.tally, rows(TALLY))
    fill(state.sectors, rows(SECTOR, 2, trust=[-1.0, 0.5]))
    terms = params(incidents.Params, incident_public_cost=30.0, trust_decay=0.2, trust_gain=0.1, trust_loss=0.5)
    model = SimpleNamespace(state=state, params={"incidents": terms}, scale=0.1)
    incidents.harm(model, 3)
    assert (state.treasury.rows.treasury[0], state.treasury.rows.world[0]) == (10, 90)
    assert state.flows[Transaction.INCIDENTS, Sector.GOVERNMENT, Sector.WORLD] == 90
    incidents.harm(model, 1)
    assert (state.treasury.rows.treasury[0], state.tally.rows.incidents[0]) == (0, 1)
    incidents.forget(model)
    assert state.sectors.used.trust.tolist() == pytest.approx([-0.8, 0.4])
    rules = incidents.rules_of(model)  # one event of a tenth of the city stands for ten
    assert (rules.trust_gain, rules.trust_loss) == pytest.approx((1.0, 5.0))
