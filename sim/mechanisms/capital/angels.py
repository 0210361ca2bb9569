"""Business angels: the wealthy of the city make small first rounds near at hand."""

import numpy as np

from sim.mechanisms.capital.bids import SEED, believed_quality, prospect
from sim.mechanisms.capital.rounds import close_round, issue, write_holding
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, logistic, normal, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import Investor, Life, Sector, Stage, Status


@kernel
def become_angels(seed, quarter, status, ids, wealth, successes, angel, threshold, chance):
    """The wealthy, above all those who have succeeded, begin to invest in others."""
    for i in range(len(status)):
        if wealth[i] > threshold and angel[i] == 0 and status[i] == Status.EMPLOYED:
            odds = chance * (10.0 if successes[i] > 0 else 1.0)
            angel[i] = 1 if uniform(seed, Decision.ANGEL, quarter, ids[i], 0) < odds else 0


@kernel
def angel_price(raised, worth, params):
    """Post-money of an angels' round, yuan:

    between what the custom of the share and what the venture's worth make it, at most `largest_dilution`.
    """
    custom = power(raised / params.angel_ownership, params.angel_custom)
    return max(
        custom * power((1.0 - params.margin) * worth, 1.0 - params.angel_custom), raised / params.largest_dilution
    )


@kernel
def angel_rounds(seed, quarter, seekers, startups, sectors, angels, wealth, ids, holdings, count, params, flows):
    """Those whom no fund backed meet angels:

    one makes the start, others of those they meet join; returns the number of holdings.
    """
    if len(angels) == 0:
        return count
    for k in range(len(seekers)):
        i = seekers[k]
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.stage != Stage.IDEA or firm.need == 0:
            continue
        asked = min(firm.need, np.int64(params.angel_max_round))
        value = prospect(firm, sectors.multiple[firm.sector], SEED, params)
        first_new = count
        raised = 0
        first_worth = 0.0
        for look in range(int(params.angel_looks)):
            a = angels[np.int64(uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * look) * len(angels))]
            seen = believed_quality(
                firm.quality, params.angel_noise, normal(seed, Decision.ANGEL, quarter, firm.id, 100 + look)
            )
            p = logistic(params.success_constant[SEED] + params.success_quality * seen) * (0.5 + 0.5 * firm.progress)
            worth = p * value * exp(-params.years_to_exit[SEED] * log(1.0 + params.required_return))
            chance = params.join_chance if raised > 0 else params.angel_chance
            if (
                asked > params.largest_dilution * worth
                or uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * look + 1) >= chance
            ):
                continue
            part = min(np.int64(params.angel_share * wealth[a]), asked - raised)
            if part < 100_000 or a == firm.founder or a in holdings.holder[first_new:count]:
                continue
            if raised == 0:
                first_worth = worth
            wealth[a] -= part
            firm.cash += part
            firm.raised += part
            raised += part
            pay(flows, Transaction.EQUITY, Sector.PERSONS, Sector.STARTUPS, part)
            count = write_holding(
                holdings,
                count,
                i,
                firm,
                Stage.SEED,
                quarter,
                Investor.ANGEL,
                a,
                ids[a],
                1 if count == first_new else 0,
                1,
                part,
                0,
                0,
                0,
            )
        if raised > 0:
            post = angel_price(raised, first_worth, params)
            holdings.post_money[first_new:count] = np.int64(post)
            issue(firm, holdings, first_new, count, raised, post, params)
            close_round(seed, firm, Stage.SEED, raised, np.int64(post), quarter, 0.0, post, params)
    return count
