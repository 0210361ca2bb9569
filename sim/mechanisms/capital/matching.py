"""Who gets whom: deferred acceptance between venture firms and startups (Gale and Shapley 1962).

Each side ranks by what it gains, or, as far as `assortment` falls short of one, by luck:

    rank = assortment log(gain) + (1 - assortment) Gumbel
"""

import numpy as np

from sim.world.draws import Decision, gumbel, log
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY


@kernel
def blurred(seed, quarter, gain, gp_ids, seeker_ids, side, assortment):
    """Ranks of offers by one of the two sides, 0 or 1, float64[offers]."""
    rank = np.empty(len(gain))
    for k in range(len(gain)):
        luck = gumbel(seed, Decision.PAIR, quarter, seeker_ids[k], 2 * gp_ids[k] + side)
        rank[k] = assortment * log(gain[k]) + (1.0 - assortment) * luck
    return rank


@kernel
def match(offer_gp, offer_seeker, offer_post, offer_gain, gp_start, n_offers, capacity, held):
    """Deferred acceptance: firms propose in the order of gain within capacity, startups hold the bid that stands
    highest with them.

    `gp_start` gives where each firm's bids begin; `held` (startups) becomes the bid each startup holds, or NOBODY.
    """
    gps = len(capacity)
    order = np.arange(n_offers)
    for g in range(gps):
        low = gp_start[g]
        high = gp_start[g + 1]
        for a in range(low + 1, high):
            x = order[a]
            b = a - 1
            while b >= low and offer_gain[order[b]] < offer_gain[x]:
                order[b + 1] = order[b]
                b -= 1
            order[b + 1] = x
    pointer = gp_start[:gps].copy()
    engaged = np.zeros(gps, np.int64)
    held[:] = NOBODY
    moved = True
    while moved:
        moved = False
        for g in range(gps):
            while engaged[g] < capacity[g] and pointer[g] < gp_start[g + 1]:
                offer = order[pointer[g]]
                pointer[g] += 1
                k = offer_seeker[offer]
                current = held[k]
                if current == NOBODY or offer_post[offer] > offer_post[current]:
                    if current != NOBODY:
                        engaged[offer_gp[current]] -= 1
                        moved = True
                    held[k] = offer
                    engaged[g] += 1


@kernel
def capacity(gps, rate):
    """New companies that each venture firm can lead this quarter, int64[firms]: whole ones of the time that its
    partners have gathered.

    A quarter gives `rate` companies a partner, of which half a year's are kept; companies new to the firm use it up,
    led or joined.
    """
    out = np.zeros(len(gps), np.int64)
    for g in range(len(gps)):
        quarterly = rate * gps.partners[g]
        gps.time[g] = min(gps.time[g] + quarterly, max(2.0 * quarterly, 1.0))
        out[g] = np.int64(max(gps.time[g], 0.0))
    return out
