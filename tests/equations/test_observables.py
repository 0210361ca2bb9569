"""What the run says of itself, by hand numbers: a year of a city of six persons and four startups."""

import inspect
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.accounts import Transaction, new_flows
from sim.calendar import quarter_of
from sim.observables import CODEBOOK, Panels, check_codebook, codebook, metrics, read_targets, reported
from sim.observables.codebook import frame
from sim.observables.targets import operators
from sim.state import Experience, Investor, Life, Origin, Persons, RivalKind, Route, Sector, Stage, State, Status

TARGETS = Path(__file__).parents[2] / "configs" / "targets"
FIRST, LAST = quarter_of("2024Q1"), quarter_of("2024Q4")
BILLION = 10**9
USD = 7.27
PUDONG, HUANGPU = 0, 1
SOFTWARE, BIOTECH = 0, 1

CITY = SimpleNamespace(
    district_codes=("PD", "HP"),
    district_rings=("mixed", "inner"),
    districts={"area_km2": np.array([1210.4, 20.5])},
    sectors=("ai_software", "biotech_medtech"),
    rival_names=("Shenzhen", "Beijing", "Singapore"),
    usd_cny=USD,
)
MAP = SimpleNamespace(
    district_of_cell=np.array([PUDONG, PUDONG, HUANGPU]), cell_x=np.array([20.0, 20.5, 1.0]), cell_y=np.array([-12.0, -12.0, -1.5])
)


def put(table, **columns):
    """Append rows given by columns; one value stands for all rows."""
    size = max(np.size(values) for values in columns.values())
    table.reserve(size)
    for name, values in columns.items():
        table.rows[name][table.count : table.count + size] = values
    table.count += size


def start():
    """The city before 2024: no startup, two VC firms, one closed fund and one that raises money."""
    persons = Persons(6)
    persons.count = 6
    persons.status[:] = [Status.EMPLOYED, Status.EMPLOYED, Status.EMPLOYED, Status.FOUNDER, Status.OUT, Status.ABSENT]
    persons.origin[:] = [Origin.LOCAL, Origin.RETURNEE, Origin.RETURNEE, Origin.FOREIGN, Origin.LOCAL, Origin.LOCAL]
    persons.home[:] = [PUDONG, PUDONG, HUANGPU, HUANGPU, HUANGPU, -1]
    state = State(persons)
    put(state.gps, id=[70, 71, 72], kind=[0, 1, 2], local=[1, 0, 1], patient=[-1, -1, 0], ended=-1, cell=[2, -1, -1])
    put(
        state.funds,
        id=[4480, 4544], gp=[0, 1], number=0, kind=[0, 1], vintage=[FIRST - 8, -1], ended=-1,
        committed=[400, 0], called=[100, 0], guidance=[100, 0], nav=[50, 0],
    )  # fmt: skip
    put(state.sectors, wage=[30_000.0, 60_000.0], tightness=1.0, multiple=5.0)
    put(state.corporates, id=[9], sector=SOFTWARE, headcount=3)
    put(state.districts, office_stock=[3.0, 1.0], home_stock=[1.0, 1.0], office_rent=[400.0, 600.0], home_rent=[200.0, 400.0])
    put(state.institutions, opened=[FIRST - 8, FIRST - 8, FIRST + 40], ideas=[3.0, 1.0, 9.0], basic=[1.0, 0.6, 1.0])
    put(state.rivals, kind=[RivalKind.RIVAL, RivalKind.RIVAL, RivalKind.SINGAPORE], office_rent=300.0, raised=[10.0 * BILLION, 30.0 * BILLION, 15.0 * BILLION])
    put(state.purses, cash=80, appropriated=100, spent=20)
    put(state.treasury, debt=7)
    put(state.tally, returnees=0)
    state.knowledge = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    state.flows = new_flows()
    return state


def found(state, quarter, **columns):
    """New ventures, all else at its ordinary value."""
    ordinary = dict(ended=-1, partner_1=-1, partner_2=-1, sandbox_from=-1, sandbox_until=-1, queued=-1, last_round=-1, makes_here=1)
    shares = dict(shares=1000, founder_shares=800, pool_shares=50)
    put(state.startups, born=quarter, **(ordinary | shares | columns))


def invest(state, quarter, **columns):
    """New stakes."""
    put(state.holdings, quarter=quarter, **(dict(ended=-1, lead=1, first=1, route=Route.HELD) | columns))


def year(state, model, panels, quarters=range(4)):
    """Four quarters in which something happens, each recorded."""
    for number in quarters:
        model.quarter = quarter = FIRST + number
        state.flows[:] = 0
        state.tally.rows[:] = 0
        state.gps.used.screened = state.gps.used.deals = 0
        (first_quarter, second_quarter, third_quarter, fourth_quarter)[number](state, quarter)
        panels.record(model)


def first_quarter(state, quarter):
    """Four ventures; one raises from a fund with guidance money, an outside fund and an angel."""
    found(
        state, quarter,
        id=[16, 32, 48, 64], founder_id=[1, 2, 3, 4], sector=[SOFTWARE, BIOTECH, BIOTECH, SOFTWARE],
        district=[PUDONG, PUDONG, HUANGPU, HUANGPU], cell=[0, 1, 2, 2], headcount=[2, 1, 1, 4], revenue=[10, 20, 30, 40],
        hard_tech=[1, 1, 0, 0], consumer=[1, 0, 0, 0], business_share=[1.0, 0.8, 0.6, 0.4], makes_here=[1, 1, 0, 1],
        origin=Origin.RETURNEE, experience=Experience.FAILED_BEFORE, skill=1.5, partner_1=[7, -1, -1, -1],
    )  # fmt: skip
    invest(
        state, quarter, startup=0, startup_id=16, place=0, stage=Stage.SEED, investor=[Investor.FUND, Investor.FUND, Investor.ANGEL],
        holder=[0, 1, 3], holder_id=[4480, 4544, 3], amount=[80, 20, 5], shares=[80, 20, 5], post_money=1000, guided=[1, 0, 0],
    )  # fmt: skip
    state.startups.rows.raised[0] = 105
    state.funds.rows.committed[1], state.funds.rows.private[1] = 300, 240
    state.funds.rows.invested[:2] = [80, 20]
    state.gps.rows.screened[:2] = [50, 40]
    state.tally.rows.returnees, state.tally.rows.returnees_china = 30, 60
    state.tally.rows.stem_returnees, state.tally.rows.stem_returnees_china = 1, 4
    state.flows[Transaction.INCOME_TAX, Sector.PERSONS, Sector.GOVERNMENT] = 11
    state.flows[Transaction.CORPORATE_TAX, Sector.CORPORATES, Sector.GOVERNMENT] = 5
    state.flows[Transaction.GRANT, Sector.GOVERNMENT, Sector.STARTUPS] = 3


def second_quarter(state, quarter):
    """Another round of the first startup, a first one of the second with the government's fund; one enters the sandbox; one fails."""
    invest(
        state, quarter, startup=[0, 1], startup_id=[16, 32], place=[1, 0], stage=[Stage.D, Stage.A], investor=[Investor.FUND, Investor.PATIENT],
        holder=0, holder_id=4480, amount=[40 * BILLION, 60], shares=[100, 10], post_money=[200 * BILLION, 600], first=[0, 1], guided=[1, 0],
    )  # fmt: skip
    state.startups.rows.raised[1] = 60
    state.startups.rows.sandbox_from[1] = quarter
    state.startups.rows.life[3], state.startups.rows.ended[3] = Life.FAILED, quarter
    state.funds.rows.vintage[1], state.funds.rows.guidance[1], state.funds.rows.called[1] = quarter, 60, 90
    state.tally.rows.returnees, state.tally.rows.returnees_china = 13, 40
    state.districts.rows.office_rent[:2] = [400.0, 600.0]
    put(state.applications, policy=0, quarter=quarter, startup=[1, -1], applicant_id=[32, 5], score=[1.0, 0.2], cutoff=0.5, admitted=[1, 0])
    state.purses.rows.spent[0] = 50


def third_quarter(state, quarter):
    """The first startup is listed, its funds and its angel sell."""
    state.startups.rows.life[0], state.startups.rows.ended[0] = Life.LISTED, quarter
    stakes = state.holdings.used
    ends = stakes.startup == 0
    stakes.route[ends], stakes.ended[ends], stakes.proceeds[ends] = Route.IPO, quarter, 500
    put(
        state.exits, startup=0, startup_id=16, quarter=quarter, life=Life.LISTED, value=100 * BILLION, to_investors=2000,
        to_founders=700, to_employees=50, buyer=0, raised=40 * BILLION + 105,
    )  # fmt: skip
    state.funds.rows.distributed[0] = 1500


def fourth_quarter(state, quarter):
    """Rents rise, a firm moves its making, an outside VC firm closes."""
    state.districts.rows.office_rent[:2] = [500.0, 700.0]
    state.gps.rows.ended[1] = quarter


@pytest.fixture(scope="module")
def tables():
    return simulate(scale=0.5)[0]


def watch(state, scale=1.0):
    config = SimpleNamespace(scale=scale, policies=(SimpleNamespace(name="sandbox"),), shocks=())
    return Panels(config, CITY, state), SimpleNamespace(config=config, city=CITY, map=MAP, state=state, quarter=FIRST)


def simulate(scale, quarters=range(4)):
    state = start()
    panels, model = watch(state, scale)
    year(state, model, panels, quarters)
    return panels.tables(), panels, model


# ---------------------------------------------------------------- panels

BY_HAND = {  # quarter -> column -> value at scale 0.5
    "2024Q1": {
        "workforce": 10, "employed": 6, "searching": 2, "founders": 2, "returnee_residents": 4, "foreign_residents": 2,
        "startups_founded": 8, "startups_alive": 8, "startups_funded_alive": 2, "startup_jobs": 16, "startup_revenue_cny": 200,
        "vc_raised_cny": 200, "vc_private_cny": 160, "angel_raised_cny": 10, "patient_raised_cny": 0, "equity_raised_cny": 210,
        "hard_tech_raised_cny": 210, "rounds": 2, "first_rounds": 2, "rounds_hard_tech": 2, "rounds_consumer": 2, "solo_rounds": 0,
        "investor_stakes": 6, "angels_investing": 2, "vc_firms": 2, "vc_firms_outside": 2, "proposals_screened": 180,
        "lp_commitments_cny": 600, "guidance_commitments_cny": 0, "guidance_partners_cny": 600, "dry_powder_cny": 1200, "fund_nav_cny": 100,
        "returnees": 60, "returnees_china": 120, "returnee_share": 0.5, "district_concentration": 0.5, "sector_concentration": 0.5, "basic_research": (3 + 0.6) / 4, "office_rent_cny_m2": 450,
        "home_rent_cny_m2": 300, "office_premium_shenzhen": 0.5, "wage_cny": (9 * 30 + 2 * 60) / 11 * 1000, "tax_cny": 32,
        "public_spending_cny": 6, "public_debt_cny": 14, "sandbox_participants": 0,
    },
    "2024Q2": {
        "startups_founded": 0, "startups_alive": 6, "startups_failed": 2, "startups_funded_alive": 4, "vc_raised_cny": 80 * BILLION,
        "vc_private_cny": 60 * BILLION, "patient_raised_cny": 120, "rounds": 4, "first_rounds": 2, "rounds_hard_tech": 4,
        "rounds_consumer": 2, "solo_rounds": 4, "guidance_commitments_cny": 120, "guidance_partners_cny": 1080, "lp_commitments_cny": 0,
        "dry_powder_cny": 1020, "sandbox_participants": 2, "tax_cny": 0, "returnee_share": 13 / 40,
    },
    "2024Q3": {
        "startups_alive": 4, "ipos": 2, "acquisitions": 0, "exits_ipo": 8, "exits_liquidation": 0, "exit_value_cny": 200 * BILLION,
        "rounds": 0, "startup_jobs": 4, "sandbox_participants": 2, "sector_concentration": 1.0,
    },
    "2024Q4": {"office_rent_cny_m2": 550, "office_premium_shenzhen": 550 / 300 - 1, "vc_firms_outside": 0, "exits_ipo": 0, "ipos": 0},
}  # fmt: skip


@pytest.mark.parametrize("quarter, column", [(quarter, column) for quarter, columns in BY_HAND.items() for column in columns])
def test_the_city_panel_by_hand(tables, quarter, column):
    row = tables["city"].set_index("quarter").loc[quarter]
    assert row[column] == pytest.approx(BY_HAND[quarter][column])


def test_districts_and_sectors_by_hand(tables):
    district = tables["district"].set_index(["quarter", "district"])
    assert district.loc[("2024Q1", "PD"), "startups_alive"] == 4
    assert district.loc[("2024Q3", "PD"), "startups_alive"] == 2
    assert district.loc[("2024Q1", "HP"), ["persons", "returnees"]].tolist() == [6, 2]
    assert district.loc[("2024Q1", "PD"), "knowledge"] == 10
    assert district.loc[("2024Q1", "HP"), "ring"] == "inner"
    sector = tables["sector"].set_index(["quarter", "sector"])
    assert sector.loc[("2024Q2", "ai_software"), ["startups_failed", "rounds", "startups_alive"]].tolist() == [2, 2, 2]
    assert sector.loc[("2024Q1", "ai_software"), ["startup_jobs", "corporate_jobs"]].tolist() == [12, 6]
    assert sector.loc[("2024Q3", "ai_software"), "exits"] == 2


@pytest.mark.parametrize("panel", ["district", "sector"])
def test_places_add_up_to_the_city(tables, panel):
    city = tables["city"].set_index("quarter")
    for column in {"startups_founded", "startups_alive", "startup_jobs", "vc_raised_cny", "rounds"} & set(tables[panel]):
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
    invest(state, FIRST, startup=0, startup_id=16, place=1, investor=Investor.ANGEL, amount=4)
    panels, model = watch(state)
    panels.record(model)
    row = panels.tables()["city"].iloc[0]
    assert row[["startups_founded", "startups_alive", "rounds", "first_rounds", "equity_raised_cny"]].tolist() == [0, 1, 1, 0, 4]
    assert panels.tables()["funds"].empty


def test_a_stake_sold_by_a_fund_at_its_end_is_a_transfer_once():
    state = start()
    found(state, FIRST, id=[16], headcount=1)
    invest(state, FIRST, startup=0, startup_id=16, investor=Investor.FUND, holder=[0, 1], holder_id=[4480, 4544], amount=4)
    panels, model = watch(state)
    panels.record(model)
    state.holdings.used.ended[0], state.holdings.used.route[0] = FIRST + 1, Route.TRANSFER
    invest(state, FIRST, startup=0, startup_id=16, investor=Investor.FUND, holder=-1, holder_id=-1, amount=4)  # a stranger's hands
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


# ---------------------------------------------------------------- tables of events


def test_startups_and_their_cap_tables(tables):
    startups = tables["startups"].set_index("startup_id")
    assert startups["life"].tolist() == ["listed", "alive", "alive", "failed"]
    assert startups.loc[16, ["born", "ended", "sector", "district"]].tolist() == ["2024Q1", "2024Q3", "ai_software", "PD"]
    assert startups["ended"].isna().tolist() == [False, True, True, False]
    assert startups.loc[16, ["founder_share", "employee_share", "investor_share"]].tolist() == [0.8, 0.05, 0.15]
    parts = startups[["founder_shares", "employee_shares", "investor_shares"]].sum(axis=1)
    assert (parts == startups["shares"]).all()
    assert startups.loc[32, "x_km"] == 20.5


def test_founders_rounds_and_exits(tables):
    founder = tables["founders"].iloc[0]
    assert founder[["origin", "experience", "partners", "proceeds_cny"]].tolist() == ["returnee", "failed_before", 1, 700]
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
    assert funds["invested_cny"].tolist() == [80, 20, 0, 0]
    assert funds["committed_cny"].tolist() == [0, 300, 0, 0]
    assert funds["distributed_cny"].tolist() == [0, 0, 0, 1500]
    assert funds["closed"].tolist() == [False, False, True, False]


def test_policies_applications_and_flows(tables):
    policy = tables["policy"].set_index("quarter")
    assert policy["spent_cny"].tolist() == [0, 30, 0, 0]
    assert policy["appropriated_cny"].tolist() == [0, 0, 0, 0]
    applications = tables["applications"]
    assert applications["startup_id"].tolist() == [32, -1]
    assert applications["admitted"].tolist() == [True, False]
    flows = tables["flows"]
    assert flows["transaction"].tolist() == ["income_tax", "corporate_tax", "grant"]
    assert flows["amount_cny"].sum() == 19


# ---------------------------------------------------------------- operators

OPERATORS = {  # in the model's units, for 2024
    "vc_raised": 200 + 80 * BILLION,
    "private_equity_raised": 210 + 80 * BILLION,
    "equity_raised": 210 + 120 + 80 * BILLION,
    "guidance_partners": 1080,
    "hard_tech_amount_share": 1.0,
    "public_commitment_share": 0.2,
    "rounds": 6,
    "hard_tech_deal_share": 1.0,
    "consumer_deal_share": 4 / 6,
    "vc_firms": 2,
    "startups_founded": 8,
    "startups_alive": 4,
    "startups_alive_pudong": 2,
    "biotech_startups_pudong": 2,
    "series_d_post_money_max": 200 * BILLION,
    "listing_value_max": 100 * BILLION,
    "sandbox_participants": 2,
    "returnees": 86,
    "returnee_share": 43 / 100,
    "stem_returnee_share": 0.25,
    "returnee_residents": 4,
    "workforce_growth": 0.0,
    "office_premium_shenzhen": (0.5 + 0.5 + 0.5 + 550 / 300 - 1) / 4,
    "business_over_consumer_sales": 0.4,
    "core_rent_lead": 625 / 425 - 1,
    "hinterland_share_by_rent": 1.0,
    "raised_more_than_shenzhen": 1.0,
    "raised_more_than_beijing": 0.0,
    "raised_between_singapore_and_beijing": 1.0,
    "lingang_test_bed_startups": "the run has no policy city_testbed",
    "accelerator_startups": "the run has no policy corporate_accelerator",
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_by_hand(tables, name):
    value, expected = getattr(metrics, name)(tables, 2024, 2024), OPERATORS[name]
    if isinstance(expected, str):
        assert np.isnan(value) and value.verdict == "not modelled" and value.reason == expected
    else:
        assert value == pytest.approx(expected)


def with_policy(tables, name):
    """The tables of a run with another policy, to which the first startup applied and was let in for good from 2024Q1."""
    startups, kept, accounts = (tables[table].copy() for table in ("startups", "applications", "policy"))
    for table, copy in (("startups", startups), ("applications", kept)):
        copy.attrs = dict(tables[table].attrs)
    first = startups.index[(startups["district"] == "PD") & (startups["life"] == "alive")][0]
    startups.loc[first, ["testbed_from", "testbed_until"]] = ["2024Q1", "2030Q4"]
    kept["policy"], accounts["policy"] = name, name
    return tables | {"startups": startups, "applications": kept, "policy": accounts}


def test_the_test_bed_and_the_accelerator_by_hand(tables):
    scale = tables["startups"].attrs["scale"]
    assert metrics.lingang_test_bed_startups(with_policy(tables, "city_testbed"), 2024, 2024) == 1 / scale
    admitted = tables["applications"].query("admitted and year == 2024")
    assert len(admitted) > 0
    assert metrics.accelerator_startups(with_policy(tables, "corporate_accelerator"), 2024, 2024) == len(admitted) / scale


def test_every_operator_has_a_hand_number():
    operators = {name for name, function in inspect.getmembers(metrics, inspect.isfunction) if hasattr(function, "__wrapped__")}
    assert operators == set(OPERATORS)


@pytest.mark.parametrize("name", [name for name, value in OPERATORS.items() if not isinstance(value, str)])
def test_years_that_the_run_lacks_are_not_reached(tables, name):
    value = getattr(metrics, name)(tables, 2024, 2025)
    assert np.isnan(value) and value.verdict == "not reached"


def test_a_city_without_the_place_is_not_modelled(tables):
    other = tables | {"rival": tables["rival"].replace("Shenzhen", "Elsewhere"), "district": tables["district"].replace("PD", "XX")}
    assert metrics.raised_more_than_shenzhen(other, 2024, 2024).verdict == "not modelled"
    assert metrics.startups_alive_pudong(other, 2024, 2024).reason == "the city's data have no PD"


# ---------------------------------------------------------------- reported against simulated


@pytest.fixture(scope="module")
def targets():
    return read_targets(TARGETS / "reported.csv")


@pytest.fixture(scope="module")
def comparison(tables, targets):
    return reported(tables, CITY, targets).set_index("id")


def test_the_comparison_has_every_number_and_then_every_claim(comparison, targets):
    numbers = pd.to_numeric(targets["value"], errors="coerce").notna()
    claims = ["vc_rank_shenzhen_2024", "vc_rank_asia_2024", "vc_rank_beijing_2024", "hub_rank_beijing_2025"]
    signs = ["b2b_orientation", "lujiazui_rent_top", "hardware_split"]
    assert comparison.index.tolist() == [*targets.loc[numbers, "id"], *claims, *signs]


@pytest.mark.parametrize(
    "metric, simulated, verdict",
    [
        ("vc_raised_2024_a0", 80 / USD, "below"),
        ("startups_founded_2024", 8, "below"),
        ("returnee_share_now", 0.43, "inside"),
        ("hard_tech_deal_share_2024", 1.0, "above"),
        ("guidance_fund_private_catalysed", 1.08e-6, "below"),
        ("unicorn_example_valuation", 200 / USD, "above"),  # the only such round is far larger
        ("ipo_example", 100 / USD, "above"),
        ("returnee_share_5y_ago", None, "not reached"),
        ("firms_established_3y", None, "not reached"),
        ("autonomous_driving_startups_lingang", None, "not modelled"),
        ("zhangjiang_firms_stock", 2, "not comparable"),
        ("vc_firms_2024", 2, "input"),
        ("guidance_fund_size", None, "input"),
        ("returnee_workforce_stock", 4, "context"),
        ("tech_workforce_growth", None, "context"),
        ("vc_rank_beijing_2024", 0, "rank fails"),
        ("vc_rank_asia_2024", 1, "rank holds"),
        ("hub_rank_beijing_2025", None, "context"),
        ("b2b_orientation", 0.4, "sign holds"),
        ("lujiazui_rent_top", 625 / 425 - 1, "sign holds"),
    ],
)
def test_a_verdict(comparison, metric, simulated, verdict):
    row = comparison.loc[metric]
    assert row["verdict"] == verdict
    assert np.isnan(row["simulated"]) if simulated is None else row["simulated"] == pytest.approx(simulated)


def test_a_missing_number_says_why(comparison):
    assert comparison.loc["returnee_share_5y_ago", "note"] == "needs 2019Q1 to 2019Q4, the run has 2024Q1 to 2024Q4"


def test_the_codebook_has_every_column(tables, comparison):
    everything = tables | {"reported": comparison.reset_index()}
    assert check_codebook(everything) == []
    assert set(everything) == set(CODEBOOK)
    assert not codebook().duplicated(["table", "column"]).any()
    assert (codebook()[["unit", "meaning", "reference"]] != "").all(axis=None)


def test_a_column_without_meaning_is_refused(tables):
    assert check_codebook({"flows": tables["flows"].assign(extra=1)}) == ["flows.extra: not in the codebook"]
    assert check_codebook({"flows": tables["flows"].drop(columns="payer")}) == ["flows.payer: in the codebook but not in the table"]
    assert check_codebook({"rent": tables["flows"]}) == ["rent: a table that the codebook does not know"]
    with pytest.raises(ValueError, match="extra"):
        frame("flows", {**tables["flows"], "extra": 1})


# ---------------------------------------------------------------- the files of targets


def test_quotes_are_found_word_for_word_in_the_articles(targets):
    articles = {path.stem: path.read_text(encoding="utf-8") for path in (TARGETS / "articles").glob("*.txt")}
    assert len(articles) == 5
    assert [row.id for row in targets.itertuples() if row.quote not in articles[row.source]] == []


def test_every_reported_number_can_be_observed_or_is_no_target(targets):
    assert len(targets) == 70 and targets["id"].is_unique
    assert set(targets["role"]) == {"target", "input", "holdout", "context"}
    numbers = pd.to_numeric(targets["value"], errors="coerce").notna()
    judged = targets["role"].isin(["target", "holdout"])
    assert (targets.loc[judged, "operator"] != "").all()
    assert (targets.loc[judged & numbers, "check"] != "").all()
    fitted = targets[targets["role"] == "target"]
    assert (fitted["check"] == "band").all() and fitted[["low", "high"]].notna().all(axis=None)
    assert (fitted["low"] <= fitted["value"]).all() and (fitted["value"] <= fitted["high"]).all()
    assert not targets.loc[targets["role"] == "target", "unit"].isin(["rank", "sign"]).any()


@pytest.mark.parametrize("name", ["reported", "facts", "record"])
def test_operators_of_targets_exist_and_have_years(name):
    rows = read_targets(TARGETS / f"{name}.csv")
    assert rows["id"].is_unique
    observed = rows[rows["operator"] != ""]
    assert set(observed["operator"]) <= set(operators())
    assert observed["observed"].str.fullmatch(r"\d{4}(-\d{4})?").all()
    assert (TARGETS / f"{name}.yaml").read_text(encoding="utf-8").startswith(f"# @package targets.{name}\n")


def test_facts_and_record_keep_their_bands():
    facts, record = read_targets(TARGETS / "facts.csv"), read_targets(TARGETS / "record.csv")
    assert len(facts) == 48 and record["id"].tolist() == ["F15a", "F15b", "F15c", "F16a", "F16b", "F16c"]
    for rows in (facts, record):
        assert (rows["low"] <= rows["value"]).all() and (rows["value"] <= rows["high"]).all()
        assert (rows[["quantity", "unit", "definition", "source", "how_known"]] != "").all(axis=None)
