"""What a run remembers of its quarters: the panels, and the changes in funds, policies and flows.

`record` looks at the state at the end of a quarter. It reads persons once, and of the tables
that never forget a row only the new rows and those still open, so that its cost does not grow
with the length of a run. What it keeps is raw, as simulated; `tables` divides by the scale.
"""

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on
from sim.observables import microdata, quarter_end
from sim.observables.census import (
    DEALS,
    FIRMS,
    count_deals,
    count_exits,
    count_files,
    count_financiers,
    count_startups,
    queue,
    value_of_exits,
)
from sim.observables.codebook import CODEBOOK, COLUMNS, frame
from sim.observables.columns import PANELS, YUAN
from sim.observables.quarter_end import fields_of, ratio, rows_of
from sim.world.accounts import Transaction
from sim.world.kinds import NEVER, Investor, Route, Sector
from sim.world.table import Rows

CHANGES = {  # column of the table funds: field of the fund that it is the change of
    "committed_in_quarter_cny": "committed",
    "guidance_in_quarter_cny": "guidance",
    "private_in_quarter_cny": "private",
    "corporate_in_quarter_cny": "corporate",
    "foreign_in_quarter_cny": "foreign",
    "state_in_quarter_cny": "state",
    "called_in_quarter_cny": "called",
    "guidance_called_in_quarter_cny": "guidance_called",
    "invested_in_quarter_cny": "invested",
    "distributed_in_quarter_cny": "distributed",
    "fees_in_quarter_cny": "fees",
    "carry_in_quarter_cny": "carried",
}
ACCOUNTS = ("appropriated", "spent", "recovered", "administration", "take_up")
TALLIED = {  # column of the panel city: field of the tally
    "returnees": "returnees",
    "returnees_china": "returnees_china",
    "stem_returnees": "stem_returnees",
    "stem_returnees_china": "stem_returnees_china",
    "foreign_arrivals": "foreign",
    "domestic_arrivals": "domestic",
    "graduates_stayed": "graduates",
    "leavers": "leavers",
    "considered_founding": "considered",
    "founders_elsewhere": "founders_elsewhere",
    "hires": "hires",
    "turned": "turned",
    "separations": "separations",
    "vacancies": "vacancies",
    "construction_m2": "construction",
    "incidents": "incidents",
    "redemptions": "redemptions",
    "partners_lost": "partners_lost",
}
KEPT = (*PANELS, "firms", "funds", "policy", "flows")
SEEN = ("startups", "holdings", "exits")
NUMBERS = ("seen", "alive", "waiting", "held", "funded", "sandboxed", "funds", "purses")  # remembered beside KEPT


class Panels:
    """The memory of a run. `city` is a `sim.world.city.City`, `config` gives the scale and the policies.

    `state`, where given, is the city before its first quarter: what its funds and purses did
    before then is not counted as moved in the first quarter recorded.
    """

    def __init__(self, config, city, state=None):
        self.city = city
        self.scale = config.scale
        self.policies = [each.name for each in config.policies + config.shocks]  # one purse each, in this order
        self.kept = {name: [] for name in KEPT}  # a dict of raw columns for every quarter
        self.model = None
        self.seen = np.zeros(len(SEEN), np.int64)  # (tables,) rows recorded of the tables that never forget
        self.alive = np.zeros(0, np.int64)  # slots of the startups alive
        self.held = np.zeros(0, np.int64)  # slots of the stakes that have not ended
        self.waiting = np.zeros(0, np.int64)  # slots of the startups that have filed and wait
        self.funded = np.zeros(0, bool)  # (startups,) whether somebody ever held a stake
        self.sandboxed = np.zeros(1, np.int64)  # (1,) startups that ever entered the sandbox
        self.funds = np.zeros((len(CHANGES), 0), np.int64)  # (columns, funds) yuan at the end of the last quarter
        self.purses = np.zeros((len(ACCOUNTS), len(self.policies)), np.int64)  # (accounts, policies), so too
        if state is not None:
            self.funds = fields_of(state.funds, CHANGES.values())
            self.purses = fields_of(state.purses, ACCOUNTS)
            self.seen[:] = [getattr(state, name).count for name in SEEN]
            self.alive = np.flatnonzero(goes_on(rows_of(state.startups)["life"]))
            self.waiting = queue(startups=state.startups.used, slots=self.alive)
            self.held = np.flatnonzero(rows_of(state.holdings)["ended"] == NEVER)

    # ------------------------------------------------------------ one quarter

    def record(self, model):
        """Note the quarter `model.quarter`, which has just been simulated."""
        self.model = model
        state, quarter = model.state, model.quarter
        districts, sectors = len(state.districts), len(state.sectors)
        city, district, sector = {}, {}, {}
        for panel, rows in ((city, 1), (district, districts), (sector, sectors)):
            panel["quarter"] = np.full(rows, quarter)
        district["district"], sector["sector"] = np.arange(districts), np.arange(sectors)

        quarter_end.persons(state, city, district)
        self._startups(state, quarter, city, district, sector)
        self._files(state, quarter, city)
        self._rounds(state, quarter, city, district, sector)
        self._exits(state, quarter, city)
        self._funds(state, quarter, city)
        self._policy(state, quarter)
        quarter_end.space(state, model.map, self.city.rival_names, city, district)
        quarter_end.labour(state, self.alive, city, sector)
        quarter_end.public(state, city)
        tally = dict(zip(state.tally.schema.names, rows_of(state.tally)[0].item(), strict=True))
        for column, field in TALLIED.items():
            city[column] = tally[field]
        city["returnee_share"] = ratio(city["returnees"], city["returnees_china"])

        self._keep("city", city)
        self._keep("district", district)
        self._keep("sector", sector)
        self._keep("rival", quarter_end.rivals(state, quarter))
        self._keep("flows", quarter_end.flows(state, quarter))
        self.seen[:] = [getattr(state, name).count for name in SEEN]

    def _keep(self, table, columns):
        self.kept[table].append(
            {name: values.copy() if isinstance(values, np.ndarray) else values for name, values in columns.items()}
        )

    def _startups(self, state, quarter, city, district, sector):
        """Births, deaths and what the living are, do and employ."""
        candidates = np.concatenate([self.alive, np.arange(self.seen[0], len(state.startups))])
        counts = Rows.of(np.zeros((len(state.districts), len(state.sectors)), FIRMS))
        alive = np.empty(len(candidates), np.int64)
        living, entered = count_startups(state.startups.used, candidates, quarter, counts, alive)
        self.alive = alive[:living]
        end_of_year = quarter % 4 == 3
        if end_of_year or not self.kept["firms"]:
            firms, at_end = rows_of(state.startups), self.alive[: living if end_of_year else 0]
            self._keep(
                "firms",
                {
                    "quarter": np.full(len(at_end), quarter),
                    "startup_id": firms["id"][at_end],
                    "headcount": firms["headcount"][at_end],
                    "revenue_cny": firms["revenue"][at_end],
                    "cash_cny": firms["cash"][at_end],
                    "burn_cny": firms["burn"][at_end],
                    "payroll_cny": firms["payroll"][at_end],
                },
            )
        self.sandboxed += entered

        counts = counts.view(np.ndarray).view(np.int64).reshape(*counts.shape, len(FIRMS.names))
        by_district, by_sector = _named(FIRMS, counts.sum(axis=1)), _named(FIRMS, counts.sum(axis=0))
        total = _named(FIRMS, counts.sum(axis=(0, 1)))
        city["startups_founded"] = total["founded"]
        city["startups_alive"] = total["alive"]
        city["startups_funded_alive"] = total["funded"]
        city["startups_failed"] = total["failed"]
        city["startups_closed"] = total["closed"]
        city["startup_jobs"] = total["jobs"]
        city["startup_revenue_cny"] = total["revenue"]
        city["listed_firms"] = total["listed_firms"]
        city["listed_jobs"] = total["listed_jobs"]
        city["listed_revenue_cny"] = total["listed_revenue"]
        concern = self.model.params["going_concern"]
        city["listed_value_cny"] = quarter_end.value_of_listed(state, self.alive, concern)
        city["ipos"] = total["listed"]
        city["acquisitions"] = total["acquired"]
        city["sandbox_participants_to_date"] = self.sandboxed
        for panel, by_group in ((district, by_district), (sector, by_sector)):
            panel["startups_founded"] = by_group["founded"]
            panel["startups_alive"] = by_group["alive"]
            panel["startup_jobs"] = by_group["jobs"]
        district["startup_revenue_cny"] = by_district["revenue"]
        sector["listed_jobs"] = by_sector["listed_jobs"]
        sector["revenue_cny"] = by_sector["revenue"]
        sector["startups_failed"] = by_sector["failed"] + by_sector["closed"]
        sector["exits"] = by_sector["listed"] + by_sector["acquired"]
        city["district_concentration"] = np.square(ratio(district["startups_alive"], total["alive"])).sum()
        city["sector_concentration"] = np.square(ratio(sector["startups_alive"], total["alive"])).sum()

    def _files(self, state, quarter, city):
        """Firms that wait for a listing, and those that waited and have ended without one."""
        startups = state.startups.used
        refused, withdrawn = count_files(startups=startups, waited=self.waiting, quarter=quarter)
        self.waiting = queue(startups=startups, slots=self.alive)
        city["listing_queue"] = len(self.waiting)
        city["files_refused"] = refused
        city["files_withdrawn"] = withdrawn

    def _rounds(self, state, quarter, city, district, sector):
        """Money raised, by whom and from whom; a round is all new stakes in a startup under one number."""
        holdings, startups = state.holdings.used, state.startups.used
        funded = np.zeros(len(startups), bool)
        funded[: len(self.funded)] = self.funded
        if not len(self.funded):  # rounds from before the first quarter recorded
            funded[holdings.startup[holdings.quarter < quarter]] = True
        by_district, by_sector = (Rows.of(np.zeros(len(table), DEALS)) for table in (state.districts, state.sectors))
        deals = count_deals(
            new=holdings[self.seen[1] :],
            quarter=quarter,
            startups=startups,
            funds=state.funds.used,
            funded=funded,
            by_district=by_district,
            by_sector=by_sector,
        )
        self.funded = funded
        city["vc_raised_cny"] = deals.raised[Investor.FUND]
        city["vc_private_cny"] = city["vc_raised_cny"] - deals.guidance
        city["angel_raised_cny"] = deals.raised[Investor.ANGEL]
        city["patient_raised_cny"] = deals.raised[Investor.PATIENT]
        city["equity_raised_cny"] = deals.raised.sum()
        city["hard_tech_raised_cny"] = deals.hard_tech_raised
        city["investor_stakes"] = deals.stakes
        city["angels_investing"] = deals.angels
        district["vc_raised_cny"] = by_district.vc
        sector["vc_raised_cny"] = by_sector.vc
        sector["equity_raised_cny"] = by_sector.equity
        city["rounds"] = deals.rounds
        city["first_rounds"] = deals.first_rounds
        city["rounds_hard_tech"] = deals.rounds_hard_tech
        city["rounds_consumer"] = deals.rounds_consumer
        city["solo_rounds"] = deals.solo_rounds
        sector["rounds"] = by_sector.rounds

    def _exits(self, state, quarter, city):
        """Stakes that ended, by route, and the value of the firms sold."""
        holdings, routes = state.holdings.used, np.zeros(len(Route), np.int64)
        rows = np.concatenate([self.held, np.arange(self.seen[1], len(holdings))])
        self.held = count_exits(holdings=holdings, rows=rows, quarter=quarter, routes=routes)
        for route in (Route.IPO, Route.ACQUISITION, Route.BUYBACK, Route.TRANSFER, Route.LIQUIDATION):
            city[f"exits_{route.name.lower()}"] = routes[route]
        city["exit_value_cny"] = value_of_exits(exits=state.exits.used[self.seen[2] :], quarter=quarter)

    def _funds(self, state, quarter, city):
        """VC firms, commitments, and one row for every fund in which something moved.

        The government's direct fund is in the table of funds but no VC: it is left out of the city's sums.
        """
        rows, venture = rows_of(state.funds), np.empty(len(state.funds), bool)
        found = count_financiers(gps=state.gps.used, funds=state.funds.used, venture=venture)
        city["vc_firms"] = found.local
        city["vc_firms_outside"] = found.outside
        city["proposals_screened"] = found.screened
        city["new_portfolio_companies"] = found.deals

        levels = fields_of(state.funds, CHANGES.values())
        change = levels.copy()
        change[:, : self.funds.shape[1]] -= self.funds
        self.funds = levels
        changed = change.any(axis=0)
        change = dict(zip(CHANGES, change, strict=True))
        city["lp_commitments_in_quarter_cny"] = change["committed_in_quarter_cny"][venture].sum()
        city["guidance_commitments_in_quarter_cny"] = change["guidance_in_quarter_cny"].sum()
        city["guidance_called_in_quarter_cny"] = change["guidance_called_in_quarter_cny"].sum()
        city["guidance_partners_to_date_cny"] = found.partners
        city["dry_powder_cny"] = found.dry_powder
        city["fund_nav_cny"] = found.nav

        closed, ended = rows["vintage"] == quarter, rows["ended"] == quarter
        moved = np.flatnonzero(closed | ended | changed)
        columns = {
            "quarter": np.full(len(moved), quarter),
            "fund": moved,
            "patient": ~venture[moved],
            "closed_in_quarter": closed[moved],
            "ended_in_quarter": ended[moved],
        }
        columns |= {name: values[moved] for name, values in change.items()}
        self._keep("funds", columns | {f"{name}_cny": rows[name][moved] for name in ("target", "nav", "cash")})

    def _policy(self, state, quarter):
        """The public account of every policy."""
        levels = fields_of(state.purses, ACCOUNTS)
        change = dict(zip(ACCOUNTS, levels - self.purses, strict=True))
        self.purses = levels
        columns = {"quarter": np.full(len(self.policies), quarter), "policy": np.arange(len(self.policies))}
        columns |= {
            f"{name}_in_quarter" if name == "take_up" else f"{name}_in_quarter_cny": values
            for name, values in change.items()
        }
        self._keep("policy", columns | {"cash_cny": state.purses.used["cash"]})

    # ------------------------------------------------------------ all quarters

    def tables(self, wanted=COLUMNS):
        """Name -> DataFrame of what the run showed, columns as in the codebook (`reported` apart).

        Panels are divided by the scale; tables of events are raw and say the scale in `attrs`. `wanted`
        maps the tables to be made to their columns: text costs time.
        """
        kept = {
            table: frame(table, self.columns(table), None if table in PANELS else self.scale, wanted[table])
            for table in KEPT
            if table in wanted
        }
        return kept | microdata.tables(self.model.state, self.model.map, self.city, self.policies, self.scale, wanted)

    def columns(self, table):
        """Name -> array of each column of a table that grows by the quarter (`KEPT`), panels at full size."""
        names = {
            "district": self.city.district_codes,
            "sector": self.city.sectors,
            "rival": self.city.rival_names,
            "policy": self.policies,
            "transaction": microdata.labels(Transaction),
            "payer": microdata.labels(Sector),
            "payee": microdata.labels(Sector),
        }
        columns = _joined(self.kept[table])
        for column in columns.keys() & names:
            columns[column] = np.array(names[column], object)[columns[column]]
        if table == "district":
            columns["ring"] = np.resize(np.array(self.city.district_rings, object), len(columns["quarter"]))
            columns["area_km2"] = np.resize(
                np.asarray(self.city.districts["area_km2"], np.float64), len(columns["quarter"])
            )
        if table == "funds":
            columns |= microdata.fund_names(self.model.state, columns.pop("fund"))
        columns["year"] = columns["quarter"] // 4
        columns["quarter"] = microdata.quarter_text(columns["quarter"])
        return self._full_size(table, columns) if table in PANELS else columns

    def _full_size(self, panel, columns):
        """Extensive columns over the scale; money stays int64, counts become float64."""
        for column in CODEBOOK[panel]:
            values = columns[column.name]
            if column.unit == YUAN:
                full = np.asarray(values, np.int64)
                exact = self.scale == 1 or not column.extensive
                columns[column.name] = full if exact else np.rint(full / self.scale).astype(np.int64)
            elif column.extensive:
                columns[column.name] = np.asarray(values, np.float64) / self.scale
        return columns

    # ------------------------------------------------------------ checkpoints

    def state_dict(self):
        """Name -> array of all that is remembered; `from_state_dict` puts it back."""
        kept = {f"{table}/{name}": values for table in KEPT for name, values in _joined(self.kept[table]).items()}
        return kept | {name: getattr(self, name) for name in NUMBERS}

    def from_state_dict(self, arrays):
        """Go on from what `state_dict` gave."""
        kept = {name: {} for name in KEPT}
        for name, values in arrays.items():
            table, slash, column = name.partition("/")
            if slash:
                kept[table][column] = np.array(values)
            else:
                setattr(self, name, np.array(values))
        self.kept = {name: [columns] if columns else [] for name, columns in kept.items()}


def _named(dtype, counts):
    """Name -> column of `counts`, (groups, fields of the dtype), or its number where there are no groups."""
    return dict(zip(dtype.names, counts.T, strict=True))


def _joined(quarters):
    """The quarters of a table as one dict of columns."""
    return {name: np.hstack([columns[name] for columns in quarters]) for name in quarters[0]} if quarters else {}
