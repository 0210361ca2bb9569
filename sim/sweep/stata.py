"""A collected data set as files of Stata (.dta, version 14 and later), in parts of a size that fits memory.

Quarters are dates of Stata, shown as %tq. Stata has no 64-bit whole numbers: money becomes a double, which is exact to
9 million billion yuan. A name has at most 32 letters, so dots of parameters become underscores, and of a longer name
the last words stand before a hash of the whole: it hangs on nothing else in the file. The label of a variable gives
its meaning and unit.
"""

import hashlib
import re

import pandas as pd
import pyarrow.parquet

from sim.observables.codebook import BOOK
from sim.observables.columns import FLAG, STRING, WHOLE
from sim.observables.written import read_csv

LABEL = 80  # most characters of a label
NAME = 32  # most characters of a name
DIGITS = 5  # of the hash in a name
ROWS = 1_000_000  # of a part


def write(folder):
    """Write `stata/` beside the parquet files of the data set in `folder`: runs.dta, city_1.dta, city_2.dta, ..."""
    (folder / "stata").mkdir()
    codebook = read_csv(folder / "codebook.csv", BOOK)
    for path in sorted(folder.glob("*.parquet")):
        columns = codebook[codebook["table"] == path.stem]
        names = {name: short_name(name) for name in columns["column"]}
        labels = {names[row.column]: label(row.meaning, row.unit) for row in columns.itertuples()}
        quarters = {names[name]: "tq" for name in columns["column"][columns["unit"] == "quarter"]}
        file = pyarrow.parquet.ParquetFile(path)
        batches = file.iter_batches(ROWS) if file.metadata.num_rows else [file.read()]
        for part, batch in enumerate(batches, 1):
            table = batch.to_pandas()
            for row in columns.itertuples():
                table[row.column] = _for_stata(table[row.column], row)
            stem = path.stem if path.stem == "runs" else f"{path.stem}_{part}"
            table.rename(columns=names).to_stata(
                folder / "stata" / f"{stem}.dta",
                write_index=False,
                version=118,
                variable_labels=labels,
                convert_dates=quarters,
            )


def _for_stata(values, declared):
    """A column as pandas writes it for Stata; text that is missing is empty."""
    if declared.unit == "quarter":
        first = values.str.replace("Q1", "-01").str.replace("Q2", "-04")  # month in which it begins
        return pd.to_datetime(first.str.replace("Q3", "-07").str.replace("Q4", "-10"), format="%Y-%m")
    if declared.type == WHOLE or (declared.type == FLAG and values.hasnans):
        return values.astype("float64")
    return values.astype(object).where(values.notna(), "") if declared.type == STRING else values


def label(meaning, unit):
    """The label of a variable, at most 80 characters: words of its meaning as far as they fit, and its unit."""
    unit = f" [{unit}]"
    if len(meaning) + len(unit) <= LABEL:
        return meaning + unit
    room = LABEL - len(unit) - len(" ...")
    return meaning[: room + 1].rpartition(" ")[0].rstrip(" ,;:(") + " ..." + unit


def short_name(name):
    """The name of a column for Stata: letters, digits and _, at most 32, the same in whatever file it stands."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    plain = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
    if plain.replace("_", ".") == name.replace("_", ".") and len(plain) <= NAME:
        return plain
    room = NAME - DIGITS - 1
    whole = len(plain) <= room or plain[-room - 1] == "_"  # no word is cut
    words = plain[-room:] if whole else plain[-room:].partition("_")[2] or plain[-room:]
    return f"{words.lstrip('_')}_{hashlib.sha256(name.encode()).hexdigest()[:DIGITS]}"
