"""Facts of space: distance between investors and startups, spillovers, density, rents by ring."""

import numpy as np
from scipy.spatial import cKDTree

from sim.observables.operators.indicators import NotThere, at_end, operator, over, ratio

CONTROLS = 5  # VC firms that did not invest, for each that did
NEAREST = 0.25  # km, half a cell: distances are not measured more finely
BANDS = ((0.0, 0.1), (0.1, 0.75), (0.75, 1.5), (1.5, 3.0))  # km between the middles of cells; the first is the own cell
ENDS = (
    250,
    750,
    1500,
    3000,
)  # metres at which each band ends; the own cell's 250 is the mean distance within 500 m squares
VANISHED = 0.1  # share of the nearest band's coefficient
CORE, RIM, MIDDLE = "inner", "outer", "inner-middle"


# ---------------------------------------------------------------- investors and distance


@operator
def distance_elasticity(tables, first, last):
    """Elasticity of the odds that a VC firm of the city invests in a startup new to it to the distance of their
    offices.

    Case-control logit: each first investment against five active VC firms, drawn evenly, that did not
    invest in the round. Controls: share of the firm's deals in the sector, share at the stage, log deals,
    an earlier deal with the startup's other investors is not needed as both are new. As rare events, odds are rates.
    """
    over(tables["city"], first, last)
    stakes = tables["rounds"]
    stakes = stakes[stakes["gp_local"] & stakes["gp_x_km"].notna() & stakes["year"].between(first, last)]
    places = tables["startups"].set_index("startup_id")[["x_km", "y_km"]]
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
    by_sector = stakes.pivot_table(index="gp_id", columns="sector", values="amount_cny", aggfunc="size", fill_value=0)
    by_stage = stakes.pivot_table(index="gp_id", columns="stage", values="amount_cny", aggfunc="size", fill_value=0)
    gp = firms.index.get_indexer(cases["gp_id"])
    draw = np.random.default_rng(0).integers(0, len(firms), (len(cases), CONTROLS))
    active = (firms["first"].to_numpy()[draw] <= cases["year"].to_numpy()[:, None]) & (
        firms["last"].to_numpy()[draw] >= cases["year"].to_numpy()[:, None]
    )
    keep = active & (draw != gp[:, None])
    row = np.concatenate([np.arange(len(cases)), np.nonzero(keep)[0]])
    who = np.concatenate([gp, draw[keep]])
    chosen = np.arange(len(row)) < len(cases)
    at = places.loc[cases["startup_id"].to_numpy()[row]].to_numpy(float)
    away = np.hypot(at[:, 0] - firms["x"].to_numpy()[who], at[:, 1] - firms["y"].to_numpy()[who])
    sector = by_sector.columns.get_indexer(cases["sector"])[row]
    stage = by_stage.columns.get_indexer(cases["stage"])[row]
    own = chosen.astype(float)  # the case itself is not counted among the firm's deals
    others = np.maximum(firms["deals"].to_numpy()[who] - own, 1)
    controls = [
        (by_sector.to_numpy()[who, sector] - own) / others,
        (by_stage.to_numpy()[who, stage] - own) / others,
        np.log(others),
    ]
    return logit(np.column_stack([np.log(np.maximum(away, NEAREST)), *controls]), chosen)[1]


def logit(regressors, outcome):
    """Coefficients of a logistic regression, the constant first, by Newton's method; NaN where it does not converge."""
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


def neighbours(tables, year):
    """Ventures with sales at the end of a year: log revenue, growth, sector, district, and mean log revenue of peers
    in each band.

    A band without a peer has a mean of zero and a flag.
    """
    at_end(tables["city"], year)
    firms = tables["firms"]
    now = firms[(firms["year"] == year) & (firms["revenue_cny"] > 0)]
    before = firms[(firms["year"] == year - 1) & (firms["revenue_cny"] > 0)].set_index("startup_id")["revenue_cny"]
    held = now.merge(tables["startups"][["startup_id", "sector", "district", "cell", "x_km", "y_km"]], on="startup_id")
    held = held[held["x_km"].notna()]
    log = np.log(held["revenue_cny"].to_numpy(float))
    cells, place = np.unique(held["cell"].to_numpy(), return_inverse=True)
    count = np.bincount(place)
    revenue = np.bincount(place, held["revenue_cny"].to_numpy(float))
    first = np.unique(place, return_index=True)[1]
    points = np.column_stack([held["x_km"].to_numpy()[first], held["y_km"].to_numpy()[first]])
    pairs = cKDTree(points).query_pairs(BANDS[-1][1], output_type="ndarray")
    one, other = np.concatenate([pairs, pairs[:, ::-1], np.repeat(np.arange(len(cells)), 2).reshape(-1, 2)]).T
    away = np.hypot(*(points[one] - points[other]).T)
    means = []
    for low, high in BANDS:
        near = (away >= low) & (away < high)
        peers, theirs = (np.bincount(one[near], total[other[near]], len(cells))[place] for total in (count, revenue))
        if low == 0:
            peers, theirs = peers - 1, theirs - held["revenue_cny"].to_numpy(float)
        means.append(np.log(np.divide(theirs, peers, out=np.ones(len(theirs)), where=(peers > 0) & (theirs > 0))))
    growth = log - np.log(held["startup_id"].map(before).to_numpy(float))
    return held, log, growth, np.column_stack(means)


def fixed_effects(held, *columns):
    """Dummies of text columns, the first value of each left out."""
    dummies = []
    for column in columns:
        values, place = np.unique(held[column].astype(str).to_numpy(), return_inverse=True)
        dummies.append(np.eye(len(values))[place][:, 1:])
    return np.column_stack(dummies)


def regression(outcome, regressors):
    """OLS coefficients, the constant first; by the normal equations, as rows are many and columns few."""
    x = np.column_stack([np.ones(len(outcome)), regressors])
    return np.linalg.lstsq(x.T @ x, x.T @ outcome, rcond=None)[0]


@operator
def peer_revenue_elasticity(tables, first, last):
    """Coefficient of log revenue on log mean revenue of peers in the own cell, effects of district and sector, mean
    over years.
    """
    found = []
    for year in range(first, last + 1):
        held, log, _, means = neighbours(tables, year)
        alone = (means[:, 0] == 0).astype(float)
        if len(held) > 100:
            found.append(
                regression(log, np.column_stack([means[:, 0], alone, fixed_effects(held, "district", "sector")]))[1]
            )
    return np.mean(found) if found else np.nan


@operator
def spillover_reach(tables, first, last):
    """Metres at which between-venture spillovers vanish: the end of the band before the first whose coefficient is
    below a tenth of the own cell's.

    Annual log growth of revenue on log mean revenue of peers in four bands of distance, years pooled.
    """
    outcome, regressors = [], []
    for year in range(first, last + 1):
        held, _, growth, means = neighbours(tables, year)
        known = ~np.isnan(growth)
        dummies = np.eye(last - first + 1)[np.full(known.sum(), year - first)][:, 1:]
        outcome.append(growth[known])
        regressors.append(np.column_stack([means[known], means[known] == 0, dummies]))
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
def density_elasticity(tables, first, last):
    """Coefficient of log revenue a worker of a venture on log startup jobs a km2 of its district, controls for sector,
    mean over years.
    """
    found = []
    for year in range(first, last + 1):
        rows = at_end(tables["district"], year).set_index("district")
        density = rows["startup_jobs"] / rows["area_km2"]
        firms = tables["firms"]
        held = firms[(firms["year"] == year) & (firms["revenue_cny"] > 0) & (firms["headcount"] > 0)]
        held = held.merge(tables["startups"][["startup_id", "sector", "district"]], on="startup_id")
        near = held["district"].map(density).to_numpy(float)
        if len(held) > 100 and (near > 0).all():
            productivity = np.log((held["revenue_cny"] / held["headcount"]).to_numpy(float))
            found.append(regression(productivity, np.column_stack([np.log(near), fixed_effects(held, "sector")]))[1])
    return np.mean(found) if found else np.nan


def ring_rent(tables, first, last, ring):
    """Mean office rent of the districts of a ring."""
    rents = over(tables["district"], first, last)
    rents = rents.loc[rents["ring"] == ring, "office_rent_cny_m2"]
    if rents.empty:
        raise NotThere(f"the city has no ring {ring!r}")
    return rents.mean()


@operator
def rent_core_over_rim(tables, first, last):
    """Office rent inside the inner ring over that beyond the outer ring."""
    return ratio(ring_rent(tables, first, last, CORE), ring_rent(tables, first, last, RIM))


@operator
def rent_middle_over_core(tables, first, last):
    """Office rent between inner and middle ring over that inside the inner ring."""
    return ratio(ring_rent(tables, first, last, MIDDLE), ring_rent(tables, first, last, CORE))
