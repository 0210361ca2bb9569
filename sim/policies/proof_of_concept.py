"""Proof-of-concept grants: money for a prototype, for the best of those who apply.

Works through development and what investors see (`mechanisms/programmes/proof_of_concept.py`). Closest evidence:
winners are 1.9 times as likely as just-losers to raise venture capital later, and a larger second-stage grant has no
effect (E03).
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class ProofOfConcept(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "places_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("first_rounds",)

    grant: float
    places_per_quarter: float
    lowest_score: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "concept")
        levers.move("concept_grant", self.grant)
        levers.move("concept_places", intensity * self.places_per_quarter, payer=slot)
        levers.move("concept_score", self.lowest_score)
