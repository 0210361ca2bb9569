"""The map of the city as a grid of Mesa: its layers are the model's own arrays, and who is in a cell its columns.

The grid, with an object for each of its cells, takes a second at scale 1, once, and nothing where nobody asks.
"""

import copyreg
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter, getitem

import numpy as np
from mesa.discrete_space import Cell, CellCollection, OrthogonalMooreGrid, PropertyLayer

from sim.world.agent_sets import Agents
from sim.world.kinds import NOBODY
from sim.world.views import ON_THE_GRID

KNOWLEDGE = (0.0, 1e9)  # of a cell, written from outside
FIXED = "who is in a cell is the model's own: agents move by its steps only"


class Inhabitants(Sequence):
    """Those in one cell, whoever they are when it is asked."""

    def __init__(self, ground, coordinate):
        self._ground, self._coordinate = ground, coordinate

    def copy(self):
        return self._ground.within(self._coordinate).to_list()

    def __len__(self):
        return len(self._ground.within(self._coordinate))

    def __getitem__(self, item):
        return self.copy()[item]

    def append(self, _agent):
        """Refuse: nobody is put on the map from outside."""
        raise TypeError(FIXED)

    remove = append


class Place(Cell):
    """A cell that asks the columns who is in it."""

    ground = None  # each grid has a class of cells of its own

    @property
    def _agents(self):
        return Inhabitants(self.ground, self.coordinate)

    @_agents.setter
    def _agents(self, _nobody):
        """Mesa begins with an empty list."""

    @property
    def empty(self):
        return self.is_empty

    @empty.setter
    def empty(self, _value):
        raise TypeError(FIXED)

    def add_agent(self, _agent):
        """Refuse: nobody is put on the map from outside."""
        raise TypeError(FIXED)

    remove_agent = add_agent


class Everywhere(CellCollection):
    """All cells; who is in them is asked once and not cell by cell."""

    ground = None

    @property
    def agents(self):
        return iter(self.ground.agents)


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

    def __array__(self, *args, **kwargs):
        return np.array(self.data, *args, **kwargs)


class EmptyCells(SharedLayer):
    """Where nobody is, looked up when it is asked; read-only."""

    def __init__(self, ground):
        self.name, self.dimensions, self.ground = "empty", ground.dimensions, ground

    @property
    def data(self):
        empty = np.ones(self.dimensions, bool)
        for position in self.ground.agents.get("pos"):
            empty[position] = False
        empty.flags.writeable = False
        return empty

    @data.setter
    def data(self, _values):
        raise TypeError(FIXED)

    _data = _mesa_data = data


class Ground(OrthogonalMooreGrid):
    """The map as a grid of Mesa, column first, with the arrays of the model as layers.

    Startups, venture firms and institutions with an address are on it. `layers` are further ones, of the user.
    """

    def __init__(self, model, layers=()):
        super().__init__(model.map.shape[::-1], random=model.random, cell_klass=Place)
        self.cell_klass.ground = self
        self.model = model
        copyreg.pickle(self.cell_klass, lambda cell: (getitem, (self, cell.coordinate)))
        delattr(self.cell_klass, "empty")  # Mesa's copy, which nobody would keep up to date
        self._mesa_property_layers["empty"] = EmptyCells(self)
        arrays = {"district": model.map.district_of_cell}  # read-only, as for the kernels
        arrays |= {f"knowledge_{name}": model.state.knowledge[:, s] for s, name in enumerate(model.city.sectors)}
        for name, cells in arrays.items():
            self.add_property_layer(SharedLayer(name, model.map.grid(cells).T))
        for layer in layers:
            self.add_property_layer(layer)

    @property
    def own_layers(self):
        """Layers that the user has added."""
        return [layer for layer in self._mesa_property_layers.values() if not isinstance(layer, SharedLayer)]

    def __reduce__(self):
        return attrgetter("grid"), (self.model,)  # a copy is that of the copied model

    @property
    def agents(self):
        """Those on the grid; persons would be too many to draw."""
        return self._among(lambda cells: cells != NOBODY)

    def within(self, coordinate):
        """Those in the cell of a column and row."""
        column, row = coordinate
        return self._among(lambda cells: cells == row * self.dimensions[0] + column)

    def _among(self, chosen):
        everyone = Agents(self.model, ON_THE_GRID)
        return everyone._chosen(chosen(everyone._column("cell")))

    @cached_property
    def all_cells(self):
        cells = Everywhere({cell: cell._agents for cell in self._cells.values()}, random=self.random)
        cells.ground = self
        return cells

    @property
    def empties(self):
        places = zip(*(axis.tolist() for axis in np.nonzero(self.empty.data)), strict=True)
        return CellCollection([self._cells[place] for place in places], random=self.random)

    def faults(self):
        """What was written to the layers and cannot be, as sentences."""
        low, high = KNOWLEDGE
        for s, name in enumerate(self.model.city.sectors):
            stock = self.model.state.knowledge[:, s]
            wrong = stock[~((stock >= low) & (stock <= high))]
            if len(wrong):
                yield f"knowledge_{name}={wrong[0]}: should be a number from {low:g} to {high:g} in every cell"
