"""The files of a city: what a column may hold, and a reader that gathers all that is wrong with them.

`city` says which columns there are and in which units.
"""

import csv
import math

import numpy as np
import yaml

from sim.world import reference
from sim.world.calendar import quarter_name, quarter_of
from sim.world.kinds import Institution, RivalKind
from sim.world.table import Rows

ANY = (-math.inf, math.inf)
POSITIVE = (math.ulp(0.0), math.inf)
COUNT = (0, math.inf)
SHARE = (0.0, 1.0)

SCALARS = {  # bounds; whole numbers where the lower bound is an int
    "persons": (1, math.inf),
    "gps_local_start": COUNT,
    "gps_local": COUNT,
    "gps_outside": COUNT,
    "lps": COUNT,
    "corporates": COUNT,
    "corporates_foreign_share": SHARE,
    "cell_km": (0.4, 5.0),
    "origin_local": SHARE,
    "origin_returnee": SHARE,
    "origin_foreign": SHARE,
    "wealth_median": POSITIVE,
    "wealth_mean": POSITIVE,
    "usd_cny": POSITIVE,
    "discount_rate": SHARE,
    "overseas_pool_per_year": (0.0, math.inf),
    "foreign_pool_per_year": (0.0, math.inf),
    "domestic_pool_per_year": (0.0, math.inf),
}
DISTRICT = {
    "tile_row": COUNT,
    "tile_col": COUNT,
    "population": POSITIVE,
    "area_km2": POSITIVE,
    "x_km": ANY,
    "y_km": ANY,
    "office_stock_m2": POSITIVE,
    "park_stock_m2": (0.0, math.inf),
    "home_stock_m2": POSITIVE,
    "office_rent": POSITIVE,
    "home_rent": POSITIVE,
    "amenity": ANY,
    "tech_share": SHARE,
}
PLACE = {"x_km": ANY, "y_km": ANY}
ANCHOR = PLACE | {"area_km2": (0.0, math.inf), "pull": (0.0, math.inf)}
TRAIT = {
    "capital_need": POSITIVE,
    "lab_need": SHARE,
    "regulatory_work": (0.0, 40.0),
    "time_to_product": (1.0, 80.0),
    "hardware_share": SHARE,
    "export_controls": SHARE,
    "data_crossing": SHARE,
    "tail": POSITIVE,
    "hard_tech": SHARE,
    "consumer": SHARE,
    "business_share": SHARE,
    "export_share": SHARE,
    "multiple": POSITIVE,
    "payroll_share": SHARE,
    "workforce": SHARE,
    "ideas": (0.0, math.inf),
    "trend": (-0.2, 0.2),
    "base_wage": POSITIVE,
}
OUTPUT = {"graduates_per_year": (0.0, math.inf), "ideas_per_year": (0.0, math.inf)}
RIVAL = {
    "wage": POSITIVE,
    "home_rent": POSITIVE,
    "office_rent": POSITIVE,
    "vc_odds": POSITIVE,
    "amenity": ANY,
    "generosity": ANY,
    "reaction": SHARE,
    "vc_2019": (0.0, math.inf),
}
SERIES = {
    "macro_demand": POSITIVE,
    "fundraising": POSITIVE,
    "ipo": (0.0, math.inf),
    "foreign_capital": (0.0, math.inf),
    "borders_open": SHARE,
    "rival_wage": POSITIVE,
    "export_controls": SHARE,
    "appeal": ANY,
    "overseas_pool": (0.0, math.inf),
}


class Reader:
    """Reads the files of one city and gathers what is wrong with them."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = []

    def refuse(self, file, text, row=None, column=None):
        place = file + (f", row {row}" if row else "") + (f", column {column}" if column else "")
        self.problems.append(f"{place}: {text}")

    # ------------------------------------------------------------ parts of a file

    def number(self, text, bounds, file, row=None, column=None):
        """A number within bounds; where it is none, the problem is kept and NaN goes on."""
        low, high = bounds
        try:
            value = float(text)
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value) or isinstance(text, bool):
            self.refuse(file, f"{text!r} is not a number", row, column)
            return math.nan
        if not low <= value <= high:
            wanted = "positive" if bounds == POSITIVE else f"between {low:g} and {high:g}"
            self.refuse(file, f"{text} should be {wanted}", row, column)
        if isinstance(low, int) and value != int(value):
            self.refuse(file, f"{text} should be a whole number", row, column)
        return value

    def quarter(self, text, file, row=None, column=None):
        try:
            return quarter_of(text)
        except ValueError as error:
            self.refuse(file, str(error), row, column)
            return -1

    def member(self, text, names, what, file, row, column):
        """Place of a name in a list of names, 0 where it is not there."""
        if text in names:
            return list(names).index(text)
        if names:  # a list that could not be read is refused on its own
            self.refuse(file, f"{what} {text!r} is not one of {', '.join(names)}", row, column)
        return 0

    def sums_to_one(self, values, file, row=None, column=None):
        total = float(np.sum(values))
        if abs(total - 1.0) > 1e-6:
            self.refuse(file, f"shares sum to {total:.6g} and not to 1", row, column)

    def distinct(self, names, file, column):
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.refuse(file, f"{name!r} stands there twice", column=column)

    def rows(self, file, columns):
        """Rows of a csv as dicts; empty where the file or one of its columns is missing."""
        path = self.folder / file
        if not path.is_file():
            self.refuse(file, "file is missing")
            return []
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
        found = reader.fieldnames or []
        missing = [column for column in columns if column not in found]
        for column in missing:
            self.refuse(file, "column is missing", column=column)
        for column in found:
            if column not in columns:
                self.refuse(file, "no such column is known", column=column)
        for number, row in enumerate(rows, start=2):
            for column in columns:
                if column in found and not (row[column] or "").strip():
                    self.refuse(file, "empty", number, column)
            if None in row:
                self.refuse(file, "more values than columns", number)
        if not rows:
            self.refuse(file, "no rows")
        return [] if missing else rows

    def table(self, file, rows, bounds, **columns):
        """Record array of the bounded numbers of `rows` and of columns of integers made before."""
        kinds = [(name, "i8") for name in columns]
        kinds += [(name, "i8" if isinstance(low, int) else "f8") for name, (low, _) in bounds.items()]
        table = Rows.of(np.zeros(len(rows), kinds))
        for name, values in columns.items():
            table[name] = values
        for name, limits in bounds.items():
            values = [self.number(row[name], limits, file, line, name) for line, row in enumerate(rows, start=2)]
            table[name] = np.nan_to_num(values)
        return table

    # ------------------------------------------------------------ the files

    def scalars(self, given):
        file = f"{self.folder.name}.yaml"
        wanted = ["name", "title", "sectors", "first", "history", *SCALARS]
        for key in wanted:
            if key not in given:
                self.refuse(file, "missing", column=key)
        for key in given:
            if key not in wanted:
                self.refuse(file, "no such key is known", column=key)
        values = {}
        for key, bounds in SCALARS.items():
            value = self.number(given[key], bounds, file, column=key) if key in given else math.nan
            values[key] = int(np.nan_to_num(value)) if isinstance(bounds[0], int) else value
        self.sums_to_one([values[key] for key in values if key.startswith("origin_")], file, column="origin_*")
        if values["wealth_mean"] < values["wealth_median"]:
            self.refuse(file, "should be at least wealth_median", column="wealth_mean")
        values["name"] = str(given.get("name", ""))
        if values["name"] != self.folder.name:
            self.refuse(file, f"{values['name']!r} should be {self.folder.name!r}, as its folder", column="name")
        values["title"] = str(given.get("title", ""))
        values["sectors"] = tuple(str(name) for name in given.get("sectors", ()))
        self.distinct(values["sectors"], file, "sectors")
        values["first"] = self.quarter(given.get("first"), file, column="first")
        values["history_start"] = self.quarter(given.get("history"), file, column="history")
        return values

    def districts(self):
        file = "districts.csv"
        rows = self.rows(file, ["code", "name", "ring", "source", *DISTRICT])
        table = self.table(file, rows, DISTRICT)
        codes = tuple(row["code"] for row in rows)
        self.distinct(codes, file, "code")
        if rows:
            self.sums_to_one(table.tech_share, file, column="tech_share")
        return {
            "district_codes": codes,
            "district_names": tuple(row["name"] for row in rows),
            "district_rings": tuple(row["ring"] for row in rows),
            "districts": table,
        }

    def adjacency(self, codes):
        file = "adjacency.csv"
        adjacency = np.zeros((len(codes), len(codes)), bool)
        water = adjacency.copy()
        for line, row in enumerate(self.rows(file, ["a", "b", "water"]), start=2):
            a, b = (self.member(row[end], codes, "district", file, line, end) for end in "ab")
            across = self.number(row["water"], (0, 1), file, line, "water") == 1.0
            if row["a"] == row["b"]:
                self.refuse(file, "a district does not border on itself", line)
            elif codes:
                adjacency[a, b] = adjacency[b, a] = True
                water[a, b] = water[b, a] = across
        return {"adjacency": adjacency, "water": water}

    def anchors(self, codes, area):
        file = "anchors.csv"
        rows = self.rows(file, ["name", "district", "source", *ANCHOR])
        table = self.table(file, rows, ANCHOR, district=self.district_column(rows, codes, file))
        taken = np.bincount(table.district, table.area_km2, len(codes)) if codes else ()
        for code, around, whole in zip(codes, taken, area, strict=True):
            if around > 0.0 and around >= whole:
                self.refuse(
                    file, f"anchors of {code} take {around:g} of its {whole:g} km2 and leave none", column="area_km2"
                )
        return {"anchor_names": tuple(row["name"] for row in rows), "anchors": table}

    def district_column(self, rows, codes, file):
        return [
            self.member(row["district"], codes, "district", file, line, "district")
            for line, row in enumerate(rows, start=2)
        ]

    def traits(self, sectors):
        file = "sectors.csv"
        rows = self.rows(file, ["name", "source", *TRAIT])
        names = tuple(row["name"] for row in rows)
        table = self.table(file, rows, TRAIT)
        if rows:
            if names != sectors:
                self.refuse(
                    file,
                    f"sectors {', '.join(names)} should be those of the yaml, in its order: {', '.join(sectors)}",
                    column="name",
                )
            self.sums_to_one(table.workforce, file, column="workforce")
            if abs(table.ideas.mean() - 1.0) > 1e-6:
                self.refuse(file, f"mean is {table.ideas.mean():.6g} and not 1", column="ideas")
        return {"traits": table}

    def institutions(self, codes, sectors):
        file = "institutions.csv"
        rows = self.rows(file, ["name", "kind", "district", "from", "source", *PLACE, *OUTPUT, *sectors])
        kinds = [kind.name.lower() for kind in Institution]
        lines = list(enumerate(rows, start=2))
        names = tuple(row["name"] for row in rows)
        self.distinct(names, file, "name")
        mix = np.zeros((len(rows), len(sectors)))
        for line, row in lines:
            mix[line - 2] = [self.number(row[sector], SHARE, file, line, sector) for sector in sectors]
            self.sums_to_one(mix[line - 2], file, line, "sector shares")
        table = self.table(
            file,
            rows,
            PLACE | OUTPUT,
            kind=[self.member(row["kind"], kinds, "kind", file, line, "kind") for line, row in lines],
            district=self.district_column(rows, codes, file),
            opens=[self.quarter(row["from"], file, line, "from") for line, row in lines],
        )
        return {"institution_names": names, "institutions": table, "institution_mix": mix}

    def rivals(self):
        file = "rivals.csv"
        rows = self.rows(file, ["name", "kind", "source", *RIVAL])
        kinds = [kind.name.lower() for kind in RivalKind]
        found = [self.member(row["kind"], kinds, "kind", file, line, "kind") for line, row in enumerate(rows, start=2)]
        for needed in (RivalKind.REST, RivalKind.OVERSEAS):
            if rows and found.count(needed) != 1:
                self.refuse(
                    file, f"{found.count(needed)} rows of kind {needed.name.lower()}, one is needed", column="kind"
                )
        names = tuple(row["name"] for row in rows)
        self.distinct(names, file, "name")
        return {"rival_names": names, "rivals": self.table(file, rows, RIVAL, kind=found)}

    def history(self, first, start):
        file = "history.csv"
        rows = self.rows(file, ["quarter", *SERIES])
        quarters = [self.quarter(row["quarter"], file, line, "quarter") for line, row in enumerate(rows, start=2)]
        for place, quarter in enumerate(quarters):
            if quarter not in (-1, first + place):
                self.refuse(
                    file, f"{quarter_name(quarter)} where {quarter_name(first + place)} should be", place + 2, "quarter"
                )
                break
        last = first + len(rows) - 1
        if rows and not first <= start <= last:
            self.refuse(
                f"{self.folder.name}.yaml", f"{quarter_name(start)} is not in the quarters of {file}", column="history"
            )
        values = self.table(file, rows, SERIES)
        return {
            "last": last,
            "history": {name: np.ascontiguousarray(values[name]) for name in SERIES},
            "history_sources": self.history_sources(),
        }

    def history_sources(self):
        file = "history_sources.csv"
        rows = self.rows(file, ["series", "unit", "source", "note"])
        for line, row in enumerate(rows, start=2):
            self.member(row["series"], list(SERIES), "series", file, line, "series")
        sources = {row["series"]: (row["unit"], row["source"], row["note"]) for row in rows}
        for name in SERIES:
            if rows and name not in sources:
                self.refuse(file, f"no row for {name}", column="series")
        return sources

    def reference(self, first, last, sectors):
        """Paths of what is normal, None where the city has none yet."""
        file = "reference.csv"
        if not (self.folder / file).is_file():
            return {"reference": None}
        names = reference.columns(sectors)
        rows = self.rows(file, ["quarter", *names])
        quarters = [self.quarter(row["quarter"], file, line, "quarter") for line, row in enumerate(rows, start=2)]
        if rows and quarters != list(range(first, last + 1)):
            self.refuse(file, f"should have a row a quarter from {quarter_name(first)} to {quarter_name(last)}")
        values = self.table(file, rows, dict.fromkeys(names, (0.0, math.inf)))
        return {"reference": reference.paths(values, sectors)}

    def policies(self):
        file = "policies.yaml"
        path = self.folder / file
        if not path.is_file():
            self.refuse(file, "file is missing")
            return {"policies": {}}
        try:
            policies = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            self.refuse(file, f"is not YAML: {' '.join(str(error).split())}")
            return {"policies": {}}
        if not isinstance(policies, dict):
            self.refuse(file, "should hold policies by name")
            return {"policies": {}}
        for policy, dates in policies.items():
            if not isinstance(dates, dict):
                self.refuse(file, "should hold start and, where known, end and announced", column=policy)
                continue
            for key, text in dates.items():  # `config` checks the knobs
                if key in ("start", "end", "announced") and text is not None:
                    self.quarter(text, file, column=f"{policy}.{key}")
            if "start" not in dates:
                self.refuse(file, "start is missing", column=policy)
            elif dates.get("end") and str(dates["end"]) < str(dates["start"]):
                self.refuse(file, f"ends in {dates['end']}, before its start", column=policy)
        return {"policies": policies}
