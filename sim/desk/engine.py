"""The process that computes for one desk: pair after pair, each said when it is there, until another is asked for.

`Engine.ask` gives a process of its own what to compute; what it sends comes to `heard`, called in a thread of this
process. A pair of runs that is under way when something else is asked is finished and kept, and nobody hears of it.
"""

import multiprocessing
import threading
import traceback
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.observables.outcomes import OUTCOMES, WINDOW, Reduced
from sim.report import verdict
from sim.runs import arms
from sim.settings.refusals import ConfigError
from sim.statistics import intervals
from sim.verbs import compare

SHOWN = (1, 2, 3, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20)  # numbers of pairs after which all is computed anew
MORE = 10  # pairs beyond these
BAND = 5, 95  # percentiles: 18 of 20 runs
OVER = {outcome.name: outcome for outcome in OUTCOMES}


class Asked(NamedTuple):
    """What is computed: two Configs, what a comparison says of them, seeds `first` to `first + pairs - 1`."""

    number: int
    policy: object
    against: object
    about: dict
    first: int
    pairs: int
    store: str


class Heard(NamedTuple):
    """What has come of it after so many pairs: `found` are the tables of the comparison, `lines` its courses, `places`
    change by quarter and district; or what went wrong.
    """

    number: int
    pairs: int
    of: int
    found: dict | None = None
    lines: dict | None = None
    places: pd.DataFrame | None = None
    failed: str = ""


class Engine:
    """A process that computes what was asked last."""

    def __init__(self, heard):
        context = multiprocessing.get_context("spawn")
        self.heard, self.latest = heard, context.Value("q", 0)
        self.ours, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, self.latest), daemon=True)
        self.process.start()
        theirs.close()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, pair, about, first, pairs, store):
        """Compute a Pair; what was asked before is left."""
        with self.latest.get_lock():
            self.latest.value += 1
            number = self.latest.value
        self.ours.send(Asked(number, pair.policy, pair.against, about, first, pairs, store))

    def cancel(self):
        """Leave what was asked."""
        with self.latest.get_lock():
            self.latest.value += 1

    def close(self):
        """End the process."""
        self.cancel()
        try:
            self.ours.send(None)
        except OSError:  # it has ended
            pass

    def _listen(self):
        while True:
            try:
                said = self.ours.recv()
            except (EOFError, OSError):
                return
            if said.number == self.latest.value:
                self.heard(said)


# ---------------------------------------------------------------- in the process


def _work(pipe, latest):
    while True:
        try:
            asked = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        if asked is None:
            return
        if asked.number != latest.value:
            continue
        try:
            for said in _computed(asked, lambda number=asked.number: number == latest.value):
                pipe.send(said)
        except (BrokenPipeError, KeyboardInterrupt):
            return
        except ConfigError as error:
            pipe.send(Heard(asked.number, 0, asked.pairs, failed="; ".join(error.problems)))
        except Exception as error:  # the desk says it, and goes on
            traceback.print_exc()
            pipe.send(Heard(asked.number, 0, asked.pairs, failed=f"{type(error).__name__}: {error}"))


def _computed(asked, wanted):
    """Yields a Heard after each pair while it is `wanted`."""
    ours, theirs = [], []
    for pair in range(1, asked.pairs + 1):
        configs = [arms.with_seed(one, asked.first + pair - 1) for one in (asked.policy, asked.against)]
        for arm, config in zip((ours, theirs), configs, strict=True):
            if not wanted():
                return
            arm.append(arms.run([config], asked.store, 1)[0])
        if not wanted():
            return
        whole = pair in SHOWN or pair == asked.pairs or pair > SHOWN[-1] and pair % MORE == 0
        if not whole:
            yield Heard(asked.number, pair, asked.pairs)
            continue
        about = asked.about | {"runs": pair}
        comparison = compare.assess(*([Reduced(run.entry) for run in arm] for arm in (ours, theirs)), about)
        found = {"about": comparison.about, **comparison.tables}
        yield Heard(asked.number, pair, asked.pairs, found, _lines(ours, theirs), _places(ours, theirs))


def _lines(ours, theirs):
    """Outcome -> (quarters, of both arms the mean and the ends of the band): flows over four quarters."""
    found = {}
    frames = [[run.quarterly() for run in arm] for arm in (ours, theirs)]
    for name in verdict.MAIN:
        drawn = []
        for arm in frames:
            values = pd.DataFrame([frame[name] for frame in arm])
            if OVER[name].over == WINDOW and OVER[name].per is None:
                values = values.T.rolling(4).sum().T
            low, high = np.nanpercentile(values, BAND, axis=0) if len(arm) > 1 else (values.to_numpy()[0] * np.nan,) * 2
            drawn.append((values.mean().tolist(), low.tolist(), high.tolist()))
        found[name] = (list(frames[0][0].index), *drawn)
    return found


def _places(ours, theirs):
    """A row a quarter and district: change of what the map shows, in percent of the level without, and its interval."""
    frames = [
        [run.districts.pivot(index="quarter", columns="district", values=verdict.JUDGED_BY) for run in arm]
        for arm in (ours, theirs)
    ]
    both, table = np.array(frames), frames[0][0]
    rows = []
    level = both[1].mean(axis=0)
    differences = both[0] - both[1]
    for i, quarter in enumerate(table.index):
        for k, district in enumerate(table.columns):
            mean = intervals.mean(differences[:, i, k])
            rows.append(
                (quarter, district, 100 * mean.value / level[i, k] if level[i, k] else np.nan, mean.low, mean.high)
            )
    return pd.DataFrame(rows, columns=["quarter", "district", "percent", "low", "high"])
