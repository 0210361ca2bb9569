"""A programme for returnees in the small city: who it reaches, what of it would have happened anyway, and where its
money goes.
"""

import pytest
import small

import sim
from sim.observables import outcomes
from sim.runs import arms
from sim.settings import config as configs
from sim.settings import contrast
from sim.verbs.comparison import heterogeneity, takers

GRANT = 30_000
WORDS = {
    "configs": str(small.OWN),
    "city": "lakeside",
    "scale": 0.1,
    "policy": ["returnee_programme"],
    "against": "none",
    "runs": 3,
}
KNOBS = {
    "start": "2010Q1",
    "arrival_grant": GRANT,
    "seed_grant": 0,
    "appeal": 1.0,
    "budget": 1e11,
    "offices_cost": 0,
    "administration": 0,
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    store = tmp_path_factory.mktemp("programme")
    knobs = {f"policy.returnee_programme.{key}": value for key, value in KNOBS.items()}

    def compare(**words):
        return sim.compare(**{**WORDS, "end": "2012Q4", "store": str(store), **knobs, **words})

    compare.store = store
    return compare


def reduced(compared, comparison, arm):
    """The runs of an arm, from the store."""
    return [
        outcomes.Reduced(arms.kept(compared.store / f"{name}-{outcomes.SCHEMA}.zip"))
        for name in comparison.runs[comparison.runs.arm == arm].fingerprint
    ]


def test_in_its_first_quarter_all_who_come_without_it_come_with_it(compared):
    """More appeal only adds people (one draw a person), so the twins of the takers who come too are all who come
    without it.
    """
    comparison = compared(end="2010Q1")
    instrument = comparison.about["instruments"]["returnee_programme"]
    assert (instrument["origins"], instrument["arm"], instrument["start"]) == (["returnee"], "policy", "2010Q1")
    both = zip(reduced(compared, comparison, "policy"), reduced(compared, comparison, "against"), strict=True)
    groups = [takers.groups("returnee_programme", instrument, *runs)[0] for runs in both]
    ours, theirs = (
        comparison.runs[comparison.runs.arm == arm].returnees.to_numpy() * WORDS["scale"]
        for arm in ("policy", "against")
    )
    assert [group.takers for group in groups] == pytest.approx(ours)
    assert [group.of_twins.done_without for group in groups] == pytest.approx(theirs)
    assert 0 < theirs.sum() < ours.sum()
    ledger = comparison.ledger.set_index("quantity").value
    assert ledger["extra returnees"] == pytest.approx((ours - theirs).mean() / WORDS["scale"])


def test_the_outlay_is_what_was_granted_to_the_yuan(compared):
    comparison = compared()
    raw = [
        run.panel.returnees[run.panel.quarter >= "2010Q1"].sum() * run.scale
        for run in reduced(compared, comparison, "policy")
    ]
    rows = comparison.incidence.set_index("class")
    outlay = GRANT * round(sum(raw))
    assert sum(rows.first_cny) == sum(rows.receipts_sum_cny) == rows.first_cny["employees"] == outlay
    assert rows.first_share.sum() == pytest.approx(1)
    assert rows.receipts_cny.sum() == pytest.approx(rows.first_mean_cny.sum())


def test_the_parts_sum_to_the_whole(compared):
    """By origin, experience, sector, district and stage, for levels and differences; the whole is that of the
    comparison.
    """
    comparison = compared()
    sums = comparison.heterogeneity.groupby(["dimension", "outcome"])[["policy", "against", "difference"]].sum()
    for dimension in heterogeneity.DIMENSIONS:
        for name in heterogeneity.UNITS:
            assert sums.loc[dimension, name].to_numpy() == pytest.approx(
                sums.loc[heterogeneity.WHOLE, name].to_numpy(), rel=1e-12, abs=1e-6
            )
    table = comparison.table.set_index("outcome")
    for name, outcome in {
        "founded": "startups_founded",
        "alive": "startups_alive",
        "funded": "startups_funded_alive",
        "jobs": "startup_jobs",
    }.items():
        assert sums.loc[(heterogeneity.WHOLE, name), "difference"] == pytest.approx(table.difference[outcome])
    assert sums.loc[(heterogeneity.WHOLE, "raised"), "policy"] == pytest.approx(table.policy["vc_raised_cny"], rel=1e-6)


def test_districts_sum_to_the_city(compared):
    comparison = compared()
    sums = comparison.district_effects.groupby("quantity").difference.sum()
    table = comparison.table.set_index("outcome").difference
    for quantity in ("startups_founded", "startups_alive", "startup_jobs"):
        assert sums[quantity] == pytest.approx(table[quantity])


def test_an_effect_is_that_of_having_it_whichever_way_it_is_asked(compared):
    """What `without` leaves out is what the arms differ by: the same runs, the same numbers, the same words."""
    one = compared()
    knobs = {f"policy.returnee_programme.{key}": value for key, value in KNOBS.items()}
    words = {k: v for k, v in WORDS.items() if k not in ("policy", "against", "runs")} | knobs | {"end": "2012Q4"}
    config = configs.load(
        [
            "experiment=compare",
            *(f"{k}='{v}'" if k == "configs" else f"{k}={v}" for k, v in words.items()),
            "policy=[returnee_programme]",
            "without=[returnee_programme]",
            "against=[returnee_programme]",
        ]
    )
    assert "returnee_programme" not in config.resolved["policy"]
    about = contrast.of(config).about
    assert about["names"] == one.about["names"] == {"policy": "with returnee_programme", "against": "no policy"}
    assert [change["key"] for change in about["changes"]] == ["policy.returnee_programme"]
