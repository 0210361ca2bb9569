"""What Mesa's own tests promise of sets, agents, models, collectors and spaces, asked of our model in our words.

`docs/mesa.md` lists the same sentences: each promise is kept, or refused in a sentence.
"""

import copy
import pickle
import re
from pathlib import Path

import mesa
import numpy as np
import pytest
import small
from mesa.discrete_space import CellAgent, PropertyLayer

from sim import Ecosystem
from sim.world.agent_sets import Agents
from sim.world.views import District, Fund, Person, Startup, View

PAGE = (Path(__file__).parents[2] / "docs" / "mesa.md").read_text("utf-8")
REST = {"mechanism.environment.spin_up_quarters": 6}


def built():
    """A small city after three quarters."""
    city = Ecosystem(scale=0.01, seed=1, end="2007Q4", **REST)
    for _ in range(3):
        city.step()
    return city


@pytest.fixture(scope="module")
def model():
    """One that no promise changes."""
    return built()


class Mine(mesa.Agent):
    """An agent of a user's own."""


class Walker(CellAgent):
    """One that would walk the grid."""


def firms(model):
    return model.agents_by_type[Startup]


def somebody(model):
    return model.grid.agents[0]


def again(thing):
    return pickle.loads(pickle.dumps(thing))


def changed(agents, change, *args):
    """A copy of a set after one of its own methods."""
    other = agents.copy()
    getattr(other, change)(*args)
    return other


def added(model):
    layer = PropertyLayer("noise", model.grid.dimensions, default_value=0.0)
    model.grid.add_property_layer(layer)
    copied = copy.deepcopy(model).grid.noise.data
    model.grid.remove_property_layer("noise")
    return np.all(copied == 0.0)


def visited(model):
    """Who is found by a function that changes the order: each once."""
    seen = []
    firms(model).shuffle_do(lambda firm: seen.append(firm.unique_id))
    return sorted(seen) == sorted(firms(model).get("unique_id"))


def stopped(model):
    model.running = False
    model.run_model()
    return model


def ended(model):
    model.run_model()
    return model


def reset(model):
    model.reset_rng(5)
    return model.rng.random() == np.random.default_rng(5).random()


def collected(model):
    collector = mesa.DataCollector(
        model_reporters={"quarter": "quarter", "firms": lambda m: len(firms(m))},
        agenttype_reporters={Startup: {"cash": "cash"}},
    )
    collector.collect(model)
    firm_rows = collector.get_agenttype_vars_dataframe(Startup)
    return collector.get_model_vars_dataframe().firms.tolist() == [len(firm_rows)] == [len(firms(model))]


KEPT = {
    # sets of agents
    "the length of a set is the number of its members": lambda m: len(firms(m)) == len(list(firms(m))) > 10,
    "an agent of a set is in it": lambda m: firms(m)[0] in firms(m) and firms(m)[0] in m.agents,
    "an agent of another type is not": lambda m: m.agents_by_type[Person][0] not in firms(m),
    "a thing that is no agent is in no set": lambda m: "somebody" not in m.agents and Mine not in m.agents,
    "sets are in an order, and `[i]`, `[-1]` and `[a:b]` follow it": lambda m: (
        [firms(m)[0], firms(m)[-1], *firms(m)[1:3]] == [list(firms(m))[i] for i in (0, -1, 1, 2)]
    ),
    "`to_list` is a list of one's own": lambda m: firms(m).to_list().pop() == firms(m)[-1] and len(firms(m)) > 10,
    "`index`, `count` and `reversed` follow the order": lambda m: (
        firms(m).index(firms(m)[2]) == 2
        and firms(m).count(firms(m)[2]) == 1
        and next(reversed(firms(m))) == firms(m)[-1]
    ),
    "a copy of a set has the same members": lambda m: copy.copy(firms(m)) == firms(m) == firms(m).copy(),
    "a set is kept by pickle": lambda m: again(firms(m)).get("id") == firms(m).get("id"),
    "a set is kept by deepcopy": lambda m: copy.deepcopy(firms(m)).get("cash") == firms(m).get("cash"),
    "equal sets have the same members": lambda m: firms(m) == firms(m).shuffle() != m.agents,
    "sets meet, join, differ": lambda m: (
        len(m.agents & firms(m)) == len(firms(m)) == len(m.agents) - len(m.agents - firms(m))
        and len(firms(m) | m.agents_by_type[Fund]) == len(firms(m)) + len(m.agents_by_type[Fund])
        and len(firms(m) ^ firms(m)) == 0
    ),
    "`select` takes those that pass a function": lambda m: all(
        firm.headcount > 1 for firm in firms(m).select(lambda firm: firm.headcount > 1)
    ),
    "`select` takes at most a number": lambda m: firms(m).select(at_most=5).to_list() == firms(m)[:5],
    "`select` takes at most a share, rounded down": lambda m: len(firms(m).select(at_most=0.5)) == len(firms(m)) // 2,
    "`select` takes the agents of a type": lambda m: m.agents.select(agent_type=Startup) == firms(m),
    "`select` without a condition is everybody": lambda m: firms(m).select() == firms(m),
    "`select(inplace=True)` changes and returns the set": lambda m: (
        len(changed(firms(m), "select", None, 3, True)) == 3
    ),
    "`shuffle` is the same set in another order": lambda m: (
        sorted(firms(m).shuffle().get("id")) == sorted(firms(m).get("id")) != firms(m).shuffle().get("id")
    ),
    "`sort` by an attribute, largest first": lambda m: (
        firms(m).sort("born").get("born") == sorted(firms(m).get("born"), reverse=True)
    ),
    "`sort` by a function, `ascending`": lambda m: (
        firms(m).sort(lambda firm: firm.born, ascending=True).get("born") == sorted(firms(m).get("born"))
    ),
    "`get` an attribute is a list": lambda m: firms(m).get("cash") == [firm.cash for firm in firms(m)],
    "`get` several is a list of lists": lambda m: firms(m).get(["id", "cash"])[0] == [firms(m)[0].id, firms(m)[0].cash],
    "`get` fills in a default where it is asked to": lambda m: set(firms(m).get("xyz", "default", 7)) == {7},
    "`agg` by one function or several": lambda m: (
        firms(m).agg("cash", [min, max]) == [firms(m).agg("cash", min), firms(m).agg("cash", max)]
    ),
    "`set` gives all one value and returns the set": lambda m: (
        set(firms(copy.deepcopy(m)).set("quality", 0.5).get("quality")) == {0.5}
    ),
    "`do` calls a function on each and returns the set": lambda m: firms(m).do(repr) == firms(m),
    "`shuffle_do` calls it on each once": visited,
    "`map` collects what a function gives": lambda m: firms(m).map(lambda firm, more: firm.slot + more, 1)[0] == 1,
    "`groupby` an attribute or a function": lambda m: (
        firms(m).groupby("sector").count() == firms(m).groupby(lambda firm: firm.sector).count()
    ),
    "groups are sets or lists, and have `map`, `do` and `agg`": lambda m: (
        firms(m).groupby("sector").map(len) == firms(m).groupby("sector", result_type="list").map(len)
        and firms(m).groupby("sector").agg("id", len) == firms(m).groupby("sector").count()
    ),
    "`add`, `discard` and `remove` change a set of one's own": lambda m: (
        firms(m)[0] not in changed(firms(m), "remove", firms(m)[0])
        and len(changed(firms(m), "discard", m.agents[0]))
        == len(firms(m))
        == len(changed(firms(m), "add", m.agents[0])) - 1
    ),
    "`agents.random` is the model's": lambda m: m.agents.random is m.random,
    # one agent
    "an agent knows its model and a lasting `unique_id`": lambda m: (
        somebody(m).model is m and len(set(m.agents.get("unique_id"))) == len(m.agents)
    ),
    "`agent.random` and `agent.rng` are the model's": lambda m: (
        somebody(m).random is m.random and somebody(m).rng is m.rng
    ),
    "an agent can be in a Python set or a key": lambda m: len({firms(m)[0], firms(m)[0]}) == 1,
    "an agent is kept by pickle and deepcopy": lambda m: (
        again(firms(m)[0]).unique_id == copy.deepcopy(firms(m)[0]).unique_id == firms(m)[0].unique_id
    ),
    "`pos` is the place on the grid, None of those not on it": lambda m: (
        somebody(m).pos == m.grid[somebody(m).pos].coordinate and m.agents_by_type[District][0].pos is None
    ),
    # the model
    "`steps` counts the steps": lambda m: m.steps == 3,
    "`running` is true until the end": lambda m: m.running and m.quarter <= m.config.end,
    "`running = False` stops `run_model`": lambda m: stopped(copy.deepcopy(m)).steps == 3,
    "`run_model` runs to the end": lambda m: ended(copy.deepcopy(m)).steps == 8,
    "the same seed gives the same run": lambda m: small.differing(m, built()) == [],
    "`agents_by_type` has a set for each of `agent_types`": lambda m: set(m.agents_by_type) == set(m.agent_types),
    "`agents` has the agents of all types": lambda m: len(m.agents) == sum(map(len, m.agents_by_type.values())),
    "`reset_rng` begins the model's generators anew": lambda m: reset(copy.deepcopy(m)),
    # the data collector
    "`datacollector` has one value a step of each variable": lambda m: (
        {len(values) for values in m.datacollector.model_vars.values()} == {3}
    ),
    "`get_model_vars_dataframe` is what the panels say": lambda m: (
        m.datacollector.get_model_vars_dataframe().employed.tolist() == m.panels.tables()["city"].employed.tolist()
    ),
    "a collector of one's own takes functions, attributes and agents of a type": collected,
    # the grid
    "a cell says who is in it": lambda m: all(agent in m.grid[agent.pos].agents for agent in m.grid.agents),
    "a cell says that it is empty": lambda m: not m.grid[somebody(m).pos].is_empty and m.grid.empties.cells[0].is_empty,
    "a cell without a capacity is never full": lambda m: not m.grid[somebody(m).pos].is_full,
    "`all_cells.agents` are those of the grid": lambda m: set(m.grid.all_cells.agents) == set(m.grid.agents),
    "`empties` are the cells without agents": lambda m: (
        len(m.grid.empties) + len({agent.pos for agent in m.grid.agents}) == len(m.grid.all_cells)
    ),
    "`select_random_empty_cell` is empty": lambda m: m.grid.select_random_empty_cell().is_empty,
    "`select_cells(only_empty=True)` are those": lambda m: (
        len(m.grid.select_cells(only_empty=True)) == len(m.grid.empties)
    ),
    "cells have neighbours, and those their agents": lambda m: (
        len(m.grid[20, 20].neighborhood) == 8
        and somebody(m) in m.grid[somebody(m).pos].get_neighborhood(1, include_center=True).agents
    ),
    "cells are selected by layers": lambda m: (
        len(m.grid.select_cells({"district": lambda district: district == 0})) == len(m.map.cells_of_district(0))
    ),
    "a layer is the model's own array": lambda m: np.shares_memory(m.grid.district.data, m.map.district_of_cell),
    "a layer of one's own can be added, and is kept by copies of the model": added,
    "a grid and its cells are kept by deepcopy": lambda m: (
        copy.deepcopy(m.grid).model is not m and copy.deepcopy(m.grid[20, 20]).coordinate == (20, 20)
    ),
}


REFUSED = {
    # sentence: what is typed, the error, words of it
    "an agent of one's own": (lambda m: Mine(m), TypeError, "Mine: the agents of this model are its columns"),
    "an agent of one's own on the grid": (lambda m: Walker(m), TypeError, "Walker: the agents of this model"),
    "`register_agent` and `deregister_agent`": (lambda m: m.deregister_agent(firms(m)[0]), TypeError, "own steps only"),
    "`create_agents`": (lambda m: Startup.create_agents(m, 3), TypeError, "a Startup comes by the model's own steps"),
    "`remove` of an agent": (lambda m: firms(m)[0].remove(), TypeError, "leaves by the model's own steps"),
    "`remove_all_agents`": (lambda m: m.remove_all_agents(), TypeError, "leave by its own steps"),
    "`model.agents = ...`": (lambda m: setattr(m, "agents", []), AttributeError, "agents"),
    '`agents.do("step")`, as one agent cannot act alone': (
        lambda m: m.agents.do("step"),
        TypeError,
        r"call model.step\(\)",
    ),
    "a method that no agent has": (lambda m: firms(m).do("dance"), AttributeError, "dance"),
    "`get` an attribute that an agent lacks": (lambda m: m.agents.get("wealth"), AttributeError, "wealth"),
    "another `handle_missing`": (lambda m: firms(m).get("cash", "drop"), ValueError, "handle_missing"),
    "an index beyond the last": (lambda m: firms(m)[10**6], IndexError, "out of bounds"),
    "a view of a slot that nobody has": (lambda m: Startup(m, 10**6), LookupError, "no Startup in slot 1000000"),
    "`remove` from a set of one who is not in it": (
        lambda m: firms(m).copy().remove(m.agents[0]),
        KeyError,
        "Person",
    ),
    "`add`, `discard`, `remove` on `model.agents` itself": (lambda m: m.agents.add(m.agents[0]), TypeError, "copy"),
    "an agent of another model in a set": (
        lambda m: firms(m).copy().add(firms(copy.deepcopy(m))[0]),
        TypeError,
        "no others",
    ),
    "an attribute that is no column": (lambda m: setattr(firms(m)[0], "cahs", 1), AttributeError, "no column 'cahs'"),
    "a column that the model finds its way by": (
        lambda m: setattr(firms(m)[0], "sector", 1),
        AttributeError,
        "Startup.sector is read-only",
    ),
    "a fraction of a yuan": (
        lambda m: setattr(firms(m)[0], "cash", 10.75),
        ValueError,
        "Startup.cash=10.75: should be a whole number from 0",
    ),
    "what is no number": (lambda m: firms(m).set("quality", np.nan), ValueError, "Startup.quality=nan"),
    "a number beyond the bounds": (
        lambda m: firms(m).set("cash", 2**63),
        ValueError,
        "Startup.cash=9223372036854775808",
    ),
    "a write to the array that a type hands out": (
        lambda m: Startup.read(m, "sector").__setitem__(0, 99),
        ValueError,
        "read-only",
    ),
    "a district of a cell": (lambda m: setattr(m.grid[20, 20], "district", 99), ValueError, "read-only"),
    "who is in a cell": (lambda m: m.grid[20, 20].add_agent(firms(m)[0]), TypeError, "the model's own"),
    "whether a cell is empty": (lambda m: m.grid.empty.set_cells(True), ValueError, "read-only"),
    "a second layer of a name": (
        lambda m: m.grid.create_property_layer("district"),
        ValueError,
        "district",
    ),
    "agent variables of the city's collector, which has none": (
        lambda m: m.datacollector.get_agent_vars_dataframe(),
        UserWarning,
        "No agent reporters",
    ),
    "`seed` and `rng` both": (lambda m: Ecosystem(scale=0.01, seed=1, rng=2), Exception, "give one of them"),
}


@pytest.mark.parametrize("promise", KEPT)
def test_a_promise_is_kept(model, promise):
    assert KEPT[promise](model)


@pytest.mark.parametrize("promise", REFUSED)
def test_a_promise_is_refused_in_a_sentence(model, promise):
    typed, error, words = REFUSED[promise]
    with pytest.raises(error, match=words):
        typed(model)


def test_the_page_lists_each_promise_and_their_number():
    kept, refused = (
        re.findall(r"^- (.*)$", part, re.M) for part in re.findall(r"^## \w+: \d+\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    )
    assert (kept, refused) == (list(KEPT), list(REFUSED))
    assert [int(count) for count in re.findall(r"^## \w+: (\d+)$", PAGE, re.M)] == [len(KEPT), len(REFUSED)]


def test_every_method_of_mesa_s_set_is_there():
    """Also of a later Mesa: a name of AgentSet that ours lacks is seen here."""
    theirs = {name for name in dir(mesa.agent.AgentSet) if not name.startswith("_")}
    ours = set(dir(Agents))
    assert theirs - ours - {"clear", "pop", "isdisjoint"} == set()


def test_a_view_is_an_agent_of_mesa():
    assert issubclass(View, mesa.Agent)
