"""The search of a Pareto front within a budget: a kept library's NSGA-II that proposes, and a function that judges."""

import warnings

import numpy as np


def search(judge, goals, highest, step, budget, first, population, generations, seed):
    """All points tried: (sizes (points, n), values (points, 1 + goals)), which `seed` decides as long as `judge`
    repeats itself.

    `judge` turns sizes (m, n) into values (m, 1 + goals): first a cost, to be low and at most `budget`, then goals,
    to be high. Sizes go from 0 to `highest` (n) in steps of `step` (n); the first generation begins with the sizes
    `first`. Non-dominated sorting genetic algorithm II (Deb et al. 2002) of optuna; points above the budget lose
    against those below.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # optuna calls constraints experimental
        sampler = optuna.samplers.NSGAIISampler(
            population_size=population, seed=seed % 2**32, constraints_func=lambda trial: (trial.user_attrs["above"],)
        )
    study = optuna.create_study(directions=["minimize", *["maximize"] * goals], sampler=sampler)
    names = [f"size_{i}" for i in range(len(highest))]
    for sizes in first:
        study.enqueue_trial(dict(zip(names, map(float, sizes), strict=True)))
    tried, values = [], []
    for _ in range(generations):
        trials = [study.ask() for _ in range(population)]  # a generation is judged together, in processes side by side
        sizes = np.array(
            [
                [
                    trial.suggest_float(name, 0.0, float(high), step=float(width))
                    for name, high, width in zip(names, highest, step, strict=True)
                ]
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
    """Indices of the points within the budget that no other such point beats, cheapest first; `values` as in `search`.

    Of equal points the first is kept.
    """
    within = np.flatnonzero((values[:, 0] <= budget) & ~np.isnan(values).any(axis=1))
    low = np.column_stack([values[:, 0], -values[:, 1:]])  # all to be low
    kept = []
    for i in within:
        others = low[within]
        better = (others <= low[i]).all(axis=1) & (others < low[i]).any(axis=1)
        same = (others == low[i]).all(axis=1) & (within < i)
        if not (better | same).any():
            kept.append(int(i))
    return sorted(kept, key=lambda i: values[i, 0])
