"""Occupational choice: who leaves a wage to found a venture.

An idea comes to a person with a chance that grows with local knowledge and skill and is largest in mid-life (`ages`);
colleagues of recent exits and failures have more of them, and so have people near institutions where inventors keep
more of the gains. Who has one compares two lotteries by certainty
equivalents under constant relative risk aversion g:

    wage   : savings + horizon x wage, for sure
    venture: success (belief p): savings + stipend + prize
             failure that leaves claims (a share f of failures): savings + stipend - stake - debt - stigma x wage
             any other failure: savings + stipend - stake

    chance of founding = logistic((log CE(venture) - log CE(wage) + taste + place_weight x value of the place) / noise)

p is the person's own belief (Beta counts, `learning`) scaled by the odds of a first round here over
normal odds, by liquidity, and for a foreigner by the chance that the permit lasts as long. The value of the place is
that of the best district (`space.location`). Who would found may do so in another city instead:

    odds of elsewhere = elsewhere_share / (1 - elsewhere_share) e^(generosity of rivals - elsewhere_response x value)

f and the debt are what failures of the sector have shown (`learning`). Fear of failing acts through g: it is the
curvature that weighs the debt. How a venture begins stands in `ventures.beginning`.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import rivals
from sim.mechanisms.people import ages
from sim.mechanisms.people.settlement import release
from sim.mechanisms.programmes import laboratories
from sim.mechanisms.space.knowledge import share_of_institutions
from sim.mechanisms.ventures.beginning import Surroundings, begin, experience_of, pay_in, stake_of
from sim.world import draws
from sim.world.accounts import grant
from sim.world.circle import circle, take
from sim.world.draws import Decision, exp, log, logistic, power, uniform, uniforms_at
from sim.world.employment import workplace
from sim.world.kernel import equation, kernel
from sim.world.kinds import NEVER, NOBODY, Origin, Sector, Status


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
    place_weight: float
    spin_off_share: float
    elsewhere_share: float
    elsewhere_response: float


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


class Lotteries(NamedTuple):
    """What those who have an idea weigh: as above, each an array of one length."""

    person: Person
    project: Project
    failure: Failure


class Forgiveness(NamedTuple):
    """What policies leave of the cost of a failure with claims: the levers of these names, by `kinds.Experience`."""

    debt: np.ndarray  # factor
    stigma: np.ndarray  # factor


class Outlook(NamedTuple):
    """What all who weigh founding in a quarter reckon with."""

    setup_saving: np.ndarray  # share of the cost of a laboratory, (districts, sectors, origins)
    forgiveness: Forgiveness
    renewal: float  # chance that a permit is renewed
    term: float  # of a permit, quarters
    value: np.ndarray  # of founding here, log utility, (districts come from, sectors)
    elsewhere: float  # added generosity of other places, log utility


class Plans(NamedTuple):
    """All who weigh founding in a quarter, each an array of one length."""

    person: np.ndarray  # slot of who has the idea, int64
    sector: np.ndarray  # of the venture, int64
    founds: np.ndarray  # whether it is begun, bool
    leaves: np.ndarray  # whether it is begun in another city instead, bool
    comes_from: np.ndarray  # district near which a place is looked for, int64
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


@equation
def permit_lasts(short, renewal, term):
    """Chance that a permit that is `short` quarters too short for a venture is renewed often enough."""
    return power(renewal, np.ceil(max(0.0, short) / term))


@equation
def chance_elsewhere(value, generosity, params):
    """Chance that who would found does so in another city; `value` of founding here in log utility."""
    odds = params.elsewhere_share / (1.0 - params.elsewhere_share)
    odds *= exp(generosity - params.elsewhere_response * value)
    return odds / (1.0 + odds)


# ---------------------------------------------------------------- ideas and choices


@kernel
def _rate_of_ideas(knowledge, of_institutions, sectors, inventor_share, lever, params):
    """Chance a quarter of an idea for a person of efficiency 1, (districts, sectors), with the `knowledge` there, of
    which institutions sustain a part; `inventor_share` and `lever` are the levers `inventor_share` and `ideas`.
    """
    rate, kept = np.empty(knowledge.shape), exp(params.inventor_effect * inventor_share) - 1.0
    for d, s in np.ndindex(rate.shape):
        there = log(1.0 + knowledge[d, s] / params.knowledge_reference)
        without = log(1.0 + (1.0 - of_institutions[d, s]) * knowledge[d, s] / params.knowledge_reference)
        owed = 1.0 - exp(params.knowledge_elasticity * (without - there))  # part of ideas due to institutions
        by_knowledge = params.idea_rate * sectors.ideas[s] * exp(params.knowledge_elasticity * there)
        rate[d, s] = by_knowledge * lever[d, s] * (1.0 + owed * kept)
    return rate


@kernel
def _have_ideas(chance, people, rate, of_age, spawn_factor, has_idea):
    """Ideas come to those who work or look for work, more to colleagues of exits and failures: fills `has_idea`,
    bool[persons]; `rate` is (districts, sectors), `of_age` a factor by age in quarters.
    """
    n = len(people.id)
    odds = np.zeros(n)
    for i in range(n):
        if people.status[i] == Status.EMPLOYED or people.status[i] == Status.SEARCHING:
            age = min(chance.quarter - people.born[i], len(of_age) - 1)
            odds[i] = rate[people.home[i], people.field[i]] * people.efficiency[i] * of_age[age]
            if people.spawn_until[i] >= chance.quarter:
                odds[i] *= spawn_factor
    for i in range(n):  # of draws alone, so that it is vectorised
        has_idea[i] = uniform(chance.seed, Decision.IDEA, chance.quarter, people.id[i], 0) < odds[i]


@kernel
def _comes_from(chance, people, plans, firms, params):
    """Fills `plans.comes_from`: for a spin-off the district of the employer, or of the last one, else the home's."""
    luck = uniforms_at(chance.seed, Decision.SPIN_OFF, chance.quarter, people.id, plans.person, 0)
    for k in range(len(plans.person)):
        i = plans.person[k]
        employer = people.employer[i]
        parent = people.workplace[i] if employer == NOBODY else workplace(employer, firms)
        spins_off = parent != NOBODY and luck[k] < params.spin_off_share
        plans.comes_from[k] = parent if spins_off else people.home[i]


@kernel
def _weigh(chance, people, plans, sectors, outlook, params):
    """What each who has an idea weighs, as Lotteries; fills `plans.sector`."""
    n = len(plans.person)
    odds, prize = np.empty(len(sectors)), np.empty(len(sectors))
    for s in range(len(sectors)):
        odds[s] = min(params.odds_cap, power(sectors.odds[s] / params.odds_reference, params.odds_elasticity))
        prize[s] = params.founder_share_at_exit * exp(sectors.prize[s])
    field_luck = uniforms_at(chance.seed, Decision.FOUND, chance.quarter, people.id, plans.person, 1)
    wealth, wage, belief, taste = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    gains, setup, claims, debt, stigma = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        i = plans.person[k]
        s = people.field[i] if field_luck[k] < params.own_field_share else people.second_field[i]
        plans.sector[k] = s
        wealth[k] = max(people.wealth[i] - people.debt[i], 1)
        wage[k] = 4.0 * sectors.wage[s] * people.efficiency[i] * (1.0 - people.stigma[i])
        belief[k] = people.belief_success[i] / (people.belief_success[i] + people.belief_failure[i]) * odds[s]
        if people.visa_until[i] != NEVER:
            short = chance.quarter + 4.0 * params.horizon_years - people.visa_until[i]
            belief[k] *= permit_lasts(short, outlook.renewal, outlook.term)
        taste[k] = params.taste + params.experience_taste if people.ventures[i] > 0 else params.taste
        taste[k] += params.place_weight * outlook.value[plans.comes_from[k], s]
        gains[k] = prize[s]
        setup[k] = params.setup_cost + params.lab_cost * sectors.lab_need[s] * (
            1.0 - outlook.setup_saving[plans.comes_from[k], s, people.origin[i]]
        )
        experience = experience_of(people.ventures[i], people.successes[i])
        claims[k] = sectors.claims[s]
        debt[k] = sectors.debt_years[s] * outlook.forgiveness.debt[experience]
        stigma[k] = params.stigma * outlook.forgiveness.stigma[experience]
    return Lotteries(Person(wealth, wage, belief, taste), Project(gains, setup), Failure(claims, debt, stigma))


@kernel
def _decide(chance, ids, plans, lotteries, params):
    """Who has an idea weighs the venture against the wage: fills `plans.founds`."""
    luck = uniforms_at(chance.seed, Decision.FOUND, chance.quarter, ids, plans.person, 0)
    person, project, failure = lotteries
    for k in range(len(luck)):  # of equations alone, so that it is vectorised
        plans.founds[k] = luck[k] < chance_to_found(
            Person(person.wealth[k], person.wage[k], person.belief[k], person.taste[k]),
            Project(project.prize[k], project.setup[k]),
            Failure(failure.claims[k], failure.debt[k], failure.stigma[k]),
            params,
        )


@kernel
def _leave(chance, people, plans, outlook, params):
    """Some of those who would found do so in another city: fills `plans.leaves`."""
    for k in range(len(plans.person)):
        i = plans.person[k]
        if plans.founds[k] and people.angel[i] == 0:
            value = outlook.value[plans.comes_from[k], plans.sector[k]]
            luck = uniform(chance.seed, Decision.ELSEWHERE, chance.quarter, people.id[i], 0)
            plans.leaves[k] = luck < chance_elsewhere(value, outlook.elsewhere, params)
            plans.founds[k] = not plans.leaves[k]


@kernel
def _choose(chance, people, plans, firms, outlook, params):
    """All who have an idea look for a place, weigh, and decide; fills `plans` but for the partners."""
    _comes_from(chance, people, plans, firms, params)
    lotteries = _weigh(chance, people, plans, firms.sectors, outlook, params)
    _decide(chance, people.id, plans, lotteries, params)
    _leave(chance, people, plans, outlook, params)


@kernel
def _find_partners(chance, people, plans, sectors, params):
    """Those who weighed founding and did not may join a founder of the sector, whom they meet on a circle; a team has
    up to three. Fills `plans.partner_1` and `plans.partner_2`.
    """
    joins = uniforms_at(chance.seed, Decision.TEAM, chance.quarter, people.id, plans.person, 0)
    ready = np.flatnonzero((~plans.founds) & (~plans.leaves) & (joins < params.partner_share))
    spots = uniforms_at(chance.seed, Decision.TEAM, chance.quarter, people.id, plans.person, 2)
    waiting = circle(plans.person[ready], spots[ready], plans.sector[ready], sectors)
    for k in range(len(plans.person)):
        if not plans.founds[k]:
            continue
        luck = uniform(chance.seed, Decision.TEAM, chance.quarter, people.id[plans.person[k]], 1)
        if luck < params.team_chance:
            plans.partner_1[k] = take(waiting, plans.sector[k], spots[k])
        if luck < params.team_chance * params.team_chance:
            plans.partner_2[k] = take(waiting, plans.sector[k], spots[k])


def found(model, places):
    """People have ideas, weigh them against their wage and this city against others, and some found.

    `places` are the Places of the quarter. Returns (slots of the new startups, districts that their founders come
    from).
    """
    state, params = model.state, model.params["founding"]
    persons, startups = state.persons, state.startups
    knowledge = draws.logs(1.0 + model.district_knowledge / params.knowledge_reference)  # (districts, sectors)
    rate = _rate_of_ideas(
        knowledge=model.district_knowledge,
        of_institutions=share_of_institutions(model),
        sectors=state.sectors.used,
        inventor_share=model.levers.inventor_share,
        lever=model.levers.ideas,
        params=params,
    )
    has_idea, of_age = np.zeros(persons.count, np.bool_), ages.ideas_of(model.params["ages"])

    def one_block(part):
        _have_ideas(
            chance=model.chance,
            people=state.people(part),
            rate=rate,
            of_age=of_age,
            spawn_factor=params.spawn_factor,
            has_idea=has_idea[part],
        )

    model.blocks(one_block, persons.count)
    people, plans = state.people(), _undecided(np.flatnonzero(has_idea))
    outlook, firms = _outlook(model, places), state.firms()
    _choose(chance=model.chance, people=people, plans=plans, firms=firms, outlook=outlook, params=params)
    in_order = np.argsort(persons.id[plans.person])  # what follows hangs on who comes first
    plans = Plans(*(column[in_order] for column in plans))
    _find_partners(chance=model.chance, people=people, plans=plans, sectors=len(firms.sectors), params=params)
    state.tally.rows.considered[0], state.tally.rows.founders_elsewhere[0] = len(plans.person), plans.leaves.sum()
    first = startups.extend(np.count_nonzero(plans.founds))
    firms = state.firms()
    begin(
        chance=model.chance,
        people=people,
        plans=plans,
        first=first,
        firms=firms,
        surroundings=Surroundings(
            knowledge=knowledge,
            burden=model.levers.burden,
            knowhow=model.params["knowhow"].founders_share * people.carried[plans.person],
        ),
        params=params,
    )
    pay_in(people=people, plans=plans, first=first, firms=firms, params=params, flows=state.flows)
    release(state, plans.person[plans.leaves])
    new, payer = startups.used[first:], model.levers.payer["seed_grant"]
    if payer != NOBODY:
        amounts = model.levers.seed_grant[new.origin].astype(np.int64)  # in the order of founding
        new.cash += grant(state, payer, amounts, Sector.STARTUPS)
    return np.arange(first, startups.count), plans.comes_from[plans.founds]


def _outlook(model, places):
    """What all who weigh founding reckon with."""
    migration, added = model.params["migration"], model.levers.visa_quarters[Origin.FOREIGN]
    return Outlook(
        setup_saving=laboratories.setup_saving(model),
        forgiveness=Forgiveness(debt=model.foreseen.debt, stigma=model.foreseen.stigma),
        renewal=migration.visa_renewal,
        term=migration.visa_quarters + added,
        value=places.value,
        elsewhere=rivals.added_generosity(model.state.rivals.used, model.city.rivals.generosity),
    )


def _undecided(persons):
    """Plans of the persons in slots `persons` before they choose."""
    n = len(persons)
    nobody = np.full(n, NOBODY)
    return Plans(
        person=persons,
        sector=np.zeros(n, np.int64),
        founds=np.zeros(n, np.bool_),
        leaves=np.zeros(n, np.bool_),
        comes_from=np.zeros(n, np.int64),
        partner_1=nobody,
        partner_2=nobody.copy(),
    )
