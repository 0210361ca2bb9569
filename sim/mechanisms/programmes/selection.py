"""Selective programmes: eligible firms apply, are ranked by a noisy score, and the best are admitted.

    score = quality + noise z,    admitted: the best scores above the lowest one within places and purse

A firm is eligible by district, sector, stage, origin of its founder and team (`Terms.open_to`, `teams`).
Places are a number a quarter at scale 1 and may be a fraction: the calendar hands out whole ones. All
applications are kept with score and cut-off, so that a discontinuity at the cut-off can be estimated.
"""

from typing import NamedTuple

import numpy as np

from sim.world.draws import normals
from sim.world.kinds import Life

REST_QUARTERS = 4  # a firm that was refused applies again after a year


class Terms(NamedTuple):
    """What a programme offers in a quarter; money in yuan."""

    policy: int  # slot of the purse that pays
    open_to: np.ndarray  # (districts, sectors, stages, origins), above zero where firms are eligible
    teams: np.ndarray  # minus the smallest, and the largest number of employees
    places: float  # a quarter, in the model
    lowest: float  # score admitted
    noise: float  # of the score around quality
    cost: int  # of one admission to the purse


class Round(NamedTuple):
    """Applicants of a quarter: slots of startups, scores, who was admitted, and the lowest score that was."""

    applicants: np.ndarray
    scores: np.ndarray
    admitted: np.ndarray
    cutoff: float

    @property
    def inside(self):
        """Slots of those admitted."""
        return self.applicants[self.admitted]

    @property
    def outside(self):
        """Slots of those refused."""
        return self.applicants[~self.admitted]


def whole_places(rate, begun):
    """Whole places of quarter number `begun` (from 0) where `rate` are handed out a quarter."""
    return int(rate * (begun + 1)) - int(rate * begun)


def eligible(startups, terms):
    """Which startups are alive and of the kind that a programme is for, bool[startups]."""
    kind = terms.open_to[startups.district, startups.sector, startups.stage, startups.origin] > 0.0
    return (
        kind
        & (startups.life == Life.ALIVE)
        & (startups.headcount >= -terms.teams[0])
        & (startups.headcount <= terms.teams[1])
    )


def select(model, terms, able, decision):
    """The Round of a programme, whose applicants are the eligible among those `able`, bool[startups]; `decision` is the
    luck of scores.
    """
    startups, purse = model.state.startups.used, model.state.purses.rows[terms.policy]
    applicants = np.flatnonzero(able & eligible(startups, terms))
    scores = startups.quality[applicants] + terms.noise * normals(
        model.seed, decision, model.quarter, startups.id[applicants]
    )
    places = whole_places(terms.places, model.quarter - model.city.first)
    if terms.cost > 0:
        places = min(places, int(purse.cash) // terms.cost)
    order = np.lexsort((startups.id[applicants], -scores))
    good = order[scores[order] >= terms.lowest]
    admitted = np.zeros(len(applicants), np.bool_)
    admitted[good[:places]] = True
    cutoff = terms.lowest
    if places <= len(good):
        cutoff = scores[good[places - 1]] if places > 0 else np.inf  # without a place no score is enough
    return Round(applicants, scores, admitted, cutoff)


def keep(model, terms, round_, amount):
    """Keep the applications of a Round; `amount` yuan for each who was admitted."""
    ids = model.state.startups.used.id[round_.applicants]
    record(
        model.state.applications,
        len(ids),
        policy=terms.policy,
        quarter=model.quarter,
        startup=round_.applicants,
        applicant_id=ids,
        score=round_.scores,
        cutoff=round_.cutoff,
        admitted=round_.admitted,
        amount=np.where(round_.admitted, amount, 0),
    )


def record(applications, n, **columns):
    """Keep `n` applications, admitted or refused; `columns` are those of `APPLICATION`, arrays or numbers."""
    first = applications.extend(n)
    for name, value in columns.items():
        applications.used[name][first:] = value
