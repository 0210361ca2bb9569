"""Targets in units of their tolerance: u = (simulated - middle of the band) / half its width, so that |u| <= 1 is
inside.

Roles are respected here and nowhere else: `fitted` are the rows of the chosen targets whose role is target. A
hold-out is observed and kept beside them, and nothing that fits ever sees it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.observables.operators.deals import with_deals
from sim.observables.reported import observe
from sim.observables.targets import read_targets
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, nearest

COLUMNS = (
    *("id", "targets", "role", "quantity", "value", "low", "high", "unit", "weight", "district"),
    *("operator", "observed", "conflict_group", "mechanism", "quote", "source", "check"),
)
FAR = 30.0  # tolerances away: where a run has no number
REPORT_ERROR = 0.5  # standard error of a target in half widths: a band is two standard errors to either side


class Moments(NamedTuple):
    """The metrics that runs are read by, and which of them are fitted."""

    rows: pd.DataFrame  # one row a metric, its columns are `COLUMNS`
    fitted: np.ndarray  # bools, one a row

    @property
    def ids(self):
        return self.rows["id"].tolist()

    @property
    def weight(self):
        """Weights (metrics); reports that cannot all be read alike share the weight of one."""
        group = self.rows["conflict_group"].where(self.rows["conflict_group"] != "", self.rows["id"])
        shared = group.map(group[self.fitted].value_counts()).fillna(1)
        readings = self.rows["conflict_group"].str.startswith("vc_raised").to_numpy()  # one quantity read four ways
        return np.where(readings, self.rows["weight"] / shared, self.rows["weight"]).astype(float)

    def scaled(self, values):
        """Simulated values (..., metrics), each in its own unit, in half widths of its band; NaN stays."""
        low, high = self.rows["low"].to_numpy(float), self.rows["high"].to_numpy(float)
        return (np.asarray(values) - (low + high) / 2) / ((high - low) / 2)

    def natural(self, u):
        """The inverse of `scaled`."""
        low, high = self.rows["low"].to_numpy(float), self.rows["high"].to_numpy(float)
        return (low + high) / 2 + np.asarray(u) * (high - low) / 2


def read(config):
    """Moments of a config: every row of every file of targets with a band and an operator is observed, the chosen
    targets are fitted.

    What is observed does not depend on the choice, so that the same simulations serve all; only files of another city
    are left out, unless they are chosen.
    """
    parts = []
    for name, path in options("targets", config.resolved["configs"]).items():
        home = (read_yaml(path) or {}).get("city", config.city.name)
        if home != config.city.name and name not in config.targets:
            continue
        rows = read_targets(path.with_suffix(".csv"))
        rows = rows[(rows["operator"] != "") & (rows["check"] == "band") & rows["role"].isin(["target", "holdout"])]
        rows = rows[rows["low"].notna() & rows["high"].notna() & (rows["low"] < rows["high"])].assign(targets=name)
        parts.append(rows)
    rows = pd.concat([part.reindex(columns=COLUMNS) for part in parts], ignore_index=True)
    for column in ("quantity", "mechanism"):
        rows[column] = rows[column].fillna("")
    fitted = rows["targets"].isin(config.targets) & (rows["role"] == "target")
    return Moments(rows, fitted.to_numpy())


def without(moments, names):
    """The same, with the targets `names` observed and not fitted. Raises ConfigError where one is not fitted anyway."""
    fitted = np.array(moments.ids)[moments.fitted].tolist()
    unknown = [name for name in names if name not in fitted]
    if unknown:
        raise ConfigError(
            [f"left_out={name}: is not among the fitted targets{nearest(name, fitted)}" for name in unknown]
        )
    return moments._replace(fitted=moments.fitted & ~moments.rows["id"].isin(names).to_numpy())


def of_chosen(config):
    """Moments of the chosen targets alone, context with a band too: what a scoreboard shows."""
    parts = [
        read_targets(options("targets", config.resolved["configs"])[name].with_suffix(".csv")).assign(targets=name)
        for name in config.targets
    ]
    rows = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    rows = rows[
        (rows["operator"] != "") & (rows["check"] == "band") & rows["low"].notna() & rows["high"].notna()
    ].reset_index(drop=True)
    return Moments(rows.assign(quantity=rows["quantity"].fillna("")), (rows["role"] == "target").to_numpy())


def observed(tables, moments, city):
    """The run's numbers (metrics), one a row of `moments`, in the rows' units; NaN where there is none."""
    tables = with_deals(tables)
    return np.array([float(observe(row, tables, city)) for row in moments.rows.to_dict("records")])
