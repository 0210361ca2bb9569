"""Worlds small enough for a hand: parameters and tables that are zero but for what a test names."""

import numpy as np

from sim.mechanisms.space.knowledge import Support
from sim.world.kinds import Stage


def params(kind, **given):
    """Parameters of a mechanism, `kind` its NamedTuple: zero but for the floats (or tuples by stage) given."""
    zero = {name: (0.0,) * len(Stage) if of is tuple else 0.0 for name, of in kind.__annotations__.items()}
    return kind(**(zero | given))


def rows(schema, n=1, **columns):
    """A table of `n` new agents, as the schema has them but for the columns given."""
    table = schema.blank(n).view(np.recarray)
    for name, value in columns.items():
        table[name] = value
    return table


def fill(table, made):
    """Put rows made by `rows` into a table of the state; returns them in place."""
    table.reserve(len(made))
    table.rows[: len(made)] = made
    table.count = len(made)
    return table.used


def unsupported(state):
    """What the making of knowledge is without policies."""
    cells, sectors = state.knowledge.shape
    return Support(np.ones(len(state.institutions)), np.ones(sectors), np.ones(cells), 1.0)
