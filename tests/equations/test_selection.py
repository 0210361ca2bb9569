"""Who may apply to a selective programme, who is admitted, and what shared laboratories and partners do, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, firms, params, rows

from sim.mechanisms.programmes import partnerships
from sim.mechanisms.programmes.selection import Terms, eligible, keep, select, whole_places
from sim.world.columns import CORPORATE, PURSE, STARTUP
from sim.world.draws import Chance, Decision
from sim.world.kinds import Life
from sim.world.state import Persons, State


def town(quality, cash=1000, **startups):
    """A city of startups with known quality and a purse, after 2006Q1."""
    state = State(Persons(1))
    fill(
        state.startups, rows(STARTUP, len(quality), quality=quality, id=np.arange(100, 100 + len(quality)), **startups)
    )
    fill(state.purses, rows(PURSE, cash=cash))
    return SimpleNamespace(state=state, seed=1, quarter=8024, city=SimpleNamespace(first=8024))


def terms(places, lowest=-np.inf, cost=0, teams=(0, 10), open_to=None):
    return Terms(
        0,
        np.ones((2, 2, 6, 3)) if open_to is None else open_to,
        np.array([-teams[0], teams[1]]),
        places,
        lowest,
        0.0,
        cost,
    )


def test_places_of_the_calendar_add_up():
    assert [whole_places(0.4, quarter) for quarter in range(5)] == [0, 0, 1, 0, 1]
    assert sum(whole_places(2.5, quarter) for quarter in range(40)) == 100


def test_eligible_by_every_axis():
    open_to = np.zeros((2, 2, 6, 3))
    open_to[1, 0, 2, 1] = 1.0
    kind = {
        "district": [1, 0, 1, 1, 1, 1, 1],
        "sector": [0, 0, 1, 0, 0, 0, 0],
        "stage": [2, 2, 2, 1, 2, 2, 2],
        "origin": [1, 1, 1, 1, 0, 1, 1],
    }
    startups = rows(STARTUP, 7, headcount=[5, 5, 5, 5, 5, 11, 5], **kind)
    startups.life[6] = Life.FAILED
    assert eligible(startups, terms(1, teams=(5, 10), open_to=open_to)).tolist() == [True] + [False] * 6
    assert not eligible(startups, terms(1, teams=(6, 10), open_to=open_to)).any()


def test_the_best_get_the_places():
    model = town([0.5, 2.0, 1.0, 3.0])
    able = np.array([True, True, True, False])
    found = select(model, terms(2), able, Decision.SCORE)
    assert found.applicants.tolist() == [0, 1, 2] and sorted(found.inside) == [1, 2] and found.outside.tolist() == [0]
    assert found.cutoff == 1.0
    keep(model, terms(2), found, 7)
    kept = model.state.applications.used
    assert (
        kept.admitted.tolist() == [0, 1, 1]
        and kept.amount.tolist() == [0, 7, 7]
        and kept.applicant_id.tolist() == [100, 101, 102]
    )


@pytest.mark.parametrize(
    ("places", "lowest", "cost", "admitted", "cutoff"),
    [
        (9, 0.8, 0, [1, 2, 3], 0.8),  # the lowest score binds
        (9, -9.0, 400, [1, 3], 2.0),  # the purse binds: two at 400 of 1,000
        (0, -9.0, 0, [], np.inf),  # no place, so no score is enough
        (9, -9.0, 2000, [], np.inf),
    ],
)
def test_what_binds(places, lowest, cost, admitted, cutoff):
    found = select(town([0.5, 2.0, 1.0, 3.0]), terms(places, lowest, cost), np.ones(4, bool), Decision.SCORE)
    assert sorted(found.inside) == admitted and found.cutoff == cutoff


def test_partners_that_shrink_or_leave_are_lost():
    startups = rows(STARTUP, 3, partner=[0, 1, 1], pilot=10, id=[1, 2, 3])
    corporates = rows(CORPORATE, 2, headcount=100, target=[85, 95])
    doors = firms(startups=startups, corporates=corporates)
    stays = params(partnerships.Params, partner_shrinks=0.1)
    assert partnerships._part(chance=Chance(1, 8100), firms=doors, params=stays) == 1
    assert (
        startups.partner.tolist() == [-1, 1, 1]
        and startups.pilot.tolist() == [0, 10, 10]
        and startups.partner_lost[0] == 8100
    )
    goes = stays._replace(partner_hazard=4.0)
    assert partnerships._part(chance=Chance(1, 8101), firms=doors, params=goes) == 2
