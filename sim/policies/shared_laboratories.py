"""Shared laboratories: hours on machines that a venture cannot buy, for less than they cost.

Works through development, the cost of setting up and the size of first rounds (`mechanisms/programmes/laboratories.py`,
`founding.py`, `plans.py`). Reported: 100 dollars an hour. Closest evidence: cheaper experiments make first
rounds a fifth smaller and more of them (E07). Hours are rationed, so there is a queue.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class SharedLaboratories(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "hours_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny", "equity_raised_cny/rounds")

    hours_per_quarter: float
    price: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "laboratory")
        levers.move("laboratory_hours", intensity * self.hours_per_quarter, payer=slot)
        levers.move("laboratory_price", self.price)
