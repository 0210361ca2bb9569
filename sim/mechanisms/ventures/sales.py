"""Customers: traction grows by luck and merit, and becomes revenue where the firm may sell.

Traction is the log of annual sales potential. A quarter:

    growth  = trend + quality effect x quality + spending effect x s / (1 + s) - imitation - crowding
    s       = spending over sales potential,  crowding = potential over market
    traction' = log(e^(traction + growth + volatility x sqrt(1 - turbulence + turbulence x E) x luck) + births)

Multiplicative shocks and additive births give sizes their heavy tail (Kesten 1973; F17). E, exponential with
mean one, is drawn once a year for each firm: years are calm or turbulent, and growth pooled over firms has
Laplace's tent in place of the bell (Kotz, Kozubowski and Podgorski 2001; Fu et al. 2005 find it for firms). What a firm
can sell is the potential that a finished, compliant product reaches; inside the sandbox a limited volume. A
venture without a product lives on small service work. Customers come by and by and leave at once:

    revenue' = min(can sell, revenue + ramp x (can sell - revenue))

New firms' sales are long below their equals' (Foster, Haltiwanger and Syverson 2016). Sales grow with the open
corporates of the sector nearby (their staff over distance). Buyers are local corporates up to their pilot budget,
then the world.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import partnerships
from sim.mechanisms.programmes.sandbox import inside
from sim.mechanisms.space.location import access, foreigners_openness
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, normal, uniform
from sim.world.kernel import kernel
from sim.world.kinds import Life, Sector


class Params(NamedTuple):
    drift: float
    quality_growth: float
    spending_growth: float
    spending_scale: float
    effort_growth: float
    imitation: float
    protection: float
    crowding: float
    volatility: float
    turbulence: float
    births: float
    service_share: float
    export_control_effect: float
    data_barrier: float
    pilot_share: float
    access_elasticity: float
    ramp: float


class Market(NamedTuple):
    """What the sales of a quarter hang on beside the firm."""

    access: np.ndarray  # to open corporates, over that of the mean district, float64[districts, sectors]
    demand: np.ndarray  # L.demand: factor, float64[sectors]
    cycle: float  # demand in the nation over its trend
    controls: float  # export controls, 0 to 1
    data_zone: np.ndarray  # L.data_zone: share of the barrier to data that falls, float64[districts]
    volume: float  # L.sandbox_volume: share of the potential that may be sold in the sandbox
    enforcement: float  # L.enforcement: factor on the worth of intellectual property


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
    return max(params.service_share, volume) if inside_sandbox else params.service_share


@kernel
def unrest(seed, quarter, identity, turbulence):
    """Factor of a firm's volatility in the year of a quarter; the mean of its square is one."""
    return np.sqrt(1.0 - turbulence - turbulence * log(uniform(seed, Decision.TURBULENCE, quarter // 4, identity, 0)))


@kernel
def move(traction, firm, sector, luck, chance, enforcement, params):
    """The law of sales: (log growth in the quarter of `chance`, traction after it) of a firm whose traction was
    `traction`; `luck` is a standard normal draw.
    """
    mean = growth_of(
        quality=firm.quality,
        spending=firm.burn,
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
def wanted(firm, sector, share, market, params):
    """What customers would buy of a firm in a quarter, yuan; `share` of its potential can be sold."""
    return (
        exp(firm.traction)
        / 4.0
        * share
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
def _sell(chance, firms, market, books, params):
    """Traction moves, firms sell, corporates and the world pay."""
    corporates, treasury = firms.corporates, books.treasury
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if firm.life != Life.ALIVE:
            continue
        sector = firms.sectors[firm.sector]
        growth, traction = move(
            traction=firm.traction,
            firm=firm,
            sector=sector,
            luck=normal(chance.seed, Decision.CUSTOMER, chance.quarter, firm.id, 0),
            chance=chance,
            enforcement=market.enforcement,
            params=params,
        )
        firm.growth, firm.traction = growth, traction
        share = sellable(firm.progress, firm.compliance, inside(firm, chance.quarter), market.volume, params)
        most = np.int64(wanted(firm, sector, share, market, params))
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
    market = Market(
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
        volume=levers.sandbox_volume,
        enforcement=levers.enforcement,
    )
    _sell(chance=model.chance, firms=state.firms(), market=market, books=state.books(), params=params)
    partnerships.buy(model)
