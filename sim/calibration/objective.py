"""What an engine minimises: the distance of a city from its targets, a function of points of the unit cube and seeds.

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
class Objective:
    """The targets that are fitted, as a function of P parameters; T targets.

    `simulate(points, seeds, title)` takes points (runs, P) of the unit cube, seeds (runs) and a word for the screen,
    and gives u (runs, T) in half widths; what a run has no number for is FAR.
    """

    names: list  # of the parameters, P
    ids: list  # of the targets, T
    simulate: callable
    start: np.ndarray  # (P) where a fit begins
    weight: np.ndarray  # (T)
    noise: np.ndarray  # (T) standard deviation of u over seeds at the size simulated
    bias: np.ndarray = field(default=None)  # (T) added to u: the targets at full size less those at the size simulated
    luck_ratio: np.ndarray = field(default=None)  # (T) standard deviation over seeds at full size over `noise`
    centre: np.ndarray = None  # (P) of the prior, where goes what no target identifies; the start where none is given
    remeasure: callable = None  # point -> bias there; an engine calls it where it has come to
    columns: np.ndarray = field(default=None)  # (T) places of the targets among all metrics of a run

    def __post_init__(self):
        self.bias = np.zeros(len(self.ids)) if self.bias is None else self.bias
        self.centre = self.start if self.centre is None else self.centre
        self.luck_ratio = np.ones(len(self.ids)) if self.luck_ratio is None else self.luck_ratio

    @property
    def report_error(self):
        """Standard error of what was reported, without luck, in half widths over the root of its weight (T)."""
        return REPORT_ERROR / np.sqrt(np.maximum(self.weight, 1e-12))

    @property
    def error(self):
        """Standard error of a target, luck included, in half widths over the root of its weight (T)."""
        return np.sqrt((REPORT_ERROR**2 + (self.luck_ratio * self.noise) ** 2) / np.maximum(self.weight, 1e-12))

    def residual(self, u):
        """Distances of u (..., T) in standard errors, the same shape."""
        return (u + self.bias) / self.error

    def loss(self, u):
        """The loss (...) of u (..., T)."""
        return huber(self.residual(u)).sum(axis=-1)


def huber(r):
    """r^2 near zero, straight beyond the elbow; r in standard errors, of any shape."""
    far = np.abs(r) > ELBOW
    return np.where(far, 2 * ELBOW * np.abs(r) - ELBOW**2, r * r)


def filled(u):
    """u (half widths, of any shape) with FAR where there is no number, and nothing further away."""
    return np.clip(np.where(np.isfinite(u), u, FAR), -FAR, FAR)
