"""Additionality by hand: takers and their twins, displacement, ratios that are left out; and the cut-off."""

import hand_made
import numpy as np
import pandas as pd
import pytest

from sim.verbs.comparison import admission, ledger, takers
from sim.verbs.comparison.takers import Deeds
from sim.world.kinds import Cohort

SANDBOX = {
    "arm": "policy",
    "levers": ["sandbox_places"],
    "start": "2010Q1",
    "end": None,
    "origins": None,
    "districts": ["PD"],
    "announced_cny": None,
}


def item(*levers, **more):
    return SANDBOX | {"levers": list(levers), **more}


def application(startup, admitted, score=0.0, cutoff=0.0, policy="it"):
    return {
        "policy": policy,
        "quarter": "2010Q2",
        "year": 2010,
        "startup_id": startup,
        "applicant_id": startup,
        "score": score,
        "cutoff": cutoff,
        "admitted": admitted,
        "decided": "2010Q2",
        "answer": "admitted" if admitted else "places",
        "amount_cny": 0,
    }


def test_of_three_admitted_two_have_a_twin_and_one_twin_raises_too():
    """Number 4 was refused, so it is neither a taker nor a placebo; 5 and 6 never applied, and 6 raises by chance."""
    ours = hand_made.run(
        applications=[application(i, i < 4) for i in (1, 2, 3, 4)],
        startups=[{"startup_id": i, "raised_private_cny": 10} for i in (1, 2, 3, 4, 6)] + [{"startup_id": 5}],
    )
    theirs = hand_made.run(
        startups=[
            {"startup_id": 1, "raised_private_cny": 6},
            {"startup_id": 2},
            {"startup_id": 4, "raised_private_cny": 99},
            *({"startup_id": i} for i in (5, 6)),
        ]
    )
    (group,) = takers.groups("it", item("sandbox_places"), ours, theirs)
    assert (group.takers, group.of_twins, group.never) == (3, Deeds(2, 2, 1, 1), Deeds(2, 1, 0, 0))
    assert (group.deed, group.money, group.money_without) == ("raise money of others", 30, 6)


def test_additionality_by_hand():
    """Of ten takers a seed nine have a twin; six of these do it and four of the twins; of who never took it up one in
    twenty more does it by chance.
    """
    group = takers.Group("some", "raise", 10, Deeds(9, 6, 4, 3), Deeds(20, 11, 10, 9), money=30, money_without=12)
    rows = pd.DataFrame(ledger._additionality("it", [group] * 6, 0.1), columns=ledger.COLUMNS).set_index("quantity")
    assert rows.value.to_dict() == pytest.approx(
        {
            "takers: some": 100,
            "takers without a twin, who are left out below": 10,
            "raise, with it": 6 / 9,
            "their twins raise, without it": 4 / 9,
            ledger.ADDITIONAL: 2 / 9,
            ledger.PLACEBO: 1 / 20,
            ledger.DEADWEIGHT: 3 / 6,
            "other money of the takers that would also have come without": 0.4,
        }
    )


def person(cohort, quarter, index):
    return {"person_id": int(cohort) << 48 | quarter << 32 | index, "subsidised_home": index == 0}


def test_arrivals_are_known_by_number():
    """Of the returnees who come while it is in force: not the foreigner, nor who came before."""
    quarter = 4 * 2010
    everybody = [person(Cohort.RETURNEE, quarter, i) for i in range(4)] + [
        person(Cohort.FOREIGN, quarter, 9),
        person(Cohort.RETURNEE, quarter - 1, 5),
    ]
    ours, theirs = hand_made.run(people=everybody), hand_made.run(people=everybody[1:3] + everybody[4:])
    came, housed = takers.groups("it", item("appeal", "homes", origins=["returnee"]), ours, theirs)
    assert (came.takers, came.of_twins, came.never) == (4, Deeds(4, 4, 2, 2), Deeds(1, 1, 1, 1))
    assert (housed.takers, housed.of_twins) == (1, Deeds(1, 1, 0, 0))


def test_stakes_and_funds_are_known_by_number():
    stake = {
        "startup_id": 1,
        "round": 1,
        "stage": "seed",
        "quarter": "2010Q1",
        "investor": "fund",
        "investor_id": 7,
        "amount_cny": 40,
        "post_money_cny": 99,
    }
    ours = hand_made.run(
        startups=[{"startup_id": 1}],
        rounds=[stake | {"compensated_to_date_cny": 12}, stake | {"investor_id": 8, "compensated_to_date_cny": 12}],
    )
    theirs = hand_made.run(
        startups=[{"startup_id": 1}], rounds=[stake | {"compensated_to_date_cny": 0, "amount_cny": 30}]
    )
    (group,) = takers.groups("it", item("loss_cover"), ours, theirs)
    assert (group.takers, group.of_twins, group.money, group.money_without) == (2, Deeds(2, 2, 1, 1), 80, 30)
    ours = hand_made.run(
        funds=[
            {"fund_id": 1, "vintage": "2010Q1", "committed_to_date_cny": 100, "guidance_to_date_cny": 25},
            {"fund_id": 2, "vintage": "2010Q1", "committed_to_date_cny": 9, "guidance_to_date_cny": 0},
        ]
    )
    theirs = hand_made.run(
        funds=[{"fund_id": 1, "vintage": "2011Q1", "committed_to_date_cny": 60, "guidance_to_date_cny": 0}]
    )
    (group,) = takers.groups("it", item("guidance_pace"), ours, theirs)
    assert (group.of_twins, group.never) == (Deeds(1, 1, 1, 1), Deeds(1, 1, 0, 0))
    assert (group.money, group.money_without) == (75, 60)


def by_district(pudong, elsewhere):
    same = dict.fromkeys(
        ("startups_founded", "startup_jobs", "vc_raised_cny", "office_rent_cny_m2", "home_rent_cny_m2"), 0.0
    )
    return hand_made.run(
        districts=[
            {"quarter": "2010Q1", "district": d, "startups_alive": n, **same}
            for d, n in (("PD", pudong), ("HP", elsewhere))
        ]
    )


def test_displacement_by_hand():
    """Pudong gains 10, the rest loses 4: 0.4 lost elsewhere per one gained."""
    ours, theirs = (
        [by_district(30.0, 16.0), by_district(31.0, 15.6)],
        [by_district(20.0, 20.0), by_district(21.0, 19.6)],
    )
    rows = pd.DataFrame(ledger._displacement("it", SANDBOX, ours, theirs, "2010Q1"), columns=ledger.COLUMNS).set_index(
        "quantity"
    )
    assert rows.value["startups alive: in PD"] == 10 and rows.value[
        "startups alive: in all other districts"
    ] == pytest.approx(-4)
    assert rows.value["startups alive: lost elsewhere per one gained"] == pytest.approx(0.4)
    assert rows.why["jobs in startups: lost elsewhere per one gained"] == "change in the districts aimed at: none"
    assert ledger._displacement("it", SANDBOX | {"districts": ["PD", "HP"]}, ours, theirs, "2010Q1") == []


def test_a_programme_without_takers_says_so():
    same = [by_district(1.0, 1.0)] * 2
    rows = ledger._programme(
        "it", item("debt", "stigma", districts=None), same, same, {"first_quarter": "2010Q1", "scale": 1.0}
    )
    (row,) = pd.DataFrame(rows, columns=ledger.COLUMNS).itertuples()
    assert np.isnan(row.value) and row.why == "nobody is on record for having taken it up; it moves debt, stigma"


def test_what_cannot_be_told_from_zero_carries_no_ratio():
    ratio, why = ledger.quotient(np.array([1.0, 2, 3, 2, 2]), np.array([-5.0, 6, 1, 1, 1]), "extra jobs")
    assert np.isnan(ratio).all() and why.startswith("extra jobs cannot be told from zero: 0.8 [")
    ratio, why = ledger.quotient(np.array([10.0, 12, 11, 11, 11]), np.array([5.0, 6, 5.5, 5.5, 5.5]), "extra jobs")
    assert ratio.value == 2 and why == ""


def test_few_pairs_carry_a_ratio_without_an_interval():
    ratio, why = ledger.quotient(np.array([10.0, 12]), np.array([5.0, 6]), "extra jobs")
    assert ratio.value == 2 and np.isnan(ratio[1:]).all() and why == ""


def test_the_cut_off_by_hand():
    """Around the cut-off 1 the admitted have 10 employees and the refused 4; in the other arm the same startups have
    7.
    """
    scores = np.linspace(0, 2, 81)
    asked = [application(i, score >= 1.0, score, 1.0) for i, score in enumerate(scores)]
    ours = hand_made.run(
        applications=asked,
        startups=[{"startup_id": i, "headcount": 10 if score >= 1.0 else 4} for i, score in enumerate(scores)],
    )
    theirs = hand_made.run(startups=[{"startup_id": i, "headcount": 7} for i in range(81)])
    rows = admission.admission([ours], [theirs], {"instruments": {"it": SANDBOX}}).set_index("outcome")
    jobs = rows.loc["jobs"]
    assert jobs.bandwidth == pytest.approx(scores.std(ddof=1))
    assert (jobs.mean_admitted, jobs.mean_refused, jobs.twin_effect) == (10, 4, 3)
    assert (jobs.difference, jobs.low) == pytest.approx((6, 6))
    assert jobs.admitted == ((scores >= 1) & (scores <= 1 + jobs.bandwidth)).sum()
    assert rows.difference["raises"] == pytest.approx(0)
    few = hand_made.run(applications=asked[38:42], startups=[{"startup_id": i} for i in range(38, 42)])
    assert admission.admission([few], [theirs], {"instruments": {"it": SANDBOX}}).why.str.contains("fewer than 5").all()


def test_claims_without_a_cut_off_are_no_experiment():
    asked = [application(i, i > 2, score=5.0) for i in range(9)]  # all above, some refused for other reasons
    run = hand_made.run(applications=asked, startups=[{"startup_id": i} for i in range(9)])
    assert admission.admission([run], [run], {"instruments": {"it": SANDBOX}}).empty
