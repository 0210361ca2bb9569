"""How ventures end: failure, giving up, and what becomes of founders and staff, however a venture ended.

- Failure: wages could not be paid, or money runs short and for some quarters nobody has made an offer, so that the
  bridge fails. What is left goes to wages, severance (a month's pay a year of the firm's life), creditors, preferences,
  common stock, in this order. The founder may keep a debt and a dent in the wage; nobody replaces the dead firm.
- Giving up: the founder learns the firm's growth from what it shows and quits when the part of projected sales that
  is the founder's, after investors' preferences, does not carry the wage that waits outside. Founders differ in what
  independence is worth to them (Hamilton 2000; Hurst and Pugsley 2011): those who care little for it go first, and who
  stays is attached. The hump of the hazard (F01) comes from runway, missed rounds, this learning and this selection,
  not from an age-dependent draw.
- A founder has succeeded by a listing, or by a sale for more than was put in. Staff share the option pool; they and the
  founder look for work or move on with the firm.

Listings, sales, buy-backs and the end of funds are in `capital`.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, pay_holders
from sim.mechanisms.people.staffing import founders_of
from sim.mechanisms.programmes import moral_hazard
from sim.world.accounts import Transaction, pay
from sim.world.doors import Ends
from sim.world.draws import Decision, exp, log, logistic, normal, uniform
from sim.world.employment import as_employer, employers, leave_job, take_job
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Life, Route, Sector, Status

MONTHS = 3.0  # of a quarter


class Params(NamedTuple):
    learning_lag: float
    project_quarters: float
    outside_multiple: float
    quit_rate: float
    quit_noise: float
    attachment_sd: float
    distress_quarters: float
    debt_share: float
    debt_of_raised: float
    debt_of_wage: float
    subsistence: float
    severance_years: float
    creditors_quarters: float
    bridge_quarters: float
    bridge_cash_quarters: float
    bridge_failure: float
    spawn_quarters: float


class FailureTerms(NamedTuple):
    """What a failure leaves with its founder, and what of it policies forgive."""

    debt: np.ndarray  # L.debt: factor on the debt, float64[experiences]
    stigma: np.ndarray  # L.stigma: factor on the loss of wage, float64[experiences]
    scar: float  # share of the wage that is lost for good where nothing is forgiven
    hazard: moral_hazard.Params  # how what is forgiven tempts


class Proceeds(NamedTuple):
    """Who got what of a venture at its end, yuan."""

    value: int  # of all of it
    investors: int
    founders: int
    staff: int


class Leavers(NamedTuple):
    """What a quarter's ends are to those who worked there, int64[startups], the first by employer."""

    ended: np.ndarray  # 1 where the venture ended, int64[employers]
    won: np.ndarray  # 1 where its founders have succeeded
    buyer: np.ndarray  # slot of the corporate that it joined, or NOBODY
    bonus: np.ndarray  # yuan for each of its staff


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
    share_of_sales = max(share * (projected - preferred), 1.0)
    return params.quit_rate * logistic(
        (log(params.outside_multiple * outside_wage) - log(share_of_sales)) / params.quit_noise
    )


@kernel
def debt_of(firm, wage, params):
    """Debt that a failure leaves with the founder where none is forgiven, yuan; `wage` a year."""
    return min(params.debt_share * wage, params.debt_of_raised * firm.raised + params.debt_of_wage * wage)


@kernel
def outside_wage(firm, sectors, people):
    """What the founder of a venture would earn as an employee, yuan a year."""
    units = people.efficiency[firm.founder] * (1.0 - people.stigma[firm.founder])
    return 4.0 * sectors.wage[firm.sector] * units


@shared
def succeeded(life, value, raised):
    """Whether a venture ended well: it listed, or was bought for more than investors had put in. Arrays or numbers."""
    return (life == Life.LISTED) | ((life == Life.ACQUIRED) & (value > raised))


# ---------------------------------------------------------------- ends


@kernel
def end(i, life, quarter, proceeds, buyer, startups, ends):
    """Venture i is over, by `life`, and its end is written down; `buyer` is the corporate that it joins, or NOBODY."""
    firm = startups[i]
    firm.life = life
    firm.ended = quarter
    row = ends.exits[ends.exits_count[0]]
    row.startup, row.startup_id, row.quarter, row.life, row.buyer = i, firm.id, quarter, life, buyer
    row.value, row.to_investors, row.to_founders = proceeds.value, proceeds.investors, proceeds.founders
    row.to_employees, row.raised = proceeds.staff, firm.raised
    ends.exits_count[0] += 1


@kernel
def pay_common(i, common, payment, startups, people, ends, books):
    """The common stock of venture i gets `common` yuan, which the caller takes from the payer: the founder gets the
    founders' part at once, the staff theirs at the end of the quarter. Returns the latter.
    """
    firm = startups[i]
    units = firm.founder_shares + firm.pool_shares
    staff = np.int64(common * (firm.pool_shares / units)) if firm.headcount > 0 else 0
    people.wealth[firm.founder] += common - staff
    ends.staff[i] = staff
    pay(books.flows, payment.transaction, payment.payer, Sector.PERSONS, common)
    return staff


@kernel
def join(firm, corporate, payment, corporates, books):
    """What cash a venture has goes to the corporate that it joins."""
    corporates.cash[corporate] += firm.cash
    pay(books.flows, payment.transaction, Sector.STARTUPS, Sector.CORPORATES, firm.cash)
    firm.cash = 0


@kernel
def claims_before(firm, quarter, draw, params):
    """What staff and creditors can claim before those who own a venture, yuan: (severance, creditors)."""
    years = min((quarter - firm.born) / 4.0, params.severance_years)
    month = firm.payroll / MONTHS / max(firm.headcount + draw * founders_of(firm), 1.0)
    return np.int64(years * month) * firm.headcount, np.int64(params.creditors_quarters * firm.burn)


@kernel
def _pay_claims(i, quarter, firms, ends, books):
    """Staff and creditors of a firm that is wound up get what they can claim, as far as its cash goes; returns the
    rest, yuan.
    """
    firm = firms.startups[i]
    left = firm.cash
    firm.cash = 0
    severance, owed = claims_before(firm, quarter, ends.draw, ends.claims)
    if severance > left:
        severance = left // firm.headcount * firm.headcount  # whole yuan for each
    owed = min(owed, left - severance)
    ends.staff[i] = severance
    books.treasury.world[0] += owed
    pay(books.flows, Transaction.SEVERANCE, Sector.STARTUPS, Sector.PERSONS, severance)
    pay(books.flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD, owed)
    return left - severance - owed


@kernel
def delist(i, quarter, firms, ends, books):
    """A listed firm that cannot pay its wages, or has neither people nor sales, is wound up; the public that owns it
    gets what is left.
    """
    left = _pay_claims(i=i, quarter=quarter, firms=firms, ends=ends, books=books)
    books.treasury.world[0] += left
    pay(books.flows, Transaction.LIQUIDATION, Sector.STARTUPS, Sector.WORLD, left)
    firm = firms.startups[i]
    firm.life, firm.delisted = Life.DELISTED, quarter


@kernel
def wind_up(i, life, quarter, people, firms, capital, ends, books):
    """A venture ends with what cash it has; wages are already paid as far as it went."""
    left = _pay_claims(i=i, quarter=quarter, firms=firms, ends=ends, books=books)
    severance = ends.staff[i]
    payment = Payment(Sector.STARTUPS, Transaction.LIQUIDATION, Route.LIQUIDATION)
    common = pay_holders(
        i=i, value=left, payment=payment, quarter=quarter, firms=firms, capital=capital, people=people, books=books
    )
    staff = pay_common(
        i=i, common=common, payment=payment, startups=firms.startups, people=people, ends=ends, books=books
    )
    proceeds = Proceeds(left, left - common, common - staff, staff)
    ends.staff[i] += severance
    end(i=i, life=life, quarter=quarter, proceeds=proceeds, buyer=NOBODY, startups=firms.startups, ends=ends)


@kernel
def leave_claims(firm, owed, wage, people, terms):
    """A failure leaves its founder a debt, `owed` in yearly wages before any is forgiven, and a dent in the wage."""
    firm.claim = owed
    people.debt[firm.founder] += np.int64(firm.claim * wage * terms.debt[firm.experience])
    taken = terms.scar * terms.stigma[firm.experience]
    people.stigma[firm.founder] = 1.0 - (1.0 - people.stigma[firm.founder]) * (1.0 - taken)


@kernel
def bridge_fails(chance, firm, params):
    """Whether a funded venture that nobody has made an offer for some quarters is wound up before its money ends."""
    waits = firm.rounds > 0 and firm.seeking != NEVER and chance.quarter - firm.seeking >= params.bridge_quarters
    if not waits or firm.cash >= params.bridge_cash_quarters * firm.burn:
        return False
    return uniform(chance.seed, Decision.BRIDGE, chance.quarter, firm.id, 0) < params.bridge_failure


@kernel
def _fail(chance, people, firms, capital, ends, books, terms, params):
    """Ventures without money fail, and founders without hope give up."""
    startups, sectors = firms.startups, firms.sectors
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life == Life.LISTED and (firm.due > 0 or (firm.headcount == 0 and firm.revenue == 0)):
            delist(i=i, quarter=chance.quarter, firms=firms, ends=ends, books=books)
        if firm.life != Life.ALIVE:
            continue
        firm.hope = new_hope(firm.hope, firm.growth, chance.quarter - firm.born, params.learning_lag)
        wage = outside_wage(firm, sectors, people)
        # No money for wages, or none for another quarter and nothing coming in.
        broke = firm.due > 0 or firm.cash + firm.revenue < params.subsistence * wage / 4.0
        broke = broke or bridge_fails(chance, firm, params)
        funded = firm.rounds > 0 and firm.cash > params.distress_quarters * firm.burn
        gives_up = False
        if not broke and not funded:
            share, preferred = firm.founder_shares / firm.shares, firm.raised / sectors.multiple[firm.sector]
            attachment = normal(chance.seed, Decision.ATTACHMENT, 0, firm.founder_id, 0)
            outside = wage * exp(-params.attachment_sd * attachment)
            if firm.rounds > 0:  # who gives up then leaves a debt, or what is left of it
                outside *= moral_hazard.tempted(debt_of(firm, wage, params) / wage, firm.experience, terms)
            hazard = chance_to_quit(firm.traction, firm.hope, share, preferred, outside, params)
            gives_up = uniform(chance.seed, Decision.ABANDON, chance.quarter, firm.id, 0) < hazard
        if not broke and not gives_up:
            continue
        life = Life.FAILED if broke or firm.rounds > 0 else Life.CLOSED
        if life == Life.FAILED:
            leave_claims(firm=firm, owed=debt_of(firm, wage, params) / wage, wage=wage, people=people, terms=terms)
        wind_up(
            i=i,
            life=life,
            quarter=chance.quarter,
            people=people,
            firms=firms,
            capital=capital,
            ends=ends,
            books=books,
        )


def failure_terms(model):
    """What a failure leaves with its founder under the policies in force."""
    return FailureTerms(
        debt=model.levers.debt,
        stigma=model.levers.stigma,
        scar=model.params["founding"].stigma,
        hazard=model.params["moral_hazard"],
    )


def fail(model):
    """Ventures fail or are given up; returns the door of the quarter's ends, which others add to."""
    state = model.state
    state.exits.reserve(len(state.startups))
    ends = Ends(
        exits=state.exits.rows,
        exits_count=state.exits.size,
        staff=np.zeros(len(state.startups), np.int64),
        claims=model.params["endings"],
        draw=model.params["payroll"].founder_wage_funded,
    )
    _fail(
        chance=model.chance,
        people=state.people(),
        firms=state.firms(),
        capital=state.capital(),
        ends=ends,
        books=state.books(),
        terms=failure_terms(model),
        params=model.params["endings"],
    )
    return ends


# ---------------------------------------------------------------- people


@kernel
def _move_on(people, firms, leavers, spawn_until):
    """People of ventures that ended: staff get their bonus, founders their record; staff of sold firms and founders of
    listed ones join incumbents, staff of listed ones stay, the others look for work.
    """
    for i in range(len(people.status)):
        slot = people.employer[i]
        if leavers.ended[slot] == 0:
            continue
        people.spawn_until[i] = spawn_until
        people.workplace[i] = firms.startups.district[slot]
        if people.status[i] == Status.EMPLOYED:
            people.wealth[i] += leavers.bonus[slot]
            if firms.startups.life[slot] == Life.LISTED:  # it goes on with its staff
                continue
        else:
            people.successes[i] += leavers.won[slot]
        leave_job(i, people, firms)
        buyer = leavers.buyer[slot]
        if buyer != NOBODY:
            take_job(i, as_employer(buyer), people, firms)
            firms.corporates.full_staff[buyer] += 1.0


@kernel
def _share_out(i, startups, people, staff, leavers):
    """Staff of a venture that ended get equal shares of what is theirs, and its founder the rounding."""
    firm = startups[i]
    leavers.ended[i] = 1
    leavers.bonus[i] = staff[i] // firm.headcount if firm.headcount > 0 else 0
    if firm.life != Life.DELISTED:
        people.wealth[firm.founder] += staff[i] - leavers.bonus[i] * firm.headcount


@kernel
def _count_leavers(quarter, exits, startups, people, staff, leavers):
    """What the ends of a quarter are to those who worked there: fills `leavers`; `staff` is what is theirs, yuan."""
    for e in range(len(exits)):
        exit_ = exits[e]
        if exit_.quarter == quarter:
            _share_out(exit_.startup, startups, people, staff, leavers)
            leavers.won[exit_.startup] = succeeded(exit_.life, exit_.value, exit_.raised)
            leavers.buyer[exit_.startup] = exit_.buyer
    for i in range(len(startups)):
        if startups.delisted[i] == quarter:
            _share_out(i, startups, people, staff, leavers)


def settle(model, ends):
    """Staff get their part of the common stock in equal shares, the rounding goes to the founder; people move on."""
    state, people, startups = model.state, model.state.people(), model.state.startups.used
    n = len(startups)
    leavers = Leavers(
        ended=np.zeros(employers(state.firms()), np.int64),
        won=np.zeros(n, np.int64),
        buyer=np.full(n, NOBODY),
        bonus=np.zeros(n, np.int64),
    )
    _count_leavers(
        quarter=model.quarter,
        exits=state.exits.used,
        startups=startups,
        people=people,
        staff=ends.staff,
        leavers=leavers,
    )
    spawn_until = model.quarter + int(model.params["endings"].spawn_quarters)
    _move_on(people=people, firms=state.firms(), leavers=leavers, spawn_until=spawn_until)
