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
from sim.world.employment import as_employer, take_job
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


@equation
def _take(i, field, spot, posts, people, firms):
    """The person in slot i takes the next free post of a field; whether there is one."""
    employer = take(posts, field, spot)
    if employer == NOBODY:
        return False
    take_job(person=i, employer=employer, people=people, firms=firms)
    return True


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
    waiting, hired, count = searchers, np.empty(len(searchers), np.int64), 0
    spots = uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, searchers, SPOT)
    for attempt in (OWN, SECOND):
        luck = uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, waiting, attempt)
        left, places, still = np.empty(len(waiting), np.int64), np.empty(len(waiting)), 0
        for k in range(len(waiting)):
            i = waiting[k]
            field, odds = people.field[i], 1.0
            if attempt == SECOND:
                odds = params.second_field_success if people.second_field[i] != field else 0.0
                field = people.second_field[i]
            odds *= meets[field]
            if luck[k] < odds and _take(i, field, spots[k], posts, people, firms):
                hired[count] = i
                count += 1
            else:
                left[still], places[still] = i, spots[k]
                still += 1
        waiting, spots = left[:still], places[:still]
    before = count
    count = _turn(chance, waiting, spots, people, posts, firms, params, hired[count:])
    return hired[: before + count], count


@kernel
def _turn(chance, waiting, spots, people, posts, firms, params, hired):
    """Some of those left turn to a field, by its posts a searcher, and make it their own: fills `hired`; how many."""
    fields = len(firms.sectors)
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
        if field != people.field[i] and _take(i, field, spots[k], posts, people, firms):
            people.second_field[i] = people.field[i]
            people.field[i] = field
            hired[count] = i
            count += 1
    return count
