"""Accelerator: cash, a desk and, by the share of schooling, mentors for some months.

Works through development and what investors see (`mechanisms/programmes/accelerators.py`). Closest evidence: desk and
cash alone change nothing in fund-raising, schooling raises its probability by up to 45 percent (E06). Reported: 37
startups in one corporate accelerator since 2023, the variant whose cost the corporates of the sector pay.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Selective
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class Accelerator(Selective):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "places_per_quarter")
    INTENDED: ClassVar[tuple[str, ...]] = ("first_rounds",)

    places_per_quarter: float
    months: float
    schooling: float
    stipend: float
    lowest_score: float
    sponsored: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        self.open(levers, "accelerator")
        levers.move("accelerator_places", intensity * self.places_per_quarter, payer=slot)
        levers.move("accelerator_score", self.lowest_score)
        levers.move("accelerator_term", self.months / 3.0)
        levers.move("accelerator_schooling", self.schooling)
        levers.move("accelerator_stipend", self.stipend)
        levers.move("accelerator_sponsor", self.sponsored)
