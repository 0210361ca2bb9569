"""Why startups raise money: what a plan costs, what sales leave of it, and who looks for a round."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import firms, params, rows

from sim.mechanisms.capital import nominal, plans
from sim.mechanisms.capital.plans import Params, Prices
from sim.mechanisms.people import staffing
from sim.mechanisms.space import rents
from sim.mechanisms.ventures import operations, output
from sim.world.columns import DISTRICT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, Life, Stage

MILLION = 1_000_000

# ---------------------------------------------------------------- equations


def quartiles_of(numbers):
    """Quartiles of the logs."""
    return np.quantile(np.log(numbers), [0.25, 0.5, 0.75]).tolist()


def test_the_middle_half_of_plans_lies_within_two_thirds_of_the_spread():
    """Around seven quarters, e^(0.6745 x 0.5) either way. 4000 draws: four standard errors of a quartile are 0.04."""
    startups, terms = rows(STARTUP, 4000, id=np.arange(4000)), params(Params, plan_quarters=7.0, plan_sd=0.5)
    lengths = [plans.quarters_of(seed=1, firm=firm, params=terms) for firm in startups]
    middle = math.log(7.0)
    assert quartiles_of(lengths) == pytest.approx([middle - 0.337, middle, middle + 0.337], abs=0.045)


def test_a_plan_lasts_a_quarter_at_least():
    terms = params(Params, plan_quarters=0.2)
    assert plans.quarters_of(seed=1, firm=rows(STARTUP)[0], params=terms) == 1.0


def test_a_startup_plans_anew_with_each_round():
    terms = params(Params, plan_quarters=7.0, plan_sd=0.5)
    lengths = {plans.quarters_of(seed=1, firm=rows(STARTUP, rounds=n)[0], params=terms) for n in (1, 2, 3)}
    assert len(lengths) == 3


@pytest.mark.parametrize(
    ("given", "heads"),
    [
        ({}, 20.0),  # the team of the stage at the traction of reference
        ({"stage": Stage.B}, 50.0),
        ({"traction": 15.0 + math.log(4.0)}, 40.0),  # four times the sales at an elasticity of a half
        ({"luck": -1.0}, 20.0 / 3.0),  # a standard deviation of log 3
        ({"level": 1.5}, 30.0),
    ],
)
def test_people_of_a_plan_by_hand(given, heads):
    terms = params(
        Params,
        team=(0.0, 4.0, 20.0, 50.0, 150.0, 500.0),
        team_elasticity=0.5,
        reference_traction=(0.0, 14.0, 15.0, 15.0, 18.0, 19.0),
        team_sd=(0.0, 0.0, math.log(3.0), 0.0, 0.0, 0.0),
    )
    plan = {"stage": Stage.A, "traction": 15.0, "luck": 0.0, "level": 1.0} | given
    assert plans.heads_of(params=terms, **plan) == pytest.approx(heads)


@pytest.mark.parametrize(("weight", "cost"), [(0.0, 1_050_000), (0.5, 2_050_000), (1.0, 4_050_000)])
def test_a_sector_that_needs_capital_makes_heads_dearer_and_not_their_offices(weight, cost):
    """Ten heads at 60,000, six tenths of what is spent on each, and offices of 5,000: 10 x (100,000 x 4^weight + 5,000)
    in a sector of four times the capital need.
    """
    plan = {"heads": 10.0, "wage": 60_000.0, "people": 0.6, "capital_need": 4.0, "rent": 5_000.0}
    assert plans.cost_of(weight=weight, **plan) == pytest.approx(cost)


def test_sales_leave_their_margin_at_the_middle_of_the_plan():
    # Sales that grow fourfold in eight quarters are twice as high after four: half of 2 m.
    assert plans.leaves(revenue=1e6, margin=0.5, growth=math.log(4.0) / 8.0, quarters=8.0) == pytest.approx(1e6)


# ---------------------------------------------------------------- who seeks, and how much

PLAN = params(
    Params,
    team=(0.0, 4.0, 20.0, 50.0, 150.0, 500.0),
    capital_weight=0.5,
    plan_quarters=8.0,
    ahead_quarters=2.0,
    smallest_need=0.25,
    pitch_progress=0.4,
    pitch_quarters=14.0,
    lowest_hope=-math.log(2.0) / 4.0,
    highest_hope=math.log(2.0) / 4.0,
)
PRICES = Prices(
    pay=np.array([1.0, 1.2]),
    rent=np.array([5_000.0, 10_000.0]),
    people=np.array([0.5, 0.25]),
    margin=np.array([0.6, 0.8]),
    level=1.0,
)
WHOLE_PLAN = 16_800_000  # eight quarters of 20 heads at 50,000 / 0.5 + 5,000


def sought(terms=PLAN, prices=PRICES, quarter=8100, n=1, **startup):
    """Seed startups whose plan ends, but for what is given, after they asked themselves whether they need a round."""
    firm = {"id": np.arange(n), "stage": Stage.SEED, "rounds": 1, "plan_until": 8100, "born": 8090} | startup
    startups = rows(STARTUP, n, **firm)
    sectors = rows(SECTOR, 2, wage=50_000.0, capital_need=[1.0, 4.0], multiple=4.0)
    door = firms(startups=startups, sectors=sectors)
    plans.seek(chance=Chance(1, quarter), firms=door, prices=prices, params=terms)
    return startups


def yuan(amounts):
    """Whole yuan, which the last one of may be lost."""
    return pytest.approx(amounts, abs=1)


@pytest.mark.parametrize(
    ("startup", "need"),
    [
        ({}, WHOLE_PLAN),
        ({"cash": 3 * MILLION}, 13_800_000),
        ({"revenue": MILLION}, 12_000_000),  # which leaves 0.6 m a quarter
        ({"revenue": MILLION, "hope": 0.9}, 7_200_000),  # twice that by the middle, as more is not believed
        ({"revenue": MILLION, "hope": -0.9}, 14_400_000),  # half of it, as less is not feared
        ({"revenue": MILLION, "hope": math.log(2.0) / 8.0}, 16_800_000 - 4_800_000 * math.sqrt(2.0)),
        ({"stage": Stage.A}, 42_000_000),  # 50 heads
        ({"stage": Stage.D}, 420_000_000),  # 500, as for D
        ({"district": 1}, 20_800_000),  # 120,000 for a head and 10,000 for the office
        ({"sector": 1}, 64_800_000),  # 200,000 for a head, twice for the need of capital
    ],
)
def test_needs_by_hand(startup, need):
    assert sought(**startup).need[0] == yuan(need)


def test_needs_are_for_the_quarters_of_the_plan():
    startups = sought(terms=PLAN._replace(plan_sd=0.5), n=50)
    assert len(set(startups.planned)) == 50
    assert startups.need == yuan(startups.planned * WHOLE_PLAN / 8)


def test_needs_move_in_proportion_to_the_level_of_money():
    assert sought(prices=PRICES._replace(level=1.5)).need[0] == yuan(1.5 * WHOLE_PLAN)


def test_needs_of_one_stage_differ_by_the_luck_of_the_plan():
    """With a spread of a half: 4000 draws, four standard errors of a quartile are 0.04."""
    terms = PLAN._replace(team_sd=(0.0, 0.0, 0.5, 0.0, 0.0, 0.0))
    middle = math.log(WHOLE_PLAN)
    assert quartiles_of(sought(terms=terms, n=4000).need) == pytest.approx(
        [middle - 0.337, middle, middle + 0.337], abs=0.045
    )


def test_a_startup_asks_for_the_same_in_every_quarter_until_a_round_closes():
    terms = PLAN._replace(team_sd=(0.5,) * 6)
    now, later, after_it = (sought(terms, n=50, **more) for more in ({}, {"quarter": 8101}, {"rounds": 2}))
    assert (now.need == later.need).all() and (now.need != after_it.need).all()


def test_shared_laboratories_save_a_part_of_a_first_round_alone():
    first = {"stage": Stage.IDEA, "rounds": 0, "progress": 0.5}
    assert sought(saving=0.25, **first).need[0] == yuan(0.75 * 3_360_000)  # of 4 heads
    assert sought(saving=0.25).need[0] == yuan(WHOLE_PLAN)


@pytest.mark.parametrize(("cash", "need"), [(12_500_000, 4_300_000), (12_700_000, 0), (20_000_000, 0)])
def test_nothing_is_sought_below_a_quarter_of_the_plan(cash, need):
    startup = sought(cash=cash, seeking=8095)[0]
    assert (startup.need, startup.seeking) == (yuan(need), 8095 if need else NEVER)


def test_what_a_laboratory_saves_makes_no_need_too_small():
    """The fifth of the plan that is left is all that it costs then."""
    assert sought(stage=Stage.IDEA, rounds=0, progress=0.5, saving=0.8).need[0] == yuan(672_000)


GOES_ON = {"plan_until": 8200, "cash": 4 * MILLION}  # a plan far from its end, money for some of the next one


@pytest.mark.parametrize(
    ("startup", "seeks"),
    [
        ({"plan_until": 8103}, False),
        ({"plan_until": 8102}, True),  # two quarters ahead
        ({"burn": 2_000_000}, False),  # money for two quarters
        ({"burn": 2_000_001}, True),
        ({"burn": 2_600_000, "revenue": MILLION}, False),  # of which sales pay 0.6 m
        ({"burn": 2_600_001, "revenue": MILLION}, True),
        ({"burn": 200_000, "revenue": MILLION, "cash": 10}, False),  # it lives on its sales
        ({"plan_until": 8100, "life": Life.LISTED}, False),
        ({"plan_until": 8100, "life": Life.FAILED}, False),
    ],
)
def test_a_round_is_sought_when_the_plan_or_the_money_ends(startup, seeks):
    assert (sought(**(GOES_ON | startup)).need[0] > 0) == seeks


@pytest.mark.parametrize(
    ("startup", "seeks"),
    [
        ({}, True),
        ({"progress": 0.4}, False),  # nothing to show yet
        ({"born": 8086}, True),
        ({"born": 8085}, False),  # fifteen quarters old
    ],
)
def test_a_first_round_is_sought_by_the_young_with_something_to_show(startup, seeks):
    first = {"stage": Stage.IDEA, "rounds": 0, "progress": 0.41, "plan_until": NEVER}
    assert (sought(**(first | startup)).need[0] > 0) == seeks


def test_a_search_is_dated_from_its_first_quarter():
    assert sought().seeking[0] == 8100
    assert sought(seeking=8095).seeking[0] == 8095


def test_a_search_is_over_when_the_reason_is():
    """Its price is not above the last one either."""
    firm = sought(seeking=8095, need=MILLION, post_money=10 * MILLION, **GOES_ON)
    assert firm[["need", "seeking"]].tolist() == [(0, NEVER)]


@pytest.mark.parametrize(("growth", "seeks"), [(math.log(2.0) - 1e-6, True), (math.log(2.0) + 1e-6, False)])
def test_a_startup_that_is_worth_much_more_may_raise_more(growth, seeks):
    """Sales of 5 m at four times sales, against 10 m at the last round."""
    terms = PLAN._replace(opportunity_rate=1.0, opportunity_growth=growth)
    worth = {"traction": math.log(5e6), "post_money": 10 * MILLION}
    assert (sought(terms, **GOES_ON, **worth).need[0] > 0) == seeks


def test_few_take_the_occasion_to_raise_more():
    """One in ten a quarter, and of the others as many in the next. 4000 draws: four standard errors are 0.02."""
    terms, worth = PLAN._replace(opportunity_rate=0.1), {"traction": math.log(5e6), "post_money": 10 * MILLION}
    first, second = (sought(terms, n=4000, quarter=quarter, **GOES_ON, **worth).need > 0 for quarter in (8100, 8101))
    assert first.mean() == pytest.approx(0.1, abs=0.02) and second[~first].mean() == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("startup", "seeks"),
    [
        ({"asking": 1}, False),
        ({"asking": 1, "seeking": 8099}, True),  # it had begun before it asked
        ({"asking": 0}, True),
    ],
)
def test_who_waits_for_the_answer_of_a_programme_begins_no_search(startup, seeks):
    firm = sought(**startup)[0]
    assert (firm.need > 0, firm.seeking != NEVER) == (seeks, seeks)


@pytest.mark.parametrize(("quarters", "there"), [(0.0, [0, 1, 2]), (1.0, [1, 2]), (2.0, [2]), (3.0, [])])
def test_a_round_needs_some_quarters_of_talks(quarters, there):
    """Of four startups that have sought for no quarter, one and two, and seek nothing."""
    startups = rows(STARTUP, 4, seeking=[8100, 8099, 8098, NEVER], need=[MILLION, MILLION, MILLION, 0])
    terms = PLAN._replace(negotiation_quarters=quarters)
    assert plans.in_the_market(startups=startups, quarter=8100, params=terms).tolist() == there


# ---------------------------------------------------------------- prices


@pytest.fixture
def city():
    """A model of two sectors, the second with much pay, and of two districts."""
    return SimpleNamespace(
        state=SimpleNamespace(
            sectors=SimpleNamespace(used=rows(SECTOR, 2, payroll_share=[0.5, 0.9])),
            districts=SimpleNamespace(used=rows(DISTRICT, 2, office_rent=[300.0, 500.0])),
        ),
        labour=output.Labour(worth=np.ones(2), output=np.ones((2, 2)), pay=np.array([1.0, 1.3])),
        params={
            "output": params(output.Params, payroll_of_sales=0.8),
            "operations": params(operations.Params, cost_of_sales=0.3),
            "staffing": params(staffing.Params, people_in_plans=1.5),
            "rents": params(rents.Params, office_m2=10.0),
            "nominal": nominal.Params(level=1.5),
        },
    )


def test_sales_leave_nothing_where_their_cost_and_their_makers_take_all(city):
    # 1 - 0.3 - 0.5 x 0.8, and 1 - 0.3 - 0.9 x 0.8 is below zero
    assert plans.prices(city).margin.tolist() == pytest.approx([0.3, 0.0])


def test_plans_pay_for_people_and_offices_at_the_prices_of_the_quarter(city):
    prices = plans.prices(city)
    assert prices.people.tolist() == pytest.approx([0.75, 1.0])  # one and a half times the share of pay, all at most
    assert prices.rent.tolist() == [3_000.0, 5_000.0]  # of ten square metres
    assert (prices.pay.tolist(), prices.level) == ([1.0, 1.3], 1.5)


# ---------------------------------------------------------------- searches that last


@pytest.mark.parametrize(("sales", "lasts"), [(5e6, True), (2e6, False)])
def test_who_has_begun_to_raise_more_goes_on_while_the_price_is_high(sales, lasts):
    """At four times sales, against 10 m at the last round; nobody new takes the occasion."""
    worth = {"traction": math.log(sales), "post_money": 10 * MILLION}
    firm = sought(PLAN._replace(opportunity_growth=0.5), seeking=8099, **GOES_ON, **worth)[0]
    assert (firm.need > 0, firm.seeking) == (lasts, 8099 if lasts else NEVER)


def test_an_answer_sets_a_search_free_that_had_to_wait():
    """One that had not begun begins in the quarter after, and is not dated from when it would have."""
    waits = sought(asking=1)
    waits.asking = 0
    plans.seek(
        chance=Chance(1, 8101),
        firms=firms(startups=waits, sectors=rows(SECTOR, 2, wage=50_000.0, capital_need=[1.0, 4.0], multiple=4.0)),
        prices=PRICES,
        params=PLAN,
    )
    assert (waits.need[0] > 0, waits.seeking[0]) == (True, 8101)
