"""What the columns of a city's files may hold: least and largest value, and the unit.

The bounds are wide enough for a village and for the largest city there is, and narrow enough that kilometres for
metres, a price in another currency or a slip of the finger is refused. A whole least value says that the column holds
whole numbers. `city` says what the columns mean.
"""

from typing import NamedTuple


class Span(NamedTuple):
    """Least and largest value of a column, and its unit."""

    low: float
    high: float
    unit: str = ""

    def __str__(self):
        return f"between {self.low:,.10g} and {self.high:,.10g} {self.unit}".rstrip()


SHARE = Span(0.0, 1.0)
FACTOR = Span(0.01, 100.0)  # relative to the city's own, or to 2019
UTILITY = Span(-5.0, 5.0, "log utility")
PLACE = {"x_km": Span(-300.0, 300.0, "km"), "y_km": Span(-300.0, 300.0, "km")}
WATER = Span(0, 1)

SCALARS = {
    "persons": Span(1000, 20_000_000, "persons"),
    "gps_local_start": Span(1, 20_000, "firms"),
    "gps_local": Span(1, 20_000, "firms"),
    "gps_outside": Span(1, 20_000, "firms"),
    "lps": Span(1, 2000, "pools"),
    "corporates": Span(1, 100_000, "firms"),
    "corporates_foreign_share": SHARE,
    "cell_km": Span(0.4, 5.0, "km"),
    "origin_local": SHARE,
    "origin_returnee": SHARE,
    "origin_foreign": SHARE,
    "wealth_median": Span(1000.0, 1e8, "yuan"),
    "wealth_mean": Span(1000.0, 1e8, "yuan"),
    "usd_cny": Span(0.5, 50.0, "yuan per dollar"),
    "discount_rate": Span(0.0, 0.3, "a year"),
    "overseas_pool_per_year": Span(0.0, 5e6, "persons per year"),
    "foreign_pool_per_year": Span(0.0, 5e6, "persons per year"),
    "domestic_pool_per_year": Span(0.0, 5e6, "persons per year"),
}
DISTRICT = {
    "tile_row": Span(0, 50),
    "tile_col": Span(0, 50),
    "population": Span(100.0, 5e7, "persons"),
    "area_km2": Span(0.2, 20_000.0, "km2"),
    **PLACE,
    "office_stock_m2": Span(100.0, 1e9, "m2"),
    "park_stock_m2": Span(0.0, 1e9, "m2"),
    "home_stock_m2": Span(100.0, 1e9, "m2"),
    "office_rent": Span(1.0, 50_000.0, "yuan per m2 and quarter"),
    "home_rent": Span(1.0, 50_000.0, "yuan per m2 and quarter"),
    "amenity": UTILITY,
    "tech_share": SHARE,
}
ANCHOR = PLACE | {"area_km2": Span(0.0, 20_000.0, "km2"), "pull": Span(0.0, 1000.0)}
TRAIT = {
    "capital_need": FACTOR,
    "lab_need": SHARE,
    "regulatory_work": Span(0.0, 40.0, "quarters"),
    "time_to_product": Span(1.0, 80.0, "quarters"),
    "hardware_share": SHARE,
    "export_controls": SHARE,
    "data_crossing": SHARE,
    "tail": Span(0.1, 10.0),
    "hard_tech": SHARE,
    "consumer": SHARE,
    "business_share": SHARE,
    "export_share": SHARE,
    "multiple": Span(0.1, 100.0, "times the year's sales"),
    "payroll_share": Span(0.01, 1.0),
    "workforce": SHARE,
    "ideas": Span(0.0, 50.0),
    "trend": Span(-0.2, 0.2, "a year"),
    "base_wage": Span(1000.0, 1e7, "yuan per quarter"),
}
OUTPUT = {
    "graduates_per_year": Span(0.0, 500_000.0, "persons per year"),
    "ideas_per_year": Span(0.0, 50_000.0, "ideas per year"),
}
RIVAL = {
    "wage": FACTOR,
    "home_rent": DISTRICT["home_rent"],
    "office_rent": DISTRICT["office_rent"],
    "vc_odds": FACTOR,
    "amenity": UTILITY,
    "generosity": UTILITY,
    "reaction": SHARE,
    "vc_2019": Span(0.0, 1e14, "yuan"),
}
SERIES = {
    "macro_demand": FACTOR,
    "fundraising": FACTOR,
    "ipo": Span(0.0, 5000.0, "listings per quarter"),
    "foreign_capital": Span(0.0, 100.0),
    "borders_open": SHARE,
    "rival_wage": FACTOR,
    "export_controls": Span(0.0, 10.0),
    "appeal": UTILITY,
    "overseas_pool": Span(0.0, 100.0),
}
NORMAL = {"density": Span(0.01, 1e7)}  # of reference.csv; of its columns by sector:
NORMAL_BY_SECTOR = Span(0.0, 1e16)

ROWS = {  # most rows of a table that grows with the city
    "districts.csv": 100,
    "anchors.csv": 300,
    "sectors.csv": 50,
    "institutions.csv": 1000,
    "rivals.csv": 50,
}
MANY_ROWS = 5000  # most rows of any other
MOST_CELLS = 400_000  # of the grid that holds the city; Shanghai's has 120,000 when it is drawn
CROWD = 200_000  # most inhabitants of a km2
DESK = 15.0  # least m2 of offices for each tech worker, in the city as a whole; with fewer rents find no end
ROOM = 1000  # most m2 of a market for each inhabitant
FAR = 5.0  # most distance of a place from the centre of its district, in radii of a circle of the district's area
