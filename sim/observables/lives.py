"""One founder's life in a run: the numbers of every quarter, and the events.

`Diary` looks at a running model, `events` reads the tables of a run. Both know a person by number, which is the same in
every arm.
"""

import numpy as np
import pandas as pd

from sim.world.calendar import quarter_name
from sim.world.kinds import NEVER, NOBODY, Cohort, Life, Stage, Status

# Kinds of events, in the order in which a quarter has them.
KINDS = ("arrival", "job", "founding", "application", "round", "end", "departure")
TABLES = ("startups", "rounds", "exits", "applications")  # of a run, that events are read from


class Diary:
    """What one person and the venture of that person were at the end of every quarter; of nobody where `founder` is
    None.

    `numbers` maps a quarter's text to {name: value}, the surroundings first; a quarter in which the person is not in
    the city is absent.
    """

    def __init__(self, founder):
        self.founder = founder
        self.numbers = {}

    def see(self, model):
        """Note the quarter that `model` has just simulated."""
        state, city = model.state, model.city
        persons = state.persons
        slots = np.flatnonzero(
            (persons.id[: persons.count] == self.founder) & (persons.status[: persons.count] != Status.ABSENT)
        )
        if not len(slots):
            return
        i = int(slots[0])
        home, field = int(persons.home[i]), int(persons.field[i])
        district, sector = state.districts.used[home], state.sectors.used[field]
        numbers = {
            "wage of the field": float(sector["wage"]),
            "odds of a first round in the field": float(sector["odds"]),
            "prize of success in the field": float(sector["prize"]),
            "home rent": float(district["home_rent"]),
            "home": city.district_codes[home],
            "works": _employer(state, city, i),
            "wealth": int(persons.wealth[i]),
            "debt": int(persons.debt[i]),
            "belief": float(persons.belief_success[i] / (persons.belief_success[i] + persons.belief_failure[i])),
        }
        firms = state.startups.used
        ventures = np.flatnonzero((firms["founder_id"] == self.founder) & (firms["life"] == Life.ALIVE))
        if len(ventures):
            firm = firms[int(ventures[-1])]
            numbers |= {
                "office rent": float(state.districts.used["office_rent"][firm["district"]]),
                "stage": Stage(int(firm["stage"])).name.lower(),
            }
            numbers |= {
                name: int(firm[name]) for name in ("cash", "burn", "revenue", "headcount", "raised", "post_money")
            }
            numbers |= {name: float(firm[name]) for name in ("progress", "compliance", "traction", "noise", "hope")}
            in_sandbox = firm["sandbox_from"] != NEVER and firm["sandbox_until"] >= model.quarter - 1
            numbers["in the sandbox"] = bool(in_sandbox)
        self.numbers[quarter_name(model.quarter - 1)] = numbers

    def events(self, last):
        """Rows (quarter, kind, key, text) of coming, working and going, to the quarter `last`; what startups do is in
        the tables.
        """
        rows, before = [], {}
        runs_a_venture = tuple(f"runs startup {16 * self.founder + attempt} " for attempt in range(16))
        for quarter, now in self.numbers.items():
            if not before:
                rows.append((quarter, "arrival", "", f"{_came(self.founder)}, in {now['home']}"))
            elif now["works"] != before["works"] and not now["works"].startswith(runs_a_venture):  # that is a founding
                rows.append((quarter, "job", "", now["works"]))
            before = now
        if before and quarter < last:
            rows.append((quarter, "departure", "", "leaves the city"))
        return rows


def _came(founder):
    cohort = Cohort(founder >> 48)
    return "here from the start" if cohort == Cohort.INITIAL else f"comes to the city as {cohort.name.lower()}"


def _employer(state, city, i):
    """For whom a person works, in words."""
    persons = state.persons
    status, employer = persons.status[i], int(persons.employer[i])
    if status == Status.SEARCHING or employer == NOBODY:
        return "looks for work"
    if employer >= 0:
        firm = state.startups.used[employer]
        does = "runs" if status == Status.FOUNDER else "works for"
        return f"{does} startup {int(firm['id'])} ({city.sectors[firm['sector']]})"
    firm = state.corporates.used[-2 - employer]
    name = "other incumbents" if firm["pool"] else f"corporate {-2 - employer}"
    return f"works for {name} ({city.sectors[firm['sector']]})"


# ---------------------------------------------------------------- from the tables of a run


def events(tables):
    """What founders and their startups do, for all founders: DataFrame of founder_id, quarter, kind, key (which of
    its kind) and text.

    `tables` maps the names `TABLES` to frames.
    """
    firms = tables["startups"]
    founder = firms.drop_duplicates("startup_id").set_index("startup_id")["founder_id"]
    rows = [
        *_foundings(firms),
        *_applications(tables["applications"]),
        *_rounds(tables["rounds"]),
        *_ends(firms, tables["exits"]),
    ]
    table = pd.DataFrame(rows, columns=["startup_id", "quarter", "kind", "key", "text"])
    return table.assign(founder_id=table["startup_id"].map(founder))[["founder_id", "quarter", "kind", "key", "text"]]


def _foundings(firms):
    for row in firms.itertuples():
        desk = ", on a subsidised desk" if row.subsidised_desk else ""
        text = f"founds startup {row.startup_id} ({row.sector}) in {row.district}, cell {row.cell}{desk}"
        yield row.startup_id, row.born, "founding", str(row.startup_id), text


def _applications(applications):
    for row in applications[applications["startup_id"] >= 0].itertuples():
        decision = {"score": "refused", "places": "refused"}.get(row.answer, row.answer)
        if row.admitted and row.amount_cny:
            decision += f", {millions(row.amount_cny)}"
        if row.decided:
            decision += f" in {row.decided}"
        text = f"{row.policy}: score {row.score:.3g}, cut-off {row.cutoff:.3g}, {decision}"
        yield row.startup_id, row.quarter, "application", f"{row.policy} {row.applicant_id}", text


def _rounds(rounds):
    rounds = rounds[rounds["round"] > 0]
    for (startup, number, quarter), stakes in rounds.groupby(["startup_id", "round", "quarter"]):
        investors = "; ".join(
            f"{_investor(one)} {millions(one.amount_cny)}" for one in stakes.drop_duplicates("investor_id").itertuples()
        )
        first = stakes.iloc[0]
        money = f"{millions(stakes['amount_cny'].sum())} at {millions(first['post_money_cny'])} post-money"
        text = f"round {number} ({first['stage']}), {money} from {investors}"
        yield startup, quarter, "round", f"{startup} {number}", text


def _investor(stake):
    if stake.investor != "fund":
        return "patient capital" if stake.investor == "patient" else f"angel {stake.investor_id}"
    if stake.gp_id < 0:
        return f"fund {stake.investor_id}"
    return f"VC firm {stake.gp_id} fund {stake.investor_id % 64}{' (guided)' if stake.guided else ''}"


def _ends(firms, exits):
    exits = exits.set_index("startup_id")
    for row in firms[firms["ended"].notna()].itertuples():
        text = row.life
        if row.startup_id in exits.index:
            sale = exits.loc[row.startup_id]
            text += f", worth {millions(sale['value_cny'])}, {millions(sale['to_founders_cny'])} to the founders"
        yield row.startup_id, row.ended, "end", str(row.startup_id), text


def millions(amount):
    """Yuan as millions in few digits."""
    return f"{amount / 1e6:.4g} m"
