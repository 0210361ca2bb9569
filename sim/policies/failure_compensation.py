"""Failure compensation fund: investors get back a part of what they lose on a firm that folds.

Works through bids, the effort of leads and write-offs (`mechanisms/capital/bids.py`, `rounds.py`, `redemption.py`),
through what partners of funds expect (`commitments.py`), and claims (`mechanisms/programmes/compensation.py`). The
articles report a flat 30 percent; the rule in force from 1 February 2016 pays up to 60 percent at seed and 30 percent
at early stage, with caps per project and per investor and year (published measure). Both are variants.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument
from sim.world.kinds import Stage
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class FailureCompensation(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = (
        "budget",
        "rate_seed",
        "rate_early",
        "rate_later",
        "project_cap",
        "investor_cap",
    )
    INTENDED: ClassVar[tuple[str, ...]] = ("angel_raised_cny", "first_rounds")

    rate_seed: float
    rate_early: float
    rate_later: float
    project_cap: float
    investor_cap: float
    audit_share: float
    registered_share: float

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("loss_cover", min(1.0, intensity * self.rate_seed), Stage.SEED, payer=slot)
        levers.move("loss_cover", min(1.0, intensity * self.rate_early), Stage.A)
        levers.move("loss_cover", min(1.0, intensity * self.rate_later), slice(Stage.B, None))
        levers.move("loss_project_cap", self.project_cap)
        levers.move("loss_investor_cap", self.investor_cap)
        levers.move("loss_audit", self.audit_share)
        levers.move("loss_registered", self.registered_share)
