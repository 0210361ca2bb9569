"""Deferred acceptance, ranks, and the time of partners."""

import math

import numpy as np
import pytest
from by_hand import offers_of, params, rows

from sim.mechanisms.capital import matching
from sim.mechanisms.capital.funding import Params
from sim.world.columns import GP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY


def matched(offers, capacity, seekers):
    """The offer that each startup accepts."""
    return matching.match(offers=offers_of(offers, len(capacity), seekers), capacity=np.array(capacity))


def test_match_by_hand():
    # Firm 0 proposes to startup 0, which keeps its bid; firm 1 outbids it there; firm 0 goes on to startup 1.
    offers = [(0, 0, 10.0, 3.0), (0, 1, 5.0, 2.0), (1, 0, 12.0, 1.0)]
    assert matched(offers, [1, 1], 3).tolist() == [2, 1, NOBODY]
    assert matched(offers, [1, 0], 3).tolist() == [0, NOBODY, NOBODY]


@pytest.mark.parametrize("assortment", [0.0, 0.5, 1.0])
def test_ranks_follow_gains_as_far_as_matching_is_assortative(assortment):
    """4,000 offers: correlation of rank and log gain, where Gumbel's standard deviation is pi / sqrt(6); 4 standard
    errors of 0.016.
    """
    gain = np.exp(np.random.default_rng(3).standard_normal(4000))
    who = {"gp_ids": np.arange(4000), "seeker_ids": np.arange(4000) % 7}
    ranks = [
        matching.blurred(chance=Chance(1, 8100), gain=gain, **who, side=side, assortment=assortment) for side in (0, 1)
    ]
    spread = np.array([assortment, (1 - assortment) * math.pi / math.sqrt(6)])
    for rank in ranks:
        assert np.corrcoef(rank, np.log(gain))[0, 1] == pytest.approx(assortment / np.hypot(*spread), abs=0.064)
    if assortment < 1.0:  # the two sides have luck of their own
        noise = [rank - assortment * np.log(gain) for rank in ranks]
        assert abs(np.corrcoef(*noise)[0, 1]) < 0.064


def test_match_is_stable_on_random_markets():
    """No venture firm and startup would both rather have each other, ties among the firm's gains included."""
    chance = np.random.default_rng(2)
    for _ in range(200):
        firms, seekers = chance.integers(1, 12, 2)
        pairs = [(g, k) for g in range(firms) for k in range(seekers) if chance.random() < 0.6] or [(0, 0)]
        offers = [(g, k, chance.random(), chance.integers(1, 6) / 5) for g, k in pairs]
        capacity = chance.integers(0, 4, firms)
        accepted = matched(offers, capacity, seekers)
        led = [[offers[o] for o in accepted if o != NOBODY and offers[o][0] == g] for g in range(firms)]
        assert all(o == NOBODY or offers[o][1] == k for k, o in enumerate(accepted))
        assert all(len(led[g]) <= capacity[g] for g in range(firms))
        for g, k, post, gain in offers:
            startup_wants = accepted[k] == NOBODY or post > offers[accepted[k]][2]
            firm_wants = len(led[g]) < capacity[g] or any(gain > o[3] for o in led[g])
            assert not (startup_wants and firm_wants), "a blocking pair"


def test_firms_propose_in_the_order_of_gain():
    """One startup after the other, the first of equals first: with time for two, firm 0 leads its two best."""
    offers = [(0, 0, 9.0, 1.0), (0, 1, 9.0, 3.0), (0, 2, 9.0, 2.0), (0, 3, 9.0, 2.0)]
    assert matched(offers, [2], 4).tolist() == [NOBODY, 1, 2, NOBODY]


TIME = params(Params, new_deals_per_partner=0.3, kept_quarters=2.0)


def test_partners_take_on_what_they_have_time_for():
    """Five partners at 0.3 companies a quarter:

    two quarters give three. A company joined takes as much as one that is led.
    """
    gps = rows(GP, partners=5)
    led = []
    for joined in (0, 0, 3, 0, 0):
        led.append(int(matching.capacity(gps=gps, params=TIME)[0]))
        gps.time -= led[-1] + joined
    assert led == [1, 2, 1, 0, 0]  # 1.5, 0.5 + 1.5, 0 + 1.5 of which three joined leave -2.5, -1, 0.5


def test_time_of_partners_is_not_saved_up():
    gps = rows(GP, partners=5, time=100.0)
    assert matching.capacity(gps=gps, params=TIME).tolist() == [3]  # half a year's
    slower = TIME._replace(new_deals_per_partner=0.02)
    assert matching.capacity(gps=rows(GP, partners=1, time=0.9), params=slower).tolist() == [0]
    slow, terms = rows(GP, partners=1), TIME._replace(new_deals_per_partner=0.1)
    # A whole company is kept however slow the firm.
    assert sum(int(matching.capacity(gps=slow, params=terms)[0]) for _ in range(11)) == 1
