"""Regret and failures by hand, then policies of the small made-up city in other worlds."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.settings import config, counterfactuals
from sim.verbs import measures, robustness, worlds

LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2007Q4"}


# ---------------------------------------------------------------- regret and the sentence


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder where no calibration has left draws."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


ABOUT = {
    "alternatives": {"policy": ["sandbox"], "against": ["talent_visa"], "none": []},
    "outcomes": ["startups_alive", "-office_rent_cny_m2"],
}
ABOUT |= {"fails": 0.0, "seed": 1, "runs": 1, "shocks": ["storm"], "always": [], "scale": 1.0, "drawn_from": "bounds"}


def values(**outcomes):
    """An array (worlds, alternatives, 1 seed, MEASURES) from lists of (policy, against, none) by world."""
    n = len(next(iter(outcomes.values())))
    levels = np.zeros((n, 3, 1, len(measures.NAMES)))
    for name, rows in outcomes.items():
        levels[:, :, 0, measures.NAMES.index(name)] = rows
    return levels


def test_regret_by_hand():
    """Three worlds; the best has 10, 8 and 5. Of rents the lowest is best."""
    robust = robustness.assess(
        {**ABOUT},
        pd.DataFrame({"shock.storm": [0, 1, 1], "rules": ["as_is", "as_is", "other"]}),
        values(startups_alive=[(10, 7, 1), (5, 8, 2), (5, 5, 5)], office_rent_cny_m2=[(3, 2, 1), (3, 2, 1), (1, 2, 1)]),
    )
    table = robust.regret.set_index(["outcome", "alternative"])
    assert list(table.loc["startups_alive", "regret_mean"]) == pytest.approx([1, 1, (9 + 6 + 0) / 3])
    assert list(table.loc["startups_alive", "regret_most"]) == [3, 3, 9]
    assert list(table.loc["startups_alive", "best_share"]) == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert list(table.loc["office_rent_cny_m2", "regret_mean"]) == pytest.approx([4 / 3, 1, 0])
    assert robust.worlds["effect_startups_alive"].tolist() == [3, -3, 0] and robust.worlds["fails"].tolist() == [
        False,
        True,
        True,
    ]
    conditions = robust.conditions.set_index(["outcome", "condition", "state"])
    assert conditions.loc[("startups_alive", "shock.storm", "there"), ["fails_share", "worlds"]].tolist() == [1, 2]
    assert conditions.loc[("startups_alive", "rules.as_is", "there"), "effect"] == 0


def made(n=150, **words):
    """Worlds in which the policy gains one startup but loses one where x is below 0.4 and there is a storm."""
    chance = np.random.default_rng(3)
    tried = pd.DataFrame({"mechanism.m.a": chance.random(n), "shock.storm": chance.integers(0, 2, n), "rules": "as_is"})
    bad = (tried["mechanism.m.a"] < 0.4) & (tried["shock.storm"] == 1)
    effect = np.where(bad, -1.0, 1.0)
    levels = np.column_stack([10 + effect, np.full(n, 10.0), np.full(n, 8.0)])
    return robustness.assess(
        {**ABOUT, **words}, tried, values(startups_alive=levels, office_rent_cny_m2=np.ones((n, 3)))
    )


def test_the_sentence():
    robust = made()
    sentence, limits = robust.about["sentence"], robust.box.set_index("dimension")
    assert sentence.startswith(
        f"The policy fails where m.a is below {limits.loc['mechanism.m.a', 'high']:.3g} and storm strikes"
    )
    assert "density 100%" in sentence and "against talent_visa" in sentence and "p = 0.01" in sentence
    assert set(robust.box["dimension"]) == {"mechanism.m.a", "shock.storm"}


def test_a_policy_that_never_or_always_fails_needs_no_box():
    assert "fails in none of 150 worlds" in made(fails=-5.0).about["sentence"]
    assert "fails in all of 150 worlds" in made(fails=5.0).about["sentence"]


def test_each_set_of_rules_is_told():
    """Two of three worlds as they are fail, none of the other rules."""
    rules = pd.Series(["other_rule", "as_is", "as_is", "as_is", "other_rule"])
    assert (
        robustness.by_rules(rules, np.array([False, True, True, False, False]))
        == " By rules it fails in 2 of 3 worlds with the rules as they are, 0 of 2 worlds with other_rule."
    )
    assert robustness.by_rules(rules[1:4], np.ones(3, bool)) == ""


def test_limits_in_words():
    assert (
        worlds.limit_in_words("mechanism.listing.ipo_city_share", -math.inf, 0.123456)
        == "listing.ipo_city_share is below 0.123"
    )
    assert worlds.limit_in_words("mechanism.labour.pull", 0.1, math.inf) == "labour.pull is above 0.1"
    assert worlds.limit_in_words("mechanism.labour.pull", 0.1, 0.2) == "labour.pull is from 0.1 to 0.2"
    assert (
        worlds.limit_in_words("shock.storm", 0.5, math.inf) == "storm strikes"
        and worlds.limit_in_words("shock.storm", -math.inf, 0.5) == "storm does not strike"
    )
    assert worlds.limit_in_words("rules.other", 0.5, math.inf) == "rules are other"


# ---------------------------------------------------------------- worlds


def test_spread_reaches_from_the_value_towards_the_bounds():
    assert worlds.spread(np.array([0.0, 0.5, 1.0]), 2.0, 0.0, 10.0, 0.5) == pytest.approx([1.0, 3.5, 6.0])
    assert worlds.spread(np.array([0.0, 1.0]), 10.0, 1.0, 1000.0, 0.5) == pytest.approx([math.sqrt(10), 100.0])
    assert worlds.spread(np.array([0.0, 1.0]), 10.0, 1.0, 1000.0, 1.0) == pytest.approx([1.0, 1000.0])


def asked(*words):
    given = [
        "policy=[returnee_programme]",
        "shock=[slowdown,lp_strike]",
        "policy.returnee_programme.start=2006Q3",
        *words,
    ]
    return config.load(["experiment=robustness", *small.LAKESIDE, "end=2007Q4", *given])


def test_worlds_are_balanced_and_within_bounds():
    checked = asked("draws=40", "shocks=[slowdown]", "reach=1")
    about = robustness.plan(checked).about
    origin, tried = worlds.draw(checked, about["shocks"])
    assert origin == "bounds" and len(tried) == 40 and about["always"] == ["lp_strike"]
    assert tried["shock.slowdown"].sum() == 20 and "shock.lp_strike" not in tried
    assert (tried["rules"].value_counts() == 8).all() and tried["rules"].nunique() == 5
    assert (
        tried["mechanism.required_return.base"].between(0.02, 0.6).all()
        and tried["mechanism.founding.idea_rate"].between(0.0005, 0.1).all()
    )
    assert (
        tried["mechanism.required_return.base"].max() > 0.5 and tried["mechanism.founding.idea_rate"].median() < 0.02
    )  # in logs
    pd.testing.assert_frame_equal(tried, worlds.draw(checked, about["shocks"])[1])


def test_a_posterior_goes_before_bounds(tmp_path):
    pd.DataFrame(
        {
            "weight": [1, 1],
            "founding.taste": [0.4, 0.5],
            "mechanism.sales.drift": [0.0, 0.01],
            "funding.growth_to_exit.1": [2.0, 3.0],
        }
    ).to_csv(tmp_path / "posterior.csv", index=False)
    checked = asked("draws=12", f"posterior='{tmp_path}/posterior.csv'")
    origin, tried = worlds.draw(checked, robustness.plan(checked).about["shocks"])
    assert "bounds" in origin and "posterior.csv" in origin
    assert set(tried["mechanism.founding.taste"]) == {0.4, 0.5} and set(tried["mechanism.sales.drift"]) == {0.0, 0.01}
    assert (
        (tried["mechanism.founding.taste"] == 0.4) == (tried["mechanism.sales.drift"] == 0.0)
    ).all()  # drawn together
    changed = counterfactuals.with_parameters(checked, {"funding.growth_to_exit.1": 2.0})
    assert changed.params["funding"].growth_to_exit == (
        *checked.params["funding"].growth_to_exit[:1],
        2.0,
        *checked.params["funding"].growth_to_exit[2:],
    )
    assert changed.resolved["mechanism"]["funding"]["growth_to_exit"] == list(changed.params["funding"].growth_to_exit)


def test_a_world_is_a_plain_run_of_its_own(tmp_path):
    """What is written of a world is what is run."""
    base = asked().one_run()
    world = counterfactuals.with_parameters(
        counterfactuals.with_only_shocks(base, ["lp_strike"]), {"founding.taste": 0.1, "location.cell_samples": 3}
    )
    (tmp_path / "config.yaml").write_text(counterfactuals.yaml_of(world), "utf-8")
    again = config.load_file(tmp_path / "config.yaml")
    assert (
        again.params == world.params
        and [shock.name for shock in again.shocks] == ["lp_strike"]
        and again.params["founding"].taste == 0.1
    )
    assert base.params["founding"].taste != 0.1  # the one it was made of is as it was


def test_the_shipped_rules_switch_something():
    """Each structure sets parameters away from where they are, to values within their bounds."""
    checked = asked()
    assert set(checked.experiment["structures"]) == set(checked.experiment["rules"])
    for changed in checked.experiment["rules"].values():
        assert any(
            getattr(checked.params[mechanism], key) != value
            for mechanism, settings in changed.items()
            for key, value in settings.items()
        )


# ---------------------------------------------------------------- the city

WORDS = {
    "draws": 10,
    "parameters": ["mechanism.founding.idea_rate"],
    "outcomes": ["startups_founded", "returnees"],
    "policy.returnee_programme.start": "2006Q3",
}


def test_policies_in_other_worlds(tmp_path, monkeypatch):
    """More ideas, more ventures: worlds differ as they should, alternatives share them, and the same again computes
    nothing.

    This city has no draws of a fit, so parameters come from within their bounds.
    """
    words = {
        "policy": ["returnee_programme"],
        "against": "none",
        "shock": ["slowdown"],
        "store": str(tmp_path),
        **LAKESIDE,
        **WORDS,
    }
    robust = sim.robustness(**words)
    assert robust.about["drawn_from"] == "bounds"
    assert list(robust.about["alternatives"]) == ["policy", "against"]  # no policy is what it is held against
    founded = robust.runs[robust.runs["alternative"] == "against"].set_index("world")["startups_founded"]
    assert np.corrcoef(founded, robust.worlds["mechanism.founding.idea_rate"])[0, 1] > 0.5
    monkeypatch.setattr("sim.runs.arms.simulate", lambda *_: pytest.fail("computed again"))
    pd.testing.assert_frame_equal(robust.regret, sim.robustness(**words).regret)


def test_the_command_leaves_a_folder(tmp_path, capsys):
    words = {
        "policy": "[returnee_programme]",
        "against": "[talent_visa]",
        "shock": "[slowdown]",
        "workers": 1,
        "store": f"'{tmp_path}/store'",
    }
    words |= {**LAKESIDE, **WORDS, "configs": f"'{small.OWN}'", "output": f"'{tmp_path}/folders'", "end": "2006Q4"}
    words |= {"parameters": "[mechanism.founding.idea_rate]", "outcomes": "[startups_founded,returnees]"}
    assert cli.main(["robustness", *(f"{key}={value}" for key, value in words.items())]) == 0
    (folder,) = (tmp_path / "folders").iterdir()
    tables = {f"{name}.csv" for name in ("worlds", "regret", "conditions", "box", "runs")}
    assert {path.name for path in folder.iterdir()} == tables | {
        "robustness.json",
        "policy.yaml",
        "against.yaml",
        "figures",
        "DONE",
        "screen.txt",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{name}.{end}" for name in ("regret", "conditions", "box") for end in ("svg", "csv")
    }
    about = json.loads((folder / "robustness.json").read_text("utf-8"))
    assert about["status"] == "done" and about["sentence"] in " ".join(capsys.readouterr().out.split())


REFUSED = {
    "policy=[]": ["against=none: is the same as policy"],
    "against=history": ["against=history: is the same as policy"],
    "against=[sandbx]": ["against=sandbx: no such policy; did you mean sandbox?"],
    "against=[sandbox,sandbox]": ["against=sandbox: stands twice"],
    "against=3": ["against=3: should be history, none, or a list"],
    "against=[failure_compensation,failure_compensation_two_tier]": ["both are FailureCompensation"],
    "draws=9": ["draws=9: should be a whole number from 10"],
    "runs=0": ["runs=0: should be a whole number from 1"],
    "draws=90000": ["above 100,000"],
    "reach=0": ["reach=0"],
    "reach=2": ["reach=2"],
    "fails=often": ["fails=often"],
    "outcomes=[jobs]": ["outcomes=jobs: is not among"],
    "shocks=[slowdown]": ["shocks=slowdown: there are none to choose from"],
    "shock=[slowdown] shocks=[slowdwn]": ["did you mean slowdown?"],
    "posterior=nowhere.csv": ["posterior=nowhere.csv: no such file"],
    "posterior=": ["posterior=: should be a csv file"],
    "parameters=[mechanism.founding.tast]": ["no such parameter; did you mean mechanism.founding.taste?"],
    "parameters=[mechanism.founding.taste,mechanism.founding.taste]": ["stands twice"],
    "parameters=[mechanism.plans.team]": ["is no single number"],
    "parameters=[mechanism.learning.success_weight]": ["is set by the structure no_social_learning"],
    "parameters=taste": ["parameters=taste: should be a list"],
    "structures=[even_lerning]": ["structures=even_lerning: is not among", "did you mean even_learning?"],
    "structures=[even_learning,even_learning]": ["structures=even_learning: stands twice"],
    "structures=even_learning": ["structures=even_learning: should be a list"],
    "rules.even_learning.learning.failure_weight=1000": [
        "failure_weight: no such key; did you mean experiment.rules.even_learning.learning.failure_weight?"
    ],
    "experiment.rules.even_learning.learning.failure_weight=1000": [
        "rules.even_learning.learning.failure_weight=1000: should be a number from 0 to 100"
    ],
    "rules=3": ["rules=3: should map a name to parameters"],
    "workers=0 store= seed=-1": ["workers=0", "store=", "seed=-1"],
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused):
    refused(f"robustness {typed}", REFUSED[typed])


def test_rules_of_ones_own_are_checked():
    wrong = {
        "new": {"lerning": {"fading": 0.1}, "learning": {"fade": 0.1, "fading": 7}, "funding": {"ownership": 0.1}},
        "as_is": {},
    }
    problems = "\n".join(worlds.check_rules(wrong))
    for words in (
        "rules.as_is:",
        "lerning: no such mechanism; did you mean learning?",
        "learning.fade: no such parameter",
        "fading=7",
        "ownership: is no single number",
    ):
        assert words in problems


def test_a_posterior_of_other_parameters_is_refused(tmp_path, capsys):
    (tmp_path / "draws.csv").write_text("mechanism.founding.tast\n0.1\n")
    assert cli.main(["robustness", f"posterior='{tmp_path}/draws.csv'"]) == 2
    assert "did you mean mechanism.founding.taste?" in capsys.readouterr().err
    (tmp_path / "draws.csv").write_text("x,y\n0.1,2\n")
    assert cli.main(["robustness", f"posterior='{tmp_path}/draws.csv'"]) == 2
    assert "has no columns such as" in capsys.readouterr().err
