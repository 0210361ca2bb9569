"""Listing venue: a board of the city with lower thresholds, places of its own and a shorter queue.

Works through listings (`mechanisms/programmes/venue.py`, `mechanisms/capital/listing.py`) and, as investors foresee it,
through their values (`multiples.py`). Reported: a blockchain-based listing system. The listings that it adds are the
marginal ones.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ListingVenue(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "places_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("ipos", "listing_queue", "listed_value_cny")

    thresholds: float
    places_per_quarter: float
    quarters_saved: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("venue_thresholds", self.thresholds)
        levers.move("venue_places", intensity * self.places_per_quarter, payer=slot)
        levers.move("venue_haste", self.quarters_saved)
