"""Innovation zone: one district is built up for chosen sectors.

Part of the money builds offices through the district's works (`mechanisms/space/location.py`), the rest buys what
makes contact between people there easier: knowledge spreads more within the district
(`mechanisms/space/knowledge.py`) and new ventures of the sectors are drawn to it (`mechanisms/space/location.py`).
Reported: 22 billion dollars from 2016 for Zhangjiang, Yangpu and Minhang. Much of what a zone draws comes from other
districts.
"""

from dataclasses import dataclass
from typing import Self

from sim.policies.instrument import Endowed, Names
from sim.world.city import City
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class InnovationZone(Endowed):
    districts: Names
    sectors: Names
    office_share: float
    pull: float
    contact_gain: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        where = levers.where(district=self.districts, sector=self.sectors)
        money = self.size / (4.0 * self.years * where[1].size)  # a quarter and sector
        levers.move("office_works", self.office_share * money, where, payer=slot)
        levers.move("infrastructure", (1.0 - self.office_share) * money, where, payer=slot)
        levers.move("zone_pull", intensity * self.pull, where)
        levers.move("contact", 1.0 + intensity * self.contact_gain, levers.where(district=self.districts))

    def excludes(self, other: Self) -> bool:
        """Zones of one district with a sector in common are variants of one; others may stand together."""
        in_common = "all" in (self.sectors, other.sectors) or set(self.sectors) & set(other.sectors)
        return self.districts == other.districts and bool(in_common)

    def check(self, city: City) -> list[str]:
        problems = [] if len(self.districts) == 1 and self.districts != "all" else ["districts: a zone is one district"]
        return problems + (["sectors=[]: so nobody is drawn to it"] if self.sectors == () else [])
