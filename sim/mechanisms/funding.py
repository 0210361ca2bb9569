"""Rounds: startups seek, funds screen and value, offers compete, syndicates fill.

A startup pitches for its first round in its early years and seeks the next when its runway is short or a
milestone is reached. A venture firm
sees a sample of those who seek: the chance of a pair grows with focus and ties and falls with
distance (elasticity -0.3, F10). It gets a noisy signal of quality and believes

    q = signal / (1 + noise^2),   p = logistic(a_stage + b q) x readiness,
    V = multiple x e^(traction + growth to exit), at most the market,
    share asked s of an investment I:   s p V / (1 + r)^T + (1 - p) c I = I (1 + shade)

where r is its required return, T the time to an exit within its own fund's life, c the cover of
losses by the failure compensation fund (so that s > 1 rejects: p >= (1 - c) I / (V - c I) at r = 0), and
shade answers the winner's curse. The post-money bid is I / s. Firms propose to startups in the
order of expected surplus within capacity and money; a startup holds its best bid; whoever is turned
down proposes to the next (deferred acceptance). The price is the second-best bid or a margin below
the best. Insiders take their pro rata from reserves, other bidders join the syndicate.

Terms: ordinary preference 1x non-participating, an option pool in the seed round. Effort of the lead:
e = gain / (gain + cost) with gain = 1 - c I / V: cover lowers it, and with fat tails only a little.
"""

from typing import NamedTuple

import numpy as np

from sim.accounts import Transaction, pay
from sim.draws import Decision, exp, log, logistic, normal, power, uniform
from sim.kernel import kernel
from sim.state import NEVER, NOBODY, GPKind, Investor, LPKind, Life, Route, Sector, Stage, Status

OFFERS = 8  # bids that a startup can compare
SEED = int(Stage.SEED)  # numba indexes tuples by plain integers only
PATIENT_ID = 1 << 28  # identities of the government's own managers


class Params(NamedTuple):
    median_round: tuple
    round_elasticity: tuple
    reference_traction: tuple
    round_sd: tuple
    ownership: tuple
    ownership_weight: float
    success_constant: tuple
    success_quality: float
    growth_to_exit: tuple
    years_to_exit: tuple
    required_return: float
    shade: float
    margin: float
    largest_dilution: float
    pitch_progress: float
    pitch_quarters: float
    runway_quarters: float
    plan_quarters: float
    milestone_growth: float
    milestone_quarters: float
    screens_per_partner: float
    off_focus: float
    distance_elasticity: float
    outside_km: float
    new_deals_per_partner: float
    largest_ticket: float
    lead_share: float
    solo_share: float
    join_chance: float
    pool_share: float
    compliance_discount: float
    effort_cost: float
    redemption_quarters: float
    angel_wealth: float
    angel_rate: float
    angel_chance: float
    angel_looks: float
    angel_share: float
    angel_noise: float
    angel_max_round: float
    window_weight: float
    odds_memory: float


# ---------------------------------------------------------------- equations


@kernel
def next_stage(stage):
    """Stage that the next round brings a startup to; rounds after D count as D."""
    return stage + 1 if stage < Stage.D else stage


@kernel
def round_wanted(median, capital_need, traction, reference, elasticity, sd, luck):
    """Money a startup asks for, yuan."""
    return median * capital_need * exp(elasticity * (traction - reference) + sd * luck)


@kernel
def believed_quality(quality, noise, luck):
    """Posterior mean of quality, prior standard normal, from a signal with standard deviation `noise`."""
    return (quality + noise * luck) / (1.0 + noise * noise)


@kernel
def share_asked(p, value, discount, cover, hurdle):
    """Share of the company asked per yuan invested, times the yuan: s / I; above 1 / I nothing is left to sell."""
    return max(hurdle - (1.0 - p) * cover, 1e-3) / (p * value * discount)


@kernel
def effort_of(cover, amount, value, cost):
    """Monitoring effort of a lead, 0 to 1: falls with the cover of losses, little where value is far above the stake."""
    gain = max(1.0 - cover * amount / value, 0.0)
    return gain / (gain + cost)


@kernel
def dry_powder(fund, quarter):
    """Yuan that a fund can still invest: promised, not called, and not needed for fees."""
    left = max(0, min(fund.life, 20) - (quarter - fund.vintage))
    return fund.cash + fund.committed - fund.called - np.int64(fund.fee * fund.committed * left)


# ---------------------------------------------------------------- who seeks


@kernel
def _seek(seed, quarter, startups, sectors, params):
    """Startups with a short runway, a milestone reached, or no money yet look for a round; returns how many."""
    n = 0
    for i in range(len(startups)):
        firm = startups[i]
        firm.need = 0
        if firm.life != Life.ALIVE or firm.queued != NEVER:
            continue
        stage = next_stage(firm.stage)
        loss = max(firm.burn - firm.revenue // 2, 1)
        short = firm.cash < params.runway_quarters * loss
        hot = (
            firm.rounds > 0
            and quarter - firm.last_round >= params.milestone_quarters
            and log(1.0 * firm.post_money) + params.milestone_growth < log(sectors.multiple[firm.sector]) + firm.traction
        )
        first = firm.stage == Stage.IDEA and firm.progress > params.pitch_progress and quarter - firm.born <= params.pitch_quarters
        if not (first or ((short or hot) and firm.rounds > 0)):
            firm.seeking = NEVER
            continue
        if firm.seeking == NEVER:
            firm.seeking = quarter
        luck = normal(seed, Decision.AMOUNT, 0, firm.id, firm.rounds)
        firm.need = np.int64(
            round_wanted(
                params.median_round[stage], sectors.capital_need[firm.sector], firm.traction, params.reference_traction[stage],
                params.round_elasticity[stage], params.round_sd[stage], luck,
            )
        )  # fmt: skip
        n += 1
    return n


# ---------------------------------------------------------------- what a bid is worth


@kernel
def bid(firm, sector, fund, fund_required, quality, tilt, cover, window, quarter, params):
    """Highest post-money value that a fund would pay in this round, and the chance of success it sees."""
    stage = next_stage(firm.stage)
    ready = (0.5 + 0.5 * firm.progress) * exp(-params.compliance_discount * firm.compliance)
    p = logistic(params.success_constant[stage] + params.success_quality * quality) * ready
    value = sector.multiple * exp(min(firm.traction + params.growth_to_exit[stage], firm.market)) * tilt * window
    left = (fund.vintage + fund.life - quarter) / 4.0
    years = min(params.years_to_exit[stage], max(left, 1.0))
    late = max(params.years_to_exit[stage] - left, 0.0)
    discount = exp(-years * log(1.0 + fund_required) - 0.15 * late)
    return 1.0 / share_asked(p, value, discount, cover, 1.0 + params.shade), p, value


def _market(startups, seekers, gps, sectors, districts):
    """Seekers as venture firms see them: for every range of stages that a firm invests in, those who ask for such a round.

    Returns (places in `seekers`, their identities, their groups, range -> first and last + 1), the
    lists of all ranges one after the other. A group is all who weigh the same: one stage, sector and district.
    """
    stage = np.minimum(startups.stage[seekers] + 1, Stage.D)
    group = (stage * sectors + startups.sector[seekers]) * districts + startups.district[seekers]
    spans = np.zeros((len(Stage), len(Stage), 2), np.int64)
    lists, end = [np.zeros(0, np.int64)], 0
    for low, high in np.unique(np.stack([gps.stage_low, gps.stage_high], axis=1), axis=0):
        lists.append(np.flatnonzero((stage >= low) & (stage <= high)))
        spans[low, high], end = (end, end + len(lists[-1])), end + len(lists[-1])
    places = np.concatenate(lists)
    return places, startups.id[seekers[places]], group[places], spans


@kernel
def _weigh(gp, near, sectors, off_focus, weight):
    """Weight of each group of seekers in the sample of a venture firm, whatever their stage."""
    for s in range(sectors):
        focus = off_focus
        if gp.patient != NOBODY or s == gp.focus_1 or s == gp.focus_2 or s == gp.focus_3:
            focus = 1.0
        for d in range(len(near)):
            for stage in range(gp.stage_low, gp.stage_high + 1):
                weight[(stage * sectors + s) * len(near) + d] = focus * near[d]


@kernel
def _meet(seed, quarter, gp_id, ids, groups, weight, reach, luck, met):
    """Places in the list of those whom a venture firm meets: each by chance, `reach` times its weight; returns how many."""
    for j in range(len(ids)):
        luck[j] = uniform(seed, Decision.SCREEN, quarter, ids[j], gp_id)
    n = 0
    for j in range(len(ids)):
        met[n] = j
        n += luck[j] < weight[groups[j]] * reach
    return n


@kernel
def _screen(seed, quarter, gps, funds, startups, sectors, seekers, places, ids, groups, spans, distance, cover, project_cap, tilt, registered,
            patient_return, politics, window, params, offer_gp, offer_seeker, offer_post, offer_gain, gp_start):  # fmt: skip
    """Venture firms see a sample of seekers and write bids; returns the number of bids."""
    n = 0
    near = np.empty(distance.shape[0])
    weight = np.empty(spans.shape[0] * len(sectors) * len(near))
    luck = np.empty(len(seekers))
    met = np.empty(len(seekers) + 1, np.int64)
    for g in range(len(gps)):
        gp_start[g] = n
        gp = gps[g]
        gp.screened = 0
        gp.deals = 0
        if gp.fund == NOBODY or gp.ended != NEVER:
            continue
        fund = funds[gp.fund]
        powder = dry_powder(fund, quarter)
        if powder < 2_000_000 or quarter >= fund.vintage + fund.life - 8:
            continue
        if fund.new_invested >= (1.0 - fund.reserve) * fund.committed:
            continue
        for d in range(len(near)):
            km = distance[gp.district, d] if gp.district != NOBODY else params.outside_km
            near[d] = power(1.0 + km, params.distance_elasticity)
        _weigh(gp, near, len(sectors), params.off_focus, weight)
        first, last = spans[gp.stage_low, gp.stage_high]
        total = 0.0
        for j in range(first, last):
            total += weight[groups[j]]
        if total <= 0.0:
            continue
        reach = params.screens_per_partner * gp.partners / total
        covered = gp.registered < registered and gp.patient == NOBODY
        required = params.required_return
        if gp.patient != NOBODY:
            required = patient_return
        gp.screened = _meet(seed, quarter, gp.id, ids[first:last], groups[first:last], weight, reach, luck, met)
        for m in range(gp.screened):
            k = places[first + met[m]]
            firm = startups[seekers[k]]
            if firm.need > 2 * powder:
                continue
            noise = gp.noise * firm.noise
            seen = believed_quality(firm.quality, noise, normal(seed, Decision.SIGNAL, firm.rounds, firm.id, gp.id))
            weightier = 1.0
            if gp.patient != NOBODY:
                weightier = tilt[firm.sector] * exp(politics * normal(seed, Decision.SIGNAL, 1000 + firm.rounds, firm.id, gp.id))
            c = 0.0
            if covered:
                c = cover[next_stage(firm.stage)]
                c = min(c, project_cap / firm.need)
            post, p, value = bid(firm, sectors[firm.sector], fund, required, seen, weightier, c, window, quarter, params)
            if firm.need > params.largest_dilution * post:
                continue
            offer_gp[n], offer_seeker[n], offer_post[n], offer_gain[n] = g, k, post, post / firm.need
            n += 1
    return n


# ---------------------------------------------------------------- who gets whom


@kernel
def match(offer_gp, offer_seeker, offer_post, offer_gain, gp_start, n_offers, capacity, held):
    """Deferred acceptance: firms propose in the order of gain within capacity, startups hold the highest bid.

    `gp_start` gives where each firm's bids begin; `held` (startups) becomes the bid each startup holds, or NOBODY.
    """
    gps = len(capacity)
    order = np.arange(n_offers)
    for g in range(gps):
        low = gp_start[g]
        high = gp_start[g + 1]
        for a in range(low + 1, high):
            x = order[a]
            b = a - 1
            while b >= low and offer_gain[order[b]] < offer_gain[x]:
                order[b + 1] = order[b]
                b -= 1
            order[b + 1] = x
    pointer = gp_start[:gps].copy()
    engaged = np.zeros(gps, np.int64)
    held[:] = NOBODY
    moved = True
    while moved:
        moved = False
        for g in range(gps):
            while engaged[g] < capacity[g] and pointer[g] < gp_start[g + 1]:
                offer = order[pointer[g]]
                pointer[g] += 1
                k = offer_seeker[offer]
                current = held[k]
                if current == NOBODY or offer_post[offer] > offer_post[current]:
                    if current != NOBODY:
                        engaged[offer_gp[current]] -= 1
                        moved = True
                    held[k] = offer
                    engaged[g] += 1


# ---------------------------------------------------------------- money moves


@kernel
def call_capital(f, amount, funds, lps, commitments, flows):
    """Fund f calls `amount` from its partners in proportion to their promises; the first takes the rounding."""
    fund = funds[f]
    row = fund.first_commitment
    first = row
    left = amount
    while row != NOBODY:
        c = commitments[row]
        if row != first:
            part = min(np.int64(amount * (c.amount / fund.committed)), c.amount - c.called)
            _draw(c, lps[c.lp], fund, part)
            left -= part
        row = c.next
    row = first
    while row != NOBODY and left > 0:
        c = commitments[row]
        part = min(left, c.amount - c.called)
        _draw(c, lps[c.lp], fund, part)
        left -= part
        row = c.next
    fund.cash += amount - left
    fund.called += amount - left
    fund.preferred += amount - left
    pay(flows, Transaction.CAPITAL_CALL, Sector.LPS, Sector.FUNDS, amount - left)
    return amount - left


@kernel
def _draw(c, lp, fund, part):
    c.called += part
    lp.cash -= part
    lp.unfunded -= part
    lp.called += part
    if lp.kind == LPKind.GUIDANCE:
        fund.guidance_called += part


@kernel
def _write_holding(holdings, count, i, firm, stage, quarter, kind, holder, holder_id, lead, first, amount, shares, post, guided):
    row = holdings[count]
    row.startup, row.startup_id, row.place, row.stage, row.quarter = i, firm.id, firm.rounds, stage, quarter
    row.investor, row.holder, row.holder_id, row.lead, row.first = kind, holder, holder_id, lead, first
    row.amount, row.shares, row.post_money, row.proceeds, row.compensated = amount, shares, post, 0, 0
    row.route, row.ended, row.guided = Route.HELD, NEVER, guided
    row.next = firm.first_holding
    firm.first_holding = count
    return count + 1


@kernel
def _holds(firm, holdings, gp, funds):
    """Money that a venture firm already has in a startup."""
    total = 0
    row = firm.first_holding
    while row != NOBODY:
        h = holdings[row]
        if h.investor != Investor.ANGEL and h.holder != NOBODY and funds.gp[h.holder] == gp:
            total += h.amount
        row = h.next
    return total


@kernel
def _ticket(fund, want, quarter, params):
    """What a fund puts into one company at most, now."""
    return max(0, min(want, min(np.int64(params.largest_ticket * fund.committed), dry_powder(fund, quarter))))


@kernel
def _call_purse(fund, purse, amount, flows):
    """The government's own fund draws on its purse."""
    part = min(amount, purse.cash)
    purse.cash -= part
    purse.spent += part
    fund.cash += part
    fund.called += part
    pay(flows, Transaction.CAPITAL_CALL, Sector.GOVERNMENT, Sector.FUNDS, part)


@kernel
def _invest(i, firm, f, amount, price_post, lead, first, funds, gps, lps, commitments, purses, holdings, count, flows, quarter, stage):
    """Fund f pays `amount` into startup i at the round's post-money; returns the number of holdings."""
    fund = funds[f]
    short = amount - fund.cash
    if short > 0:
        if gps.patient[fund.gp] != NOBODY:
            _call_purse(fund, purses[gps.patient[fund.gp]], short, flows)
        else:
            call_capital(f, short, funds, lps, commitments, flows)
    amount = min(amount, fund.cash)
    if amount <= 0:
        return count
    fund.cash -= amount
    fund.invested += amount
    if first:
        fund.new_invested += amount
        gps.deals[fund.gp] += 1
    firm.cash += amount
    firm.raised += amount
    kind = Investor.PATIENT if gps.patient[fund.gp] != NOBODY else Investor.FUND
    pay(flows, Transaction.EQUITY, Sector.FUNDS, Sector.STARTUPS, amount)
    return _write_holding(
        holdings, count, i, firm, stage, quarter, kind, f, fund.id, lead, first, amount, 0, price_post, 1 if fund.guidance > 0 else 0
    )


@kernel
def _issue(firm, holdings, first_new, count, raised, post, params):
    """New shares for the round: an option pool before the first, then investors' shares at one price."""
    if firm.pool_shares == 0:
        firm.pool_shares = np.int64(firm.shares * params.pool_share / (1.0 - params.pool_share))
        firm.shares += firm.pool_shares
    price = (post - raised) / firm.shares
    for row in range(first_new, count):
        shares = max(1, np.int64(holdings.amount[row] / price))
        holdings.shares[row] = shares
        firm.shares += shares


@kernel
def _close_round(firm, stage, raised, post, quarter, cover, value, params):
    firm.rounds += 1
    firm.stage = stage
    firm.last_round = quarter
    firm.post_money = post
    firm.seeking = NEVER
    firm.need = 0
    firm.burn = np.int64(firm.cash / params.plan_quarters)
    firm.redeemable = quarter + np.int64(params.redemption_quarters)
    firm.effort = effort_of(cover, raised, value, params.effort_cost)


@kernel
def _close_deals(seed, quarter, seekers, startups, sectors, gps, funds, lps, commitments, purses, holdings, count, offer_gp, offer_seeker, offer_post, n_offers,
                 held, cover, project_cap, registered, params, flows):  # fmt: skip
    """Held bids become rounds: price, lead, insiders, syndicate, money; returns the number of holdings."""
    heads = np.full(len(seekers), NOBODY)
    after = np.full(n_offers, NOBODY)
    for o in range(n_offers):
        after[o] = heads[offer_seeker[o]]
        heads[offer_seeker[o]] = o
    for k in range(len(seekers)):
        if held[k] == NOBODY:
            continue
        i = seekers[k]
        firm = startups[i]
        stage = next_stage(firm.stage)
        best = offer_post[held[k]]
        second = 0.0
        o = heads[k]
        while o != NOBODY:
            if o != held[k] and offer_post[o] <= best:
                second = max(second, offer_post[o])
            o = after[o]
        post = max(second, (1.0 - params.margin) * best)
        lead_gp = offer_gp[held[k]]
        f = gps.fund[lead_gp]
        w = params.ownership_weight
        amount = np.int64(power(1.0 * firm.need, 1.0 - w) * power(params.ownership[stage] * post, w))
        amount = min(amount, np.int64(params.largest_dilution * post))
        solo = uniform(seed, Decision.SYNDICATE, quarter, firm.id, 0) < params.solo_share
        lead_part = _ticket(funds[f], amount if solo else np.int64(params.lead_share * amount), quarter, params)
        # A round that the lead and whoever may join cannot fill by half does not happen.
        pledged = lead_part
        joining = np.full(OFFERS, NOBODY)
        parts = np.zeros(OFFERS, np.int64)
        joined = 0
        if lead_part < amount:
            row = firm.first_holding
            while row != NOBODY and joined < OFFERS:
                h = holdings[row]
                row = h.next
                if h.investor == Investor.ANGEL or h.holder == NOBODY or h.route != Route.HELD:
                    continue
                g = funds.gp[h.holder]
                if g == lead_gp or _is_in(joining, joined, h.holder) or quarter >= funds[h.holder].vintage + funds[h.holder].life - 4:
                    continue
                if uniform(seed, Decision.SYNDICATE, quarter, firm.id, 1 + gps.id[g]) >= params.join_chance:
                    continue
                part = _ticket(funds[h.holder], min(np.int64(amount * (h.shares / firm.shares)), amount - pledged), quarter, params)
                if part >= 100_000:
                    joining[joined], parts[joined] = h.holder, part
                    joined += 1
                    pledged += part
            o = heads[k]
            while o != NOBODY and joined < OFFERS and pledged < amount:
                g = offer_gp[o]
                if g != lead_gp and offer_post[o] >= 0.9 * post and gps.fund[g] != NOBODY and not _is_in(joining, joined, gps.fund[g]):
                    if uniform(seed, Decision.SYNDICATE, quarter, firm.id, 1 + gps.id[g]) < params.join_chance:
                        part = _ticket(funds[gps.fund[g]], min((amount - lead_part) // 2 + 1, amount - pledged), quarter, params)
                        if part >= 500_000:
                            joining[joined], parts[joined] = gps.fund[g], part
                            joined += 1
                            pledged += part
                o = after[o]
            if pledged < amount:
                more = _ticket(funds[f], amount - pledged + lead_part, quarter, params) - lead_part
                lead_part += max(more, 0)
                pledged += max(more, 0)
        if pledged < 0.5 * amount or lead_part <= 0:
            continue
        first_new = count
        count = _invest(
            i, firm, f, lead_part, np.int64(post), 1, 1 if _holds(firm, holdings, lead_gp, funds) == 0 else 0, funds, gps, lps, commitments,
            purses, holdings, count, flows, quarter, stage,
        )  # fmt: skip
        for j in range(joined):
            g = funds.gp[joining[j]]
            count = _invest(
                i, firm, joining[j], parts[j], np.int64(post), 0, 1 if _holds(firm, holdings, g, funds) == 0 else 0, funds, gps, lps,
                commitments, purses, holdings, count, flows, quarter, stage,
            )  # fmt: skip
        raised = 0
        for row in range(first_new, count):
            raised += holdings.amount[row]
        if raised <= 0:
            continue
        _issue(firm, holdings, first_new, count, raised, post, params)
        c = 0.0
        if gps.registered[lead_gp] < registered and gps.patient[lead_gp] == NOBODY:
            c = min(cover[stage], project_cap / raised)
        value = sectors.multiple[firm.sector] * exp(min(firm.traction + params.growth_to_exit[stage], firm.market))
        _close_round(firm, stage, raised, np.int64(post), quarter, c, max(value, 1.0 * raised), params)
    return count


@kernel
def _is_in(slots, n, slot):
    for j in range(n):
        if slots[j] == slot:
            return True
    return False


@kernel
def _angel_rounds(seed, quarter, seekers, startups, sectors, angels, wealth, ids, holdings, count, params, flows):
    """Business angels look at small first rounds near at hand; returns the number of holdings."""
    if len(angels) == 0:
        return count
    for k in range(len(seekers)):
        i = seekers[k]
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.stage != Stage.IDEA or firm.need == 0 or firm.need > params.angel_max_round:
            continue
        first_new = count
        raised = 0
        post = 0.0
        for look in range(int(params.angel_looks)):
            a = angels[np.int64(uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * look) * len(angels))]
            seen = believed_quality(firm.quality, params.angel_noise, normal(seed, Decision.ANGEL, quarter, firm.id, 100 + look))
            p = logistic(params.success_constant[SEED] + params.success_quality * seen) * (0.5 + 0.5 * firm.progress)
            value = sectors.multiple[firm.sector] * exp(min(firm.traction + params.growth_to_exit[SEED], firm.market))
            worth = p * value * exp(-params.years_to_exit[SEED] * log(1.0 + params.required_return))
            if firm.need > params.largest_dilution * worth or uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * look + 1) >= params.angel_chance:
                continue
            if post == 0.0:
                post = max((1.0 - params.margin) * worth, firm.need / params.largest_dilution)
            part = min(np.int64(params.angel_share * wealth[a]), firm.need - raised)
            if part < 100_000 or a == firm.founder:
                continue
            wealth[a] -= part
            firm.cash += part
            firm.raised += part
            raised += part
            pay(flows, Transaction.EQUITY, Sector.PERSONS, Sector.STARTUPS, part)
            count = _write_holding(
                holdings, count, i, firm, Stage.SEED, quarter, Investor.ANGEL, a, ids[a], 1 if count == first_new else 0, 1, part, 0, np.int64(post), 0
            )
        if raised > 0:
            _issue(firm, holdings, first_new, count, raised, post, params)
            _close_round(firm, Stage.SEED, raised, np.int64(post), quarter, 0.0, post, params)
    return count


@kernel
def _become_angels(seed, quarter, status, ids, wealth, successes, angel, threshold, chance):
    """The wealthy, above all those who have succeeded, begin to invest in others."""
    for i in range(len(status)):
        if angel[i] == 0 and wealth[i] > threshold and status[i] == Status.EMPLOYED:
            odds = chance * (10.0 if successes[i] > 0 else 1.0)
            angel[i] = 1 if uniform(seed, Decision.ANGEL, quarter, ids[i], 0) < odds else 0


@kernel
def _update_odds(sectors, seeking, funded, memory):
    for s in range(len(sectors)):
        if seeking[s] > 0:
            seen = min(0.95, 4.0 * funded[s] / seeking[s])
            sectors.odds[s] += memory * (max(seen, 0.01) - sectors.odds[s])


def open_patient_fund(model):
    """The government's own fund has one manager; what its purse holds is its dry powder."""
    state, levers, quarter = model.state, model.levers, model.quarter
    slot = levers.payer["patient_partners"]
    if slot == NOBODY or levers.patient_partners[0] <= 0.0:
        return
    gps, funds = state.gps, state.funds
    mine = np.flatnonzero(gps.used.patient == slot)
    if len(mine) == 0:
        district = int(np.argmax(state.districts.used.office_rent))
        g = gps.append(
            id=PATIENT_ID + slot, kind=GPKind.STATE, local=1, patient=slot, born=quarter, ended=NEVER, district=district,
            cell=model.map.draw_cells(np.array([district]), np.array([0.5]))[0], noise=model.params["fundraising"].gp_noise,
            focus_1=NOBODY, focus_2=NOBODY, focus_3=NOBODY, stage_low=Stage.SEED, stage_high=Stage.D, fund=NOBODY, raising=NOBODY, registered=1.0,
        )  # fmt: skip
        gps.rows.fund[g] = funds.append(
            id=(PATIENT_ID + slot) * 64, gp=g, kind=GPKind.STATE, opened=quarter, vintage=quarter, life=int(levers.patient_life[0]), ended=NEVER,
            reserve=0.3, first_commitment=NOBODY,
        )  # fmt: skip
        mine = [g]
    gp = gps.rows[mine[0]]
    gp.partners = max(1, int(levers.patient_partners[0] * model.scale + 0.5))
    fund = funds.rows[gp.fund]
    fund.committed = fund.called + state.purses.rows.cash[slot]


def fund(model):
    """The capital market of the quarter: who seeks, who looks, who bids, who gets money."""
    open_patient_fund(model)
    state, params, levers, quarter, seed = model.state, model.params["funding"], model.levers, model.quarter, model.seed
    startups, sectors, funds, gps, persons = state.startups.used, state.sectors.used, state.funds.used, state.gps.used, state.persons
    _seek(seed, quarter, startups, sectors, params)
    seekers = np.flatnonzero(startups.need > 0)
    first_time = startups.stage[seekers] == Stage.IDEA
    state.holdings.reserve(len(seekers) * (OFFERS + 2) + 16)
    holdings = state.holdings.rows
    bids = len(gps) * len(seekers) + 1
    offer_gp, offer_seeker = np.empty(bids, np.int64), np.empty(bids, np.int64)
    offer_post, offer_gain = np.empty(bids), np.empty(bids)
    gp_start = np.zeros(len(gps) + 1, np.int64)
    window = 1.0 + params.window_weight * (min(model.window, 2.0) - 1.0)
    n = _screen(
        seed, quarter, gps, funds, startups, sectors, seekers, *_market(startups, seekers, gps, len(sectors), len(state.districts)),
        model.map.district_distance, levers.loss_cover, levers.loss_project_cap[0], levers.patient_tilt, levers.loss_registered[0],
        levers.patient_return[0], levers.patient_politics[0], window, params, offer_gp, offer_seeker, offer_post, offer_gain, gp_start,
    )  # fmt: skip
    gp_start[len(gps)] = n
    held = np.empty(len(seekers), np.int64)
    match(offer_gp, offer_seeker, offer_post, offer_gain, gp_start, n, capacity(gps, params, seed, quarter), held)
    state.holdings.count = _close_deals(
        seed, quarter, seekers, startups, sectors, gps, funds, state.lps.used, state.commitments.used, state.purses.used, holdings,
        state.holdings.count, offer_gp, offer_seeker, offer_post, n, held, levers.loss_cover, levers.loss_project_cap[0], levers.loss_registered[0], params,
        state.flows,
    )  # fmt: skip
    _become_angels(
        seed, quarter, persons.status[: persons.count], persons.id, persons.wealth, persons.successes, persons.angel,
        np.int64(params.angel_wealth), params.angel_rate,
    )  # fmt: skip
    angels = np.flatnonzero(persons.angel[: persons.count] == 1)
    state.holdings.count = _angel_rounds(
        seed, quarter, seekers, startups, sectors, angels, persons.wealth, persons.id, holdings, state.holdings.count, params, state.flows
    )
    s, n_sectors = startups.sector[seekers], len(sectors)
    funded = np.bincount(s[first_time & (startups.stage[seekers] > Stage.IDEA)], minlength=n_sectors)
    _update_odds(sectors, np.bincount(s[first_time], minlength=n_sectors), funded, params.odds_memory)


@kernel
def capacity(gps, params, seed, quarter):
    """New deals that each venture firm can take on this quarter."""
    out = np.zeros(len(gps), np.int64)
    for g in range(len(gps)):
        out[g] = np.int64(params.new_deals_per_partner * gps.partners[g] + uniform(seed, Decision.ENTER, quarter, gps.id[g], 1))
    return out
