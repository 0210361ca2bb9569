"""What people make of what customers would buy, what their work is worth, and who is counted."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms.people import knowhow
from sim.mechanisms.space import density, zones
from sim.mechanisms.ventures import output
from sim.mechanisms.ventures.output import Labour, Params, made
from sim.world.columns import CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.employment import FIRST_CORPORATE
from sim.world.kinds import NOBODY, Life, Status
from sim.world.reference import Norms
from sim.world.state import Persons, State

# ---------------------------------------------------------------- sales against labour


def test_full_staff_sells_what_customers_would_buy():
    assert made(1000.0, 1000.0, 0.6) == made(1000.0, 5000.0, 0.6) == 1000.0


def test_sales_of_less_than_full_staff_by_hand():
    """Half the labour sells 0.5^0.6 of demand, two thirds of it: those who stay serve the best customers."""
    assert made(1000.0, 500.0, 0.6) == pytest.approx(1000 * 0.5**0.6)
    assert made(1000.0, 1.0, 0.5) == pytest.approx(math.sqrt(1000))
    assert made(1000.0, 250.0, 1.0) == pytest.approx(250)  # where nobody is better than another, in proportion
    assert made(1000.0, 0.0, 0.6) == 0.0
    assert made(0.0, 0.0, 0.6) == 0.0


def test_one_more_sells_less_the_more_are_at_work():
    sold = np.array([made(1000.0, 100.0 * units, 0.6) for units in range(12)])
    more = np.diff(sold)
    assert (more[:10] > 0.0).all() and (np.diff(more[:10]) < 0.0).all() and more[10] == 0.0


def test_capacity_by_hand():
    # 2.5 units, of which one can sell 300 in the sector, a tenth more in the second district for that sector.
    labour = Labour(worth=np.array([200.0, 300.0]), output=np.array([[1.0, 1.0], [1.0, 1.1]]), pay=np.ones(2))
    firm = rows(STARTUP, labour=2.5, sector=1, district=1)[0]
    assert output.capacity_of(firm, labour) == pytest.approx(2.5 * 300 * 1.1)


# ---------------------------------------------------------------- what a unit of labour is worth


def labour(rival_wage=1.0, works=0.0, norm=None, heads=9):
    """The Labour of two districts of 10 km2 with sectors of a wage of 60 and 90 a quarter in 2019; the first district
    has one startup, and works worth so much of its 100 m2 of offices, for the first sector.
    """
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2, area=10.0))
    fill(state.startups, rows(STARTUP, headcount=heads))
    state.works = np.array([[100.0 * works, 0.0], [0.0, 0.0]])
    city = dated(
        8100,
        traits=SimpleNamespace(base_wage=np.array([60.0, 90.0]), payroll_share=np.array([0.3, 0.2])),
        districts=SimpleNamespace(office_stock_m2=np.array([100.0, 100.0])),
        reference=None if norm is None else {"density": np.array([norm])},
    )
    model = SimpleNamespace(
        state=state,
        city=city,
        norms=Norms(city),
        scale=1.0,
        quarter=8100,
        conditions=SimpleNamespace(rival_wage=rival_wage),
        params={
            "output": params(Params, payroll_of_sales=1.5),
            "density": params(density.Params, output=0.09, pay=0.05),
            "zones": params(zones.Params, output=0.1, reference=1.0),
        },
    )
    return output.labour_of(model)


def test_worth_of_labour_follows_wages_elsewhere():
    # Pay is 0.45 and 0.3 of sales at full staff, so one who earns 60 sells 133, and one who earns 90 sells 300.
    assert labour().worth.tolist() == pytest.approx([60 / 0.45, 90 / 0.3])
    assert labour(rival_wage=1.2).worth.tolist() == pytest.approx([1.2 * 60 / 0.45, 1.2 * 90 / 0.3])


def test_density_and_works_raise_output_and_density_pay():
    # (9 + 1) / 10 km2 are a worker a km2, the empty district has a tenth; half a worker a km2 is normal.
    made_of = labour(norm=0.5, works=math.e - 1)
    dense, empty = 2**0.09, 0.2**0.09
    assert made_of.output.tolist() == [pytest.approx([dense * math.exp(0.1), dense]), pytest.approx([empty, empty])]
    assert made_of.pay.tolist() == pytest.approx([2**0.05, 0.2**0.05])


# ---------------------------------------------------------------- who works


def counted(parts):
    """Units of labour of three startups; persons are looked at in so many parts."""
    state = State(Persons(6))
    people = state.persons
    people.count = 6
    people.employer[:] = [0, 0, 1, NOBODY, FIRST_CORPORATE, 1]
    people.status[:] = [
        Status.FOUNDER,
        Status.EMPLOYED,
        Status.EMPLOYED,
        Status.SEARCHING,
        Status.EMPLOYED,
        Status.FOUNDER,
    ]
    people.efficiency[:] = [1.5, 0.75, 0.1, 7.0, 7.0, 0.2]
    people.stigma[1] = 0.5
    startups = fill(state.startups, rows(STARTUP, 3, labour=9.0, life=[Life.ALIVE, Life.ALIVE, Life.FAILED]))
    fill(state.corporates, rows(CORPORATE))
    fill(state.sectors, rows(SECTOR))
    state.knowledge = np.zeros((1, 1))
    cuts = np.linspace(0, 6, parts + 1).astype(int)
    model = SimpleNamespace(
        state=state,
        quarter=8100,
        norms=Norms(dated(8100, reference=None)),
        shares=lambda work, n: [work(slice(a, b)) for a, b in zip(cuts[:-1], cuts[1:], strict=True)],
        params={"knowhow": params(knowhow.Params)},
    )
    knowhow.travel(model, np.zeros(0, np.int64))
    return startups.labour.tolist()


def test_labour_is_that_of_staff_and_founders():
    """One who has failed before is paid less, and works no less; incumbents' staff and who looks for work do not
    count.
    """
    assert counted(1) == pytest.approx([2.25, 0.3, 0.0])


def test_labour_is_the_same_to_the_bit_in_whatever_parts_it_is_counted():
    assert counted(1) == counted(2) == counted(3) == counted(6)
