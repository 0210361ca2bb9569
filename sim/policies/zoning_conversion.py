"""Zoning and conversion: factories and warehouses of chosen districts become offices, and homes if wanted.

Works through the stock of space (`mechanisms/space/location.py`) after a lag that is shorter than that of new
buildings. Reported: textile factories in Xuhui and Yangpu, warehouses along the river. Rents follow where space
grows.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ZoningConversion(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "m2_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("construction_m2",)

    districts: Names
    m2_per_quarter: float  # in every chosen district
    home_share: float
    lag_quarters: float
    cost_per_m2: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        where = levers.where(district=self.districts)
        levers.move("converted_offices", intensity * (1.0 - self.home_share) * self.m2_per_quarter, where)
        levers.move("converted_homes", intensity * self.home_share * self.m2_per_quarter, where)
        levers.move("conversion_lag", self.lag_quarters, where)
        levers.move("conversion_cost", self.cost_per_m2, payer=slot)
