"""Who gets whom: deferred acceptance between venture firms and startups (Gale and Shapley 1962).

Each side ranks by what it gains, or, as far as `assortment` falls short of one, by luck:

    rank = assortment log(gain) + (1 - assortment) Gumbel
"""

import numpy as np

from sim.world.draws import Decision, exp, gumbel, log
from sim.world.kernel import kernel, shared
from sim.world.kinds import NOBODY


@kernel
def named(post, gp, reputation, weight):
    """Post-money values as founders weigh them: a name is worth so many log points of price, float64[offers]."""
    worth = np.empty(len(post))
    for k in range(len(post)):
        worth[k] = post[k] * exp(weight * reputation[gp[k]])
    return worth


@kernel
def blurred(chance, gain, gp_ids, seeker_ids, side, assortment):
    """Ranks of offers by one of the two sides, 0 venture firms or 1 startups, float64[offers]."""
    rank = np.empty(len(gain))
    for k in range(len(gain)):
        luck = gumbel(chance.seed, Decision.PAIR, chance.quarter, seeker_ids[k], 2 * gp_ids[k] + side)
        rank[k] = assortment * log(gain[k]) + (1.0 - assortment) * luck
    return rank


@shared
def _by_gain(offers):
    """Offers in the order of gain within each venture firm, highest first, int64[offers].

    Sorted by insertion: the lists are short, and numpy's stable sort takes four seconds to compile.
    """
    order = np.arange(len(offers.gp))
    for g in range(len(offers.first) - 1):
        for a in range(offers.first[g] + 1, offers.first[g + 1]):
            offer, b = order[a], a - 1
            while b >= offers.first[g] and offers.gain[order[b]] < offers.gain[offer]:
                order[b + 1] = order[b]
                b -= 1
            order[b + 1] = offer
    return order


@kernel
def match(offers, capacity):
    """Deferred acceptance: venture firms propose in the order of gain within capacity, startups keep the highest bid.
    Who leads a round of a company of its own needs no capacity for it.

    Returns the offer that each startup accepts, or NOBODY, int64[seekers].
    """
    accepted = np.full(len(offers.seekers), NOBODY)
    for offer in range(len(offers.gp)):
        k = offers.seeker[offer]
        if offers.inside[offer] and (accepted[k] == NOBODY or offers.post[offer] > offers.post[accepted[k]]):
            accepted[k] = offer
    order, pointer = _by_gain(offers), offers.first[:-1].copy()
    engaged = np.zeros(len(capacity), np.int64)
    moved = True
    while moved:
        moved = False
        for g in range(len(capacity)):
            while engaged[g] < capacity[g] and pointer[g] < offers.first[g + 1]:
                offer = order[pointer[g]]
                pointer[g] += 1
                if offers.inside[offer]:
                    continue
                k = offers.seeker[offer]
                rival = accepted[k]
                if rival == NOBODY or offers.post[offer] > offers.post[rival]:
                    if rival != NOBODY and not offers.inside[rival]:
                        engaged[offers.gp[rival]] -= 1
                        moved = True
                    accepted[k] = offer
                    engaged[g] += 1
    return accepted
