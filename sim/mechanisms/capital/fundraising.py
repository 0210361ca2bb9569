"""Limited partners commit to funds; venture firms enter, raise the next fund, or give up.

Each LP of wealth W wants an exposure of

    target x W x trend of national fund-raising x e^(sensitivity (expected multiple - required multiple))

and commits a part of the gap to what it has (net asset value and unfunded promises) each quarter, more where the
climate is above that trend. It splits this over funds that raise, by logit in reputation, affinity of kind, concession
and size. What it promises lies in its purse, so a capital call never fails.

A firm raises its next fund when the last is mostly invested. A fund closes at its target, or after some quarters with
what it has if that is enough; otherwise the promises are void. The guidance fund joins up to its cap, on its terms:
private firms of high standing take its money less often (Colonnelli, Li and Liu 2024). Its local duty binds firms from
outside alone, which would have invested elsewhere: a multiple of the guidance money comes home, from what the fund's
other partners hold elsewhere. That is on top of what they want to hold here; local firms meet the duty by what they do
anyway.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import environment
from sim.world import draws
from sim.world.accounts import Transaction, pay, recover, spend
from sim.world.draws import Decision, exp, gumbel, log, normal_quantile
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, GPKind, LPKind, Sector, Stage

FUND_NUMBERS = 64  # identities of a firm's funds
TICKET_NUMBERS = 64  # draws of an LP's tickets in a quarter
DRAWS_PER_ENTRANT = 3.0  # chances of entry for each firm expected, so that the number of entrants varies
UNIT = 1e9  # yuan in which targets are compared; another one would change no choice
LARGEST_CAP = 0.95  # of a fund: caps of several policies add up, and others have to be in it too


class Params(NamedTuple):
    lp_wealth: float
    lp_private: float
    lp_corporate: float
    lp_foreign: float
    lp_state: float
    target_allocation: float
    allocation_speed: float
    return_sensitivity: float
    required_multiple: float
    tickets: float
    reputation_weight: float
    affinity: float
    affinity_private: tuple
    affinity_corporate: tuple
    affinity_foreign: tuple
    affinity_state: tuple
    size_weight: float
    smallest_promise: float
    choice_noise: float
    concession_weight: float
    fund_size: float
    fund_size_sd: float
    size_reputation: float
    fund_life_quarters: float
    fee: float
    carry: float
    hurdle: float
    reserve: float
    raise_when_invested: float
    raise_when_quarters: float
    close_after_quarters: float
    close_share: float
    fail_after_quarters: float
    entry_local: float
    entry_outside: float
    rent_exponent: float
    give_up: float
    gp_noise: float
    gp_noise_sd: float
    partners: float
    partners_elasticity: float
    guidance_acceptance: float
    guidance_dislike: float
    guidance_begun: float
    smallest_guidance: float
    foreign_share: float
    state_share: float
    corporate_share: float
    stage_mix: tuple
    stage_log_size: tuple


class Climate(NamedTuple):
    """National fund-raising as partners see it, each an index."""

    now: float  # 2019 = 1
    trend: float  # mean of five years around the quarter
    foreign_capital: float  # 2019 = 1


# ---------------------------------------------------------------- venture firms


def enter(state, params, map_, conditions, chance, scale):
    """New venture firms open: in the city and outside, in proportion to the fund-raising climate."""
    seed, quarter = chance
    for local, rate in ((1, params.entry_local), (0, params.entry_outside)):
        expected = rate * conditions.fundraising * scale / 4.0
        chances = int(DRAWS_PER_ENTRANT * expected) + 1
        identities = np.int64(quarter) << 20 | local << 16 | np.arange(chances)
        for identity in identities[draws.uniforms(seed, Decision.ENTER, quarter, identities) < expected / chances]:
            add_firm(state, params, map_, identity, local, chance, conditions.foreign_capital)


def _office_distribution(districts, params):
    """Where venture firms have their offices, by a power of office rents: cumulative chance, float64[districts]."""
    weight = np.cumsum(districts.office_rent**params.rent_exponent)
    return weight / weight[-1]


def add_firm(state, params, map_, identity, local, chance, foreign_capital):
    """One venture firm with number `identity`; what it is follows from the number. Returns its slot."""
    u = draws.several(chance.seed, Decision.FOCUS, 0, identity, 11)
    foreign = params.foreign_share * foreign_capital
    kinds = np.cumsum(
        [
            1.0 - foreign - params.state_share - params.corporate_share,
            foreign,
            params.state_share,
            params.corporate_share,
        ]
    )
    kind = GPKind(int(np.searchsorted(kinds[:-1], u[0], side="right")))
    ideas = np.cumsum(state.sectors.used.ideas)
    focus = [int(np.searchsorted(ideas[:-1] / ideas[-1], luck, side="right")) for luck in u[1:4]]
    stage = int(np.searchsorted(np.cumsum(params.stage_mix)[:-1], u[4], side="right"))
    low, high = ((Stage.SEED, Stage.A), (Stage.A, Stage.C), (Stage.B, Stage.D))[stage]
    weight = _office_distribution(state.districts.used, params)
    district = int(np.searchsorted(weight[:-1], u[5], side="right"))
    size = params.fund_size_sd * normal_quantile(u[9])
    return state.gps.append(
        id=identity,
        kind=kind,
        local=local,
        born=chance.quarter,
        cell=map_.draw_cells(np.array([district]), np.array([u[6]]))[0] if local else NOBODY,
        district=district if local else NOBODY,
        log_size=size + params.stage_log_size[stage],
        noise=params.gp_noise * exp(params.gp_noise_sd * normal_quantile(u[10])),
        focus_1=focus[0],
        focus_2=focus[1],
        focus_3=focus[2],
        stage_low=low,
        stage_high=high,
        partners=team(exp(size + params.stage_log_size[stage]), low, params),
        registered=u[7],
        time=u[8],
    )


def team(money, stage_low, params):
    """Partners of a firm with `money`, in median funds: fees pay them, so that more money is more of them, and more
    deals.
    """
    relative = log(money) - params.stage_log_size[stage_low - Stage.SEED]
    return max(1, int(params.partners * exp(params.partners_elasticity * relative) + 0.5))


def cheque(committed, reserve, partners, rate, quarters):
    """What a fund plans for each new company, yuan: its money but for reserves, over the companies that its partners
    can take on while it invests.

    `rate` is companies a partner and quarter, `quarters` how long the fund invests.
    """
    return int((1.0 - reserve) * committed / max(rate * partners * quarters, 1.0))


def open_funds(state, params, quarter):
    """Firms whose fund is mostly invested, and new ones, begin to raise the next; those who failed often give up."""
    gps = state.gps.used
    idle = (gps.ended == NEVER) & (gps.raising == NOBODY) & (gps.patient == NOBODY)
    gps.ended[idle & (gps.fund == NOBODY) & (gps.failed_raises >= params.give_up)] = quarter
    for i in np.flatnonzero(idle & (gps.ended == NEVER) & ~_invests(state, params, quarter)):
        gp = state.gps.row(i)
        size = params.fund_size * exp(gp["log_size"] + params.size_reputation * gp["reputation"])
        gp["raising"] = state.funds.append(
            id=gp["id"] * FUND_NUMBERS + gp["funds"],
            gp=i,
            number=gp["funds"],
            kind=gp["kind"],
            opened=quarter,
            life=int(params.fund_life_quarters),
            target=int(size),
            reserve=params.reserve,
            fee=params.fee / 4.0,
            carry=params.carry,
            hurdle=params.hurdle,
        )


def _invests(state, params, quarter):
    """Whether each venture firm still has enough of its fund left, and of the time to invest it, bool[firms]."""
    invests = state.gps.used.fund != NOBODY
    fund = state.funds.rows[state.gps.used.fund[invests]]
    spent = fund.new_invested >= params.raise_when_invested * (1.0 - fund.reserve) * fund.committed
    invests[invests] = ~spent & (quarter - fund.vintage < params.raise_when_quarters)
    return invests


# ---------------------------------------------------------------- commitments


@shared
def wanted_exposure(lp, trend, params):
    """Exposure to venture capital that an LP wants where national fund-raising is at `trend`, yuan."""
    return lp.target * lp.wealth * trend * exp(params.return_sensitivity * (lp.expected - params.required_multiple))


@shared
def affinity(lp_kind, gp_kind, params):
    """How well money and manager go together: 1 where they are of one kind, less where they hardly meet."""
    if lp_kind == LPKind.FOREIGN:
        return params.affinity_foreign[gp_kind]
    if lp_kind == LPKind.STATE:
        return params.affinity_state[gp_kind]
    if lp_kind == LPKind.CORPORATE:
        return params.affinity_corporate[gp_kind]
    return params.affinity_private[gp_kind]


@shared
def _choose(lp, ticket, raising, chance, params, capital):
    """Fund that an LP likes best among those of `raising` that are still open, for its ticket of that number."""
    best, best_value = NOBODY, -np.inf
    for f in raising:
        fund = capital.funds[f]
        if fund.vintage != NEVER or fund.committed >= fund.target:
            continue
        gp = capital.gps[fund.gp]
        luck = gumbel(chance.seed, Decision.COMMIT, chance.quarter, fund.id, lp.id * TICKET_NUMBERS + ticket)
        value = (
            params.reputation_weight * gp.reputation
            + params.affinity * affinity(lp.kind, gp.kind, params)
            + params.concession_weight * fund.concession
            + params.size_weight * log(fund.target / UNIT)
            + params.choice_noise * luck
        )
        if value > best_value:
            best, best_value = f, value
    return best


@kernel
def _commit(chance, raising, climate, params, capital, books):
    """LPs split what they want to add over the funds that raise, slots int64[raising]."""
    tickets = np.int64(params.tickets)
    for slot in range(len(capital.lps)):
        lp = capital.lps[slot]
        if lp.kind == LPKind.GUIDANCE:
            continue
        trend = climate.trend * climate.foreign_capital if lp.kind == LPKind.FOREIGN else climate.trend
        gap = max(0.0, wanted_exposure(lp, trend, params) + lp.brought - lp.nav - lp.unfunded)
        ticket = np.int64(params.allocation_speed * (climate.now / climate.trend) * gap) // tickets
        if ticket < params.smallest_promise:
            continue
        for number in range(tickets):
            f = _choose(lp, number, raising, chance, params, capital)
            if f == NOBODY:
                return
            room = capital.funds.target[f] - capital.funds.committed[f]
            promise(f=f, slot=slot, amount=min(ticket, room), quarter=chance.quarter, capital=capital)
            _set_aside(lp, books)


@shared
def _set_aside(lp, books):
    """What an LP has promised it takes from its other assets into its purse."""
    short = lp.unfunded - lp.cash
    if short > 0:
        lp.cash += short
        books.treasury.world[0] -= short
        pay(books.flows, Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS, short)


@kernel
def promise(f, slot, amount, quarter, capital):
    """The LP in `slot` promises `amount` yuan to fund f."""
    fund, lp, count = capital.funds[f], capital.lps[slot], capital.commitments_count
    row = capital.commitments[count[0]]
    row.lp, row.fund, row.quarter, row.amount = slot, f, quarter, amount
    row.next = fund.first_commitment
    fund.first_commitment = count[0]
    count[0] += 1
    fund.committed += amount
    lp.unfunded += amount
    _count_kind(fund, lp.kind, amount)


@shared
def _count_kind(fund, kind, amount):
    """A fund notes from which kind of LP a promise came."""
    if kind == LPKind.PRIVATE:
        fund.private += amount
    elif kind == LPKind.CORPORATE:
        fund.corporate += amount
    elif kind == LPKind.FOREIGN:
        fund.foreign += amount
    elif kind == LPKind.STATE:
        fund.state += amount
    else:
        fund.guidance += amount


@kernel
def _bring_home(f, amount, capital, books):
    """The partners of fund f but the guidance fund raise their promises pro rata by `amount` yuan, from what they hold
    elsewhere, and the target rises with them.
    """
    fund, brought = capital.funds[f], 0
    others = fund.committed - fund.guidance
    row = fund.first_commitment
    while row != NOBODY:
        promised = capital.commitments[row]
        lp = capital.lps[promised.lp]
        if lp.kind != LPKind.GUIDANCE:
            more = np.int64(amount * (promised.amount / others))
            promised.amount += more
            lp.unfunded += more
            lp.brought += more
            brought += more
            _count_kind(fund, lp.kind, more)
            _set_aside(lp, books)
        row = promised.next
    fund.committed += brought
    fund.target += brought


def guide(state, levers, params, chance):
    """The guidance fund joins funds that raise, in the order of their tilt, while its purse and its pace allow."""
    payer = levers.payer["guidance_pace"]
    if payer == NOBODY:
        return
    willing = _willing(state, levers.guidance_tilt, params, chance.seed)
    state.commitments.reserve(len(willing))
    capital, books = state.capital(), state.books()
    room, cap = int(levers.guidance_pace * capital.purses.cash[payer]), min(levers.guidance_cap, LARGEST_CAP)
    for f in willing:
        fund = capital.funds[f]
        amount = min(int(cap / (1.0 - cap) * fund.committed), room)
        if amount < params.smallest_guidance:
            continue
        room -= amount
        promise(f=f, slot=state.guidance_lp, amount=amount, quarter=chance.quarter, capital=capital)
        fund.concession = levers.guidance_concession
        fund.duty = levers.guidance_duty
        fund.target += amount
        if not capital.gps.local[fund.gp]:
            _bring_home(f=f, amount=int(fund.duty * amount), capital=capital, books=books)
        capital.lps.cash[state.guidance_lp] += spend(
            state, payer, amount, Transaction.GUIDANCE, payee=Sector.LPS, takers=1
        )


def _willing(state, tilt, params, seed):
    """Slots of the funds that raise, have begun well and take public money, in the order of the guidance fund's
    tilt.
    """
    funds, gps = state.funds.used, state.gps.used
    raising = np.flatnonzero(
        (funds.vintage == NEVER)
        & (funds.ended == NEVER)
        & (funds.guidance == 0)
        & (funds.committed >= params.guidance_begun * funds.target)
    )
    fund, gp = funds[raising], gps[funds.gp[raising]]
    dislike = np.where(gp.kind == GPKind.STATE, 0.0, params.guidance_dislike * np.maximum(0.0, gp.reputation))
    accepts = draws.uniforms(seed, Decision.RAISE, 0, fund.id) < 1.0 / (
        1.0 + draws.exps(dislike - params.guidance_acceptance)
    )
    weight = np.maximum(np.maximum(tilt[gp.focus_1], tilt[gp.focus_2]), tilt[gp.focus_3])
    order = np.lexsort((fund.id, -weight))
    return raising[order][(accepts & (gp.kind != GPKind.PRIVATE_DOLLAR))[order]]


def close_funds(state, params, rate, quarter):
    """Funds that have enough close and begin to invest; those that never will are given up and their promises are
    void.
    """
    funds, gps, lps = state.funds.rows, state.gps.rows, state.lps.rows
    raising = np.flatnonzero(gps.raising[: state.gps.count] != NOBODY)
    fund = funds[gps.raising[raising]]
    age = quarter - fund.opened
    enough = (fund.committed >= params.close_share * fund.target) & (age >= params.close_after_quarters)
    closes = enough | (fund.committed >= fund.target)
    closing, failing = raising[closes], raising[~closes & (age >= params.fail_after_quarters)]
    funds.vintage[gps.raising[closing]] = quarter
    gps.fund[closing] = gps.raising[closing]
    gps.failed_raises[closing] = 0
    for g in closing:
        f = gps.fund[g]
        gps.partners[g] = team(funds.committed[f] / params.fund_size, gps.stage_low[g], params)
        funds.cheque[f] = cheque(
            funds.committed[f], funds.reserve[f], gps.partners[g], rate, params.raise_when_quarters
        )
    for i in failing:
        fund = state.funds.row(gps.raising[i])
        fund["ended"] = quarter
        row = fund["first_commitment"]
        while row != NOBODY:
            promised = state.commitments.row(row)
            lps.unfunded[promised["lp"]] -= promised["amount"]
            row = promised["next"]
        for kind in ("committed", "private", "corporate", "foreign", "state", "guidance"):
            fund[kind] = 0
    gps.failed_raises[failing] += 1
    for over in (closing, failing):
        gps.raising[over] = NOBODY
        gps.funds[over] += 1


@kernel
def _take_home(lps, books):
    """Money of LPs beyond their promises goes back to their other assets."""
    for slot in range(len(lps)):
        lp = lps[slot]
        spare = lp.cash - lp.unfunded
        if spare > 0 and lp.kind != LPKind.GUIDANCE:
            lp.cash -= spare
            books.treasury.world[0] += spare
            pay(books.flows, Transaction.LP_ALLOCATION, Sector.LPS, Sector.WORLD, spare)


def return_guidance(state, payer):
    """What funds paid back to the guidance fund returns to its purse."""
    lp = state.lps.rows[state.guidance_lp]
    spare = int(lp.cash - lp.unfunded)
    if spare > 0 and payer != NOBODY:
        lp.cash -= spare
        recover(state, payer, spare, Transaction.GUIDANCE, Sector.LPS)


def rebalance(model):
    """At the end of the quarter partners take home what their promises do not need."""
    state = model.state
    _take_home(lps=state.lps.used, books=state.books())
    return_guidance(state, model.levers.payer["guidance_pace"])


def raise_funds(model):
    """Venture firms enter and raise, LPs and the guidance fund commit, funds close."""
    state, params, quarter, chance = model.state, model.params["fundraising"], model.quarter, model.chance
    conditions = model.conditions
    enter(state, params, model.map, conditions, chance, model.scale)
    open_funds(state, params, quarter)
    funds = state.funds.used
    state.commitments.reserve(state.lps.count * int(params.tickets))
    _commit(
        chance=chance,
        raising=np.flatnonzero((funds.vintage == NEVER) & (funds.ended == NEVER)),
        climate=Climate(
            conditions.fundraising, environment.trend(model.city, "fundraising", quarter), conditions.foreign_capital
        ),
        params=params,
        capital=state.capital(),
        books=state.books(),
    )
    state.lps.used.brought *= 1.0 - 1.0 / params.fund_life_quarters
    guide(state, model.levers, params, chance)
    close_funds(state, params, model.params["funding"].new_deals_per_partner, quarter)
