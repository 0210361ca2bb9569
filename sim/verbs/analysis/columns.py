"""The columns of what `sim analyse` leaves."""

from sim.observables.columns import INDEX, STOCK, TRAIT, column
from sim.verbs.comparison.columns import OUTCOME, ends, numbers, runs, words

HERE = "sim.verbs.analysis.estimates"
TARGET = words("target", "level of the arm, or an arm less the first", HERE)
FACTOR = words("factor", "key of the config", HERE)
COLUMNS = {
    "arms": (
        words("arm", "name of the arm", HERE),
        *OUTCOME,
        *numbers(
            HERE,
            level="mean of the first arm",
            effect="the arm less the first, mean over points or seeds",
            **ends(),
            percent="effect in percent of the level",
            p="two-sided p of the t-test",
            q="rate of false discoveries at which it leaves zero",
        ),
        column("primary", "flag", "whether it was declared beforehand", HERE, TRAIT),
        runs(HERE),
    ),
    "tornado": (
        TARGET,
        *OUTCOME,
        FACTOR,
        *numbers(
            HERE,
            lowest="lowest value of the factor",
            highest="highest value of the factor",
            change="of the target from the lowest to the highest value, least squares in all factors",
            **ends(),
            p="two-sided p",
            explained="share of the variance over points that the factors explain together",
        ),
        column("points", "number", "points of the design", HERE, STOCK),
    ),
    "response": (
        TARGET,
        *OUTCOME,
        FACTOR,
        *numbers(
            HERE,
            value="of the factor",
            mean="of the target with the factor at the value, all others as in the design",
            **ends(of="its band of 95%"),
            explained="share of the variance in points left out that the surface explains; below zero it says nothing",
        ),
        column("points", "number", "points of the design", HERE, STOCK),
    ),
    "surface": (
        TARGET,
        *OUTCOME,
        words("factor_x", "key of the config", HERE),
        words("factor_y", "key of the config", HERE),
        *numbers(
            HERE,
            x="value of the first factor",
            y="value of the second",
            mean="of the target there, all other factors as in the design",
            explained="share of the variance in points left out that the surface explains",
        ),
    ),
    "indices": (
        TARGET,
        *OUTCOME[:2],
        FACTOR,
        words("method", "Sobol, Morris or delta", HERE),
        *numbers(
            HERE,
            total="total index of Sobol, mean absolute elementary effect of Morris, or delta",
            total_within="half width of its interval of 95%",
            first="share of the variance by the factor alone",
            first_within="half width of its interval of 95%",
            spread="standard deviation of the elementary effects: interaction or curvature",
        ),
    ),
    "box": (
        TARGET,
        OUTCOME[0],
        FACTOR,
        *numbers(
            HERE,
            low="lowest value in the box, infinite where there is no limit",
            high="highest value in the box",
            coverage="share of failures inside",
            density="share inside that fails",
            share="share of all points that fails",
            mass="share of points inside",
            p="of the permutation test",
        ),
    ),
}
TABLE_KEYS = {
    "runs": ("arm", "point", "seed"),
    "arms": ("arm", "outcome"),
    "tornado": ("target", "outcome", "factor"),
    "response": ("target", "outcome", "factor", "value"),
    "surface": ("target", "outcome", "x", "y"),
    "indices": ("target", "outcome", "factor"),
    "box": ("target", "outcome", "factor"),
}


def run_columns(frame):
    told = ("run", "arm", "point", "seed")
    kinds = {"run": "number", "arm": "name", "point": "number", "seed": "number"}
    head = tuple(column(name, kinds[name], f"{name} of the run", HERE, TRAIT) for name in told)
    rest = [name for name in frame if name not in told]
    return head + tuple(
        column(name, "see sim list", "factor or outcome of the run", HERE, INDEX, type="double") for name in rest
    )
