"""`sim calibrate`: fit the free parameters to the targets, and one task for each question about the fit.

    sim calibrate                             fit; writes the city's calibrated.yaml and results/calibration/
    sim calibrate engine=posterior            the other engine
    sim calibrate warm=true                   from the values fitted before, a small design around them
    sim calibrate task=scale                  metrics at several scales: the bias of simulating a part of the city
    sim calibrate task=screen                 Morris: which parameters move the targets
    sim calibrate task=recovery               hidden parameters found again; ranks
    sim calibrate task=identification         profiles, singular values
    sim calibrate task=feasibility            which bands were met together; claims.md
    sim calibrate task=predictive             the draws simulated: targets and hold-outs apart
    sim calibrate task=out_of_time            fitted to what was known by 2021, asked for 2024
    sim calibrate task=sensitivity            Sobol on the emulator; policy effects to parameters

Each task writes a folder `results/calibration/<task>`, tables and figures; all share one bank of simulations.
"""

import os
import time
from pathlib import Path

import numpy as np

from sim.calibration import fit_files, posterior, priors, search
from sim.calibration import moments as targets
from sim.calibration import simulations as banks
from sim.calibration.objective import Problem, filled
from sim.runs.folders import refusals_told, write_json
from sim.runs.progress import duration
from sim.runs.records import announce_compilation, command_line
from sim.settings.config import CALIBRATED, read_calibrated, varied
from sim.settings.fields import number
from sim.settings.refusals import ConfigError, nearest, shown

ENGINES = {"search": search, "posterior": posterior}
TASKS = (
    "fit",
    "scale",
    "screen",
    "recovery",
    "identification",
    "feasibility",
    "predictive",
    "out_of_time",
    "sensitivity",
)
SIZES = {  # whole numbers of the verb: lowest, highest
    "prior": (0, 1_000_000),
    "around": (0, 100_000),
    "batches": (0, 1000),
    "batch": (1, 10_000),
    "rounds": (0, 1000),
    "replicates": (2, 1000),
    "steps": (0, 20),
    "jacobian": (1, 100),
    "draws": (1, 100_000),
    "truths": (1, 1000),
    "seeds": (1, 1000),
    "full_seeds": (0, 1000),
}
LUCK = 1  # first seed of replicates


def check(tree, resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    if asked["task"] not in TASKS:
        problems.append(f"task={shown(asked['task'])}: should be one of {', '.join(TASKS)}")
    if asked["engine"] not in ENGINES:
        problems.append(f"engine={shown(asked['engine'])}: no such engine{nearest(asked['engine'], ENGINES)}")
    for key, (low, high) in SIZES.items():
        number(key, asked[key], int, low, high, problems)
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    if not isinstance(asked["warm"], bool):
        problems.append(f"warm={shown(asked['warm'])}: should be true or false")
    if not isinstance(asked["free"], list) or not asked["free"] or not isinstance(asked["ranges"], dict):
        return [
            *problems,
            "free: should be a list of parameters such as [founding.idea_rate], ranges a mapping of some of them to [low, high]",
        ]
    if not resolved["targets"]:
        problems.append("targets=[]: name at least one")
    problems += [
        f"{key}={shown(tree[key])}: runs of a calibration start anew and have one thread each"
        for key in ("resume", "threads", "checkpoint_quarters")
        if tree.get(key) not in (None, 0, 1)
    ]
    try:
        priors.read(asked["free"], chosen(asked))
    except ConfigError as error:
        problems += error.problems
    return problems


def chosen(asked):
    """The ranges of the free parameters alone."""
    return {
        name: list(ends) if isinstance(ends, (list, tuple)) else ends
        for name, ends in asked["ranges"].items()
        if name in asked["free"]
    }


# ---------------------------------------------------------------- the pieces


class Study:
    """The pieces that every task needs, from a checked config: parameters, moments, bank, problem."""

    def __init__(self, config, early=False):
        self.asked, self.began = config.experiment, time.monotonic()
        self.parameters = priors.read(self.asked["free"], chosen(self.asked))
        fitted = read_calibrated(config.resolved["calibrated"], config.city, [])
        self.config = varied(config, priors.left_behind(fitted, self.parameters, config.params))
        self.moments = targets.read(self.config)
        if early:
            self.moments = targets.known_by_2021(self.moments)
        self.bank = banks.Bank(
            banks.City(self.config, self.parameters, self.moments),
            Path(self.asked["output"]) / "bank",
            self.asked["workers"],
        )
        self.output = Path(self.asked["output"])

    def at_scale(self, scale):
        """A bank of the same parameters at another scale."""
        return banks.Bank(
            banks.City(self.config.one_run(scale=scale), self.parameters, self.moments),
            self.output / "bank",
            self.asked["workers"],
        )

    def start(self):
        """Where a fit begins: the values of the mechanisms, or with warm=true those fitted before."""
        if not self.asked["warm"]:
            return priors.start(self.parameters)
        if not (self.config.city.folder / CALIBRATED).exists():
            raise ConfigError([f"warm=true: {self.config.city.name} has no {CALIBRATED} to start from"])
        return np.array(
            [p.cube(min(max(priors.held(p.name, self.config.params), p.low), p.high)) for p in self.parameters]
        )

    def u(self, points, seeds, title, bank=None):
        """All metrics in units of tolerance, NaN where there is none."""
        return self.moments.scaled((bank or self.bank).run(points, seeds, title))

    def replicates(self, point, bank=None, seeds=None, title="replicates"):
        """u of the same point with many seeds."""
        seeds = LUCK + np.arange(seeds or self.asked["replicates"])
        return self.u(np.repeat(point[None], len(seeds), axis=0), seeds, title, bank)

    @property
    def corrects(self):
        """Whether runs at full size correct those at the scale simulated."""
        return self.asked["full_seeds"] > 0 and self.config.scale < 1

    def whole_city(self, point):
        """(bias, calm) of all metrics, from `full_seeds` seeds:

        u at full size less u at the scale simulated, and its standard deviation over seeds there over that here.
        """
        count = self.asked["full_seeds"]
        full = filled(self.replicates(point, self.at_scale(1.0), count, "runs at full size"))
        part = filled(self.replicates(point, None, max(count, self.asked["replicates"]), "replicates"))
        calm = np.ones(full.shape[1])  # one run at full size has no spread
        if count > 1:
            there, here = full.std(axis=0, ddof=1), part.std(axis=0, ddof=1)
            np.divide(there, here, out=calm, where=here > 0)
        return np.clip(full.mean(axis=0) - part.mean(axis=0), -10, 10), calm

    def bias(self, point):
        """The bias of the scale simulated at a point, zero where it is not measured."""
        return self.whole_city(point)[0] if self.corrects else np.zeros(len(self.moments.rows))

    def problem(self, corrected=True):
        """The Problem of the fitted targets that a run at the start has numbers for; without `corrected` it is that of
        a city of the size simulated.
        """
        point, corrected = self.start(), corrected and self.corrects
        sample = self.replicates(point)
        seen = self.moments.fitted & (np.isfinite(sample).mean(axis=0) > 0.5)
        self.unseen = [
            name
            for name, fitted, there in zip(self.moments.ids, self.moments.fitted, seen, strict=True)
            if fitted and not there
        ]
        if not seen.any():
            raise ConfigError(
                [f"targets={shown(self.config.targets)}: a run of this city has a number for none of them"]
            )
        self.places = np.flatnonzero(seen)
        bias, calm = (each[self.places] for each in self.whole_city(point)) if corrected else (None, None)
        return Problem(
            names=[p.name for p in self.parameters],
            ids=[self.moments.ids[i] for i in self.places],
            simulate=lambda points, seeds, title: filled(self.u(points, seeds, title)[:, self.places]),
            start=point,
            weight=self.moments.weight[self.places],
            noise=filled(sample)[:, self.places].std(axis=0, ddof=1),
            bias=bias,
            calm=calm,
            remeasure=(lambda there: self.bias(there)[self.places]) if corrected else None,
        )

    def settings(self, engine):
        """The engine's settings of the config; a warm start looks around it only."""
        kind = engine.Settings
        given = {key: self.asked[key] for key in kind._fields if key in self.asked}
        if self.asked["warm"] and "around" in kind._fields:
            given |= {"prior": 0} | {key: max(1, self.asked[key] // 2) for key in ("batches", "rounds")}
        return kind(**given)

    def prior_bank(self):
        """(points, u of all metrics) of the design over the prior, the same for all tasks."""
        size = max(self.asked["prior"], 2)
        points = banks.design(len(self.parameters), size)
        return points, self.u(points, search.SEED_OF_DESIGN + np.arange(size), "runs of the design")

    def folder(self, task):
        """The folder of a task; what a task wrote before is replaced file by file."""
        place = self.output / task
        with refusals_told(place):
            place.mkdir(parents=True, exist_ok=True)
        return place

    def facts(self, **more):
        """What computed a task: for its json."""
        return {
            "city": self.config.city.name,
            "targets": self.config.targets,
            "scale": self.config.scale,
            "bank": self.bank.model.identity,
            "premises": self.bank.model.about["premises"],
            "command": command_line(),
            "date": time.strftime("%Y-%m-%d"),
            "runs": self.bank.runs,
            "runs_kept_before": self.bank.hits,
            "seconds": round(time.monotonic() - self.began, 1),
            "workers": self.bank.workers,
            **more,
        }


# ---------------------------------------------------------------- the verb


def command(config):
    """The verb: one task, its folder, a screen."""
    from sim.calibration import feasibility, identification, predictive, scale, sensitivity

    announce_compilation()
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", str(os.cpu_count() or 1))
    task = config.experiment["task"]
    tasks = {
        "fit": fit,
        "recovery": recover,
        "scale": scale.task,
        "screen": sensitivity.screen,
        "identification": identification.task,
        "feasibility": feasibility.task,
        "predictive": predictive.task,
        "out_of_time": predictive.out_of_time,
        "sensitivity": sensitivity.task,
    }
    folder = tasks[task](Study(config, early=task == "out_of_time"))
    print(f"\nin {folder}")
    return folder


def run_engine(study, problem):
    """The Fit of the engine asked for."""
    engine = ENGINES[study.asked["engine"]]
    return engine.fit(problem, study.settings(engine), study.asked["draws"])


def fit(study):
    """Fit, and write the point that runs of the city use."""
    problem = study.problem()
    found = run_engine(study, problem)
    folder = study.folder("fit")
    problem.broken = float(np.mean(study.bank.kept()[3] != ""))
    facts = fit_files.about(
        study.config, study.asked, problem, found, study.bank, time.monotonic() - study.began, command_line()
    )
    goal = study.config.city.folder / CALIBRATED
    with refusals_told(goal.parent):
        table = fit_files.write(study.config, study.parameters, found, facts, folder, goal)
    sample = study.replicates(found.point)
    fits = fit_table(study, problem, sample)
    from sim.runs.folders import write_csv

    write_csv(folder / "fit.csv", fits)
    draw(folder, {"dots": fits.assign(u=fits["u_full"]), "pairs": pairs(study, found)})
    print(screen(study, problem, found, table, fits))
    print(f"\n{goal}: used by `sim` from now on")
    return folder


def fit_table(study, problem, sample):
    """One row a metric of the chosen targets at the fitted point:

    simulated, low, high, u at this scale and with the bias of scale added.
    """
    rows = study.moments.rows.assign(fitted=study.moments.fitted)
    mean = filled(sample).mean(axis=0)
    bias = np.zeros(len(rows))
    bias[study.places] = problem.bias
    rows = rows.assign(
        u=mean,
        spread=filled(sample).std(axis=0, ddof=1),
        bias_of_scale=bias,
        u_full=mean + bias,
        simulated=study.moments.natural(mean + bias),
    )
    return rows.loc[
        rows.index[study.places],
        [
            "id",
            "targets",
            "quantity",
            "unit",
            "value",
            "low",
            "high",
            "simulated",
            "u",
            "spread",
            "bias_of_scale",
            "u_full",
            "weight",
        ],
    ].assign(inside=lambda t: t["u_full"].abs() <= 1)


def pairs(study, found):
    """Draws of the identified parameters, at most six: those that the targets say most of."""
    order = np.argsort(np.asarray(found.table["over_prior"]), kind="stable")[:6]
    import pandas as pd

    return pd.DataFrame(
        {study.parameters[i].name: [study.parameters[i].value(x) for x in found.draws[:, i]] for i in sorted(order)}
    )


def recover(study):
    """Recovery and ranks."""
    from sim.calibration import recovery
    from sim.runs.folders import write_csv

    problem = study.problem(corrected=False)
    points, u = study.prior_bank()
    u = filled(u[:, study.places])
    found = recovery.ranks(problem, points, u, study.settings(posterior)).round(4)
    tests = recovery.uniformity(found)
    truths = int(tests["truths"].iloc[0])
    searched = recovery.points_found(problem, points, u, study.asked["truths"])
    folder = study.folder("recovery")
    tables = {"ranks": found, "uniformity": tests, "power": recovery.power(truths), "search": searched}
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    rejected = (tests["p_value"] < recovery.LEVEL).sum()
    said = f"{truths} truths, {len(tests)} parameters: ranks not uniform at 5% for {rejected}, mean coverage of 90% intervals {tests['covered_90'].mean():.3f}"
    write_json(folder / "about.json", study.facts(summary=said))
    draw(folder, {"recovery": found, "ranks": found[["parameter", "rank"]]})
    print(said)
    return folder


def draw(folder, tables):
    """Figures of the tables by name, into `folder/figures`."""
    from sim.plots import calibration

    calibration.draw(folder, tables)


def screen(study, problem, found, table, fits):
    """What came of a fit: the screen."""
    inside, judged = int(fits["inside"].sum()), len(fits)
    lines = [
        f"{study.config.city.name}, scale {study.config.scale:g}, engine {study.asked['engine']}: {inside} of {judged} fitted targets inside their bands",
        "",
    ]
    lines += [f"{'target':34}{'simulated':>12}{'band':>20}{'tolerances':>12}"]
    for row in fits.itertuples():
        mark = "" if row.inside else "  *"
        lines.append(
            f"{row.id:34}{row.simulated:>12.4g}{f'{row.low:.4g} to {row.high:.4g}':>20}{row.u_full:>12.2f}{mark}"
        )
    lines += ["", f"{'parameter':34}{'value':>12}{'of its yaml':>12}{'s.e./prior':>12}"]
    for row in table.itertuples():
        lines.append(
            f"{row.parameter:34}{row.value:>12.4g}{row.start:>12.4g}{row.over_prior:>12.2f}{'' if row.identified else '  not identified'}"
        )
    if "j" in found.about:
        lines += [
            "",
            f"J = {found.about['j']:.1f} on {found.about['degrees_of_freedom']} degrees of freedom, p = {found.about['p_value']:.3g}",
        ]
    if study.unseen:
        lines += [f"Not seen at this scale or in this city: {', '.join(study.unseen)}"]
    spent = time.monotonic() - study.began
    lines += [
        f"{study.bank.runs} runs ({study.bank.hits} kept before), {duration(spent)}, {duration(study.bank.seconds)} of processor time in runs"
    ]
    return "\n".join(lines)
