"""Business angels: the wealthy of the city make small first rounds near at hand."""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.bids import SEED, believed_quality, chance_of_success, prospect
from sim.mechanisms.capital.rounds import add_stake, close_round, effort_of, issue
from sim.mechanisms.ventures.going_concern import readiness
from sim.world.accounts import Transaction, pay
from sim.world.circle import Circle, circle, nearest
from sim.world.draws import Decision, exp, log, normal, power, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import Investor, Life, Sector, Stage, Status

SIGNALS = 100  # numbers the draws of what angels see apart from those of whom a venture meets


class Angels(NamedTuple):
    """Persons who invest in others, and what they own."""

    on: Circle  # they stand on one for life
    wealth: np.ndarray  # of all persons, yuan, int64[persons]
    ids: np.ndarray  # identities of all persons, int64[persons]
    required: float  # return of seed rounds, a year
    expected: np.ndarray  # quality by the founder's record, float64[experiences]
    largest: float  # round that they make, yuan


@kernel
def become_angels(chance, people, params):
    """The wealthy, above all those who have succeeded, begin to invest in others."""
    seed, quarter = chance
    for i in range(len(people.status)):
        rich = people.wealth[i] > params.angel_wealth
        if rich and people.angel[i] == 0 and people.status[i] == Status.EMPLOYED:
            rate = params.angel_rate * (params.angel_success if people.successes[i] > 0 else 1.0)
            people.angel[i] = 1 if uniform(seed, Decision.ANGEL, quarter, people.id[i], 0) < rate else 0


@kernel
def _stand(seed, angel, ids):
    """The Circle of those who are angels, of all persons."""
    slots, n = np.empty(len(angel), np.int64), 0
    for i in range(len(angel)):
        slots[n] = i
        n += angel[i] == 1
    slots, places = slots[:n].copy(), np.empty(n)
    for k in range(n):
        places[k] = uniform(seed, Decision.ANGEL, 0, ids[slots[k]], 0)
    return circle(slots, places, np.zeros(n, np.int64), 1)


def active(model, people, expected):
    """The Angels of the city."""
    return Angels(
        on=_stand(seed=model.seed, angel=people.angel, ids=people.id),
        wealth=people.wealth,
        ids=people.id,
        required=float(model.state.required[SEED]),
        expected=expected,
        largest=model.params["nominal"].level * model.params["funding"].angel_max_round,
    )


@shared
def angel_price(raised, worth, params):
    """Post-money value of an angels' round, yuan.

    It lies between what the custom of the share and what the venture's worth make it; founders sell at most
    `largest_dilution`.
    """
    custom = power(raised / params.angel_ownership, params.angel_custom)
    return max(
        custom * power((1.0 - params.margin) * worth, 1.0 - params.angel_custom), raised / params.largest_dilution
    )


@shared
def _raise(i, asked, angels, chance, params, firms, capital):
    """A venture meets angels: one makes the start, others of those whom it meets join.

    Their stakes are noted at once, and the caller books the money. Returns what the venture is worth to the first.
    """
    firm, seed, quarter = firms.startups[i], chance.seed, chance.quarter
    ready = readiness(firm.progress, params.idea_chance)
    value = prospect(firm, firms.sectors.multiple[firm.sector], SEED, params)
    discount = exp(-params.years_to_exit[SEED] * log(1.0 + angels.required))
    first, raised, first_worth = capital.holdings_count[0], 0, 0.0
    for meeting in range(int(params.angel_looks)):
        angel = nearest(angels.on, 0, uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * meeting))
        luck = normal(seed, Decision.ANGEL, quarter, firm.id, SIGNALS + meeting)
        seen = believed_quality(firm.quality, params.angel_noise, luck, angels.expected[firm.experience])
        worth = chance_of_success(SEED, seen, ready, params) * value * discount
        gives = params.join_chance if raised > 0 else params.angel_chance
        if asked > params.largest_dilution * worth:
            continue
        if uniform(seed, Decision.ANGEL, quarter, firm.id, 2 * meeting + 1) >= gives:
            continue
        part = min(np.int64(params.angel_share * angels.wealth[angel]), asked - raised)
        again = angel in capital.holdings.holder[first : capital.holdings_count[0]]
        if part < params.angel_smallest or angel == firm.founder or again:
            continue
        angels.wealth[angel] -= part
        row = add_stake(i=i, stage=Stage.SEED, quarter=quarter, amount=part, firms=firms, capital=capital)
        stake = capital.holdings[row]
        stake.investor, stake.holder, stake.holder_id = Investor.ANGEL, angel, angels.ids[angel]
        stake.lead, stake.first = raised == 0, 1
        if raised == 0:
            first_worth = worth
        raised += part
    return first_worth


@kernel
def angel_rounds(chance, seekers, angels, params, firms, capital, books):
    """Those of the `seekers`, slots of startups, whom no fund backed meet angels, who share a small first round."""
    if len(angels.on.members) == 0:
        return
    for i in seekers:
        firm = firms.startups[i]
        if firm.life != Life.ALIVE or firm.stage != Stage.IDEA or firm.need == 0:
            continue
        row = capital.holdings_count[0]
        asked = min(firm.need, np.int64(angels.largest))
        worth = _raise(i, asked, angels, chance, params, firms, capital)
        stakes = capital.holdings[row : capital.holdings_count[0]]
        raised = stakes.amount.sum()
        if raised <= 0:
            continue
        firm.cash += raised
        firm.raised += raised
        pay(books.flows, Transaction.EQUITY, Sector.PERSONS, Sector.STARTUPS, raised)
        post = angel_price(raised, worth, params)
        stakes.post_money[:] = np.int64(post)
        issue(firm, stakes, raised, post, params)
        effort = effort_of(cover=0.0, amount=raised, value=post, params=params)
        close_round(firm=firm, stage=Stage.SEED, post=post, effort=effort, chance=chance)
