"""What holds capital to account, computed on made-up tables whose answers are known by hand."""

import numpy as np
import pandas as pd
import pytest
from one_year import FIRST, found, start, watch

from sim.observables import read_targets
from sim.observables.operators import capital
from sim.observables.operators.window import Window
from sim.observables.targets import operators
from sim.settings.files import CONFIGS
from sim.world.kinds import Life

QUARTERS = [f"{year}Q{q}" for year in range(2008, 2025) for q in (1, 2, 3, 4)]
BILLION = 10**9


def city(**columns):
    return pd.DataFrame({"quarter": QUARTERS, "year": [int(q[:4]) for q in QUARTERS], **columns})


def table(header, *rows):
    """A table of rows whose column `quarter` gives the year."""
    made = pd.DataFrame(rows, columns=header.split())
    return made.assign(year=made["quarter"].str[:4].astype(int)) if "quarter" in made else made


def startups(*rows, scale=1.0):
    """(identity, quarter of founding, of its end, how it stands), the rest alike."""
    made = table("startup_id born ended life", *rows).assign(filed=None, sector="ai")
    made.attrs["scale"] = scale
    return made


def stakes(*rows):
    """(startup, fund or angel, quarter, stage, amount, value after, paid out, route, end); angels are from 900 on."""
    made = table(
        "startup_id investor_id quarter stage amount_cny post_money_cny proceeds_to_date_cny route ended",
        *rows,
    )
    return made.assign(investor=np.where(made["investor_id"] < 900, "fund", "angel"))


# ---------------------------------------------------------------- funds

VINTAGES = {1: "2009Q1", 2: "2010Q3", 3: "2018Q1", 4: "2007Q1", 5: "2010Q1", 6: None}


@pytest.fixture(scope="module")
def six():
    """Two funds that have ended and one that lives; one from before the run, the government's, and one that raises."""
    funds = table(
        "fund_id quarter committed_in_quarter_cny called_in_quarter_cny invested_in_quarter_cny "
        "distributed_in_quarter_cny fees_in_quarter_cny nav_cny cash_cny ended_in_quarter",
        (1, "2008Q3", 60, 0, 0, 0, 0, 0, 0, False),
        (1, "2009Q1", 40, 20, 0, 0, 0, 0, 0, False),
        (1, "2012Q1", 0, 30, 40, 0, 0, 0, 0, False),  # 12 quarters after its closing
        (1, "2012Q3", 0, 10, 10, 0, 0, 0, 0, False),  # 14
        (1, "2016Q1", 0, 24, 0, 50, 12, 0, 0, False),
        (1, "2018Q1", 0, 0, 0, 40, 0, 30, 0, False),
        (1, "2021Q2", 0, 6, 0, 60, 0, 0, 0, True),  # 49
        (2, "2010Q3", 300, 60, 0, 0, 0, 0, 0, False),
        (2, "2013Q3", 0, 90, 0, 0, 0, 0, 0, False),  # 12
        (2, "2014Q2", 0, 30, 0, 0, 0, 0, 0, False),  # 15
        (2, "2015Q1", 0, 90, 200, 0, 24, 250, 0, False),
        (2, "2020Q3", 0, 0, 0, 135, 0, 0, 0, True),
        (3, "2018Q1", 500, 0, 0, 0, 0, 0, 0, False),
        (3, "2019Q2", 0, 100, 80, 0, 7, 0, 0, False),
        (3, "2021Q1", 0, 200, 150, 0, 0, 330, 20, False),  # 12
        (3, "2022Q2", 0, 50, 40, 0, 0, 400, 10, False),
        (4, "2008Q1", 0, 500, 0, 0, 0, 0, 0, False),
        (4, "2018Q2", 0, 0, 0, 900, 9, 0, 0, True),
        (5, "2010Q1", 1000, 900, 0, 0, 0, 0, 0, False),
        (5, "2019Q1", 0, 100, 1000, 0, 0, 5000, 0, False),
        (6, "2024Q3", 70, 0, 0, 0, 0, 0, 0, False),
    )
    funds = funds.assign(patient=funds["fund_id"] == 5, vintage=funds["fund_id"].map(VINTAGES))
    bought = stakes(
        (11, 1, "2012Q1", "seed", 20, 100, 40, "ipo", "2016Q1"),
        (11, 1, "2012Q3", "A", 10, 100, 20, "ipo", "2016Q1"),
        (12, 1, "2012Q1", "seed", 10, 100, 0, "liquidation", "2016Q1"),
        (13, 1, "2012Q1", "seed", 10, 100, 0, "liquidation", "2016Q1"),
        (14, 3, "2019Q2", "A", 80, 200, 90, "ipo", "2022Q1"),
        (15, 3, "2021Q1", "A", 90, 200, 0, "held", None),
        (16, 3, "2021Q1", "A", 60, 200, 10, "acquisition", "2021Q3"),
        (17, 3, "2022Q2", "A", 40, 200, 0, "held", None),
        (18, 900, "2020Q1", "seed", 5, 50, 0, "held", None),
    )
    return {"city": city(), "funds": funds, "rounds": bought, "startups": startups()}


FUNDS = {  # name: (first, last, value)
    "called_in_life": (2008, 2024, (84 + 270) / 400),
    "called_by_third_year": (2008, 2024, (55 / 100 + 157.5 / 300 + 300 / 500) / 3),
    "years_in_store": (2021, 2021, (330 + 20 - 80 - 90) / 150),
    "invested_of_raised": (2018, 2023, 270 / 500),
    "fees_of_committed": (2008, 2024, (12 + 24) / 400),
    "fund_size": (2020, 2021, 500),  # the other two have ended
    "fund_multiple": (2008, 2024, (150 / 90 + 135 / 270) / 2),
    "fund_multiple_pooled": (2008, 2024, (150 + 135 + 400) / (90 + 270 + 350)),
    "years_to_pay_back": (2008, 2024, 9),  # the third fund is too young to be counted then
    "companies_per_fund": (2008, 2024, (3 + 0) / 2),
}


@pytest.mark.parametrize("name", FUNDS)
def test_a_ratio_of_funds_by_hand(six, name):
    first, last, value = FUNDS[name]
    assert getattr(capital, name)(Window(six, first, last)) == pytest.approx(value)


@pytest.mark.parametrize("name", FUNDS)
def test_funds_of_years_that_the_run_lacks_are_not_reached(six, name):
    assert getattr(capital, name)(Window(six, 2007, 2024)).verdict == "not reached"


def test_what_is_in_store_is_held_against_the_investment_of_a_year(six):
    assert capital.years_in_store(Window(six, 2020, 2021)) == pytest.approx(180 / (150 / 2))


def test_a_fund_is_worth_what_it_was_at_the_end_of_the_window(six):
    assert capital.fund_multiple_pooled(Window(six, 2008, 2018)) == pytest.approx((90 + 30 + 250) / (84 + 270))


def test_a_fund_that_raised_before_the_run_has_no_size(six):
    assert capital.fund_size(Window(six, 2016, 2016)) == (100 + 300) / 2


def test_a_fund_that_still_raises_has_no_size(six):
    assert capital.fund_size(Window(six, 2024, 2024)) == 500


def test_funds_that_never_pay_back_take_all_the_years_there_are(six):
    assert capital.years_to_pay_back(Window(six, 2010, 2024)) == 15


def test_a_city_without_funds_of_the_years_pays_nothing_back(six):
    assert np.isnan(capital.years_to_pay_back(Window(six, 2023, 2024)))


# ---------------------------------------------------------------- rounds


@pytest.fixture(scope="module")
def firms():
    """Seven startups of 2016 in half a city: four alive and funded, one listed, one sold, one without a round."""
    lives = startups(
        (1, "2016Q1", None, "alive"),
        (2, "2016Q1", None, "alive"),
        (3, "2016Q1", None, "alive"),
        (4, "2016Q1", None, "alive"),
        (5, "2016Q1", "2021Q2", "listed"),
        (6, "2016Q1", "2021Q4", "acquired"),
        (7, "2016Q1", None, "alive"),
        scale=0.5,
    ).assign(sector=["ai", "ai", "bio", "bio", "ai", "ai", "ai"])
    rounds = stakes(
        (1, 1, "2017Q1", "seed", 20, 100, 0, "held", None),
        (1, 1, "2018Q1", "A", 30, 110, 0, "held", None),  # 80 before the money, below 100
        (1, 1, "2019Q1", "B", 50, 8 * BILLION, 0, "held", None),
        (2, 900, "2016Q1", "seed", 5, 500, 0, "held", None),  # of an angel, no price
        (2, 1, "2017Q1", "A", 40, 300, 0, "held", None),
        (2, 1, "2020Q1", "B", 60, 360, 0, "held", None),  # 300, not below 300
        (3, 1, "2017Q1", "seed", 30, 9 * BILLION, 0, "held", None),
        (3, 2, "2018Q1", "A", 40, 90, 0, "held", None),  # no unicorn any more
        (4, 900, "2017Q1", "seed", 1, 10, 0, "held", None),
        (5, 1, "2017Q1", "seed", 10, 8 * BILLION, 0, "ipo", "2021Q2"),
        (6, 1, "2017Q1", "seed", 10, 8 * BILLION, 0, "acquisition", "2021Q4"),
        (7, 1, "2023Q1", "A", 10, 8 * BILLION, 0, "held", None),  # after the window
    )
    books = table(
        "startup_id quarter headcount revenue_cny cash_cny burn_cny payroll_cny",
        (1, "2022Q4", 4, 10, 100, 40, 20),  # 10 months
        (2, "2022Q4", 8, 20, 160, 60, 45),  # 12
        (3, "2022Q4", 6, 10, 360, 20, 13),  # 108
        (4, "2022Q4", 12, 90, 500, 50, 80),  # sells more than it plans to spend
        (5, "2022Q4", 99, 1, 900, 90, 5),
        (7, "2022Q4", 2, 1, 300, 30, 7),
        (1, "2021Q4", 50, 1, 5, 900, 3),
    )
    return {
        "city": city(rounds=4.0, first_rounds=1.0, equity_raised_cny=100.0),
        "startups": lives,
        "rounds": rounds,
        "firms": books,
    }


ROUNDS = {
    "round_size": (2022, 2022, 25),
    "first_round_share": (2022, 2022, 1 / 4),
    "down_round_share": (2017, 2022, 2 / 4),
    "months_of_cash": (2022, 2022, 12),
    "people_of_spending": (2022, 2022, (20 + 45 + 13) / (40 + 60 + 20)),
    "unicorns": (2022, 2022, 1 / 0.5),
    "sales_to_heads": (2022, 2022, None),
}


@pytest.mark.parametrize("name", [name for name, (*_, value) in ROUNDS.items() if value is not None])
def test_a_number_of_rounds_and_firms_by_hand(firms, name):
    first, last, value = ROUNDS[name]
    assert getattr(capital, name)(Window(firms, first, last)) == pytest.approx(value)


@pytest.mark.parametrize("name", ROUNDS)
def test_rounds_of_years_that_the_run_lacks_are_not_reached(firms, name):
    assert getattr(capital, name)(Window(firms, 2022, 2025)).verdict == "not reached"


def test_a_startup_that_lists_later_is_a_unicorn_until_then(firms):
    assert capital.unicorns(Window(firms, 2020, 2020)) == 3 / 0.5


def test_startups_that_live_on_their_sales_have_no_months_of_cash(firms):
    rich = firms | {"firms": firms["firms"].assign(revenue_cny=1000)}
    assert np.isnan(capital.months_of_cash(Window(rich, 2022, 2022)))


def test_sales_to_heads_is_a_slope_within_sectors():
    """Sales are the heads to the power 0.7, times ten in biotech, where firms are larger."""
    heads = np.array([3, 5, 9, 30, 50, 80, 2, 7])
    sales = heads**0.7 * np.array([100, 100, 100, 1000, 1000, 1000, 5, 0])
    firms = pd.DataFrame({"startup_id": range(8), "year": 2018, "headcount": heads, "revenue_cny": sales})
    lives = startups(*[(i, "2010Q1", None, "alive") for i in range(8)]).assign(
        sector=["ai"] * 3 + ["bio"] * 3 + ["ai"] * 2
    )
    tables = {"city": city(), "firms": firms, "startups": lives}
    assert capital.sales_to_heads(Window(tables, 2018, 2018)) == pytest.approx(0.7)


# ---------------------------------------------------------------- listings


@pytest.fixture(scope="module")
def boards():
    """At half scale: three list in 2021 and 2022, one of them without a fund, one a year later; one is sold."""
    lives = startups(
        (1, "2016Q1", "2021Q2", "listed"),
        (2, "2016Q1", "2021Q3", "listed"),
        (3, "2016Q1", "2021Q4", "delisted"),
        (4, "2016Q1", "2022Q1", "listed"),
        (5, "2016Q1", "2021Q1", "acquired"),
        scale=0.5,
    ).assign(filed=["2020Q2", "2020Q4", "2019Q4", "2020Q1", None])
    exits = table(
        "startup_id quarter life",
        (1, "2021Q2", "listed"),
        (2, "2021Q3", "listed"),
        (3, "2021Q4", "listed"),
        (4, "2022Q1", "listed"),
        (5, "2021Q1", "acquired"),
    )
    rounds = stakes(
        (1, 1, "2017Q1", "seed", 1, 1, 1, "ipo", "2021Q2"),
        (1, 2, "2018Q1", "A", 1, 1, 1, "ipo", "2021Q2"),
        (2, 900, "2017Q1", "seed", 1, 1, 1, "ipo", "2021Q3"),
        (3, 1, "2017Q1", "seed", 1, 1, 1, "ipo", "2021Q4"),
        (4, 1, "2017Q1", "seed", 1, 1, 1, "ipo", "2022Q1"),
        (5, 1, "2017Q1", "seed", 1, 1, 1, "acquisition", "2021Q1"),
    )
    panel = city(
        listing_queue=np.arange(len(QUARTERS)), files_refused=2.0, files_withdrawn=1.0, ipos=np.arange(len(QUARTERS))
    )
    return {"city": panel, "startups": lives, "exits": exits, "rounds": rounds}


LISTINGS = {
    "backed_listings": (2021, 2021, 2 / 0.5),
    "listing_wait": (2021, 2021, 4),  # 4, 3 and 8 quarters
    "firms_in_queue": (2010, 2011, 8),
    "unlisted_files": (2010, 2010, 12 / (12 + 8 + 9 + 10 + 11)),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_number_of_listings_by_hand(boards, name):
    first, last, value = LISTINGS[name]
    assert getattr(capital, name)(Window(boards, first, last)) == pytest.approx(value)


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_of_years_that_the_run_lacks_are_not_reached(boards, name):
    assert getattr(capital, name)(Window(boards, 2024, 2025)).verdict == "not reached"


# ---------------------------------------------------------------- what becomes of the funded


@pytest.fixture(scope="module")
def cohort():
    """Five whose first round is a seed round or of angels in 2010 to 2020, and three others."""
    lives = startups(
        (1, "2010Q1", "2015Q1", "listed"),
        (2, "2010Q1", "2016Q1", "failed"),
        (3, "2010Q1", "2017Q1", "closed"),
        (4, "2010Q1", "2021Q4", "delisted"),
        (5, "2010Q1", "2022Q1", "failed"),  # after the window
        (6, "2010Q1", "2012Q1", "failed"),  # first a Series A
        (7, "2021Q1", "2021Q3", "failed"),  # too late
        (8, "2010Q1", "2012Q1", "failed"),  # without a round
    )
    rounds = stakes(
        (1, 1, "2011Q1", "seed", 10, 50, 60, "ipo", "2015Q1"),
        (1, 1, "2012Q1", "A", 20, 90, 70, "ipo", "2015Q1"),
        (1, 2, "2012Q1", "A", 20, 90, 70, "ipo", "2015Q1"),
        (2, 1, "2011Q1", "seed", 10, 50, 0, "liquidation", "2016Q1"),
        (3, 900, "2011Q1", "A", 10, 50, 30, "buyback", "2015Q1"),
        (3, 2, "2013Q1", "B", 10, 50, 5, "buyback", "2015Q2"),
        (3, 2, "2014Q1", "B", 10, 50, 5, "buyback", "2015Q2"),
        (4, 1, "2020Q4", "seed", 40, 90, 60, "ipo", "2021Q4"),
        (5, 1, "2015Q1", "seed", 50, 90, 0, "liquidation", "2022Q1"),
        (6, 3, "2011Q1", "A", 30, 90, 9, "acquisition", "2012Q1"),
        (6, 3, "2011Q2", "seed", 30, 90, 15, "transfer", "2015Q3"),
        (6, 4, "2011Q3", "A", 30, 90, 0, "write_off", "2015Q3"),
        (7, 1, "2021Q1", "seed", 10, 90, 0, "liquidation", "2021Q3"),
    )
    return {"city": city(), "startups": lives, "rounds": rounds}


COHORT = {
    "angel_cohort_listed": (2010, 2021, 2 / 5),
    "angel_cohort_dead": (2010, 2021, 2 / 5),
    "stakes_ended": (2015, 2015, 8 / 10),
    "exits_of_invested": (2015, 2015, (60 + 70 + 70 + 5 + 5 + 15) / 50),
    "buyback_share_later": (2015, 2015, 1 / 3),  # two sell the listed one, one is bought back twice
    "listing_share_early": (2015, 2015, 1 / 2),
}


@pytest.mark.parametrize("name", COHORT)
def test_what_becomes_of_the_funded_by_hand(cohort, name):
    first, last, value = COHORT[name]
    assert getattr(capital, name)(Window(cohort, first, last)) == pytest.approx(value)


@pytest.mark.parametrize("name", COHORT)
def test_a_cohort_of_years_that_the_run_lacks_is_not_reached(cohort, name):
    assert getattr(capital, name)(Window(cohort, 2024, 2025)).verdict == "not reached"


def test_years_without_a_first_round_have_no_cohort(cohort):
    assert capital.angel_cohort_dead(Window(cohort, 2022, 2024)).verdict == "not reached"


# ---------------------------------------------------------------- the queue, in the panel of the city


@pytest.fixture
def waiting():
    """At half scale, six that have filed: one lists, one is refused, one withdraws, one fails, two wait; one files."""
    state = start()
    found(state, FIRST - 8, id=[16, 32, 48, 64, 80, 96, 112], queued=[FIRST - 2] * 6 + [-1], refused=-1)
    panels, model = watch(state, scale=0.5)
    firms = state.startups.rows
    firms.life[0], firms.ended[0] = Life.LISTED, FIRST
    firms.queued[1], firms.refused[1] = -1, FIRST
    firms.queued[2] = -1
    firms.life[3], firms.ended[3] = Life.FAILED, FIRST
    firms.queued[6] = FIRST
    panels.record(model)
    model.quarter += 1
    panels.record(model)
    return panels.tables()["city"]


def test_who_has_filed_and_goes_on_waits(waiting):
    assert waiting["listing_queue"].tolist() == [6, 6]


def test_a_refused_file_counts_once(waiting):
    assert waiting["files_refused"].tolist() == [2, 0]


def test_a_file_that_is_given_up_and_that_of_a_firm_that_fails_are_withdrawn(waiting):
    assert waiting["files_withdrawn"].tolist() == [4, 0]


def test_the_table_of_firms_says_what_they_have_and_plan():
    state = start()
    found(state, FIRST, id=[16], cash=90, burn=30, payroll=20)
    panels, model = watch(state)
    model.quarter = FIRST + 3
    panels.record(model)
    assert panels.tables()["firms"].loc[0, ["cash_cny", "burn_cny", "payroll_cny"]].tolist() == [90, 30, 20]


# ---------------------------------------------------------------- the file


@pytest.fixture(scope="module")
def rows():
    return read_targets(CONFIGS / "targets" / "discipline.csv")


def test_every_operator_of_capital_has_a_hand_number():
    here = {name for name, operator in operators().items() if operator.__module__ == capital.__name__}
    assert here == {*FUNDS, *ROUNDS, *LISTINGS, *COHORT}


def test_every_operator_of_capital_is_used(rows):
    here = {name for name, operator in operators().items() if operator.__module__ == capital.__name__}
    assert here - set(rows["operator"]) == set()


def test_all_rows_are_fitted_but_the_one_that_no_table_shows(rows):
    assert rows.loc[rows["role"] != "target", "id"].tolist() == ["D121"]


def test_reported_numbers_lie_in_their_bands(rows):
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


def test_every_row_says_where_its_number_is_from(rows):
    assert (rows[["quantity", "unit", "definition", "source", "how_known"]] != "").all(axis=None)
