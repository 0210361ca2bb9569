"""Microdata: one row a founder, startup, stake, exit or application, as simulated.

They are read at the end of a run from the tables of the state that never forget a row. The functions by which
tables are made give name -> array of each column, as `row_columns.py` lists them.
"""

import numpy as np

from sim.observables.codebook import frame
from sim.world.calendar import quarter_name
from sim.world.kinds import NOBODY, Answer, Experience, GPKind, Investor, Life, Origin, Route, Stage

SHARES = {"founder": "founder_shares", "employee": "employee_shares", "investor": "investor_shares"}


def tables(state, map_, city, policies, scale, wanted):
    """Name -> DataFrame of founders, startups, rounds, exits and applications, where `wanted` (name -> columns).

    `map_` is the `geography.Map` of the city, `policies` the names of policies and shocks in the order of their purses.
    """
    makers = {
        "founders": lambda: founders(state, city),
        "startups": lambda: startups(state, map_, city),
        "rounds": lambda: rounds(state, map_, city),
        "exits": lambda: exits(state, city),
        "applications": lambda: applications(state, policies, city),
    }
    return {name: frame(name, make(), scale, wanted[name]) for name, make in makers.items() if name in wanted}


# ---------------------------------------------------------------- text for numbers


def labels(kinds):
    """What the members of an enum are called in tables, in the order of their values."""
    return [kind.name if len(kind.name) == 1 else kind.name.lower() for kind in kinds]


def kind_text(kinds, values):
    """Values of an enum as text, missing where negative."""
    return text(labels(kinds), values)


def text(names, indices):
    """names[indices], missing where an index is negative."""
    return np.array([*names, None], object)[np.where(np.asarray(indices) < 0, len(names), indices)]


def quarter_text(quarters):
    """Quarters as text, missing where there is none."""
    distinct, index = np.unique(np.asarray(quarters), return_inverse=True)
    return np.array([quarter_name(int(q)) if q > 0 else None for q in distinct], object)[index]


def take(values, slots, otherwise):
    """values[slots], and `otherwise` where a slot is negative."""
    there = slots >= 0
    out = np.full(len(slots), otherwise, np.result_type(values.dtype, type(otherwise)))
    out[there] = values[slots[there]]
    return out


def slots_of(identities, ids):
    """Slots of `identities` in the column `ids` of a table, NOBODY where there is none."""
    if not len(ids):
        return np.full(len(identities), NOBODY)
    order = np.argsort(ids, kind="stable")
    nearest = order[np.searchsorted(ids, identities, sorter=order).clip(max=len(ids) - 1)]
    return np.where(ids[nearest] == identities, nearest, NOBODY)


# ---------------------------------------------------------------- tables


def founders(state, city):
    """One row per venture and its lead founder."""
    rows, exits = state.startups.used, state.exits.used
    proceeds = np.zeros(len(rows), np.int64)
    np.add.at(proceeds, exits["startup"], exits["to_founders"])
    return {
        "founder_id": rows["founder_id"],
        "attempt": rows["attempt"],
        "startup_id": rows["id"],
        "quarter": quarter_text(rows["born"]),
        "year": rows["born"] // 4,
        "origin": kind_text(Origin, rows["origin"]),
        "experience": kind_text(Experience, rows["experience"]),
        "skill": rows["skill"],
        "partners": (rows["partner_1"] != NOBODY).astype(np.int64) + (rows["partner_2"] != NOBODY),
        "sector": text(city.sectors, rows["sector"]),
        "district": text(city.district_codes, rows["district"]),
        "life": kind_text(Life, rows["life"]),
        "ended": quarter_text(rows["ended"]),
        "raised_to_date_cny": rows["raised"],
        "proceeds_to_date_cny": proceeds,
    }


def startups(state, map_, city):
    """One row per startup, from founding to its end or to the last quarter simulated."""
    rows = state.startups.used
    capital = {
        "founder_shares": rows["founder_shares"],
        "employee_shares": rows["pool_shares"],
        "investor_shares": rows["shares"] - rows["founder_shares"] - rows["pool_shares"],
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        capital |= {f"{who}_share": capital[shares] / rows["shares"] for who, shares in SHARES.items()}
    plain = (
        "attempt",
        "founder_id",
        "skill",
        "cell",
        "business_share",
        "export_share",
        "quality",
        "market",
        "traction",
        "growth",
        "progress",
        "property",
        "founder_age",
        "headcount",
        "labour",
        "knowhow",
        "shares",
        "effort",
        "laboratory_wait",
    )
    return (
        capital
        | {column: rows[column] for column in plain}
        | {
            "startup_id": rows["id"],
            "rounds_to_date": rows["rounds"],
            "incidents_to_date": rows["incidents"],
            "origin": kind_text(Origin, rows["origin"]),
            "experience": kind_text(Experience, rows["experience"]),
            "born": quarter_text(rows["born"]),
            "ended": quarter_text(rows["ended"]),
            "life": kind_text(Life, rows["life"]),
            "sector": text(city.sectors, rows["sector"]),
            "district": text(city.district_codes, rows["district"]),
            "x_km": take(map_.cell_x, rows["cell"], np.nan),
            "y_km": take(map_.cell_y, rows["cell"], np.nan),
            "hard_tech": rows["hard_tech"] > 0,
            "consumer": rows["consumer"] > 0,
            "makes_here": rows["makes_here"] > 0,
            "subsidised_desk": rows["desk"] > 0,
            "stage": kind_text(Stage, rows["stage"]),
            "compliance_quarters": rows["compliance"],
            "demand_cny": rows["demand"],
            "payroll_cny": rows["payroll"],
            "cash_cny": rows["cash"],
            "revenue_cny": rows["revenue"],
            "burn_cny": rows["burn"],
            "raised_to_date_cny": rows["raised"],
            "last_round": quarter_text(rows["last_round"]),
            "post_money_cny": rows["post_money"],
            "sandbox_from": quarter_text(rows["sandbox_from"]),
            "sandbox_until": quarter_text(rows["sandbox_until"]),
            "sandbox_refused": rows["sandbox_refused"] > 0,
            "filed": quarter_text(rows["queued"]),
            "concept_from": quarter_text(rows["concept_from"]),
            "accelerator_from": quarter_text(rows["accelerator_from"]),
            "testbed_from": quarter_text(rows["testbed_from"]),
            "testbed_until": quarter_text(rows["testbed_until"]),
            "pilot_cny": rows["pilot"],
            "partner_lost": quarter_text(rows["partner_lost"]),
            "digital_currency": rows["digital"] > 0,
        }
    )


def rounds(state, map_, city):
    """One row per round and investor; who bought a stake from a fund at its end took no part in the round."""
    rows, firms, funds, gps = state.holdings.used, state.startups.used, state.funds.used, state.gps.used
    rows = rows[(rows["holder"] != NOBODY) | (rows["investor"] == Investor.ANGEL)]
    firm = rows["startup"]
    fund = slots_of(np.where(rows["investor"] == Investor.FUND, rows["holder_id"], NOBODY), funds["id"])
    gp = take(funds["gp"], fund, NOBODY)
    office = take(gps["cell"], gp, NOBODY)
    with np.errstate(divide="ignore", invalid="ignore"):
        company_share = rows["amount"] / rows["post_money"]
    return {
        "startup_id": rows["startup_id"],
        "round": rows["place"] + 1,
        "stage": kind_text(Stage, rows["stage"]),
        "quarter": quarter_text(rows["quarter"]),
        "year": rows["quarter"] // 4,
        "sought": quarter_text(rows["sought"]),
        "asked_cny": rows["asked"],
        "sector": text(city.sectors, firms["sector"][firm]),
        "district": text(city.district_codes, firms["district"][firm]),
        "hard_tech": firms["hard_tech"][firm] > 0,
        "consumer": firms["consumer"][firm] > 0,
        "investor": kind_text(Investor, rows["investor"]),
        "investor_id": rows["holder_id"],
        "gp_id": take(gps["id"], gp, NOBODY),
        "gp_kind": kind_text(GPKind, take(gps["kind"], gp, NOBODY)),
        "gp_local": take(gps["local"], gp, 0) > 0,
        "gp_x_km": take(map_.cell_x, office, np.nan),
        "gp_y_km": take(map_.cell_y, office, np.nan),
        "guided": rows["guided"] > 0,
        "lead": rows["lead"] > 0,
        "new": rows["first"] > 0,
        "amount_cny": rows["amount"],
        "post_money_cny": rows["post_money"],
        "company_share": company_share,
        "shares_bought": rows["shares"],
        "route": kind_text(Route, rows["route"]),
        "ended": quarter_text(rows["ended"]),
        "proceeds_to_date_cny": rows["proceeds"],
        "compensated_to_date_cny": rows["compensated"],
    }


def exits(state, city):
    """One row per startup that ended with something to share out."""
    rows, firms = state.exits.used, state.startups.used
    firm = rows["startup"]
    return {
        "startup_id": rows["startup_id"],
        "quarter": quarter_text(rows["quarter"]),
        "year": rows["quarter"] // 4,
        "life": kind_text(Life, rows["life"]),
        "sector": text(city.sectors, firms["sector"][firm]),
        "district": text(city.district_codes, firms["district"][firm]),
        "stage": kind_text(Stage, firms["stage"][firm]),
        "age_quarters": rows["quarter"] - firms["born"][firm],
        "value_cny": rows["value"],
        "raised_to_date_cny": rows["raised"],
        "to_investors_cny": rows["to_investors"],
        "to_founders_cny": rows["to_founders"],
        "to_employees_cny": rows["to_employees"],
        "buyer_id": take(
            state.corporates.used["id"], np.where(rows["life"] == Life.ACQUIRED, rows["buyer"], NOBODY), NOBODY
        ),
        "venue": rows["board"] > 0,
        "later_cny": rows["later"],
    }


def applications(state, policies, city):
    """One row per application to a policy."""
    rows = state.applications.used
    known = np.isin(rows["answer"], (Answer.ADMITTED, Answer.SCORE, Answer.PLACES))
    return {
        "application_id": np.arange(len(rows)),
        "policy": text(policies, rows["policy"]),
        "quarter": quarter_text(rows["quarter"]),
        "year": rows["quarter"] // 4,
        "startup_id": take(state.startups.used["id"], rows["startup"], NOBODY),
        "applicant_id": rows["applicant_id"],
        "decided": quarter_text(rows["decided"]),
        "answer": kind_text(Answer, rows["answer"]),
        "again": rows["again"] > 0,
        "score": rows["score"],
        "cutoff": np.where(known, rows["cutoff"], np.nan),
        "places": rows["places"],
        "worst_admitted": np.where(known, rows["worst_admitted"], np.nan),
        "best_refused": np.where(known, rows["best_refused"], np.nan),
        "admitted": rows["admitted"] > 0,
        "amount_cny": rows["amount"],
        "age_quarters": rows["age"],
        "stage": kind_text(Stage, rows["stage"]),
        "rounds_to_date": rows["rounds"],
        "progress": rows["progress"],
        "headcount": rows["headcount"],
        "cash_cny": rows["cash"],
        "revenue_cny": rows["revenue"],
        "district": text(city.district_codes, rows["district"]),
        "sector": text(city.sectors, rows["sector"]),
    }


def fund_names(state, fund):
    """Whose fund a row of the table of funds is about; `fund` holds slots."""
    rows, gps = state.funds.used[fund], state.gps.used
    return {
        "fund_id": rows["id"],
        "gp_id": gps["id"][rows["gp"]],
        "number": rows["number"],
        "kind": kind_text(GPKind, rows["kind"]),
        "local": gps["local"][rows["gp"]] > 0,
        "vintage": quarter_text(rows["vintage"]),
    }
