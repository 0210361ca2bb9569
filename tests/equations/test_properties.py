"""What equations promise whatever the numbers: which way they move, and between which bounds they stay.

Parameters are drawn within the bounds of their yaml, so a promise holds wherever a calibration or a user may go.
A promise of a direction is tested twice: nowhere does the equation move the other way (hypothesis), and between
the ends of the argument it moves at all, where everything else stands in the middle.
"""

import math

import numpy as np
import pytest
from by_hand import rows
from hypothesis import given
from hypothesis import strategies as st
from ranges import (
    ANGELS,
    APPETITE,
    ASKED,
    BELIEF,
    BID,
    COMPANIES,
    COST,
    DEVELOPERS,
    DEVIATIONS,
    EFFORT,
    ELSEWHERE,
    EXPOSURE,
    FOUND,
    GROWTH,
    HEADS,
    HEAT,
    HOPE,
    HURRIED,
    INCUMBENTS,
    LEAVES,
    MADE,
    MAKERS,
    MATCH,
    MONEY,
    PERMIT,
    QUALITY,
    QUIT,
    RETURN,
    ROUND,
    SELLABLE,
    SPEED,
    TEMPTED,
    WAGE,
    allowed,
    numbers,
    ordinary,
    repeatable,
)

from sim.mechanisms.capital.bids import believed_quality
from sim.mechanisms.capital.required_return import answered
from sim.mechanisms.capital.screening import Insiders, Market, weights
from sim.mechanisms.capital.waterfall import split, tiers
from sim.mechanisms.people.founding import certainty_equivalent, chance_elsewhere
from sim.mechanisms.people.vacancies import chance_of_a_match
from sim.mechanisms.space import location
from sim.mechanisms.space.rents import Space, excess
from sim.mechanisms.ventures.output import made
from sim.world.columns import GP
from sim.world.kinds import NOBODY, Stage

MOVES = [  # equation, argument, the way that it moves
    (FOUND, "debt", -1),
    (FOUND, "stigma", -1),
    (FOUND, "claims", -1),
    (FOUND, "setup", -1),
    (FOUND, "belief", 1),
    (FOUND, "prize", 1),
    (FOUND, "taste", 1),
    (QUALITY, "luck", 1),
    (QUALITY, "skill", 1),
    (QUALITY, "knowledge", 1),
    (EFFORT, "cover", -1),
    (EFFORT, "amount", -1),
    (EFFORT, "value", 1),
    (BELIEF, "quality", 1),
    (BELIEF, "expected", 1),
    (BELIEF, "luck", 1),
    (BID, "cover", 1),
    (BID, "quality", 1),
    (BID, "ready", 1),
    (BID, "value", 1),
    (BID, "discount", 1),
    (BID, "noise", -1),
    (ASKED, "cover", -1),
    (ASKED, "p", -1),
    (ASKED, "hurdle", 1),
    (HEADS, "traction", 1),
    (HEADS, "luck", 1),
    (HEADS, "level", 1),
    (COST, "heads", 1),
    (COST, "wage", 1),
    (COST, "people", -1),
    (COST, "capital_need", 1),
    (COST, "rent", 1),
    (LEAVES, "revenue", 1),
    (LEAVES, "margin", 1),
    (LEAVES, "growth", 1),
    (COMPANIES, "committed", 1),
    (APPETITE, "climate", 1),
    (APPETITE, "trend", -1),
    (APPETITE, "window", 1),
    (RETURN, "required", 1),
    (RETURN, "demand", 1),
    (RETURN, "placed", -1),
    (HEAT, "climate", 1),
    (HEAT, "past", -1),
    (HEAT, "window", 1),
    (ROUND, "need", 1),
    (ROUND, "post", 1),
    (ROUND, "cheque", 1),
    (ANGELS, "worth", 1),
    (ANGELS, "raised", 1),
    (EXPOSURE, "expected", 1),
    (EXPOSURE, "target", 1),
    (EXPOSURE, "wealth", 1),
    (EXPOSURE, "trend", 1),
    (EXPOSURE, "covered", 1),
    (EXPOSURE, "attraction", 1),
    (EXPOSURE, "level", 1),
    (TEMPTED, "owed", 1),
    (TEMPTED, "scar", 1),
    (TEMPTED, "debt", -1),  # of which less is forgiven
    (TEMPTED, "stigma", -1),
    (HURRIED, "cover", 1),
    (QUIT, "outside_wage", 1),
    (QUIT, "preferred", 1),
    (QUIT, "traction", -1),
    (QUIT, "hope", -1),
    (QUIT, "share", -1),
    (HOPE, "growth", 1),
    (SPEED, "time_to_product", -1),
    (SPEED, "controls", -1),
    (SPEED, "quality", 1),
    (SPEED, "team", 1),
    (SPEED, "knowledge", 1),
    (GROWTH, "potential", -1),  # crowding, and spending that is spread over more sales
    (GROWTH, "market", 1),
    (GROWTH, "property_", 1),
    (GROWTH, "quality", 1),
    (GROWTH, "spending", 1),
    (GROWTH, "effort", 1),
    (SELLABLE, "volume", 1),
    (WAGE, "tightness", 1),
    (WAGE, "wage_elsewhere", 1),
    (INCUMBENTS, "wage", -1),
    (INCUMBENTS, "wage_elsewhere", 1),
    (INCUMBENTS, "demand", 1),
    (MAKERS, "demand", 1),
    (MAKERS, "wage", -1),
    (MAKERS, "margin", 1),
    (DEVELOPERS, "burn", 1),
    (DEVELOPERS, "people", 1),
    (DEVELOPERS, "wage", -1),
    (MADE, "demand", 1),
    (MADE, "capacity", 1),
    (MATCH, "posts", 1),
    (MATCH, "searchers", -1),
    (ELSEWHERE, "value", -1),
    (ELSEWHERE, "generosity", 1),
    (PERMIT, "short", -1),
    (PERMIT, "renewal", 1),
    (PERMIT, "term", 1),
]
IDS = [f"{equation.of.__name__}-{argument}" for equation, argument, _ in MOVES]
ROUNDING = 1e-12  # of exponentials and logs, each within a unit in the last place


@pytest.mark.parametrize(("equation", "argument", "way"), MOVES, ids=IDS)
def test_it_never_moves_the_other_way(equation, argument, way):
    params = allowed(equation.mechanism) if equation.mechanism else st.none()
    values = st.fixed_dictionaries({name: numbers(*bounds) for name, bounds in equation.arguments.items()})
    both = st.tuples(*[numbers(*equation.arguments[argument])] * 2)

    @repeatable
    @given(params, values, both)
    def holds(params, values, both):
        less, more = (equation(values | {argument: value}, params) for value in sorted(both))
        assert way * (more - less) >= -ROUNDING * max(abs(less), abs(more), ROUNDING)

    holds()


@pytest.mark.parametrize(("equation", "argument", "way"), MOVES, ids=IDS)
def test_it_moves_where_the_rest_is_ordinary(equation, argument, way):
    params = ordinary(equation.mechanism) if equation.mechanism else None
    less, more = (equation(equation.middle() | {argument: value}, params) for value in equation.arguments[argument])
    assert way * (more - less) > 0.0


# ---------------------------------------------------------------- bounds


@repeatable
@given(searchers=st.integers(1, 10**6), posts=st.integers(0, 10**6), params=allowed("vacancies"))
def test_no_more_are_matched_than_there_are_posts_and_searchers(searchers, posts, params):
    matched = searchers * chance_of_a_match(searchers, posts, params)
    assert 0.0 <= matched <= params.most_matched * min(searchers, posts) * (1 + 1e-9)


@repeatable
@given(demand=numbers(*MONEY), capacity=numbers(*MONEY), elasticity=numbers(0.3, 0.95))
def test_a_firm_sells_no_more_than_customers_would_buy_and_no_less_than_in_proportion_to_its_people(
    demand, capacity, elasticity
):
    sales = made(demand=demand, capacity=capacity, elasticity=elasticity)
    assert min(capacity, demand) * (1 - 1e-9) <= sales <= demand * (1 + 1e-9)


@repeatable
@given(values=st.fixed_dictionaries({name: numbers(*bounds) for name, bounds in MAKERS.arguments.items()}))
def test_nobody_is_wanted_who_makes_nothing_or_costs_more_than_the_last_sale(values):
    """No more people than make all that is bought, and of these the last one earns at least the pay."""
    units = MAKERS(values, None)
    assert units * values["worth"] <= values["demand"] * (1 + 1e-9)
    sales = [made(values["demand"], values["worth"] * units * part, values["elasticity"]) for part in (1.0, 0.999)]
    assert values["margin"] * (sales[0] - sales[1]) >= 0.001 * units * values["wage"] * (1 - 1e-6)


@repeatable
@given(
    values=st.fixed_dictionaries({name: numbers(*bounds) for name, bounds in ELSEWHERE.arguments.items()}),
    params=allowed("founding"),
)
def test_not_all_go_elsewhere_and_the_share_of_normal_times_is_that_of_the_parameter(values, params):
    assert 0.0 <= chance_elsewhere(params=params, **values) < 1.0
    assert chance_elsewhere(params=params, value=0.0, generosity=0.0) == pytest.approx(params.elsewhere_share)


@repeatable
@given(
    lottery=st.fixed_dictionaries({"chance": numbers(0, 1), "claims": numbers(0, 1), "aversion": numbers(1.05, 5)}),
    outcomes=st.lists(numbers(1e3, 1e10), min_size=3, max_size=3),
)
def test_a_lottery_is_worth_no_more_than_its_best_and_no_less_than_its_worst(lottery, outcomes):
    owing, lost, good = sorted(outcomes)
    worth = certainty_equivalent(good=good, lost=lost, owing=owing, **lottery)
    assert owing * (1 - 1e-9) <= worth <= good * (1 + 1e-9)


@repeatable
@given(quality=numbers(*DEVIATIONS), noise=numbers(0, 10), expected=numbers(*DEVIATIONS))
def test_what_is_believed_lies_between_what_is_seen_and_what_the_record_lets_expect(quality, noise, expected):
    believed = believed_quality(quality=quality, noise=noise, luck=0.0, expected=expected)
    assert min(quality, expected) - 1e-12 <= believed <= max(quality, expected) + 1e-12


@repeatable
@given(
    demand=numbers(1e3, 1e12), placed=numbers(0.0, 1e12), start=numbers(-1.0, 1.0), params=allowed("required_return")
)
def test_the_required_return_does_not_leave_its_range(demand, placed, start, params):
    """As far from the return of balance as the slope takes the largest tightness."""
    reach = params.slope * params.tightest
    after = answered(required=params.base + start * reach, demand=demand, placed=placed, params=params)
    assert abs(after - params.base) <= reach + 1e-12


@repeatable
@given(
    values=st.fixed_dictionaries({name: numbers(*bounds) for name, bounds in WAGE.arguments.items()}),
    params=allowed("labour"),
)
def test_a_wage_moves_by_a_limited_step(values, params):
    assert abs(math.log(WAGE(values, params) / values["wage"])) <= params.wage_step_cap * (1 + 1e-9)


@repeatable
@given(
    values=st.fixed_dictionaries({name: numbers(*bounds) for name, bounds in ROUND.arguments.items()}),
    params=allowed("funding"),
)
def test_a_round_sells_no_more_than_the_largest_dilution(values, params):
    assert ROUND(values, params) <= params.largest_dilution * values["post"] * (1 + 1e-9)


holders = st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 10**8)), min_size=1, max_size=6)


@repeatable
@given(value=st.integers(0, 10**12), common=st.integers(1, 10**9), holders=holders)
def test_a_waterfall_pays_out_all_that_is_there_and_to_nobody_less_than_nothing(value, common, holders):
    amounts, shares = (np.array(column, np.int64) for column in zip(*holders, strict=True))
    payouts = np.zeros(len(holders), np.int64)
    left = split(value=value, common=common, amounts=amounts, shares=shares, payouts=payouts)
    assert payouts.sum() + left == value
    assert left >= 0 and (payouts >= 0).all()


@repeatable
@given(
    amount=st.integers(0, 10**11),
    preferred=st.integers(0, 10**11),
    paid_in=st.integers(0, 10**11),
    returned=st.integers(0, 10**11),
    carry=numbers(0.0, 0.5),
)
def test_a_manager_gets_no_part_of_what_partners_are_owed(amount, preferred, paid_in, returned, carry):
    part = tiers(amount=amount, preferred=preferred, paid_in=paid_in, returned=returned, carried=0, carry=carry)
    assert 0 <= part <= max(amount - preferred, 0)


# ---------------------------------------------------------------- space


@st.composite
def districts(draw):
    """(log utility of four districts to one sector, (1, 4); cost of the distance between them, (4, 4); noise)."""
    worth = np.array([[draw(numbers(-20.0, 20.0)) for _ in range(4)]])
    away = np.array([[draw(numbers(0.0, 10.0)) for _ in range(4)] for _ in range(4)])
    return worth, away, draw(numbers(0.1, 3.0))


@repeatable
@given(place=districts(), rise=numbers(0.0, 5.0), district=st.integers(0, 3))
def test_a_city_is_worth_at_least_its_best_district_and_more_where_one_gains(place, rise, district):
    """To founders from each; and never by more than that one gains."""
    worth, away, noise = place
    value = location._value(worth, away, noise)[:, 0]
    best = (worth - away).max(axis=1)
    assert (value >= best - 1e-9).all() and (value <= best + noise * math.log(4.0) + 1e-9).all()
    worth[0, district] += rise
    gain = location._value(worth, away, noise)[:, 0] - value
    assert (gain >= -1e-9).all() and (gain <= rise + 1e-9).all()


@st.composite
def markets(draw):
    """(log rents of three districts, the market for space in them)."""

    def of_three(low, high):
        return np.array([draw(numbers(low, high)) for _ in range(3)])

    base = of_three(3.0, 7.0)
    space = Space(
        log_base=base,
        settled=of_three(0.0, 1e7),
        mobile=draw(numbers(0.0, 1e7)),
        attraction=of_three(-3.0, 3.0),
        stock=of_three(1e4, 1e8),
        elasticity=draw(numbers(0.01, 2.0)),
    )
    return base + of_three(-1.0, 1.0), space


@repeatable
@given(market=markets(), params=allowed("rents"), rise=numbers(0.01, 1.0), district=st.integers(0, 2))
def test_a_rent_drives_tenants_out_of_its_district_and_into_the_others(market, params, rise, district):
    log_rent, space = market
    before, after = np.empty(3), np.empty(3)
    excess(log_rent=log_rent, space=space, params=params, out=before)
    log_rent[district] += rise
    excess(log_rent=log_rent, space=space, params=params, out=after)
    rounding = 1e-12 * (space.stock + space.settled + space.mobile)
    others = np.arange(3) != district
    assert after[district] <= before[district] + rounding[district]
    assert (after[others] >= before[others] - rounding[others]).all()


@repeatable
@given(distance=st.lists(numbers(0.0, 80.0), min_size=4, max_size=4), params=allowed("funding"), patient=st.booleans())
def test_a_venture_firm_sees_fewer_of_those_who_are_far(distance, params, patient):
    """By stage and sector; of equally far districts as many."""
    (gp,) = rows(GP, district=0, stage_low=Stage.SEED, stage_high=Stage.B, patient=0 if patient else NOBODY, focus_1=1)
    nothing = np.zeros(0, np.int64)
    market = Market(
        seekers=nothing,
        pitches=nothing,
        listed=nothing,
        ids=nothing,
        groups=nothing,
        spans=np.zeros((len(Stage), len(Stage), 2), np.int64),
        sectors=2,
        distance=np.tile(distance, (4, 1)),
        venue=1.0,
        insiders=Insiders(seeker=nothing, signals=nothing, first=nothing),
    )
    seen = weights(gp=gp, market=market, params=params).reshape(len(Stage), 2, 4)[Stage.SEED : Stage.B + 1]
    nearest_first = seen[..., np.argsort(distance, kind="stable")]
    assert (np.diff(nearest_first) <= 1e-12 * nearest_first[..., :-1]).all()
    assert (seen[:, 1] > 0.0).all()  # the sector in focus
