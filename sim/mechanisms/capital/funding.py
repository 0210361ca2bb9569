"""The capital market of a quarter: startups seek, funds see and bid, offers compete, rounds close.

A startup pitches for its first round in its early years and seeks the next when its runway is short or
a milestone is reached. Venture firms see a sample of those who seek (`screening`), value them and bid
(`bids`), and propose in the order of expected surplus within capacity and money; a startup holds its
best bid, and whoever is turned down proposes to the next (`matching`). Then the rounds close
(`rounds`), and business angels make small ones (`angels`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.angels import angel_rounds, become_angels
from sim.mechanisms.capital.bids import next_stage, round_wanted
from sim.mechanisms.capital.fundraising import cheque
from sim.mechanisms.capital.matching import blurred, capacity, match
from sim.mechanisms.capital.rounds import OFFERS, close_deals
from sim.mechanisms.capital.screening import market, pitch, screen
from sim.mechanisms.programmes import venue
from sim.world.draws import Decision, log, normal
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, GPKind, Life, Stage

PATIENT_ID = 1 << 28  # identities of the government's own managers


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
    growth_to_exit: tuple
    years_to_exit: tuple
    required_return: float
    shade: float
    margin: float
    largest_dilution: float
    pitch_progress: float
    pitch_quarters: float
    runway_quarters: float
    plan_quarters: float
    plan_sd: float
    milestone_growth: float
    milestone_quarters: float
    screens_per_partner: float
    off_focus: float
    distance_elasticity: float
    outside_km: float
    new_deals_per_partner: float
    assortment: float
    largest_ticket: float
    lead_share: float
    solo_share: float
    join_chance: float
    pool_share: float
    compliance_discount: float
    sandbox_assurance: float
    effort_cost: float
    redemption_quarters: float
    angel_wealth: float
    angel_rate: float
    angel_chance: float
    angel_looks: float
    angel_share: float
    angel_ownership: float
    angel_custom: float
    angel_noise: float
    angel_max_round: float
    window_weight: float
    odds_memory: float


@kernel
def _seek(seed, quarter, startups, sectors, params):
    """Startups with a short runway, a milestone reached, or no money yet look for a round; returns how many."""
    n = 0
    for i in range(len(startups)):
        firm = startups[i]
        firm.need = 0
        if firm.life != Life.ALIVE:
            continue
        stage = next_stage(firm.stage)
        loss = max(firm.burn - firm.revenue // 2, 1)
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
        luck = normal(seed, Decision.AMOUNT, 0, firm.id, firm.rounds)
        saving = firm.saving if firm.stage == Stage.IDEA else 0.0
        firm.need = np.int64(
            (1.0 - saving)
            * round_wanted(
                params.round_scale * params.median_round[stage],
                sectors.capital_need[firm.sector],
                firm.traction,
                params.reference_traction[stage],
                params.round_elasticity,
                params.round_sd[stage],
                luck,
            )
        )
        n += 1
    return n


@kernel
def _update_odds(sectors, seeking, funded, memory):
    for s in range(len(sectors)):
        if seeking[s] > 0:
            seen = min(0.95, 4.0 * funded[s] / seeking[s])
            sectors.odds[s] += memory * (max(seen, 0.01) - sectors.odds[s])


def open_patient_fund(model):
    """The government's own fund has one manager; what its purse holds is its dry powder."""
    state, levers, quarter = model.state, model.levers, model.quarter
    slot = levers.payer["patient_partners"]
    if slot == NOBODY or levers.patient_partners <= 0.0:
        return
    gps, funds = state.gps, state.funds
    mine = np.flatnonzero(gps.used.patient == slot)
    if len(mine) == 0:
        district = int(np.argmax(state.districts.used.office_rent))
        number = PATIENT_ID + np.count_nonzero(
            gps.used.patient != NOBODY
        )  # not the purse's place, which other policies change
        g = gps.append(
            id=number,
            kind=GPKind.STATE,
            local=1,
            patient=slot,
            born=quarter,
            ended=NEVER,
            district=district,
            cell=model.map.draw_cells(np.array([district]), np.array([0.5]))[0],
            noise=model.params["fundraising"].gp_noise,
            focus_1=NOBODY,
            focus_2=NOBODY,
            focus_3=NOBODY,
            stage_low=Stage.SEED,
            stage_high=Stage.D,
            fund=NOBODY,
            raising=NOBODY,
            registered=1.0,
        )
        gps.rows.fund[g] = funds.append(
            id=number * 64,
            gp=g,
            kind=GPKind.STATE,
            opened=quarter,
            vintage=quarter,
            life=int(levers.patient_life),
            ended=NEVER,
            reserve=0.3,
            first_commitment=NOBODY,
        )
        mine = [g]
    gp = gps.rows[mine[0]]
    gp.partners = max(1, int(levers.patient_partners + 0.5))
    fund = funds.rows[gp.fund]
    fund.committed = fund.called + state.purses.rows.cash[slot]
    fund.cheque = cheque(
        fund.committed,
        fund.reserve,
        gp.partners,
        model.params["funding"].new_deals_per_partner,
        model.params["fundraising"].raise_when_quarters,
    )


def fund(model):
    """The capital market of the quarter: who seeks, who looks, who bids, who gets money."""
    open_patient_fund(model)
    state, params, levers, quarter, seed = model.state, model.params["funding"], model.levers, model.quarter, model.seed
    foreseen = model.foreseen  # losses are claimed years after the deal
    startups, sectors, funds, gps, persons = (
        state.startups.used,
        state.sectors.used,
        state.funds.used,
        state.gps.used,
        state.persons,
    )
    _seek(seed, quarter, startups, sectors, params)
    seekers = np.flatnonzero(startups.need > 0)
    first_time = startups.stage[seekers] == Stage.IDEA
    state.holdings.reserve(len(seekers) * max(OFFERS + 2, int(params.angel_looks)) + 16)
    holdings = state.holdings.rows
    bids = len(gps) * len(seekers) + 1
    offer_gp, offer_seeker = np.empty(bids, np.int64), np.empty(bids, np.int64)
    offer_post, offer_gain = np.empty(bids), np.empty(bids)
    gp_start = np.zeros(len(gps) + 1, np.int64)
    window = 1.0 + params.window_weight * (min(venue.foreseen_window(model), 2.0) - 1.0)
    n = screen(
        seed,
        quarter,
        gps,
        funds,
        pitch(quarter, startups, sectors, seekers, params),
        len(sectors),
        *market(startups, seekers, gps, len(sectors), len(state.districts)),
        model.map.district_distance,
        foreseen.loss_cover,
        foreseen.loss_project_cap,
        levers.patient_tilt,
        foreseen.loss_registered,
        levers.patient_return,
        levers.patient_politics,
        window,
        params,
        offer_gp,
        offer_seeker,
        offer_post,
        offer_gain,
        gp_start,
    )
    gp_start[len(gps)] = n
    held = np.empty(len(seekers), np.int64)
    by_post, by_gain = offer_post[:n], offer_gain[:n]
    if params.assortment < 1.0:
        pair = gps.id[offer_gp[:n]], startups.id[seekers[offer_seeker[:n]]]
        by_post, by_gain = (
            blurred(seed, quarter, gain, *pair, side, params.assortment) for side, gain in enumerate((by_post, by_gain))
        )
    match(offer_gp, offer_seeker, by_post, by_gain, gp_start, n, capacity(gps, params.new_deals_per_partner), held)
    state.holdings.count = close_deals(
        seed,
        quarter,
        seekers,
        startups,
        sectors,
        gps,
        funds,
        state.lps.used,
        state.commitments.used,
        state.purses.used,
        holdings,
        state.holdings.count,
        offer_gp,
        offer_seeker,
        offer_post,
        n,
        held,
        foreseen.loss_cover,
        foreseen.loss_project_cap,
        foreseen.loss_registered,
        params,
        state.flows,
        state.capital(),
        state.books(),
    )
    become_angels(
        seed,
        quarter,
        persons.status[: persons.count],
        persons.id,
        persons.wealth,
        persons.successes,
        persons.angel,
        np.int64(params.angel_wealth),
        params.angel_rate,
    )
    angels = np.flatnonzero(persons.angel[: persons.count] == 1)
    state.holdings.count = angel_rounds(
        seed,
        quarter,
        seekers,
        startups,
        sectors,
        angels,
        persons.wealth,
        persons.id,
        holdings,
        state.holdings.count,
        params,
        state.flows,
    )
    s, n_sectors = startups.sector[seekers], len(sectors)
    funded = np.bincount(s[first_time & (startups.stage[seekers] > Stage.IDEA)], minlength=n_sectors)
    _update_odds(sectors, np.bincount(s[first_time], minlength=n_sectors), funded, params.odds_memory)
