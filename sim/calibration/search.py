"""Engine `search`: sequential batches by expected improvement of the emulated loss, then the method of moments.

    1  runs at the start with many seeds: the luck of a run
    2  a design over the prior, denser around the start
    3  batches: an emulator fitted around the best point so far, candidates near the best and over the prior,
       those of the largest expected improvement simulated, one new seed each
    4  rounds in a trust region: the emulated loss minimised (least squares with Huber's loss) no further than a radius
       from the best point known; where many seeds and runs at full size find it better it becomes the centre, else the
       radius shrinks. After half of them the parameters that the targets do not identify go back to the centre of their
       prior, all of them or those of which runs do not find it worse: none may matter alone and all of them together.
       They stay there, and the others walk on, from where they stand or where the emulator would have them then,
       whichever runs find better
    5  simulated method of moments there (`method_of_moments.py`): Gauss-Newton steps on simulations, standard errors, J

Every draw is a function of the settings, so a killed search goes on with the same bits from what is kept.
"""

from typing import NamedTuple

import numpy as np

from sim.calibration import method_of_moments, priors
from sim.calibration.emulator import Emulator, released, slope
from sim.calibration.objective import ELBOW
from sim.calibration.simulations import design

CANDIDATES = 1500
FANTASIES = 48  # draws of the emulated loss at a candidate
ELITE = 8  # best points around which candidates lie
# First seeds of runs; those of replicates are 1, 2, ...
SEED_OF_DESIGN, SEED_OF_BATCHES, SEED_OF_ROUNDS = 1_000, 100_000, 200_000


class Settings(NamedTuple):
    prior: int = 256  # runs over the prior
    around: int = 96  # runs around the start
    radius: float = 0.1  # their spread, in the unit cube
    batches: int = 5
    batch: int = 48  # runs
    rounds: int = 12  # in the trust region
    replicates: int = 12  # seeds at the start and at the end
    steps: int = 2  # Gauss-Newton steps on simulations
    jacobian: int = 2  # seeds of a derivative


class Fit(NamedTuple):
    """What an engine found of P parameters."""

    point: np.ndarray  # (P) of the unit cube
    draws: np.ndarray  # (n, P) of what it may be instead
    table: dict  # of columns, one row a parameter
    about: dict  # what else is told of the fit


def fit(objective, settings, draws=200):
    """The Fit of an Objective.

    Parameters that the emulated targets do not identify have the centre of their prior, or where that is worse the
    value they had half way.
    """
    points, u, trace = explore(objective, settings)
    emulator = Emulator(points, u, focus=points[np.argmin(objective.loss(u))])
    emulated = points[np.argmin(objective.loss(emulator.mean(points)))]
    half = settings.rounds // 2
    best, points, u, losses = trust(objective, points, u, [objective.start, emulated], settings, range(half))
    mean = Emulator(points, u, focus=best).mean
    free = method_of_moments.identified(slope(mean, best, method_of_moments.STEP), np.diag(objective.error**2))
    if free.any():
        fixed = np.flatnonzero(~free)
        at_centre = np.where(free, best, objective.centre)
        moved, _ = minimise(objective, mean, at_centre, entries(at_centre, fixed), radius=settings.radius)
        candidates = [at_centre, moved, sent_back(objective, best, fixed, settings)]
        best, points, u, more = trust(objective, points, u, candidates, settings, range(half, settings.rounds), fixed)
        losses += more
    estimate = method_of_moments.estimate(objective, best, settings, free)
    return Fit(
        estimate.point,
        method_of_moments.sample(estimate, draws),
        estimate.table(objective.names),
        trace | {"loss_by_round": losses} | estimate.about(),
    )


def sent_back(objective, point, places, settings):
    """A point of which the parameters in `places` are at the centre of their prior, one after the other, but for those
    of which runs find it worse.
    """
    for i in places:
        alone = point.copy()
        alone[i] = objective.centre[i]
        point, _ = best_of(objective, [alone, point], settings)
    return point


def trust(objective, points, u, candidates, settings, rounds, fixed=()):
    """(centre, points, u, losses) after `rounds` (numbers) in the trust region around the best of `candidates`, whose
    loss is the first.

    `points` and `u` come back with the new simulations. The parameters `fixed` (places) keep the value they have in
    the best candidate. A step is taken where the loss is less at full size too: the bias of the scale is measured at
    what is proposed before it becomes the centre (Alexandrov et al. 1998).
    """
    radius, fixed = 2 * settings.radius, list(fixed)
    centre, least = best_of(objective, candidates, settings)
    losses = [round(least, 2)]
    for number in rounds:
        proposed, _ = minimise(
            objective, Emulator(points, u, focus=centre).mean, centre, entries(centre, fixed), radius=radius
        )
        loss = confirmed(objective, proposed, settings)
        rng = np.random.default_rng([1, number])
        fresh = np.clip(proposed + radius * rng.uniform(-1, 1, (settings.batch // 2, len(centre))), 0, 1)
        fresh = priors.rounded(fresh)
        fresh[:, fixed] = centre[fixed]
        seeds = SEED_OF_ROUNDS + number * len(fresh) + np.arange(len(fresh))
        more = objective.simulate(fresh, seeds, f"runs of round {number + 1} of {settings.rounds}")
        points, u = np.concatenate([points, fresh]), np.concatenate([u, more])
        if loss < least:
            chosen, loss = best_of(objective, [centre, proposed], settings)
        losses.append(round(loss, 2))
        if loss < least:
            centre, least = chosen, loss
        else:
            radius = max(0.6 * radius, 0.02)
    return centre, points, u, losses


def entries(point, places):
    """Place -> value of a point at some of its places."""
    return {i: point[i] for i in places}


def best_of(objective, points, settings):
    """(point, loss) of the least loss, each with the bias of the scale measured there; the objective is left with that
    of the best.
    """

    def measured(point):
        if objective.remeasure:
            objective.bias = objective.remeasure(point)
        return confirmed(objective, point, settings)

    best = min(points, key=measured)
    return best, measured(best)


def confirmed(objective, point, settings):
    """The loss at a point by runs with many seeds, always the same."""
    return method_of_moments.criterion(
        objective, method_of_moments.at(objective, point, 1 + np.arange(settings.replicates), "replicates")
    )


def explore(objective, settings):
    """(points (runs, P), u (runs, T), trace) of the design and the batches."""
    d = len(objective.start)
    rng = np.random.default_rng(0)
    points = around(rng, objective.start, settings.radius, settings.around)
    points = np.concatenate([design(d, settings.prior), points]) if settings.prior else points
    u = objective.simulate(points, SEED_OF_DESIGN + np.arange(len(points)), "runs of the design")
    losses = [float(objective.loss(u).min())]
    radius = 2 * settings.radius
    for number in range(settings.batches):
        emulator = Emulator(points, u, focus=points[np.argmin(objective.loss(u))])
        chosen = improving(objective, emulator, points, settings.batch, radius, rng)
        seeds = SEED_OF_BATCHES + number * settings.batch + np.arange(len(chosen))
        fresh = objective.simulate(chosen, seeds, f"runs of batch {number + 1} of {settings.batches}")
        points, u = np.concatenate([points, chosen]), np.concatenate([u, fresh])
        losses.append(float(objective.loss(u).min()))
        radius = max(0.8 * radius, 0.03)
    return points, u, {"runs_of_search": len(points), "least_loss_by_batch": losses}


def around(rng, centre, radius, size):
    """Points (size, P) near a centre, reflected at the walls of the cube."""
    drawn = np.abs(centre + radius * rng.standard_normal((size, len(centre))))
    return priors.rounded(np.where(drawn > 1, 2 - drawn, drawn).clip(0, 1))


def improving(objective, emulator, points, size, radius, rng):
    """The `size` candidates (size, P) of the largest expected improvement over `points`, no two of them close."""
    d = points.shape[1]
    elite = points[np.argsort(objective.loss(released(emulator.squeezed_mean(points))), kind="stable")[:ELITE]]
    near = np.concatenate([around(rng, centre, radius, CANDIDATES // (2 * len(elite))) for centre in elite])
    some = near.copy()  # moves of a few parameters only
    unmoved = rng.random(some.shape) > min(1.0, 4 / d)
    some[unmoved] = np.repeat(elite, len(near) // len(elite), axis=0)[unmoved]
    candidates = np.concatenate([near, some, rng.random((CANDIDATES // 8, d))])
    mean, spread = emulator.predict(candidates)
    best = objective.loss(released(emulator.squeezed_mean(elite))).min()
    gain = np.zeros(len(candidates))
    for _ in range(FANTASIES):
        drawn = objective.loss(released(mean + spread * rng.standard_normal(mean.shape)))
        gain += np.maximum(best - drawn, 0)
    if not gain.any():
        gain = -objective.loss(released(mean))
    chosen = []
    for i in np.argsort(-gain, kind="stable"):
        if all(np.abs(candidates[i] - candidates[j]).max() > 0.25 * radius for j in chosen):
            chosen.append(i)
        if len(chosen) == size:
            break
    return priors.rounded(candidates[chosen])


def minimise(objective, mean, start, fixed=None, evaluations=40, radius=1.0):
    """(point, loss) of least loss by scipy's least squares with Huber's loss on `mean`, a function points -> u.

    No parameter moves further than `radius` from `start`; those in `fixed` (place -> value) have their value.
    """
    from scipy.optimize import least_squares

    free = [i for i in range(len(start)) if i not in (fixed or {})]
    whole = np.array(start, float)
    for i, value in (fixed or {}).items():
        whole[i] = value

    def at(part):
        point = whole.copy()
        point[free] = part
        return point

    def residual(part):
        return objective.residual(mean(at(part)[None])[0])

    def jacobian(part):
        return slope(mean, at(part))[:, free] / objective.error[:, None]

    low, high = np.maximum(whole[free] - radius, 0), np.minimum(whole[free] + radius, 1)
    inside = np.clip(whole[free], low + 1e-6, high - 1e-6)
    done = least_squares(
        residual, inside, jacobian, bounds=(low, high), loss="huber", f_scale=ELBOW, max_nfev=evaluations
    )
    point = priors.rounded(at(done.x))
    return point, float(objective.loss(mean(point[None])[0]))
