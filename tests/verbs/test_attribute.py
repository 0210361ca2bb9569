"""The table of a game whose shares are known, then of a bundle of the small made-up city."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.statistics import intervals
from sim.verbs import attribute, measures

LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2008Q4"}
MEASURE = (measures.Measure("value", "Value", "points"),)
ABOUT = {"seed": 1, "runs": 4, "permutations": 3, "first_quarter": "2006Q1", "last_quarter": "2008Q4", "scale": 1.0}


def members(mask):
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def glove(mask):
    """Two players with a left glove, one with a right one; a pair is worth one."""
    return float(min((mask & 1) + (mask >> 1 & 1), mask >> 2))


def assess(value, n, runs=4, noise=0.0):
    """The Attribution of a game, with luck that all coalitions of a seed share and luck of their own."""
    chance = np.random.default_rng(5)
    luck = noise * chance.normal(size=(runs + 1, 1 << n))
    about = {**ABOUT, "runs": runs, "members": [f"p{i}" for i in range(n)]}
    return attribute.assess(
        about,
        lambda games: np.array([[100.0 * seed + value(mask) + luck[seed, mask]] for seed, mask in games]),
        MEASURE,
    )


# ---------------------------------------------------------------- the table of a game


def test_luck_shared_by_the_coalitions_of_a_seed_cancels():
    table = assess(glove, 3).shares.set_index("policy")
    assert list(table["share"]) == pytest.approx([1 / 6, 1 / 6, 2 / 3, 1])
    assert table["share_low"].isna().all()  # three seeds that do not differ have no interval
    assert (table.loc["p2", "alone"], table.loc["p2", "last"]) == (0, 1)


def test_intervals_cover():
    """At 95%, over 150 games with luck: 1.96 standard errors of that share is 3.5 points; a pair that does not interact
    is called one in twenty.
    """
    covered, named = [], []
    for i in range(150):
        chance = np.random.default_rng(i)
        about = {**ABOUT, "runs": 6, "members": ["a", "b"]}
        attribution = attribute.assess(
            about,
            lambda wanted, chance=chance: np.array([[len(members(mask)) + chance.normal()] for _, mask in wanted]),
            MEASURE,
        )
        row = attribution.shares.iloc[0]
        covered.append(row.share_low <= 1 <= row.share_high)
        named.append(attribution.interactions["called"].iloc[0] != attribute.UNSURE)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)
    assert np.mean(named) == pytest.approx(0.05, abs=0.035)


def test_pairs_are_named():
    called = assess(glove, 3, runs=6, noise=0.01).interactions.set_index(["one", "other"])["called"]
    assert list(called) == ["substitutes", "complements", "complements"]
    assert (
        attribute.called(intervals.Estimate(0.1, -0.1, 0.3)) == attribute.UNSURE == attribute.called(intervals.NOTHING)
    )


def test_beyond_eight_members_orders_are_sampled():
    attribution = assess(lambda mask: float(len(members(mask))) + (3.0 if mask & 3 == 3 else 0.0), 9)
    table = attribution.shares.set_index("policy")["share"]
    assert table.drop("bundle").sum() == pytest.approx(table["bundle"], abs=1e-9) and table["bundle"] == 12
    pairs = attribution.interactions.set_index(["one", "other"])
    assert set(pairs["measure"]) == {attribute.SECOND}
    assert pairs.loc[("p0", "p1"), "interaction"] == 3 and pairs["interaction"].abs().sum() == 3
    assert len(attribution.runs) < 4 * 2**9


def test_a_seed_without_a_value_is_left_out():
    about = {**ABOUT, "members": ["a", "b"]}
    attribution = attribute.assess(
        about,
        lambda wanted: np.array([[math.nan if seed == 2 and mask == 1 else float(mask)] for seed, mask in wanted]),
        MEASURE,
    )
    assert list(attribution.shares["runs"]) == [3, 3, 3] and list(attribution.shares["share"]) == [1, 2, 3]


# ---------------------------------------------------------------- a bundle


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("attributions") / "store"


GRANTS = {f"policy.{name}.start": "2006Q3" for name in ("returnee_programme", "talent_visa")}


def test_shares_of_a_bundle_sum_to_its_effect(store, monkeypatch):
    """To rounding, for every outcome; grants are paid by the programme alone; a comparison finds the same runs in the
    store.
    """
    words = {"policy": ["returnee_programme", "talent_visa"], "runs": 3, "store": str(store), **LAKESIDE, **GRANTS}
    attribution = sim.attribute(**words)
    for _, rows in attribution.shares.groupby("outcome"):
        shares = rows.set_index("policy")["share"]
        assert shares.drop("bundle").sum() == pytest.approx(shares["bundle"], rel=1e-9, abs=1e-9, nan_ok=True)
    cost = attribution.shares[attribution.shares["outcome"] == "public_cost_cny"].set_index("policy")["share"]
    assert cost["returnee_programme"] > 0
    assert set(attribution.runs["members"]) == {
        "",
        "returnee_programme",
        "talent_visa",
        "returnee_programme+talent_visa",
    }
    monkeypatch.setattr("sim.runs.arms.simulate", lambda *_: pytest.fail("computed again"))
    again = sim.attribute(**words)
    pd.testing.assert_frame_equal(attribution.shares, again.shares)
    compared = sim.compare(against="none", **words).table.set_index("outcome")
    bundle = attribution.shares[attribution.shares["policy"] == "bundle"].set_index("outcome")
    assert compared["difference"]["returnees"] == pytest.approx(bundle["share"]["returnees"])


def test_members_are_held_against_the_rest(store):
    words = {
        "policy": ["sandbox", "returnee_programme", "talent_visa"],
        "members": ["talent_visa", "returnee_programme"],
        "runs": 2,
        "store": str(store),
    }
    attribution = sim.attribute(**words, **LAKESIDE, **GRANTS, **{"policy.sandbox.sectors": "all"})
    assert list(attribution.shares["policy"].unique()) == ["talent_visa", "returnee_programme", "bundle"]
    assert attribution.about["first_quarter"] == "2006Q3"


def test_the_command_leaves_a_folder(tmp_path, store, capsys):
    words = {
        "policy": "[returnee_programme,talent_visa]",
        "runs": 2,
        "workers": 1,
        "store": f"'{store}'",
        "output": f"'{tmp_path}/folders'",
    }
    words |= {**LAKESIDE, **GRANTS, "configs": f"'{small.OWN}'"}
    assert cli.main(["attribute", *(f"{key}={value}" for key, value in words.items())]) == 0
    (folder,) = (tmp_path / "folders").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        *(
            "shares.csv",
            "interactions.csv",
            "runs.csv",
            "attribution.json",
            "policy.yaml",
            "screen.txt",
            "figures",
            "DONE",
        )
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{name}.{end}" for name in ("attribution", "interactions") for end in ("svg", "csv")
    }
    assert json.loads((folder / "attribution.json").read_text("utf-8"))["members"] == [
        "returnee_programme",
        "talent_visa",
    ]
    printed = capsys.readouterr().out
    assert (
        "Shapley shares" in printed
        and "Pairs (Shapley interaction index)" in printed
        and max(map(len, printed.splitlines()[:-1])) <= 130  # the last line is the folder
    )


REFUSED = {
    "policy=[sandbox]": ["policy=[sandbox]: names 1, at least 2 are needed"],
    "policy=[]": ["at least 2 are needed"],
    "members=[sandbx,talent_visa]": ["members=sandbx: is not among", "did you mean sandbox?"],
    "members=[sandbox,sandbox]": ["members=sandbox: stands twice"],
    "members=sandbox": ["members=sandbox: should be a list"],
    "runs=1": ["runs=1: should be a whole number from 2"],
    "permutations=1": ["permutations=1: should be a whole number from 2"],
    "runs=2000": ["above 100,000"],
    "workers=0": ["workers=0"],
    "store=": ["store=: should be a folder"],
    "seed=9223372036854775807": ["the last seed would be above"],
    "threads=2": ["threads=2: these runs have one thread each"],
    "checkpoint_quarters=4": ["no checkpoints are written"],
    "end=2017Q4": ["policy.talent_visa.start=2018Q1: is after the end, 2017Q4"],
    "permutation=3": ["did you mean permutations?"],
    "sed=3 scale=2 runs=1 members=[a,b]": ["sed: no such key", "scale=2", "runs=1", "members=a", "members=b"],
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused):
    refused(f"attribute {typed}", REFUSED[typed])
