"""The data dictionary of a run's tables, and the only door through which they are made.

A table has exactly the columns that `CODEBOOK` names, in that order and each of the type declared there: `frame`
refuses any other, so a column without a meaning cannot be written, nor one that is declared be forgotten. Who writes
a file takes the types from here, too (`written.py`).
"""

import numpy as np
import pandas as pd

from sim.observables.columns import FLAG, FLOAT, STRING, WHOLE, column
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
COLUMNS = {table: [each.name for each in columns] for table, columns in CODEBOOK.items()}
KEYS = {  # columns that together name a row
    "city": ("quarter",),
    "district": ("quarter", "district"),
    "sector": ("quarter", "sector"),
    "rival": ("quarter", "rival"),
    "founders": ("startup_id",),
    "startups": ("startup_id",),
    "firms": ("startup_id", "quarter"),
    "rounds": ("startup_id", "round", "investor", "investor_id"),
    "exits": ("startup_id", "quarter"),
    "funds": ("fund_id", "quarter"),
    "applications": ("application_id",),
    "policy": ("policy", "quarter"),
    "flows": ("quarter", "transaction", "payer", "payee"),
    "reported": ("id",),
}
HOLDS = {STRING: {*"OU"}, WHOLE: {"int64"}, FLOAT: {*"iuf"}, FLAG: {"b"}}  # numpy's types that make a column


def frame(table, columns, scale=None, wanted=None):
    """A table as a DataFrame with exactly the columns of the codebook, in its order, or those `wanted` of them.

    `columns` maps names to arrays of one length; `scale` marks a table of events (`attrs["scale"]`).
    Raises ValueError where a column is missing, unknown or not of its type.
    """
    if columns.keys() != set(COLUMNS[table]):
        raise ValueError(f"{table}: not in the codebook or not given: {sorted(set(columns) ^ set(COLUMNS[table]))}")
    for declared in CODEBOOK[table]:
        dtype = np.asarray(columns[declared.name]).dtype
        if HOLDS[declared.type].isdisjoint((dtype.kind, dtype.name)):
            raise ValueError(f"{table}.{declared.name}: {declared.unit} cannot be {dtype}")
    out = pd.DataFrame({name: columns[name] for name in wanted or COLUMNS[table]})
    if scale is not None:
        out.attrs["scale"] = float(scale)
    return out


def codebook(tables=CODEBOOK, keys=KEYS):
    """All columns of tables, a DataFrame of the columns `BOOK`; those of a run unless others are given."""
    rows = [
        (table, c.name, c.type, c.unit, c.kind, c.name in keys[table], c.missing or None, c.meaning, c.reference)
        for table, columns in tables.items()
        for c in columns
    ]
    return pd.DataFrame(rows, columns=[each.name for each in BOOK])


BOOK = (
    column("table", "name", "table", "sim.observables.codebook"),
    column("column", "name", "column", "sim.observables.columns"),
    column("type", "name", "string, int64, double or bool", "sim.observables.columns"),
    column("unit", "text", "unit", "sim.observables.columns"),
    column("kind", "name", "time, trait, stock, flow, total or index", "sim.observables.columns"),
    column("key", "flag", "whether it is one of those that name a row", "sim.observables.codebook"),
    column("missing", "text", "what stands for no value", "sim.observables.columns", missing="null"),
    column("meaning", "text", "what it says", "sim.observables.columns"),
    column("reference", "text", "where it is made", "sim.observables.columns"),
)
