"""Engine `search`: sequential batches by expected improvement of the emulated loss, then the method of moments.

    1  runs at the start with many seeds: the luck of a run
    2  a design over the prior, denser around the start
    3  batches: an emulator fitted around the best point so far, candidates near the best and over the prior,
       those of the largest expected improvement simulated, one new seed each
    4  rounds in a trust region: the emulated loss minimised (least squares with Huber's loss) no further than a radius
       from the best point known; where many seeds and runs at full size find it better it becomes the centre, else the
       radius shrinks. After half of them the parameters that the targets do not identify go back to the start, unless
       runs find that worse: none may matter alone and all of them together. They stay there, and the others walk on,
       from where they stand or where the emulator would have them then, whichever runs find better
    5  simulated method of moments there (`method_of_moments.py`): Gauss-Newton steps on simulations, standard errors, J

Every draw is a function of the settings, so a killed search goes on with the same bits from its bank.
"""

from typing import NamedTuple

import numpy as np

from sim.calibration import method_of_moments
from sim.calibration.emulator import Emulator, released, slope
from sim.calibration.objective import ELBOW, huber
from sim.calibration.simulations import design

CANDIDATES = 1500
FANTASIES = 48  # draws of the emulated loss at a candidate
ELITE = 8  # best points around which candidates lie
SEED_OF_DESIGN, SEED_OF_BATCHES, SEED_OF_ROUNDS = (
    1_000,
    100_000,
    200_000,
)  # first seeds of runs; those of replicates are 1, 2, ...


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
    """What an engine found:

    `point` of the unit cube, `draws` (n, parameters) of it, `table` (dict of columns, one row a parameter), `about`.
    """

    point: np.ndarray
    draws: np.ndarray
    table: dict
    about: dict


def fit(problem, settings, draws=200):
    """The Fit of a Problem.

    Parameters that the emulated targets do not identify have the value of the start, or where that is worse the one
    they had half way.
    """
    points, u, trace = explore(problem, settings)
    emulator = Emulator(points, u, focus=points[np.argmin(problem.loss(u))])
    emulated = points[np.argmin(problem.loss(emulator.mean(points)))]
    half = settings.rounds // 2
    best, points, u, losses = trust(problem, points, u, [problem.start, emulated], settings, range(half))
    mean = Emulator(points, u, focus=best).mean
    free = method_of_moments.identified(slope(mean, best, method_of_moments.STEP), np.diag(problem.error**2))
    if free.any():
        fixed = np.flatnonzero(~free)
        at_start = np.where(free, best, problem.start)
        moved, _ = minimise(problem, mean, at_start, held(at_start, fixed), radius=settings.radius)
        best, points, u, more = trust(
            problem, points, u, [at_start, moved, best], settings, range(half, settings.rounds), fixed
        )
        losses += more
    found = method_of_moments.estimate(problem, best, settings, free)
    return Fit(
        found.point,
        method_of_moments.sample(found, draws),
        found.table(problem.names),
        trace | {"loss_by_round": losses} | found.about(),
    )


def trust(problem, points, u, candidates, settings, rounds, fixed=()):
    """(centre, points, u, losses) after `rounds` in the trust region around the best of `candidates`; the first loss
    is that of the latter.

    Those in `fixed` (places) stay where they are in that. A step is taken where the loss is less at full size too:
    the bias of the scale is measured at what is proposed before it becomes the centre (Alexandrov et al. 1998).
    """
    radius, fixed = 2 * settings.radius, list(fixed)
    centre, least = best_of(problem, candidates, settings)
    losses = [round(least, 2)]
    for number in rounds:
        proposed, _ = minimise(
            problem, Emulator(points, u, focus=centre).mean, centre, held(centre, fixed), radius=radius
        )
        loss = confirmed(problem, proposed, settings)
        fresh = np.clip(
            proposed + radius * np.random.default_rng([1, number]).uniform(-1, 1, (settings.batch // 2, len(centre))),
            0,
            1,
        )
        fresh[:, fixed] = centre[fixed]
        first = SEED_OF_ROUNDS + number * len(fresh)
        u = np.concatenate(
            [
                u,
                problem.simulate(
                    fresh, first + np.arange(len(fresh)), f"runs of round {number + 1} of {settings.rounds}"
                ),
            ]
        )
        points = np.concatenate([points, fresh])
        if loss < least:
            chosen, loss = best_of(problem, [centre, proposed], settings)
        losses.append(round(loss, 2))
        if loss < least:
            centre, least = chosen, loss
        else:
            radius = max(0.6 * radius, 0.02)
    return centre, points, u, losses


def held(point, fixed):
    """The values (place -> value) of a point's parameters at the places `fixed`."""
    return {i: point[i] for i in fixed}


def best_of(problem, points, settings):
    """(point, loss) of the least loss, each with the bias of the scale measured there; the problem is left with that
    of the best.
    """

    def measured(point):
        if problem.remeasure:
            problem.bias = problem.remeasure(point)
        return confirmed(problem, point, settings)

    best = min(points, key=measured)
    return best, measured(best)


def confirmed(problem, point, settings):
    """The loss at a point by runs with many seeds, always the same."""
    return method_of_moments.criterion(
        problem, method_of_moments.at(problem, point, 1 + np.arange(settings.replicates), "replicates")
    )


def explore(problem, settings):
    """(points, u, trace) of all simulations of the search."""
    d = len(problem.start)
    rng = np.random.default_rng(0)
    points = around(rng, problem.start, settings.radius, settings.around)
    points = np.concatenate([design(d, settings.prior), points]) if settings.prior else points
    u = problem.simulate(points, SEED_OF_DESIGN + np.arange(len(points)), "runs of the design")
    losses = [float(problem.loss(u).min())]
    radius = 2 * settings.radius
    for number in range(settings.batches):
        emulator = Emulator(points, u, focus=points[np.argmin(problem.loss(u))])
        chosen = improving(problem, emulator, points, u, settings.batch, radius, rng)
        seeds = SEED_OF_BATCHES + number * settings.batch + np.arange(len(chosen))
        fresh = problem.simulate(chosen, seeds, f"runs of batch {number + 1} of {settings.batches}")
        points, u = np.concatenate([points, chosen]), np.concatenate([u, fresh])
        losses.append(float(problem.loss(u).min()))
        radius = max(0.8 * radius, 0.03)
    return points, u, {"runs_of_search": len(points), "least_loss_by_batch": losses}


def around(rng, centre, radius, size):
    """Points near a centre, reflected at the walls of the cube."""
    found = np.abs(centre + radius * rng.standard_normal((size, len(centre))))
    return np.where(found > 1, 2 - found, found).clip(0, 1)


def improving(problem, emulator, points, u, size, radius, rng):
    """The `size` candidates of the largest expected improvement, no two of them close."""
    d = points.shape[1]
    elite = points[np.argsort(problem.loss(released(emulator.squeezed_mean(points))), kind="stable")[:ELITE]]
    near = np.concatenate([around(rng, centre, radius, CANDIDATES // (2 * len(elite))) for centre in elite])
    some = near.copy()  # moves of a few parameters only
    held = rng.random(some.shape) > min(1.0, 4 / d)
    some[held] = np.repeat(elite, len(near) // len(elite), axis=0)[held]
    candidates = np.concatenate([near, some, rng.random((CANDIDATES // 8, d))])
    mean, spread = emulator.predict(candidates)
    best = problem.loss(released(emulator.squeezed_mean(elite))).min()
    gain = np.zeros(len(candidates))
    for _ in range(FANTASIES):
        drawn = problem.loss(released(mean + spread * rng.standard_normal(mean.shape)))
        gain += np.maximum(best - drawn, 0)
    if not gain.any():
        gain = -problem.loss(released(mean))
    chosen = []
    for i in np.argsort(-gain, kind="stable"):
        if all(np.abs(candidates[i] - candidates[j]).max() > 0.25 * radius for j in chosen):
            chosen.append(i)
        if len(chosen) == size:
            break
    return candidates[chosen]


def minimise(problem, mean, start, fixed=None, evaluations=40, radius=1.0):
    """(point, loss): scipy's least squares with Huber's loss on `mean`, a function points -> u, no further than
    `radius` from `start` in any parameter.
    """
    from scipy.optimize import least_squares

    free = [i for i in range(len(start)) if i not in (fixed or {})]
    whole = np.array(start, float)
    for place, value in (fixed or {}).items():
        whole[place] = value

    def at(part):
        point = whole.copy()
        point[free] = part
        return point

    def residual(part):
        return problem.residual(mean(at(part)[None])[0])

    def jacobian(part):
        return slope(mean, at(part))[:, free] / problem.error[:, None]

    low, high = np.maximum(whole[free] - radius, 0), np.minimum(whole[free] + radius, 1)
    inside = np.clip(whole[free], low + 1e-6, high - 1e-6)
    done = least_squares(
        residual, inside, jacobian, bounds=(low, high), loss="huber", f_scale=ELBOW, max_nfev=evaluations
    )
    point = at(done.x)
    return point, float(huber(problem.residual(mean(point[None])[0])).sum())
