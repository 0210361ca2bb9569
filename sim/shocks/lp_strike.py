"""Limited partners stop committing to new funds."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class LpStrike(Instrument):
    share_left: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("fundraising", 1.0 - intensity * (1.0 - self.share_left))
