"""Rival cities escalate: better pay and more generous policies."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class RivalEscalation(Instrument):
    wage_rise: float
    generosity: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("rival_wage", 1.0 + intensity * self.wage_rise)
        levers.move("rival_generosity", intensity * self.generosity)
