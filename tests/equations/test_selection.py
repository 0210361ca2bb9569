"""Who applies to a selective programme, how long the answer takes, who is admitted, and what is kept, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, firms, params, rows

from sim.mechanisms.programmes import partnerships, selection
from sim.mechanisms.programmes.selection import Params, Terms, eligible, keep, select, whole_places, worth_applying
from sim.world.columns import CORPORATE, PURSE, SECTOR, STARTUP
from sim.world.draws import Chance, Decision
from sim.world.kinds import NEVER, NOBODY, Answer, Life, Stage
from sim.world.state import Persons, State

FREE = params(Params, first_odds=0.5, odds_memory=0.5)  # to apply takes no time, and the answer comes at once


def town(quality, quarter=8024, purse=1000, odds=(0.0, 0.0), wage=0.0, more=FREE, **startups):
    """A city of startups with such quality and two purses, whose history begins in quarter 8024."""
    state = State(Persons(1))
    firm = {"id": np.arange(100, 100 + len(quality)), "labour": 1.0} | startups
    fill(state.startups, rows(STARTUP, len(quality), quality=quality, **firm))
    fill(state.sectors, rows(SECTOR, 2, wage=wage))
    asked = np.where(np.array(odds) > 0.0, 20.0, 0.0)
    fill(state.purses, rows(PURSE, 2, cash=purse, asked=asked, admitted=asked * odds))
    return SimpleNamespace(state=state, seed=1, quarter=quarter, city=dated(8024), params={"selection": more})


def terms(places=9, lowest=-np.inf, cost=0, teams=(0, 10), open_to=None, worth=1000.0, policy=0, noise=0.0):
    """A programme that is for all, but for what is given."""
    return Terms(
        policy=policy,
        open_to=np.ones((2, 2, 6, 3)) if open_to is None else open_to,
        teams=np.array([-teams[0], teams[1]]),
        places=places,
        lowest=lowest,
        noise=noise,
        cost=cost,
        worth=worth,
    )


def odds(model):
    """Odds of admission that firms reckon with, programme by programme."""
    return [selection.odds_of(purse, model.params["selection"]) for purse in model.state.purses.used]


def competed(model, offer, able=True, decision=Decision.SCORE, quarters=1):
    """The Round of the last of so many quarters; an admission is 7 yuan."""
    for quarter in range(quarters):
        model.quarter += quarter > 0
        found = select(model, offer, np.full(len(model.state.startups), able), decision)
        keep(model, offer, found, 7)
    return found


def applications(model):
    return model.state.applications.used


# ---------------------------------------------------------------- who may apply


def test_eligible_by_every_axis():
    open_to = np.zeros((2, 2, 6, 3))
    open_to[1, 0, 2, 1] = 1.0
    kind = {
        "district": [1, 0, 1, 1, 1, 1, 1],
        "sector": [0, 0, 1, 0, 0, 0, 0],
        "stage": [2, 2, 2, 1, 2, 2, 2],
        "origin": [1, 1, 1, 1, 0, 1, 1],
    }
    startups = rows(STARTUP, 7, headcount=[5, 5, 5, 5, 5, 11, 5], **kind)
    startups.life[6] = Life.FAILED
    assert eligible(startups, terms(teams=(5, 10), open_to=open_to)).tolist() == [True] + [False] * 6
    assert not eligible(startups, terms(teams=(6, 10), open_to=open_to)).any()


def test_only_those_apply_who_are_able_and_eligible():
    model = town([1.0] * 4, life=[Life.ALIVE, Life.ALIVE, Life.FAILED, Life.ALIVE])
    competed(model, terms(), able=[True, False, True, True])
    assert applications(model).applicant_id.tolist() == [100, 103]


# ---------------------------------------------------------------- who applies


@pytest.mark.parametrize(
    ("given", "applies"),
    [
        ({"worth": 41_000.0}, True),
        ({"worth": 39_000.0}, False),
        ({"odds": 0.26}, True),
        ({"odds": 0.24}, False),
        ({"wage": 49_000.0}, True),
        ({"wage": 51_000.0}, False),
        ({"cost": 0.19}, True),
        ({"cost": 0.21}, False),
        ({"worth": 20_000.0, "luck": 1.39}, True),  # half is too little by ln 2 = 0.693, at 0.5 a unit of luck
        ({"worth": 20_000.0, "luck": 1.38}, False),
        ({"worth": 80_000.0, "luck": -1.38}, True),
        ({"worth": 80_000.0, "luck": -1.39}, False),
        ({"worth": 8.0, "cost": 0.0}, True),  # what takes no time is worth two yuan
        ({"worth": 0.0, "cost": 0.0}, False),  # and not nothing
    ],
)
def test_to_apply_is_worth_its_time_by_hand(given, applies):
    """A quarter of the chances to get 40,000 yuan is a fifth of a quarter at 50,000."""
    case = {"odds": 0.25, "worth": 40_000.0, "wage": 50_000.0, "luck": 0.0, "cost": 0.2} | given
    found = worth_applying(
        odds=case["odds"],
        worth=case["worth"],
        wage=np.array([case["wage"]]),
        luck=np.array([case["luck"]]),
        params=params(Params, cost_quarters=case["cost"], choice_noise=0.5),
    )
    assert found.tolist() == [applies]


@pytest.mark.parametrize(
    ("seen", "first", "applies"),
    [
        (0.0, 0.11, True),  # no competition yet
        (0.0, 0.09, False),
        (0.11, 0.05, True),
        (0.09, 0.5, False),
    ],
)
def test_applicants_reckon_with_the_odds_of_past_competitions_and_before_them_with_the_first(seen, first, applies):
    """A tenth of a thousand yuan is a quarter of a founder; the odds of the other programme are no matter."""
    model = town([1.0], wage=100.0, odds=[seen, 0.1], more=FREE._replace(cost_quarters=1.0, first_odds=first))
    competed(model, terms())
    assert len(applications(model)) == applies


def test_those_who_can_earn_more_elsewhere_apply_less():
    """Half of a thousand yuan is more than a quarter in the first sector and less than one in the second."""
    model = town([1.0, 1.0], wage=[400.0, 600.0], sector=[1, 0], more=FREE._replace(cost_quarters=1.0))
    competed(model, terms())
    assert applications(model).applicant_id.tolist() == [101]


N = 4000
EVEN = FREE._replace(cost_quarters=1.0, choice_noise=1.0)  # half apply where the gain is half of a thousand


def test_where_an_application_costs_twice_the_gain_few_apply():
    """Whose luck is above ln 2: 0.244. 4000 draws: four standard errors are 0.027."""
    model = town([1.0] * N, wage=1000.0, more=EVEN)
    competed(model, terms())
    assert len(applications(model)) / N == pytest.approx(0.244, abs=0.027)


@pytest.mark.parametrize("later", [{"decision": Decision.PILOT}, {"quarter": 8025}], ids=["programme", "quarter"])
def test_the_choice_to_apply_is_made_anew_for_each(later):
    """Of the half that applies to one, half applies to the other: four standard errors of 4000 are 0.028."""
    model = town([1.0] * N, wage=500.0, more=EVEN)
    competed(model, terms())
    model.quarter = later.get("quarter", 8024)
    competed(model, terms(policy=1), decision=later.get("decision", Decision.SCORE))
    ids, times = np.unique(applications(model).applicant_id, return_counts=True)
    assert (times == 2).sum() / N == pytest.approx(0.25, abs=0.028)


def test_to_apply_takes_time_of_the_founder_who_applies_and_no_more_than_there_is():
    """The third may apply, and earns too much for that."""
    more = FREE._replace(cost_quarters=0.2)
    model = town([1.0] * 3, labour=[1.5, 0.1, 1.5], wage=[100.0, 9000.0], sector=[0, 0, 1], more=more)
    competed(model, terms())
    assert model.state.startups.used.labour.tolist() == pytest.approx([1.3, 0.0, 1.5])


# ---------------------------------------------------------------- the answer

SLOW = FREE._replace(wait_quarters=2.0)


@pytest.mark.parametrize("wait", [0, 1, 3])
def test_the_answer_comes_after_the_quarters_of_waiting(wait):
    model = town([1.0], more=FREE._replace(wait_quarters=float(wait)))
    competed(model, terms(), quarters=wait + 1)
    first = applications(model)[0]
    assert (first.quarter, first.decided, first.answer) == (8024, 8024 + wait, Answer.ADMITTED)


def test_before_that_there_is_none():
    model = town([1.0], more=SLOW)
    found = competed(model, terms(), quarters=2)
    assert len(found.applicants) == 0
    assert applications(model)[["decided", "answer"]].tolist() == [(NEVER, Answer.OPEN)]


@pytest.mark.parametrize(("quarters", "waits"), [(1, 1), (2, 1), (3, 0)])
def test_a_venture_waits_until_it_is_answered(quarters, waits):
    model = town([1.0], more=SLOW)
    competed(model, terms(), quarters=quarters)
    assert model.state.startups.used.asking[0] == waits


def test_nobody_applies_to_a_programme_that_has_not_answered_yet():
    model = town([1.0], more=SLOW)
    competed(model, terms(), quarters=3)
    assert len(applications(model)) == 1


def test_who_waits_for_one_programme_may_apply_to_another_and_each_answers_its_own():
    model = town([1.0], more=SLOW)
    competed(model, terms(), quarters=2)
    competed(model, terms(policy=1))
    assert model.state.startups.used.asking[0] == 2
    model.quarter += 1
    competed(model, terms())
    assert applications(model)[["policy", "decided"]].tolist() == [(0, 8026), (1, NEVER)]
    assert model.state.startups.used.asking[0] == 1


@pytest.mark.parametrize(
    "change", [{"life": Life.FAILED}, {"stage": Stage.SEED}, {"headcount": 11}], ids=["failed", "stage", "size"]
)
def test_who_is_not_eligible_any_more_has_withdrawn_and_leaves_the_place_to_another(change):
    """One place, for which the first of two would be the better one."""
    open_to = np.ones((2, 2, 6, 3))
    open_to[:, :, Stage.SEED] = 0.0
    model = town([2.0, 1.0], more=SLOW)
    competed(model, terms(1, open_to=open_to), quarters=2)
    for name, value in change.items():
        model.state.startups.used[name][0] = value
    model.quarter += 1
    found = competed(model, terms(1, open_to=open_to))
    assert found.inside.tolist() == [1]
    assert applications(model).answer.tolist() == [Answer.WITHDRAWN, Answer.ADMITTED]
    assert model.state.startups.used.asking.tolist() == [0, 0]


def test_who_is_not_able_any_more_has_withdrawn_in_the_quarter_of_the_answer():
    model = town([1.0], more=SLOW)
    competed(model, terms(), quarters=2)
    model.quarter += 1
    competed(model, terms(), able=False)
    assert applications(model)[["decided", "answer", "admitted"]].tolist() == [(8026, Answer.WITHDRAWN, 0)]


# ---------------------------------------------------------------- who is admitted

FOUR = [0.5, 2.0, 1.0, 3.0]


def test_places_of_the_calendar_add_up():
    assert [whole_places(0.4, quarter) for quarter in range(5)] == [0, 0, 1, 0, 1]
    assert sum(whole_places(2.5, quarter) for quarter in range(40)) == 100


def test_a_programme_has_the_places_of_the_quarters_since_the_history_began():
    competitions = [competed(town(FOUR, quarter=quarter), terms(0.4)) for quarter in range(8024, 8029)]
    assert [found.places for found in competitions] == [0, 0, 1, 0, 1]


def test_the_best_get_the_places():
    found = competed(town(FOUR), terms(2))
    assert sorted(found.inside) == [1, 3] and sorted(found.outside) == [0, 2]


@pytest.mark.parametrize(
    ("places", "lowest", "cost", "admitted", "cutoff", "had"),
    [
        (2, -9.0, 0, [1, 3], 2.0, 2),
        (4, -9.0, 0, [0, 1, 2, 3], 0.5, 4),
        (9, 0.8, 0, [1, 2, 3], 0.8, 9),  # the lowest score binds
        (9, 1.0, 0, [1, 2, 3], 1.0, 9),  # and is enough
        (9, -9.0, 400, [1, 3], 2.0, 2),  # the purse binds: two at 400 of 1,000
        (1, -9.0, 400, [3], 3.0, 1),  # and here does not
        (0, -9.0, 0, [], np.inf, 0),  # no place, so no score is enough
        (9, -9.0, 2000, [], np.inf, 0),
    ],
)
def test_what_binds(places, lowest, cost, admitted, cutoff, had):
    found = competed(town(FOUR), terms(places, lowest, cost))
    assert sorted(found.inside) == admitted
    assert (found.cutoff, found.places) == (cutoff, had)


def test_of_equals_the_older_is_admitted():
    assert competed(town([1.0] * 3, id=[102, 100, 101]), terms(1)).inside.tolist() == [1]


def test_scores_are_quality_and_noise():
    """4000 draws: four standard errors of the mean are 0.032, of the spread 0.022."""
    luck = competed(town(np.full(N, 2.0)), terms(noise=0.5)).scores - 2.0
    assert luck.mean() == pytest.approx(0.0, abs=0.032) and luck.std() == pytest.approx(0.5, abs=0.022)


def test_those_who_dare_to_apply_are_not_those_whom_the_jury_will_like():
    """Half apply by luck, and their noise is that of all: four standard errors of 2000 are 0.09."""
    found = competed(town(np.zeros(N), wage=500.0, more=EVEN), terms(noise=1.0))
    assert found.scores.mean() == pytest.approx(0.0, abs=0.09)


def test_the_score_is_that_of_the_application():
    model = town([1.0, 2.0], more=SLOW)
    competed(model, terms(1), quarters=2)
    model.state.startups.used.quality[:] = [9.0, 0.0]
    model.quarter += 1
    assert competed(model, terms(1)).inside.tolist() == [1]


# ---------------------------------------------------------------- the odds that are learned


@pytest.mark.parametrize(
    ("places", "before", "after"),
    [
        (1, 0.0, 0.25),  # one of four, in the first competition
        (1, 0.75, 0.65),  # 13 of 20: four fifths of 15 of 20, and one of four
        (0, 0.0, 0.05),  # no less than that
        (0, 0.75, 0.6),
        (9, 0.75, 0.8),
    ],
)
def test_odds_follow_the_part_that_was_admitted(places, before, after):
    more = FREE._replace(odds_memory=0.2, least_odds=0.05)
    model = town(FOUR, odds=[before, 0.9], more=more)
    competed(model, terms(places))
    assert odds(model) == pytest.approx([after, 0.9])


def test_odds_stay_where_nobody_is_answered():
    """Four apply, and do not know yet."""
    model = town(FOUR, odds=[0.3, 0.9], more=SLOW)
    competed(model, terms(0))
    assert odds(model) == pytest.approx([0.3, 0.9])


def test_odds_are_of_those_who_did_not_withdraw():
    model = town([3.0, 2.0, 1.0], more=SLOW)
    competed(model, terms(1), quarters=2)
    model.quarter += 1
    competed(model, terms(1), able=[False, True, True])
    assert odds(model)[0] == 0.5


def test_applications_to_a_programme_that_has_ended_get_an_answer():
    """Whoever waited is free to look for a round."""
    model = town(FOUR, more=SLOW)
    model.levers = SimpleNamespace(payer=dict.fromkeys(selection.PROGRAMMES, 0))
    competed(model, terms(1))
    selection.close(model)
    assert model.state.startups.used.asking.tolist() == [1, 1, 1, 1]
    model.levers = SimpleNamespace(payer=dict.fromkeys(selection.PROGRAMMES, NOBODY))
    selection.close(model)
    assert set(applications(model).answer) == {Answer.ENDED}
    assert model.state.startups.used.asking.tolist() == [0, 0, 0, 0]


# ---------------------------------------------------------------- what is kept


def test_answers_say_whether_the_score_or_the_places_were_too_few():
    model = town(FOUR)
    competed(model, terms(2, lowest=0.8))
    kept = applications(model)
    assert kept.answer.tolist() == [Answer.SCORE, Answer.ADMITTED, Answer.PLACES, Answer.ADMITTED]
    assert (kept.admitted.tolist(), kept.amount.tolist()) == ([0, 1, 0, 1], [0, 7, 0, 7])


NONE = pytest.approx(np.nan, nan_ok=True)


@pytest.mark.parametrize(
    ("offer", "cutoff", "worst", "best", "places"),
    [
        ({"places": 2}, 2.0, 2.0, 1.0, 2),
        ({"places": 9, "lowest": 0.8}, 0.8, 1.0, 0.5, 9),
        ({"places": 9}, -np.inf, 0.5, NONE, 9),  # all admitted
        ({"places": 0}, np.inf, NONE, 3.0, 0),
        ({"places": 9, "cost": 400}, 2.0, 2.0, 1.0, 2),
    ],
)
def test_each_answer_is_kept_with_its_competition(offer, cutoff, worst, best, places):
    model = town(FOUR)
    competed(model, terms(**offer))
    kept = applications(model)
    assert len(kept) == 4
    for row in kept:
        assert (row.cutoff, row.worst_admitted, row.best_refused, row.places) == (cutoff, worst, best, places)


def test_competitions_of_later_quarters_do_not_change_what_is_kept():
    model = town(FOUR)
    competed(model, terms(2), able=[True, True, False, False])
    before = applications(model).copy()
    model.quarter += 1
    competed(model, terms(1), able=[False, False, True, True])
    kept = applications(model)
    assert kept[:2].tobytes() == before.tobytes() and kept[2:].quarter.tolist() == [8025, 8025]


def test_who_applied_to_the_same_programme_before_applies_again():
    model = town([1.0, 2.0])
    competed(model, terms(), able=[True, False])
    competed(model, terms(policy=1))
    competed(model, terms())
    kept = applications(model)
    assert kept.policy.tolist() == [0, 1, 1, 0, 0]
    assert kept.again.tolist() == [0, 0, 0, 1, 0]


STATE = {
    "stage": (Stage.IDEA, Stage.A),
    "rounds": (0, 2),
    "progress": (0.25, 0.75),
    "headcount": (3, 9),
    "cash": (500, 10),
    "revenue": (40, 90),
    "district": (1, 0),
    "sector": (1, 0),
}


def test_the_state_is_kept_that_a_startup_was_in_when_it_applied():
    """And not that of the quarter of the answer; it was ten quarters old."""
    model = town([1.0], born=8014, more=SLOW, **{name: then for name, (then, _) in STATE.items()})
    competed(model, terms(), quarters=2)
    for name, (_, now) in STATE.items():
        model.state.startups.used[name] = now
    model.quarter += 1
    competed(model, terms())
    kept = applications(model)[0]
    assert (kept.answer, kept.age) == (Answer.ADMITTED, 10)
    assert {name: kept[name] for name in STATE} == {name: then for name, (then, _) in STATE.items()}


# ---------------------------------------------------------------- partners


def test_partners_that_shrink_or_leave_are_lost():
    startups = rows(STARTUP, 3, partner=[0, 1, 1], pilot=10, id=[1, 2, 3])
    corporates = rows(CORPORATE, 2, headcount=100, target=[85, 95])
    doors = firms(startups=startups, corporates=corporates)
    stays = params(partnerships.Params, partner_shrinks=0.1)
    assert partnerships._part(chance=Chance(1, 8100), firms=doors, params=stays) == 1
    assert (
        startups.partner.tolist() == [-1, 1, 1]
        and startups.pilot.tolist() == [0, 10, 10]
        and startups.partner_lost[0] == 8100
    )
    goes = stays._replace(partner_hazard=4.0)
    assert partnerships._part(chance=Chance(1, 8101), firms=doors, params=goes) == 2
