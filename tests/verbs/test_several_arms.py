"""Several arms against the first: pairs, interactions and doses by hand, and what the command does with them."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import small
from scipy import stats

import sim
from sim import cli
from sim.observables.outcomes import OUTCOMES
from sim.plots import arms as forest
from sim.plots import arms_by_outcome, dose
from sim.plots.style import BLUE, GREY
from sim.settings import arms as arms_read
from sim.settings import config, contrast
from sim.verbs.comparison import several
from sim.verbs.measures import COST

SEEDS = range(1, 7)
JOBS = {  # of made-up runs, by seed
    "base": [100.0, 110, 90, 105, 95, 100],
    "fund": [112.0, 119, 101, 118, 104, 113],
    "slump": [80.0, 91, 69, 84, 76, 81],
    "both": [99.0, 105, 88, 100, 94, 99],
}
COSTS = {"base": 0.0, "fund": 10.0, "slump": 0.0, "both": 10.0}
ABOUT = {
    "arms": {name: [{"key": "policy.x.size", "arm": 1.0, "base": 0.0}] for name in JOBS} | {"base": []},
    "purses": ["x"],
    "interactions": [["both", "fund", "slump"]],
    "first_quarter": "2006Q1",
    "last_quarter": "2006Q4",
    "seed": 1,
    "scale": 1.0,
    "discount_rate": 0.03,
    "runs": len(SEEDS),
    "primary": "startup_jobs",
}


def rows(jobs, costs):
    """runs.csv of made-up runs: all other outcomes are 1."""
    ones = {outcome.name: 1.0 for outcome in OUTCOMES}
    return pd.DataFrame(
        [
            {"arm": arm, "seed": seed, **ones, "startup_jobs": n, COST.name: costs[arm], "fingerprint": f"{arm}{seed}"}
            for arm in jobs
            for seed, n in zip(SEEDS, jobs[arm], strict=True)
        ]
    )


def of_jobs(table, **where):
    found = table[table["outcome"] == "startup_jobs"]
    for column, value in where.items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]


def by_hand(differences):
    """(mean, low, high, p) of paired differences, from SciPy's own test."""
    test = stats.ttest_1samp(differences, 0.0)
    return np.mean(differences), *test.confidence_interval(0.95), test.pvalue


@pytest.fixture(scope="module")
def found():
    return several.assess(rows(JOBS, COSTS), ABOUT)


def test_an_arm_is_held_against_the_first(found):
    row = of_jobs(found.table, arm="fund")
    differences = np.subtract(JOBS["fund"], JOBS["base"])
    assert row[["effect", "low", "high", "p"]].tolist() == pytest.approx(by_hand(differences))
    assert row["level"] == np.mean(JOBS["fund"]) and row["percent"] == pytest.approx(100 * differences.mean() / 100)
    assert row["t"] == pytest.approx(differences.mean() / (differences.std(ddof=1) / 6**0.5)) and row["runs"] == 6
    base = of_jobs(found.table, arm="base")
    assert base["level"] == 100 and base[["effect", "low", "p", "q"]].isna().all()
    assert found.table[found.table["outcome"] == COST.name].set_index("arm")["effect"]["fund"] == 10


def test_every_pair_of_arms_is_tested(found):
    pairs = found.pairwise[found.pairwise["outcome"] == "startup_jobs"]
    assert list(zip(pairs["arm"], pairs["other"], strict=True)) == [(b, a) for a, b in itertools.combinations(JOBS, 2)]
    row = of_jobs(found.pairwise, arm="both", other="slump")
    assert row[["effect", "low", "high", "p"]].tolist() == pytest.approx(
        by_hand(np.subtract(JOBS["both"], JOBS["slump"]))
    )
    assert pairs["q"].tolist() == pytest.approx(stats.false_discovery_control(pairs["p"]).tolist())
    assert found.pairwise.loc[found.pairwise["outcome"] == "exits", ["p", "q"]].isna().all(axis=None)


def test_an_interaction_is_the_difference_in_differences(found):
    row = of_jobs(found.interactions, both="both")
    alone, together = np.subtract(JOBS["fund"], JOBS["base"]), np.subtract(JOBS["both"], JOBS["slump"])
    assert (row["alone"], row["together"]) == (pytest.approx(alone.mean()), pytest.approx(together.mean()))
    assert row[["effect", "low", "high", "p"]].tolist() == pytest.approx(by_hand(together - alone))
    assert row["effect"] == pytest.approx(17.333333 - 11.166667)


def test_the_screen_has_a_column_per_arm(found):
    text = str(found)
    assert "Effects: fund, slump, both, each less base; 6 pairs from seed 1" in text
    lines = text.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("* Jobs in startups, jobs E"))
    assert lines[place].split()[6:] == ["100", "11.2", "-19.8", "-2.5"]
    assert lines[place + 1].strip().startswith("[9.24, 13.1]")
    assert "fund brings 11.2 alone and 17.3 with slump (arm both); difference 6.17 [" in text
    assert "fund less base" in text and max(map(len, text.splitlines())) <= 110


def test_many_arms_find_room_below_one_another():
    jobs = {"base": JOBS["base"]} | {f"arm_with_a_long_name_{i}": JOBS["fund"] for i in range(9)}
    about = ABOUT | {"arms": dict.fromkeys(jobs, ABOUT["arms"]["fund"]) | {"base": []}, "interactions": []}
    lines = str(several.assess(rows(jobs, dict.fromkeys(jobs, 1.0)), about)).splitlines()
    assert max(map(len, lines)) <= 110
    jobs = [place for place, line in enumerate(lines) if line.startswith("* Jobs")]
    assert len(jobs) > 1 and sum(lines[place].split().count("11.2") for place in jobs) == 9
    assert sum(lines[place + 1].count("[9.24, 13.1]") for place in jobs) == 9


def test_arms_without_any_effect_are_told():
    same = several.assess(rows(JOBS | {"fund": JOBS["base"]}, dict.fromkeys(JOBS, 0.0)), ABOUT)
    assert "fund and base ARE ONE AND THE SAME" in str(same) and str(same).count("ONE AND THE SAME") == 1


# ---------------------------------------------------------------- dose


DOSES = {"without": JOBS["base"], "10": JOBS["fund"], "30": [n + 5 for n in JOBS["fund"]]}
DOSED = ABOUT | {
    "arms": {name: [] for name in DOSES},
    "interactions": [],
    "dose": {"knob": "policy.x.size", "unit": "yuan", "values": {"10": 10.0, "30": 30.0}},
}


def test_a_dose_has_marginal_effects_per_yuan():
    cost = {"without": 0.0, "10": 4.0, "30": 14.0}
    result = several.assess(rows(DOSES, cost), DOSED)
    first, second = of_jobs(result.dose, value=10.0), of_jobs(result.dose, value=30.0)
    steps = np.subtract(JOBS["fund"], JOBS["base"])
    assert first[["effect", "low", "high"]].tolist() == pytest.approx(by_hand(steps)[:3])
    assert first[["marginal", "marginal_low", "marginal_high"]].tolist() == pytest.approx(
        [x / 4 for x in by_hand(steps)[:3]]  # where the cost is known exactly Fieller's interval is that of the mean
    )
    assert np.isnan(first["before"]) and (second["before"], second["step"], second["step_cost_cny"]) == (10, 5, 10)
    assert second["marginal"] == 0.5 and np.isnan(second["marginal_low"])  # all pairs are the same
    assert second["effect"] == pytest.approx(first["effect"] + 5)
    assert "Dose of policy.x.size: 10, 30, each less without" in str(result)


def test_every_table_of_a_dose_is_declared():
    result = several.assess(rows(DOSES, dict.fromkeys(DOSES, 3.0)), DOSED)
    assert set(result.columns) == set(result.tables)


def test_what_costs_nothing_has_no_marginal_effect():
    result = several.assess(rows(DOSES, dict.fromkeys(DOSES, 3.0)), DOSED)
    assert result.dose["marginal"].isna().all() and of_jobs(result.dose, value=30.0)["step"] == 5


# ---------------------------------------------------------------- figures


def test_figures_show_what_is_told_from_zero(found):
    jobs = JOBS | {"slump": [n + (-1) ** i for i, n in enumerate(JOBS["base"])]}
    tables = {"arms": several.assess(rows(jobs, COSTS), ABOUT).table, "about": ABOUT}
    axes = forest.figure(forest.data(tables)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["fund", "slump", "both"]
    assert [line.get_color() for line in axes.lines[1:]] == [BLUE, GREY, BLUE]
    assert axes.texts[1].get_text() == "+11.2 [+9.24, +13.1]"
    drawing = arms_by_outcome.figure(arms_by_outcome.data(tables))
    assert sum(bool(axes.get_title(loc="left")) for axes in drawing.axes) == len(OUTCOMES) + 1
    for text in ("scale 1", "6 pairs", "fund: policy.x.size 1", "2006Q1 to 2006Q4"):
        assert text in drawing.get_supxlabel().replace("\n", " ")


def test_the_figure_of_a_dose_is_by_value():
    result = several.assess(rows(DOSES, {"without": 0.0, "10": 4.0, "30": 14.0}), DOSED)
    drawing = dose.figure(dose.data({"dose": result.dose, "about": DOSED}))
    jobs = next(axes for axes in drawing.axes if axes.get_title(loc="left") == "Jobs in startups")
    assert list(jobs.get_xticks()) == [10, 30]
    assert [list(line.get_xdata()) for line in jobs.lines[-2:]] == [[10], [30]]


# ---------------------------------------------------------------- from settings to arms


CITY = (*small.LAKESIDE, "end=2007Q4", "policy=[talent_visa,coworking]", "policy.talent_visa.start=2006Q2")


def differing(one, other):
    return contrast.differing_keys(one.resolved, other.resolved)


@pytest.mark.parametrize(
    ("says", "keys"),
    [
        ({}, []),
        (None, []),
        ("none", ["policy.talent_visa", "policy.coworking"]),
        ({"without": ["coworking"]}, ["policy.coworking"]),
        ({"without": "coworking"}, ["policy.coworking"]),
        ({"policy.talent_visa.added_quarters": 8}, ["policy.talent_visa.added_quarters"]),
        ({"policy": {"talent_visa": {"added_quarters": 8}}}, ["policy.talent_visa.added_quarters"]),
        ({"shock": ["slowdown"], "shock.slowdown.start": "2006Q3"}, ["shock.slowdown"]),
        ({"mechanism.labour.flexibility": 0.0}, ["mechanism.labour.flexibility"]),
        ({"shock": "slowdown", "without": ["coworking"]}, ["policy.coworking", "shock.slowdown"]),
    ],
)
def test_an_arm_differs_from_the_config_in_what_it_says(says, keys):
    base = small.config(*CITY)
    arm = arms_read.read(base, {"arm": says}, several.FIXED)["arm"]
    assert sorted(differing(arm, base)) == sorted(keys)
    assert (arm.seed, arm.scale, arm.start, arm.end) == (base.seed, base.scale, base.start, base.end)


def test_interactions_are_of_arms_that_hold_exactly_two_others():
    base = small.config(*CITY)
    later = {"shock": ["slowdown"], "shock.slowdown.start": "2007Q1"}
    slump = {"shock": ["slowdown"], "shock.slowdown.start": "2006Q3"}
    says = {"base": {}, "slump": slump, "less": {"without": ["coworking"]}}
    says |= {"both": {**slump, "without": ["coworking"]}, "later": {**later, "without": ["coworking"]}}
    read = arms_read.read(base, says, several.FIXED)
    assert several.interactions_of(read) == [["both", "slump", "less"]]


# ---------------------------------------------------------------- the command


QUICK = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2006Q4", "runs": 2}
QUICK |= {small.SPIN_UP: 0, "calibrated": False, "policy": ["talent_visa"], "policy.talent_visa.start": "2006Q2"}
SLUMP = {"shock": ["slowdown"], "shock.slowdown.start": "2006Q3"}
ARMS = {"base": {}, "slump": SLUMP, "none": "none", "both": {**SLUMP, "without": ["talent_visa"]}}


def test_from_python(tmp_path):
    words = QUICK | {"store": str(tmp_path)}
    result = sim.compare(arms=ARMS, **words)
    assert result.about["first_quarter"] == "2006Q2" and result.about["purses"] == ["talent_visa"]
    assert result.about["interactions"] == [["both", "slump", "none"]]
    assert result.about["arms"]["slump"] == [
        {"key": "shock.slowdown", "arm": "in force from 2006Q3", "base": "not there"}
    ]
    assert len(result.runs) == 8 and result.runs["fingerprint"].nunique() == 8
    two = sim.compare(arms={"base": {}, "slump": SLUMP}, primary="wage_cny", **words)
    effects = result.table[result.table["arm"] == "slump"].set_index("outcome")["effect"]
    stocks = [outcome.name for outcome in OUTCOMES if outcome.over != several.WINDOW]
    table = two.table.set_index("outcome")
    assert effects[stocks].to_numpy() == pytest.approx(table.loc[stocks, "difference"].to_numpy())
    assert effects["wage_cny"] < 0 and two.about["first_quarter"] == "2006Q3" and len(two.ledger)
    assert str(two).startswith("Effect: slump against base; 2 pairs")
    assert len(list(tmp_path.glob("*.zip"))) == 8  # the second is of runs that the first has kept


def typed(folder, *words):
    city = [f"configs='{small.OWN}'", "city=lakeside", "scale=0.1", "end=2006Q4", "runs=2", "workers=1"]
    city += [f"{small.SPIN_UP}=0", "calibrated=false", f"store='{folder}/store'", f"output='{folder}/out'"]
    return ["compare", *city, "policy=[returnee_programme]", "policy.returnee_programme.start=2006Q2", *words]


def test_the_command_leaves_a_folder(tmp_path, capsys):
    slump = "slump:{shock:[slowdown],shock.slowdown.start:2006Q3}"
    assert cli.main(typed(tmp_path, f"arms={{base:{{}},none:none,{slump}}}", "primary=wage_cny")) == 0
    (folder,) = (tmp_path / "out").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        *("arms.csv", "pairwise.csv", "interactions.csv", "runs.csv", "by_group.csv", "codebook.csv", "arms.json"),
        "screen.txt",
        *("base.yaml", "none.yaml", "slump.yaml", "figures", "DONE"),
    }
    assert {path.stem for path in (folder / "figures").iterdir()} == {"arms", "arms_by_outcome"}
    assert config.load_file(folder / "slump.yaml").shocks[0].name == "slowdown"
    assert (folder / "screen.txt").read_text("utf-8") in capsys.readouterr().out


def test_a_dose_from_the_command_line(tmp_path):
    knob = ["knob=policy.returnee_programme.arrival_grant", "values=[300000,100000]"]
    assert cli.main(typed(tmp_path, *knob)) == 0
    (folder,) = (tmp_path / "out").iterdir()
    table = pd.read_csv(folder / "dose.csv")
    assert sorted(set(table["value"])) == [100000, 300000]
    spent = table[table["outcome"] == "net_spending_cny"].set_index("value")
    assert 0 < spent.loc[100000, "effect"] < spent.loc[300000, "effect"]
    assert (folder / "figures" / "dose.svg").exists() and (folder / "without.yaml").exists()
    about = json.loads((folder / "arms.json").read_text("utf-8"))
    assert about["dose"]["values"] == {"100000": 100000, "300000": 300000} and about["dose"]["unit"]


REFUSED = {  # words after `compare` -> what is said
    "arms={base:history}": ["arms.base: stands alone; at least 2 arms are needed"],
    "arms=3": ["arms=3: should be {name:[policies]}"],
    "arms={a:history,b:history}": ["arms.b: is the same as arms.a, so nothing can differ"],
    "arms={a:history,b:{},c:none}": ["arms.b: is the same as arms.a"],
    "arms={a:history,b:none} against=none": ["against=none: is of two arms, policy and against; leave it out here"],
    "arms={a:history,b:none} public_cost=1e9 pilot=4": [
        "public_cost=1000000000.0: is of two arms",
        "pilot=4: is of two",
    ],
    "arms={a:history,b:[sandbx]}": ["arms.b: sandbx: no such policy; did you mean sandbox?"],
    "arms={a:history,b:{without:[sandbx]}}": ["arms.b.without: sandbx: no such policy; did you mean sandbox?"],
    "arms={a:history,b:{without:3}}": ["arms.b.without: 3: should be a list of policies"],
    "arms={a:history,b:{without:[coworking]}}": ["arms.b: without=coworking: is not among the policies chosen"],
    "arms={a:history,b:{shock:[slwdown]}}": ["arms.b: slwdown: no such shock; did you mean slowdown?"],
    "arms={a:history,b:{shock:[slowdown,slowdown]}}": ["arms.b: slowdown: stands twice"],
    "arms={a:history,b:{polcy:[sandbox]}}": ["arms.b: polcy: no such key; did you mean policy?"],
    "arms={a:history,b:{policy.guidance_fund.siz:1}}": ["arms.b: policy.guidance_fund.siz: no such key"],
    "arms={a:history,b:{policy.guidance_fund.size:-1}}": ["arms.b: policy.guidance_fund.size=-1: should be"],
    "arms={a:history,b:{scale:0.5,seed:3},c:{end:2010Q1}}": [
        *("arms.b.scale: cannot be set for an arm", "arms.b.seed: cannot", "arms.c.end: cannot")
    ],
    "arms={a:history,b:{without:[sandbox]}} end=2012Q1": [
        "arms.b: what differs from a starts after the end, 2012Q1: sandbox 2016Q3"
    ],
    "arms={a:history,b:none,c:[sandbox]} wtp=0.5": ["wtp=0.5: is of the public purse, which two arms have"],
    "arms={a:history,A:none}": ["arms.A: another arm differs in capitals only"],
    "arms={a.b:history,b:none}": ["arms.a.b: should be named by letters"],
    "values=[1,2]": ["knob=null: should be a knob of a policy such as policy.guidance_fund.size"],
    "knob=policy.guidance_fund.size": ["values=null: should be a list of numbers"],
    "knob=policy.guidance_fund.size values=[]": ["values=[]: should be a list of numbers"],
    "knob=policy.guidance_fund.size values=[a]": ["values=[a]: should be a list of numbers"],
    "knob=policy.guidance_fund.size values=[1e9,1e9]": ["values=1000000000.0: stands twice"],
    "knob=policy.guidance_fund.size values=[-1,1e9]": ["values: policy.guidance_fund.size=-1: should be"],
    "knob=policy.guidance_fund.siz values=[1e9]": ["policy.guidance_fund.siz: no such key; did you mean"],
    "knob=policy.guidance_fond.size values=[1e9]": ["guidance_fond is not among the policies chosen; did you mean"],
    "knob=mechanism.labour.flexibility values=[0]": ["should be a knob of a policy", "arms={...}"],
    "knob=policy.sandbox.budget values=[1e8] end=2012Q1": ["knob=policy.sandbox.budget: what differs from without"],
    "arms={a:history,b:none} knob=policy.sandbox.budget values=[1]": ["knob=policy.sandbox.budget: makes arms of its"],
    "arms={a:history,b:none} runs=1 scale=2": ["runs=1: should be", "scale=2"],
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words, refused):
    refused(f"compare {words}", REFUSED[words])
