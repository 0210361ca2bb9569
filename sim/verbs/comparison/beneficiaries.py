"""Beneficiaries: who took a programme up, and what the same persons, startups or investors do in the other arm.

Identities never depend on the arm, and a person meets the same luck in both. So the counterfactual of a beneficiary
is its own twin: the same number in the run of the same seed without the programme. What an instrument moves says who
takes it up:

    levers moved                    who takes it up                                   would have done the same: the twin
    appeal, arrival grant, visas    arrivals of the origin while it is in force       comes as well
    homes                           persons who ever had a subsidised home            comes (or has always been here)
    seed grant                      startups of the origin founded meanwhile          is founded
    desks                           startups on a subsidised desk                     is founded
    cover of losses                 stakes that were compensated                      is bought: same startup, round
                                                                                      and investor
    guidance                        funds with guidance money                         closes
    patient partners                startups with money of the government's own fund  raises money, from others
    any, with applications          startups admitted                                 raises money
"""

from typing import NamedTuple

import numpy as np

from sim.world.calendar import quarter_of
from sim.world.kinds import Cohort

ARRIVING = {"appeal", "arrival_grant", "visa_quarters", "visa_delay", "visa_quota"}
COHORTS = {"returnee": [Cohort.RETURNEE], "foreign": [Cohort.FOREIGN], "local": [Cohort.GRADUATE, Cohort.DOMESTIC]}


class Group(NamedTuple):
    """Beneficiaries of one kind in one run, and their twins: numbers as simulated, money in yuan.

    `money` is what others than the programme put in beside it, `money_anyway` what they put into the twins.
    """

    kind: str
    same: str  # what to have done the same means
    beneficiaries: int
    twins: int  # that exist in the other arm
    anyway: int  # twins that do the same
    money: int = 0
    money_anyway: int = 0


def groups(name, instrument, ours, theirs):
    """[Group] of the programme `name`: `instrument` is what a contrast says of it, `ours` the Reduced with it and
    `theirs` that without.

    The list depends on the programme alone, so that it is the same for every seed.
    """
    moved, kinds = set(instrument["levers"]), []
    if moved & ARRIVING and instrument["origins"]:
        kinds.append(_arrivals(instrument, ours, theirs))
    if "homes" in moved:
        kinds.append(_tenants(ours, theirs))
    if "seed_grant" in moved:
        kinds.append(_founded("startups with a claim to a seed grant", _eligible(instrument, ours), ours, theirs))
    if "desks" in moved:
        on_desks = ours.startups["startup_id"][ours.startups["subsidised_desk"]]
        kinds.append(_founded("startups on a subsidised desk", on_desks, ours, theirs))
    if "loss_cover" in moved:
        kinds.append(_stakes(ours, theirs))
    if "guidance_pace" in moved:
        kinds.append(_funds(ours, theirs))
    if "patient_partners" in moved:
        backed = ours.rounds["startup_id"][ours.rounds["investor"] == "patient"]
        kinds.append(_financed("startups with money of the government's own fund", backed, ours, theirs))
    if not kinds:
        rows = ours.applications
        admitted = rows["startup_id"][(rows["policy"] == name) & rows["admitted"] & (rows["startup_id"] >= 0)]
        kinds.append(_financed("startups admitted", admitted, ours, theirs))
    return kinds


def _arrivals(instrument, ours, theirs):
    cohorts = [cohort for origin in instrument["origins"] for cohort in COHORTS[origin]]
    first = quarter_of(instrument["start"]) if instrument["start"] else 0
    last = quarter_of(instrument["end"]) if instrument["end"] else 2**16
    came = ours.people["person_id"].to_numpy()
    when = (came >> 32) & 0xFFFF
    came = came[np.isin(came >> 48, cohorts) & (when >= first) & (when <= last)]
    anyway = int(np.isin(came, theirs.people["person_id"]).sum())
    return Group(f"arrivals: {', '.join(instrument['origins'])}", "come as well", len(came), len(came), anyway)


def _tenants(ours, theirs):
    people = ours.people["person_id"][ours.people["subsidised_home"]]
    anyway = int(people.isin(theirs.people["person_id"]).sum())
    return Group("tenants of subsidised homes", "come as well", len(people), len(people), anyway)


def _eligible(instrument, ours):
    """Numbers of the startups of an origin that are founded while the instrument is in force."""
    rows = ours.startups
    first, last = instrument["start"] or "", instrument["end"] or "9999Q4"
    in_force = (rows["born"] >= first) & (rows["born"] <= last)
    return rows["startup_id"][rows["origin"].isin(instrument["origins"] or []) & in_force]


def _with_twins(ids, ours, theirs):
    """(startups of `ours` with these ids, their twins in `theirs`: the rows that exist), both by startup_id."""
    ids = ids.unique()
    here, there = (run.startups.set_index("startup_id") for run in (ours, theirs))
    return here.loc[ids], there.loc[there.index.intersection(ids)]


def _private_money(startups):
    return int(startups["raised_private_cny"].sum())


def _founded(kind, ids, ours, theirs):
    here, twins = _with_twins(ids, ours, theirs)
    money = (_private_money(here), _private_money(twins))
    return Group(kind, "are founded as well", len(here), len(twins), len(twins), *money)


def _financed(kind, ids, ours, theirs):
    here, twins = _with_twins(ids, ours, theirs)
    raise_anyway = int((twins["raised_private_cny"] > 0).sum())
    money = (_private_money(here), _private_money(twins))
    return Group(kind, "exist and raise money as well", len(here), len(twins), raise_anyway, *money)


def _stakes(ours, theirs):
    key = ["startup_id", "round", "investor_id"]
    stakes = ours.rounds[ours.rounds["compensated_to_date_cny"] > 0]
    bought = theirs.rounds.loc[theirs.rounds["investor"] == "fund", [*key, "amount_cny"]].drop_duplicates(key)
    twins = stakes[key].merge(bought, on=key)
    of_startups_there = int(stakes["startup_id"].isin(theirs.startups["startup_id"]).sum())
    money = (int(stakes["amount_cny"].sum()), int(twins["amount_cny"].sum()))
    return Group("stakes compensated", "are bought as well", len(stakes), of_startups_there, len(twins), *money)


def _funds(ours, theirs):
    guided = ours.funds[(ours.funds["guidance_to_date_cny"] > 0) & ours.funds["vintage"].notna()].set_index("fund_id")
    twins = theirs.funds[theirs.funds["fund_id"].isin(guided.index)]
    closed = twins[twins["vintage"].notna()]
    others = int((guided["committed_to_date_cny"] - guided["guidance_to_date_cny"]).sum())
    money = (others, int(closed["committed_to_date_cny"].sum()))
    return Group("funds with guidance money", "close as well", len(guided), len(twins), len(closed), *money)
