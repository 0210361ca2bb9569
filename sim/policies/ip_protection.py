"""Protection of intellectual property: faster courts and higher damages.

A right is worth damages x e^(delay_cost x quarters saved) times the normal in court (`enforcement`). That keeps
imitators off (`mechanisms/ventures/sales.py`), opens foreign corporates to startups (`mechanisms/space/location.py`),
and lets others learn less from what a firm finds (`mechanisms/space/knowledge.py`). Reported: protection remains a
concern of foreign firms.
"""

from dataclasses import dataclass
from math import exp
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class IPProtection(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "quarters_saved")
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny",)

    damages: float
    quarters_saved: float
    delay_cost: float
    cost_per_quarter_saved: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        cost = self.cost_per_quarter_saved * self.quarters_saved
        funded = min(1.0, self.budget / cost) if cost > 0.0 else 1.0  # a purse that is short saves fewer quarters
        worth = self.damages * exp(self.delay_cost * self.quarters_saved * funded)
        levers.move("enforcement", 1.0 + intensity * (worth - 1.0))
        levers.move("court_cost", intensity * funded * cost / 4.0, payer=slot)
