"""`experiments/shocks.py`: what is taken out of history, tables by hand, and a tiny city with and without."""

import math

import numpy as np
import pandas as pd
import project
import pytest
import small

from sim.observables.targets import operators
from sim.statistics import intervals


@pytest.fixture(scope="module")
def script():
    return project.script("shocks")


@pytest.fixture(scope="module")
def city():
    return small.config().city


def of_year(city, history, series, year):
    return history[series][4 * year - city.first :][:4]


def test_what_is_taken_out_is_these_series_in_these_quarters(script, city):
    """Fund-raising of 2018 at the mean of 2017 at least, 2021 as it was; borders open; the window at its mean."""
    rules, borders, both = (
        script.without(city, script.SHOCKS[name].changes).history for name in ("rules", "borders", "window_and_climate")
    )
    floor = of_year(city, city.history, "fundraising", 2017).mean()
    assert (of_year(city, rules, "fundraising", 2018) == floor).all()
    assert (of_year(city, borders, "borders_open", 2020) == 1).all()
    assert (of_year(city, both, "ipo", 2024) == of_year(city, city.history, "ipo", 2021).mean()).all()
    raised = of_year(city, city.history, "fundraising", 2021).mean()
    first, *rest = of_year(city, both, "fundraising", 2022)
    assert first == of_year(city, city.history, "fundraising", 2022)[0] > raised
    assert (of_year(city, both, "fundraising", 2024) == raised).all() and min(rest) < first
    assert (
        of_year(city, both, "foreign_capital", 2023) > 3 * of_year(city, city.history, "foreign_capital", 2023)
    ).all()
    for history, series, ends in ((rules, "fundraising", 2020), (borders, "borders_open", 2024), (both, "ipo", 2024)):
        changed = np.flatnonzero(history[series] != city.history[series]) + city.first
        assert 2018 <= changed.min() // 4 and changed.max() // 4 <= ends
        others = [name for name in city.history if not np.array_equal(history[name], city.history[name])]
        assert series in others and len(others) <= (3 if history is both else 1)


def test_an_effect_is_with_the_shock_less_without_it(script):
    """Deals 90 and 80 with, 100 without in both seeds: -10 and -20 percent of 100."""
    outcomes = (*script.FLOWS, *script.STOCKS)
    runs = [
        {"calibrated": "reports", "seed": seed, "arm": arm} | {f"rules/{name}": value for name in outcomes}
        for seed, with_it in ((1, 90.0), (2, 80.0))
        for arm, value in (("history", with_it), ("rules", 100.0))
    ]
    table = script.effects(pd.DataFrame(runs))
    row = table[table["outcome"] == "deals"].iloc[0]
    told = intervals.mean(np.array([-10.0, -20.0]), fewest=2)
    assert len(table) == len(outcomes) and (row["with"], row["without"], row["seeds"]) == (85.0, 100.0, 2)
    assert (row["percent"], row["low"], row["high"]) == pytest.approx(tuple(told)) and row["percent"] == -15.0


def test_a_change_is_judged_by_the_median_of_the_seeds_that_have_a_number(script):
    row = {"id": "x", "quantity": "X", "observed": "2019", "base": "2018", "shocks": "rules borders"}
    row |= {"value": "0.8", "low": "0.7", "high": "0.9"}
    numbers = {"history": (0.75, 0.95, 0.85), "rules": (1.0, 1.2, math.nan), "borders": (math.nan,) * 3}
    runs = pd.DataFrame(
        [
            {"calibrated": "record", "seed": seed, "arm": arm, "x": value}
            for arm, values in numbers.items()
            for seed, value in enumerate(values)
        ]
    )
    rules, borders = script.changes(runs, [row]).itertuples()
    assert (rules.simulated, rules.simulated_lowest, rules.simulated_highest, rules.inside) == (0.85, 0.75, 0.95, True)
    assert (rules.shock, rules.without, rules.without_seeds) == ("rules", pytest.approx(1.1), 2)
    assert (borders.shock, borders.without_seeds) == ("borders", 0) and math.isnan(borders.without)
    runs["x"] += 0.2
    assert not script.changes(runs, [row])["inside"].any()


def test_what_was_observed_names_operators_shocks_and_a_source(script):
    for row in script.observed_rows():
        assert row["operator"] in operators() and row["source"] and row["how_known"]
        assert set(row["shocks"].split()) <= set(script.SHOCKS)
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])


def test_a_quarter_is_seen_alone(script):
    quarters = [f"{year}Q{quarter}" for year in (2022, 2023) for quarter in (1, 2, 3, 4)]
    city = pd.DataFrame({"quarter": quarters, "year": [2022] * 4 + [2023] * 4, "exits_ipo": [1, 2, 3, 10, 5, 6, 7, 4]})
    row = {"operator": "ipo_exits", "observed": "2023Q4", "base": "2022Q4"}
    assert script.ratio({"city": city}, row) == 0.4
    assert script.ratio({"city": city}, row | {"observed": "2023", "base": "2022"}) == 22 / 16
    assert script.ratio({"city": city}, row | {"base": ""}) == 4


@pytest.mark.slow
def test_a_city_that_parts_without_a_change_is_the_same(script, monkeypatch, tmp_path):
    """Two seeds at scale 0.02: nothing taken out does nothing, and closed borders keep foreigners away."""
    borders = script.SHOCKS["borders"]
    monkeypatch.setitem(script.SHOCKS, "rules", script.SHOCKS["rules"]._replace(changes=()))
    for name in ("window", "climate", "window_and_climate"):
        monkeypatch.setitem(script.SHOCKS, name, borders._replace(changes=()))
    words = ["--seeds", "2", "--scale", "0.02", "--points", "record", "--workers", "1", "--output", str(tmp_path)]
    script.main(words)
    effects = pd.read_csv(tmp_path / "effects.csv").set_index(["shock", "outcome"])["percent"]
    assert (effects.drop("borders", level="shock") == 0).all()
    assert effects["borders", "foreign_arrivals"] < -20
    changes = pd.read_csv(tmp_path / "changes.csv")
    assert len(changes) == 21 and changes["simulated"].notna().any()
