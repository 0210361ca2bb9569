"""What every operator works with: a run seen over whole years, and numbers that may be missing.

Flows are summed over the years, stocks are read in the fourth quarter of the last one.
"""

from dataclasses import dataclass
from functools import wraps

import numpy as np


class Missing(float):
    """A number that is not there (NaN): `verdict` in a word or two, `reason` in a sentence."""

    def __new__(cls, verdict, reason):
        self = super().__new__(cls, "nan")
        self.verdict, self.reason = verdict, reason
        return self


class NotReached(Exception):
    """The run does not cover the years asked for."""


class NotThere(Exception):
    """The city of the run lacks what the operator looks at."""


def operator(function):
    """Let `function` of a Window answer with a float, or with a `Missing` where the run cannot tell."""

    @wraps(function)
    def observe(window):
        try:
            return float(function(window))
        except NotReached as reason:
            return Missing("not reached", str(reason))
        except NotThere as reason:
            return Missing("not modelled", str(reason))

    return observe


@dataclass(frozen=True)
class Window:
    """A run over whole years.

    `tables` maps names to DataFrames as `Panels.tables` gives them; `first` and `last` are years, both included.
    """

    tables: dict
    first: int
    last: int

    @property
    def quarters(self):
        """The first and the last quarter, as numbers."""
        return 4 * self.first, 4 * self.last + 3

    @property
    def scale(self):
        """Share of the city that the run simulates."""
        return self.tables["startups"].attrs["scale"]

    def years(self):
        """One window a year."""
        return [Window(self.tables, year, year) for year in range(self.first, self.last + 1)]

    # ------------------------------------------------------------ panels

    def over(self, panel):
        """Those of the rows `panel` that lie in the window. Raises NotReached unless all its quarters are there."""
        rows = panel[panel["year"].between(self.first, self.last)]
        if rows["quarter"].nunique() < 4 * (self.last - self.first + 1):
            span = f"{panel['quarter'].min()} to {panel['quarter'].max()}" if len(panel) else "no quarter"
            raise NotReached(f"needs {self.first}Q1 to {self.last}Q4, the run has {span}")
        return rows

    def at_end(self, table, year=None):
        """Rows of a panel in the fourth quarter of `year`, else of the last year. Raises NotReached."""
        panel, quarter = self.tables[table], f"{year or self.last}Q4"
        rows = panel[panel["quarter"] == quarter]
        if rows.empty:
            raise NotReached(f"needs {quarter}, the run ends in {panel['quarter'].max()}")
        return rows

    def series(self, column):
        """A column of the city by quarter. Raises NotReached and NotThere."""
        return _counted(self.over(self.tables["city"]), column)

    def flow(self, column):
        """Sum of a column of the city over the window. Raises NotReached and NotThere."""
        return self.series(column).sum()

    def stock(self, column, year=None):
        """A column of the city at the end of `year`, else of the last year. Raises NotReached and NotThere."""
        return _counted(self.at_end("city", year), column).iloc[0]

    # ------------------------------------------------------------ microdata, as simulated: not divided by the scale

    def table(self, name):
        """All rows of a table. Raises NotReached where the run ends before the window does."""
        self.at_end("city")
        return self.tables[name]

    def events(self, name):
        """Rows of a table whose year lies in the window. Raises NotReached unless the run covers it."""
        self.over(self.tables["city"])
        table = self.tables[name]
        return table[table["year"].between(self.first, self.last)]

    def alive(self):
        """Startups alive at the end of the window. Raises NotReached."""
        startups, end = self.table("startups"), f"{self.last}Q4"
        return startups[(startups["born"] <= end) & (startups["ended"].isna() | (startups["ended"].fillna("") > end))]


def _counted(rows, column):
    """A column of a panel; a single district has fewer than the city."""
    if column not in rows:
        raise NotThere(f"{column} is not counted by district")
    return rows[column]


def only(rows, column, name):
    """The rows in which `column` is `name`. Raises NotThere where there is none."""
    rows = rows[rows[column] == name]
    if rows.empty:
        raise NotThere(f"the city's data have no {name}")
    return rows


def ordinal(quarters):
    """A Series of quarters as an array of numbers (floats, NaN where missing): 2016Q1 -> 8064."""
    text = quarters.astype("string")
    return (text.str[:4].astype("Float64") * 4 + text.str[5:].astype("Float64") - 1).to_numpy(float, na_value=np.nan)


def ratio(part, whole):
    """part / whole of two numbers, NaN of nothing."""
    return part / whole if whole else np.nan
