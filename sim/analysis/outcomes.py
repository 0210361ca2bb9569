"""What one run is reduced to inside a comparison, and the outcomes read from it.

A reduced run is a small folder of parquet files. Its panel holds values at full size whatever the
scale; its other tables are raw, as simulated, and `scale.txt` says of what size the run was.
"""

import math
import os
import secrets
import shutil
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sim.folders import write_text

SCHEMA = 1  # of a reduced run; raised when what is kept of it changes
WINDOW, END = "sum over the window", "level at the end"
STARTUP_COLUMNS = ["startup_id", "founder_id", "origin", "experience", "sector", "district", "born", "ended", "life", "stage", "headcount", "raised_cny"]


class Outcome(NamedTuple):
    """A number by which two arms are compared: in a quarter the sum of `columns`, over that of `per` where given."""

    name: str
    title: str
    unit: str
    over: str  # WINDOW for what flows, END for what stands
    columns: tuple  # of the city panel
    per: tuple = ()
    heavy: bool = False  # a few large deals carry the mean


def flow(name, title, unit, *columns, **more):
    return Outcome(name, title, unit, WINDOW, columns or (name,), **more)


def level(name, title, unit):
    return Outcome(name, title, unit, END, (name,))


OUTCOMES = (
    flow("startups_founded", "Startups founded", "firms"),
    level("startups_alive", "Startups alive", "firms"),
    level("startups_funded_alive", "Startups alive and funded", "firms"),
    level("startup_jobs", "Jobs in startups", "jobs"),
    flow("vc_raised_cny", "VC raised", "yuan", heavy=True),
    flow("vc_private_cny", "VC raised, private", "yuan", heavy=True),
    flow("exits", "Exits by listing or sale", "firms", "ipos", "acquisitions"),
    flow("exit_value_cny", "Value of exits", "yuan", heavy=True),
    flow("returnees", "Returnees", "persons"),
    flow("hard_tech_share", "Hard tech among deals", "share", "rounds_hard_tech", per=("rounds",)),
    level("district_concentration", "District concentration", "index"),
    level("office_rent_cny_m2", "Office rent", "yuan a m2"),
    level("home_rent_cny_m2", "Home rent", "yuan a m2"),
    level("wage_cny", "Wage", "yuan a quarter"),
    flow("tax_cny", "Tax", "yuan"),
    flow("net_spending_cny", "Public spending, net", "yuan"),
)


class Reduced:
    """One run of a comparison, read from its folder when asked for.

    `panel`: one row a quarter, the city panel with net_spending_cny. `startups`: one row a startup with
    what it raised, from private purses alone (raised_private_cny), and its value at exit (exit_value_cny, 0
    without one). `flows`, `policy`, `applications`: as in the folder of a run. `scale`: share of the city.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def __getattr__(self, name):
        if name not in TABLES:
            raise AttributeError(f"a reduced run has no {name!r}; its tables are {', '.join(TABLES)}")
        table = pd.read_parquet(self.folder / f"{name}.parquet")
        setattr(self, name, table)
        return table

    @property
    def fingerprint(self):
        """Of the run, as in its folder's `run.json`."""
        return self.folder.name.partition("-")[0]

    @cached_property
    def scale(self):
        return float((self.folder / "scale.txt").read_text("utf-8"))

    def quarterly(self):
        """Outcomes by quarter: one column an outcome, the quarter's text as index."""
        parts = _parts(self.panel.set_index("quarter"))
        return pd.DataFrame({name: whole if per is None else whole / per.where(per > 0) for name, whole, per in parts})

    def totals(self, first):
        """Outcomes of the whole run, a Series: flows summed from the quarter `first` (text) on, the rest at the end."""
        window = self.panel[self.panel["quarter"] >= first]
        summed = {name: whole.sum() if per is None else whole.sum() / (per.sum() or math.nan) for name, whole, per in _parts(window)}
        last = window.iloc[-1]
        return pd.Series({o.name: summed[o.name] if o.over == WINDOW else last[o.columns[0]] for o in OUTCOMES}, dtype=float)

    def cost(self, policies):
        """Yuan that the purses of `policies` cost in each quarter: spent and for administration, less recovered; a Series."""
        return net_cost(self.policy[self.policy["policy"].isin(policies)], self.panel["quarter"], self.scale)


TABLES = ("panel", "startups", "flows", "policy", "applications")


def _parts(panel):
    """(name, sum of its columns by quarter, the same of what it is a share of or None) of each outcome."""
    for outcome in OUTCOMES:
        whole, per = (sum(panel[column] for column in columns) if columns else None for columns in (outcome.columns, outcome.per))
        yield outcome.name, whole, per


def net_cost(accounts, quarters, scale):
    """Spending and administration less what was recovered, by quarter, yuan at full size."""
    cost = accounts["spent_cny"] + accounts["administration_cny"] - accounts["recovered_cny"]
    return (cost.groupby(accounts["quarter"]).sum() / scale).reindex(quarters, fill_value=0.0)


def of_run(tables, scale):
    """Name -> DataFrame of what is kept of a run; `tables` are those of its panels."""
    spending = net_cost(tables["policy"], tables["city"]["quarter"], scale).to_numpy()
    rounds, exits = tables["rounds"], tables["exits"]
    public = rounds["investor"] == "patient"
    private = rounds[~public].groupby("startup_id")["amount_cny"].sum()
    value = exits[exits["life"].isin(["listed", "acquired"])].groupby("startup_id")["value_cny"].sum()
    startups = tables["startups"][STARTUP_COLUMNS]
    return {
        "panel": tables["city"].assign(net_spending_cny=spending),
        "startups": startups.assign(
            raised_private_cny=startups["startup_id"].map(private).fillna(0).astype("int64"),
            exit_value_cny=startups["startup_id"].map(value).fillna(0).astype("int64"),
        ),
        "flows": tables["flows"],
        "policy": tables["policy"],
        "applications": tables["applications"],
    }


def write(tables, scale, place):
    """Keep a reduced run as the folder `place`, which appears whole or not at all."""
    place = Path(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    coming = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    coming.mkdir()
    try:
        for name, table in tables.items():
            table.to_parquet(coming / f"{name}.parquet", compression="zstd", index=False)
        write_text(coming / "scale.txt", repr(scale))
        if not place.exists():  # else another process was faster with the same numbers
            os.replace(coming, place)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
