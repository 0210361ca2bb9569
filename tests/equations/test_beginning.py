"""How ventures begin: who they are of, how good they are, and what their founders pay in."""

import math

import numpy as np
import pytest
from by_hand import firms, params, people, rows

from sim.mechanisms.people.founding import Params, _undecided
from sim.mechanisms.ventures.beginning import (
    ATTEMPTS,
    SHARES,
    Surroundings,
    begin,
    experience_of,
    pay_in,
    quality_of,
    stake_of,
)
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, NOBODY, Experience, Life, Sector, Status

STAKE = params(Params, stake_share=0.4, stake_cap=1e6)


def test_the_stake_is_a_share_of_wealth_up_to_a_cap():
    assert stake_of(wealth=1e6, params=STAKE) == pytest.approx(4e5)
    assert stake_of(wealth=9e6, params=STAKE) == pytest.approx(1e6)


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
        born=[0, 8100 - 130, 0, 8100 - 163],
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
    begin(
        chance=Chance(1, 8100),
        people=persons,
        plans=plans,
        first=1,
        firms=door,
        surroundings=Surroundings(
            knowledge=knowledge, burden=np.array([1.0, burden]), knowhow=np.array([0.1, 0.2, 0.3, 0.4])
        ),
        params=terms,
    )
    pay_in(people=persons, plans=plans, first=1, firms=door, params=terms, flows=flows)
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
    assert new.founder_age.tolist() == [32.5, 40.75] and new.knowhow.tolist() == [0.2, 0.4]  # that their founders bring
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
