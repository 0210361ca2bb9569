"""What founders learn of their venture, when they quit, what failing costs them, and who gets what at an end."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, capital, ends, fill, firms, params, people, rows

from sim.mechanisms.capital.waterfall import Payment
from sim.mechanisms.people import founding
from sim.mechanisms.programmes import moral_hazard
from sim.mechanisms.ventures import endings
from sim.mechanisms.ventures.endings import FailureTerms, Params
from sim.world.accounts import Transaction
from sim.world.columns import CORPORATE, EXIT, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, Experience, Life, Route, Sector, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION = 1_000_000


def test_hope_is_the_mean_of_what_was_seen_and_of_the_first_guess():
    # A first guess of 0.1 that weighs as four quarters, then -0.1, 0 and 0.3 seen: 0.6 / 7
    hope = 0.1
    for age, growth in enumerate((-0.1, 0.0, 0.3)):
        hope = endings.new_hope(hope, growth, age, 5.0)
    assert hope == pytest.approx((4 * 0.1 - 0.1 + 0.0 + 0.3) / 7)


def test_hope_comes_to_the_truth():
    hope = 1.0
    for age in range(4000):
        hope = endings.new_hope(hope, -0.02, age, 5.0)
    assert hope == pytest.approx(-0.02, abs=2e-3)


QUIT = params(Params, project_quarters=8.0, outside_multiple=2.0, quit_rate=0.3, quit_noise=0.5)


def chance_to_quit(sales, hope=0.0, share=1.0, preferred=0.0, outside_wage=300e3):
    """Of a founder of a venture with so much in sales, yuan a year."""
    return endings.chance_to_quit(
        traction=math.log(sales),
        hope=hope,
        share=share,
        preferred=preferred,
        outside_wage=outside_wage,
        params=QUIT,
    )


def test_chance_to_quit_by_hand():
    # Sales of 0.2 m that grow 5 percent a quarter for 8 quarters, against twice a wage of 0.3 m.
    short = math.log(600e3) - (math.log(200e3) + 8 * 0.05)
    assert chance_to_quit(200e3, hope=0.05) == pytest.approx(0.3 / (1 + math.exp(-short / 0.5)))
    assert chance_to_quit(600e3) == pytest.approx(0.15)


def test_a_founder_counts_what_investors_leave():
    """Half of the stock, after preferences worth 0.4 m of sales:

    1.6 m of sales are the 0.6 m that the wage outside stands for.
    """
    assert chance_to_quit(1.6e6, share=0.5, preferred=0.4e6) == pytest.approx(0.15)
    assert chance_to_quit(0.3e6, share=0.5, preferred=0.4e6) == pytest.approx(0.3)  # under water


def test_founders_quit_for_low_sales_low_hope_and_high_wages():
    chance = chance_to_quit(160e3)
    assert chance_to_quit(440e3) < chance
    assert chance_to_quit(160e3, hope=0.1) < chance
    assert chance_to_quit(160e3, outside_wage=600e3) > chance
    assert chance_to_quit(1.0, hope=-1.0) <= 0.3


# ---------------------------------------------------------------- failure


def forgiving(debt=1.0, stigma=1.0, response=0.0, n=3):
    """A failure takes a tenth of the wage; policies leave the shares `debt` and `stigma` of what it costs."""
    return FailureTerms(
        debt=np.full(n, debt), stigma=np.full(n, stigma), scar=0.1, hazard=moral_hazard.Params(response, 0.0)
    )


RULES = QUIT._replace(
    quit_rate=1.0,
    learning_lag=5.0,
    distress_quarters=2.0,
    debt_share=0.5,
    debt_of_raised=0.2,
    debt_of_wage=0.2,
    subsistence=0.25,
)


def failed(terms=None, rules=RULES, stigma=0.0, **startup):
    """A venture of a founder who earns 0.4 m a year elsewhere, less a stigma, after the quarter; with its fund and its
    founder.
    """
    firm = {
        "founder_shares": 60,
        "shares": 100,
        "first_holding": 0,
        "raised": 5 * MILLION,
        "rounds": 1,
        "born": 8090,
        "traction": math.log(1e9),
    }
    startups = rows(STARTUP, **(firm | startup))
    holders = capital(rows(HOLDING, shares=40, amount=5 * MILLION))
    founders, written, over = people(efficiency=1.0, stigma=stigma), books(), ends()
    endings._fail(
        chance=Chance(1, 8100),
        people=founders,
        firms=firms(startups=startups, sectors=rows(SECTOR, wage=100_000.0, multiple=5.0)),
        capital=holders,
        ends=over,
        books=written,
        terms=terms or forgiving(),
        params=rules,
    )
    assert startups.cash[0] == startup.get("cash", 0) - written.flows.sum()
    return SimpleNamespace(
        ended=over.exits_count[0],
        firm=startups[0],
        to_fund=holders.funds.cash[0],
        to_founder=founders.wealth[0],
        debt=founders.debt[0],
        founder=founders,
        exit=over.exits[0],
    )


def test_unpaid_wages_are_the_end():
    # 1 m left goes to the fund, which paid 5 m; the debt is half a wage, at most 0.2 of money raised and of the wage.
    end = failed(due=1, cash=MILLION)
    assert (end.ended, end.firm.life, end.firm.ended) == (1, Life.FAILED, 8100)
    assert (end.to_fund, end.to_founder) == (MILLION, 0)
    assert end.debt == 200_000
    assert (end.founder.stigma[0], end.founder.efficiency[0]) == (pytest.approx(0.1), 1.0)  # works as well as before
    assert (end.exit.quarter, end.exit.life, end.exit.buyer) == (8100, Life.FAILED, NOBODY)
    assert (end.exit.value, end.exit.to_investors, end.exit.to_founders, end.exit.raised) == (
        MILLION,
        MILLION,
        0,
        5 * MILLION,
    )


def test_forgiveness_acts_on_debt_and_stigma():
    end = failed(forgiving(debt=0.5, stigma=0.0), due=1)
    assert end.debt == 100_000
    assert end.founder.stigma[0] == 0.0
    assert end.firm.claim == pytest.approx(0.5)  # before any is forgiven


def test_a_second_failure_takes_a_part_of_what_the_first_has_left():
    """Of a wage of 0.36 m half is owed, at most a fifth of it and of 5 m; then a tenth of 0.9 is lost."""
    end = failed(stigma=0.1, due=1, raised=0)
    assert end.debt == pytest.approx(72_000, abs=1)
    assert end.founder.stigma[0] == pytest.approx(0.19)
    assert failed(forgiving(stigma=0.5), stigma=0.1, due=1).founder.stigma[0] == pytest.approx(1 - 0.9 * 0.95)


def test_who_would_earn_less_elsewhere_gives_up_later():
    """Stigma is taken off the wage outside, which is all that a founder leaves the venture for."""
    person, sectors = people(2, efficiency=[2.0, 2.0], stigma=[0.0, 0.25]), rows(SECTOR, wage=50_000.0)
    wages = [endings.outside_wage(firm, sectors, person) for firm in rows(STARTUP, 2, founder=[0, 1])]
    assert wages == pytest.approx([400_000, 300_000])
    # Sales of 0.4 m against twice a wage of 0.4 m: 1 / (1 + (1/2)^2) give up, of a wage of 0.04 m 1 / (1 + 5^2).
    going = {"cash": MILLION, "burn": MILLION, "traction": math.log(400e3), "rounds": 0, "raised": 0}
    for stigma, share in ((0.0, 0.8), (0.9, 1 / 26)):
        closed = [failed(stigma=stigma, id=k, founder_shares=100, **going).firm.life == Life.CLOSED for k in range(400)]
        assert np.mean(closed) == pytest.approx(share, abs=0.06)  # three standard errors


def test_each_lever_comes_to_what_it_is_called():
    levers = Levers(["PD"], ["ai"])
    levers.move("debt", 0.5, Experience.FIRST_TIME)
    levers.move("stigma", 0.2)
    hazard = moral_hazard.Params(2.0, 0.0)
    model = SimpleNamespace(
        levers=levers, params={"founding": params(founding.Params, stigma=0.1), "moral_hazard": hazard}
    )
    terms = endings.failure_terms(model)
    assert terms.debt.tolist() == [0.5, 1.0, 1.0] and terms.stigma.tolist() == [0.2, 0.2, 0.2]
    assert (terms.scar, terms.hazard) == (0.1, hazard)


def test_forgiveness_tempts_to_give_up_by_hand():
    # Half of a debt of 0.4 yearly wages and all of a stigma of 0.1 are forgiven; the response is 2.
    assert moral_hazard.tempted(0.4, 0, forgiving(0.5, 0.0, 2.0)) == pytest.approx(math.exp(2 * (0.2 + 0.1)))
    assert moral_hazard.tempted(0.4, 0, forgiving(1.0, 1.0, 2.0)) == 1.0


def test_only_what_investors_would_claim_tempts_to_default():
    """A venture whose sales just carry the wage outside:

    with investors, strong temptation ends it; without, there is no debt to be forgiven.
    """
    going = {"cash": MILLION, "burn": MILLION, "traction": math.log(6e6), "hope": 0.0, "growth": 0.0}
    assert failed(forgiving(0.0, 0.0, 20.0), **going).firm.life == Life.FAILED
    assert failed(forgiving(1.0, 1.0, 20.0), **going).firm.life == Life.ALIVE
    assert failed(forgiving(0.0, 0.0, 20.0), **(going | {"rounds": 0})).firm.life == Life.ALIVE


def closings(attachment_sd, n=40_000, quarters=6):
    """Hazard a quarter of so many like ventures without a round, whose sales neither grow nor shrink and stand for
    half the wage outside.
    """
    startups = rows(
        STARTUP,
        n,
        id=np.arange(n),
        founder=np.arange(n),
        founder_id=np.arange(n),
        founder_shares=1,
        shares=1,
        born=8100,
        cash=MILLION,
        traction=math.log(200e3),
    )
    doors = {
        "people": people(n, efficiency=1.0),
        "firms": firms(startups=startups, sectors=rows(SECTOR, wage=25_000.0, multiple=5.0)),
        "capital": capital(),
        "ends": ends(n),
        "books": books(),
    }
    rules = QUIT._replace(learning_lag=5.0, attachment_sd=attachment_sd)
    gone, hazard = doors["ends"].exits_count, []
    for quarter in range(8101, 8101 + quarters):
        before = int(gone[0])
        endings._fail(chance=Chance(1, quarter), **doors, terms=forgiving(), params=rules)
        hazard.append((int(gone[0]) - before) / (n - before))
    return np.array(hazard)


def test_who_is_attached_to_independence_stays():
    """The hazard falls with time where founders differ, as by hand over the normal law; where they do not it stays.
    Three standard errors are 0.007.
    """
    assert closings(0.0) == pytest.approx(np.full(6, 0.15), abs=0.008)
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    h = 0.3 / (1 + np.exp(1.5 * z / 0.5))
    alive = weight[:, None] * (1 - h[:, None]) ** np.arange(6)
    by_hand = (alive * h[:, None]).sum(0) / alive.sum(0)
    assert by_hand[5] < 0.6 * by_hand[0]
    assert closings(1.5) == pytest.approx(by_hand, abs=0.008)


def test_nobody_asks_a_debt_for_a_venture_without_investors():
    assert failed(due=1, raised=0, rounds=0).debt == 80_000  # 0.2 of a wage


def test_funded_ventures_with_sales_go_on():
    assert failed(cash=MILLION).firm.life == Life.ALIVE
    assert failed(cash=24_999).firm.life == Life.FAILED  # less than a quarter of a quarter's wage
    assert failed(cash=20_000, revenue=5_000).firm.life == Life.ALIVE


# ---------------------------------------------------------------- bridges

BRIDGES = RULES._replace(bridge_quarters=3.0, bridge_cash_quarters=2.0, bridge_failure=1.0)
WAITING = {"seeking": 8097, "burn": MILLION, "cash": 2 * MILLION - 1}


def test_a_bridge_fails_before_the_money_ends():
    """Three quarters without an offer, and a yuan short of two quarters of spending; its fund gets what is left."""
    end = failed(rules=BRIDGES, **WAITING)
    assert (end.firm.life, end.to_fund) == (Life.FAILED, 2 * MILLION - 1)
    assert end.debt == 200_000  # as of any failure


@pytest.mark.parametrize(
    "startup",
    [{"seeking": 8098}, {"seeking": NEVER}, {"cash": 2 * MILLION}, {"rounds": 0}],
    ids=["seeks for two quarters", "seeks nothing", "has cash for two quarters", "was never funded"],
)
def test_no_bridge_fails_of_a_venture_that(startup):
    assert failed(rules=BRIDGES, **(WAITING | startup)).firm.life == Life.ALIVE


def test_some_bridges_fail_each_quarter():
    """Three in ten of 1,000; three standard errors are 0.043."""
    rules = BRIDGES._replace(bridge_failure=0.3)
    gone = [failed(rules=rules, id=16 * k, **WAITING).firm.life == Life.FAILED for k in range(1000)]
    assert np.mean(gone) == pytest.approx(0.3, abs=0.045)


# ---------------------------------------------------------------- who gets what


def test_staff_share_the_option_pool():
    # A tenth of common stock is the pool's; the venture without staff leaves all to the founder.
    startups = rows(STARTUP, 2, founder=[0, 1], founder_shares=90, pool_shares=10, headcount=[3, 0])
    founders, over, written = people(2), ends(2), books()
    payment = Payment(Sector.WORLD, Transaction.LISTING, Route.IPO)
    for i in range(2):
        endings.pay_common(
            i=i, common=1000, payment=payment, startups=startups, people=founders, ends=over, books=written
        )
    assert founders.wealth.tolist() == [900, 1000] and over.staff.tolist() == [100, 0]
    assert written.flows[Transaction.LISTING, Sector.WORLD, Sector.PERSONS] == 2000


def test_people_of_ventures_that_ended_move_on():
    """A venture that was sold, with a founder and two of staff, one that failed, and one that goes on."""
    state = State(Persons(6))
    state.persons.count = 6
    state.persons.employer[:] = [0, 0, 0, 1, 1, 2]
    state.persons.status[:] = [Status.FOUNDER, *[Status.EMPLOYED] * 2, Status.FOUNDER, Status.EMPLOYED, Status.FOUNDER]
    lives, districts = [Life.ACQUIRED, Life.FAILED, Life.ALIVE], [3, 4, 5]
    fill(state.startups, rows(STARTUP, 3, life=lives, headcount=[2, 1, 0], district=districts))
    state.startups.used.founder[:] = [0, 3, 5]
    fill(state.corporates, rows(CORPORATE, 2, headcount=10, full_staff=10.0))
    fill(
        state.exits,
        rows(EXIT, 3, startup=[2, 0, 1], quarter=[8099, 8100, 8100], life=[Life.FAILED, Life.ACQUIRED, Life.FAILED]),
    )
    state.exits.used.value[1], state.exits.used.raised[1], state.exits.used.buyer[1] = 10, 5, 1
    over = ends(3)
    over.staff[:] = [101, 0, 0]
    model = SimpleNamespace(state=state, quarter=8100, params={"endings": params(Params, spawn_quarters=8.0)})
    endings.settle(model, over)
    persons, corporate = state.persons, state.corporates.used[1]
    assert persons.wealth.tolist() == [1, 50, 50, 0, 0, 0]  # the odd yuan is the founder's
    assert persons.employer.tolist() == [-3, -3, -3, NOBODY, NOBODY, 2]
    assert persons.status.tolist() == [*[Status.EMPLOYED] * 3, *[Status.SEARCHING] * 2, Status.FOUNDER]
    assert persons.successes.tolist() == [1, 0, 0, 0, 0, 0]
    assert persons.spawn_until.tolist() == [*[8108] * 5, -1]
    assert persons.workplace.tolist() == [3, 3, 3, 4, 4, NOBODY]
    assert (corporate.headcount, corporate.full_staff) == (13, 13.0)
    assert state.startups.used.headcount.tolist() == [0, 0, 0]
