"""Venture firms with a stake in those who seek a round have watched them, and see more than strangers."""

import math

import numpy as np
import pytest
from by_hand import NO_COVER, capital, firms, params, rows

from sim.mechanisms.capital import patient_capital, screening
from sim.mechanisms.capital.bids import SEED
from sim.mechanisms.capital.funding import Params
from sim.world.columns import FUND, GP, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, normal
from sim.world.kinds import NOBODY, Experience, Investor, Route, Stage

MILLION = 1_000_000
LOOKS = params(
    Params,
    screens_per_partner=1e9,
    off_focus=1.0,
    success_quality=1.0,
    largest_dilution=1.0,
    powder_multiple=10.0,
    insider_look=1.0,
)


def market_of(startups, doors):
    """The Market in which `startups` seek a round of the venture firms behind `doors`."""
    return screening.open_market(
        quarter=8100,
        seekers=np.arange(len(startups)),
        firms=firms(startups=startups, sectors=rows(SECTOR, multiple=2.0)),
        capital=doors,
        distance=np.zeros((1, 1)),
        expected=np.zeros(len(Experience)),
        venue=1.0,
        params=LOOKS,
    )


# ---------------------------------------------------------------- who is an insider


def watching(stakes, rounds=3, gps=2):
    """Signals that each venture firm has had of a startup after so many rounds with such `stakes`, 0 for a stranger.

    Funds 0 and 1 are the first firm's, 2 is the second's.
    """
    table = [rows(HOLDING, **({"investor": Investor.FUND, "route": Route.HELD} | stake))[0] for stake in stakes]
    holdings = np.rec.array(np.array(table, HOLDING.dtype))
    holdings.next = [*range(1, len(stakes)), NOBODY]
    doors = capital(holdings, gps=rows(GP, gps, id=np.arange(gps)), funds=rows(FUND, 3, gp=[0, 0, 1]))
    insiders = market_of(rows(STARTUP, rounds=rounds, first_holding=0), doors).insiders
    assert not insiders.seeker.any()
    signals = [insiders.signals[a:b].tolist() for a, b in zip(insiders.first[:-1], insiders.first[1:], strict=True)]
    assert max(map(len, signals)) <= 1  # one pair of a firm and a startup
    return [one[0] if one else 0 for one in signals]


@pytest.mark.parametrize("place, signals", [(0, 4), (1, 3), (2, 2)])
def test_who_holds_a_stake_has_had_a_signal_of_each_round_since_it_came_in_and_has_one_now(place, signals):
    assert watching([{"holder": 2, "place": place}]) == [0, signals]


@pytest.mark.parametrize("places", [(0, 2), (2, 0)])
def test_a_venture_firm_has_watched_since_the_first_stake_of_any_of_its_funds(places):
    """Whatever the order in which they stand in the list of shareholders."""
    stakes = [{"holder": fund, "place": place} for fund, place in enumerate(places)]
    assert watching(stakes) == [4, 0]


def test_several_venture_firms_watch_one_startup():
    assert watching([{"holder": 2, "place": 2}, {"holder": 1, "place": 1}]) == [3, 2]


@pytest.mark.parametrize(
    "stake",
    [{"investor": Investor.ANGEL}, {"holder": NOBODY}, {"route": Route.TRANSFER}, {"route": Route.WRITE_OFF}],
    ids=["angel", "stranger", "sold", "written off"],
)
def test_who_is_no_venture_firm_or_holds_no_more_is_no_insider(stake):
    assert watching([{"holder": 0} | stake, {"holder": 2}]) == [0, 4]


def test_the_governments_own_fund_is_an_insider_like_others():
    assert watching([{"holder": 2, "investor": Investor.PATIENT}]) == [0, 4]


def test_insiders_stand_by_venture_firm():
    """Firm 0 has stakes in the second and third of three startups, firm 1 in the first and third, firm 2 in none."""
    startups = rows(STARTUP, 3, rounds=[1, 2, 3], first_holding=[0, 1, 2])
    holdings = rows(HOLDING, 4, investor=Investor.FUND, holder=[1, 0, 0, 1], place=[0, 0, 1, 2])
    holdings.next[2] = 3
    doors = capital(holdings, gps=rows(GP, 3), funds=rows(FUND, 2, gp=[0, 1]))
    insiders = market_of(startups, doors).insiders
    assert insiders.first.tolist() == [0, 2, 4, 4]
    assert insiders.seeker.tolist() == [1, 2, 0, 2]
    assert insiders.signals.tolist() == [3, 3, 2, 2]


# ---------------------------------------------------------------- what an insider sees


def pitches(n=1, **columns):
    """`n` PITCH rows that are zero but for the columns given."""
    table = np.zeros(n, screening.PITCH).view(np.recarray)
    for name, value in columns.items():
        table[name] = value
    return table


def luck(place):
    """Luck of venture firm 5 in reading the pitch of startup 7 for the round of that place."""
    return normal(1, Decision.SIGNAL, place, 7, 5)


@pytest.mark.parametrize("signals, places", [(1, [3]), (2, [2, 3]), (4, [0, 1, 2, 3])])
def test_a_firm_reads_the_mean_of_what_it_has_seen(signals, places):
    """What it saw then it remembers: the same luck as in the pitches that it read as a stranger."""
    (pitch,) = pitches(id=7, rounds=3)
    seen = screening._watched(seed=1, gp_id=5, pitch=pitch, signals=signals)
    assert seen == pytest.approx(sum(map(luck, places)) / len(places))


def looked(known, signals, heard=(0, 1, 2), look=1.0):
    """(whom venture firm 5 judges of startups 7, 8 and 9, its luck, and its signals) where it has heard some of them,
    and has a stake in those `known`.
    """
    ids, none = np.array([7, 8, 9]), np.zeros(0, np.int64)
    insiders = screening.Insiders(seeker=np.array(known, np.int64), signals=np.array(signals, np.int64), first=none)
    return [
        column.tolist()
        for column in screening._look(
            seed=1,
            quarter=8100,
            gp=rows(GP, id=5)[0],
            heard=np.array(heard, np.int64),
            insiders=insiders,
            pitches=pitches(3, id=ids, rounds=2),
            params=LOOKS._replace(insider_look=look),
        )
    ]


def test_a_company_of_its_own_that_a_firm_hears_is_not_judged_twice():
    seekers, _, signals = looked(known=[1], signals=[3])
    assert (seekers, signals) == ([0, 2, 1], [1, 1, 3])


def test_a_company_of_its_own_that_a_firm_does_not_consider_is_not_judged_as_a_strangers():
    assert looked(known=[1], signals=[3], look=0.0)[0] == [0, 2]


def test_a_firm_considers_a_company_of_its_own_without_hearing_it():
    assert looked(known=[2], signals=[2], heard=[])[0] == [2]


def test_strangers_have_the_luck_of_one_pitch_and_insiders_that_of_all():
    _, seen, _ = looked(known=[0], signals=[3], heard=[1])
    assert seen == pytest.approx([normal(1, Decision.SIGNAL, 2, 8, 5), (luck(0) + luck(1) + luck(2)) / 3])


def bids(
    place=None,
    noise=2.0,
    quality=0.0,
    terms=LOOKS,
    stage=Stage.A,
    low=Stage.SEED,
    high=Stage.D,
    n=1,
    quarter=8100,
    **fund,
):
    """Offers of a venture firm to `n` startups after three rounds, worth 100 m if they succeed and asking for a yuan.

    It came into all of them with the round of that `place`, or is a stranger. Its fund of a million ends in 8130.
    """
    startups = rows(STARTUP, n, id=np.arange(n), rounds=3, stage=stage, need=1, quality=quality, progress=1.0)
    startups.traction, startups.market = math.log(50e6), 25.0
    holdings = rows(HOLDING, n, startup=np.arange(n), investor=Investor.FUND, holder=0, place=place or 0)
    if place is not None:
        startups.first_holding = np.arange(n)
    doors = capital(
        holdings,
        gps=rows(GP, id=5, fund=0, partners=5, noise=noise, stage_low=low, stage_high=high),
        funds=rows(FUND, **({"vintage": 8090, "life": 40, "committed": MILLION} | fund)),
    )
    return screening.screen(
        chance=Chance(1, quarter),
        market=market_of(startups, doors),
        required=np.zeros(len(Stage)),
        patient=patient_capital.Terms(concession=0.0, tilt=np.ones(1), politics=0.0),
        cover=NO_COVER,
        params=terms,
        capital=doors,
    )


@pytest.mark.parametrize("place, mean, spread", [(None, 0.4, 0.4), (2, 2 / 3, 2**0.5 / 3), (0, 1.0, 0.5)])
def test_noise_falls_by_the_root_of_the_number_of_signals(place, mean, spread):
    """4000 startups of two deviations, at a noise of two; a chance of success has the log odds of what is believed.

    A variance of 4 over n signals: belief is 2 / (1 + 4 / n) in the mean, with a spread of (2 / root n) / (1 + 4 / n).
    Standard errors are 0.008 and 0.006.
    """
    chance = bids(place=place, quality=2.0, n=4000).post / 100e6
    believed = np.log(chance / (1.0 - chance))
    assert believed.mean() == pytest.approx(mean, abs=0.035)
    assert believed.std() == pytest.approx(spread, abs=0.02)


@pytest.mark.parametrize("place, hurdle", [(None, 2.0), (2, 1.5), (0, 1.25)])
def test_insiders_fear_the_winners_curse_less(place, hurdle):
    """A quarter of the variance of 4 over 1, 2 and 4 signals."""
    blind = LOOKS._replace(success_quality=0.0, shade=0.25)
    assert bids(place=place, terms=blind).post[0] == pytest.approx(50e6 / hurdle)


@pytest.mark.parametrize("look", [0.0, 0.3, 1.0])
def test_a_firm_considers_each_of_its_companies_with_the_same_chance(look):
    """Of 4000 that it all hears; the standard error is 0.7 percent."""
    offers = bids(place=0, terms=LOOKS._replace(insider_look=look), n=4000)
    assert len(np.unique(offers.seeker)) == len(offers.seeker)
    assert len(offers.seeker) / 4000 == pytest.approx(look, abs=0.03)


@pytest.mark.parametrize("place, offers", [(0, 1), (None, 0)])
def test_a_firm_follows_its_companies_beyond_the_stages_at_which_it_looks(place, offers):
    """Who looks at seed rounds alone is offered a round of B by a company of its own, and by nobody else."""
    assert len(bids(place=place, stage=Stage.A, low=SEED, high=SEED).post) == offers


# ---------------------------------------------------------------- what an insider leads with

RULES = LOOKS._replace(smallest_powder=1000.0, last_new_quarters=8.0, last_follow_on_quarters=4.0)


@pytest.mark.parametrize(
    ("fund", "strangers", "own"),
    [
        ({"new_invested": 699_999}, 1, 1),
        ({"new_invested": 700_000}, 0, 1),  # what is left is for its companies
        ({"quarter": 8121}, 1, 1),
        ({"quarter": 8122}, 0, 1),  # two years before its end it takes on nobody,
        ({"quarter": 8125}, 0, 1),
        ({"quarter": 8126}, 0, 0),  # and a year before it does not invest any more
        ({"called": 999_000}, 1, 1),
        ({"called": 999_001}, 0, 0),  # of so little nobody gets any
    ],
    ids=str,
)
def test_reserves_lead_rounds_of_own_companies_when_a_fund_takes_on_nobody(fund, strangers, own):
    """Three tenths of a million are kept for them."""
    fund = {"reserve": 0.3} | fund
    assert len(bids(place=None, terms=RULES, **fund).post) == strangers
    assert len(bids(place=0, terms=RULES, **fund).post) == own


@pytest.mark.parametrize(("place", "inside"), [(0, True), (None, False)])
def test_an_offer_says_whether_it_comes_from_inside(place, inside):
    assert bids(place=place).inside.tolist() == [inside]
