"""What a comparison says of the width of its intervals where the parameters are not known either."""

import pandas as pd
import pytest

from sim.verbs.comparison import reach

ABOUT = {
    "city": reach.CITY,
    "differing": {"talent_visa": []},
    "calibration": {"file": "shanghai/reports/calibrated.yaml", "date": "2026-11-30"},
}
TABLE = pd.DataFrame(  # errors of 2 and of 1 percent of the level without
    [
        ("startups_founded", "Startups founded", 4.0, 200.0, False),
        ("startup_jobs", "Startup jobs", 10.0, 1000.0, True),
        ("exits", "Exits", 0.0, 10.0, False),
    ],
    columns=["outcome", "title", "standard_error", "against", "primary"],
)


def kept(path, low=0.0, **changed):
    """A table of spreads: over draws the effect has a standard deviation of 2 percent, with an interval up to 4."""
    rows = [
        {
            "comparison": "without_talent_visa",
            "instruments": "talent_visa",
            "outcome": outcome,
            "parameter_sd_percent": 2.0,
            "parameter_sd_percent_low": low,
            "parameter_sd_percent_high": 4.0,
            "draws": 20,
            "scale": 0.1,
            "calibrated": "reports",
            "commit": "abcdef0123",
        }
        | changed
        for outcome in TABLE["outcome"]
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def spreads(tmp_path, monkeypatch):
    """A place for kept spreads, in a tree of results."""
    monkeypatch.setattr(reach, "PACKAGE", tmp_path / "sim")
    monkeypatch.setattr(reach, "SPREAD", tmp_path / "spread.csv")
    return tmp_path / "spread.csv"


def test_the_width_adds_the_spread_over_draws_to_the_error_of_luck(spreads):
    kept(spreads)
    ratios = reach.wider(TABLE, reach.spread(ABOUT)).set_index("title")
    assert ratios["ratio"].tolist() == pytest.approx([5**0.5, 2**0.5])  # errors of 1 and 2 percent
    assert ratios["high"].tolist() == pytest.approx([17**0.5, 5**0.5])
    assert list(ratios.index) == ["Startup jobs", "Startups founded"], "the primary outcome comes first"


def test_a_width_is_said_with_its_interval_and_the_version(spreads):
    kept(spreads, low=1.0)
    said = reach.parameters(TABLE, ABOUT)
    assert "that of Startup jobs is 2.2 times as wide (1.4 to 4.1), those of the other rows 1.4 to 1.4 times" in said
    assert "20 draws at scale 0.1, spread.csv, commit abcdef0" in said


def test_a_width_that_luck_may_explain_is_said_to_be_in_doubt(spreads):
    kept(spreads)
    assert "is 2.2 times as wide (1.0 to 4.1, not told from 1)" in reach.parameters(TABLE, ABOUT)


def test_without_kept_spreads_the_verb_that_finds_them_is_named(spreads):
    assert not spreads.exists()
    assert "`sim uncertainty` with the same words" in reach.parameters(TABLE, ABOUT)


def test_several_arms_have_no_level_without_and_name_the_verb(spreads):
    kept(spreads)
    arms = TABLE.drop(columns="against")
    said = reach.parameters(arms, {key: value for key, value in ABOUT.items() if key != "differing"})
    assert "`sim uncertainty` with the same words" in said


@pytest.mark.parametrize("other", [{"instruments": "sandbox"}, {"calibrated": "record"}])
def test_spreads_of_another_policy_or_point_are_not_taken(spreads, other):
    kept(spreads, **other)
    assert "`sim uncertainty` with the same words" in reach.parameters(TABLE, ABOUT)
