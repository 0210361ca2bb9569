"""The same seed gives the same bits, however a run is done; another seed gives another city; and luck is shared across
policies.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import small

from sim.model import ecosystem as model_module
from sim.model.ecosystem import Ecosystem
from sim.runs import checkpoints
from sim.world.calendar import quarter_of
from sim.world.kinds import Cohort, Origin, Route, Status

TESTS = Path(__file__).parents[1]


def digests(model):
    """Name -> hash of all the bytes that a model holds and remembers."""
    return {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in small.arrays(model).items()}


def elsewhere(*words, **environment):
    """The same from a process of its own."""
    code = (
        "import json, sys, small, test_chance;"
        "print(json.dumps(test_chance.digests(small.run(small.config(*sys.argv[1:])))))"
    )
    paths = os.pathsep.join(map(str, (TESTS.parent, TESTS, TESTS / "invariants")))
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


# ---------------------------------------------------------------- one city, however it is run

WORDS = ("scale=0.03", "start=2012Q1", "end=2018Q4")


@pytest.fixture(scope="module")
def plain():
    """A thirtieth of Shanghai over 28 quarters: policies begin, funds close, startups come and go."""
    return small.run(small.config(*WORDS))


def test_the_plain_run_is_eventful(plain):
    assert len(plain.state.holdings) > 20 and len(plain.state.exits) > 5 and plain.state.purses.used.spent.sum() > 0


def test_the_same_seed_twice(plain):
    assert small.differing(plain, small.run(small.config(*WORDS))) == []


@pytest.mark.parametrize(("threads", "block"), [(2, model_module.BLOCK), (2, 500), (1, 500)])
def test_on_more_threads(plain, monkeypatch, threads, block):
    """Also where persons are cut into many blocks, as they are at scale 1."""
    monkeypatch.setattr(model_module, "BLOCK", block)
    assert small.differing(plain, small.run(small.config(*WORDS, f"threads={threads}"))) == []


@pytest.mark.parametrize("cut", ["2012Q2", "2016Q1", "2018Q4"])
def test_resumed_from_a_checkpoint(plain, tmp_path, cut):
    config = small.config(*WORDS)
    first = Ecosystem(config)
    while first.quarter < quarter_of(cut):
        first.step()
    checkpoints.write(tmp_path, first, "a run")
    second = checkpoints.restored(config, checkpoints.last_good(tmp_path, "a run"))
    while second.quarter <= config.end:
        second.step()
    assert small.differing(plain, second) == []
    ours, theirs = plain.panels.tables(), second.panels.tables()
    assert all(ours[name].equals(theirs[name]) for name in ours)


@pytest.mark.slow
def test_in_another_process(plain):
    assert elsewhere(*WORDS, PYTHONHASHSEED="7") == digests(plain)


@pytest.mark.slow
def test_with_the_compiler_off(lakeside):
    """Over all 76 quarters of the small city, with its startups, rounds, exits and policies."""
    state = lakeside.state
    assert len(state.startups) > 10 and len(state.exits) > 0
    assert np.any(state.holdings.used.route == Route.HELD) and len(state.applications) > 0
    assert elsewhere(*small.LAKESIDE, NUMBA_DISABLE_JIT="1") == digests(lakeside)


def test_seeds_differ(plain):
    """In what chance decides; not in what is data."""
    other = small.run(small.config(*WORDS, "seed=2"))
    differ = set(small.differing(plain, other))
    assert {
        "state.persons.skill",
        "state.startups",
        "state.holdings",
        "state.flows",
        "panels.city/startups_founded",
    } <= differ
    assert {"state.institutions", "state.institution_mix", "panels.city/quarter"}.isdisjoint(differ)


# ---------------------------------------------------------------- common luck


def came(model, cohort, quarter):
    """Numbers of the persons of a pool who came in `quarter` and are there."""
    persons = model.state.persons
    there = persons.status[: persons.count] != Status.ABSENT
    ids = persons.id[: persons.count][there]
    return set(ids[(ids >> 48 == cohort) & (ids >> 32 & 0xFFFF == quarter)].tolist())


@pytest.mark.parametrize("appeal", [0.01, 0.5, 3.0])
def test_who_came_anyway_comes_under_more_appeal(appeal):
    """In the first treated quarter, where all else is as it was; of another origin exactly the same persons come."""
    first = "2018Q3"
    words = ("scale=0.1", "policy=[]", "start=2018Q1", f"end={first}")
    config, quarter = small.config(*words), quarter_of(first)
    policy = small.Mover(name="more", start=quarter, moves={"appeal": (appeal, Origin.RETURNEE)})
    baseline, treated = (small.run(small.altered(config, [p])) for p in (small.Mover(name="more"), policy))
    before, after = (came(model, Cohort.RETURNEE, quarter) for model in (baseline, treated))
    assert len(before) >= 10 and before <= after
    assert appeal < 0.1 or len(after) > len(before)
    for cohort in (Cohort.FOREIGN, Cohort.DOMESTIC, Cohort.GRADUATE):
        assert came(baseline, cohort, quarter) == came(treated, cohort, quarter)
    luck = [
        {i: s for i, s in zip(m.state.persons.id, m.state.persons.skill, strict=True) if i in before}
        for m in (baseline, treated)
    ]
    assert luck[0] == luck[1]
