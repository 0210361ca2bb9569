"""Every instrument against history: those in force taken out of it, the others added, and held against the evidence.

    python experiments/policies.py --runs 20 --scale 0.1 --workers 2

runs `sim compare` for each instrument and writes into `results/policies` one table a question, in which the column
`comparison` says which instrument it is about:

    effects            one row an outcome: its level without and with the instrument, and the effect of having it
    the tables of sim compare (`sim.verbs.compare`) but those by run and by quarter, as they are there: the effect of
                       having it, also for a comparison `without_...`, whose arm `policy` is history
    ratios             private venture money a yuan of public cost
    evidence           one row a row of `configs/targets/effects.csv` that names the instrument: agrees or not
    comparisons.json   what was compared: command, arms, seeds, versions, commit
    overview.svg       the effects on the outcomes of `OUTCOMES`, all comparisons in one figure
    README.md          effects and evidence

A table is csv or parquet (`sim.sweep.replicate.write_table`). `--only NAME ...` makes the rows of some comparisons
anew and keeps those of the others. Runs are kept under their fingerprints, so that repeating computes only what is
missing: history itself is run once.

Variants of one instrument (`sandbox`, `sandbox_2`) are taken out together, and a variant that is not in force takes
the place of the one that is. An instrument without dates is added from `--start` on; one that starts after the end
of history is left out. Bundles have no class of their own and are left to `sim attribute`.

Of the evidence only what a comparison of cities measures can be held against one: a change of an outcome in percent,
or private money a yuan of public cost. What needs the firms on both sides of a cut-off is called not comparable
here.
"""

import argparse
import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd

from sim.plots.style import BLUE, GREY, ORANGE, Drawing, look, note
from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import now, write_json, write_text
from sim.settings.config import load
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, shown
from sim.statistics import intervals
from sim.sweep.replicate import read_table, write_table
from sim.verbs import compare
from sim.world.calendar import quarter_of

ROOT = Path(__file__).resolve().parents[1]
DETAIL = ("comparison", "event_study", "runs")  # tables of a comparison: in `effects`, by quarter, by run
OUTCOMES = ("startups_founded", "startups_funded_alive", "startup_jobs", "vc_private_cny", "exits")
COST = "cost_discounted_cny"
EDGE = 6.0  # percent at which the panels of the overview end


def plan(start):
    """Name of the comparison -> (instruments it is about, words of `sim compare`)."""
    declared = {name: read_yaml(path) for name, path in options("policy").items()}
    classes = {name: content["_target_"] for name, content in declared.items() if "_target_" in content}
    today = load()
    history = list(today.resolved["policy"])
    comparisons = {}
    for kind in dict.fromkeys(classes[name] for name in history):
        names = [name for name in history if classes[name] == kind]
        comparisons[f"without_{names[0]}"] = (names, [f"without={shown(names)}"])
    past = [name for name in classes if quarter_of(declared[name].get("start") or start) <= today.end]
    for name in (name for name in past if name not in history):
        rivals = [other for other in history if classes[other] == classes[name] and not fits(name, start, declared)]
        dates = [] if declared[name].get("start") else [f"policy.{name}.start={start}"]
        out = [f"without={shown(rivals)}"] if rivals else []
        comparisons[f"with_{name}"] = ([name], [f"policy=[history,{name}]", *out, *dates, "against=history"])
    return comparisons


def fits(name, start, declared):
    """Whether an instrument can be in force beside history."""
    try:
        load([f"policy=[history,{name}]", *([] if declared[name].get("start") else [f"policy.{name}.start={start}"])])
    except ConfigError:
        return False
    return True


def run(name, instruments, words, arguments):
    """One comparison: (its entry of comparisons.json, {table: its rows})."""
    words = ["compare", *words, f"runs={arguments.runs}", f"scale={arguments.scale:g}", *arguments.more]
    about = {"command": shlex.join(["sim", *words]), "versions": versions(), "git": git_state(), "host": host_class()}
    about["start"] = now()
    print(f"\n== {name}: {about['command']}")
    words[0] = "experiment=compare"
    comparison = compare.compare(load([*words, f"workers={arguments.workers}", f"store='{arguments.store}'"]))
    tables = {
        "effects": effects(instruments, comparison.tables["comparison"]),
        **{table: rows for table, rows in comparison.tables.items() if table not in DETAIL},
        "ratios": ratio(comparison.tables["runs"]),
    }
    tables["evidence"] = evidence(instruments, tables["effects"], tables["ratios"])
    return comparison.about | about, tables


# ---------------------------------------------------------------- tables


def effects(instruments, table):
    """The effect of having the instruments, by outcome, from `comparison.csv`."""
    rows = table[["outcome", "title", "unit", "over"]].copy()
    rows.insert(0, "instruments", " ".join(instruments))
    rows["level_without"], rows["level_with"] = table["against"], table["policy"]
    for estimate, stem in (("difference", "effect"), ("median", "median"), ("trimmed", "trimmed")):
        prefix = "" if stem == "effect" else f"{stem}_"
        rows[stem] = table[estimate].astype(float)
        for end in ("low", "high"):
            rows[f"{prefix}{end}"] = table[f"{estimate}_{end}"].astype(float)
    percent = (100 / rows["level_without"].abs()).where(rows["level_without"] != 0)
    for stem in ("effect", "low", "high"):
        rows[f"{stem}_percent"] = percent * rows[stem]
    return rows.join(table[["runs", "runs_independent", "detectable"]])


def ratio(rows):
    """Private venture money a yuan of public cost, by the paired runs, with Fieller's interval; the same whichever arm
    has the instrument.
    """
    ours, theirs = (rows[rows["arm"] == arm].set_index("seed") for arm in ("policy", "against"))
    private, cost = ((ours[name] - theirs[name]).to_numpy() for name in ("vc_private_cny", COST))
    estimate = intervals.ratio(private, cost) if abs(cost.mean()) > 0 else intervals.NOTHING
    return pd.DataFrame([{"ratio": "vc_private_cny per cost", **estimate._asdict(), "runs": len(cost)}])


def evidence(instruments, rows, ratios):
    """Each row of the evidence that names one of the instruments or its module, and whether the effects agree."""
    anchors = pd.read_csv(ROOT / "configs" / "targets" / "effects.csv", keep_default_na=False, dtype=str)
    modules = {read_yaml(options("policy")[name])["_target_"].split(".")[-2] for name in instruments}
    verdicts = []
    for anchor in anchors.to_dict("records"):
        words = anchor["instruments"].split()
        if not any(stem.startswith(word) for word in words for stem in (*instruments, *modules)):
            continue
        estimate, band = measured(anchor["compared"], rows, ratios), (float(anchor["low"]), float(anchor["high"]))
        verdicts.append(
            {
                "evidence": anchor["id"],
                "quantity": anchor["quantity"],
                "unit": anchor["unit"],
                "band_low": band[0],
                "band_high": band[1],
                "estimate": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "verdict": verdict(estimate, band),
            }
        )
    return pd.DataFrame(verdicts)


def measured(compared, rows, ratios):
    """The Estimate that a row of the evidence is about, where a comparison of cities has one."""
    if compared.endswith(" percent"):
        row = rows.set_index("outcome").loc[compared.removesuffix(" percent")]
        return intervals.Estimate(row["effect_percent"], row["low_percent"], row["high_percent"])
    if compared:
        row = ratios.set_index("ratio").loc[compared]
        return intervals.Estimate(row["value"], row["low"], row["high"])
    return intervals.NOTHING


def verdict(estimate, band):
    """Agrees, does not agree, undecided where the interval leaves both open, or not comparable."""
    if np.isnan(estimate.value):
        return "not comparable"
    if band[0] <= estimate.value <= band[1]:
        return "agrees"
    apart = estimate.low > band[1] or estimate.high < band[0]
    return "does not agree" if apart else "undecided: outside the band, within reach of it"


# ---------------------------------------------------------------- what is written


def write(folder, order, made):
    """Write the comparisons `made` (name -> what `run` gives) into a folder, beside those of `order` (all names that
    there are to be) that it holds from before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "comparisons.json"
    about = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept = [name for name in about if name in order and name not in made]
    about |= {name: comparison for name, (comparison, _) in made.items()}
    write_json(path, {name: about[name] for name in order if name in about})
    for table in dict.fromkeys(table for _, tables in made.values() for table in tables):
        parts = [tables[table].assign(comparison=name) for name, (_, tables) in made.items()]
        if kept:
            before = read_table(folder / table)
            parts.append(before[before["comparison"].isin(kept)])
        rows = pd.concat([part for part in parts if len(part)] or parts[:1])
        rows = rows.sort_values("comparison", key=lambda names: names.map(order.index), kind="stable")
        rows.insert(0, "comparison", rows.pop("comparison"))
        write_table(folder / table, rows)
    rows = read_table(folder / "effects")
    with look():
        overview(rows).savefig(folder / "overview.svg", metadata={"Date": None})
    write_text(folder / "README.md", readme(rows, read_table(folder / "evidence"), points(about)))


@look()
def overview(rows):
    """Effects in percent of the level without the instrument, one row a comparison, one panel an outcome."""
    names = list(rows["comparison"].unique())
    instruments = rows.drop_duplicates("comparison")["instruments"].str.replace(" ", ", ").str.replace("_", " ")
    drawing = Drawing(figsize=(9.5, 1.0 + 0.19 * len(names)))
    panels = drawing.subplots(1, len(OUTCOMES), sharex=True, sharey=True)
    for axes, outcome in zip(panels, OUTCOMES, strict=True):
        effect = rows[rows["outcome"] == outcome].set_index("comparison").loc[names]
        axes.set_title(effect["title"].iloc[0], fontsize=7)
        axes.axvline(0, color="black", linewidth=0.6)
        for y, row in enumerate(effect.itertuples()):
            sure = row.low_percent > 0 or row.high_percent < 0
            colour = (BLUE if row.effect_percent > 0 else ORANGE) if sure else GREY
            axes.hlines(y, row.low_percent, row.high_percent, color=colour, linewidth=1.2)
            if abs(row.effect_percent) <= EDGE:
                axes.plot(row.effect_percent, y, "o", color=colour, markersize=3)
            else:
                side = "right" if row.effect_percent > 0 else "left"
                words, at = f"{row.effect_percent:+.0f}%", np.copysign(EDGE, row.effect_percent)
                axes.text(at, y, words, ha=side, va="center", color=colour, fontsize=7)
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(-EDGE, EDGE)
        axes.set_xticks([-5, 0, 5])
    labels = [
        f"{text} (in force)" if name.startswith("without_") else text
        for name, text in zip(names, instruments, strict=True)
    ]
    panels[0].set_yticks(range(len(names)), labels, fontsize=6.5)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    note(
        drawing,
        "Effect of having the instrument, percent of the level without it, with 95% intervals over pairs of runs with "
        "the same luck; in force: an instrument of history, which the comparison takes out. Grey: not told from zero. "
        "An effect beyond the edge is written there.",
    )
    return drawing


def points(about):
    """Names of the calibrated points of comparisons; none where nothing was fitted."""
    return sorted({Path(one["calibration"]["file"]).parent.name for one in about.values() if one["calibration"]})


def readme(rows, verdicts, at):
    """Effects and evidence as Markdown; `at` are the calibrated points that were asked."""
    at_point = f", at {' and '.join(f'`{point}`' for point in at)}" if at else ""
    lines = [
        f"# Every instrument against history{at_point}",
        "",
        "Made by `experiments/policies.py`, which says what each table holds; results/replicate.yaml has its commands.",
        "The command, the arms and the version of each comparison stand in [comparisons.json](comparisons.json).",
        "",
        "![Effects of all instruments on five outcomes](overview.svg)",
        "",
        "Effects of having the instrument, percent of the level without it, with 95% intervals over paired seeds;",
        "`without_...` takes it out of history, `with_...` adds it (or puts it in the place of its variant in force).",
        "Rare policies are weakly powered at small scales.",
        "",
    ]
    titles = [rows[rows["outcome"] == outcome]["title"].iloc[0] for outcome in OUTCOMES]
    lines += [f"| comparison | runs | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles)]
    for name, group in rows.groupby("comparison", sort=False):
        cells = [
            f"{r.effect_percent:+.2g} ({r.low_percent:+.2g} to {r.high_percent:+.2g})"
            for r in group.set_index("outcome").loc[list(OUTCOMES)].itertuples()
        ]
        lines.append(f"| {name} | {group['runs'].iloc[0]} | {' | '.join(cells)} |")
    lines += [
        "",
        "## Against the evidence",
        "",
        "| comparison | evidence | quantity | band | simulated | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for row in verdicts.itertuples():
        estimate = "" if np.isnan(row.estimate) else f"{row.estimate:.2g} ({row.low:.2g} to {row.high:.2g})"
        band = f"{row.band_low:g} to {row.band_high:g}"
        lines.append(
            f"| {row.comparison} | {row.evidence} | {row.quantity}, {row.unit} | {band} | {estimate} | {row.verdict} |"
        )
    lines += [
        "",
        "Not comparable: the estimate compares firms on both sides of an admission or over time, which totals of a",
        "city do not show.",
    ]
    return "\n".join(lines) + "\n"


def asked(words, given, output):
    """(what was asked, {name: comparison} of all, and of those that were chosen): `words` are those of one script, to
    which the ones that all scripts on these comparisons have are added.
    """
    words.add_argument("--scale", type=float, default=0.1)
    words.add_argument("--workers", default="null")
    words.add_argument("--start", default="2016Q1", help="from which instruments without dates are in force")
    words.add_argument("--output", type=Path, default=output)
    words.add_argument("--store", default=str(ROOT / "results" / "compare" / "store"))
    words.add_argument("--only", nargs="*", help="names of comparisons such as without_sandbox")
    words.add_argument("--more", nargs="*", default=[], help="further words of sim compare, such as end=2019Q4")
    arguments = words.parse_args(given)
    comparisons = plan(arguments.start)
    unknown = [name for name in arguments.only or () if name not in comparisons]
    if unknown:
        words.error(f"no such comparison: {', '.join(unknown)}; there is {', '.join(comparisons)}")
    chosen = {name: each for name, each in comparisons.items() if not arguments.only or name in arguments.only}
    return arguments, comparisons, chosen


def main(given=None):
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--runs", type=int, default=20)
    arguments, comparisons, chosen = asked(words, given, ROOT / "results" / "policies")
    write(arguments.output, list(comparisons), {name: run(name, *each, arguments) for name, each in chosen.items()})
    print(f"\nin {arguments.output}")


if __name__ == "__main__":
    main()
