"""Innovation zone: one district is built up for chosen sectors.

Part of the money builds offices (`mechanisms/space/rents.py`), the rest transport, housing, parks and laboratories
(`mechanisms/space/zones.py`): their stock draws new ventures, raises what firms there make and brings people into
contact. Reported: 22 billion dollars from 2016 for Zhangjiang, Yangpu and Minhang. Much of what a zone draws comes
from other districts.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from sim.policies.instrument import Endowed, Names
from sim.world.city import City
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class InnovationZone(Endowed):
    INTENDED: ClassVar[tuple[str, ...]] = ("construction_m2",)

    districts: Names
    sectors: Names
    office_share: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        where = levers.where(district=self.districts, sector=self.sectors)
        money = self.size / (4.0 * self.years * where[1].size)  # a quarter and sector
        levers.move("office_works", self.office_share * money, where, payer=slot)
        levers.move("infrastructure", (1.0 - self.office_share) * money, where, payer=slot)

    def excludes(self, other: Self) -> bool:
        """Zones of one district with a sector in common are variants of one; others may stand together."""
        in_common = "all" in (self.sectors, other.sectors) or set(self.sectors) & set(other.sectors)
        return self.districts == other.districts and bool(in_common)

    def check(self, city: City) -> list[str]:
        problems = [] if len(self.districts) == 1 and self.districts != "all" else ["districts: a zone is one district"]
        return problems + (["sectors=[]: so nobody is drawn to it"] if self.sectors == () else [])
