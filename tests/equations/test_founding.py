"""Occupational choice: what a sure thing is worth, who founds, here or elsewhere, and with whom."""

import math

import numpy as np
import pytest
from by_hand import firms, params, people, rows

from sim.mechanisms.people.founding import (
    Failure,
    Forgiveness,
    Outlook,
    Params,
    Person,
    Project,
    _comes_from,
    _decide,
    _find_partners,
    _leave,
    _undecided,
    _weigh,
    certainty_equivalent,
    chance_elsewhere,
    chance_to_found,
    permit_lasts,
)
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, uniforms, uniforms_at
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, NOBODY, Experience


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


@pytest.mark.parametrize(
    ("short", "chance"),
    [(-3.0, 1.0), (0.0, 1.0), (1.0, 0.8), (8.0, 0.8), (9.0, 0.64), (24.0, 0.512)],  # quarters short, at 8 a permit
)
def test_a_permit_lasts_if_it_is_renewed_as_often_as_the_venture_needs(short, chance):
    assert permit_lasts(short=short, renewal=0.8, term=8.0) == pytest.approx(chance)


def test_chance_elsewhere_by_hand():
    terms = params(Params, elsewhere_share=0.2, elsewhere_response=2.0)  # odds of a quarter where all is normal
    assert chance_elsewhere(value=0.0, generosity=0.0, params=terms) == pytest.approx(0.2)
    good = 0.25 * math.exp(0.3 - 2.0 * 0.4)
    assert chance_elsewhere(value=0.4, generosity=0.3, params=terms) == pytest.approx(good / (1.0 + good))
    # What makes all better by 0.1 here, and those elsewhere more generous by twice that, moves nobody.
    assert chance_elsewhere(value=0.1, generosity=0.2, params=terms) == pytest.approx(0.2)
    nobody = params(Params, elsewhere_response=2.0)
    assert chance_elsewhere(value=-5.0, generosity=5.0, params=nobody) == 0.0


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


PLACES = 3  # districts


def outlook(setup_saving=0.0, value=0.0, elsewhere=0.0, renewal=0.0, forgiveness=NEUTRAL):
    """What persons reckon with: laboratories of field 0 save a part of their cost, permits run for 8 quarters, and
    founding is worth `value`, by district that founders come from, in field 0, and nothing beyond normal in field 1.
    """
    savings, values = np.zeros((PLACES, 2, 3)), np.zeros((PLACES, 2))
    savings[:, 0], values[:, 0] = setup_saving, value
    return Outlook(savings, forgiveness, renewal=renewal, term=8.0, value=values, elsewhere=elsewhere)


def plans_of(forgiveness=NEUTRAL, terms=TERMS, door=None, reckoned=(), n=N, **columns):
    """Who of n persons founds, where, and in which sector: field 0, with laboratories, or field 1, without."""
    experience = np.repeat(list(Experience), N // 3)[:n]
    ordinary = {
        "field": 0,
        "second_field": 1,
        "efficiency": 1.0,
        "wealth": 1_200_000,
        "debt": 200_000,
        "belief_success": 1.0,
        "belief_failure": 4.0,
        "ventures": experience > Experience.FIRST_TIME,
        "successes": experience == Experience.SUCCEEDED_BEFORE,
    }
    persons, plans = people(n, **({"id": np.arange(n)} | ordinary | columns)), _undecided(np.arange(n))
    sectors = rows(
        SECTOR, 2, wage=100_000.0, odds=0.3, prize=math.log(80e6), claims=0.25, debt_years=0.5, lab_need=[1.0, 0.0]
    )
    given = {"chance": Chance(1, 8100), "plans": plans, "params": terms}
    prospects = outlook(forgiveness=forgiveness, **dict(reckoned))
    _comes_from(people=persons, firms=door or firms(), **given)
    lotteries = _weigh(people=persons, sectors=sectors, outlook=prospects, **given)
    _decide(ids=persons.id, lotteries=lotteries, **given)
    _leave(people=persons, outlook=prospects, **given)
    return plans


def test_those_found_whose_draw_is_below_their_chance():
    """Half have an idea in their own field, where half of the 0.8 m for laboratories is saved, beside 0.4 m for all."""
    plans, luck = plans_of(reckoned={"setup_saving": 0.5}), uniforms(1, Decision.FOUND, 8100, np.arange(N))
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


LUCK = uniforms(1, Decision.FOUND, 8100, np.arange(N))


def founds(plans, sector, **changed):
    """Whether those of a sector found whose draw is below their chance, and nobody else."""
    here = plans.sector == sector
    setup = {"setup": (1_200_000.0, 400_000.0)[sector]}
    chances = chance(TERMS, **({"taste": 0.0} | setup | changed))
    return here.any() and plans.founds[here].tolist() == (LUCK < chances)[here].tolist()


def test_stigma_is_taken_off_the_wage_that_is_given_up():
    plans = plans_of(stigma=0.25)
    assert founds(plans, 0, wage=300_000.0) and founds(plans, 1, wage=300_000.0)
    assert plans.founds.sum() > plans_of().founds.sum()


def test_a_short_permit_makes_a_venture_less_likely_to_last():
    """Three years are 12 quarters, of which a permit of 3 leaves 9: two renewals of 8, each with chance 0.8."""
    foreigner = {"visa_until": 8103, "reckoned": {"renewal": 0.8}}
    plans = plans_of(**foreigner)
    assert founds(plans, 0, belief=0.2 * 0.64) and founds(plans, 1, belief=0.2 * 0.64)
    assert founds(plans_of(visa_until=8112, reckoned={"renewal": 0.8}), 1, belief=0.2)  # it just lasts
    assert founds(plans_of(visa_until=8104, reckoned={"renewal": 0.8}), 1, belief=0.2 * 0.8)
    assert founds(plans_of(visa_until=NEVER, reckoned={"renewal": 0.8}), 1, belief=0.2)  # who needs none


def test_the_value_of_the_place_enters_as_taste_does():
    """By district that the founder comes from and by sector; at a weight of nothing it moves nobody."""
    home, value = np.arange(N) % PLACES, np.array([0.0, 1.5, -1.0])
    terms = TERMS._replace(place_weight=0.2)
    plans, before = plans_of(terms=terms, home=home, reckoned={"value": value}), plans_of(home=home)
    assert founds(plans, 1)  # where nothing is beyond normal
    for district, taste in enumerate((0.0, 0.3, -0.2)):
        these = (home == district) & (plans.sector == 0)
        by_hand = LUCK < chance(TERMS, setup=1_200_000.0, taste=taste)
        assert plans.founds[these].tolist() == by_hand[these].tolist()
    assert (plans.founds[home == 1] >= before.founds[home == 1]).all()
    without = plans_of(home=home, reckoned={"value": value})
    assert (without.founds == before.founds).all()


# ---------------------------------------------------------------- where founders come from, and who goes elsewhere

JOBS = firms(
    startups=rows(STARTUP, 2, district=[1, 2], headcount=900),
    corporates=rows(CORPORATE, 2, district=[2, 0], pool=[0, 1], headcount=900),
)


def test_spin_offs_come_from_the_district_of_the_last_employer():
    """Half of those who work in district 1, at a corporate in 2, for the pool of incumbents, which sits everywhere, or
    who look for work and have worked in 1, or never; all live in district 0.
    """
    employer = np.repeat([0, as_employer(0), as_employer(1), NOBODY, NOBODY], 600)
    workplace = np.repeat([NOBODY, NOBODY, NOBODY, 1, NOBODY], 600)
    jobs = {"door": JOBS, "employer": employer, "workplace": workplace}
    half = plans_of(terms=TERMS._replace(spin_off_share=0.5), home=0, **jobs)
    at = half.comes_from.reshape(5, 600)
    for kind, district in enumerate((1, 2, 0, 1, 0)):
        assert set(at[kind]) == {0, district}
        if district:
            assert (at[kind] == district).mean() == pytest.approx(0.5, abs=0.065)  # three standard errors
    every = plans_of(terms=TERMS._replace(spin_off_share=1.0), home=0, **jobs)
    assert every.comes_from.reshape(5, 600).tolist() == [[district] * 600 for district in (1, 2, 0, 1, 0)]
    none = plans_of(home=2, **jobs)
    assert (none.comes_from == 2).all()


def test_a_spin_off_weighs_the_place_of_its_parent_and_not_of_the_home():
    terms = TERMS._replace(place_weight=0.2, spin_off_share=1.0)
    value = {"value": np.array([-5.0, 1.5, 0.0])}  # of the home, and where the startup is
    plans = plans_of(terms=terms, door=JOBS, employer=0, home=0, reckoned=value)
    assert founds(plans, 0, taste=0.3) and founds(plans, 1)
    terms = terms._replace(elsewhere_share=0.3, elsewhere_response=2.0, taste=5.0)
    plans = plans_of(terms=terms, door=JOBS, employer=0, home=0, reckoned=value)
    would = (plans.founds | plans.leaves) & (plans.sector == 0)
    odds = 3 / 7 * math.exp(-3.0)
    assert plans.leaves[would].mean() == pytest.approx(odds / (1.0 + odds), abs=0.015)  # three standard errors


def test_some_of_those_who_would_found_do_so_elsewhere():
    """Three in ten, as many fewer as the place here is worth more: odds of 3/7 times e^(0.5 - 2 x 0.25), and of
    e^(0.5 - 2) where it is worth 1. Who would not found goes nowhere.
    """
    terms = TERMS._replace(elsewhere_share=0.3, elsewhere_response=2.0, taste=5.0)
    home, value = np.arange(N) % PLACES, np.array([0.25, 1.0, 0.25])
    before = plans_of(terms=TERMS._replace(taste=5.0), home=home)
    plans = plans_of(terms=terms, home=home, reckoned={"value": value, "elsewhere": 0.5})
    assert not before.leaves.any() and (before.founds == (plans.founds | plans.leaves)).all()
    assert not (plans.founds & plans.leaves).any()
    for value_of, these in ((0.25, home != 1), (1.0, home == 1)):
        odds = 3 / 7 * math.exp(0.5 - 2.0 * value_of)
        would = before.founds & these & (plans.sector == 0)
        error = 3.0 * math.sqrt(0.25 / would.sum())
        assert would.sum() > 300 and plans.leaves[would].mean() == pytest.approx(odds / (1 + odds), abs=error)


def test_a_place_that_gains_keeps_who_would_have_gone_and_sends_nobody_away():
    terms = TERMS._replace(elsewhere_share=0.3, elsewhere_response=2.0, taste=5.0)
    dear, good = (plans_of(terms=terms, reckoned={"value": value}) for value in (-0.5, 0.5))
    assert (good.leaves <= dear.leaves).all() and good.leaves.sum() < dear.leaves.sum()


def test_a_business_angel_never_founds_elsewhere():
    """Others' ventures are partly theirs. They found here instead, as they would have without other cities."""
    terms = TERMS._replace(elsewhere_share=0.9, taste=5.0)
    angel = np.arange(N) % 2
    plans, before = plans_of(terms=terms, angel=angel), plans_of(terms=TERMS._replace(taste=5.0))
    assert not plans.leaves[angel == 1].any() and (plans.founds == before.founds)[angel == 1].all()
    assert plans.leaves[angel == 0].mean() == pytest.approx(0.9 * before.founds[angel == 0].mean(), abs=0.03)


# ---------------------------------------------------------------- teams


def teams(n, founds, sector, terms, leaves=False, quarter=8100):
    """Plans of n persons, numbered 0 to n - 1, after partners were found."""
    flags = [np.broadcast_to(np.asarray(flag, bool), n).copy() for flag in (founds, leaves)]
    plans = _undecided(np.arange(n))._replace(founds=flags[0], leaves=flags[1], sector=np.asarray(sector, np.int64))
    persons = people(n, id=np.arange(n))
    _find_partners(chance=Chance(1, quarter), people=persons, plans=plans, sectors=2, params=terms)
    return plans


def test_partners_are_those_who_stayed_in_the_sector():
    # 0 and 1 weigh founding in sector 0 and stay, 4 in sector 1, 6 goes elsewhere; 2, 3 and 5 found in sector 0.
    chosen, sector_of = np.isin(np.arange(7), [2, 3, 5]), np.array([0, 0, 0, 0, 1, 0, 0])
    sizes, terms = np.zeros(4, np.int64), params(Params, partner_share=1.0, team_chance=0.5)
    for quarter in range(8000, 9000):
        plans = teams(7, chosen, sector_of, terms, leaves=np.arange(7) == 6, quarter=quarter)
        partners = np.array([plans.partner_1, plans.partner_2])
        joined = partners[partners != NOBODY]
        assert set(joined) <= {0, 1} and len(set(joined)) == len(joined)  # nobody joins twice
        assert (partners[:, ~chosen] == NOBODY).all()
        sizes[1 + (partners[:, 2] != NOBODY).sum()] += 1
    # The first founder has a partner with chance 1/2 and two with chance 1/4.
    assert sizes / 1000 == pytest.approx([0.0, 0.5, 0.25, 0.25], abs=0.05)


def test_founders_meet_partners_on_a_circle_in_the_order_of_their_plans():
    """Everybody stands where the own number says. Each founder takes the next two of the sector clockwise who are still
    free, as a look at all of them finds.
    """
    n, terms = 200, params(Params, partner_share=1.0, team_chance=1.0)
    chance = np.random.default_rng(1)
    founds, sector = chance.uniform(size=n) < 0.25, chance.integers(0, 2, n)
    plans = teams(n, founds, sector, terms)
    spots, free = uniforms_at(1, Decision.TEAM, 8100, np.arange(n), np.arange(n), 2), ~founds
    for founder in np.flatnonzero(founds):
        for partner in (plans.partner_1[founder], plans.partner_2[founder]):
            clockwise = np.where(free & (sector == sector[founder]), (spots - spots[founder]) % 1.0, np.inf)
            assert partner == clockwise.argmin()
            free[partner] = False


def test_one_more_who_waits_changes_few_teams():
    """One in four founds, and who waits stands for half of them: a list that others re-index would change most."""
    n, terms = 800, params(Params, partner_share=1.0, team_chance=0.5)
    founds, changed = np.arange(n) % 4 == 0, []
    before = teams(n, founds, np.zeros(n), terms)
    for away in range(1, n, 40):
        after = teams(n, founds, np.where(np.arange(n) == away, 1, 0), terms)
        changed.append((before.partner_1 != after.partner_1).sum())
    assert 0 < sum(changed) and np.mean(changed) < 5 and max(changed) <= 20
