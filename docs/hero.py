"""Draw the README's figure, docs/figures/answer.svg, from tables that are kept: what the policies of history did to
jobs in startups and at what cost, where startups are, and the city through time with what was reported of it.

`make docs` runs it. The effects are those of results/policies, the city is that of results/classroom.
"""

import re
from pathlib import Path as File

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.plots.style import (
    BLUE,
    GREY,
    INK,
    LEVELS,
    MUTE,
    WIDTH,
    Drawing,
    Quantity,
    head,
    is_told,
    look,
    note,
    number,
    numbers,
    on_white,
    save,
    title,
    words,
)
from sim.report import diagram
from sim.settings.files import options

ROOT = File(__file__).resolve().parents[1]
POLICIES, RUNS = ROOT / "results" / "policies", ROOT / "results" / "classroom"
FIGURE = File(__file__).parent / "figures" / "answer"
LAND, WATER = "#ECE9E2", "#DCEAF0"
LIGHT = 0.55  # shade from which letters are white
OUTCOME, COST = "startup_jobs", "cost"
IN_FORCE = "without_"  # begins the names of comparisons that take out what history has
COURSES = (
    Quantity("startups_founded", "Startups founded", "per year"),
    Quantity("vc_raised_cny", "Venture capital", "bn yuan per year", 1e9),
    Quantity("returnees", "Returnees", "persons per year"),
)
REPORTED = {  # outcome -> ids of what was reported of it, and by what a report is multiplied
    "startups_founded": (("startups_founded_2024",), 1),
    "vc_raised_cny": (("vc_raised_2024_a0", "vc_raised_2024_a3", "vc_raised_2024_a4"), 7.1),
    "returnees": (("returnees_flow_2024",), 1),
}
CODES = {"M": Path.MOVETO, "L": Path.LINETO, "Q": Path.CURVE3}


def effects():
    """The policies of history by what they did to jobs: name, percent, low, high, jobs, cost (yuan), told."""
    table = pd.read_csv(POLICIES / "effects.csv")
    table = table[(table["outcome"] == OUTCOME) & table["comparison"].str.startswith(IN_FORCE)]
    purse = pd.read_csv(POLICIES / "public_purse.csv")
    cost = purse[purse["quantity"] == COST].set_index("comparison")["value"]
    rows = pd.DataFrame(
        {
            "name": table["comparison"].str.removeprefix(IN_FORCE),
            "percent": table["effect_percent"],
            "low": table["low_percent"],
            "high": table["high_percent"],
            "jobs": table["effect"],
            "cost": cost.reindex(table["comparison"]).to_numpy(),
            "runs": table["runs"],
        }
    )
    rows["told"] = is_told(rows["low"], rows["high"])
    return rows.sort_values(["told", "percent"], ascending=False, ignore_index=True)


def answer(rows):
    """What the figure says, in two sentences."""
    more = rows[rows["told"] & (rows["percent"] > 0)]
    said = f"{len(more)} of {len(rows)} policies added jobs in Shanghai's startups, as simulated."
    paid = (more["cost"] / more["jobs"])[more["cost"] > 0]
    return said + (f"\nOne more job cost the treasury {span(paid)} yuan." if len(paid) else "")


def span(values):
    """The ends of some numbers in words."""
    low, high = two_digits(values.min()), two_digits(values.max())
    return low if low == high else f"from {low} to {high}"


def two_digits(value):
    """A number as far as it is known."""
    return number(float(f"{value:.2g}"))


@look()
def figure(rows, city, districts, reported):
    """Map and policies above, three courses of the city below."""
    drawing = Drawing(figsize=(WIDTH, 6.6))
    title(drawing, answer(rows))
    above, below = drawing.subfigures(2, 1, height_ratios=(1.85, 1))
    left, right = above.subfigures(1, 2, width_ratios=(1, 1.3))
    place, forest = left.subplots(), right.subplots()
    ground(place, districts)
    policies(forest, rows)
    for axes, quantity in zip(below.subplots(1, 3), COURSES, strict=True):
        course(axes, city, quantity, reported)
    note(
        drawing,
        f"Districts: mean of {districts['seed'].nunique()} runs; a diagram, no map. Policies: mean of "
        f"{rows['runs'].max()} pairs of runs that share their luck, bars 95% intervals of luck alone; grey and hollow: "
        f"not told from zero. Below: median, middle half and range of {city['seed'].nunique()} runs at a tenth of the "
        "city, circles what was reported. Simulated, not a forecast.",
    )
    return drawing


def ground(axes, districts):
    """The diagram of the districts, coloured by startups."""
    head(axes, "Startups by district", "end of 2024")
    found = diagram.read(options("city")["shanghai"].with_suffix(""))
    level = districts.groupby("district")["startups_alive"].mean()
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(0, diagram.WIDTH)
    axes.set_ylim(found.height, 0)
    axes.patch.set_visible(False)
    axes.fill([0, diagram.WIDTH, diagram.WIDTH, 0], [0, 0, found.height, found.height], color=WATER, linewidth=0)
    for land in found.beyond:
        axes.add_patch(PathPatch(drawn(land), facecolor=LAND, linewidth=0))
    names = pd.read_csv(RUNS / "districts.csv").set_index("code")["name"]
    axes.add_patch(PathPatch(drawn(found.river), facecolor="none", edgecolor=WATER, linewidth=2.5))
    for code, outline in found.cells.items():
        shade = np.sqrt(level[code] / level.max())
        axes.add_patch(PathPatch(drawn(outline), facecolor=LEVELS(shade), linewidth=0))
        x, y, _ = found.places[code]
        axes.text(x, y, names[code], ha="center", va="center", fontsize=5.5, color="white" if shade > LIGHT else INK)
    bar = axes.inset_axes((0.02, -0.06, 0.3, 0.025))
    bar.imshow(LEVELS(np.sqrt(np.linspace(0, 1, 64)))[None], aspect="auto", extent=(0, 1, 0, 1))
    bar.set_yticks([])
    bar.set_xticks([0, 1], ["0", f"{level.max():,.0f}"], fontsize=6)
    bar.tick_params(length=0)
    for spine in bar.spines.values():
        spine.set_visible(False)


def drawn(text):
    """A path of Matplotlib from one of SVG, of moves, lines and quadratic curves."""
    points, codes = [], []
    for letter, numbers_ in re.findall(r"([MLQZ])([^MLQZ]*)", text):
        pairs = np.array(numbers_.split(), float).reshape(-1, 2)
        if letter == "Z":
            pairs = np.array([points[-1]])
            codes.append(Path.CLOSEPOLY)
        else:
            codes += [CODES[letter]] * len(pairs)
        points += [tuple(pair) for pair in pairs]
    return Path(points, codes)


def policies(axes, rows):
    """A policy a row: the change of jobs with its interval, what it cost, and what one more job cost."""
    head(axes, "More jobs in startups by the policy", "end of 2024, change in percent")
    axes.axvline(0, color=INK, linewidth=0.8, linestyle="--")
    for row in rows.itertuples():
        colour = BLUE if row.told else GREY
        axes.hlines(row.Index, row.low, row.high, color=colour if row.told else MUTE, linewidth=4, alpha=0.5)
        face = colour if row.told else "white"
        axes.plot(row.percent, row.Index, "o", color=colour, markersize=4, markerfacecolor=face)
        per_job = two_digits(row.cost / row.jobs) if row.told and row.jobs > 0 else "not told"
        for x, text in ((36, two_digits(row.cost) if row.cost else "0"), (78, per_job)):
            beside(axes, x, row.Index, text, INK if row.told else GREY)
    for x, text in ((36, "cost,\nyuan"), (78, "yuan\nper job")):
        beside(axes, x, -0.85, text, GREY)
    axes.set_yticks(range(len(rows)), [words(name).capitalize() for name in rows["name"]])
    axes.set_ylim(len(rows) - 0.5, -1.3)
    axes.xaxis.set_major_formatter(numbers("{:+g}%"))
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")


def beside(axes, x, row, text, colour):
    """Text that ends `x` points right of the panel."""
    axes.annotate(
        text,
        (1, row),
        (x, 0),
        ("axes fraction", "data"),
        "offset points",
        ha="right",
        va="center",
        fontsize=6.5,
        color=colour,
        annotation_clip=False,
    )


def course(axes, city, quantity, reported):
    """A number of the city by year over all runs, with what was reported of 2024."""
    head(axes, quantity.title, quantity.unit)
    yearly = city.groupby(["seed", "year"])[quantity.outcome].sum().unstack("year") / quantity.divisor
    time = yearly.columns.to_numpy()
    axes.fill_between(time, yearly.min(), yearly.max(), color=BLUE, alpha=0.15, linewidth=0)
    axes.fill_between(time, yearly.quantile(0.25), yearly.quantile(0.75), color=BLUE, alpha=0.3, linewidth=0)
    axes.plot(time, yearly.median(), color=BLUE)
    ids, by = REPORTED[quantity.outcome]
    for name in ids:
        axes.plot(time[-1], reported[name] * by, "o", color=INK, markerfacecolor="white", markersize=4.5, clip_on=False)
    label = axes.annotate(
        f"{float(f'{yearly.median().iloc[-1]:.3g}'):,.0f}",
        (time[-1], yearly.median().iloc[-1]),
        (6, 0),
        textcoords="offset points",
        va="center",
        fontsize=7,
        weight="bold",
        color=BLUE,
        annotation_clip=False,
    )
    on_white(label)
    axes.yaxis.set_major_formatter(numbers("{:,.6g}"))
    axes.set_ylim(bottom=0)
    axes.set_xlim(time[0], time[-1])
    axes.set_xticks([2008, 2016, 2024])


def main():
    city = pd.read_parquet(RUNS / "city.parquet")
    districts = pd.read_parquet(RUNS / "district.parquet")
    city, districts = (table[table["arm"] == "history"] for table in (city, districts))
    districts = districts[districts["quarter"] == districts["quarter"].max()]
    table = pd.read_csv(RUNS / "reported.csv").drop_duplicates("id").set_index("id")["reported"]
    rows = effects()
    save(figure(rows, city, districts, table), rows, FIGURE)
    print(f"{FIGURE.name}.svg drawn")


if __name__ == "__main__":
    main()
