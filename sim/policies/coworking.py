"""Subsidised co-working: cheap desks for new ventures in the chosen districts.

Works through location and rent (`mechanisms/space/location.py`, `mechanisms/ventures/operations.py`). Reported: in
all 16 districts; one site of 73 startups. The nearest evidence finds no effect of space and cash alone on fundraising
(E06); desks mostly move ventures between districts.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class Coworking(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "desks_per_district")

    desks_per_district: float
    discount: float
    districts: Names = "all"

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("desks", intensity * self.desks_per_district, levers.where(district=self.districts), payer=slot)
        levers.move("desk_discount", self.discount, levers.where(district=self.districts), payer=slot)
