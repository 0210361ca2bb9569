"""Reduced runs, tables and the public purse by hand numbers."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.observables import outcomes
from sim.runs import store
from sim.statistics import effects

QUARTERS = ["2010Q1", "2010Q2", "2010Q3", "2010Q4"]
COLUMNS = {column for outcome in outcomes.OUTCOMES for column in (*outcome.columns, *outcome.per)}


def reduced(policy=(), scale=0.5, **columns):
    """A Reduced run whose panel is 0 but for `columns`, and whose accounts are rows of `policy`."""
    run = outcomes.Reduced("nowhere")
    run.panel = pd.DataFrame({"quarter": QUARTERS, **dict.fromkeys(COLUMNS, 0.0), **columns})
    run.policy = pd.DataFrame(
        list(policy),
        columns=[
            "policy",
            "quarter",
            "spent_in_quarter_cny",
            "administration_in_quarter_cny",
            "recovered_in_quarter_cny",
        ],
    )
    run.scale = scale
    return run


def totals(name, values):
    """A frame of totals, all 0 but the outcome `name`."""
    return pd.DataFrame({outcome.name: np.zeros(len(values)) for outcome in outcomes.OUTCOMES}).assign(**{name: values})


def test_flows_are_summed_and_levels_are_those_of_the_end():
    run = reduced(
        startups_founded=[1.0, 2, 3, 4], startups_alive=[1.0, 2, 3, 7], ipos=[0, 0, 1, 0], acquisitions=[5, 1, 0, 1]
    )
    sums = run.totals("2010Q2")
    assert (sums.startups_founded, sums.startups_alive, sums.exits) == (
        9,
        7,
        3,
    )
    assert list(run.quarterly().exits) == [5, 1, 1, 1]


def test_a_share_is_one_of_sums():
    run = reduced(rounds_hard_tech=[4.0, 0, 1, 0], rounds=[4.0, 0, 3, 1])
    assert run.totals("2010Q2").hard_tech_share == 1 / 4
    assert list(run.quarterly().hard_tech_share.round(3).fillna(-1)) == [1, -1, 0.333, 0]
    assert math.isnan(reduced().totals("2010Q1").hard_tech_share)


def test_cost_is_of_the_purses_named_and_at_full_size():
    rows = [("a", "2010Q2", 10, 2, 0), ("a", "2010Q4", 4, 0, 5), ("b", "2010Q2", 100, 0, 0)]
    assert list(reduced(rows).cost(["a"])) == [0, 24, 0, -2]
    assert list(reduced(rows).cost([])) == [0, 0, 0, 0]


def test_table():
    """Differences 1, 0, 1, 2, 1: mean 1, variance 1/2, error sqrt(1/10), t of 4 degrees 2.7764; t is sqrt(10), and
    two-sided p 0.0341.
    """
    ours, theirs = totals("tax_cny", [2.0, 2, 4, 6, 1]), totals("tax_cny", [1.0, 2, 3, 4, 0])
    table = effects.table(ours, theirs).set_index("outcome")
    row = table.loc["tax_cny"]
    half = 2.77645 / math.sqrt(10)
    assert (row.policy, row.against, row.difference, row.percent, row.runs) == (3, 2, 1, 50, 5)
    assert (row.difference_low, row.difference_high) == pytest.approx((1 - half, 1 + half), abs=1e-5)
    assert (row.standard_error, row.t, row.p) == pytest.approx((0.1**0.5, 10**0.5, 0.0341), abs=1e-4)
    assert row.q == row.p  # the only row that can be tested
    assert row.runs_independent == pytest.approx(5 * (4 + 2.5) / 0.5)
    assert math.isnan(row["median"])
    others = table.drop("tax_cny")
    assert (others[["difference", "detectable"]] == 0).all(axis=None)
    assert others[["difference_low", "difference_high", "p", "q"]].isna().all(axis=None)  # no spread, no interval


def test_four_pairs_have_no_interval():
    row = effects.table(totals("tax_cny", [2.0, 2, 4, 6]), totals("tax_cny", [1.0, 2, 3, 4])).set_index("outcome")
    assert row.difference["tax_cny"] == 1
    assert row.loc["tax_cny", ["difference_low", "difference_high", "standard_error", "p"]].isna().all()


def test_false_discoveries_are_counted_over_all_but_the_outcome_declared_beforehand():
    """Benjamini and Hochberg: of p 0.01, 0.02 and 0.9 the second has q = 0.02 x 3 / 2."""
    rows = pd.DataFrame({"p": [0.001, 0.01, 0.9, 0.02, np.nan], "primary": [True, False, False, False, False]})
    assert effects.with_q(rows).q.fillna(-1).tolist() == pytest.approx([-1, 0.03, 0.9, 0.03, -1])


def test_heavy_tails_get_robust_estimates():
    """One deal of 1000 moves the mean and neither of the others."""
    table = effects.table(
        totals("exit_value_cny", [1.0, 1, 1, 1, 1, 1000]), totals("exit_value_cny", [0.0] * 6)
    ).set_index("outcome")
    row = table.loc["exit_value_cny"]
    assert (row.difference, row["median"], row.median_low, row.median_high, row.trimmed) == (1005 / 6, 1, 1, 1000, 1)


def test_seeds_without_a_value_are_left_out():
    row = (
        effects.table(totals("hard_tech_share", [0.5, np.nan, 0.7]), totals("hard_tech_share", [0.4, 0.4, 0.4]))
        .set_index("outcome")
        .loc["hard_tech_share"]
    )
    assert row.runs == 2 and row.difference == pytest.approx(0.2)


def test_event_study():
    ours = [reduced(startups_alive=[1.0, 1, 3, 1 + extra]).quarterly() for extra in (4.0, 2, 4, 2, 3)]
    theirs = [reduced(startups_alive=[1.0, 1, 1, 1]).quarterly()] * 5
    study = effects.event_study(ours, theirs, "2010Q3")
    alive = study[study.outcome == "startups_alive"]
    assert list(alive.relative) == [-2, -1, 0, 1] and list(alive.difference) == [0, 0, 2, 3]
    assert alive.loc[alive.relative < 1, ["low", "high"]].isna().all(axis=None)  # all pairs are the same
    assert alive.high.iloc[3] == pytest.approx(3 + 2.7764 / math.sqrt(5), abs=1e-3)


def test_phases_placebo_and_anticipation():
    """Announced in the second quarter and started in the third: 1 more in the second is anticipation, and no breach of
    the placebo.
    """
    ours, theirs = ([reduced(startups_founded=values).quarterly()] * 2 for values in ([1.0, 3, 5, 5], [1.0, 2, 2, 2]))
    study = effects.event_study(ours, theirs, "2010Q3", "2010Q2")
    assert list(study[study.outcome == "startups_founded"].phase) == ["before", "announced", "in force", "in force"]
    assert effects.placebo(study) == (0.0, None)
    ahead = effects.anticipation(ours, theirs, "2010Q3", "2010Q2").set_index("outcome")
    assert (
        ahead.difference["startups_founded"],
        ahead.against["startups_founded"],
        ahead.until["startups_founded"],
    ) == (1, 2, "2010Q2")
    assert (ahead.difference.drop("startups_founded").fillna(0) == 0).all()
    assert effects.placebo(effects.event_study(ours, theirs, "2010Q3")) == (
        1.0,
        "startups_founded",
    )  # had it not been announced
    assert effects.anticipation(ours, theirs, "2010Q3", None).empty


def test_discounting():
    """A year at 3% divides by 1.03; what lies before the start does not count."""
    amounts = pd.Series([100.0, 10, 0, 0, 0, 103], ["2009Q4", "2010Q1", "2010Q2", "2010Q3", "2010Q4", "2011Q1"])
    assert effects.discounted(amounts, "2010Q1", 0.03) == pytest.approx(110)


def test_public_purse():
    """Cost 10, tax 4: a yuan brings 0.4 back, and 10/6 yuan are paid for by a yuan of net cost."""
    cost, tax = np.array([9.0, 11, 10, 9, 11]), np.array([3.0, 5, 4, 3.5, 4.5])
    purse = effects.public_purse(cost, tax).set_index("quantity")
    assert list(purse.value) == pytest.approx([10, 4, 6, 0.4, 10 / 6])
    assert purse.low["fiscal_return"] < 0.4 < purse.high["fiscal_return"]
    assert purse.low["mvpf"] < 5 / 3 < purse.high["mvpf"]
    assert effects.public_purse(cost, tax, wtp=0.6).set_index("quantity").value["mvpf"] == pytest.approx(1)
    pays = effects.public_purse(cost, 5 + cost).set_index("quantity")
    assert pays.value["net_cost"] == -5 and math.isnan(pays.value["mvpf"])
    unsure = effects.public_purse(cost, np.array([-9.0, 12, 4, -3, 5])).set_index("quantity")
    assert math.isnan(unsure.value["fiscal_return"]) and unsure.value["tax"] == pytest.approx(1.8)


def test_a_reduced_run_is_kept_whole(lakeside, tmp_path):
    tables = lakeside.panels.tables(outcomes.MADE)
    index = {"schema": outcomes.SCHEMA, "fingerprint": "ab", "scale": lakeside.scale, "seconds": 1.0}
    kept = outcomes.parts(outcomes.of_run(tables, outcomes.Arrivals().table(), lakeside.scale))
    for _ in range(2):  # the second by another process
        store.write(tmp_path / "ab-1.zip", index, kept)
    assert [path.name for path in tmp_path.iterdir()] == ["ab-1.zip"]
    run = outcomes.Reduced(store.Entry(tmp_path / "ab-1.zip", outcomes.SCHEMA))
    city = tables["city"]
    assert (run.scale, run.fingerprint) == (lakeside.scale, "ab")
    assert run.totals("2006Q1").vc_raised_cny == city.vc_raised_cny.sum()
    assert run.totals("2006Q1").startups_alive == city.startups_alive.iloc[-1]
    accounts = tables["policy"]
    net = (
        accounts.spent_in_quarter_cny.sum()
        + accounts.administration_in_quarter_cny.sum()
        - accounts.recovered_in_quarter_cny.sum()
    )
    assert run.totals("2006Q1").net_spending_cny == pytest.approx(net / lakeside.scale)
    assert run.cost([policy.name for policy in lakeside.policies]).sum() == pytest.approx(net / lakeside.scale)
    rounds = tables["rounds"]
    assert run.startups.raised_private_cny.sum() == rounds.amount_cny[rounds.investor != "patient"].sum()
    assert (run.startups.exit_value_cny > 0).sum() > 0 and len(run.flows) and len(run.applications)
    assert run.funds.committed_to_date_cny.sum() > run.funds.guidance_to_date_cny.sum() > 0 and set(
        run.districts.district
    ) == set(lakeside.city.district_codes)
    with pytest.raises(AttributeError, match="a reduced run has no 'rivals'"):
        _ = run.rivals
