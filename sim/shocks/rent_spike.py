"""A rent spike: other tenants want more space."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class RentSpike(Instrument):
    demand_rise: float

    def act(self, levers, intensity, slot):
        levers.move("tenants", 1.0 + intensity * self.demand_rise)
