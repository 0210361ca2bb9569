"""Talent homes: newcomers of the origins and skill admitted rent below the market while there are homes.

Works through migration, homes and rents (`mechanisms/people/attraction.py`, `settlement.py`, `households.py`).
Reported: 30 percent below market. Where homes are scarce the others pay: rents clear on all residents.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class TalentHomes(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "homes_per_district")
    INTENDED: ClassVar[tuple[str, ...]] = ("graduates_stayed", "leavers")

    homes_per_district: float
    discount: float
    lowest_skill: float
    districts: Names = "all"
    origins: Names = "all"

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("homes", intensity * self.homes_per_district, levers.where(district=self.districts), payer=slot)
        levers.move("home_discount", self.discount, levers.where(district=self.districts), payer=slot)
        levers.move("homes_skill", self.lowest_skill)
        if self.origins != "all":
            levers.move(
                "homes_for",
                0.0,
                levers.where(origin=tuple(name for name in levers.names["origin"] if name not in self.origins)),
            )
