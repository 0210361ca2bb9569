"""How many people employers want: those who make what is sold, those whom a plan pays for, and incumbents' staff."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, firms, params, rows

from sim.mechanisms.people import staffing
from sim.mechanisms.people.staffing import Costs, Params, developers, incumbents_heads, makers, people_shares
from sim.mechanisms.ventures import operations, output
from sim.mechanisms.ventures.output import Labour, made
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.kinds import Life

# ---------------------------------------------------------------- makers and developers

HALF = Costs(elasticity=0.5, margin=0.8, people=np.zeros(1))


@pytest.mark.parametrize(
    ("wage", "units"),
    [
        (2.0, 100.0),  # as many as all demand needs, at 10 yuan of sales a unit
        (4.0, 100.0),  # the last of them just earns the wage: 0.5 x 0.8 x 10
        (8.0, 25.0),  # of twice that wage: (4 / 8)^(1 / 0.5)
    ],
)
def test_makers_by_hand(wage, units):
    assert makers(demand=1000.0, worth=10.0, wage=wage, costs=HALF) == pytest.approx(units)


@pytest.mark.parametrize("elasticity", [0.3, 0.6, 0.9])
def test_demand_for_labour_beyond_the_kink_has_its_elasticity(elasticity):
    """-1 / (1 - a); before it, none, as all that customers would buy is made."""
    costs = HALF._replace(elasticity=elasticity)
    kink = elasticity * 0.8 * 10.0

    def response(wage):
        few, more = (makers(demand=1000.0, worth=10.0, wage=w, costs=costs) for w in (1.01 * wage, wage))
        return math.log(few / more) / math.log(1.01)

    assert response(1.2 * kink) == pytest.approx(-1.0 / (1.0 - elasticity))
    assert response(0.5 * kink) == 0.0


@pytest.mark.parametrize("wage", [3.0, 6.0, 12.0])
def test_no_other_number_of_makers_earns_more(wage):
    """Sales less their cost and the wages, over a row of numbers."""

    def earns(units):
        return 0.8 * made(demand=1000.0, capacity=10.0 * units, elasticity=0.5) - wage * units

    best = makers(demand=1000.0, worth=10.0, wage=wage, costs=HALF)
    assert max(earns(units) for units in np.linspace(0.5, 150.0, 300)) <= earns(best) * (1.0 + 1e-12)


def test_developers_are_those_whom_the_plan_pays():
    assert developers(burn=1_000_000.0, people=0.6, wage=50_000.0) == pytest.approx(12.0)


def test_plans_spend_no_more_than_all_on_people():
    sectors = rows(SECTOR, 2, payroll_share=[0.3, 0.7])
    assert people_shares(sectors, params(Params, people_in_plans=2.0)).tolist() == pytest.approx([0.6, 1.0])


# ---------------------------------------------------------------- startups

PLAN = params(Params, affordable_share=0.9, affordable_quarters=2.0, hiring_speed=1.0)
COSTS = Costs(elasticity=0.5, margin=0.8, people=np.array([0.6]))


def labour(output=1.0, pay=1.0):
    """A unit of labour sells 100,000 a quarter at normal density."""
    return Labour(worth=np.array([100_000.0]), output=np.array([[output]]), pay=np.array([pay]))


def targets(density=None, terms=PLAN, n=1, seed=1, costs=COSTS, **startup):
    """Heads that n startups want at a wage of 50,000 a quarter, with money for all if not said."""
    firm = {"id": 16 * np.arange(n), "cash": 100_000_000} | startup
    startups = rows(STARTUP, n, **firm)
    door = firms(startups=startups, sectors=rows(SECTOR, wage=50_000.0))
    staffing.plan_startups(seed=seed, firms=door, labour=density or labour(), costs=costs, params=terms)
    return startups.target


def test_startups_want_makers_beside_the_founders_and_developers():
    # 1.25 m of demand need 12.5 units, of which (0.5 x 0.8 x 100 / 50)^2 = 0.64 pay: 8. The plan of 0.5 m pays 6.
    assert targets(demand=1_250_000, burn=500_000)[0] == 8 - 1 + 6
    assert targets(demand=1_250_000, burn=500_000, partner_1=4)[0] == 8 - 2 + 6
    assert targets(demand=1_250_000, burn=500_000, partner_1=4, partner_2=5)[0] == 8 - 3 + 6
    assert targets(demand=1_250_000)[0] == 7 and targets(burn=500_000)[0] == 6  # founders are no developers


def test_density_makes_labour_worth_more_and_dearer():
    # At twice the output a unit sells 0.2 m: 6 units make 1.2 m, and all of them pay, as 0.4 x 200 is above 50.
    assert targets(labour(output=2.0), demand=1_200_000)[0] == 6 - 1
    # Pay a quarter above: (40 / 62.5)^2 = 0.4096 of 12.5 units, and the plan pays 4.8.
    assert targets(labour(pay=1.25), demand=1_250_000, burn=500_000, n=1000).mean() == pytest.approx(8.92, abs=0.05)


def test_money_caps_the_staff():
    """Cash of 0.5 m over two quarters and four fifths of 0.25 m of sales carry 0.405 m, of which 8.1 heads live; one in
    ten such firms has nine.
    """
    poor = {"demand": 1_250_000, "burn": 500_000, "cash": 500_000, "revenue": 250_000}
    heads = targets(n=4000, **poor)
    assert set(heads) == {8, 9} and (heads == 9).mean() == pytest.approx(0.1, abs=0.02)
    assert targets(**(poor | {"cash": 0, "revenue": 0}))[0] == 0  # who has nothing hires nobody
    assert targets(**(poor | {"cash": 1_000_000, "revenue": 1_000_000}))[0] == 13  # and here money does not bind


def test_a_firm_rounds_by_a_draw_of_its_own_for_life():
    """3.25 developers are four in a quarter of firms and three in the others, the same firms whatever their slots are
    and however many they want, as truncation would keep all small for ever.
    """
    plan, n = {"burn": 3.25 * 50_000 / 0.6 + 0.01}, 4000
    heads = targets(n=n, **plan)
    assert set(heads) == {3, 4} and (heads == 4).mean() == pytest.approx(0.25, abs=0.03)
    assert targets(n=n, id=16 * np.arange(n)[::-1], **plan).tolist() == heads[::-1].tolist()
    grown = targets(n=n, burn=60.25 * 50_000 / 0.6 + 1)
    assert (grown - heads).tolist() == [57] * n
    more = targets(n=n, burn=3.5 * 50_000 / 0.6 + 1)
    assert (more >= heads).all() and (more == 4).mean() == pytest.approx(0.5, abs=0.03)
    assert targets(n=n, seed=2, **plan).tolist() != heads.tolist()


@pytest.mark.parametrize(
    ("headcount", "target"),
    [
        (3, 8),  # half the way to 13
        (12, 13),  # at least one at a time
        (13, 13),
        (20, 17),
    ],
)
def test_startups_go_a_part_of_the_way(headcount, target):
    half = PLAN._replace(hiring_speed=0.5)
    assert targets(terms=half, demand=1_250_000, burn=500_000, headcount=headcount)[0] == target


def test_nobody_plans_for_a_venture_that_ended():
    assert targets(demand=1_250_000, burn=500_000, life=Life.FAILED)[0] == 0


# ---------------------------------------------------------------- incumbents


def test_incumbents_want_by_hand():
    # 100 x e^(0.02 x 2 years) x 1.1 x (1.2)^-0.5
    heads = incumbents_heads(
        size=100.0, growth=0.02, quarters=8, demand=1.1, wage=120.0, wage_elsewhere=100.0, elasticity=0.5
    )
    assert heads == pytest.approx(100 * math.exp(0.04) * 1.1 / math.sqrt(1.2))


def test_employers_plan_by_what_the_quarter_is_like():
    """Eight quarters after the first, at a demand a fifth above trend of which half reaches incumbents; in the second
    sector they have lost a tenth of their customers and pay a fifth more than elsewhere, one of them another fifth.
    """
    startups = rows(STARTUP, demand=1_250_000, burn=500_000, cash=10**8, sector=1)
    door = firms(
        startups=startups,
        sectors=rows(
            SECTOR, 2, wage=[100.0, 50_000.0], trend=[0.01, 0.0], payroll_share=0.3, customers_lost=[0.0, 0.1]
        ),
        corporates=rows(
            CORPORATE, 3, sector=[0, 1, 1], full_staff=[1000.0, 1000.0, 500.0], wage_offer=[1.0, 1.2, 1.44]
        ),
    )
    model = SimpleNamespace(
        params={
            "staffing": PLAN._replace(
                incumbent_growth=0.02, demand_elasticity=0.5, demand_cycle=0.5, people_in_plans=2.0
            ),
            "output": params(output.Params, labour_elasticity=0.5),
            "operations": params(operations.Params, cost_of_sales=0.2),
        },
        quarter=8108,
        city=dated(8100),
        cycle=1.2,
        seed=1,
        labour=Labour(worth=np.array([0.0, 100_000.0]), output=np.ones((1, 2)), pay=np.ones(1)),
    )
    staffing.plan(model, door, wage_elsewhere=np.array([100.0, 50_000.0]))
    expected = [
        1000 * math.exp(0.06) * 1.1,
        1000 * math.exp(0.04) * 1.1 / math.sqrt(1.2) * 0.9,
        500 * math.exp(0.04) * 1.1 / 1.2 * 0.9,
    ]
    assert door.corporates.target.tolist() == [int(heads) for heads in expected]
    assert startups.target[0] == 13  # as alone, above
