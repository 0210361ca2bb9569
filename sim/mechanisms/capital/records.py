"""What investors have learned of founders: how often ventures that were backed succeeded, by the founders' record.

    expected quality of a record = (logit share_record - logit share_all) / success_quality,
    share = (successes + weight share_all) / (ends + weight)

Shares are of the model's own past, faded; where few have ended a record says little.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.endings import succeeded
from sim.world.draws import logs
from sim.world.kernel import kernel

LEAST_SHARE = 0.01  # of successes, where its logit is taken, and as far below one
SUCCESSES, ENDS = range(2)  # rows of `state.records`


class Params(NamedTuple):
    fading: float
    weight: float


def _logit(share):
    share = np.clip(share, LEAST_SHARE, 1.0 - LEAST_SHARE)
    return logs(share) - logs(1.0 - share)


def expected_quality(records, weight, success_quality):
    """Quality that investors expect of each record before they look, standard deviations, float64[experiences]."""
    ends = records[ENDS].sum()
    if ends == 0.0:
        return np.zeros(records.shape[1])
    overall = records[SUCCESSES].sum() / ends
    shares = (records[SUCCESSES] + weight * overall) / (records[ENDS] + weight)
    return (_logit(shares) - _logit(np.full(1, overall))) / success_quality


@kernel
def _learn(quarter, exits, startups, records, params):
    """Records fade, and those who ended in the quarter come to them."""
    records *= 1.0 - params.fading
    for e in range(len(exits)):
        over, firm = exits[e], startups[exits[e].startup]
        if over.quarter == quarter and firm.rounds > 0:
            records[ENDS, firm.experience] += 1.0
            records[SUCCESSES, firm.experience] += succeeded(over.life, over.value, over.raised)


def learn(model):
    """Ends of backed ventures enter the records of their founders."""
    state = model.state
    _learn(
        quarter=model.quarter,
        exits=state.exits.used,
        startups=state.startups.used,
        records=state.records,
        params=model.params["records"],
    )
