"""`sim compare`: policies against other policies with the same luck, and how sure the difference is.

    comparison.csv    one row an outcome: levels, paired difference, interval, what it took and what it could show
    public_purse.csv  direct cost, extra tax, fiscal return, marginal cost of public funds
    event_study.csv   paired difference by quarter around the start
    runs.csv          one row an arm and seed: outcomes, discounted cost and tax, fingerprint
    policy.yaml, against.yaml   the config of each arm, with the first seed; `sim` runs of it are those of the comparison
    comparison.json   what was compared, versions, machine, time
    figures/          forest and event study: SVG, PDF and the data of each
    DONE or FAILED    how it ended

The window of the comparison opens with the earliest start of a policy that differs between the
arms. Flows are summed over it to the last quarter, stocks, rents and wages are those of the last quarter.
"""

import os
import textwrap
from dataclasses import dataclass, replace

import pandas as pd

from sim.analysis import arms, effects, intervals
from sim.analysis.outcomes import OUTCOMES, WINDOW
from sim.calendar import quarter_name
from sim.compose import ConfigError, nearest, options, shown, to_yaml
from sim.config import PLAIN, number, with_policies
from sim.folders import new_folder, now, outcome, refusals_told, write_csv, write_json, write_text
from sim.provenance import git_state, host_class, versions
from sim.records import command_line

MOST = 100_000  # runs and processes; a mistyped number should not start them


# ---------------------------------------------------------------- what is compared


def check(tree, resolved):
    """What cannot be compared, as sentences: the keys of the verb and the two sets of policies."""
    asked, problems = tree["experiment"], []
    runs = number("runs", asked["runs"], int, 2, MOST, problems)
    for key, low in (("workers", 1), ("pilot", 2)):
        if asked[key] is not None:
            number(key, asked[key], int, low, MOST, problems)
    if not isinstance(asked["store"], str) or not asked["store"].strip():
        problems.append(f"store={shown(asked['store'])}: should be a folder")
    if runs and isinstance(resolved["seed"], int) and resolved["seed"] + runs > 2**63:
        problems.append(f"runs={runs}: the last seed would be above 2^63 - 1")
    problems += [f"{key}={shown(tree[key])}: {why}" for key, why in NOT_HERE.items() if resolved[key] not in (None, 0, 1)]
    names = _names(asked["against"])
    if names is None:
        return [*problems, f"against={shown(asked['against'])}: should be history, none, or a list of policies such as [sandbox,talent_visa]"]
    known = options("policy", resolved["configs"])
    problems += [f"against={name}: no such policy{nearest(name, known)}" for name in names if name not in known]
    problems += [f"against={name}: chosen twice" for name in sorted(set(names)) if names.count(name) > 1]
    if all(name in known for name in names) and len(set(names)) == len(names):
        try:
            problems += _nothing_to_compare(asked, resolved, with_policies(tree, names))
        except ConfigError as error:  # what is wrong with both arms is told already
            problems += [f"against={shown(asked['against'])}: {text}" for text in error.problems if text.startswith(("policy", "without"))]
    return problems


NOT_HERE = {
    "threads": "runs of a comparison have one thread each; write workers=N for N processes",
    "resume": "a comparison goes on by itself when it is repeated",
    "checkpoint_quarters": "runs of a comparison are kept whole; no checkpoints are written",
}


def _names(against):
    """The policies named by `against`, a list, or None where it is none of what it may be."""
    if isinstance(against, str):
        return [] if against == "none" else [against]
    return list(against) if isinstance(against, list) and all(isinstance(name, str) for name in against) else None


def _nothing_to_compare(asked, resolved, other):
    differing = _differing(resolved["policy"], other.resolved["policy"])
    name = f"against={shown(asked['against'])}"
    if not differing:
        return [f"{name}: is the same as policy, so nothing can differ; name others by policy=[...], without=[...] or against=none"]
    last = quarter_name(other.end)
    starts = {name: start for name, start in differing.items() if start is not None and start > last}
    if len(starts) == len(differing):
        return [f"{name}: what differs starts after the end, {last}: {', '.join(f'{policy} {start}' for policy, start in starts.items())}"]
    return []


def _differing(policies, others):
    """Name -> start (text, None where it is always in force) of the policies that the arms do not share: of each the earlier."""
    names = [name for name in {**policies, **others} if policies.get(name) != others.get(name)]
    starts = {name: [arm[name]["start"] for arm in (policies, others) if name in arm] for name in names}
    return {name: None if None in both else min(both) for name, both in starts.items()}


# ---------------------------------------------------------------- comparing


@dataclass
class Comparison:
    """Two arms over the same seeds. `about` says what was compared; the frames are the files described above."""

    about: dict
    table: pd.DataFrame
    public_purse: pd.DataFrame
    event_study: pd.DataFrame
    runs: pd.DataFrame

    def plot(self):
        """The forest plot of the comparison, a Matplotlib figure."""
        from sim.plots import forest

        return forest.figure(forest.data({"comparison": self.table}))

    def __repr__(self):
        return f"Comparison({heading(self.about)})"

    def __str__(self):
        return summary(self)


def command(config):
    """The verb: compare, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    asked = config.experiment
    if asked["pilot"] is not None:
        print(pilot(config))
        return None
    pair, about = describe(config)
    folder = new_folder(config.output)
    about |= {"command": command_line(), "versions": versions(), "git": git_state(), "host": host_class(), "start": now()}
    try:
        with refusals_told(folder), outcome(folder, about, "comparison.json"):
            write_json(folder / "comparison.json", about | {"status": "running"})
            for name, arm in pair.items():
                write_text(folder / f"{name}.yaml", to_yaml(arm.resolved))
            found = assess(*_run(config, pair, about["runs"]), about)
            for name, table in (("comparison", found.table), ("public_purse", found.public_purse), ("event_study", found.event_study), ("runs", found.runs)):
                write_csv(folder / f"{name}.csv", table)
            _draw(folder)
    except Exception as error:
        error.add_note(f"The folder of the comparison: {folder}")
        raise
    print(found)
    print(f"\nin {folder}")
    return folder


def compare(config):
    """The Comparison that a checked config with the verb `compare` describes. Runs are kept in its store."""
    if config.experiment["pilot"] is not None:
        raise ConfigError(["pilot: compares nothing; on the command line it says what `runs` would detect, as `sim.analysis.compare.pilot(config)` does"])
    pair, about = describe(config)
    return assess(*_run(config, pair, about["runs"]), about)


def describe(config):
    """({"policy": Config, "against": Config}, what is compared as a plain dict)."""
    own = replace(config, experiment=PLAIN, resolved={**config.resolved, "experiment": PLAIN})
    other = with_policies(config.resolved, _names(config.experiment["against"]))
    ours, theirs = own.resolved["policy"], other.resolved["policy"]
    differing = _differing(ours, theirs)
    opening = quarter_name(config.start)
    about = {
        "policy": list(ours),
        "against": list(theirs),
        "differing": {name: start or opening for name, start in differing.items()},
        "first_quarter": max(min((start or opening for start in differing.values()), default=opening), opening),
        "last_quarter": quarter_name(config.end),
        "announced": min((arm[name]["announced"] for arm in (ours, theirs) for name in differing if name in arm and arm[name]["announced"]), default=None),
        "runs": config.experiment["runs"],
        "seed": config.seed,
        "scale": config.scale,
        "discount_rate": config.city.discount_rate,
    }
    return {"policy": own, "against": other}, about


def assess(policy, against, about):
    """The Comparison of two arms, lists of Reduced in the order of the seeds."""
    first, rate, differing = about["first_quarter"], about["discount_rate"], list(about["differing"])
    seeds = [about["seed"] + i for i in range(len(policy))]
    rows = []
    for name, runs in (("policy", policy), ("against", against)):
        for seed, run in zip(seeds, runs, strict=True):
            purse = {"cost_discounted_cny": run.cost(differing), "tax_discounted_cny": run.panel.set_index("quarter")["tax_cny"]}
            money = {column: effects.discounted(amounts, first, rate) for column, amounts in purse.items()}
            rows.append({"arm": name, "seed": seed, **run.totals(first), **money, "fingerprint": run.fingerprint})
    rows = pd.DataFrame(rows)
    ours, theirs = (rows[rows["arm"] == name].set_index("seed") for name in ("policy", "against"))
    extra = {name: (ours[name] - theirs[name]).to_numpy() for name in ("cost_discounted_cny", "tax_discounted_cny")}
    return Comparison(
        about=about,
        table=effects.table(ours, theirs),
        public_purse=effects.public_purse(*extra.values()),
        event_study=effects.event_study([run.quarterly() for run in policy], [run.quarterly() for run in against], first),
        runs=rows,
    )


def _run(config, pair, runs):
    """The arms run: ([Reduced], [Reduced]) in the order of `runs` seeds; pairs are completed one after the other."""
    seeds = range(config.seed, config.seed + runs)
    asked = config.experiment
    reduced = arms.run([arms.with_seed(arm, seed) for seed in seeds for arm in pair.values()], asked["store"], asked["workers"] or os.cpu_count())
    return reduced[::2], reduced[1::2]


def pilot(config):
    """What `runs` would detect, judged by the spread of a few pairs: text."""
    pair, about = describe(config)
    ours, theirs = _run(config, pair, config.experiment["pilot"])
    ours, theirs = (pd.DataFrame([run.totals(about["first_quarter"]) for run in runs]) for runs in (ours, theirs))
    n, runs = len(ours), about["runs"]
    low, high = intervals.spread_factors(n)
    lines = [f"The smallest effect that {runs} pairs would detect (80% power, two-sided 5%), by a pilot of {n} pairs", f"{'':36}{'effect':>12}{'of level':>10}"]
    for item in OUTCOMES:
        found = intervals.detectable((ours[item.name] - theirs[item.name]).dropna().to_numpy(), runs)
        size, unit = _unit(item.unit)
        level = abs(theirs[item.name].mean())
        lines.append(f"{f'{item.title}, {unit}':36}{_short(found / size):>12}{f'{100 * found / level:.2g}%' if level else '-':>10}")
    return "\n".join([*lines, f"The spread of {n} pairs is a guess: the true one is {low:.2g} to {high:.2g} times as large (95%), and with it these effects."])


# ---------------------------------------------------------------- on the screen


def heading(about):
    """What is compared, in a line."""
    ours, theirs = (", ".join(about[arm]) or "no policy" for arm in ("policy", "against"))
    return f"{ours} against {theirs}, {about['runs']} pairs from seed {about['seed']}, scale {about['scale']:g}"


def summary(found):
    """The comparison as a screen of text."""
    about, purse = found.about, found.public_purse.set_index("quantity")
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += textwrap.wrap(f"What differs: {', '.join(f'{name} from {start}' for name, start in about['differing'].items())}.", WIDTH)
    lines += [f"S: summed over {about['first_quarter']} to {about['last_quarter']}; E: at the end. Differences are paired by seed; 95% t-intervals.", ""]
    lines += [f"{'':34}{'policy':>9}{'against':>9}{'difference':>11} {'95% interval':21}{'runs':>5}{'indep.':>8}{'detects':>9}"]
    for row in found.table.itertuples():
        size, unit = _unit(row.unit)
        numbers = (row.policy, row.against, row.difference, row.difference_low, row.difference_high, row.detectable)
        ours, theirs, difference, low, high, detects = (_short(x / size) for x in numbers)
        title, needed = f"{row.title}, {unit} {'S' if row.over == WINDOW else 'E'}", _short(row.runs_independent)
        lines.append(f"{title:34}{ours:>9}{theirs:>9}{difference:>11} {_between(low, high):21}{row.runs:>5}{needed:>8}{detects:>9}")
    lines += ["indep.: runs an arm that independent seeds would need for this interval; detects: effect found with 80% power.", ""]
    lines += ["Heavy tails (few deals carry the mean): median (sign test) and 20% trimmed mean (Yuen) of the differences"]
    for row in found.table[found.table["median"].notna()].itertuples():
        numbers = (row.median, row.median_low, row.median_high, row.trimmed, row.trimmed_low, row.trimmed_high)
        median, low, high, trimmed, *ends = (_short(x / BILLION) for x in numbers)
        lines.append(f"{f'{row.title}, bn yuan':34}{median:>9} {_between(low, high):21}{trimmed:>9} {_between(*ends):21}".rstrip())
    lines += ["", f"Public purse, bn yuan, discounted to {about['first_quarter']} at {100 * about['discount_rate']:g}% a year"]
    for name, title in PURSE.items():
        size = BILLION if purse.unit[name] == "yuan" else 1
        value, *ends = (_short(x / size) for x in purse.loc[name, ["value", "low", "high"]])
        lines.append(f"{title:60}{value:>9} {_between(*ends)}")
    return "\n".join(lines)


WIDTH, BILLION = 106, 1e9
PURSE = {
    "cost": "C: direct cost, spent and administration less recovered",
    "tax": "T: extra tax",
    "net_cost": "C - T: net cost",
    "fiscal_return": "T / C: tax brought back by a yuan of direct cost",
    "mcpf": "C / (C - T): direct cost paid for by a yuan of net cost",
}


def _unit(unit):
    return (BILLION, "bn yuan") if unit == "yuan" else (1, unit)


def _short(value):
    if value != value:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _between(low, high):
    return f"[{low}, {high}]" if "-" not in (low, high) else "-"


def _draw(folder):
    from sim import plots

    plots.draw_comparison(folder)
