"""Many agents of the city as Mesa sees them: two arrays of small integers, answered from the columns.

Whatever names an attribute (`get`, `agg`, `set`, `sort`, `groupby`) is answered from the columns, and only a function
of one's own makes views. At scale 1 (3e5 persons) the mean of a column takes 1 ms.
"""

from collections.abc import Sequence

import numpy as np

from sim.world.views import View, value_of, write

try:
    from mesa.agentset import GroupBy  # Mesa 3.5
except ImportError:
    from mesa.agent import GroupBy


class Agents(Sequence):
    """An ordered set of agents with the interface of Mesa's AgentSet.

    `Agents(model, types)` is whoever is there when it is asked; `kinds` (places in `types`) and `slots`,
    shape (n,) each, fix the members and their order. Mesa's own sets hold one object an agent, and those weakly, so
    that views made for the question would be gone from them at once.
    """

    def __init__(self, model, types, kinds=None, slots=None):
        self.model, self.types, self._kinds, self._slots = model, types, kinds, slots
        self._owners = None if slots is None else self._identities(kinds, slots)

    @property
    def random(self):
        return self.model.random

    def _identities(self, kinds, slots):
        """Who has each slot now: 0 for those whose slots are theirs for ever."""
        owners = np.zeros(len(slots), np.int64)
        for here, kind in self._present(kinds):
            if kind.SHARED_SLOTS:
                owners[here] = kind.read(self.model, "id")[slots[here]]
        return owners

    def _members(self):
        if self._slots is not None:
            same = self._owners == self._identities(self._kinds, self._slots)
            return self._kinds[same], self._slots[same]  # without those whose slot is somebody else's by now
        living = [kind.living(self.model) for kind in self.types]
        return np.repeat(np.arange(len(living)), [len(slots) for slots in living]), np.concatenate(living)

    def _chosen(self, order, inplace=False):
        """Those at the places `order` (indices or a mask) of this set."""
        kinds, slots = (part[order] for part in self._members())
        chosen = Agents(self.model, self.types, kinds, slots)
        if not inplace:
            return chosen
        vars(self).update(vars(chosen))
        return self

    def _of(self, views, inplace=False):
        """A set of these views, each once."""
        views = list(dict.fromkeys(views))
        if not all(isinstance(view, View) and view.model is self.model for view in views):
            raise TypeError("a set of this model's agents holds those that are its columns, and no others")
        types = tuple(dict.fromkeys([*self.types, *map(type, views)]))
        kinds = np.array([types.index(type(view)) for view in views], np.int64)
        made = Agents(self.model, types, kinds, np.array([view.slot for view in views], np.int64))
        if inplace:
            vars(self).update(vars(made))
        return made

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
        if isinstance(item, str):
            raise TypeError(f"[{item!r}]: agents are taken by their place or by a slice; columns by get({item!r})")
        return self.types[kinds[item]](self.model, slots[item])

    def to_list(self):
        """One view an agent."""
        return list(self)

    def copy(self):
        """A set of those who are in this one now."""
        return self._chosen(slice(None))

    __copy__ = copy

    def __eq__(self, other):
        return isinstance(other, Agents) and set(self) == set(other)

    __hash__ = None  # members may change, as with Mesa's

    def __or__(self, other):
        return self._of([*self, *other])

    def __and__(self, other):
        return self._of(filter(set(other).__contains__, self))

    def __sub__(self, other):
        others = set(other)
        return self._of(view for view in self if view not in others)

    def __xor__(self, other):
        return (self | other) - (self & other)

    def _own(self):
        """This set, where its members are its own and not whoever is there."""
        if self._slots is None:
            raise TypeError("whoever is there is a matter of the model's steps; change a copy: agents.copy()")
        return self

    def add(self, agent):
        """One more member; a TypeError where the set is whoever is there."""
        self._own()._of([*self, agent], inplace=True)

    def discard(self, agent):
        """A member less, where it is one; a TypeError as with `add`."""
        self._own()._of([view for view in self if view != agent], inplace=True)

    def remove(self, agent):
        """A member less; KeyError where it is none, TypeError as with `add`."""
        if agent not in self._own():
            raise KeyError(agent)
        self.discard(agent)

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
        """Give a column one value for all, in the state itself, within the bounds of its schema (`columns.py`)."""
        kinds, slots = self._members()
        present = self._present(kinds)
        for _, kind in present or [(None, kind) for kind in self.types]:
            value_of(kind, attr_name, value)
        for here, kind in present:
            write(kind, self.model, attr_name, slots[here], value)
        return self

    def select(self, filter_func=None, at_most=float("inf"), inplace=False, agent_type=None):
        """The first `at_most` (a number, or a share as a float up to 1) of a type that pass a filter."""
        kinds, slots = self._members()
        if not isinstance(at_most, (int, float, np.number)) or not at_most >= 0:
            raise ValueError(f"at_most={at_most!r}: should be a number from 0, or a share as a float up to 1")
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
