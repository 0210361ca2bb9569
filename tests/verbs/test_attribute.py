"""Shares of games whose shares are known, then of a bundle of the small made-up city."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.statistics import intervals, shapley
from sim.verbs import attribute, measures

LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2008Q4"}
MEASURE = (measures.Measure("value", "Value", "points"),)
ABOUT = {"seed": 1, "runs": 4, "permutations": 3, "first_quarter": "2006Q1", "last_quarter": "2008Q4", "scale": 1.0}


def members(mask):
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def glove(mask):
    """Two players with a left glove, one with a right one; a pair is worth one."""
    return float(min((mask & 1) + (mask >> 1 & 1), mask >> 2))


def airport(costs):
    """The runway that a set of aeroplanes needs: the longest of theirs (Littlechild and Owen 1973)."""
    return lambda mask: max([costs[i] for i in members(mask)], default=0.0)


def game(value, n):
    return np.array([value(mask) for mask in range(1 << n)])


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


# ---------------------------------------------------------------- known games


def test_the_glove_game():
    """The right glove is scarce: 1/6, 1/6, 2/3. Left gloves are substitutes, left and right complements."""
    values = game(glove, 3)
    assert shapley.shares(values) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    pairs = shapley.interactions(values)
    assert (pairs[0, 1], pairs[0, 2], pairs[1, 2]) == (-0.5, 0.5, 0.5)


def test_the_airport_game():
    """Each stretch of the runway is shared equally by those who need it."""
    costs = [3.0, 5.0, 9.0, 10.0]
    assert shapley.shares(game(airport(costs), 4)) == pytest.approx(
        [3 / 4, 3 / 4 + 2 / 3, 3 / 4 + 2 / 3 + 4 / 2, 3 / 4 + 2 / 3 + 4 / 2 + 1]
    )


def test_shares_are_the_mean_over_all_orders():
    values = np.random.default_rng(1).normal(size=(16, 2))
    arrivals = np.array([order + order[::-1] for order in itertools.permutations(range(4))]).reshape(-1, 4)
    found, _ = shapley.sampled_shares(arrivals, dict(enumerate(values)))
    assert found == pytest.approx(shapley.shares(values))


def test_axioms():
    """Shares sum to the effect; one who adds nothing gets nothing; equals get equal; shares of a sum are the sum of
    shares.
    """
    values = np.random.default_rng(2).normal(size=(2, 32))
    one, other = values
    assert shapley.shares(one).sum() == pytest.approx(one[31] - one[0], abs=1e-12)
    assert shapley.shares(one + other) == pytest.approx(shapley.shares(one) + shapley.shares(other))
    idle = np.tile(one[:16], 2)
    assert shapley.shares(idle)[4] == 0 and all(
        value == 0 for pair, value in shapley.interactions(idle).items() if 4 in pair
    )
    equal = game(lambda mask: one[mask & 4 | bin(mask & 3).count("1")], 3)
    assert shapley.shares(equal)[0] == pytest.approx(shapley.shares(equal)[1])


def test_effects_that_add_up_do_not_interact():
    worth = np.array([1.0, -2.0, 5.0])
    values = game(lambda mask: sum(worth[i] for i in members(mask)), 3)
    assert shapley.shares(values) == pytest.approx(worth)
    assert list(shapley.interactions(values).values()) == pytest.approx([0, 0, 0])


def test_sampled_orders():
    """Of ten members: near the exact shares by about the error that is stated, and summing to the effect exactly; a
    seed decides.
    """
    worth = np.random.default_rng(3).normal(size=10)
    value = {mask: np.array([sum(worth[members(mask)]) + 0.5 * len(members(mask)) ** 2]) for mask in range(1 << 10)}
    exact = shapley.shares(np.array(list(value.values())))
    found, errors = zip(
        *(shapley.sampled_shares(shapley.orders(10, 8, seed), value) for seed in range(60)), strict=True
    )
    assert np.array(found).sum(axis=1) == pytest.approx(np.full((60, 1), (value[1023] - value[0])[0]))
    assert np.array(found).mean(axis=0) == pytest.approx(
        exact, abs=1e-9
    )  # a pair of reverse orders is exact for a quadratic game
    assert np.array(errors).max() < 1e-9
    assert (shapley.orders(10, 8, 4) == shapley.orders(10, 8, 4)).all() and (
        shapley.orders(10, 8, 4) != shapley.orders(10, 8, 5)
    ).any()


def test_the_stated_error_of_sampling_is_the_spread():
    """Over 400 samples of a random game, true spread and mean stated error agree to 15%."""
    chance = np.random.default_rng(4)
    value = {mask: np.array([chance.normal()]) for mask in range(1 << 6)}
    samples = [shapley.sampled_shares(shapley.orders(6, 10, seed), value) for seed in range(400)]
    found, errors = (np.array(kind)[:, :, 0] for kind in zip(*samples, strict=True))
    assert found.std(axis=0) == pytest.approx(np.sqrt((errors**2).mean(axis=0)), rel=0.15)
    exact = shapley.shares(np.array(list(value.values())))[:, 0]
    assert (abs(found.mean(axis=0) - exact) < 4 * found.std(axis=0) / 20).all()


# ---------------------------------------------------------------- the table of a game


def test_luck_shared_by_the_coalitions_of_a_seed_cancels():
    table = assess(glove, 3).shares.set_index("policy")
    assert list(table["share"]) == pytest.approx([1 / 6, 1 / 6, 2 / 3, 1])
    assert table["share_low"].to_numpy() == pytest.approx(table["share"].to_numpy())
    assert (table.loc["p2", "alone"], table.loc["p2", "last"]) == (0, 1)


def test_intervals_cover():
    """At 95%, over 150 games with luck:

    1.96 standard errors of that share is 3.5 points; a pair that does not interact is called one in twenty.
    """
    covered, named = [], []
    for i in range(150):
        chance = np.random.default_rng(i)
        said = {**ABOUT, "runs": 6, "members": ["a", "b"]}
        found = attribute.assess(
            said,
            lambda wanted, chance=chance: np.array([[len(members(mask)) + chance.normal()] for _, mask in wanted]),
            MEASURE,
        )
        row = found.shares.iloc[0]
        covered.append(row.share_low <= 1 <= row.share_high)
        named.append(found.interactions["called"].iloc[0] != attribute.UNSURE)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)
    assert np.mean(named) == pytest.approx(0.05, abs=0.035)


def test_pairs_are_named():
    called = assess(glove, 3, runs=6, noise=0.01).interactions.set_index(["one", "other"])["called"]
    assert list(called) == ["substitutes", "complements", "complements"]
    assert (
        attribute.called(intervals.Estimate(0.1, -0.1, 0.3)) == attribute.UNSURE == attribute.called(intervals.NOTHING)
    )


def test_beyond_eight_members_orders_are_sampled():
    found = assess(lambda mask: float(len(members(mask))) + (3.0 if mask & 3 == 3 else 0.0), 9)
    table = found.shares.set_index("policy")["share"]
    assert table.drop("bundle").sum() == pytest.approx(table["bundle"], abs=1e-9) and table["bundle"] == 12
    pairs = found.interactions.set_index(["one", "other"])
    assert set(pairs["measure"]) == {attribute.SECOND}
    assert pairs.loc[("p0", "p1"), "interaction"] == 3 and pairs["interaction"].abs().sum() == 3
    assert len(found.runs) < 4 * 2**9


def test_a_seed_without_a_value_is_left_out():
    said = {**ABOUT, "members": ["a", "b"]}
    found = attribute.assess(
        said,
        lambda wanted: np.array([[math.nan if seed == 2 and mask == 1 else float(mask)] for seed, mask in wanted]),
        MEASURE,
    )
    assert list(found.shares["runs"]) == [3, 3, 3] and list(found.shares["share"]) == [1, 2, 3]


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
    found = sim.attribute(**words)
    for _, rows in found.shares.groupby("outcome"):
        shares = rows.set_index("policy")["share"]
        assert shares.drop("bundle").sum() == pytest.approx(shares["bundle"], rel=1e-9, abs=1e-9, nan_ok=True)
    cost = found.shares[found.shares["outcome"] == "public_cost_cny"].set_index("policy")["share"]
    assert cost["returnee_programme"] > 0
    assert set(found.runs["members"]) == {"", "returnee_programme", "talent_visa", "returnee_programme+talent_visa"}
    monkeypatch.setattr("sim.runs.arms.simulate", lambda *_: pytest.fail("computed again"))
    again = sim.attribute(**words)
    pd.testing.assert_frame_equal(found.shares, again.shares)
    compared = sim.compare(against="none", **{key: value for key, value in words.items()}).table.set_index("outcome")
    bundle = found.shares[found.shares["policy"] == "bundle"].set_index("outcome")
    assert compared["difference"]["returnees"] == pytest.approx(bundle["share"]["returnees"])


def test_members_are_held_against_the_rest(store):
    words = {
        "policy": ["sandbox", "returnee_programme", "talent_visa"],
        "members": ["talent_visa", "returnee_programme"],
        "runs": 2,
        "store": str(store),
    }
    found = sim.attribute(**words, **LAKESIDE, **GRANTS, **{"policy.sandbox.sectors": "all"})
    assert list(found.shares["policy"].unique()) == ["talent_visa", "returnee_programme", "bundle"]
    assert found.about["first_quarter"] == "2006Q3"


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
        *("shares.csv", "interactions.csv", "runs.csv", "attribution.json", "policy.yaml", "figures", "DONE")
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{name}.{end}" for name in ("attribution", "interactions") for end in ("svg", "pdf", "csv")
    }
    assert json.loads((folder / "attribution.json").read_text("utf-8"))["members"] == [
        "returnee_programme",
        "talent_visa",
    ]
    said = capsys.readouterr().out
    assert (
        "Shapley shares" in said
        and "Pairs (Shapley interaction index)" in said
        and max(map(len, said.splitlines())) <= 130
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
