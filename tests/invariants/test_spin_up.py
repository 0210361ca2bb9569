"""A city is set in motion before its first quarter: by itself, in a world that stands still, and once for all runs that
differ only later.
"""

import dataclasses
import os

import numpy as np
import pytest
import small
from damaged import DAMAGES

from sim.model import population, spin_up
from sim.model.ecosystem import Ecosystem
from sim.runs import spin_ups
from sim.world import geography, sources
from sim.world.calendar import quarter_of
from sim.world.kinds import NEVER, Life

WORDS = ("scale=0.1", "policy=[]", "start=2010Q1", "end=2010Q2")
WHOLE = 10  # cities of that scale in a whole one, in which panels count
QUARTERS = 16  # of the spin-up
GENEROUS = {"ideas": 5.0, "demand": 2.0, "appeal": 1.0}


def city(policies=None, quarters=QUARTERS, shocks=(), words=WORDS):
    """The settings of a tenth of Shanghai that is set in motion for some quarters."""
    config = small.altered(small.config(*words), policies, environment={"spin_up_quarters": float(quarters)})
    return dataclasses.replace(config, shocks=tuple(shocks))


class Watched(Ecosystem):
    """A city that notes what is and what happens in every quarter."""

    def __init__(self, config, begun):
        super().__init__(config, begun)
        self.seen = []
        self.first = {name: values.copy() for name, values in begun.arrays().items()}

    def step(self):
        super().step()
        state = self.state
        persons, tally = state.persons, state.tally.rows[0]
        there = slice(persons.count)
        self.seen.append(
            {
                "people": (persons.id[there].tobytes(), persons.status[there].tobytes()),
                "ages": (self.quarter - 1 - persons.born[there]).tobytes(),
                "moves": [int(tally[name]) for name in ("returnees", "foreign", "domestic", "graduates", "leavers")],
                "conditions": self.conditions,
                "window": self.window,
                "wealth": persons.wealth[there].copy(),
                "levers": self.levers._values.copy(),
            }
        )


@pytest.fixture(scope="module")
def watched():
    """The city as it was set in motion, quarter by quarter."""
    models = []

    def make(config, begun):
        models.append(Watched(config, begun))
        return models[0]

    config = city()
    spin_up.begin(config, geography.build(config.city), make)
    return models[0]


@pytest.fixture(scope="module")
def moving():
    """The city in motion, before its first quarter."""
    return Ecosystem(city())


# ---------------------------------------------------------------- a world that stands still


def test_it_is_in_motion_for_as_long_as_is_said(watched):
    assert len(watched.seen) == QUARTERS and watched.quarter == quarter_of("2010Q1")


def test_while_the_world_stands_still_nobody_comes_or_goes(watched):
    ids = {seen["people"][0] for seen in watched.seen}
    assert ids == {watched.first["persons.id"].tobytes()}
    assert all(sum(seen["moves"]) == 0 for seen in watched.seen)


def test_while_the_world_stands_still_people_work_and_none_ages(watched):
    assert len({seen["ages"] for seen in watched.seen}) == 1
    assert len({seen["people"][1] for seen in watched.seen}) > 1


def test_while_the_world_stands_still_conditions_are_constant(watched):
    assert len({seen["conditions"] for seen in watched.seen}) == 1
    assert len({seen["window"] for seen in watched.seen}) == 1


def test_after_it_conditions_move():
    """So that the above means something."""
    model, seen = Ecosystem(city(quarters=1)), set()
    while model.quarter <= model.config.end:
        model.step()
        seen.add(model.conditions)
    assert len(seen) == 2


@pytest.mark.parametrize("quarters", [4, QUARTERS])
def test_institutions_of_the_first_quarter_are_there_all_along(quarters):
    """What they alone sustain is the least that is known: of those that open later nothing is."""
    config = city(quarters=quarters, words=(*small.LAKESIDE, "policy=[]", "end=2006Q1"))
    at_rest = Ecosystem(dataclasses.replace(config, params=city(quarters=0).params)).state.knowledge.sum(axis=0)
    assert np.all(at_rest > 0.0)
    assert np.all(Ecosystem(config).state.knowledge.sum(axis=0) >= (1.0 - 1e-9) * at_rest)


# ---------------------------------------------------------------- what it leaves behind


@pytest.mark.parametrize("column", ["id", "born", "arrived", "origin", "skill", "wealth", "debt"])
def test_who_is_there_and_how_old_and_rich_is_as_in_a_city_at_rest(moving, column):
    at_rest = Ecosystem(city(quarters=0))
    count = at_rest.state.persons.count
    assert moving.state.persons.count == count > 10_000
    assert np.array_equal(getattr(moving.state.persons, column)[:count], getattr(at_rest.state.persons, column)[:count])


def test_people_earn_and_spend_meanwhile(watched):
    """So that equal wealth before and after means something."""
    assert not np.array_equal(watched.seen[-1]["wealth"], watched.first["persons.wealth"])


def test_the_first_quarter_has_ventures_of_many_ages(moving):
    startups = moving.state.startups.used
    ages = moving.quarter - startups.born[startups.life == Life.ALIVE]
    assert len(ages) > 100 and len(np.unique(ages)) > QUARTERS / 2 and ages.min() == 1
    assert np.any(startups.life == Life.FAILED)


def test_the_first_quarter_has_funds_of_several_vintages_that_have_called_money(moving):
    funds = moving.state.funds.used
    closed = funds[funds.vintage != NEVER]
    assert len(np.unique(closed.vintage)) >= 3 and closed.vintage.max() < moving.quarter
    assert np.any((closed.called > 0) & (closed.called < closed.committed))


def test_the_first_quarter_has_stakes_and_money_promised(moving):
    state = moving.state
    assert np.count_nonzero(state.holdings.used.ended == NEVER) > 20
    assert np.any(state.lps.used.unfunded > 0)


def test_without_quarters_the_city_is_at_rest():
    """Bit by bit what data say of it: no venture, no promise."""
    config = city(quarters=0)
    state = population.build(config, config.city, geography.build(config.city), config.params)
    ours, theirs = Ecosystem(config).state.arrays(), state.arrays()
    assert [name for name in ours if ours[name].tobytes() != theirs[name].tobytes()] == []
    assert len(state.startups) == len(state.holdings) == len(state.commitments) == 0


# ---------------------------------------------------------------- neither policies nor shocks


def apart(one, other):
    """Names of the arrays in which two states differ, purses of policies left out."""
    ours, theirs = one.arrays(), other.arrays()
    return [name for name in ours if name != "purses" and ours[name].tobytes() != theirs[name].tobytes()]


@pytest.mark.parametrize("kind", ["policy", "shock"])
def test_policies_and_shocks_do_not_act_before_the_first_quarter(moving, kind):
    """Also one that is in force for ever; and in the first quarter it does act."""
    instruments = [small.Mover(name="generous", budget=1e9, moves=GENEROUS)]
    config = city(instruments) if kind == "policy" else city(shocks=instruments)
    model, without = Ecosystem(config), Ecosystem(city())
    assert apart(model.state, moving.state) == []
    assert np.all(model.state.purses.used.appropriated == 0) and len(model.state.purses) == 1
    for one in (model, without):
        one.step()
    assert "startups" in apart(model.state, without.state)


def test_nobody_foresees_a_policy_before_the_first_quarter(moving):
    """Of one that is announced long before it begins."""
    later = small.Mover(
        name="generous", announced=quarter_of("2006Q1"), start=quarter_of("2012Q1"), moves={"stigma": 9.0}
    )
    assert apart(Ecosystem(city([later])).state, moving.state) == []


# ---------------------------------------------------------------- the first quarter's books


@pytest.fixture(scope="module")
def first_quarter():
    """The city after its first quarter."""
    model = Ecosystem(city())
    before = {name: values.copy() for name, values in model.state.arrays().items()}
    model.step()
    return model, before


def test_money_raised_before_the_first_quarter_is_not_counted_as_raised_in_it(first_quarter):
    model, before = first_quarter
    stakes = model.state.holdings.used
    new = stakes.amount[stakes.quarter == quarter_of("2010Q1")].sum()
    assert small.column(model, "city", "equity_raised_cny").tolist() == [WHOLE * new]
    assert before["holdings"]["amount"].sum() > 0


@pytest.mark.parametrize("what", ["called", "fees"])
def test_what_funds_did_before_the_first_quarter_is_not_counted_in_it(first_quarter, what):
    """Their columns are what they have done so far less what they had done then."""
    model, before = first_quarter
    done = model.state.funds.used[what].sum() - before["funds"][what].sum()
    assert small.column(model, "funds", f"{what}_in_quarter_cny").sum() == done
    assert done > 0 and before["funds"][what].sum() > 0


def test_ventures_founded_before_the_first_quarter_are_not_counted_as_founded_in_it(first_quarter):
    model, before = first_quarter
    born = model.state.startups.used.born
    assert small.column(model, "city", "startups_founded").tolist() == [WHOLE * np.sum(born == quarter_of("2010Q1"))]
    assert len(before["startups"]) > 100


def test_a_round_after_one_before_the_first_quarter_is_no_first_round(first_quarter):
    model, before = first_quarter
    stakes = model.state.holdings.used
    new = np.unique(stakes.startup[stakes.quarter == quarter_of("2010Q1")])
    known = np.isin(new, before["holdings"]["startup"])
    assert small.column(model, "city", "first_rounds").tolist() == [WHOLE * np.sum(~known)]
    assert known.any() and not known.all()


# ---------------------------------------------------------------- kept on disk

SMALL = (*small.LAKESIDE, "policy=[]", "end=2006Q2")


def lakeside(*words, policies=None, **mechanisms):
    """The settings of the small made-up city that is set in motion for two quarters."""
    mechanisms["environment"] = {"spin_up_quarters": 2.0} | mechanisms.get("environment", {})
    return small.altered(small.config(*(words or SMALL)), policies, **mechanisms)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty folder in which spin-ups are kept."""
    monkeypatch.setattr(sources, "cache_folder", lambda: tmp_path)
    return tmp_path / "spin_ups"


@pytest.fixture
def simulated(monkeypatch):
    """Configs of the cities that were set in motion and not read."""
    found, begin = [], spin_up.begin

    def counted(config, map_, make):
        found.append(config)
        return begin(config, map_, make)

    monkeypatch.setattr(spin_up, "begin", counted)
    return found


def ended(model):
    """The model after its last quarter."""
    while model.quarter <= model.config.end:
        model.step()
    return model


def test_what_is_kept_gives_the_same_bits_as_what_is_simulated(store, simulated):
    config = lakeside(policies=[small.Mover(name="generous", budget=1e9, moves=GENEROUS)])
    first, second = (ended(spin_ups.model_of(config)) for _ in range(2))
    assert len(simulated) == 1 and len(list(store.iterdir())) == 1
    assert small.differing(first, second) == [] and small.differing(first, ended(Ecosystem(config))) == []


def test_a_larger_city_is_kept_with_all_its_bits(store, simulated):
    """With ventures, stakes and promises of all kinds."""
    config = city()
    first, second = (ended(spin_ups.model_of(config)) for _ in range(2))
    assert len(simulated) == 1 and small.differing(first, second) == []


def test_a_city_at_rest_is_not_kept(store):
    spin_ups.model_of(lakeside(environment={"spin_up_quarters": 0.0}))
    assert not store.exists()


LATER = {
    "last quarter": lambda: lakeside(*SMALL[:-1], "end=2012Q4"),
    "policies of the config": lambda: lakeside(
        *small.LAKESIDE, "policy=[sandbox]", "policy.sandbox.sectors=all", SMALL[-1]
    ),
    "policies in memory": lambda: lakeside(policies=[small.Mover(name="generous", moves=GENEROUS)]),
    "shocks": lambda: lakeside(*SMALL, "shock=[slowdown]"),
    "threads": lambda: lakeside(*SMALL, "threads=2"),
}
EARLIER = {
    "seed": lambda: lakeside(*SMALL, "seed=2"),
    "scale": lambda: lakeside(*small.LAKESIDE[:-1], "scale=0.2", *SMALL[-2:]),
    "first quarter": lambda: lakeside(*SMALL, "start=2006Q2"),
    "a parameter of the config": lambda: lakeside(*SMALL, "mechanism.founding.idea_rate=0.01"),
    "a parameter in memory": lambda: lakeside(founding={"idea_rate": 0.5}),
    "the length": lambda: lakeside(environment={"spin_up_quarters": 3.0}),
    "the city": lambda: _of_more_persons(lakeside()),
}


def _of_more_persons(config):
    return dataclasses.replace(config, city=dataclasses.replace(config.city, persons=config.city.persons + 10))


@pytest.mark.parametrize("other", LATER)
def test_runs_that_differ_only_later_share_a_spin_up(store, simulated, other):
    for config in (lakeside(), LATER[other]()):
        spin_ups.model_of(config)
    assert len(simulated) == 1


@pytest.mark.parametrize("other", EARLIER)
def test_runs_that_differ_before_have_spin_ups_of_their_own(store, simulated, other):
    for config in (lakeside(), EARLIER[other]()):
        spin_ups.model_of(config)
    assert len(simulated) == 2 and len(list(store.iterdir())) == 2


def test_a_spin_up_that_another_run_has_kept_gives_the_bits_of_the_own_one(store, simulated):
    """Kept by a run without policies, read by one with two."""
    spin_ups.model_of(lakeside())
    policies = [small.Mover(name=name, budget=1e9, moves=GENEROUS) for name in ("one", "other")]
    read = ended(spin_ups.model_of(lakeside(policies=policies)))
    assert len(simulated) == 1
    assert small.differing(read, ended(Ecosystem(lakeside(policies=policies)))) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_simulated_anew(store, simulated, damage):
    """And replaced by a whole one."""
    whole = ended(spin_ups.model_of(lakeside()))
    (place,) = store.iterdir()
    place.write_bytes(DAMAGES[damage](place.read_bytes()))
    again = ended(spin_ups.model_of(lakeside()))
    assert len(simulated) == 2 and small.differing(whole, again) == []
    spin_ups.model_of(lakeside())
    assert len(simulated) == 2


def test_the_store_drops_what_was_not_used_for_longest(store, monkeypatch):
    """There is room for two: of three the one that was neither made nor read last goes."""
    first, second, third = (lakeside(*SMALL, f"seed={seed}") for seed in (1, 2, 3))
    place = {seed: store / f"{spin_ups.identity(config)}.npz" for seed, config in enumerate((first, second, third), 1)}
    spin_ups.model_of(first)
    monkeypatch.setattr(spin_ups, "LARGEST", int(2.5 * place[1].stat().st_size))
    spin_ups.model_of(second)
    os.utime(place[1], (1000, 1000))
    os.utime(place[2], (2000, 2000))
    spin_ups.model_of(first)  # is read, and so the younger one
    spin_ups.model_of(third)
    assert {seed for seed in place if place[seed].exists()} == {1, 3}


def test_what_is_larger_than_the_store_is_kept_alone(store, monkeypatch):
    monkeypatch.setattr(spin_ups, "LARGEST", 1)
    for seed in (1, 2):
        spin_ups.model_of(lakeside(*SMALL, f"seed={seed}"))
    assert [one.stem for one in store.iterdir()] == [spin_ups.identity(lakeside(*SMALL, "seed=2"))]


def test_a_disk_that_refuses_costs_time_only(tmp_path, monkeypatch, simulated):
    """Where a file stands in place of the folder."""
    (tmp_path / "spin_ups").write_text("in the way")
    monkeypatch.setattr(sources, "cache_folder", lambda: tmp_path)
    first, second = (ended(spin_ups.model_of(lakeside())) for _ in range(2))
    assert len(simulated) == 2 and small.differing(first, second) == []
