"""Out of time: naive forecasts and scores by hand, and that nothing after 2018 reaches what is fitted."""

import math
import shutil

import numpy as np
import pandas as pd
import pytest
import small

from sim import cli
from sim.calibration import moments, out_of_time
from sim.calibration.out_of_time import ar1, forecast, known_by, score
from sim.observables.targets import years

YEARLY = {"ipo": pd.Series([0.5, math.e - 0.5] * 3, index=range(2013, 2019))}  # logs of 0 and 1 in turn, half added


def series(name, unit, history, **values):
    """Rows of a file of yearly values, y2017=10 and so on."""
    years_, numbers = [int(key[1:]) for key in values], list(values.values())
    told = {"series": name, "quantity": name.title(), "unit": unit, "operator": "rounds", "history": history}
    return pd.DataFrame({**told, "year": years_, "value": numbers})


def forecasts(levels, *parts, half=0.5):
    rows = pd.concat(parts, ignore_index=True)
    return forecast(rows, np.array(levels, float), half, YEARLY)


def test_an_ar1_is_that_of_least_squares_on_logs():
    """Logs that go 0, 1, 0, 1 have slope -1 and constant 1; others have the slope that is had by hand."""
    assert ar1(YEARLY["ipo"], 3) == pytest.approx([0.5, math.e - 0.5, 0.5])
    logs = np.array([0.0, 1.0, 3.0, 2.0, 4.0, 3.0])  # on the year before, means 2.6 and 2: covariance 3, variance 10
    one = 2.6 + 0.3 * (3.0 - 2.0)
    assert np.log(ar1(np.exp(logs) - 0.5, 2) + 0.5) == pytest.approx([one, 2.6 + 0.3 * (one - 2.0)])
    assert ar1(YEARLY["ipo"].iloc[1:], 1) is None


def test_forecasts_are_over_the_base_and_scored_in_logs():
    """Known 10 and 30, then 40: twice the base. Draws of 4, 8 and 6 over bases of 2: thrice by the median."""
    known = series("a", "bn CNY", "ipo", y2017=10, y2018=30, y2019=40)
    late = series("b", "bn CNY", "ipo", y2021=100, y2024=30)
    table = forecasts([[1, 3, 4, 1, 1], [2, 2, 8, 2, 1], [0, 4, 6, 4, 1]], known, late)
    a, b = table.itertuples()
    assert (a.base, a.base_known, a.observed, a.model, a.last_value) == ("2017-2018", True, 2.0, 3.0, 1.0)
    assert (a.low, a.high, a.inside) == (pytest.approx(2.1), pytest.approx(3.9), False)
    assert a.ar1 == pytest.approx(0.5 / (math.e / 2))  # the year after the last, over the mean of both
    assert (a.error_model, a.error_last_value) == (pytest.approx(math.log(1.5)), pytest.approx(math.log(2)))
    assert a.error_ar1 == pytest.approx(abs(math.log(0.5 / (math.e / 2) / 2)))
    assert (b.base, b.base_known, b.observed, b.model) == ("2021", False, 0.3, 0.5) and math.isnan(b.ar1)
    assert b.inside and b.low == pytest.approx(0.275)
    scores = score(table).set_index("series")
    assert list(scores.index) == ["a", "b", "all, base known", "all"]
    assert scores.loc["all", "model"] == pytest.approx((math.log(1.5) + math.log(0.5 / 0.3)) / 2)
    assert scores.loc["all", "last_value"] == pytest.approx((math.log(2) - math.log(0.3)) / 2)
    assert scores.loc["all, base known", "model"] == pytest.approx(math.log(1.5))
    assert scores["years_of_ar1"].tolist() == [1, 0, 1, 1] and scores.loc["all", "inside"] == 1


def test_half_a_case_is_added_to_counts_alone():
    counts = series("a", "firms", "", y2018=10, y2019=10)
    money = series("b", "bn CNY", "", y2018=10, y2019=10)
    table = forecasts([[4, 0, 4, 0]], counts, money)
    assert table["model"].tolist() == [pytest.approx(0.5 / 4.5), 0.0] and np.isinf(table["error_model"].iloc[1])


def test_a_draw_without_a_base_has_no_ratio():
    table = forecasts([[0, 5], [2, 4]], series("a", "bn CNY", "", y2018=10, y2019=10))
    assert table["model"].tolist() == [2.0] and table["draws"].tolist() == [1]


@pytest.mark.parametrize(
    ("observed", "early"),
    [("2010-2024", "2006-2018"), ("2018-2024", "2012-2018"), ("2022", "2018"), ("2020-2024", "2014-2018")],
)
def test_a_window_is_moved_and_begins_with_the_run(observed, early):
    assert out_of_time.until_known(observed, 2006) == early


@pytest.mark.parametrize("names", [["reported"], ["facts"], ["record"], ["discipline"], ["facts", "discipline"]])
def test_nothing_after_2018_is_fitted(names):
    """Nor a hold-out, nor a fact that is not among the chosen, nor a level that is forecast."""
    asked = small.config(f"targets=[{','.join(names)}]")
    plain = moments.read(asked)
    rows = out_of_time.read_series(asked)
    known = out_of_time.with_levels(known_by(plain, 2006), rows)
    assert len(known.rows) == len(known.fitted) and len(rows) == (known.rows["role"] == "later").sum() == 20
    fitted = known.rows[known.fitted]
    assert fitted["observed"].map(lambda text: years(text)[1] <= 2018).all()
    assert fitted["observed"].map(lambda text: years(text)[0] >= 2006).all()
    assert set(fitted["role"]) <= {"target", "early"} and set(fitted["targets"]) <= set(names)
    chosen = set(plain.rows["id"][plain.fitted])
    assert set(fitted["id"].str.removesuffix(out_of_time.EARLY)) <= chosen
    facts = plain.rows[plain.fitted & (plain.rows["targets"] == "facts").to_numpy()]
    assert (fitted["targets"] == "facts").sum() == len(facts)  # each in one window or the other


def test_what_is_fitted_does_not_change_with_what_came_later():
    """Every number of a target after 2018 is another: the same rows are fitted, between the same bands."""
    plain = moments.read(small.config("targets=[reported,facts,discipline,record]"))
    later = plain.rows["observed"].map(lambda text: years(text)[1]) > 2018
    poisoned = plain.rows.copy()
    timeless = later & (poisoned["targets"] == "facts")  # of no year, and fitted over an early window
    poisoned.loc[later & ~timeless, ["value", "low", "high", "weight"]] *= 7.0
    ours, theirs = (known_by(each, 2006) for each in (plain, plain._replace(rows=poisoned)))
    assert (later & ~timeless).sum() > 50
    pd.testing.assert_frame_equal(ours.rows[ours.fitted], theirs.rows[theirs.fitted])
    assert np.array_equal(ours.weight[ours.fitted], theirs.weight[theirs.fitted])


def test_a_level_is_its_own_number_and_no_value_goes_with_it():
    asked = small.config("targets=[facts]")
    rows = out_of_time.read_series(asked)
    plain = moments.read(asked)
    with_them = out_of_time.with_levels(plain, rows)
    other = out_of_time.with_levels(plain, rows.assign(value=7.0))
    pd.testing.assert_frame_equal(with_them.rows, other.rows)
    numbers = np.arange(len(with_them.rows), dtype=float)
    assert with_them.scaled(numbers)[-len(rows) :] == pytest.approx(numbers[-len(rows) :])


def test_the_sums_of_a_national_series_end_with_what_is_known():
    city = small.config().city
    sums = out_of_time.national(city, out_of_time.read_series(small.config()))["ipo"]
    assert (sums.index.min(), sums.index.max(), sums[2018]) == (2006, 2018, pytest.approx(105))


LATE = "births_late,500,400,600,firms,target,startups_founded,2019-2020,,9,made up,\n"
SERIES = """city,series,quantity,year,value,unit,operator,history,source,how_known
lakeside,births,Births,2017,100,firms,startups_founded,ipo,made up,
lakeside,births,Births,2018,110,firms,startups_founded,ipo,made up,
lakeside,births,Births,2019,120,firms,startups_founded,ipo,made up,
lakeside,births,Births,2020,90,firms,startups_founded,ipo,made up,
"""
WORDS = (
    *("prior=4", "around=2", "batches=0", "rounds=0", "replicates=2", "steps=0", "jacobian=1", "full_seeds=0"),
    *("draws=20", "seeds=2", "workers=1", "free=[founding.idea_rate,migration.constant_returnees]"),
    *("scale=0.1", "end=2020Q4", f"{small.SPIN_UP}=0"),
)


def test_what_is_known_later_moves_no_fit_and_no_forecast(tmp_path):
    """A city of one's own, then with other values of the later years: the same rows are fitted to the same draws, the
    forecasts are the same, and only how they are judged differs.
    """
    mine, output = tmp_path / "mine", tmp_path / "out"
    for group in ("city", "targets"):
        shutil.copytree(small.OWN / group, mine / group)
    with open(mine / "targets" / "lakeside.csv", "a", encoding="utf-8") as file:
        file.write(LATE)
    words = ["calibrate", "task=out_of_time", f"configs='{mine}'", "city=lakeside", "targets=[lakeside,facts]"]
    found = []
    for text in (SERIES, SERIES.replace("2019,120", "2019,9999").replace("2020,90", "2020,1")):
        (mine / "targets" / "later.csv").write_text(text, encoding="utf-8")
        assert cli.main([*words, *WORDS, f"experiment.output={output}"]) == 0
        folder = output / "out_of_time"
        found.append([pd.read_csv(folder / f"{name}.csv") for name in ("out_of_time", "forecast")])
    (board, ours), (other_board, theirs) = found
    pd.testing.assert_frame_equal(board, other_board)
    rows = board.set_index("id")
    fitted = rows.index[rows["part"] == "fitted, known by 2018"]
    assert {"births", "births_harbour", "returnee_share"} <= set(fitted)
    assert rows.loc[fitted, "role"].eq("early").any() and rows.loc["births_late", "part"] == "predicted"
    told = ["series", "year", "base", "model", "low", "high", "last_value", "ar1", "draws"]
    pd.testing.assert_frame_equal(ours[told], theirs[told])
    assert (ours["observed"] != theirs["observed"]).all() and (ours["error_model"] != theirs["error_model"]).all()
    assert ours["model"].between(0.01, 100).all() and ours["ar1"].notna().all()
    assert (folder / "figures" / "forecast.svg").exists()
