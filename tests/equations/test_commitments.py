"""What partners want to hold of the city's ventures, and to which funds they promise it."""

import math

import numpy as np
import pytest
from by_hand import NO_COVER, books, capital, params, rows

from sim.mechanisms.capital import commitments
from sim.mechanisms.capital.commitments import Climate
from sim.mechanisms.capital.fundraising import Params
from sim.mechanisms.programmes.compensation import Cover
from sim.world.accounts import Transaction
from sim.world.columns import FUND, GP, HOLDING, LP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, GPKind, Investor, LPKind, Route, Sector, Stage

MILLION, BILLION = 1_000_000, 1_000_000_000
NORMAL = Climate(now=1.0, trend=1.0, foreign_capital=1.0, covered=0.0, attraction=1.0, level=1.0)
TERMS = params(
    Params,
    allocation_speed=0.1,
    return_elasticity=0.5,
    attraction_elasticity=0.25,
    required_multiple=1.5,
    tickets=4.0,
    choice_noise=1.0,
    reputation_weight=1.0,
    smallest_promise=1.0 * MILLION,
    **{f"affinity_{kind}": (0.0,) * 4 for kind in ("private", "corporate", "foreign", "state")},
)

# ---------------------------------------------------------------- what a partner wants


@pytest.mark.parametrize(
    ("expected", "climate", "wanted"),
    [
        (1.5, {}, 50.0),  # 5 percent of 1000
        (6.0, {}, 100.0),  # four times what it requires, at an elasticity of a half
        (0.375, {}, 25.0),
        (0.0, {}, 50.0 * math.sqrt(0.01 / 1.5)),  # no less than a hundredth is expected
        (1.5, {"covered": 4.5}, 100.0),  # a cover that pays as much again
        (1.5, {"attraction": 16.0}, 100.0),  # at an elasticity of a quarter
        (1.5, {"trend": 0.8, "now": 0.4}, 40.0),  # the moment only hurries partners
        (1.5, {"level": 1.5}, 75.0),
        (6.0, {"trend": 0.8, "level": 1.5, "attraction": 16.0}, 240.0),
    ],
)
def test_exposure_by_hand(expected, climate, wanted):
    lp = rows(LP, target=0.05, wealth=1000.0, expected=expected)[0]
    assert commitments.wanted_exposure(lp=lp, climate=NORMAL._replace(**climate), params=TERMS) == pytest.approx(wanted)


COVER = Cover(share=np.array([0.0, 0.25, 0.5, 0.0, 0.0, 0.0]), project_cap=np.inf, registered=0.6)


def covered(cover=COVER, **of_last):
    """Part of called money that a cover would pay back after the A round of 100 that returned 20, the seed round of 60
    that is lost, and a seed round of 140 that paid 500, each of another firm, the last with what is given.
    """
    last = {"stage": Stage.SEED, "route": Route.IPO, "amount": 140, "proceeds": 500} | of_last
    stakes = rows(
        HOLDING,
        3,
        startup=[0, 1, 2],
        investor=Investor.FUND,
        stage=[Stage.A, Stage.SEED, last.pop("stage")],
        route=[Route.LIQUIDATION, Route.LIQUIDATION, last.pop("route")],
        amount=[100, 60, last.pop("amount")],
        proceeds=[20, 0, last.pop("proceeds")],
    )
    for name, value in last.items():
        stakes[name][2] = value
    return commitments.covered(capital=capital(holdings=stakes), cover=cover)


def test_a_cover_adds_what_it_would_pay_of_past_losses():
    # half of 80, a quarter of 60, nothing of what gained: 55 of 300, for six firms in ten
    assert covered() == pytest.approx(0.6 * 55 / 300)


@pytest.mark.parametrize(("startup", "paid"), [(2, 20 + 15 + 20), (1, 20 + 20), (0, 20 + 15)])
def test_a_cover_pays_no_more_than_its_cap_for_a_firm(startup, paid):
    """20 at most: of 40 for the first firm, of 15 for the second, of 35 for a stake in a third or in one of them."""
    lost = {"route": Route.LIQUIDATION, "amount": 140, "proceeds": 0, "startup": startup}
    assert covered(COVER._replace(project_cap=20.0), **lost) == pytest.approx(0.6 * paid / 300)


@pytest.mark.parametrize("route", [Route.ACQUISITION, Route.IPO, Route.BUYBACK, Route.TRANSFER, Route.WRITE_OFF])
def test_a_cover_is_for_losses_with_firms_that_failed(route):
    assert covered(route=route, proceeds=0) == pytest.approx(0.6 * 55 / 300)


def test_a_cover_is_for_no_more_than_all_firms():
    assert covered(COVER._replace(registered=1.7)) == pytest.approx(55 / 300)


@pytest.mark.parametrize(
    "other", [{"route": Route.HELD}, {"investor": Investor.ANGEL}, {"investor": Investor.PATIENT}], ids=str
)
def test_a_cover_is_held_against_stakes_of_private_funds_that_have_ended(other):
    assert covered(amount=1000, proceeds=0, **other) == pytest.approx(0.6 * 55 / 160)


def test_where_nothing_is_covered_or_has_ended_a_cover_adds_nothing():
    assert covered(NO_COVER) == 0.0
    assert commitments.covered(capital=capital(holdings=8), cover=COVER) == 0.0


def attraction(*funds):
    """Attraction of funds on offer, each (target, standing of the firm, concession)."""
    target, standing, concession = zip(*funds, strict=True)
    n, terms = len(funds), params(Params, attraction_of_standing=0.5, concession_weight=0.25)
    offered = rows(FUND, n, target=target, concession=concession, gp=np.arange(n)[::-1])
    return commitments.attraction(funds=offered, gps=rows(GP, n, reputation=standing[::-1]), params=terms)


@pytest.mark.parametrize(
    ("funds", "worth"),
    [
        ([(100, 0.0, 0.0)], 1.0),
        ([(100, 2 * math.log(2.0), 0.0)], 2.0),  # standing counts a half
        ([(100, 0.0, 4 * math.log(3.0))], 3.0),  # and a concession a quarter
        ([(100, 2 * math.log(2.0), 4 * math.log(3.0))], 6.0),
        ([(100, -2 * math.log(2.0), 0.0)], 0.5),
        ([(100, 2 * math.log(2.0), 0.0), (300, 0.0, 4 * math.log(3.0))], 2.75),  # (200 + 900) / 400
    ],
)
def test_standing_and_concession_attract_by_the_size_of_funds(funds, worth):
    assert attraction(*funds) == pytest.approx(worth)
    assert attraction(*funds, *funds, *funds) == pytest.approx(worth)  # however many there are


def test_without_funds_on_offer_nothing_attracts():
    assert commitments.attraction(funds=rows(FUND, 0), gps=rows(GP), params=TERMS) == 1.0


# ---------------------------------------------------------------- what it promises


def market(targets, wealth=20e9, nav=0, unfunded=0):
    """Three partners (private, corporate, state) of target 5 percent, one guidance fund, and funds that raise."""
    n = len(targets)
    lps = rows(
        LP,
        4,
        id=np.arange(4),
        kind=[LPKind.PRIVATE, LPKind.CORPORATE, LPKind.STATE, LPKind.GUIDANCE],
        wealth=wealth,
        target=0.05,
    )
    lps.expected, lps.nav, lps.unfunded, lps.cash = 1.5, nav, unfunded, unfunded
    gps = rows(GP, n, id=np.arange(n))
    funds = rows(FUND, n, id=np.arange(n), gp=np.arange(n), vintage=NEVER, target=targets, first_commitment=NOBODY)
    return lps, gps, funds


def committed(lps, gps, funds, terms=TERMS, climate=NORMAL, room=64):
    """Let the partners commit; returns the commitments made."""
    doors, written = capital(commitments=room, lps=lps, gps=gps, funds=funds), books()
    before = lps.cash.sum()
    commitments.commit(
        chance=Chance(1, 8100),
        raising=np.arange(len(funds)),
        climate=climate,
        params=terms,
        capital=doors,
        books=written,
    )
    allocated = written.flows[Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS]
    assert allocated == lps.cash.sum() - before == -written.treasury.world[0]
    return doors.commitments[: doors.commitments_count[0]]


def test_promises_by_hand():
    # Each wants 5 percent of 20 bn = 1 bn, has 0.2 + 0.3 bn, and promises a tenth of the gap in four tickets.
    lps, gps, funds = market([BILLION] * 3, nav=200 * MILLION, unfunded=300 * MILLION)
    table = committed(lps, gps, funds)
    assert table.amount.tolist() == [12_500_000] * 12  # the guidance fund is asked elsewhere
    assert lps.unfunded.tolist() == [350 * MILLION] * 3 + [300 * MILLION]
    assert np.bincount(table.fund, table.amount, 3).tolist() == funds.committed.tolist()
    assert (funds.private.sum(), funds.corporate.sum(), funds.state.sum(), funds.guidance.sum()) == (
        50 * MILLION,
        50 * MILLION,
        50 * MILLION,
        0,
    )


def test_what_a_duty_brought_home_takes_nothing_from_other_promises():
    lps, gps, funds = market([BILLION] * 3, nav=200 * MILLION, unfunded=380 * MILLION)
    lps.brought = 80 * MILLION
    assert committed(lps, gps, funds).amount.tolist() == [12_500_000] * 12


def test_the_promises_to_a_fund_hang_together():
    lps, gps, funds = market([BILLION] * 3)
    table = committed(lps, gps, funds)
    for f in range(3):
        chain, row = [], funds.first_commitment[f]
        while row != NOBODY:
            chain.append(row)
            row = table.next[row]
        assert sorted(chain) == np.flatnonzero(table.fund == f).tolist()


@pytest.mark.parametrize("targets", [[BILLION], [7 * MILLION, 55 * MILLION], [100 * MILLION] * 20], ids=len)
def test_promises_lie_in_the_purse_and_never_exceed_it_or_the_target(targets):
    lps, gps, funds = market(targets)
    committed(lps, gps, funds)
    assert (lps.unfunded <= lps.cash).all()
    assert (funds.committed <= funds.target).all()
    assert funds.committed.sum() == lps.unfunded.sum() > 0


def test_partners_who_hold_enough_promise_nothing():
    assert len(committed(*market([BILLION], nav=1_100 * MILLION))) == 0


@pytest.mark.parametrize("column, value", [("vintage", 8099), ("committed", BILLION)], ids=["closed", "full"])
def test_nothing_is_promised_to_a_fund_that_takes_no_more(column, value):
    lps, gps, funds = market([BILLION] * 2)
    funds[column][1] = value
    assert set(committed(lps, gps, funds).fund) == {0}


def test_a_partner_spreads_its_tickets_over_funds():
    """Three partners with four tickets each: more pairs of a partner and a fund than partners."""
    table = committed(*market([BILLION] * 3))
    assert len(table) == 12 and len(set(zip(table.lp, table.fund, strict=True))) > 3


def test_tickets_that_are_too_small_are_not_promised():
    """A gap of 40 m, a tenth a quarter, in four tickets of one million."""
    assert len(committed(*market([BILLION], wealth=800e6))) == 12
    assert len(committed(*market([BILLION], wealth=799e6))) == 0


def test_partners_hurry_with_the_climate_and_foreign_ones_want_less_without_foreign_capital():
    lps, gps, funds = market([BILLION])
    lps.kind[0] = LPKind.FOREIGN
    table = committed(lps, gps, funds, climate=NORMAL._replace(now=1.0, trend=0.5, foreign_capital=0.5))
    # Half or a quarter of 1 bn, twice a tenth of it a quarter, in four tickets.
    assert table.amount.tolist() == [12_500_000] * 4 + [25_000_000] * 8


@pytest.mark.parametrize("kind", [LPKind.PRIVATE, LPKind.CORPORATE, LPKind.FOREIGN, LPKind.STATE])
def test_each_kind_of_money_has_its_own_liking_for_managers(kind):
    liking = (1.0, 2.0, 3.0, 4.0)
    terms = TERMS._replace(**{f"affinity_{kind.name.lower()}": liking})
    assert [commitments.affinity(lp_kind=kind, gp_kind=of, params=terms) for of in GPKind] == list(liking)


def test_money_goes_to_managers_of_its_kind():
    lps, gps, funds = market([100 * BILLION] * 2, wealth=400e9)
    lps.kind[0], gps.kind[1] = LPKind.FOREIGN, GPKind.PRIVATE_DOLLAR
    terms = TERMS._replace(affinity=30.0, affinity_foreign=(-2.0, 1.0, -2.0, -2.0))
    assert set(committed(lps, gps, funds, terms).fund[:4]) == {1}


@pytest.mark.parametrize(
    ("other", "terms"),
    [
        ({"target": 2 * 10**6 * BILLION}, {"size_weight": 1.0}),
        ({"concession": 2.0 * math.log(2.0)}, {"concession_weight": 0.5}),
        ({"gp": 1}, {}),  # a manager whose standing is log 2
    ],
    ids=["size", "concession", "standing"],
)
def test_a_fund_that_is_worth_twice_as_much_is_chosen_twice_as_often(other, terms):
    """By the logit. 4000 tickets of a hundred partners: four standard errors are 0.03."""
    _, gps, funds = market([10**6 * BILLION] * 2)
    gps.reputation, funds.gp = [0.0, math.log(2.0)], 0
    for name, value in other.items():
        funds[name][1] = value
    lps = rows(LP, 100, id=np.arange(100), wealth=400e9, target=0.05, expected=1.5)
    table = committed(lps, gps, funds, TERMS._replace(tickets=40.0, **terms), room=4000)
    assert len(table) == 4000 and table.fund.mean() == pytest.approx(2 / 3, abs=0.03)


# ---------------------------------------------------------------- what it takes home


def test_money_beyond_promises_goes_home_but_that_of_the_guidance_fund():
    lps = rows(LP, 3, kind=[LPKind.PRIVATE, LPKind.GUIDANCE, LPKind.STATE], cash=[90, 80, 40], unfunded=[30, 20, 40])
    written = books()
    commitments.take_home(lps=lps, books=written)
    assert lps.cash.tolist() == [30, 80, 40]
    assert written.flows[Transaction.LP_ALLOCATION, Sector.LPS, Sector.WORLD] == written.treasury.world[0] == 60
