"""A slowdown: demand in the nation falls below its path."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class Slowdown(Instrument):
    demand_fall: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("macro_demand", 1.0 - intensity * self.demand_fall)
