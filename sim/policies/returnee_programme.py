"""Returnee programme: offices abroad, a grant on arrival, a seed grant for those who found.

Works through migration and founding. Reported: over 80,000 overseas-educated Chinese since 2018. Most of
them would have come anyway (deadweight), which the difference to a run without it shows.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.kinds import Origin
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ReturneeProgramme(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "arrival_grant", "seed_grant")
    INTENDED: ClassVar[tuple[str, ...]] = ("returnee_residents", "returnees/returnees_china")

    arrival_grant: float
    seed_grant: float
    appeal: float
    offices_cost: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("arrival_grant", intensity * self.arrival_grant, Origin.RETURNEE, payer=slot)
        levers.move("seed_grant", intensity * self.seed_grant, Origin.RETURNEE, payer=slot)
        levers.move("offices_abroad", intensity * self.offices_cost / 4.0, payer=slot)
        levers.move("appeal", intensity * self.appeal, Origin.RETURNEE)
