"""Takers: who took a programme up, what they did, and what the same persons, startups or investors do without it.

Identities never depend on the arm, and a person meets the same luck in both. So the counterfactual of a taker is its
own twin: the same number in the run of the same seed without the programme. Two lives that have parted differ by
chance too, so that a deed of one twin is often missing in the other though the programme did nothing. How often is
seen in those who never took it up, who are counted in the same way (`Deeds`, the placebo). What an instrument moves
says who takes it up:

    levers moved                    takers                                            deed              never took it up
    appeal, arrival grant, visas    arrivals of the origin while it is in force       come              other arrivals
    homes                           persons who ever had a subsidised home            come              other arrivals
    seed grant                      startups of the origin founded meanwhile          are founded       other startups
    desks                           startups on a subsidised desk                     are founded       other startups
    cover of losses                 stakes that were compensated                      are bought        other stakes
    guidance                        funds with guidance money                         close             other funds
    patient partners                startups with money of the government's own fund  raise money       other startups
    any, with applications          startups admitted                                 raise money       never applied

Where the deed is to be there at all, takers do it by definition and so do all who are counted beside them. Where it is
to raise money, a taker whose twin is never founded has no twin, and is counted apart.
"""

from typing import NamedTuple

import numpy as np

from sim.world.calendar import quarter_of
from sim.world.kinds import Cohort

ARRIVING = {"appeal", "arrival_grant", "visa_quarters", "visa_delay", "visa_quota"}
COHORTS = {"returnee": [Cohort.RETURNEE], "foreign": [Cohort.FOREIGN], "local": [Cohort.GRADUATE, Cohort.DOMESTIC]}
COME, FOUNDED, BOUGHT, CLOSE, RAISE = "come", "are founded", "are bought", "close", "raise money of others"


class Deeds(NamedTuple):
    """How many of some with a twin do something with the programme, how many of their twins without it, and how many
    pairs do both; numbers as simulated.
    """

    pairs: int
    done: int
    done_without: int
    done_in_both: int


class Group(NamedTuple):
    """Takers of one kind in one run: `takers` of them, of whom those `of_twins` have a twin.

    `money` is what others than the programme put in beside it, `money_without` what they put into the twins, in yuan as
    simulated.
    """

    kind: str
    deed: str
    takers: int
    of_twins: Deeds
    never: Deeds  # the same of those who never took it up
    money: int = 0
    money_without: int = 0


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
        on_desks = ours.startups["subsidised_desk"].to_numpy()
        kinds.append(_founded("startups on a subsidised desk", on_desks, ours, theirs))
    if "loss_cover" in moved:
        kinds.append(_stakes(ours, theirs))
    if "guidance_pace" in moved:
        kinds.append(_funds(ours, theirs))
    if "patient_partners" in moved:
        backed = ours.rounds["startup_id"][ours.rounds["investor"] == "patient"]
        kinds.append(_financed("startups with money of the government's own fund", backed, backed, ours, theirs))
    if not kinds:
        rows = ours.applications[(ours.applications["policy"] == name) & (ours.applications["startup_id"] >= 0)]
        admitted = rows["startup_id"][rows["admitted"]]
        kinds.append(_financed("startups admitted", admitted, rows["startup_id"], ours, theirs))
    return kinds


def _there(takes, twins):
    """(Deeds of takers, of the others) where the deed is to be there at all; bool arrays of all who are there with the
    programme: who took it up, and whose twin is there without it.
    """
    return [
        Deeds(int(some.sum()), int(some.sum()), int(twins[some].sum()), int(twins[some].sum()))
        for some in (takes, ~takes)
    ]


def _came(ours, theirs):
    """(numbers of all who came with the programme, whether each comes without it)."""
    came = ours.people["person_id"].to_numpy(np.int64)
    return came, np.isin(came, theirs.people["person_id"])


def _arrivals(instrument, ours, theirs):
    cohorts = [cohort for origin in instrument["origins"] for cohort in COHORTS[origin]]
    first = quarter_of(instrument["start"]) if instrument["start"] else 0
    last = quarter_of(instrument["end"]) if instrument["end"] else 2**16
    came, twins = _came(ours, theirs)
    when = (came >> 32) & 0xFFFF
    meanwhile = (when >= first) & (when <= last)
    came, twins = came[meanwhile], twins[meanwhile]
    takes = np.isin(came >> 48, cohorts)
    return Group(f"arrivals: {', '.join(instrument['origins'])}", COME, int(takes.sum()), *_there(takes, twins))


def _tenants(ours, theirs):
    _, twins = _came(ours, theirs)
    takes = ours.people["subsidised_home"].to_numpy(bool)
    return Group("tenants of subsidised homes", COME, int(takes.sum()), *_there(takes, twins))


def _eligible(instrument, ours):
    """Which startups are of an origin and founded while the instrument is in force."""
    rows = ours.startups
    first, last = instrument["start"] or "", instrument["end"] or "9999Q4"
    in_force = (rows["born"] >= first) & (rows["born"] <= last)
    return (rows["origin"].isin(instrument["origins"] or []) & in_force).to_numpy()


def _private_money(startups):
    return int(startups["raised_private_cny"].sum())


def _founded(kind, takes, ours, theirs):
    twins = ours.startups["startup_id"].isin(theirs.startups["startup_id"]).to_numpy()
    with_twin = theirs.startups["startup_id"].isin(ours.startups["startup_id"][takes])
    money = (_private_money(ours.startups[takes]), _private_money(theirs.startups[with_twin]))
    return Group(kind, FOUNDED, int(takes.sum()), *_there(takes, twins), *money)


def _financed(kind, takers, applied, ours, theirs):
    """Startups by number: `takers`, and all who `applied`, who are no placebo."""
    here, there = (run.startups.set_index("startup_id")["raised_private_cny"] for run in (ours, theirs))
    pairs = here.index.intersection(there.index)
    raises, raises_without = here[pairs] > 0, there[pairs] > 0

    def deeds(some):
        with_it, without = raises[some], raises_without[some]
        return Deeds(int(some.sum()), int(with_it.sum()), int(without.sum()), int((with_it & without).sum()))

    took = pairs.isin(takers)
    money = int(here[here.index.isin(takers)].sum()), int(there[there.index.isin(takers)].sum())
    return Group(kind, RAISE, takers.nunique(), deeds(took), deeds(~pairs.isin(applied)), *money)


def _stakes(ours, theirs):
    key = ["startup_id", "round", "investor_id"]
    stakes, bought = (
        run.rounds[run.rounds["investor"] == "fund"].drop_duplicates(key).set_index(key) for run in (ours, theirs)
    )
    takes, twins = (stakes["compensated_to_date_cny"] > 0).to_numpy(), stakes.index.isin(bought.index)
    money = (
        int(stakes["amount_cny"][takes].sum()),
        int(bought["amount_cny"][bought.index.isin(stakes.index[takes])].sum()),
    )
    return Group("stakes compensated", BOUGHT, int(takes.sum()), *_there(takes, twins), *money)


def _funds(ours, theirs):
    closed, elsewhere = (run.funds[run.funds["vintage"].notna()].set_index("fund_id") for run in (ours, theirs))
    takes, twins = (closed["guidance_to_date_cny"] > 0).to_numpy(), closed.index.isin(elsewhere.index)
    guided = closed[takes]
    money = (
        int((guided["committed_to_date_cny"] - guided["guidance_to_date_cny"]).sum()),
        int(elsewhere["committed_to_date_cny"][elsewhere.index.isin(guided.index)].sum()),
    )
    return Group("funds with guidance money", CLOSE, int(takes.sum()), *_there(takes, twins), *money)
