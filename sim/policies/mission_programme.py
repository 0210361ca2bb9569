"""Mission programme: a path of public spending on research in chosen sectors.

Buys research of institutions with diminishing returns (`mechanisms/space/knowledge.py`) and tilts patient capital and
the guidance fund towards the sectors, where these are in force. Reported: 150 billion dollars from 2025 to 2035 for
quantum computing, biomedicine and green technology; research to 6.5 percent of GDP by 2035. Ventures concentrate on
the sectors that are paid for.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Endowed
from sim.world.city import City
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class MissionProgramme(Endowed):
    INTENDED: ClassVar[tuple[str, ...]] = ("hard_tech_raised_cny", "basic_research")

    growth: float
    tilt: float
    sectors: tuple[str, ...]
    first_share: float  # of the money to the first of the sectors; the others share the rest alike

    def appropriation(self, quarter: int) -> float:
        """Yuan of the quarter: `size` over whole `years`, each year (1 + growth) times the one before."""
        if self.start is None or self.intensity(quarter) == 0.0:
            return 0.0
        year, years = (quarter - self.start) // 4, int(self.years)
        if not 0 <= year < years:
            return 0.0
        path = [1.0]
        for _ in range(1, years):
            path.append(path[-1] * (1.0 + self.growth))
        return self.size * path[year] / sum(path) / 4.0

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        first, *others = self.sectors
        levers.move(
            "research", intensity * (self.first_share if others else 1.0), levers.where(sector=(first,)), payer=slot
        )
        if others:
            levers.move(
                "research", intensity * (1.0 - self.first_share) / len(others), levers.where(sector=others), payer=slot
            )
        tilt = 1.0 + intensity * (self.tilt - 1.0)
        levers.move("patient_tilt", tilt, levers.where(sector=self.sectors))
        levers.move("guidance_tilt", tilt, levers.where(sector=self.sectors))

    def check(self, city: City) -> list[str]:
        problems = ["start=null: its spending path needs a start"] if self.start is None else []
        return problems + (
            ["sectors: name one or more, the first of which gets first_share"] if self.sectors in ("all", ()) else []
        )
