"""Recovery: hidden parameters found again from targets that the model itself made, and ranks of the truth among draws.

Truths are simulations of the prior that the engine did not see, with a draw of the report's error added. Ranks
are uniform where the posterior is calibrated (simulation-based calibration, Talts et al. 2018).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration.emulator import Emulator
from sim.calibration.posterior import Posterior
from sim.calibration.search import minimise

BINS = 10
DRAWS = 99  # of the posterior, for a rank from 0 to 99
LEVEL = 0.05


def split(points, u, share):
    """(training places, test places):

    a share of the simulations, drawn, is hidden; every fourth of a Sobol sequence would be no sample of the prior.
    """
    order = np.random.default_rng(5).permutation(len(points))
    test = np.sort(order[: max(1, round(share * len(points)))])
    return np.setdiff1d(np.arange(len(points)), test), test


def ranks(problem, points, u, settings, share=0.25):
    """(frame of parameter, truth, rank, low, high, inside; one row a truth and parameter): ranks of the truth and the
    90% interval.
    """
    train, test = split(points, u, share)
    amortised = Posterior(problem, points[train], u[train], settings)
    seen = u[test] + amortised.error * np.random.default_rng(7).standard_normal(u[test].shape)
    drawn = amortised.draws(seen, DRAWS)
    truth = points[test]
    low, high, middle = (np.quantile(drawn, q, axis=1) for q in (0.05, 0.95, 0.5))
    rank = (drawn < truth[:, None]).sum(axis=1)
    frame = [
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
        for i, name in enumerate(problem.names)
    ]
    return pd.concat(frame, ignore_index=True)


def uniformity(found):
    """One row a parameter: chi-squared test of uniform ranks, coverage of the 90% interval, correlation of truth and
    median.
    """
    from scipy.stats import binom, chi2

    rows = []
    for name, group in found.groupby("parameter", sort=False):
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
    """What the test of uniform ranks would see:

    rejections at 5% where draws are too narrow, too wide or off, by simulation.
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


def points_found(problem, points, u, truths, share=0.25):
    """One row a truth and parameter:

    the hidden value and what the search's last step finds on an emulator that did not see it.
    """
    train, test = split(points, u, share)
    order = np.argsort(problem.loss(u[test]), kind="stable")[:truths]  # the truths most like the city
    rows = []
    for number, i in enumerate(test[order]):
        rng = np.random.default_rng([11, number])
        seen = u[i] + problem.report_error * rng.standard_normal(u.shape[1])
        hidden = replace(problem, bias=-seen)
        near = train[np.argmin(hidden.loss(u[train]))]
        emulator = Emulator(points[train], u[train], focus=points[near])
        found, loss = minimise(hidden, emulator.mean, points[near])
        rows.append(
            pd.DataFrame(
                {
                    "truth_number": number,
                    "parameter": problem.names,
                    "truth": points[i],
                    "found": found,
                    "start": points[near],
                    "loss": loss,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
