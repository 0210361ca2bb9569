"""Who meets whom: a circle on which everybody stands at a place of their own.

Those who can be met stand on the circle of their group at places that follow from their own numbers. Who searches comes
to a place that follows from the own number, and goes on clockwise to the first who is free. So one more or one fewer of
either changes whom a few neighbours meet, and nobody else's luck: there is no list that others re-index. What is
taken is passed over in one step (union-find), so that all searches together take as long as there are members.
"""

from typing import NamedTuple

import numpy as np

from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY


class Circle(NamedTuple):
    """Those who can be met, group by group, clockwise."""

    members: np.ndarray  # who they are, int64[n]
    places: np.ndarray  # where each stands, from 0 to 1, float64[n]; rising within a group
    first: np.ndarray  # where the members of a group begin, int64[groups + 1]
    about: (
        np.ndarray
    )  # where those begin who stand in the k-th of as many equal arcs as the group has members, int64[n]
    onward: np.ndarray  # where a search that comes to a member ends; its own position while it is free, int64[n]
    free: np.ndarray  # how many of a group are free, int64[groups]


@kernel
def ordered(places, group, groups):
    """The order that sorts by group, and by place within one, int64[n]; then `first` and `about` of the Circle.

    `places` lie in (0, 1). Counting, then insertion: as many steps as members, and ties stay in the order given.
    """
    n = len(places)
    first = np.zeros(groups + 1, np.int64)
    for i in range(n):
        first[group[i] + 1] += 1
    for g in range(groups):
        first[g + 1] += first[g]
    rough = np.empty(n, np.int64)  # about the rank, by which alone most stand right
    following = np.zeros(n + 1, np.int64)
    for i in range(n):
        g = group[i]
        rough[i] = first[g] + np.int64(places[i] * (first[g + 1] - first[g]))
        following[rough[i] + 1] += 1
    for k in range(n):
        following[k + 1] += following[k]
    about, order = following[:n].copy(), np.empty(n, np.int64)
    for i in range(n):
        order[following[rough[i]]] = i
        following[rough[i]] += 1
    for k in range(1, n):
        one, at = order[k], k
        while at > 0 and group[order[at - 1]] == group[one] and places[order[at - 1]] > places[one]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = one
    return order, first, about


@kernel
def circle(members, places, group, groups):
    """The Circle of `members`, int64[n], who stand at `places` on the circles of their groups."""
    order, first, about = ordered(places, group, groups)
    return Circle(members[order], places[order], first, about, np.arange(len(order)), first[1:] - first[:-1])


@equation
def _comes_to(on, group, spot):
    """Position of the member of a group that has one whom a search from `spot` comes to first, free or not."""
    start, end = on.first[group], on.first[group + 1]
    at = on.about[start + np.int64(spot * (end - start))]
    while at < end and on.places[at] < spot:
        at += 1
    return start if at == end else at


@equation
def nearest(on, group, spot):
    """The member of a group whom a search from `spot` comes to first, free or not; NOBODY in an empty group."""
    if on.first[group] == on.first[group + 1]:
        return NOBODY
    return on.members[_comes_to(on, group, spot)]


@equation
def take(on, group, spot):
    """The first free member of a group clockwise from `spot`, who is free no more; NOBODY where none is."""
    if on.free[group] == 0:
        return NOBODY
    at = _comes_to(on, group, spot)
    found = at
    while on.onward[found] != found:
        found = on.onward[found]
    while on.onward[at] != found:  # whoever comes this way again goes straight there
        following = on.onward[at]
        on.onward[at] = found
        at = following
    on.free[group] -= 1
    after = found + 1
    on.onward[found] = on.first[group] if after == on.first[group + 1] else after
    return on.members[found]
