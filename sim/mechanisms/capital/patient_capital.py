"""The government's own fund: it invests directly, beside venture firms, and its purse is its dry powder.

It is one more venture firm of the market (`funding`), of the largest range of stages and in every sector, which looks
for longer and asks for less than venture firms require; what it receives goes back to its purse (`waterfall`).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.pace import cheque
from sim.mechanisms.capital.venture_firms import FUND_NUMBERS
from sim.world.kinds import NOBODY, GPKind, Stage

FIRST_ID = 1 << 28  # identities of the government's own managers, above those of venture firms
MIDDLE = 0.5  # of the cells of a district, by centrality: where its office is


class Params(NamedTuple):
    direct_reserve: float


class Terms(NamedTuple):
    """How the government's own fund values startups."""

    concession: float  # points of return a year below what venture firms require
    tilt: np.ndarray  # factor on the value of a sector, float64[sectors]
    politics: float  # log points, noise of political choice


def terms(levers):
    """The Terms of the quarter."""
    return Terms(levers.patient_concession, levers.patient_tilt, levers.patient_politics)


def endow(model):
    """The fund opens once a policy pays for it; its purse and its partners follow the policy from then on."""
    state, levers = model.state, model.levers
    slot = levers.payer["patient_partners"]
    if slot == NOBODY or levers.patient_partners <= 0.0:
        return
    managers = np.flatnonzero(state.gps.used.patient == slot)
    manager = managers[0] if len(managers) else _open(model, slot)
    gp = state.gps.rows[manager]
    gp.partners = max(1, int(levers.patient_partners + 0.5))
    fund = state.funds.rows[gp.fund]
    fund.committed = fund.called + state.purses.rows.cash[slot]
    fund.cheque = cheque(fund.committed, fund.reserve, model.params["pace"])


def _open(model, slot):
    """A manager and its fund, paid by the policy in `slot`; returns the manager's slot."""
    state, params = model.state, model.params
    district = int(np.argmax(state.districts.used.office_rent))
    # Not numbered by the purse's place, which other policies change.
    number = FIRST_ID + np.count_nonzero(state.gps.used.patient != NOBODY)
    manager = state.gps.append(
        id=number,
        kind=GPKind.STATE,
        local=1,
        patient=slot,
        born=model.quarter,
        district=district,
        cell=model.map.draw_cells(np.array([district]), np.array([MIDDLE]))[0],
        noise=params["fundraising"].gp_noise,
        stage_low=Stage.SEED,
        stage_high=Stage.D,
        registered=1.0,
    )
    state.gps.rows.fund[manager] = state.funds.append(
        id=number * FUND_NUMBERS,
        gp=manager,
        kind=GPKind.STATE,
        opened=model.quarter,
        vintage=model.quarter,
        life=int(model.levers.patient_life),
        reserve=params["patient_capital"].direct_reserve,
    )
    return manager
