"""The pace of venture firms: companies of a fund, its cheque, and how many it can take on in a quarter."""

import pytest
from by_hand import params, rows

from sim.mechanisms.capital import pace
from sim.mechanisms.capital.pace import Params
from sim.world.columns import FUND, GP
from sim.world.kinds import NOBODY

MILLION, BILLION = 1_000_000, 1_000_000_000
PACE = params(
    Params,
    after_fees=0.8,
    deploy_quarters=12.0,
    least_quarters=3.0,
    kept_quarters=4.0,
    deals_per_partner=0.5,
    climate_elasticity=1.0,
    window_elasticity=0.5,
    companies=16.0,
    companies_elasticity=0.5,
    fewest_companies=4.0,
)

# ---------------------------------------------------------------- equations


@pytest.mark.parametrize(
    ("committed", "companies"),
    [(BILLION, 16.0), (4 * BILLION, 32.0), (BILLION // 4, 8.0), (BILLION // 64, 4.0), (MILLION, 4.0)],
)
def test_companies_grow_with_the_fund_below_proportion(committed, companies):
    assert pace.companies_of(committed=committed, params=PACE) == pytest.approx(companies)


def test_new_companies_get_what_fees_and_the_reserve_leave():
    # three quarters of what is left after a fifth for fees
    assert pace.placeable(committed=BILLION, reserve=0.25, params=PACE) == pytest.approx(600 * MILLION)


@pytest.mark.parametrize(
    ("committed", "cheque"),
    [(BILLION, 37_500_000), (4 * BILLION, 75_000_000), (10 * MILLION, 1_500_000)],  # 600 / 16, 2,400 / 32, 6 / 4
)
def test_a_cheque_is_what_new_companies_get_over_their_number(committed, cheque):
    assert pace.cheque(committed=committed, reserve=0.25, params=PACE) == pytest.approx(cheque, abs=1)


@pytest.mark.parametrize(
    ("climate", "trend", "window", "appetite"),
    [
        (0.7, 0.7, 1.0, 1.0),  # as usual
        (1.4, 0.7, 1.0, 2.0),
        (0.7, 1.4, 1.0, 0.5),  # fund-raising was better
        (0.7, 0.7, 0.25, 0.5),  # few listings, to a half
        (1.4, 0.7, 4.0, 4.0),
    ],
)
def test_appetite_follows_the_climate_over_its_past_and_the_window(climate, trend, window, appetite):
    assert pace.appetite(climate=climate, trend=trend, window=window, params=PACE) == pytest.approx(appetite)


# ---------------------------------------------------------------- a firm with 600 m for new companies


def placing(gp=(), fund=(), quarters=1, appetite=1.0, terms=PACE):
    """A firm of a hundred partners and its new fund, but for what is given, after the same quarter was lived so often;
    returns the firm and how many companies it could lead in each quarter.
    """
    gps = rows(GP, **({"partners": 100.0, "fund": 0} | dict(gp)))
    raised = {"committed": BILLION, "reserve": 0.25, "cheque": 100 * MILLION, "vintage": 8100}
    funds = rows(FUND, **(raised | dict(fund)))
    leads = [
        pace.capacity(quarter=8100, gps=gps, funds=funds, appetite=appetite, params=terms)[0] for _ in range(quarters)
    ]
    return gps[0], leads


@pytest.mark.parametrize(
    ("age", "placed", "appetite", "million"),
    [
        (0, 0, 1.0, 50),  # 600 m in twelve quarters
        (0, 0, 0.5, 25),
        (6, 300, 1.0, 50),  # on time
        (6, 0, 1.0, 100),  # late, and made up for over the six that are left
        (10, 300, 1.0, 100),  # over three quarters and not two
        (20, 300, 1.0, 100),
        (4, 600, 1.0, 0),
        (4, 700, 2.0, 0),  # it has placed more than it had for new companies
    ],
)
def test_pace_by_hand(age, placed, appetite, million):
    fund = {"vintage": 8100 - age, "new_invested": placed * MILLION}
    assert placing(fund=fund, appetite=appetite)[0].pace == pytest.approx(million * MILLION, abs=1)


@pytest.mark.parametrize(
    ("quarters", "cheque", "account"),
    [
        (1, 100, 50),
        (3, 100, 150),
        (9, 100, 200),  # that of four quarters
        (9, 300, 300),  # or a company's
    ],
)
def test_the_account_keeps_what_was_not_placed_for_some_quarters(quarters, cheque, account):
    firm, _ = placing(fund={"cheque": cheque * MILLION}, quarters=quarters)
    assert firm.account == pytest.approx(account * MILLION)


@pytest.mark.parametrize(("account", "leads"), [(-1, 0), (0, 1), (99, 1), (100, 2), (150, 2)])
def test_a_firm_leads_a_company_for_each_cheque_in_its_account(account, leads):
    """50 m more, at 100 m a company; half of a cheque is enough."""
    assert placing(gp={"account": account * MILLION})[1] == [leads]


def test_an_overdrawn_account_waits_until_its_pace_has_made_up_for_it():
    """260 m ahead, at 50 m a quarter: 10 m ahead after five quarters, 90 m to place after seven."""
    firm, leads = placing(gp={"account": -260 * MILLION}, quarters=7)
    assert leads == [0, 0, 0, 0, 0, 0, 1]
    assert firm.account == pytest.approx(90 * MILLION)


def test_a_fund_that_has_placed_its_money_keeps_what_is_left_for_one_company():
    gp, fund = {"account": 180 * MILLION}, {"new_invested": 600 * MILLION}
    firm, leads = placing(gp=gp, fund=fund)
    assert (firm.account, leads) == (100 * MILLION, [1])


@pytest.mark.parametrize(
    ("time", "partners", "leads"),
    [
        (0.0, 3.0, 1),  # one and a half
        (0.6, 3.0, 2),
        (9.0, 3.0, 6),  # no more is kept than that of four quarters
        (0.9, 0.4, 1),  # or than one company takes
        (0.7, 0.4, 0),
    ],
)
def test_a_firm_leads_no_more_companies_than_its_partners_have_time_for(time, partners, leads):
    rich = {"cheque": MILLION}
    assert placing(gp={"time": time, "partners": partners}, fund=rich)[1] == [leads]


def test_partners_who_took_on_too_many_wait_until_they_have_time():
    """Three companies ahead, at one and a half a quarter."""
    firm, leads = placing(gp={"time": -3.0, "partners": 3.0}, fund={"cheque": MILLION}, quarters=3)
    assert (firm.time, leads) == (1.5, [0, 0, 1])


@pytest.mark.parametrize("gp", [{"fund": NOBODY}, {"ended": 8099}], ids=["no fund", "ended"])
def test_firms_that_invest_no_more_place_nothing(gp):
    had = {"pace": 50.0 * MILLION, "account": 100.0 * MILLION, "time": 5.0}
    firm, leads = placing(gp=had | gp)
    assert (firm.pace, firm.account, leads) == (0.0, 100 * MILLION, [0])


def test_each_firm_places_by_its_own_fund():
    gps, funds = rows(GP, 3, partners=100.0, fund=[1, 0, NOBODY]), rows(FUND, 2, committed=[BILLION, 2 * BILLION])
    funds.cheque, funds.vintage = [50 * MILLION, 20 * MILLION], 8100
    leads = pace.capacity(quarter=8100, gps=gps, funds=funds, appetite=1.0, params=PACE)
    # 1,600 m and 800 m in twelve quarters: 133 m and 67 m
    assert leads.tolist() == [7, 1, 0]
