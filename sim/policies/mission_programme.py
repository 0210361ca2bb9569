"""Mission programme: a path of public spending on research in chosen sectors.

Buys research of institutions with diminishing returns (`mechanisms/knowledge.py`) and tilts patient capital and the guidance fund towards
the sectors, where these are in force. Reported: 150 billion dollars from 2025 to 2035 for quantum computing, biomedicine and green technology;
research to 6.5 percent of GDP by 2035. Ventures concentrate on the sectors that are paid for.
"""

from dataclasses import dataclass

from sim.policies.instrument import Endowed


@dataclass(frozen=True, kw_only=True)
class MissionProgramme(Endowed):
    growth: float
    tilt: float
    sectors: tuple
    weights: tuple[float, ...]  # of the sectors, in their order

    def appropriation(self, quarter):
        """Yuan of the quarter: `size` over whole `years`, each year (1 + growth) times the one before."""
        year, years = (quarter - self.start) // 4, int(self.years)
        if not 0 <= year < years or self.intensity(quarter) == 0.0:
            return 0.0
        path = [(1.0 + self.growth) ** y for y in range(years)]
        return self.size * path[year] / sum(path) / 4.0

    def act(self, levers, intensity, slot):
        for sector, weight in zip(self.sectors, self.weights, strict=True):
            where = levers.where(sector=(sector,))
            levers.move("research", intensity * weight / sum(self.weights), where, payer=slot)
            levers.move("patient_tilt", 1.0 + intensity * (self.tilt - 1.0), where)
            levers.move("guidance_tilt", 1.0 + intensity * (self.tilt - 1.0), where)

    def check(self, city):
        problems = ["start=null: its spending path needs a start"] if self.start is None else []
        if self.sectors == "all" or len(self.sectors) != len(self.weights):
            problems.append(f"sectors: name as many as there are weights, {len(self.weights)}")
        return problems + (["weights: one of them must be above 0"] if sum(self.weights) <= 0.0 else [])
