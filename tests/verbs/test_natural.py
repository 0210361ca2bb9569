"""The laboratory on the small made-up city: every design gives a table with the truth beside the estimates."""

import pytest
import small

import sim
from sim.settings.refusals import ConfigError
from sim.verbs.designs import cities

LAKESIDE = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2010Q4"}
ACCELERATOR = {"policy.accelerator.start": "2007Q1", "policy.accelerator.places_per_quarter": 40}
COLUMNS = ["estimator", "estimate", "error", "low", "high", "truth", "truth_error"]


@pytest.fixture
def city(tmp_path):
    return {**LAKESIDE, "store": str(tmp_path / "store")}


@pytest.mark.slow
def test_each_design_gives_a_finding(city):
    keys = {**city, "runs": 2, **ACCELERATOR}
    cutoff = sim.natural.at_cutoff(["accelerator"], **keys)
    entry = sim.natural.at_entry(["accelerator"], **keys)
    assert list(cutoff.table.columns) == list(entry.table.columns) == COLUMNS
    assert len(cutoff.table) == len(entry.table) == 3 and "difference of means" in str(cutoff)
    zone = {"policy.accelerator.districts": ["HA"], **keys}
    border = sim.natural.at_border(["accelerator"], **zone)
    assert set(border.panel["group"]) <= {"treated", "neighbours", "others"} and "HA" in border.design
    assert {"against neighbours", "what happened to others"} <= set(border.table["estimator"])


@pytest.mark.slow
def test_a_roll_out_begins_in_a_year_of_each_city(city):
    keys = {**city, "runs": 4, "first": 2007, "cohorts": 2}
    finding = sim.natural.at_roll_out(["failure_forgiveness"], **keys)
    starts = finding.panel.drop_duplicates("seed").set_index("seed")["start"].to_dict()
    assert starts == cities.starts(range(1, 5), 2007, 2)
    before = finding.panel[finding.panel["year"] < finding.panel["start"]].pivot(
        index=["seed", "year"], columns="arm", values="births"
    )
    assert (before["with"] == before["without"]).all()  # nothing differs before the start


def test_what_cannot_be_asked(city):
    with pytest.raises(ConfigError, match="outcome=luck: should be one of raises_fund"):
        sim.natural.at_cutoff(["accelerator"], outcome="luck", **city)
    with pytest.raises(ConfigError, match="is for all districts"):
        sim.natural.at_border(["accelerator"], runs=2, **city, **ACCELERATOR)
    with pytest.raises(ConfigError, match="begins in the first quarter"):
        sim.natural.at_border(["accelerator"], runs=2, **city, **{"policy.accelerator.districts": ["HA"]})
    with pytest.raises(ConfigError, match="exactly one should be in the first arm only"):
        sim.natural.at_entry(["accelerator", "coworking"], runs=2, **city, **ACCELERATOR)


def test_the_evidence_warns_of_what_does_nothing(city):
    with pytest.warns(UserWarning, match="targets=reported: is of shanghai"):
        assert sim.evidence(dry_run=True, **{**city, "end": "2024Q4"})
