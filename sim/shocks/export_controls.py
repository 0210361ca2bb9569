"""Export controls tighten: exposed sectors develop slower and sell less abroad."""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class ExportControls(Instrument):
    severity: float

    def act(self, levers, intensity, slot):
        levers.move("export_controls", intensity * self.severity)
