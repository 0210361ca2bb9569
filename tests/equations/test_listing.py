"""Who files for a listing and where, who is refused, how many list and who first, and what a listing pays."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, capital, dated, ends, fill, firms, params, people, rows
from one_year import FIRST, found, start, watch

from sim.mechanisms.capital import listing, nominal
from sim.mechanisms.capital.listing import BAR, PLACES, Params, Terms
from sim.mechanisms.programmes import venue
from sim.mechanisms.ventures import going_concern, sales
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, Life, Route, Sector, Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

BOARDS = params(
    Params,
    ipo_value=1e9,
    ipo_revenue=300e6,
    ipo_city_share=0.25,
    full_years=1.5,
    bar_speed=0.5,
    queue_elsewhere=0.5,
    staying=0.7,
    refusal=0.1,
    refusal_window=0.5,
    refused_quarters=8.0,
    ipo_wait_quarters=3.0,
    ipo_founder_sale=0.1,
    new_shares=0.2,
    window_floor=0.1,
    window_elasticity=0.5,
)


def terms(venue_open=False, climate=1.0, bar=1.0, level=1.0, refusal=0.0):
    """The boards, and a venue whose thresholds are a half of theirs."""
    return Terms(
        params=BOARDS,
        concern=going_concern.Params(0.3),
        climate=climate,
        venue_open=venue_open,
        venue_thresholds=0.5,
        bar=bar,
        level=level,
        refusal=refusal,
    )


# ---------------------------------------------------------------- files

FILE = {
    "stage": Stage.B,
    "progress": 1.0,
    "market": 30.0,
    "traction": math.log(200e6),
}  # worth 1 bn at five times sales


def file_of(value=1e9, sales=0.0, rules=None, **startup):
    """The venture worth `value` yuan with yearly sales of `sales` after the quarter's filing."""
    given = {"traction": math.log(value / 5.0), "revenue": int(sales / 4)} | startup
    startups = rows(STARTUP, **(FILE | given))
    listing._file(chance=Chance(1, 8100), startups=startups, sectors=rows(SECTOR, multiple=5.0), terms=rules or terms())
    return startups[0]


def filed(*venture, rules=None, **startup):
    """Quarter of filing and board of that venture."""
    firm = file_of(*venture, rules=rules, **startup)
    return firm.queued, firm.board


def test_who_files_and_where():
    assert filed(2e9) == filed(0.1e9, 400e6) == (8100, 0)
    assert filed(0.9e9) == filed(2e9, stage=Stage.A) == filed(2e9, life=Life.FAILED) == (NEVER, 0)
    assert filed(2e9, queued=8090) == (8090, 0)


def test_who_meets_only_the_thresholds_of_the_venue_files_there():
    open_ = terms(venue_open=True)
    assert filed(0.9e9, rules=open_) == filed(0.1e9, 200e6, rules=open_) == (8100, 1)
    assert filed(2e9, rules=open_) == (8100, 0)
    assert filed(0.4e9, rules=open_) == (NEVER, 0)


def test_the_bar_is_for_new_files():
    crowded = terms(bar=2.0)
    assert filed(1.9e9, rules=crowded) == (NEVER, 0)
    assert filed(2.1e9, rules=crowded) == (8100, 0)
    assert filed(1.9e9, rules=crowded, queued=8090) == (8090, 0)


def test_who_waits_may_fall_a_part_below_the_thresholds():
    assert filed(0.71e9, queued=8090) == (8090, 0)
    assert filed(0.69e9, queued=8090) == (NEVER, 0)


def test_who_falls_too_far_for_the_boards_goes_to_the_venue():
    assert filed(0.6e9, rules=terms(venue_open=True), queued=8090) == (8090, 1)
    assert filed(0.4e9, rules=terms(venue_open=True), queued=8090) == (NEVER, 0)


OPEN = terms(venue_open=True)


@pytest.mark.parametrize(("value", "bar"), [(0.9e9, 1.0), (1.1e9, 2.0), (1.9e9, 2.0)])
def test_who_filed_at_the_venue_stays_there_below_the_bar_of_the_boards(value, bar):
    assert filed(value, rules=OPEN._replace(bar=bar), queued=8090, board=1) == (8090, 1)


def test_who_filed_at_the_venue_goes_to_the_boards_from_their_bar_on():
    assert filed(2.1e9, rules=OPEN._replace(bar=2.0), queued=8090, board=1) == (8090, 0)


@pytest.mark.parametrize(("value", "file"), [(0.36e9, (8090, 1)), (0.34e9, (NEVER, 0))])
def test_who_waits_at_the_venue_may_fall_a_part_below_its_thresholds(value, file):
    """0.7 of 0.5 bn."""
    assert filed(value, rules=OPEN, queued=8090, board=1) == file


@pytest.mark.parametrize(("value", "file"), [(0.9e9, (NEVER, 0)), (1.1e9, (8090, 0))])
def test_where_the_venue_closes_its_files_go_to_the_boards_or_end(value, file):
    assert filed(value, queued=8090, board=1) == file


def test_values_are_held_against_the_level_of_money():
    assert filed(1.4e9, rules=terms(level=1.5)) == (NEVER, 0)
    assert filed(1.6e9, rules=terms(level=1.5)) == (8100, 0)


# ---------------------------------------------------------------- refusals

STRICT = terms(refusal=1.0)


def test_a_file_that_waits_may_be_refused():
    firm = file_of(2e9, rules=STRICT, queued=8099, board=0)
    assert (firm.queued, firm.board, firm.refused) == (NEVER, 0, 8100)


def test_nobody_is_refused_in_the_quarter_of_filing():
    firm = file_of(2e9, rules=STRICT)
    assert (firm.queued, firm.refused) == (8100, NEVER)


def test_who_was_refused_rests_before_filing_again():
    assert filed(2e9, refused=8093) == filed(2e9, rules=terms(venue_open=True), refused=8093) == (NEVER, 0)
    assert filed(2e9, refused=8092) == (8100, 0)


def market(n=1, scale=1.0, ipo=20.0, window=1.0, bar=1.0, places=0.0, **startup):
    """`n` ventures worth 2 bn that filed a year ago, in a nation of 20 listings a quarter, which is normal, of which a
    quarter are the city's; 30 firms wait elsewhere.
    """
    state = State(Persons(1))
    state.flows, state.window, state.listing = new_flows(), np.array([window]), np.array([bar, places])
    queue = FILE | {"id": 16 * np.arange(n), "queued": 8096, "traction": math.log(400e6)}
    fill(state.startups, rows(STARTUP, n, **(queue | startup)))
    fill(state.sectors, rows(SECTOR, multiple=5.0))
    fill(state.corporates, rows(CORPORATE, pool=1))
    fill(state.treasury, rows(CASH))
    state.exits.reserve(n)
    return SimpleNamespace(
        state=state,
        levers=Levers(["PD"], ["ai"]),
        params={
            "listing": BOARDS,
            "venue": params(venue.Params),
            "going_concern": going_concern.Params(0.3),
            "nominal": nominal.Params(1.0),
            "sales": params(sales.Params, spending_scale=1.0),
        },
        quarter=8100,
        chance=Chance(1, 8100),
        conditions=SimpleNamespace(ipo=ipo),
        window=window,
        scale=scale,
        city=dated(8000, history_start=8000, history={"ipo": np.full(200, 20.0)}),
    )


@pytest.mark.parametrize(
    ("window", "share"),
    [
        (1.0, 0.1),
        (4.0, 0.1),  # no fewer where it is wide open
        (0.25, 0.2),  # twice as many at an elasticity of a half
        (0.01, math.sqrt(0.1)),  # as at the floor of a tenth
    ],
)
def test_more_files_are_refused_where_the_window_has_closed(window, share):
    """Of 4,000; three standard errors are 0.022 at most."""
    model = market(4000, window=window, ipo=0.0)
    listing.list_firms(model, ends(4000))
    assert (model.state.startups.used.refused == 8100).mean() == pytest.approx(share, abs=0.022)


# ---------------------------------------------------------------- the bar


@pytest.mark.parametrize(
    ("queue", "before", "bar"),
    [
        (30, 1.0, 1.0),  # a year and a half of the city's 20 places a year
        (60, 1.0, 2.5),  # twice that: half the way from 1 to 2^2
        (60, 4.0, 4.0),
        (15, 1.0, 1.0),  # never below the thresholds
        (0, 4.0, 2.5),
    ],
)
def test_the_bar_follows_the_square_of_the_queue(queue, before, bar):
    model = market(queue, bar=before)
    listing._bar(model)
    assert model.state.listing[BAR] == pytest.approx(bar)


def test_the_bar_is_noted_and_holds_for_the_files_of_the_quarter():
    """Of 61 firms worth 2 bn one has not filed; the rest have raised the bar to 2.5."""
    queued = np.full(61, 8099)
    queued[60] = NEVER
    model = market(61, ipo=0.0, queued=queued)
    listing.list_firms(model, ends(61))
    assert model.state.listing[BAR] == pytest.approx(2.5)
    assert model.state.startups.used.queued[60] == NEVER


def test_the_bar_knows_the_places_of_the_past_five_years_and_not_of_the_future():
    """Ten listings a quarter since then, and more before and after: ten firms of the city a year, fifteen in all."""
    model = market(30)
    model.city.history["ipo"][:] = 1000.0
    model.city.history["ipo"][81:101] = 10.0
    listing._bar(model)
    assert model.state.listing[BAR] == pytest.approx(2.5)


def test_only_those_who_wait_for_the_national_boards_crowd_them():
    """Thirty of 120: half have listed since they filed, and of the others half filed at the venue."""
    model = market(120, life=np.repeat([Life.ALIVE, Life.LISTED], 60), board=np.tile([0, 1], 60))
    listing._bar(model)
    assert model.state.listing[BAR] == pytest.approx(1.0)


def test_in_a_small_city_one_firm_is_no_crowd():
    """A hundredth has 0.3 places in a year and a half, and is full at one."""
    model = market(2, scale=0.01)
    listing._bar(model)
    assert model.state.listing[BAR] == pytest.approx(2.5)  # two are


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("queue", "ipo", "scale", "places"),
    [
        (10, 24.0, 1.0, 6.0),  # ten of the forty who wait in the nation
        (30, 24.0, 1.0, 12.0),
        (5, 24.0, 0.5, 3.0),  # half the city has half of the nation
        (10, 0.0, 1.0, 0.0),
        (0, 24.0, 1.0, 0.0),
    ],
)
def test_places_are_the_city_s_part_of_those_who_wait(queue, ipo, scale, places):
    assert listing._places(market(queue, ipo=ipo, scale=scale)) == pytest.approx(places)


@pytest.mark.parametrize(
    ("before", "waited", "listed", "after"),
    [
        (0.0, 10, 0, 0.4),  # a quarter of 1.6 places
        (0.4, 10, 0, 0.8),
        (0.8, 10, 1, 0.2),
        (3.0, 10, 3, 0.4),
        (1.0, 0, 0, 1.0),  # for who has not waited long enough one place is kept at most
    ],
)
def test_parts_of_places_are_carried_over(before, waited, listed, after):
    queued = np.where(np.arange(10) < waited, 8097, 8098)
    model = market(10, ipo=1.6, places=before, queued=queued)
    assert len(listing.admitted(model)) == listed
    assert model.state.listing[PLACES] == pytest.approx(after)


def test_the_first_to_file_list_first():
    """Two places; who filed two quarters ago is worth most and has not waited three quarters, of two of one quarter
    the older venture goes.
    """
    queue = {"queued": [8098, 8095, 8095, 8094, NEVER], "traction": [30.0, 25.0, 24.0, 20.0, 30.0]}
    model = market(5, ipo=0.0, places=2.0, id=[5, 4, 3, 2, 1], **queue)
    assert listing.admitted(model).tolist() == [3, 2]


def test_who_has_listed_does_not_list_again():
    model = market(2, ipo=0.0, places=2.0, life=[Life.LISTED, Life.ALIVE])
    assert listing.admitted(model).tolist() == [1]


# ---------------------------------------------------------------- what a listing pays


def test_prices_follow_the_window_down_to_a_floor():
    assert listing.climate_of(1.0, BOARDS) == 1.0
    assert listing.climate_of(0.25, BOARDS) == pytest.approx(0.5)
    assert listing.climate_of(0.0, BOARDS) == listing.climate_of(0.1, BOARDS) == pytest.approx(math.sqrt(0.1))


@pytest.fixture
def listed():
    """A venture worth 80 m in a poor window, after its listing: investors hold a quarter, and a tenth of the rest is
    sold, of which a sixth is the staff's; a fifth of the value comes in for new shares.
    """
    startups = rows(
        STARTUP,
        traction=math.log(20e6),
        market=math.log(1e9),
        progress=1.0,
        shares=80,
        founder_shares=50,
        pool_shares=10,
        headcount=4,
        first_holding=0,
        cash=7,
        board=1,
        raised=90_000_000,
        seeking=8097,
        need=5_000_000,
        desk=1,
        partner=0,
        pilot=1000,
    )
    doors = {
        "people": people(),
        "firms": firms(
            startups=startups,
            sectors=rows(SECTOR, multiple=5.0),
            corporates=rows(CORPORATE, 2, pool=[0, 1]),
            pool_of=np.array([1]),
        ),
        "capital": capital(rows(HOLDING, shares=20, amount=90_000_000)),
        "ends": ends(),
        "books": books(),
    }
    listing._list(chance=Chance(1, 8100), chosen=np.zeros(1, np.int64), **doors, terms=terms(climate=0.8))
    return SimpleNamespace(
        firm=startups[0],
        corporates=doors["firms"].corporates,
        to_fund=doors["capital"].funds.cash[0],
        route=doors["capital"].holdings.route[0],
        to_founder=doors["people"].wealth[0],
        to_staff=doors["ends"].staff[0],
        paid=doors["books"].flows[Transaction.LISTING, Sector.WORLD],
        world=doors["books"].treasury.world[0],
        ends=doors["ends"],
    )


def test_a_listing_by_hand(listed):
    assert listed.to_fund == pytest.approx(20e6, abs=2)  # preferences lapse
    assert listed.to_founder == pytest.approx(5e6, abs=2) and listed.to_staff == pytest.approx(1e6, abs=2)
    assert listed.route == Route.IPO


def test_new_shares_bring_cash_to_the_firm(listed):
    assert listed.firm.cash == listed.paid[Sector.STARTUPS] + 7 == pytest.approx(16e6 + 7, abs=2)
    assert listed.corporates.cash.tolist() == [0, 0]  # nobody else has any of it


def test_the_world_pays_for_old_and_new_shares(listed):
    received = listed.to_fund + listed.to_founder + listed.to_staff + listed.firm.cash - 7
    assert -listed.world == listed.paid.sum() == received == pytest.approx(42e6, abs=8)


def test_a_listing_is_written_down_as_an_end(listed):
    row = listed.ends.exits[0]
    assert (listed.ends.exits_count[0], row.life, row.buyer, row.board) == (1, Life.LISTED, 1, 1)
    assert row.value == pytest.approx(80e6, abs=2) and row.to_investors == listed.to_fund
    assert (row.to_founders, row.to_employees) == (listed.to_founder, listed.to_staff)


def test_a_listed_firm_leaves_what_is_for_startups(listed):
    firm = listed.firm
    assert (firm.life, firm.ended) == (Life.LISTED, 8100)
    assert (firm.seeking, firm.need, firm.desk, firm.partner, firm.pilot) == (NEVER, 0, 0, -1, 0)


def test_listed_firms_are_valued_as_at_their_listing():
    """Sales of 2 m at five times, of which an unfinished half leaves 0.3 + 0.7 x 0.5."""
    state = start()
    found(state, FIRST - 8, life=Life.LISTED, traction=math.log(2e6), market=math.log(9e6), progress=0.5)
    panels, model = watch(state)
    panels.record(model)
    assert panels.tables()["city"]["listed_value_cny"][0] == pytest.approx(6.5e6)
