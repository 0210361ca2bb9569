"""The return that venture firms require, by stage of the round: the price of capital, which answers slowly.

    r' = r + speed (base + slope log(tightness) - r)
    tightness = needs of those with an offer x led_share / pace of the funds that look at the stage

It is a slope and not a clearing: needs are a stock of firms that wait, and the pace of funds is what rations. Venture
firms take up the stage next to their own, now and then, where the return there is higher by more than `worth_moving`.
"""

from typing import NamedTuple

import numpy as np

from sim.world.draws import Decision, log, uniform
from sim.world.kernel import kernel


class Params(NamedTuple):
    base: float
    slope: float
    tightest: float
    speed: float
    led_share: float
    worth_moving: float
    moving_rate: float


@kernel
def supply(gps, demand):
    """Yuan that funds would place at each stage this quarter: their pace, split over the stages of their range by
    demand there; demand and supply are float64[stages].
    """
    placed = np.zeros(len(demand))
    for g in range(len(gps)):
        gp = gps[g]
        asked = demand[gp.stage_low : gp.stage_high + 1].sum()
        for stage in range(gp.stage_low, gp.stage_high + 1):
            share = demand[stage] / asked if asked > 0.0 else 1.0 / (gp.stage_high + 1 - gp.stage_low)
            placed[stage] += gp.pace * share
    return placed


@kernel
def answered(required, demand, placed, params):
    """The required return after a quarter of `demand` and `placed` yuan at a stage; without demand it stays."""
    if demand <= 0.0:
        return required
    tight = log(demand * params.led_share) - log(max(placed, 1.0))
    wanted = params.base + params.slope * min(max(tight, -params.tightest), params.tightest)
    return required + params.speed * (wanted - required)


@kernel
def widen(chance, gps, required, params):
    """Venture firms add the stage below or above those that they look at where more is to be earned there."""
    for g in range(len(gps)):
        gp = gps[g]
        if uniform(chance.seed, Decision.WIDEN, chance.quarter, gp.id, 0) >= params.moving_rate:
            continue
        own = required[gp.stage_low : gp.stage_high + 1].mean() + params.worth_moving
        below = required[gp.stage_low - 1] if gp.stage_low > 1 else 0.0
        above = required[gp.stage_high + 1] if gp.stage_high < len(required) - 1 else 0.0
        if below > own and below >= above:
            gp.stage_low -= 1
        elif above > own:
            gp.stage_high += 1


@kernel
def _answer(chance, gps, required, demand, params):
    """What is required by stage follows what is asked for and placed; then venture firms look where it is higher."""
    placed = supply(gps, demand)
    for stage in range(1, len(required)):
        required[stage] = answered(required[stage], demand[stage], placed[stage], params)
    widen(chance, gps, required, params)


@kernel
def _needs(wanted, stage, need, stages):
    """Sum by stage of the needs of those who are `wanted` once or more often, float64[stages]."""
    demand, counts = np.zeros(stages), np.zeros(len(need), np.bool_)
    for k in wanted:
        counts[k] = True
    for k in range(len(need)):
        if counts[k]:
            demand[stage[k]] += need[k]
    return demand


def demand_of(offers, pitches, stages):
    """Needs of those `pitches` that have an offer, yuan by stage, float64[stages]."""
    return _needs(wanted=offers.seeker, stage=pitches.stage, need=pitches.need, stages=stages)


def answer(model, demand):
    """The required return follows the needs of those who had an offer, and the pace of funds, for the next quarter."""
    state, params = model.state, model.params["required_return"]
    _answer(chance=model.chance, gps=state.gps.used, required=state.required, demand=demand, params=params)
