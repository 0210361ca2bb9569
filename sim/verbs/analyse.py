"""`sim analyse FOLDER`: what a sweep says, from the data set that `sim collect` made of it (or makes now).

    runs.csv       one row a run: arm, point, seed, factors, outcomes
    arms.csv       one row an arm and outcome: the arm less the first, paired by point and seed
    tornado.csv    one row a target, outcome and factor: what the factor changes from its lowest to its highest value
    response.csv   one row a target, outcome, factor and value: partial dependence with its 95% band
    surface.csv    of each target and outcome the two factors that change most, on a grid
    indices.csv    shares of variance (Sobol), elementary effects (Morris) or moment-independent indices, by the design
    box.csv        the corner of the factors in which an arm fails (PRIM)
    analysis.json  what was asked, and what was left out and why
    screen.txt, codebook.csv, figures/

A target is the level of the one arm of a sweep, or the effect of each arm less the first. Points are means over seeds;
intervals are over points where there are several, else over seeds. The tornado is least squares in all factors at once
with errors that are robust to unequal spread (HC1), read at the ends of each factor. Response surfaces are
scikit-learn's Gaussian process, and their worth is told: the share of variance that it explains in points left out.
Indices are SALib's. Each is left out, with the reason, where the design does not allow it or a library is missing.
"""

import json
import secrets
import shutil
import sys
from functools import partial
from pathlib import Path

import pandas as pd

from sim import plots
from sim.observables.codebook import BOOK, codebook
from sim.observables.outcomes import BY_NAME, OUTCOMES, net_cost, totals
from sim.runs.folders import FolderError, refusals_told, swap, write_csv, write_json, write_text
from sim.runs.records import drawn_or_told
from sim.settings import contrast, fields
from sim.settings.config import read_figures
from sim.settings.refusals import ConfigError, nearest
from sim.sweep import collect, plans
from sim.sweep.folder_verbs import one_folder
from sim.sweep.store import KEPT
from sim.verbs import keys, own
from sim.verbs.analysis import estimates
from sim.verbs.analysis.columns import COLUMNS, TABLE_KEYS, run_columns
from sim.verbs.analysis.screen import screen
from sim.verbs.screen import HEADLINE

KEYS = ("outcomes", "primary", "base", "from", "fails", "figures")
PLACE = "analysis"  # folder of the sweep


def answer(_verb, words):
    """Analyse the sweep in a folder; returns an exit code."""
    try:
        folder, settings = one_folder(words, "analyse", KEYS)
        print(analyse(folder, settings))
    except ValueError as error:
        print(f"sim: {error}", file=sys.stderr)
        return 1
    return 0


def analyse(folder, settings=None):
    """The Analysis of the sweep in `folder`, written into it; `settings` maps KEYS to what the command line says."""
    folder = Path(folder)
    plan, about = collect.latest(folder)
    trees = dict(zip(plan.arms, plans.trees(folder, plan.id), strict=True))
    asked = _asked(settings or {}, trees, about)
    if not (folder / "collected").is_dir() or _newer(folder):
        collect.collect(folder)
    analysis = _computed(folder, plan, about, asked)
    _write(folder / PLACE, analysis, asked["figures"])
    return analysis


def _newer(folder):
    """Whether shards were written after the data set was collected."""
    made = (folder / "collected" / "runs.parquet").stat().st_mtime
    return any(path.stat().st_mtime > made for path in (folder / "shards").glob("*"))


# ---------------------------------------------------------------- what is asked


def _asked(settings, trees, about):
    """The checked keys. Raises ConfigError."""
    words = _listed(settings.get("outcomes", "[]"))
    primary = settings.get("primary")
    problems = keys.check_own({"outcomes": words, "primary": primary})
    outcomes, _ = own.read(words)
    problems += [
        f"outcomes={one.name}: startups are not kept by a sweep, so nothing is told by {one.by}"
        for one in outcomes
        if one.by and not own.in_panel(one)
    ]
    arms = list(trees)
    base = settings.get("base", arms[0])
    if base not in arms:
        problems.append(f"base={base}: no such arm{nearest(base, arms)}; there is {', '.join(arms)}")
    first = settings.get("from")
    fields.quarter("from", first, problems, optional=True)
    try:
        fails = float(settings["fails"]) if "fails" in settings else None
    except ValueError:
        problems.append(f"fails={settings['fails']}: should be a number, the most at which an arm fails")
    kinds = read_figures(_listed(settings.get("figures", "[svg]")), problems)
    if problems:
        raise ConfigError(problems)
    return {
        "outcomes": [one for one in outcomes if one.by or one.name not in BY_NAME],
        "shown": [one.name for one in outcomes if not one.by],
        "primary": primary,
        "arms": [base, *(arm for arm in arms if arm != base)],
        "from": first or _window(trees, base),
        "scale": trees[base]["scale"],
        "end": trees[base]["end"],
        "fails": fails,
        "figures": kinds,
        "design": about["asked"]["design"],
    }


def _listed(text):
    """The words of a list as one types it."""
    return [word.strip() for word in text.strip("[] ").split(",") if word.strip()]


def _window(trees, base):
    """The first quarter that counts: the earliest start of what differs between arms, else that of history."""
    first = trees[base]
    starts = [contrast.first_difference(tree, first) for arm, tree in trees.items() if arm != base]
    return min(starts) if starts else max(first["start"], min(first["city"]["history"], first["end"]))


# ---------------------------------------------------------------- from panels to runs


def _by_run(folder, plan, asked):
    """(frame with a row a run that is done: arm, point, seed, factors, outcomes; [factor]; [Outcome])."""
    there = folder / "collected"
    rows = pd.read_parquet(there / "runs.parquet")
    rows = rows[rows["status"] == "done"].reset_index(drop=True)
    if rows.empty:
        raise FolderError(f"{folder}: no run is done")
    factors = [name for name in plan.points.column_names if _varies(rows, name)]
    whole = [*OUTCOMES, *(one for one in asked["outcomes"] if not one.by)]
    panel = pd.read_parquet(there / "city.parquet")
    spent = pd.read_parquet(there / "policy.parquet")
    spent = dict(iter(spent.groupby("run")))
    known = set(rows["run"])
    values = {}
    for run, part in panel.groupby("run", sort=False):
        if run not in known:
            continue
        if run in spent:
            cost = net_cost(spent[run], part["quarter"], asked["scale"]).to_numpy()
        else:
            cost = 0.0
        window = part.assign(net_spending_cny=cost)
        values[run] = totals(window[window["quarter"] >= asked["from"]], whole).to_dict()
    for one in (one for one in asked["outcomes"] if one.by):
        table = pd.read_parquet(there / f"{one.by}.parquet")
        for run, part in table[table["quarter"] >= asked["from"]].groupby("run"):
            if run in values:
                found = own.of_panel(part, one)
                values[run] |= {f"{one.name}: {group}": value for group, value in found.items()}
    told = pd.DataFrame([values[run] for run in rows["run"]], index=rows.index)
    frame = pd.concat([rows[["run", "arm", "point", "seed", *factors]], told], axis=1)
    grouped = [
        one._replace(name=name, title=f"{one.title}: {name.rpartition(': ')[2]}")
        for one in asked["outcomes"]
        if one.by
        for name in told
        if name.startswith(f"{one.name}: ")
    ]
    return frame, factors, [*whole, *grouped]


def _varies(rows, name):
    return name in rows and pd.api.types.is_numeric_dtype(rows[name]) and rows[name].nunique() > 1


def _targets(frame, arms, outcomes):
    """Target -> frame of the outcomes with a row a point: the level of the one arm, or the effect of each arm less the
    first; and the pairs behind them.
    """
    names = [one.name for one in outcomes]
    by_arm = {arm: frame[frame["arm"] == arm].set_index(["point", "seed"])[names] for arm in arms}
    base = by_arm[arms[0]]
    pairs = {arm: (by_arm[arm] - base).dropna(how="all") for arm in arms[1:]}
    if not pairs:
        return {f"level of {arms[0]}": base.groupby("point").mean()}, pairs, base
    return {f"{arm} less {arms[0]}": rows.groupby("point").mean() for arm, rows in pairs.items()}, pairs, base


# ---------------------------------------------------------------- the analysis


class Analysis:
    """What a sweep says: `about`, and a frame a file."""

    def __init__(self, about, tables):
        self.about, self.tables = about, tables
        for name, frame in tables.items():
            setattr(self, name, frame)

    def __repr__(self):
        return f"Analysis({self.about['question']})"

    def __str__(self):
        return screen(self)


def _computed(folder, plan, about, asked):
    frame, factors, outcomes = _by_run(folder, plan, asked)
    targets, pairs, base = _targets(frame, asked["arms"], outcomes)
    left_out = []
    chosen = [asked["primary"] or HEADLINE, *asked["shown"]]
    chosen = list(dict.fromkeys(name for name in (*chosen, "startup_jobs") if name in base))
    judged = [one for one in outcomes if one.name in chosen]
    points = frame.groupby("point")[factors].first()  # an arm without a policy has no value of its knobs
    tables = {"runs": frame, "arms": estimates.of_arms(pairs, base, outcomes, asked)}
    tables["tornado"] = estimates.tornado_of(targets, points, outcomes, left_out)
    strongest = estimates.strongest_of(tables["tornado"], factors)
    tables["response"], tables["surface"] = estimates.responses(targets, points, judged, strongest, left_out)
    tables["indices"] = estimates.indices(targets, points, judged, asked["design"], _problem(folder), about, left_out)
    tables["box"] = estimates.boxes(targets, points, asked, left_out)
    done, planned = len(frame), len(plan.runs)
    told = {
        "question": f"Analysis of a sweep of {len(asked['arms'])} arm{'s' if len(asked['arms']) > 1 else ''}, "
        f"{len(points)} points and {frame['seed'].nunique()} seeds, scale {asked['scale']:g}, "
        f"{asked['from']} to {asked['end']}",
        "design": asked["design"],
        "arms": asked["arms"],
        "factors": factors,
        "primary": asked["primary"],
        "judged": chosen,
        "from": asked["from"],
        "fails": asked["fails"],
        "runs_done": done,
        "runs_planned": planned,
        "left_out": list(dict.fromkeys(left_out)),
        "sweep": about["plan"],
        "versions": about.get("versions"),
        "git": about.get("git"),
    }
    return Analysis(told, tables)


def _problem(folder):
    path = folder / "collected" / "problem.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


# ---------------------------------------------------------------- folder


def _write(final, analysis, kinds):
    """The folder of the analysis, which appears whole in place of the one before, and then its figures."""
    coming = final.with_name(f".{PLACE}.{secrets.token_hex(4)}")
    with refusals_told(final, KEPT):
        coming.mkdir()
        try:
            columns = {"runs": run_columns(analysis.runs), **COLUMNS}
            for name, frame in analysis.tables.items():
                rows = frame.astype({each.name: float for each in columns[name] if each.type == "double"})
                write_csv(coming / f"{name}.csv", rows, columns[name])
            write_csv(coming / "codebook.csv", codebook(columns, TABLE_KEYS), BOOK)
            write_json(coming / "analysis.json", analysis.about)
            analysis.about["folder"] = str(final)
            write_text(coming / "screen.txt", f"{analysis}\n")
            swap(coming, final)
        finally:
            shutil.rmtree(coming, ignore_errors=True)
    if kinds:
        drawn_or_told(final, partial(plots.draw_analysis, kinds=kinds))
