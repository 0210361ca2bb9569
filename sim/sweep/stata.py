"""A collected data set as files of Stata (.dta, version 14 and later), in parts of a size that fits memory.

Stata has no 64-bit whole numbers: money becomes a double, which is exact to 9 million billion yuan. Column names
have at most 32 letters, so dots of parameters become underscores; the label of a variable gives its unit and
meaning.
"""

import pandas as pd
import pyarrow.parquet

from sim.sweep.collect import GROUP, parameter_names

LABEL = 80  # most characters of a label


def write(place):
    """Write `stata/` beside the parquet files of a data set: runs.dta, city_1.dta, city_2.dta, ..."""
    (place / "stata").mkdir()
    book = pd.read_csv(place / "codebook.csv")
    for path in sorted(place.glob("*.parquet")):
        names = {name: plain for plain, name in parameter_names(pyarrow.parquet.read_schema(path).names).items()}
        mine = book[book["table"] == path.stem].set_index("column")
        labels = {
            names[name]: f"{mine.meaning[name]} [{mine.unit[name]}]"[:LABEL] for name in names if name in mine.index
        }
        for part, batch in enumerate(pyarrow.parquet.ParquetFile(path).iter_batches(GROUP), 1):
            table = batch.to_pandas().rename(columns=names)
            for name, column in table.items():
                if column.dtype == "int64":
                    table[name] = column.astype("float64")
                elif isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object:
                    table[name] = column.astype(object).where(column.notna(), "").astype(str)
            stem = path.stem if path.stem == "runs" else f"{path.stem}_{part}"
            table.to_stata(place / "stata" / f"{stem}.dta", write_index=False, version=118, variable_labels=labels)
