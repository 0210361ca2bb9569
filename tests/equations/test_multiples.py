"""Multiples of sales: how they follow fund-raising and the listing window, and what a foreseen venue adds."""

from types import SimpleNamespace

import by_hand
import numpy as np
import pytest
from by_hand import QUARTERS, params, rows

from sim.mechanisms.capital import listing, multiples, nominal
from sim.mechanisms.capital.multiples import Params
from sim.world.columns import SECTOR

MARKET = params(Params, climate_elasticity=0.5, window_elasticity=0.5, least_window=0.04, widest_venue=4.0)


@pytest.mark.parametrize(
    ("climate", "past", "window", "factor"),
    [
        (0.7, 0.7, 1.0, 1.0),  # as usual
        (2.8, 0.7, 1.0, 2.0),  # money chases deals
        (0.7, 2.8, 1.0, 0.5),
        (0.7, 0.7, 0.25, 0.5),
        (2.8, 0.7, 4.0, 4.0),
        (0.7, 0.7, 0.04, 0.2),
        (0.7, 0.7, 0.0, 0.2),  # a window that is shut altogether
    ],
)
def test_the_market_moves_multiples_by_hand(climate, past, window, factor):
    assert multiples.heat(climate=climate, past=past, window=window, params=MARKET) == pytest.approx(factor)


@pytest.fixture(scope="module")
def city():
    """A city with fund-raising of 2 in the five years up to the quarter 8099, and of 100 before and after; 40 listings
    a quarter in the nation, of which a tenth is usual for the city.
    """
    known = (QUARTERS > 8099 - 20) & (QUARTERS <= 8099)
    return by_hand.city(fundraising=np.where(known, 2.0, 100.0), ipo=40.0)


def model(city, climate=2.0, window=1.0, places=0.0, level=1.0):
    """A model of two sectors in 8099, in a `climate`, with a listing `window` and `places` of a venue foreseen."""
    return SimpleNamespace(
        city=city,
        quarter=8099,
        conditions=SimpleNamespace(fundraising=climate),
        foreseen=SimpleNamespace(venue_places=places),
        params={
            "multiples": MARKET,
            "nominal": nominal.Params(level=level),
            "listing": params(listing.Params, ipo_city_share=0.1),
        },
        state=SimpleNamespace(
            sectors=SimpleNamespace(used=rows(SECTOR, 2, base_multiple=[4.0, 6.0], multiple=[1.0, 1.0])),
            window=np.array([window]),
        ),
    )


@pytest.mark.parametrize(
    ("world", "factor"),
    [
        ({}, 1.0),  # the climate is that of the five years past, whatever comes and what was before
        ({"climate": 8.0}, 2.0),
        ({"window": 0.25}, 0.5),
        ({"level": 1.5}, 1.5),
        ({"climate": 8.0, "window": 0.25, "level": 1.5}, 1.5),
    ],
)
def test_multiples_of_all_sectors_follow_the_level_the_climate_and_the_window(city, world, factor):
    here = model(city, **world)
    multiples.follow(here)
    assert here.state.sectors.used.multiple.tolist() == pytest.approx([4.0 * factor, 6.0 * factor])


def test_multiples_do_not_add_up_from_quarter_to_quarter(city):
    here = model(city, climate=8.0)
    for _ in range(3):
        multiples.follow(here)
    assert here.state.sectors.used.multiple.tolist() == pytest.approx([8.0, 12.0])


@pytest.mark.parametrize(
    ("places", "window", "factor"),
    [
        (0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0),
        (5.0, 1.0, 1.5),  # five more listings than the usual four open the window to 2.25
        (3.0, 0.25, 2.0),  # to 1 from 0.25
        (9.0, 0.25, 2.0),  # to four times at most
        (0.12, 0.0, 1.75**0.5),  # to 0.07 from 0.04
    ],
)
def test_a_foreseen_venue_counts_as_listings_of_the_window(city, places, window, factor):
    assert multiples.of_the_venue(model(city, places=places, window=window)) == pytest.approx(factor)
