"""One agent of the city as Mesa sees it: a type, a slot, and attributes that are read from the column or table.

A view is made when it is asked for, so that a run without questions pays nothing. What is written to it is written to
the state, checked against the bounds that the schema of the agent declares (`columns.py`); a column without bounds is
read-only. At scale 1 (3e5 persons) a view takes 3 us.
"""

import numbers

import mesa
import numpy as np

from sim.world import columns as schemas
from sim.world.kinds import NEVER, NOBODY, Life, Status

TYPE_BITS = 56  # identities of all tables are below 2**56


class View(mesa.Agent):
    """One agent: `slot` in its table, `unique_id` for ever, and every column as an attribute.

    A person's slot goes to somebody else some time after a departure; the view then raises LookupError
    and does not speak for a stranger.
    """

    TABLE = None  # name of the table in `State`
    SHARED_SLOTS = False  # whether a slot goes to somebody else in time
    schema = None
    columns = frozenset()
    pos = None  # column and row on the grid, None for agents that are not on it

    def __init__(self, model, slot):
        if not 0 <= slot < self.room(model):
            raise LookupError(f"there is no {type(self).__name__} in slot {slot}")
        put = object.__setattr__
        put(self, "model", model)
        put(self, "slot", int(slot))
        put(self, "unique_id", self.identity(model, self.slot))

    @classmethod
    def rows(cls, model, name):
        """The column `name` of all slots, for this package to write to."""
        return getattr(model.state, cls.TABLE).rows[name]

    @classmethod
    def read(cls, model, name):
        """The column `name` of all slots, read-only."""
        column = cls.rows(model, name).view(np.ndarray)
        column.flags.writeable = False
        return column

    @classmethod
    def room(cls, model):
        """Number of slots ever used."""
        return len(getattr(model.state, cls.TABLE))

    @classmethod
    def living(cls, model):
        """Slots of those that are there now."""
        return np.arange(cls.room(model))

    @classmethod
    def identity(cls, model, slot):
        """An int that no other agent of the model has, ever."""
        own = int(cls.read(model, "id")[slot]) if "id" in cls.columns else slot
        return TYPES.index(cls) << TYPE_BITS | own

    @classmethod
    def create_agents(cls, *_args, **_kwargs):
        """Refuse: agents come and go by the model's own steps."""
        raise TypeError(f"a {cls.__name__} comes by the model's own steps only")

    from_dataframe = create_agents

    def __setattr__(self, name, value):
        if name not in self.columns:
            raise AttributeError(f"{type(self).__name__} has no column {name!r}, and a view keeps nothing of its own")
        _checked(self)
        write(type(self), self.model, name, self.slot, value)

    def remove(self):
        """Refuse: agents come and go by the model's own steps."""
        raise TypeError(f"a {type(self).__name__} leaves by the model's own steps only")

    def step(self):
        """Refuse: one agent cannot act alone."""
        raise TypeError(f"a {type(self).__name__} acts in the model's own steps only; call model.step()")

    advance = step

    def __eq__(self, other):
        return type(self) is type(other) and self.model is other.model and self.unique_id == other.unique_id

    def __hash__(self):
        return hash(self.unique_id)

    def __repr__(self):
        return f"<{type(self).__name__} {self.unique_id} in slot {self.slot}>"


def value_of(kind, name, value):
    """`value` as a column of a type takes it from outside; else an AttributeError or ValueError says why not."""
    label = f"{kind.__name__}.{name}"
    if name not in kind.columns:
        raise AttributeError(f"{kind.__name__} has no column {name!r}")
    if name not in kind.schema.bounds:
        raise AttributeError(f"{label} is read-only: the model finds its way by it, or other columns depend on it")
    low, high = kind.schema.bounds[name]
    whole = kind.schema.dtype[name].kind == "i"
    right = isinstance(value, (numbers.Real, np.bool_)) and low <= value <= high
    if not right or (whole and value != int(value)):
        raise ValueError(f"{label}={value}: should be a {'whole ' if whole else ''}number from {low:g} to {high:g}")
    return int(value) if whole else float(value)


def write(kind, model, name, slots, value):
    """Give the agents of a type in `slots` (one or an array) a checked value of a column, in the state itself."""
    kind.rows(model, name)[slots] = value_of(kind, name, value)


def _attribute(name):
    return property(lambda view: view.read(view.model, name)[_checked(view)].item(), doc=f"The column `{name}`.")


def _checked(view):
    if view.identity(view.model, view.slot) != view.unique_id:
        raise LookupError(f"{view} has left and the slot is somebody else's")
    return view.slot


def _position(view):
    """Column and row on the grid, or None for one without an address."""
    cell = view.cell
    if cell == NOBODY:
        return None
    row, column = divmod(cell, view.model.map.shape[1])
    return column, row


def _of(schema):
    """Give a view its attributes."""

    def dress(view):
        view.schema, view.columns = schema, frozenset(schema.names)
        for name in schema.names:
            setattr(view, name, _attribute(name))
        return view

    return dress


class OnTheGrid(View):
    """One with a place on the map, in which the grid finds it too."""

    pos = property(_position, doc=_position.__doc__)


@_of(schemas.PERSON)
class Person(View):
    """A worker, founder or searcher; angels are the persons with `angel == 1`.

    A person has a `cell` and no `pos`: so many would hide everybody else on the grid.
    """

    SHARED_SLOTS = True

    @classmethod
    def rows(cls, model, name):
        return getattr(model.state.persons, name)

    @classmethod
    def room(cls, model):
        return model.state.persons.count

    @classmethod
    def identity(cls, model, slot):
        """The identity that also draws a person's luck."""
        return int(model.state.persons.id[slot])

    @classmethod
    def living(cls, model):
        persons = model.state.persons
        return np.flatnonzero(persons.status[: persons.count] != Status.ABSENT)


@_of(schemas.STARTUP)
class Startup(OnTheGrid):
    """A startup that is alive."""

    TABLE = "startups"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.startups.used.life == Life.ALIVE)


@_of(schemas.GP)
class VentureFirm(OnTheGrid):
    """A general partner in business, in the city (`local == 1`) or outside."""

    TABLE = "gps"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.gps.used.ended == NEVER)


@_of(schemas.FUND)
class Fund(View):
    """A fund that raises or lives."""

    TABLE = "funds"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.funds.used.ended == NEVER)


@_of(schemas.LP)
class LimitedPartner(View):
    """A pool of money behind funds, the guidance fund among them."""

    TABLE = "lps"


@_of(schemas.CORPORATE)
class Corporate(View):
    """An incumbent employer, or the pool of the others of its sector (`pool == 1`)."""

    TABLE = "corporates"


@_of(schemas.INSTITUTION)
class Institution(OnTheGrid):
    """A university or laboratory that has opened."""

    TABLE = "institutions"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.institutions.used.opened <= model.quarter)


@_of(schemas.DISTRICT)
class District(View):
    """A district with its landlords."""

    TABLE = "districts"


@_of(schemas.RIVAL)
class Rival(View):
    """A city, or the rest of a country, where people may go instead."""

    TABLE = "rivals"


TYPES = (Person, Startup, VentureFirm, Fund, LimitedPartner, Corporate, Institution, District, Rival)
ON_THE_GRID = (Startup, VentureFirm, Institution)
