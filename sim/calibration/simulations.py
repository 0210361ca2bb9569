"""Simulations kept under the fingerprint of what decides them, so that none is computed twice.

A request is a list of points of the unit cube and a seed each. It is cut into batches, and each batch is a file
named by the digest of its points and seeds, written whole when it is done. A killed program asks again for the
same and gets the same bits; a longer design of the same sequence computes only what is new. Points are rounded
before they name anything, as the last bits of a proposal are not the same on every processor.
"""

import hashlib
import io
import json
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from sim.calibration import priors
from sim.calibration.moments import observed
from sim.runs import launchers
from sim.runs import store as entries
from sim.runs.arms import Edited
from sim.runs.fingerprint import decisive, ground, premises
from sim.runs.folders import refusals_told, write_json
from sim.runs.processes import as_done
from sim.runs.progress import Progress
from sim.settings.refusals import shown

BATCH = 24  # runs between checkpoints
SCHEMA = 2  # of a batch; raised when what is kept of it changes


def not_here(tree):
    """What is wrong with keys of a run that have no place in simulations that are kept, as sentences."""
    return [
        f"{key}={shown(tree[key])}: these runs start anew and have one thread each"
        for key in ("resume", "threads", "checkpoint_quarters")
        if tree.get(key) not in (None, 0, 1)
    ]


class Store:
    """The simulations of one simulator, in the folder `folder/<identity of the simulator>`.

    `workers` processes compute what is missing, None is one a core; or the launcher `elsewhere`, whose tasks keep each
    run as a batch of its own until all that were asked for are there.
    """

    def __init__(self, simulator, folder, workers=None, elsewhere=None):
        self.simulator, self.folder = simulator, Path(folder) / simulator.identity
        self.workers, self.elsewhere = workers or os.cpu_count(), elsewhere
        self.computed = 0  # runs, here
        self.spent = {}  # path of a batch asked for here -> seconds of processor time of its runs, whenever computed

    @property
    def runs(self):
        """Number of the runs asked for here, each counted once, whenever they were computed."""
        return sum(map(len, self.spent.values()))

    @property
    def seconds(self):
        """What they took of processor time, in all the attempts that computed them."""
        return sum(map(sum, self.spent.values()))

    def run(self, points, seeds, title="runs"):
        """Metrics (runs, metrics), NaN where there is none, at `points` (runs, parameters) with `seeds` (runs).

        Raises FolderError where the disk refuses, a process is killed, or the sources were changed meanwhile.
        """
        batches, paths = self._batches(points, seeds)
        asked = dict(zip(paths, batches, strict=True))
        silent = not self.simulator.config.progress
        with refusals_told(self.folder):
            missing = entries.missing(asked, self.folder / "damaged", self._whole)
            with Progress(sum(len(asked[path][1]) for path in missing), title, silent=silent) as progress:
                if not (self.folder / "simulator.json").exists():
                    self.folder.mkdir(parents=True, exist_ok=True)
                    write_json(self.folder / "simulator.json", self.simulator.about | {"schema": SCHEMA})
                compute = self._compute if self.elsewhere is None else self._compute_elsewhere
                compute({path: asked[path] for path in missing}, progress)
            kept = {path: self._whole(path) for path in paths}
        self.computed += sum(len(asked[path][1]) for path in missing)
        self.spent |= {path: kept[path].index["seconds"] for path in paths}
        return np.concatenate([_array(kept[path], "values") for path in paths])

    def kept(self, points, seeds):
        """How many of these runs were computed before."""
        return sum(len(batch[1]) for batch, path in zip(*self._batches(points, seeds), strict=True) if path.is_file())

    def _batches(self, points, seeds):
        """(the (points, seeds) of each batch, the file of each)."""
        points, seeds = priors.rounded(points), np.ascontiguousarray(seeds, np.int64)
        batches = [(points[low : low + BATCH], seeds[low : low + BATCH]) for low in range(0, len(points), BATCH)]
        return batches, [self.folder / f"{digest(*batch)}.zip" for batch in batches]

    def _whole(self, path):
        """The entry of a batch, all of it read. Raises as `Entry.whole`, and Damaged where it is of another simulator
        or of other points.
        """
        entry = entries.Entry(path, SCHEMA).whole()
        points, seeds = (_array(entry, name) for name in ("points", "seeds"))
        if (entry.index.get("ground"), digest(points, seeds)) != (self.simulator.ground.hex(), path.stem):
            raise entries.Damaged(f"{path}: holds other runs")
        return entry

    def _compute(self, batches, progress):
        """Simulate `batches` (path -> points and seeds) side by side, and keep each when all of its runs have ended."""
        tasks = [
            ((path, i), (self.simulator, point, int(seed)))
            for path, batch in batches.items()
            for i, (point, seed) in enumerate(zip(*batch, strict=True))
        ]
        done = {path: {} for path in batches}
        for (path, i), run in as_done(min(self.workers, len(tasks)), timed, tasks):
            done[path][i] = run
            progress.advance()
            if len(done[path]) == len(batches[path][1]):
                runs = [done[path][i] for i in range(len(done[path]))]
                _write(path, self.simulator, *batches[path], *zip(*runs, strict=True))

    def _compute_elsewhere(self, batches, progress):
        """Have the runs of `batches` (path -> points and seeds) simulated by the launcher, each kept as a batch of its
        own in the folder `apart` until all are, and keep them together.
        """
        place = self.folder.resolve() / "apart"
        single = {
            path: [
                (place / f"{digest(point, seed)}.zip", point[None], seed[None])
                for point, seed in zip(points, seeds, strict=True)
            ]
            for path, (points, seeds) in batches.items()
        }
        runs = {run[0]: run for those in single.values() for run in those}
        entries.missing(runs, self.folder / "damaged", self._whole)  # what is damaged is out of the way
        do = partial(keep, self.simulator)
        for more in launchers.kept_by(self.elsewhere, self.folder, do, list(runs.values()), _is_kept):
            progress.advance(count=more)
        for path, batch in batches.items():
            kept = [self._whole(run[0]) for run in single[path]]
            values = [_array(entry, "values")[0] for entry in kept]
            errors, seconds = ([entry.index[name][0] for entry in kept] for name in ("errors", "seconds"))
            _write(path, self.simulator, *batch, values, errors, seconds)
        for path in runs:
            path.unlink(missing_ok=True)

    def read_all(self):
        """(points, seeds, values, errors) of all batches, in the order of their names; damaged ones are set aside."""
        paths = sorted(self.folder.glob("[0-9a-f]*.zip"))
        gone = entries.missing(paths, self.folder / "damaged", self._whole)
        kept = [self._whole(path) for path in paths if path not in gone]
        if not kept:
            return [np.zeros((0, 0))] * 4
        arrays = [np.concatenate([_array(entry, name) for entry in kept]) for name in ("points", "seeds", "values")]
        return [*arrays, np.array([error for entry in kept for error in entry.index["errors"]], dtype=str)]


def _array(entry, name):
    return np.load(io.BytesIO(entry.part(f"{name}.npy")), allow_pickle=False)


def _bytes(array):
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()


def _write(path, simulator, points, seeds, values, errors, seconds):
    """Keep a batch."""
    index = {
        "schema": SCHEMA,
        "ground": simulator.ground.hex(),
        "errors": errors,
        "seconds": [round(one, 3) for one in seconds],
    }
    arrays = {"points": points, "seeds": seeds, "values": np.array(values)}
    entries.write(path, index, {f"{name}.npy": _bytes(array) for name, array in arrays.items()})


def keep(simulator, runs):
    """The runs [(path, points, seeds)] of a task, batches of one, without those that were kept meanwhile."""
    for run in runs:
        if not _is_kept(run):
            path, points, seeds = run
            done = timed(simulator, points[0], int(seeds[0]))
            _write(path, simulator, points, seeds, *([one] for one in done))


def _is_kept(run):
    return run[0].exists()


def timed(simulator, point, seed):
    """(metrics, what went wrong, seconds of processor time) of a run. Raises Edited where this process has loaded other
    sources than the one that asks.
    """
    began = time.process_time()
    if ground(simulator.config) != simulator.ground:
        raise Edited("the sources of the model or of a policy were changed while it ran; ask again")
    return *simulator(point, seed), time.process_time() - began


def digest(points, seeds):
    """The name of a batch: 24 hexadecimal digits."""
    return hashlib.sha256(points.tobytes() + seeds.tobytes()).hexdigest()[:24]


def design(dimensions, size, seed=0):
    """The first `size` points (size, dimensions) of a scrambled Sobol sequence of the unit cube; a longer design begins
    with a shorter one.
    """
    from scipy.stats import qmc

    power = max(1, (max(size, 1) - 1).bit_length())
    return priors.rounded(qmc.Sobol(dimensions, seed=seed).random_base2(power)[:size])


class Simulator:
    """The model of the city as a function: (point of the unit cube, seed) -> (metrics, what went wrong or the empty
    text).

    A run that raises has no metrics (NaN) and its message; extreme parameters may break a city, and the store says
    how often. `identity` is the fingerprint of what decides the metrics, without point and seed; `about` is that in
    words.
    """

    def __init__(self, config, parameters, moments):
        self.config, self.parameters, self.moments = config, parameters, moments
        self.ground = ground(config)  # of the code that this process has loaded
        free = {p.name for p in parameters}
        fixed = {
            name: {
                key: value
                for key, value in values.items()
                if not any(one == f"{name}.{key}" or one.startswith(f"{name}.{key}.") for one in free)
            }
            for name, values in config.resolved["mechanism"].items()
        }
        lists = {}  # of which some entries are free, and the others are not
        for mechanism, key, index in (p.name.split(".") for p in parameters if p.name.count(".") > 1):
            lists.setdefault(f"{mechanism}.{key}", list(getattr(config.params[mechanism], key)))[int(index)] = None
        settled = {
            key: value
            for key, value in decisive(config.resolved).items()
            if key not in ("seed", "mechanism", "targets")
        }
        rows = moments.rows[["id", "operator", "observed", "low", "high", "unit", "district"]].to_csv(index=False)
        self.about = {
            "premises": premises(replace(config, targets=[])),
            "settled": settled,
            "fixed": fixed,
            "free": [list(p) for p in parameters],
        }
        text = json.dumps([self.about, lists, rows, SCHEMA, self.ground.hex()], sort_keys=True, default=str)
        self.identity = hashlib.sha256(text.encode()).hexdigest()[:20]

    def __call__(self, point, seed):
        from sim.model.ecosystem import Ecosystem  # loads the compiler, which a refused word need not wait for

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
        return observed(model.panels.tables(), self.moments, self.config.city)
