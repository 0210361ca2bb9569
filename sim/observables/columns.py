"""What a column of a table is. Tables are written from the lists of `panel_columns.py` and `row_columns.py`.

Panels (city, district, sector, rival) hold one row a quarter and place; their extensive columns
are divided by the scale of the run, so that runs of all scales compare. The other tables hold one
row an agent or event, as simulated, and say in `attrs["scale"]` of what size the run was.

A reference such as `state.STARTUP.raised` is a column of a schema in `sim/world/columns.py`, one such as
`kinds.Life.ALIVE` a kind in `sim/world/kinds.py`.

A name stands for one kind and one type in all tables. A total ends in `_to_date`; what a fund or a purse moved in
the quarter of its row says `_in_quarter`, as its trade uses the plain word for the total.
"""

from typing import NamedTuple

YUAN = "yuan of 2024"
PANELS = ("city", "district", "sector", "rival")

STRING, WHOLE, FLOAT, FLAG = "string", "int64", "double", "bool"  # types, as Arrow calls them
WORDS = {"text", "name", "code", "quarter"}  # units of what is in words
COUNTED = {  # units of whole numbers
    *(YUAN, "identity", "year", "number", "cell", "cases", "incidents", "jobs"),
    *("persons", "places", "quarters", "rounds", "shares"),
}
TIME = "time"  # when
TRAIT = "trait"  # who, where or what the row is about
STOCK = "stock"  # stands at the end of the quarter, or when the row speaks
FLOW = "flow"  # of the quarter or of the event of the row; may be summed
TOTAL = "total"  # of all quarters until then
INDEX = "index"  # a share, price, score or the like, never summed
KINDS = (TIME, TRAIT, STOCK, FLOW, TOTAL, INDEX)


class Column(NamedTuple):
    """One column of a table, wherever it is written."""

    name: str
    type: str  # as Arrow calls it
    unit: str
    kind: str  # of KINDS
    missing: str  # how a cell without a value is written: `null`, a number, or nothing where every cell has one
    meaning: str
    reference: str  # where in the code it is made, or the equation
    extensive: bool = False  # grows with the size of the city: panels divide it by the scale


def column(name, unit, meaning, reference, kind=None, *, missing=None, type=None):
    """A Column: its unit gives its type, and its kind and missing code where they are not given.

    Numbers with a fraction may be missing, all else only where `missing` says how.
    """
    type = type or _type(unit)
    kind = kind or (TIME if unit in ("quarter", "year") else TRAIT)
    missing = ("null" if type == FLOAT else "") if missing is None else missing
    return Column(name, type, unit, kind, missing, meaning, reference)


def _type(unit):
    if unit in WORDS:
        return STRING
    return FLAG if unit == "flag" else WHOLE if unit in COUNTED else FLOAT


def count(name, unit, meaning, reference, kind):
    """A number of persons, firms or the like at full size, with a fraction as the scale divides it."""
    return Column(name, FLOAT, unit, kind, "", meaning, reference, True)


def money(name, meaning, reference, kind):
    """A sum of money at full size, whole yuan."""
    return Column(name, WHOLE, YUAN, kind, "", meaning, reference, True)


QUARTER = (
    column("quarter", "quarter", "quarter, such as 2016Q1", "sim.world.calendar.quarter_name"),
    column("year", "year", "year of the quarter", "quarter // 4"),
)
