"""Selective programmes: firms that are eligible apply where that is worth their time, wait, and the best are admitted.

    applies   where log(odds x worth) - log(cost_quarters x wage) + noise z > 0
    score     = quality + noise z,    admitted: the best scores above the lowest one within places and purse

A firm is eligible by district, sector, stage, origin of its founder and team (`Terms.open_to`, `teams`). It reckons
with the odds of past competitions of the programme. To apply takes time of its founder in that quarter; the answer
comes some quarters later, and who has asked waits for it before it goes to investors (`capital.plans`). Places are a
number a quarter at scale 1 and may be a fraction: the calendar hands out whole ones. All applications are kept with
score, cut-off, competition, and the state of the firm when it applied, so that effects can be estimated as papers do.
"""

from typing import NamedTuple

import numpy as np

from sim.world.draws import Decision, log, normals
from sim.world.kernel import equation, kernel
from sim.world.kinds import NEVER, Answer, Life

PROGRAMMES = ("sandbox_places", "concept_places", "accelerator_places", "testbed_places", "pilot_places")  # levers
REST_QUARTERS = 4  # a firm that was refused applies again after a year
CHOICES = 1000  # added to the quarter per programme, so that the choice to apply is not the luck of another's score
STATE = ("stage", "rounds", "progress", "headcount", "cash", "revenue", "district", "sector")  # kept of an applicant


class Params(NamedTuple):
    cost_quarters: float
    choice_noise: float
    wait_quarters: float
    first_odds: float
    odds_memory: float
    least_odds: float


class Terms(NamedTuple):
    """What a programme offers in a quarter; money in yuan."""

    policy: int  # slot of the purse that pays
    open_to: np.ndarray  # (districts, sectors, stages, origins), above zero where firms are eligible
    teams: np.ndarray  # minus the smallest, and the largest number of employees
    places: float  # a quarter, in the model
    lowest: float  # score admitted
    noise: float  # of the score around quality
    cost: int  # of one admission to the purse
    worth: float  # of one admission to a firm


class Round(NamedTuple):
    """Applications that are decided in a quarter: rows, slots of startups, scores, who was admitted, the lowest score
    that was, and the places there were.
    """

    rows: np.ndarray
    applicants: np.ndarray
    scores: np.ndarray
    admitted: np.ndarray
    cutoff: float
    places: int

    @property
    def inside(self):
        """Slots of those admitted."""
        return self.applicants[self.admitted]

    @property
    def outside(self):
        """Slots of those refused."""
        return self.applicants[~self.admitted]


def whole_places(rate, begun):
    """Whole places of quarter number `begun` (from 0) where `rate` are handed out a quarter."""
    return int(rate * (begun + 1)) - int(rate * begun)


def eligible(startups, terms):
    """Which startups are alive and of the kind that a programme is for, bool[startups]."""
    return _eligible(startups=startups, open_to=terms.open_to, teams=terms.teams)


@kernel
def _eligible(startups, open_to, teams):
    fits = np.zeros(len(startups), np.bool_)
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life == Life.ALIVE and -teams[0] <= firm.headcount <= teams[1]:
            fits[i] = open_to[firm.district, firm.sector, firm.stage, firm.origin] > 0.0
    return fits


# ---------------------------------------------------------------- who applies


@equation
def free_to_apply(life, since, refused, quarter):
    """Whether a venture lives, was never inside, as the quarter `since` then says, and has rested from a refusal."""
    return life == Life.ALIVE and since == NEVER and quarter >= refused + REST_QUARTERS


@kernel
def worth_applying(odds, worth, wage, luck, params):
    """Whether an application is worth its founder's time, bool[n]; `wage` a quarter, `luck` standard normal."""
    gain, applies = log(max(odds * worth, 1.0)), np.empty(len(wage), np.bool_)
    for k in range(len(wage)):
        cost = log(max(params.cost_quarters * wage[k], 1.0))
        applies[k] = gain - cost + params.choice_noise * luck[k] > 0.0
    return applies


def odds_of(purse, params):
    """Odds of admission that firms reckon with: those of past competitions of the programme, the later the more."""
    return max(purse.admitted / purse.asked, params.least_odds) if purse.asked > 0.0 else params.first_odds


@kernel
def _end(quarter, kept, startups, running):
    """Who waits for an answer of a policy that is not among those `running` waits no more."""
    for k in range(len(kept)):
        if kept[k].decided == NEVER and not (kept[k].policy == running).any():
            kept[k].decided, kept[k].answer = quarter, Answer.ENDED
            startups[kept[k].startup].asking -= 1


def close(model):
    """Applications to programmes that have ended get their answer: there is none."""
    state, payer = model.state, model.levers.payer
    running = np.array([payer[name] for name in PROGRAMMES])
    _end(quarter=model.quarter, kept=state.applications.used, startups=state.startups.used, running=running)


def select(model, terms, able, decision):
    """The Round of a programme. The eligible among those `able`, bool[startups], apply where that is worth their time;
    `decision` is the luck of scores. Whoever is not able any more when the answer is due has withdrawn.
    """
    startups, may = model.state.startups.used, able & eligible(model.state.startups.used, terms)
    _apply(model, terms, may.copy(), decision)
    kept = model.state.applications.used
    wait = int(model.params["selection"].wait_quarters)
    due = np.flatnonzero(_open(kept, terms.policy) & (kept.quarter <= model.quarter - wait))
    stays = may[kept.startup[due]]
    gone = due[~stays]
    kept.decided[gone], kept.answer[gone] = model.quarter, Answer.WITHDRAWN
    startups.asking[kept.startup[due]] -= 1
    rows = due[stays]
    return _admit(model, terms, rows, kept.startup[rows], kept.score[rows])


def _open(kept, policy):
    """Which applications to a policy wait for an answer, bool[applications]."""
    return (kept.policy == policy) & (kept.decided == NEVER)


def _apply(model, terms, may, decision):
    """Applications of the quarter; founders give their time to them."""
    state, params, quarter = model.state, model.params["selection"], model.quarter
    startups, kept, purse = state.startups.used, state.applications.used, state.purses.rows[terms.policy]
    may[kept.startup[_open(kept, terms.policy)]] = False
    asking = np.flatnonzero(may)
    if not len(asking):
        return
    luck = normals(model.seed, Decision.APPLY, quarter + CHOICES * int(decision), startups.id[asking])
    wage = state.sectors.used.wage[startups.sector[asking]]
    odds, worth = odds_of(purse, params), float(terms.worth)
    asking = asking[worth_applying(odds=odds, worth=worth, wage=wage, luck=luck, params=params)]
    scores = startups.quality[asking] + terms.noise * normals(model.seed, decision, quarter, startups.id[asking])
    enter(model, terms.policy, asking, scores)
    startups.asking[asking] += 1
    startups.labour[asking] = np.maximum(0.0, startups.labour[asking] - params.cost_quarters)


def enter(model, policy, slots, scores):
    """Keep applications of the startups in `slots` with their scores, for which there is no answer yet; returns their
    rows.
    """
    first = model.state.applications.count
    ids = model.state.startups.used.id[slots]
    record(model, len(slots), policy=policy, startup=slots, applicant_id=ids, score=scores)
    return np.arange(first, first + len(slots))


# ---------------------------------------------------------------- who is admitted


def _admit(model, terms, rows, applicants, scores):
    """The Round of these applications; the programme's odds follow it."""
    startups, purse = model.state.startups.used, model.state.purses.rows[terms.policy]
    places = whole_places(terms.places, model.city.since(model.quarter))
    if terms.cost > 0:
        places = min(places, int(purse.cash) // terms.cost)
    order = np.lexsort((startups.id[applicants], -scores))
    good = order[scores[order] >= terms.lowest]
    admitted = np.zeros(len(applicants), np.bool_)
    admitted[good[:places]] = True
    cutoff = terms.lowest
    if places <= len(good):
        cutoff = scores[good[places - 1]] if places > 0 else np.inf  # without a place no score is enough
    memory = model.params["selection"].odds_memory
    for name, seen in (("asked", len(applicants)), ("admitted", admitted.sum())):
        purse[name] += seen - memory * purse[name]
    return Round(rows, applicants, scores, admitted, cutoff, places)


def keep(model, terms, round_, amount):
    """Keep the answers of a Round; `amount` yuan for each who was admitted."""
    kept, scores, admitted = model.state.applications.used, round_.scores, round_.admitted
    rows = round_.rows
    kept.decided[rows], kept.places[rows], kept.cutoff[rows] = model.quarter, round_.places, round_.cutoff
    kept.admitted[rows], kept.amount[rows] = admitted, np.where(admitted, amount, 0)
    kept.worst_admitted[rows] = scores[admitted].min() if admitted.any() else np.nan
    kept.best_refused[rows] = scores[~admitted].max() if not admitted.all() else np.nan
    refused = np.where(scores < terms.lowest, Answer.SCORE, Answer.PLACES)
    kept.answer[rows] = np.where(admitted, Answer.ADMITTED, refused)


def record(model, n, **columns):
    """Keep `n` applications of the quarter; `columns` are those of `APPLICATION`, arrays or numbers, `startup` among
    them, of which the state is noted.
    """
    state = model.state
    first = state.applications.extend(n)
    kept, startups = state.applications.used[first:], state.startups.used
    for name, value in columns.items():
        kept[name][:] = value
    kept.quarter[:] = model.quarter
    for name in STATE:
        kept[name][:] = startups[name][kept.startup]
    kept.age[:] = model.quarter - startups.born[kept.startup]
    earlier = state.applications.used[:first]
    kept.again[:] = _asked_before(earlier=earlier, policy=columns["policy"], ids=kept.applicant_id)


@kernel
def _asked_before(earlier, policy, ids):
    """Whose of the `ids` of applicants stand among the `earlier` applications to a policy, bool[n]."""
    rising, met = np.sort(ids), np.zeros(len(ids), np.bool_)
    for k in range(len(earlier)):
        if earlier[k].policy == policy:
            at = np.searchsorted(rising, earlier[k].applicant_id)
            if at < len(rising) and rising[at] == earlier[k].applicant_id:
                met[at] = True
    again = np.empty(len(ids), np.bool_)
    for k in range(len(ids)):
        again[k] = met[np.searchsorted(rising, ids[k])]
    return again
