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
from sim.world import draws


class Params(NamedTuple):
    elasticity: float
    widest: float
    diverted: float
    diversion_speed: float
    incumbents_payroll: float


def share_of_customers(offers, normal, params):
    """What a firm sells of what it would sell were the offers of its sector normal, float64[sectors]."""
    there = (offers > 0.0) & (normal > 0.0)
    gap = np.where(there, offers, 1.0) / np.where(there, normal, 1.0)
    share = draws.exps((params.elasticity - 1.0) * draws.logs(gap))
    return np.clip(share, 1.0 / params.widest, params.widest)


def _of_the_city(model, column):
    """Sums of a column of the startups alive by sector, at full size, float64[sectors]."""
    startups = model.state.startups.used
    alive = goes_on(startups.life)
    return np.bincount(startups.sector[alive], startups[column][alive], len(model.state.sectors)) / model.scale


def share(model):
    """What a firm sells of what it would sell were all normal, by sector, with the offers of this quarter."""
    state, params = model.state, model.params["competition"]
    offers = _of_the_city(model, "offer") * rivals.young_firms(state.rivals.used, model.params["rivals"])
    return share_of_customers(offers, model.norms.of("offers", model.quarter, offers), params)


def divert(model):
    """Incumbents lose customers to what young firms sell beyond normal, or win some where they sell less."""
    state, params = model.state, model.params["competition"]
    corporates, sectors = state.corporates.used, state.sectors.used
    sales = _of_the_city(model, "revenue")
    normal = model.norms.of("sales", model.quarter, sales)
    of_incumbents = (
        np.bincount(corporates.sector, corporates.headcount, len(sectors))
        / model.scale
        * sectors.wage
        / params.incumbents_payroll
    )
    lost = params.diverted * (sales - normal) / np.maximum(of_incumbents, 1.0)
    sectors.customers_lost += params.diversion_speed * (np.clip(lost, -1.0, 1.0) - sectors.customers_lost)
