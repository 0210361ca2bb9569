"""`sim evidence`: the causal rows of the literature, each by the estimator of its paper, beside the truth.

    evidence.csv      one row an anchor, and those beside it: estimate, truth, band, verdict, power
    checks.csv        placebos, densities, what happened to controls, twins that are missing
    assignments.csv   the estimates of many assignments of replicate cities
    cutoff.csv        means by bins at the cut-off of the grant, of the twins, and the fitted lines
    paths.csv         the chance of raising by quarter around the entry into the sandbox, with three sets of controls
    panels/           the panels themselves, to run the estimators again elsewhere
    evidence.json     what was asked, versions, machine, time
    <arm>.yaml        the config of each arm with its first seed
    codebook.csv, screen.txt, figures/, DONE or FAILED   as of a comparison

Two kinds of runs: programmes for firms, `runs` seeds at the scale of the config, and replicate cities, `cities` seeds
at `city_scale`, each beginning in a year of its own. Every policy runs alone. The designs lie in `designs/`, what each
row is in `designs/papers.py`, how it is read in `designs/verdict.py`, and docs/evidence.md explains it.
"""

from dataclasses import dataclass
from functools import partial
from textwrap import wrap
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd

from sim.observables.columns import INDEX, STOCK, column
from sim.observables.outcomes import Reduced
from sim.observables.written import read_csv
from sim.runs import amount as amounts
from sim.runs import arms as runs_of_arms
from sim.runs import launchers
from sim.settings import arms, counterfactuals
from sim.settings.config import varied
from sim.settings.fields import number
from sim.settings.files import CONFIGS, options, read_yaml
from sim.statistics import fixed_effects
from sim.verbs import keys, shell
from sim.verbs.comparison.columns import numbers, words
from sim.verbs.designs import cities, cutoff, entry, papers, sectors, verdict
from sim.verbs.measures import at_once, workers
from sim.verbs.screen import WIDTH, short
from sim.world.calendar import quarter_name, quarter_of

NONE = "none"  # the arm without any policy
FIRMS = {  # arm -> the policy it has, and keys in which it is not that of the file
    "sandbox": ("sandbox", {}),
    "grant": ("proof_of_concept", {}),
    "second_grant": ("proof_of_concept_second", {}),
    "desk": ("accelerator", {"schooling": 0.0}),
    "school": ("accelerator", {"schooling": 1.0}),
}
CITIES = {
    "forgiveness": ("failure_forgiveness", {}),
    "compensation": ("failure_compensation", {}),
    "guidance": ("guidance_fund", {}),
    "guidance_tenfold": ("guidance_fund", {}),
    "laboratories": ("shared_laboratories", {"price": 0.0}),  # with hours for all: the paper's shock is no small one
}
FACTOR = {"guidance_tenfold": 10.0, "laboratories": 100.0}  # in the knobs that grow with the size of a programme
OUTCOME = {"grant": "raises_fund", "second_grant": "raises_fund", "desk": "raises_any", "school": "raises_any"}
TITLES = {
    "E01a": "Sandbox, chance of raising, percent",
    "E01b": "Sandbox, amount raised, percent",
    "E02a": "Forgiveness, founding, percent",
    "E02b": "Forgiveness, survival, points",
    "E02c": "Forgiveness, jobs lost a new job",
    "E03a": "Grant, later venture capital, ratio",
    "E03b": "Second grant, the same, points",
    "E04": "Private money a public yuan",
    "E05a": "Compensation, early deals, percent",
    "E05b": "Compensation, individuals, percent",
    "E05c": "Compensation, hard-tech entry, percent",
    "E06a": "Desk and cash, raising, points",
    "E06b": "Schooling, raising, percent",
    "E07": "Laboratories, first round, percent",
}
ASSIGNED = {
    "E02a": ("forgiveness", "births"),
    "E05a": ("compensation", "individuals_deals"),
    "E05b": ("compensation", "individuals"),
}
HERE, PAPERS = "sim.verbs.evidence", "sim.verbs.designs.papers"

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be asked, as sentences."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"runs": 2, "cities": 4, "cohorts": 1, "begins": 1}, ["cities"])
    number("city_scale", asked["city_scale"], float, 1e-6, 1.0, problems)
    if problems or resolved["end"] is None:
        return problems
    last = quarter_of(resolved["end"]) // 4
    if asked["begins"] + asked["cohorts"] > last:
        problems.append(
            f"begins={asked['begins']}: with cohorts={asked['cohorts']} the last city begins in "
            f"{asked['begins'] + asked['cohorts'] - 1}, too late to see anything by the end, {resolved['end']}"
        )
    return problems + keys.check_amount(asked["runs"] * (len(FIRMS) + 1) + asked["cities"] * (len(CITIES) + 1))


# ---------------------------------------------------------------- compute


class Asked(NamedTuple):
    """The configs of all runs: of each seed, name of the arm -> Config; and the year in which each city begins."""

    firms: list
    cities: list
    starts: dict

    @property
    def configs(self):
        """All of them in the order in which they are run."""
        return [one for by_arm in (*self.firms, *self.cities) for one in by_arm.values()]


def command(config):
    """The verb: re-run the evidence, write a folder of its own in `config.output`, print a screen; returns the folder,
    None where it only says how many runs that is.
    """
    all_of = asked(config)
    if amounts.told(config, _amount(config, all_of)):
        return None
    return shell.command(config, "evidence", plan(config, all_of), partial(compute, all_of=all_of), figures)


def amount(config):
    """The Amount of runs that a config asks for."""
    return _amount(config, asked(config))


def _amount(config, all_of):
    return amounts.of(all_of.configs, config.experiment["store"], at_once(config))


def evidence(config):
    """The Evidence that a checked config with this verb describes. Runs are kept in its store."""
    all_of = asked(config)
    return compute(config, plan(config, all_of), all_of)


def plan(config, all_of):
    """What is asked: the arms of the first seed."""
    keys_ = config.experiment
    about = shell.about(
        config,
        title="causal evidence, re-run",
        policy=[],
        question=f"The causal evidence re-run: {keys_['runs']} seeds at scale {config.scale:g}, {keys_['cities']} "
        f"replicate cities at {keys_['city_scale']:g}",
        first_quarter=cities.first_quarter(keys_["begins"]),
        last_quarter=quarter_name(config.end),
        treated_sectors=treated_sectors(config.city),
    )
    return shell.Plan(about, {**all_of.cities[0], **all_of.firms[0]})


def treated_sectors(city):
    """The half of the city's sectors that need laboratories most."""
    need = np.asarray(city.traits["lab_need"])
    order = np.argsort(-need, kind="stable")[: max(len(need) // 2, 1)]
    return [city.sectors[i] for i in sorted(order)]


def arm_of(config, name, year):
    """The Config of an arm whose policy begins in a year."""
    policy, settings = (FIRMS | CITIES)[name]
    declared = read_yaml(options("policy", config.resolved["configs"])[policy])
    stem = f"policy.{policy}"
    asked = {"policy": [policy], f"{stem}.start": cities.first_quarter(year)}
    asked |= {f"{stem}.{key}": value for key, value in settings.items()}
    if name == "laboratories":
        asked[f"{stem}.sectors"] = treated_sectors(config.city)
    elif isinstance(declared.get("sectors"), list):  # those of them that the city has
        asked[f"{stem}.sectors"] = [one for one in declared["sectors"] if one in config.city.sectors]
    one = arms.one(config, asked)
    return counterfactuals.scaled(one, {policy: FACTOR[name]}) if name in FACTOR else one


def asked(config):
    """The configs of all runs, Asked."""
    keys_, plain = config.experiment, config.one_run()
    none = arms.one(plain, {"policy": "none"})
    first = {name: arm_of(plain, name, keys_["begins"]) for name in (*FIRMS, *CITIES)}
    firms = {NONE: none} | {name: first[name] for name in FIRMS}
    seeds = [range(config.seed, config.seed + keys_[many]) for many in ("runs", "cities")]
    starts = cities.starts(seeds[1], keys_["begins"], keys_["cohorts"])
    by_year = {year: _replica(config, none, first, year) for year in sorted(set(starts.values()))}
    return Asked(
        [_with_seed(firms, seed) for seed in seeds[0]],
        [_with_seed(by_year[year], seed) for seed, year in starts.items()],
        starts,
    )


def _replica(config, none, first, year):
    """Name of the arm -> Config of a replicate city in which the policy begins in a year."""
    by_arm = {NONE: none}
    for name in CITIES:
        key = f"policy.{CITIES[name][0]}.start"
        by_arm[name] = varied(first[name], {key: cities.first_quarter(year)})
    return {name: one.one_run(scale=config.experiment["city_scale"]) for name, one in by_arm.items()}


def _with_seed(by_arm, seed):
    return {name: runs_of_arms.with_seed(one, seed) for name, one in by_arm.items()}


def compute(config, plan, all_of):
    """The Evidence of a plan."""
    panels = panels_of(config, all_of)
    about = plan.about | {"rows": {name: len(panel) for name, panel in panels.items()}}
    return assess(about, panels, targets())


def panels_of(config, all_of):
    """Name -> frame of the panels of all designs."""
    elsewhere = launchers.elsewhere(config.launcher)
    kept = iter(runs_of_arms.run(all_of.configs, config.experiment["store"], workers(config), elsewhere))
    parts = {name: [] for name in (*OUTCOME, "sandbox", *CITIES)}
    for seed, by_arm in enumerate(all_of.firms, config.seed):
        runs = {name: Reduced(next(kept).entry) for name in by_arm}
        for name in OUTCOME:
            parts[name].append(cutoff.panel(seed, runs[name], runs[NONE], FIRMS[name][0]))
        parts["sandbox"].append(entry.panel(seed, runs["sandbox"], runs[NONE], FIRMS["sandbox"][0]))
    first, last = config.experiment["begins"], (config.end + 1) // 4 - 1
    treated = treated_sectors(config.city)
    for (seed, start), by_arm in zip(all_of.starts.items(), all_of.cities, strict=True):
        runs = {name: Reduced(next(kept).entry) for name in by_arm}
        without = cities.window(cities.panel(seed, runs[NONE], start, "without"), first, last)
        for name in CITIES:
            if name == "laboratories":
                pair = (("with", runs[name]), ("without", runs[NONE]))
                parts[name] += [sectors.panel(seed, run, 4 * start, arm, treated) for arm, run in pair]
            else:
                ours = cities.window(cities.panel(seed, runs[name], start, "with"), first, last)
                parts[name] += [ours, without]
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def targets():
    """The anchors, their bands and how they are known, by id."""
    return read_csv(CONFIGS / "targets" / "effects.csv").set_index("id")


# ---------------------------------------------------------------- tables


@dataclass
class Evidence(shell.Result):
    """The evidence re-run. `about` says what was asked; the frames are the files described above."""

    about: dict
    table: pd.DataFrame
    checks: pd.DataFrame
    assignments: pd.DataFrame
    cutoff: pd.DataFrame
    paths: pd.DataFrame

    panels: dict | None = None  # name -> frame; of a folder, its `panels/`

    files: ClassVar[dict] = {"table": "evidence"}
    columns: ClassVar[dict] = {
        "evidence": (
            words("id", "anchor, a row of configs/targets/effects.csv", PAPERS),
            words("part", "what is beside it, missing in the row by which the anchor is judged", PAPERS, "null"),
            words("title", "the quantity in words, with its unit", HERE),
            words("design", "estimator", PAPERS),
            *numbers(
                PAPERS, paper="number of the paper", band_low="lower end of the band", band_high="upper end of it"
            ),
            *numbers(
                PAPERS,
                estimate="by the estimator",
                error="its standard error",
                low="lower end of its interval of 95%",
                high="upper end of its interval of 95%",
                truth="of the same sample, by common luck",
                truth_error="its standard error",
                truth_low="lower end of its interval of 95%",
                truth_high="upper end of its interval of 95%",
                bias="estimate less truth",
                power="chance to find the paper's number at this standard error; of a paper's zero, the band's end",
                bandwidth="standard deviations of the score on each side of the cut-off",
            ),
            column("n", "number", "observations in the window, or cities", PAPERS, STOCK),
            words("window", "over which the outcome is seen", PAPERS, "null"),
            words("reads", "how the estimate is read", "sim.verbs.designs.verdict"),
            words("truth_reads", "how the truth is read", "sim.verbs.designs.verdict"),
            words("verdict", "agrees, below, above, wrong sign or cannot be told", "sim.verbs.designs.verdict"),
            words("judged_by", "estimate, or truth where the estimate cannot be told", "sim.verbs.designs.verdict"),
            words(
                "sign",
                "right, wrong or untold, missing where the band has no sign",
                "sim.verbs.designs.verdict",
                "null",
            ),
            words("reason", "what to know of the verdict", "sim.verbs.designs.verdict", "null"),
            column("set_with", "flag", "whether a parameter of the model has this paper as its source", PAPERS),
        ),
        "checks": (
            words("design", "arm, or panel", PAPERS),
            words("check", "what is looked at", PAPERS),
            *numbers(PAPERS, value="estimate, share or p", low="lower end of its interval", high="upper end of it"),
            words("passes", "yes or no, missing where it only tells", PAPERS, "null"),
        ),
        "assignments": (
            words("id", "anchor", HERE),
            column("assignment", "number", "of the cities, 0 the one that was drawn first", "sim.verbs.designs.cities"),
            *numbers("sim.verbs.designs.cities", estimate="by two-way effects, percent"),
        ),
        "cutoff": (
            words("group", "applicants, twins of the admitted, or a fitted line", "sim.verbs.designs.cutoff"),
            column("margin", "score", "less the cut-off", "sim.verbs.designs.cutoff", INDEX),
            column("percent", "percent", "that raises from a fund", "sim.verbs.designs.cutoff", INDEX),
            column("n", "number", "applicants", "sim.verbs.designs.cutoff", STOCK),
        ),
        "paths": (
            words("group", "entrants, twins, or a set of controls", "sim.verbs.designs.entry"),
            column("event", "number", "quarters since the decision", "sim.verbs.designs.entry"),
            column("percent", "percent", "that raises in the quarter", "sim.verbs.designs.entry", INDEX),
            column("error", "percent", "standard error", "sim.verbs.designs.entry", INDEX),
            column("n", "number", "firms", "sim.verbs.designs.entry", STOCK),
        ),
    }
    keys: ClassVar[dict] = {
        "evidence": ("id", "part"),
        "checks": ("design", "check"),
        "assignments": ("id", "assignment"),
        "cutoff": ("group", "margin"),
        "paths": ("group", "event"),
    }

    @classmethod
    def remembered(cls, folder, about):
        """The fields that are no tables, with the panels of the folder."""
        panels = {path.stem: pd.read_parquet(path) for path in sorted((folder / "panels").glob("*.parquet"))}
        return {"about": about, "panels": panels}

    @property
    def parquets(self):
        """Name -> panel, which the folder holds in `panels/`."""
        return self.panels or {}

    @property
    def judged(self):
        """The rows by which the anchors are judged."""
        return self.table[self.table["part"] == ""]

    @property
    def headline(self):
        """How many agree."""
        rows = self.judged
        signs = rows["sign"][rows["sign"] != ""]
        return (
            f"{(rows['verdict'] == verdict.AGREES).sum()} of {len(rows)} rows agree, "
            f"{(signs == 'right').sum()} of {len(signs)} signs are right"
        )

    def plot(self):
        """The figure of four panels, as a Matplotlib figure."""
        from sim.plots import natural_experiments

        return natural_experiments.figure(natural_experiments.data(self.tables))

    def __repr__(self):
        return f"Evidence({self.headline})"

    def __str__(self):
        return screen(self)


def assess(about, panels, anchors):
    """The Evidence of panels by name, read against a frame of anchors."""
    grant, desk = panels["grant"], panels["desk"]
    laboratories, checks = papers.laboratories(panels["laboratories"])
    rows = [
        *papers.sandbox(panels["sandbox"]),
        *papers.forgiveness(panels["forgiveness"]),
        *papers.grants(grant),
        *papers.second_grants(panels["second_grant"]),
        *papers.guidance(panels["guidance"], panels["guidance_tenfold"]),
        *papers.investors(panels["compensation"]),
        *papers.desks(desk),
        *papers.schooling(panels["school"], desk),
        *laboratories,
    ]
    for name, outcome in OUTCOME.items():
        checks += papers.checks_of_cutoff(name, panels[name], outcome)
    assigned = []
    for anchor, (name, outcome) in ASSIGNED.items():
        read = cities.effect(panels[name], outcome)
        assigned += [(anchor, i, value) for i, value in enumerate(read.assigned)]
        checks.append(papers.Check(anchor, "share of assignments whose interval leaves out the truth", read.rejecting))
    told = {True: "yes", False: "no", None: ""}
    return Evidence(
        about,
        pd.DataFrame([judged(row, anchors.loc[row.id]) for row in rows]),
        pd.DataFrame(checks).assign(passes=[told[one.passes] for one in checks]),
        pd.DataFrame(assigned, columns=["id", "assignment", "estimate"]),
        cutoff.binned(grant),
        entry.paths(panels["sandbox"]),
        panels,
    )


def judged(row, anchor):
    """A row of the table: the Row, the band of its anchor, and how both are read."""
    neutral = papers.NEUTRAL.get(row.id, 0.0)
    band = verdict.Band(anchor["low"], anchor["high"], neutral)
    word, by, reads, truth_reads, reason = verdict.judged(row.estimate, row.truth, band)
    sign = verdict.sign(row.truth if by == "truth" else row.estimate, word, band)
    paper = anchor["value"]
    size = (paper if paper == paper else (band.low + band.high) / 2) - neutral
    return {
        "id": row.id,
        "part": row.part,
        "title": TITLES[row.id],
        "design": row.design,
        "paper": paper,
        "band_low": band.low,
        "band_high": band.high,
        "estimate": row.estimate.value,
        "error": row.error,
        "low": row.estimate.low,
        "high": row.estimate.high,
        "truth": row.truth.value,
        "truth_error": row.truth_error,
        "truth_low": row.truth.low,
        "truth_high": row.truth.high,
        "bias": row.estimate.value - row.truth.value,
        "power": fixed_effects.power(size or band.high - neutral, row.error),
        "bandwidth": row.bandwidth,
        "n": row.n,
        "window": row.window,
        "reads": reads,
        "truth_reads": truth_reads,
        "verdict": word,
        "judged_by": by,
        "sign": sign,
        "reason": reason,
        "set_with": row.id in papers.SET_WITH,
    }


# ---------------------------------------------------------------- screen


def screen(result):
    """The evidence as text."""
    about, rows = result.about, result.judged
    span = f"{about['first_quarter']} to {about['last_quarter']}"
    lines = [
        "Causal evidence, re-run by the estimators of the papers",
        f"{about['runs']} seeds at scale {about['scale']:g} for firms, {about['cities']} cities at "
        f"{about['city_scale']:g}, from seed {about['seed']}, {span}. In brackets 95%.",
        "",
        f"{'':5}{'':39}{'paper':>6} {'band':>10}  {'by its estimator':<24}{'truth':>7}  power",
    ]
    for row in rows.itertuples():
        band = f"{short(row.band_low)} to {short(row.band_high)}"
        ends = f" ({_end(row.low)} to {_end(row.high)})" if np.isfinite(row.high - row.low) else ""
        power = f"{row.power:.0%}" if row.power == row.power else "-"
        lines.append(
            f"{row.id:5}{row.title:39}{short(row.paper):>6} {band:>10}  {_end(row.estimate) + ends:<24}"
            f"{_end(row.truth):>7}{power:>7}"
        )
        said = f"{row.verdict}{f', {row.reason}' if row.reason else ''}"
        lines += [f"     {part}" for part in _wrapped(said)]
    lines += _findings(result)
    passed = result.checks["passes"]
    own = ", ".join(rows.loc[rows["set_with"], "id"])
    lines += [
        "",
        f"{result.headline}. Placebos: {(passed == 'yes').sum()} of {passed.isin(['yes', 'no']).sum()} pass.",
        f"Set with these papers in hand: {own}. The others were not.",
    ]
    return "\n".join(lines)


def _findings(result):
    """Estimators beside the main one that agree with the paper where the truth does not, or the other way."""
    beside = result.table[(result.table["part"] != "") & (result.table["reads"] != result.table["truth_reads"])]
    beside = beside[(beside["reads"] != verdict.UNTOLD) & (beside["truth_reads"] != verdict.UNTOLD)]
    lines = ["", "Beside them, estimators that say one thing where the truth on the same sample is another:"]
    for row in beside.itertuples():
        lines += _wrapped(
            f"{row.id} {row.part}: {_end(row.estimate)} ({row.reads}), truth {_end(row.truth)} ({row.truth_reads})"
        )
    return lines if len(lines) > 2 else []


def _wrapped(text):
    return wrap(text, WIDTH - 8)


def _end(value):
    """A number in few digits; a dash for what has no bounds."""
    return short(value) if np.isfinite(value) else "-"


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figure of the evidence in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_evidence(folder, kinds)
