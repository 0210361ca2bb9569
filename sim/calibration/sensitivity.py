"""Sensitivity: Morris on simulations, Sobol on the emulator, and policy effects to parameters. SALib's methods.

Morris' mu* and sigma are in half widths of each target's band over the whole prior; Sobol's indices are those of the
squeezed targets under the uniform prior. Effects of policies are paired differences at points of the prior.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration import priors
from sim.calibration.emulator import Trend, explained, squeezed
from sim.calibration.objective import filled
from sim.calibration.policy_effects import Outcomes
from sim.calibration.simulations import Simulator, design
from sim.settings.config import load_tree

TRAJECTORIES = 8
SAMPLES = 512  # base sample of Sobol's method, on the emulator
LEAST_EXPLAINED = 0.3  # of a metric's variance, below which its indices are not given
LEAST_POINTS = 10  # below which nothing is said of an effect
FIRST_SEED = 400_000
COLUMNS = ["policy", "outcome", "parameter", "rank_correlation", "p_value", "beyond_chance", "mean_effect"]
WATCHED = ("startups_founded", "startups_alive", "vc_raised_cny", "startup_jobs", "returnees")


def screen(study):
    """Morris over the prior of the free parameters, and near the values of all others: which move the targets at all.
    Returns the folder.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    parameters = [*study.parameters, *priors.fixed(study.parameters, study.config.params)]
    cube = unit_cube(parameters)
    points = sampling.sample(cube, TRAJECTORIES, num_levels=6, seed=1)
    store = study.store_of(Simulator(study.config, parameters, study.moments))
    u = filled(study.u(points, np.full(len(points), 1), "runs of trajectories", store))
    rows = []
    for i in np.flatnonzero(study.moments.fitted):
        effects = analysis.analyze(cube, points, squeezed(u[:, i]), num_levels=6, seed=1)
        rows += [
            {"target": study.moments.ids[i], "parameter": name, "mu_star": m, "sigma": s}
            for name, m, s in zip(cube["names"], effects["mu_star"], effects["sigma"], strict=True)
        ]
    table = pd.DataFrame(rows)
    ranked = (
        table.groupby("parameter")["mu_star"]
        .agg(mean="mean", largest="max")
        .sort_values("mean", ascending=False)
        .reset_index()
    )
    most = table.sort_values("mu_star", ascending=False).drop_duplicates("parameter").set_index("parameter")["target"]
    ranked["moves_most"] = ranked["parameter"].map(most)
    print(ranked.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    first, last = ranked.iloc[0], ranked.iloc[-1]
    return study.write(
        "screen",
        {"morris": table, "parameters": ranked},
        f"{len(points)} runs; mean mu* over targets from {first['mean']:.2f} ({first['parameter']}) to "
        f"{last['mean']:.2f} ({last['parameter']}) half widths",
    )


def task(study):
    """Sobol of the fitted metrics, and of policy effects, to the parameters. Returns the folder."""
    points, u = study.prior_design()
    u = filled(u)
    varying = np.flatnonzero(study.moments.fitted & (u.std(axis=0) > 0))
    metrics = indices(study.parameters, points, u[:, varying], [study.moments.ids[i] for i in varying])
    total = metrics.groupby("parameter")["total"].mean().sort_values(ascending=False)
    largest = ", ".join(f"{name} {value:.2f}" for name, value in total.head(6).items())
    return study.write(
        "sensitivity",
        {"sobol": metrics, "policy_effects": policy_effects(study)},
        f"mean total index over {metrics['target'].nunique()} targets: {largest}",
        {"sensitivity": metrics},
    )


def unit_cube(parameters):
    """SALib's description of the prior."""
    return {
        "num_vars": len(parameters),
        "names": [p.name for p in parameters],
        "bounds": [[0.0, 1.0]] * len(parameters),
    }


def indices(parameters, points, u, ids):
    """One row a target and parameter: first-order and total index with SALib's intervals, and what the emulator of
    `points` (runs, P) and `u` (runs, targets) explains.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    cube = unit_cube(parameters)
    share = explained(points, u)
    emulator = Trend(points, u)
    sampled = sampling.sample(cube, SAMPLES, calc_second_order=False, seed=1)
    predicted = squeezed(emulator.mean(sampled))
    rows = []
    for i, name in enumerate(ids):
        if share[i] < LEAST_EXPLAINED:
            continue
        index = analysis.analyze(cube, predicted[:, i], calc_second_order=False, seed=1)
        rows += [
            {
                "target": name,
                "parameter": parameter,
                "first": index["S1"][k],
                "first_error": index["S1_conf"][k],
                "total": index["ST"][k],
                "total_error": index["ST_conf"][k],
                "explained": share[i],
            }
            for k, parameter in enumerate(cube["names"])
        ]
    return pd.DataFrame(
        rows, columns=["target", "parameter", "first", "first_error", "total", "total_error", "explained"]
    )


def policy_effects(study):
    """One row a policy, outcome and parameter: what the paired effect has to do with the parameter, over `seeds`
    points of the prior (`explanation`).
    """
    count, rows = study.asked["seeds"], []
    names = [name for name in study.asked["policies"] if name in study.config.resolved["policy"]]
    if not names:
        return pd.DataFrame(columns=COLUMNS)
    points = design(len(study.parameters), count, seed=2)
    seeds = FIRST_SEED + np.arange(count)

    def outcomes(config, title):
        return study.store_of(Outcomes(config, study.parameters, WATCHED)).run(points, seeds, title)

    with_all = outcomes(study.config, "runs with all policies")
    for name in names:
        rest = {key: value for key, value in study.config.resolved["policy"].items() if key != name}
        config = replace(load_tree({**study.config.resolved, "policy": rest}), scale=study.config.scale)
        effect = with_all - outcomes(config, f"runs without {name}")
        for outcome, values in zip(WATCHED, effect.T, strict=True):
            table = explanation(points, values, [p.name for p in study.parameters])
            rows.append(table.assign(policy=name, outcome=outcome, mean_effect=np.nanmean(values)))
    return pd.concat(rows)[COLUMNS]


def explanation(points, effect, names):
    """One row a parameter: Spearman's rank correlation of `effect` (runs) with it over `points` (runs, P), and its
    p-value.

    Ranks, as effects have heavy tails, and one parameter at a time, as a regression on all would need many more points
    than parameters. `beyond_chance` keeps the share of false ones among those named at 5% (Benjamini and Hochberg
    1995, over the parameters). No rows where the effect is always the same.
    """
    from scipy.stats import false_discovery_control, spearmanr

    finite = np.isfinite(effect)
    if finite.sum() < LEAST_POINTS or effect[finite].std() == 0:
        return pd.DataFrame(columns=["parameter", "rank_correlation", "p_value", "beyond_chance"])
    correlations = [spearmanr(column, effect[finite]) for column in points[finite].T]
    p_values = np.array([correlation.pvalue for correlation in correlations])
    return pd.DataFrame(
        {
            "parameter": names,
            "rank_correlation": [correlation.statistic for correlation in correlations],
            "p_value": p_values,
            "beyond_chance": false_discovery_control(p_values) < 0.05,
        }
    )
