"""Scenario discovery: in which corner of the worlds tried something fails, and whether chance could have drawn that
corner.

The Patient Rule Induction Method (Friedman and Fisher 1999; Bryant and Lempert 2010) by the library PRIM: from all
worlds it peels slices away so that the share of failures in the box that is left rises. Of the boxes on its way the
one is taken that holds most failures beyond chance, in standard deviations of the hypergeometric distribution,

    z = (k - m F/N) / sqrt(m F/N (1 - F/N) (N - m)/(N - 1))        k failures among m worlds in the box, F among all N

and limits that may be luck (binomial test at LEVEL over the number of limits) are dropped from each before. As any
search finds something, the same search is done on shuffled failures: p is the share of shuffles whose z is as high
(the one at hand counted in).
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

PEEL = 0.1  # share of a box peeled at a time; thinner slices follow noise among a few hundred worlds
SMALLEST = 0.1  # box, share of the worlds
SHUFFLES, LEVEL = 99, 0.05


class Box(NamedTuple):
    """A corner of the worlds; shares are from 0 to 1."""

    limits: dict  # name -> (low, high), infinite where there is none
    coverage: float  # share of failures inside
    density: float  # failing share inside
    share: float  # failing share of all worlds
    mass: float  # share of worlds inside
    p: float  # of the permutation test
    chance: float  # mean density of boxes of shuffles


def discover(worlds, failed, seed):
    """The Box of a frame of `worlds` (a column of numbers each) in which they most often `failed` (array of bool);
    None where none is better than chance.

    `seed` decides the shuffles. Where all or no worlds fail there is nothing to find.
    """
    if failed.all() or not failed.any():
        return None
    limits, z = _search(worlds, failed)
    if not limits:
        return None
    chance = np.random.default_rng(seed)
    shuffled = [chance.permutation(failed) for _ in range(SHUFFLES)]
    boxes = [_search(worlds, failures) for failures in shuffled]
    p = (1 + sum(z_shuffled >= z for _, z_shuffled in boxes)) / (1 + SHUFFLES)
    if p > LEVEL:
        return None
    within = inside(worlds, limits)
    densities = [failures[inside(worlds, corner)].mean() for failures, (corner, _) in zip(shuffled, boxes, strict=True)]
    return Box(
        limits,
        (failed & within).sum() / failed.sum(),
        failed[within].mean(),
        failed.mean(),
        within.mean(),
        p,
        float(np.mean(densities)),
    )


def inside(worlds, limits):
    """Which worlds lie within `limits`, an array of bool."""
    within = np.ones(len(worlds), bool)
    for name, (low, high) in limits.items():
        within &= (worlds[name] >= low).to_numpy() & (worlds[name] <= high).to_numpy()
    return within


def _search(worlds, failed):
    """(limits, z) of the best box on the way of PRIM, each box without the limits that may be luck."""
    from prim import Prim

    peeled = Prim(worlds, failed.astype(int), peel_alpha=PEEL, mass_min=SMALLEST).find_box()
    ends = {name: (worlds[name].min(), worlds[name].max()) for name in worlds}
    best, highest = {}, 0.0
    for step in range(1, len(peeled.peeling_trajectory)):
        peeled.select(step)
        limits = {name: (row["min"], row["max"]) for name, row in peeled.limits.iterrows()}
        limits = {
            name: (low if low > ends[name][0] else -math.inf, high if high < ends[name][1] else math.inf)
            for name, (low, high) in limits.items()
        }
        names = _needed(failed, {name: inside(worlds, {name: both}) for name, both in limits.items()})
        z = _z(failed, inside(worlds, {name: limits[name] for name in names}))
        if z > highest:
            best, highest = {name: limits[name] for name in names}, z
    return best, highest


def _needed(failed, masks):
    """Names of those limits (name -> which worlds keep to it) that are not luck: the least needed goes first, until
    all are needed.
    """
    names = list(masks)
    while names:
        fewer = [_all([masks[other] for other in names if other != name], len(failed)) for name in names]
        luck = [_luck(failed, wider & masks[name], wider) for name, wider in zip(names, fewer, strict=True)]
        worst = int(np.argmax(luck))
        if luck[worst] <= LEVEL / len(masks):
            break
        del names[worst]
    return names


def _all(masks, worlds):
    return np.logical_and.reduce(masks) if masks else np.ones(worlds, bool)


def _luck(failed, within, wider):
    """How likely a box as dense as `within` is where it is a random part of the `wider` one (the quasi-p-value of
    Bryant and Lempert).
    """
    return special.bdtrc((failed & within).sum() - 1, within.sum(), failed[wider].mean())


def _z(failed, within):
    worlds, mass, share = len(failed), within.sum(), failed.mean()
    if mass in (0, worlds):
        return 0.0
    spread = math.sqrt(mass * share * (1 - share) * (worlds - mass) / (worlds - 1))
    return float(((failed & within).sum() - mass * share) / spread)
