"""Recovery: hidden parameters found again from targets that the model itself made, and ranks of the truth among draws.

Truths are simulations of the prior that the engine did not see, with a draw of the report's error added. Ranks
are uniform where the posterior is calibrated (simulation-based calibration, Talts et al. 2018).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration import posterior
from sim.calibration.emulator import Emulator
from sim.calibration.objective import filled
from sim.calibration.search import minimise

BINS = 10
DRAWS = 99  # of the posterior, for a rank from 0 to 99
LEVEL = 0.05
HIDDEN = 0.25  # share of the simulations that are truths


def task(study):
    """Ranks, the test of their uniformity and its power, and hidden points found again. Returns the folder."""
    objective = study.objective(corrected=False)
    points, u = study.prior_design()
    u = filled(u[:, objective.columns])
    ranked = ranks(objective, points, u, study.settings(posterior)).round(4)
    tests = uniformity(ranked)
    truths = int(tests["truths"].iloc[0])
    searched = points_found(objective, points, u, study.asked["truths"])
    return study.write(
        "recovery",
        {"ranks": ranked, "uniformity": tests, "power": power(truths), "search": searched},
        f"{truths} truths, {len(tests)} parameters: ranks not uniform at 5% for {(tests['p_value'] < LEVEL).sum()}, "
        f"mean coverage of 90% intervals {tests['covered_90'].mean():.3f}",
        {"recovery": ranked, "ranks": ranked[["parameter", "rank"]]},
    )


def split(count):
    """(places seen, places hidden) of so many simulations. The hidden ones are drawn; every fourth of a Sobol sequence
    would be no sample of the prior.
    """
    order = np.random.default_rng(5).permutation(count)
    hidden = np.sort(order[: max(1, round(HIDDEN * count))])
    return np.setdiff1d(np.arange(count), hidden), hidden


def ranks(objective, points, u, settings):
    """One row a parameter and truth: the truth, its rank among draws, their median and 90% interval.

    `points` (runs, P) and `u` (runs, T) are a design over the prior, `settings` those of the posterior.
    """
    train, test = split(len(points))
    amortised = posterior.Posterior(objective, points[train], u[train], settings)
    data = u[test] + amortised.error * np.random.default_rng(7).standard_normal(u[test].shape)
    drawn = amortised.draws(data, DRAWS)
    truth = points[test]
    low, high, middle = (np.quantile(drawn, q, axis=1) for q in (0.05, 0.95, 0.5))
    rank = (drawn < truth[:, None]).sum(axis=1)
    frames = [
        pd.DataFrame(
            {
                "parameter": name,
                "truth": truth[:, i],
                "found": middle[:, i],
                "low": low[:, i],
                "high": high[:, i],
                "rank": rank[:, i],
            }
        )
        for i, name in enumerate(objective.names)
    ]
    return pd.concat(frames, ignore_index=True)


def uniformity(ranked):
    """One row a parameter of a table of `ranks`: chi-squared test of uniform ranks, coverage of the 90% interval,
    correlation of truth and median.
    """
    from scipy.stats import binom, chi2

    rows = []
    for name, group in ranked.groupby("parameter", sort=False):
        counts = np.histogram(group["rank"], BINS, (0, DRAWS + 1))[0]
        statistic = float(((counts - len(group) / BINS) ** 2).sum() / (len(group) / BINS))
        inside = int(((group["low"] <= group["truth"]) & (group["truth"] <= group["high"])).sum())
        rows.append(
            {
                "parameter": name,
                "truths": len(group),
                "chi2": statistic,
                "p_value": float(chi2.sf(statistic, BINS - 1)),
                "covered_90": inside / len(group),
                "covered_low": binom.ppf(0.025, len(group), 0.9) / len(group),
                "covered_high": binom.ppf(0.975, len(group), 0.9) / len(group),
                "correlation": np.corrcoef(group["truth"], group["found"])[0, 1] if group["found"].std() > 0 else 0.0,
            }
        )
    return pd.DataFrame(rows)


def power(truths, repeats=2000, seed=0):
    """What the test of uniform ranks would see with so many truths: rejections at 5% where draws are too narrow, too
    wide or off, by simulation.
    """
    from scipy.stats import chi2, norm

    rng = np.random.default_rng(seed)
    edge = chi2.isf(LEVEL, BINS - 1)
    rows = []
    for spread, shift in ((1.0, 0.0), (0.8, 0.0), (0.67, 0.0), (1.25, 0.0), (1.5, 0.0), (1.0, 0.25), (1.0, 0.5)):
        truth = rng.standard_normal((repeats, truths))
        rank = rng.binomial(DRAWS, norm.cdf((truth - shift) / spread))
        counts = np.apply_along_axis(lambda row: np.histogram(row, BINS, (0, DRAWS + 1))[0], 1, rank)
        statistic = ((counts - truths / BINS) ** 2).sum(axis=1) / (truths / BINS)
        rows.append(
            {
                "truths": truths,
                "posterior_sd_over_true": spread,
                "shift_in_sd": shift,
                "rejected": float((statistic > edge).mean()),
            }
        )
    return pd.DataFrame(rows)


def points_found(objective, points, u, truths):
    """One row a truth and parameter: the hidden value, and what the search's last step finds on an emulator that did
    not see it.
    """
    train, test = split(len(points))
    order = np.argsort(objective.loss(u[test]), kind="stable")[:truths]  # the truths most like the city
    rows = []
    for number, i in enumerate(test[order]):
        rng = np.random.default_rng([11, number])
        data = u[i] + objective.report_error * rng.standard_normal(u.shape[1])
        hidden = replace(objective, bias=-data)
        near = train[np.argmin(hidden.loss(u[train]))]
        emulator = Emulator(points[train], u[train], focus=points[near])
        point, loss = minimise(hidden, emulator.mean, points[near])
        rows.append(
            pd.DataFrame(
                {
                    "truth_number": number,
                    "parameter": objective.names,
                    "truth": points[i],
                    "found": point,
                    "start": points[near],
                    "loss": loss,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
