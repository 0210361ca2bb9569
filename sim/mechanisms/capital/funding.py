"""The capital market of a quarter: startups seek, funds see and bid, offers compete, rounds close.

A startup pitches for its first round in its early years and seeks the next when its plan or its money ends (`plans`).
Venture firms see a sample of those who seek (`screening`), value them and write term
sheets (`bids`), and propose in the order of expected surplus within capacity and money; a startup holds its
best bid, and whoever is turned down proposes to the next (`matching`). Then the rounds close
(`rounds`), and business angels make small ones (`angels`). The government's own fund is one of the venture firms
(`patient_capital`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms import environment
from sim.mechanisms.capital import multiples, pace, patient_capital, plans, records, required_return
from sim.mechanisms.capital.angels import active, angel_rounds, become_angels
from sim.mechanisms.capital.matching import blurred, match, named
from sim.mechanisms.capital.rounds import MOST_IN_ROUND, close_deals
from sim.mechanisms.capital.screening import open_market, screen
from sim.mechanisms.programmes import compensation
from sim.world.kernel import kernel
from sim.world.kinds import Stage


class Params(NamedTuple):
    ownership: tuple
    ownership_weight: float
    cheque_weight: float
    success_constant: tuple
    success_quality: float
    idea_chance: float
    growth_to_exit: tuple
    years_to_exit: tuple
    late_discount: float
    shade: float
    margin: float
    largest_dilution: float
    screens_per_partner: float
    off_focus: float
    distance_elasticity: float
    outside_km: float
    fee_years: float
    smallest_powder: float
    powder_multiple: float
    last_new_quarters: float
    last_follow_on_quarters: float
    assortment: float
    name_weight: float
    largest_ticket: float
    lead_share: float
    solo_share: float
    join_chance: float
    smallest_follow_on: float
    pro_rata_times: float
    insider_look: float
    syndicate_price: float
    syndicate_share: float
    smallest_ticket: float
    smallest_fill: float
    pool_share: float
    compliance_discount: float
    sandbox_assurance: float
    effort_cost: float
    effort_on_losses: float
    angel_wealth: float
    angel_rate: float
    angel_success: float
    angel_chance: float
    angel_looks: float
    angel_share: float
    angel_ownership: float
    angel_custom: float
    angel_noise: float
    angel_max_round: float
    angel_smallest: float
    odds_memory: float
    odds_low: float
    odds_high: float


@kernel
def _update_odds(sectors, seeking, funded, params):
    """Sectors learn the chance a year of a first round from who sought and who got one, int64[sectors] each."""
    for s in range(len(sectors)):
        if seeking[s] > 0:
            seen = max(min(params.odds_high, 4.0 * funded[s] / seeking[s]), params.odds_low)
            sectors.odds[s] += params.odds_memory * (seen - sectors.odds[s])


def fund(model):
    """The capital market of the quarter: who seeks, who looks, who bids, who gets money."""
    patient_capital.endow(model)
    conditions = model.conditions
    state, params, chance = model.state, model.params["funding"], model.chance
    firms, books = state.firms(), state.books()
    cover = compensation.foreseen(model)
    startups, sectors = firms.startups, firms.sectors
    plans.seek(chance=chance, firms=firms, prices=plans.prices(model), params=model.params["plans"])
    seekers = plans.in_the_market(startups=startups, quarter=model.quarter, params=model.params["plans"])
    first_time = startups.stage[seekers] == Stage.IDEA
    state.holdings.reserve(len(seekers) * max(MOST_IN_ROUND, int(params.angel_looks)))
    capital = state.capital()
    expected = records.expected_quality(
        state.records, model.params["records"].weight * model.scale, params.success_quality
    )
    market = open_market(
        quarter=model.quarter,
        seekers=seekers,
        firms=firms,
        capital=capital,
        distance=model.map.district_distance,
        expected=expected,
        venue=multiples.of_the_venue(model),
        params=params,
    )
    offers = screen(
        chance=chance,
        market=market,
        required=state.required,
        patient=patient_capital.terms(model.levers),
        cover=cover,
        params=params,
        capital=capital,
    )
    capacity = pace.capacity(
        quarter=model.quarter,
        gps=capital.gps,
        funds=capital.funds,
        appetite=pace.appetite(
            conditions.fundraising,
            environment.past(model.city, "fundraising", model.quarter),
            multiples.seen_window(model),
            model.params["pace"],
        ),
        params=model.params["pace"],
    )
    demand = required_return.demand_of(offers, market.pitches, len(state.required))
    accepted = match(offers=_ranked(chance, offers, capital.gps, startups.id, params), capacity=capacity)
    close_deals(
        chance=chance,
        offers=offers,
        accepted=accepted,
        cover=cover,
        params=params,
        firms=firms,
        capital=capital,
        books=books,
    )
    people = state.people()
    become_angels(chance=chance, people=people, params=params)
    angel_rounds(
        chance=chance,
        seekers=seekers,
        angels=active(model, people, expected),
        params=params,
        firms=firms,
        capital=capital,
        books=books,
    )
    required_return.answer(model, demand)
    sector = startups.sector[seekers]
    funded = first_time & (startups.stage[seekers] > Stage.IDEA)
    _update_odds(
        sectors=sectors,
        seeking=np.bincount(sector[first_time], minlength=len(sectors)),
        funded=np.bincount(sector[funded], minlength=len(sectors)),
        params=params,
    )


def _ranked(chance, offers, gps, startup_ids, params):
    """The offers with what each side ranks them by in the place of post-money value and gain."""
    worth = named(post=offers.post, gp=offers.gp, reputation=gps.reputation, weight=params.name_weight)
    if params.assortment >= 1.0:
        return offers._replace(post=worth)
    pair = gps.id[offers.gp], startup_ids[offers.seekers[offers.seeker]]
    post, gain = (
        blurred(chance, value, *pair, side, params.assortment) for side, value in enumerate((worth, offers.gain))
    )
    return offers._replace(post=post, gain=gain)
