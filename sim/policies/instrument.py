"""What every policy instrument has: a name, a calendar, a budget, and levers that it moves.

A subclass is a frozen dataclass whose fields are the knobs of its yaml and whose `act` moves
levers. To add a policy write one such file and one yaml whose `_target_` names the class; it
may live outside this package.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import numpy as np

from sim.world.city import City
from sim.world.levers import Levers

Names = tuple[str, ...] | Literal["all"]  # of districts, sectors, stages or origins


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A policy instrument; shocks have the same shape.

    Quarters are integers (`sim.world.calendar`), None means always or never. `budget` is the yearly
    appropriation in yuan at scale 1; `administration` the share of spending that running it costs.
    From the quarter `announced` on, whoever decides for the years to come reckons with the full policy
    (`Ecosystem.foreseen`); one that was not announced is reckoned with as it stands. `GROWS` names the knobs that
    grow with the size of the programme, `INTENDED` what a comparison shows of it beyond the outcomes that it shows of
    all: columns of the panel of the city, or ratios of two such as `startups_failed/startups_alive`.
    """

    GROWS: ClassVar[tuple[str, ...]] = ("budget",)
    INTENDED: ClassVar[tuple[str, ...]] = ()

    name: str = ""  # without one, that of its class
    start: int | None = None
    end: int | None = None
    announced: int | None = None
    phase_in_quarters: int = 0
    budget: float = 0.0
    administration: float = 0.0

    def intensity(self, quarter: int) -> float:
        """Share of the full policy in force: 0 outside the calendar, rising to 1 over the phase-in."""
        begun = self.start is None or quarter >= self.start
        if not begun or (self.end is not None and quarter > self.end):
            return 0.0
        if self.start is None or self.phase_in_quarters <= 0:
            return 1.0
        return min(1.0, (quarter - self.start + 1) / self.phase_in_quarters)

    def appropriation(self, quarter: int) -> float:
        """Yuan that the treasury puts into the purse this quarter, at scale 1."""
        return self.budget / 4.0 * self.intensity(quarter)

    def foreseen(self, quarter: int) -> float:
        """Share of the policy that those reckon with in a quarter who decide for the years to come."""
        if self.announced is None or quarter < self.announced:
            return self.intensity(quarter)
        return 0.0 if self.end is not None and quarter > self.end else 1.0

    def scaled(self, factor: float) -> Self:
        """The same instrument `factor` times as large."""
        return replace(self, **{knob: factor * getattr(self, knob) for knob in self.GROWS})

    def excludes(self, other: Self) -> bool:
        """Whether `other`, of the same class, may not be in force at the same time: two variants of one instrument."""
        return True

    def act(self, levers: Levers, intensity: float, slot: int) -> None:
        """Move levers for a quarter; `slot` is the policy's purse."""
        raise TypeError(f"{type(self).__name__} does not say which levers it moves")

    def check(self, city: City) -> list[str]:
        """Problems of the knobs taken together, as sentences; none by default."""
        return []


@dataclass(frozen=True, kw_only=True)
class Endowed(Instrument):
    """An instrument with a size, which the treasury appropriates in equal parts over some years; no yearly budget."""

    GROWS: ClassVar[tuple[str, ...]] = ("size",)

    size: float
    years: float

    def appropriation(self, quarter: int) -> float:
        over = self.start is not None and quarter >= self.start + 4 * self.years
        return 0.0 if over or self.intensity(quarter) == 0.0 else self.size / (4.0 * self.years)


@dataclass(frozen=True, kw_only=True)
class Selective(Instrument):
    """An instrument for firms of chosen sectors, districts, stages, origins of the founder, and sizes of the team."""

    sectors: Names = "all"
    districts: Names = "all"
    stages: Names = "all"  # idea, seed, a, b, c, d: of the last round
    origins: Names = "all"  # local, returnee, foreign
    smallest_team: float = 0.0  # employees
    largest_team: float = 1e6

    def eligible(self, levers: Levers) -> tuple[np.ndarray, ...]:
        """Where a lever over districts, sectors, stages and origins has to move."""
        return levers.where(district=self.districts, sector=self.sectors, stage=self.stages, origin=self.origins)

    def open(self, levers: Levers, programme: str) -> None:
        """Move the levers `<programme>_open` and `<programme>_teams`: who may apply."""
        levers.move(f"{programme}_open", 1.0, self.eligible(levers))
        levers.move(f"{programme}_teams", [-self.smallest_team, self.largest_team])

    def check(self, city: City) -> list[str]:
        if self.smallest_team > self.largest_team:
            return [
                f"smallest_team={self.smallest_team:g}: above largest_team={self.largest_team:g}, "
                "so no firm is eligible"
            ]
        return [
            f"{axis}=[]: so no firm is eligible"
            for axis in ("sectors", "districts", "stages", "origins")
            if getattr(self, axis) == ()
        ]
