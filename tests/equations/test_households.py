"""What a person does with a quarter's pay."""

import numpy as np
import pytest
from by_hand import params, people

from sim.mechanisms.people import households
from sim.mechanisms.people.households import Homes, Params
from sim.world.kinds import Status

TERMS = params(Params, income_tax=0.1, spending_share=0.5, wealth_spending=0.01, debt_service=0.2)


def lived(income, **person):
    """(person, totals) after the quarter of one who rents 20 m2 at 1000 yuan, which a policy may halve."""
    one = people(**({"status": Status.EMPLOYED} | person))
    homes = Homes(rent=np.array([1000.0]), m2=20.0, discount=np.array([0.5]))
    return one, households._live(people=one, income=np.array([income]), homes=homes, params=TERMS)


def test_a_quarter_by_hand():
    # 100,000 less 10,000 tax, 20,000 rent and 20,000 of the debt leave 50,000, and 250,000 in the purse.
    one, totals = lived(100_000, wealth=200_000, debt=30_000)
    assert totals == (10_000, 20_000, 0, 27_500, 20_000)
    assert (one.wealth[0], one.debt[0]) == (222_500, 10_000)


def test_the_last_of_a_debt_and_the_part_of_the_rent_that_others_pay():
    one, totals = lived(100_000, debt=5_000, subsidised_home=1)
    assert (one.debt[0], totals.service, totals.rent, totals.subsidy) == (0, 5_000, 10_000, 10_000)


def test_who_has_nothing_pays_no_rent_and_who_is_away_lives_elsewhere():
    one, totals = lived(0, wealth=7)
    assert (one.wealth[0], totals.rent, sum(totals)) == (0, 7, 7)
    one, totals = lived(0, wealth=7, status=Status.ABSENT)
    assert (one.wealth[0], sum(totals)) == (7, 0)


@pytest.mark.parametrize("income", [0, 1, 999, 123_457])
def test_no_yuan_is_lost(income):
    one, totals = lived(income, wealth=15_001, debt=77, subsidised_home=1)
    assert one.wealth[0] + totals.tax + totals.rent + totals.spending + totals.service == 15_001 + income
