"""What the capital market of a quarter ranks offers by, and the odds that a sector sees."""

import math

import numpy as np
import pytest
import small
from by_hand import offers_of, params, rows

from sim.mechanisms.capital import funding, required_return
from sim.mechanisms.capital.funding import Params
from sim.model.ecosystem import Ecosystem
from sim.world.columns import GP, SECTOR
from sim.world.draws import Chance


def ranked(assortment, name_weight=0.1):
    """The Offers of two firms, the second of two units of standing, to two startups, with what they are ranked by."""
    return funding._ranked(
        chance=Chance(1, 8100),
        offers=offers_of([(0, 0, 100.0, 5.0), (1, 0, 90.0, 2.0), (1, 1, 50.0, 4.0)], firms=2, seekers=2),
        gps=rows(GP, 2, id=[7, 9], reputation=[0.0, 2.0]),
        startup_ids=np.array([70, 80]),
        params=params(Params, assortment=assortment, name_weight=name_weight),
    )


def test_founders_rank_offers_by_price_and_name():
    assert ranked(assortment=1.0).post.tolist() == pytest.approx([100.0, 90.0 * math.exp(0.2), 50.0 * math.exp(0.2)])


def test_venture_firms_rank_offers_by_gain_alone():
    assert ranked(assortment=1.0).gain.tolist() == [5.0, 2.0, 4.0]


def test_a_name_counts_as_far_as_matching_is_assortative():
    """The luck of a pair is the same with names and without: half of 0.2 log points is the difference."""
    with_names, without = (ranked(assortment=0.5, name_weight=weight).post for weight in (0.1, 0.0))
    assert (with_names - without).tolist() == pytest.approx([0.0, 0.1, 0.1])


def test_each_side_has_a_luck_of_its_own():
    """Of which ranks are made where matching is not assortative at all."""
    offers = ranked(assortment=0.0)
    assert len({*offers.post, *offers.gain}) == 6


@pytest.mark.parametrize(
    "seeking, funded, odds",
    [
        (10, 1, 0.45),  # one in ten a quarter is 0.4 a year, half way from 0.5
        (10, 8, 0.7),  # no more than 0.9 is believed
        (10, 0, 0.26),  # and no less than 0.02
        (0, 0, 0.5),  # no seeker, no news
    ],
)
def test_odds_follow_first_rounds(seeking, funded, odds):
    sectors = rows(SECTOR, odds=0.5)
    funding._update_odds(
        sectors=sectors,
        seeking=np.array([seeking]),
        funded=np.array([funded]),
        params=params(Params, odds_memory=0.5, odds_low=0.02, odds_high=0.9),
    )
    assert sectors.odds[0] == pytest.approx(odds)


def test_each_sector_has_its_odds():
    sectors = rows(SECTOR, 2, odds=0.5)
    terms = params(Params, odds_memory=1.0, odds_high=1.0)
    funding._update_odds(sectors=sectors, seeking=np.array([20, 10]), funded=np.array([1, 2]), params=terms)
    assert sectors.odds.tolist() == pytest.approx([0.2, 0.8])


# ---------------------------------------------------------------- the order of a quarter

GENEROUS = {"angel_wealth": 0.0, "angel_rate": 1.0, "angel_chance": 1.0, "angel_smallest": 1.0}


def last_of_three_quarters(speed):
    """(prices that angels paid, returns required after it) in a city of angels where all want billions at each stage;
    three quarters begin with the same required returns, which then move by `speed`.
    """
    config = small.config(*small.SHANGHAI)
    model = Ecosystem(small.altered(config, required_return={"speed": speed}, funding=GENEROUS))
    for _ in range(3):
        model.state.required[:] = 0.28
        model.step()
    return model.state.holdings.used.post_money.tolist(), model.state.required.tolist()


def test_all_of_a_quarter_goes_by_the_return_that_was_required_before_it(monkeypatch):
    """Angels too, who invest after the rounds of venture firms."""
    monkeypatch.setattr(required_return, "demand_of", lambda offers, pitches, stages: np.full(stages, 1e12))
    (paid, moved), (paid_at_rest, rest) = (last_of_three_quarters(speed) for speed in (1.0, 0.0))
    assert len(paid) > 0 and moved > rest
    assert paid == paid_at_rest
