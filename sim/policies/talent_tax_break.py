"""Talent tax break: income tax above a rate is refunded to well-paid persons of chosen origins.

Works through what households keep (`mechanisms/people/households.py`) and the net wage that migration compares
(`mechanisms/people/migration.py`). The public record caps the tax of overseas talent at 15 percent; the reports only
name tax breaks. What is refunded is the revenue lost. The wages of the others follow from those who come or stay.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class TalentTaxBreak(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "share")
    INTENDED: ClassVar[tuple[str, ...]] = ("domestic_arrivals", "leavers")

    rate: float
    floor: float
    share: float
    origins: Names

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("tax_relief", intensity * self.share, levers.where(origin=self.origins), payer=slot)
        levers.move("tax_cap", self.rate)
        levers.move("tax_floor", self.floor)
