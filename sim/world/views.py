"""The people and firms of the city as Mesa sees them, answered from the columns when asked.

Nothing here exists until somebody asks for `model.agents`, `model.agents_by_type` or `model.grid`,
so that a run without questions pays nothing. An agent is then a view: a type, a slot, and attributes
that are read from and written to the column or table. A set of agents is two arrays of small
integers; whatever names an attribute (`get`, `agg`, `set`, `sort`, `groupby`) is answered from the
columns, and only a function of one's own makes views.

At scale 1 (3e5 persons) the mean of a column takes 1 ms and a view 3 us; the grid, with an object for
each of its cells, takes a second, once.
"""

from functools import cached_property

import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid, PropertyLayer

from sim.world import columns as schemas
from sim.world.kinds import NEVER, NOBODY, Life, Status

try:
    from mesa.agentset import GroupBy  # Mesa 3.5
except ImportError:
    from mesa.agent import GroupBy

TYPE_BITS = 56  # identities of all tables are below 2**56

# ---------------------------------------------------------------- one agent


class View(mesa.Agent):
    """One agent: `slot` in its table, `unique_id` for ever, and every column as an attribute.

    A person's slot goes to somebody else some time after a departure; the view then raises LookupError
    and does not speak for a stranger.
    """

    TABLE = None  # name of the table in `State`
    columns = ()
    pos = None  # column and row on the grid, None for agents without an address

    def __init__(self, model, slot):
        put = object.__setattr__
        put(self, "model", model)
        put(self, "slot", int(slot))
        put(self, "unique_id", self.identity(model, self.slot))

    @classmethod
    def read(cls, model, name):
        """The column `name` of all slots; writing to it writes to the state."""
        return getattr(model.state, cls.TABLE).rows[name]

    @classmethod
    def living(cls, model):
        """Slots of those that are there now."""
        return np.arange(len(getattr(model.state, cls.TABLE)))

    @classmethod
    def identity(cls, model, slot):
        """An int that no other agent of the model has, ever."""
        own = int(cls.read(model, "id")[slot]) if "id" in cls.columns else slot
        return TYPES.index(cls) << TYPE_BITS | own

    def __setattr__(self, name, value):
        if name not in self.columns:
            raise AttributeError(f"{type(self).__name__} has no column {name!r}, and a view keeps nothing of its own")
        object.__setattr__(self, name, value)

    def remove(self):
        """Refuse: agents come and go by the model's own steps."""
        raise TypeError(f"a {type(self).__name__} leaves by the model's own steps only")

    def __eq__(self, other):
        return type(self) is type(other) and self.model is other.model and self.unique_id == other.unique_id

    def __hash__(self):
        return hash(self.unique_id)

    def __repr__(self):
        return f"<{type(self).__name__} {self.unique_id} in slot {self.slot}>"


def _attribute(name):
    def get(view):
        return view.read(view.model, name)[_checked(view)].item()

    def put(view, value):
        view.read(view.model, name)[_checked(view)] = value

    return property(get, put, doc=f"The column `{name}`.")


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


def _columns(*names):
    """Give a view its attributes."""

    def dress(view):
        view.columns = frozenset(names)
        for name in names:
            setattr(view, name, _attribute(name))
        if "cell" in names:
            view.pos = property(_position, doc=_position.__doc__)
        return view

    return dress


@_columns(*schemas.PERSON.names)
class Person(View):
    """A worker, founder or searcher; angels are the persons with `angel == 1`."""

    @classmethod
    def read(cls, model, name):
        return getattr(model.state.persons, name)

    @classmethod
    def identity(cls, model, slot):
        """The identity that also draws a person's luck."""
        return int(model.state.persons.id[slot])

    @classmethod
    def living(cls, model):
        persons = model.state.persons
        return np.flatnonzero(persons.status[: persons.count] != Status.ABSENT)


@_columns(*schemas.STARTUP.names)
class Startup(View):
    """A startup that is alive."""

    TABLE = "startups"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.startups.used.life == Life.ALIVE)


@_columns(*schemas.GP.names)
class VentureFirm(View):
    """A general partner in business, in the city (`local == 1`) or outside."""

    TABLE = "gps"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.gps.used.ended == NEVER)


@_columns(*schemas.FUND.names)
class Fund(View):
    """A fund that raises or lives."""

    TABLE = "funds"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.funds.used.ended == NEVER)


@_columns(*schemas.LP.names)
class LimitedPartner(View):
    """A pool of money behind funds, the guidance fund among them."""

    TABLE = "lps"


@_columns(*schemas.CORPORATE.names)
class Corporate(View):
    """An incumbent employer, or the pool of the others of its sector (`pool == 1`)."""

    TABLE = "corporates"


@_columns(*schemas.INSTITUTION.names)
class Institution(View):
    """A university or laboratory that has opened."""

    TABLE = "institutions"

    @classmethod
    def living(cls, model):
        return np.flatnonzero(model.state.institutions.used.opened <= model.quarter)


@_columns(*schemas.DISTRICT.names)
class District(View):
    """A district with its landlords."""

    TABLE = "districts"


@_columns(*schemas.RIVAL.names)
class Rival(View):
    """A city, or the rest of a country, where people may go instead."""

    TABLE = "rivals"


TYPES = (Person, Startup, VentureFirm, Fund, LimitedPartner, Corporate, Institution, District, Rival)
ON_THE_GRID = (Startup, VentureFirm, Institution)

# ---------------------------------------------------------------- many agents


class Agents:
    """An ordered set of agents with the interface of Mesa's AgentSet.

    `Agents(model, types)` is whoever is there when it is asked; `kinds` (places in `types`) and `slots`,
    shape (n,) each, fix the members and their order. Mesa's own sets need one object an agent, and
    their base class changes between the versions this package supports.
    """

    def __init__(self, model, types, kinds=None, slots=None):
        self.model, self.types, self._kinds, self._slots = model, types, kinds, slots

    @property
    def random(self):
        return self.model.random

    def _members(self):
        if self._slots is not None:
            return self._kinds, self._slots
        living = [kind.living(self.model) for kind in self.types]
        return np.repeat(np.arange(len(living)), [len(slots) for slots in living]), np.concatenate(living)

    def _chosen(self, order, inplace=False):
        """Those at the places `order` (indices or a mask) of this set."""
        kinds, slots = (part[order] for part in self._members())
        if not inplace:
            return Agents(self.model, self.types, kinds, slots)
        self._kinds, self._slots = kinds, slots
        return self

    def _present(self, kinds):
        """Each type among the members and where its agents stand."""
        if len(self.types) == 1:
            return [(slice(None), self.types[0])]
        return [(kinds == k, self.types[k]) for k in np.flatnonzero(np.bincount(kinds))]

    def _column(self, name):
        """Values of an attribute, shape (n,), or None where a type present has no such column."""
        kinds, slots = self._members()
        if any(name not in kind.columns for _, kind in self._present(kinds)):
            return None
        parts = [(here, kind.read(self.model, name)[slots[here]]) for here, kind in self._present(kinds)]
        types = {part.dtype for _, part in parts}
        values = np.empty(len(slots), types.pop() if len(types) == 1 else object)  # one type would round integers
        for here, part in parts:
            values[here] = part if values.dtype != object else part.tolist()
        return values

    def __len__(self):
        return len(self._members()[1])

    def __iter__(self):
        for kind, slot in zip(*(part.tolist() for part in self._members()), strict=True):
            yield self.types[kind](self.model, slot)

    def __contains__(self, agent):
        if type(agent) not in self.types or agent.model is not self.model:
            return False
        kinds, slots = self._members()
        there = bool(np.any((slots == agent.slot) & (kinds == self.types.index(type(agent)))))
        return there and agent.identity(self.model, agent.slot) == agent.unique_id

    def __getitem__(self, item):
        kinds, slots = self._members()
        if isinstance(item, slice):
            return list(self._chosen(item))
        return self.types[kinds[item]](self.model, slots[item])

    def to_list(self):
        """One view an agent."""
        return list(self)

    def get(self, attr_names, handle_missing="error", default_value=None):
        """Values of an attribute as a list, or of several as a list of lists.

        Raises AttributeError where an agent lacks it, unless `handle_missing` is "default".
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"Unknown handle_missing option: {handle_missing}, should be one of 'error' or 'default'")
        if not isinstance(attr_names, str):
            columns = (self.get(name, handle_missing, default_value) for name in attr_names)
            return [list(row) for row in zip(*columns, strict=True)]
        values = self._column(attr_names)
        if values is not None:
            return values.tolist()
        if handle_missing == "error":
            return [getattr(agent, attr_names) for agent in self]
        return [getattr(agent, attr_names, default_value) for agent in self]

    def agg(self, attribute, func):
        """A function, or each of several, of an attribute's values: an array where they are a column."""
        values = self._column(attribute)
        values = self.get(attribute) if values is None else values
        return func(values) if callable(func) else [each(values) for each in func]

    def set(self, attr_name, value):
        """Give a column one value for all, in the state itself."""
        kinds, slots = self._members()
        for _, kind in self._present(kinds):
            if attr_name not in kind.columns:
                raise AttributeError(f"{kind.__name__} has no column {attr_name!r}")
        for here, kind in self._present(kinds):
            kind.read(self.model, attr_name)[slots[here]] = value
        return self

    def select(self, filter_func=None, at_most=float("inf"), inplace=False, agent_type=None):
        """The first `at_most` (a number, or a share as a float up to 1) of a type that pass a filter."""
        kinds, slots = self._members()
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(slots) * at_most)
        chosen = np.arange(len(slots))
        if agent_type is not None:
            chosen = chosen[np.array([issubclass(kind, agent_type) for kind in self.types])[kinds]]
        if filter_func is not None:
            chosen = np.array(
                [i for i in chosen.tolist() if filter_func(self.types[kinds[i]](self.model, slots[i]))], np.int64
            )
        return self._chosen(chosen[: min(at_most, len(chosen))], inplace)

    def shuffle(self, inplace=False):
        """The same in a random order, from the model's `rng`, which no step of the model uses."""
        return self._chosen(self.model.rng.permutation(len(self)), inplace)

    def sort(self, key, ascending=False, inplace=False):
        """Sorted by an attribute or a function, largest first unless `ascending`; equals keep their order."""
        values = self._column(key) if isinstance(key, str) else None
        if values is None:
            values = self.get(key) if isinstance(key, str) else self.map(key)
        if isinstance(values, list) or values.dtype == object:
            order = np.array(sorted(range(len(values)), key=values.__getitem__, reverse=not ascending), np.int64)
        elif ascending:
            order = np.argsort(values, kind="stable")
        else:
            order = (len(values) - 1 - np.argsort(values[::-1], kind="stable"))[::-1]
        return self._chosen(order, inplace)

    def map(self, method, *args, **kwargs):
        """What a method (by name) or function gives for each."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def do(self, method, *args, **kwargs):
        """Call a method (by name) or function on each."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method, *args, **kwargs):
        """Call a method or function on each, in a random order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def groupby(self, by, result_type="agentset"):
        """Mesa's GroupBy, by an attribute or a function of an agent."""
        values = self.get(by) if isinstance(by, str) else self.map(by)
        places = {}
        for place, value in enumerate(values):
            places.setdefault(value, []).append(place)
        groups = {value: self._chosen(np.array(at)) for value, at in places.items()}
        return GroupBy(groups if result_type == "agentset" else {value: list(group) for value, group in groups.items()})


# ---------------------------------------------------------------- the ground


class SharedLayer(PropertyLayer):
    """A property layer whose data are an array of the model and not, as with Mesa's, a copy.

    Mesa writes some changes into its array and binds others to it anew; here both go into the array.
    """

    def __init__(self, name, array):
        self.name, self.dimensions, self._array = name, array.shape, array

    @property
    def data(self):
        return self._array

    @data.setter
    def data(self, values):
        self._array[...] = values

    _data = _mesa_data = data  # the names Mesa 3.5 and 3.3 use inside


class Ground(OrthogonalMooreGrid):
    """The map as a grid of Mesa, column first, with the arrays of the model as layers."""

    def __init__(self, model):
        super().__init__(model.map.shape[::-1], random=model.random)
        self.model = model
        layers = {"district": model.map.district_of_cell}  # read-only, as for the kernels
        layers |= {f"knowledge_{name}": model.state.knowledge[:, s] for s, name in enumerate(model.city.sectors)}
        model.state.known[:] = True  # who sees the layers may write to them
        for name, cells in layers.items():
            self.add_property_layer(SharedLayer(name, model.map.grid(cells).T))

    @property
    def agents(self):
        """Startups, venture firms and institutions with an address; persons would be too many to draw."""
        everyone = Agents(self.model, ON_THE_GRID)
        return everyone._chosen(everyone._column("cell") != NOBODY)


class AgentViews:
    """What a `mesa.Model` with a `state` and a `map` shows of its agents; goes before it among the bases."""

    @property
    def agents(self):
        return Agents(self, TYPES)

    @property
    def agents_by_type(self):
        return {kind: Agents(self, (kind,)) for kind in TYPES}

    @property
    def agent_types(self):
        return list(TYPES)

    @cached_property
    def grid(self):
        return Ground(self)
