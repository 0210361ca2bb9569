"""Who gets what: companies by preference and conversion, funds by capital, hurdle, catch-up and 80 : 20."""

from fractions import Fraction

import numpy as np
import pytest
from by_hand import books, capital, firms, people, rows

from sim.mechanisms.capital.waterfall import Payment, distribute, pay_holders, split, tiers
from sim.world.accounts import Transaction, received
from sim.world.columns import COMMITMENT, FUND, GP, HOLDING, LP, PURSE, STARTUP
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

MILLION = 1_000_000


def shared(value, common, amounts, shares):
    """Payouts of holders, then what common stock gets, in yuan."""
    payouts = np.zeros(len(amounts), np.int64)
    left = split(value, common, np.array(amounts), np.array(shares), payouts)
    return [*payouts.tolist(), left]


# ---------------------------------------------------------------- companies
# Founders hold 60 shares; A paid 10 for 20 (0.5 a share), B paid 50 for 20 (2.5 a share).


@pytest.mark.parametrize(
    "value, to_a, to_b, to_common",
    [
        (30, 5, 25, 0),  # preferences are 60: half of each
        (60, 10, 50, 0),  # preferences just covered
        (65, 10, 50, 5),  # 5 over 60 shares: 15 over 80 would give A 3.75, so nobody converts
        (110, 15, 50, 45),  # B keeps 50; 60 over 80 shares are 0.75 each, more than A's 0.5
        (230, 45, 50, 135),  # 180 over 80 shares are 2.25 < 2.5: B keeps its 50, though 170 over 60 are 2.83
        (250, 50, 50, 150),  # 2.5 a share either way
        (500, 100, 100, 300),  # 5 a share for all
    ],
)
@pytest.mark.parametrize("dear_first", [False, True])
def test_company_by_hand(value, to_a, to_b, to_common, dear_first):
    if dear_first:
        assert shared(value, 60, [50, 10], [20, 20]) == [to_b, to_a, to_common]
    else:
        assert shared(value, 60, [10, 50], [20, 20]) == [to_a, to_b, to_common]


def test_listing_is_by_shares_alone():
    assert shared(1_000, 60, [0, 0], [20, 20]) == [200, 200, 600]


def test_rounding_goes_to_common_and_below_preferences_to_the_last_holder():
    assert shared(100, 1, [1, 1], [1, 1]) == [33, 33, 34]
    assert shared(100, 1, [70, 70, 70], [1, 1, 1]) == [33, 33, 34, 0]


def test_company_without_investors_is_its_founders():
    assert shared(100, 60, [], []) == [100]


def exact(value, common, amounts, shares):
    """Payouts in exact fractions: the m who paid least a share convert, m as large as pays."""
    preferred = sum(amounts)
    if value <= preferred:
        return [Fraction(value * a, preferred) for a in amounts]
    order = sorted(range(len(amounts)), key=lambda k: Fraction(amounts[k], shares[k]))
    pool, units, converted = value - preferred, common, set()
    for k in order:
        if Fraction(pool + amounts[k], units + shares[k]) >= Fraction(amounts[k], shares[k]):
            pool, units = pool + amounts[k], units + shares[k]
            converted.add(k)
    return [Fraction(pool * shares[k], units) if k in converted else Fraction(amounts[k]) for k in range(len(amounts))]


def test_random_companies_pay_out_exactly_and_nobody_gets_less_than_its_right():
    chance = np.random.default_rng(1)
    for _ in range(500):
        n = int(chance.integers(1, 9))
        amounts = (10 ** chance.uniform(0, 9, n)).astype(np.int64).tolist()
        shares = (10 ** chance.uniform(0, 7, n)).astype(np.int64).tolist()
        common = int(10 ** chance.uniform(0, 8))
        value = int(sum(amounts) * 10 ** chance.uniform(-2, 3))
        *payouts, left = shared(value, common, amounts, shares)
        assert sum(payouts) + left == value
        assert min(payouts) >= 0 and left >= 0
        for paid, right in zip(payouts, exact(value, common, amounts, shares), strict=True):
            assert abs(paid - right) <= n + 1, (value, common, amounts, shares)


@pytest.mark.parametrize(
    "route, to_fund, to_angel, to_stranger, to_common",
    [
        # The fund paid 2.5 a share and keeps its 50; 100 over 80 shares are 1.25 for the others.
        (Route.ACQUISITION, 50, 25, 12, 63),
        # Preferences lapse at a listing: 1.5 for each of 100 shares.
        (Route.IPO, 30, 30, 15, 75),
    ],
)
def test_holders_are_paid_into_their_own_purses(route, to_fund, to_angel, to_stranger, to_common):
    startups = rows(STARTUP, founder_shares=40, pool_shares=10, first_holding=0, shares=100)
    holdings = rows(
        HOLDING, 4, amount=[50, 10, 10, 999], shares=[20, 20, 10, 1], next=[1, 2, 3, NOBODY], holder=[0, 1, NOBODY, 0]
    )
    holdings.investor[1], holdings.holder_id[1] = Investor.ANGEL, 11
    holdings.route[3] = Route.BUYBACK  # ended before
    doors = {"capital": capital(holdings), "people": people(2, id=[10, 11]), "books": books()}
    common = pay_holders(
        i=0,
        value=150,
        payment=Payment(Sector.CORPORATES, Transaction.PROCEEDS, route),
        quarter=8100,
        firms=firms(startups=startups),
        **doors,
    )
    paid = doors["capital"].funds.cash[0], doors["people"].wealth[1], doors["books"].treasury.world[0], common
    assert paid == (to_fund, to_angel, to_stranger, to_common)
    sectors = [Sector.CORPORATES, Sector.FUNDS, Sector.PERSONS, Sector.WORLD]
    assert received(doors["books"].flows)[sectors].tolist() == [to_common - 150, to_fund, to_angel, to_stranger]
    assert holdings.ended.tolist() == [8100, 8100, 8100, NEVER]
    assert holdings.route.tolist() == [route, route, route, Route.BUYBACK]


# ---------------------------------------------------------------- funds


@pytest.mark.parametrize(
    "amount, carry",
    [
        (60, 0.0),  # capital first
        (108, 0.0),  # then 8 percent
        (109, 1.0),  # catch-up: all to the manager
        (110, 2.0),  # until it has a fifth of the gains of 10
        (200, 20.0),  # from there 80 : 20, a fifth of the gains of 100
    ],
)
def test_tiers_of_one_distribution(amount, carry):
    # 100 called, a year at 8 percent.
    assert tiers(amount * MILLION, 108 * MILLION, 100 * MILLION, 0, 0, 0.2) == carry * MILLION


def test_whole_life_of_a_fund():
    # 100 called; a year later 108 are owed and 60 come back; 48 grow to 51.84; then 100, and then 50 come back.
    first = tiers(60 * MILLION, 108 * MILLION, 100 * MILLION, 0, 0, 0.2)
    assert first == 0
    second = tiers(100 * MILLION, 51_840_000, 100 * MILLION, 60 * MILLION, 0, 0.2)
    # 51.84 to partners, gains 11.84; the manager catches up 2.96; a fifth of 45.2 is 9.04.
    assert second == 12_000_000
    third = tiers(50 * MILLION, 0, 100 * MILLION, 60 * MILLION + 88 * MILLION, second, 0.2)
    assert third == 10_000_000
    assert first + second + third == 0.2 * (60 + 100 + 50 - 100) * MILLION


def test_catch_up_spans_distributions():
    # 51.84 owed and 53 come: 1.16 of the catch-up of 2.96. Of the next 10: 1.8, then a fifth of 8.2.
    assert tiers(53 * MILLION, 51_840_000, 100 * MILLION, 60 * MILLION, 0, 0.2) == 1_160_000
    assert tiers(10 * MILLION, 0, 100 * MILLION, 111_840_000, 1_160_000, 0.2) == 3_440_000


def distributed(cash, concession, guided):
    """Money of the manager and of the partners (60, 30 and 10 of 100 promised and called) after `cash` million came
    back.
    """
    funds = rows(
        FUND,
        committed=100 * MILLION,
        called=100 * MILLION,
        preferred=108 * MILLION,
        carry=0.2,
        cash=cash * MILLION,
        first_commitment=0,
        vintage=8000,
    )
    funds.guidance, funds.concession = guided * 30 * MILLION, concession
    gps = rows(GP, patient=NOBODY)
    lps = rows(LP, 3, kind=[LPKind.STATE, LPKind.GUIDANCE if guided else LPKind.STATE, LPKind.PRIVATE])
    commitments = rows(COMMITMENT, 3, lp=[0, 1, 2], amount=np.array([60, 30, 10]) * MILLION, next=[1, 2, NOBODY])
    written = books()
    distribute(capital=capital(commitments=commitments, funds=funds, gps=gps, lps=lps), books=written)
    assert funds.cash[0] == 0
    assert received(written.flows)[[Sector.FUNDS, Sector.GPS, Sector.LPS]].tolist() == [
        -cash * MILLION,
        gps.cash[0],
        lps.cash.sum(),
    ]
    assert commitments.distributed.tolist() == lps.distributed.tolist() == lps.cash.tolist()
    return gps.cash[0] / MILLION, (lps.cash / MILLION).tolist()


def test_partners_share_by_what_they_promised():
    carry, partners = distributed(200, 0.5, guided=False)
    assert carry == 20.0
    assert partners == pytest.approx([108.0, 54.0, 18.0])


def test_guidance_fund_gives_up_a_part_of_its_gains():
    # Partners gain 80, the guidance fund 24 of them; it gives up 12, which the others share 60 : 10.
    carry, partners = distributed(200, 0.5, guided=True)
    assert carry == 20.0
    assert partners == pytest.approx([108.0 + 12.0 * 60 / 70, 54.0 - 12.0, 18.0 + 12.0 * 10 / 70])


def test_guidance_fund_keeps_its_capital():
    carry, partners = distributed(90, 0.5, guided=True)
    assert carry == 0.0
    assert partners == pytest.approx([54.0, 27.0, 9.0])


def test_patient_money_goes_home_whole():
    funds = rows(FUND, called=100, cash=70, vintage=8000)
    purses, written = rows(PURSE, 2), books()
    distribute(capital=capital(funds=funds, gps=rows(GP, patient=1), purses=purses), books=written)
    assert purses.cash.tolist() == purses.recovered.tolist() == [0, 70]
    assert written.flows[Transaction.DISTRIBUTION, Sector.FUNDS, Sector.GOVERNMENT] == 70


def test_fund_that_has_not_closed_gives_nothing():
    funds = rows(FUND, called=100, cash=70, vintage=NEVER)
    distribute(capital=capital(funds=funds), books=books())
    assert funds.cash[0] == 70
