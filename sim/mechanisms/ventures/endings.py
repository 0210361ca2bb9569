"""How ventures end: failure, giving up, listing, sale, buy-back, and the end of a fund.

- Failure: wages could not be paid and no round came. What is left goes to wages, debts,
  preferences, common stock. The founder may keep a debt and a dent in the wage; nobody replaces
  the dead firm.
- Giving up: the founder learns the firm's growth from what it shows and quits when the part of projected sales that
  is the founder's, after investors' preferences, does not carry the wage that waits outside. Founders differ in what
  independence is worth to them (Hamilton 2000; Hurst and Pugsley 2011): those who care little for it go first, and who
  stays is attached. The hump of the hazard (F01) comes from runway, missed rounds, this learning and this selection,
  not from an age-dependent draw.
- Listing: firms above the venue's thresholds file and wait; the window (national listings) admits those who have
  waited,
  in the order of filing, as the exchanges review. Who falls below the thresholds before withdraws. Preferences lapse
  and stakes are sold to the world.
- Sale: corporates near in field buy; the price carries luck and, for a firm in distress, a discount. A founder has
  succeeded by a listing, or by a sale for more than was put in.
- Buy-back: after some years investors ask their money back with interest (the market norm in China);
  a firm that cannot pay may be wound up with a debt left to the founder.
- End of a fund: buyers on the secondary market take, at a discount, stakes in firms worth more than was put in; the
  rest are written off. For a firm in the queue to list the fund's life is extended.
- Loss claims: registered funds ask the failure compensation fund for a part of their loss.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, credit, distribute, pay_holders
from sim.mechanisms.programmes import venue
from sim.mechanisms.programmes.moral_hazard import covered, hurried, tempted
from sim.mechanisms.programmes.selection import record, whole_places
from sim.mechanisms.space.location import openness_of
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, logistic, normal, power, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector, Stage, Status


class Params(NamedTuple):
    learning_lag: float
    project_quarters: float
    outside_multiple: float
    quit_rate: float
    quit_noise: float
    attachment_sd: float
    distress_quarters: float
    ipo_value: float
    ipo_revenue: float
    ipo_city_share: float
    ipo_wait_quarters: float
    ipo_noise: float
    ipo_founder_sale: float
    sale_rate: float
    distress_sale_rate: float
    sale_noise: float
    sale_discount: float
    distress_discount: float
    field_weight: float
    redemption_rate: float
    redemption_return: float
    redemption_closure: float
    founder_liability: float
    debt_share: float
    transfer_discount: float
    transfer_noise: float
    extension_quarters: float
    subsistence: float
    spawn_quarters: float
    gaming: float
    overstatement: float


# ---------------------------------------------------------------- equations


@kernel
def new_hope(hope, growth, age, lag):
    """The founder's estimate of growth after seeing one more quarter of it."""
    return hope + (growth - hope) / (age + lag)


@kernel
def chance_to_quit(traction, hope, share, preferred, outside_wage, params):
    """Chance a quarter that a founder gives up a venture.

    `share` of common stock is the founder's, after `preferred`: the yearly sales that are worth as much as the
    preferences of investors; `outside_wage` yuan a year.
    """
    projected = exp(traction + params.project_quarters * hope)
    own = max(share * (projected - preferred), 1.0)
    return params.quit_rate * logistic((log(params.outside_multiple * outside_wage) - log(own)) / params.quit_noise)


@kernel
def debt_of(firm, wage, params):
    """Debt that a failure leaves with the founder where none is forgiven, yuan; `wage` a year."""
    return min(params.debt_share * wage, 0.2 * firm.raised + 0.2 * wage)


@shared
def succeeded(life, value, raised):
    """Whether a venture ended well: it listed, or was bought for more than investors had put in. Arrays or numbers."""
    return (life == Life.LISTED) | ((life == Life.ACQUIRED) & (value > raised))


@kernel
def worth(firm, multiple):
    """Value of a going concern, yuan."""
    return multiple * exp(min(firm.traction, firm.market)) * (0.3 + 0.7 * firm.progress)


# ---------------------------------------------------------------- ends


@kernel
def _end(i, life, quarter, value, buyer, investors, founders, employees, startups, exits, count):
    firm = startups[i]
    firm.life = life
    firm.ended = quarter
    row = exits[count]
    row.startup, row.startup_id, row.quarter, row.life, row.value, row.buyer = i, firm.id, quarter, life, value, buyer
    row.to_investors, row.to_founders, row.to_employees, row.raised = investors, founders, employees, firm.raised
    return count + 1


@kernel
def _pay_common(firm, common, payer, transaction, wealth, flows):
    """Common stock: the founder gets the founders' part; employees' part is left for the roll. Returns it."""
    units = firm.founder_shares + firm.pool_shares
    staff = np.int64(common * (firm.pool_shares / units)) if firm.headcount > 0 else 0
    founder = common - staff
    wealth[firm.founder] += founder
    pay(flows, transaction, payer, Sector.PERSONS, founder)
    return staff


@kernel
def _wind_up(
    i,
    life,
    quarter,
    startups,
    holdings,
    funds,
    wealth,
    ids,
    bonus,
    exits,
    count,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """A venture ends with what cash it has; wages are already paid as far as it went."""
    firm = startups[i]
    left = firm.cash
    firm.cash = 0
    common = pay_holders(
        i,
        left,
        Payment(Sector.STARTUPS, Transaction.LIQUIDATION, Route.LIQUIDATION),
        quarter,
        firms,
        capital,
        people,
        books,
    )
    staff = _pay_common(firm, common, Sector.STARTUPS, Transaction.LIQUIDATION, wealth, flows)
    bonus[i] = staff
    pay(flows, Transaction.LIQUIDATION, Sector.STARTUPS, Sector.PERSONS, staff)
    return _end(i, life, quarter, left, NOBODY, left - common, common - staff, staff, startups, exits, count)


@kernel
def _fail(
    seed,
    quarter,
    startups,
    sectors,
    holdings,
    funds,
    gps,
    wealth,
    ids,
    debt,
    efficiency,
    bonus,
    exits,
    count,
    debt_lever,
    stigma_lever,
    stigma,
    hazard,
    params,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """Ventures without money fail, and founders without hope give up; returns the number of exits."""
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE:
            continue
        age = quarter - firm.born
        firm.hope = new_hope(firm.hope, firm.growth, age, params.learning_lag)
        wage = 4.0 * sectors.wage[firm.sector] * efficiency[firm.founder]
        # No money for wages, or none for another quarter and nothing coming in.
        broke = firm.due > 0 or firm.cash + firm.revenue < params.subsistence * wage / 4.0
        funded = firm.rounds > 0 and firm.cash > params.distress_quarters * firm.burn
        gives_up = False
        if not broke and not funded:
            share, preferred = firm.founder_shares / firm.shares, firm.raised / sectors.multiple[firm.sector]
            outside = wage * exp(-params.attachment_sd * normal(seed, Decision.ATTACHMENT, 0, firm.founder_id, 0))
            if firm.rounds > 0:  # who gives up then leaves a debt, or what is left of it
                outside *= tempted(
                    debt_of(firm, wage, params) / wage,
                    stigma,
                    debt_lever[firm.experience],
                    stigma_lever[firm.experience],
                    hazard,
                )
            chance = chance_to_quit(firm.traction, firm.hope, share, preferred, outside, params)
            gives_up = uniform(seed, Decision.ABANDON, quarter, firm.id, 0) < chance
        if not broke and not gives_up:
            continue
        life = Life.FAILED if broke or firm.rounds > 0 else Life.CLOSED
        if life == Life.FAILED:
            firm.claim = debt_of(firm, wage, params) / wage
            debt[firm.founder] += np.int64(firm.claim * wage * debt_lever[firm.experience])
            efficiency[firm.founder] *= 1.0 - stigma * stigma_lever[firm.experience]
        count = _wind_up(
            i,
            life,
            quarter,
            startups,
            holdings,
            funds,
            wealth,
            ids,
            bonus,
            exits,
            count,
            flows,
            treasury,
            firms,
            capital,
            people,
            books,
        )
    return count


@kernel
def _file(quarter, startups, sectors, venue_open, thresholds, params):
    """Firms above the thresholds file for a listing; those that only meet the new venue's file there; who no longer
    meets any withdraws.
    """
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.stage < Stage.B:
            continue
        reach = max(
            worth(firm, sectors.multiple[firm.sector]) / params.ipo_value, 4.0 * firm.revenue / params.ipo_revenue
        )
        if reach >= 1.0 or (venue_open and reach >= thresholds):
            firm.board = 0 if reach >= 1.0 else 1
            firm.queued = quarter if firm.queued == NEVER else firm.queued
        else:
            firm.board, firm.queued = 0, NEVER


@kernel
def _list(
    seed,
    quarter,
    chosen,
    startups,
    sectors,
    corporates,
    pool_of,
    holdings,
    funds,
    wealth,
    ids,
    bonus,
    exits,
    count,
    window,
    params,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """The chosen list: stakes are sold to the world, the firm joins the incumbents."""
    for k in range(len(chosen)):
        i = chosen[k]
        firm = startups[i]
        value = np.int64(
            worth(firm, sectors.multiple[firm.sector])
            * window
            * exp(params.ipo_noise * normal(seed, Decision.PRICE, quarter, firm.id, 0))
        )
        common = pay_holders(
            i, value, Payment(Sector.WORLD, Transaction.LISTING, Route.IPO), quarter, firms, capital, people, books
        )
        sold = np.int64(params.ipo_founder_sale * common)
        treasury.world[0] -= value - common + sold
        staff = _pay_common(firm, sold, Sector.WORLD, Transaction.LISTING, wealth, flows)
        pay(flows, Transaction.LISTING, Sector.WORLD, Sector.PERSONS, staff)
        bonus[i] = staff
        pool = pool_of[firm.sector]
        corporates.cash[pool] += firm.cash
        pay(flows, Transaction.LISTING, Sector.STARTUPS, Sector.CORPORATES, firm.cash)
        firm.cash = 0
        count = _end(i, Life.LISTED, quarter, value, pool, value - common, sold - staff, staff, startups, exits, count)
        exits.board[count - 1] = firm.board
    return count


@kernel
def _sell_firms(
    seed,
    quarter,
    startups,
    sectors,
    corporates,
    holdings,
    funds,
    wealth,
    ids,
    bonus,
    exits,
    count,
    openness,
    acquisitions,
    params,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """Corporates near in field buy ventures; distressed ones go cheaply."""
    n = len(corporates)
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.queued != NEVER or firm.progress < 1.0 or firm.rounds == 0:
            continue
        distress = firm.cash < params.distress_quarters * firm.burn
        rate = (params.distress_sale_rate if distress else params.sale_rate) * acquisitions[firm.sector]
        if uniform(seed, Decision.BUY, quarter, firm.id, 0) >= rate:
            continue
        buyer, best = NOBODY, 0.0
        for look in range(6):
            c = np.int64(uniform(seed, Decision.BUY, quarter, firm.id, 1 + look) * n)
            fit = openness_of(corporates[c], openness) + (
                params.field_weight if corporates.sector[c] == firm.sector else 0.0
            )
            if not corporates.pool[c] and fit > best:
                buyer, best = c, fit
        if firm.partner != NOBODY:
            buyer = firm.partner
        if buyer == NOBODY:
            continue
        price = worth(firm, sectors.multiple[firm.sector]) * (1.0 - params.sale_discount)
        if distress:
            price *= 1.0 - params.distress_discount
        value = np.int64(price * exp(params.sale_noise * normal(seed, Decision.PRICE, quarter, firm.id, 1)))
        own = min(min(value, corporates.acquisition_budget[buyer]), corporates.cash[buyer] // 2)
        corporates.cash[buyer] -= own
        treasury.world[0] -= value - own  # what the buyer lacks its owners put in
        pay(flows, Transaction.ACQUISITION, Sector.WORLD, Sector.CORPORATES, value - own)
        common = pay_holders(
            i,
            value,
            Payment(Sector.CORPORATES, Transaction.ACQUISITION, Route.ACQUISITION),
            quarter,
            firms,
            capital,
            people,
            books,
        )
        staff = _pay_common(firm, common, Sector.CORPORATES, Transaction.ACQUISITION, wealth, flows)
        bonus[i] = staff
        pay(flows, Transaction.ACQUISITION, Sector.CORPORATES, Sector.PERSONS, staff)
        corporates.cash[buyer] += firm.cash
        pay(flows, Transaction.ACQUISITION, Sector.STARTUPS, Sector.CORPORATES, firm.cash)
        firm.cash = 0
        count = _end(
            i, Life.ACQUIRED, quarter, value, buyer, value - common, common - staff, staff, startups, exits, count
        )
    return count


@kernel
def _redeem(
    seed,
    quarter,
    startups,
    sectors,
    holdings,
    funds,
    gps,
    wealth,
    ids,
    debt,
    efficiency,
    bonus,
    exits,
    count,
    debt_lever,
    stigma_lever,
    stigma,
    cover,
    registered,
    hazard,
    params,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """Investors ask their money back; a firm pays, or talks on, or is wound up. Returns (exits, redemptions)."""
    asked = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.redeemable == NEVER or quarter < firm.redeemable or firm.queued != NEVER:
            continue
        if uniform(seed, Decision.REDEEM, quarter, firm.id, 0) >= params.redemption_rate:
            continue
        asked += 1
        row = firm.first_holding
        while row != NOBODY:
            h = holdings[row]
            if h.route == Route.HELD and h.investor != Investor.ANGEL:
                years = (quarter - h.quarter) / 4.0
                owed = np.int64(h.amount * exp(years * log(1.0 + params.redemption_return)))
                if firm.cash - 4 * firm.burn >= owed:
                    firm.cash -= owed
                    firm.shares -= h.shares
                    credit(
                        row,
                        owed,
                        Payment(Sector.STARTUPS, Transaction.BUYBACK, Route.BUYBACK),
                        quarter,
                        capital,
                        people,
                        books,
                    )
            row = h.next
        firm.redeemable = quarter + 4
        closure = params.redemption_closure * hurried(covered(firm, holdings, funds, gps, cover, registered), hazard)
        if uniform(seed, Decision.REDEEM, quarter, firm.id, 1) < closure and firm.cash < 4 * firm.burn:
            wage = 4.0 * sectors.wage[firm.sector] * efficiency[firm.founder]
            firm.claim = min(params.founder_liability * firm.raised / wage, 2.0 * params.debt_share)
            debt[firm.founder] += np.int64(firm.claim * wage * debt_lever[firm.experience])
            efficiency[firm.founder] *= 1.0 - stigma * stigma_lever[firm.experience]
            count = _wind_up(
                i,
                Life.FAILED,
                quarter,
                startups,
                holdings,
                funds,
                wealth,
                ids,
                bonus,
                exits,
                count,
                flows,
                treasury,
                firms,
                capital,
                people,
                books,
            )
    return count, asked


@kernel
def _end_funds(
    seed,
    quarter,
    startups,
    sectors,
    holdings,
    count,
    funds,
    gps,
    lps,
    commitments,
    wealth,
    ids,
    params,
    flows,
    treasury,
    firms,
    capital,
    people,
    books,
):
    """Funds at the end of their life sell or write off what they hold and release their partners.

    A stake that is given up lives on as a new row in a stranger's hands; returns the number of holdings.
    """
    for h in range(count):
        row = holdings[h]
        if row.route != Route.HELD or row.investor == Investor.ANGEL or row.holder == NOBODY:
            continue
        fund = funds[row.holder]
        firm = startups[row.startup]
        if quarter < fund.vintage + fund.life + (params.extension_quarters if firm.queued != NEVER else 0.0):
            continue
        noise = exp(params.transfer_noise * normal(seed, Decision.TRANSFER, quarter, firm.id, fund.id))
        seen = min(
            1.0 * firm.post_money, worth(firm, sectors.multiple[firm.sector])
        )  # buyers look behind a stale price
        price, route = (
            np.int64(seen * (row.shares / firm.shares) * (1.0 - params.transfer_discount) * noise),
            Route.TRANSFER,
        )
        if seen < firm.raised:
            price, route = np.int64(0), Route.WRITE_OFF
        treasury.world[0] -= price
        credit(h, price, Payment(Sector.WORLD, Transaction.TRANSFER_OF_STAKES, route), quarter, capital, people, books)
        holdings[count] = row
        stranger = holdings[count]
        stranger.holder, stranger.holder_id, stranger.route, stranger.ended = NOBODY, NOBODY, Route.HELD, NEVER
        stranger.proceeds, stranger.compensated, stranger.lead, stranger.first = 0, 0, 0, 0
        stranger.next = firm.first_holding
        firm.first_holding = count
        count += 1
    for f in range(len(funds)):
        fund = funds[f]
        if (
            fund.vintage == NEVER
            or fund.ended != NEVER
            or quarter < fund.vintage + fund.life
            or gps.patient[fund.gp] != NOBODY
        ):
            continue
        fund.ended = quarter
        if gps.fund[fund.gp] == f:
            gps.fund[fund.gp] = NOBODY
        row = fund.first_commitment
        while row != NOBODY:
            c = commitments[row]
            lps.unfunded[c.lp] -= c.amount - c.called
            row = c.next
    return count


@kernel
def _roll(
    status,
    employer,
    ids,
    spawn_until,
    startups,
    corporates,
    ended,
    bonus,
    won,
    successes,
    wealth,
    quarter,
    spawn,
    pool_of,
    buyers,
):
    """People of ventures that ended:

    staff of failures look for work, of sales and listings move on, founders with them.
    """
    for i in range(len(status)):
        e = employer[i]
        if e < 0 or ended[e] == 0:
            continue
        spawn_until[i] = quarter + spawn
        life = startups.life[e]
        if status[i] == Status.EMPLOYED:
            wealth[i] += bonus[e]
        else:
            successes[i] += won[e]
        if life == Life.LISTED or life == Life.ACQUIRED:
            target = buyers[e]
            employer[i] = -2 - target
            status[i] = Status.EMPLOYED
            corporates.headcount[target] += 1
            corporates.full_staff[target] += 1.0
        else:
            employer[i] = NOBODY
            status[i] = Status.OUT


def _claims(model, lost):
    """Investors of failed firms claim a part of their loss; caps, audits and the purse ration it."""
    state, levers, params, quarter = model.state, model.levers, model.params["endings"], model.quarter
    if quarter % 4 == 0:
        state.gps.used.compensated[:] = 0  # caps of investors are by year
    payer = levers.payer["loss_cover"]
    if payer == NOBODY or levers.loss_cover.max() <= 0.0 or len(lost) == 0:
        return
    holdings, purse = state.holdings.used, state.purses.row(payer)
    claims, amounts, paid_to_firm, audit = [], [], {}, int(Decision.AUDIT)  # numba is slow to look at an enum from here
    for h in lost:
        row = state.holdings.row(h)
        if row["holder"] == NOBODY or row["investor"] != Investor.FUND:
            continue
        fund = state.funds.row(row["holder"])
        gp = state.gps.row(fund["gp"])
        firm, cover = int(row["startup"]), levers.loss_cover[row["stage"]]
        loss = int(row["amount"] - row["proceeds"])
        if gp["registered"] >= levers.loss_registered or cover <= 0.0 or loss <= 0:
            continue
        # Gaming: some claims overstate the loss; an audit finds them and pays nothing.
        games = uniform(model.seed, audit, quarter, row["startup_id"], int(gp["id"])) < params.gaming
        audited = uniform(model.seed, audit, quarter + 1000, row["startup_id"], int(gp["id"])) < levers.loss_audit
        claimed = loss * (1.0 + params.overstatement) if games else float(loss)
        amount = 0 if games and audited else int(cover * claimed)
        amount = min(amount, loss)
        amount = int(
            min(
                amount,
                levers.loss_project_cap - paid_to_firm.get(firm, 0),
                levers.loss_investor_cap - gp["compensated"],
            )
        )
        amount = max(0, min(amount, int(purse["cash"])))
        paid_to_firm[firm] = paid_to_firm.get(firm, 0) + amount
        gp["compensated"] += amount
        row["compensated"] += amount
        purse["cash"] -= amount
        purse["spent"] += amount
        purse["take_up"] += amount > 0
        fund["cash"] += amount
        pay(state.flows, Transaction.COMPENSATION, Sector.GOVERNMENT, Sector.FUNDS, amount)
        claims.append(h)
        amounts.append(amount)
    if claims:
        rows = holdings[claims]
        amounts = np.array(amounts)
        record(
            state.applications,
            len(rows),
            policy=payer,
            quarter=quarter,
            startup=rows.startup,
            applicant_id=rows.holder_id,
            score=(rows.amount - rows.proceeds).astype(float),
            cutoff=0.0,
            admitted=amounts > 0,
            amount=amounts,
        )


def exit_market(model):
    """Failures, listings, sales, buy-backs, ends of funds, claims, and what funds give back."""
    state, params, levers, quarter, seed = model.state, model.params["endings"], model.levers, model.quarter, model.seed
    startups, sectors, corporates = state.startups.used, state.sectors.used, state.corporates.used
    funds, gps, lps, commitments, persons = (
        state.funds.used,
        state.gps.used,
        state.lps.used,
        state.commitments.used,
        state.persons,
    )
    holdings, treasury, flows = state.holdings.used, state.treasury.rows, state.flows
    wealth, ids, debt, efficiency = persons.wealth, persons.id, persons.debt, persons.efficiency
    stigma = model.params["founding"].stigma
    first = state.exits.count
    state.exits.reserve(len(startups))
    exits, count = state.exits.rows, state.exits.count
    bonus = np.zeros(len(startups), np.int64)
    firms, people, books = state.firms(), state.people(), state.books()

    count = _fail(
        seed,
        quarter,
        startups,
        sectors,
        holdings,
        funds,
        gps,
        wealth,
        ids,
        debt,
        efficiency,
        bonus,
        exits,
        count,
        levers.debt,
        levers.stigma,
        stigma,
        model.params["moral_hazard"],
        params,
        flows,
        treasury,
        firms,
        state.capital(),
        people,
        books,
    )
    count, asked = _redeem(
        seed,
        quarter,
        startups,
        sectors,
        holdings,
        funds,
        gps,
        wealth,
        ids,
        debt,
        efficiency,
        bonus,
        exits,
        count,
        levers.debt,
        levers.stigma,
        stigma,
        levers.loss_cover,
        levers.loss_registered,
        model.params["moral_hazard"],
        params,
        flows,
        treasury,
        firms,
        state.capital(),
        people,
        books,
    )
    state.tally.rows.redemptions[0] = asked
    _file(quarter, startups, sectors, levers.venue_places > 0.0, levers.venue_thresholds, params)
    count = _list(
        seed,
        quarter,
        _admitted(model),
        startups,
        sectors,
        corporates,
        model.pool_of,
        holdings,
        funds,
        wealth,
        ids,
        bonus,
        exits,
        count,
        power(max(model.window, 0.1), 0.3),
        params,
        flows,
        treasury,
        firms,
        state.capital(),
        people,
        books,
    )
    count = _sell_firms(
        seed,
        quarter,
        startups,
        sectors,
        corporates,
        holdings,
        funds,
        wealth,
        ids,
        bonus,
        exits,
        count,
        levers.corporate_openness,
        levers.acquisitions,
        params,
        flows,
        treasury,
        firms,
        state.capital(),
        people,
        books,
    )
    state.exits.count = count
    venue.look_ahead(model, exits[first:count])
    state.holdings.reserve(state.holdings.count)
    state.holdings.count = _end_funds(
        seed,
        quarter,
        startups,
        sectors,
        state.holdings.rows,
        state.holdings.count,
        funds,
        gps,
        lps,
        commitments,
        wealth,
        ids,
        params,
        flows,
        treasury,
        firms,
        state.capital(),
        people,
        books,
    )
    holdings = state.holdings.used
    new = exits[first:count]
    _pay_staff(state, model, new, bonus)
    lost = np.flatnonzero((holdings.ended == quarter) & (holdings.route == Route.LIQUIDATION))
    _claims(model, lost)
    distribute(capital=state.capital(), books=books)


def _admitted(model):
    """Slots of the startups that list:

    of those who have waited long enough the first to file, as the window and the new venue allow.
    """
    state, params, quarter = model.state, model.params["endings"], model.quarter
    startups = state.startups.used
    waits = params.ipo_wait_quarters - model.levers.venue_haste * startups.board
    waiting = np.flatnonzero(
        (startups.life == Life.ALIVE) & (startups.queued >= 0) & (startups.queued <= quarter - waits)
    )
    places = whole_places(model.conditions.ipo * params.ipo_city_share * model.scale, quarter - model.city.first)
    order = waiting[np.lexsort((startups.id[waiting], startups.queued[waiting]))]
    national = order[startups.board[order] == 0][:places]
    return np.concatenate([national, venue.admitted(model, order[~np.isin(order, national)])])


def _pay_staff(state, model, new, bonus):
    """Staff get their part of the common stock in equal shares, the rounding goes to the founder; people move on."""
    persons, startups = state.persons, state.startups.used
    ended, won, buyers = (
        np.zeros(len(startups), np.int64),
        np.zeros(len(startups), np.int64),
        np.full(len(startups), NOBODY),
    )
    slots = new.startup
    ended[slots] = 1
    won[slots] = succeeded(new.life, new.value, new.raised)
    buyers[slots] = new.buyer
    heads = startups.headcount[slots]
    each = np.where(heads > 0, bonus[slots] // np.maximum(heads, 1), 0)
    rest = bonus[slots] - each * heads
    persons.wealth[startups.founder[slots]] += rest
    bonus[slots] = each
    _roll(
        persons.status[: persons.count],
        persons.employer,
        persons.id,
        persons.spawn_until,
        startups,
        state.corporates.used,
        ended,
        bonus,
        won,
        persons.successes,
        persons.wealth,
        model.quarter,
        int(model.params["endings"].spawn_quarters),
        model.pool_of,
        buyers,
    )
    startups.headcount[slots] = 0
