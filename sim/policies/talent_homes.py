"""Talent homes: newcomers rent below the market while there are homes.

Works through migration and rents (`mechanisms/migration.py`, `operations.py`). Reported: 30 percent below market. Where
homes are scarce the others pay: rents clear on all residents.
"""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class TalentHomes(Instrument):
    homes_per_district: float
    discount: float
    districts: tuple = "all"

    def act(self, levers, intensity, slot):
        levers.move("homes", intensity * self.homes_per_district, levers.where(district=self.districts), payer=slot)
        levers.move("home_discount", self.discount, levers.where(district=self.districts), payer=slot)
