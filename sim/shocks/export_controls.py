"""Export controls tighten: exposed sectors develop slower and sell less abroad."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ExportControls(Instrument):
    severity: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("export_controls", intensity * self.severity)
