"""The winner's curse by made-up worlds, then the sizes of policies of the small made-up city."""

import json

import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.runs import arms
from sim.settings import config, counterfactuals
from sim.verbs import frontier, measures

LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2008Q4"}


# ---------------------------------------------------------------- the winner's curse


ABOUT = {
    "seed": 1,
    "searched": ["a", "b"],
    "highest": [3.0, 3.0],
    "outcomes": ["startups_alive"],
    "public_cost": 4.0,
    "population": 8,
    "generations": 4,
}
ABOUT |= {"first_quarter": "2006Q1", "last_quarter": "2008Q4", "scale": 1.0}


def world(effect, luck):
    """values(sizes, seeds) where only `effect` of sizes and luck make startups, and a size costs one."""

    def values(sizes, seeds):
        outcomes = np.zeros((len(sizes), len(seeds), len(measures.NAMES)))
        for m, mix in enumerate(sizes):
            for s, seed in enumerate(seeds):
                chance = np.random.default_rng([seed, *(int(round(10 * size)) for size in mix)])
                outcomes[m, s, measures.NAMES.index("startups_alive")] = effect(mix) + luck * chance.normal()
        outcomes[:, :, measures.NAMES.index(measures.COST.name)] = sizes.sum(axis=1)[:, None]
        return outcomes

    return values


def test_fresh_seeds_show_the_winners_curse():
    """Nothing does anything, so whatever the front promises is luck: on average over 20 searches it promises much,
    fresh seeds bring nothing.
    """
    promised, kept = [], []
    for seed in range(1, 400, 20):
        front = frontier.assess({**ABOUT, "seed": seed, "runs": 3, "fresh_runs": 6}, world(lambda mix: 0.0, 1.0)).front
        promised.append(front["effect"].max())
        # both differences share the luck of the mix without any policy, which is taken off by comparing with an average
        # mix
        kept.append(front.loc[front["effect"].idxmax(), "fresh"])
    assert np.mean(promised) > 1.0
    assert abs(np.mean(kept)) < 0.6 and np.mean(promised) > np.mean(kept) + 4 * np.std(kept, ddof=1) / np.sqrt(20)


def test_without_luck_both_values_agree():
    searched = frontier.assess({**ABOUT, "runs": 2, "fresh_runs": 2}, world(lambda mix: float(np.sqrt(mix.sum())), 0.0))
    assert (searched.front["effect"] == searched.front["fresh"]).all() and searched.front["holds"].all()
    assert (searched.front["public_cost"] <= 4).all() and searched.front["public_cost"].is_monotonic_increasing
    assert searched.mixes.loc[searched.mixes["front"], "within"].all()
    assert searched.front.loc[0, ["size_a", "size_b", "effect"]].tolist() == [0, 0, 0]


def test_less_is_better_with_a_minus():
    """Rents that rise with sizes: the front of less rent is to do nothing; effects keep their own sign."""
    about = {**ABOUT, "outcomes": ["-startups_alive"], "runs": 2, "fresh_runs": 2}
    assert len(frontier.assess(about, world(lambda mix: float(mix.sum()), 0.0)).front) == 1
    searched = frontier.assess(about, world(lambda mix: -float(mix.sum()), 0.0))
    falling = searched.front
    assert falling["effect"].min() < 0 and len(falling) > 3
    assert f"at best Startups alive {falling['fresh'].min():g} firms" in searched.headline


# ---------------------------------------------------------------- sizes


def test_a_sized_config_is_the_same_as_its_file(tmp_path):
    """What is written of it is what is run: read again, policies are equal; one of size 0 is not there."""
    whole = small.config(
        *small.LAKESIDE,
        "policy=[guidance_fund,returnee_programme,sandbox]",
        "policy.sandbox.sectors=all",
        "policy.guidance_fund.sectors=all",
    )
    half = counterfactuals.scaled(whole, {"guidance_fund": 0.5, "sandbox": 0.0}).one_run()
    assert [policy.name for policy in half.policies] == ["guidance_fund", "returnee_programme"]
    assert half.policies[0].size == whole.policies[0].size / 2 and half.policies[1] == whole.policies[1]
    (tmp_path / "config.yaml").write_text(counterfactuals.yaml_of(half), "utf-8")
    assert config.load_file(tmp_path / "config.yaml").policies == half.policies


def test_bounds_are_those_of_the_yaml():
    resolved = small.config(
        *small.LAKESIDE,
        "policy=[guidance_fund,data_zone]",
        "policy.guidance_fund.sectors=all",
        "policy.data_zone.districts=all",
    ).resolved
    assert counterfactuals.largest_factor("guidance_fund", resolved["policy"]["guidance_fund"], None) == pytest.approx(
        200
    )  # 10,000 over 50 bn yuan
    assert counterfactuals.largest_factor("data_zone", resolved["policy"]["data_zone"], None) == 0


# ---------------------------------------------------------------- the city


WORDS = {
    "public_cost": 1e12,
    "population": 4,
    "generations": 2,
    "runs": 2,
    "fresh_runs": 2,
    "policy.returnee_programme.start": "2006Q3",
}


def test_a_front_of_the_city(tmp_path, monkeypatch):
    """Sizes cost and nothing is free; the same again computes nothing and has the same bits; interrupted, what is done
    is kept.
    """
    done = []
    simulate = arms.simulate
    monkeypatch.setattr(arms, "simulate", lambda runs: (simulate(runs), done.extend(config.seed for config, _ in runs)))
    words = {"policy": ["returnee_programme"], "outcomes": ["returnees"], "store": str(tmp_path), **LAKESIDE, **WORDS}
    searched = sim.frontier(**words)
    assert set(done) == {1, 2, 3, 4}
    assert searched.mixes.set_index("size_returnee_programme")["public_cost"].loc[[0.0, 1.0]].tolist() == pytest.approx(
        [0, searched.mixes.loc[1, "public_cost"]]
    )
    assert searched.mixes.loc[1, "public_cost"] > 0
    computed = len(done)
    again = sim.frontier(**words)
    assert len(done) == computed
    pd.testing.assert_frame_equal(searched.front, again.front)


def test_the_command_leaves_a_folder(tmp_path, capsys):
    words = {
        "policy": "[returnee_programme]",
        "outcomes": "[returnees,-home_rent_cny_m2]",
        "workers": 1,
        "store": f"'{tmp_path}/store'",
        "output": f"'{tmp_path}/folders'",
    }
    words |= {**LAKESIDE, **WORDS, "configs": f"'{small.OWN}'"}
    assert cli.main(["frontier", *(f"{key}={value}" for key, value in words.items())]) == 0
    (folder,) = (tmp_path / "folders").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "front.csv",
        "mixes.csv",
        "frontier.json",
        "policy.yaml",
        "figures",
        "DONE",
        "screen.txt",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {"pareto.svg", "pareto.csv"}
    about = json.loads((folder / "frontier.json").read_text("utf-8"))
    assert (about["status"], about["highest"]) == ("done", [3.0])
    printed = capsys.readouterr().out
    assert "Winner's curse" in printed and "the less the better" in printed


REFUSED = {
    "": ["public_cost: has to be said"],
    "public_cost=0": ["public_cost=0: should be a number from 1"],
    "public_cost=much": ["public_cost=much"],
    "public_cost=1e9 outcomes=[startup_alive]": [
        "outcomes=startup_alive: is not among",
        "did you mean startups_alive?",
    ],
    "public_cost=1e9 outcomes=[]": ["at least 1 is needed"],
    "public_cost=1e9 outcomes=[exits,-exits]": ["outcomes=exits: stands twice"],
    "public_cost=1e9 outcomes=exits": ["outcomes=exits: should be a list"],
    "public_cost=1e9 outcomes=[3]": ["outcomes=[3]: should be a list of names"],
    "public_cost=1e9 policy=[]": ["at least 1 is needed"],
    "public_cost=1e9 searched=[sandbx]": ["searched=sandbx: is not among", "did you mean sandbox?"],
    "public_cost=1e9 policy=[data_zone,sandbox]": [
        "policy=data_zone: has no size that could grow",
        "searched=[sandbox]",
    ],
    "public_cost=1e9 largest=0": ["largest=0"],
    "public_cost=1e9 population=3": ["population=3: should be a whole number from 4"],
    "public_cost=1e9 generations=0": ["generations=0"],
    "public_cost=1e9 runs=1": ["runs=1"],
    "public_cost=1e9 fresh_runs=1": ["fresh_runs=1"],
    "public_cost=1e9 population=1000 generations=1000": ["above 100,000"],
    "public_cost=1e9 seed=9223372036854775800": ["the last seed would be above"],
    "public_cost=1e9 workers=0 store=3 threads=4": ["workers=0", "store=3", "threads=4"],
    "public_cost=1e9 policy=[talent_visa] policy.talent_visa.start=2018Q1 end=2017Q4": ["is after the end, 2017Q4"],
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused):
    refused(f"frontier {typed}", REFUSED[typed])
