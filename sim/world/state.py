"""The state: everything that changes, in one place, and the doors through which kernels see it."""

from dataclasses import dataclass, field, fields
from operator import attrgetter, is_not

import numpy as np

from sim.world.columns import (
    APPLICATION,
    CASH,
    COMMITMENT,
    CORPORATE,
    DISTRICT,
    EXIT,
    FUND,
    GP,
    HOLDING,
    INSTITUTION,
    LP,
    PERSON,
    PURSE,
    RIVAL,
    SECTOR,
    STARTUP,
    TALLY,
)
from sim.world.doors import Books, Capital, Firms, People
from sim.world.kinds import NOBODY, Status
from sim.world.table import Table

COLUMNS = attrgetter(*PERSON.names)  # all at once: the persons are a door of many kernels


class Persons:
    """Columns of all persons; `count` slots were ever used and the free ones among them wait on a stack."""

    def __init__(self, capacity):
        for name, value in PERSON.defaults.items():
            setattr(self, name, np.full(int(capacity), value, PERSON.dtype[name]))
        self.count = 0
        self.free = np.zeros(0, np.int64)

    @property
    def capacity(self):
        return len(self.id)

    def reserve(self, extra):
        """Make room for `extra` more persons beyond the free slots."""
        wanted = self.count + int(extra)
        if wanted > self.capacity:
            size = max(wanted, self.capacity + self.capacity // 4)
            for name, value in PERSON.defaults.items():
                grown = np.full(size, value, PERSON.dtype[name])
                grown[: self.count] = getattr(self, name)[: self.count]
                setattr(self, name, grown)

    def clear(self, slots):
        """Make the persons in `slots` new ones, of whom nothing is known."""
        for name, value in PERSON.defaults.items():
            getattr(self, name)[slots] = value

    def __len__(self):
        return int(np.count_nonzero(self.status[: self.count] != Status.ABSENT))


def _table(schema):
    return field(default_factory=lambda: Table(schema))


@dataclass
class State:
    """Everything that changes, in one place; `arrays` is what a checkpoint holds."""

    persons: Persons
    startups: Table = _table(STARTUP)
    holdings: Table = _table(HOLDING)
    gps: Table = _table(GP)
    funds: Table = _table(FUND)
    lps: Table = _table(LP)
    commitments: Table = _table(COMMITMENT)
    corporates: Table = _table(CORPORATE)
    institutions: Table = _table(INSTITUTION)
    applications: Table = _table(APPLICATION)
    exits: Table = _table(EXIT)
    districts: Table = _table(DISTRICT)
    sectors: Table = _table(SECTOR)
    rivals: Table = _table(RIVAL)
    purses: Table = _table(PURSE)  # one a policy, in the order of the config
    treasury: Table = _table(CASH)  # one row: the purses that are not agents'
    tally: Table = _table(TALLY)  # one row, this quarter
    guidance_lp: int = NOBODY  # slot of the guidance fund among the LPs
    institution_mix: np.ndarray = None  # (institutions, sectors), rows sum to one
    knowledge: np.ndarray = None  # (cells, sectors)
    listing: np.ndarray = None  # (2,): the bar for new files, and places that are carried over, `capital.listing`
    required: np.ndarray = None  # (stages,): return that venture firms require a year
    records: np.ndarray = None  # (2, experiences): backed ventures that succeeded, and that ended, faded
    window: np.ndarray = None  # (1,): the listing window as it has been, 1 is normal
    works: np.ndarray = None  # (districts, sectors): stock of public works by the sector that they were built for, yuan
    flows: np.ndarray = None  # (transactions, payer, payee) of this quarter, yuan
    events: np.ndarray = None  # (2, districts, sectors): successes and failures seen this quarter

    _people = _firms = None  # the doors of the last call

    # ------------------------------------------------------------ doors of kernels

    # Those that cost something to make stay the same until their tables have moved or grown.

    def people(self, part=slice(None)):
        """The persons in use, or the part of them in a slice, as `doors.People`."""
        persons, stop = self.persons, self.persons.count if part.stop is None else part.stop
        if part.start or stop != persons.count:
            return People._make([column[part.start : stop] for column in COLUMNS(persons)])
        if self._people is None or len(self._people.id) != persons.count or self._people.id.base is not persons.id:
            self._people = People._make([column[: persons.count] for column in COLUMNS(persons)])
        return self._people

    def firms(self):
        """Startups, sectors and corporates, as `doors.Firms`."""
        tables = self.startups.used, self.sectors.used, self.corporates.used
        if self._firms is None or any(map(is_not, tables, self._firms)):
            self._firms = Firms(*tables, pool_of=np.flatnonzero(tables[-1].pool == 1))
        return self._firms

    def capital(self):
        """Investors and their stakes, as `doors.Capital`; what a kernel adds needs room (`reserve`) first."""
        return Capital(
            holdings=self.holdings.rows,
            holdings_count=self.holdings.size,
            gps=self.gps.used,
            funds=self.funds.used,
            lps=self.lps.used,
            commitments=self.commitments.rows,
            commitments_count=self.commitments.size,
            purses=self.purses.used,
        )

    def books(self):
        """Flows of the quarter and the purses that are no agent's, as `doors.Books`."""
        return Books(self.flows, self.treasury.rows)

    # ------------------------------------------------------------ all of it

    def arrays(self):
        """Name -> array of everything, in a fixed order (checkpoints, comparisons of bits)."""
        out = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Table):
                out[item.name] = np.asarray(value.used)
            elif isinstance(value, Persons):
                for name in PERSON.names:
                    out[f"persons.{name}"] = getattr(value, name)[: value.count]
                out["persons.free"] = value.free
            else:
                out[item.name] = np.asarray(value)
        return out

    @classmethod
    def from_arrays(cls, arrays):
        """The state that `arrays` described."""
        persons = Persons(len(arrays["persons.id"]))
        for name in PERSON.names:
            getattr(persons, name)[:] = arrays[f"persons.{name}"]
        persons.count = len(arrays["persons.id"])
        persons.free = np.array(arrays["persons.free"])
        state = cls(persons)
        for item in fields(cls):
            value = getattr(state, item.name)
            if isinstance(value, Table):
                rows = arrays[item.name]
                value.reserve(len(rows))
                value.rows[: len(rows)] = rows
                value.count = len(rows)
            elif item.name == "guidance_lp":
                state.guidance_lp = int(arrays[item.name])
            elif item.name != "persons":
                setattr(state, item.name, np.array(arrays[item.name]))
        return state
