"""A mailed report says by itself what was asked: numbers of instruments by name and in a reader's units, shocks without
a price, and the pictures of who comes and of whom the purse pays.
"""

import pandas as pd
import pytest

from sim.observables import streams as of_tables
from sim.report import brief, drawing, knobs, streams, verdict
from sim.report.words import Words
from sim.settings.files import options, read_yaml

EN, ZH = Words("en"), Words("zh")


def about(*changes, **arms):
    """What a comparison says of itself: (key, value, value of the other), and which arm an instrument is in."""
    return {
        "changes": [dict(zip(("key", "policy", "against"), one, strict=True)) for one in changes],
        "instruments": {name: {"arm": arm} for name, arm in arms.items()},
    }


# ---------------------------------------------------------------- names


def test_a_fund_that_is_doubled_is_said_to_be_so():
    asked = about(("policy.guidance_fund.size", 1e11, 5e10), guidance_fund="both")
    assert verdict.subject(EN, asked).it == "Guidance fund, size announced 100 bn yuan in place of 50 bn yuan"
    assert verdict.subject(ZH, asked).it == "政府引导基金（宣布规模由500亿元改为1,000亿元）"
    assert verdict.arms(EN, asked) == ("Changed", "Unchanged")


def test_numbers_that_all_double_are_a_double_programme():
    keys = ("arrival_grant", "seed_grant")
    asked = about(*((f"policy.returnee_programme.{key}", 6e4, 3e4) for key in keys), returnee_programme="both")
    assert verdict.subject(EN, asked).it == "Returnee programme, double"
    asked["changes"][0]["policy"] = 9e4
    assert verdict.subject(EN, asked).it == "Returnee programme, with other settings"


def test_three_instruments_are_named():
    asked = about(talent_visa="policy", talent_homes="policy", returnee_programme="policy")
    asked["changes"] = [
        {"key": f"policy.{name}", "policy": "in force from 2018Q1", "against": "not there"}
        for name in asked["instruments"]
    ]
    assert verdict.subject(EN, asked).it == "Ten-year talent visa, Talent homes and Returnee programme"


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (1e11, "yuan at scale 1", "100 bn yuan", "1,000亿元"),
        (6.3e8, "yuan per year at scale 1", "630 m yuan per year", "6.3亿元/年"),
        (0.25, "share of a fund", "25.0%", "25.0%"),
        (8, "quarters", "8 quarters", "8个季度"),
        (3, "of my own", "3 of my own", "3of my own"),
    ],
)
def test_a_number_stands_in_its_unit(value, unit, english, chinese):
    assert (knobs.written(EN, value, unit), knobs.written(ZH, value, unit)) == (english, chinese)


def test_a_setting_is_called_by_name_and_what_is_unknown_by_its_key():
    assert knobs.setting(EN, "policy.guidance_fund.size") == "Guidance fund: size announced"
    assert knobs.setting(EN, "shock.slowdown") == "Slowdown"
    assert knobs.setting(EN, "policy.mine.size") == "policy.mine.size"
    assert knobs.value_of(ZH, "policy.guidance_fund.size", 5e10) == "500亿元"
    assert knobs.value_of(ZH, "policy.guidance_fund", "in force from 2016Q1") == "2016年一季度起实施"


def test_every_number_of_every_instrument_has_words():
    for path in options("policy", None).values():
        for key, node in (read_yaml(path) or {}).items():
            if (
                isinstance(node, dict)
                and isinstance(node.get("value"), (int, float))
                and not isinstance(node["value"], bool)
            ):
                assert key in EN.table["knobs"], key
                assert node["unit"] in EN.table["knob_units"], node["unit"]


def test_money_that_is_reported_in_billions_is_read_in_yi():
    assert ZH.size("CNY bn") == (0.1, "亿元") and EN.size("CNY bn") == (1, " bn yuan")
    assert ZH.number(73.8 / ZH.size("USD bn/yr")[0]) == "738"


# ---------------------------------------------------------------- shocks


def test_a_shock_has_no_price_and_says_how_long_it_lasts():
    config = {"shock": {"closed_ipo_window": {"start": "2021Q1", "end": "2022Q4"}}}
    asked = about(("shock.closed_ipo_window", "in force from 2021Q1", "not there"))
    assert brief.struck({"about": asked, "config": config}) == ("2021Q1", "2022Q4")
    assert brief.struck({"about": about(("policy.coworking", "in force", "not there")), "config": config}) is None
    assert verdict.arms(EN, asked) == ("It happens", "It does not")
    drawn = streams.pictures(EN, {"ledger": LEDGER, "incidence": INCIDENCE, "about": asked})
    assert EN("streams_people") in drawn and EN("streams_money") not in drawn
    assert "<div/>" not in drawn  # which a browser would not close


# ---------------------------------------------------------------- drawings


def test_words_of_an_axis_do_not_touch():
    """Three ticks of which two lie side by side: the words of the second have no room."""
    said = drawing.axis(-400.0, 2100.0, lambda tick: f"+{tick:,.0f} bn yuan")
    assert said.count("<text") < len(drawing.ticks(-400.0, 2100.0, 3))
    assert drawing.axis(-1.0, 1.0, lambda tick: f"{tick:g}").count("<text") == len(drawing.ticks(-1.0, 1.0, 3))


def test_marks_of_a_course_stand_one_above_the_other_within_the_drawing():
    quarters = [f"{year}Q{n}" for year in range(2012, 2025) for n in range(1, 5)]
    series = drawing.Series(quarters, [1.0] * len(quarters), *([float("nan")] * len(quarters) for _ in range(2)))
    said = drawing.course("", series, str, [("2016Q1", "starts"), ("2018Q1", "over"), ("2099Q1", "never")])
    heights = [
        float(part.split('y="')[1].split('"')[0])
        for part in said.split("<text")[1:]
        if ">starts<" in part or ">over<" in part
    ]
    assert len(heights) == 2 and abs(heights[0] - heights[1]) >= drawing.SMALL and min(heights) >= drawing.SMALL
    assert "never" not in said


LEDGER = pd.DataFrame(
    [
        ("rivals", "extra returnees", 22_000.0, 21_000.0, 23_000.0),
        ("rivals", "extra foreigners who come", -100.0, -270.0, 40.0),
        ("rivals", "extra arrivals from elsewhere in China", -3_000.0, -4_300.0, -1_600.0),
        ("rivals", "residents who leave, more", 4_000.0, 2_800.0, 5_100.0),
        ("rivals", "drawn from rival cities", 9_000.0, 8_000.0, 10_000.0),
    ],
    columns=["block", "quantity", "value", "low", "high"],
)
INCIDENCE = pd.DataFrame({"class": ["founders", "employees", "startups"], "first_mean_cny": [-1e8, 2e9, 3e9]})


def test_who_leaves_more_is_lost_and_what_is_not_told_is_not_drawn():
    gains, losses, untold = of_tables.people(LEDGER)
    assert [one.name for one in gains] == ["returnees"]
    assert [one.name for one in losses] == ["leavers", "domestic"]
    assert [one.name for one in untold] == ["foreigners"]
    assert [one.name for one in of_tables.money(INCIDENCE)] == ["startups", "employees"]


def test_ribbons_are_as_wide_as_their_numbers_and_their_names_have_room():
    laid, tall = of_tables.ribbons([60.0, 30.0, 10.0], 100.0, 200.0, 40.0)
    assert [one.bottom - one.top for one in laid] == [120, 60, 20]
    assert [one.name_bottom - one.name_top for one in laid] == [120, 60, 20]
    middles = [(one.name_top + one.name_bottom) / 2 for one in laid]
    assert all(b - a >= 40 for a, b in zip(middles, middles[1:], strict=False)) and tall == 220
    assert all(one.name_top >= one.top for one in laid)  # none rises above the bar


@pytest.mark.parametrize("words", [EN, ZH])
def test_streams_are_drawn_with_their_names_and_numbers(words):
    found = {"ledger": LEDGER, "incidence": INCIDENCE, "about": about(guidance_fund="policy")}
    drawn = streams.pictures(words, found)
    assert drawn.count("<path") == 3 + 2
    for said in (words.name("streams", "leavers"), words.range(2_800.0, 5_100.0, "persons", 3), words.share(0.6)):
        assert said in drawn
    assert words("streams_untold", what=words.within("streams", "foreigners")) in drawn
    nothing = LEDGER.assign(low=-1.0, high=1.0)
    assert words("streams_nobody") in streams.people(words, {**found, "ledger": nothing})
