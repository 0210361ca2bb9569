"""Limited partners commit to funds; venture firms enter, raise the next fund, or give up.

Each LP of wealth W wants an exposure of

    target x W x trend of national fund-raising x e^(sensitivity (expected multiple - required multiple))

and commits a part of the gap to what it has (net asset value and unfunded promises) each quarter, more
where the climate is above that trend. It
splits this over funds that raise, by logit in reputation, affinity of kind and concession. What it
promises lies in its purse, so a capital call never fails.

A firm raises its next fund when the last is mostly invested. A fund closes at its target, or after
a year with what it has if that is enough; otherwise the promises are void. The guidance fund joins
up to its cap, on its terms: private firms of high standing take its money less often (Colonnelli, Li
and Liu 2024). Its local duty binds firms from outside alone, which would have invested elsewhere: a multiple of the
guidance money comes home, from what the fund's other partners hold elsewhere. That is on top of what they
want to hold here; local firms meet the duty by what they do anyway.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import environment
from sim.world import draws
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, gumbel, log, normal_quantile
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, GPKind, LPKind, Sector, Stage

FUND_NUMBERS = 64  # identities of a firm's funds


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
    give_up: float
    gp_noise: float
    gp_noise_sd: float
    partners: float
    partners_elasticity: float
    guidance_acceptance: float
    guidance_dislike: float
    foreign_share: float
    state_share: float
    corporate_share: float
    stage_mix: tuple
    stage_log_size: tuple


# ---------------------------------------------------------------- venture firms


def enter(state, params, city, map_, conditions, quarter, seed, scale):
    """New venture firms open: in the city and outside, in proportion to the fund-raising climate."""
    districts = state.districts.used
    weight = np.cumsum(districts.office_rent**3)
    weight /= weight[-1]
    for local, rate in ((1, params.entry_local), (0, params.entry_outside)):
        expected = rate * conditions.fundraising * scale / 4.0
        chances = int(3.0 * expected) + 1
        identities = np.int64(quarter) << 20 | local << 16 | np.arange(chances)
        for identity in identities[draws.uniforms(seed, Decision.ENTER, quarter, identities) < expected / chances]:
            add_firm(state, params, map_, weight, identity, local, quarter, seed, conditions)


def add_firm(state, params, map_, weight, identity, local, quarter, seed, conditions):
    """One venture firm with number `identity`; what it is follows from the number. Returns its slot."""
    u = draws.several(seed, Decision.FOCUS, 0, identity, 11)
    foreign = params.foreign_share * conditions.foreign_capital
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
    focus = [int(np.searchsorted(ideas[:-1] / ideas[-1], u[k], side="right")) for k in (1, 2, 3)]
    stage = int(np.searchsorted(np.cumsum(params.stage_mix)[:-1], u[4], side="right"))
    low, high = ((Stage.SEED, Stage.A), (Stage.A, Stage.C), (Stage.B, Stage.D))[stage]
    district = int(np.searchsorted(weight[:-1], u[5], side="right"))
    size = params.fund_size_sd * normal_quantile(u[9])
    return state.gps.append(
        id=identity,
        kind=kind,
        local=local,
        patient=NOBODY,
        born=quarter,
        ended=NEVER,
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
        reputation=0.0,
        fund=NOBODY,
        raising=NOBODY,
        registered=u[7],
        time=u[8],
    )


def team(money, stage_low, params):
    """Partners of a firm with `money` in median funds:

    fees pay them, so that more money is more of them, and more deals.
    """
    relative = log(money) - params.stage_log_size[stage_low - Stage.SEED]
    return max(1, int(params.partners * exp(params.partners_elasticity * relative) + 0.5))


def cheque(committed, reserve, partners, rate, quarters):
    """What a fund plans for each new company, yuan:

    its money but for reserves, over the companies its partners can take on while it invests.
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
            vintage=NEVER,
            life=int(params.fund_life_quarters),
            ended=NEVER,
            target=int(size),
            reserve=params.reserve,
            fee=params.fee / 4.0,
            carry=params.carry,
            hurdle=params.hurdle,
            first_commitment=NOBODY,
        )


def _invests(state, params, quarter):
    """Whether each venture firm still has enough of its fund left, and of the time to invest it, bool[firms]."""
    invests = state.gps.used.fund != NOBODY
    fund = state.funds.rows[state.gps.used.fund[invests]]
    spent = fund.new_invested >= params.raise_when_invested * (1.0 - fund.reserve) * fund.committed
    invests[invests] = ~spent & (quarter - fund.vintage < params.raise_when_quarters)
    return invests


# ---------------------------------------------------------------- commitments


@kernel
def wanted_exposure(target, wealth, trend, expected, required, sensitivity):
    """Exposure to venture capital that an LP wants, yuan."""
    return target * wealth * trend * exp(sensitivity * (expected - required))


@kernel
def _affinity(lp_kind, gp_kind):
    """1 where money and manager are of one kind, 0 where they hardly meet."""
    if lp_kind == LPKind.FOREIGN:
        return 1.0 if gp_kind == GPKind.PRIVATE_DOLLAR else -2.0
    if gp_kind == GPKind.PRIVATE_DOLLAR:
        return -1.0
    if lp_kind == LPKind.STATE:
        return 1.0 if gp_kind == GPKind.STATE else 0.3
    if lp_kind == LPKind.CORPORATE:
        return 1.0 if gp_kind == GPKind.CORPORATE else 0.0
    return 0.6 if gp_kind == GPKind.PRIVATE_YUAN else 0.0


@kernel
def _commit(
    seed,
    quarter,
    lps,
    funds,
    gps,
    raising,
    commitments,
    count,
    climate,
    trend,
    foreign_capital,
    params,
    flows,
    treasury,
):
    """LPs split what they want to add over the funds that raise; returns the number of commitments in the table."""
    tickets = np.int64(params.tickets)
    for l in range(len(lps)):
        lp = lps[l]
        if lp.kind == LPKind.GUIDANCE:
            continue
        level = trend * foreign_capital if lp.kind == LPKind.FOREIGN else trend
        want = wanted_exposure(
            lp.target, lp.wealth, level, lp.expected, params.required_multiple, params.return_sensitivity
        )
        ticket = (
            np.int64(params.allocation_speed * (climate / trend) * max(0.0, want + lp.brought - lp.nav - lp.unfunded))
            // tickets
        )
        if ticket < 1_000_000:
            continue
        for t in range(tickets):
            best, best_value = NOBODY, -1e300
            for k in range(len(raising)):
                fund = funds[raising[k]]
                if fund.vintage != NEVER or fund.committed >= fund.target:
                    continue
                gp = gps[fund.gp]
                value = (
                    params.reputation_weight * gp.reputation
                    + params.affinity * _affinity(lp.kind, gp.kind)
                    + params.concession_weight * fund.concession
                    + 0.5 * log(fund.target / 1e9)
                    + params.choice_noise * gumbel(seed, Decision.COMMIT, quarter, fund.id, lp.id * 64 + t)
                )
                if value > best_value:
                    best, best_value = raising[k], value
            if best == NOBODY:
                return count
            amount = min(ticket, funds.target[best] - funds.committed[best])
            count = promise(best, l, amount, quarter, funds, lps, commitments, count)
            _set_aside(lp, flows, treasury)
    return count


@kernel
def _set_aside(lp, flows, treasury):
    """What an LP has promised it takes from its other assets into its purse."""
    short = lp.unfunded - lp.cash
    if short > 0:
        lp.cash += short
        treasury.world[0] -= short
        pay(flows, Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS, short)


@kernel
def promise(f, l, amount, quarter, funds, lps, commitments, count):
    """LP l promises `amount` to fund f; returns the number of commitments."""
    fund, lp, row = funds[f], lps[l], commitments[count]
    row.lp, row.fund, row.quarter, row.amount, row.called, row.distributed = l, f, quarter, amount, 0, 0
    row.next = fund.first_commitment
    fund.first_commitment = count
    fund.committed += amount
    lp.unfunded += amount
    _count_kind(fund, lp.kind, amount)
    return count + 1


@kernel
def _count_kind(fund, kind, amount):
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
def _bring_home(f, amount, funds, lps, commitments, flows, treasury):
    """The partners of fund f but the guidance fund raise their promises pro rata by `amount`, from what they hold
    elsewhere; returns how much.
    """
    fund, brought = funds[f], 0
    others = fund.committed - fund.guidance
    row = fund.first_commitment
    while row != NOBODY:
        c = commitments[row]
        lp = lps[c.lp]
        if lp.kind != LPKind.GUIDANCE:
            more = np.int64(amount * (c.amount / others))
            c.amount += more
            lp.unfunded += more
            lp.brought += more
            brought += more
            _count_kind(fund, lp.kind, more)
            _set_aside(lp, flows, treasury)
        row = c.next
    fund.committed += brought
    return brought


def guide(state, levers, params, quarter, seed):
    """The guidance fund joins funds that raise, in the order of their tilt, while its purse and its pace allow."""
    payer = levers.payer["guidance_pace"]
    if payer == NOBODY:
        return
    purse, slot = state.purses.rows[payer], state.guidance_lp
    lp = state.lps.rows[slot]
    room = int(levers.guidance_pace * purse.cash)
    funds, gps, cap = state.funds.used, state.gps.used, min(levers.guidance_cap, 0.95)
    for f in _willing(state, levers.guidance_tilt, params, seed):
        fund = funds[f]
        amount = min(int(cap / (1.0 - cap) * fund.committed), room)
        if amount < 5_000_000:
            continue
        room -= amount
        state.commitments.reserve(1)
        state.commitments.count = promise(
            f, slot, amount, quarter, funds, state.lps.rows, state.commitments.rows, state.commitments.count
        )
        fund.concession = levers.guidance_concession
        fund.duty = levers.guidance_duty
        fund.target += amount
        if not gps.local[fund.gp]:
            fund.target += _bring_home(
                f,
                int(fund.duty * amount),
                funds,
                state.lps.rows,
                state.commitments.rows,
                state.flows,
                state.treasury.rows,
            )
        purse.cash -= amount
        purse.spent += amount
        purse.take_up += 1
        lp.cash += amount
        pay(state.flows, Transaction.GUIDANCE, Sector.GOVERNMENT, Sector.LPS, amount)


def _willing(state, tilt, params, seed):
    """Slots of the funds that raise, have begun well and take public money, in the order of the guidance fund's tilt."""
    funds, gps = state.funds.used, state.gps.used
    raising = np.flatnonzero(
        (funds.vintage == NEVER)
        & (funds.ended == NEVER)
        & (funds.guidance == 0)
        & (funds.committed >= 0.2 * funds.target)
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
            promise = state.commitments.row(row)
            lps.unfunded[promise["lp"]] -= promise["amount"]
            row = promise["next"]
        for kind in ("committed", "private", "corporate", "foreign", "state", "guidance"):
            fund[kind] = 0
    gps.failed_raises[failing] += 1
    for over in (closing, failing):
        gps.raising[over] = NOBODY
        gps.funds[over] += 1


@kernel
def _rebalance(lps, flows, treasury):
    """Money of LPs beyond their promises goes back to their other assets."""
    for l in range(len(lps)):
        lp = lps[l]
        spare = lp.cash - lp.unfunded
        if spare > 0 and lp.kind != LPKind.GUIDANCE:
            lp.cash -= spare
            treasury.world[0] += spare
            pay(flows, Transaction.LP_ALLOCATION, Sector.LPS, Sector.WORLD, spare)


def recover(state, payer):
    """What the guidance fund's partners paid back returns to its purse."""
    lp = state.lps.rows[state.guidance_lp]
    spare = int(lp.cash - lp.unfunded)
    if spare > 0 and payer != NOBODY:
        lp.cash -= spare
        state.purses.rows.cash[payer] += spare
        state.purses.rows.recovered[payer] += spare
        pay(state.flows, Transaction.GUIDANCE, Sector.LPS, Sector.GOVERNMENT, spare)


def rebalance(model):
    """At the end of the quarter partners take home what their promises do not need."""
    state = model.state
    _rebalance(state.lps.used, state.flows, state.treasury.rows)
    recover(state, model.levers.payer["guidance_pace"])


def raise_funds(model):
    """Venture firms enter and raise, LPs and the guidance fund commit, funds close."""
    state, params, quarter, seed = model.state, model.params["fundraising"], model.quarter, model.seed
    conditions = model.conditions
    enter(state, params, model.city, model.map, conditions, quarter, seed, model.scale)
    open_funds(state, params, quarter)
    funds = state.funds.used
    raising = np.flatnonzero((funds.vintage == NEVER) & (funds.ended == NEVER))
    state.commitments.reserve(state.lps.count * int(params.tickets))
    state.commitments.count = _commit(
        seed,
        quarter,
        state.lps.used,
        funds,
        state.gps.used,
        raising,
        state.commitments.rows,
        state.commitments.count,
        conditions.fundraising,
        environment.trend(model.city, "fundraising", quarter),
        conditions.foreign_capital,
        params,
        state.flows,
        state.treasury.rows,
    )
    state.lps.used.brought *= 1.0 - 1.0 / params.fund_life_quarters
    guide(state, model.levers, params, quarter, seed)
    close_funds(state, params, model.params["funding"].new_deals_per_partner, quarter)
