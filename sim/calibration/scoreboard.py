"""`sim facts`: every fact of the literature on runs of the city, seeds pooled, pass or fail; and the shock test F08c.

A fact passes where the median over seeds lies in its band. Roles are those of `facts.csv`: fitted, validating, shown.
"""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration import moments as targets
from sim.calibration import simulations as banks
from sim.runs.fingerprint import calibration, git_state, host_class, versions
from sim.runs.folders import new_folder, now, outcome, refusals_told, write_csv
from sim.runs.progress import duration
from sim.runs.records import announce_compilation, command_line
from sim.settings.config import load_tree
from sim.settings.fields import number
from sim.settings.files import options, read_yaml
from sim.settings.refusals import shown

SHOCK, YEAR = "closed_ipo_window", 2023
FACT = "F08c"
EXITS = ["ipo_exits", "buyback_exits", "transfer_exits"]
ROLES = {"target": "may be fitted", "holdout": "only validate", "context": "shown"}


def check(tree, resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    number("seeds", asked["seeds"], int, 1, 100_000, problems)
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    if not isinstance(asked["shock_test"], bool):
        problems.append(f"shock_test={shown(asked['shock_test'])}: should be true or false")
    return problems


def command(config):
    """The verb: runs of `seeds` seeds, a folder of their own, a screen. Returns the folder."""
    announce_compilation()
    asked, began = config.experiment, time.monotonic()
    plain = config.one_run()
    seeds = config.seed + np.arange(asked["seeds"])
    moments = targets.of_chosen(plain)
    workers = asked["workers"] or os.cpu_count()
    store = Path(asked["store"])
    folder = new_folder(config.output)
    about = {
        "command": command_line(),
        "calibration": calibration(config),
        "scale": config.scale,
        "seeds": len(seeds),
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
    }
    with refusals_told(folder), outcome(folder, about, "facts.json"):
        values = banks.Bank(banks.City(plain, [], moments), store, workers).run(np.zeros((len(seeds), 0)), seeds)
        table = board(moments, values)
        if asked["shock_test"] and "facts" in config.targets:
            table = pd.concat([table, shock(plain, seeds, store, workers)], ignore_index=True)
        write_csv(folder / "facts.csv", table)
        write_csv(folder / "seeds.csv", pd.DataFrame(values, columns=moments.ids).assign(seed=seeds))
        from sim.plots import calibration as plots

        plots.draw(folder, {"scoreboard": table})
    print(screen(table, len(seeds), config.scale, time.monotonic() - began))
    print(f"\nin {folder}")
    return folder


def board(moments, values):
    """One row a fact: median and 90% interval over seeds, in half widths too, and whether it passes."""
    rows = moments.rows[
        ["id", "targets", "role", "quantity", "unit", "value", "low", "high", "operator", "observed"]
    ].copy()
    seen = np.isfinite(values).any(axis=0)
    for name, q in (("simulated", 0.5), ("simulated_low", 0.05), ("simulated_high", 0.95)):
        rows[name] = np.where(seen, np.nanquantile(np.where(seen, values, 0.0), q, axis=0), np.nan)
    rows["seeds"] = np.isfinite(values).sum(axis=0)
    low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
    for name, column in (("u", "simulated"), ("u_low", "simulated_low"), ("u_high", "simulated_high")):
        rows[name] = (rows[column] - (low + high) / 2) / ((high - low) / 2)
    rows["passes"] = (rows["u"].abs() <= 1).where(seen & rows["role"].isin(["target", "holdout"]))
    return rows


def shock(config, seeds, store, workers):
    """F08c: investors' exits of 2023 with the window at a quarter of its width, against the same luck with it open.

    Passes where the median fall of listings lies in the band and buy-backs and transfers together rise.
    """
    from sim.observables import read_targets

    row = read_targets(options("targets")["facts"].with_suffix(".csv")).set_index("id").loc[FACT]
    target = read_yaml(options("shock")[SHOCK])["_target_"]
    tree = {
        **config.resolved,
        "end": f"{YEAR}Q4",
        "shock": {SHOCK: {"_target_": target, "start": f"{YEAR}Q1", "end": f"{YEAR}Q4"}},
    }
    rows = pd.DataFrame(
        {
            "id": EXITS,
            "operator": EXITS,
            "observed": str(YEAR),
            "unit": "investors",
            "low": 0.0,
            "high": 1.0,
            "district": "",
        }
    )
    moments = targets.Moments(rows, np.ones(len(rows), bool))
    arms = [load_tree({**tree, "shock": {}}), load_tree(tree)]
    where = np.zeros((len(seeds), 0))
    opened, closed = (
        banks.Bank(banks.City(arm, [], moments), store, workers).run(where, seeds, "runs of the shock test")
        for arm in arms
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100 * (closed[:, 0] / opened[:, 0] - 1)
    change = change[np.isfinite(change)]
    low, middle, high = np.quantile(change, (0.05, 0.5, 0.95)) if len(change) else (np.nan,) * 3
    others = float((closed[:, 1:].sum(axis=1) - opened[:, 1:].sum(axis=1)).mean())
    centre, half = (row["low"] + row["high"]) / 2, (row["high"] - row["low"]) / 2
    found = {
        "id": FACT,
        "targets": "facts",
        "role": row["role"],
        "quantity": row["quantity"],
        "unit": row["unit"],
        "value": row["value"],
        "low": row["low"],
        "high": row["high"],
    }
    found |= {
        "operator": "shock test",
        "observed": str(YEAR),
        "simulated": middle,
        "simulated_low": low,
        "simulated_high": high,
        "seeds": len(change),
    }
    found |= {name: (value - centre) / half for name, value in (("u", middle), ("u_low", low), ("u_high", high))}
    return pd.DataFrame(
        [
            found
            | {
                "passes": bool(row["low"] <= middle <= row["high"] and others > 0),
                "note": f"mean change of buy-backs and transfers {others:+.3g}",
            }
        ]
    )


def screen(table, seeds, scale, seconds):
    """The board in words."""
    lines = [f"{seeds} seeds at scale {scale:g}: median over seeds, * outside its band", ""]
    for row in table.itertuples():
        mark = {True: " ", False: "*"}.get(row.passes, "?")
        lines.append(
            f"{mark} {row.id:34}{row.role:9}{row.simulated:>11.4g}  [{row.simulated_low:.4g}, {row.simulated_high:.4g}]  band {row.low:g} to {row.high:g} {row.unit}"
        )
    lines.append("")
    for (name, role), group in table[table["passes"].notna()].groupby(["targets", "role"]):
        passed = int(group["passes"].sum())
        lines.append(
            f"{name}, {ROLES.get(role, role)}: {passed} of {len(group)} pass, {100 * passed / len(group):.0f}%"
        )
    lines.append(duration(seconds))
    return "\n".join(lines)
