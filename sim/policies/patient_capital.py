"""Patient capital: the government invests directly, for long and for less.

Works through the capital market (`mechanisms/capital/patient_capital.py`) as one more investor with a longer life, a
lower required return, a tilt to chosen sectors and some political noise. Reported: 80 bn yuan; another report says
15 bn dollars.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Endowed, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class PatientCapital(Endowed):
    GROWS: ClassVar[tuple[str, ...]] = ("size", "partners")

    life_quarters: float
    required_return: float
    tilt: float
    politics: float
    partners: float
    sectors: Names = "all"

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("patient_partners", intensity * self.partners, payer=slot)
        levers.move("patient_life", self.life_quarters)
        levers.move("patient_return", self.required_return)
        levers.move("patient_tilt", self.tilt, levers.where(sector=self.sectors))
        levers.move("patient_politics", self.politics)
