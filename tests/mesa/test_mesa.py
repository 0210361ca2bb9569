"""The model is a mesa.Model: Mesa's agent sets, grid and DataCollector read the model's own arrays."""

from operator import attrgetter

import mesa
import numpy as np
import pytest

from sim.model.ecosystem import Ecosystem
from sim.settings.config import load
from sim.world import agent_sets, ground
from sim.world import views as agents
from sim.world.kinds import NOBODY, Life, Status
from sim.world.views import Corporate, Fund, Person, Startup, VentureFirm

QUARTERS = 8


def build():
    return Ecosystem(load(["scale=0.03", "mechanism.environment.spin_up_quarters=4"]))


@pytest.fixture(scope="module")
def city():
    """A small city after two years; tests put back what they change."""
    model = build()
    for _ in range(QUARTERS):
        model.step()
    return model


# ---------------------------------------------------------------- agents


def test_steps_are_counted_by_mesa(city):
    assert isinstance(city, mesa.Model)
    assert city.steps == QUARTERS


def test_nothing_is_built_until_asked(monkeypatch):
    def refuse(*_):
        raise AssertionError("built without being asked")

    monkeypatch.setattr(agents.View, "__init__", refuse)
    monkeypatch.setattr(agent_sets.Agents, "__init__", refuse)
    monkeypatch.setattr(ground.Ground, "__init__", refuse)
    model = build()
    model.step()
    assert "grid" not in vars(model)


def test_columns_answer_without_a_view(city, monkeypatch):
    monkeypatch.setattr(agents.View, "__init__", lambda *_: pytest.fail("a view was made"))
    people = city.agents_by_type[Person]
    wealth = people.get("wealth")
    assert len(people) == len(city.state.persons) == len(wealth)
    assert people.agg("wealth", np.sum) == sum(wealth)
    assert people.agg("wealth", [min, max]) == [min(wealth), max(wealth)]
    assert people.sort("wealth").get("wealth") == sorted(wealth, reverse=True)
    assert sorted(people.shuffle().get("id")) == sorted(people.get("id"))
    assert people.shuffle().get("id") != people.get("id")
    assert people.select(at_most=10).get("id") == people.get("id")[:10]
    assert city.agents.select(agent_type=Startup).get("cash") == city.agents_by_type[Startup].get("cash")
    assert sum(people.groupby("home").count().values()) == len(people)


def test_agents_equal_the_columns(city):
    state = city.state
    people, firms = city.agents_by_type[Person], city.agents_by_type[Startup]
    slots = np.flatnonzero(state.persons.status[: state.persons.count] != Status.ABSENT)
    assert [person.slot for person in people] == slots.tolist()
    alive = np.flatnonzero(state.startups.used.life == Life.ALIVE)
    assert len(alive) > 10
    assert [firm.slot for firm in firms] == alive.tolist()
    for view, rows in ((people[3], state.persons), (firms[3], state.startups.used)):
        for name in view.columns:
            assert getattr(view, name) == getattr(rows, name)[view.slot], name
    assert len(city.agents) == sum(len(some) for some in city.agents_by_type.values())
    assert set(city.agent_types) == set(city.agents_by_type)


def test_identities_are_unique_and_lasting(city):
    everyone = city.agents.to_list()
    assert len({agent.unique_id for agent in everyone}) == len(everyone)
    person = city.agents_by_type[Person][0]
    assert person.unique_id == person.id
    assert person in city.agents and person in city.agents_by_type[Person]
    assert person not in city.agents_by_type[Startup]
    assert person == city.agents[0] and len({person, city.agents[0]}) == 1


def test_a_view_does_not_speak_for_a_stranger(city):
    person = city.agents_by_type[Person][0]
    ids = city.state.persons.id
    kept = ids[person.slot]
    ids[person.slot] += 1
    try:
        with pytest.raises(LookupError, match="somebody else"):
            person.wealth
        assert person not in city.agents
    finally:
        ids[person.slot] = kept


def test_what_is_written_is_in_the_state(city):
    firm = city.agents_by_type[Startup][0]
    kept = city.state.startups.rows.cash.copy()
    firm.cash += 5
    assert city.state.startups.rows.cash[firm.slot] == kept[firm.slot] + 5
    city.agents_by_type[Startup].set("cash", 7)
    assert set(city.agents_by_type[Startup].get("cash")) == {7}
    city.state.startups.rows.cash[:] = kept
    with pytest.raises(AttributeError, match="no column 'cahs'"):
        firm.cahs = 1
    with pytest.raises(AttributeError, match="no column 'wealth'"):
        city.agents.set("wealth", 0)
    with pytest.raises(TypeError, match="own steps"):
        firm.remove()


def test_the_rest_of_the_agent_set(city):
    firms = city.agents_by_type[Startup]
    assert firms.select(lambda firm: firm.headcount > 0).get("slot") == [
        firm.slot for firm in firms if firm.headcount > 0
    ]
    assert len(firms.select(at_most=0.5)) == len(firms) // 2
    assert firms.sort(attrgetter("born"), ascending=True).get("born") == sorted(firms.get("born"))
    assert firms.get(["born", "cash"]) == [[firm.born, firm.cash] for firm in firms]
    assert firms[1:3] == firms.to_list()[1:3]
    assert firms.map(lambda firm, more: firm.slot + more, 1) == [firm.slot + 1 for firm in firms]
    seen = []
    assert firms.do(lambda firm: seen.append(firm.slot)) is firms
    firms.shuffle_do(lambda firm: seen.append(firm.slot))
    assert sorted(seen) == sorted(firms.get("slot") * 2)
    assert firms.groupby("sector").agg("cash", sum) == {
        sector: sum(firm.cash for firm in firms if firm.sector == sector) for sector in set(firms.get("sector"))
    }
    chosen = city.agents_by_type[Startup]
    assert chosen.select(at_most=2, inplace=True) is chosen and len(chosen) == 2
    assert len(city.agents_by_type[VentureFirm]) > 0


def test_types_are_mixed_without_rounding(city):
    """`target` is a whole number of one type and a share of another."""
    some = agent_sets.Agents(city, (Corporate, agents.LimitedPartner))
    values = some.get("target")
    assert {type(value) for value in values} == {int, float}
    assert values == [agent.target for agent in some]


def test_missing_attributes(city):
    with pytest.raises(AttributeError):
        city.agents.get("debt")
    values = city.agents.get("debt", handle_missing="default", default_value=-1)
    assert values.count(-1) == len(city.agents) - len(city.agents_by_type[Person])
    with pytest.raises(ValueError, match="handle_missing"):
        city.agents.get("debt", handle_missing="drop")


# ---------------------------------------------------------------- the ground


def test_layers_share_memory_with_the_kernels(city):
    grid, knowledge = city.grid, city.state.knowledge
    name = f"knowledge_{city.city.sectors[1]}"
    layer = getattr(grid, name)
    kept = knowledge.copy()
    assert np.shares_memory(layer.data, knowledge)
    assert np.shares_memory(grid.district.data, city.map.district_of_cell)

    cell = int(city.map.district_cells[5])
    row, column = divmod(cell, city.map.shape[1])
    knowledge[cell, 1] = 12.5  # as a kernel does
    assert layer.data[column, row] == 12.5 == getattr(grid[column, row], name)
    setattr(grid[column, row], name, 3.5)
    assert knowledge[cell, 1] == 3.5
    layer.modify_cells(np.multiply, 2.0)
    assert knowledge[cell, 1] == 7.0
    layer.modify_cells(lambda value: value + 1.0, condition=lambda values: values == 7.0)
    assert knowledge[cell, 1] == 8.0
    layer.set_cells(4.0)
    assert np.all(knowledge[:, 1] == 4.0)
    layer.data = 0.25
    assert np.all(knowledge[:, 1] == 0.25) and np.shares_memory(layer.data, knowledge)
    assert np.array_equal(knowledge[:, 0], kept[:, 0])
    knowledge[:] = kept
    assert np.shares_memory(city.grid.district.data, city.map.district_of_cell)


def test_knowledge_written_into_a_layer_counts_in_the_next_quarter():
    model, untouched, district, sector = build(), build(), 0, 1
    cell = next(c for c in model.map.cells_of_district(district) if not model.state.knowledge[c].any())
    layer = getattr(model.grid, f"knowledge_{model.city.sectors[sector]}")
    layer.data[divmod(int(cell), model.map.shape[1])[::-1]] = 12.5
    model.step(), untouched.step()
    added = model.district_knowledge - untouched.district_knowledge
    assert added[district, sector] == pytest.approx(12.5) and np.count_nonzero(added) == 1


def test_a_step_moves_the_layer():
    model = build()
    layer = getattr(model.grid, f"knowledge_{model.city.sectors[0]}").data
    before = layer.copy()
    model.step()
    assert np.shares_memory(layer, model.state.knowledge)
    assert not np.array_equal(layer, before)


def test_the_district_of_an_agent_is_that_of_its_place(city):
    assert len(city.grid.agents) > 10
    for agent in city.grid.agents:
        assert city.grid.district.data[agent.pos] == city.map.district_of_cell[agent.cell] != NOBODY
    assert city.agents_by_type[Corporate][0].pos is None
    assert len(city.grid.select_cells(conditions={"district": lambda district: district == 0})) == len(
        city.map.cells_of_district(0)
    )


# ---------------------------------------------------------------- Mesa's data collector


def test_data_collector():
    model = build()
    collector = mesa.DataCollector(
        model_reporters={
            "startups": lambda m: len(m.agents_by_type[Startup]),
            "wealth": lambda m: m.agents_by_type[Person].agg("wealth", np.mean),
            "quarter": "quarter",
        },
        agent_reporters={
            "kind": lambda agent: type(agent).__name__,
            "district": lambda agent: getattr(agent, "district", None),
        },
        agenttype_reporters={Startup: {"cash": "cash", "born": "born"}, Fund: {"committed": "committed"}},
    )
    expected = []
    for _ in range(3):
        model.step()
        collector.collect(model)
        expected.append((np.count_nonzero(model.state.startups.used.life == Life.ALIVE), len(model.agents)))
    frame = collector.get_model_vars_dataframe()
    assert frame.startups.tolist() == [startups for startups, _ in expected]
    assert frame.quarter.tolist() == [model.quarter - 2, model.quarter - 1, model.quarter]
    everyone = collector.get_agent_vars_dataframe()
    assert everyone.groupby(level="Step").size().tolist() == [count for _, count in expected]
    assert not everyone.index.duplicated().any()
    firms = collector.get_agenttype_vars_dataframe(Startup)
    last = firms.xs(model.steps, level="Step")
    assert last.cash.tolist() == model.agents_by_type[Startup].get("cash")
    assert last.index.tolist() == model.agents_by_type[Startup].get("unique_id")
