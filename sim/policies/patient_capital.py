"""Patient capital: the government invests directly, for long and for less.

Works through the capital market (`mechanisms/capital/patient_capital.py`) as one more investor with a longer life, a
required return below the market's, partners by its size, a pace (`pace.py`), a tilt to chosen sectors and some
political noise. Reported: 80 bn yuan; another report says 15 bn dollars.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Endowed, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class PatientCapital(Endowed):
    GROWS: ClassVar[tuple[str, ...]] = ("size",)
    INTENDED: ClassVar[tuple[str, ...]] = ("patient_raised_cny", "hard_tech_raised_cny")

    life_quarters: float
    concession: float
    tilt: float
    politics: float
    money_per_partner: float
    sectors: Names = "all"

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("patient_partners", intensity * self.size / self.money_per_partner, payer=slot)
        levers.move("patient_life", self.life_quarters)
        levers.move("patient_concession", self.concession)
        levers.move("patient_tilt", self.tilt, levers.where(sector=self.sectors))
        levers.move("patient_politics", self.politics)
