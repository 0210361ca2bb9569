"""What a round is worth to a fund: the signal, the chance of success, the value, the bid.

    q = signal / (1 + noise^2),   p = logistic(a_stage + b q) x readiness,
    V = multiple x e^(traction + growth to exit), at most the market,
    share asked s of an investment I:   s p V / (1 + r)^T + (1 - p) c I = I (1 + shade x noise^2)

where r is the fund's required return, T the time to an exit within its own life, c the cover of losses
by the failure compensation fund (so that s > 1 rejects: p >= (1 - c) I / (V - c I) at r = 0), and shade
answers the winner's curse, which is worse where signals are noisier. The post-money bid is I / s.
"""

import numpy as np

from sim.world.draws import exp, log, logistic
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, Stage

SEED = int(Stage.SEED)  # numba indexes tuples by plain integers only


@kernel
def next_stage(stage):
    """Stage that the next round brings a startup to; rounds after D count as D."""
    return stage + 1 if stage < Stage.D else stage


@kernel
def round_wanted(median, capital_need, traction, reference, elasticity, sd, luck):
    """Money a startup asks for, yuan."""
    return median * capital_need * exp(elasticity * (traction - reference) + sd * luck)


@kernel
def believed_quality(quality, noise, luck):
    """Posterior mean of quality, prior standard normal, from a signal with standard deviation `noise`."""
    return (quality + noise * luck) / (1.0 + noise * noise)


@kernel
def share_asked(p, value, discount, cover, hurdle):
    """Share of the company asked per yuan invested, times the yuan: s / I; above 1 / I nothing is left to sell."""
    return max(hurdle - (1.0 - p) * cover, 1e-3) / (p * value * discount)


@kernel
def dry_powder(fund, quarter):
    """Yuan that a fund can still invest: promised, not called, and not needed for fees."""
    left = max(0, min(fund.life, 20) - (quarter - fund.vintage))
    return fund.cash + fund.committed - fund.called - np.int64(fund.fee * fund.committed * left)


@kernel
def readiness(firm, quarter, params):
    """How much of a chance of success product and compliance leave a startup, 0 to 1."""
    ahead = firm.compliance
    if firm.sandbox_from != NEVER and firm.sandbox_until >= quarter:
        ahead *= 1.0 - params.sandbox_assurance
    return (0.5 + 0.5 * firm.progress) * exp(-params.compliance_discount * ahead)


@kernel
def prospect(firm, multiple, stage, params):
    """Value of a startup that succeeds after a round of this stage, yuan."""
    return multiple * exp(min(firm.traction + params.growth_to_exit[stage], firm.market))


@kernel
def discount_of(fund, required, stage, quarter, params):
    """What a yuan at the exit is worth to a fund now; an exit after its end costs extra."""
    left = (fund.vintage + fund.life - quarter) / 4.0
    years = min(params.years_to_exit[stage], max(left, 1.0))
    late = max(params.years_to_exit[stage] - left, 0.0)
    return exp(-years * log(1.0 + required) - 0.15 * late)


@kernel
def bid(stage, quality, ready, value, discount, noise, cover, params):
    """Highest post-money value that a fund would pay in a round, yuan."""
    p = logistic(params.success_constant[stage] + params.success_quality * quality) * ready
    return 1.0 / share_asked(p, value, discount, cover, 1.0 + params.shade * noise * noise)
