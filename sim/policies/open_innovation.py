"""Corporate open innovation: open laboratories and outposts, pilots that the programme pays in part.

Works through development, sales and sales of companies (`mechanisms/programmes/partnerships.py`, `sales.py`,
`acquisitions.py`). Reported: Tesla's plant as an open laboratory, Roche's outposts; no size. A venture whose sales
hang on one corporate loses them with it.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class OpenInnovation(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "places_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny", "acquisitions", "partners_lost")

    places_per_quarter: float
    match: float
    openness: float
    laboratory: float
    acquisitions: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "pilot")
        levers.move("pilot_places", intensity * self.places_per_quarter, payer=slot)
        levers.move("pilot_match", self.match)
        levers.move("corporate_laboratory", intensity * self.laboratory)
        levers.move("corporate_openness", intensity * self.openness, levers.where(sector=self.sectors))
        levers.move("acquisitions", 1.0 + intensity * (self.acquisitions - 1.0), levers.where(sector=self.sectors))
