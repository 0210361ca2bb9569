"""`sim atlas`: what stands on the page is what the comparison says, and its commands make the same numbers."""

import base64
import dataclasses
import gzip
import io
import json
import math
import re
import shlex

import numpy as np
import pandas as pd
import pytest
import small
from lake import CITY, CLOCKS, PROGRAMME

import sim
from sim import cli
from sim.atlas import combinations, command, entries
from sim.report import drawing, verdict
from sim.report.words import LANGUAGES, Words
from sim.runs import arms, records
from sim.settings import config as configs


@pytest.fixture(scope="module")
def made(kept):
    """The folder of a small atlas of a made-up city, in which one of its instruments is in force."""
    (found,) = (kept / "atlas").iterdir()
    return found


@pytest.fixture(scope="module")
def page(made):
    return (made / "atlas.html").read_text("utf-8")


def views(page, name):
    packed = re.search(rf'id="v-{name}">([^<]*)<', page)[1]
    shared = json.loads(re.search(r'id="shared">(.*?)</script>', page, re.S)[1])
    found = json.loads(gzip.decompress(base64.b64decode(packed)))
    return {
        (key, language): re.sub(
            "\u00a7(\\d+)\u00a7",
            lambda match: shared[int(match[1])],
            "".join(part[view][place] for part in found["parts"]),
        )
        for view, key in enumerate(found["keys"])
        for place, language in enumerate(LANGUAGES)
    }


def test_every_combination_has_its_view_in_every_language(made, page):
    effects = sim.load(made).effects
    for name, rows in effects.groupby("name"):
        keys = {f"{row.clock}|{row.size:g}" for row in rows.itertuples()}
        found = views(page, name)
        assert set(found) == {(key, language) for key in keys for language in LANGUAGES}
        for (_, language), text in found.items():
            assert text.count("<h1>") == 1 and "nan" not in re.sub("<[^>]*>", "", text).lower().split()
            assert ("\u4e2d\u6587" in text) == (language == "zh")  # that no native reader has signed it


def test_the_page_asks_nothing_and_is_small(page):
    assert not re.search(r'(?:src|href)="(?!#)', page) and "http-equiv" in page
    assert len(page.encode()) < 1_000_000


def test_what_is_left_out_is_said(made, page):
    index = json.loads(re.search(r'id="index">(.*?)</script>', page, re.S)[1])
    assert "Guidance fund" in index["lacking"]["en"] and index["other"].startswith("sim compare")
    assert "guidance_fund" in set(sim.load(made).left_out["name"])


@pytest.mark.parametrize(("name", "clock", "size"), [("returnee_programme", "past", 2), ("slowdown", "ahead", 1)])
def test_the_command_of_a_view_makes_its_numbers(made, page, name, clock, size, tmp_path):
    text = views(page, name)[f"{clock}|{size}", "en"]
    command = re.search(r"<code>(sim compare .*?)</code>", text)[1].replace("&#x27;", "'").replace("&amp;", "&")
    words = [*shlex.split(command)[1:], *(word for word in CITY if not word.startswith(("scale", "configs")))]
    words += [*PROGRAMME, f"output={tmp_path}", f"store={made.parents[1] / 'kept/store'}"]
    if "configs=" not in command:
        words.append(small.LAKESIDE[0])
    assert cli.main(words) == 0
    (folder,) = tmp_path.iterdir()
    row = sim.load(folder).table.set_index("outcome").loc["startup_jobs"]
    shown = sim.load(made).effects.set_index(["name", "clock", "size", "outcome"])
    there = shown.loc[(name, clock, float(size), "startup_jobs")]
    computed = row[["difference", "difference_low", "difference_high"]].astype(float)
    assert np.allclose(computed, there[["effect", "low", "high"]].astype(float), equal_nan=True)


def test_a_programme_of_history_ends_and_begins_anew(tmp_path):
    config = configs.load([*CITY, *PROGRAMME]).one_run()
    one = combinations.Combination("policy", "returnee_programme", 2.0, "ahead", 0.1)
    pair = combinations.pair(config, one, {"ahead": ("2008Q1", "2008Q4")}, 4, tmp_path)
    ours, theirs = pair.policy.resolved["policy"], pair.against.resolved["policy"]
    assert theirs == {"returnee_programme": config.resolved["policy"]["returnee_programme"] | {"end": "2007Q4"}}
    anew = ours.pop("returnee_programme_from_2008Q1")
    assert ours == theirs and anew["start"] == "2008Q1" and anew["end"] is None
    assert anew["arrival_grant"] == 2 * ours["returnee_programme"]["arrival_grant"]


def test_what_another_point_says_is_asked_at_the_size_of_the_file_alone():
    words = ["only=[coworking,slowdown]", "sizes=[1,2]", "beside=record", "scale=0.02", "mechanism.founding.taste=0.33"]
    planned = command.plan(configs.load(["experiment=atlas", *words]))
    assert {one for one in planned.pairs if one.size == 1.0} == set(planned.beside) != set(planned.pairs)
    fitted = configs.load(["calibrated=record"]).params
    for pair in planned.beside.values():
        for arm in (pair.policy, pair.against):
            there = arm.params["founding"]
            assert there == fitted["founding"]._replace(taste=0.33)  # what was said stays
            assert {name: arm.params[name] for name in fitted if name != "founding"} == {
                name: fitted[name] for name in fitted if name != "founding"
            }


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([-90.0, -120.0, -60.0], "the answer is another"),
        ([30.0, 10.0, 50.0], "the answer is the same"),
        ([9.0, -3.0, 21.0], "the answer is another"),
    ],
)
def test_the_other_point_agrees_where_the_same_is_told(there, said):
    here = {"unit": "jobs", "difference": 50.0, "difference_low": 20.0, "difference_high": 80.0}
    read = {
        "about": {"primary": None},
        "comparison": pd.DataFrame([{"outcome": name} | here for name in verdict.MAIN]),
    }
    text = entries.of_other_point(Words("en", []), read, verdict.judged(read), "record", {"startup_jobs": there})
    assert said in text and "public record" in text


def test_what_another_point_says_stands_in_the_view(kept):
    words = ["experiment=atlas", *CITY, *PROGRAMME, "only=[slowdown]", "sizes=[1]", "runs=5", CLOCKS]
    config = configs.load([*words, f"store={kept / 'kept/store'}"])
    planned = command.plan(config)
    combination, pair = next(iter(planned.pairs.items()))
    runs = arms.run(command._runs([pair], config), config.experiment["store"], 1)
    asked = entries.asked(pair, runs, config)
    elsewhere = dataclasses.replace(pair.policy, resolved={**pair.policy.resolved, "calibrated": "record"})
    beside = asked._replace(pair=pair._replace(policy=elsewhere))
    made = entries.made(config, config.experiment["clocks"])
    districts = pd.read_csv(io.StringIO(records.districts(config)))
    entry = entries.entry(asked, made, districts, beside)
    assert "Fitted to the public record instead, the answer is the same" in entry.markup["en"]
    assert entry.markup["zh"].count('class="beside"') == len(verdict.MAIN) and combination.size == 1.0
    assert 'class="beside"' not in entries.entry(asked, made, districts).markup["en"]


def test_a_command_names_no_folder_of_the_machine_it_was_made_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = configs.load([*CITY, *PROGRAMME]).one_run()
    one = combinations.Combination("policy", "returnee_programme", 1.0, "ahead", 0.1)
    pair = combinations.pair(config, one, {"ahead": ("2008Q1", "2008Q4")}, 4, "results/policies")
    said = combinations.command(pair, 5, 1)
    assert "configs=results/policies" in said and str(tmp_path) not in said


def test_what_has_no_effect_at_all_is_drawn_at_zero():
    """No pair differs, so there is no interval, and every value is zero."""
    rows = [drawing.Row("", 0.0, math.nan, math.nan, "")]
    low, high = drawing.span(rows, cut=False)
    assert low < 0 < high and "<circle" in drawing.mark(rows[0], low, high)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("runs=3", "runs=3"),
        ("only=[returnee_program]", "did you mean returnee_programme?"),
        ("sizes=[]", "should be a list of numbers"),
        ("sizes=[1,1]", "one stands twice"),
        ("clocks={past:[2008Q1,2007Q1]}", "ends before it begins"),
        ("clocks={future:[2008Q1,2009Q1]}", "should be one of past, ahead"),
        ("primary={returnee_programme:happiness}", "no such outcome"),
        ("scales={returnee_programme:3}", "scales.returnee_programme=3"),
        ("beside=recrod", "should be null or another point: reports, record"),
    ],
)
def test_what_cannot_be_asked_is_refused(word, said, capsys, tmp_path):
    assert cli.main(["atlas", *CITY, word, f"store={tmp_path / 'store'}"]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "store").exists()
