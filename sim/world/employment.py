"""Jobs: who works for whom, and the headcounts that follow.

The employer of a person is one integer: the slot of a startup from 0 up, NOBODY, or below it a corporate. It is an
index too: an array by employer has startups from the front and, as negative numbers count from the end, NOBODY and
the corporates from the back. A pass over all persons that reads one has no branches, which chance would take.

Whoever takes or leaves a job does it here, so that headcounts are always the number of persons employed. Where many do,
persons are gone through first and employers second: memory is then asked for many at a time.
"""

import numpy as np

from sim.world.kernel import equation, kernel, shared
from sim.world.kinds import NOBODY, Status

FIRST_CORPORATE = NOBODY - 1  # the employer who is the corporate in slot 0


@shared
def as_employer(corporate):
    """The employer who is the corporate in a slot; numbers or arrays."""
    return FIRST_CORPORATE - corporate


@shared
def corporate_of(employer):
    """The slot of the corporate who is an employer below NOBODY; numbers or arrays."""
    return FIRST_CORPORATE - employer


@shared
def employers(firms):
    """How many employers there are, NOBODY among them: as long is an array by employer."""
    return len(firms.startups) + len(firms.corporates) + 1


@equation
def _change_staff(employer, change, firms):
    if employer >= 0:
        firms.startups.headcount[employer] += change
    else:
        firms.corporates.headcount[corporate_of(employer)] += change


@equation
def workplace(employer, firms):
    """District of an employer; NOBODY without one, and for a pool of incumbents, which sits everywhere."""
    if employer >= 0:
        return firms.startups.district[employer]
    if employer == NOBODY or firms.corporates.pool[corporate_of(employer)]:
        return NOBODY
    return firms.corporates.district[corporate_of(employer)]


@equation
def take_job(person, employer, people, firms):
    """The person in a slot begins to work for an employer."""
    people.employer[person] = employer
    people.status[person] = Status.EMPLOYED
    people.idle[person] = 0
    _change_staff(employer, 1, firms)


@kernel
def take_jobs(persons, jobs, people, firms):
    """The persons in slots `persons` begin to work for the employers `jobs`."""
    for k in range(len(persons)):
        people.employer[persons[k]] = jobs[k]
        people.status[persons[k]] = Status.EMPLOYED
        people.idle[persons[k]] = 0
    for employer in jobs:
        _change_staff(employer, 1, firms)


@equation
def leave_job(person, people, firms):
    """The person in a slot leaves the job, if there is one, and looks for work."""
    if people.status[person] == Status.EMPLOYED:
        _change_staff(people.employer[person], -1, firms)
    people.employer[person] = NOBODY
    people.status[person] = Status.SEARCHING


@kernel
def leave_jobs(persons, people, firms):
    """The persons in slots `persons` leave their jobs, if they have one, and look for work."""
    left, n = np.empty(len(persons), np.int64), 0
    for person in persons:
        left[n] = people.employer[person]
        n += people.status[person] == Status.EMPLOYED
        people.employer[person] = NOBODY
        people.status[person] = Status.SEARCHING
    for employer in left[:n]:
        _change_staff(employer, -1, firms)
