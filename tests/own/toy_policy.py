"""A policy from outside the package: vouchers that customers spend at startups."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class Vouchers(Instrument):
    demand: float
    sectors: tuple = "all"

    def act(self, levers, intensity, slot):
        levers.move("demand", 1.0 + intensity * (self.demand - 1.0), levers.where(sector=self.sectors))
