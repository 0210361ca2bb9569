"""What an engine gets: a function from points of the unit cube and seeds to targets in units of tolerance, and the
loss.

    r_i = sqrt(w_i) u_i / sqrt(e^2 + s_i^2)        loss = sum of Huber(r_i)

u is the distance from the middle of the band in half widths, e = 1/2 the report's standard error, s_i the
standard deviation over seeds of the city at full size: what was reported is one draw of that. Huber's function is
a square up to `ELBOW` and a straight line beyond, so that a target which nothing can meet does not bend all the
others.
"""

from dataclasses import dataclass, field

import numpy as np

from sim.calibration.moments import FAR, REPORT_ERROR

ELBOW = 3.0  # standard errors: one and a half bands


@dataclass
class Problem:
    """`simulate(points, seeds, title)` gives u (runs, targets); what a run has no number for is FAR.

    `bias` is added to u: the same targets at full size less those at the size simulated. `noise` is the standard
    deviation of u over seeds at the size simulated, `calm` that at full size over it.
    """

    names: list  # of parameters
    ids: list  # of targets
    simulate: callable
    start: np.ndarray
    weight: np.ndarray
    noise: np.ndarray
    bias: np.ndarray = field(default=None)
    calm: np.ndarray = field(default=None)
    remeasure: callable = None  # point -> bias there; an engine calls it where it has come to
    broken: float = 0.0  # share of simulations that raised, for the record

    def __post_init__(self):
        self.bias = np.zeros(len(self.ids)) if self.bias is None else self.bias
        self.calm = np.ones(len(self.ids)) if self.calm is None else self.calm

    @property
    def report_error(self):
        """Standard error of what was reported, without luck, in half widths over the root of its weight."""
        return REPORT_ERROR / np.sqrt(np.maximum(self.weight, 1e-12))

    @property
    def error(self):
        """Standard error of a target, luck included, in half widths over the root of its weight."""
        return np.sqrt((REPORT_ERROR**2 + (self.calm * self.noise) ** 2) / np.maximum(self.weight, 1e-12))

    def residual(self, u):
        """Distances in standard errors."""
        return (u + self.bias) / self.error

    def loss(self, u):
        """The loss of u (..., targets)."""
        return huber(self.residual(u)).sum(axis=-1)


def huber(r):
    """r^2 near zero, straight beyond the elbow."""
    far = np.abs(r) > ELBOW
    return np.where(far, 2 * ELBOW * np.abs(r) - ELBOW**2, r * r)


def filled(u):
    """u with FAR where there is no number, and nothing further away."""
    return np.clip(np.where(np.isfinite(u), u, FAR), -FAR, FAR)
