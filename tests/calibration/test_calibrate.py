"""`sim calibrate` on the made-up city, end to end from files alone:

nothing here is large enough to say anything of Shanghai.
"""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import small
import yaml

from sim import cli
from sim.calibration import fit_files, moments, priors, simulations
from sim.calibration import policy_effects as effects
from sim.calibration.objective import filled
from sim.calibration.study import Study
from sim.runs.fingerprint import calibration, fingerprint, premises
from sim.settings import config
from sim.settings.files import read_yaml
from sim.settings.refusals import ConfigError

TINY = (
    *("prior=32", "around=4", "batches=1", "batch=2", "rounds=1", "replicates=2", "steps=1", "jacobian=1"),
    *("full_seeds=0", "draws=20", "workers=1"),
)
FREE = "free=[founding.idea_rate,migration.constant_returnees]"


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A user's folder with the made-up city and its targets."""
    folder = tmp_path_factory.mktemp("mine")
    for group in ("city", "targets"):
        shutil.copytree(small.OWN / group, folder / group)
    return folder


def words(mine, *more):
    return [
        "calibrate",
        f"configs='{mine}'",
        "city=lakeside",
        "targets=[lakeside]",
        "scale=0.1",
        "end=2012Q4",
        FREE,
        *TINY,
        *more,
    ]


def study(mine, *more):
    return Study(config.load([f"experiment={words(mine)[0]}", *words(mine, *more)[1:]]))


@pytest.fixture(scope="module")
def fitted(mine, tmp_path_factory):
    """The folder of results after a fit."""
    output = tmp_path_factory.mktemp("results")
    assert cli.main(words(mine, f"experiment.output={output}")) == 0
    return output


def test_a_city_of_ones_own_is_calibrated_from_files_alone(mine, fitted):
    about = read_yaml(mine / "city" / "lakeside" / "reports" / "calibrated.yaml")["about"]
    assert about["targets"] == ["lakeside"] and about["command"] and about["runs"] > 0
    assert {path.name for path in (fitted / "fit").iterdir()} == {
        "parameters.csv",
        "draws.csv",
        "fit.csv",
        "fit.json",
        "figures",
    }
    assert len(pd.read_csv(fitted / "fit" / "draws.csv")) == 20
    fits = pd.read_csv(fitted / "fit" / "fit.csv")
    assert set(fits["id"]) == {"births", "births_harbour", "returnee_share"}  # the hold-out is nowhere in a fit


def test_what_a_fit_found_does_not_part_its_simulations_from_others():
    """Runs are addressed by the free parameters' points: what value the config has for them is of no account, the rest
    of a list is.
    """

    def identity(growth):
        asked = config.load(
            [
                f"configs='{small.OWN}'",
                "city=lakeside",
                "targets=[lakeside]",
                f"mechanism.funding.growth_to_exit={growth}",
            ]
        )
        free = priors.read(["funding.growth_to_exit.1"], {})
        return simulations.Simulator(asked, free, moments.read(asked)).identity

    assert identity("[0,3,2,1,1,1]") == identity("[0,2,2,1,1,1]") != identity("[0,3,1,1,1,1]")


def test_a_change_of_a_policy_of_history_makes_the_point_stale_and_of_another_does_not(tmp_path, monkeypatch):
    mine = shutil.copytree(small.OWN, tmp_path / "mine")
    monkeypatch.syspath_prepend(mine)
    history, toy = mine / "city" / "lakeside" / "policies.yaml", mine / "policy" / "toy.yaml"

    def digest():
        return premises(config.load([f"configs='{mine}'", "city=lakeside"]))

    before = digest()
    toy.write_text(toy.read_text().replace("value: 1.5", "value: 1.6"))
    assert digest() == before
    history.write_text(history.read_text() + "toy:\n  start: 2016Q1\n")
    with_toy = digest()
    toy.write_text(toy.read_text() + "# what is only said of it\n")
    assert digest() == with_toy
    toy.write_text(toy.read_text().replace("value: 1.6", "value: 1.7"))
    assert digest() != with_toy


def test_the_point_is_used_below_the_command_line(mine, fitted):
    fitted_values = read_yaml(mine / "city" / "lakeside" / "reports" / "calibrated.yaml")["mechanism"]
    mechanism, values = next(iter(fitted_values.items()))
    key, value = next(iter(values.items()))
    base = [f"configs='{mine}'", "city=lakeside"]
    assert getattr(config.load(base).params[mechanism], key) == pytest.approx(value)
    plain = getattr(config.load([*base, "calibrated=false"]).params[mechanism], key)
    assert plain != pytest.approx(value)
    assert getattr(config.load([*base, f"mechanism.{mechanism}.{key}={plain}"]).params[mechanism], key) == plain
    same = [f"mechanism.{m}.{k}={v}" for m, parameters in fitted_values.items() for k, v in parameters.items()]
    assert fingerprint(config.load([*base, "calibrated=false", *same])) == fingerprint(config.load(base))


def test_a_change_of_the_targets_makes_the_point_stale_and_says_so(mine, fitted, capsys, tmp_path):
    base = [f"configs='{mine}'", "city=lakeside"]
    assert calibration(config.load(base))["stale"] is False
    path = mine / "targets" / "lakeside.csv"
    text = path.read_text()
    try:
        path.write_text(text.replace("births,500,440,560", "births,500,450,560"))
        assert cli.main([*base, "scale=0.1", "end=2006Q1", "targets=[lakeside]", f"output={tmp_path}"]) == 0
        assert "was fitted to other sources, data or targets" in capsys.readouterr().err
        (folder,) = tmp_path.iterdir()
        assert json.loads((folder / "run.json").read_text())["calibration"]["stale"] is True
    finally:
        path.write_text(text)


def test_a_killed_calibration_goes_on_with_the_same_bits(mine, fitted, tmp_path, monkeypatch):
    """The store loses its last batches, as if killed: the rest is kept, what is missing is computed, and the fit is the
    same.
    """
    before = (fitted / "fit" / "parameters.csv").read_bytes(), (fitted / "fit" / "draws.csv").read_bytes()
    shutil.copytree(fitted / "simulations", tmp_path / "simulations")
    (folder,) = (tmp_path / "simulations").iterdir()
    newest = sorted(folder.glob("*.zip"), key=os.path.getmtime)
    for path in newest[len(newest) // 2 :]:
        path.unlink()
    assert cli.main(words(mine, f"experiment.output={tmp_path}")) == 0
    assert ((tmp_path / "fit" / "parameters.csv").read_bytes(), (tmp_path / "fit" / "draws.csv").read_bytes()) == before


def test_targets_that_are_left_out_are_observed_and_not_fitted(mine):
    """Its rows are there as before, so that the simulations of both serve both; a name that is none is refused."""
    whole, less = study(mine), study(mine, "left_out=[births]")
    assert less.moments.ids == whole.moments.ids and less.store.simulator.identity == whole.store.simulator.identity
    both = (whole.moments.ids, whole.moments.fitted, less.moments.fitted)
    dropped = [name for name, a, b in zip(*both, strict=True) if a != b]
    assert dropped == ["births"]
    with pytest.raises(ConfigError) as refused:
        study(mine, "left_out=[birth]")
    assert "left_out=birth: is not among the fitted targets; did you mean births?" in str(refused.value)


def test_a_fit_holds_each_quarter_against_itself(mine):
    """Norms of the point before would be those of another city. Making norms afterwards makes no fit stale, and runs
    with and without norms are never taken for each other.
    """
    one = study(mine)
    with_norms, alone = one.config, one.store.simulator.config
    assert with_norms.city.reference is not None and alone.city.reference is None
    assert premises(with_norms) == premises(alone)
    assert simulations.Simulator(with_norms, one.parameters, one.moments).identity != one.store.simulator.identity


def killed(simulator, point, seed):
    os._exit(1)


def test_a_killed_process_is_told(mine, tmp_path, monkeypatch, capfd):
    """As when memory runs out: one line and exit code 1."""
    monkeypatch.setattr(simulations, "timed", killed)
    assert (
        cli.main([word.replace("workers=1", "workers=2") for word in words(mine, f"experiment.output={tmp_path}")]) == 1
    )
    told = capfd.readouterr().err
    assert "sim: a process was killed" in told and "Traceback" not in told


def test_what_other_sources_compute_is_not_kept(mine, tmp_path, monkeypatch, capfd):
    """As where a file of the model is edited, and a process that starts then loads it as it is now."""
    asked = [b"as asked"]
    monkeypatch.setattr(simulations, "ground", lambda config: asked.pop() if asked else b"edited since")
    assert cli.main(words(mine, f"experiment.output={tmp_path}")) == 1
    assert "sim: the sources of the model or of a policy were changed while it ran" in capfd.readouterr().err
    assert not list(tmp_path.rglob("*.zip"))


def test_a_store_computes_nothing_twice_and_workers_change_no_bit(mine, tmp_path):
    one = study(mine, f"experiment.output={tmp_path}")
    points = simulations.design(2, 4)
    first = one.store.run(points, np.arange(4))
    assert one.store.computed == 4
    assert np.array_equal(one.store.run(points, np.arange(4)), first, equal_nan=True) and one.store.computed == 4
    other = simulations.Store(one.store.simulator, tmp_path / "other", workers=2)
    assert np.array_equal(other.run(points, np.arange(4)), first, equal_nan=True)


def test_a_hold_out_is_never_in_the_loss(mine, tmp_path):
    """Whatever the hold-outs are, the loss is the same; and no row of any file that is fitted has another role than
    target.
    """
    ours = study(mine, f"experiment.output={tmp_path}")
    objective = ours.objective()
    rows = ours.moments.rows
    not_fitted = rows["role"] != "target"
    assert not_fitted.any() and not ours.moments.fitted[not_fitted.to_numpy()].any()
    assert not set(objective.ids) & set(rows.loc[not_fitted, "id"])
    values = ours.store.run(np.repeat(objective.start[None], 2, axis=0), [1, 2])
    u = ours.moments.scaled(values)
    changed = u.copy()
    changed[:, not_fitted.to_numpy()] += 100
    assert np.array_equal(
        objective.loss(filled(u)[:, objective.columns]), objective.loss(filled(changed)[:, objective.columns])
    )


@pytest.mark.parametrize("names", [["reported"], ["facts"], ["record"], ["discipline"], ["reported", "facts"]])
def test_roles_of_the_package_are_respected(names):
    asked = small.config(f"targets=[{','.join(names)}]")
    observed = moments.read(asked)
    fitted = observed.rows[observed.fitted]
    assert len(fitted) and set(fitted["role"]) == {"target"} and set(fitted["targets"]) == set(names)


def test_four_readings_of_one_quantity_weigh_as_one():
    observed = moments.read(small.config("targets=[reported]"))
    totals = observed.rows["id"].str.startswith("vc_raised_2024")
    assert observed.weight[totals.to_numpy()].sum() == pytest.approx(
        observed.weight[(observed.rows["id"] == "startups_founded_2024").to_numpy()].sum()
    )


def test_reports_weigh_together_as_much_as_the_facts_less_what_repeats_an_input():
    """Counted by rows before any fit: 2.5 each, four totals of a year as one, 0.5 for what a policy is told anyway."""
    observed = moments.read(small.config("targets=[reported,facts]"))
    weight = pd.Series(observed.weight, index=observed.ids)[observed.fitted]
    of = observed.rows.set_index("id")["targets"][weight.index]
    repeats = ["returnee_programme_stock", "sandbox_participants"]
    assert weight[repeats].tolist() == [0.5, 0.5]
    assert weight[of == "reported"].sum() + 2 * 2.0 == pytest.approx(weight[of == "facts"].sum(), rel=0.05)


def test_what_was_fitted_before_and_is_no_longer_free_goes_back_to_its_yaml():
    """A fit that ran with the old value would write a file without it, and the city would not be the one that was
    fitted.
    """
    fitted = {
        "founding": {"idea_rate": 0.04, "taste": 0.9},
        "funding": {"growth_to_exit": [0, 4.0, 2.3, 1.7, 1.2, 0.8]},
    }
    params = small.config(
        "mechanism.founding.idea_rate=0.04",
        "mechanism.founding.taste=0.3",
        "mechanism.funding.growth_to_exit=[0,4.0,2.3,1.7,1.2,0.8]",
    ).params
    free = priors.read(["funding.growth_to_exit.2"], {})
    yaml_values = priors.left_behind(fitted, free, params)
    assert (
        yaml_values.pop("mechanism.founding.idea_rate") == 0.017
        and yaml_values.pop("mechanism.funding.growth_to_exit.1") == 3.0
    )
    assert set(yaml_values) == {
        f"mechanism.funding.growth_to_exit.{index}" for index in (0, 3, 4, 5)
    }  # as they are; taste was set otherwise by hand
    assert priors.left_behind(fitted, priors.read(["founding.idea_rate", "founding.taste"], {}), params).keys() == {
        f"mechanism.funding.growth_to_exit.{index}" for index in range(6)
    }


def test_the_file_of_a_fit_is_the_point_that_was_fitted():
    """Found or held, what stands elsewhere than in its yaml is written: a warm fit holds what is not identified where
    the fit before left it.
    """
    free = priors.read(
        ["founding.taste", "endings.quit_rate", "acquisitions.sale_rate", "funding.growth_to_exit.2"], {}
    )
    point = [p.cube(value) for p, value in zip(free, (0.9, 0.5, free[2].start, 2.0), strict=True)]
    fit = SimpleNamespace(point=np.array(point), table=pd.DataFrame({"identified": [True, False, False, False]}))
    written = yaml.safe_load(fit_files.yaml_text(free, fit, {}))["mechanism"]
    assert written == {
        "founding": {"taste": 0.9},
        "endings": {"quit_rate": 0.5},
        "funding": {"growth_to_exit": [0, 3.0, 2.0, 1.7, 1.2, 0.8]},
    }


def test_priors_are_those_of_the_yaml():
    plain, wide, entry = priors.read(
        ["founding.risk_aversion", "founding.market_median", "funding.growth_to_exit.1"],
        {"founding.risk_aversion": [1.1, 2.0]},
    )
    assert (plain.low, plain.high, plain.log) == (1.1, 2.0, False)
    assert (
        wide.log
        and wide.value(0.5) == pytest.approx(np.sqrt(wide.low * wide.high))
        and wide.cube(wide.value(0.3)) == pytest.approx(0.3)
    )
    params = priors.replaced(small.config().params, {entry.name: 2.5, "founding.idea_rate": 0.02})
    assert params["funding"].growth_to_exit[1] == 2.5 and params["founding"].idea_rate == 0.02


@pytest.mark.parametrize(
    "word, reason",
    [
        ("free=[founding.idearate]", "free=founding.idearate: no such parameter; did you mean founding.idea_rate?"),
        ("free=[funding.growth_to_exit]", "is a list; name one entry"),
        ("task=recover", "task=recover: should be one of fit"),
        ("engine=serach", "engine=serach: no such engine; did you mean search?"),
        ("batch=0", "batch=0: should be a whole number from 1"),
        ("experiment.ranges={founding.idea_rate:[0.5,0.1]}", "ranges.founding.idea_rate"),
        ("targets=[nowhere]", "targets=nowhere: no such targets"),
        ("policies=[slowdown]", "policies=slowdown: no such policy, it is of shock"),
    ],
)
def test_wrong_keys_are_refused_before_anything_runs(word, reason, tmp_path):
    key = word.partition("=")[0]
    with pytest.raises(ConfigError) as refused:
        config.load(["experiment=calibrate", *([FREE] if key != "free" else []), word])
    assert any(reason in problem for problem in refused.value.problems), refused.value.problems


def test_all_that_is_wrong_is_told_where_the_parameters_are():
    """Which are looked at last, and not without a list of them."""
    with pytest.raises(ConfigError) as refused:
        config.load(["experiment=calibrate", "free=[]", "experiment.ranges=3", "targets=[]", "threads=2"])
    told = sorted(problem.partition(":")[0] for problem in refused.value.problems)
    assert told == ["free=[]", "ranges=3", "targets=[]", "threads=2"]


def test_a_wrong_file_of_targets_is_refused_by_the_command(tmp_path, capsys):
    for group in ("city", "targets"):
        shutil.copytree(small.OWN / group, tmp_path / group)
    path = tmp_path / "targets" / "lakeside.csv"
    path.write_text(path.read_text().replace("births,500,440,560", "births,500,560,440").replace("2012,HA", "2012,ZZ"))
    assert cli.main([f"configs='{tmp_path}'", "city=lakeside", "targets=[lakeside]"]) == 2
    printed = capsys.readouterr().err
    assert "lakeside.csv row 2 (births) high: band is reversed, 560 to 440" in printed
    assert "lakeside.csv row 3 (births_harbour) district: no district ZZ; there is OT, HA, MI" in printed


# ---------------------------------------------------------------- policies over draws


def test_the_interval_is_split_into_its_two_sources():
    """Parameters with variance 4, luck with variance 1, 400 draws of 3 seeds: sds within three standard errors (0.21
    and 0.08).
    """
    rng = np.random.default_rng(9)
    parts = effects.split(10 + 2 * rng.standard_normal((400, 1)) + rng.standard_normal((400, 3)))
    assert parts["effect"] == pytest.approx(10, abs=0.35)
    assert parts["parameter_sd"] == pytest.approx(2, abs=0.25) and parts["luck_sd"] == pytest.approx(1, abs=0.08)
    assert parts["parameter_share"] == pytest.approx(0.8, abs=0.05)
    assert parts["high"] - parts["low"] == pytest.approx(2 * 1.97 * 2.0, rel=0.15)


def test_luck_alone_has_no_parameter_variance():
    """Sampling leaves some, with mean zero before it is cut off: below 0.3 of the luck's sd at 400 draws (power against
    a half: all).
    """
    parts = effects.split(np.random.default_rng(10).standard_normal((400, 4)))
    assert parts["parameter_sd"] < 0.3


def test_policies_over_draws_of_the_made_up_city(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(small.OWN)
    base = [f"configs='{small.OWN}'", "city=lakeside", "scale=0.1", "end=2012Q2", "targets=[]"]
    arms = [config.load([*base, "policy=[toy]"]), config.load([*base, "policy=[]"])]
    draws = pd.DataFrame({"founding.idea_rate": [0.01, 0.03]})
    table, single = effects.over_draws(*arms, draws, [1, 2], "2012Q1", tmp_path / "store")
    assert len(single) == 4 and table.set_index("outcome").loc["startups_founded", "effect"] == 0.0
    assert table["luck_sd"].notna().any()
    assert Path(tmp_path / "store").exists()
