"""What a round is worth to a fund: the signal, the chance of success, the value, the bid.

    q = expected + (signal - expected) / (1 + noise^2),   p = logistic(a_stage + b q) x readiness,
    V = multiple x e^(traction + growth to exit), at most the market,
    share asked s of an investment I:   s p V / (1 + r)^T + (1 - p) c I = I (1 + shade x noise^2)

where what is expected is learned of founders' records (`records`), r is the fund's required return, T the time to an
exit within its own life, c the cover of losses by the failure compensation fund (so that s > 1 rejects: p >= (1 - c)
I / (V - c I) at r = 0), and shade answers the winner's curse, which is worse where signals are noisier. The post-
money bid is I / s.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.going_concern import finished_value, readiness
from sim.world.draws import exp, log, logistic
from sim.world.kernel import shared
from sim.world.kinds import NEVER, Stage

SEED = int(Stage.SEED)  # numba indexes tuples by plain integers only
LEAST_ASKED = 1e-3  # share of the company times its chance of success: cover of the whole loss still costs a share


class Offers(NamedTuple):
    """Term sheets of the quarter, those of one venture firm after those of another."""

    seekers: np.ndarray  # slots of the startups that seek a round, int64[seekers]
    gp: np.ndarray  # slot of the venture firm that bids, int64[offers]
    seeker: np.ndarray  # for whose round, an index of `seekers`, int64[offers]
    post: np.ndarray  # yuan, highest post-money value that it would pay, float64[offers]
    gain: np.ndarray  # that value over the money asked for, float64[offers]
    inside: np.ndarray  # whether it has a stake already, bool[offers]
    first: np.ndarray  # where the offers of each venture firm begin, and where all end, int64[firms + 1]


@shared
def next_stage(stage):
    """Stage that the next round brings a startup to; rounds after D count as D."""
    return stage + 1 if stage < Stage.D else stage


@shared
def believed_quality(quality, noise, luck, expected):
    """Posterior mean of quality from a signal with standard deviation `noise`; the prior is normal around what is
    `expected` of the founder's record, with a standard deviation of one.
    """
    return expected + (quality + noise * luck - expected) / (1.0 + noise * noise)


@shared
def share_asked(p, value, discount, cover, hurdle):
    """Share of the company asked per yuan invested, times the yuan: s / I; above 1 / I nothing is left to sell."""
    return max(hurdle - (1.0 - p) * cover, LEAST_ASKED) / (p * value * discount)


@shared
def dry_powder(fund, quarter, params):
    """Yuan that a fund can still invest: promised, not called, and not needed for fees on promises."""
    left = max(0, min(fund.life, np.int64(4.0 * params.fee_years)) - (quarter - fund.vintage))
    return fund.cash + fund.committed - fund.called - np.int64(fund.fee * fund.committed * left)


@shared
def readiness_of(firm, quarter, params):
    """How much of a chance of success product and compliance leave a startup, 0 to 1."""
    ahead = firm.compliance
    if firm.sandbox_from != NEVER and firm.sandbox_until >= quarter:
        ahead *= 1.0 - params.sandbox_assurance
    return readiness(firm.progress, params.idea_chance) * exp(-params.compliance_discount * ahead)


@shared
def prospect(firm, multiple, stage, params):
    """Value of a startup that succeeds after a round of this stage, yuan."""
    return finished_value(firm.traction + params.growth_to_exit[stage], firm.market, multiple)


@shared
def chance_of_success(stage, quality, ready, params):
    """Chance that a startup of believed `quality` succeeds after a round of this stage."""
    return logistic(params.success_constant[stage] + params.success_quality * quality) * ready


@shared
def discount_of(fund, required, stage, quarter, params):
    """What a yuan at the exit is worth to a fund now; an exit after its end costs extra."""
    left = (fund.vintage + fund.life - quarter) / 4.0
    years = min(params.years_to_exit[stage], max(left, 1.0))
    late = max(params.years_to_exit[stage] - left, 0.0)
    return exp(-years * log(1.0 + required) - params.late_discount * late)


@shared
def bid(stage, quality, ready, value, discount, noise, cover, params):
    """Highest post-money value that a fund would pay in a round, yuan."""
    p = chance_of_success(stage, quality, ready, params)
    hurdle = 1.0 + params.shade * noise * noise
    return 1.0 / share_asked(p=p, value=value, discount=discount, cover=cover, hurdle=hurdle)
