"""Meeting on a circle: who searches comes to a place and goes on clockwise to the first who is free."""

import numpy as np
import pytest

from sim.world.circle import circle, nearest, take
from sim.world.kinds import NOBODY


def stand(places, members=None, group=None, groups=1):
    """The circle of members who stand at these places, numbered as they are listed, in one group if not said."""
    places = np.array(places, float)
    members = np.arange(len(places)) if members is None else np.array(members, np.int64)
    group = np.zeros(len(places), np.int64) if group is None else np.array(group, np.int64)
    return circle(members, places, group, groups)


def clockwise(spot, places):
    """How far it is clockwise from a spot to each of these places."""
    return (places - spot) % 1.0


def test_a_search_goes_clockwise_to_the_next_member():
    on = stand([0.5, 0.9, 0.2], members=[7, 8, 9])
    assert [nearest(on, 0, spot) for spot in (0.1, 0.2, 0.3, 0.5, 0.6, 0.95)] == [9, 9, 7, 7, 8, 9]


def test_whoever_is_taken_is_passed_over():
    on = stand([0.5, 0.9, 0.2], members=[7, 8, 9])
    assert take(on, 0, 0.6) == 8
    assert take(on, 0, 0.6) == 9  # on round the circle
    assert take(on, 0, 0.1) == 7
    assert take(on, 0, 0.6) == NOBODY and on.free[0] == 0
    assert nearest(on, 0, 0.6) == 8  # who may be met again is met again


def test_in_an_empty_group_there_is_nobody():
    on = stand([0.3, 0.6], group=[0, 2], groups=4)
    assert on.free.tolist() == [1, 0, 1, 0]
    for group in (1, 3):
        assert nearest(on, group, 0.5) == NOBODY and take(on, group, 0.5) == NOBODY
    nobody = stand([])
    assert nearest(nobody, 0, 0.5) == NOBODY and take(nobody, 0, 0.5) == NOBODY


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("crowded", [1.0, 6.0], ids=["even", "crowded"])
def test_each_search_meets_the_nearest_who_is_free_of_all_who_stand_there(seed, crowded):
    """Against a look at every member: 60 in three groups, 100 searches, also where most stand close together."""
    chance = np.random.default_rng(seed)
    members, group = chance.permutation(1000)[:60], chance.integers(0, 3, 60)
    places = chance.uniform(size=60) ** crowded
    on, free = stand(places, members, group, groups=3), np.ones(60, bool)
    for spot, where in zip(chance.uniform(size=100), chance.integers(0, 3, 100), strict=True):
        distance = np.where(group == where, clockwise(spot, places), np.inf)
        assert nearest(on, where, spot) == members[distance.argmin()]
        distance[~free] = np.inf
        open_ = np.isfinite(distance).any()
        assert take(on, where, spot) == (members[distance.argmin()] if open_ else NOBODY)
        if open_:
            free[distance.argmin()] = False
        assert on.free.tolist() == [(free & (group == g)).sum() for g in range(3)]


def test_everybody_is_taken_once_and_then_nobody_is_left():
    chance = np.random.default_rng(1)
    on = stand(chance.uniform(size=500))
    met = [take(on, 0, spot) for spot in chance.uniform(size=510)]
    assert sorted(met[:500]) == list(range(500)) and met[500:] == [NOBODY] * 10


def test_the_order_in_which_members_are_listed_changes_nothing():
    chance = np.random.default_rng(2)
    places, group, other = chance.uniform(size=200), chance.integers(0, 2, 200), chance.permutation(200)
    listed, shuffled = stand(places, None, group, 2), stand(places[other], other, group[other], 2)
    for spot in chance.uniform(size=300):
        assert take(listed, 0, spot) == take(shuffled, 0, spot)


def meetings(places, spots):
    """Whom each search takes, in turn, by where the member stands; the member's number is its place in the list."""
    on = stand(places)
    return np.array([take(on, 0, spot) for spot in spots])


def test_one_more_member_changes_whom_its_neighbours_meet_and_nobody_else():
    """600 searches among 1,000: those change whose member stood between the new one and the next who was left free."""
    changes = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        places, spots = chance.uniform(size=1000), chance.uniform(size=600)
        met, more = meetings(places, spots), meetings(np.append(places, 0.25), spots)
        left = clockwise(0.25, np.delete(places, met)).min()  # as far reaches the row of those taken
        change = met != more
        assert (clockwise(0.25, places[met[change]]) < left).all()
        assert (clockwise(0.25, places[more[change & (more < 1000)]]) < left).all()
        changes.append(change.sum())
    assert 0 < sum(changes) and max(changes) <= 20


def test_one_search_less_changes_few_meetings():
    """The first of 600 stays away: those change who stand in the row of members taken from where it came."""
    changes = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        places, spots = chance.uniform(size=1000), chance.uniform(size=600)
        met, less = meetings(places, spots), meetings(places, spots[1:])
        left = clockwise(spots[0], np.delete(places, met)).min()
        change = met[1:] != less
        assert (clockwise(spots[0], places[met[1:][change]]) < left).all()
        changes.append(change.sum())
    assert 0 < sum(changes) and max(changes) <= 20


def test_a_new_member_is_met_where_all_are():
    """600 searches take all of 500 members, and of 501 the new one too."""
    spots = np.random.default_rng(3).uniform(size=600)
    places = np.random.default_rng(4).uniform(size=500)
    met, more = meetings(places, spots), meetings(np.append(places, 0.25), spots)
    assert (met == NOBODY).sum() == 100 and (more == NOBODY).sum() == 99 and (more == 500).sum() == 1
