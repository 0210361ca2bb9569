"""A collected data set as files of Stata (.dta, version 14 and later), in parts of a size that fits memory.

Stata has no 64-bit whole numbers: money becomes a double, which is exact to 9 million billion yuan. Column names
have at most 32 letters, so dots of parameters become underscores; the label of a variable gives its unit and
meaning.
"""

import re

import pandas as pd
import pyarrow.parquet

LABEL = 80  # most characters of a label
NAME = 32  # most characters of a name
ROWS = 1_000_000  # of a part


def write(folder):
    """Write `stata/` beside the parquet files of the data set in `folder`: runs.dta, city_1.dta, city_2.dta, ..."""
    (folder / "stata").mkdir()
    codebook = pd.read_csv(folder / "codebook.csv")
    for path in sorted(folder.glob("*.parquet")):
        names = short_names(pyarrow.parquet.read_schema(path).names)
        columns = codebook[codebook["table"] == path.stem].set_index("column")
        labels = {
            names[name]: f"{columns.meaning[name]} [{columns.unit[name]}]"[:LABEL]
            for name in names
            if name in columns.index
        }
        for part, batch in enumerate(pyarrow.parquet.ParquetFile(path).iter_batches(ROWS), 1):
            table = batch.to_pandas().rename(columns=names)
            for name, column in table.items():
                if column.dtype == "int64":
                    table[name] = column.astype("float64")
                elif isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object:
                    table[name] = column.astype(object).where(column.notna(), "").astype(str)
            stem = path.stem if path.stem == "runs" else f"{path.stem}_{part}"
            table.to_stata(folder / "stata" / f"{stem}.dta", write_index=False, version=118, variable_labels=labels)


def short_names(names):
    """Name of a column -> its name for Stata: at most 32 letters, digits and _, no two alike."""
    short = {}
    for i, name in enumerate(names):
        plain = re.sub(r"\W", "_", name)
        plain = plain if len(plain) <= NAME else f"{plain[: NAME - 6]}_{i}"
        short[name] = plain if plain not in short.values() else f"p{i}"
    return short
