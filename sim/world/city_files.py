"""A reader of the files of a city that gathers all that is wrong with them.

`city` says which columns there are and what they mean, `city_columns` what they may hold.
"""

import math

import numpy as np

from sim.world import readers, reference
from sim.world.calendar import quarter_name, quarter_of
from sim.world.city_columns import (
    ANCHOR,
    CROWD,
    DESK,
    DISTRICT,
    FAR,
    MANY_ROWS,
    MOST_CELLS,
    NORMAL,
    NORMAL_BY_SECTOR,
    OUTPUT,
    PLACE,
    RIVAL,
    ROOM,
    ROWS,
    SCALARS,
    SERIES,
    SHARE,
    TRAIT,
    WATER,
)
from sim.world.kinds import Institution, RivalKind
from sim.world.table import Rows

SHOWN = 50  # most problems of a city to tell


class Reader:
    """Reads the files of one city and gathers what is wrong with them."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = []

    def refuse(self, file, text, row=None, column=None):
        place = file + (f", row {row}" if row else "") + (f", column {column}" if column else "")
        self.problems.append(f"{place}: {text}")

    # ------------------------------------------------------------ parts of a file

    def number(self, value, span, file, row=None, column=None):
        """A number within its span; where it is none, the problem is kept and NaN goes on.

        `value` is the text of a cell, or what a yaml says.
        """
        told = value
        if isinstance(value, str):
            value = readers.number(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self.refuse(file, f"{told!r} is not a number", row, column)
            return math.nan
        if not span.low <= value <= span.high:
            self.refuse(file, f"{told} should be {span}", row, column)
        if isinstance(span.low, int) and value != int(value):
            self.refuse(file, f"{told} should be a whole number", row, column)
        return float(value)

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

    def read(self, file, columns):
        """Rows of a csv as dicts; empty where the file or one of its columns is missing."""
        path = self.folder / file
        if not path.is_file():
            self.refuse(file, "file is missing")
            return []
        try:
            found, rows = readers.read_csv(path)
        except readers.Unreadable as error:
            self.problems += [f"{file} {problem}" for problem in error.problems]
            return []
        missing = [column for column in columns if column not in found]
        for column in missing:
            self.refuse(file, "column is missing", column=column)
        for column in found:
            if column not in columns:
                self.refuse(file, "no such column is known", column=column)
        most = ROWS.get(file, MANY_ROWS)
        if len(rows) > most:
            self.refuse(file, f"has {len(rows):,} rows, and at most {most:,} are read")
            return []
        for number, row in enumerate(rows, start=2):
            for column in columns:
                if column in found and not row[column].strip():
                    self.refuse(file, "empty", number, column)
        if not rows:
            self.refuse(file, "no rows")
        return [] if missing else rows

    def table(self, file, rows, spans, **columns):
        """Record array of the bounded numbers of `rows` and of columns of integers made before."""
        kinds = [(name, "i8") for name in columns]
        kinds += [(name, "i8" if isinstance(span.low, int) else "f8") for name, span in spans.items()]
        table = Rows.of(np.zeros(len(rows), kinds))
        for name, values in columns.items():
            table[name] = values
        for name, span in spans.items():
            values = np.array(
                [self.number(row[name], span, file, line, name) for line, row in enumerate(rows, start=2)]
            )
            table[name] = np.clip(np.nan_to_num(values), span.low, span.high)  # what is beyond is refused already
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
        for key, span in SCALARS.items():
            value = self.number(given[key], span, file, column=key) if key in given else math.nan
            values[key] = int(np.nan_to_num(value)) if isinstance(span.low, int) else value
        self.sums_to_one([values[key] for key in values if key.startswith("origin_")], file, column="origin_*")
        if values["wealth_mean"] < values["wealth_median"]:
            self.refuse(file, "should be at least wealth_median", column="wealth_mean")
        values["name"] = str(given.get("name", ""))
        if values["name"] != self.folder.name:
            self.refuse(file, f"{values['name']!r} should be {self.folder.name!r}, as its folder", column="name")
        values["title"] = given.get("title", "")
        if not isinstance(values["title"], str):
            self.refuse(file, f"{values['title']!r} should be text", column="title")
        sectors = given.get("sectors", [])
        if not isinstance(sectors, (list, tuple)) or not all(isinstance(name, str) and name for name in sectors):
            self.refuse(file, f"{sectors!r} should be a list of names", column="sectors")
            sectors = []
        values["sectors"] = tuple(sectors)
        self.distinct(values["sectors"], file, "sectors")
        values["first"] = self.quarter(given.get("first"), file, column="first")
        values["history_start"] = self.quarter(given.get("history"), file, column="history")
        return values

    def districts(self):
        file = "districts.csv"
        rows = self.read(file, ["code", "name", "ring", "source", *DISTRICT])
        table = self.table(file, rows, DISTRICT)
        codes = tuple(row["code"] for row in rows)
        self.distinct(codes, file, "code")
        if rows:
            self.sums_to_one(table.tech_share, file, column="tech_share")
        for line, row in enumerate(table, start=2):
            if row.population > CROWD * row.area_km2:
                told = f"{row.population:,.0f} persons on {row.area_km2:g} km2; at most {CROWD:,} live on one"
                self.refuse(file, told, line, "population")
            for stock in ("office_stock_m2", "park_stock_m2", "home_stock_m2"):
                if row[stock] > ROOM * row.population:
                    told = f"{row[stock]:,.0f} m2 for {row.population:,.0f} persons; at most {ROOM:,} m2 for each"
                    self.refuse(file, told, line, stock)
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
        for line, row in enumerate(self.read(file, ["a", "b", "water"]), start=2):
            a, b = (self.member(row[end], codes, "district", file, line, end) for end in "ab")
            across = self.number(row["water"], WATER, file, line, "water") == 1.0
            if row["a"] == row["b"]:
                self.refuse(file, "a district does not border on itself", line)
            elif codes:
                adjacency[a, b] = adjacency[b, a] = True
                water[a, b] = water[b, a] = across
        return {"adjacency": adjacency, "water": water}

    def anchors(self, codes, area):
        file = "anchors.csv"
        rows = self.read(file, ["name", "district", "source", *ANCHOR])
        table = self.table(file, rows, ANCHOR, district=self.district_column(rows, codes, file))
        taken = np.bincount(table.district, table.area_km2, len(codes)) if codes else ()
        for code, around, whole in zip(codes, taken, area, strict=True):
            if around > 0.0 and around >= whole:
                self.refuse(
                    file, f"anchors of {code} take {around:g} of its {whole:g} km2 and leave none", column="area_km2"
                )
        return {"anchor_names": tuple(row["name"] for row in rows), "anchors": table}

    def people(self, values):
        """There are no more tech workers than inhabitants and no more firms than tech workers, and these have desks."""
        file = f"{self.folder.name}.yaml"
        inhabitants = values["districts"].population.sum()
        if 0 < inhabitants < values["persons"]:
            told = f"{values['persons']:,.10g} should be at most the {inhabitants:,.0f} inhabitants of districts.csv"
            self.refuse(file, told, column="persons")
        for firms in ("gps_local_start", "gps_local", "corporates"):
            if 0 < values["persons"] < values[firms]:
                self.refuse(
                    file, f"{values[firms]:,.10g} should be at most persons, {values['persons']:,.10g}", column=firms
                )

        offices = values["districts"].office_stock_m2.sum()
        if 0 < offices < DESK * values["persons"]:
            told = f"{offices:,.0f} m2 in all for {values['persons']:,.10g} persons; at least {DESK:g} m2 for each"
            self.refuse("districts.csv", told, column="office_stock_m2")

    def ground(self, values):
        """Places are apart, lie in or near their districts, and the grid that holds them can be drawn."""
        districts, cell_km = values["districts"], values["cell_km"]
        if not len(districts) or not cell_km > 0.0:
            return
        x, y = districts.x_km, districts.y_km
        codes, radius = values["district_codes"], np.sqrt(districts.area_km2 / math.pi)
        for one in range(len(codes)):
            near = np.flatnonzero(np.hypot(x[:one] - x[one], y[:one] - y[one]) < cell_km)
            for other in near[:1]:
                self.refuse(
                    "districts.csv", f"less than a cell from the centre of {codes[other]}", one + 2, "x_km, y_km"
                )
        for file, table in (("anchors.csv", values["anchors"]), ("institutions.csv", values["institutions"])):
            own = table.district
            away = np.hypot(table.x_km - x[own], table.y_km - y[own])
            for row in np.flatnonzero(away > FAR * radius[own]):
                told = f"{away[row]:,.0f} km from the centre of {codes[own[row]]}, of radius {radius[own[row]]:.2g} km"
                self.refuse(file, f"{told}; are these kilometres?", row + 2, "x_km, y_km")
        margin = 4.0 * radius.max()  # on both sides together, as `geography` draws it
        cells = (np.ptp(x) + margin) * (np.ptp(y) + margin) / cell_km**2
        if cells > MOST_CELLS:
            told = f"a grid of {cells:,.0f} cells of {cell_km:g} km, at most {MOST_CELLS:,} can be drawn"
            self.refuse("districts.csv", told, column="x_km, y_km, area_km2")

    def district_column(self, rows, codes, file):
        return [
            self.member(row["district"], codes, "district", file, line, "district")
            for line, row in enumerate(rows, start=2)
        ]

    def traits(self, sectors):
        file = "sectors.csv"
        rows = self.read(file, ["name", "source", *TRAIT])
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
        rows = self.read(file, ["name", "kind", "district", "from", "source", *PLACE, *OUTPUT, *sectors])
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
        rows = self.read(file, ["name", "kind", "source", *RIVAL])
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
        rows = self.read(file, ["quarter", *SERIES])
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
        if rows and not values.ipo[max(start - first, 0) :].any():
            self.refuse(file, f"no listing from {quarter_name(start)} on; some are needed", column="ipo")
        return {
            "last": last,
            "history": {name: np.ascontiguousarray(values[name]) for name in SERIES},
            "history_sources": self.history_sources(),
        }

    def history_sources(self):
        file = "history_sources.csv"
        rows = self.read(file, ["series", "unit", "source", "note"])
        for line, row in enumerate(rows, start=2):
            self.member(row["series"], list(SERIES), "series", file, line, "series")
        sources = {row["series"]: (row["unit"], row["source"], row["note"]) for row in rows}
        for name in SERIES:
            if rows and name not in sources:
                self.refuse(file, f"no row for {name}", column="series")
        return sources

    def reference(self, point, first, last, sectors):
        """Paths of what is normal at a calibrated point, None where the city has none yet."""
        file = f"{point}/{reference.FILE}"
        if not (self.folder / file).is_file() or not sectors:  # no sectors are refused already
            return {"reference": None}
        names = reference.columns(sectors)
        rows = self.read(file, ["quarter", *names])
        quarters = [self.quarter(row["quarter"], file, line, "quarter") for line, row in enumerate(rows, start=2)]
        if rows and quarters != list(range(first, last + 1)):
            self.refuse(file, f"should have a row a quarter from {quarter_name(first)} to {quarter_name(last)}")
        values = self.table(file, rows, {name: NORMAL.get(name, NORMAL_BY_SECTOR) for name in names})
        return {"reference": reference.paths(values, sectors)}

    def policies(self):
        file = "policies.yaml"
        path = self.folder / file
        if not path.is_file():
            self.refuse(file, "file is missing")
            return {"policies": {}}
        try:
            policies = readers.parse_yaml(readers.read_text(path)) or {}
        except readers.Unreadable as error:
            self.problems += [f"{file} {problem}" for problem in error.problems]
            return {"policies": {}}
        if not isinstance(policies, dict):
            self.refuse(file, "should hold policies by name")
            return {"policies": {}}
        for policy, dates in policies.items():
            if not isinstance(dates, dict):
                self.refuse(
                    file, f"holds {dates}; it should hold start and, where known, end and announced", column=policy
                )
                continue
            for key, text in dates.items():  # `config` checks the knobs
                if key in ("start", "end", "announced") and text is not None:
                    self.quarter(text, file, column=f"{policy}.{key}")
            if "start" not in dates:
                has = f"; it has {', '.join(map(str, dates))}" if dates else ""
                self.refuse(file, f"start is missing{has}", column=policy)
            elif dates.get("end") and str(dates["end"]) < str(dates["start"]):
                self.refuse(file, f"ends in {dates['end']}, before its start", column=policy)
        return {"policies": policies}
