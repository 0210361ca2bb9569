"""Venture firms: they enter, hire partners out of their fees, raise the next fund when the last is placed, or give up.

    next fund = ambition x what the last one placed in the time that a fund is to be placed in
                x e^(size_return (log multiple - that of its cohort)),   within limits of the last one's size

A fund closes at its target, or after some quarters with what it has if that is enough; otherwise the promises are void.
"""

import numpy as np

from sim.mechanisms.capital.pace import cheque, placeable
from sim.world import draws
from sim.world.draws import Decision, exp, log, normal_quantile, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, GPKind, Stage

FUND_NUMBERS = 64  # identities of a firm's funds
DRAWS_PER_ENTRANT = 3.0  # chances of entry for each firm expected, so that the number of entrants varies
COHORT = 8  # quarters, on either side of a fund's closing, of those that it is held against
LEAST_MULTIPLE = 0.1  # of a fund, where its log is taken


def enter(state, params, map_, conditions, chance, scale):
    """New venture firms open: in the city and outside, in proportion to the fund-raising climate."""
    for local, rate in ((1, params.entry_local), (0, params.entry_outside)):
        expected = rate * conditions.fundraising * scale / 4.0
        for identity in _entrants(chance=chance, expected=expected, local=local):
            add_firm(state, params, map_, identity, local, chance, conditions.foreign_capital)


@kernel
def _entrants(chance, expected, local):
    """Identities of the venture firms that enter where so many are `expected`, int64[n]."""
    chances = int(DRAWS_PER_ENTRANT * expected) + 1
    entrants, n = np.empty(chances, np.int64), 0
    for k in range(chances):
        entrants[n] = chance.quarter << 20 | local << 16 | k
        n += uniform(chance.seed, Decision.ENTER, chance.quarter, entrants[n], 0) < expected / chances
    return entrants[:n]


def _office_distribution(districts, params):
    """Where venture firms have their offices, by a power of office rents: cumulative chance, float64[districts]."""
    weight = np.cumsum(draws.powers(districts.office_rent, params.rent_exponent))
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
        partners=params.partners,
        registered=u[7],
        time=u[8],
    )


@kernel
def hire_partners(gps, params, cost):
    """Venture firms hire partners out of their fees, with a lag; `cost` of a partner a quarter, yuan."""
    for g in range(len(gps)):
        gp = gps[g]
        if gp.patient == NOBODY and gp.last_fund != NOBODY:  # before the first fund there are no fees
            wanted = max(1.0, params.fees_for_partners * gp.fee_income / cost)
            gp.partners += params.hiring_speed * (wanted - gp.partners)


def next_size(state, gp, params, level, quarter):
    """Yuan that the next fund of a venture firm is announced with: what the last one placed in the time that a fund is
    to be placed in, more where it did better than its cohort; a first one follows the firm's kind.
    """
    if gp["last_fund"] == NOBODY:
        return params.ambition * level * params.fund_size * exp(gp["log_size"])
    fund = state.funds.row(gp["last_fund"])
    placed = fund["invested"] / max(quarter - fund["vintage"], 1) * params.placing_quarters / params.placed_share
    better = params.size_return * (log(multiple_of(fund)) - _cohort(state, fund))
    low, high = params.least_growth * fund["committed"], params.most_growth * fund["committed"]
    return params.ambition * min(max(placed * exp(better), low), high)


def multiple_of(fund):
    """What a fund has returned and is worth on paper over what it has called, not below a floor."""
    return max((fund["distributed"] + fund["nav"]) / max(fund["called"], 1), LEAST_MULTIPLE)


@kernel
def _multiples_near(funds, vintage):
    """What the funds that closed near a quarter have returned and are worth over what they have called, float64[n]."""
    n, multiples = 0, np.empty(len(funds))
    for i in range(len(funds)):
        fund = funds[i]
        if fund.vintage != NEVER and abs(fund.vintage - vintage) <= COHORT and fund.called > 0:
            multiples[n] = (fund.distributed + fund.nav) / fund.called
            n += 1
    return multiples[:n]


def _cohort(state, fund):
    """Median log multiple of the funds that closed near a fund in time."""
    multiples = _multiples_near(funds=state.funds.used, vintage=fund["vintage"])
    if not len(multiples):
        return log(multiple_of(fund))
    return float(np.median(draws.logs(np.maximum(multiples, LEAST_MULTIPLE))))


def open_funds(state, params, pace, level, quarter):
    """Firms whose fund is mostly invested, and new ones, begin to raise the next; those who failed often give up."""
    for i in _ready(gps=state.gps.used, funds=state.funds.used, params=params, pace=pace, quarter=quarter):
        gp = state.gps.row(i)
        size = next_size(state, gp, params, level, quarter)
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


@kernel
def _ready(gps, funds, params, pace, quarter):
    """Slots of the firms that begin to raise a fund; those who give up end."""
    ready, n = np.empty(len(gps), np.int64), 0
    for g in range(len(gps)):
        gp = gps[g]
        if gp.ended != NEVER or gp.raising != NOBODY or gp.patient != NOBODY:
            continue
        if gp.fund == NOBODY and gp.failed_raises >= params.give_up:
            gp.ended = quarter
        elif gp.fund == NOBODY or not _invests(funds[gp.fund], params, pace, quarter):
            ready[n] = g
            n += 1
    return ready[:n]


@shared
def _invests(fund, params, pace, quarter):
    """Whether enough of a fund is left, and of the time to invest it."""
    spent = fund.new_invested >= params.raise_when_invested * placeable(fund.committed, fund.reserve, pace)
    return not spent and quarter - fund.vintage < params.raise_when_quarters


@shared
def _close(g, quarter, capital, pace):
    """The fund that a firm raises closes and begins to invest."""
    gp = capital.gps[g]
    fund = capital.funds[gp.raising]
    fund.vintage, fund.cheque = quarter, cheque(fund.committed, fund.reserve, pace)
    gp.fund, gp.last_fund, gp.failed_raises = gp.raising, gp.raising, 0


@shared
def _give_up(g, quarter, capital):
    """The fund that a firm raises is given up, and what was promised to it is void."""
    gp, lps = capital.gps[g], capital.lps
    fund = capital.funds[gp.raising]
    fund.ended = quarter
    row = fund.first_commitment
    while row != NOBODY:
        promised = capital.commitments[row]
        lps.unfunded[promised.lp] -= promised.amount
        lps.brought[promised.lp] = max(0, lps.brought[promised.lp] - promised.brought)
        row = promised.next
    fund.committed, fund.private, fund.corporate, fund.foreign, fund.state, fund.guidance = 0, 0, 0, 0, 0, 0
    gp.failed_raises += 1


@kernel
def _decide(quarter, capital, params, pace):
    """Each firm that raises a fund closes it, gives it up, or goes on."""
    for g in range(len(capital.gps)):
        gp = capital.gps[g]
        if gp.raising == NOBODY:
            continue
        fund = capital.funds[gp.raising]
        age = quarter - fund.opened
        enough = fund.committed >= params.close_share * fund.target and age >= params.close_after_quarters
        closes = enough or fund.committed >= fund.target
        if not closes and age < params.fail_after_quarters:
            continue
        if closes:
            _close(g, quarter, capital, pace)
        else:
            _give_up(g, quarter, capital)
        gp.raising = NOBODY
        gp.funds += 1


def close_funds(state, params, pace, quarter):
    """Funds that have enough close and begin to invest; those that never will are given up and their promises are
    void.
    """
    _decide(quarter=quarter, capital=state.capital(), params=params, pace=pace)
