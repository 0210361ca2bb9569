"""Customers: traction grows by luck and merit, and becomes revenue as far as customers and hands go.

Traction is the log of annual sales potential. A quarter:

    growth  = trend + quality effect x quality + spending effect x s / (1 + s) - imitation - crowding
    s       = spending x staffed over sales potential,  crowding = potential over market
    staffed = min(1, hands that nothing sold needs / hands that the plan pays for)^staffing_weight
    traction' = log(e^(traction + growth + volatility x sqrt(1 - turbulence + turbulence x E) x luck) + births)

So growth is bought by people: a plan without hands moves little. Multiplicative shocks and additive births give sizes
their heavy tail (Kesten 1973; F17). E, exponential with mean one, is drawn once a year for each firm: years are calm
or turbulent, and growth pooled over firms has Laplace's tent in place of the bell (Kotz, Kozubowski and Podgorski 2001;
Fu et al. 2005 find it for firms). What customers would buy:

    offer  = reach x potential x what of it can be sold x e^know-how
    demand = offer x share of customers (`competition`) x demand of the quarter and the place

A venture without a product lives on small service work, one with compliance ahead on trials, inside the sandbox on a
limited volume. What a firm makes of its demand hangs on its people (`output`); customers come by and by and leave at
once:

    revenue' = min(made, revenue + ramp x (made - revenue))

New firms' sales are long below their equals' (Foster, Haltiwanger and Syverson 2016). Sales grow with the open
corporates of the sector nearby (their staff over distance). Buyers are local corporates up to their pilot budget,
then the world.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people.staffing import developers, people_shares
from sim.mechanisms.programmes import partnerships
from sim.mechanisms.programmes.sandbox import inside
from sim.mechanisms.space.location import access, foreigners_openness
from sim.mechanisms.ventures import competition
from sim.mechanisms.ventures.going_concern import goes_on
from sim.mechanisms.ventures.output import Labour, capacity_of, made, pay_of, worth_of
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, normal, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import Sector


class Params(NamedTuple):
    drift: float
    quality_growth: float
    spending_growth: float
    spending_scale: float
    staffing_weight: float
    effort_growth: float
    imitation: float
    protection: float
    crowding: float
    volatility: float
    turbulence: float
    births: float
    reach: float
    service_share: float
    trial_share: float
    export_control_effect: float
    data_barrier: float
    pilot_share: float
    access_elasticity: float
    ramp: float


class Conditions(NamedTuple):
    """What the traction and offer of a firm hang on beside the firm."""

    labour: Labour
    people: np.ndarray  # share of planned spending that pays those who develop, float64[sectors]
    elasticity: float  # of sales to labour
    volume: float  # L.sandbox_volume: share of the potential that may be sold in the sandbox
    enforcement: float  # L.enforcement: factor on the worth of intellectual property


class Market(NamedTuple):
    """What the sales of a quarter hang on beside the firm."""

    share: np.ndarray  # of customers, `competition.share`, float64[sectors]
    access: np.ndarray  # to open corporates, over that of the mean district, float64[districts, sectors]
    demand: np.ndarray  # L.demand: factor, float64[sectors]
    cycle: float  # demand in the nation over its trend
    controls: float  # export controls, 0 to 1
    data_zone: np.ndarray  # L.data_zone: share of the barrier to data that falls, float64[districts]


@kernel
def growth_of(quality, spending, potential, market, property_, effort, params):
    """Expected log growth of traction in a quarter; spending and potential in yuan a quarter."""
    s = spending / (params.spending_scale * potential)
    return (
        params.drift
        + params.quality_growth * quality
        + params.spending_growth * s / (1.0 + s)
        + params.effort_growth * effort
        - params.imitation / (1.0 + params.protection * property_)
        - params.crowding * potential * 4.0 / market
    )


@kernel
def sellable(progress, compliance, inside_sandbox, volume, params):
    """Share of the potential that can be sold now."""
    if progress < 1.0:
        return params.service_share
    if compliance <= 0.0:
        return 1.0
    return max(params.trial_share, volume) if inside_sandbox else params.trial_share


@kernel
def staffed(firm, sector, conditions, params):
    """Part of a plan's effect that the hands there make possible, 0 to 1."""
    labour = conditions.labour
    planned = developers(firm.burn, conditions.people[firm.sector], pay_of(firm, sector, labour))
    spare = max(firm.labour - firm.demand / worth_of(firm, labour), 0.0)
    return 1.0 if spare >= planned else power(spare / planned, params.staffing_weight)


@kernel
def unrest(seed, quarter, identity, turbulence):
    """Factor of a firm's volatility in the year of a quarter; the mean of its square is one."""
    return np.sqrt(1.0 - turbulence - turbulence * log(uniform(seed, Decision.TURBULENCE, quarter // 4, identity, 0)))


@kernel
def move(traction, firm, sector, luck, chance, hands, enforcement, params):
    """The law of sales: (log growth in the quarter of `chance`, traction after it) of a firm whose traction was
    `traction`; `luck` is a standard normal draw, `hands` the part of its plan that has people, 0 to 1.
    """
    mean = growth_of(
        quality=firm.quality,
        spending=firm.burn * hands,
        potential=exp(traction) / 4.0,
        market=exp(firm.market),
        property_=firm.property * enforcement,
        effort=firm.effort,
        params=params,
    )
    volatility = params.volatility * sector.tail * unrest(chance.seed, chance.quarter, firm.id, params.turbulence)
    growth = mean + sector.trend / 4.0 + volatility * luck
    return growth, log(exp(traction + growth) + params.births)


@kernel
def _offer(chance, firms, conditions, params):
    """Traction moves, and with it what firms offer."""
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if not goes_on(firm.life):
            continue
        firm.growth, firm.traction = move(
            traction=firm.traction,
            firm=firm,
            sector=firms.sectors[firm.sector],
            luck=normal(chance.seed, Decision.CUSTOMER, chance.quarter, firm.id, 0),
            chance=chance,
            hands=staffed(firm, firms.sectors[firm.sector], conditions, params),
            enforcement=conditions.enforcement,
            params=params,
        )
        ready = sellable(firm.progress, firm.compliance, inside(firm, chance.quarter), conditions.volume, params)
        firm.offer = params.reach * exp(firm.traction) / 4.0 * ready * exp(firm.knowhow)


@kernel
def wanted(firm, sector, market, params):
    """What customers would buy of a firm in a quarter, yuan."""
    return (
        firm.offer
        * market.share[firm.sector]
        * market.demand[firm.sector]
        * market.cycle
        * (1.0 + firm.business_share * (1.0 - firm.export_share) * (market.access[firm.district, firm.sector] - 1.0))
        * (1.0 - params.export_control_effect * firm.export_share * market.controls * sector.export_controls)
        * (
            1.0
            - params.data_barrier
            * firm.export_share
            * sector.data_crossing
            * (1.0 - min(market.data_zone[firm.district], 1.0))
        )
    )


@kernel
def _sell(firms, market, conditions, books, params):
    """Firms make what their people can of what customers would buy; corporates and the world pay."""
    corporates, treasury = firms.corporates, books.treasury
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if not goes_on(firm.life):
            continue
        demand = wanted(firm, firms.sectors[firm.sector], market, params)
        firm.demand = np.int64(demand)
        most = np.int64(made(demand, capacity_of(firm, conditions.labour), conditions.elasticity))
        firm.revenue = min(most, firm.revenue + np.int64(params.ramp * (most - firm.revenue)))
        local = np.int64(firm.revenue * firm.business_share * (1.0 - firm.export_share))
        buyer = firms.pool_of[firm.sector]
        local = min(local, np.int64(corporates.cash[buyer] * params.pilot_share))
        corporates.cash[buyer] -= local
        corporates.pilots[buyer] += local
        outside = firm.revenue - local
        treasury.world[0] -= outside
        firm.cash += firm.revenue
        pay(books.flows, Transaction.SALES_LOCAL, Sector.CORPORATES, Sector.STARTUPS, local)
        pay(books.flows, Transaction.SALES_WORLD, Sector.WORLD, Sector.STARTUPS, outside)


def sell(model):
    """Startups win customers and are paid."""
    state, levers, params = model.state, model.levers, model.params["sales"]
    state.corporates.used.pilots[:] = 0
    conditions = Conditions(
        labour=model.labour,
        people=people_shares(state.sectors.used, model.params["staffing"]),
        elasticity=model.params["output"].labour_elasticity,
        volume=levers.sandbox_volume,
        enforcement=levers.enforcement,
    )
    _offer(chance=model.chance, firms=state.firms(), conditions=conditions, params=params)
    market = Market(
        share=competition.share(model),
        access=access(
            state,
            model.map,
            params.access_elasticity,
            foreigners_openness(model.params["location"], levers),
            levers.corporate_openness,
        ),
        demand=levers.demand,
        cycle=model.cycle,
        controls=model.conditions.export_controls,
        data_zone=levers.data_zone,
    )
    _sell(firms=state.firms(), market=market, conditions=conditions, books=state.books(), params=params)
    partnerships.buy(model)
    competition.divert(model)
