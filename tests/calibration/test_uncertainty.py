"""Effects over draws of the parameters: variances by hand, then the verb on the made-up city."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.calibration import policy_effects as effects
from sim.plots import spread
from sim.runs.fingerprint import premises
from sim.settings import config
from sim.settings.refusals import ConfigError
from sim.verbs import uncertainty

T1, T2 = 12.706204736432095, 4.302652729911275  # Student's t of one and of two degrees of freedom, 97.5%
TOY = {"policy.toy.start": "2006Q2", "policy.toy.demand": 10}
DRAWS = "founding.idea_rate,sales.drift,funding.growth_to_exit.1\n0.01,0,2.5\n0.03,0.01,3\n0.02,-0.01,2\n"


@pytest.fixture(scope="module")
def folder_of_draws(tmp_path_factory):
    """A folder with draws, and a store that the tests of this file share."""
    folder = tmp_path_factory.mktemp("uncertainty")
    (folder / "draws.csv").write_text(DRAWS, "utf-8")
    return folder


@pytest.fixture
def asked(folder_of_draws, monkeypatch):
    """`sim.uncertainty` of the small city with the toy policy against none, in the two first draws."""
    monkeypatch.syspath_prepend(small.OWN)
    base = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2006Q4", "policy": ["toy"], **TOY}
    base |= {
        "against": "none",
        "draws": 2,
        "runs": 2,
        "file": str(folder_of_draws / "draws.csv"),
        "store": str(folder_of_draws / "store"),
    }
    return lambda **words: sim.uncertainty(**base | words)


# ---------------------------------------------------------------- the two sources


def test_the_split_by_hand():
    """Means 1 and 5 of two draws, variance 2 within each:

    W = 2, var of means 8, B = 8 - 2/2 = 7, luck of the mean 2/4.
    """
    parts = effects.split(np.array([[0.0, 2.0], [4.0, 6.0]]))
    assert (
        parts["effect"] == 3
        and parts["luck_sd"] ** 2 == pytest.approx(2)
        and parts["parameter_sd"] ** 2 == pytest.approx(7)
    )
    assert parts["parameter_share"] == pytest.approx(7 / 9)
    assert parts["high"] - 3 == pytest.approx(T1 * math.sqrt(7 + 8 / 2)) and parts["low"] == pytest.approx(
        6 - parts["high"]
    )
    assert parts["luck_high"] - 3 == pytest.approx(T2 * math.sqrt(2 / 4)) and parts["luck_low"] == pytest.approx(
        6 - parts["luck_high"]
    )
    assert (parts["draws"], parts["runs"]) == (2, 2)


def test_luck_that_hides_the_parameters_leaves_them_no_variance():
    """Means agree by chance while luck has variance 2:

    B is cut off at zero, and the interval is luck's own error with fewer degrees, never narrower.
    """
    parts = effects.split(np.array([[0.0, 2.0], [2.0, 0.0]]))
    assert parts["parameter_sd"] == 0 and parts["parameter_share"] == 0
    assert parts["high"] - 1 == pytest.approx(T1 * math.sqrt(2 / 4)) and parts["luck_high"] - 1 == pytest.approx(
        T2 * math.sqrt(2 / 4)
    )


def test_an_interval_holds_the_effect_of_the_draw_that_is_true():
    """500 fits of 12 draws and 3 seeds, both sds 1: the effect at one more draw lies inside in 95% (3 standard errors:
    2.9%), in that of luck alone rarely.
    """
    rng = np.random.default_rng(4)
    inside = alone = 0
    for _ in range(500):
        truth = rng.standard_normal()
        parts = effects.split(rng.standard_normal((12, 1)) + rng.standard_normal((12, 3)))
        inside += parts["low"] <= truth <= parts["high"]
        alone += parts["luck_low"] <= truth <= parts["luck_high"]
    assert inside / 500 == pytest.approx(0.95, abs=0.03) and alone / 500 < 0.5


def test_a_draw_without_a_number_is_left_out_and_counted():
    d = np.array([[0.0, 2.0], [4.0, 6.0], [math.nan, 1.0]])
    assert effects.split(d) == effects.split(d[:2])
    nothing = effects.split(d[1:])
    assert nothing["draws"] == 1 and math.isnan(nothing["effect"])


# ---------------------------------------------------------------- the city


def test_the_table_is_that_of_the_differences(asked):
    """Vouchers move taxes, in every draw otherwise; each row of the table is the split of the pairs that are kept."""
    effects_found = asked()
    assert effects_found.about["first_quarter"] == "2006Q2" and effects_found.about["fit"] is None
    assert list(effects_found.differences["draw"]) == [0, 0, 1, 1] and list(effects_found.differences["seed"]) == [
        1,
        2,
        1,
        2,
    ]
    row = effects_found.effects.set_index("outcome").loc["tax_cny"]
    assert effects_found.differences["tax_cny"].nunique() == 4 and row["effect"] == pytest.approx(
        effects_found.differences["tax_cny"].mean()
    )
    by_hand = effects.split(effects_found.differences["tax_cny"].to_numpy().reshape(2, 2))
    assert {name: row[name] for name in by_hand} == by_hand
    assert effects_found.draws["funding.growth_to_exit.1"].tolist() == [2.5, 3.0]
    assert "toy against no policy, 2 draws of 2 seeds" in str(effects_found)


def test_a_draw_is_the_plain_run_with_its_parameters(asked):
    """One pair by hand: `sim run` told the parameters of the second draw."""
    effects_found = asked()
    words = {
        "configs": str(small.OWN),
        "city": "lakeside",
        "end": "2006Q4",
        "mechanism.founding.idea_rate": 0.03,
        "mechanism.sales.drift": 0.01,
    }
    growth = config.load([f"city={words['city']}", f"configs='{small.OWN}'"]).params["funding"].growth_to_exit
    words["mechanism.funding.growth_to_exit"] = [growth[0], 3.0, *growth[2:]]
    arms = [sim.run(policy=policy, seed=2, scale=0.1, **words, **more) for policy, more in ((["toy"], TOY), ([], {}))]
    ours, theirs = (run.city.loc[run.city["quarter"] >= "2006Q2", "tax_cny"].sum() for run in arms)
    assert effects_found.differences["tax_cny"].iloc[3] == ours - theirs


def test_a_placebo_does_nothing_in_any_draw(asked):
    """Vouchers of no value: every difference zero, no variance to share, and nothing to draw."""
    effects_found = asked(**{"policy.toy.demand": 1})
    outcomes = effects_found.effects.dropna(subset="effect")
    assert len(outcomes) > 10 and (
        outcomes[["effect", "low", "high", "luck_low", "luck_high", "parameter_sd", "luck_sd"]] == 0
    ).all(axis=None)
    assert outcomes["parameter_share"].isna().all()
    assert "nothing differs" in effects_found.plot().axes[0].texts[0].get_text()


def test_the_same_again_computes_nothing(asked, monkeypatch):
    first = asked()
    monkeypatch.setattr("sim.runs.arms.simulate", lambda *_: pytest.fail("computed again"))
    pd.testing.assert_frame_equal(asked().effects, first.effects)


def test_the_fit_of_the_draws_is_told(asked, folder_of_draws, tmp_path):
    """fit.json beside the draws: of this model and city, then of another model."""
    (tmp_path / "draws.csv").write_text(DRAWS, "utf-8")
    plain = config.load([f"configs='{small.OWN}'", "city=lakeside", "targets=[]"])
    fit = {
        "date": "2030-01-02",
        "city": "lakeside",
        "targets": [],
        "premises": premises(plain),
        "command": "sim calibrate",
    }
    for digest, stale in ((fit["premises"], False), ("0" * 64, True)):
        (tmp_path / "fit.json").write_text(json.dumps(fit | {"premises": digest}), "utf-8")
        told = uncertainty.fitted(plain, str(tmp_path / "draws.csv"))
        assert told == {"date": "2030-01-02", "city": "lakeside", "targets": [], "stale": stale}
    screen = " ".join(str(asked(file=str(tmp_path / "draws.csv"))).split())
    assert "fitted to lakeside on 2030-01-02" in screen and "`sim calibrate` fits anew" in screen


def test_the_command_leaves_a_folder(asked, folder_of_draws, tmp_path, capsys):
    words = {"configs": f"'{small.OWN}'", "city": "lakeside", "scale": 0.1, "end": "2006Q4", "policy": "[toy]", **TOY}
    words |= {
        "against": "none",
        "draws": 2,
        "runs": 2,
        "workers": 1,
        "file": f"'{folder_of_draws}/draws.csv'",
        "store": f"'{folder_of_draws}/store'",
        "output": f"'{tmp_path}'",
    }
    assert cli.main(["uncertainty", *(f"{key}={value}" for key, value in words.items())]) == 0
    (folder,) = tmp_path.iterdir()
    tables = {"effects.csv", "differences.csv", "draws.csv"}
    assert {path.name for path in folder.iterdir()} == tables | {
        "uncertainty.json",
        "policy.yaml",
        "against.yaml",
        "figures",
        "DONE",
        "screen.txt",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {f"spread.{end}" for end in ("svg", "csv")}
    about = json.loads((folder / "uncertainty.json").read_text("utf-8"))
    assert about["status"] == "done" and about["differing"] == {"toy": "2006Q2"} and about["draws"] == 2
    pd.testing.assert_frame_equal(pd.read_csv(folder / "effects.csv"), asked().effects)
    assert "luck alone" in capsys.readouterr().out


# ---------------------------------------------------------------- the figure


def test_outcomes_share_an_axis_in_standard_deviations():
    """Spreads of 3 and 4 are 5 together; an effect beyond the axis stands at its edge; what is constant is left out."""
    table = pd.DataFrame(
        {
            "outcome": ["a", "b", "c"],
            "title": ["A", "B", "C"],
            "effect": [10.0, -900.0, 2.0],
            "low": [-5.0, -910.0, 2.0],
            "high": [25.0, -890.0, 2.0],
        }
    ).assign(luck_low=[5.0, -901, 2], luck_high=[15.0, -899, 2], parameter_sd=[3.0, 0, 0], luck_sd=[4.0, 5, 0])
    table = table.assign(parameter_share=[0.36, 0, math.nan], draws=3, runs=2)
    data = spread.data({"effects": table})
    assert list(data["outcome"]) == ["a", "b"]
    assert data.loc[0, ["effect", "low", "high", "luck_low", "luck_high"]].tolist() == [2, -1, 5, 1, 3]
    axes = spread.figure(data).axes[0]
    markers = {line.get_marker(): line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1}
    assert markers == {"o": 2, "<": -spread.EDGE}
    assert [text.get_text() for text in axes.texts][:2] == ["36%", "0%"]


# ---------------------------------------------------------------- bad input

REFUSED = {
    "without=[sandbox] file=nowhere.csv": ["file=nowhere.csv: no such file; `sim calibrate` makes it"],
    "configs=own city=lakeside without=[sandbox]": [
        "file=null: lakeside has no reports/posterior.csv; `sim calibrate city=lakeside` makes it"
    ],
    "file=chinese.csv": ["file=chinese.csv: row 2: is not UTF-8"],
    "file=under.csv draws=2": ["under.csv: founding.idea_rate=0.0_1 in draw 1"],
    "file=": ["file=: should be a csv file"],
    "file=empty.csv": ["file=empty.csv: is empty"],
    "file=names.csv": [
        "names.csv: founding.idea_rat: no such parameter; did you mean founding.idea_rate?",
        "names.csv: seed: no such parameter",
    ],
    "file=twice.csv": ["twice.csv: column founding.idea_rate: stands twice"],
    "file=values.csv draws=2": [
        "values.csv: founding.idea_rate=often in draw 2",
        "values.csv: sales.drift=7 in draw 1: should be a number from",
    ],
    "file=short.csv draws=20": ["draws=20: short.csv has only 1"],
    "file=short.csv draws=1 runs=1": [
        "draws=1: should be a whole number from 2",
        "runs=1: should be a whole number from 2",
    ],
    "file=short.csv draws=1.5 runs=few": ["draws=1.5", "runs=few"],
    "draws=100000 runs=100000": ["above 100,000"],
    "workers=0 store=": ["workers=0", "store="],
    "against=history": ["against=history: is the same as policy"],
    "against=[sandbx] threads=2": [
        "against=sandbx: no such policy; did you mean sandbox?",
        "threads=2: these runs have one thread each",
    ],
    "drawz=3": ["drawz: no such key; did you mean draws?"],
}
FILES = {
    "empty.csv": "",
    "names.csv": "founding.idea_rat,seed\n0.01,1\n0.02,2\n",
    "twice.csv": "founding.idea_rate,founding.idea_rate\n0.01,0.01\n0.02,0.02\n",
    "values.csv": "founding.idea_rate,sales.drift\n0.01,7\noften,0\n",
    "under.csv": "founding.idea_rate\n0.0_1\n0.02\n",
    "short.csv": "founding.idea_rate\n0.01\n",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "chinese.csv").write_bytes("founding.idea_rate\n优惠\n".encode("gbk"))
    (tmp_path / "own").symlink_to(small.OWN)
    refused(f"uncertainty {typed}", REFUSED[typed])


def test_python_refuses_too(asked):
    with pytest.raises(ConfigError, match="draws=9: .*draws.csv has only 3"):
        asked(draws=9)
