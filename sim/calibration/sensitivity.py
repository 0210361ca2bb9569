"""Sensitivity: Morris on simulations, Sobol on the emulator, and policy effects to parameters. SALib's methods.

Morris' mu* and sigma are in half widths of each target's band over the whole prior; Sobol's indices are those of the
squeezed targets under the uniform prior. Effects of policies are paired differences at points of the prior.
"""

import numpy as np
import pandas as pd

from sim.calibration.emulator import Trend, explained, squeezed
from sim.calibration.objective import filled

TRAJECTORIES = 8
SAMPLES = 512  # base sample of Sobol's method, on the emulator
LEAST_EXPLAINED = 0.3  # of a metric's variance, below which its indices are not given
LEAST_POINTS = 10  # below which nothing is said of an effect
SEED = 400_000
COLUMNS = ["policy", "outcome", "parameter", "rank_correlation", "p_value", "beyond_chance", "mean_effect"]
WATCHED = ("startups_founded", "startups_alive", "vc_raised_cny", "startup_jobs", "returnees")


def space(study):
    return {
        "num_vars": len(study.parameters),
        "names": [p.name for p in study.parameters],
        "bounds": [[0.0, 1.0]] * len(study.parameters),
    }


def screen(study):
    """Morris over the prior: which parameters move the targets at all."""
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    from sim.runs.folders import write_csv, write_json

    problem = space(study)
    points = sampling.sample(problem, TRAJECTORIES, num_levels=6, seed=1)
    u = filled(study.u(points, np.full(len(points), 1), "runs of trajectories"))
    rows = []
    for i in np.flatnonzero(study.moments.fitted):
        found = analysis.analyze(problem, points, squeezed(u[:, i]), num_levels=6, seed=1)
        rows += [
            {"target": study.moments.ids[i], "parameter": name, "mu_star": m, "sigma": s}
            for name, m, s in zip(problem["names"], found["mu_star"], found["sigma"], strict=True)
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
    folder = study.folder("screen")
    write_csv(folder / "morris.csv", table)
    write_csv(folder / "parameters.csv", ranked)
    said = f"{len(points)} runs; mean mu* over targets from {ranked['mean'].max():.2f} ({ranked['parameter'].iloc[0]}) to {ranked['mean'].min():.2f} ({ranked['parameter'].iloc[-1]}) half widths"
    write_json(folder / "about.json", study.facts(summary=said))
    print(ranked.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    print(said)
    return folder


def task(study):
    """Sobol of the fitted metrics, and of policy effects, to the parameters."""
    from sim.calibration.command import draw
    from sim.runs.folders import write_csv, write_json

    points, u = study.prior_bank()
    u = filled(u)
    held = np.flatnonzero(study.moments.fitted & (u.std(axis=0) > 0))
    metrics = indices(study, points, u[:, held], [study.moments.ids[i] for i in held])
    policy = policies(study)
    folder = study.folder("sensitivity")
    write_csv(folder / "sobol.csv", metrics)
    write_csv(folder / "policy_effects.csv", policy)
    total = metrics.groupby("parameter")["total"].mean().sort_values(ascending=False)
    said = f"mean total index over {metrics['target'].nunique()} targets: " + ", ".join(
        f"{name} {value:.2f}" for name, value in total.head(6).items()
    )
    write_json(folder / "about.json", study.facts(summary=said))
    draw(folder, {"sensitivity": metrics})
    print(said)
    return folder


def indices(study, points, u, names):
    """One row a target and parameter:

    first-order and total index with SALib's intervals, and what the emulator explains.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = space(study)
    known = explained(points, u)
    emulator = Trend(points, u)
    sampled = sampling.sample(problem, SAMPLES, calc_second_order=False, seed=1)
    predicted = squeezed(emulator.mean(sampled))
    rows = []
    for i, name in enumerate(names):
        if known[i] < LEAST_EXPLAINED:
            continue
        found = analysis.analyze(problem, predicted[:, i], calc_second_order=False, seed=1)
        rows += [
            {
                "target": name,
                "parameter": p,
                "first": found["S1"][k],
                "first_error": found["S1_conf"][k],
                "total": found["ST"][k],
                "total_error": found["ST_conf"][k],
                "explained": known[i],
            }
            for k, p in enumerate(problem["names"])
        ]
    return pd.DataFrame(
        rows, columns=["target", "parameter", "first", "first_error", "total", "total_error", "explained"]
    )


def policies(study):
    """One row a policy, outcome and parameter:

    what the paired effect has to do with the parameter, over `seeds` points of the prior (`explanation`).
    """
    from dataclasses import replace

    from sim.calibration import simulations as banks
    from sim.calibration.policy_effects import Outcomes
    from sim.settings.config import load_tree

    count, rows = study.asked["seeds"], []
    names = [name for name in study.asked["policies"] if name in study.config.resolved["policy"]]
    if not names:
        return pd.DataFrame(columns=COLUMNS)
    points = banks.design(len(study.parameters), count, seed=2)
    seeds = SEED + np.arange(count)

    def outcomes(config, title):
        return banks.Bank(Outcomes(config, study.parameters, WATCHED), study.output / "bank", study.bank.workers).run(
            points, seeds, title
        )

    with_all = outcomes(study.config, "runs with all policies")
    for name in names:
        rest = {key: value for key, value in study.config.resolved["policy"].items() if key != name}
        config = replace(load_tree({**study.config.resolved, "policy": rest}), scale=study.config.scale)
        effect = with_all - outcomes(config, f"runs without {name}")
        for outcome, values in zip(WATCHED, effect.T, strict=True):
            found = explanation(points, values, [p.name for p in study.parameters])
            rows.append(found.assign(policy=name, outcome=outcome, mean_effect=np.nanmean(values)))
    return pd.concat(rows)[COLUMNS]


def explanation(points, effect, names):
    """One row a parameter: Spearman's rank correlation of an effect with it (heavy tails: by rank, and one by one,
    as a regression on all would need many more points than parameters), and its p-value.

    `beyond_chance` keeps the share of false ones among those named at 5% (Benjamini and Hochberg 1995, over the
    parameters). No rows where the effect is always the same.
    """
    from scipy.stats import false_discovery_control, spearmanr

    good = np.isfinite(effect)
    if good.sum() < LEAST_POINTS or effect[good].std() == 0:
        return pd.DataFrame(columns=["parameter", "rank_correlation", "p_value", "beyond_chance"])
    found = [spearmanr(column, effect[good]) for column in points[good].T]
    chance = np.array([one.pvalue for one in found])
    return pd.DataFrame(
        {
            "parameter": names,
            "rank_correlation": [one.statistic for one in found],
            "p_value": chance,
            "beyond_chance": false_discovery_control(chance) < 0.05,
        }
    )
