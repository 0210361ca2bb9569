"""Worlds small enough for a hand: parameters and tables that are zero but for what a test names."""

import dataclasses
from functools import partial
from types import SimpleNamespace

import numpy as np
import small

from sim.mechanisms.capital.bids import Offers
from sim.mechanisms.programmes.compensation import Cover
from sim.mechanisms.space.knowledge import Support
from sim.mechanisms.ventures import endings
from sim.world.accounts import new_flows
from sim.world.city import City
from sim.world.columns import CASH, COMMITMENT, CORPORATE, EXIT, FUND, GP, HOLDING, LP, PERSON, PURSE, SECTOR, STARTUP
from sim.world.doors import Books, Capital, Ends, Firms, People
from sim.world.geography import stretches_of
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


def firms(**tables):
    """Those who sell, one new row of each kind but for the tables given."""
    schemas = {"startups": STARTUP, "sectors": SECTOR, "corporates": CORPORATE}
    return Firms(**({name: rows(schema) for name, schema in schemas.items()} | {"pool_of": np.zeros(1, int)} | tables))


def capital(holdings=0, commitments=0, **tables):
    """Those who finance, one new row of each kind but for the tables given.

    `holdings` and `commitments` are tables in use, or the number of rows that there is room for.
    """
    schemas = {"gps": GP, "funds": FUND, "lps": LP, "purses": PURSE}
    tables = {name: rows(schema) for name, schema in schemas.items()} | tables
    for name, schema, given in (("holdings", HOLDING, holdings), ("commitments", COMMITMENT, commitments)):
        room = isinstance(given, int)
        tables |= {name: rows(schema, given) if room else given, f"{name}_count": np.array([0 if room else len(given)])}
    return Capital(**tables)


def people(n=1, **columns):
    """`n` new persons but for the columns given."""
    return People(*(rows(PERSON, n, **columns)[name].copy() for name in PERSON.names))


def ends(startups=1, draw=1.0, **claims):
    """The ends of a quarter in which no venture has ended yet, with room for all `startups`; nobody comes before the
    owners but for the `claims` given; founders draw `draw` of a wage.
    """
    return Ends(
        exits=rows(EXIT, startups),
        exits_count=np.zeros(1, np.int64),
        staff=np.zeros(startups, np.int64),
        claims=params(endings.Params, **claims),
        draw=draw,
    )


def books():
    """Books in which nothing is written yet."""
    return Books(new_flows(), rows(CASH))


QUARTERS = np.arange(8024, 8144)  # of the history of the small made-up city


def city(**series):
    """The small made-up city, but for the series of its history given, each one value or one for each of QUARTERS."""
    real = small.config(*small.LAKESIDE).city
    history = {name: np.full(len(QUARTERS), values, float) for name, values in series.items()}
    return dataclasses.replace(real, history=real.history | history)


def dated(first, **fields):
    """A stub of a city whose history begins in the quarter `first` and never stood still, with the fields given."""
    stub = SimpleNamespace(first=first, still=0, **fields)
    for name in ("since", "mean"):
        setattr(stub, name, partial(getattr(City, name), stub))
    return stub


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


def touching(neighbours, weight, districts=None):
    """A ground of cells with their neighbours, (cells, sides), all of one district but where `districts` says which."""
    neighbours, weight = np.array(neighbours), np.array(weight, float)
    districts = np.zeros(len(neighbours), np.int64) if districts is None else np.array(districts)
    cells = np.arange(len(neighbours))
    return SimpleNamespace(
        district_cells=cells,
        district_of_cell=districts,
        neighbours=neighbours,
        neighbour_weight=weight,
        stretches=stretches_of(cells, districts, neighbours, weight),
    )


NO_COVER = Cover(share=np.zeros(6), project_cap=np.inf, registered=0.0)


def offers_of(offers, firms, seekers, inside=()):
    """Offers (venture firm, startup, post-money, gain) of `firms` venture firms, these in rising order; those `inside`,
    by their places, are to companies of their own.
    """
    gp, seeker, post, gain = (np.array(column) for column in zip(*offers, strict=True))
    first = np.searchsorted(gp, np.arange(firms + 1)).astype(np.int64)
    own = np.isin(np.arange(len(offers)), list(inside))
    return Offers(np.arange(seekers), gp, seeker, post.astype(float), gain.astype(float), own, first)
