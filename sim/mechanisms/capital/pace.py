"""The pace at which venture firms invest: hours of partners, and yuan of the fund.

    pace     = appetite (placeable share x promises - placed in companies new to it) / max(deploy_quarters - age, least)
    account' = min(account + pace, kept_quarters x pace),   which a deal draws down by what was paid
    deals    = at most the whole companies that partners have time for, and account / cheque

A fund is to be placed in so many quarters, of which late ones are not made up for at once; the account may be
overdrawn, and then waits. Appetite follows the fund-raising climate against its past and the listing window as it has
been, so that money, deals and prices have the cycle of the nation, of which nobody sees the future.
"""

from typing import NamedTuple

import numpy as np

from sim.world.draws import exp, log, power
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY


class Params(NamedTuple):
    after_fees: float
    deploy_quarters: float
    least_quarters: float
    kept_quarters: float
    deals_per_partner: float
    climate_elasticity: float
    window_elasticity: float
    companies: float
    companies_elasticity: float
    fewest_companies: float


UNIT = 1e9  # yuan, of the fund whose number of companies is `companies`


@shared
def companies_of(committed, params):
    """Companies that a fund of so many yuan is for."""
    return max(params.fewest_companies, params.companies * power(committed / UNIT, params.companies_elasticity))


@shared
def placeable(committed, reserve, params):
    """Yuan of promises that are for companies new to the fund: after fees and what is kept for those it has."""
    return (1.0 - reserve) * params.after_fees * committed


@shared
def cheque(committed, reserve, params):
    """What a fund plans for each new company, yuan."""
    return int(placeable(committed, reserve, params) / companies_of(committed, params))


def appetite(climate, trend, window, params):
    """How fast money is placed against the usual, by the climate of fund-raising over its past and the window."""
    return exp(params.climate_elasticity * (log(climate) - log(trend)) + params.window_elasticity * log(window))


@kernel
def capacity(quarter, gps, funds, appetite, params):
    """New companies that each venture firm can lead this quarter, int64[firms]; time and accounts get the quarter's."""
    whole = np.zeros(len(gps), np.int64)
    for g in range(len(gps)):
        gp = gps[g]
        hours = params.deals_per_partner * gp.partners
        gp.pace = 0.0
        gp.time = min(gp.time + hours, max(params.kept_quarters * hours, 1.0))
        if gp.fund == NOBODY or gp.ended != NEVER:
            continue
        fund = funds[gp.fund]
        left = placeable(fund.committed, fund.reserve, params) - fund.new_invested
        pace = appetite * left / max(params.deploy_quarters - (quarter - fund.vintage), params.least_quarters)
        gp.pace = max(pace, 0.0)
        gp.account = min(gp.account + gp.pace, max(params.kept_quarters * gp.pace, 1.0 * fund.cheque))
        money = np.int64(max(gp.account, 0.0) / max(fund.cheque, 1) + 0.5)
        whole[g] = min(np.int64(max(gp.time, 0.0)), money)
    return whole
