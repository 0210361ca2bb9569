"""What the figures read: the saved tables of the folder of a run or a comparison, and nothing else."""

import json

import pandas as pd

from sim.settings.files import read_yaml
from sim.world.calendar import quarter_of

PANELS = ("city", "district", "startups", "rounds")


def read(folder):
    """Name -> frame of what figures need from a run folder (a Path).

    Beside the run's own tables: `districts` (code, name, tile_row, tile_col, population) and
    `calendar` (kind `history` or `policy`, name, quarter), the dates the resolved config gives.
    """
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in PANELS}
    tables["reported"] = pd.read_csv(folder / "reported.csv")
    tables["districts"] = pd.read_csv(folder / "districts.csv", keep_default_na=False)
    tables["calendar"] = calendar(read_yaml(folder / "config.yaml"))
    return tables


def read_comparison(folder):
    """Name -> frame of what figures need from the folder of a comparison (a Path).

    `calendar` holds (outcome `start` or `announced`, quarter): when what differs between the arms began, and was
    made known. `districts` are the city's, as in `read`.
    """
    tables = {
        name: pd.read_csv(folder / f"{name}.csv")
        for name in ("comparison", "event_study", "ledger", "incidence", "places")
    }
    tables["districts"] = pd.read_csv(folder / "districts.csv", keep_default_na=False)
    about = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    dates = [("start", about["first_quarter"]), ("announced", about["announced"])]
    tables["calendar"] = pd.DataFrame([date for date in dates if date[1]], columns=["outcome", "quarter"])
    return tables


def read_attribution(folder):
    """Name -> frame of what figures need from the folder of an attribution (a Path)."""
    return {name: pd.read_csv(folder / f"{name}.csv") for name in ("shares", "interactions")}


def read_frontier(folder):
    """Name -> frame of what figures need from the folder of a frontier (a Path); `budget` is a number, yuan."""
    about = json.loads((folder / "frontier.json").read_text(encoding="utf-8"))
    return {name: pd.read_csv(folder / f"{name}.csv") for name in ("front", "mixes")} | {"budget": about["public_cost"]}


def read_robustness(folder):
    """Name -> frame of what figures need from the folder of a robustness (a Path); `about` is what was asked, a dict."""
    about = json.loads((folder / "robustness.json").read_text(encoding="utf-8"))
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("worlds", "regret", "conditions", "runs", "box")}
    return tables | {"about": about, "outcomes": about["outcomes"]}


def read_uncertainty(folder):
    """Name -> frame of what figures need from the folder of an uncertainty (a Path)."""
    return {"effects": pd.read_csv(folder / "effects.csv")}


def calendar(config):
    """The first quarter of history and the start of every policy, in order of time."""
    rows = [("history", "history", config["city"]["history"])]
    rows += [("policy", name, policy["start"]) for name, policy in config["policy"].items()]
    return pd.DataFrame(rows, columns=["kind", "name", "quarter"]).sort_values(["quarter", "name"], ignore_index=True)


def ordinal(quarters):
    """A Series of `2016Q1` and the like as the model counts quarters (Int64, missing where there is none)."""
    return quarters.astype(object).map(quarter_of, na_action="ignore").astype("Int64")


def years(quarters):
    """`2016Q3` -> 2016.5, the beginning of the quarter, for an axis of time."""
    return ordinal(quarters).astype("float64") / 4
