"""Competition: young firms share customers whose number is finite.

    offers = sum over the city's firms of what each would sell if all were normal  x  (young firms of the rivals)^weight
    share  = (offers / normal offers)^(elasticity - 1),   between 1 / widest and widest

Twice the offers sell 2^elasticity as much in all. It is a nested CES in reduced form: young firms of a sector among
themselves, by what they offer, then against incumbents and other places. The elasticity says how alike young firms are
and is an assumption with a prior. Normal offers follow the reference run (`world.reference`), which grows with the
economy. Of what young firms sell beyond normal, local incumbents lose the share `diverted` of their customers, and
with them heads (Hombert, Schoar, Sraer and Thesmar 2020: about one job lost for each won):

    customers lost' = customers lost + speed (diverted x (sales - normal sales) / sales of incumbents - customers lost)
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import rivals
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world.draws import exp, log
from sim.world.kernel import kernel


class Params(NamedTuple):
    elasticity: float
    widest: float
    diverted: float
    diversion_speed: float
    incumbents_payroll: float


@kernel
def share_of_customers(offers, normal, params):
    """What a firm sells of what it would sell were the offers of its sector normal, float64[sectors]."""
    share = np.empty(len(offers))
    for s in range(len(offers)):
        gap = offers[s] / normal[s] if offers[s] > 0.0 and normal[s] > 0.0 else 1.0
        share[s] = exp((params.elasticity - 1.0) * log(gap))
        share[s] = min(max(share[s], 1.0 / params.widest), params.widest)
    return share


@kernel
def _of_the_city(startups, values, sectors, scale):
    """Sums of `values` of the startups alive by sector, at full size, float64[sectors]."""
    sums = np.zeros(sectors)
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
            sums[startups.sector[i]] += values[i]
    return sums / scale


@kernel
def _divert(sectors, corporates, sales, normal, scale, params):
    """Customers of incumbents follow what young firms sell beyond normal, by sector."""
    staff = np.zeros(len(sectors))
    for i in range(len(corporates)):
        staff[corporates.sector[i]] += corporates.headcount[i]
    for s in range(len(sectors)):
        sector = sectors[s]
        of_incumbents = staff[s] / scale * sector.wage / params.incumbents_payroll
        lost = params.diverted * (sales[s] - normal[s]) / max(of_incumbents, 1.0)
        sector.customers_lost += params.diversion_speed * (min(max(lost, -1.0), 1.0) - sector.customers_lost)


def share(model):
    """What a firm sells of what it would sell were all normal, by sector, with the offers of this quarter."""
    state, params, startups = model.state, model.params["competition"], model.state.startups.used
    offers = _of_the_city(startups, startups.offer, len(state.sectors), model.scale)
    offers *= rivals.young_firms(state.rivals.used, model.params["rivals"])
    return share_of_customers(offers, model.norms.of("offers", model.quarter, offers), params)


def divert(model):
    """Incumbents lose customers to what young firms sell beyond normal, or win some where they sell less."""
    state, startups = model.state, model.state.startups.used
    sales = _of_the_city(startups, startups.revenue, len(state.sectors), model.scale)
    _divert(
        sectors=state.sectors.used,
        corporates=state.corporates.used,
        sales=sales,
        normal=model.norms.of("sales", model.quarter, sales),
        scale=model.scale,
        params=model.params["competition"],
    )
