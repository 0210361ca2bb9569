"""Doors of kernels: the few named groups that they take, so that no two arrays can be exchanged unseen.

Each is a NamedTuple of views of the state (`State.people`, `State.firms`, ...), made where a kernel is called, as
tables move when they grow. A kernel is called by keyword.
"""

from collections import namedtuple
from typing import NamedTuple

import numpy as np

from sim.world.columns import PERSON

People = namedtuple("People", PERSON.names)
People.__doc__ = "Columns of the persons, or of a part of them, each an array of one length; see `columns.PERSON`."


class Firms(NamedTuple):
    """Those who sell and employ."""

    startups: np.ndarray  # STARTUP rows in use
    sectors: np.ndarray  # SECTOR rows
    corporates: np.ndarray  # CORPORATE rows
    pool_of: np.ndarray  # slot of the pool of other incumbents, int64[sectors]


class Capital(NamedTuple):
    """Those who finance, and what they own. Holdings and commitments grow: all rows, and how many are in use."""

    holdings: np.ndarray  # HOLDING rows, with room
    holdings_count: np.ndarray  # int64[1]
    gps: np.ndarray  # GP rows
    funds: np.ndarray  # FUND rows
    lps: np.ndarray  # LP rows
    commitments: np.ndarray  # COMMITMENT rows, with room
    commitments_count: np.ndarray  # int64[1]
    purses: np.ndarray  # PURSE rows, one a policy


class Ends(NamedTuple):
    """What ended this quarter. Exits grow: all rows, and how many are in use."""

    exits: np.ndarray  # EXIT rows, with room
    exits_count: np.ndarray  # int64[1]
    staff: np.ndarray  # yuan left for the staff of each startup, int64[startups]
    claims: NamedTuple  # endings.Params: who comes before the owners
    draw: float  # share of a wage that founders of funded ventures draw


class Books(NamedTuple):
    """Where every transfer is written down."""

    flows: np.ndarray  # (transactions, payers, payees) of the quarter, int64 yuan
    treasury: np.ndarray  # CASH, one row: the purses that are no agent's
