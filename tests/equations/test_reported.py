"""What was reported, and what the run has to set against it, by hand numbers."""

import numpy as np
import pandas as pd
import pytest
from one_year import BILLION, CITY, USD

from sim.observables import read_targets, reported
from sim.observables.operators import indicators
from sim.observables.operators.window import Window
from sim.observables.reported import observe
from sim.observables.targets import operators
from sim.settings.files import CONFIGS

TARGETS = CONFIGS / "targets"

# ---------------------------------------------------------------- operators

OPERATORS = {  # in the model's units, for 2024
    "vc_raised": 200 + 80 * BILLION,
    "private_equity_raised": 210 + 80 * BILLION,
    "equity_raised": 210 + 120 + 80 * BILLION,
    "guidance_partners": 1080,
    "hard_tech_amount_share": 1.0,
    "public_commitment_share": 0.2,
    "rounds": 6,
    "hard_tech_deal_share": 1.0,
    "consumer_deal_share": 4 / 6,
    "vc_firms": 2,
    "startups_founded": 8,
    "startups_alive": 4,
    "startups_alive_pudong": 2,
    "biotech_startups_pudong": 2,
    "series_d_post_money_max": 200 * BILLION,
    "listing_value_max": 100 * BILLION,
    "sandbox_participants": 2,
    "returnees": 86,
    "returnee_share": 43 / 100,
    "stem_returnee_share": 0.25,
    "returnee_residents": 4,
    "workforce_growth": 0.0,
    "office_premium_shenzhen": (0.5 + 0.5 + 0.5 + 550 / 300 - 1) / 4,
    "business_over_consumer_sales": 0.4,
    "core_rent_lead": 625 / 425 - 1,
    "hinterland_share_by_rent": 1.0,
    "raised_more_than_shenzhen": 1.0,
    "raised_more_than_beijing": 0.0,
    "raised_between_singapore_and_beijing": 1.0,
    "lingang_test_bed_startups": "the run has no policy city_testbed",
    "accelerator_startups": "the run has no policy corporate_accelerator",
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_by_hand(tables, name):
    value, expected = getattr(indicators, name)(Window(tables, 2024, 2024)), OPERATORS[name]
    if isinstance(expected, str):
        assert np.isnan(value) and value.verdict == "not modelled" and value.reason == expected
    else:
        assert value == pytest.approx(expected)


def with_policy(tables, name):
    """The tables of a run with another policy, which the first startup is under for good from 2024Q1."""
    startups, applications, accounts = (tables[table].copy() for table in ("startups", "applications", "policy"))
    for table, copy in (("startups", startups), ("applications", applications)):
        copy.attrs = dict(tables[table].attrs)
    first = startups.index[(startups["district"] == "PD") & (startups["life"] == "alive")][0]
    startups.loc[first, ["testbed_from", "testbed_until"]] = ["2024Q1", "2030Q4"]
    applications["policy"], accounts["policy"] = name, name
    return tables | {"startups": startups, "applications": applications, "policy": accounts}


def test_the_test_bed_and_the_accelerator_by_hand(tables):
    scale = tables["startups"].attrs["scale"]
    window = Window(with_policy(tables, "city_testbed"), 2024, 2024)
    assert indicators.lingang_test_bed_startups(window) == 1 / scale
    admitted = tables["applications"].query("admitted and year == 2024")
    assert len(admitted) > 0
    window = Window(with_policy(tables, "corporate_accelerator"), 2024, 2024)
    assert indicators.accelerator_startups(window) == len(admitted) / scale


def test_every_operator_has_a_hand_number():
    here = {name for name, operator in operators().items() if operator.__module__ == indicators.__name__}
    assert here == set(OPERATORS)


@pytest.mark.parametrize("name", [name for name, value in OPERATORS.items() if not isinstance(value, str)])
def test_years_that_the_run_lacks_are_not_reached(tables, name):
    value = getattr(indicators, name)(Window(tables, 2024, 2025))
    assert np.isnan(value) and value.verdict == "not reached"


def test_a_city_without_the_place_is_not_modelled(tables):
    other = tables | {
        "rival": tables["rival"].replace("Shenzhen", "Elsewhere"),
        "district": tables["district"].replace("PD", "XX"),
    }
    assert indicators.raised_more_than_shenzhen(Window(other, 2024, 2024)).verdict == "not modelled"
    assert indicators.startups_alive_pudong(Window(other, 2024, 2024)).reason == "the city's data have no PD"


def test_what_is_not_counted_by_district_is_not_modelled_there(tables):
    row = {"observed": "2024", "unit": "", "district": "PD"}
    for name in ("vc_firms", "returnees", "office_premium_shenzhen"):
        value = observe(row | {"operator": name}, tables, CITY)
        assert value.verdict == "not modelled" and "is not counted by district" in value.reason


# ---------------------------------------------------------------- reported against simulated


@pytest.fixture(scope="module")
def targets():
    return read_targets(TARGETS / "reported.csv")


@pytest.fixture(scope="module")
def comparison(tables, targets):
    return reported(tables, CITY, targets).set_index("id")


def test_the_comparison_has_every_number_and_then_every_claim(comparison, targets):
    numbers = pd.to_numeric(targets["value"], errors="coerce").notna()
    claims = ["vc_rank_shenzhen_2024", "vc_rank_asia_2024", "vc_rank_beijing_2024", "hub_rank_beijing_2025"]
    signs = ["b2b_orientation", "lujiazui_rent_top", "hardware_split"]
    assert comparison.index.tolist() == [*targets.loc[numbers, "id"], *claims, *signs]


@pytest.mark.parametrize(
    "metric, simulated, verdict",
    [
        ("vc_raised_2024_a0", 80 / USD, "below"),
        ("startups_founded_2024", 8, "below"),
        ("returnee_share_now", 0.43, "inside"),
        ("hard_tech_deal_share_2024", 1.0, "above"),
        ("guidance_fund_private_catalysed", 1.08e-6, "below"),
        ("unicorn_example_valuation", 200 / USD, "above"),  # the only such round is far larger
        ("ipo_example", 100 / USD, "above"),
        ("returnee_share_5y_ago", None, "not reached"),
        ("firms_established_3y", None, "not reached"),
        ("autonomous_driving_startups_lingang", None, "not modelled"),
        ("zhangjiang_firms_stock", 2, "not comparable"),
        ("vc_firms_2024", 2, "input"),
        ("guidance_fund_size", None, "input"),
        ("returnee_workforce_stock", 4, "context"),
        ("tech_workforce_growth", None, "context"),
        ("vc_rank_beijing_2024", 0, "rank fails"),
        ("vc_rank_asia_2024", 1, "rank holds"),
        ("hub_rank_beijing_2025", None, "context"),
        ("b2b_orientation", 0.4, "sign holds"),
        ("lujiazui_rent_top", 625 / 425 - 1, "sign holds"),
    ],
)
def test_a_verdict(comparison, metric, simulated, verdict):
    row = comparison.loc[metric]
    assert row["verdict"] == verdict
    assert np.isnan(row["simulated"]) if simulated is None else row["simulated"] == pytest.approx(simulated)


def test_a_missing_number_says_why(comparison):
    assert comparison.loc["returnee_share_5y_ago", "note"] == "needs 2019Q1 to 2019Q4, the run has 2024Q1 to 2024Q4"


# ---------------------------------------------------------------- the files of targets


def test_quotes_are_found_word_for_word_in_the_articles(targets):
    articles = {path.stem: path.read_text(encoding="utf-8") for path in (TARGETS / "articles").glob("*.txt")}
    assert len(articles) == 5
    assert [row.id for row in targets.itertuples() if row.quote not in articles[row.source]] == []


def test_every_reported_number_can_be_observed_or_is_no_target(targets):
    assert len(targets) == 70 and targets["id"].is_unique
    assert set(targets["role"]) == {"target", "input", "holdout", "context"}
    numbers = pd.to_numeric(targets["value"], errors="coerce").notna()
    judged = targets["role"].isin(["target", "holdout"])
    assert (targets.loc[judged, "operator"] != "").all()
    assert (targets.loc[judged & numbers, "check"] != "").all()
    fitted = targets[targets["role"] == "target"]
    assert (fitted["check"] == "band").all() and fitted[["low", "high"]].notna().all(axis=None)
    assert (fitted["low"] <= fitted["value"]).all() and (fitted["value"] <= fitted["high"]).all()
    assert not targets.loc[targets["role"] == "target", "unit"].isin(["rank", "sign"]).any()


@pytest.mark.parametrize("name", ["reported", "facts", "record", "discipline"])
def test_operators_of_targets_exist_and_have_years(name):
    rows = read_targets(TARGETS / f"{name}.csv")
    assert rows["id"].is_unique
    observed = rows[rows["operator"] != ""]
    assert set(observed["operator"]) <= set(operators())
    assert observed["observed"].str.fullmatch(r"\d{4}(-\d{4})?").all()
    assert (TARGETS / f"{name}.yaml").read_text(encoding="utf-8").startswith(f"# @package targets.{name}\n")


def test_facts_and_record_keep_their_bands():
    facts, record = read_targets(TARGETS / "facts.csv"), read_targets(TARGETS / "record.csv")
    assert record["id"].tolist() == ["F15a", "F15b", "F15c", "F16a", "F16b", "F16c"]
    assert facts.loc[facts["value"] == "", "id"].tolist() == [
        "F01c_after"
    ]  # lower, by how much the source does not say
    for rows in (facts, record):
        numbers = rows[rows["value"] != ""]
        assert (numbers["low"] <= numbers["value"]).all() and (numbers["value"] <= numbers["high"]).all()
        assert (rows[["quantity", "unit", "definition", "source", "how_known"]] != "").all(axis=None)
