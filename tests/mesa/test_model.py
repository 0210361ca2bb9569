"""How the model is told, how it ends, is copied and is run by Mesa's batch runner; what may be written to it."""

import copy
import pickle
import subprocess
import sys

import mesa
import numpy as np
import pytest
import small

import sim
from sim import Ecosystem
from sim.settings.config import load
from sim.settings.refusals import ConfigError
from sim.world.views import TYPES

REST = {small.SPIN_UP: 0}
TOLD = {"scale": 0.01, "seed": 3, "policy": ["sandbox"], "end": "2006Q3", "policy.sandbox.volume_share": 0.5, **REST}
WORDS = [
    "scale=0.01",
    "seed=3",
    "policy=[sandbox]",
    "end=2006Q3",
    "policy.sandbox.volume_share=0.5",
    f"{small.SPIN_UP}=0",
]


def ended(model):
    model.run_model()
    return model


# ---------------------------------------------------------------- told


def test_keys_and_a_config_tell_the_same():
    by_keys, by_config = Ecosystem(**TOLD), Ecosystem(load(WORDS))
    assert by_keys.config == by_config.config
    assert small.differing(ended(by_keys), ended(by_config)) == []
    assert Ecosystem(by_config.config, seed=4, **{"policy.sandbox.volume_share": 0.25}).policies[0].volume_share == 0.25


@pytest.mark.parametrize(
    ("luck", "seed"),
    [
        ({"seed": 7}, 7),
        ({"rng": 7}, 7),
        ({"rng": np.int64(7)}, 7),
        ({"seed": np.int64(7)}, 7),
        ({"rng": np.random.default_rng(7)}, None),
        ({"rng": [1, 2]}, None),
        ({"rng": np.random.PCG64(7)}, None),
        ({}, None),
        ({"seed": None, "rng": None}, None),
    ],
)
def test_luck_is_told_as_mesa_tells_it(luck, seed):
    told = {key: value for key, value in TOLD.items() if key != "seed"}
    model = Ecosystem(**told, **luck)
    assert model.seed == (model.config.seed if seed is None else seed)
    if seed is None:
        assert Ecosystem(**told).seed != model.seed


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"scale": 2}, "scale=2: should be"),
        ({"sacle": 0.1}, "sacle: no such key; did you mean scale"),
        ({"policy": ["sandbx"]}, "policy=sandbx: no such policy; did you mean sandbox"),
        ({"seed": -1}, "seed=-1: should be a whole number"),
        ({"seed": 1.5}, "seed=1.5: should be a whole number"),
        ({"rng": "luck"}, "rng='luck': should be a whole number from 0"),
        ({"seed": 1, "rng": 1}, "give one of them"),
        ({"config": "scale=0.01"}, "should be a Config"),
    ],
)
def test_what_cannot_be_told_is_refused(told, words):
    with pytest.raises(ConfigError, match=words):
        Ecosystem(**told)


def test_sim_has_no_other_names():
    with pytest.raises(AttributeError, match="Ecosistem"):
        sim.Ecosistem


# ---------------------------------------------------------------- its end


def test_a_step_beyond_the_end_is_refused_and_not_counted():
    model = ended(Ecosystem(**TOLD))
    assert (model.steps, model.running) == (3, False)
    with pytest.raises(RuntimeError, match="the run is over: 2006Q3 was its last quarter"):
        model.step()
    assert (model.steps, len(model.datacollector.get_model_vars_dataframe())) == (3, 3)


# ---------------------------------------------------------------- copies


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_with_the_same_bits(threads, copied):
    """Also where agents and the grid were asked for; what is done to the copy is not done to the city."""
    model = Ecosystem(**TOLD, threads=threads)
    model.step()
    assert len(model.grid.agents) and model.datacollector.model_vars
    branch, other = copied(model), copied(model)
    other.agents_by_type[TYPES[0]].set("skill", 3.0)
    other.run_model()
    assert small.differing(ended(branch), ended(model)) == [] != small.differing(other, model)
    assert branch.steps == 3 and branch.grid.model is branch
    layer = getattr(branch.grid, f"knowledge_{branch.city.sectors[0]}")
    assert np.shares_memory(layer.data, branch.state.knowledge)


# ---------------------------------------------------------------- Mesa's batch runner


@pytest.mark.parametrize("processes", [1, 2])
def test_batch_run(processes):
    told = {**TOLD, "policy": [["sandbox"], []], "seed": [1, 2]}
    del told["policy.sandbox.volume_share"]
    rows = mesa.batch_run(Ecosystem, told, processes, data_collection_period=1, max_steps=8, display_progress=False)
    assert len(rows) == 2 * 2 * 3
    last = {(row["seed"], bool(row["policy"])): row["employed"] for row in rows if row["quarter"] == "2006Q3"}
    model = ended(Ecosystem(**{**told, "policy": [], "seed": 2}))
    assert last[2, False] == model.datacollector.model_vars["employed"][-1] != last[1, False]


def test_iterations_without_a_seed_differ():
    told = {"scale": 0.01, "end": "2006Q1", **REST}
    rows = mesa.batch_run(Ecosystem, told, iterations=2, display_progress=False)
    assert rows[0]["employed"] != rows[1]["employed"] and rows[0]["quarter"] == "2006Q1"


# ---------------------------------------------------------------- money and writes


def test_money_that_changed_outside_a_transfer_is_named():
    model = Ecosystem(**TOLD)
    model.step()
    firm = model.agents_by_type[TYPES[1]][0]
    firm.cash += 5
    with pytest.raises(
        ArithmeticError, match=rf"^2006Q2: money .* transfer: startups in slot {firm.slot} by \+5 yuan$"
    ):
        model.step()


def test_a_layer_with_what_is_no_number_stops_the_next_quarter():
    model = Ecosystem(**TOLD)
    name = f"knowledge_{model.city.sectors[0]}"
    getattr(model.grid, name).set_cells(np.nan)
    with pytest.raises(ValueError, match=f"{name}=nan: should be a number from 0"):
        model.step()


WRITES = """
import copy, sys
import numpy as np
from sim import Ecosystem
from sim.world.views import TYPES

city = Ecosystem(scale=0.01, seed=1, policy=["sandbox"], end="2008Q4", **{"mechanism.environment.spin_up_quarters": 8})
for _ in range(2):
    city.step()
tried = refused = 0
for kind in TYPES:
    assert len(city.agents_by_type[kind]), kind
    for name in kind.schema.names:
        low, high = kind.schema.bounds.get(name, (0, 0))
        numbers = (low - 1, high + 1, -(2**63), 2**63, np.nan, np.inf, -np.inf, 1e300)
        for value in (*numbers, "one", None, [1], np.arange(9)):
            agents = city.agents_by_type[kind]
            for write in (lambda: agents.set(name, value), lambda: setattr(agents[0], name, value)):
                tried += 1
                try:
                    write()
                except (AttributeError, ValueError) as error:
                    refused += "\\n" not in str(error) and name in str(error)
assert tried == refused, (tried, refused)
city.step()
for kind in TYPES:
    for name, bounds in kind.schema.bounds.items():
        for value in bounds:
            branch = copy.deepcopy(city)
            branch.agents_by_type[kind].set(name, value)
            try:
                for _ in range(3):
                    branch.step()
            except ArithmeticError as error:
                assert "money changed outside a transfer" in str(error), (kind, name, value, error)
print("all", tried)
"""


def test_no_write_ends_the_interpreter():
    """Every column of every type: values beyond it are refused, and with those at its bounds quarters can follow."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", WRITES], capture_output=True, text=True)
    assert (done.returncode, done.stdout[:4]) == (0, "all "), done.stderr[-2000:]
