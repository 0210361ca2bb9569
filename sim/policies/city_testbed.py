"""City test-bed: roads and streets where firms try what they make.

Works through development (`mechanisms/programmes/testbeds.py`). Reported: 300 km of roads and 78 firms of autonomous driving in
Lingang. Accidents cost the firm, the public and trust.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective


@dataclass(frozen=True, kw_only=True)
class CityTestbed(Selective):
    GROWS: ClassVar[tuple] = ("budget", "road_km")

    road_km: float
    firms_per_km: float
    term_quarters: float

    def act(self, levers, intensity, slot):
        self.open(levers, "testbed")
        # As many come in a quarter as leave when all places are taken.
        levers.move("testbed_places", intensity * self.road_km * self.firms_per_km / self.term_quarters, payer=slot)
        levers.move("testbed_term", self.term_quarters)
