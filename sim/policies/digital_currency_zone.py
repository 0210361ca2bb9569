"""Digital-currency zone: firms of its districts are paid without the fees of the payment platforms.

Works through the cost of sales (`mechanisms/programmes/payments.py`, `mechanisms/ventures/operations.py`). Reported:
tests in 8,000 firms of Pudong.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument, Names
from sim.world.levers import Levers


@dataclass(frozen=True, kw_only=True)
class DigitalCurrencyZone(Instrument):
    GROWS: ClassVar[tuple[str, ...]] = ("budget", "share")
    INTENDED: ClassVar[tuple[str, ...]] = ("startup_revenue_cny",)

    share: float
    saving: float
    districts: Names
    service_sectors: Names

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        here = levers.where(district=self.districts)
        levers.move("digital_currency", min(1.0, intensity * self.share), here, payer=slot)
        levers.move("digital_saving", self.saving, here)
        levers.move("digital_services", 1.0, levers.where(sector=self.service_sectors))
