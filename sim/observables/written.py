"""How a table is written and read, whoever writes it: every type is that of its declared columns (`columns.py`).

In Parquet a missing value is a null and text is plain text; that it takes little room is Parquet's own encoding. In
csv a missing value is an empty cell, and text that a spreadsheet would take for a formula has a ' before it, which
`read_csv` takes away.
"""

import csv
import io
import json
import re

import pandas as pd
import pyarrow

from sim.observables.columns import FLAG, FLOAT, STRING, WHOLE

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # how what a spreadsheet computes begins, marked or not
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
INEXACT = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)  # numbers are read to the last bit only when asked
EXACT = {"float_precision": "round_trip"} if INEXACT else {}
NUMPY = {STRING: "str", WHOLE: "int64", FLOAT: "float64", FLAG: "bool"}  # types as pandas reads them from csv


# ---------------------------------------------------------------- Parquet


def schema(columns, **about):
    """The Arrow schema of a table; `about` stands in its metadata with the units, under `sim`.

    The scale of the run stands where pandas looks for `attrs`, too.
    """
    about = {**about, "units": {column.name: column.unit for column in columns}}
    metadata = {"sim": json.dumps(about)}
    if "scale" in about:
        metadata["PANDAS_ATTRS"] = json.dumps({"scale": about["scale"]})
    return pyarrow.schema([(column.name, column.type) for column in columns], metadata)


def table(columns, arrays, **about):
    """An Arrow table of the declared columns. `arrays` maps names to arrays or Series of one length.

    Raises ValueError where a column is missing or unknown, does not hold its type, or lacks values that it must have.
    """
    names = [column.name for column in columns]
    if set(names) != set(arrays):
        raise ValueError(f"not declared or not given: {sorted(set(names) ^ set(arrays))}")
    made = {}
    for column in columns:
        try:
            made[column.name] = pyarrow.array(arrays[column.name], column.type, from_pandas=True)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError) as error:
            raise ValueError(f"{column.name}: {column.unit} is {column.type}: {error}") from None
        if made[column.name].null_count and column.missing != "null":
            raise ValueError(f"{column.name}: has no value in some rows, and is declared to have one in all")
    return pyarrow.table(made, schema(columns, **about))


# ---------------------------------------------------------------- csv


def to_csv(frame, path, columns=None):
    """Write a DataFrame to a path or a stream, without its index and without formulas.

    Raises ValueError, as `table` does, where it is not of the `columns` that are declared.
    """
    if columns is not None:
        frame = table(columns, frame).to_pandas(types_mapper={pyarrow.int64(): pd.Int64Dtype()}.get)
    _each_text(frame, _marked).to_csv(path, index=False, lineterminator="\n")


def read_csv(path, columns=(), **how):
    """The DataFrame that `to_csv` wrote, with the types of `columns` where they are declared.

    An empty cell is missing; no word is. `how` goes on to pandas.
    """
    types = {
        column.name: "Int64" if column.type == WHOLE and column.missing == "null" else NUMPY[column.type]
        for column in columns
    }
    how = {"dtype": types, "keep_default_na": False, "na_values": [""], "encoding": "utf-8", **EXACT, **how}
    return _each_text(pd.read_csv(path, **how), _unmarked)


def without_formulas(text):
    """The text of a csv file, every cell as `to_csv` writes it."""
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    csv.writer(out, lineterminator="\n").writerows([_marked(cell) for cell in row] for row in rows)
    return out.getvalue()


def _each_text(frame, function):
    """A DataFrame with a function done to its names and to what is in columns of text, which keep their type."""
    done = {
        function(name): values
        if pd.api.types.is_numeric_dtype(values)
        else values.astype(object).map(function).astype(values.dtype)
        for name, values in frame.items()
    }
    return pd.DataFrame(done, index=frame.index, columns=[*done])


def _marked(value):
    """Text that would be a formula with a ' before it; all else as it is."""
    formula = isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value)
    return f"'{value}" if formula else value


def _unmarked(value):
    """What `_marked` was given."""
    if isinstance(value, str) and value.startswith("'") and _marked(value[1:]) != value[1:]:
        return value[1:]
    return value
