"""Announced policies are reckoned with by those who decide for the years to come, and by nobody else."""

import numpy as np
import small

from sim.model.ecosystem import Ecosystem
from sim.policies.instrument import Instrument


def instrument(**dates):
    return Instrument(name="any", **dates)


def test_what_is_foreseen_of_a_policy():
    """Known from the announcement to the end; without one, as it stands, phase-in and all."""
    announced = instrument(announced=100, start=104, end=110, phase_in_quarters=4)
    silent = instrument(start=104, end=110, phase_in_quarters=4)
    quarters = (99, 100, 103, 104, 110, 111)
    assert [announced.foreseen(q) for q in quarters] == [0, 1, 1, 1, 1, 0]
    assert [silent.foreseen(q) for q in quarters] == [silent.intensity(q) for q in quarters] == [0, 0, 0, 0.25, 1, 0]


def test_a_forgiving_law_on_its_way_brings_founders_before_it_starts():
    """Less fear of failing, by the equation of occupational choice: of those who weigh it more found, and nobody
    founds less.

    Scale 0.05, one seed, 8 quarters between announcement and start; every founder of the run without it founds with
    it in the first of them, as luck is the same and only the stake of the lottery differs (a superset, exact).
    """
    knobs = [f"policy.failure_forgiveness.{key}" for key in ("debt_forgiven=1", "stigma_forgiven=1")]
    words = (
        "scale=0.05",
        "start=2010Q1",
        "end=2013Q4",
        "policy=[failure_forgiveness]",
        "policy.failure_forgiveness.start=2013Q1",
        *knobs,
    )
    known, unknown = (
        Ecosystem(small.config(*words, *more)) for more in (("policy.failure_forgiveness.announced=2011Q1",), ())
    )
    founders = {}
    for model in (known, unknown):
        for _ in range(4):
            model.step()
    assert small.differing(known, unknown) == []  # before it is announced
    for model in (known, unknown):
        model.step()
        founders[model is known] = set(
            model.state.startups.used.founder_id[model.state.startups.used.born == model.quarter - 1]
        )
    assert founders[False] < founders[True]
    for model in (known, unknown):
        while model.quarter < 4 * 2013:
            model.step()
    born = [int(np.count_nonzero(model.state.startups.used.born >= 4 * 2011)) for model in (known, unknown)]
    assert born[0] > born[1]
