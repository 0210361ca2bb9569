"""Simulations kept under the fingerprint of what decides them, so that none is computed twice.

A request is a list of points of the unit cube and a seed each. It is cut into batches, and each batch is a file
named by the digest of its points and seeds, written whole when it is done. A killed program asks again for the
same and gets the same bits; a longer design of the same sequence computes only what is new.
"""

import hashlib
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.calibration import moments as targets
from sim.calibration import priors
from sim.runs.fingerprint import decisive, premises
from sim.runs.folders import arriving, refusals_told, write_json
from sim.runs.processes import deaths_told
from sim.runs.progress import Progress

BATCH = 24  # runs between checkpoints
SCHEMA = 1  # of a batch; raised when what is kept of it changes


class Bank:
    """`Bank(model, folder, workers)`; `model(points, seeds)` gives an array (runs, metrics), `identity` tells banks
    apart.
    """

    def __init__(self, model, folder, workers=None):
        self.model, self.folder = model, Path(folder) / model.identity
        self.workers = workers or os.cpu_count()
        self.runs = self.hits = 0
        self.seconds = 0.0  # of processor time, in runs computed here

    def run(self, points, seeds, title="runs"):
        """Metrics (runs, metrics) at `points` (runs, parameters) with `seeds` (runs)."""
        points, seeds = np.ascontiguousarray(points, np.float64), np.ascontiguousarray(seeds, np.int64)
        cuts = [slice(low, low + BATCH) for low in range(0, len(points), BATCH)]
        places = [self.folder / f"{digest(points[cut], seeds[cut])}.npz" for cut in cuts]
        missing = sum(len(seeds[cut]) for cut, place in zip(cuts, places, strict=True) if not place.exists())
        self.hits += len(seeds) - missing
        with refusals_told(self.folder), Progress(missing, title) as progress:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / "bank.json").exists():
                write_json(self.folder / "bank.json", self.model.about | {"schema": SCHEMA})
            return np.concatenate(
                [self._batch(points[cut], seeds[cut], place, progress) for cut, place in zip(cuts, places, strict=True)]
            )

    def _batch(self, points, seeds, place, progress):
        if place.exists():
            with np.load(place, allow_pickle=False) as kept:
                return kept["values"]
        from joblib import Parallel, delayed, parallel_config

        workers = min(self.workers, len(seeds))
        values, errors = [], []
        with deaths_told(), parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1):
            tasks = (delayed(timed)(self.model, point, int(seed)) for point, seed in zip(points, seeds, strict=True))
            for value, error, seconds in (
                Parallel(return_as="generator")(tasks) if workers > 1 else (f(*a) for f, a, _ in tasks)
            ):
                values.append(value)
                errors.append(error)
                self.seconds += seconds
                progress.advance()
        with arriving(place) as temporary, open(temporary, "wb") as file:
            np.savez(file, points=points, seeds=seeds, values=np.array(values), errors=np.array(errors, dtype=str))
        self.runs += len(seeds)
        return np.array(values)

    def kept(self):
        """(points, seeds, values, errors) of all batches, in the order of their names."""
        parts = []
        for place in sorted(self.folder.glob("*.npz")):
            with np.load(place, allow_pickle=False) as file:
                parts.append([file[name] for name in ("points", "seeds", "values", "errors")])
        return [np.concatenate(part) for part in zip(*parts, strict=True)] if parts else [np.zeros((0, 0))] * 4


def timed(model, point, seed):
    """(metrics, what went wrong, seconds of processor time) of a run."""
    began = time.process_time()
    return *model(point, seed), time.process_time() - began


def digest(points, seeds):
    return hashlib.sha256(points.tobytes() + seeds.tobytes()).hexdigest()[:24]


def design(dimensions, size, seed=0):
    """The first `size` points of a scrambled Sobol sequence; a longer design begins with a shorter one."""
    from scipy.stats import qmc

    power = max(1, (max(size, 1) - 1).bit_length())
    return qmc.Sobol(dimensions, seed=seed).random_base2(power)[:size]


class City:
    """The model of the city: (point of the unit cube, seed) -> (metrics, what went wrong or the empty text).

    A run that raises has no metrics (NaN) and its message; extreme parameters may break a city, and the bank says
    how often.
    """

    def __init__(self, config, parameters, moments):
        self.config, self.parameters, self.moments = config, parameters, moments
        free = {p.name for p in parameters}
        rest = {
            name: {
                key: value
                for key, value in values.items()
                if not any(one == f"{name}.{key}" or one.startswith(f"{name}.{key}.") for one in free)
            }
            for name, values in config.resolved["mechanism"].items()
        }
        lists = {}  # of which some places are free, and the others are not
        for mechanism, key, place in (p.name.split(".") for p in parameters if p.name.count(".") > 1):
            lists.setdefault(f"{mechanism}.{key}", list(getattr(config.params[mechanism], key)))[int(place)] = None
        settled = {
            key: value
            for key, value in decisive(config.resolved).items()
            if key not in ("seed", "mechanism", "targets")
        }
        rows = moments.rows[["id", "operator", "observed", "low", "high", "unit", "district"]].to_csv(index=False)
        self.about = {
            "premises": premises(replace(config, targets=[])),
            "settled": settled,
            "fixed": rest,
            "free": [list(p) for p in parameters],
        }
        text = json.dumps([self.about, lists, rows, SCHEMA], sort_keys=True, default=str)
        self.identity = hashlib.sha256(text.encode()).hexdigest()[:20]

    def __call__(self, point, seed):
        from sim.model.ecosystem import Ecosystem

        theta = priors.values(self.parameters, point)
        config = replace(self.config, params=priors.replaced(self.config.params, theta), seed=seed, threads=1)
        try:
            model = Ecosystem(config)
            while model.quarter <= config.end:
                model.step()
            return self.read(model), ""
        except (ArithmeticError, ValueError, IndexError) as error:
            return np.full(self.width, np.nan), f"{type(error).__name__}: {error}"[:200]

    @property
    def width(self):
        """Number of metrics."""
        return len(self.moments.rows)

    def read(self, model):
        """The metrics of a run that has ended."""
        return targets.observed(model.panels.tables(), self.moments, self.config.city)
