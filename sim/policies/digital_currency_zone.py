"""Digital-currency zone: firms of its districts are paid without the fees of the payment platforms.

Works through the cost of sales (`mechanisms/programmes/payments.py`, `mechanisms/ventures/operations.py`). Reported:
tests in 8,000 firms of Pudong.
"""

from dataclasses import dataclass
from typing import ClassVar

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class DigitalCurrencyZone(Instrument):
    GROWS: ClassVar[tuple] = ("budget", "share")

    share: float
    saving: float
    districts: tuple
    service_sectors: tuple

    def act(self, levers, intensity, slot):
        here = levers.where(district=self.districts)
        levers.move("digital_currency", min(1.0, intensity * self.share), here, payer=slot)
        levers.move("digital_saving", self.saving, here)
        levers.move("digital_services", 1.0, levers.where(sector=self.service_sectors))
