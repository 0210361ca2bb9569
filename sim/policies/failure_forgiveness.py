"""Failure forgiveness: founders who fail keep less debt and less of a dent in their pay.

Works through the fear of failing (`mechanisms/founding.py`) and the cost of it (`exits.py`), not through the
skill of those who failed. Reported for first-time founders. Closest evidence: insured founders enter
more and do no worse (E02, Hombert et al. 2020). Cheaper failure also makes giving up cheaper.
"""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class FailureForgiveness(Instrument):
    debt_forgiven: float
    stigma_forgiven: float

    def act(self, levers, intensity, slot):
        levers.move("debt", 1.0 - intensity * self.debt_forgiven)
        levers.move("stigma", 1.0 - intensity * self.stigma_forgiven)
