"""What a run remembers of its quarters: the panels, and the changes in funds, policies and flows.

`record` looks at the state at the end of a quarter. It reads persons once, and of the tables
that never forget a row only the new rows and those still open, so that its cost does not grow
with the length of a run. What it keeps is raw, as simulated; `tables` divides by the scale.
"""

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on
from sim.observables import microdata, quarter_end
from sim.observables.census import FIRMS, count_startups
from sim.observables.codebook import CODEBOOK, COLUMNS, frame
from sim.observables.columns import PANELS, YUAN
from sim.observables.quarter_end import fields_of, queue, ratio, rows_of, sums
from sim.world.accounts import Transaction
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector
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
            self.waiting = queue(state, self.alive)
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
        quarter_end.labour(state, city, sector)
        quarter_end.public(state, city)
        tally = rows_of(state.tally)[0]
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
        self.kept[table].append({name: np.array(values, ndmin=1) for name, values in columns.items()})

    def _startups(self, state, quarter, city, district, sector):
        """Births, deaths and what the living are, do and employ."""
        candidates = np.concatenate([self.alive, np.arange(self.seen[0], len(state.startups))])
        counts = Rows.of(np.zeros((len(state.districts), len(state.sectors)), FIRMS))
        alive = np.empty(len(candidates), np.int64)
        living, entered = count_startups(state.startups.used, candidates, quarter, counts, alive)
        self.alive = alive[:living]
        at_end = rows_of(state.startups)[self.alive[: living if quarter % 4 == 3 else 0]]  # of a year
        self._keep(
            "firms",
            {
                "quarter": np.full(len(at_end), quarter),
                "startup_id": at_end["id"],
                "headcount": at_end["headcount"],
                "revenue_cny": at_end["revenue"],
                "cash_cny": at_end["cash"],
                "burn_cny": at_end["burn"],
                "payroll_cny": at_end["payroll"],
            },
        )
        self.sandboxed += entered

        counts = counts.view(np.ndarray)
        total = {name: counts[name].sum() for name in FIRMS.names}
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
        for panel, others in ((district, 1), (sector, 0)):
            panel["startups_founded"] = counts["founded"].sum(axis=others)
            panel["startups_alive"] = counts["alive"].sum(axis=others)
            panel["startup_jobs"] = counts["jobs"].sum(axis=others)
        district["startup_revenue_cny"] = counts["revenue"].sum(axis=1)
        sector["listed_jobs"] = counts["listed_jobs"].sum(axis=0)
        sector["revenue_cny"] = counts["revenue"].sum(axis=0)
        sector["startups_failed"] = (counts["failed"] + counts["closed"]).sum(axis=0)
        sector["exits"] = (counts["listed"] + counts["acquired"]).sum(axis=0)
        city["district_concentration"] = np.square(ratio(district["startups_alive"], total["alive"])).sum()
        city["sector_concentration"] = np.square(ratio(sector["startups_alive"], total["alive"])).sum()

    def _files(self, state, quarter, city):
        """Firms that wait for a listing, and those that waited and have ended without one."""
        waited = rows_of(state.startups)[self.waiting]
        refused, listed = waited["refused"] == quarter, waited["life"] == Life.LISTED
        waiting = queue(state, self.alive)
        gone = ~np.isin(self.waiting, waiting)
        self.waiting = waiting
        city["listing_queue"] = len(waiting)
        city["files_refused"] = np.count_nonzero(refused)
        city["files_withdrawn"] = np.count_nonzero(gone & ~refused & ~listed)

    def _rounds(self, state, quarter, city, district, sector):
        """Money raised, by whom and from whom; a round is all new stakes in a startup under one number."""
        rows, startups = rows_of(state.holdings), rows_of(state.startups)
        new = rows[self.seen[1] :]
        new = new[new["quarter"] == quarter]
        firm, amount, investor = new["startup"], new["amount"], new["investor"]
        in_district, in_sector = startups["district"][firm], startups["sector"][firm]
        hard_tech = startups["hard_tech"][firm] > 0
        by_fund = investor == Investor.FUND

        city["vc_raised_cny"] = amount[by_fund].sum()
        city["vc_private_cny"] = city["vc_raised_cny"] - quarter_end.guidance_part(state, new[by_fund])
        city["angel_raised_cny"] = amount[investor == Investor.ANGEL].sum()
        city["patient_raised_cny"] = amount[investor == Investor.PATIENT].sum()
        city["equity_raised_cny"] = amount.sum()
        city["hard_tech_raised_cny"] = amount[hard_tech].sum()
        city["investor_stakes"] = len(new)
        city["angels_investing"] = len(np.unique(new["holder_id"][investor == Investor.ANGEL]))
        district["vc_raised_cny"] = sums(in_district[by_fund], amount[by_fund], len(state.districts))
        sector["vc_raised_cny"] = sums(in_sector[by_fund], amount[by_fund], len(state.sectors))
        sector["equity_raised_cny"] = sums(in_sector, amount, len(state.sectors))

        deals, investors = np.unique(firm << 16 | new["place"], return_counts=True)
        firm = deals >> 16
        funded = np.zeros(len(startups), bool)
        funded[: len(self.funded)] = self.funded
        if not len(self.funded):  # rounds from before the first quarter recorded
            funded[rows["startup"][rows["quarter"] < quarter]] = True
        city["rounds"] = len(deals)
        city["first_rounds"] = len(np.unique(firm[~funded[firm]]))
        city["rounds_hard_tech"] = np.count_nonzero(startups["hard_tech"][firm])
        city["rounds_consumer"] = np.count_nonzero(startups["consumer"][firm])
        city["solo_rounds"] = np.count_nonzero(investors == 1)
        sector["rounds"] = np.bincount(startups["sector"][firm], minlength=len(state.sectors))
        funded[firm] = True
        self.funded = funded

    def _exits(self, state, quarter, city):
        """Stakes that ended, by route, and the value of the firms sold.

        A fund at the end of its life sells stakes to strangers, or gives them up unseen; neither what becomes of
        the former nor the latter is counted.
        """
        rows = rows_of(state.holdings)
        stakes = np.concatenate([self.held, np.arange(self.seen[1], len(rows))])
        ended = rows["ended"][stakes]
        self.held = stakes[ended == NEVER]
        exits = rows[stakes[ended == quarter]]
        strangers = (exits["holder"] == NOBODY) & (exits["investor"] != Investor.ANGEL)
        counts = np.bincount(exits["route"][~strangers], minlength=len(Route))
        for route in (Route.IPO, Route.ACQUISITION, Route.BUYBACK, Route.TRANSFER, Route.LIQUIDATION):
            city[f"exits_{route.name.lower()}"] = counts[route]
        new = rows_of(state.exits)[self.seen[2] :]
        sold = (new["quarter"] == quarter) & ((new["life"] == Life.LISTED) | (new["life"] == Life.ACQUIRED))
        city["exit_value_cny"] = new["value"][sold].sum()

    def _funds(self, state, quarter, city):
        """VC firms, commitments, and one row for every fund in which something moved.

        The government's direct fund is in the table of funds but no VC: it is left out of the city's sums.
        """
        gps, rows = rows_of(state.gps), rows_of(state.funds)
        active = (gps["ended"] == NEVER) & (gps["patient"] == NOBODY)
        city["vc_firms"] = np.count_nonzero(active & (gps["local"] == 1))
        city["vc_firms_outside"] = np.count_nonzero(active & (gps["local"] == 0))
        city["proposals_screened"] = gps["screened"].sum()
        city["new_portfolio_companies"] = gps["deals"].sum()

        levels = fields_of(state.funds, CHANGES.values())
        change = levels.copy()
        change[:, : self.funds.shape[1]] -= self.funds
        self.funds = levels
        change = dict(zip(CHANGES, change, strict=True))
        venture = gps["patient"][rows["gp"]] == NOBODY
        city["lp_commitments_in_quarter_cny"] = change["committed_in_quarter_cny"][venture].sum()
        city["guidance_commitments_in_quarter_cny"] = change["guidance_in_quarter_cny"].sum()
        city["guidance_called_in_quarter_cny"] = change["guidance_called_in_quarter_cny"].sum()
        guided = (rows["guidance"] > 0) & (rows["vintage"] != NEVER)
        city["guidance_partners_to_date_cny"] = (rows["committed"] - rows["guidance"])[guided].sum()
        living = venture & (rows["ended"] == NEVER)
        city["dry_powder_cny"] = (rows["committed"] - rows["called"])[living].sum()
        city["fund_nav_cny"] = rows["nav"][living].sum()

        closed, ended = rows["vintage"] == quarter, rows["ended"] == quarter
        moved = np.flatnonzero(closed | ended | np.any(list(change.values()), axis=0))
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


def _joined(quarters):
    """The quarters of a table as one dict of columns."""
    return {name: np.concatenate([columns[name] for columns in quarters]) for name in quarters[0]} if quarters else {}
