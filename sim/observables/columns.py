"""What a column of a table is. Tables are written from the lists of `panel_columns.py` and `row_columns.py`.

Panels (city, district, sector, rival) hold one row a quarter and place; their extensive columns
are divided by the scale of the run, so that runs of all scales compare. The other tables hold one
row an agent or event, as simulated, and say in `attrs["scale"]` of what size the run was.

A reference such as `state.STARTUP.raised` is a column of a schema in `sim/world/columns.py`, one such as
`kinds.Life.ALIVE` a kind in `sim/world/kinds.py`.
"""

from typing import NamedTuple

YUAN = "yuan of 2024"
PANELS = ("city", "district", "sector", "rival")


class Column(NamedTuple):
    """One column of a table; its unit says of what type it is."""

    name: str
    unit: str
    meaning: str
    reference: str  # where in the code it is made, or the equation
    extensive: bool = False  # grows with the size of the city: panels divide it by the scale


def count(name, unit, meaning, reference):
    """A number of persons or firms."""
    return Column(name, unit, meaning, reference, True)


def money(name, meaning, reference):
    """A sum of money, int64 yuan."""
    return Column(name, YUAN, meaning, reference, True)


QUARTER = (
    Column("quarter", "text", "quarter, such as 2016Q1", "sim.world.calendar.quarter_name"),
    Column("year", "year", "year of the quarter", "quarter // 4"),
)
