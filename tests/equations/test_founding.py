"""Occupational choice: what a sure thing is worth, who founds, and how good the venture is."""

import math

import numpy as np
import pytest
from by_hand import firms, params, people, rows

from sim.mechanisms.people.founding import (
    ATTEMPTS,
    SHARES,
    Failure,
    Forgiveness,
    Params,
    Person,
    Project,
    _begin,
    _choose,
    _find_partners,
    _pay_in,
    _undecided,
    certainty_equivalent,
    chance_to_found,
    experience_of,
    quality_of,
    stake_of,
)
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, uniforms
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, NOBODY, Experience, Life, Sector, Status


@pytest.mark.parametrize("aversion, worth", [(2.0, 1.6), (0.5, 2.25), (3.0, math.sqrt(32 / 17))])
@pytest.mark.parametrize("lost, owing, claims", [(1.0, 0.1, 0.0), (9.0, 1.0, 1.0), (1.0, 1.0, 0.4)])
def test_certainty_equivalent_by_hand(aversion, worth, lost, owing, claims):
    # 4 or 1 at even odds. Aversion 2: 1 / (1/8 + 1/2); 0.5: (2/2 + 1/2)^2; 3: (1/32 + 1/2)^(-1/2).
    assert certainty_equivalent(4.0, lost, owing, 0.5, claims, aversion) == pytest.approx(worth)


def test_two_kinds_of_failure_by_hand():
    # 4 in half of cases, 2 in 3/8 and 1 in 1/8: 1 / (1/8 + 3/16 + 1/8)
    assert certainty_equivalent(4.0, 2.0, 1.0, 0.5, 0.25, 2.0) == pytest.approx(16 / 7)


def test_certainty_equivalent_at_its_ends():
    assert certainty_equivalent(4.0, 1.0, 0.5, 1.0, 0.5, 2.0) == pytest.approx(4.0)
    assert certainty_equivalent(4.0, 1.0, 0.5, 0.0, 0.0, 2.0) == pytest.approx(1.0)
    assert certainty_equivalent(3.0, 3.0, 3.0, 0.3, 0.5, 2.0) == pytest.approx(3.0)


CHOICE = params(
    Params,
    horizon_years=3.0,
    risk_aversion=2.0,
    noise=0.5,
    stipend=0.5,
    stake_share=0.4,
    stake_cap=1e6,
    least_wealth=0.1,
    belief_cap=0.95,
)
PERSON = Person(wealth=1_000_000.0, wage=400_000.0, belief=0.2, taste=0.3)
PROJECT = Project(prize=20e6, setup=800_000.0)
FAILURE = Failure(claims=0.25, debt=0.5, stigma=0.1)


def chance(terms=CHOICE, **changed):
    """Chance that the person founds, with some of the circumstances changed by name."""
    groups = [
        group._replace(**{k: changed.pop(k) for k in group._fields if k in changed})
        for group in (PERSON, PROJECT, FAILURE)
    ]
    assert not changed
    return chance_to_found(*groups, terms)


def test_the_stake_is_a_share_of_wealth_up_to_a_cap():
    assert stake_of(wealth=1e6, params=CHOICE) == pytest.approx(4e5)
    assert stake_of(wealth=9e6, params=CHOICE) == pytest.approx(1e6)


def test_chance_to_found_by_hand():
    # Wage: 1 + 3 x 0.4 = 2.2 m. Stake 0.4 m of 0.8 m wanted: liquidity a half, so p = 0.1.
    # Venture: 1 + 0.6 + 20 = 21.6 m; a failure 1.6 - 0.4 = 1.2 m, one in four with claims 1.2 - 0.2 - 0.12 = 0.88 m.
    worth = 1.0 / (0.1 / 21.6 + 0.675 / 1.2 + 0.225 / 0.88)
    assert chance() == pytest.approx(1.0 / (1.0 + math.exp(-(math.log(worth / 2.2) + 0.3) / 0.5)))


def test_ruin_leaves_a_tenth_of_a_wage():
    # 1.6 m less 0.4 m, less a debt of ten wages, would be below nothing.
    worth = 1.0 / (0.1 / 21.6 + 0.9 / 0.04)
    assert chance(claims=1.0, debt=10.0) == pytest.approx(1.0 / (1.0 + math.exp(-(math.log(worth / 2.2) + 0.3) / 0.5)))


@pytest.mark.parametrize(
    "name, values, sign",
    [
        ("wage", (200e3, 400e3, 800e3), -1),
        ("belief", (0.05, 0.2, 0.5), 1),
        ("prize", (5e6, 20e6, 80e6), 1),
        ("claims", (0.0, 0.25, 1.0), -1),
        ("debt", (0.0, 0.5, 1.0), -1),
        ("stigma", (0.0, 0.1, 0.3), -1),
        ("setup", (400e3, 800e3, 1600e3), -1),  # less liquid
        ("taste", (-0.5, 0.3, 1.0), 1),
    ],
)
def test_chance_to_found_moves_the_right_way(name, values, sign):
    assert (sign * np.diff([chance(**{name: value}) for value in values]) > 0.0).all()


def test_fear_of_debt_is_aversion():
    """What a debt takes from the chance grows with risk aversion."""
    shy = CHOICE._replace(risk_aversion=4.0)
    bold = CHOICE._replace(risk_aversion=0.5)
    loss = [math.log(chance(who) / chance(who, debt=1.5)) for who in (bold, shy)]
    assert 0.0 < loss[0] < loss[1]


QUALITY = params(
    Params,
    skill_weight=0.36,
    match_bonus=0.1,
    knowledge_bonus=0.05,
    success_bonus=0.5,
    failure_bonus=0.07,
    partner_bonus=0.2,
)


def test_quality_by_hand():
    # sqrt(0.64) x 1 + sqrt(0.36) x 2 + 0.1 + 0.05 x 3 + 0.2
    quality = quality_of(
        luck=1.0,
        skill=2.0,
        same_field=1.0,
        knowledge=3.0,
        experience=Experience.FIRST_TIME,
        partners=1,
        params=QUALITY,
    )
    assert quality == pytest.approx(2.45)


def test_success_teaches_and_failure_hardly():
    first, failed, succeeded = (quality_of(0.0, 0.0, 0.0, 0.0, experience, 0, QUALITY) for experience in Experience)
    assert (first, failed, succeeded) == pytest.approx((0.0, 0.07, 0.5))


# ---------------------------------------------------------------- what levers reach

N = 3000  # 1,000 of each experience, alike otherwise
TERMS = params(
    Params,
    **{name: getattr(CHOICE, name) for name in ("horizon_years", "risk_aversion", "noise", "stipend", "belief_cap")},
    stake_share=0.4,
    stake_cap=1e6,
    least_wealth=0.1,
    own_field_share=0.5,
    odds_reference=0.3,
    odds_elasticity=0.5,
    odds_cap=2.0,
    founder_share_at_exit=0.25,
    setup_cost=400_000.0,
    lab_cost=800_000.0,
    stigma=0.1,
)
NEUTRAL = Forgiveness(debt=np.ones(3), stigma=np.ones(3))


def plans_of(forgiveness=NEUTRAL, setup_saving=0.0, terms=TERMS):
    """Who of N persons founds, and in which sector: field 0, with laboratories, or field 1, without."""
    experience = np.repeat(list(Experience), N // 3)
    persons = people(
        N,
        id=np.arange(N),
        field=0,
        second_field=1,
        efficiency=1.0,
        wealth=1_200_000,
        debt=200_000,
        belief_success=1.0,
        belief_failure=4.0,
        ventures=experience > Experience.FIRST_TIME,
        successes=experience == Experience.SUCCEEDED_BEFORE,
    )
    plans, savings = _undecided(np.arange(N)), np.zeros((1, 2, 3))
    savings[:, 0] = setup_saving
    _choose(
        chance=Chance(1, 8100),
        people=persons,
        plans=plans,
        sectors=rows(
            SECTOR, 2, wage=100_000.0, odds=0.3, prize=math.log(80e6), claims=0.25, debt_years=0.5, lab_need=[1.0, 0.0]
        ),
        setup_saving=savings,
        forgiveness=forgiveness,
        params=terms,
    )
    return plans


def test_those_found_whose_draw_is_below_their_chance():
    """Half have an idea in their own field, where half of the 0.8 m for laboratories is saved, beside 0.4 m for all."""
    plans, luck = plans_of(setup_saving=0.5), uniforms(1, Decision.FOUND, 8100, np.arange(N))
    assert (plans.sector == 0).mean() == pytest.approx(0.5, abs=0.03)
    for sector, setup in ((0, 800_000.0), (1, 400_000.0)):
        here = plans.sector == sector
        assert plans.founds[here].tolist() == (luck < chance(TERMS, setup=setup, taste=0.0))[here].tolist()


@pytest.mark.parametrize("experience", list(Experience))
@pytest.mark.parametrize("lever", Forgiveness._fields)
def test_forgiveness_reaches_its_own_cost_of_its_own_experience(lever, experience):
    """Who has that experience founds as if that cost were nothing; nobody else founds otherwise than before."""
    factors = np.ones(3)
    factors[experience] = 0.0
    plans, before = plans_of(NEUTRAL._replace(**{lever: factors})), plans_of()
    meant = np.repeat(list(Experience), N // 3) == experience
    assert (plans.founds[~meant] == before.founds[~meant]).all()
    assert plans.founds[meant].sum() > before.founds[meant].sum()
    luck = uniforms(1, Decision.FOUND, 8100, np.arange(N))
    for sector, setup in ((0, 1_200_000.0), (1, 400_000.0)):
        these = meant & (plans.sector == sector)
        free = chance(TERMS, setup=setup, taste=0.0, **{lever: 0.0})
        assert plans.founds[these].tolist() == (luck < free)[these].tolist()


def test_good_odds_raise_the_belief_up_to_a_cap():
    """Odds four times the normal ones double it, as do all better ones."""
    normal, good, better = (
        plans_of(terms=TERMS._replace(odds_reference=0.3 / times)).founds.sum() for times in (1.0, 4.0, 9.0)
    )
    assert normal < good == better


# ---------------------------------------------------------------- teams and new ventures


def test_partners_are_those_who_stayed_in_the_sector():
    # 0 and 1 weigh founding in sector 0 and stay, 4 in sector 1; 2, 3 and 5 found in sector 0.
    chosen, sector_of = np.array([False, False, True, True, False, True]), np.array([0, 0, 0, 0, 1, 0])
    sizes, persons = np.zeros(4, np.int64), people(6, id=np.arange(6))
    terms = params(Params, partner_share=1.0, team_chance=0.5)
    for quarter in range(8000, 9000):
        plans = _undecided(np.arange(6))._replace(founds=chosen, sector=sector_of)
        _find_partners(chance=Chance(1, quarter), people=persons, plans=plans, sectors=rows(SECTOR, 2), params=terms)
        partners = np.array([plans.partner_1, plans.partner_2])
        joined = partners[partners != NOBODY]
        assert set(joined) <= {0, 1} and len(set(joined)) == len(joined)  # nobody joins twice
        assert (partners[:, ~chosen] == NOBODY).all()
        sizes[1 + (partners[:, 2] != NOBODY).sum()] += 1
    # The first founder has a partner with chance 1/2 and two with chance 1/4.
    assert sizes / 1000 == pytest.approx([0.0, 0.5, 0.25, 0.25], abs=0.05)


def begun(burden=1.0, **terms):
    """The ventures of persons 1 and 3 of four, of whom 0 joins 3, with the door to persons and firms and the flows.

    0 works for a startup, 1 for a corporate, 3 looks for work; there is one startup before.
    """
    persons = people(
        4,
        id=[7, 8, 9, 10],
        status=[Status.EMPLOYED, Status.EMPLOYED, Status.EMPLOYED, Status.SEARCHING],
        employer=[0, as_employer(0), as_employer(0), NOBODY],
        wealth=[101, 1_000, 1_000, 9_000],
        ventures=[0, 1, 0, 20],
        skill=2.0,
        home=1,
        field=1,
    )
    door = firms(
        startups=rows(STARTUP, 3, headcount=[5, 0, 0]),
        sectors=rows(
            SECTOR, 2, regulatory_work=4.0, trust=math.log(2.0), business_share=0.5, hard_tech=1.0, consumer=0.0
        ),
        corporates=rows(CORPORATE, headcount=8),
    )
    plans = _undecided(np.arange(4))._replace(
        founds=np.array([False, True, False, True]), sector=np.array([0, 0, 0, 1])
    )
    plans.partner_1[3] = 0
    values = {"market_median": 1e6, "first_hope": 0.2, "traction_gap": 3.0} | terms
    values |= {"stake_share": 0.5, "stake_cap": 1_000.0, "partner_stake": 0.5, "first_plan_quarters": 8.0}
    terms, flows = params(Params, **values), new_flows()
    knowledge = np.array([[0.0, 0.0], [1.0, 2.0]])
    _begin(
        chance=Chance(1, 8100),
        people=persons,
        plans=plans,
        first=1,
        firms=door,
        knowledge=knowledge,
        burden=np.array([1.0, burden]),
        params=terms,
    )
    _pay_in(people=persons, plans=plans, first=1, firms=door, params=terms, flows=flows)
    return door.startups[1:], persons, door, flows


def test_new_ventures_by_hand():
    new, *_ = begun(skill_weight=1.0, match_bonus=0.1, knowledge_bonus=0.01, partner_bonus=0.2, failure_bonus=0.3)
    # All quality is skill; 1 founds outside the own field, 3 within it and with a partner; both failed before.
    assert new.quality.tolist() == pytest.approx([2.0 + 0.01 + 0.3, 2.0 + 0.1 + 0.02 + 0.3 + 0.2])
    assert new.experience.tolist() == [Experience.FAILED_BEFORE] * 2
    assert (new.founder.tolist(), new.founder_id.tolist(), new.sector.tolist()) == ([1, 3], [8, 10], [0, 1])
    assert new.partner_1.tolist() == [NOBODY, 0] and (new.partner_2 == NOBODY).all()
    assert new.attempt.tolist() == [1, 20] and new.id.tolist() == [8 * ATTEMPTS + 1, 10 * ATTEMPTS + ATTEMPTS - 1]
    assert new.market == pytest.approx(math.log(1e6)) and new.traction == pytest.approx(math.log(1e6) - 3.0)
    assert (new.hope == 0.2).all() and (new.business_share == 0.5).all()
    assert (new.hard_tech == 1).all() and (new.consumer == 0).all()
    assert (new.shares == SHARES).all() and (new.founder_shares == SHARES).all()
    assert (new.born == 8100).all() and (new.ended == NEVER).all() and (new.life == Life.ALIVE).all()


def test_the_burden_of_a_sector_is_that_of_its_ventures():
    assert begun(burden=0.5)[0].compliance.tolist() == pytest.approx([2.0, 1.0])  # trust halves it


def test_shares_of_sales_to_firms_lie_around_the_sectors():
    shares = begun(business_spread=0.2)[0].business_share
    assert ((shares >= 0.4) & (shares <= 0.6)).all() and shares[0] != shares[1]


def test_founders_pay_in_and_leave_their_jobs():
    new, persons, door, flows = begun()
    # 1 puts in half of 1,000, 3 the cap, who joins half of the half of 101, in whole yuan each time.
    assert new.cash.tolist() == [500, 1_000 + 25]
    assert persons.wealth.tolist() == [101 - 25, 500, 1_000, 8_000]
    assert flows.sum() == flows[Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS] == 1_525
    assert new.burn.tolist() == [500 // 8, 1_025 // 8]
    assert persons.status.tolist() == [Status.FOUNDER, Status.FOUNDER, Status.EMPLOYED, Status.FOUNDER]
    assert persons.employer.tolist() == [2, 1, as_employer(0), 2]
    assert persons.ventures.tolist() == [1, 2, 0, 21]
    assert (door.startups.headcount[0], door.corporates.headcount[0]) == (4, 7)


def test_experience_is_the_best_of_what_was():
    assert [experience_of(ventures=n, successes=s) for n, s in ((0, 0), (2, 0), (2, 1))] == list(Experience)
