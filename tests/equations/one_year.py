"""A year of a city of six persons and four startups, in which a hand can count what happens."""

from types import SimpleNamespace

import numpy as np

from sim.mechanisms.ventures import going_concern
from sim.observables import Panels
from sim.world.accounts import Transaction, new_flows
from sim.world.calendar import quarter_of
from sim.world.kinds import Experience, Investor, Life, Origin, RivalKind, Route, Sector, Stage, Status
from sim.world.state import Persons, State

FIRST = quarter_of("2024Q1")
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
    district_cells=np.arange(3),
    district_start=np.array([0, 2, 3]),
    district_of_cell=np.array([PUDONG, PUDONG, HUANGPU]),
    cell_x=np.array([20.0, 20.5, 1.0]),
    cell_y=np.array([-12.0, -12.0, -1.5]),
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
    persons.status[:] = [
        Status.EMPLOYED,
        Status.EMPLOYED,
        Status.EMPLOYED,
        Status.FOUNDER,
        Status.SEARCHING,
        Status.ABSENT,
    ]
    persons.origin[:] = [Origin.LOCAL, Origin.RETURNEE, Origin.RETURNEE, Origin.FOREIGN, Origin.LOCAL, Origin.LOCAL]
    persons.home[:] = [PUDONG, PUDONG, HUANGPU, HUANGPU, HUANGPU, -1]
    state = State(persons)
    put(state.gps, id=[70, 71, 72], kind=[0, 1, 2], local=[1, 0, 1], patient=[-1, -1, 0], ended=-1, cell=[2, -1, -1])
    put(
        state.funds,
        id=[4480, 4544],
        gp=[0, 1],
        number=0,
        kind=[0, 1],
        vintage=[FIRST - 8, -1],
        ended=-1,
        committed=[400, 0],
        called=[100, 0],
        guidance=[100, 0],
        nav=[50, 0],
    )
    put(state.sectors, wage=[30_000.0, 60_000.0], tightness=1.0, multiple=5.0)
    put(state.corporates, id=[9], sector=SOFTWARE, headcount=3)
    put(
        state.districts,
        office_stock=[3.0, 1.0],
        home_stock=[1.0, 1.0],
        office_rent=[400.0, 600.0],
        home_rent=[200.0, 400.0],
    )
    put(state.institutions, opened=[FIRST - 8, FIRST - 8, FIRST + 40], ideas=[3.0, 1.0, 9.0], basic=[1.0, 0.6, 1.0])
    put(
        state.rivals,
        kind=[RivalKind.RIVAL, RivalKind.RIVAL, RivalKind.SINGAPORE],
        office_rent=300.0,
        raised=[10.0 * BILLION, 30.0 * BILLION, 15.0 * BILLION],
    )
    put(state.purses, cash=80, appropriated=100, spent=20)
    put(state.treasury, debt=7)
    put(state.tally, returnees=0)
    state.knowledge = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    state.flows = new_flows()
    return state


def found(state, quarter, **columns):
    """New ventures, all else at its ordinary value."""
    ordinary = dict(
        ended=-1, partner_1=-1, partner_2=-1, sandbox_from=-1, sandbox_until=-1, queued=-1, last_round=-1, makes_here=1
    )
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
        state,
        quarter,
        id=[16, 32, 48, 64],
        founder_id=[1, 2, 3, 4],
        sector=[SOFTWARE, BIOTECH, BIOTECH, SOFTWARE],
        district=[PUDONG, PUDONG, HUANGPU, HUANGPU],
        cell=[0, 1, 2, 2],
        headcount=[2, 1, 1, 4],
        revenue=[10, 20, 30, 40],
        hard_tech=[1, 1, 0, 0],
        consumer=[1, 0, 0, 0],
        business_share=[1.0, 0.8, 0.6, 0.4],
        makes_here=[1, 1, 0, 1],
        origin=Origin.RETURNEE,
        experience=Experience.FAILED_BEFORE,
        skill=1.5,
        partner_1=[7, -1, -1, -1],
    )
    invest(
        state,
        quarter,
        startup=0,
        startup_id=16,
        place=0,
        stage=Stage.SEED,
        investor=[Investor.FUND, Investor.FUND, Investor.ANGEL],
        holder=[0, 1, 3],
        holder_id=[4480, 4544, 3],
        amount=[80, 20, 5],
        shares=[80, 20, 5],
        post_money=1000,
        guided=[1, 0, 0],
    )
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
    """Another round of the first startup, a first one of the second with the government's fund; one enters the
    sandbox; one fails.
    """
    invest(
        state,
        quarter,
        startup=[0, 1],
        startup_id=[16, 32],
        place=[1, 0],
        stage=[Stage.D, Stage.A],
        investor=[Investor.FUND, Investor.PATIENT],
        holder=0,
        holder_id=4480,
        amount=[40 * BILLION, 60],
        shares=[100, 10],
        post_money=[200 * BILLION, 600],
        first=[0, 1],
        guided=[1, 0],
    )
    state.startups.rows.raised[1] = 60
    state.startups.rows.sandbox_from[1] = quarter
    state.startups.rows.life[3], state.startups.rows.ended[3] = Life.FAILED, quarter
    state.funds.rows.vintage[1], state.funds.rows.guidance[1], state.funds.rows.called[1] = quarter, 60, 90
    state.tally.rows.returnees, state.tally.rows.returnees_china = 13, 40
    state.districts.rows.office_rent[:2] = [400.0, 600.0]
    put(
        state.applications,
        policy=0,
        quarter=quarter,
        startup=[1, -1],
        applicant_id=[32, 5],
        score=[1.0, 0.2],
        cutoff=0.5,
        admitted=[1, 0],
    )
    state.purses.rows.spent[0] = 50


def third_quarter(state, quarter):
    """The first startup is listed, its funds and its angel sell."""
    state.startups.rows.life[0], state.startups.rows.ended[0] = Life.LISTED, quarter
    stakes = state.holdings.used
    ends = stakes.startup == 0
    stakes.route[ends], stakes.ended[ends], stakes.proceeds[ends] = Route.IPO, quarter, 500
    put(
        state.exits,
        startup=0,
        startup_id=16,
        quarter=quarter,
        life=Life.LISTED,
        value=100 * BILLION,
        to_investors=2000,
        to_founders=700,
        to_employees=50,
        buyer=0,
        raised=40 * BILLION + 105,
    )
    state.funds.rows.distributed[0] = 1500


def fourth_quarter(state, quarter):
    """Rents rise, a firm moves its making, an outside VC firm closes."""
    state.districts.rows.office_rent[:2] = [500.0, 700.0]
    state.gps.rows.ended[1] = quarter


def watch(state, scale=1.0):
    config = SimpleNamespace(scale=scale, policies=(SimpleNamespace(name="sandbox"),), shocks=())
    return Panels(config, CITY, state), SimpleNamespace(
        config=config,
        city=CITY,
        map=MAP,
        state=state,
        quarter=FIRST,
        params={"going_concern": going_concern.Params(unfinished_worth=0.3)},
    )


def simulate(scale, quarters=range(4)):
    state = start()
    panels, model = watch(state, scale)
    year(state, model, panels, quarters)
    return panels.tables(), panels, model
