"""What figures read: the saved tables of the folder of a run or of a verb, and nothing else.

The functions that read a folder (a Path) return name -> DataFrame of what its figures need, unless they say more.
"""

import json
from inspect import getdoc

import pandas as pd

from sim.observables.codebook import CODEBOOK
from sim.observables.targets import operators
from sim.observables.written import read_csv
from sim.plots.style import words
from sim.settings.files import options, read_yaml
from sim.world import readers
from sim.world.calendar import quarter_of

TABLES = ("city", "district", "startups", "rounds")


def read(folder):
    """Of a run: its panels and tables, `reported`, the dict `quantities`, and

    districts   code, name, tile_row, tile_col, population
    calendar    kind (`history` or `policy`), name, quarter: the dates that the resolved config gives
    """
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    config = read_yaml(folder / "config.yaml")
    return tables | {
        "reported": read_csv(folder / "reported.csv", CODEBOOK["reported"]),
        "districts": _districts(folder),
        "calendar": calendar(config),
        "quantities": quantities(config),
    }


def caption(folder):
    """What the figures of a folder are of, in a line."""
    if (folder / "run.json").is_file():
        about = _about(folder / "run.json")
        policies = ", ".join(about["policies"]) or "no policy"
        return (
            f"One run, {about['first_quarter']} to {about['last_quarter']}, seed {about['seed']}, scale "
            f"{about['scale']:g}: {policies}."
        )
    (path,) = (path for path in folder.glob("*.json") if "question" in _about(path))
    return f"{_about(path)['question']}."


def read_comparison(folder):
    """Of a comparison: `comparison`, `event_study`, `ledger`, `incidence`, `district_effects`, `heterogeneity`, the
    dict `about`, `districts` as in `read`, and

    calendar    outcome (`start` or `announced`), quarter: when what differs between the arms began and was made known
    """
    about = _about(folder / "comparison.json")
    names = ("comparison", "event_study", "ledger", "incidence", "district_effects", "heterogeneity")
    return _csv(folder, *names) | {
        "about": about,
        "districts": _districts(folder),
        "calendar": dates(about),
    }


def read_arms(folder):
    """Of several arms: `arms`, of a dose `dose`, and the dict `about`."""
    about = _about(folder / "arms.json")
    return _csv(folder, "arms", *(("dose",) if "dose" in about else ())) | {"about": about}


def read_analysis(folder):
    """Of the analysis of a sweep: `tornado`, `response`, `surface`, and the dict `about`."""
    return _csv(folder, "tornado", "response", "surface") | {"about": _about(folder / "analysis.json")}


def judged(tables, name):
    """The rows of the table `name` of an analysis, a DataFrame: of the outcome judged first, and of that the first
    target; none where it has none.
    """
    table, outcome = tables[name], tables["about"]["judged"][0]
    table = table[table["outcome"] == outcome]
    return table[table["target"] == table["target"].iloc[0]] if len(table) else table


def dates(about):
    """The `calendar` of what a comparison says of itself."""
    known = [("start", about["first_quarter"]), ("announced", about["announced"])]
    return pd.DataFrame([date for date in known if date[1]], columns=["outcome", "quarter"])


def read_attribution(folder):
    """Of an attribution: `shares` and `interactions`."""
    return _csv(folder, "shares", "interactions")


def read_evidence(folder):
    """Of the evidence: `evidence`, `assignments`, `cutoff`, `paths`."""
    return _csv(folder, "evidence", "assignments", "cutoff", "paths")


def read_frontier(folder):
    """Of a frontier: `front`, `mixes`, and `budget`, a number in yuan."""
    return _csv(folder, "front", "mixes") | {"budget": _about(folder / "frontier.json")["public_cost"]}


def read_robustness(folder):
    """Of a robustness: `worlds`, `regret`, `conditions`, `runs`, `box`, the list `outcomes`, the dict `about`."""
    about = _about(folder / "robustness.json")
    tables = _csv(folder, "worlds", "regret", "conditions", "runs", "box")
    return tables | {"about": about, "outcomes": about["outcomes"]}


def read_uncertainty(folder):
    """Of an uncertainty: `effects`."""
    return _csv(folder, "effects")


def read_twins(folder):
    """Of the two lives of a founder: `life`, `numbers`, and the dict `about`."""
    return _csv(folder, "life", "numbers") | {"about": _about(folder / "twin.json")}


def _csv(folder, *names):
    return {name: read_csv(folder / f"{name}.csv") for name in names}


def _districts(folder):
    return read_csv(folder / "districts.csv")


def _about(path):
    return json.loads(path.read_text(encoding="utf-8"))


def calendar(config):
    """The first quarter of history and the start of every policy, in order of time, a DataFrame as in `read`."""
    rows = [("history", "history", config["city"]["history"])]
    rows += [("policy", name, policy["start"]) for name, policy in config["policy"].items()]
    return pd.DataFrame(rows, columns=["kind", "name", "quarter"]).sort_values(["quarter", "name"], ignore_index=True)


def quantities(config):
    """What the targets of a config measure, in words: id -> quantity; nothing of files that are gone."""
    files = options("targets", config.get("configs"))
    tables = (
        files[name].with_name(read_yaml(files[name])["file"]) for name in config.get("targets", ()) if name in files
    )
    rows = (row for path in tables if path.is_file() for row in readers.read_csv(path)[1])
    return {row["id"]: row["quantity"] for row in rows if row.get("quantity")}


def called(metrics, quantities):
    """The names of metrics (a DataFrame with id and, where known, operator and observed), a list: what the targets say
    that they measure, else what their operator does and when, else the id in words.
    """
    return [_called(row, quantities.get(row["id"])) for row in metrics.to_dict("records")]


def _called(row, quantity):
    if quantity:
        return f"{quantity} ({row['id']})"
    operator = operators().get(row.get("operator"))
    does = getdoc(operator).split("\n")[0].rstrip(".") if operator else ""
    for yuan, said in (("Yuan of equity", "Equity"), ("Yuan ", "Money "), (" in yuan", "")):  # the target has the unit
        does = does.replace(yuan, said)
    when = row.get("observed")
    return (does or words(row["id"])) + (f", {when}" if does and isinstance(when, str) else "")


def ordinal(quarters):
    """A Series of `2016Q1` and the like as the model counts quarters (Int64, missing where there is none)."""
    return quarters.astype(object).map(quarter_of, na_action="ignore").astype("Int64")


def years(quarters):
    """`2016Q3` -> 2016.5, the beginning of the quarter, for an axis of time."""
    return ordinal(quarters).astype("float64") / 4
