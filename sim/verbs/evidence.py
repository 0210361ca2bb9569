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
at `city_scale`, each beginning in a year of its own. Every policy runs alone. The designs lie in `designs/`, what is
run in `designs/runs.py`, what each row is in `designs/papers.py`, how it is read in `designs/verdict.py`, and
docs/evidence.md explains it.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pandas as pd

from sim.observables.columns import INDEX, STOCK, column
from sim.observables.written import read_csv
from sim.runs import amount as amounts
from sim.settings.fields import number
from sim.settings.files import CONFIGS
from sim.statistics import fixed_effects
from sim.verbs import keys, shell
from sim.verbs.comparison.columns import ends, numbers, words
from sim.verbs.designs import cities, cutoff, entry, papers, verdict
from sim.verbs.designs.runs import CITIES, FIRMS, OUTCOME, asked, panels_of, treated_sectors
from sim.verbs.designs.screen import screen
from sim.verbs.measures import at_once
from sim.world.calendar import quarter_name, quarter_of

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


def compute(config, plan, all_of):
    """The Evidence of a plan."""
    panels = panels_of(config, all_of)
    about = plan.about | {"rows": {name: len(panel) for name, panel in panels.items()}}
    return assess(about, panels, targets())


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
                **ends(),
                truth="of the same sample, by common luck",
                truth_error="its standard error",
                **ends("truth_"),
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


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figure of the evidence in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_evidence(folder, kinds)
