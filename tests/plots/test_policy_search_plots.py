"""Figures of attributions, frontiers and robustness, from tables made by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.plots import attribution, box, conditions, interactions, pareto, regret


def shares():
    rows = [("a", 30.0), ("b", 12.0), ("bundle", 42.0)]
    parts = []
    for outcome in ("startups_founded", "public_cost_cny"):
        size = 1e9 if outcome.endswith("cny") else 1
        parts += [
            {
                "outcome": outcome,
                "policy": name,
                "share": size * x,
                "share_low": size * (x - 5),
                "share_high": size * (x + 5),
                "runs": 4,
            }
            for name, x in rows
        ]
    return pd.DataFrame(parts)


def test_shares_are_bars_and_the_bundle_stands_below():
    drawing = attribution.figure(attribution.data({"shares": shares()}))
    panels = {axes.get_title(loc="left"): axes for axes in drawing.axes}
    assert [bar.get_width() for bar in panels["Startups founded"].patches] == [30, 12, 42]
    assert [bar.get_width() for bar in panels["Public cost"].patches] == [30, 12, 42]  # bn yuan
    assert [label.get_text() for label in panels["Startups founded"].get_yticklabels()] == ["a", "b", "bundle"]
    assert panels["Exits"].texts[-1].get_text() == "nothing to share"


def pairs():
    rows = [
        ("a", "b", 3.0, 1.0, 5.0, "complements"),
        ("a", "c", 1.0, -4.0, 6.0, "not distinguishable"),
        ("b", "c", -2.0, -3.0, -1.0, "substitutes"),
    ]
    table = pd.DataFrame(rows, columns=["one", "other", "interaction", "interaction_low", "interaction_high", "called"])
    return table.assign(outcome="startups_founded", measure="Shapley interaction index", runs=4)


def test_pairs_come_by_how_sure_they_are():
    data = interactions.data({"interactions": pairs()})
    assert list(data["pair"]) == ["b + c", "a + b", "a + c"]
    axes = interactions.figure(data).axes[0]
    colours = [line.get_color() for line in axes.lines if len(line.get_xdata()) == 1]
    assert colours == [interactions.COLOURS["substitutes"], interactions.COLOURS["complements"], interactions.GREY]


def front():
    rows = pd.DataFrame(
        {
            "mix": [0, 2],
            "public_cost": [0.0, 2e9],
            "public_cost_fresh": [0.0, 2.2e9],
            "effect": [0.0, 9.0],
            "fresh": [0.0, 6.0],
        }
    )
    ends = {"effect_low": [0, 7], "effect_high": [0, 11], "fresh_low": [0, 4], "fresh_high": [0, 8]}
    return rows.assign(**ends, outcome="startups_alive", title="Startups alive", unit="firms")


def test_a_front_shows_both_values():
    mixes = pd.DataFrame({"mix": [0, 1, 2], "public_cost": [0.0, 3e9, 2e9], "startups_alive": [0.0, 5.0, 9.0]})
    data = pareto.data({"front": front(), "mixes": mixes, "budget": 4e9})
    assert data["kind"].value_counts().to_dict() == {"tried": 3, "search": 2, "fresh": 2, "budget": 1}
    axes = pareto.figure(data).axes[0]
    hollow, full = (line for line in axes.lines if line.get_marker() == "o")
    assert (
        list(hollow.get_ydata()) == [0, 9]
        and list(full.get_ydata()) == [0, 6]
        and list(full.get_xdata()) == pytest.approx([0, 2.2])
    )


def test_a_front_without_a_mix_says_so():
    nothing = front().head(0)
    data = pareto.data({"front": nothing, "mixes": pd.DataFrame({"mix": [0], "public_cost": [9.0]}), "budget": 4.0})
    assert "no mix within the budget" in pareto.figure(data).axes[0].texts[0].get_text()


def worlds(n=120):
    chance = np.random.default_rng(1)
    x, storm = chance.random(n), chance.integers(0, 2, n)
    effect = np.where((x < 0.4) & (storm == 1), -20.0, 30.0) + 5 * chance.normal(size=n)
    return pd.DataFrame(
        {
            "mechanism.exits.share": x,
            "shock.storm": storm,
            "rules": "as_is",
            "effect_startups_alive": effect,
            "fails": effect <= 0,
        }
    )


ABOUT = {
    "outcomes": ["startups_alive"],
    "fails": 0,
    "sentence": "The policy fails where exits.share is below 0.4 and storm strikes.",
}


def test_worlds_stand_with_their_box():
    limits = pd.DataFrame(
        {"dimension": ["mechanism.exits.share", "shock.storm"], "low": [-math.inf, 0.5], "high": [0.4, math.inf]}
    )
    data = box.data({"worlds": worlds(), "box": limits, "about": ABOUT})
    drawing = box.figure(data)
    left, right = drawing.axes
    (frame,) = right.patches
    assert frame.get_x() + frame.get_width() == pytest.approx(0.4) and frame.get_y() == pytest.approx(0.5)
    assert right.get_xlabel() == "exits.share" and right.get_ylabel() == "shock storm"
    assert len(right.collections[0].get_offsets()) == 120
    assert "storm strikes" in drawing.get_supxlabel()


def test_no_box_is_said():
    data = box.data({"worlds": worlds(), "box": pd.DataFrame(columns=["dimension", "low", "high"]), "about": ABOUT})
    assert "no box of worlds" in box.figure(data).axes[1].texts[-1].get_text()


def test_regret_of_each_world():
    runs = pd.DataFrame(
        {"world": [0, 0, 1, 1], "alternative": ["policy", "against"] * 2, "startups_alive": [10.0, 7.0, 5.0, 9.0]}
    )
    of = pd.DataFrame(
        {"outcome": "startups_alive", "title": "Startups alive", "unit": "firms", "alternative": ["policy", "against"]}
    )
    data = regret.data({"runs": runs, "regret": of, "outcomes": ["startups_alive"]})
    assert data.set_index(["alternative", "world"])["regret"].to_dict() == {
        ("policy", 0): 0,
        ("policy", 1): 4,
        ("against", 0): 3,
        ("against", 1): 0,
    }
    less = regret.data({"runs": runs, "regret": of, "outcomes": ["-startups_alive"]})
    assert less.set_index(["alternative", "world"])["regret"].to_dict() == {
        ("policy", 0): 3,
        ("policy", 1): 0,
        ("against", 0): 0,
        ("against", 1): 4,
    }
    assert "policy (mean 2)" in [text.get_text() for text in regret.figure(data).axes[0].get_legend().get_texts()]


def test_conditions_are_rows():
    of = pd.DataFrame({"outcome": ["vc_private_cny"], "title": ["VC raised, private"], "unit": ["yuan"]})
    rows = [
        ("all worlds", "there", 2e9, 1e9, 3e9, 0.1, 20),
        ("shock.lp_strike", "there", 1e9, 0.0, 2e9, 0.2, 10),
        ("shock.lp_strike", "not there", 3e9, 2e9, 4e9, 0.0, 10),
    ]
    rows += [("rules.even_learning", "there", -1e9, -2e9, 0.0, 0.5, 4)]
    table = pd.DataFrame(
        rows, columns=["condition", "state", "effect", "effect_low", "effect_high", "fails_share", "worlds"]
    ).assign(outcome="vc_private_cny")
    (axes,) = conditions.figure(conditions.data({"conditions": table, "regret": of})).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [
        "all worlds (10% of 20 fail)",
        "with lp strike (20% of 10 fail)",
        "rules: even learning (50% of 4 fail)",
    ]
    assert [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "o"] == [[2, 1, -1]]
