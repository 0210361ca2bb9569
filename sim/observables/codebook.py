"""The data dictionary of a run's tables, and the only door through which they are made.

A table has exactly the columns that `CODEBOOK` names, in that order and each of the type of its unit: `frame`
refuses any other, so a column without a meaning cannot be written, nor one that is declared be forgotten.
"""

import numpy as np
import pandas as pd

from sim.observables.columns import YUAN
from sim.observables.panel_columns import CITY, DISTRICT, RIVAL, SECTOR
from sim.observables.row_columns import (
    APPLICATIONS,
    EXITS,
    FIRMS,
    FLOWS,
    FOUNDERS,
    FUNDS,
    POLICY,
    REPORTED,
    ROUNDS,
    STARTUPS,
)

CODEBOOK = {
    "city": CITY,
    "district": DISTRICT,
    "sector": SECTOR,
    "rival": RIVAL,
    "founders": FOUNDERS,
    "startups": STARTUPS,
    "firms": FIRMS,
    "rounds": ROUNDS,
    "exits": EXITS,
    "funds": FUNDS,
    "applications": APPLICATIONS,
    "policy": POLICY,
    "flows": FLOWS,
    "reported": REPORTED,
}
COLUMNS = {table: [column.name for column in columns] for table, columns in CODEBOOK.items()}
TEXT = ("text", "name", "code")  # units of what is in words


def frame(table, columns, scale=None, wanted=None):
    """A table as a DataFrame with exactly the columns of the codebook, in its order, or those `wanted` of them.

    `columns` maps names to arrays of one length; `scale` marks a table of events (`attrs["scale"]`).
    Raises ValueError where a column is missing, unknown or not of the type of its unit.
    """
    if columns.keys() != set(COLUMNS[table]):
        raise ValueError(f"{table}: not in the codebook or not given: {sorted(set(columns) ^ set(COLUMNS[table]))}")
    for column in CODEBOOK[table]:
        dtype = np.asarray(columns[column.name]).dtype
        if not _fits(dtype, column.unit):
            raise ValueError(f"{table}.{column.name}: {column.unit} cannot be {dtype}")
    out = pd.DataFrame({name: columns[name] for name in wanted or COLUMNS[table]})
    if scale is not None:
        out.attrs["scale"] = float(scale)
    return out


def _fits(dtype, unit):
    """Whether an array of a type can hold what has this unit: yuan are whole, flags are true or false."""
    if unit == "see unit":  # of the row
        return True
    if unit in TEXT:
        return dtype.kind in "OU"
    if unit == "flag":
        return dtype.kind == "b"
    return dtype == np.int64 if unit in (YUAN, "identity", "year") else dtype.kind in "if"


def codebook():
    """All columns of all tables of a run, a DataFrame: table, column, unit, meaning, reference."""
    rows = [(table, c.name, c.unit, c.meaning, c.reference) for table, columns in CODEBOOK.items() for c in columns]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning", "reference"])
