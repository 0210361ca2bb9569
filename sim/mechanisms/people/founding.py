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
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, logistic, normal, power, uniform, uniforms_at
from sim.world.kernel import equation, kernel
from sim.world.kinds import NEVER, NOBODY, Experience, Life, Sector, Status

SHARES = 10_000_000  # of a new company
FIRST_TIME, FAILED_BEFORE, SUCCEEDED_BEFORE = map(int, Experience)  # numba indexes arrays by plain integers only


class Params(NamedTuple):
    idea_rate: float
    knowledge_elasticity: float
    knowledge_reference: float
    inventor_effect: float
    spawn_factor: float
    horizon_years: float
    risk_aversion: float
    taste: float
    noise: float
    stipend: float
    stake_share: float
    stake_cap: float
    claims_share: float
    debt_years: float
    stigma: float
    setup_cost: float
    lab_cost: float
    odds_reference: float
    skill_weight: float
    match_bonus: float
    knowledge_bonus: float
    success_bonus: float
    failure_bonus: float
    partner_bonus: float
    partner_share: float
    team_chance: float
    market_sd: float
    market_median: float
    traction_gap: float
    traction_sd: float
    first_hope: float
    founder_share_at_exit: float
    experience_taste: float


@equation
def certainty_equivalent(good, lost, owing, chance, claims, aversion):
    """Sure wealth worth as much as `good` with `chance`, else `owing` in a share `claims` of cases and `lost` in the
    rest; CRRA, `aversion` != 1; yuan.
    """
    curve = 1.0 - aversion
    failure = claims * power(owing, curve) + (1.0 - claims) * power(lost, curve)
    return power(chance * power(good, curve) + (1.0 - chance) * failure, 1.0 / curve)


@equation
def chance_to_found(wealth, wage, belief, prize, setup, claims, debt, stigma, taste, params):
    """Chance that a person with an idea founds. Money in yuan, `wage` a year, `prize` the founder's part of a success.

    A share `claims` of failures leaves a debt of `debt` yearly wages and costs `stigma` of the wage.
    """
    earned = params.horizon_years * wage
    sure = wealth + earned
    stake = min(params.stake_share * wealth, params.stake_cap)
    good = wealth + params.stipend * earned + prize
    lost = max(wealth + params.stipend * earned - stake, 0.1 * wage)
    owing = max(lost - debt * wage - stigma * earned, 0.1 * wage)
    liquidity = min(1.0, stake / setup)
    venture = certainty_equivalent(good, lost, owing, min(belief * liquidity, 0.95), claims, params.risk_aversion)
    return logistic((log(venture) - log(sure) + taste) / params.noise)


@kernel
def experience_of(ventures, successes):
    """Experience of a founder with so many ventures and successes."""
    if successes > 0:
        return SUCCEEDED_BEFORE
    return FAILED_BEFORE if ventures > 0 else FIRST_TIME


@kernel
def quality_of(luck, skill, same_field, knowledge, experience, partners, params):
    """Latent quality of a venture in standard deviations."""
    w = params.skill_weight
    bonus = 0.0
    if experience == Experience.SUCCEEDED_BEFORE:
        bonus = params.success_bonus
    elif experience == Experience.FAILED_BEFORE:
        bonus = params.failure_bonus
    return (
        power(1.0 - w, 0.5) * luck
        + power(w, 0.5) * skill
        + params.match_bonus * same_field
        + params.knowledge_bonus * knowledge
        + bonus
        + params.partner_bonus * partners
    )


@kernel
def _chance_of_idea(status, field, home, efficiency, spawn_until, quarter, rate, spawn_factor, chance):
    for i in range(len(status)):
        chance[i] = 0.0
        if status[i] == Status.EMPLOYED or status[i] == Status.OUT:
            chance[i] = rate[home[i], field[i]] * efficiency[i]
            if spawn_until[i] >= quarter:
                chance[i] *= spawn_factor


@kernel
def _have_ideas(seed, quarter, ids, chance, has):
    for i in range(len(ids)):
        has[i] = uniform(seed, Decision.IDEA, quarter, ids[i], 0) < chance[i]


@kernel
def _choose(
    seed,
    quarter,
    people,
    ids,
    fields,
    seconds,
    home,
    origin,
    efficiency,
    skill,
    wealth,
    debt,
    ventures,
    successes,
    belief_success,
    belief_failure,
    sectors,
    params,
    levers_debt,
    levers_stigma,
    setup_saving,
    chosen,
    sector_of,
):
    """Who of those with an idea founds, and in which sector."""
    odds, prize = np.empty(len(sectors)), np.empty(len(sectors))
    for s in range(len(sectors)):
        odds[s] = min(2.0, power(sectors.odds[s] / params.odds_reference, 0.5))
        prize[s] = params.founder_share_at_exit * exp(sectors.prize[s])
    n = len(people)
    luck, field_luck = (
        uniforms_at(seed, Decision.FOUND, quarter, ids, people, 0),
        uniforms_at(seed, Decision.FOUND, quarter, ids, people, 1),
    )
    own, wage, belief, taste = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    their_prize, their_setup, claims, owed, stigma = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        i = people[k]
        s = fields[i] if field_luck[k] < 0.75 else seconds[i]
        sector_of[k] = s
        own[k] = max(wealth[i] - debt[i], 1)
        wage[k] = 4.0 * sectors.wage[s] * efficiency[i]
        belief[k] = belief_success[i] / (belief_success[i] + belief_failure[i]) * odds[s]
        their_prize[k] = prize[s]
        their_setup[k] = params.setup_cost + params.lab_cost * sectors.lab_need[s] * (
            1.0 - setup_saving[home[i], s, origin[i]]
        )
        taste[k] = params.taste + params.experience_taste if ventures[i] > 0 else params.taste
        past = experience_of(ventures[i], successes[i])
        claims[k], owed[k], stigma[k] = (
            sectors.claims[s],
            sectors.debt_years[s] * levers_debt[past],
            params.stigma * levers_stigma[past],
        )
    for k in range(n):  # of equations alone, so that it is vectorised
        chosen[k] = luck[k] < chance_to_found(
            own[k], wage[k], belief[k], their_prize[k], their_setup[k], claims[k], owed[k], stigma[k], taste[k], params
        )


@kernel
def _find_partners(seed, quarter, people, chosen, sector_of, ids, sectors, share, team_chance, partner_1, partner_2):
    """Those who weighed founding and did not may join the next founder of the sector; a team has up to three."""
    waiting = np.full((sectors, 2), NOBODY)  # the latest two who would join, by sector
    join_luck = uniforms_at(seed, Decision.TEAM, quarter, ids, people, 0)
    for k in range(len(people)):
        i = people[k]
        s = sector_of[k]
        if not chosen[k]:
            if join_luck[k] < share:
                waiting[s, 1] = waiting[s, 0]
                waiting[s, 0] = i
            continue
        luck = uniform(seed, Decision.TEAM, quarter, ids[i], 1)
        if luck < team_chance:
            partner_1[k] = waiting[s, 0]
            waiting[s, 0] = waiting[s, 1]
            waiting[s, 1] = NOBODY
        if luck < team_chance * team_chance:
            partner_2[k] = waiting[s, 0]
            waiting[s, 0] = NOBODY


@kernel
def _begin(
    seed,
    quarter,
    people,
    sector_of,
    partner_1,
    partner_2,
    first_slot,
    startups,
    persons_id,
    status,
    employer,
    origin,
    skill,
    field,
    home,
    wealth,
    ventures,
    successes,
    sectors,
    corporates,
    district_knowledge,
    burden,
    params,
    flows,
):
    """New startups take their founders, their founders' stake and their luck."""
    for k in range(len(people)):
        i = people[k]
        s = sector_of[k]
        sector = sectors[s]
        firm = startups[first_slot + k]
        firm.founder = i
        firm.founder_id = persons_id[i]
        firm.attempt = ventures[i]
        firm.id = persons_id[i] * 16 + min(ventures[i], 15)
        firm.partner_1 = partner_1[k]
        firm.partner_2 = partner_2[k]
        firm.origin = origin[i]
        firm.experience = experience_of(ventures[i], successes[i])
        firm.skill = skill[i]
        firm.born = quarter
        firm.ended = NEVER
        firm.life = Life.ALIVE
        firm.sector = s
        identity = firm.id
        partners = int(partner_1[k] != NOBODY) + int(partner_2[k] != NOBODY)
        firm.quality = quality_of(
            normal(seed, Decision.QUALITY, 0, identity, 0),
            skill[i],
            1.0 if field[i] == s else 0.0,
            log(1.0 + district_knowledge[home[i], s] / params.knowledge_reference),
            firm.experience,
            partners,
            params,
        )
        firm.market = log(params.market_median) + params.market_sd * normal(seed, Decision.MARKET, 0, identity, 0)
        firm.traction = (
            firm.market - params.traction_gap + params.traction_sd * normal(seed, Decision.TRACTION, 0, identity, 0)
        )
        firm.hard_tech = uniform(seed, Decision.TAGS, 0, identity, 0) < sector.hard_tech
        firm.consumer = uniform(seed, Decision.TAGS, 0, identity, 1) < sector.consumer
        firm.business_share = min(
            max(sector.business_share + 0.2 * (uniform(seed, Decision.TAGS, 0, identity, 2) - 0.5), 0.0), 1.0
        )
        firm.export_share = sector.export_share
        firm.makes_here = 1
        firm.compliance = sector.regulatory_work * burden[s] * exp(-sector.trust)
        firm.noise = 1.0
        firm.effort = 0.0
        firm.hope = params.first_hope
        firm.shares = SHARES
        firm.founder_shares = SHARES
        firm.first_holding = NOBODY
        firm.last_round = NEVER
        firm.seeking = NEVER
        firm.redeemable = NEVER
        firm.sandbox_from = NEVER
        firm.sandbox_until = NEVER
        firm.sandbox_refused = NEVER
        firm.queued = NEVER
        firm.concept_from = firm.concept_refused = NEVER
        firm.accelerator_from = firm.accelerator_until = firm.accelerator_refused = NEVER
        firm.testbed_from = firm.testbed_until = firm.testbed_refused = NEVER
        firm.partner = NOBODY
        firm.partner_lost = firm.pilot_refused = NEVER
        stake = np.int64(min(params.stake_share * wealth[i], params.stake_cap))
        wealth[i] -= stake
        firm.cash = stake
        pay(flows, Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS, stake)
        _leave_job(i, first_slot + k, status, employer, startups, corporates, ventures)
        for partner in (partner_1[k], partner_2[k]):
            if partner != NOBODY:
                _leave_job(partner, first_slot + k, status, employer, startups, corporates, ventures)
                own = np.int64(min(params.stake_share * wealth[partner], params.stake_cap)) // 2
                wealth[partner] -= own
                firm.cash += own
                pay(flows, Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS, own)
        firm.burn = firm.cash // 8


@kernel
def _leave_job(i, slot, status, employer, startups, corporates, ventures):
    if status[i] == Status.EMPLOYED:
        if employer[i] >= 0:
            startups.headcount[employer[i]] -= 1
        else:
            corporates.headcount[-2 - employer[i]] -= 1
    status[i] = Status.FOUNDER
    employer[i] = slot
    ventures[i] += 1


def found(model):
    """People have ideas, weigh them against their wage, and some found; returns the slots of the new startups."""
    state, params, quarter, seed = model.state, model.params["founding"], model.quarter, model.seed
    persons, sectors = state.persons, state.sectors.used
    knowledge = model.district_knowledge
    local = draws.logs(1.0 + knowledge / params.knowledge_reference)
    without = draws.logs(1.0 + (1.0 - share_of_institutions(model)) * knowledge / params.knowledge_reference)
    owed = 1.0 - draws.exps(
        params.knowledge_elasticity * (without - local)
    )  # part of the ideas that institutions' knowledge gives
    spun_off = owed * (exp(params.inventor_effect * model.levers.inventor_share) - 1.0)
    rate = (
        params.idea_rate
        * sectors.ideas[None, :]
        * draws.exps(params.knowledge_elasticity * local)
        * model.levers.ideas
        * (1.0 + spun_off)
    )
    chance, has = np.empty(persons.count), np.zeros(persons.count, np.bool_)

    def one_block(part):
        _chance_of_idea(
            persons.status[part],
            persons.field[part],
            persons.home[part],
            persons.efficiency[part],
            persons.spawn_until[part],
            quarter,
            rate,
            params.spawn_factor,
            chance[part],
        )
        _have_ideas(seed, quarter, persons.id[part], chance[part], has[part])

    model.blocks(one_block, persons.count)
    people = np.flatnonzero(has)
    chosen, sector_of = np.zeros(len(people), np.bool_), np.zeros(len(people), np.int64)
    _choose(
        seed,
        quarter,
        people,
        persons.id,
        persons.field,
        persons.second_field,
        persons.home,
        persons.origin,
        persons.efficiency,
        persons.skill,
        persons.wealth,
        persons.debt,
        persons.ventures,
        persons.successes,
        persons.belief_success,
        persons.belief_failure,
        sectors,
        params,
        model.foreseen.debt,
        model.foreseen.stigma,
        laboratories.setup_saving(model),
        chosen,
        sector_of,
    )
    partner_1, partner_2 = np.full(len(people), NOBODY), np.full(len(people), NOBODY)
    _find_partners(
        seed,
        quarter,
        people,
        chosen,
        sector_of,
        persons.id,
        len(sectors),
        params.partner_share,
        params.team_chance,
        partner_1,
        partner_2,
    )
    state.tally.rows.considered[0] = len(people)
    founders = np.flatnonzero(chosen)
    first = state.startups.count
    state.startups.reserve(len(founders))
    state.startups.count += len(founders)
    _begin(
        seed,
        quarter,
        people[founders],
        sector_of[founders],
        partner_1[founders],
        partner_2[founders],
        first,
        state.startups.used,
        persons.id,
        persons.status,
        persons.employer,
        persons.origin,
        persons.skill,
        persons.field,
        persons.home,
        persons.wealth,
        persons.ventures,
        persons.successes,
        sectors,
        state.corporates.used,
        knowledge,
        model.levers.burden,
        params,
        state.flows,
    )
    _grant(state, model.levers, first)
    return np.arange(first, state.startups.count)


def _grant(state, levers, first):
    """Seed grants by the founder's origin, while the purse lasts, in the order of founding."""
    payer = levers.payer["seed_grant"]
    if payer == NOBODY:
        return
    purse = state.purses.rows[payer]
    new = state.startups.used[first:]
    amounts = levers.seed_grant[new.origin].astype(np.int64)
    covered = np.cumsum(amounts) <= purse.cash
    paid = np.where(covered, amounts, 0)
    new.cash += paid
    total = int(paid.sum())
    purse.cash -= total
    purse.spent += total
    purse.take_up += int((paid > 0).sum())
    pay(state.flows, Transaction.GRANT, Sector.GOVERNMENT, Sector.STARTUPS, total)
