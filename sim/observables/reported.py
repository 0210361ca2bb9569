"""Every reported number beside the model's, under the same definition."""

import math

from sim.observables.codebook import frame
from sim.observables.columns import CODEBOOK
from sim.observables.operators import indicators
from sim.observables.operators.deals import gathered
from sim.observables.targets import operators, unit_size, years

COLUMNS = [column.name for column in CODEBOOK["reported"]]
OF_DISTRICTS = (  # columns of the panel of districts that mean what those of the city do
    *("quarter", "year", "startups_founded", "startups_alive", "startup_jobs", "startup_revenue_cny", "vc_raised_cny"),
    *("office_rent_cny_m2", "home_rent_cny_m2"),
)


def reported(tables, city, targets):
    """The reported metrics beside the run's numbers, columns as in the codebook.

    `tables` are those of `Panels.tables`, `city` is a `sim.world.city.City` (its dollar rate converts) and
    `targets` the rows of `configs/targets/reported.csv` (`read_targets`). One row for every metric
    with a number, in the order of the file, then one for every claim about a sign or a rank.
    """
    tables = gathered(tables)
    number = targets["value"].map(lambda value: isinstance(value, float))
    claim = targets["check"].isin(("sign", "rank"))
    rows = [
        compare(row, tables, city)
        for part in (targets[number], targets[~number & claim])
        for row in part.to_dict("records")
    ]
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
    """The run's number for a metric in the unit of its row; a `indicators.Missing` where there is none."""
    if not row["operator"]:
        return indicators.Missing("not modelled", "")
    if row["district"]:
        tables = in_district(tables, row["district"])
    value = operators()[row["operator"]](tables, *years(row["observed"]))
    return value if isinstance(value, indicators.Missing) else value / unit_size(row["unit"], city)


def in_district(tables, code):
    """The tables of a run as if the city were one of its districts; what is not counted by district is missing."""
    here = {
        name: tables[name][tables[name]["district"] == code]
        for name in ("district", "startups", "founders", "rounds", "exits")
    }
    for name in here:
        here[name].attrs.update(tables[name].attrs)
    firms = tables["firms"]
    return gathered(tables | here) | {
        "city": here["district"][[*OF_DISTRICTS]],
        "firms": firms[firms["startup_id"].isin(here["startups"]["startup_id"])],
    }


def verdict(row, simulated, tables, city):
    """How a simulated number stands to the reported one.

    inside, below, above: the model's number and the tolerance; for a single example, whether it lies
    among the model's. sign or rank holds, fails: claims without a number. input, context: shown,
    never judged. not comparable: a number of another kind. not reached, not modelled: there is none.
    """
    if row["role"] in ("input", "context"):
        return row["role"]
    if isinstance(simulated, indicators.Missing):
        return simulated.verdict
    if math.isnan(simulated):
        return "not seen"
    if row["check"] == "show":
        return "not comparable"
    if row["check"] in ("sign", "rank"):
        return f"{row['check']} {'holds' if simulated > 0 else 'fails'}"
    if row["check"] == "support":
        sample = indicators.SAMPLES[row["operator"]](tables, years(row["observed"])[1])
        example = row["value"] * unit_size(row["unit"], city)
        return "below" if sample.max() < example else "above" if sample.min() > example else "inside"
    if simulated < row["low"]:
        return "below"
    return "above" if simulated > row["high"] else "inside"
