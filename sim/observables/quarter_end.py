"""What the state at the end of a quarter shows by itself: panels note it (`panels`), and remember nothing for it."""

import numpy as np

from sim.mechanisms.space import knowledge
from sim.observables.census import count_persons, offers, worths_of_listed
from sim.world.accounts import Transaction
from sim.world.kinds import Origin, Sector, Status

TAXES = np.array([t for t in Transaction if t.name.endswith("_TAX")])
LONG_SEARCH = 3  # quarters


def persons(state, city, district):
    """Persons by district, status and origin."""
    counts = np.zeros((len(state.districts), len(Status), len(Origin)), np.int64)
    searching = count_persons(people=state.people(), quarters=LONG_SEARCH, counts=counts)
    by_status, by_origin = counts.sum(axis=(0, 2)), counts.sum(axis=(0, 1))
    city["workforce"] = counts.sum() - by_status[Status.RETIRED]
    city["retired"] = by_status[Status.RETIRED]
    city["long_searching"] = searching
    city["employed"] = by_status[Status.EMPLOYED]
    city["searching"] = by_status[Status.SEARCHING]
    city["founders"] = by_status[Status.FOUNDER]
    city["returnee_residents"] = by_origin[Origin.RETURNEE]
    city["foreign_residents"] = by_origin[Origin.FOREIGN]
    district["persons"] = counts.sum(axis=(1, 2))
    district["returnee_residents"] = counts[:, :, Origin.RETURNEE].sum(axis=1)


def space(state, map_, rival_names, city, district):
    """Rents, floor space and knowledge."""
    rows = rows_of(state.districts)
    district["office_rent_cny_m2"] = rows["office_rent"]
    district["home_rent_cny_m2"] = rows["home_rent"]
    district["office_stock_m2"] = rows["office_stock"]
    district["home_stock_m2"] = rows["home_stock"]
    district["subsidised_desks"] = rows["desks"]
    district["subsidised_homes"] = rows["homes"]
    district["knowledge"] = knowledge.by_district(state, map_).sum(axis=1)
    for use in ("office", "home"):
        city[f"{use}_rent_cny_m2"] = mean(rows[f"{use}_rent"], rows[f"{use}_stock"])
    institutions = rows_of(state.institutions)
    ideas = institutions["ideas"] * (institutions["opened"] <= city["quarter"][0])
    city["basic_research"] = mean(institutions["basic"], ideas) if ideas.any() else np.nan
    rents = dict(zip(map(str.lower, rival_names), rows_of(state.rivals)["office_rent"], strict=True))
    city["office_premium_shenzhen"] = city["office_rent_cny_m2"] / rents.get("shenzhen", np.nan) - 1.0


def value_of_listed(state, slots, concern):
    """Value of the listed firms in `slots` as going concerns, yuan; `concern` is `going_concern.Params`."""
    values = worths_of_listed(startups=state.startups.used, slots=slots, sectors=state.sectors.used, concern=concern)
    return int(np.rint(values.sum()))


def labour(state, alive, city, sector):
    """Jobs, wages and what else is known of sectors; `alive` are the slots of the startups that go on."""
    rows, corporates = rows_of(state.sectors), rows_of(state.corporates)
    sector["corporate_jobs"] = sums(corporates["sector"], corporates["headcount"], len(rows))
    sector["wage_cny"] = rows["wage"]
    for name in ("tightness", "multiple", "trust", "customers_lost"):
        sector[name] = rows[name]
    offered = offers(startups=state.startups.used, slots=alive, sectors=len(rows))
    sector["offers_cny"] = np.rint(offered).astype(np.int64)
    jobs = sector["startup_jobs"] + sector["listed_jobs"] + sector["corporate_jobs"]
    city["wage_cny"] = mean(rows["wage"], jobs) if jobs.any() else np.nan


def public(state, city):
    """Taxes, public spending and debt."""
    flows = state.flows
    city["tax_cny"] = flows[TAXES, :, Sector.GOVERNMENT].sum()
    city["public_spending_cny"] = (
        flows[:, Sector.GOVERNMENT].sum() - flows[:, Sector.GOVERNMENT, Sector.GOVERNMENT].sum()
    )
    city["public_debt_cny"] = state.treasury.rows["debt"][0]


def rivals(state, quarter):
    """The rival places: raw columns, one row each."""
    rows = rows_of(state.rivals)
    return {
        "quarter": np.full(len(rows), quarter),
        "rival": np.arange(len(rows)),
        "vc_raised_cny": np.rint(rows["raised"]).astype(np.int64),
        "wage": rows["wage"],
        "office_rent_cny_m2": rows["office_rent"],
        "home_rent_cny_m2": rows["home_rent"],
        "generosity": rows["generosity"],
        "young_firms": rows["young"],
    }


def flows(state, quarter):
    """The books of the quarter: raw columns, one row a kind of transfer, payer and payee."""
    transaction, payer, payee = np.nonzero(state.flows)
    amount = state.flows[transaction, payer, payee]
    return {
        "quarter": np.full(len(amount), quarter),
        "transaction": transaction,
        "payer": payer,
        "payee": payee,
        "amount_cny": amount,
    }


# ---------------------------------------------------------------- tables of the state as plain arrays


def rows_of(table):
    """The rows in use; plain arrays give their fields faster than record arrays."""
    return table.rows.view(np.ndarray)[: table.count]


def fields_of(table, names):
    """Fields of a table as an int64 array (fields, rows)."""
    rows = rows_of(table)
    return np.array([rows[name] for name in names], np.int64)


def sums(groups, amounts, count):
    """Sums of integers by group, of which there are `count`: exact, int64."""
    out = np.zeros(count, np.int64)
    np.add.at(out, groups, amounts)
    return out


def mean(values, weights):
    """Weighted mean."""
    return (values * weights).sum() / weights.sum()


def ratio(part, whole):
    """part / whole as floats, NaN where the whole is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part, np.float64) / whole
