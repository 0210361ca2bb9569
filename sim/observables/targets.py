"""Files of targets: what is known of a city, one row a number or claim, each with the operator that observes it.

    id         name of the row, once
    value      the number, or a claim in words
    low, high  the band; both for a row that may be fitted
    unit       of value and band, one of UNITS
    role       target (may be fitted), holdout (judged, never fitted), input or context (shown)
    operator   function of a module of `operators`, empty where nothing in a run stands for the row
    observed   years of the run that it reads, 2024 or 2018-2024

and, where wanted, `weight` in a fit (1), `district` (a code: the operator sees that district alone), `check`
(band, sign, rank, support or show), `conflict_group` (reports that cannot all be read alike), `source`, `quote`,
`period`, `treatment`, `note` and any column more.
"""

import difflib
import functools
import inspect
import re

import pandas as pd

from sim.observables.operators import capital, deals, firm_dynamics, indicators, space
from sim.world import readers

BILLION = 1e9
REQUIRED = ("id", "value", "low", "high", "unit", "role", "operator", "observed")
OPTIONAL = {
    "weight": "1",
    "district": "",
    "check": "band",
    "conflict_group": "",
    "source": "",
    "quote": "",
    "period": "",
    "treatment": "",
    "note": "",
}
SLIP = 0.8  # how like a column a name must be, from 0 to 1, to be taken for a slip of it
ROLES = ("target", "holdout", "input", "context")
CHECKS = ("band", "sign", "rank", "support", "show")
UNITS = {  # beginning of a unit: model units in one of it; "USD bn" is multiplied by the city's rate
    "USD bn": BILLION,
    "CNY bn": BILLION,
    "bn CNY": BILLION,
    "percent": 0.01,
    **dict.fromkeys(
        (
            "share",
            "ratio",
            "relative",
            "index",
            "1/yr",
            "elasticity",
            "exponent",
            "log points",
            "kurtosis",
            "rank",
            "sign",
        ),
        1.0,
    ),
    **dict.fromkeys(
        (
            "firms",
            "startups",
            "companies",
            "deals",
            "rounds",
            "investors",
            "persons",
            "years",
            "quarters",
            "months",
            "metres",
        ),
        1.0,
    ),
}
MODULES = (indicators, firm_dynamics, deals, space, capital)


@functools.cache
def operators():
    """Name -> operator, a function of a `window.Window` that returns a float."""
    return {
        name: f
        for module in MODULES
        for name, f in inspect.getmembers(module, inspect.isfunction)
        if hasattr(f, "__wrapped__") and f.__module__ == module.__name__
    }


def read_targets(path):
    """The rows of a file of targets, a DataFrame: numbers as floats where they are, all else as text.

    A value in words stays in the column `value`; empty cells are the empty text, or NaN among numbers. Columns that
    may be left out are there with their ordinary values. `problems` says what would be wrong with a file; ValueError
    where it is no table at all.
    """
    columns, rows = readers.read_csv(path)
    rows = pd.DataFrame(rows, columns=columns, dtype=str)
    rows = rows.assign(**{name: rows.get(name, ordinary) for name, ordinary in OPTIONAL.items()})
    for name in ("weight", "check"):
        rows[name] = rows[name].where((rows[name] != "") | (rows["operator"] == ""), OPTIONAL[name])
    for column in ("low", "high", "weight"):
        rows[column] = pd.Series(map(readers.number, rows[column]), rows.index, dtype=float)
    numbers = pd.Series(map(readers.number, rows["value"]), rows.index, dtype=float)
    rows["value"] = rows["value"].astype(object).where(numbers.isna(), numbers)
    return rows


def unit_size(unit, city):
    """Model units in one unit of a row: yuan in a billion dollars, say; one for persons, firms and shares."""
    size = next((size for name, size in UNITS.items() if unit.startswith(name)), 1.0)
    return size * city.usd_cny if unit.startswith("USD") else size


def years(text):
    """`2024` -> (2024, 2024), `2018-2024` -> (2018, 2024)."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


# ---------------------------------------------------------------- refusals


def problems(path, city):
    """What is wrong with a file of targets, as sentences with file, row and column.

    `path` is a Path; `city`, a `sim.world.city.City` or None, knows the districts.
    """
    try:
        columns, rows = readers.read_csv(path)
    except readers.Unreadable as error:
        return [f"{path.name} {problem}" for problem in error.problems]
    misspelt = {name: close[0] for name in columns if (close := _close(name, columns))}
    shape = [f"{path.name}: column {name}: no such column; did you mean {close}?" for name, close in misspelt.items()]
    shape += [
        f"{path.name}: column {name} is missing"
        for name in REQUIRED
        if name not in columns and name not in misspelt.values()
    ]
    shape += [] if rows else [f"{path.name}: holds no rows"]
    if shape:
        return shape
    ids, sentences = set(), []
    for line, row in enumerate(rows, start=2):
        where = f"{path.name} row {line}"
        sentences += [f"{where} ({row['id']}) {column}: {text}" for column, text in _wrong(row, city)]
        if row["id"] in ids:
            sentences.append(f"{where} ({row['id']}) id: stands twice")
        ids.add(row["id"])
    return sentences


def _close(name, columns):
    """The column that a name of none is a slip of; columns of other names are the user's own."""
    known = (*REQUIRED, *OPTIONAL)
    absent = [one for one in known if one not in columns]
    return difflib.get_close_matches(name.strip().lower(), absent, 1, SLIP) if name not in known else []


def outside(path, city):
    """The ids of rows that read years outside the history of a city, of a file without `problems`."""
    history = (city.first // 4, city.last // 4)
    rows = [row for row in readers.read_csv(path)[1] if row["operator"]]
    return [
        row["id"]
        for row in rows
        if not history[0] <= years(row["observed"])[0] <= years(row["observed"])[1] <= history[1]
    ]


def _wrong(row, city):
    """(column, what is wrong) of a row."""
    numbers = {name: readers.number(row[name]) for name in ("value", "low", "high")}
    for name in ("low", "high"):
        if row[name] and numbers[name] is None:
            yield name, f"{row[name]} is not a number"
    if not row["id"].strip():
        yield "id", "is empty"
    if row["role"] not in ROLES:
        yield "role", f"{row['role'] or 'empty'}; should be one of {', '.join(ROLES)}"
    if row.get("check") and row["check"] not in CHECKS:
        yield "check", f"{row['check']}; should be one of {', '.join(CHECKS)}"
    weight = readers.number(row.get("weight") or "1")
    if weight is None or weight < 0:
        yield "weight", f"{row['weight']} is not a number from 0"
    low, high = numbers["low"], numbers["high"]
    if low is not None and high is not None and low > high:
        yield "high", f"band is reversed, {row['low']} to {row['high']}"
    elif (value := numbers["value"]) is None:
        if row["role"] == "target":
            yield "value", f"{row['value'] or 'empty'}; a target needs a number"
    elif (low is not None and value < low) or (high is not None and value > high):
        yield "value", f"{row['value']} is outside its band, {row['low'] or 'any'} to {row['high'] or 'any'}"
    if row["role"] == "target" and (low is None or high is None or low == high):
        yield "low", "a target needs a band, low below high"
    if row["role"] == "target" and not row["operator"]:
        yield "operator", "a target needs an operator"
    if row["operator"]:
        if row["operator"] not in operators():
            close = difflib.get_close_matches(row["operator"], operators(), 1)
            yield "operator", f"no operator {row['operator']}{f'; did you mean {close[0]}?' if close else ''}"
        if not any(row["unit"].startswith(name) for name in UNITS):
            yield "unit", f"unknown unit {row['unit'] or '(empty)'}; begins with one of {', '.join(UNITS)}"
        if not re.fullmatch(r"\d{4}(-\d{4})?", row["observed"]):
            yield "observed", f"{row['observed'] or 'empty'}; should be years such as 2024 or 2018-2024"
        elif years(row["observed"])[0] > years(row["observed"])[1]:
            yield "observed", f"{row['observed']} ends before it begins"
    if row.get("district") and city is not None and row["district"] not in city.district_codes:
        yield "district", f"no district {row['district']}; there is {', '.join(city.district_codes)}"
