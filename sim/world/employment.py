"""Jobs: who works for whom, and the headcounts that follow.

The employer of a person is one integer: the slot of a startup from 0 up, NOBODY, or below it a corporate. Whoever
takes or leaves a job does it here, so that headcounts are always the number of persons employed.
"""

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


@equation
def leave_job(person, people, firms):
    """The person in a slot leaves the job, if there is one, and looks for work."""
    if people.status[person] == Status.EMPLOYED:
        _change_staff(people.employer[person], -1, firms)
    people.employer[person] = NOBODY
    people.status[person] = Status.SEARCHING


@kernel
def leave_jobs(persons, people, firms):
    """The persons in slots `persons` leave their jobs and look for work."""
    for person in persons:
        leave_job(person, people, firms)
