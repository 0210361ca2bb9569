"""Whom people meet follows from their own numbers: one person more or fewer, or another order of the tables, leaves
the meetings of all others as they were but for a few neighbours.
"""

import numpy as np
import pytest
import small

from sim.mechanisms.capital import angels
from sim.mechanisms.people.settlement import release
from sim.model.ecosystem import Ecosystem
from sim.observables.panels import Panels
from sim.world import circle, draws
from sim.world.columns import PERSON
from sim.world.doors import People
from sim.world.draws import Decision
from sim.world.employment import corporate_of
from sim.world.kinds import NOBODY, Cohort, Experience, Investor, Status
from sim.world.state import State

MORE = 4  # quarters after the one from which a city goes on
REMOVED = 12  # persons who are taken out of the city one at a time


class City:
    """A city that goes on again and again from the same quarter, a year before its end."""

    def __init__(self, *words):
        self.model = Ecosystem(small.config(*words))
        while self.model.quarter <= self.model.config.end - MORE:
            self.model.step()
        self.first = self.model.quarter
        self.arrays = {name: np.array(values) for name, values in self.model.state.arrays().items()}

    def after(self, quarters=1, change=lambda state: None):
        """The model after some quarters from the same start, whose state `change` has altered."""
        model = self.model
        model.state = State.from_arrays({name: np.array(values) for name, values in self.arrays.items()})
        model._quarter, model.panels = self.first, Panels(model.config, model.city, model.state)
        change(model.state)
        for _ in range(quarters):
            model.step()
        return model


def there(state):
    """Slots of those who are in the city."""
    return np.flatnonzero(state.persons.status[: state.persons.count] != Status.ABSENT)


def employers(model):
    """Number of a person -> number of the employer: of startups as it is, of corporates below NOBODY."""
    persons, slots = model.state.persons, there(model.state)
    employer = persons.employer[slots]
    number = np.full(len(slots), NOBODY)
    young = employer >= 0
    number[young] = model.state.startups.used.id[employer[young]]
    old = employer < NOBODY
    number[old] = NOBODY - 1 - model.state.corporates.used.id[corporate_of(employer[old])]
    return dict(zip(persons.id[slots].tolist(), number.tolist(), strict=True))


def teams(model):
    """Number of a venture of the quarter -> numbers of its co-founders."""
    new = model.state.startups.used[model.state.startups.used.born == model.quarter - 1]
    ids = np.append(model.state.persons.id[: model.state.persons.count], NOBODY)  # slot NOBODY is the last one
    return {int(firm.id): (int(ids[firm.partner_1]), int(ids[firm.partner_2])) for firm in new}


def stakes_of_angels(model):
    """(venture, angel, yuan) of all stakes of angels, by their numbers, in order."""
    rows = model.state.holdings.used
    rows = rows[rows.investor == Investor.ANGEL]
    return sorted(zip(rows.startup_id.tolist(), rows.holder_id.tolist(), rows.amount.tolist(), strict=True))


def moved(ours, theirs):
    """How many of those in both cities have another lot."""
    return sum(ours[one] != theirs[one] for one in ours.keys() & theirs.keys())


def without(number):
    """A change of a state: the person with this number is not there."""

    def change(state):
        slots = there(state)
        release(state, slots[state.persons.id[slots] == number])

    return change


@pytest.fixture(scope="module")
def city():
    """A tenth of Shanghai as 2014 begins: 32,000 persons, of whom some 2,300 are hired in the quarter."""
    return City("scale=0.1", "policy=[]", "start=2008Q1", "end=2014Q4")


# ---------------------------------------------------------------- one person fewer


def some_of_each(state, each):
    """Numbers of `each` persons with work, the first of whom is one of the first residents, and of as many without."""
    persons, slots, chosen = state.persons, there(state), []
    for kind in (Status.EMPLOYED, Status.SEARCHING):
        of_kind = slots[persons.status[slots] == kind]
        chosen += persons.id[of_kind[:: len(of_kind) // each][:each]].tolist()
    assert len(chosen) == 2 * each and chosen[0] >> 48 == Cohort.INITIAL
    return chosen


def test_one_resident_fewer_changes_the_employer_of_hardly_anybody_else(city):
    """Twelve with work and twelve without, one at a time.

    Seen: of 32,000 others 0.3 in the mean and 2 at most have another employer a quarter later, of 2,270 who are hired.
    Where searchers and posts are lists that others re-index, nearly all of the hired have.
    """
    base = city.after()
    hired, before = base.state.tally.rows.hires[0], employers(base)
    chosen = some_of_each(city.after(quarters=0).state, REMOVED)
    changes = [moved(before, employers(city.after(change=without(number)))) for number in chosen]
    assert hired > 1000
    assert max(changes) < 0.01 * hired and np.mean(changes) < 0.002 * hired
    assert max(changes) > 0  # a post more, or a searcher fewer, is of use to somebody


def test_a_year_later_nearly_all_still_have_the_same_employer(city):
    """What one person fewer changes spreads slowly. Seen: 6 of 32,000 in the mean, and 37 at most."""
    base = employers(city.after(quarters=4))
    chosen = some_of_each(city.after(quarters=0).state, 4)
    changes = [moved(base, employers(city.after(quarters=4, change=without(number)))) for number in chosen]
    assert max(changes) < 0.01 * len(base)


def test_one_who_would_have_joined_fewer_changes_few_teams(city):
    """Each of those who join a founder in the quarter is gone, one at a time: the founder meets another, and hardly
    any other founder does.

    Seen: 1.7 of 46 teams in the mean, the own one counted, and 3 at most.
    """
    before = teams(city.after())
    resident = set(city.arrays["persons.id"].tolist())
    joined = [one for team in before.values() for one in team if one in resident]
    assert len(before) > 30 and len(joined) > REMOVED
    changes = [moved(before, teams(city.after(change=without(number)))) for number in joined[:REMOVED]]
    assert min(changes) >= 1  # the own team
    assert np.mean(changes) < 3.0 and max(changes) < 0.2 * len(before)


# ---------------------------------------------------------------- by number


def met(model, ids, investing, spots):
    """Numbers of the angels, those of the `ids` who are `investing`, whom searches from the `spots` come to."""
    rows = PERSON.blank(len(ids))
    rows["id"], rows["angel"] = ids, investing
    on = angels.active(
        model, People(*(rows[name].copy() for name in PERSON.names)), expected=np.zeros(len(Experience))
    ).on
    return np.array([ids[circle.nearest(on, 0, spot)] for spot in spots])


def test_an_angel_fewer_is_missed_by_those_who_would_have_met_that_one_alone():
    """Forty persons, each third an angel. Who would have met the one who stops meets the next on the circle."""
    ids, spots = np.arange(1000, 1040) * 37, np.linspace(0.0005, 0.9995, 1000)
    investing = np.arange(40) % 3 == 0
    model = Ecosystem(small.config(*small.LAKESIDE, "seed=7"))
    before = met(model, ids, investing, spots)
    clockwise = ids[investing][np.argsort(draws.uniforms(7, Decision.ANGEL, 0, ids[investing]))]
    assert set(before) == set(clockwise)
    for k in range(len(clockwise)):
        after, his = met(model, ids, investing & (ids != clockwise[k]), spots), before == clockwise[k]
        assert np.array_equal(after[~his], before[~his])
        assert np.all(after[his] == clockwise[(k + 1) % len(clockwise)])


def shuffled(state):
    """A change of a state: persons stand in other rows of the table, and all who refer to them know it."""
    persons, startups, stakes = state.persons, state.startups.used, state.holdings.used
    to = np.random.default_rng(1).permutation(persons.count)
    for name in PERSON.names:
        column = getattr(persons, name)
        column[to] = column[: persons.count].copy()
    persons.free = to[persons.free]
    for name in ("founder", "partner_1", "partner_2"):
        some = startups[name] != NOBODY
        startups[name][some] = to[startups[name][some]]
    of_angels = (stakes.investor == Investor.ANGEL) & (stakes.holder != NOBODY)
    stakes.holder[of_angels] = to[stakes.holder[of_angels]]


def test_another_order_of_the_table_of_persons_changes_nobody_s_life(city):
    """Exact, over a year in which people are hired, join founders and meet angels: who works where, who founds with
    whom, which angel puts how much into what, what everybody owns, and what ventures sell.
    """

    def lives(change):
        model, found = city.after(quarters=0, change=change), []
        for _ in range(4):
            model.step()
            found.append(teams(model))
        persons, slots, startups = model.state.persons, there(model.state), model.state.startups.used
        wealth = dict(zip(persons.id[slots].tolist(), persons.wealth[slots].tolist(), strict=True))
        sales = dict(zip(startups.id.tolist(), startups.revenue.tolist(), strict=True))
        return found, employers(model), stakes_of_angels(model), wealth, sales

    ours, theirs = lives(shuffled), lives(lambda state: None)
    assert sum(any(one != NOBODY for one in team) for quarter in theirs[0] for team in quarter.values()) > 20
    assert len(theirs[2]) > len(stakes_of_angels(city.after(quarters=0)))
    assert not np.array_equal(city.after(quarters=0, change=shuffled).state.persons.id, city.arrays["persons.id"])
    assert ours == theirs
