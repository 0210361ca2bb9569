"""The queue of shared laboratories: who is served, what that costs, and what is kept, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.programmes import laboratories
from sim.mechanisms.programmes.laboratories import Params
from sim.world.accounts import new_flows
from sim.world.columns import CASH, PURSE, SECTOR, STARTUP
from sim.world.kinds import Answer
from sim.world.levers import Levers
from sim.world.state import Persons, State

WAITED = [1, 3, 2]


def served(hours=25.0, purse=10_000, **startups):
    """The state after a quarter in which three ventures, which have waited since then, want ten hours each, at a price
    of 5 and a cost of 30 yuan an hour; and the factors on their development.
    """
    state = State(Persons(1))
    state.flows = new_flows()
    firm = {"id": [100, 101, 102], "cash": 1000, "laboratory_wait": WAITED, "progress": 0.5} | startups
    fill(state.startups, rows(STARTUP, 3, **firm))
    fill(state.sectors, rows(SECTOR, lab_need=0.5))
    fill(state.purses, rows(PURSE, cash=purse))
    fill(state.treasury, rows(CASH))
    levers = Levers(["PD"], ["ai"])
    levers.move("laboratory_hours", hours, payer=0)
    levers.move("laboratory_price", 5.0)
    levers.move("laboratory_open", 1.0)
    levers.move("laboratory_teams", [0.0, 10.0])
    terms = params(Params, hours=20.0, speed=0.4, round_saving=0.2, running_cost=30.0, affordable=0.1)
    support = np.ones(3)
    model = SimpleNamespace(state=state, levers=levers, params={"laboratories": terms}, seed=1, quarter=8100)
    laboratories.serve(model, support)
    return state, support.tolist()


@pytest.mark.parametrize(
    ("given", "sped"),
    [
        ({}, [1.0, 1.2, 1.2]),  # hours for two: those who have waited longest
        ({"hours": 30.0}, [1.2, 1.2, 1.2]),
        ({"purse": 590}, [1.0, 1.2, 1.0]),  # 19 hours
        ({"cash": [1000, 499, 1000]}, [1.2, 1.0, 1.2]),  # fifty yuan are more than a tenth of what one has
        ({"progress": [0.5, 1.0, 0.5]}, [1.2, 1.0, 1.2]),
    ],
    ids=["hours", "more hours", "money", "who cannot pay", "who has a product"],
)
def test_hours_go_to_those_who_have_waited_longest_while_the_purse_lasts(given, sped):
    """Twenty hours times the need of a half, which speeds development by 0.4 x 0.5."""
    assert served(**given)[1] == pytest.approx(sped)


def test_who_is_served_pays_the_price_and_needs_less_of_a_first_round():
    startups = served()[0].startups.used
    assert startups.cash.tolist() == [1000, 950, 950]
    assert startups.saving.tolist() == pytest.approx([0.0, 0.1, 0.1])


def test_who_is_not_served_has_waited_a_quarter_more():
    assert served()[0].startups.used.laboratory_wait.tolist() == [2, 0, 0]


def test_the_purse_pays_the_cost_and_gets_the_price():
    purse = served()[0].purses.used[0]
    assert (purse.cash, purse.spent, purse.take_up) == (10_000 - 600 + 100, 600, 2)


def test_the_queue_is_kept_with_the_applications():
    kept = served()[0].applications.used
    assert kept.score.tolist() == WAITED
    assert kept.answer.tolist() == [Answer.PLACES, Answer.ADMITTED, Answer.ADMITTED]
    assert (kept.decided.tolist(), kept.amount.tolist()) == ([8100] * 3, [0, 300, 300])


def test_a_queue_keeps_no_venture_from_its_investors():
    assert served()[0].startups.used.asking.tolist() == [0, 0, 0]
