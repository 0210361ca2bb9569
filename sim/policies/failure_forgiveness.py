"""Failure forgiveness: founders who fail keep less debt and less of a dent in their pay.

Works through the fear of failing (`mechanisms/people/founding.py`) and the cost of it
(`mechanisms/ventures/endings.py`), not through the skill of those who failed. Reported for first-time founders.
Closest evidence: insured founders enter more and do no worse (E02, Hombert et al. 2020). Cheaper failure also makes
giving up cheaper: strategic default (`mechanisms/programmes/moral_hazard.py`).
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.kinds import Experience
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class FailureForgiveness(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ()  # a rule, not a programme
    INTENDED: ClassVar[tuple[str, ...]] = ("considered_founding", "startups_failed/startups_alive")

    debt_forgiven: float
    stigma_forgiven: float
    first_timers_only: bool

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        whom = Experience.FIRST_TIME if self.first_timers_only else ...
        levers.move("debt", max(0.0, 1.0 - intensity * self.debt_forgiven), whom)
        levers.move("stigma", max(0.0, 1.0 - intensity * self.stigma_forgiven), whom)
