"""Occupational choice: who leaves a wage to found a venture.

An idea comes to a person with a chance that grows with local knowledge and skill; colleagues of
recent exits and failures have more of them, and so have people near institutions where inventors keep more of
the gains. Who has one compares two lotteries by certainty
equivalents under constant relative risk aversion g:

    wage   : savings + horizon x wage, for sure
    venture: success (belief p): savings + stipend + prize
             failure that leaves claims (a share f of failures): savings + stipend - stake - debt - stigma x wage
             any other failure: savings + stipend - stake

    chance of founding = logistic((log CE(venture) - log CE(wage) + taste) / noise)

p is the person's own belief (Beta counts, `learning`) scaled by the odds of a first round here over
normal odds and by liquidity. f and the debt are what failures of the sector have shown (`learning`). Fear of
failing acts through g: it is the curvature that weighs the debt. Quality of the venture:

    z = sqrt(1 - w) luck + sqrt(w) skill + match + knowledge + experience

Success persists and failure teaches little (F14: success rates 30 : 20 : 18).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import laboratories
from sim.mechanisms.space.knowledge import share_of_institutions
from sim.world import draws
from sim.world.accounts import Transaction, grant, pay
from sim.world.draws import Decision, exp, log, logistic, normal, power, uniform, uniforms_at
from sim.world.employment import leave_job
from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY, Experience, Sector, Status

SHARES = 10_000_000  # of a new company, so many that a stake is cut to a hundred-thousandth of a percent
ATTEMPTS = 16  # numbers that a founder has for ventures; all beyond share the last
SQUARE_ROOT = 0.5  # exponent
MEAN_DRAW = 0.5  # of a uniform one
FIRST_TIME, FAILED_BEFORE, SUCCEEDED_BEFORE = map(int, Experience)  # numba indexes arrays by plain integers only


class Params(NamedTuple):
    idea_rate: float
    knowledge_elasticity: float
    knowledge_reference: float
    inventor_effect: float
    spawn_factor: float
    own_field_share: float
    horizon_years: float
    risk_aversion: float
    taste: float
    noise: float
    stipend: float
    stake_share: float
    stake_cap: float
    partner_stake: float
    claims_share: float
    debt_years: float
    stigma: float
    least_wealth: float
    setup_cost: float
    lab_cost: float
    odds_reference: float
    odds_elasticity: float
    odds_cap: float
    belief_cap: float
    first_prize: float
    skill_weight: float
    match_bonus: float
    knowledge_bonus: float
    success_bonus: float
    failure_bonus: float
    partner_bonus: float
    team_chance: float
    partner_share: float
    market_sd: float
    market_median: float
    traction_gap: float
    traction_sd: float
    business_spread: float
    first_hope: float
    first_plan_quarters: float
    founder_share_at_exit: float
    experience_taste: float


# ---------------------------------------------------------------- who chooses what, in named groups


class Person(NamedTuple):
    """Who weighs founding."""

    wealth: float  # less debt, yuan
    wage: float  # yuan a year
    belief: float  # chance of success, before liquidity
    taste: float  # for a firm of one's own, log certainty equivalent


class Project(NamedTuple):
    """What is weighed."""

    prize: float  # the founder's part of a success, yuan
    setup: float  # money below which a lack of it binds, yuan


class Failure(NamedTuple):
    """What a failure costs beside the stake."""

    claims: float  # share of failures that leave claims on the founder
    debt: float  # then owed, yearly wages
    stigma: float  # then lost, share of the wage


class Forgiveness(NamedTuple):
    """What policies leave of the cost of a failure with claims: the levers of these names, by `kinds.Experience`."""

    debt: np.ndarray  # factor
    stigma: np.ndarray  # factor


class Plans(NamedTuple):
    """All who weigh founding in a quarter, each an array of one length."""

    person: np.ndarray  # slot of who has the idea, int64
    sector: np.ndarray  # of the venture, int64
    founds: np.ndarray  # whether it is begun, bool
    partner_1: np.ndarray  # slots of who joins it, NOBODY if none, int64
    partner_2: np.ndarray


# ---------------------------------------------------------------- equations


@equation
def certainty_equivalent(good, lost, owing, chance, claims, aversion):
    """Sure wealth worth as much as `good` with `chance`, else `owing` in a share `claims` of cases and `lost` in the
    rest; CRRA, `aversion` != 1; yuan.
    """
    curve = 1.0 - aversion
    failure = claims * power(owing, curve) + (1.0 - claims) * power(lost, curve)
    return power(chance * power(good, curve) + (1.0 - chance) * failure, 1.0 / curve)


@equation
def stake_of(wealth, params):
    """What a founder of some wealth puts into a venture, yuan."""
    return min(params.stake_share * wealth, params.stake_cap)


@equation
def chance_to_found(person, project, failure, params):
    """Chance that a Person with an idea founds the Project, whose Failure they weigh; none is poorer than a part of a
    yearly wage.
    """
    earned = params.horizon_years * person.wage
    stake = stake_of(person.wealth, params)
    least = params.least_wealth * person.wage
    good = person.wealth + params.stipend * earned + project.prize
    lost = max(person.wealth + params.stipend * earned - stake, least)
    owing = max(lost - failure.debt * person.wage - failure.stigma * earned, least)
    liquidity = min(1.0, stake / project.setup)
    success = min(person.belief * liquidity, params.belief_cap)
    venture = certainty_equivalent(good, lost, owing, success, failure.claims, params.risk_aversion)
    return logistic((log(venture) - log(person.wealth + earned) + person.taste) / params.noise)


@kernel
def experience_of(ventures, successes):
    """Experience of a founder with so many ventures and successes."""
    if successes > 0:
        return SUCCEEDED_BEFORE
    return FAILED_BEFORE if ventures > 0 else FIRST_TIME


@kernel
def quality_of(luck, skill, same_field, knowledge, experience, partners, params):
    """Latent quality of a venture in standard deviations.

    `luck` and `skill` are standard normal, `same_field` is 1 in the founder's own field and else 0, `knowledge` is
    log(1 + local knowledge / reference).
    """
    w = params.skill_weight
    bonus = 0.0
    if experience == Experience.SUCCEEDED_BEFORE:
        bonus = params.success_bonus
    elif experience == Experience.FAILED_BEFORE:
        bonus = params.failure_bonus
    return (
        power(1.0 - w, SQUARE_ROOT) * luck
        + power(w, SQUARE_ROOT) * skill
        + params.match_bonus * same_field
        + params.knowledge_bonus * knowledge
        + bonus
        + params.partner_bonus * partners
    )


# ---------------------------------------------------------------- ideas and choices


def _rate_of_ideas(model, knowledge):
    """Chance a quarter of an idea for a person of efficiency 1, (districts, sectors); `knowledge` as in `found`."""
    params, levers = model.params["founding"], model.levers
    of_others = (1.0 - share_of_institutions(model)) * model.district_knowledge
    without = draws.logs(1.0 + of_others / params.knowledge_reference)
    owed = 1.0 - draws.exps(params.knowledge_elasticity * (without - knowledge))  # part of ideas due to institutions
    spun_off = owed * (exp(params.inventor_effect * levers.inventor_share) - 1.0)
    return (
        params.idea_rate
        * model.state.sectors.used.ideas[None, :]
        * draws.exps(params.knowledge_elasticity * knowledge)
        * levers.ideas
        * (1.0 + spun_off)
    )


@kernel
def _have_ideas(chance, people, rate, spawn_factor, has_idea):
    """Ideas come to those who work or look for work, more to colleagues of exits and failures: fills `has_idea`,
    bool[persons]; `rate` is (districts, sectors).
    """
    n = len(people.id)
    odds = np.zeros(n)
    for i in range(n):
        if people.status[i] == Status.EMPLOYED or people.status[i] == Status.SEARCHING:
            odds[i] = rate[people.home[i], people.field[i]] * people.efficiency[i]
            if people.spawn_until[i] >= chance.quarter:
                odds[i] *= spawn_factor
    for i in range(n):  # of draws alone, so that it is vectorised
        has_idea[i] = uniform(chance.seed, Decision.IDEA, chance.quarter, people.id[i], 0) < odds[i]


@kernel
def _choose(chance, people, plans, sectors, setup_saving, forgiveness, params):
    """Who has an idea weighs the venture against the wage: fills `plans.sector` and `plans.founds`.

    `setup_saving` is a share, (districts, sectors, origins).
    """
    odds, prize = np.empty(len(sectors)), np.empty(len(sectors))
    for s in range(len(sectors)):
        odds[s] = min(params.odds_cap, power(sectors.odds[s] / params.odds_reference, params.odds_elasticity))
        prize[s] = params.founder_share_at_exit * exp(sectors.prize[s])
    n = len(plans.person)
    luck, field_luck = (
        uniforms_at(chance.seed, Decision.FOUND, chance.quarter, people.id, plans.person, 0),
        uniforms_at(chance.seed, Decision.FOUND, chance.quarter, people.id, plans.person, 1),
    )
    wealth, wage, belief, taste = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    gains, setup, claims, debt, stigma = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        i = plans.person[k]
        s = people.field[i] if field_luck[k] < params.own_field_share else people.second_field[i]
        plans.sector[k] = s
        wealth[k] = max(people.wealth[i] - people.debt[i], 1)
        wage[k] = 4.0 * sectors.wage[s] * people.efficiency[i]
        belief[k] = people.belief_success[i] / (people.belief_success[i] + people.belief_failure[i]) * odds[s]
        taste[k] = params.taste + params.experience_taste if people.ventures[i] > 0 else params.taste
        gains[k] = prize[s]
        setup[k] = params.setup_cost + params.lab_cost * sectors.lab_need[s] * (
            1.0 - setup_saving[people.home[i], s, people.origin[i]]
        )
        experience = experience_of(people.ventures[i], people.successes[i])
        claims[k] = sectors.claims[s]
        debt[k] = sectors.debt_years[s] * forgiveness.debt[experience]
        stigma[k] = params.stigma * forgiveness.stigma[experience]
    for k in range(n):  # of equations alone, so that it is vectorised
        plans.founds[k] = luck[k] < chance_to_found(
            Person(wealth=wealth[k], wage=wage[k], belief=belief[k], taste=taste[k]),
            Project(prize=gains[k], setup=setup[k]),
            Failure(claims=claims[k], debt=debt[k], stigma=stigma[k]),
            params,
        )


@kernel
def _find_partners(chance, people, plans, sectors, params):
    """Those who weighed founding and did not may join the next founder of the sector; a team has up to three.

    Fills `plans.partner_1` and `plans.partner_2`.
    """
    waiting = np.full((len(sectors), 2), NOBODY)  # the latest two who would join, by sector
    luck_of_joining = uniforms_at(chance.seed, Decision.TEAM, chance.quarter, people.id, plans.person, 0)
    for k in range(len(plans.person)):
        i, s = plans.person[k], plans.sector[k]
        if not plans.founds[k]:
            if luck_of_joining[k] < params.partner_share:
                waiting[s, 1] = waiting[s, 0]
                waiting[s, 0] = i
            continue
        luck = uniform(chance.seed, Decision.TEAM, chance.quarter, people.id[i], 1)
        if luck < params.team_chance:
            plans.partner_1[k] = waiting[s, 0]
            waiting[s, 0] = waiting[s, 1]
            waiting[s, 1] = NOBODY
        if luck < params.team_chance * params.team_chance:
            plans.partner_2[k] = waiting[s, 0]
            waiting[s, 0] = NOBODY


# ---------------------------------------------------------------- new ventures


@kernel
def _begin(chance, people, plans, first, firms, knowledge, burden, params):
    """Each who founds begins a venture, in the startup slots from `first` on; its luck follows from its number.

    `knowledge` is log(1 + local knowledge / reference), (districts, sectors), and `burden` the factor on compliance
    work, (sectors,).
    """
    seed, slot = chance.seed, first
    for k in range(len(plans.person)):
        if not plans.founds[k]:
            continue
        i, s = plans.person[k], plans.sector[k]
        sector, firm = firms.sectors[s], firms.startups[slot]
        slot += 1
        firm.founder = i
        firm.founder_id = people.id[i]
        firm.attempt = people.ventures[i]
        firm.id = people.id[i] * ATTEMPTS + min(people.ventures[i], ATTEMPTS - 1)
        firm.partner_1 = plans.partner_1[k]
        firm.partner_2 = plans.partner_2[k]
        firm.origin = people.origin[i]
        firm.experience = experience_of(people.ventures[i], people.successes[i])
        firm.skill = people.skill[i]
        firm.born = chance.quarter
        firm.sector = s
        firm.quality = quality_of(
            luck=normal(seed, Decision.QUALITY, 0, firm.id, 0),
            skill=people.skill[i],
            same_field=1.0 if people.field[i] == s else 0.0,
            knowledge=knowledge[people.home[i], s],
            experience=firm.experience,
            partners=int(plans.partner_1[k] != NOBODY) + int(plans.partner_2[k] != NOBODY),
            params=params,
        )
        firm.market = log(params.market_median) + params.market_sd * normal(seed, Decision.MARKET, 0, firm.id, 0)
        firm.traction = (
            firm.market - params.traction_gap + params.traction_sd * normal(seed, Decision.TRACTION, 0, firm.id, 0)
        )
        firm.hard_tech = uniform(seed, Decision.TAGS, 0, firm.id, 0) < sector.hard_tech
        firm.consumer = uniform(seed, Decision.TAGS, 0, firm.id, 1) < sector.consumer
        deviation = params.business_spread * (uniform(seed, Decision.TAGS, 0, firm.id, 2) - MEAN_DRAW)
        firm.business_share = min(max(sector.business_share + deviation, 0.0), 1.0)
        firm.export_share = sector.export_share
        firm.compliance = sector.regulatory_work * burden[s] * exp(-sector.trust)
        firm.hope = params.first_hope
        firm.shares = SHARES
        firm.founder_shares = SHARES


@kernel
def _pay_in(people, plans, first, firms, params, flows):
    """Founders and who joins them leave their jobs, pay in their stakes, and plan to spend them over some quarters."""
    slot = first
    for k in range(len(plans.person)):
        if not plans.founds[k]:
            continue
        firm = firms.startups[slot]
        for member in (plans.person[k], plans.partner_1[k], plans.partner_2[k]):
            if member == NOBODY:
                continue
            leave_job(member, people, firms)
            people.status[member] = Status.FOUNDER
            people.employer[member] = slot
            people.ventures[member] += 1
            stake = np.int64(stake_of(people.wealth[member], params))
            if member != firm.founder:
                stake = np.int64(params.partner_stake * stake)
            people.wealth[member] -= stake
            firm.cash += stake
            pay(flows, Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS, stake)
        firm.burn = np.int64(firm.cash / params.first_plan_quarters)
        slot += 1


def found(model):
    """People have ideas, weigh them against their wage, and some found; returns the slots of the new startups."""
    state, params = model.state, model.params["founding"]
    persons, startups, sectors = state.persons, state.startups, state.sectors.used
    knowledge = draws.logs(1.0 + model.district_knowledge / params.knowledge_reference)  # (districts, sectors)
    rate, has_idea = _rate_of_ideas(model, knowledge), np.zeros(persons.count, np.bool_)

    def one_block(part):
        _have_ideas(
            chance=model.chance,
            people=state.people(part),
            rate=rate,
            spawn_factor=params.spawn_factor,
            has_idea=has_idea[part],
        )

    model.blocks(one_block, persons.count)
    people, plans = state.people(), _undecided(np.flatnonzero(has_idea))
    _choose(
        chance=model.chance,
        people=people,
        plans=plans,
        sectors=sectors,
        setup_saving=laboratories.setup_saving(model),
        forgiveness=Forgiveness(debt=model.foreseen.debt, stigma=model.foreseen.stigma),
        params=params,
    )
    _find_partners(chance=model.chance, people=people, plans=plans, sectors=sectors, params=params)
    state.tally.rows.considered[0] = len(plans.person)
    first = startups.extend(np.count_nonzero(plans.founds))
    firms = state.firms()
    _begin(
        chance=model.chance,
        people=people,
        plans=plans,
        first=first,
        firms=firms,
        knowledge=knowledge,
        burden=model.levers.burden,
        params=params,
    )
    _pay_in(people=people, plans=plans, first=first, firms=firms, params=params, flows=state.flows)
    new = startups.used[first:]
    seed_grants = model.levers.seed_grant[new.origin].astype(np.int64)  # in the order of founding
    new.cash += grant(state, model.levers.payer["seed_grant"], seed_grants, Sector.STARTUPS)
    return np.arange(first, startups.count)


def _undecided(persons):
    """Plans of the persons in slots `persons` before they choose."""
    n = len(persons)
    nobody = np.full(n, NOBODY)
    return Plans(
        person=persons,
        sector=np.zeros(n, np.int64),
        founds=np.zeros(n, np.bool_),
        partner_1=nobody,
        partner_2=nobody.copy(),
    )
