"""The life of startups: how many raise the next round, how many survive, when they fail.

Survival is Kaplan and Meier's, with late entry for firms older than the run. Failed and closed
firms have died; listed and acquired ones still operate (the definition of business registers).
The hazard by year of life is the registers' too: deaths in the k-th calendar year over firms alive
at its beginning, year 1 being the year of birth, pooled over whole calendar years of the run.
"""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.observables.operators.firm_dynamics import DEAD, life_table
from sim.plots.style import BLUE, GREEN, ORANGE, WIDTH, Drawing, blank, head, look, note
from sim.plots.tables import ordinal

ROUNDS = 6
FOLLOWED = 28  # quarters after the first round, as in published funnels
OLDEST = 12  # years of life shown
Z = 1.96  # 95 percent


def data(tables):
    """Rows drawn, a DataFrame: panel (rounds, survival, hazard), group, x, n, value, low, high.

    `x` is the number of the round, the age in years or the year of life; `n` counts firms of the cohort or at risk.
    The 95% intervals are Greenwood's (log-log) and Wilson's.
    """
    quarters = ordinal(tables["city"]["quarter"])
    first, last = quarters.min(), quarters.max()
    startups = tables["startups"]
    born = ordinal(startups["born"]).astype("int64")
    dead = startups["life"].isin(DEAD)
    ended = ordinal(startups["ended"]).where(dead, last).astype("int64")
    life = born.to_numpy(), ended.to_numpy(), dead.to_numpy()
    newborn = startups.loc[born >= first, "startup_id"]
    parts = (cohorts(tables["rounds"], newborn, first, last), survival(*life, first), hazard(*life, first, last))
    numbers = {"x": "float64", "n": "int64", "value": "float64", "low": "float64", "high": "float64"}
    return pd.concat([part.astype(numbers) for part in parts], ignore_index=True)


def cohorts(rounds, newborn, first, last):
    """Share of firms with at least k rounds, by year of the first one; rounds of one quarter count as one.

    Firms are followed seven years, or half of a shorter run, and later ones left out.
    """
    followed = min(FOLLOWED, int(last - first + 1) // 2)
    rounds = rounds.loc[rounds["startup_id"].isin(newborn), ["startup_id", "quarter"]].drop_duplicates()
    quarter = ordinal(rounds["quarter"]).astype("int64")
    start = quarter.groupby(rounds["startup_id"]).transform("min")
    kept = (start + followed <= last) & (quarter - start <= followed)
    firms = (
        pd.DataFrame({"start": start[kept], "id": rounds.loc[kept, "startup_id"]})
        .groupby("id")["start"]
        .agg(["first", "size"])
    )
    year = firms["first"] // 4
    rows = []
    for group in np.array_split(np.sort(year.unique()), 3):
        if len(group):
            counts = firms.loc[year.isin(group), "size"]
            name = f"{group[0]}" if len(group) == 1 else f"{group[0]}–{group[-1] % 100:02d}"
            rows += [("rounds", name, k, len(counts), (counts >= k).mean()) for k in range(1, ROUNDS + 1)]
    out = pd.DataFrame(rows, columns=["panel", "group", "x", "n", "value"])
    return out.assign(low=np.nan, high=np.nan, followed_years=followed / 4)


def survival(born, ended, dead, first):
    """Share alive by age; one row a quarter of age while somebody is at risk."""
    at_risk, deaths = life_table(ended - born, dead, np.maximum(first - born, 0), 4 * OLDEST)
    observed = np.logical_and.accumulate(at_risk > 0)
    at_risk, deaths = at_risk[observed], deaths[observed]
    alive = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = Z * np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths)))) / np.abs(np.log(alive))
        low, high = alive ** np.exp(spread), alive ** np.exp(-spread)
    inside = (alive > 0) & (alive < 1)
    return pd.DataFrame(
        {
            "panel": "survival",
            "group": "all startups",
            "x": np.arange(1, len(alive) + 1) / 4,
            "n": at_risk,
            "value": alive,
            "low": np.where(inside, low, alive),
            "high": np.where(inside, high, alive),
        }
    )


def hazard(born, ended, dead, first, last):
    """Probability to die in the k-th calendar year of life, for k up to twelve."""
    begin, end = -(-first // 4), (last + 1) // 4  # whole calendar years: begin, ..., end - 1
    at_risk, deaths = np.zeros(OLDEST, "int64"), np.zeros(OLDEST, "int64")
    for k in range(OLDEST):
        year = born // 4 + k
        observed = (year >= begin) & (year < end) & (ended // 4 >= year)
        at_risk[k] = observed.sum()
        deaths[k] = (observed & dead & (ended // 4 == year)).sum()
    seen = at_risk > 0
    n, share = at_risk[seen], deaths[seen] / at_risk[seen]
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return pd.DataFrame(
        {
            "panel": "hazard",
            "group": "all startups",
            "x": np.arange(1, OLDEST + 1)[seen],
            "n": n,
            "value": share,
            "low": np.maximum(centre - half, 0),
            "high": centre + half,
        }
    )


@look()
def figure(data):
    """Three panels side by side."""
    drawing = Drawing(figsize=(WIDTH, 2.7))
    note(drawing, "Bands and thin bars are 95% intervals.")
    for axes, panel in zip(drawing.subplots(1, 3), (draw_rounds, draw_survival, draw_hazard), strict=True):
        panel(axes, data)
    return drawing


def draw_rounds(axes, data):
    """Funnel: one line a cohort."""
    shown = data[data["panel"] == "rounds"]
    if shown.empty:
        head(axes, "Funding funnel", "share of first-funded firms")
        return blank(axes, "no firm was followed long enough")
    head(axes, "Funding funnel", f"of first-funded, in {shown['followed_years'].iloc[0]:g} years")
    for (name, cohort), colour in zip(shown.groupby("group"), (BLUE, ORANGE, GREEN), strict=False):
        axes.plot(
            cohort["x"], cohort["value"], "o-", markersize=3, color=colour, label=f"{name}, n = {cohort['n'].iloc[0]:,}"
        )
    axes.legend(fontsize=6, loc="upper right", borderaxespad=0, handlelength=1)
    axes.set_xlabel("rounds raised, at least")
    axes.set_xticks(range(1, ROUNDS + 1))
    axes.set_ylim(0, 1.02)
    percent(axes)


def draw_survival(axes, data):
    """Kaplan-Meier curve with its band."""
    head(axes, "Survival", "share still operating")
    shown = data[data["panel"] == "survival"]
    if shown.empty:
        return blank(axes, "no startups")
    axes.fill_between(shown["x"], shown["low"], shown["high"], step="pre", color=BLUE, alpha=0.2, linewidth=0)
    axes.step(np.concatenate([[0], shown["x"]]), np.concatenate([[1], shown["value"]]), where="pre", color=BLUE)
    axes.set_xlabel("age, years")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    percent(axes)


def draw_hazard(axes, data):
    """Hazard by year of life with its interval."""
    head(axes, "Hazard of death", "per calendar year of life")
    shown = data[data["panel"] == "hazard"]
    if shown.empty:
        return blank(axes, "no whole calendar year")
    axes.bar(shown["x"], shown["value"], color=BLUE, width=0.7)
    axes.vlines(shown["x"], shown["low"], shown["high"], color="black", linewidth=0.8)
    axes.set_xlabel("year of life")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_ylim(0)
    percent(axes)


def percent(axes):
    """Shares as percent at the left."""
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
