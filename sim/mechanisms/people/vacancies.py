"""Hiring: open posts stand on a circle of their field, and people who look for work come upon them.

    hires of a field = matching (searchers x posts)^1/2,   at most `most_matched` of the searchers and of the posts

(Petrongolo and Pissarides 2001: an elasticity near one half.) Who is matched goes to a place on the circle and takes
the next free post clockwise (`world.circle`), in the order of their numbers. Who finds nothing in the own field tries
the second, and of those left some turn to other fields, the more to one the more posts stand open there a searcher,
and make it their own (Kambourov and Manovskii 2008).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on
from sim.world.circle import circle, take
from sim.world.draws import Decision, power, uniform, uniforms_at
from sim.world.employment import as_employer, take_jobs
from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY

ONE_HALF = 0.5  # exponent of the matching function
OWN, SECOND, TURN, SPOT, WHERE = range(5)  # numbers of the draws of a searcher


class Params(NamedTuple):
    matching: float
    most_matched: float
    second_field_success: float
    turning: float


@equation
def chance_of_a_match(searchers, posts, params):
    """Chance that a searcher of a field is matched in a quarter; where there is none, that of the first who comes."""
    searchers = max(searchers, 1)
    hires = params.matching * power(1.0 * searchers * posts, ONE_HALF)
    return min(hires, params.most_matched * posts, params.most_matched * searchers) / searchers


@kernel
def post(chance, firms):
    """Employers post what they lack: the Circle of posts, group by group of the fields; a member is its employer.

    The place of an employer's k-th post of a quarter follows from its number and k.
    """
    startups, corporates, fields = firms.startups, firms.corporates, len(firms.sectors)
    open_ = 0
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
            open_ += max(0, startups.target[i] - startups.headcount[i])
    for i in range(len(corporates)):
        open_ += max(0, corporates.target[i] - corporates.headcount[i])
    employers, places, field = np.empty(open_, np.int64), np.empty(open_), np.empty(open_, np.int64)
    n = 0
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
            for k in range(startups.target[i] - startups.headcount[i]):
                employers[n], field[n] = i, startups.sector[i]
                places[n] = uniform(chance.seed, Decision.POST, chance.quarter, startups.id[i], k)
                n += 1
    for i in range(len(corporates)):
        number = as_employer(corporates.id[i])  # below those of startups
        for k in range(corporates.target[i] - corporates.headcount[i]):
            employers[n], field[n] = as_employer(i), corporates.sector[i]
            places[n] = uniform(chance.seed, Decision.POST, chance.quarter, number, k)
            n += 1
    return circle(employers, places, field, fields)


@kernel
def match(chance, searchers, people, posts, firms, params):
    """Searchers, in this order, take posts of their field, else of the second, else of one that they turn to.

    Returns (those hired, slots of persons, hires by turning to another field).
    """
    fields = len(firms.sectors)
    searching, meets = np.zeros(fields, np.int64), np.empty(fields)
    for i in searchers:
        searching[people.field[i]] += 1
    for s in range(fields):
        meets[s] = chance_of_a_match(searching[s], posts.free[s], params)
    waiting, count = searchers, 0
    hired, jobs = np.empty(len(searchers), np.int64), np.empty(len(searchers), np.int64)
    spots = uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, searchers, SPOT)
    for attempt in (OWN, SECOND):
        luck = uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, waiting, attempt)
        own, second = people.field[waiting], people.second_field[waiting]
        left, places, still = np.empty(len(waiting), np.int64), np.empty(len(waiting)), 0
        for k in range(len(waiting)):
            field, odds = own[k], 1.0
            if attempt == SECOND:
                odds = params.second_field_success if second[k] != field else 0.0
                field = second[k]
            job = take(posts, field, spots[k]) if luck[k] < odds * meets[field] else NOBODY
            if job != NOBODY:
                hired[count], jobs[count] = waiting[k], job
                count += 1
            else:
                left[still], places[still] = waiting[k], spots[k]
                still += 1
        waiting, spots = left[:still], places[:still]
    turned = _turn(chance, waiting, spots, people, posts, params, (hired[count:], jobs[count:]))
    hired, jobs = hired[: count + turned], jobs[: count + turned]
    take_jobs(hired, jobs, people, firms)
    return hired, turned


@kernel
def _turn(chance, waiting, spots, people, posts, params, found):
    """Some of those left turn to a field, by its posts a searcher, and make it their own: fills `found`, (those hired,
    slots of persons, employers); how many.
    """
    fields, (hired, jobs) = len(posts.free), found
    searching = np.zeros(fields, np.int64)
    for i in waiting:
        searching[people.field[i]] += 1
    sought = np.empty(fields)  # running sum
    total, count = 0.0, 0
    for s in range(fields):
        total += posts.free[s] / (searching[s] + 1.0)
        sought[s] = total
    if total <= 0.0:
        return count
    luck, where = (
        uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, waiting, TURN),
        uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, waiting, WHERE),
    )
    for k in range(len(waiting)):
        if luck[k] >= params.turning:
            continue
        i, field = waiting[k], np.searchsorted(sought, where[k] * total)
        job = take(posts, field, spots[k]) if field != people.field[i] else NOBODY
        if job != NOBODY:
            people.second_field[i] = people.field[i]
            people.field[i] = field
            hired[count], jobs[count] = i, job
            count += 1
    return count
