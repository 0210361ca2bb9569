"""A rent spike: other tenants want more space."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class RentSpike(Instrument):
    demand_rise: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("tenants", 1.0 + intensity * self.demand_rise)
