"""Venture firms: they enter, hire partners out of their fees, raise the next fund when the last is placed, or give up.

    next fund = ambition x what the last one placed in the time that a fund is to be placed in
                x e^(size_return (log multiple - that of its cohort)),   within limits of the last one's size

A fund closes at its target, or after some quarters with what it has if that is enough; otherwise the promises are void.
"""

import numpy as np

from sim.mechanisms.capital.pace import cheque, placeable
from sim.world import draws
from sim.world.draws import Decision, exp, log, normal_quantile
from sim.world.kinds import NEVER, NOBODY, GPKind, Stage

FUND_NUMBERS = 64  # identities of a firm's funds
DRAWS_PER_ENTRANT = 3.0  # chances of entry for each firm expected, so that the number of entrants varies
COHORT = 8  # quarters, on either side of a fund's closing, of those that it is held against
LEAST_MULTIPLE = 0.1  # of a fund, where its log is taken


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
        partners=params.partners,
        registered=u[7],
        time=u[8],
    )


def hire_partners(gps, params, cost):
    """Venture firms hire partners out of their fees, with a lag; `cost` of a partner a quarter, yuan."""
    wanted = np.maximum(1.0, params.fees_for_partners * gps.fee_income / cost)
    private = (gps.patient == NOBODY) & (gps.last_fund != NOBODY)  # before the first fund there are no fees
    gps.partners[private] += params.hiring_speed * (wanted - gps.partners)[private]


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


def _cohort(state, fund):
    """Median log multiple of the funds that closed near a fund in time."""
    funds = state.funds.used
    peers = (funds.vintage != NEVER) & (abs(funds.vintage - fund["vintage"]) <= COHORT) & (funds.called > 0)
    if not peers.any():
        return log(multiple_of(fund))
    values = (funds.distributed[peers] + funds.nav[peers]) / funds.called[peers]
    return float(np.median(draws.logs(np.maximum(values, LEAST_MULTIPLE))))


def open_funds(state, params, pace, level, quarter):
    """Firms whose fund is mostly invested, and new ones, begin to raise the next; those who failed often give up."""
    gps = state.gps.used
    idle = (gps.ended == NEVER) & (gps.raising == NOBODY) & (gps.patient == NOBODY)
    gps.ended[idle & (gps.fund == NOBODY) & (gps.failed_raises >= params.give_up)] = quarter
    for i in np.flatnonzero(idle & (gps.ended == NEVER) & ~_invests(state, params, pace, quarter)):
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


def _invests(state, params, pace, quarter):
    """Whether each venture firm still has enough of its fund left, and of the time to invest it, bool[firms]."""
    invests = state.gps.used.fund != NOBODY
    fund = state.funds.rows[state.gps.used.fund[invests]]
    spent = fund.new_invested >= params.raise_when_invested * placeable(fund.committed, fund.reserve, pace)
    invests[invests] = ~spent & (quarter - fund.vintage < params.raise_when_quarters)
    return invests


def close_funds(state, params, pace, quarter):
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
    gps.last_fund[closing] = gps.fund[closing]
    for f in gps.fund[closing]:
        funds.cheque[f] = cheque(funds.committed[f], funds.reserve[f], pace)
    for i in failing:
        fund = state.funds.row(gps.raising[i])
        fund["ended"] = quarter
        row = fund["first_commitment"]
        while row != NOBODY:
            promised = state.commitments.row(row)
            lps.unfunded[promised["lp"]] -= promised["amount"]
            lps.brought[promised["lp"]] = max(0, lps.brought[promised["lp"]] - promised["brought"])
            row = promised["next"]
        for kind in ("committed", "private", "corporate", "foreign", "state", "guidance"):
            fund[kind] = 0
    gps.failed_raises[failing] += 1
    for over in (closing, failing):
        gps.raising[over] = NOBODY
        gps.funds[over] += 1
