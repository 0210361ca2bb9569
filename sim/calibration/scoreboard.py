"""`sim facts`: every fact of the literature on runs of the city, seeds pooled, pass or fail; and the shock test F08c.

A fact passes where the median over seeds lies in its band. Roles are those of `facts.csv`: fitted, validating, shown.
"""

import time

import numpy as np
import pandas as pd

from sim.calibration.moments import Moments, of_chosen
from sim.calibration.simulations import Simulator, Store, not_here
from sim.calibration.study import draw
from sim.observables import read_targets
from sim.runs import amount, launchers, questions
from sim.runs.fingerprint import calibration, git_state, host_class, versions
from sim.runs.folders import new_folder, now, outcome, refusals_told, write_csv
from sim.runs.progress import duration
from sim.runs.records import announce_compilation, command_line
from sim.settings.config import load_tree
from sim.settings.fields import flag, number
from sim.settings.files import check_new_folder, options, read_yaml

SHOCK, YEAR = "closed_ipo_window", 2023
FACT = "F08c"
EXITS = ["ipo_exits", "buyback_exits", "transfer_exits"]
ROLES = {"target": "may be fitted", "holdout": "only validate", "context": "shown"}


def check(tree, resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    count = number("seeds", asked["seeds"], int, 1, 100_000, problems)
    if isinstance(resolved["seed"], int) and resolved["seed"] + (count or 0) > 2**63:
        problems.append(f"seed={resolved['seed']}: the last seed would be above 2^63 - 1")
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    problems += launchers.check(tree.get("launcher"))
    if not resolved["targets"]:
        problems.append("targets=[]: name at least one")
    flag("shock_test", asked["shock_test"], problems)
    return problems + check_new_folder("store", asked["store"]) + amount.check(asked) + not_here(tree)


def command(config):
    """The verb: runs of `seeds` seeds, a folder of their own, a screen. Returns the folder; raises FolderError."""
    asked, began = config.experiment, time.monotonic()
    seeds = config.seed + np.arange(asked["seeds"])
    plain, *shocked = stores = _stores(config)
    if amount.told(config, _amount(config, stores, seeds)):
        return None
    announce_compilation()
    title = f"facts over {len(seeds)} seeds"
    folder = new_folder(config.output, questions.name(title))
    about = {
        "title": title,
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
        moments, values = plain.simulator.moments, _metrics(plain, seeds)
        table = board(moments, values)
        if shocked:
            table = pd.concat([table, shock(*(_metrics(store, seeds) for store in shocked))], ignore_index=True)
        write_csv(folder / "facts.csv", table)
        judged = table["passes"].dropna()
        about["headline"] = f"{int(judged.sum())} of {len(judged)} facts pass"
        write_csv(folder / "seeds.csv", pd.DataFrame(values, columns=moments.ids).assign(seed=seeds))
        draw(folder, {"scoreboard": table})
    print(screen(table, len(seeds), config.scale, time.monotonic() - began))
    print(f"\nin {folder}")
    return folder


def _stores(config):
    """The Store of the runs of the board, and those of the shock test where it is asked for: with the window open, and
    with it closed.
    """
    asked, plain = config.experiment, config.one_run()
    simulators = [Simulator(plain, [], of_chosen(plain))]
    if asked["shock_test"] and "facts" in config.targets:
        exits = _exits()
        for window in ({}, _closing()):
            tested = load_tree({**plain.resolved, "end": f"{YEAR}Q4", "shock": window})
            simulators.append(Simulator(tested, [], exits))
    there = launchers.elsewhere(config.launcher)
    return [Store(simulator, asked["store"], asked["workers"], there) for simulator in simulators]


def _closing():
    """The window for listings at a quarter of its width, all year: the key `shock` of a config."""
    target = read_yaml(options("shock")[SHOCK])["_target_"]
    return {SHOCK: {"_target_": target, "start": f"{YEAR}Q1", "end": f"{YEAR}Q4"}}


def _exits():
    """Moments: the exits of the year, by kind."""
    rows = pd.DataFrame({"id": EXITS, "operator": EXITS})
    rows = rows.assign(observed=str(YEAR), unit="investors", low=0.0, high=1.0, district="")
    return Moments(rows, np.ones(len(rows), bool))


def _amount(config, stores, seeds):
    """The Amount of runs in all stores; those of the shock test, of fewer quarters, are counted as whole ones."""
    kept = sum(store.kept(_nothing_free(seeds), seeds) for store in stores)
    at_once = launchers.at_once(config.launcher, stores[0].workers)
    return amount.counted(len(stores) * len(seeds), kept, config, at_once)


def _metrics(store, seeds):
    """Metrics (seeds, metrics) of the runs of a store, nothing of it free."""
    return store.run(_nothing_free(seeds), seeds)


def _nothing_free(seeds):
    return np.zeros((len(seeds), 0))


def board(moments, values):
    """One row a fact: median and 90% interval of `values` (seeds, metrics) over seeds, in half widths too, and whether
    it passes.
    """
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


def shock(opened, closed):
    """The row of F08c: investors' exits of 2023 (seeds, kinds) with the window at a quarter of its width, against the
    same luck with it open.

    Passes where the median fall of listings lies in the band and buy-backs and transfers together rise.
    """
    fact = read_targets(options("targets")["facts"].with_suffix(".csv")).set_index("id").loc[FACT]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100 * (closed[:, 0] / opened[:, 0] - 1)
    change = change[np.isfinite(change)]
    low, middle, high = np.quantile(change, (0.05, 0.5, 0.95)) if len(change) else (np.nan,) * 3
    others = float((closed[:, 1:].sum(axis=1) - opened[:, 1:].sum(axis=1)).mean())
    centre, half = (fact["low"] + fact["high"]) / 2, (fact["high"] - fact["low"]) / 2
    row = {"id": FACT, "targets": "facts"}
    row |= {key: fact[key] for key in ("role", "quantity", "unit", "value", "low", "high")}
    row |= {"operator": "shock test", "observed": str(YEAR), "seeds": len(change)}
    for name, value in (("", middle), ("_low", low), ("_high", high)):
        row |= {f"simulated{name}": value, f"u{name}": (value - centre) / half}
    row["passes"] = bool(fact["low"] <= middle <= fact["high"] and others > 0)
    row["note"] = f"mean change of buy-backs and transfers {others:+.3g}"
    return pd.DataFrame([row])


def screen(table, seeds, scale, seconds):
    """The board in words."""
    lines = [f"{seeds} seeds at scale {scale:g}: median over seeds, * outside its band", ""]
    for row in table.itertuples():
        mark = {True: " ", False: "*"}.get(row.passes, "?")
        lines.append(
            f"{mark} {row.id:34}{row.role:9}{row.simulated:>11.4g}  [{row.simulated_low:.4g}, "
            f"{row.simulated_high:.4g}]  band {row.low:g} to {row.high:g} {row.unit}"
        )
    lines.append("")
    for (name, role), group in table[table["passes"].notna()].groupby(["targets", "role"]):
        passed = int(group["passes"].sum())
        share = passed / len(group)
        lines.append(f"{name}, {ROLES.get(role, role)}: {passed} of {len(group)} pass, {100 * share:.0f}%")
    lines.append(duration(seconds))
    return "\n".join(lines)
