"""What every task of a calibration needs, from a checked config: parameters, moments, simulations, the objective."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.calibration import moments, posterior, priors, search
from sim.calibration.objective import Objective, filled
from sim.calibration.simulations import Simulator, Store, design
from sim.runs.fingerprint import premises
from sim.runs.folders import now, refusals_told, write_csv, write_json
from sim.runs.launchers import elsewhere
from sim.runs.records import command_line
from sim.settings.config import varied
from sim.settings.parameters import read_calibrated
from sim.settings.refusals import ConfigError, shown
from sim.settings.shapes import CALIBRATED

ENGINES = {"search": search, "posterior": posterior}
SIMULATIONS = "simulations"  # folder of all simulations, below the output of the verb
FIRST_SEED = 1  # of replicates


def ranges(asked):
    """The ranges of the free parameters alone, name -> [low, high]; `asked` are the keys of the verb."""
    return {
        name: list(ends) if isinstance(ends, (list, tuple)) else ends
        for name, ends in asked["ranges"].items()
        if name in asked["free"]
    }


class Study:
    """The pieces that tasks share; points are of the unit cube, u is in half widths of the bands.

    Raises FolderError wherever it simulates or writes and the disk refuses.
    """

    def __init__(self, config):
        self.asked, self.began = config.experiment, time.monotonic()
        self.parameters = priors.read(self.asked["free"], ranges(self.asked))
        fitted = read_calibrated(config.resolved["calibrated"], config.city, [])
        self.config = varied(config, priors.left_behind(fitted, self.parameters, config.params))
        self.moments = moments.without(moments.read(self.config), self.asked["left_out"])
        self.output, self.elsewhere = Path(self.asked["output"]), elsewhere(config.launcher)
        self.stores = []
        self.store = self.store_of(self.simulator())

    # ---------------------------------------------------------------- simulations

    def simulator(self, scale=None):
        """The Simulator of the free parameters, at the scale of the config or another.

        Each quarter is its own norm (`sim.world.reference`). The norms of the point before are those of another city:
        what is fitted against them is no longer the same point when `sim reference` has made norms there.
        """
        config = self.config.one_run(scale=scale or self.config.scale)
        alone = replace(config, city=replace(config.city, reference=None))
        return Simulator(alone, self.parameters, self.moments)

    def store_of(self, simulator):
        """The Store of a simulator, beside those of all tasks; what the task cost is that of all its stores."""
        self.stores.append(Store(simulator, self.output / SIMULATIONS, self.asked["workers"], self.elsewhere))
        return self.stores[-1]

    def store_at(self, scale):
        """The Store of the same parameters at another scale."""
        return self.store_of(self.simulator(scale))

    def u(self, points, seeds, title, store=None):
        """u (runs, metrics) of all metrics, NaN where there is none."""
        return self.moments.scaled((store or self.store).run(points, seeds, title))

    def replicates(self, point, store=None, seeds=None, title="replicates"):
        """u (seeds, metrics) of one point with many seeds; `seeds` is their number."""
        seeds = FIRST_SEED + np.arange(seeds or self.asked["replicates"])
        return self.u(np.repeat(point[None], len(seeds), axis=0), seeds, title, store)

    def prior_design(self):
        """(points, u of all metrics) of the design over the prior, the same for all tasks."""
        size = max(self.asked["prior"], 2)
        points = design(len(self.parameters), size)
        return points, self.u(points, search.SEED_OF_DESIGN + np.arange(size), "runs of the design")

    def all_simulations(self, objective):
        """(points, u of the fitted targets) of all that is kept, the design over the prior among them."""
        self.prior_design()
        points, _, values, _ = self.store.read_all()
        return points, filled(self.moments.scaled(values)[:, objective.columns])

    # ---------------------------------------------------------------- the whole city beside a part of it

    @property
    def corrects(self):
        """Whether runs at full size correct those at the scale simulated."""
        return self.asked["full_seeds"] > 0 and self.config.scale < 1

    def whole_city(self, point):
        """(bias, luck ratio) of all metrics, from `full_seeds` seeds: u at full size less u at the scale simulated,
        and its standard deviation over seeds there over that here.
        """
        count = self.asked["full_seeds"]
        full = filled(self.replicates(point, self.store_at(1.0), count, "runs at full size"))
        part = filled(self.replicates(point, None, max(count, self.asked["replicates"]), "replicates"))
        luck_ratio = np.ones(full.shape[1])  # one run at full size has no spread
        if count > 1:
            spread, spread_of_part = full.std(axis=0, ddof=1), part.std(axis=0, ddof=1)
            np.divide(spread, spread_of_part, out=luck_ratio, where=spread_of_part > 0)
        return np.clip(full.mean(axis=0) - part.mean(axis=0), -10, 10), luck_ratio

    def bias(self, point):
        """The bias (metrics) of the scale simulated at a point, zero where it is not measured."""
        return self.whole_city(point)[0] if self.corrects else np.zeros(len(self.moments.rows))

    # ---------------------------------------------------------------- the fit

    def start(self):
        """Where a fit begins: the values of the mechanisms, or with warm=true those fitted before.

        Raises ConfigError where nothing was fitted before.
        """
        if not self.asked["warm"]:
            return priors.start(self.parameters)
        point = self.config.city.point
        if not (point / CALIBRATED).exists():
            raise ConfigError([f"warm=true: {point.parent.name} has no {point.name}/{CALIBRATED} to start from"])
        return priors.rounded([p.nearest_cube(priors.value_in(self.config.params, p.name)) for p in self.parameters])

    def objective(self, corrected=True):
        """The Objective of the fitted targets that most runs at the start have a number for; without `corrected` it is
        that of a city of the size simulated.

        Raises ConfigError where no target has a number.
        """
        point, corrected = self.start(), corrected and self.corrects
        sample = self.replicates(point)
        columns = np.flatnonzero(self.moments.fitted & (np.isfinite(sample).mean(axis=0) > 0.5))
        if not len(columns):
            raise ConfigError(
                [f"targets={shown(self.config.targets)}: a run of this city has a number for none of them"]
            )
        bias, luck_ratio = (each[columns] for each in self.whole_city(point)) if corrected else (None, None)
        return Objective(
            names=[p.name for p in self.parameters],
            ids=[self.moments.ids[i] for i in columns],
            simulate=lambda points, seeds, title: filled(self.u(points, seeds, title)[:, columns]),
            start=point,
            centre=priors.start(self.parameters),
            weight=self.moments.weight[columns],
            noise=filled(sample)[:, columns].std(axis=0, ddof=1),
            bias=bias,
            luck_ratio=luck_ratio,
            remeasure=(lambda there: self.bias(there)[columns]) if corrected else None,
            columns=columns,
        )

    def settings(self, engine):
        """The Settings of an engine, as the config has them; a warm start looks around it only."""
        names = engine.Settings._fields
        chosen = {key: self.asked[key] for key in names if key in self.asked}
        if self.asked["warm"] and "around" in names:
            chosen |= {"prior": 0} | {key: max(1, self.asked[key] // 2) for key in ("batches", "rounds")}
        return engine.Settings(**chosen)

    def fit(self, objective):
        """The Fit of the engine asked for."""
        engine = ENGINES[self.asked["engine"]]
        return engine.fit(objective, self.settings(engine), self.asked["draws"])

    # ---------------------------------------------------------------- what is left

    def folder(self, task):
        """The folder of a task; what a task wrote before is replaced file by file."""
        folder = self.output / task
        with refusals_told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(self, task, tables, summary, figures=(), **facts):
        """Leave what a task found, print its summary and return its folder.

        `tables` maps names to frames, `figures` names of figures to the frames they draw; `facts` go into about.json.
        """
        folder = self.folder(task)
        for name, table in tables.items():
            write_csv(folder / f"{name}.csv", table)
        write_json(folder / "about.json", self.facts(summary=summary, **facts))
        draw(folder, figures)
        print(summary)
        return folder

    def facts(self, **more):
        """What computed a task, a plain dict for its json; runs and their time are of all attempts together."""
        spent = {path: seconds for store in self.stores for path, seconds in store.spent.items()}
        runs = sum(map(len, spent.values()))
        return {
            "city": self.config.city.name,
            "targets": self.config.targets,
            "scale": self.config.scale,
            "simulations": self.store.simulator.identity,
            "premises": premises(self.config),
            "command": command_line(),
            "date": now()[:10],
            "runs": runs,
            "runs_kept_before": runs - sum(store.computed for store in self.stores),
            "seconds": round(time.monotonic() - self.began, 1),
            "processor_seconds_in_runs": round(sum(map(sum, spent.values())), 1),
            "workers": self.store.workers,
            **more,
        }


def draw(folder, figures):
    """Draw each of `figures` (name -> frame) into `folder/figures`."""
    if figures:
        from sim.plots import calibration as plots  # loads Matplotlib, which a refused word need not wait for

        plots.draw(folder, figures)
