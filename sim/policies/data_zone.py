"""Cross-border data zone: in its districts data may leave, and sales that need it are open.

Works through sales (`mechanisms/ventures/sales.py`). Reported: pilot zones in Pudong that ease international
collaboration.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class DataZone(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ()  # a rule, not a programme
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny",)

    share: float
    districts: Names

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("data_zone", intensity * self.share, levers.where(district=self.districts))
