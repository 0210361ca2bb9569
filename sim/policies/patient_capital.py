"""Patient capital: the government invests directly, for long and for less.

Works through the capital market (`mechanisms/funding.py`) as one more investor with a longer life, a lower
required return, a tilt to chosen sectors and some political noise. Reported: 80 bn yuan; another
report says 15 bn dollars.
"""

from dataclasses import dataclass

from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class PatientCapital(Instrument):
    size: float
    years: float
    life_quarters: float
    required_return: float
    tilt: float
    politics: float
    partners: float
    sectors: tuple = "all"

    def appropriation(self, quarter):
        if self.start is not None and quarter >= self.start + 4 * self.years:
            return 0.0
        return self.size / (4.0 * self.years) * (self.intensity(quarter) > 0.0)

    def act(self, levers, intensity, slot):
        levers.move("patient_partners", intensity * self.partners, payer=slot)
        levers.move("patient_life", self.life_quarters)
        levers.move("patient_return", self.required_return)
        levers.move("patient_tilt", self.tilt, levers.where(sector=self.sectors))
        levers.move("patient_politics", self.politics)
