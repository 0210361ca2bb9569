"""What investors pay for a yuan of sales a year: the multiples of sectors, which follow the market.

    multiple = level x that of the sector x (climate / past)^climate_elasticity x window^window_elasticity

The climate is that of national fund-raising, its past the mean of the five years up to now, and the listing window is
as it has been: nobody sees the future. A venue that is foreseen opens the window further for those who value.
"""

from typing import NamedTuple

from sim.mechanisms import environment
from sim.mechanisms.programmes import venue
from sim.world.draws import power
from sim.world.kernel import kernel


class Params(NamedTuple):
    climate_elasticity: float
    window_elasticity: float
    least_window: float
    widest_venue: float


@kernel
def heat(climate, past, window, params):
    """Factor of the market on multiples; 1 where fund-raising and the listing window are as they were."""
    return power(climate / past, params.climate_elasticity) * power(
        max(window, params.least_window), params.window_elasticity
    )


def seen_window(model):
    """The listing window as it has been, not below the one from which multiples fall no more."""
    return max(float(model.state.window[0]), model.params["multiples"].least_window)


def follow(model):
    """Multiples of the quarter."""
    params, sectors = model.params["multiples"], model.state.sectors.used
    climate = model.conditions.fundraising
    market = heat(
        climate=climate,
        past=environment.past(model.city, "fundraising", model.quarter),
        window=float(model.state.window[0]),
        params=params,
    )
    sectors.multiple[:] = model.params["nominal"].level * market * sectors.base_multiple


def of_the_venue(model):
    """Factor on values for a venue that is foreseen; 1 where none is."""
    params = model.params["multiples"]
    opened = 1.0 + venue.foreseen_part(model) / seen_window(model)
    return float(power(min(opened, params.widest_venue), params.window_elasticity))
