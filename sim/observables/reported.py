"""Every reported number beside the model's, under the same definition."""

import math

import numpy as np

from sim.observables.codebook import CODEBOOK, frame
from sim.observables.columns import FLOAT
from sim.observables.operators.deals import with_deals
from sim.observables.operators.indicators import SAMPLES
from sim.observables.operators.window import Missing, Window
from sim.observables.targets import operators, unit_size, years

OF_DISTRICTS = (  # columns of the panel of districts that mean what those of the city do
    *("quarter", "year", "startups_founded", "startups_alive", "startup_jobs", "startup_revenue_cny", "vc_raised_cny"),
    *("office_rent_cny_m2", "home_rent_cny_m2"),
)
COPIED = (  # columns that are those of the target
    *("id", "low", "high", "unit", "source", "role", "period", "observed", "operator", "conflict_group", "quote"),
)


def reported(tables, city, targets):
    """The reported metrics beside the run's numbers, a DataFrame with the columns of the codebook.

    `tables` are those of `Panels.tables`, `city` is a `sim.world.city.City` (its dollar rate converts) and
    `targets` the rows of a file of targets (`read_targets`). One row for every metric
    with a number, in the order of the file, then one for every claim about a sign or a rank.
    """
    tables = with_deals(tables)
    number = targets["value"].map(lambda value: isinstance(value, float))
    claim = targets["check"].isin(("sign", "rank"))
    rows = [
        compare(target, tables, city)
        for part in (targets[number], targets[~number & claim])
        for target in part.to_dict("records")
    ]
    return frame("reported", {c.name: _array(c, [row[c.name] for row in rows]) for c in CODEBOOK["reported"]})


def _array(column, values):
    """Values as the column holds them, also where there is none; empty text is missing where it may be."""
    if column.type == FLOAT:
        return np.array(values, float)
    return np.array([value or None if column.missing else value for value in values], object)


def compare(target, tables, city):
    """One row of the comparison, a dict."""
    simulated = observe(target, tables, city)
    return {name: target[name] for name in COPIED} | {
        "reported": target["value"] if isinstance(target["value"], float) else math.nan,
        "claim": "" if isinstance(target["value"], float) else target["value"],
        "simulated": float(simulated),
        "verdict": verdict(target, simulated, tables, city),
        "note": getattr(simulated, "reason", "") or target["treatment"] or target["note"],
    }


def observe(target, tables, city):
    """The run's number for a target (a row of `read_targets`) in its unit, a float; a `Missing` where there is none."""
    if not target["operator"]:
        return Missing("not modelled", "")
    value = operators()[target["operator"]](window_of(target, tables))
    return value if isinstance(value, Missing) else value / unit_size(target["unit"], city)


def window_of(target, tables):
    """The years and the part of the city that a target speaks of."""
    if target["district"]:
        tables = in_district(tables, target["district"])
    return Window(tables, *years(target["observed"]))


def in_district(tables, code):
    """The tables of a run as if the city were one of its districts; what is not counted by district is missing."""
    here = {
        name: tables[name][tables[name]["district"] == code]
        for name in ("district", "startups", "founders", "rounds", "exits")
    }
    for name in here:
        here[name].attrs.update(tables[name].attrs)
    firms = tables["firms"]
    return with_deals(tables | here) | {
        "city": here["district"][[*OF_DISTRICTS]],
        "firms": firms[firms["startup_id"].isin(here["startups"]["startup_id"])],
    }


def verdict(target, simulated, tables, city):
    """How a simulated number stands to the reported one.

    inside, below, above: the model's number and the tolerance; for a single example, whether it lies
    among the model's. sign or rank holds, fails: claims without a number. input, context: shown,
    never judged. not comparable: a number of another kind. not reached, not modelled: there is none.
    not seen: nothing of the kind happened in the run.
    """
    if target["role"] in ("input", "context"):
        return target["role"]
    if isinstance(simulated, Missing):
        return simulated.verdict
    if math.isnan(simulated):
        return "not seen"
    if target["check"] == "show":
        return "not comparable"
    if target["check"] in ("sign", "rank"):
        return f"{target['check']} {'holds' if simulated > 0 else 'fails'}"
    if target["check"] == "support":
        sample = SAMPLES[target["operator"]](window_of(target, tables))
        example = target["value"] * unit_size(target["unit"], city)
        return "below" if sample.max() < example else "above" if sample.min() > example else "inside"
    if simulated < target["low"]:
        return "below"
    return "above" if simulated > target["high"] else "inside"
