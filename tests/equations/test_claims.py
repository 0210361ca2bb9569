"""Who is paid before the owners when a firm is wound up, and the end of a listed firm that cannot pay its wages."""

from types import SimpleNamespace

import pytest
from by_hand import books, capital, ends, fill, firms, params, people, rows

from sim.mechanisms.people import founding, payroll
from sim.mechanisms.programmes import moral_hazard
from sim.mechanisms.ventures import endings
from sim.mechanisms.ventures.endings import Params
from sim.world import accounts
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, FUND, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Sector, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

CLAIMS = {"severance_years": 6.0, "creditors_quarters": 0.5}
FIRM = {  # for two and a half years, with wages of 10,000 a head and month, of which the founder draws as much
    "born": 8090,
    "headcount": 3,
    "payroll": 120_000,
    "burn": 200_000,
    "shares": 100,
    "founder_shares": 45,
    "pool_shares": 15,
    "first_holding": 0,
}

# ---------------------------------------------------------------- what can be claimed


@pytest.mark.parametrize(
    ("quarters", "a_head"),
    [(0, 0), (1, 2_500), (10, 25_000), (24, 60_000), (40, 60_000)],  # a month's pay a year, of six years at most
)
def test_severance_is_a_month_s_pay_a_year(quarters, a_head):
    firm = rows(STARTUP, **FIRM)[0]
    claimed, _ = endings.claims_before(firm=firm, quarter=8090 + quarters, draw=1.0, params=params(Params, **CLAIMS))
    assert claimed == 3 * a_head


def test_severance_is_a_whole_number_of_yuan_a_head():
    # 2.5 x 100,000 / 3 months / 4 who are paid = 20,833.3
    firm = rows(STARTUP, **(FIRM | {"payroll": 100_000}))[0]
    assert endings.claims_before(firm=firm, quarter=8100, draw=1.0, params=params(Params, **CLAIMS))[0] == 3 * 20_833


@pytest.mark.parametrize(
    ("startup", "drawing"),
    [({}, 1), ({"partner_1": 4}, 2), ({"partner_1": 4, "partner_2": 5}, 3), ({"life": Life.LISTED, "partner_1": 4}, 0)],
    ids=["a founder", "with a partner", "with two", "after a listing"],
)
def test_what_founders_draw_is_not_paid_out_as_severance(startup, drawing):
    """10,000 a month each."""
    firm = rows(STARTUP, **(FIRM | {"payroll": 30_000 * (3 + drawing)} | startup))[0]
    assert endings.claims_before(firm=firm, quarter=8100, draw=1.0, params=params(Params, **CLAIMS))[0] == 75_000


@pytest.mark.parametrize(("draw", "payroll"), [(0.7, 170_000), (0.15, 115_000), (1.0, 200_000)])
def test_founders_who_draw_less_leave_staff_their_full_severance(draw, payroll):
    """One employee at 100,000 a quarter and a founder at a part of that; three years are three months, 100,000."""
    firm = rows(STARTUP, born=8088, headcount=1, payroll=payroll)[0]
    claimed, _ = endings.claims_before(firm=firm, quarter=8100, draw=draw, params=params(Params, **CLAIMS))
    assert claimed == pytest.approx(100_000, abs=1)


def test_who_employs_nobody_owes_no_severance():
    firm = rows(STARTUP, **(FIRM | {"headcount": 0, "payroll": 30_000}))[0]
    assert endings.claims_before(firm=firm, quarter=8100, draw=1.0, params=params(Params, **CLAIMS))[0] == 0


# ---------------------------------------------------------------- the order of claims


def wound_up(cash):
    """A venture after its end; its staff can claim 75,000, creditors half a quarter's spending, 100,000, and a fund
    500,000 for 40 percent.
    """
    startups = rows(STARTUP, **(FIRM | {"cash": cash}))
    holders, founders, over, written = (
        capital(rows(HOLDING, amount=500_000, shares=40)),
        people(),
        ends(**CLAIMS),
        books(),
    )
    endings.wind_up(
        i=0,
        life=Life.FAILED,
        quarter=8100,
        people=founders,
        firms=firms(startups=startups),
        capital=holders,
        ends=over,
        books=written,
    )
    paid = written.flows
    return SimpleNamespace(
        severance=paid[Transaction.SEVERANCE, Sector.STARTUPS, Sector.PERSONS],
        creditors=paid[Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD],
        to_fund=holders.funds.cash[0],
        common=paid[Transaction.LIQUIDATION, Sector.STARTUPS, Sector.PERSONS],
        founder=founders.wealth[0],
        staff=over.staff[0],
        world=written.treasury.world[0],
        paid=paid.sum(),
        left=startups.cash[0],
        exit=over.exits[0],
    )


@pytest.mark.parametrize(
    ("cash", "severance", "creditors", "to_fund", "common"),
    [
        (0, 0, 0, 0, 0),
        (60_000, 60_000, 0, 0, 0),
        (135_000, 75_000, 60_000, 0, 0),
        (475_000, 75_000, 100_000, 300_000, 0),
        (775_000, 75_000, 100_000, 500_000, 100_000),  # 40 percent of 600,000 are less than the fund put in
        (2_175_000, 75_000, 100_000, 800_000, 1_200_000),  # and of 2 m more
    ],
)
def test_wages_come_before_creditors_preferences_and_common_stock(cash, severance, creditors, to_fund, common):
    end = wound_up(cash)
    assert (end.severance, end.creditors, end.to_fund, end.common) == (severance, creditors, to_fund, common)


def test_staff_get_severance_beside_their_part_of_the_common_stock():
    end = wound_up(775_000)  # a quarter of the common stock is the pool's
    assert (end.staff, end.founder) == (75_000 + 25_000, 75_000)


def test_all_cash_of_a_firm_that_is_wound_up_is_paid_out():
    end = wound_up(775_000)
    assert (end.left, end.paid, end.world) == (0, 775_000, 100_000)


def test_an_end_is_worth_what_claims_leave_to_the_owners():
    end = wound_up(775_000).exit
    assert (end.value, end.to_investors, end.to_founders, end.to_employees) == (600_000, 500_000, 75_000, 25_000)


# ---------------------------------------------------------------- persons and the books


def town(life, cash, due, heads=3, revenue=0):
    """A firm with a staff of `heads`, three at most, and a fund, after the wages of the quarter; a founder and a
    partner own the rest, who have gone where it has listed.
    """
    goes_on = life == Life.LISTED
    state = State(Persons(5))
    state.persons.count, state.flows = 5, new_flows()
    state.persons.efficiency[:] = 1.0
    state.persons.employer[:] = [*[0] * heads, *[NOBODY] * (3 - heads), *[NOBODY if goes_on else 0] * 2]
    state.persons.status[:] = [
        *[Status.EMPLOYED] * heads,
        *[Status.SEARCHING] * (3 - heads),
        *[Status.SEARCHING if goes_on else Status.FOUNDER] * 2,
    ]
    firm = {"life": life, "cash": cash, "due": due, "founder": 3, "partner_1": 4, "traction": 20.0, "revenue": revenue}
    firm |= {"headcount": heads, "payroll": 30_000 * (heads if goes_on else heads + 2)}
    if goes_on:
        firm |= {"ended": 8095, "first_holding": NOBODY}
    fill(state.startups, rows(STARTUP, **(FIRM | firm)))
    fill(state.sectors, rows(SECTOR, wage=30_000.0, multiple=1.0))
    if not goes_on:
        fill(state.holdings, rows(HOLDING, amount=500_000, shares=40, investor=Investor.FUND))
    fill(state.funds, rows(FUND))
    fill(state.treasury, rows(CASH))
    return SimpleNamespace(
        state=state,
        quarter=8100,
        chance=Chance(1, 8100),
        levers=Levers(["PD"], ["ai"]),
        params={
            "endings": params(Params, **CLAIMS, debt_share=0.5, debt_of_wage=0.2, quit_noise=1.0, learning_lag=1.0),
            "founding": params(founding.Params, stigma=0.1),
            "moral_hazard": params(moral_hazard.Params),
            "payroll": params(payroll.Params, founder_wage_funded=1.0),
        },
    )


def after_the_quarter(life=Life.ALIVE, cash=775_000, due=1, **town_of):
    """The State after the ends of the quarter; the books close."""
    model = town(life, cash, due, **town_of)
    before = accounts.purses(model.state)
    endings.settle(model, endings.fail(model))
    assert accounts.unbalanced(model.state.flows, before, accounts.purses(model.state)) == {}
    return model.state


@pytest.mark.parametrize(
    ("cash", "wealth"),
    [
        (775_000, [33_333, 33_333, 33_333, 75_001, 0]),  # 25,000 of severance and a third of the pool; rounding
        (100_000, [25_000, 25_000, 25_000, 0, 0]),
        (50_000, [16_666, 16_666, 16_666, 0, 0]),  # whole yuan; the creditors have the two that are left
    ],
)
def test_staff_share_alike_what_they_get_of_a_failure(cash, wealth):
    assert after_the_quarter(cash=cash).persons.wealth.tolist() == wealth


def test_a_listed_firm_that_owes_wages_is_delisted():
    state = after_the_quarter(Life.LISTED)
    firm = state.startups.used[0]
    assert (firm.life, firm.delisted, firm.ended, firm.cash) == (Life.DELISTED, 8100, 8095, 0)


def test_a_listed_firm_that_pays_its_wages_goes_on():
    firm = after_the_quarter(Life.LISTED, due=0).startups.used[0]
    assert (firm.life, firm.delisted, firm.cash, firm.headcount) == (Life.LISTED, NEVER, 775_000, 3)


@pytest.mark.parametrize(
    ("heads", "revenue", "life"),
    [(0, 0, Life.DELISTED), (0, 1, Life.LISTED), (1, 0, Life.LISTED)],
    ids=["neither", "sales", "people"],
)
def test_a_listed_firm_goes_on_as_long_as_it_has_people_or_sales(heads, revenue, life):
    """Whatever its cash."""
    state = after_the_quarter(Life.LISTED, due=0, heads=heads, revenue=revenue)
    assert state.startups.used.life[0] == life


def test_the_public_gets_the_cash_of_a_listed_firm_without_people_and_sales():
    """Beside the 100,000 of creditors."""
    state = after_the_quarter(Life.LISTED, due=0, heads=0)
    assert state.flows[Transaction.LIQUIDATION, Sector.STARTUPS, Sector.WORLD] == 675_000


def test_staff_of_a_delisted_firm_share_alike_where_its_cash_is_short():
    """50,000 for three: the two yuan that cannot be shared are the creditors'."""
    state = after_the_quarter(Life.LISTED, cash=50_000)
    assert state.persons.wealth.tolist() == [16_666] * 3 + [0] * 2
    assert state.flows[Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD] == 2


def test_claims_come_before_the_public_that_owns_a_listed_firm():
    state = after_the_quarter(Life.LISTED)
    assert state.flows[Transaction.SEVERANCE, Sector.STARTUPS, Sector.PERSONS] == 75_000
    assert state.flows[Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD] == 100_000
    assert state.flows[Transaction.LIQUIDATION, Sector.STARTUPS, Sector.WORLD] == 600_000


def test_staff_of_a_delisted_firm_look_for_work_with_their_severance():
    state = after_the_quarter(Life.LISTED)
    assert state.persons.wealth.tolist() == [25_000] * 3 + [0] * 2
    assert state.persons.status.tolist() == [Status.SEARCHING] * 5 and state.startups.used.headcount[0] == 0


def test_those_who_founded_a_firm_lose_nothing_when_it_is_delisted():
    """No debt, no stigma: they sold it."""
    persons = after_the_quarter(Life.LISTED, cash=0).persons
    assert not persons.debt.any() and not persons.stigma.any()


def test_no_second_end_is_written_of_a_firm_that_is_delisted():
    assert len(after_the_quarter(Life.LISTED).exits) == 0
