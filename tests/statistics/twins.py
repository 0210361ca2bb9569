"""The same firms in two runs that share a seed: with a policy and without any."""

from functools import lru_cache

import numpy as np
import small

from sim.world.calendar import quarter_of
from sim.world.kinds import Answer, Investor

BEYOND_LUCK = 2.6  # standard deviations; one-sided chance 0.005
START = "2012Q1"
IN_MOTION = f"{small.SPIN_UP}=20"  # so that there are funds, and firms that have raised
WORDS = ("scale=0.1", "start=2011Q1", "end=2015Q4", IN_MOTION)


@lru_cache
def without(seed, *words):
    """A run without any policy."""
    return small.run(small.config(*(words or WORDS), "policy=[]", f"seed={seed}"))


def under(policy, seed, *words, **knobs):
    """The run with `policy` from START on, knobs by name."""
    settings = [f"policy.{policy}.{name}={value}" for name, value in {"start": START, **knobs}.items()]
    return small.run(small.config(*(words or WORDS), f"policy=[{policy}]", f"seed={seed}", *settings))


def funded(model, ids, quarters, within):
    """Whether a venture fund put money into each startup within so many quarters after a quarter, bool[n]."""
    stakes = model.state.holdings.used
    stakes = stakes[stakes.investor == Investor.FUND]
    order = np.argsort(stakes.startup_id, kind="stable")
    known, when = stakes.startup_id[order], stakes.quarter[order]
    first, last = np.searchsorted(known, ids, "left"), np.searchsorted(known, ids, "right")
    waits = (when[a:b] - quarter for a, b, quarter in zip(first, last, quarters, strict=True))
    return np.array([np.any((wait > 0) & (wait <= within)) for wait in waits], bool)


def decided(model):
    """Applications that were decided by score: those withdrawn, and those that wait for an answer, left out."""
    rows = model.state.applications.used
    return rows[np.isin(rows.answer, (Answer.ADMITTED, Answer.SCORE, Answer.PLACES))]


def applicants(policy, seeds, within, *words, **knobs):
    """Applications of all seeds that were decided:

    distance to the cut-off, admitted, and funded `within` quarters of the answer without and with the policy.
    """
    rows = []
    for seed in seeds:
        model = under(policy, seed, *words, **knobs)
        kept = decided(model)
        kept = kept[(kept.decided <= model.config.end - within) & np.isfinite(kept.cutoff)]
        before, after = (funded(one, kept.applicant_id, kept.decided, within) for one in (without(seed, *words), model))
        rows.append(np.stack([kept.score - kept.cutoff, kept.admitted, before, after], axis=1))
    return np.concatenate(rows)


def discontinuity(distance, admitted, outcome, bandwidth):
    """Jump of an outcome at the cut-off and its robust standard error:

    local linear regression, slopes free on both sides.
    """
    near = np.abs(distance) < bandwidth
    x, d, y = distance[near], admitted[near], outcome[near]
    design = np.stack([np.ones(len(x)), d, x, x * d], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    spread = design * (y - design @ beta)[:, None]
    return beta[1], np.sqrt((inverse @ (spread.T @ spread) @ inverse)[1, 1])


def in_both(model, other, ids=None):
    """Rows of the startups that are in both runs, in one order; of those with `ids` where given."""
    ours, theirs = model.state.startups.used, other.state.startups.used
    common, here, there = np.intersect1d(ours.id, theirs.id, return_indices=True)
    if ids is not None:
        keep = np.isin(common, ids)
        here, there = here[keep], there[keep]
    return ours[here], theirs[there]


def surprise(gained, lost):
    """Standard deviations by which gains outnumber losses, where either would be as likely (McNemar)."""
    return (gained - lost) / np.sqrt(max(gained + lost, 1))


def t_of(sample):
    """The mean of a sample in its standard errors."""
    return sample.mean() / (sample.std(ddof=1) / np.sqrt(len(sample)))


FIRST = quarter_of(START)
