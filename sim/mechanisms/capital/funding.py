"""The capital market of a quarter: startups seek, funds see and bid, offers compete, rounds close.

A startup pitches for its first round in its early years and seeks the next when its runway is short or
a milestone is reached. Venture firms see a sample of those who seek (`screening`), value them and write term
sheets (`bids`), and propose in the order of expected surplus within capacity and money; a startup holds its
best bid, and whoever is turned down proposes to the next (`matching`). Then the rounds close
(`rounds`), and business angels make small ones (`angels`). The government's own fund is one of the venture firms
(`patient_capital`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital import patient_capital
from sim.mechanisms.capital.angels import active, angel_rounds, become_angels
from sim.mechanisms.capital.bids import next_stage, round_wanted
from sim.mechanisms.capital.matching import blurred, capacity, match
from sim.mechanisms.capital.rounds import MOST_IN_ROUND, close_deals
from sim.mechanisms.capital.screening import open_market, screen
from sim.mechanisms.programmes import venue
from sim.mechanisms.programmes.compensation import Cover
from sim.world.draws import Decision, log, normal
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, Life, Stage


class Params(NamedTuple):
    median_round: tuple
    round_scale: float
    round_elasticity: float
    reference_traction: tuple
    round_sd: tuple
    ownership: tuple
    ownership_weight: float
    cheque_weight: float
    success_constant: tuple
    success_quality: float
    idea_chance: float
    growth_to_exit: tuple
    years_to_exit: tuple
    late_discount: float
    required_return: float
    shade: float
    margin: float
    largest_dilution: float
    pitch_progress: float
    pitch_quarters: float
    runway_quarters: float
    sales_counted: float
    plan_quarters: float
    plan_sd: float
    milestone_growth: float
    milestone_quarters: float
    screens_per_partner: float
    off_focus: float
    distance_elasticity: float
    outside_km: float
    fee_years: float
    smallest_powder: float
    powder_multiple: float
    last_new_quarters: float
    last_follow_on_quarters: float
    new_deals_per_partner: float
    kept_quarters: float
    assortment: float
    largest_ticket: float
    lead_share: float
    solo_share: float
    join_chance: float
    smallest_follow_on: float
    syndicate_price: float
    syndicate_share: float
    smallest_ticket: float
    smallest_fill: float
    pool_share: float
    compliance_discount: float
    sandbox_assurance: float
    effort_cost: float
    redemption_quarters: float
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
    window_weight: float
    window_cap: float
    odds_memory: float
    odds_low: float
    odds_high: float


@kernel
def _seek(chance, firms, params):
    """Startups with a short runway, a milestone reached, or no money yet look for a round."""
    startups, sectors, quarter = firms.startups, firms.sectors, chance.quarter
    for i in range(len(startups)):
        firm = startups[i]
        firm.need = 0
        if firm.life != Life.ALIVE:
            continue
        loss = max(firm.burn - np.int64(params.sales_counted * firm.revenue), 1)
        short = firm.cash < params.runway_quarters * loss
        hot = (
            firm.rounds > 0
            and quarter - firm.last_round >= params.milestone_quarters
            and log(1.0 * firm.post_money) + params.milestone_growth
            < log(sectors.multiple[firm.sector]) + firm.traction
        )
        first = (
            firm.stage == Stage.IDEA
            and firm.progress > params.pitch_progress
            and quarter - firm.born <= params.pitch_quarters
        )
        if not (first or ((short or hot) and firm.rounds > 0)):
            firm.seeking = NEVER
            continue
        if firm.seeking == NEVER:
            firm.seeking = quarter
        luck = normal(chance.seed, Decision.AMOUNT, 0, firm.id, firm.rounds)
        saving = firm.saving if firm.stage == Stage.IDEA else 0.0
        wanted = round_wanted(
            stage=next_stage(firm.stage),
            capital_need=sectors.capital_need[firm.sector],
            traction=firm.traction,
            luck=luck,
            params=params,
        )
        firm.need = np.int64((1.0 - saving) * wanted)


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
    state, params, chance = model.state, model.params["funding"], model.chance
    firms, books = state.firms(), state.books()
    foreseen = model.foreseen  # losses are claimed years after the deal
    cover = Cover(
        share=foreseen.loss_cover,
        project_cap=foreseen.loss_project_cap,
        registered=foreseen.loss_registered,
    )
    startups, sectors = firms.startups, firms.sectors
    _seek(chance=chance, firms=firms, params=params)
    seekers = np.flatnonzero(startups.need > 0)
    first_time = startups.stage[seekers] == Stage.IDEA
    state.holdings.reserve(len(seekers) * max(MOST_IN_ROUND, int(params.angel_looks)))
    capital = state.capital()
    market = open_market(
        quarter=model.quarter,
        seekers=seekers,
        firms=firms,
        gps=capital.gps,
        distance=model.map.district_distance,
        window=1.0 + params.window_weight * (min(venue.foreseen_window(model), params.window_cap) - 1.0),
        params=params,
    )
    offers = screen(
        chance=chance,
        market=market,
        patient=patient_capital.terms(model.levers),
        cover=cover,
        params=params,
        capital=capital,
    )
    accepted = match(
        offers=_ranked(chance, offers, capital.gps.id, startups.id, params.assortment),
        capacity=capacity(gps=capital.gps, params=params),
    )
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
        angels=active(people, model.seed),
        params=params,
        firms=firms,
        capital=capital,
        books=books,
    )
    sector = startups.sector[seekers]
    funded = first_time & (startups.stage[seekers] > Stage.IDEA)
    _update_odds(
        sectors=sectors,
        seeking=np.bincount(sector[first_time], minlength=len(sectors)),
        funded=np.bincount(sector[funded], minlength=len(sectors)),
        params=params,
    )


def _ranked(chance, offers, gp_ids, startup_ids, assortment):
    """The offers with what each side ranks them by in the place of post-money value and gain."""
    if assortment >= 1.0:
        return offers
    pair = gp_ids[offers.gp], startup_ids[offers.seekers[offers.seeker]]
    post, gain = (
        blurred(chance, value, *pair, side, assortment) for side, value in enumerate((offers.post, offers.gain))
    )
    return offers._replace(post=post, gain=gain)
