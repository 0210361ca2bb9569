"""What comparisons found, as kept in results/policies beside the sources: effects of having a policy, and its cost, at
both calibrated points.
"""

import json
from typing import Any, NamedTuple

import pandas as pd

from sim.observables.written import read_csv
from sim.settings.files import PACKAGE
from sim.verbs.comparison.ledger import ADDITIONAL

RESULTS = PACKAGE.parent / "results" / "policies"  # not installed
RECORD = RESULTS / "record"  # the same with the parameters fitted to the public record
COST = "public_cost_cny"


class Found(NamedTuple):
    """One comparison: what was asked and by what version, and a row per outcome and for the cost (outcome, title, unit,
    without, effect, low, high); of those who took it up what would not have come without, `treated` (value, low, high,
    None where it was not measured).
    """

    about: dict[str, Any]
    others: list[str]  # policies that differ together with it
    effects: pd.DataFrame
    treated: pd.Series | None

    @property
    def version(self):
        """When it was made, and by which commit."""
        commit = f", commit {self.about['git']['commit'][:7]}" if self.about["git"] else ""
        return f"{self.about['start'][:10]}{commit}"


def of_policy(name, folder=RESULTS):
    """[Found] of the comparisons kept in a folder in which one arm has a policy and the other has not."""
    return [
        _found(name, comparison, about, folder)
        for comparison, about in _comparisons(folder).items()
        if name in about["differing"] and (name in about["policy"]) != (name in about["against"])
    ]


def of_outcome(outcome):
    """The effects on an outcome of having a policy (a row per comparison), those that leave zero first."""
    if not _comparisons():
        return pd.DataFrame(columns=["instruments", "effect", "low", "high", "effect_percent"])
    rows = read_csv(RESULTS / "effects.csv")
    rows = rows[(rows["outcome"] == outcome) & rows["effect"].notna()]
    sure = (rows["low"] > 0) | (rows["high"] < 0)
    order = rows.assign(unsure=~sure, size=-rows["effect_percent"].abs()).sort_values(["unsure", "size"]).index
    return rows.loc[order, ["instruments", "effect", "low", "high", "effect_percent"]].reset_index(drop=True)


def _comparisons(folder=RESULTS):
    """Name of a comparison -> what was compared."""
    path = folder / "comparisons.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _found(name, comparison, about, folder):
    """The Found of one comparison. Where it is about the instrument in whose place this one stands, the two levels
    change places.
    """
    rows = read_csv(folder / "effects.csv")
    rows = rows[rows["comparison"] == comparison]
    has_it = [name in instruments.split() for instruments in rows["instruments"]]
    turned = pd.Series([1 if one else -1 for one in has_it], rows.index)
    effects = rows[["outcome", "title", "unit"]].assign(
        without=rows["level_without"].where(has_it, rows["level_with"]),
        **_turned(turned, rows["effect"], rows["low"], rows["high"]),
    )
    purse = read_csv(folder / "public_purse.csv")
    cost = purse[(purse["comparison"] == comparison) & (purse["quantity"] == "cost")]
    turned = 1 if name in about["policy"] else -1  # the purse is that of the arm `policy` less the other
    cost = cost[["unit"]].assign(
        outcome=COST,
        title="Public cost, present value",
        without=0.0,
        **_turned(turned, cost["value"], cost["low"], cost["high"]),
    )
    others = [other for other in about["differing"] if other != name]
    ledger = read_csv(folder / "ledger.csv")
    mine = (ledger["comparison"] == comparison) & (ledger["policy"] == name) & (ledger["quantity"] == ADDITIONAL)
    treated = ledger[mine & ledger["value"].notna()]
    return Found(
        about, others, pd.concat([effects, cost], ignore_index=True), None if treated.empty else treated.iloc[0]
    )


def _turned(sign, effect, low, high):
    """An effect and its interval, seen from the other arm where the sign is -1."""
    ends = pd.DataFrame({"one": sign * low, "other": sign * high})
    return {
        "effect": sign * effect + 0.0,
        "low": ends.min(axis=1, skipna=False),
        "high": ends.max(axis=1, skipna=False),
    }
