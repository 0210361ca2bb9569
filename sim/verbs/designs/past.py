"""What a run remembers of its startups by quarter: when each raised, from whom, how much, and whether it lived.

A firm is found by its identity, which is the same in both arms; quarters count from the first of the run.
"""

import numpy as np
import pandas as pd

from sim.world.calendar import quarter_of

NEVER = 1 << 30  # a quarter that does not come
MILLION = 1e6


class Past:
    """The startups of one run: `born`, `ended`, `sector` by row, and rounds by row and quarter."""

    def __init__(self, run):
        startups = run.startups.drop_duplicates("startup_id").sort_values("startup_id", ignore_index=True)
        self.ids = startups["startup_id"].to_numpy(np.int64)
        self.first, self.quarters = quarter_of(run.panel["quarter"].iloc[0]), len(run.panel)
        self.born = ordinals(startups["born"]) - self.first
        self.ended = ordinals(startups["ended"]) - self.first
        self.life = startups["life"].to_numpy()
        self.sector = startups["sector"].astype(str).to_numpy()
        rounds = run.rounds
        self._row, self._when = self.rows(rounds["startup_id"]), ordinals(rounds["quarter"]) - self.first
        by_fund = (rounds["investor"] == "fund").to_numpy()
        amounts = rounds["amount_cny"].to_numpy(float) / MILLION
        keys = rounds.groupby(["startup_id", "round"], sort=False).ngroup().to_numpy()
        new = np.zeros(len(rounds), bool)
        new[np.unique(keys, return_index=True)[1]] = True
        self.any = self._summed(new)
        self.fund = self._summed(by_fund) > 0
        self.amount = self._summed(amounts, np.float32)
        before = self._when < 0
        self.earlier = np.bincount(self._row[before & new], minlength=len(self.ids))  # rounds before the run began

    def rows(self, startup_ids):
        """Row of each identity, -1 where this run has no such firm."""
        wanted = np.asarray(startup_ids, np.int64)
        if not len(self.ids):
            return np.full(len(wanted), -1)
        at = np.searchsorted(self.ids, wanted).clip(max=len(self.ids) - 1)
        return np.where(self.ids[at] == wanted, at, -1)

    def _summed(self, values, kind=np.int16):
        table = np.zeros((len(self.ids), self.quarters), kind)
        inside = (self._when >= 0) & (self._when < self.quarters) & (self._row >= 0)
        np.add.at(table, (self._row[inside], self._when[inside]), np.asarray(values)[inside])
        return table

    def window(self, name, rows, first, length):
        """Sums of a table (`any`, `fund`, `amount`) over `length` quarters from `first` on, both by row; NaN without a
        firm.
        """
        table = getattr(self, name)
        sums = np.concatenate([np.zeros((len(table), 1)), np.cumsum(table, axis=1, dtype=float)], axis=1)
        low, high = (np.clip(end, 0, self.quarters) for end in (first, first + length))
        values = sums[rows, high] - sums[rows, low] if len(table) else np.zeros(len(rows))
        return np.where(rows >= 0, values, np.nan)

    def before(self, rows, quarters):
        """Rounds of each firm before a quarter."""
        return np.where(rows >= 0, self.earlier[rows], 0) + self.window("any", rows, 0 * quarters, quarters)

    def alive(self, rows, quarters):
        """Whether each firm lives, or has listed or was sold, in a quarter; NaN without a firm."""
        good = np.isin(self.life[rows], ["listed", "acquired"])
        return np.where(rows >= 0, (self.ended[rows] > quarters) | good, np.nan)


def scored(run, policy):
    """Applications of startups to a policy of which its score, or too few places for it, decided."""
    rows = run.applications
    answered = rows["answer"].isin(["admitted", "score", "places"])
    return rows[answered & (rows["policy"] == policy) & (rows["startup_id"] >= 0)]


def midpoint(rows):
    """Between the last admitted and the first refused of the competition of each application."""
    return (rows["worst_admitted"] + rows["best_refused"]) / 2


def ordinals(quarters):
    """Texts of quarters as the model counts them, NEVER where there is none."""
    known = pd.Series(quarters).astype(object)
    codes, texts = pd.factorize(known)
    numbers = np.array([*(quarter_of(text) for text in texts), NEVER], np.int64)
    return numbers[codes]


def one_past(past, twin, startup_ids, quarters):
    """Whether firms exist in both runs and raised in the same quarters before `quarters`, bool."""
    ours, theirs = past.rows(startup_ids), twin.rows(startup_ids)
    same = (ours >= 0) & (theirs >= 0)
    for i in np.flatnonzero(same):
        until = quarters[i]
        same[i] = (
            past.earlier[ours[i]] == twin.earlier[theirs[i]]
            and (past.any[ours[i], :until] == twin.any[theirs[i], :until]).all()
        )
    return same
