"""Arms that part late: one past, simulated once, and no bit other than in runs of their own."""

import pandas as pd
import pytest
import small

from sim.analysis import arms, common_past, outcomes
from sim.calendar import quarter_name, quarter_of
from sim.model import Ecosystem

SHORT = (*small.LAKESIDE, "end=2012Q4")
GUIDED = ("policy.guidance_fund.size=1e9", "policy.guidance_fund.start=2009Q1", "policy.guidance_fund.sectors=[ai_software]")
PATIENT = ("policy.patient_capital.size=1e9", "policy.patient_capital.start=2009Q3", "policy.patient_capital.sectors=[ai_software]")


def pair_of(first, second):
    return [small.config(*SHORT, *words) for words in (first, second)]


PAIRS = {  # name -> (words of two arms, the quarter in which they part)
    "one lacks a policy": (["policy=[guidance_fund,patient_capital]", *GUIDED, *PATIENT], ["policy=[patient_capital]", *PATIENT], "2009Q1"),
    "one has a policy in front": (["policy=[patient_capital]", *PATIENT], ["policy=[talent_visa,patient_capital]", "policy.talent_visa.start=2010Q2", *PATIENT], "2010Q2"),
    "one has it announced": (["policy=[]"], ["policy=[guidance_fund]", *GUIDED, "policy.guidance_fund.announced=2008Q2"], "2008Q2"),
    "one has a larger one": (["policy=[guidance_fund]", *GUIDED], ["policy=[guidance_fund]", *GUIDED[1:], "policy.guidance_fund.size=2e9"], "2009Q1"),
    "one has it later": (["policy=[guidance_fund]", *GUIDED], ["policy=[guidance_fund]", GUIDED[0], GUIDED[2], "policy.guidance_fund.start=2011Q1"], "2009Q1"),
    "from the first quarter": (["policy=[talent_visa]", "policy.talent_visa.start=null"], ["policy=[]"], "2006Q1"),
    "in another order": (["policy=[guidance_fund,patient_capital]", *GUIDED, *PATIENT], ["policy=[patient_capital,guidance_fund]", *GUIDED, *PATIENT], None),
}


@pytest.fixture(params=list(PAIRS), name="pair")
def one_pair(request):
    first, second, parting = PAIRS[request.param]
    return pair_of(first, second), parting


def kept(place, runs):
    """Name -> table of the runs that one task keeps, in their order."""
    places = [place / str(i) for i in range(len(runs))]
    arms.simulate(list(zip(runs, places, strict=True)))
    return [{name: getattr(outcomes.Reduced(one), name) for name in outcomes.TABLES} for one in places]


def test_no_bit_differs_from_runs_alone(pair, tmp_path):
    configs, _ = pair
    together = kept(tmp_path / "together", configs)
    for i, config in enumerate(configs):
        (alone,) = kept(tmp_path / f"alone{i}", [config])
        for name, table in alone.items():
            pd.testing.assert_frame_equal(together[i][name], table, check_exact=True, check_dtype=not table.empty, check_index_type=False)


def test_the_past_is_simulated_once(pair, monkeypatch):
    (one, other), parting = pair
    stepped = []
    step = Ecosystem.step
    monkeypatch.setattr(Ecosystem, "step", lambda model: (stepped.append(quarter_name(model.quarter)), step(model)))
    list(common_past.simulate([one, other], outcomes.Arrivals))
    quarters = [quarter_name(q) for q in range(one.start, one.end + 1)]
    assert stepped == quarters + (quarters if parting is None else [q for q in quarters if q >= parting])


def test_only_policies_may_differ():
    one, same = pair_of(["policy=[talent_visa]"], [])
    assert common_past.of(one) == common_past.of(same)
    for word in ("seed=2", "mechanism.sales.drift=0.01", "shock=[slowdown]", "start=2007Q1"):
        assert common_past.of(one) != common_past.of(small.config(*SHORT, word))


def test_who_looks_on_sees_each_arm_whole():
    class Quarters:
        def __init__(self):
            self.seen = []

        def see(self, model):
            self.seen.append(model.quarter - 1)

    configs = pair_of(*PAIRS["one lacks a policy"][:2])
    for config, model, watcher in common_past.simulate(configs, Quarters):
        assert watcher.seen == list(range(config.start, config.end + 1)) and model.quarter == config.end + 1
    assert quarter_of("2012Q4") == watcher.seen[-1]
