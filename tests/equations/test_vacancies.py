"""Open posts, who comes upon them, and who turns to another field."""

import numpy as np
import pytest
from by_hand import firms, params, people, rows

from sim.mechanisms.people import vacancies
from sim.mechanisms.people.vacancies import Params, chance_of_a_match
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer, corporate_of
from sim.world.kinds import NOBODY, Life, Status

MATCHING = params(Params, matching=0.3, most_matched=0.95)
EVERYBODY = params(Params, matching=1e6, most_matched=1.0)  # all meet as long as there are posts


@pytest.mark.parametrize(
    ("searchers", "posts", "chance"),
    [
        (100, 25, 0.3 * 50 / 100),
        (25, 100, 0.3 * 50 / 25),
        (400, 400, 0.3),
        (1000, 10, 0.95 * 10 / 1000),  # 30 would meet 10 posts: most of those are filled
        (1, 100, 0.95),  # 3 posts a searcher
        (50, 0, 0.0),
    ],
)
def test_chance_of_a_match_by_hand(searchers, posts, chance):
    assert chance_of_a_match(searchers, posts, MATCHING) == pytest.approx(chance)


def test_twice_the_market_matches_twice_as_many():
    """Neither large nor small cities match better by their size."""
    for searchers, posts in ((30, 70), (500, 20)):
        small, large = (chance_of_a_match(k * searchers, k * posts, MATCHING) for k in (1, 2))
        assert small == pytest.approx(large)


# ---------------------------------------------------------------- posts


def employers(startups=(), corporates=(), fields=1):
    """The door of startups and corporates, each (number, field, posts)."""
    kinds = {}
    for name, schema, given in (("startups", STARTUP, startups), ("corporates", CORPORATE, corporates)):
        table = rows(schema, len(given), headcount=3)
        for slot, (number, field, posts) in enumerate(given):
            table.id[slot], table.sector[slot], table.target[slot] = number, field, 3 + posts
        kinds[name] = table
    return firms(sectors=rows(SECTOR, fields), **kinds)


def test_employers_post_what_they_lack():
    startups, corporates = [(16, 0, 2), (32, 1, 1), (48, 0, -2), (64, 0, 5)], [(0, 1, 3), (1, 0, 0)]
    door = employers(startups, corporates, fields=2)
    door.startups.life[3] = Life.CLOSED  # nobody works for the dead
    posts = vacancies.post(chance=Chance(1, 8100), firms=door)
    assert posts.free.tolist() == [2, 4]
    assert posts.members[:2].tolist() == [0, 0] and sorted(posts.members[2:]) == [as_employer(0)] * 3 + [1]
    assert len(np.unique(posts.places)) == 6 and (np.diff(posts.places[2:]) > 0.0).all()


def placed(door, quarter=8100, seed=1):
    """(number of the employer, startup or corporate) -> places of its posts on the circle, in their order."""
    posts, found = vacancies.post(chance=Chance(seed, quarter), firms=door), {}
    for employer, place in zip(posts.members, posts.places, strict=True):
        of_startup = employer >= 0
        number = door.startups.id[employer] if of_startup else door.corporates.id[corporate_of(employer)]
        found.setdefault((int(number), bool(of_startup)), []).append(place)
    return found


def test_posts_stand_by_the_number_of_the_employer_and_not_by_its_slot():
    startups, corporates = [(16, 0, 2), (32, 0, 3), (48, 0, 1)], [(0, 0, 2), (1, 0, 4)]
    before = placed(employers(startups, corporates))
    assert [len(before[key]) for key in ((16, True), (32, True), (48, True), (0, False), (1, False))] == [2, 3, 1, 2, 4]
    assert placed(employers(startups[::-1], corporates[::-1])) == before
    # A firm that comes between others, or goes, moves none of their posts.
    after = placed(employers([startups[0], (17, 0, 4), startups[2]], corporates[1:]))
    assert all(after[key] == before[key] for key in ((16, True), (48, True), (1, False)))
    # One post more stands beside those that there are.
    more = placed(employers([(16, 0, 3), *startups[1:]], corporates))
    assert set(before[16, True]) < set(more[16, True])
    assert placed(employers(startups, corporates), quarter=8101) != before


# ---------------------------------------------------------------- who is hired


def market(door, n, field=0, second_field=0, terms=EVERYBODY, seed=1, quarter=8100, order=None):
    """n persons look for work: (persons, number of the employer of each or NOBODY, hired, how many turned).

    The books of jobs must agree: nobody is hired twice, and no post is filled twice.
    """
    order = np.arange(n) if order is None else order
    persons = people(
        n,
        id=order,
        status=Status.SEARCHING,
        field=np.broadcast_to(field, n)[order],
        second_field=np.broadcast_to(second_field, n)[order],
        idle=2,
    )
    posts = vacancies.post(chance=Chance(seed, quarter), firms=door)
    open_ = posts.free.copy()
    hired, turned = vacancies.match(
        chance=Chance(seed, quarter),
        searchers=np.argsort(order),
        people=persons,
        posts=posts,
        firms=door,
        params=terms,
    )
    works = persons.status == Status.EMPLOYED
    assert sorted(hired) == np.flatnonzero(works).tolist()
    assert (works == (persons.employer != NOBODY)).all() and (persons.idle == np.where(works, 0, 2)).all()
    new = np.bincount(persons.employer[works & (persons.employer >= 0)], minlength=len(door.startups))
    assert (door.startups.headcount == 3 + new).all()
    new = np.bincount(corporate_of(persons.employer[persons.employer < NOBODY]), minlength=len(door.corporates))
    assert (door.corporates.headcount == 3 + new).all()
    for table in (door.startups, door.corporates):
        assert ((table.headcount <= table.target) | (table.headcount == 3)).all()
    assert (open_ - posts.free).sum() == len(hired)
    return persons, hired, turned


def numbers(door, persons):
    """Number of the employer of each person, by the person's number; corporates below zero, as employers are."""
    employer = persons.employer[np.argsort(persons.id)]
    numbers = np.full(len(employer), NOBODY)
    of_startup, of_corporate = employer >= 0, employer < NOBODY
    numbers[of_startup] = door.startups.id[employer[of_startup]]
    numbers[of_corporate] = as_employer(door.corporates.id[corporate_of(employer[of_corporate])])
    return numbers


def many(posts=2000):
    """Startups with one to four posts each and two corporates with a quarter of all."""
    startups = [(16 * k, 0, 1 + k % 4) for k in range(posts * 3 // 4 * 2 // 5)]
    return startups, [(0, 0, posts // 8), (1, 0, posts // 8)]


def test_posts_are_filled_once_and_nobody_gets_two_jobs():
    """`market` looks at each; here three meet three posts whoever draws what, and of thirty never more than three."""
    three, of_many = ([(16, 0, 1), (32, 0, 1)], [(0, 0, 1)]), []
    for seed in range(30):
        assert len(market(employers(*three), 3, seed=seed)[1]) == 3
        assert len(market(employers(*three), 2, seed=seed)[1]) == 2
        of_many.append(len(market(employers(*three), 30, seed=seed)[1]))
        assert len(market(employers(*three), 30, terms=EVERYBODY._replace(matching=0.0), seed=seed)[1]) == 0
    assert max(of_many) == 3 and of_many.count(3) > 10  # where luck would match four, three find a post


def test_hires_of_a_field_are_those_of_the_matching_function():
    # 0.3 x sqrt(4,000 x 1,000) = 600; the standard error is 23.
    _, hired, turned = market(employers(corporates=[(0, 0, 1000)]), 4000, terms=MATCHING)
    assert len(hired) == pytest.approx(600, abs=80) and turned == 0


def test_a_second_field_is_met_less_often():
    """1,000 were trained for 4,000 posts and 2,000 have the field as their second: 0.2 x 2,000 hires are a chance of
    0.4 for the ones and, at half the success, of 0.2 for the others. Nobody was trained for anything else.
    """
    terms = params(Params, matching=0.2, most_matched=1.0, second_field_success=0.5)
    field = np.repeat([1, 0], [1000, 2000])
    persons, _, turned = market(
        employers(corporates=[(0, 1, 4000)], fields=2), 3000, field=field, second_field=1 - field, terms=terms
    )
    works = persons.status == Status.EMPLOYED
    assert works[:1000].mean() == pytest.approx(0.4, abs=0.05) and works[1000:].mean() == pytest.approx(0.2, abs=0.03)
    assert (persons.field == field).all() and turned == 0  # who works in the second field keeps the first


def test_who_has_work_in_the_first_field_leaves_the_posts_of_the_second_to_others():
    door = employers(startups=[(16, 0, 10), (32, 1, 10)], fields=2)
    sure = EVERYBODY._replace(second_field_success=1.0)
    field = np.repeat([0, 1], [10, 4])
    persons, hired, _ = market(door, 14, field=field, second_field=1 - field, terms=sure)
    assert len(hired) == 14 and persons.employer.tolist() == field.tolist()


def test_who_knows_a_field_second_finds_its_posts_also_where_nobody_trained_for_it_looks():
    """The chance is a part of that of a searcher trained in it, of which the first would have the largest."""
    terms = params(Params, matching=0.3, most_matched=1.0, second_field_success=0.5)
    door = employers(corporates=[(0, 1, 4000)], fields=2)
    _, hired, _ = market(door, 2000, field=0, second_field=1, terms=terms)
    assert len(hired) / 2000 == pytest.approx(0.5, abs=0.05)


# ---------------------------------------------------------------- turning to other fields

NO_MATCH = params(Params, turning=0.2)


def test_some_turn_to_other_fields_by_their_posts_a_searcher():
    """3,000 find nothing in their field, and one in five turns: where 99 look for 400 posts and 199 for 2,400, a
    quarter of these go to the first and three quarters to the second. What they turn to is their own field from then
    on.
    """
    field = np.repeat([0, 1, 2], [3000, 99, 199])
    door = employers(corporates=[(0, 1, 400), (1, 2, 2400)], fields=3)
    persons, _, turned = market(door, 3298, field=field, second_field=0, terms=NO_MATCH)
    works = persons.status == Status.EMPLOYED
    # Three standard errors are 65 of 600, and 35.
    assert works[:3000].sum() == pytest.approx(600, abs=65)
    share = (persons.field[:3000][works[:3000]] == 1).mean()
    assert share == pytest.approx(0.25, abs=0.055)
    changed = persons.field != field
    assert (changed[:3000] == works[:3000]).all() and not changed[~works].any()
    assert turned == changed.sum() and (persons.second_field[changed] == field[changed]).all()
    posts_of = door.corporates.sector[corporate_of(persons.employer[works])]
    assert (posts_of == persons.field[works]).all()


def test_nobody_turns_where_nothing_is_open():
    persons, hired, turned = market(employers(fields=2), 50, terms=NO_MATCH._replace(turning=1.0))
    assert len(hired) == turned == 0 and (persons.field == 0).all()


def test_turning_is_to_a_field_that_is_another():
    """In a city of one field there is none to turn to: who did not come upon a post of the own field waits."""
    _, hired, turned = market(employers(corporates=[(0, 0, 100)]), 50, terms=NO_MATCH._replace(turning=1.0))
    assert len(hired) == turned == 0


# ---------------------------------------------------------------- chance follows numbers

WHOLE = params(Params, matching=0.45, most_matched=0.95, second_field_success=0.5)


def test_hires_follow_numbers_and_not_slots():
    startups, corporates = many()
    door = employers(startups, corporates)
    persons, _, _ = market(door, 3000, terms=WHOLE)
    before = numbers(door, persons)
    chance = np.random.default_rng(1)
    door = employers([startups[k] for k in chance.permutation(len(startups))], corporates[::-1])
    persons, _, _ = market(door, 3000, terms=WHOLE, order=chance.permutation(3000))
    assert (numbers(door, persons) == before).all() and (before != NOBODY).sum() > 900


@pytest.mark.parametrize("change", [-1, 1], ids=["removed", "added"])
def test_one_post_changes_the_hires_of_few(change):
    """Of 3,000 who look for 2,000 posts some 1,100 find one, of whom less than one percent changes in the mean and five
    at most; a list that others re-index would change most of them.
    """
    startups, corporates = many()
    door = employers(startups, corporates)
    before, changed = numbers(door, market(door, 3000, terms=WHOLE)[0]), []
    for which in range(2, 600, 30):
        number, field, posts = startups[which]
        other = [*startups[:which], (number, field, posts + change), *startups[which + 1 :]]
        door = employers(other, corporates)
        changed.append((numbers(door, market(door, 3000, terms=WHOLE)[0]) != before).sum())
    assert 0 < sum(changed) and np.mean(changed) < 11 and max(changed) <= 55


def test_one_searcher_less_changes_the_hires_of_few():
    door = employers(*many())
    before, changed = numbers(door, market(door, 3000, terms=WHOLE)[0]), []
    for who in range(5, 3000, 150):
        door = employers(*many())
        persons = people(3000, id=np.arange(3000), status=Status.SEARCHING)
        vacancies.match(
            chance=Chance(1, 8100),
            searchers=np.delete(np.arange(3000), who),
            people=persons,
            posts=vacancies.post(chance=Chance(1, 8100), firms=door),
            firms=door,
            params=WHOLE,
        )
        changed.append((np.delete(numbers(door, persons), who) != np.delete(before, who)).sum())
    assert 0 < sum(changed) and np.mean(changed) < 11 and max(changed) <= 55
