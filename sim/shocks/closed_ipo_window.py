"""The listing window closes to a part of its width (F08c: listings fell by 74 percent when it closed in 2023)."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ClosedIpoWindow(Instrument):
    share_left: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("ipo", 1.0 - intensity * (1.0 - self.share_left))
