"""A drain of talent in chosen sectors: pay elsewhere rises and more people leave."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ChipTalentDrain(Instrument):
    wage_rise: float
    leaving_factor: float
    sectors: Names

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        chosen = levers.where(sector=self.sectors)
        levers.move("rival_wage", 1.0 + intensity * self.wage_rise, chosen)
        levers.move("leaving", 1.0 + intensity * (self.leaving_factor - 1.0), chosen)
