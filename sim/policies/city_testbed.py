"""City test-bed: roads and streets where firms try what they make.

Works through development (`mechanisms/programmes/testbeds.py`). Reported: 300 km of roads and 78 firms of autonomous
driving in Lingang. Accidents cost the firm, the public and trust.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class CityTestbed(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "road_km")
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny", "incidents")

    road_km: float
    firms_per_km: float
    term_quarters: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "testbed")
        # As many come in a quarter as leave when all places are taken.
        levers.move("testbed_places", intensity * self.road_km * self.firms_per_km / self.term_quarters, payer=slot)
        levers.move("testbed_term", self.term_quarters)
