"""Founding over the quarters of a city: who goes, with what, in which order, and from where."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import small

from sim.mechanisms.people import founding
from sim.world import accounts
from sim.world.accounts import Transaction
from sim.world.employment import corporate_of
from sim.world.kinds import NOBODY, Sector, Status


@pytest.fixture(scope="module")
def quarters():
    """What founding did in each of 24 quarters of a small city of many ideas, where half of those who would found do so
    elsewhere and, before they choose, everybody whose number is even is a business angel. The books close, else the
    run ends.
    """
    config = small.config(*small.LAKESIDE, "end=2011Q4")
    config = small.altered(
        config,
        founding={
            "idea_rate": 0.2,
            "taste": 1.0,
            "elsewhere_share": 0.5,
            "elsewhere_response": 0.0,
            "spin_off_share": 1.0,
        },
        knowhow={"founders_share": 0.5},
        funding={"angel_wealth": math.inf},
        rivals={"speed": 0.0},  # no more generous for it
    )
    seen = []

    def watched(model, places):
        state, persons = model.state, model.state.persons
        count = persons.count
        persons.angel[:count] = persons.id[:count] % 2 == 0
        names = ("id", "status", "wealth", "angel", "employer", "home", "workplace", "carried", "born")
        before = {name: getattr(persons, name)[:count].copy() for name in names}
        headcount = state.startups.used.headcount.sum() + state.corporates.used.headcount.sum()
        flows, purses = state.flows.copy(), accounts.purses(state)
        new, origins = found(model, places)
        seen.append(
            SimpleNamespace(
                quarter=model.quarter,
                before=before,
                left=np.flatnonzero((before["status"] != Status.ABSENT) & (persons.status[:count] == Status.ABSENT)),
                new=state.startups.used[new].copy(),
                origins=origins,
                firms=(state.startups.used.district.copy(), state.corporates.used.copy()),
                tally=state.tally.used[0].copy(),
                flows=state.flows - flows,
                purses=accounts.purses(state) - purses,
                jobs_left=headcount - state.startups.used.headcount.sum() - state.corporates.used.headcount.sum(),
                wealth_left=persons.wealth[:count][persons.status[:count] == Status.ABSENT].sum(),
            )
        )
        return new, origins

    found = founding.found
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(founding, "found", watched)
        small.run(config)
    assert sum(len(one.left) for one in seen) > 30 and sum(len(one.new) for one in seen) > 30
    return seen


def test_money_leaves_with_who_founds_elsewhere(quarters):
    for one in quarters:
        money = one.before["wealth"][one.left].sum()
        assert one.flows[Transaction.MIGRATION].sum() == money
        assert one.flows[Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD] == money
        stakes = one.flows[Transaction.FOUNDER_CAPITAL, Sector.PERSONS, Sector.STARTUPS]
        assert one.purses[Sector.PERSONS] == -money - stakes and one.purses[Sector.WORLD] == money
        assert one.purses[Sector.STARTUPS] == stakes == one.new.cash.sum()
        assert one.wealth_left == 0 and one.flows.sum() == money + stakes


def test_who_founds_elsewhere_is_gone_and_was_no_business_angel(quarters):
    for one in quarters:
        assert len(one.left) == one.tally.founders_elsewhere and (one.before["angel"][one.left] == 0).all()
        assert not np.isin(one.before["id"][one.left], one.new.founder_id).any()
        partners = np.concatenate([one.new.founder, one.new.partner_1, one.new.partner_2])
        assert not np.isin(one.left, partners).any()
        left_or_found = np.concatenate([one.left, partners[partners != NOBODY]])
        assert one.jobs_left == (one.before["status"][left_or_found] == Status.EMPLOYED).sum()
        assert one.tally.considered >= len(one.left) + len(one.new)
    of_angels = sum((one.before["angel"][one.new.founder] == 1).sum() for one in quarters)
    others = sum((one.before["angel"][one.new.founder] == 0).sum() for one in quarters)
    left = sum(len(one.left) for one in quarters)
    assert of_angels > 10 and abs(others - left) < 3.0 * math.sqrt(others + left)  # half of the others


def test_ventures_begin_in_the_order_of_their_founders_numbers(quarters):
    """So that who gets the last desk, grant or partner hangs on no slot."""
    shuffled = 0
    for one in quarters:
        assert (np.diff(one.new.founder_id) > 0).all()
        shuffled += (np.diff(one.new.founder) < 0).any()
    assert shuffled > 0  # slots would have another order


def test_ventures_look_for_a_place_near_the_last_employer(quarters):
    """Where it has one place and there was one, and near the home else, where all are spin-offs."""
    at_work = 0
    for one in quarters:
        districts, corporates = one.firms
        for founder, origin in zip(one.new.founder, one.origins, strict=True):
            employer, place = one.before["employer"][founder], one.before["workplace"][founder]
            if employer >= 0:
                place = districts[employer]
            elif employer < NOBODY:
                corporate = corporates[corporate_of(employer)]
                place = NOBODY if corporate.pool else corporate.district
            assert origin == (one.before["home"][founder] if place == NOBODY else place)
            at_work += place not in (NOBODY, one.before["home"][founder])
    assert at_work > 0


def test_ventures_begin_with_the_age_and_a_part_of_the_knowhow_of_their_founders(quarters):
    for one in quarters:
        assert one.new.knowhow == pytest.approx(0.5 * one.before["carried"][one.new.founder])
        assert one.new.founder_age == pytest.approx((one.quarter - one.before["born"][one.new.founder]) / 4)
    assert max(abs(one.new.knowhow).max(initial=0.0) for one in quarters) > 0.0
