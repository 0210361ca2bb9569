"""What a policy may touch.

A policy or shock never touches state. It moves levers: named fields over districts, sectors, stages
or origins, each with a neutral value and a rule by which several policies combine. Mechanisms
read levers, and a lever at its neutral value leaves every bit of a run unchanged.

To add a lever, add a line to `LEVERS` and one factor or term to one equation.
"""

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import EllipsisType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.world.kinds import NOBODY, Experience, Institution, Origin, Stage


@dataclass(frozen=True)
class Lever:
    """A field that policies may move: its axes, neutral value, rule of combination and meaning."""

    axes: tuple[str, ...]
    neutral: float
    combine: np.ufunc
    unit: str
    meaning: str
    size: bool = False  # a number of the whole city, which a run at a smaller scale has less of
    low: float = 0.0  # least and
    high: float = np.inf  # most that one policy may move it by

    @cached_property
    def most(self) -> float:
        """Most that one policy may move it by; a factor has a bound also where none is named."""
        return min(self.high, MOST_FACTOR) if self.unit == "factor" else self.high


MOST_FACTOR = 1e6  # by which one policy may multiply anything; more is a slip, and money would overflow
Where = int | slice | EllipsisType | tuple[np.ndarray, ...]  # elements of a lever, by the first axis or by all
SUM, PRODUCT, LOWEST, HIGHEST = np.add, np.multiply, np.minimum, np.maximum
KINDS = {
    "stage": Stage,
    "origin": Origin,
    "experience": Experience,
    "institution": Institution,
}  # axes that are kinds of the model
FIRMS = ("district", "sector", "stage", "origin")  # who is eligible for a programme of firms

LEVERS = {
    # the outside world, moved by shocks
    "macro_demand": Lever((), 1.0, PRODUCT, "factor", "demand in the nation"),
    "fundraising": Lever((), 1.0, PRODUCT, "factor", "national fund-raising of venture capital"),
    "ipo": Lever((), 1.0, PRODUCT, "factor", "national listings"),
    "foreign_capital": Lever((), 1.0, PRODUCT, "factor", "dollar money for Chinese ventures"),
    "export_controls": Lever((), 0.0, SUM, "severity", "added to the controls of the history"),
    "rival_wage": Lever(("sector",), 1.0, PRODUCT, "factor", "wages elsewhere"),
    "rival_generosity": Lever((), 0.0, SUM, "log utility", "of the policies of rival cities", low=-np.inf),
    "leaving": Lever(("sector",), 1.0, PRODUCT, "factor", "residents who leave, beyond retirement"),
    "tenants": Lever(("district",), 1.0, PRODUCT, "factor", "space wanted by tenants outside the tech economy"),
    # knowledge
    "transfer": Lever(("institution",), 1.0, PRODUCT, "factor", "ideas that an institution that takes part passes on"),
    "transfer_cost": Lever(
        ("institution",), 0.0, SUM, "yuan per quarter", "paid for an institution that takes part", size=True
    ),
    "inventor_share": Lever((), 0.0, SUM, "share", "of the gains from an invention, added to its inventor's", high=1.0),
    "research": Lever(("sector",), 0.0, SUM, "share of its purse", "spent in a quarter on research of institutions"),
    "enforcement": Lever((), 1.0, PRODUCT, "factor", "worth of a right to intellectual property in court"),
    "court_cost": Lever((), 0.0, SUM, "yuan per quarter", "of courts", size=True),
    # ideas, product and sales
    "ideas": Lever(("district", "sector"), 1.0, PRODUCT, "factor", "arrival of ideas for ventures"),
    "progress": Lever(("district", "sector"), 1.0, PRODUCT, "factor", "speed of product development"),
    "burden": Lever(("sector",), 1.0, PRODUCT, "factor", "compliance work of a new venture"),
    "demand": Lever(("sector",), 1.0, PRODUCT, "factor", "sales of startups"),
    "data_zone": Lever(
        ("district",), 0.0, SUM, "share", "of the barrier to data crossing borders that falls", high=1.0
    ),
    # founders who fail
    "debt": Lever(("experience",), 1.0, PRODUCT, "factor", "debt that a failure leaves with the founder"),
    "stigma": Lever(("experience",), 1.0, PRODUCT, "factor", "share of pay that employers take off after a failure"),
    # people
    "appeal": Lever(("origin",), 0.0, SUM, "log utility", "appeal of the city to arrivals", low=-np.inf),
    "arrival_grant": Lever(("origin",), 0.0, SUM, "yuan per person", "grant to a person who arrives"),
    "seed_grant": Lever(("origin",), 0.0, SUM, "yuan per venture", "grant to a new venture by origin of its founder"),
    "offices_abroad": Lever((), 0.0, SUM, "yuan per quarter", "of offices abroad", size=True),
    "graduates": Lever((), 0.0, SUM, "persons per year", "more graduates", size=True),
    "graduate_cost": Lever((), 0.0, SUM, "yuan per graduate", "of those"),
    "tax_relief": Lever(("origin",), 0.0, SUM, "share", "of the income tax above the cap that is refunded", high=1.0),
    "tax_cap": Lever((), np.inf, LOWEST, "share of pay", "income tax above which is refunded"),
    "tax_floor": Lever((), 0.0, SUM, "yuan per year", "pay from which tax is refunded"),
    "visa_quarters": Lever(("origin",), 0.0, SUM, "quarters", "added length of a residence permit"),
    "visa_delay": Lever(("origin",), 0.0, SUM, "quarters", "change of the wait for a permit", low=-np.inf),
    "visa_quota": Lever((), 0.0, SUM, "persons per quarter", "permits at the better terms", size=True),
    "visa_cost": Lever((), 0.0, SUM, "yuan per permit", "administration of a permit at the better terms"),
    # space
    "desks": Lever(("district",), 0.0, SUM, "desks", "subsidised desks", size=True),
    "desk_discount": Lever(("district",), 0.0, SUM, "share", "cut of the rent of a subsidised desk", high=1.0),
    "homes": Lever(("district",), 0.0, SUM, "homes", "subsidised homes", size=True),
    "home_discount": Lever(("district",), 0.0, SUM, "share", "cut of the rent of a subsidised home", high=1.0),
    "homes_for": Lever(("origin",), 1.0, PRODUCT, "flag", "who may have a subsidised home, by origin"),
    "homes_skill": Lever((), -np.inf, HIGHEST, "standard deviations", "lowest skill of who may have one", low=-np.inf),
    "office_works": Lever(
        ("district", "sector"),
        0.0,
        SUM,
        "yuan per quarter",
        "of public building of offices; the sector only says for whose sake",
        size=True,
    ),
    "infrastructure": Lever(("district", "sector"), 0.0, SUM, "yuan per quarter", "of other public works", size=True),
    "converted_offices": Lever(
        ("district",), 0.0, SUM, "m2 per quarter", "of factories and warehouses that become offices", size=True
    ),
    "converted_homes": Lever(
        ("district",), 0.0, SUM, "m2 per quarter", "of factories and warehouses that become homes", size=True
    ),
    "conversion_lag": Lever(("district",), 0.0, SUM, "quarters", "mean time of such a conversion"),
    "conversion_cost": Lever((), 0.0, SUM, "yuan per m2", "of such a conversion"),
    # regulatory sandbox
    "sandbox_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that the sandbox admits"),
    "sandbox_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that it admits", low=-np.inf
    ),
    "sandbox_places": Lever((), 0.0, SUM, "firms per quarter", "admissions", size=True),
    "sandbox_term": Lever((), 0.0, SUM, "quarters", "length of the stay"),
    "sandbox_volume": Lever((), 0.0, SUM, "share", "sales allowed before compliance", high=1.0),
    "sandbox_score": Lever((), 0.0, SUM, "standard deviations", "lowest score admitted", low=-np.inf),
    "sandbox_credit": Lever((), 0.0, SUM, "share", "compliance work forgiven at a clean exit", high=1.0),
    # shared laboratories
    "laboratory_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that may use them"),
    "laboratory_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that may", low=-np.inf
    ),
    "laboratory_hours": Lever((), 0.0, SUM, "hours per quarter", "that they are open", size=True),
    "laboratory_price": Lever((), 0.0, SUM, "yuan an hour", "that a firm pays"),
    # proof-of-concept grants
    "concept_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that may apply"),
    "concept_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that may", low=-np.inf
    ),
    "concept_grant": Lever((), 0.0, SUM, "yuan", "a grant"),
    "concept_places": Lever((), 0.0, SUM, "firms per quarter", "grants", size=True),
    "concept_score": Lever((), 0.0, SUM, "standard deviations", "lowest score that gets a grant", low=-np.inf),
    # accelerator
    "accelerator_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that may apply"),
    "accelerator_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that may", low=-np.inf
    ),
    "accelerator_places": Lever((), 0.0, SUM, "firms per quarter", "admissions", size=True),
    "accelerator_score": Lever((), 0.0, SUM, "standard deviations", "lowest score admitted", low=-np.inf),
    "accelerator_term": Lever((), 0.0, SUM, "quarters", "length of the stay"),
    "accelerator_schooling": Lever(
        (), 0.0, SUM, "share", "of the stay with mentors and classes, beside desk and cash", high=1.0
    ),
    "accelerator_stipend": Lever((), 0.0, SUM, "yuan per firm", "cash, and the worth of the desk"),
    "accelerator_sponsor": Lever((), 0.0, SUM, "share", "of the cost that corporates of the sector pay", high=1.0),
    # corporate open innovation
    "pilot_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that may sell a pilot"),
    "pilot_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that may", low=-np.inf
    ),
    "pilot_places": Lever((), 0.0, SUM, "firms per quarter", "new pilots", size=True),
    "pilot_match": Lever((), 0.0, SUM, "share", "of a pilot that the programme pays", high=1.0),
    "corporate_openness": Lever(("sector",), 0.0, SUM, "index", "added to the openness of corporates, 0 to 1"),
    "corporate_laboratory": Lever((), 0.0, SUM, "share", "of the speed that a partner's laboratory can add"),
    "acquisitions": Lever(("sector",), 1.0, PRODUCT, "factor", "chance that a corporate buys a venture"),
    # city test-bed
    "testbed_open": Lever(FIRMS, 0.0, SUM, "flag", "firms that may test in the city"),
    "testbed_teams": Lever(
        ("bound",), np.inf, LOWEST, "employees", "minus the smallest, and the largest team that may", low=-np.inf
    ),
    "testbed_places": Lever((), 0.0, SUM, "firms per quarter", "admissions", size=True),
    "testbed_term": Lever((), 0.0, SUM, "quarters", "length of the stay"),
    # listing venue
    "venue_thresholds": Lever((), 1.0, PRODUCT, "factor", "thresholds of the new venue over the national ones"),
    "venue_places": Lever((), 0.0, SUM, "listings per quarter", "at the new venue", size=True),
    "venue_haste": Lever((), 0.0, SUM, "quarters", "less of waiting for a listing at the new venue"),
    # digital currency
    "digital_currency": Lever(("district",), 0.0, SUM, "share", "of firms that are paid in digital currency", high=1.0),
    "digital_saving": Lever(("district",), 0.0, SUM, "share", "of the cost of payments that falls for them", high=1.0),
    "digital_services": Lever(("sector",), 0.0, SUM, "share", "of sales to firms that are payments too", high=1.0),
    # failure compensation
    "loss_cover": Lever(("stage",), 0.0, SUM, "share of the loss", "paid to investors of a failed firm"),
    "loss_project_cap": Lever((), np.inf, LOWEST, "yuan", "highest payment for one firm"),
    "loss_investor_cap": Lever((), np.inf, LOWEST, "yuan per year", "highest payment to one investor"),
    "loss_audit": Lever((), 0.0, SUM, "share", "claims that are audited", high=1.0),
    "loss_registered": Lever((), 0.0, SUM, "share", "funds that are registered", high=1.0),
    # guidance fund
    "guidance_pace": Lever((), 0.0, SUM, "share per quarter", "of its purse that it may commit"),
    "guidance_cap": Lever((), 0.0, SUM, "share of a fund", "largest part that it takes"),
    "guidance_concession": Lever((), 0.0, SUM, "share of gains", "given up to the other partners"),
    "guidance_duty": Lever((), 0.0, SUM, "multiple", "local reinvestment per yuan of guidance money"),
    "guidance_tilt": Lever(("sector",), 1.0, PRODUCT, "factor", "weight of a fund's sectors"),
    # patient capital
    "patient_partners": Lever((), 0.0, SUM, "partners", "of the government's own fund", size=True),
    "patient_life": Lever((), 0.0, SUM, "quarters", "life of that fund"),
    "patient_concession": Lever((), 0.0, SUM, "a year", "below the return that venture firms require"),
    "patient_tilt": Lever(("sector",), 1.0, PRODUCT, "factor", "value that it puts on a sector"),
    "patient_politics": Lever((), 0.0, SUM, "log points", "noise of political choice"),
}


class Levers(SimpleNamespace):
    """All levers of a quarter, and for each the policy (its slot) whose purse pays.

    A lever with axes is an array, one without is a number. Policies say sizes for the whole city; `shrink` brings
    them to the scale of the run, once all policies have moved them.

    `payer` has the slot of a lever as a whole, `payers` that of each of its elements, for levers that
    several policies may move at different places, such as the zones of several districts.
    """

    def __init__(
        self, districts: Sequence[str], sectors: Sequence[str], scale: float = 1.0, guarded: bool = False
    ) -> None:
        """Levers for the named `districts` (codes) and `sectors` of a city of which a run has the share `scale`.

        Of those that are `guarded` the arrays can only be read, so that an `act` which writes into one is found.
        """
        sizes = {"district": len(districts), "sector": len(sectors), "bound": 2}
        sizes |= {axis: len(members) for axis, members in KINDS.items()}
        super().__init__()
        order = sorted(LEVERS, key=lambda name: not LEVERS[name].size)
        shapes = {name: [sizes[axis] for axis in LEVERS[name].axes] for name in order}
        lengths = {name: int(np.prod(shape)) for name, shape in shapes.items()}
        self._neutral = np.repeat([LEVERS[name].neutral for name in order], list(lengths.values()))
        # One stretch of memory for all fields, which are views of it: put back to neutral at once, and those that are
        # sizes, which stand first, brought to scale at once.
        self._values = np.empty_like(self._neutral)
        self._scale = scale
        self._sizes = self._values[: sum(lengths[name] for name in order if LEVERS[name].size)]
        self._fields: dict[str, np.ndarray] = {}
        self.payers = {name: np.full(shape, NOBODY) for name, shape in shapes.items()}
        self._paid: set[str] = set()  # levers of which somebody pays for a part
        self._places: dict[tuple[tuple[str, Sequence[str]], ...], tuple[np.ndarray, ...]] = {}
        first = 0
        for name, shape in shapes.items():
            part = slice(first, first + lengths[name])
            self._fields[name] = self._values[part].reshape(shape)
            if shape:
                shown = self._fields[name].view()
                shown.flags.writeable = not guarded
                setattr(self, name, shown)
            first = part.stop
        self.names = {"district": tuple(districts), "sector": tuple(sectors)}
        self.names |= {axis: tuple(kind.name.lower() for kind in members) for axis, members in KINDS.items()}
        self.reset()

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy is made by the same constructor, so that its fields are views of one stretch of memory again."""
        made_of = (self.names["district"], self.names["sector"], self._scale)
        return Levers, made_of, (self._values, self.payers, self._paid, self.payer)

    def __setstate__(self, state: tuple[np.ndarray, dict[str, np.ndarray], set[str], dict[str, int]]) -> None:
        self._values[:], payers, paid, payer = state
        vars(self).update(payers=payers, _paid=paid, payer=payer)

    def __getattr__(self, name: str) -> Any:
        """The value of a lever without axes."""
        if name not in LEVERS:
            raise AttributeError(f"no lever {name!r}")
        return float(self._fields[name])

    def __setattr__(self, name: str, value: Any) -> None:
        if "payer" in vars(self) and name != "payer":
            raise AttributeError(f"levers.{name}: cannot be set; write levers.move({name!r}, ...)")
        super().__setattr__(name, value)

    def reset(self) -> None:
        """Put every lever at its neutral value."""
        self._values[:] = self._neutral
        for name in self._paid:
            self.payers[name][...] = NOBODY
        self._paid.clear()
        self.payer = dict.fromkeys(LEVERS, NOBODY)

    def shrink(self) -> None:
        """Bring the sizes that policies have said to the scale of the run."""
        np.multiply(self._sizes, self._scale, out=self._sizes)

    def where(self, **chosen: Sequence[str]) -> tuple[np.ndarray, ...]:
        """Index of a field from names by axis, in the order of its axes; `all` stands for every one.

        `where(district=("PD",), sector="all")` is the row of Pudong of a field over districts and sectors.
        """
        place = tuple((axis, names if names == "all" else tuple(names)) for axis, names in chosen.items())
        if place not in self._places:  # policies come to the same places quarter after quarter
            self._places[place] = np.ix_(*(self._numbers(axis, names) for axis, names in place))
        return self._places[place]

    def _numbers(self, axis: str, names: Sequence[str]) -> Sequence[int]:
        """Where the `names` stand along an axis."""
        if axis not in self.names:
            raise ValueError(f"levers have no axis {axis}; there is {', '.join(self.names)}")
        there = self.names[axis]
        if names == "all":
            return range(len(there))
        wrong = [name for name in names if name not in there]
        if wrong:
            raise ValueError(f"there is no {axis} {wrong[0]}; there is {', '.join(there)}")
        return [there.index(name) for name in names]

    def move(self, name: str, value: ArrayLike | float, where: Where = ..., payer: int | None = None) -> None:
        """Move a lever by `value` at the index `where` (all of it by default) under its own rule.

        `payer` is the slot of the policy whose purse pays for what the lever grants. Raises ValueError for what is no
        lever, and for what is no finite number in its range.
        """
        if name not in LEVERS:
            close = difflib.get_close_matches(str(name), LEVERS, 1)
            raise ValueError(f"there is no lever {name}{f'; did you mean {close[0]}?' if close else ''}")
        lever, field = LEVERS[name], self._fields[name]
        if isinstance(value, float) and lever.low <= value <= lever.most and math.isfinite(value):
            amount: ArrayLike = value  # as all policies of the city do
        else:
            amount = self._amount(name, value)
        field[where] = lever.combine(field[where], amount)
        if payer is not None:
            self._paid.add(name)
            self.payer[name] = payer
            self.payers[name][where] = payer

    @staticmethod
    def _amount(name: str, value: ArrayLike) -> np.ndarray:
        """The number or numbers by which a lever is moved, or a ValueError."""
        lever = LEVERS[name]
        try:
            amount = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"lever {name}: moved by {value!r}; a number is needed ({lever.unit})") from None
        right = (amount >= lever.low) & (amount <= lever.most) & (np.isfinite(amount) | (amount == lever.neutral))
        if not right.all():
            ends = f"from {lever.low:g} to {lever.most:g}".replace("-inf", "any").replace("inf", "any")
            raise ValueError(f"lever {name}: moved by {amount[~right].flat[0]:g}; finite, {ends} ({lever.unit})")
        return amount
