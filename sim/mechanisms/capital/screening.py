"""Whom venture firms see: a sample of the seekers, near, in focus, at their stage; and what they bid.

The chance that a firm sees a seeker grows with focus and falls with distance (F10);
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
from sim.world.kinds import NEVER, NOBODY, Investor, Route, Stage
from sim.world.table import Rows

SQUARE_ROOT = 0.5  # exponent
MOST_WATCHERS = 64  # venture firms with a stake in one startup: room, more than there ever are
STAGES = len(Stage)
POLITICS = 1000  # numbers the draws of political choice apart from those of the signal of quality, by round

PITCH = np.dtype(  # what all firms see alike of a seeker
    [
        ("id", "i8"),
        ("sector", "i8"),
        ("district", "i8"),
        ("stage", "i8"),  # of the round sought
        ("rounds", "i8"),
        ("need", "i8"),
        ("quality", "f8"),
        ("expected", "f8"),  # of its founder's record
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
    venue: float  # factor on values for a venue that is foreseen
    insiders: "Insiders"


class Insiders(NamedTuple):
    """Venture firms that hold stakes in those who seek, by firm: they have watched since they came in."""

    seeker: np.ndarray  # an index of `seekers`, int64[pairs]
    signals: np.ndarray  # that the firm has had of it with this round's, int64[pairs]
    first: np.ndarray  # where the pairs of each venture firm begin, and where all end, int64[firms + 1]


def open_market(quarter, seekers, firms, capital, distance, expected, venue, params):
    """The Market of a quarter, in which `seekers` (slots of startups) look for a round; quality is `expected` by the
    founder's record, float64[experiences].
    """
    pitches = Rows.of(np.empty(len(seekers), PITCH))
    _pitch(quarter=quarter, seekers=seekers, firms=firms, expected=expected, params=params, pitches=pitches)
    listed, ids, groups, spans = _lists(
        gps=capital.gps, pitches=pitches, sectors=len(firms.sectors), places=len(distance)
    )
    return Market(
        seekers=seekers,
        pitches=pitches,
        listed=listed,
        ids=ids,
        groups=groups,
        spans=spans,
        sectors=len(firms.sectors),
        distance=distance,
        venue=venue,
        insiders=Insiders(*_insiders(seekers=seekers, firms=firms, capital=capital)),
    )


@kernel
def _pitch(quarter, seekers, firms, expected, params, pitches):
    """Startups say what they are and what they ask for."""
    for k in range(len(seekers)):
        firm, pitch = firms.startups[seekers[k]], pitches[k]
        pitch.id, pitch.sector, pitch.stage = firm.id, firm.sector, next_stage(firm.stage)
        pitch.rounds, pitch.need, pitch.quality, pitch.noise = firm.rounds, firm.need, firm.quality, firm.noise
        pitch.expected = expected[firm.experience]
        pitch.ready = readiness_of(firm, quarter, params)
        pitch.value = prospect(firm, firms.sectors.multiple[firm.sector], pitch.stage, params)
        pitch.district = firm.district


@kernel
def _lists(gps, pitches, sectors, places):
    """`listed`, `ids`, `groups` and `spans` of the Market, for the ranges of stages that there are among venture firms;
    there are so many `sectors`, and districts (`places`).
    """
    looked_at = np.zeros((STAGES, STAGES), np.bool_)
    for g in range(len(gps)):
        looked_at[gps[g].stage_low, gps[g].stage_high] = True
    most = looked_at.sum() * len(pitches)
    listed, ids, groups = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    spans, end = np.zeros((STAGES, STAGES, 2), np.int64), 0
    for low in range(STAGES):
        for high in range(low, STAGES):
            if not looked_at[low, high]:
                continue
            spans[low, high, 0] = end
            for k in range(len(pitches)):
                pitch = pitches[k]
                if low <= pitch.stage <= high:
                    listed[end], ids[end] = k, pitch.id
                    groups[end] = (pitch.stage * sectors + pitch.sector) * places + pitch.district
                    end += 1
            spans[low, high, 1] = end
    return listed[:end], ids[:end], groups[:end], spans


class Eyes(NamedTuple):
    """With which venture firms look this quarter."""

    seed: int
    venue: float  # factor on values for a venue that is foreseen
    patient: NamedTuple  # `patient_capital.Terms`


@shared
def _of(insiders, g):
    """The companies of venture firm g among those who seek, as `Insiders`."""
    first, last = insiders.first[g], insiders.first[g + 1]
    return Insiders(insiders.seeker[first:last], insiders.signals[first:last], insiders.first)


@shared
def _watchers(firm, capital, gps, places):
    """The venture firms that hold stakes in a startup: fills in their slots, and the round in which each came in;
    returns how many there are.
    """
    n, row = 0, firm.first_holding
    while row != NOBODY:
        stake = capital.holdings[row]
        row = stake.next
        if stake.investor == Investor.ANGEL or stake.holder == NOBODY or stake.route != Route.HELD:
            continue
        gp, k = capital.funds.gp[stake.holder], 0
        while k < n and gps[k] != gp:
            k += 1
        if k == n:
            if n == len(gps):
                continue
            gps[k], places[k] = gp, stake.place
            n += 1
        places[k] = min(places[k], stake.place)
    return n


@kernel
def _insiders(seekers, firms, capital):
    """The fields of `Insiders`."""
    first = np.zeros(len(capital.gps) + 1, np.int64)
    gps, places = np.empty(MOST_WATCHERS, np.int64), np.empty(MOST_WATCHERS, np.int64)
    for k in range(len(seekers)):
        for j in range(_watchers(firms.startups[seekers[k]], capital, gps, places)):
            first[gps[j] + 1] += 1
    for g in range(len(capital.gps)):
        first[g + 1] += first[g]
    free = first[:-1].copy()
    seeker, signals = np.empty(first[-1], np.int64), np.empty(first[-1], np.int64)
    for k in range(len(seekers)):
        firm = firms.startups[seekers[k]]
        for j in range(_watchers(firm, capital, gps, places)):
            seeker[free[gps[j]]], signals[free[gps[j]]] = k, firm.rounds - places[j] + 1
            free[gps[j]] += 1
    return seeker, signals, first


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
def _money(gp, funds, quarter, params):
    """Dry powder of a venture firm, yuan; 0 for one that cannot invest any more, also in its own companies."""
    if gp.fund == NOBODY or gp.ended != NEVER:
        return 0
    fund = funds[gp.fund]
    powder = dry_powder(fund, quarter, params)
    late = quarter >= fund.vintage + fund.life - params.last_follow_on_quarters
    return 0 if powder < params.smallest_powder or late else powder


@shared
def _takes_new(fund, quarter, params):
    """Whether a fund can take on new companies: it has time before its end, and its reserve is not touched."""
    late = quarter >= fund.vintage + fund.life - params.last_new_quarters
    return not late and fund.new_invested < (1.0 - fund.reserve) * fund.committed


@shared
def _watched(seed, gp_id, pitch, signals):
    """Mean luck of a venture firm in all that it has seen of a startup, this round's pitch among it."""
    luck = 0.0
    for place in range(pitch.rounds - signals + 1, pitch.rounds + 1):
        luck += normal_quantile(uniform(seed, Decision.SIGNAL, place, pitch.id, gp_id))
    return luck / signals


@shared
def _term_sheet(gp, pitch, noise, luck, eyes, discount, cover, params):
    """Post-money value that a venture firm offers; 0 where the round would sell more than founders ever do.

    Its signal of quality has a standard deviation of `noise`.
    """
    value = pitch.value * eyes.venue
    if gp.patient != NOBODY:
        choice = normal(eyes.seed, Decision.SIGNAL, POLITICS + pitch.rounds, pitch.id, gp.id)
        value *= eyes.patient.tilt[pitch.sector] * exp(eyes.patient.politics * choice)
    post = bid(
        stage=pitch.stage,
        quality=believed_quality(pitch.quality, noise, luck, pitch.expected),
        ready=pitch.ready,
        value=value,
        discount=discount,
        noise=noise,
        cover=cover_of(gp, pitch.stage, pitch.need, cover),
        params=params,
    )
    return post if pitch.need <= params.largest_dilution * post else 0.0


@shared
def _inside(seeker, known):
    """Whether a venture firm has a stake in a seeker; `known` are those in which it has."""
    for k in known:
        if k == seeker:
            return True
    return False


@shared
def _look(seed, quarter, gp, heard, insiders, pitches, params):
    """Whom a venture firm judges: strangers of those `heard`, and companies of its own; returns the seekers, its luck
    in reading each, and how many signals of each it has had.
    """
    known = insiders.seeker
    strangers = _listen(seed, gp.id, pitches, heard)
    seekers, n = np.empty(len(heard) + len(known), np.int64), 0
    luck, signals = np.empty(len(seekers)), np.ones(len(seekers), np.int64)
    for m in range(len(heard)):
        if not _inside(heard[m], known):
            seekers[n], luck[n] = heard[m], normal_quantile(strangers[m])
            n += 1
    for m in range(len(known)):
        pitch = pitches[known[m]]
        if uniform(seed, Decision.INSIDE, quarter, pitch.id, gp.id) < params.insider_look:
            seekers[n], signals[n] = known[m], insiders.signals[m]
            luck[n] = _watched(seed, gp.id, pitch, signals[n])
            n += 1
    return seekers[:n], luck[:n], signals[:n]


@kernel
def screen(chance, market, required, patient, cover, params, capital):
    """Venture firms see a sample of seekers and their own companies, and write term sheets; returns the Offers.

    `required` is the return that they require by stage, float64[stages]. The government's own fund looks by its own
    terms, `patient_capital.Terms`. Who has a stake has had more signals of a company, and reads their mean.
    """
    gps, funds, pitches, quarter = capital.gps, capital.funds, market.pitches, chance.quarter
    most = len(gps) * len(pitches)
    bidder, seeker, first = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(len(gps) + 1, np.int64)
    posts, gains, discount = np.empty(most), np.empty(most), np.empty(len(required))
    inside = np.empty(most, np.bool_)
    eyes = Eyes(seed=chance.seed, venue=market.venue, patient=patient)
    n = 0
    for g in range(len(gps)):
        first[g] = n
        gp = gps[g]
        gp.screened = 0
        gp.deals = 0
        powder = _money(gp, funds, quarter, params)
        if powder <= 0:
            continue
        heard, own = _sample(gp, chance, market, params), _of(market.insiders, g)
        if not _takes_new(funds[gp.fund], quarter, params):
            heard = heard[:0]
        seekers, luck, signals = _look(chance.seed, quarter, gp, heard, own, pitches, params)
        gp.screened = len(heard)
        concession = patient.concession if gp.patient != NOBODY else 0.0
        for stage in range(len(required)):
            discount[stage] = discount_of(funds[gp.fund], required[stage] - concession, stage, quarter, params)
        for m in range(len(seekers)):
            pitch = pitches[seekers[m]]
            if pitch.need > params.powder_multiple * powder:
                continue
            post = _term_sheet(
                gp=gp,
                pitch=pitch,
                noise=gp.noise * pitch.noise / power(1.0 * signals[m], SQUARE_ROOT),
                luck=luck[m] * power(1.0 * signals[m], SQUARE_ROOT),
                eyes=eyes,
                discount=discount[pitch.stage],
                cover=cover,
                params=params,
            )
            if post > 0.0:
                bidder[n], seeker[n], posts[n], gains[n] = g, seekers[m], post, post / pitch.need
                inside[n] = _inside(seekers[m], own.seeker)
                n += 1
    first[len(gps)] = n
    return Offers(
        seekers=market.seekers,
        gp=bidder[:n],
        seeker=seeker[:n],
        post=posts[:n],
        gain=gains[:n],
        inside=inside[:n],
        first=first,
    )
