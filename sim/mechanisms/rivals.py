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

from sim.world.draws import exp, log
from sim.world.kernel import kernel
from sim.world.kinds import RivalKind
from sim.world.sums import total


class Params(NamedTuple):
    speed: float
    cut: float
    budget: float
    place_weight: float
    renewal: float
    founding: float
    market_weight: float


@kernel
def weights(rivals):
    """Size of each place as a rival, float64[rivals], sums to one where there is one; 0 for those who are none."""
    size = np.zeros(len(rivals))
    for i in range(len(rivals)):
        if rivals.kind[i] == RivalKind.RIVAL:
            size[i] = rivals.vc_2019[i]
    return size / max(total(size), 1.0)


@kernel
def added_generosity(rivals, table):
    """Mean generosity of the rivals beyond that of the `table`, log utility."""
    return total(weights(rivals) * (rivals.generosity - table))


@kernel
def young_firms(rivals, params):
    """Factor of the rivals' young firms on the offers that customers have; 1 is normal."""
    weight = weights(rivals)
    size = total(weight * rivals.young) if weight.any() else 1.0
    return exp(params.market_weight * log(size))


@kernel
def _follow(rivals, table, pull, params):
    """Rivals' generosity and their young firms move towards what they answer to a `pull` here, log utility."""
    for i in range(len(rivals)):
        place = rivals[i]
        if place.kind == RivalKind.RIVAL:
            wanted = table[i] + min(max(place.reaction * pull, -params.cut), place.budget)
            place.generosity += params.speed * (wanted - place.generosity)
            normal = 1.0 + params.founding * (place.generosity - table[i])
            place.young += params.renewal * (normal - place.young)


def answer(model, places):
    """Rivals answer within a budget to what the city's instruments add for people and founders, and their young firms
    follow; `places` are those of the quarter (`space.location`).
    """
    params = model.params["rivals"]
    pull = model.added_for_people + params.place_weight * float(places.instruments.mean())
    _follow(rivals=model.state.rivals.used, table=model.city.rivals.generosity, pull=pull, params=params)
