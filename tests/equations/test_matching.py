"""Deferred acceptance, ranks, and what a name is worth."""

import math

import numpy as np
import pytest
from by_hand import offers_of

from sim.mechanisms.capital import matching
from sim.world.draws import Chance
from sim.world.kinds import NOBODY


def matched(offers, capacity, seekers, inside=()):
    """The offer that each startup accepts; those `inside` are to companies of the firms' own."""
    return matching.match(offers=offers_of(offers, len(capacity), seekers, inside), capacity=np.array(capacity))


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
    """No venture firm and startup would both rather have each other, ties among the firm's gains included; a firm would
    always have a company of its own, one in five.
    """
    chance = np.random.default_rng(2)
    for _ in range(200):
        firms, seekers = chance.integers(1, 12, 2)
        pairs = [(g, k) for g in range(firms) for k in range(seekers) if chance.random() < 0.6] or [(0, 0)]
        offers = [(g, k, chance.random(), chance.integers(1, 6) / 5) for g, k in pairs]
        inside = [o for o in range(len(offers)) if chance.random() < 0.2]
        capacity = chance.integers(0, 4, firms)
        accepted = matched(offers, capacity, seekers, inside)
        new = [o for o in accepted if o != NOBODY and o not in inside]
        led = [[offers[o] for o in new if offers[o][0] == g] for g in range(firms)]
        assert all(o == NOBODY or offers[o][1] == k for k, o in enumerate(accepted))
        assert all(len(led[g]) <= capacity[g] for g in range(firms))
        for o, (g, k, post, gain) in enumerate(offers):
            startup_wants = accepted[k] == NOBODY or post > offers[accepted[k]][2]
            firm_wants = o in inside or len(led[g]) < capacity[g] or any(gain > other[3] for other in led[g])
            assert not (startup_wants and firm_wants), "a blocking pair"


def test_a_firm_without_time_leads_a_round_of_a_company_of_its_own():
    offers = [(0, 0, 10.0, 1.0), (0, 1, 10.0, 2.0)]
    assert matched(offers, [0], 2, inside=[0]).tolist() == [0, NOBODY]


def test_a_company_of_its_own_takes_no_place_of_a_new_one():
    """Whichever it gains more by."""
    offers = [(0, 0, 10.0, 3.0), (0, 1, 10.0, 2.0), (0, 2, 10.0, 1.0)]
    assert matched(offers, [1], 3, inside=[0]).tolist() == [0, 1, NOBODY]
    assert matched(offers, [1], 3, inside=[2]).tolist() == [0, NOBODY, 2]


@pytest.mark.parametrize(("bid", "accepted"), [(9.0, 0), (11.0, 1)])
def test_an_insider_leads_where_no_stranger_bids_more(bid, accepted):
    assert matched([(0, 0, 10.0, 1.0), (1, 0, bid, 1.0)], [0, 1], 1, inside=[0]).tolist() == [accepted]


def test_of_two_insiders_the_higher_bid_is_taken():
    assert matched([(0, 0, 10.0, 2.0), (1, 0, 12.0, 1.0)], [0, 0], 1, inside=[0, 1]).tolist() == [1]


def test_who_outbids_an_insider_frees_no_place_of_the_insider():
    """Firm 0 loses its own company and still leads one new one, not two."""
    offers = [(0, 0, 10.0, 3.0), (0, 1, 10.0, 2.0), (0, 2, 10.0, 1.0), (1, 0, 12.0, 1.0)]
    assert matched(offers, [1, 1], 3, inside=[0]).tolist() == [3, 1, NOBODY]


def test_firms_propose_in_the_order_of_gain():
    """One startup after the other, the first of equals first: with time for two, firm 0 leads its two best."""
    offers = [(0, 0, 9.0, 1.0), (0, 1, 9.0, 3.0), (0, 2, 9.0, 2.0), (0, 3, 9.0, 2.0)]
    assert matched(offers, [2], 4).tolist() == [NOBODY, 1, 2, NOBODY]


@pytest.mark.parametrize("standing, worth", [(0.0, 80.0), (2.0, 80.0 * 1.25), (-1.0, 80.0 / 1.25**0.5)])
def test_a_name_is_worth_so_many_log_points_of_price(standing, worth):
    """At half of log 1.25 to a unit of standing; that of the second firm, which bids 80, counts."""
    weighed = matching.named(
        post=np.array([100.0, 80.0]),
        gp=np.array([0, 1]),
        reputation=np.array([0.0, standing]),
        weight=math.log(1.25) / 2.0,
    )
    assert weighed.tolist() == pytest.approx([100.0, worth])


@pytest.mark.parametrize("bid, accepted", [(91.0, 1), (90.0, 0)])
def test_founders_leave_a_tenth_of_the_price_for_a_name(bid, accepted):
    """One unit of standing at 0.1 log points: 100 x e^(-0.1) is 90.48."""
    offers = offers_of([(0, 0, 100.0, 1.0), (1, 0, bid, 1.0)], firms=2, seekers=1)
    worth = matching.named(post=offers.post, gp=offers.gp, reputation=np.array([0.0, 1.0]), weight=0.1)
    taken = matching.match(offers=offers._replace(post=worth), capacity=np.array([1, 1]))
    assert taken.tolist() == [accepted]
