"""Whom venture firms see: a sample of the seekers, near, in focus, at their stage; and what they bid.

The chance that a firm sees a seeker grows with focus and falls with distance (elasticity -0.3, F10);
each firm sees as many as its partners can (F09a: 50 to 150 a deal).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.bids import (
    Offers,
    believed_quality,
    bid,
    discount_of,
    dry_powder,
    next_stage,
    prospect,
    readiness_of,
)
from sim.mechanisms.programmes.compensation import cover_of
from sim.world.draws import Decision, exp, normal, normal_quantile, power, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Stage
from sim.world.table import Rows

POLITICS = 1000  # numbers the draws of political choice apart from those of the signal of quality, by round

PITCH = np.dtype(  # what all firms see alike of a seeker
    [
        ("id", "i8"),
        ("sector", "i8"),
        ("stage", "i8"),  # of the round sought
        ("rounds", "i8"),
        ("need", "i8"),
        ("quality", "f8"),
        ("noise", "f8"),
        ("ready", "f8"),
        ("value", "f8"),  # if it succeeds, yuan
    ],
    align=True,
)


class Market(NamedTuple):
    """Those who seek a round, as venture firms see them.

    A firm looks at the list of those who seek a round within its range of stages; the lists of all ranges stand one
    after the other.
    """

    seekers: np.ndarray  # slots of startups, int64[seekers]
    pitches: np.ndarray  # PITCH[seekers]
    listed: np.ndarray  # who stands in the lists, an index of `seekers`, int64[listed]
    ids: np.ndarray  # their identities, int64[listed]
    groups: np.ndarray  # who weigh the same: those of one stage, sector and district, int64[listed]
    spans: np.ndarray  # lowest and highest stage -> first place in the lists, and last + 1, int64[stages, stages, 2]
    sectors: int  # how many there are
    distance: np.ndarray  # km between districts, float64[districts, districts]
    window: float  # factor on values for how open listings are


def open_market(quarter, seekers, firms, gps, distance, window, params):
    """The Market of a quarter, in which `seekers` (slots of startups) look for a round."""
    pitches = Rows.of(np.empty(len(seekers), PITCH))
    _pitch(quarter=quarter, seekers=seekers, firms=firms, params=params, pitches=pitches)
    districts = firms.startups.district[seekers]
    group = (pitches.stage * len(firms.sectors) + pitches.sector) * len(distance) + districts
    spans = np.zeros((len(Stage), len(Stage), 2), np.int64)
    lists, end = [np.zeros(0, np.int64)], 0
    for low, high in np.unique(np.stack([gps.stage_low, gps.stage_high], axis=1), axis=0):
        lists.append(np.flatnonzero((pitches.stage >= low) & (pitches.stage <= high)))
        spans[low, high], end = (end, end + len(lists[-1])), end + len(lists[-1])
    listed = np.concatenate(lists)
    return Market(
        seekers=seekers,
        pitches=pitches,
        listed=listed,
        ids=pitches.id[listed],
        groups=group[listed],
        spans=spans,
        sectors=len(firms.sectors),
        distance=distance,
        window=window,
    )


@kernel
def _pitch(quarter, seekers, firms, params, pitches):
    """Startups say what they are and what they ask for."""
    for k in range(len(seekers)):
        firm, pitch = firms.startups[seekers[k]], pitches[k]
        pitch.id, pitch.sector, pitch.stage = firm.id, firm.sector, next_stage(firm.stage)
        pitch.rounds, pitch.need, pitch.quality, pitch.noise = firm.rounds, firm.need, firm.quality, firm.noise
        pitch.ready = readiness_of(firm, quarter, params)
        pitch.value = prospect(firm, firms.sectors.multiple[firm.sector], pitch.stage, params)


@shared
def weights(gp, market, params):
    """Weight of each group of seekers in the sample of a venture firm, float64[stages * sectors * districts]."""
    districts = len(market.distance)
    near, weight = np.empty(districts), np.zeros(len(market.spans) * market.sectors * districts)
    for d in range(districts):
        km = market.distance[gp.district, d] if gp.district != NOBODY else params.outside_km
        near[d] = power(1.0 + km, params.distance_elasticity)
    for s in range(market.sectors):
        focus = params.off_focus
        if gp.patient != NOBODY or s == gp.focus_1 or s == gp.focus_2 or s == gp.focus_3:
            focus = 1.0
        for d in range(districts):
            for stage in range(gp.stage_low, gp.stage_high + 1):
                weight[(stage * market.sectors + s) * districts + d] = focus * near[d]
    return weight


@shared
def meet(chance, gp_id, ids, groups, weight, reach):
    """Whom of a list a venture firm meets, each with the chance of `reach` times its weight: places in the list."""
    seed, quarter = chance
    luck, met = np.empty(len(ids)), np.empty(len(ids), np.int64)
    for j in range(len(ids)):
        luck[j] = uniform(seed, Decision.SCREEN, quarter, ids[j], gp_id)
    n = 0
    for j in range(len(ids)):
        met[n] = j
        n += luck[j] < weight[groups[j]] * reach
    return met[:n]


@shared
def _sample(gp, chance, market, params):
    """Seekers whom a venture firm meets, as many as its partners can see: indices of `market.seekers`."""
    first, last = market.spans[gp.stage_low, gp.stage_high]
    ids, groups, weight = market.ids[first:last], market.groups[first:last], weights(gp, market, params)
    total = 0.0
    for j in range(len(groups)):
        total += weight[groups[j]]
    if total <= 0.0:
        return market.listed[:0]
    reach = params.screens_per_partner * gp.partners / total
    return market.listed[first:last][meet(chance, gp.id, ids, groups, weight, reach)]


@shared
def _listen(seed, gp_id, pitches, heard):
    """Luck of a venture firm in reading the pitches in `heard`, uniform draws; drawn in a row they cost a tenth."""
    ids, rounds, luck = np.empty(len(heard), np.int64), np.empty(len(heard), np.int64), np.empty(len(heard))
    for m in range(len(heard)):
        ids[m], rounds[m] = pitches[heard[m]].id, pitches[heard[m]].rounds
    for m in range(len(heard)):
        luck[m] = uniform(seed, Decision.SIGNAL, rounds[m], ids[m], gp_id)
    return luck


@shared
def _money_for_new(gp, funds, quarter, params):
    """Dry powder of a venture firm that can take on new companies, yuan; 0 for one that cannot."""
    if gp.fund == NOBODY or gp.ended != NEVER:
        return 0
    fund = funds[gp.fund]
    powder = dry_powder(fund, quarter, params)
    late = quarter >= fund.vintage + fund.life - params.last_new_quarters
    spent = fund.new_invested >= (1.0 - fund.reserve) * fund.committed
    return 0 if powder < params.smallest_powder or late or spent else powder


@kernel
def screen(chance, market, patient, cover, params, capital):
    """Venture firms see a sample of seekers and write term sheets; returns the Offers.

    The government's own fund looks by its own terms, `patient_capital.Terms`.
    """
    gps, funds, pitches, quarter = capital.gps, capital.funds, market.pitches, chance.quarter
    most = len(gps) * len(pitches)
    bidder, seeker, first = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(len(gps) + 1, np.int64)
    posts, gains, discount = np.empty(most), np.empty(most), np.empty(len(market.spans))
    n = 0
    for g in range(len(gps)):
        first[g] = n
        gp = gps[g]
        gp.screened = 0
        gp.deals = 0
        powder = _money_for_new(gp, funds, quarter, params)
        if powder <= 0:
            continue
        heard = _sample(gp, chance, market, params)
        luck = _listen(chance.seed, gp.id, pitches, heard)
        gp.screened = len(heard)
        required = patient.required_return if gp.patient != NOBODY else params.required_return
        for stage in range(gp.stage_low, gp.stage_high + 1):
            discount[stage] = discount_of(funds[gp.fund], required, stage, quarter, params)
        for m in range(len(heard)):
            pitch = pitches[heard[m]]
            if pitch.need > params.powder_multiple * powder:
                continue
            noise = gp.noise * pitch.noise
            seen = believed_quality(pitch.quality, noise, normal_quantile(luck[m]))
            value = pitch.value
            if gp.patient != NOBODY:
                choice = normal(chance.seed, Decision.SIGNAL, POLITICS + pitch.rounds, pitch.id, gp.id)
                value *= patient.tilt[pitch.sector] * exp(patient.politics * choice)
            value *= market.window
            post = bid(
                stage=pitch.stage,
                quality=seen,
                ready=pitch.ready,
                value=value,
                discount=discount[pitch.stage],
                noise=noise,
                cover=cover_of(gp, pitch.stage, pitch.need, cover),
                params=params,
            )
            if pitch.need > params.largest_dilution * post:
                continue
            bidder[n], seeker[n], posts[n], gains[n] = g, heard[m], post, post / pitch.need
            n += 1
    first[len(gps)] = n
    return Offers(seekers=market.seekers, gp=bidder[:n], seeker=seeker[:n], post=posts[:n], gain=gains[:n], first=first)
