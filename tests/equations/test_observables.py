"""What the run says of itself, by hand numbers."""

import operator
import pkgutil
import re

import numpy as np
import pandas as pd
import pytest
from one_year import BILLION, CITY, FIRST, found, invest, simulate, start, watch, year

from sim.observables import CODEBOOK, Panels, codebook, read_targets, reported
from sim.observables.codebook import frame
from sim.observables.columns import PANELS
from sim.settings.files import CONFIGS
from sim.world import columns, kinds
from sim.world.kinds import Investor, Life, Route

# ---------------------------------------------------------------- panels

BY_HAND = {  # quarter -> column -> value at scale 0.5
    "2024Q1": {
        "workforce": 10,
        "employed": 6,
        "searching": 2,
        "founders": 2,
        "returnee_residents": 4,
        "foreign_residents": 2,
        "startups_founded": 8,
        "startups_alive": 8,
        "startups_funded_alive": 2,
        "startup_jobs": 16,
        "startup_revenue_cny": 200,
        "vc_raised_cny": 200,
        "vc_private_cny": 160,
        "angel_raised_cny": 10,
        "patient_raised_cny": 0,
        "equity_raised_cny": 210,
        "hard_tech_raised_cny": 210,
        "rounds": 2,
        "first_rounds": 2,
        "rounds_hard_tech": 2,
        "rounds_consumer": 2,
        "solo_rounds": 0,
        "investor_stakes": 6,
        "angels_investing": 2,
        "vc_firms": 2,
        "vc_firms_outside": 2,
        "proposals_screened": 180,
        "lp_commitments_in_quarter_cny": 600,
        "guidance_commitments_in_quarter_cny": 0,
        "guidance_partners_to_date_cny": 600,
        "dry_powder_cny": 1200,
        "fund_nav_cny": 100,
        "returnees": 60,
        "returnees_china": 120,
        "returnee_share": 0.5,
        "district_concentration": 0.5,
        "sector_concentration": 0.5,
        "basic_research": (3 + 0.6) / 4,
        "office_rent_cny_m2": 450,
        "home_rent_cny_m2": 300,
        "office_premium_shenzhen": 0.5,
        "wage_cny": (9 * 30 + 2 * 60) / 11 * 1000,
        "tax_cny": 32,
        "public_spending_cny": 6,
        "public_debt_cny": 14,
        "sandbox_participants_to_date": 0,
    },
    "2024Q2": {
        "startups_founded": 0,
        "startups_alive": 6,
        "startups_failed": 2,
        "startups_funded_alive": 4,
        "vc_raised_cny": 80 * BILLION,
        "vc_private_cny": 60 * BILLION,
        "patient_raised_cny": 120,
        "rounds": 4,
        "first_rounds": 2,
        "rounds_hard_tech": 4,
        "rounds_consumer": 2,
        "solo_rounds": 4,
        "guidance_commitments_in_quarter_cny": 120,
        "guidance_partners_to_date_cny": 1080,
        "lp_commitments_in_quarter_cny": 0,
        "dry_powder_cny": 1020,
        "sandbox_participants_to_date": 2,
        "tax_cny": 0,
        "returnee_share": 13 / 40,
    },
    "2024Q3": {
        "startups_alive": 4,
        "ipos": 2,
        "acquisitions": 0,
        "exits_ipo": 8,
        "exits_liquidation": 0,
        "exit_value_cny": 200 * BILLION,
        "rounds": 0,
        "startup_jobs": 4,
        "sandbox_participants_to_date": 2,
        "sector_concentration": 1.0,
    },
    "2024Q4": {
        "office_rent_cny_m2": 550,
        "office_premium_shenzhen": 550 / 300 - 1,
        "vc_firms_outside": 0,
        "exits_ipo": 0,
        "ipos": 0,
    },
}


@pytest.mark.parametrize(
    "quarter, column", [(quarter, column) for quarter, columns in BY_HAND.items() for column in columns]
)
def test_the_city_panel_by_hand(tables, quarter, column):
    row = tables["city"].set_index("quarter").loc[quarter]
    assert row[column] == pytest.approx(BY_HAND[quarter][column])


def test_districts_and_sectors_by_hand(tables):
    district = tables["district"].set_index(["quarter", "district"])
    assert district.loc[("2024Q1", "PD"), "startups_alive"] == 4
    assert district.loc[("2024Q3", "PD"), "startups_alive"] == 2
    assert district.loc[("2024Q1", "HP"), ["persons", "returnee_residents"]].tolist() == [6, 2]
    assert district.loc[("2024Q1", "PD"), "knowledge"] == 10
    assert district.loc[("2024Q1", "HP"), "ring"] == "inner"
    sector = tables["sector"].set_index(["quarter", "sector"])
    assert sector.loc[("2024Q2", "ai_software"), ["startups_failed", "rounds", "startups_alive"]].tolist() == [2, 2, 2]
    assert sector.loc[("2024Q1", "ai_software"), ["startup_jobs", "corporate_jobs"]].tolist() == [12, 6]
    assert sector.loc[("2024Q3", "ai_software"), "exits"] == 2


@pytest.mark.parametrize("panel", ["district", "sector"])
def test_places_add_up_to_the_city(tables, panel):
    city = tables["city"].set_index("quarter")
    for column in {"startups_founded", "startups_alive", "startup_jobs", "vc_raised_cny", "rounds"} & set(
        tables[panel]
    ):
        assert tables[panel].groupby("quarter")[column].sum().tolist() == city[column].tolist()


def test_half_scale_doubles_what_is_extensive_and_nothing_else():
    half, full = simulate(0.5)[0], simulate(1.0)[0]
    for panel in ("city", "district", "sector", "rival"):
        for column in CODEBOOK[panel]:
            if full[panel][column.name].dtype.kind in "if":
                expected = full[panel][column.name] * (2 if column.extensive else 1)
                pd.testing.assert_series_equal(half[panel][column.name], expected)
    for table in ("rounds", "funds", "flows", "policy"):
        assert half[table].attrs["scale"] == 0.5
        pd.testing.assert_frame_equal(half[table], full[table], check_flags=False)


def test_a_resumed_run_remembers_all(tables):
    _, panels, model = simulate(0.5, range(2))
    resumed = Panels(model.config, CITY)
    resumed.from_state_dict({name: np.array(values) for name, values in panels.state_dict().items()})
    year(model.state, model, resumed, range(2, 4))
    for name, table in resumed.tables().items():
        pd.testing.assert_frame_equal(table, tables[name])


def test_initial_stakes_are_not_money_raised_in_the_first_quarter():
    state = start()
    found(state, FIRST - 4, id=[16], headcount=1, raised=9)
    invest(state, FIRST - 2, startup=0, startup_id=16, place=0, investor=Investor.ANGEL, amount=9)
    panels, model = watch(state)
    invest(state, FIRST, startup=0, startup_id=16, place=1, investor=Investor.ANGEL, amount=4)
    panels.record(model)
    row = panels.tables()["city"].iloc[0]
    assert row[["startups_founded", "startups_alive", "rounds", "first_rounds", "equity_raised_cny"]].tolist() == [
        0,
        1,
        1,
        0,
        4,
    ]
    assert panels.tables()["funds"].empty


def test_a_stake_sold_by_a_fund_at_its_end_is_a_transfer_once():
    state = start()
    found(state, FIRST, id=[16], headcount=1)
    invest(
        state, FIRST, startup=0, startup_id=16, investor=Investor.FUND, holder=[0, 1], holder_id=[4480, 4544], amount=4
    )
    panels, model = watch(state)
    panels.record(model)
    state.holdings.used.ended[0], state.holdings.used.route[0] = FIRST + 1, Route.TRANSFER
    invest(
        state, FIRST, startup=0, startup_id=16, investor=Investor.FUND, holder=-1, holder_id=-1, amount=4
    )  # a stranger's hands
    model.quarter += 1
    panels.record(model)
    state.holdings.used.ended[1:], state.holdings.used.route[1:] = FIRST + 2, Route.LIQUIDATION
    model.quarter += 1
    panels.record(model)
    tables = panels.tables()
    assert tables["city"]["exits_transfer"].tolist() == [0, 1, 0]
    assert tables["city"]["exits_liquidation"].tolist() == [0, 0, 1]
    assert tables["rounds"]["route"].tolist() == ["transfer", "liquidation"]
    assert tables["rounds"]["gp_id"].tolist() == [70, 71]


def test_listed_firms_by_hand():
    """At half scale. Sales of 6 m a year in a market of 4 m, and of 2 m in one of 9, at five times sales; the first is
    delisted in the next quarter. A venture, one that was bought and one that failed are none.
    """
    state = start()
    million = np.log(1e6)
    found(
        state,
        FIRST - 8,
        id=[16, 32, 48, 64, 80],
        life=[Life.LISTED, Life.LISTED, Life.ALIVE, Life.ACQUIRED, Life.FAILED],
        headcount=[30, 50, 7, 9, 11],
        revenue=[200, 300, 70, 90, 110],
        traction=million + np.log([6.0, 2.0, 1.0, 1.0, 1.0]),
        market=million + np.log([4.0, 9.0, 1.0, 1.0, 1.0]),
        progress=1.0,
    )
    panels, model = watch(state, scale=0.5)
    panels.record(model)
    state.startups.rows.life[0] = Life.DELISTED
    model.quarter += 1
    panels.record(model)
    city = panels.tables()["city"]
    assert city["listed_firms"].tolist() == [4, 2]
    assert city["listed_jobs"].tolist() == [160, 100]
    assert city["listed_revenue_cny"].tolist() == [1000, 600]
    assert city["listed_value_cny"].tolist() == [60_000_000, 20_000_000]
    assert city["startups_alive"].tolist() == [2, 2] and city["startup_jobs"].tolist() == [14, 14]


# ---------------------------------------------------------------- tables of events


def test_startups_and_their_cap_tables(tables):
    startups = tables["startups"].set_index("startup_id")
    assert startups["life"].tolist() == ["listed", "alive", "alive", "failed"]
    assert startups.loc[16, ["born", "ended", "sector", "district"]].tolist() == [
        "2024Q1",
        "2024Q3",
        "ai_software",
        "PD",
    ]
    assert startups["ended"].isna().tolist() == [False, True, True, False]
    assert startups.loc[16, ["founder_share", "employee_share", "investor_share"]].tolist() == [0.8, 0.05, 0.15]
    parts = startups[["founder_shares", "employee_shares", "investor_shares"]].sum(axis=1)
    assert (parts == startups["shares"]).all()
    assert startups.loc[32, "x_km"] == 20.5


def test_founders_rounds_and_exits(tables):
    founder = tables["founders"].iloc[0]
    assert founder[["origin", "experience", "partners", "proceeds_to_date_cny"]].tolist() == [
        "returnee",
        "failed_before",
        1,
        700,
    ]
    rounds = tables["rounds"]
    assert len(rounds) == 5
    assert rounds["investor"].tolist() == ["fund", "fund", "angel", "fund", "patient"]
    assert rounds["gp_id"].tolist() == [70, 71, -1, 70, -1]
    assert rounds["round"].tolist() == [1, 1, 1, 2, 1]
    assert rounds["gp_local"].tolist() == [True, False, False, True, False]
    assert rounds["gp_kind"].isna().tolist() == [False, False, True, False, True]
    assert rounds["gp_x_km"].tolist()[0] == 1.0
    assert rounds["gp_x_km"].isna().tolist() == [False, True, True, False, True]
    assert rounds["company_share"].tolist() == pytest.approx([0.08, 0.02, 0.005, 0.2, 0.1])
    assert rounds["route"].tolist() == ["ipo"] * 4 + ["held"]
    assert rounds["ended"].isna().tolist() == [False] * 4 + [True]
    left = tables["exits"].iloc[0]
    assert left[["life", "age_quarters", "buyer_id"]].tolist() == ["listed", 2, -1]


def test_funds_show_what_moved(tables):
    funds = tables["funds"]
    assert funds["quarter"].tolist() == ["2024Q1", "2024Q1", "2024Q2", "2024Q3"]
    assert funds["invested_in_quarter_cny"].tolist() == [80, 20, 0, 0]
    assert funds["committed_in_quarter_cny"].tolist() == [0, 300, 0, 0]
    assert funds["distributed_in_quarter_cny"].tolist() == [0, 0, 0, 1500]
    assert funds["closed_in_quarter"].tolist() == [False, False, True, False]


def test_policies_applications_and_flows(tables):
    policy = tables["policy"].set_index("quarter")
    assert policy["spent_in_quarter_cny"].tolist() == [0, 30, 0, 0]
    assert policy["appropriated_in_quarter_cny"].tolist() == [0, 0, 0, 0]
    applications = tables["applications"]
    assert applications["startup_id"].tolist() == [32, -1]
    assert applications["admitted"].tolist() == [True, False]
    flows = tables["flows"]
    assert flows["transaction"].tolist() == ["income_tax", "corporate_tax", "grant"]
    assert flows["amount_cny"].sum() == 19


# ---------------------------------------------------------------- codebook


def test_every_table_of_the_codebook_is_written(tables):
    everything = tables | {"reported": reported(tables, CITY, read_targets(CONFIGS / "targets" / "reported.csv"))}
    assert set(everything) == set(CODEBOOK)
    for name, declared in CODEBOOK.items():
        assert list(everything[name]) == [column.name for column in declared], name


def test_every_column_is_declared_once_and_says_what_it_is():
    assert not codebook().duplicated(["table", "column"]).any()
    assert (codebook()[["unit", "meaning", "reference"]] != "").all(axis=None)
    scaled = {table for table, declared in CODEBOOK.items() if any(column.extensive for column in declared)}
    assert scaled <= set(PANELS)


def flows(tables, **others):
    """The columns of a table, some exchanged or added."""
    return {name: tables["flows"][name].to_numpy() for name in tables["flows"]} | others


def test_a_column_that_is_not_declared_is_refused(tables):
    with pytest.raises(ValueError, match="flows: not in the codebook or not given: .'extra'"):
        frame("flows", flows(tables, extra=np.array([1, 2, 3])))


def test_a_declared_column_cannot_be_forgotten(tables):
    rest = flows(tables)
    del rest["payer"]
    with pytest.raises(ValueError, match="flows: not in the codebook or not given: .'payer'"):
        frame("flows", rest)


@pytest.mark.parametrize(
    "column, values",
    [
        ("amount_cny", np.array([1.0, 2.0, 3.0])),
        ("amount_cny", np.array([1, 2, 3], np.int32)),
        ("payer", np.array([0, 1, 2])),
        ("year", np.array([2024.0, 2024.0, 2024.0])),
    ],
)
def test_a_column_of_another_type_than_its_unit_is_refused(tables, column, values):
    with pytest.raises(ValueError, match=f"flows.{column}: .* cannot be {values.dtype}"):
        frame("flows", flows(tables, **{column: values}))


def test_references_are_to_what_there_is():
    """A schema's column, a kind, a module or what is in it; the rest are words."""
    for text in codebook()["reference"]:
        for schema, column in re.findall(r"\bstate\.([A-Z]+)\.(\w+)", text):
            assert column in getattr(columns, schema).names, text
        for path in re.findall(r"\b(kinds\.\w+(?:\.[A-Z]+)?)", text):
            assert operator.attrgetter(path.removeprefix("kinds."))(kinds) is not None, text
        for path in re.findall(r"\bsim\.[\w.]+", text):
            assert pkgutil.resolve_name(path) is not None, text
