"""Outcomes of the user's own: read from words, computed by hand, shown and kept."""

import pandas as pd
import pytest
import small
from hand_made import run

import sim
from sim.observables.outcomes import END, OUTCOMES, WINDOW, totals
from sim.policies.talent_visa import TalentVisa
from sim.settings.refusals import ConfigError
from sim.verbs import own


def one(words):
    (outcome,), problems = own.read([words])
    assert problems == []
    return outcome


def test_words_are_columns_and_ratios():
    assert (one("foreign_arrivals").over, one("foreign_residents").over) == (WINDOW, END)
    ratio = one("equity_raised_cny / rounds")
    assert (ratio.name, ratio.title) == ("equity_raised_cny/rounds", "Equity raised per round")
    assert (ratio.unit, ratio.over, ratio.per) == ("yuan per round", WINDOW, ("rounds",))
    assert one("startup_jobs/startups_alive").over == END
    assert one("wage_cny by sector").by == "sector"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("foreign_arival", "did you mean foreign_arrivals"),
        ("a/b/c", "two parts"),
        ("startup_jobs by sectr", "did you mean sector"),
        ("wage_cny by origin", "is not told by origin"),
        ("returnee_share/rounds", "is no sum"),
    ],
)
def test_what_there_is_not_is_refused(words, told):
    outcomes, problems = own.read([words])
    assert outcomes == []
    assert any(told in problem for problem in problems), problems


def test_ratios_are_of_sums_over_the_window():
    window = pd.DataFrame({"equity_raised_cny": [10, 50], "rounds": [1.0, 2.0], "startups_alive": [4.0, 8.0]})
    asked = [one("equity_raised_cny/rounds"), one("rounds/startups_alive"), one("startups_alive")]
    found = totals(window, [outcome._replace(name=f"{i}") for i, outcome in enumerate(asked)])
    assert list(found) == [20.0, 0.25, 8.0]


def test_groups_are_counted_from_startups():
    firms = [
        {"startup_id": 1, "origin": "local", "headcount": 5, "born": "2009Q1"},
        {"startup_id": 2, "origin": "foreign", "headcount": 3, "born": "2010Q2"},
        {"startup_id": 3, "origin": "local", "life": "failed", "ended": "2010Q3"},
    ]
    asked = [one("startup_jobs by origin"), one("startups_failed/startups_founded by origin")]
    found = own.by_group([run(startups=firms, scale=0.5)], "2010Q1", asked).iloc[0]
    assert found["startup_jobs by origin", "local"] == 10
    assert found["startup_jobs by origin", "foreign"] == 6
    assert found["startups_failed/startups_founded by origin", "local"] == 1.0
    assert found["startups_failed/startups_founded by origin", "foreign"] == 0.0


def test_an_intention_that_is_no_column_is_refused():
    class Wrong(TalentVisa):
        INTENDED = ("foreigners",)

    policy = Wrong(name="mine", added_quarters=1, wait_change=0, quota_per_quarter=1, cost_per_permit=1)
    with pytest.raises(ConfigError, match="policy.mine: INTENDED of its class=foreigners: foreigners: no such column"):
        own.asked_and_intended([], [policy])


def test_every_intention_of_the_package_is_an_outcome():
    import importlib
    import pkgutil

    from sim import policies
    from sim.policies.instrument import Instrument

    for module in pkgutil.iter_modules(policies.__path__):
        for kind in vars(importlib.import_module(f"sim.policies.{module.name}")).values():
            if isinstance(kind, type) and issubclass(kind, Instrument):
                assert own.read(list(kind.INTENDED))[1] == [], kind


@pytest.mark.slow
def test_they_are_in_a_comparison_and_in_its_folder(tmp_path):
    words = {"configs": small.OWN, "city": "lakeside", "scale": 0.1, "end": "2007Q4", "runs": 5, "calibrated": False}
    asked = ["equity_raised_cny/rounds", "startup_jobs by sector", "startups_founded by district", "vacancies"]
    words |= {small.SPIN_UP: 0, "store": str(tmp_path), "policy.talent_visa.start": "2006Q3"}
    found = sim.compare(["talent_visa"], "none", outcomes=asked, primary="vacancies", **words)
    names = list(found.table["outcome"])
    assert names[len(OUTCOMES) :] == ["equity_raised_cny/rounds", "vacancies", "foreign_arrivals", "foreign_residents"]
    assert found.table.set_index("outcome")["primary"]["vacancies"]
    assert "What talent_visa is meant to move:" in str(found)
    whole = found.effect("startup_jobs")["difference"]
    assert found.by_group.query("dimension == 'sector'")["difference"].sum() == pytest.approx(whole)
    whole = found.effect("startups_founded")["difference"]
    assert found.by_group.query("dimension == 'district'")["difference"].sum() == pytest.approx(whole)
    assert "vacancies" in found.runs
    arms = {"base": "none", "visa": ["talent_visa"]}
    several = sim.compare(arms={**arms, "wide": {"policy": ["talent_visa"], "policy.talent_visa.added_quarters": 60}},
                          outcomes=asked, **words)  # fmt: skip
    visa = several.by_group.query("arm == 'visa'").drop(columns="arm").reset_index(drop=True)
    pd.testing.assert_frame_equal(visa[list(found.by_group)], found.by_group)
