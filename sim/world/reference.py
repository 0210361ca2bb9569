"""What is normal in a city: paths of a reference run, against which a quarter is held.

Density raises output against the density that is normal, know-how of a place counts against that of others, and young
firms share the customers that young firms normally have. The paths are data of a city at its calibrated point
(`reference.csv`, made by `sim reference`), fixed while parameters vary. Where a city has none, each quarter is its own
norm: so is the run made that leaves them.
"""

import numpy as np

FILE, ABOUT = "reference.csv", "reference.yaml"  # in the folder of a point: the paths, and what made them
CITY = ("density",)  # series of the city
BY_SECTOR = ("knowledge", "offers", "sales")  # series with a column a sector


def columns(sectors):
    """Names of the columns of `reference.csv` beside the quarter."""
    return [*CITY, *(f"{series}_{sector}" for series in BY_SECTOR for sector in sectors)]


def paths(table, sectors):
    """Series -> values of a table with those columns: float64[quarters], or (quarters, sectors)."""
    of_city = {name: np.array(table[name], np.float64) for name in CITY}
    return of_city | {
        series: np.stack([np.array(table[f"{series}_{sector}"], np.float64) for sector in sectors], axis=1)
        for series in BY_SECTOR
    }


class Norms:
    """The paths of a city, and what the run itself showed this quarter."""

    def __init__(self, city):
        self.paths, self.city = city.reference, city
        self.seen = {}  # series -> value of this quarter

    def of(self, series, quarter, own):
        """What is normal of a series in a quarter, like `own`, what it is in this run; before the path begins that is
        normal.
        """
        self.seen[series] = own
        if self.paths is None or quarter < self.city.still:
            return own
        return self.paths[series][quarter - self.city.first]
