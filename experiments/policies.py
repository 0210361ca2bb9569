"""Every instrument against history: those in force taken out of it, the others added, and held against the evidence.

    python experiments/policies.py --runs 20 --scale 0.1 --workers 2

runs `sim compare` for each instrument and writes `results/policies/<name>/` (comparison.csv, comparison.json with
the command, the other small tables, forest.svg), `results/policies/effects.csv` (one row an instrument and outcome:
the effect of having it), `results/policies/evidence.csv` (one row an instrument and row of
`configs/targets/effects.csv`: agrees or not) and a README.md with both. `--only NAME ...` does some of them and
leaves the folders of the others, from all of which the tables are made. Runs are kept under their fingerprints, so
that repeating computes only what is missing: history itself is run once.

Variants of one instrument (`sandbox`, `sandbox_2`) are taken out together, and a variant that is not in force takes
the place of the one that is. An instrument without dates is added from `--start` on; one that starts after the end
of history is left out. Bundles have no class of their own and are left to `sim attribute`.

Of the evidence only what a comparison of cities measures can be held against one: a change of an outcome in percent,
or private money a yuan of public cost. What needs the firms on both sides of a cut-off is called not comparable
here.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from sim.runs.folders import write_csv, write_text
from sim.settings.config import load
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, shown
from sim.statistics import intervals
from sim.verbs import compare
from sim.world.calendar import quarter_of

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 20_000  # bytes of a table that is kept; runs and event studies come again with the command
OUTCOMES = ("startups_founded", "startups_funded_alive", "startup_jobs", "vc_private_cny", "exits")
COST = "cost_discounted_cny"


def plan(start):
    """Name of the comparison -> (instruments it is about, words of `sim compare`)."""
    declared = {name: read_yaml(path) for name, path in options("policy").items()}
    classes = {name: content["_target_"] for name, content in declared.items() if "_target_" in content}
    today = load()
    history = list(today.resolved["policy"])
    found = {}
    for kind in dict.fromkeys(classes[name] for name in history):
        names = [name for name in history if classes[name] == kind]
        found[f"without_{names[0]}"] = (names, [f"without={shown(names)}"])
    past = [name for name in classes if quarter_of(declared[name].get("start") or start) <= today.end]
    for name in (name for name in past if name not in history):
        rivals = [other for other in history if classes[other] == classes[name] and not fits(name, start, declared)]
        dates = [] if declared[name].get("start") else [f"policy.{name}.start={start}"]
        out = [f"without={shown(rivals)}"] if rivals else []
        found[f"with_{name}"] = ([name], [f"policy=[history,{name}]", *out, *dates, "against=history"])
    return found


def fits(name, start, declared):
    """Whether an instrument can be in force beside history."""
    try:
        load([f"policy=[history,{name}]", *([] if declared[name].get("start") else [f"policy.{name}.start={start}"])])
    except ConfigError:
        return False
    return True


def run(name, words, arguments):
    """One comparison, its folder brought to results/policies."""
    given = [f"runs={arguments.runs}", f"scale={arguments.scale:g}", *arguments.more]
    sys.argv = ["sim", "compare", *words, *given]  # the command that the folder tells
    print(f"\n== {' '.join(sys.argv)}")
    config = load(
        [
            "experiment=compare",
            *words,
            *given,
            f"workers={arguments.workers}",
            f"store='{arguments.store}'",
            f"output='{arguments.output / '.work'}'",
        ]
    )
    made = compare.command(config)
    rows = pd.read_csv(made / "runs.csv")
    kept = arguments.output / name
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    write_csv(kept / "ratios.csv", ratio(rows))
    for path in sorted(made.glob("*.csv")):
        if path.stat().st_size <= LARGEST and path.name != "runs.csv":
            shutil.copy(path, kept / path.name)
    shutil.copy(made / "comparison.json", kept)
    shutil.copy(made / "figures" / "forest.svg", kept)
    shutil.rmtree(made)


def ratio(rows):
    """Private venture money a yuan of public cost, by the paired runs, with Fieller's interval; the same whichever arm
    has the instrument.
    """
    ours, theirs = (rows[rows["arm"] == arm].set_index("seed") for arm in ("policy", "against"))
    private, cost = ((ours[name] - theirs[name]).to_numpy() for name in ("vc_private_cny", COST))
    found = intervals.ratio(private, cost) if abs(cost.mean()) > 0 else intervals.NOTHING
    return pd.DataFrame([{"ratio": "vc_private_cny per cost", **found._asdict(), "runs": len(cost)}])


# ---------------------------------------------------------------- tables


def effects(name, names, folder):
    """Rows of one comparison: the effect of having the instrument."""
    about = json.loads((folder / "comparison.json").read_text("utf-8"))
    sign = -1 if name.startswith("without_") else 1
    for row in pd.read_csv(folder / "comparison.csv").itertuples():
        low, high = sorted((sign * row.difference_low, sign * row.difference_high))
        level = abs(row.against if sign > 0 else row.policy)
        scale = 100 / level if level else np.nan
        numbers = {"effect": sign * row.difference + 0.0, "low": low + 0.0, "high": high + 0.0}  # no negative zeros
        shares = {f"{key}_percent": scale * value for key, value in numbers.items()}
        yield {
            "comparison": name,
            "instruments": " ".join(names),
            "outcome": row.outcome,
            "title": row.title,
            "unit": row.unit,
            **numbers,
            **shares,
            "runs": about["runs"],
        }


def evidence(name, names, rows, folder):
    """Rows of one comparison: each row of the evidence named for its instruments, and whether it agrees."""
    known = pd.read_csv(ROOT / "configs" / "targets" / "effects.csv", keep_default_na=False, dtype=str)
    modules = {read_yaml(options("policy")[one])["_target_"].split(".")[-2] for one in names}
    for anchor in known.to_dict("records"):
        if not any(stem.startswith(word) for word in anchor["instruments"].split() for stem in (*names, *modules)):
            continue
        estimate = measured(anchor["compared"], rows, folder)
        band = (float(anchor["low"]), float(anchor["high"]))
        found = {"estimate": estimate.value, "low": estimate.low, "high": estimate.high}
        of = {
            "comparison": name,
            "evidence": anchor["id"],
            "quantity": anchor["quantity"],
            "unit": anchor["unit"],
            "band_low": band[0],
            "band_high": band[1],
        }
        yield {**of, **found, "verdict": verdict(estimate, band)}


def measured(compared, rows, folder):
    """The Estimate that a row of the evidence is about, where a comparison of cities has one."""
    if compared.endswith(" percent"):
        row = rows.set_index("outcome").loc[compared.removesuffix(" percent")]
        return intervals.Estimate(row["effect_percent"], row["low_percent"], row["high_percent"])
    path = folder / "ratios.csv"
    if compared and path.exists():
        row = pd.read_csv(path).set_index("ratio").loc[compared]
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


def readme(arguments, found, held):
    """The two tables as Markdown."""
    lines = [
        "# Every instrument against history",
        "",
        f"`python experiments/policies.py --runs {arguments.runs} --scale {arguments.scale:g}`; the command of each stands in its `comparison.json`.",
        "",
    ]
    lines += [
        "Effects of having the instrument, percent of the level without it, with 95% intervals over paired seeds; `without_...` takes it out of history,",
        "`with_...` adds it (or puts it in the place of its variant in force). Rare policies are weakly powered at small scales.",
        "",
    ]
    titles = [found[found["outcome"] == outcome]["title"].iloc[0] for outcome in OUTCOMES]
    lines += [f"| comparison | runs | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles)]
    for name, rows in found.groupby("comparison", sort=False):
        cells = [
            f"{r.effect_percent:+.2g} ({r.low_percent:+.2g} to {r.high_percent:+.2g})"
            for r in rows.set_index("outcome").loc[list(OUTCOMES)].itertuples()
        ]
        lines.append(f"| [{name}]({name}) | {rows['runs'].iloc[0]} | {' | '.join(cells)} |")
    lines += [
        "",
        "## Against the evidence",
        "",
        "| comparison | evidence | quantity | band | found | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for row in held.itertuples():
        estimate = "" if np.isnan(row.estimate) else f"{row.estimate:.2g} ({row.low:.2g} to {row.high:.2g})"
        lines.append(
            f"| {row.comparison} | {row.evidence} | {row.quantity}, {row.unit} | {row.band_low:g} to {row.band_high:g} | {estimate} | {row.verdict} |"
        )
    lines += [
        "",
        "Not comparable: the estimate compares firms on both sides of an admission or over time, which totals of a city do not show.",
    ]
    return "\n".join(lines) + "\n"


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--runs", type=int, default=20)
    words.add_argument("--scale", type=float, default=0.1)
    words.add_argument("--workers", default="null")
    words.add_argument("--start", default="2016Q1", help="from which instruments without dates are in force")
    words.add_argument("--output", type=Path, default=ROOT / "results" / "policies")
    words.add_argument("--store", default=str(ROOT / "results" / "compare" / "store"))
    words.add_argument("--only", nargs="*", help="names of comparisons such as without_sandbox")
    words.add_argument("--more", nargs="*", default=[], help="further words of sim compare, such as end=2019Q4")
    arguments = words.parse_args()
    comparisons = plan(arguments.start)
    unknown = [name for name in arguments.only or () if name not in comparisons]
    if unknown:
        words.error(f"no such comparison: {', '.join(unknown)}; there is {', '.join(comparisons)}")
    for name, (_, given) in comparisons.items():
        if not arguments.only or name in arguments.only:
            run(name, given, arguments)
    found, held = [], []
    for name, (names, _) in comparisons.items():
        folder = arguments.output / name
        if (folder / "comparison.csv").exists():
            rows = pd.DataFrame(list(effects(name, names, folder)))
            found.append(rows)
            held += list(evidence(name, names, rows, folder))
    write_csv(arguments.output / "effects.csv", pd.concat(found))
    held = pd.DataFrame(held)
    write_csv(arguments.output / "evidence.csv", held)
    write_text(arguments.output / "README.md", readme(arguments, pd.concat(found), held))
    shutil.rmtree(arguments.output / ".work", ignore_errors=True)
    print(f"\nin {arguments.output}")


if __name__ == "__main__":
    main()
