"""The data dictionary of the model: who is in the city and what is known of each.

Persons are many and alike, so they live in columns (one array per attribute), which the
hot passes vectorise. Everybody else is few and lives a branching life, so they are tables:
one structured row an agent, which kernels read like prose (`startups[i].cash`).

Money is int64 yuan of 2024. A quarter is the integer `4 * year + (quarter - 1)`.
Slots are places in an array and may be reused; identities are for ever (see `draws.py`).
"""

from dataclasses import dataclass, field, fields

import numpy as np

from sim.world.kinds import NOBODY, Status
from sim.world.table import Table

# ---------------------------------------------------------------- persons, in columns

PERSON = {
    "id": np.int64,  # identity: cohort << 48 | quarter << 32 | index
    "status": np.int64,
    "origin": np.int64,
    "field": np.int64,  # field of knowledge, a sector
    "second_field": np.int64,
    "home": np.int64,  # district
    "cell": np.int64,
    "employer": np.int64,  # startup slot, or -2 - corporate slot, or NOBODY
    "skill": np.float64,  # standard normal in the resident population
    "efficiency": np.float64,  # units of labour, exp(return to skill x skill)
    "wealth": np.int64,  # yuan
    "debt": np.int64,  # yuan owed to the world after a failure
    "ventures": np.int64,  # ventures tried
    "successes": np.int64,
    "belief_success": np.float64,  # Beta counts of the belief about founding
    "belief_failure": np.float64,
    "visa_until": np.int64,  # last quarter of the permit, NEVER where none is needed
    "arrived": np.int64,  # quarter of arrival in the city
    "spawn_until": np.int64,  # colleagues of an exit or a failure found more often until then
    "subsidised_home": np.int64,
    "angel": np.int64,  # 1 where active as a business angel
}

# ---------------------------------------------------------------- tables

STARTUP = np.dtype(
    [
        ("id", "i8"),  # founder identity * 16 + attempt
        ("founder", "i8"),  # person slot while alive
        ("founder_id", "i8"),
        ("attempt", "i8"),
        ("partner_1", "i8"),  # person slots of co-founders, NOBODY if none
        ("partner_2", "i8"),
        ("origin", "i8"),  # of the lead founder
        ("experience", "i8"),
        ("skill", "f8"),  # of the lead founder
        ("born", "i8"),
        ("ended", "i8"),
        ("life", "i8"),
        ("sector", "i8"),
        ("hard_tech", "i8"),
        ("consumer", "i8"),
        ("business_share", "f8"),  # of sales to firms
        ("export_share", "f8"),
        ("district", "i8"),
        ("cell", "i8"),
        ("makes_here", "i8"),  # 0 where production is in the hinterland
        ("desk", "i8"),  # 1 on a subsidised desk
        ("stage", "i8"),
        ("rounds", "i8"),
        ("quality", "f8"),  # latent, standard normal at birth before experience and place
        ("market", "f8"),  # log size of the market it aims at
        ("traction", "f8"),  # log of annual sales potential, yuan
        ("progress", "f8"),  # 0 to 1, the product is ready at 1
        ("compliance", "f8"),  # quarters of compliance work left
        ("property", "f8"),  # intellectual property, index
        ("noise", "f8"),  # multiple of investors' signal noise, 1 by default
        ("headcount", "i8"),
        ("target", "i8"),  # headcount wanted
        ("burn", "i8"),  # planned spending a quarter, yuan
        ("cash", "i8"),
        ("revenue", "i8"),  # this quarter
        ("due", "i8"),  # payroll due this quarter
        ("raised", "i8"),  # in all rounds
        ("need", "i8"),  # round wanted, yuan; 0 where it does not seek
        ("seeking", "i8"),  # quarter since which it seeks, NEVER otherwise
        ("shares", "i8"),  # all shares out; the cap table sums to this
        ("founder_shares", "i8"),
        ("pool_shares", "i8"),
        ("first_holding", "i8"),
        ("last_round", "i8"),
        ("post_money", "i8"),  # of the last round
        ("effort", "f8"),  # monitoring effort of its lead investor, 0 to 1
        ("redeemable", "i8"),  # quarter from which investors may ask their money back
        ("sandbox_from", "i8"),
        ("sandbox_until", "i8"),
        ("sandbox_refused", "i8"),
        ("incidents", "i8"),
        ("queued", "i8"),  # quarter of filing for a listing
        ("growth", "f8"),  # last log growth of traction
        ("hope", "f8"),  # founder's estimate of that growth
        ("claim", "f8"),  # debt that its failure left with the founder before any was forgiven, yearly wages
        ("saving", "f8"),  # share of a first round that shared laboratories save, this quarter
        ("laboratory_wait", "i8"),  # quarters in the queue for laboratory hours
        ("concept_from", "i8"),  # quarter of a proof-of-concept grant
        ("concept_refused", "i8"),
        ("accelerator_from", "i8"),
        ("accelerator_until", "i8"),
        ("accelerator_refused", "i8"),
        ("testbed_from", "i8"),
        ("testbed_until", "i8"),
        ("testbed_refused", "i8"),
        ("partner", "i8"),  # slot of the corporate that buys its pilots, NOBODY if none
        ("pilot", "i8"),  # yuan a quarter that it buys
        ("partner_lost", "i8"),  # quarter in which that ended
        ("pilot_refused", "i8"),
        ("board", "i8"),  # of the listing it filed for: 0 the national one, 1 the new venue
        ("digital", "i8"),  # 1 where it is paid in digital currency
    ],
    align=True,
)

HOLDING = np.dtype(
    [
        ("startup", "i8"),
        ("startup_id", "i8"),
        ("place", "i8"),  # of the round in the startup's life, from 0
        ("stage", "i8"),
        ("quarter", "i8"),
        ("investor", "i8"),  # kind of holder
        ("holder", "i8"),  # fund slot, or person slot of an angel
        ("holder_id", "i8"),
        ("lead", "i8"),
        ("first", "i8"),  # 1 where the investor is new to the firm
        ("amount", "i8"),
        ("shares", "i8"),
        ("post_money", "i8"),
        ("proceeds", "i8"),  # paid out so far
        ("compensated", "i8"),  # paid by the failure compensation fund
        ("route", "i8"),
        ("ended", "i8"),
        ("guided", "i8"),  # 1 where the fund has guidance money
        ("next", "i8"),  # next holding of the same startup
    ],
    align=True,
)

GP = np.dtype(
    [
        ("id", "i8"),
        ("kind", "i8"),
        ("local", "i8"),
        ("patient", "i8"),  # policy slot of the government's direct fund, NOBODY otherwise
        ("born", "i8"),
        ("ended", "i8"),
        ("cell", "i8"),  # of its office; outside firms have NOBODY
        ("district", "i8"),
        ("log_size", "f8"),  # of its funds, relative to the common one
        ("noise", "f8"),  # standard deviation of the signal of quality
        ("focus_1", "i8"),
        ("focus_2", "i8"),
        ("focus_3", "i8"),
        ("stage_low", "i8"),
        ("stage_high", "i8"),
        ("partners", "i8"),
        ("reputation", "f8"),  # log odds scale, 0 at entry
        ("funds", "i8"),  # number raised
        ("fund", "i8"),  # slot of the fund it invests from, NOBODY if none
        ("raising", "i8"),  # slot of the fund it raises, NOBODY if none
        ("failed_raises", "i8"),
        ("cash", "i8"),
        ("time", "f8"),  # that partners have for new companies, in companies; below zero where they have taken on more
        ("deals", "i8"),  # new companies this quarter
        ("screened", "i8"),  # proposals seen, this quarter
        ("compensated", "i8"),  # loss claims paid this year
        ("registered", "f8"),  # rank of its willingness to register with public programmes, 0 to 1
    ],
    align=True,
)

FUND = np.dtype(
    [
        ("id", "i8"),  # gp identity * 64 + number
        ("gp", "i8"),
        ("number", "i8"),
        ("kind", "i8"),  # of its GP
        ("opened", "i8"),  # quarter fund-raising began
        ("vintage", "i8"),  # quarter of closing, NEVER while raising
        ("life", "i8"),  # quarters
        ("ended", "i8"),
        ("target", "i8"),
        ("committed", "i8"),
        ("called", "i8"),
        ("invested", "i8"),
        ("reserve", "f8"),  # share kept for follow-ons
        ("new_invested", "i8"),  # in companies new to it
        ("cheque", "i8"),  # that it plans for a new company, yuan
        ("cash", "i8"),
        ("distributed", "i8"),  # to LPs
        ("carried", "i8"),  # carry paid to the GP
        ("fees", "i8"),
        ("fee", "f8"),  # a quarter, of commitments
        ("carry", "f8"),
        ("hurdle", "f8"),  # preferred return, a year
        ("preferred", "i8"),  # capital plus preferred return still owed to LPs
        ("guidance", "i8"),  # commitment of the guidance fund
        ("guidance_called", "i8"),
        ("concession", "f8"),  # share of guidance gains given up to the others
        ("duty", "f8"),  # local reinvestment duty, multiple of guidance money
        ("private", "i8"),  # commitments by kind of LP
        ("corporate", "i8"),
        ("foreign", "i8"),
        ("state", "i8"),
        ("first_commitment", "i8"),
        ("nav", "i8"),
    ],
    align=True,
)

LP = np.dtype(
    [
        ("id", "i8"),
        ("kind", "i8"),
        ("wealth", "f8"),  # outside portfolio, yuan
        ("target", "f8"),  # target allocation, share of wealth
        ("expected", "f8"),  # expected multiple of called money, learned
        ("cash", "i8"),
        ("unfunded", "i8"),
        ("called", "i8"),
        ("distributed", "i8"),
        ("nav", "i8"),
        ("brought", "f8"),  # yuan that local duties brought from its holdings elsewhere, fading over a fund's life
    ],
    align=True,
)

COMMITMENT = np.dtype(
    [
        ("lp", "i8"),
        ("fund", "i8"),
        ("quarter", "i8"),
        ("amount", "i8"),
        ("called", "i8"),
        ("distributed", "i8"),
        ("next", "i8"),
    ],
    align=True,
)

CORPORATE = np.dtype(
    [
        ("id", "i8"),
        ("sector", "i8"),
        ("pool", "i8"),  # 1 for the pool of other incumbents of a sector
        ("foreign", "i8"),
        ("x", "f8"),
        ("y", "f8"),
        ("district", "i8"),
        ("full_staff", "f8"),  # headcount wanted at base wage and demand
        ("headcount", "i8"),
        ("target", "i8"),
        ("wage_offer", "f8"),  # multiple of the sector wage
        ("openness", "f8"),  # 0 to 1
        ("cash", "i8"),
        ("due", "i8"),
        ("pilots", "i8"),  # bought from startups this quarter
        ("acquisition_budget", "i8"),
    ],
    align=True,
)

INSTITUTION = np.dtype(
    [
        ("kind", "i8"),
        ("district", "i8"),
        ("cell", "i8"),
        ("opened", "i8"),
        ("graduates", "f8"),  # a year
        ("ideas", "f8"),  # a quarter
        ("transfer", "f8"),  # share of them that it passes on
        ("basic", "f8"),  # stock of basic research, 1 is normal
    ],
    align=True,
)

DISTRICT = np.dtype(
    [
        ("x", "f8"),
        ("y", "f8"),
        ("area", "f8"),
        ("office_stock", "f8"),  # m2
        ("home_stock", "f8"),
        ("office_rent", "f8"),  # yuan per m2 and quarter
        ("home_rent", "f8"),
        ("office_background", "f8"),  # demand of tenants outside the tech economy at base rent, m2
        ("home_background", "f8"),
        ("office_pipeline", "f8"),  # m2 under construction
        ("home_pipeline", "f8"),
        ("office_conversion", "f8"),  # m2 of factories and warehouses being converted
        ("home_conversion", "f8"),
        ("conversion_lag", "f8"),  # quarters, of the latest conversions begun
        ("amenity", "f8"),
        ("attraction", "f8"),  # of offices, fixed effect
        ("desks", "i8"),  # subsidised desks in use
        ("homes", "i8"),
    ],
    align=True,
)

SECTOR = np.dtype(
    [
        ("capital_need", "f8"),  # multiple of the common round size
        ("lab_need", "f8"),  # 0 to 1
        ("regulatory_work", "f8"),  # quarters of compliance work at entry
        ("time_to_product", "f8"),  # quarters for an average team
        ("hardware_share", "f8"),  # probability that a venture makes things
        ("export_controls", "f8"),  # exposure, 0 to 1
        ("data_crossing", "f8"),  # share of the foreign market that needs data to cross
        ("tail", "f8"),  # volatility of traction, multiple of the common one
        ("hard_tech", "f8"),  # probability of the tag
        ("consumer", "f8"),  # probability of the consumer-internet tag
        ("business_share", "f8"),  # sales to firms
        ("export_share", "f8"),
        ("multiple", "f8"),  # enterprise value over annual sales
        ("payroll_share", "f8"),  # of spending
        ("workforce", "f8"),  # share of the initial workforce
        ("ideas", "f8"),  # relative arrival of ideas
        ("trend", "f8"),  # growth of demand a year
        ("base_wage", "f8"),  # yuan a quarter per unit of labour in 2019
        ("wage", "f8"),
        ("base_multiple", "f8"),
        ("trust", "f8"),  # regulator's trust, scales burden; 0 neutral
        ("tightness", "f8"),  # vacancies per searcher
        ("odds", "f8"),  # chance a year of a first round, as seen in the city
        ("prize", "f8"),  # log yuan, typical value of a success, as seen in the city
        ("claims", "f8"),  # share of failures that leave claims on the founder, as seen in the city
        ("debt_years", "f8"),  # of those, debt in yearly wages before any is forgiven, as seen in the city
    ],
    align=True,
)

RIVAL = np.dtype(
    [
        ("kind", "i8"),
        ("wage", "f8"),  # relative to the city's base wage
        ("home_rent", "f8"),  # yuan per m2 and quarter
        ("office_rent", "f8"),
        ("vc_odds", "f8"),  # relative to the city's base
        ("amenity", "f8"),
        ("generosity", "f8"),
        ("reaction", "f8"),
        ("budget", "f8"),
        ("vc_2019", "f8"),  # venture capital raised there in 2019, yuan
        ("raised", "f8"),  # this quarter, yuan
    ],
    align=True,
)

APPLICATION = np.dtype(
    [
        ("policy", "i8"),
        ("quarter", "i8"),
        ("startup", "i8"),
        ("applicant_id", "i8"),
        ("score", "f8"),
        ("cutoff", "f8"),
        ("admitted", "i8"),
        ("amount", "i8"),
    ],
    align=True,
)

EXIT = np.dtype(
    [
        ("startup", "i8"),
        ("startup_id", "i8"),
        ("quarter", "i8"),
        ("life", "i8"),
        ("value", "i8"),
        ("buyer", "i8"),  # corporate slot of an acquirer
        ("to_investors", "i8"),
        ("to_founders", "i8"),
        ("to_employees", "i8"),
        ("raised", "i8"),
        ("board", "i8"),  # of a listing: 0 the national one, 1 the new venue
        ("later", "i8"),  # value of a listed firm three years on, by the law of sales
    ],
    align=True,
)

PURSE = np.dtype(
    [
        ("cash", "i8"),
        ("appropriated", "i8"),
        ("spent", "i8"),
        ("recovered", "i8"),
        ("administration", "i8"),
        ("take_up", "i8"),
    ],
    align=True,
)

TALLY = np.dtype(
    [  # what happened in the quarter and stands in no table
        ("returnees_china", "i8"),  # of the overseas pool, returned to any place in China
        ("returnees", "i8"),  # of them, came here
        ("stem_returnees_china", "i8"),  # of them, graduates of science and engineering
        ("stem_returnees", "i8"),
        ("foreign", "i8"),
        ("domestic", "i8"),
        ("graduates", "i8"),  # stayed in the city's tech workforce
        ("leavers", "i8"),
        ("considered", "i8"),  # persons who weighed founding
        ("separations", "i8"),
        ("hires", "i8"),
        ("vacancies", "i8"),
        ("incidents", "i8"),
        ("redemptions", "i8"),  # startups whose investors asked their money back
        ("partners_lost", "i8"),  # startups that lost the corporate that bought their pilots
        ("construction", "i8"),  # m2 finished
    ],
    align=True,
)

CASH = np.dtype(
    [("landlords", "i8"), ("treasury", "i8"), ("patient", "i8"), ("guidance", "i8"), ("world", "i8"), ("debt", "i8")],
    align=True,
)


# ---------------------------------------------------------------- the state


class Persons:
    """Columns of all persons; `count` slots were ever used and the free ones among them wait on a stack."""

    def __init__(self, capacity):
        for name, kind in PERSON.items():
            setattr(self, name, np.zeros(int(capacity), kind))
        self.count = 0
        self.free = np.zeros(0, np.int64)

    @property
    def capacity(self):
        return len(self.id)

    def reserve(self, extra):
        """Make room for `extra` more persons beyond the free slots."""
        wanted = self.count + int(extra)
        if wanted > self.capacity:
            size = max(wanted, self.capacity + self.capacity // 4)
            for name, kind in PERSON.items():
                grown = np.zeros(size, kind)
                grown[: self.count] = getattr(self, name)[: self.count]
                setattr(self, name, grown)

    def __len__(self):
        return int(np.count_nonzero(self.status[: self.count] != Status.ABSENT))


def _table(dtype):
    return field(default_factory=lambda: Table(dtype))


@dataclass
class State:
    """Everything that changes, in one place; `arrays` is what a checkpoint holds."""

    persons: Persons
    startups: Table = _table(STARTUP)
    holdings: Table = _table(HOLDING)
    gps: Table = _table(GP)
    funds: Table = _table(FUND)
    lps: Table = _table(LP)
    commitments: Table = _table(COMMITMENT)
    corporates: Table = _table(CORPORATE)
    institutions: Table = _table(INSTITUTION)
    applications: Table = _table(APPLICATION)
    exits: Table = _table(EXIT)
    districts: Table = _table(DISTRICT)
    sectors: Table = _table(SECTOR)
    rivals: Table = _table(RIVAL)
    purses: Table = _table(PURSE)  # one a policy, in the order of the config
    treasury: Table = _table(CASH)  # one row: the purses that are not agents'
    tally: Table = _table(TALLY)  # one row, this quarter
    guidance_lp: int = NOBODY  # slot of the guidance fund among the LPs
    institution_mix: np.ndarray = None  # (institutions, sectors), rows sum to one
    knowledge: np.ndarray = None  # (cells, sectors)
    flows: np.ndarray = None  # (transactions, payer, payee) of this quarter, yuan
    events: np.ndarray = None  # (2, districts, sectors): successes and failures seen this quarter

    def arrays(self):
        """Name -> array of everything, in a fixed order (checkpoints, comparisons of bits)."""
        out = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Table):
                out[item.name] = np.asarray(value.used)
            elif isinstance(value, Persons):
                for name in PERSON:
                    out[f"persons.{name}"] = getattr(value, name)[: value.count]
                out["persons.free"] = value.free
            else:
                out[item.name] = np.asarray(value)
        return out

    @classmethod
    def from_arrays(cls, arrays):
        """The state that `arrays` described."""
        persons = Persons(len(arrays["persons.id"]))
        for name in PERSON:
            getattr(persons, name)[:] = arrays[f"persons.{name}"]
        persons.count = len(arrays["persons.id"])
        persons.free = np.array(arrays["persons.free"])
        state = cls(persons)
        for item in fields(cls):
            value = getattr(state, item.name)
            if isinstance(value, Table):
                rows = arrays[item.name]
                value.reserve(len(rows))
                value.rows[: len(rows)] = rows
                value.count = len(rows)
            elif item.name == "guidance_lp":
                state.guidance_lp = int(arrays[item.name])
            elif item.name != "persons":
                setattr(state, item.name, np.array(arrays[item.name]))
        return state
