"""What one run is reduced to inside a comparison, and the outcomes read from it.

A reduced run is kept as Feather tables, which take a third of the time of Parquet to write. Its panels, of the city
and of its districts, hold values at full size whatever the scale; its other tables are raw, as simulated.
"""

import io
import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.observables.codebook import COLUMNS
from sim.world.kinds import Cohort, Status

SCHEMA = 5  # of a reduced run; raised when what is kept of it changes
WINDOW, END = "sum over the window", "level at the end"
MADE = {  # columns of the tables of a run that it is made of
    **{table: COLUMNS[table] for table in ("city", "district", "sector", "flows", "policy", "applications")},
    "startups": [
        "startup_id",
        "founder_id",
        "origin",
        "experience",
        "sector",
        "district",
        "born",
        "ended",
        "life",
        "hard_tech",
        "stage",
        "headcount",
        "raised_to_date_cny",
        "subsidised_desk",
    ],
    "firms": ["startup_id", "quarter", "headcount"],
    "rounds": [
        "startup_id",
        "round",
        "stage",
        "quarter",
        "investor",
        "investor_id",
        "amount_cny",
        "post_money_cny",
        "compensated_to_date_cny",
    ],
    "exits": ["startup_id", "life", "value_cny", "to_founders_cny", "to_employees_cny"],
    "funds": ["fund_id", "vintage", "committed_in_quarter_cny", "guidance_in_quarter_cny"],
}


BY_PANEL, BY_STARTUP = ("district", "sector"), ("origin", "experience", "stage")  # by what an outcome can be told


class Outcome(NamedTuple):
    """A number by which two arms are compared: in a quarter the sum of `columns`, over that of `per` where given."""

    name: str
    title: str
    unit: str
    over: str  # WINDOW for what flows, END for what stands
    columns: tuple  # of the city panel
    per: tuple = ()
    heavy: bool = False  # a few large deals carry the mean
    by: str = ""  # of groups of startups, or of the panels of districts and sectors
    intended_by: str = ""  # the policy that is meant to move it


def flow(name, title, unit, *columns, **more):
    """An outcome that is summed over the window, of the column of its name unless others are given."""
    return Outcome(name, title, unit, WINDOW, columns or (name,), **more)


def stock(name, title, unit):
    """An outcome that is read at the end."""
    return Outcome(name, title, unit, END, (name,))


OUTCOMES = (
    flow("startups_founded", "Startups founded", "firms"),
    stock("startups_alive", "Startups alive", "firms"),
    stock("startups_funded_alive", "Startups alive and funded", "firms"),
    stock("startup_jobs", "Jobs in startups", "jobs"),
    flow("vc_raised_cny", "VC raised", "yuan", heavy=True),
    flow("vc_private_cny", "VC raised, private", "yuan", heavy=True),
    flow("exits", "Exits by listing or sale", "firms", "ipos", "acquisitions"),
    flow("exit_value_cny", "Value of exits", "yuan", heavy=True),
    flow("returnees", "Returnees", "persons"),
    flow("hard_tech_share", "Hard tech among deals", "share", "rounds_hard_tech", per=("rounds",)),
    stock("district_concentration", "District concentration", "index"),
    stock("office_rent_cny_m2", "Office rent", "yuan per m² per quarter"),
    stock("home_rent_cny_m2", "Home rent", "yuan per m² per quarter"),
    stock("wage_cny", "Wage", "yuan per quarter"),
    flow("tax_cny", "Tax", "yuan"),
    flow("net_spending_cny", "Public spending, net", "yuan"),
)
BY_NAME = {each.name: each for each in OUTCOMES}


COUNTED = {  # of startups by group: outcome -> (what `heterogeneity.csv` calls it, in words)
    "startups_founded": ("founded", "startups founded"),
    "startups_alive": ("alive", "startups alive"),
    "startups_funded_alive": ("funded", "startups alive and funded"),
    "startup_jobs": ("jobs", "jobs in startups"),
    "vc_raised_cny": ("raised", "venture capital raised"),
}


def counted(outcome):
    """(what `heterogeneity.csv` calls an outcome, in words); jobs in place of one that it does not tell by group."""
    return COUNTED.get(outcome, COUNTED["startup_jobs"])


def group_name(dimension, group, districts=None):
    """A group in words; a district by its name where these are known."""
    if dimension == "district":
        return (districts or {}).get(group, group)
    if dimension == "stage":
        return f"series {group.upper()}" if len(group) == 1 else group
    return str(group).replace("_", " ")


class Reduced:
    """One run of a comparison, read from its entry in a store when asked for.

    `panel`: one row a quarter, the city panel with net_spending_cny. `districts`, `sectors`: these panels.
    `startups`: one row a startup with what it raised, from private purses alone (raised_private_cny), and at its exit
    its value (exit_value_cny, 0 without one), to_founders_cny and to_employees_cny. `rounds`: one row a round and
    investor. `funds`: one row a fund that was opened, with committed_to_date_cny and guidance_to_date_cny. `people`:
    who came since the first quarter (person_id), and whether they ever had a subsidised home. `jobs`: at the end of
    each year, of startups alive or listed by the quarter in which they were born, and of incumbents (born missing), at
    full size. `flows`, `policy`, `applications`: as in the folder of a run. `scale`: share of the city. `seconds`: of
    processor time that it took.
    """

    def __init__(self, entry):
        self.entry = entry

    def __getattr__(self, name):
        if name not in TABLES:
            raise AttributeError(f"a reduced run has no {name!r}; its tables are {', '.join(TABLES)}")
        table = pd.read_feather(io.BytesIO(self.entry.part(f"{name}.feather")))
        setattr(self, name, table)
        return table

    @property
    def fingerprint(self):
        """Of the run, as in its folder's `run.json`."""
        return self.entry.index["fingerprint"]

    @cached_property
    def scale(self):
        """Share of the city that was simulated."""
        return self.entry.index["scale"]

    @property
    def seconds(self):
        """Of processor time that the run took when it was computed."""
        return self.entry.index["seconds"]

    def quarterly(self, outcomes=OUTCOMES):
        """Outcomes by quarter: one column an outcome, the quarter's text as index."""
        parts = _parts(self.panel.set_index("quarter"), outcomes)
        return pd.DataFrame({name: whole if per is None else whole / per.where(per > 0) for name, whole, per in parts})

    def totals(self, first, outcomes=OUTCOMES):
        """Outcomes of the whole run, a Series: flows summed from the quarter `first` (text) on, the rest at the end."""
        return totals(self.panel[self.panel["quarter"] >= first], outcomes)

    def cost(self, policies):
        """Yuan that the purses of `policies` cost a quarter, a Series: spent and administration, less recovered."""
        return net_cost(self.policy[self.policy["policy"].isin(policies)], self.panel["quarter"], self.scale)


TABLES = (
    *("panel", "districts", "sectors", "startups", "rounds", "funds", "people", "jobs", "flows", "policy"),
    "applications",
)


def totals(window, outcomes=OUTCOMES):
    """Outcomes of the rows of a panel that are the window, a Series: flows summed, the rest at the end."""
    parts = [*_parts(window, outcomes)]
    over = {outcome.name: outcome.over for outcome in outcomes}
    summed = {name: whole.sum() if over[name] == WINDOW else whole.iloc[-1] for name, whole, _ in parts}
    per = {name: per.sum() if over[name] == WINDOW else per.iloc[-1] for name, _, per in parts if per is not None}
    return pd.Series(
        {name: value / (per[name] or math.nan) if name in per else value for name, value in summed.items()}, dtype=float
    )


def _parts(panel, outcomes):
    """(name, sum of its columns by quarter, the same of what it is a share of or None) of each outcome."""
    for outcome in outcomes:
        whole, per = (
            sum(panel[column] for column in columns) if columns else None for columns in (outcome.columns, outcome.per)
        )
        yield outcome.name, whole, per


def net_cost(accounts, quarters, scale):
    """Spending and administration less what was recovered, a Series by `quarters`, yuan at full size.

    `accounts` are rows of the table `policy` of a run of that scale.
    """
    cost = (
        accounts["spent_in_quarter_cny"]
        + accounts["administration_in_quarter_cny"]
        - accounts["recovered_in_quarter_cny"]
    )
    return (cost.groupby(accounts["quarter"]).sum() / scale).reindex(quarters, fill_value=0.0)


class Arrivals:
    """Who came to the city and who got a subsidised home, by number: noted at the end of every quarter."""

    def __init__(self):
        self.came, self.housed = [], []

    def see(self, model):
        """Note the quarter that `model` has just simulated."""
        persons = model.state.persons
        n = persons.count
        here = persons.status[:n] != Status.ABSENT
        new = here & (persons.arrived[:n] == model.quarter - 1) & (persons.id[:n] >> 48 != Cohort.INITIAL)
        self.came.append(persons.id[:n][new])
        self.housed.append(persons.id[:n][here & (persons.subsidised_home[:n] == 1)])

    def table(self):
        """DataFrame of person_id, each once and in order, and subsidised_home."""
        came, housed = (np.concatenate([np.zeros(0, np.int64), *ids]) for ids in (self.came, self.housed))
        return pd.DataFrame({"person_id": np.sort(came)}).assign(
            subsidised_home=lambda people: np.isin(people["person_id"], np.unique(housed))
        )


def of_run(tables, people, scale):
    """Name -> DataFrame of what is kept of a run, `TABLES`.

    `tables` are its tables `MADE`, `people` is the table of its `Arrivals`.
    """
    spending = net_cost(tables["policy"], tables["city"]["quarter"], scale).to_numpy()
    rounds, exits, startups = tables["rounds"], tables["exits"], tables["startups"]
    with_value = exits["life"].isin(["listed", "acquired"])
    sums = {
        "raised_private_cny": rounds[rounds["investor"] != "patient"].groupby("startup_id")["amount_cny"].sum(),
        "exit_value_cny": exits[with_value].set_index("startup_id")["value_cny"],
        "to_founders_cny": exits.set_index("startup_id")["to_founders_cny"],
        "to_employees_cny": exits.set_index("startup_id")["to_employees_cny"],
    }
    funds = tables["funds"].groupby("fund_id")
    totals = funds[["committed_in_quarter_cny", "guidance_in_quarter_cny"]].sum()
    totals.columns = ["committed_to_date_cny", "guidance_to_date_cny"]
    return {
        "panel": tables["city"].assign(net_spending_cny=spending),
        "districts": tables["district"],
        "sectors": tables["sector"],
        "startups": startups.assign(
            **{name: startups["startup_id"].map(values).fillna(0).astype("int64") for name, values in sums.items()}
        ),
        "rounds": rounds,
        "funds": totals.assign(vintage=funds["vintage"].last()).reset_index(),
        "people": people,
        "jobs": _jobs(tables, scale),
        "flows": tables["flows"],
        "policy": tables["policy"],
        "applications": tables["applications"],
    }


def _jobs(tables, scale):
    """Jobs at the end of each year by the quarter of birth of the firm; of incumbents without one."""
    firms = tables["firms"].assign(
        born=tables["firms"]["startup_id"].map(tables["startups"].set_index("startup_id")["born"])
    )
    startups = firms.groupby(["quarter", "born"])["headcount"].sum().div(scale).rename("jobs").reset_index()
    incumbents = tables["sector"].groupby("quarter")["corporate_jobs"].sum().rename("jobs").reset_index()
    incumbents = incumbents[incumbents["quarter"].isin(startups["quarter"])].assign(born=None)
    return pd.concat([startups, incumbents], ignore_index=True).astype({"jobs": float})


def parts(tables):
    """Name -> bytes of what is kept of a reduced run (`of_run`)."""
    kept = {}
    for name, table in tables.items():
        sink = io.BytesIO()
        table.to_feather(sink, compression="lz4")
        kept[f"{name}.feather"] = sink.getvalue()
    return kept
