"""Dollar money leaves Chinese ventures."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ExitOfForeignCapital(Instrument):
    share_left: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("foreign_capital", 1.0 - intensity * (1.0 - self.share_left))
