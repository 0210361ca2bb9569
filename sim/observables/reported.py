"""Every reported number beside the model's, under the same definition."""

import math

import pandas as pd

from sim.observables import metrics
from sim.observables.codebook import frame
from sim.observables.columns import CODEBOOK

COLUMNS = [column.name for column in CODEBOOK["reported"]]
BILLION = 1e9


def read_targets(path):
    """The rows of a file of `configs/targets` (csv): numbers as floats where they are, all else as text.

    A value in words stays in the column `value`; empty cells are the empty text, or NaN among numbers.
    """
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("low", "high"):
        rows[column] = pd.to_numeric(rows[column])
    numbers = pd.to_numeric(rows["value"], errors="coerce")
    rows["value"] = rows["value"].astype(object).where(numbers.isna(), numbers)
    return rows


def reported(tables, city, targets):
    """The reported metrics beside the run's numbers, columns as in the codebook.

    `tables` are those of `Panels.tables`, `city` is a `sim.city.City` (its dollar rate converts) and
    `targets` the rows of `configs/targets/reported.csv` (`read_targets`). One row for every metric
    with a number, in the order of the file, then one for every claim about a sign or a rank.
    """
    number = targets["value"].map(lambda value: isinstance(value, float))
    claim = targets["check"].isin(("sign", "rank"))
    rows = [compare(row, tables, city) for part in (targets[number], targets[~number & claim]) for row in part.to_dict("records")]
    return frame("reported", {name: [row[name] for row in rows] for name in COLUMNS})


def compare(row, tables, city):
    """One row of the comparison, a dict."""
    simulated = observe(row, tables, city)
    kept = ("id", "low", "high", "unit", "source", "role", "period", "observed", "operator", "conflict_group", "quote")
    return {name: row[name] for name in kept} | {
        "reported": row["value"],
        "simulated": float(simulated),
        "verdict": verdict(row, simulated, tables, city),
        "note": getattr(simulated, "reason", "") or row["treatment"] or row["note"],
    }


def observe(row, tables, city):
    """The run's number for a metric in the unit of its row; a `metrics.Missing` where there is none."""
    if not row["operator"]:
        return metrics.Missing("not modelled", "")
    value = getattr(metrics, row["operator"])(tables, *years(row["observed"]))
    return value if isinstance(value, metrics.Missing) else value / unit_size(row["unit"], city)


def years(text):
    """`2024` -> (2024, 2024), `2018-2024` -> (2018, 2024)."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def unit_size(unit, city):
    """Model units in one unit of a row: yuan in a billion dollars, say; one for persons, firms and shares."""
    if unit.startswith("USD bn"):
        return BILLION * city.usd_cny
    if unit.startswith(("CNY bn", "bn CNY")):
        return BILLION
    return 0.01 if unit == "percent" else 1.0


def verdict(row, simulated, tables, city):
    """How a simulated number stands to the reported one.

    inside, below, above: the model's number and the tolerance; for a single example, whether it lies
    among the model's. sign or rank holds, fails: claims without a number. input, context: shown,
    never judged. not comparable: a number of another kind. not reached, not modelled: there is none.
    """
    if row["role"] in ("input", "context"):
        return row["role"]
    if isinstance(simulated, metrics.Missing):
        return simulated.verdict
    if math.isnan(simulated):
        return "not seen"
    if row["check"] == "show":
        return "not comparable"
    if row["check"] in ("sign", "rank"):
        return f"{row['check']} {'holds' if simulated > 0 else 'fails'}"
    if row["check"] == "support":
        sample = metrics.SAMPLES[row["operator"]](tables, years(row["observed"])[1])
        example = row["value"] * unit_size(row["unit"], city)
        return "below" if sample.max() < example else "above" if sample.min() > example else "inside"
    if simulated < row["low"]:
        return "below"
    return "above" if simulated > row["high"] else "inside"
