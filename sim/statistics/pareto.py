"""The search of a Pareto front within a budget: a kept library's NSGA-II that proposes, and a function that judges."""

import warnings
from typing import NamedTuple

import numpy as np


class Space(NamedTuple):
    """The points that may be tried: sizes from 0 to `highest` (n) in steps of `step`; the search begins with the sizes
    `first` (at most a generation, n each).
    """

    highest: np.ndarray
    step: float
    first: list


def search(judge, goals, space, budget, population, generations, seed):
    """All points tried, (sizes (points, n), values (points, 1 + goals)), which `seed` decides as long as `judge`
    repeats itself.

    `judge` turns sizes (m, n) into values (m, 1 + goals): first a cost, to be low and at most `budget`, then goals,
    to be high. Non-dominated sorting genetic algorithm II (Deb et al. 2002) of optuna; points above the budget lose
    against those below. A generation of `population` points is judged together, in processes side by side.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # optuna calls constraints experimental
        sampler = optuna.samplers.NSGAIISampler(
            population_size=population, seed=seed % 2**32, constraints_func=lambda trial: (trial.user_attrs["above"],)
        )
    study = optuna.create_study(directions=["minimize", *["maximize"] * goals], sampler=sampler)
    highest = {f"size_{i}": float(high) for i, high in enumerate(space.highest)}
    for sizes in space.first:
        study.enqueue_trial(dict(zip(highest, map(float, sizes), strict=True)))
    tried, values = [], []
    for _ in range(generations):
        trials = [study.ask() for _ in range(population)]
        sizes = np.array(
            [
                [trial.suggest_float(name, 0.0, high, step=space.step) for name, high in highest.items()]
                for trial in trials
            ]
        )
        judged = judge(sizes)
        for trial, row in zip(trials, judged, strict=True):
            trial.set_user_attr("above", float(row[0] - budget))
            study.tell(trial, np.nan_to_num(row, nan=-np.inf).tolist())  # what cannot be computed is never best
        tried.append(sizes)
        values.append(judged)
    return np.concatenate(tried), np.concatenate(values)


def front(values, budget):
    """Indices of the points within the budget that no other such point dominates, cheapest first; `values` as in
    `search`.

    Of equal points the first is kept. Points without a value are left out. (A study's own `best_trials` lists equal
    points all, and knows nothing of values that were computed outside of the search.)
    """
    within = np.flatnonzero((values[:, 0] <= budget) & ~np.isnan(values).any(axis=1))
    low = np.column_stack([values[within, 0], -values[within, 1:]])  # all to be low

    def dominated(i):
        no_worse = (low <= low[i]).all(axis=1)
        return (no_worse & (low < low[i]).any(axis=1)).any() or no_worse[:i].any()

    return sorted((int(within[i]) for i in range(len(within)) if not dominated(i)), key=lambda i: values[i, 0])
