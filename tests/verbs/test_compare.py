"""Comparisons of the small made-up city: what must be exactly so, and what a known policy must show."""

import json
import os

import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.model.ecosystem import Ecosystem
from sim.runs import arms, processes
from sim.settings import config
from sim.verbs import compare

SHORT = {"end": "2006Q2", "policy.toy.start": "2006Q2"}
LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1}


@pytest.fixture(scope="module")
def store_folder(tmp_path_factory):
    """A folder whose store the tests of this file share."""
    return tmp_path_factory.mktemp("comparisons")


@pytest.fixture
def compared(store_folder, monkeypatch):
    """`sim.compare` of the small city, with the toy policy to be found."""
    monkeypatch.syspath_prepend(small.OWN)
    return lambda **words: sim.compare(
        **{
            "policy": ["toy"],
            "against": "none",
            "runs": 4,
            "store": str(store_folder / "store"),
            "end": "2012Q4",
            **LAKESIDE,
            **words,
        }
    )


def differences(comparison):
    """All numbers of a comparison that are differences; a quarter without deals has no share of them."""
    columns = ["difference", "difference_low", "difference_high"]
    return pd.concat(
        [comparison.table[columns].stack(), comparison.event_study[["difference", "low", "high"]].stack()]
    ).dropna()


def test_identical_arms_differ_by_nothing(compared, store_folder):
    comparison = compared()
    assert (comparison.incidence.first_cny == 0).all()
    run = small.config(*small.LAKESIDE, "end=2012Q4", "policy=[]")
    same = arms.run([arms.with_seed(run, seed) for seed in (1, 2)], store_folder / "store", 1)
    none = compare.assess(same, same, comparison.about | {"differing": {}})
    assert (differences(none) == 0).all()
    assert (none.public_purse.value.dropna() == 0).all()
    assert none.table.runs_independent.isna().all()


def test_a_placebo_does_nothing(compared):
    """Vouchers of no value are a policy in force that moves its lever to where it stood."""
    comparison = compared(**{"policy.toy.demand": 1})
    assert comparison.about["differing"] == {"toy": "2012Q1"}
    assert (differences(comparison) == 0).all()


def test_before_the_start_nothing_differs(compared):
    """The arms have the same people with the same luck; what was not announced cannot be anticipated."""
    study = compared(**{"policy.toy.demand": 10}).event_study
    before = study[study.relative < 0]
    assert before.relative.min() == -24 and set(study.runs) <= set(range(5))
    assert (before[["difference", "low", "high"]].fillna(0) == 0).all(axis=None)
    after = study[(study.relative >= 0) & (study.outcome == "tax_cny")]
    assert (after.difference != 0).any()


def test_vouchers_raise_tax_and_pairing_shows_it(compared):
    """In their first quarter the same startups sell more and nothing else has had time to differ, so luck cancels."""
    comparison = compared(end="2012Q1", runs=6, **{"policy.toy.demand": 10, "policy.toy.sectors": "all"})
    tax = comparison.table.set_index("outcome").loc["tax_cny"]
    assert tax.difference > 0
    assert tax.difference_low < tax.difference < tax.difference_high
    assert tax.runs_independent > tax.runs
    assert comparison.table.set_index("outcome").loc["startups_founded"].difference == 0


def test_a_grant_costs_what_was_granted(compared):
    """30,000 yuan for everybody who returns and no offices abroad, from a purse that does not run dry: spending is told
    to the yuan.
    """
    grant = {
        "arrival_grant": 30_000,
        "seed_grant": 0,
        "appeal": 0,
        "offices_cost": 0,
        "budget": 1e11,
        "administration": 0,
        "start": "2010Q1",
    }
    comparison = compared(
        policy=["returnee_programme"], **{f"policy.returnee_programme.{key}": value for key, value in grant.items()}
    )
    ours = comparison.runs[comparison.runs.arm == "policy"]
    assert (ours.returnees > 0).all()
    assert ours.net_spending_cny.to_numpy() == pytest.approx(30_000 * ours.returnees.to_numpy())
    spending = comparison.table.set_index("outcome").loc["net_spending_cny"]
    assert 0 < spending.difference == pytest.approx(30_000 * ours.returnees.mean())
    purse = comparison.public_purse.set_index("quantity").value
    assert 0.9 * spending.difference < purse["cost"] < spending.difference  # discounted over three years
    assert purse["net_cost"] == pytest.approx(purse["cost"] - purse["tax"])


def test_only_what_is_missing_is_computed(compared, monkeypatch, tmp_path):
    done = []
    simulate = arms.simulate
    monkeypatch.setattr(arms, "simulate", lambda runs: (simulate(runs), done.extend(config.seed for config, _ in runs)))
    words = {"store": str(tmp_path), **SHORT}
    compared(**words, runs=2)
    assert done == [1, 1, 2, 2]
    first = compared(**words, runs=3)
    assert done[4:] == [3, 3]
    again = compared(**words, runs=3)
    assert len(done) == 6
    pd.testing.assert_frame_equal(first.runs, again.runs)
    compared(**words, runs=2, against=["talent_visa"])
    assert done[6:] == [1, 2]  # one arm is the same


def test_processes_change_nothing(compared, tmp_path):
    one = compared(runs=2, **SHORT, store=str(tmp_path / "one"))
    two = compared(runs=2, **SHORT, store=str(tmp_path / "two"), workers=2)
    pd.testing.assert_frame_equal(one.runs, two.runs)


# ---------------------------------------------------------------- the command


TABLES = {
    *("comparison", "public_purse", "ledger", "incidence", "heterogeneity", "district_effects", "by_group"),
    *("admission", "event_study", "anticipation", "runs", "districts"),
}


def test_arms_that_are_one_and_the_same_are_told(compared):
    with pytest.warns(UserWarning, match=r"policy\.toy: moves no lever"):
        nothing = compared(**{"policy.toy.demand": 1, "policy.toy.start": "2006Q2"}, runs=2, end="2006Q4")
    assert "BOTH ARMS ARE ONE AND THE SAME" in str(nothing)
    assert "ONE AND THE SAME" not in str(compared(runs=2, **{"policy.toy.start": "2006Q2"}, end="2007Q4"))


def words(parent, **more):
    settings = {
        "configs": f"'{small.OWN}'",
        "city": "lakeside",
        "scale": 0.1,
        "end": "2007Q2",
        "policy": "[sandbox]",
        "against": "none",
    }
    settings |= {"policy.sandbox.start": "2006Q3", "policy.sandbox.sectors": "all"}
    settings |= {"runs": 2, "workers": 1, "store": f"'{parent}/store'", "output": f"'{parent}/folders'", **more}
    return ["compare", *(f"{key}={value}" for key, value in settings.items())]


def test_the_command_leaves_a_folder(tmp_path, capsys):
    assert cli.main(words(tmp_path)) == 0
    (folder,) = (tmp_path / "folders").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        *(f"{name}.csv" for name in TABLES),
        *(
            "comparison.json",
            "policy.yaml",
            "against.yaml",
            "codebook.csv",
            "screen.txt",
            "table.tex",
            "figures",
            "DONE",
        ),
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{name}.{ending}"
        for name in ("forest", "groups", "event_study", "ledger", "incidence", "flows", "change_map")
        for ending in ("svg", "csv")
    }
    about = json.loads((folder / "comparison.json").read_text("utf-8"))
    assert (about["status"], about["policy"], about["against"], about["first_quarter"]) == (
        "done",
        ["sandbox"],
        [],
        "2006Q3",
    )
    runs = pd.read_csv(folder / "runs.csv")
    assert list(runs.seed) == [1, 2, 1, 2] and runs.fingerprint.nunique() == 4
    assert {config.load_file(folder / name).experiment["_target_"] for name in ("policy.yaml", "against.yaml")} == {
        "sim.runs.records.run_to_folder"
    }
    *printed, place = capsys.readouterr().out.splitlines()
    assert place == f"in {folder}"
    assert len(printed) <= 90 and max(map(len, printed)) <= 110
    for line in (
        "Effect of having it: with sandbox against no policy; 2 pairs from seed 1",
        "S: summed over 2006Q3 to 2007Q2; E: at the end",
        "Heavy tails",
        "MVPF",
        "Additionality ledger",
        "Placebo: before 2006Q3 no outcome differs",
    ):
        assert line in "\n".join(printed)


def test_the_keys_may_be_given_in_full(tmp_path):
    given = [
        f"experiment.{word}" if word.partition("=")[0] in ("runs", "against") else word for word in words(tmp_path)[1:]
    ]
    assert (
        config.load(["experiment=compare", *given]).resolved
        == config.load(["experiment=compare", *words(tmp_path)[1:]]).resolved
    )


def test_a_pilot_only_says_what_could_be_found(tmp_path, capsys):
    assert cli.main(words(tmp_path, pilot=2, runs=40)) == 0
    printed = capsys.readouterr().out
    assert "smallest effect that 40 pairs would detect" in printed and "difference" not in printed
    assert not (tmp_path / "folders").exists()
    assert len(list((tmp_path / "store").iterdir())) == 4


def test_a_pilot_is_no_comparison(compared):
    with pytest.raises(config.ConfigError, match="pilot: compares nothing"):
        compared(pilot=2)


def test_interruption_keeps_what_is_done(tmp_path, monkeypatch):
    """Six quarters a run; of the second pair the other arm, which goes on from the third quarter, is under way when
    the command is interrupted.
    """
    steps = []
    step = Ecosystem.step

    def interrupted(model):
        steps.append(model.quarter)
        if len(steps) == 20:
            raise KeyboardInterrupt
        step(model)

    monkeypatch.setattr(Ecosystem, "step", interrupted)
    assert cli.main(words(tmp_path)) == 130
    (folder,) = (tmp_path / "folders").iterdir()
    assert "interrupted" in (folder / "FAILED").read_text("utf-8") and not (folder / "DONE").exists()
    assert len(list((tmp_path / "store").iterdir())) == 3
    assert cli.main(words(tmp_path)) == 0
    assert len(steps) == 20 + 6


def killed(task):
    os._exit(1)


def test_a_killed_process_is_told(capfd, tmp_path, monkeypatch):
    """As when memory runs out: one line, exit code 1, and a folder that does not say DONE."""
    with pytest.raises(processes.Killed, match="too little memory"), processes.pool(1) as pool:
        pool.submit(killed, None).result()
    monkeypatch.setattr(arms, "simulate", killed)
    monkeypatch.setattr(arms, "announce_compilation", lambda silent: False)
    assert cli.main([word.replace("workers=1", "workers=2") for word in words(tmp_path)]) == 1
    told = capfd.readouterr().err
    assert "sim: a process was killed" in told and "Traceback" not in told
    (folder,) = (tmp_path / "folders").iterdir()
    assert (folder / "FAILED").exists() and not (folder / "DONE").exists()


def test_a_run_that_fails_is_named(tmp_path, monkeypatch, capsys):
    def broken(self):
        raise ArithmeticError("books")

    monkeypatch.setattr(Ecosystem, "step", broken)
    monkeypatch.setenv("SIM_TRACEBACK", "1")
    assert cli.main(words(tmp_path)) == 1
    assert "seed 1 and the policies: sandbox" in capsys.readouterr().err
    (folder,) = (tmp_path / "folders").iterdir()
    assert (folder / "FAILED").exists() and not any((tmp_path / "store").glob("*"))


REFUSED = {  # words after `compare` -> what is said
    "": ["against=history: is the same as policy"],
    "shock=[slowdown] shock.slowdown.start=2007Q1": ["struck:{shock:[slowdown],shock.slowdown.start:2007Q1}"],
    "policy=[sandbox] against=[sandbox]": ["against=[sandbox]: is the same as policy"],
    "policy=[] against=none": ["against=none: is the same as policy"],
    "policy=[sandbox,talent_visa] against=[talent_visa,sandbox]": ["is the same as policy"],
    "against=sandbx": ["against=sandbx: no such policy; did you mean sandbox?"],
    "against=3": ["against=3: should be history, none, or a list"],
    "against=": ["against=: should be history, none, or a list"],
    "against=[sandbox,sandbox]": ["against=sandbox: stands twice"],
    "against=[failure_compensation,failure_compensation_two_tier]": [
        "against=[failure_compensation,failure_compensation_two_tier]: policy=[",
        "both are FailureCompensation",
    ],
    "policy=[sandbox,sandbox_2] policy.sandbox_2.start=2020Q1 against=none": [  # as in history they follow each other
        "policy=[sandbox,sandbox_2]: both are Sandbox"
    ],
    "policy=[sandbox,sandbox_2] against=none end=2012Q4": ["policy=[sandbox,sandbox_2]: both are Sandbox"],
    "without=[sandbox] end=2012Q1": ["what differs starts after the end, 2012Q1: sandbox 2016Q3"],
    "against=none runs=1": ["runs=1: should be a whole number from 2"],
    "against=none runs=2.5": ["runs=2.5: should be a whole number"],
    "against=none workers=0": ["workers=0: should be a whole number from 1"],
    "against=none pilot=1": ["pilot=1: should be a whole number from 2"],
    "against=none store=": ["store=: should be a folder"],
    "against=none public_cost=-5": ["public_cost=-5: should be yuan from 1 to 1e+13, or null"],
    "against=none public_cost=much": ["public_cost=much: should be yuan from 1 to 1e+13, or null"],
    "against=none public_cost=true": ["public_cost=true: should be yuan"],
    "policy=[data_zone] against=none public_cost=1e9": ["public_cost=1e+09: data_zone (policy): no purse"],
    "policy=[coworking] against=[data_zone] public_cost=1e9": ["data_zone (against): no purse"],
    "against=none seed=9223372036854775807": ["the last seed would be above"],
    "against=none threads=2": ["threads=2: these runs have one thread each"],
    "against=none checkpoint_quarters=4": ["no checkpoints are written"],
    "against=none runz=3": ["runz: no such key; did you mean runs?"],
    "against=none runs=3 experiment.runs=4": ["experiment.runs: given twice, as 3 and as 4"],
    "against=none policy.sandbox.start=2020Q1 policy.sandbox.end=2019Q1": [
        "policy.sandbox.end=2019Q1: is before its start"
    ],
    "sed=3 scale=2 runs=1 workers=0 against=[sandbx,guidance_fond] policy=[talent_vsa]": [
        *(
            "sed: no such key",
            "scale=2",
            "runs=1",
            "workers=0",
            "against=sandbx",
            "against=guidance_fond",
            "policy=talent_vsa",
        ),
    ],
}


@pytest.mark.parametrize("typed", REFUSED)
def test_refused(typed, refused):
    message = refused(f"compare {typed}", REFUSED[typed])
    assert message.count("scale=2") <= 1  # what is wrong with both arms is said once
