"""Talent visas: longer permits with less waiting for foreign experts and founders.

Works through migration (`mechanisms/people/migration.py`). Reported: ten-year visas. The literature conflicts on
the effect of visas on firms (Doran, Gelber and Isen 2016: modest).
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.kinds import Origin
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class TalentVisa(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "quota_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("foreign_arrivals", "foreign_residents")

    added_quarters: float
    wait_change: float
    quota_per_quarter: float
    cost_per_permit: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("visa_quarters", self.added_quarters, Origin.FOREIGN)
        levers.move("visa_delay", self.wait_change, Origin.FOREIGN)
        levers.move("visa_quota", intensity * self.quota_per_quarter, payer=slot)
        levers.move("visa_cost", self.cost_per_permit)
