"""What there is, what is known of it, how much a verb computes, what was asked, and results read back."""

import json
import subprocess
import sys

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.runs import questions
from sim.settings import config as configs
from sim.settings.files import CONFIGS, options, read_yaml
from sim.settings.refusals import ConfigError

REST = f"{small.SPIN_UP}=0"
GRANT = (
    "policy=[sandbox]",
    "policy.sandbox.start=2007Q1",
    "policy.sandbox.sectors=[ai_software]",
    "end=2008Q4",
    "calibrated=false",
    REST,
)
COMPARE = ("compare", *GRANT, "against=none", "runs=5", "workers=1", *small.LAKESIDE)
KINDS = {
    "policies": "guidance_fund",
    "shocks": "slowdown",
    "outcomes": "startup_jobs",
    "parameters": "funding.shade",
    "verbs": "compare",
    "cities": "shanghai",
    "targets": "F01a",
    "columns": "office_rent_cny_m2",
}


@pytest.fixture
def ask(capsys):
    """What a command prints, and its exit code."""

    def asked(*words):
        code = cli.main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return asked


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("verb", [*options("experiment"), *cli.FOLDER_VERBS, *cli.CATALOGUE_VERBS])
def test_help_of_a_verb_is_that_verb(verb, ask):
    code, out, _ = ask(verb, "--help")
    assert code == 0 and out.startswith(f"sim {verb} ") and "\nExample\n  sim " in out
    if verb in options("experiment"):
        keys = [key for key in read_yaml(options("experiment")[verb]) if key != "_target_"]
        assert all(f"\n  {key}=" in out for key in keys)


def test_help_is_short_and_loads_nothing_that_computes(ask):
    assert len(ask("--help")[1].splitlines()) < 80
    code = (
        "import sys; from sim.cli import main; main(['--help']); main(['compare', '--help']); "
        "print([m for m in ('numpy', 'pandas', 'hydra', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_of_no_verb_names_the_nearest(ask):
    code, _, err = ask("comprae", "--help")
    assert code == 2 and "did you mean compare?" in err


# ---------------------------------------------------------------- list and show


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_each_kind_is_listed_and_each_name_shown(kind, name, ask):
    code, out, _ = ask("list", kind)
    assert code == 0 and any(line.split()[0] == name for line in out.splitlines() if line[0] != " ")
    code, out, _ = ask("show", name)
    assert code == 0 and name in out
    assert kind in ask("list")[1]


def test_words_narrow_a_list(ask):
    _, out, _ = ask("list", "parameters", "curse", "winner")
    assert [line.split()[0] for line in out.splitlines()] == ["name", "funding.shade"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "policy"], "did you mean policies?"),
        (["list", "policies", "sandbux"], "did you mean sandbox?"),
        (["show", "guidance_fnd"], "did you mean guidance_fund?"),
        (["show", "funding.shad"], "did you mean funding.shade?"),
        (["show"], "sim show guidance_fund"),
        (["show", "sandbox", "seed=2"], "seed: no such key of show"),
        (["log", "nowhere"], "no such folder"),
        (["list", "policies", "configs=nowhere"], "no such folder"),
    ],
)
def test_what_there_is_not_is_refused(words, said, ask):
    code, out, err = ask(*words)
    assert code == 2 and said in err and not out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("guidance_fund", ["guidance_pace", "capital/guidance.py; docs/model.md 7.10", "yuan at scale 1", "2016Q1"]),
        ("guidance_fund", ["Effects of having it", "commit ", "Public cost, present value"]),
        ("talent_policy_2025", ["Member: talent_homes, start 2025Q1"]),
        ("history", ["In shanghai: sandbox, 2016Q3 to 2023Q4"]),
        ("slowdown", ["macro_demand", "shock.slowdown.<knob>"]),
        ("funding.shade", ["(1 - p) c", "docs/model.md 7.11", "from 0 to 2", "mechanism.funding.shade=..."]),
        ("policy.sandbox.places_per_quarter", ["a knob", "firms per quarter at scale 1"]),
        ("sandbox", ["sandbox, a policy", "sandbox, a mechanism"]),
        ("startup_jobs", ["an outcome of comparisons", "a column of district", "returnee_programme"]),
        ("city.tax_cny", ["a column of city"]),
        ("frontier", ["NSGA-II"]),
    ],
)
def test_what_is_known_of_a_name(name, said):
    text = " ".join(sim.describe(name).text.split())
    assert [words for words in said if words not in text] == []


def test_every_parameter_has_its_equation():
    """Of all mechanisms a sample: the first and the last parameter of each."""
    names = pd.Series(sim.catalogue("parameters")["name"])
    sample = names.groupby(names.str.partition(".")[0]).agg(["first", "last"]).stack()
    assert [name for name in sample if "Equation, docs/model.md" not in sim.describe(name).text] == []


def test_names_of_ones_own_are_listed_and_shown(tmp_path, monkeypatch, ask):
    monkeypatch.syspath_prepend(str(small.OWN))
    assert "toy" in set(sim.catalogue("policies", configs=str(small.OWN))["name"])
    code, out, _ = ask("show", "toy", "lakeside", f"configs={small.OWN}")
    assert code == 0 and "toy, a policy" in out and "lakeside, a city" in out
    assert "No comparison of it is kept" in out


def test_frames_have_what_the_files_say():
    shade = sim.catalogue("parameters").set_index("name").loc["funding.shade"]
    node = read_yaml(CONFIGS / "mechanism" / "funding.yaml")["shade"]
    fitted = read_yaml(CONFIGS / "city" / "shanghai" / "reports" / "calibrated.yaml")["mechanism"]["funding"]["shade"]
    assert (shade["value"], shade["low"], shade["high"], shade["fitted"]) == (
        *(node[key] for key in ("value", "low", "high")),
        fitted,
    )
    known = sim.describe("guidance_fund")
    assert known.knobs.set_index("knob").loc["size", "value"] == 50_000_000_000
    assert {"startup_jobs", "public_cost_cny"} <= set(known.effects["outcome"])
    assert set(sim.catalogue("shocks")["name"]) == set(options("shock"))


def test_an_effect_is_that_of_having_the_policy():
    """The kept comparison leaves the returnee programme out; what is shown is what it does, and what it costs."""
    effects = sim.describe("returnee_programme").effects.set_index("outcome")["effect"]
    assert effects["returnees"] > 0 and effects["public_cost_cny"] > 0


# ---------------------------------------------------------------- how much


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (("compare", *GRANT, "against=none", "runs=5"), "10 runs"),
        (("compare", *GRANT, "against=none", "pilot=3"), "6 runs"),
        (("compare", *GRANT, "against=none", "runs=5", "public_cost=1e8"), "at most 162 runs"),
        (("attribute", "policy=[returnee_programme,talent_visa]", "runs=3", "calibrated=false"), "12 runs"),
        (("robustness", *GRANT, "draws=10", "runs=2"), "40 runs"),
        (("frontier", "policy=[talent_homes]", "public_cost=1e9", "population=4", "generations=2"), "at most 252 runs"),
        (("sweep", "arms={a:history,b:none}", "seeds=1..7"), "14 runs"),
        (("facts", "seeds=4"), "12 runs"),
        (("reference", "seeds=3"), "3 runs"),
    ],
)
def test_a_dry_run_says_how_many_runs_and_runs_none(words, runs, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = small.LAKESIDE if words[0] not in ("facts", "reference") else small.LAKESIDE[:2]
    code, out, _ = ask(*words, *place, "dry_run=true")
    assert code == 0 and out.startswith(f"{runs}, 0 of them kept; ") and "by a rule for" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [(["run", "dry_run=true"], "no such key"), (["twin", *GRANT, "dry_run=true"], "no such key")]
    + [([verb, "dry_run=maybe"], "dry_run=maybe: should be true or false") for verb in ("compare", "sweep", "facts")],
)
def test_a_dry_run_is_refused_where_it_means_nothing(words, said, ask):
    code, _, err = ask(*words)
    assert code == 2 and said in err


# ---------------------------------------------------------------- names of folders


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("with sandbox", "with_sandbox"),
        ("with 人才签证", "with_人才签证"),
        ("../a b:c*?", "a_b_c"),
        ("x" * 300, "x" * questions.LONGEST),
        ("政" * 300, "政" * (questions.MOST_BYTES // 3)),
    ],
)
def test_a_folder_has_a_name_of_the_question(question, words):
    date, _, rest = questions.name(question).partition("-")
    assert len(date) == 8 and date.isdecimal() and rest == words


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ([], "history"),
        (["policy=[]"], "no policy"),
        (["without=[sandbox]"], "history without sandbox"),
        (["policy=[history,coworking]"], "history with coworking"),
        (["policy=[coworking]", "shock=[slowdown]"], "with coworking in slowdown"),
    ],
)
def test_what_a_run_asks(words, question):
    assert questions.of_run(small.config(*small.SHANGHAI, *words)) == question


def test_what_comes_next_is_asked_of_the_same_city():
    assert questions.where(configs.load([]).resolved) == ""
    told = configs.load(["city=shenzhen", "calibrated=false"]).resolved
    assert questions.where(told) == "city=shenzhen calibrated=false "


# ---------------------------------------------------------------- results read back, and what was asked


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def folder(place):
    """A real small comparison."""
    code = cli.main([*COMPARE, f"output='{place / 'runs'}'", f"store='{place / 'store'}'"])
    assert code == 0
    return next(path for path in (place / "runs").iterdir() if (path / "comparison.json").exists())


@pytest.fixture(scope="module")
def computed(folder, place):
    """The same, as Python computes it from the store."""
    keys = dict(word.split("=", 1) for word in (*GRANT[1:4], REST, small.LAKESIDE[1]))
    sectors = {"policy.sandbox.sectors": ["ai_software"], "calibrated": False, "configs": str(small.OWN)}
    return sim.compare(["sandbox"], "none", runs=5, scale=0.1, store=str(place / "store"), **keys | sectors)


def test_what_is_loaded_is_what_was_computed(folder, computed):
    loaded = sim.load(folder)
    assert repr(loaded) == repr(computed) and str(loaded) == str(computed) == (folder / "screen.txt").read_text()[:-1]
    assert loaded.tables.keys() == computed.tables.keys()
    for name, frame in computed.tables.items():
        pd.testing.assert_frame_equal(loaded.tables[name], frame, check_dtype=False, obj=name)


def test_pairs_are_those_of_the_table(folder):
    comparison = sim.load(folder)
    jobs = comparison.pairs["startup_jobs"]
    assert list(jobs.index) == [1, 2, 3, 4, 5] and list(jobs) == ["policy", "against", "difference"]
    assert jobs["difference"].mean() == pytest.approx(comparison.effect("startup_jobs")["difference"])


@pytest.mark.parametrize("by", ["sector", "district", "origin", "stage"])
def test_effects_by_group_sum_to_the_whole(folder, by):
    comparison = sim.load(folder)
    rows = comparison.effect("startup_jobs", by=by)
    assert len(rows) > 1 and rows["difference"].sum() == pytest.approx(
        comparison.effect("startup_jobs")["difference"], abs=1e-6
    )


@pytest.mark.parametrize(
    ("outcome", "by", "said"),
    [
        ("startup_job", None, "did you mean startup_jobs?"),
        ("startup_jobs", "sectors", "did you mean sector?"),
        ("wage_cny", "sector", "is not told by sector"),
    ],
)
def test_an_effect_that_is_not_there_is_refused(folder, outcome, by, said):
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        sim.load(folder).effect(outcome, by=by)


@pytest.mark.parametrize("kind", ["forest", "event_study", "map", "ledger", "incidence"])
def test_figures_are_drawn_of_both(folder, computed, kind):
    for comparison in (sim.load(folder), computed):
        figure = comparison.plot(kind)
        assert figure.axes
        plt.close(figure)
    with pytest.raises(ConfigError, match="did you mean forest"):
        computed.plot("forrest")


def test_the_table_for_a_paper(folder):
    text, table = (folder / "table.tex").read_text("utf-8"), sim.load(folder).table
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert all(line.count(" & ") == 6 or line.startswith(" & & (") for line in rows)
    assert sum(line.split(" & ")[0].split(", ")[0] in set(table["title"]) for line in rows) >= len(table) - 2
    assert "5 paired differences" in text and "seeds 1 to 5" in text and "scale 0.1" in text
    assert text.count("{") == text.count("}")


def test_the_second_time_all_is_kept(folder, place, ask):
    code, out, _ = ask(*COMPARE, f"store='{place / 'store'}'", "dry_run=true")
    assert code == 0 and out == "10 runs, 10 of them kept; nothing is left to compute; nothing was run\n"
    code, out, _ = ask(*COMPARE, "runs=6", f"store='{place / 'store'}'", "dry_run=true")
    assert code == 2  # given twice


def test_log_tells_what_was_asked_and_found(folder, place, ask):
    broken = place / "runs" / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    failed = place / "runs" / "deeper" / "failed"
    failed.mkdir(parents=True)
    (failed / "twin.json").write_text(json.dumps({"title": "lives", "status": "failed", "start": "2026-01-01T00:00"}))
    code, out, _ = ask("log", str(place / "runs"))
    lines = [line for line in out.splitlines() if str(folder) in line]
    assert code == 0 and len(out.splitlines()) == 3 and len(lines) == 1
    row = sim.load(folder).effect("startups_funded_alive")
    assert all(
        words in lines[0] for words in ("compare", "with sandbox", "5 runs", "scale 0.1", row["title"], "[done]")
    )
    assert "cannot be read" in next(line for line in out.splitlines() if str(broken) in line)
    assert "[failed]" in next(line for line in out.splitlines() if str(failed) in line)
    assert folder.name[8:].startswith("-with_sandbox")


@pytest.mark.parametrize(
    ("words", "kind", "tables"),
    [
        (
            ("attribute", "policy=[returnee_programme,talent_visa]", "runs=2"),
            "Attribution",
            {"shares", "interactions", "runs"},
        ),
        (("robustness", *GRANT[:3], "draws=10"), "Robustness", {"worlds", "regret", "conditions", "box", "runs"}),
    ],
)
def test_every_verbs_folder_is_read_back(words, kind, tables, place, monkeypatch, capsys):
    keys = (*small.LAKESIDE, "calibrated=false", REST, "end=2007Q4")
    more = (f"store='{place / 'store'}'", "workers=1")
    assert cli.main([*words, *keys, *more, f"output='{place / kind}'"]) == 0
    (made,) = (place / kind).iterdir()
    loaded = sim.load(made)
    assert type(loaded).__name__ == kind and loaded.tables.keys() == tables
    assert f"{loaded}\n" == (made / "screen.txt").read_text("utf-8")
    if kind == "Attribution":
        plt.close(loaded.plot())


def test_a_life_is_read_back(place):
    keys = ("scale=1", *small.LAKESIDE[:2], "policy=[returnee_programme]", "against=none", *GRANT[3:])
    assert cli.main(["twin", *keys, f"output='{place / 'lives'}'"]) == 0
    (listed,) = (place / "lives").iterdir()
    number = sim.load(listed).founders["founder_id"].iloc[0]
    assert cli.main(["twin", *keys, f"founder={number}", f"output='{place / 'life'}'"]) == 0
    (made,) = (place / "life").iterdir()
    assert f"{sim.load(made)}\n" == (made / "screen.txt").read_text("utf-8")


def test_a_collected_sweep_is_read_back(place, monkeypatch, tmp_path):
    swept = tmp_path / "sweep"
    words = ("arms={a:none}", "seeds=1..2", *small.LAKESIDE, "end=2006Q2", REST, f"folder='{swept}'")
    assert cli.main(["sweep", *words]) == 0
    with pytest.raises(ValueError, match="sim collect"):
        sim.load(swept)
    assert cli.main(["collect", str(swept)]) == 0
    assert list(sim.load(swept).runs["seed"]) == [1, 2] and "city" in dir(sim.load(swept))


def test_what_is_no_folder_of_results_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder of results"):
        sim.load(tmp_path)
    (tmp_path / "comparison.json").write_text("{}")
    (tmp_path / "FAILED").write_text("Traceback\nArithmeticError: no number\n")
    with pytest.raises(ValueError, match="not complete: ArithmeticError: no number"):
        sim.load(tmp_path)
