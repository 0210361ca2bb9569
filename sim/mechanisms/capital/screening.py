"""Whom venture firms see: a sample of the seekers, near, in focus, at their stage; and what they bid.

The chance that a firm sees a seeker grows with focus and falls with distance (elasticity -0.3, F10);
each firm sees as many as its partners can (F09a: 50 to 150 a deal).
"""

import numpy as np

from sim.mechanisms.capital.bids import believed_quality, bid, discount_of, dry_powder, next_stage, prospect, readiness
from sim.world.draws import Decision, exp, normal, normal_quantile, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Stage
from sim.world.table import Rows

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


def market(startups, seekers, gps, sectors, districts):
    """Seekers as venture firms see them: for every range of stages that a firm invests in, those who ask for such a
    round.

    Returns (places in `seekers`, their identities, their groups, range -> first and last + 1), the
    lists of all ranges one after the other. A group is all who weigh the same: one stage, sector and district.
    """
    stage = np.minimum(startups.stage[seekers] + 1, Stage.D)
    group = (stage * sectors + startups.sector[seekers]) * districts + startups.district[seekers]
    spans = np.zeros((len(Stage), len(Stage), 2), np.int64)
    lists, end = [np.zeros(0, np.int64)], 0
    for low, high in np.unique(np.stack([gps.stage_low, gps.stage_high], axis=1), axis=0):
        lists.append(np.flatnonzero((stage >= low) & (stage <= high)))
        spans[low, high], end = (end, end + len(lists[-1])), end + len(lists[-1])
    places = np.concatenate(lists)
    return places, startups.id[seekers[places]], group[places], spans


@kernel
def _weigh(gp, near, sectors, off_focus, weight):
    """Weight of each group of seekers in the sample of a venture firm, whatever their stage."""
    for s in range(sectors):
        focus = off_focus
        if gp.patient != NOBODY or s == gp.focus_1 or s == gp.focus_2 or s == gp.focus_3:
            focus = 1.0
        for d in range(len(near)):
            for stage in range(gp.stage_low, gp.stage_high + 1):
                weight[(stage * sectors + s) * len(near) + d] = focus * near[d]


@kernel
def _meet(seed, quarter, gp_id, ids, groups, weight, reach, luck, met):
    """Places in the list of those whom a venture firm meets:

    each by chance, `reach` times its weight; returns how many.
    """
    for j in range(len(ids)):
        luck[j] = uniform(seed, Decision.SCREEN, quarter, ids[j], gp_id)
    n = 0
    for j in range(len(ids)):
        met[n] = j
        n += luck[j] < weight[groups[j]] * reach
    return n


def pitch(quarter, startups, sectors, seekers, params):
    """What all venture firms see alike of the seekers, PITCH[seekers]."""
    pitches = Rows.of(np.empty(len(seekers), PITCH))
    _pitch(quarter, startups, sectors, seekers, params, pitches)
    return pitches


@kernel
def _pitch(quarter, startups, sectors, seekers, params, pitches):
    for k in range(len(seekers)):
        firm, pitch = startups[seekers[k]], pitches[k]
        pitch.id, pitch.sector, pitch.stage, pitch.rounds, pitch.need = (
            firm.id,
            firm.sector,
            next_stage(firm.stage),
            firm.rounds,
            firm.need,
        )
        pitch.quality, pitch.noise, pitch.ready = firm.quality, firm.noise, readiness(firm, quarter, params)
        pitch.value = prospect(firm, sectors.multiple[firm.sector], pitch.stage, params)


@kernel
def _listen(seed, gp_id, pitches, heard, ids, rounds, luck):
    """Luck of a venture firm in reading the pitches in `heard`, a uniform draw each; drawn in a row they cost a tenth."""
    for m in range(len(heard)):
        ids[m], rounds[m] = pitches[heard[m]].id, pitches[heard[m]].rounds
    for m in range(len(heard)):
        luck[m] = uniform(seed, Decision.SIGNAL, rounds[m], ids[m], gp_id)


@kernel
def screen(
    seed,
    quarter,
    gps,
    funds,
    pitches,
    sectors,
    places,
    ids,
    groups,
    spans,
    distance,
    cover,
    project_cap,
    tilt,
    registered,
    patient_return,
    politics,
    window,
    params,
    offer_gp,
    offer_seeker,
    offer_post,
    offer_gain,
    gp_start,
):
    """Venture firms see a sample of seekers and write bids; returns the number of bids."""
    n = 0
    near = np.empty(distance.shape[0])
    weight = np.empty(spans.shape[0] * sectors * len(near))
    seekers = len(pitches)
    luck = np.empty(seekers)
    met = np.empty(seekers + 1, np.int64)
    heard, heard_ids, heard_rounds = (
        np.empty(seekers, np.int64),
        np.empty(seekers, np.int64),
        np.empty(seekers, np.int64),
    )
    discount = np.empty(len(spans))
    for g in range(len(gps)):
        gp_start[g] = n
        gp = gps[g]
        gp.screened = 0
        gp.deals = 0
        if gp.fund == NOBODY or gp.ended != NEVER:
            continue
        fund = funds[gp.fund]
        powder = dry_powder(fund, quarter)
        if powder < 2_000_000 or quarter >= fund.vintage + fund.life - 8:
            continue
        if fund.new_invested >= (1.0 - fund.reserve) * fund.committed:
            continue
        for d in range(len(near)):
            km = distance[gp.district, d] if gp.district != NOBODY else params.outside_km
            near[d] = power(1.0 + km, params.distance_elasticity)
        _weigh(gp, near, sectors, params.off_focus, weight)
        first, last = spans[gp.stage_low, gp.stage_high]
        total = 0.0
        for j in range(first, last):
            total += weight[groups[j]]
        if total <= 0.0:
            continue
        reach = params.screens_per_partner * gp.partners / total
        covered = gp.registered < registered and gp.patient == NOBODY
        required = params.required_return
        if gp.patient != NOBODY:
            required = patient_return
        gp.screened = _meet(seed, quarter, gp.id, ids[first:last], groups[first:last], weight, reach, luck, met)
        for stage in range(gp.stage_low, gp.stage_high + 1):
            discount[stage] = discount_of(fund, required, stage, quarter, params)
        for m in range(gp.screened):
            heard[m] = places[first + met[m]]
        _listen(seed, gp.id, pitches, heard[: gp.screened], heard_ids, heard_rounds, luck)
        for m in range(gp.screened):
            k = heard[m]
            pitch = pitches[k]
            if pitch.need > 2 * powder:
                continue
            noise = gp.noise * pitch.noise
            seen = believed_quality(pitch.quality, noise, normal_quantile(luck[m]))
            value = pitch.value
            if gp.patient != NOBODY:
                value *= tilt[pitch.sector] * exp(
                    politics * normal(seed, Decision.SIGNAL, 1000 + pitch.rounds, pitch.id, gp.id)
                )
            c = 0.0
            if covered:
                c = min(cover[pitch.stage], project_cap / pitch.need)
            post = bid(pitch.stage, seen, pitch.ready, value * window, discount[pitch.stage], noise, c, params)
            if pitch.need > params.largest_dilution * post:
                continue
            offer_gp[n], offer_seeker[n], offer_post[n], offer_gain[n] = g, k, post, post / pitch.need
            n += 1
    return n
