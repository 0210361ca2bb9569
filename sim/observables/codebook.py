"""The data dictionary of a run's tables, and the only door through which they are made.

A table has exactly the columns that `columns.py` names, in that order: `frame` refuses any other
set, so a column without a meaning cannot be written.
"""

import pandas as pd

from sim.observables.columns import CODEBOOK, YUAN

WHOLE = {table: [column.name for column in columns] for table, columns in CODEBOOK.items()}


def frame(table, columns, scale=None, wanted=None):
    """The table with exactly the columns of the codebook, in its order, or those `wanted` of them; `scale` marks a
    table of events.

    Raises ValueError where a column is missing or unknown.
    """
    if columns.keys() != set(WHOLE[table]):
        raise ValueError(f"{table}: not in the codebook or not given: {sorted(set(columns) ^ set(WHOLE[table]))}")
    out = pd.DataFrame({name: columns[name] for name in wanted or WHOLE[table]})
    if scale is not None:
        out.attrs["scale"] = float(scale)
    return out


def codebook():
    """All columns of all tables of a run: table, column, unit, meaning, reference."""
    rows = [(table, c.name, c.unit, c.meaning, c.reference) for table, columns in CODEBOOK.items() for c in columns]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning", "reference"])


def check_codebook(tables):
    """What is wrong between `tables` (name -> DataFrame) and the codebook, as sentences; empty when all is well."""
    problems = [f"{name}: a table that the codebook does not know" for name in tables if name not in CODEBOOK]
    for name, columns in CODEBOOK.items():
        if name not in tables:
            continue
        known, given = {c.name: c for c in columns}, list(tables[name].columns)
        problems += [f"{name}.{column}: not in the codebook" for column in given if column not in known]
        problems += [
            f"{name}.{column}: in the codebook but not in the table" for column in known if column not in given
        ]
        for column in set(known) & set(given):
            if known[column].unit == YUAN and tables[name][column].dtype != "int64":
                problems.append(f"{name}.{column}: money that is {tables[name][column].dtype}, not int64")
        problems += [
            f"{name}.{c.name}: no unit, meaning or reference"
            for c in columns
            if not (c.unit and c.meaning and c.reference)
        ]
    return problems
