"""Claims on losses: caps, purse, audits."""

from types import SimpleNamespace

import numpy as np
from by_hand import fill, params, rows

from sim.mechanisms.programmes import compensation
from sim.mechanisms.programmes.compensation import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, FUND, GP, HOLDING, PURSE, STARTUP
from sim.world.kinds import Answer, Investor, Route, Sector, Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION = 1_000_000
UNCAPPED = (np.inf, np.inf)  # for a firm, and for an investor in a year


def claimed(
    losses, quarter=8101, cash=100 * MILLION, compensated=0, registered=0.2, audit=0.0, caps=UNCAPPED, **gaming
):
    """Compensation at 30 percent to funds of two firms for `losses` (million, by firm) on a startup, and the state."""
    state, n = State(Persons(1)), len(losses)
    state.flows = new_flows()
    lost = rows(
        HOLDING,
        n,
        amount=np.array(losses, np.int64) * MILLION,
        stage=Stage.SEED,
        investor=Investor.FUND,
        holder=np.arange(n),
        route=Route.LIQUIDATION,
        ended=quarter,
    )
    fill(state.holdings, lost)
    fill(state.startups, rows(STARTUP))
    fill(state.funds, rows(FUND, 2, gp=[0, 1]))
    fill(state.gps, rows(GP, 2, id=[0, 1], registered=registered, compensated=compensated))
    fill(state.purses, rows(PURSE, cash=cash))
    fill(state.treasury, rows(CASH))
    levers = Levers(["PD"], ["ai"])
    levers.move("loss_cover", 0.3, Stage.SEED, payer=0)
    levers.move("loss_registered", 0.5)
    levers.move("loss_audit", audit)
    levers.move("loss_project_cap", caps[0])
    levers.move("loss_investor_cap", caps[1])
    model = SimpleNamespace(
        state=state, levers=levers, params={"compensation": params(Params, **gaming)}, quarter=quarter, seed=1
    )
    compensation.claim(model)
    paid = state.funds.used.cash
    assert (
        paid.sum()
        == state.flows[Transaction.COMPENSATION, Sector.GOVERNMENT, Sector.FUNDS]
        == cash - state.purses.used.cash[0]
    )
    assert paid.sum() == state.purses.used.spent[0] == state.holdings.used.compensated.sum()
    return (paid[:n] / MILLION).tolist(), state


def test_claims_by_hand():
    assert claimed([10, 20])[0] == [3.0, 6.0]
    assert claimed([10, 20], caps=(5 * MILLION, np.inf))[0] == [3.0, 2.0]  # a firm's cap is shared
    assert claimed([10, 20], caps=(np.inf, 4 * MILLION))[0] == [3.0, 4.0]
    assert claimed([10, 20], caps=(np.inf, 4 * MILLION), compensated=3 * MILLION)[0] == [1.0, 1.0]
    assert claimed([10, 20], cash=7 * MILLION)[0] == [3.0, 4.0]  # while the purse lasts
    assert claimed([10, 20], registered=0.7)[0] == [0.0, 0.0]


def test_claims_are_kept_with_the_applications():
    _, state = claimed([10, 20], caps=(3 * MILLION, np.inf))
    kept = state.applications.used
    assert kept.score.tolist() == [10 * MILLION, 20 * MILLION] and kept.amount.tolist() == [3 * MILLION, 0]
    assert kept.admitted.tolist() == [1, 0] and state.purses.used.take_up[0] == 1


def test_claims_are_answered_in_their_quarter():
    _, state = claimed([10, 20], caps=(3 * MILLION, np.inf))
    kept = state.applications.used
    assert kept[["quarter", "decided", "answer"]].tolist() == [
        (8101, 8101, Answer.ADMITTED),
        (8101, 8101, Answer.PLACES),  # the cap of the firm left nothing
    ]


def test_only_what_failed_this_quarter_is_claimed():
    _, state = claimed([10])
    before = state.funds.used.cash.copy()
    model = SimpleNamespace(state=state, levers=Levers(["PD"], ["ai"]), params={}, quarter=8102, seed=1)
    model.levers.move("loss_cover", 0.3, Stage.SEED, payer=0)
    compensation.claim(model)
    assert state.funds.used.cash.tolist() == before.tolist()


def test_audits_find_overstated_claims():
    assert claimed([10], gaming=1.0, overstatement=0.5)[0] == [4.5]
    assert claimed([10], gaming=1.0, overstatement=9.0)[0] == [10.0]  # never more than the loss
    assert claimed([10], gaming=1.0, overstatement=0.5, audit=1.0)[0] == [0.0]


def test_caps_of_investors_begin_anew_each_year_even_without_losses():
    assert claimed([10], quarter=8100, caps=(np.inf, 4 * MILLION), compensated=3 * MILLION)[0] == [3.0]
    _, state = claimed([], quarter=8100, compensated=3 * MILLION)
    assert state.gps.used.compensated.tolist() == [0, 0]


def test_those_who_invest_reckon_with_the_cover_that_is_foreseen():
    """Not with that in force, which is gone when a loss of theirs comes."""
    in_force, ahead = Levers(["PD"], ["ai"]), Levers(["PD"], ["ai"])
    for levers, cover, cap, registered in ((in_force, 0.1, 9e6, 0.9), (ahead, 0.3, 2e6, 0.6)):
        levers.move("loss_cover", cover, Stage.SEED, payer=0)
        levers.move("loss_project_cap", cap)
        levers.move("loss_registered", registered)
    seen = compensation.foreseen(SimpleNamespace(levers=in_force, foreseen=ahead))
    assert seen.share.tolist() == [0.0, 0.3, 0.0, 0.0, 0.0, 0.0]
    assert (seen.project_cap, seen.registered) == (2e6, 0.6)
