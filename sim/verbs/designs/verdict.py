"""How an estimate is read against the band of a paper: five words.

    agrees           in the band
    below, above     outside it
    wrong sign       the band has a sign, and the whole interval lies on the other side of no effect
    cannot be told   no interval, or one that is wider than the band and has an end of the band in it

An estimate that cannot be told has a truth all the same, and the row is judged by it.
"""

import math
from typing import NamedTuple

AGREES, BELOW, ABOVE, WRONG, UNTOLD = "agrees", "below", "above", "wrong sign", "cannot be told"


class Band(NamedTuple):
    """The band of a paper's number, and what no effect is in its unit: 0, or 1 for a ratio."""

    low: float
    high: float
    neutral: float = 0.0

    @property
    def sign(self):
        """1 or -1 where the band lies on one side of no effect, else 0."""
        return 1 if self.low > self.neutral else -1 if self.high < self.neutral else 0


def read(estimate, band):
    """The word for an Estimate."""
    value, low, high = estimate
    if not math.isfinite(value) or math.isnan(low) or math.isnan(high):
        return UNTOLD
    if high - low > band.high - band.low and (low < band.low < high or low < band.high < high):
        return UNTOLD
    if band.low <= value <= band.high:
        return AGREES
    if band.sign and (high < band.neutral if band.sign > 0 else low > band.neutral):
        return WRONG
    return BELOW if value < band.low else ABOVE


def sign(estimate, word, band):
    """Whether an Estimate that was read as `word` lies on the band's side of no effect: right, wrong, or untold; empty
    where the band has no sign.
    """
    if not band.sign:
        return ""
    if word == UNTOLD:
        return "untold"
    return "right" if (estimate.value - band.neutral) * band.sign > 0 else "wrong"


def judged(estimate, truth, band):
    """(the verdict, by what it is: `estimate` or `truth`, the word for the estimate, the word for the truth, and a
    reason where there is one to give).
    """
    ours, true = read(estimate, band), read(truth, band)
    if ours == UNTOLD:
        if true == UNTOLD:
            return UNTOLD, "truth", ours, true, _why_not(estimate, band)
        return (
            true,
            "truth",
            ours,
            true,
            f"by the truth; by its estimator it cannot be told: {_why_not(estimate, band)}",
        )
    if ours == AGREES and true not in (AGREES, UNTOLD):
        return ours, "estimate", ours, true, f"but the truth on the same sample is: {true}"
    if ours != AGREES and true == AGREES:
        return ours, "estimate", ours, true, "but the truth on the same sample agrees"
    return ours, "estimate", ours, true, ""


def _why_not(estimate, band):
    if math.isnan(estimate.low):
        return "too few observations for an interval"
    if not math.isfinite(estimate.high - estimate.low):
        return "the interval has no bounds"
    return f"the interval is {(estimate.high - estimate.low) / (band.high - band.low):.1f} times as wide as the band"
