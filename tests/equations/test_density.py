"""Density against what is normal: where many work, a worker makes more and is paid for it."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms.space import density
from sim.mechanisms.space.density import Params
from sim.world.columns import DISTRICT, STARTUP
from sim.world.kinds import Life
from sim.world.reference import Norms
from sim.world.state import Persons, State

TERMS = params(Params, output=0.09, pay=0.05)


def relative(jobs, normal=None, scale=1.0, quarter=8100):
    """The Density of districts of 10 and 5 km2 with so many startup jobs each, against a path of what is normal from
    quarter 8100 on.
    """
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2, area=[10.0, 5.0]))
    columns = {"district": [0, 0, 1, 1], "life": [Life.ALIVE, Life.ALIVE, Life.ALIVE, Life.FAILED]}
    fill(state.startups, rows(STARTUP, 4, headcount=[1, jobs[0] - 1, jobs[1], 500], **columns))
    reference = None if normal is None else {"density": np.array(normal)}
    norms = Norms(dated(8100, reference=reference))
    model = SimpleNamespace(state=state, scale=scale, quarter=quarter, norms=norms, params={"density": TERMS})
    return density.relative(model)


def test_density_by_hand():
    # (99 + 1) / 10 = 10 workers a km2 in one district, (9 + 1) / 5 = 2 in the other, 5 are normal; the dead are none.
    found = relative((99, 9), [5.0])
    assert found.output.tolist() == pytest.approx([2.0**0.09, 0.4**0.09])
    assert found.pay.tolist() == pytest.approx([2.0**0.05, 0.4**0.05])


def test_a_tenth_of_the_city_stands_for_the_whole():
    found = relative((99, 9), [5.0], scale=0.1)
    assert found.output.tolist() == pytest.approx([(991 / 50) ** 0.09, (91 / 25) ** 0.09])


def test_if_all_districts_get_denser_output_rises_in_all():
    """Normal is fixed: against the mean worker of the run, twice the jobs everywhere would be worth nothing."""
    before, after = relative((99, 9), [5.0]), relative((199, 19), [5.0])
    assert (after.output / before.output).tolist() == pytest.approx([2.0**0.09] * 2)
    assert (after.pay / before.pay).tolist() == pytest.approx([2.0**0.05] * 2)


def test_what_is_normal_moves_with_the_quarter():
    path = [5.0, 10.0, 20.0]
    assert relative((99, 9), path, quarter=8101).output[0] == pytest.approx(1.0)
    assert relative((99, 9), path, quarter=8102).output[0] == pytest.approx(0.5**0.09)


@pytest.mark.parametrize("times", [1, 40])
def test_where_a_city_has_no_norms_the_mean_worker_is_one(times):
    """The mean over workers of the log: 100 and 10 of them, of whom 100 work five times as close."""
    found = relative((100 * times - 1, 10 * times - 1))
    assert np.average(np.log(found.output), weights=[100, 10]) == pytest.approx(0.0, abs=1e-12)
    assert found.output[0] / found.output[1] == pytest.approx(5.0**0.09)
    assert found.pay[0] / found.pay[1] == pytest.approx(5.0**0.05)


def test_a_run_notes_what_it_showed_and_is_held_against_the_path():
    own = np.array([3.0, 4.0])
    free = Norms(dated(8100, reference=None))
    assert free.of("sales", 8101, own) is own and free.seen["sales"] is own
    held = Norms(dated(8100, reference={"sales": np.array([[1.0, 2.0], [5.0, 6.0]])}))
    assert held.of("sales", 8101, own).tolist() == [5.0, 6.0] and held.seen["sales"] is own
