"""Arms that part late: one past, simulated once, and no bit other than in runs of their own."""

from pathlib import Path

import pandas as pd
import pytest
import small

from sim.model.ecosystem import Ecosystem
from sim.observables import outcomes
from sim.runs import arms, common_past
from sim.runs.fingerprint import fingerprints
from sim.world.calendar import quarter_name

SHORT = (*small.LAKESIDE, "end=2012Q4")
GUIDED = (
    "policy.guidance_fund.size=1e9",
    "policy.guidance_fund.start=2009Q1",
    "policy.guidance_fund.sectors=[ai_software]",
)
PATIENT = (
    "policy.patient_capital.size=1e11",
    "policy.patient_capital.start=2009Q3",
    "policy.patient_capital.sectors=[ai_software]",
)
TRIED = ("policy.sandbox.start=2008Q3", "policy.sandbox.sectors=all", "policy.shared_laboratories.start=2010Q1")
LIVELY = "mechanism.founding.idea_rate=0.05"  # enough founders for some of them to reckon with what is announced
PAIRS = {  # name -> (words of two arms, the quarter in which they part)
    "one lacks a policy": (
        ["policy=[guidance_fund,patient_capital]", *GUIDED, *PATIENT],
        ["policy=[patient_capital]", *PATIENT],
        "2009Q1",
    ),
    "one has a policy in front": (
        ["policy=[patient_capital]", *PATIENT],
        ["policy=[returnee_programme,patient_capital]", "policy.returnee_programme.start=2010Q2", *PATIENT],
        "2010Q2",
    ),
    "one lacks what firms apply to": (
        ["policy=[shared_laboratories]", TRIED[2]],
        ["policy=[sandbox,shared_laboratories]", *TRIED],
        "2008Q3",
    ),
    "one has it announced": (
        ["policy=[]", LIVELY],
        [
            LIVELY,
            "policy=[failure_forgiveness]",
            "policy.failure_forgiveness.start=2011Q1",
            "policy.failure_forgiveness.announced=2008Q2",
        ],
        "2008Q2",
    ),
    "one has a larger one": (
        ["policy=[sandbox]", *TRIED[:2], "policy.sandbox.places_per_quarter=1"],
        ["policy=[sandbox]", *TRIED[:2], "policy.sandbox.places_per_quarter=40"],
        "2008Q3",
    ),
    "one has it later": (
        ["policy=[patient_capital]", *PATIENT],
        ["policy=[patient_capital]", PATIENT[0], PATIENT[2], "policy.patient_capital.start=2011Q1"],
        "2009Q3",
    ),
    "both meet a shock": (
        ["policy=[patient_capital]", "shock=[slowdown]", "shock.slowdown.start=2008Q1", *PATIENT],
        ["policy=[]", "shock=[slowdown]", "shock.slowdown.start=2008Q1"],
        "2009Q3",
    ),
}


def pair_of(first, second):
    return [small.config(*SHORT, *words) for words in (first, second)]


@pytest.fixture(params=list(PAIRS), name="pair")
def one_pair(request):
    first, second, parting = PAIRS[request.param]
    return pair_of(first, second), parting


def kept(parent, runs):
    """[name -> table] of the runs that one task keeps, in their order."""
    paths = [parent / f"{fingerprint}-{outcomes.SCHEMA}.zip" for fingerprint in fingerprints(runs)]
    arms.simulate(list(zip(runs, paths, strict=True)))
    reduced = [outcomes.Reduced(arms.kept(path)) for path in paths]
    return [{name: getattr(one, name) for name in outcomes.TABLES} for one in reduced]


def test_no_bit_differs_from_runs_alone(pair, tmp_path):
    configs, _ = pair
    together = kept(tmp_path / "together", configs)
    for i, config in enumerate(configs):
        (alone,) = kept(tmp_path / f"alone{i}", [config])
        for name, table in alone.items():
            pd.testing.assert_frame_equal(
                together[i][name], table, check_exact=True, check_dtype=not table.empty, check_index_type=False
            )
    assert not together[0]["flows"].equals(together[1]["flows"])  # the arms do part


def test_the_past_is_simulated_once(pair, monkeypatch):
    (one, other), parting = pair
    stepped = []
    step = Ecosystem.step
    monkeypatch.setattr(Ecosystem, "step", lambda model: (stepped.append(quarter_name(model.quarter)), step(model)))
    list(common_past.simulate([one, other], outcomes.Arrivals))
    quarters = [quarter_name(q) for q in range(one.start, one.end + 1)]
    later = [q for q in quarters if q >= parting]
    assert stepped == quarters + later
    assert common_past.shared(one, other) == pytest.approx(1 - len(later) / len(quarters))


def test_nothing_is_shared_from_the_first_quarter_or_in_another_order():
    assert common_past.shared(*pair_of(["policy=[talent_visa]", "policy.talent_visa.start=null"], ["policy=[]"])) == 0
    both = ["guidance_fund", "patient_capital"]
    assert (
        common_past.shared(
            *pair_of(*([f"policy=[{','.join(names)}]", *GUIDED, *PATIENT] for names in (both, both[::-1])))
        )
        == 0
    )


def test_only_policies_may_differ():
    one, same = pair_of(["policy=[talent_visa]"], [])
    assert common_past.of(one) == common_past.of(same)
    for word in ("seed=2", "mechanism.sales.drift=0.01", "shock=[slowdown]", "start=2007Q1"):
        assert common_past.of(one) != common_past.of(small.config(*SHORT, word))


def test_pairs_are_formed_where_they_save_time():
    """The first two runs stay apart; six processes do six runs at once, and four tasks no faster."""
    late, early = (PAIRS["one has a policy in front"][:2], (["policy=[talent_visa]"], ["policy=[]"]))

    def sizes(words, seeds, workers):
        missing = [(arms.with_seed(arm, seed), Path(str(seed))) for seed in range(seeds) for arm in pair_of(*words)]
        tasks = arms._tasks(missing, workers)
        assert sorted(str(folder) for task in tasks for _, folder in task) == sorted(
            str(folder) for _, folder in missing
        )
        assert all(len({config.seed for config, _ in task}) == 1 for task in tasks)
        return [len(task) for task in tasks]

    assert sizes(late, 4, 1) == [1, 1, 2, 2, 2]
    assert sizes(late, 9, 2) == [1, 1] + 8 * [2]
    assert sizes(late, 3, 6) == 6 * [1]
    assert sizes(early, 4, 1) == 8 * [1]


THREE = (  # arms of which the second and the third part from the first in other quarters
    ["policy=[]"],
    ["policy=[patient_capital]", *PATIENT],
    ["policy=[returnee_programme,patient_capital]", "policy.returnee_programme.start=2010Q2", PATIENT[0], PATIENT[2]]
    + ["policy.patient_capital.start=2011Q1"],
)


def test_three_arms_have_one_past(tmp_path, monkeypatch):
    configs = [small.config(*SHORT, *words) for words in THREE]
    alone = [kept(tmp_path / f"alone{i}", [config])[0] for i, config in enumerate(configs)]
    stepped = []
    step = Ecosystem.step
    monkeypatch.setattr(Ecosystem, "step", lambda model: (stepped.append(quarter_name(model.quarter)), step(model)))
    together = kept(tmp_path / "together", configs)
    assert [stepped.count(quarter) for quarter in ("2006Q1", "2009Q2", "2009Q3", "2010Q1", "2010Q2")] == [1, 1, 2, 2, 3]
    assert common_past.shared(*configs) == pytest.approx(3 - len(stepped) / 28)
    for ours, theirs in zip(together, alone, strict=True):
        for name, table in theirs.items():
            pd.testing.assert_frame_equal(
                ours[name], table, check_exact=True, check_dtype=not table.empty, check_index_type=False
            )


def test_arms_are_simulated_together_in_the_number_that_is_soonest(tmp_path):
    missing = [
        (arms.with_seed(small.config(*SHORT, *words), seed), tmp_path / f"{seed}")
        for seed in range(5)
        for words in THREE
    ]
    assert [len(task) for task in arms._tasks(missing, 1)] == [1, 1, 1, 3, 3, 3, 3]
    assert [len(task) for task in arms._tasks(missing, 30)] == 15 * [1]


def test_who_looks_on_sees_each_arm_whole():
    class Quarters:
        def __init__(self):
            self.seen = []

        def see(self, model):
            self.seen.append(model.quarter - 1)

    configs = pair_of(*PAIRS["one lacks a policy"][:2])
    for config, model, watcher in common_past.simulate(configs, Quarters):
        assert watcher.seen == list(range(config.start, config.end + 1)) and model.quarter == config.end + 1
