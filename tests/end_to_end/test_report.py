"""`sim report`: what stands on the pages is what stands in the tables, in both languages, and nothing else is asked."""

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import small

import sim
from sim import cli
from sim.observables.outcomes import OUTCOMES
from sim.observables.written import read_csv, to_csv
from sim.report.words import LANGUAGES, Words
from sim.runs import folders
from sim.settings import config as configs
from sim.settings.files import options, read_yaml, to_yaml
from sim.verbs.comparison import incidence, ledger, takers
from sim.verbs.comparison.columns import COLUMNS

ROOT = Path(__file__).parents[2]
CITY = (*small.LAKESIDE, "calibrated=false", f"{small.SPIN_UP}=0", "end=2008Q4", "targets=[lakeside]")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A comparison of a made-up city, and one of its runs, in folders."""
    folder = tmp_path_factory.mktemp("made")
    words = (*CITY, "policy=[returnee_programme]", f"output={folder}")
    assert cli.main(["compare", *words, "against=none", "runs=5", f"store={folder / 'store'}"]) == 0
    (comparison,) = folder.glob("2*")
    comparison.rename(folder / "comparison")
    assert cli.main(["run", *words]) == 0
    (run,) = folder.glob("2*")
    run.rename(folder / "run")
    return folder


@pytest.fixture
def kept(made, tmp_path):
    """A copy of both folders, to be written to."""
    for name in ("comparison", "run"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def written(folder, language="en"):
    """(the page as text, its elements) of a report that is made now."""
    out = folder.parent / "out"
    assert cli.main(["report", str(folder), f"language={language}", f"output={out}"]) == 0
    text = (out / f"report_{language}.html").read_text("utf-8")
    return text, ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))


def changed(folder, table, where, **values):
    """Other values in the rows of a table of a comparison for which the columns are as in `where`."""
    path = folder / f"{table}.csv"
    rows = read_csv(path, COLUMNS[table])
    chosen = pd.Series(True, rows.index)
    for column, value in where.items():
        chosen &= rows[column] == value
    assert chosen.any()
    for column, value in values.items():
        rows.loc[chosen, column] = value
    to_csv(rows, path, COLUMNS[table])


def headline(page):
    return page.find(".//h1").text


def jobs(folder, low, value, high, level=100_000.0):
    """The comparison with this effect on jobs, and with costs that are told."""
    ends = {"difference_low": low, "difference": value, "difference_high": high}
    more = {"against": level, "percent": 100 * value / level, "runs": 20, "detectable": 1_870.0, "q": 0.5}
    changed(folder, "comparison", {"outcome": "startup_jobs"}, **ends, **more)
    changed(folder, "ledger", {"block": "additionality"}, value=float("nan"), low=float("nan"), high=float("nan"))
    changed(folder, "ledger", {"quantity": "cost of one more job"}, value=474_000.0, low=417_000.0, high=541_000.0)
    changed(folder, "comparison", {"outcome": "wage_cny"}, against=40_000.0)
    purse(folder, 2.957e9, 0.85e9)


def purse(folder, cost, net):
    for quantity, value in {"cost": cost, "net_cost": net}.items():
        changed(folder, "public_purse", {"quantity": quantity}, value=value, low=value - 1e8, high=value + 1e8)


# ---------------------------------------------------------------- the verdict and its numbers


SAID = [  # low, effect, high; what the headline says in English and in Chinese
    ((5436.0, 6288.0, 7139.0), "raises jobs in startups by 6,300, 6.3% of the level without", "增加6,300个"),
    ((-7139.0, -6288.0, -5436.0), "lowers jobs in startups by 6,300, 6.3% of the level without", "减少6,300个"),
    ((-2600.0, 670.0, 3900.0), "nothing that 20 pairs can show", "变化在−2,600个至+3,900个之间"),
    ((-320.0, 67.0, 410.0), "no more than 410 either way: practically nothing", "至多410个，可以说没有作用"),
]


@pytest.mark.parametrize(("effect", "english", "chinese"), SAID)
def test_the_verdict_follows_from_the_interval(kept, effect, english, chinese):
    jobs(kept / "comparison", *effect)
    assert english in headline(written(kept / "comparison")[1])
    assert chinese in headline(written(kept / "comparison", "zh")[1])


def test_numbers_are_those_of_the_tables(kept):
    jobs(kept / "comparison", 5436.0, 6288.0, 7139.0)
    text, page = written(kept / "comparison")
    facts = ["".join(cell.itertext()) for cell in page.findall(".//div[@class='facts']/div")]
    assert facts[0] == "Jobs in startups+6,2885,436 to 7,139"
    assert facts[1].startswith("Cost to the treasury, discounted2.957 bn yuan") and "850 m yuan (750" in facts[1]
    assert facts[2] == "Cost of one more job474,000 yuan417,000 to 541,000 yuan"
    assert "One more job costs the treasury 470,000 yuan" in headline(page)
    assert "20 pairs show a change in jobs in startups of 1,900 or more" in text


@pytest.mark.parametrize(("each", "net", "said"), [(7e5, 1e9, "but dearly"), (1e5, -2e9, "More comes back in tax")])
def test_the_price_is_said_in_yearly_wages_or_as_a_gain(kept, each, net, said):
    jobs(kept / "comparison", 5436.0, 6288.0, 7139.0)
    changed(kept / "comparison", "ledger", {"quantity": "cost of one more job"}, value=each)
    purse(kept / "comparison", 2e9, net)
    assert said in headline(written(kept / "comparison")[1])


def test_a_district_is_coloured_only_where_it_is_told(kept):
    """Not told: hatched and without a number."""
    there = {"quantity": "startup_jobs"}
    changed(kept / "comparison", "district_effects", there, low=-9.0, difference=1.0, high=9.0, percent=77.7)
    harbour = {**there, "district": "HA"}
    changed(kept / "comparison", "district_effects", harbour, low=3.0, difference=5.0, high=9.0, percent=12.3)
    text, page = written(kept / "comparison")
    tiles = [one for one in page.iter("rect") if one.get("rx") == "3" and float(one.get("width")) > 50]
    assert sorted(one.get("fill").startswith("url") for one in tiles) == [False, True, True, True]
    assert "+12.3%" in text and "+77.7%" not in text


def test_figures_keep_within_their_frames(made):
    for name in ("comparison", "run"):
        for figure in written(made / name)[1].iter("svg"):
            _, _, wide, high = map(float, figure.get("viewBox").split())
            places = [(float(one.get("x")), float(one.get("y"))) for one in figure.iter("text")]
            assert places and all(0 <= x <= wide and 0 <= y <= high for x, y in places)


# ---------------------------------------------------------------- both languages, one file


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["comparison", "run"])
def test_a_page_stands_alone(made, name, language):
    text, page = written(made / name, language)
    assert page.get("lang") == LANGUAGES[language] and len(text) < 1_000_000
    assert not re.search(r"https?:|src=|@import|url\((?!#)|<script|<link", text)
    assert len(page.findall(".//article")) == 3
    identities = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(identities) == len(set(identities))
    about = json.loads((made / name / f"{name}.json").read_text("utf-8"))
    assert " ".join(about["command"].split()) in " ".join("".join(page.itertext()).split())
    for ending in ("md", "tex"):
        assert (made / "out" / f"tables_{language}.{ending}").stat().st_size > 1000


def test_a_chinese_page_has_no_english(made):
    """But commands, files, settings, and names that the user gave."""
    _, page = written(made / "comparison", "zh")
    shown = [one for one in page.iter() if one.tag not in ("code", "style", "title")]
    texts = [text for one in shown for text in (one.text, one.tail if one.tag != "code" else None) if text]
    given = (
        r"Lakeside \(made up\)|Old Town|Harbour|Mill Park|Hillside|\S+\.(csv|md|yaml)|policy\.\w+|sim \w+|assumption"
    )
    given += r"|python|platform|Linux\S*|silicon-bund|numpy|numba|mesa|pandas|pyarrow|[0-9a-f]{7,64}|comparison"
    left = {text: re.sub(given, "", text) for text in texts}
    assert [text for text, rest in left.items() if re.search("[A-Za-z]{2,}", rest)] == []
    assert "母语读者" in "".join(page.itertext())


def test_every_name_has_words_in_both_languages():
    table = Words("en").table
    assert list(table["outcomes"]) == [outcome.name for outcome in OUTCOMES]
    assert [one.unit for one in OUTCOMES] == [entry["unit"] for entry in table["outcomes"].values()]
    assert set(table["classes"]) == set(incidence.CLASSES)
    assert set(options("policy")) - {"history"} == set(table["policies"])
    city = configs.load(["scale=0.01"]).city
    assert set(city.sectors) <= set(table["startups"]) and set(city.district_names) <= set(table["districts"])
    entries = [
        entry for section in table.values() for entry in (section if isinstance(section, list) else section.values())
    ]
    assert len(entries) > 400
    for entry in entries:
        assert {"en", "zh"} <= set(entry)
        english, chinese = (set(re.findall(r"\{\w+\}", entry[language])) for language in ("en", "zh"))
        assert chinese <= english
    for one in (*table["outcomes"].values(), *table["classes"].values(), *table["glossary"].values()):
        assert one["means"]["en"] and one["means"]["zh"]


KINDS = (
    *("arrivals: returnee", "arrivals: foreign", "arrivals: local, returnee, foreign", "stakes compensated"),
    *("tenants of subsidised homes", "startups with a claim to a seed grant", "startups on a subsidised desk"),
    *("startups with money of the government's own fund", "startups admitted", "funds with guidance money"),
)


def test_every_text_of_the_ledger_has_its_chinese():
    deeds = (takers.COME, takers.FOUNDED, takers.BOUGHT, takers.CLOSE, takers.RAISE)
    texts = [f"takers: {kind}" for kind in KINDS] + [f"headline leverage: all other money of {kind}" for kind in KINDS]
    for deed in deeds:
        texts += [f"{deed}, with it", f"their twins {deed}, without it"]
        texts.append(f"takers who {deed} cannot be told from zero: 0.5 [-0.0748, 1.07]")
    for one, several in ledger.COUNTED.values():
        texts += [f"cost of one more {one}", f"extra {several}: none"]
        texts.append(f"cost and number move apart: -3 [-1,081, 15] {several}")
    texts += [ledger.ADDITIONAL, ledger.PLACEBO, ledger.DEADWEIGHT, "jobs in startups: in HA, OT"]
    words = Words("zh", {"HA": "黄浦", "OT": "徐汇"})
    assert {text: said for text in texts if re.search("[A-Za-z]{2,}|[{}]", said := words.phrase(text))} == {}
    assert words.phrase("jobs in startups: in HA, OT") == "创业企业岗位：黄浦、徐汇"
    assert words.phrase(texts[texts.index("extra jobs: none")]) == "岗位增量：无"


def test_names_that_others_gave_are_text(kept):
    districts = (kept / "comparison" / "districts.csv").read_text("utf-8")
    (kept / "comparison" / "districts.csv").write_text(districts.replace("Harbour", "<b>&H"), "utf-8")
    assert "&lt;b&gt;&amp;H" in written(kept / "comparison")[0]
    assert "&lt;b>&H" in (kept / "out" / "tables_en.md").read_text("utf-8")
    assert r"$<$b$>$\&H" in (kept / "out" / "tables_en.tex").read_text("utf-8")


# ---------------------------------------------------------------- folders


def test_a_report_leaves_the_folder_as_it_was(kept, capsys):
    before = {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    assert cli.main(["report", str(kept / "run")]) == 0
    assert {path: path.read_bytes() for path in before} == before
    assert capsys.readouterr().out.strip() == str(kept / "run-report" / "report_en.html")
    assert sorted(path.name for path in (kept / "run-report").iterdir()) == [
        "report_en.html",
        "tables_en.md",
        "tables_en.tex",
    ]
    assert folders.unlike(kept / "run") == []


def test_a_report_runs_no_code(kept, monkeypatch):
    """Of the package neither: no config of the folder is loaded."""
    monkeypatch.setattr(configs, "load_file", None)
    monkeypatch.setattr(sim, "compare", None)
    path = kept / "comparison" / "policy.yaml"
    path.write_text(to_yaml(read_yaml(path) | {"configs": str(kept / "evil")}), "utf-8")
    written(kept / "comparison")


def broken(folder, how):
    if how == "no table":
        (folder / "ledger.csv").unlink()
    elif how == "no column":
        to_csv(read_csv(folder / "comparison.csv").drop(columns="q"), folder / "comparison.csv")
    elif how == "no json":
        (folder / "comparison.json").write_text("{", "utf-8")
    elif how == "no key":
        (folder / "comparison.json").write_text("{}", "utf-8")
    elif how == "at work":
        (folder / "DONE").unlink()
    elif how == "text for a number":
        path = folder / "event_study.csv"
        path.write_text(path.read_text("utf-8").replace(",in force,", ",in force,many", 1), "utf-8")


REFUSED = [
    ("no table", "has no ledger.csv"),
    ("no column", "comparison.csv has no column q; it is of another version of the tables"),
    ("no json", "comparison.json cannot be read"),
    ("no key", "comparison.json has no primary, names"),
    ("at work", "is not complete; it is at work, or was killed"),
    ("text for a number", "event_study.csv cannot be read"),
]


@pytest.mark.parametrize(("how", "said"), REFUSED)
def test_a_folder_that_cannot_be_told_of_is_refused(kept, capsys, how, said):
    broken(kept / "comparison", how)
    assert cli.main(["report", str(kept / "comparison")]) == 2
    assert said in capsys.readouterr().err and not (kept / "comparison-report").exists()


def test_a_run_that_was_changed_is_refused(kept, capsys):
    with open(kept / "run" / "reported.csv", "a", encoding="utf-8") as file:
        file.write("\n")
    assert cli.main(["report", str(kept / "run")]) == 2
    assert "reported.csv: was changed since it was computed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "report: name one folder, as in sim report FOLDER"),
        (["nowhere"], "report nowhere: no such folder"),
        (["."], "is no folder of a comparison or a run; it has no comparison.json or run.json"),
        (["comparison", "language=zn"], "language=zn: no such language; there is en, zh"),
        (["comparison", "langage=zh"], "langage=zh: no such key of report; did you mean language?"),
        (["comparison", "output=comparison/report"], "should lie outside the folder"),
        (["comparison", "output=run/DONE"], "output=run/DONE: is a file; name a folder"),
        (["comparison", "output="], "output=: should be a folder"),
    ],
)
def test_bad_words_are_refused(kept, monkeypatch, capsys, words, said):
    monkeypatch.chdir(kept)
    assert cli.main(["report", *words]) == 2
    assert said in capsys.readouterr().err
