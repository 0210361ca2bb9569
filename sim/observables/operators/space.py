"""Facts of space: distance between investors and startups, spillovers, density, rents by ring."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sim.observables.operators.window import NotThere, operator, ratio

CONTROLS = 5  # VC firms that did not invest, for each that did
NEAREST = 0.25  # km, half a cell: distances are not measured more finely
BANDS = (
    (0.0, 0.1),
    (0.1, 0.75),
    (0.75, 1.5),
    (1.5, 3.0),
)  # km between the middles of cells; the first is the same cell
ENDS = (  # metres at which each band ends; the same cell's 250 is the mean distance within 500 m squares
    250,
    750,
    1500,
    3000,
)
GROWN_UP = 15  # years, age from which a firm is no longer young or old
VANISHED = 0.1  # share of the nearest band's coefficient
CORE, RIM, MIDDLE = "inner", "outer", "inner-middle"


# ---------------------------------------------------------------- investors and distance


@operator
def distance_elasticity(window):
    """Elasticity to the distance of offices of the odds that a VC firm of the city invests in a startup new to it.

    Case-control logit: each first investment against five active VC firms, drawn evenly, that did not
    invest in the round. Controls: share of the firm's deals in the sector, share at the stage, log deals;
    an earlier deal with the startup's other investors is not needed as both are new. As rare events, odds are rates.
    """
    stakes = window.events("rounds")
    stakes = stakes[stakes["gp_local"] & stakes["gp_x_km"].notna()]
    cases = stakes[stakes["new"]].drop_duplicates(["gp_id", "startup_id"])
    if len(cases) < 50:
        return np.nan
    firms = stakes.groupby("gp_id").agg(
        x=("gp_x_km", "first"),
        y=("gp_y_km", "first"),
        first=("year", "min"),
        last=("year", "max"),
        deals=("amount_cny", "size"),
    )
    if len(firms) < 2:
        return np.nan
    investor = firms.index.get_indexer(cases["gp_id"])
    drawn = np.random.default_rng(0).integers(0, len(firms), (len(cases), CONTROLS))
    year = cases["year"].to_numpy()[:, None]
    active = (firms["first"].to_numpy()[drawn] <= year) & (firms["last"].to_numpy()[drawn] >= year)
    control = active & (drawn != investor[:, None])
    row = np.concatenate([np.arange(len(cases)), np.nonzero(control)[0]])  # of the case that it is about
    firm = np.concatenate([investor, drawn[control]])
    invests = np.arange(len(row)) < len(cases)

    offices = window.tables["startups"].set_index("startup_id")[["x_km", "y_km"]]
    office = offices.loc[cases["startup_id"].to_numpy()[row]].to_numpy(float)
    distance = np.hypot(office[:, 0] - firms["x"].to_numpy()[firm], office[:, 1] - firms["y"].to_numpy()[firm])
    case = invests.astype(float)  # not counted among the firm's deals
    others = np.maximum(firms["deals"].to_numpy()[firm] - case, 1)
    shares = []
    for column in ("sector", "stage"):
        deals = stakes.pivot_table(index="gp_id", columns=column, values="amount_cny", aggfunc="size", fill_value=0)
        kind = deals.columns.get_indexer(cases[column])[row]
        shares.append((deals.to_numpy()[firm, kind] - case) / others)
    regressors = [np.log(np.maximum(distance, NEAREST)), *shares, np.log(others)]
    return logit(np.column_stack(regressors), invests)[1]


def logit(regressors, outcome):
    """Coefficients of a logistic regression, the constant first, by Newton's method; NaN where it does not converge.

    `regressors` (rows, columns) of floats, `outcome` (rows,) of bools.
    """
    x = np.column_stack([np.ones(len(regressors)), regressors])
    coefficients = np.zeros(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ coefficients, -30, 30)))
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x
        step = np.linalg.lstsq(curvature, x.T @ (outcome - chance), rcond=None)[0]
        coefficients += step
        if np.abs(step).max() < 1e-8:
            return coefficients
    return np.full(x.shape[1], np.nan)


# ---------------------------------------------------------------- spillovers between ventures


class Neighbourhoods(NamedTuple):
    """Ventures with sales at the end of a year, and their peers by distance."""

    firms: pd.DataFrame  # with age in years up to GROWN_UP, sector, district, cell and place of each venture
    revenue: np.ndarray  # (ventures,) log
    growth: np.ndarray  # (ventures,) log points over the year, NaN without sales a year before
    peers: np.ndarray  # (ventures, bands) log mean revenue of peers, zero where there is none


def neighbourhoods(window):
    """The Neighbourhoods at the end of the window. Raises NotReached."""
    firms = window.table("firms")
    selling = firms[firms["revenue_cny"] > 0]
    before = selling[selling["year"] == window.last - 1].set_index("startup_id")["revenue_cny"]
    places = window.tables["startups"][["startup_id", "born", "sector", "district", "cell", "x_km", "y_km"]]
    firms = selling[selling["year"] == window.last].merge(places, on="startup_id")
    firms = firms[firms["x_km"].notna()]
    firms = firms.assign(age=np.minimum(firms["year"] - firms["born"].str[:4].astype(int), GROWN_UP))
    revenue = firms["revenue_cny"].to_numpy(float)
    growth = np.log(revenue) - np.log(firms["startup_id"].map(before).to_numpy(float))
    return Neighbourhoods(firms, np.log(revenue), growth, _peers(firms, revenue))


def _peers(firms, revenue):
    """Log mean revenue of peers in each band, as in Neighbourhoods."""
    cells, first, cell = np.unique(firms["cell"].to_numpy(), return_index=True, return_inverse=True)
    points = firms[["x_km", "y_km"]].to_numpy()[first]
    pairs = cKDTree(points).query_pairs(BANDS[-1][1], output_type="ndarray")
    one, other = np.concatenate([pairs, pairs[:, ::-1], np.repeat(np.arange(len(cells)), 2).reshape(-1, 2)]).T
    distance = np.hypot(*(points[one] - points[other]).T)
    totals = np.bincount(cell), np.bincount(cell, revenue)  # ventures and revenue of each cell
    means = []
    for low, high in BANDS:
        near = (distance >= low) & (distance < high)
        number, sales = (np.bincount(one[near], total[other[near]], len(cells))[cell] for total in totals)
        if low == 0:  # a venture is not its own peer
            number, sales = number - 1, sales - revenue
        means.append(np.log(np.divide(sales, number, out=np.ones(len(sales)), where=(number > 0) & (sales > 0))))
    return np.column_stack(means)


def fixed_effects(rows, *columns):
    """Dummies (rows, values less one a column) of text columns, the first value of each left out."""
    dummies = []
    for column in columns:
        values, index = np.unique(rows[column].astype(str).to_numpy(), return_inverse=True)
        dummies.append(np.eye(len(values))[index][:, 1:])
    return np.column_stack(dummies)


def regression(outcome, regressors):
    """OLS coefficients, the constant first; by the normal equations, as rows are many and columns few.

    `outcome` (rows,), `regressors` (rows, columns).
    """
    x = np.column_stack([np.ones(len(outcome)), regressors])
    return np.linalg.lstsq(x.T @ x, x.T @ outcome, rcond=None)[0]


@operator
def peer_revenue_elasticity(window):
    """Coefficient of log revenue on log mean revenue of peers in the same cell, mean over years.

    Controls: effects of district, sector and age. New firms look for places where much is known, so that small young
    ones stand beside large old ones: without their age the coefficient is of that sorting.
    """
    coefficients = []
    for year in window.years():
        firms, revenue, _, peers = neighbourhoods(year)
        if len(firms) > 100:
            nearest = peers[:, 0]
            alone = (nearest == 0).astype(float)
            effects = fixed_effects(firms, "district", "sector", "age")
            coefficients.append(regression(revenue, np.column_stack([nearest, alone, effects]))[1])
    return np.mean(coefficients) if coefficients else np.nan


@operator
def spillover_reach(window):
    """Metres at which spillovers between ventures vanish.

    Annual log growth of revenue on log mean revenue of peers in four bands of distance, years pooled: the end of the
    band before the first whose coefficient is below a tenth of that of the same cell.
    """
    outcome, regressors = [], []
    for number, year in enumerate(window.years()):
        _, _, growth, peers = neighbourhoods(year)
        observed = ~np.isnan(growth)
        dummies = np.eye(window.last - window.first + 1)[np.full(observed.sum(), number)][:, 1:]
        outcome.append(growth[observed])
        regressors.append(np.column_stack([peers[observed], peers[observed] == 0, dummies]))
    outcome, regressors = np.concatenate(outcome), np.concatenate(regressors)
    if len(outcome) < 200:
        return np.nan
    bands = regression(outcome, regressors)[1 : 1 + len(BANDS)]
    if bands[0] <= 0:
        return 0.0
    far = [band for band in range(1, len(BANDS)) if bands[band] < VANISHED * bands[0]]
    return ENDS[far[0] - 1] if far else ENDS[-1]


# ---------------------------------------------------------------- density and rents


@operator
def density_elasticity(window):
    """Coefficient of a venture's log revenue a worker on log startup jobs a km2 of its district, mean over years.

    Controls: effects of sector.
    """
    coefficients = []
    for year in window.years():
        districts = year.at_end("district").set_index("district")
        density = districts["startup_jobs"] / districts["area_km2"]
        firms = window.tables["firms"]
        firms = firms[(firms["year"] == year.last) & (firms["revenue_cny"] > 0) & (firms["headcount"] > 0)]
        firms = firms.merge(window.tables["startups"][["startup_id", "sector", "district"]], on="startup_id")
        nearby = firms["district"].map(density).to_numpy(float)
        if len(firms) > 100 and (nearby > 0).all():
            productivity = np.log((firms["revenue_cny"] / firms["headcount"]).to_numpy(float))
            regressors = np.column_stack([np.log(nearby), fixed_effects(firms, "sector")])
            coefficients.append(regression(productivity, regressors)[1])
    return np.mean(coefficients) if coefficients else np.nan


def ring_rent(window, ring):
    """Mean office rent of the districts of a ring, yuan a m2 and quarter. Raises NotReached and NotThere."""
    districts = window.over(window.tables["district"])
    rents = districts.loc[districts["ring"] == ring, "office_rent_cny_m2"]
    if rents.empty:
        raise NotThere(f"the city has no ring {ring!r}")
    return rents.mean()


@operator
def rent_core_over_rim(window):
    """Office rent inside the inner ring over that beyond the outer ring."""
    return ratio(ring_rent(window, CORE), ring_rent(window, RIM))


@operator
def rent_middle_over_core(window):
    """Office rent between inner and middle ring over that inside the inner ring."""
    return ratio(ring_rent(window, MIDDLE), ring_rent(window, CORE))
