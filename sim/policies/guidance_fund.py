"""Guidance fund: the government is a limited partner of private funds, on its own terms.

Works through fund-raising (`mechanisms/capital/guidance.py`): funds that raise get its money by room over what is asked
for, its concession draws partners to what is on offer (`commitments.py`), and funds close that would not; deals become
scarcer and dearer (`required_return.py`). Reported: 50 bn yuan that stand beside 300 bn
of other money. The announced size is not deployed at once, and the causal estimate is 0.6 to 1.2
private yuan a public yuan (docs/data.md); the gross ratio and the difference to a run without it are shown side by
side.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Endowed, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class GuidanceFund(Endowed):
    GROWS: ClassVar[tuple[str, ...]] = ("size",)
    INTENDED: ClassVar[tuple[str, ...]] = ("lp_commitments_in_quarter_cny", "guidance_partners_to_date_cny", "vc_firms")

    pace_per_quarter: float
    share_cap: float
    concession: float
    local_duty: float
    tilt: float
    sectors: Names = "all"

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        levers.move("guidance_pace", intensity * self.pace_per_quarter, payer=slot)
        levers.move("guidance_cap", self.share_cap)
        levers.move("guidance_concession", self.concession)
        levers.move("guidance_duty", self.local_duty)
        levers.move("guidance_tilt", self.tilt, levers.where(sector=self.sectors))
