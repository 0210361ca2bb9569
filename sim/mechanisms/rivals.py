"""Rivals: other places that answer to what the city does, and whose young firms sell to the same customers.

    generosity' = generosity + speed (table + clip(reaction x du, -cut, budget) - generosity)
    du = what the city's instruments add to its utility for people, in the mean over who weighs coming and over sectors
         + place_weight x mean over sectors of what they add to the value of founding there
    young' = young + renewal (1 + founding (generosity - table) - young)

So every instrument for people and places counts, by what it is worth to those who choose. Where more is founded
elsewhere, customers are shared with more firms: the young firms of the rivals, by their size, to the power
`market_weight` (`ventures.competition`). Their wages and rents are data: what the city moves of them is below one
percent.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.kinds import RivalKind


class Params(NamedTuple):
    speed: float
    cut: float
    budget: float
    place_weight: float
    renewal: float
    founding: float
    market_weight: float


def weights(rivals):
    """Size of each place as a rival, float64[rivals], sums to one where there is one; 0 for those who are none."""
    size = np.where(rivals.kind == RivalKind.RIVAL, rivals.vc_2019, 0.0)
    return size / max(size.sum(), 1.0)


def added_generosity(rivals, table):
    """Mean generosity of the rivals beyond that of the `table`, log utility."""
    return float((weights(rivals) * (rivals.generosity - table)).sum())


def young_firms(rivals, params):
    """Factor of the rivals' young firms on the offers that customers have; 1 is normal."""
    weight = weights(rivals)
    size = float((weight * rivals.young).sum()) if weight.any() else 1.0
    return draws.exp(params.market_weight * draws.log(size))


def answer(model, places):
    """Rivals answer within a budget to what the city's instruments add for people and founders, and their young firms
    follow; `places` are those of the quarter (`space.location`).
    """
    params, table = model.params["rivals"], model.city.rivals.generosity
    rows = model.state.rivals.used
    reacts = rows.kind == RivalKind.RIVAL
    pull = model.added_for_people + params.place_weight * float(places.instruments.mean())
    wanted = table + np.clip(rows.reaction * pull, -params.cut, rows.budget)
    rows.generosity[reacts] += params.speed * (wanted - rows.generosity)[reacts]
    normal = 1.0 + params.founding * (rows.generosity - table)
    rows.young[reacts] += params.renewal * (normal - rows.young)[reacts]
