"""Technology transfer: institutions with targets for transfer, a larger share for inventors, and new curricula.

Works through knowledge (`mechanisms/space/knowledge.py`), ideas for ventures near institutions
(`mechanisms/people/founding.py`) and graduates (`mechanisms/people/migration.py`). Reported: 23 national laboratories
with corporate-style targets, 11 more by 2026, 5,000 graduates a year of partnerships with universities abroad. Targets
use up basic research, of which later ideas are made.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class TechnologyTransfer(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "transfer_gain", "cost_per_institution", "graduates")
    INTENDED: ClassVar[tuple[str, ...]] = ("basic_research", "graduates_stayed")

    institutions: Names  # university, lab
    transfer_gain: float
    cost_per_institution: float
    inventor_share: float
    graduates: float
    additional_share: float
    cost_per_graduate: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        where = levers.where(institution=self.institutions)
        levers.move("transfer", 1.0 + intensity * self.transfer_gain, where)
        levers.move("transfer_cost", intensity * self.cost_per_institution / 4.0, where, payer=slot)
        levers.move("inventor_share", intensity * self.inventor_share)
        levers.move("graduates", intensity * self.additional_share * self.graduates, payer=slot)
        levers.move("graduate_cost", self.cost_per_graduate)
