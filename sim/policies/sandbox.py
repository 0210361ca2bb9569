"""Regulatory sandbox: selected firms sell a limited volume before they comply.

Works through product development, sales and investors' noise (`mechanisms/programmes/sandbox.py`). Reported: over
300 participants and an exemption from immediate compliance. Closest causal evidence: Cornelli et al. 2024.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class Sandbox(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "places_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("sandbox_participants_to_date", "startup_revenue_cny", "incidents")

    places_per_quarter: float
    volume_share: float
    term_quarters: float
    lowest_score: float
    compliance_credit: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "sandbox")
        levers.move("sandbox_places", intensity * self.places_per_quarter, payer=slot)
        levers.move("sandbox_volume", self.volume_share)
        levers.move("sandbox_term", self.term_quarters)
        levers.move("sandbox_score", self.lowest_score)
        levers.move("sandbox_credit", self.compliance_credit)
