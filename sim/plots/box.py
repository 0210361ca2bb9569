"""Where a policy fails: its effect in every world, and the box that scenario discovery drew around the failures."""

import math

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from sim.observables.outcomes import BY_NAME
from sim.plots.style import BLUE, GREY, ORANGE, PALE, WIDTH, Drawing, blank, head, look, note, numbers, words

BILLION = 1e9


def data(tables):
    """Rows drawn, from `worlds`, `box` and the dict `about`, a DataFrame.

    world, outcome, effect (in its unit), fails, fails_at (the effect), sentence, and of the first two limits of the
    box, x and y: x (the world's value), x_name, x_low, x_high; empty where there is no such limit
    """
    worlds, box, about = tables["worlds"], tables["box"], tables["about"]
    goal = about["outcomes"][0].removeprefix("-")
    sign = -1 if about["outcomes"][0].startswith("-") else 1
    rows = pd.DataFrame(
        {
            "world": range(len(worlds)),
            "outcome": goal,
            "effect": worlds[f"effect_{goal}"],
            "fails": worlds["fails"],
            "fails_at": sign * about["fails"],
            "sentence": about["sentence"],
        }
    )
    for axis, limit in zip(("x", "y"), [*box.itertuples(), None, None], strict=False):
        name = limit.dimension if limit else None
        if name and name.startswith("rules."):
            values = (worlds["rules"] == name.removeprefix("rules.")).astype(float)
        else:
            values = worlds[name] if name else np.nan
        rows = rows.assign(
            **{
                axis: values,
                f"{axis}_name": name,
                f"{axis}_low": limit.low if limit else np.nan,
                f"{axis}_high": limit.high if limit else np.nan,
            }
        )
    return rows


@look()
def figure(data):
    """Left: effects in order; right: worlds in the first two dimensions of the box, failures orange."""
    drawing = Drawing(figsize=(WIDTH, 3.1))
    left, right = drawing.subplots(1, 2, width_ratios=(1, 1.25))
    size = BILLION if data["outcome"].iloc[0].endswith("_cny") else 1
    ordered = data.sort_values("effect").reset_index(drop=True)
    colours = np.where(ordered["fails"], ORANGE, BLUE)
    head(
        left,
        "Effect in every world",
        f"{titled(data['outcome'].iloc[0])}{', bn yuan' if size > 1 else ''}; worlds in order",
    )
    left.vlines(
        ordered.index,
        data["fails_at"].iloc[0] / size,
        ordered["effect"] / size,
        color=colours,
        linewidth=max(0.6, 110 / len(ordered)),
    )
    left.axhline(data["fails_at"].iloc[0] / size, color="black", linewidth=0.8)
    left.set_xticks([])
    left.yaxis.set_major_formatter(numbers("{:+,.6g}"))
    corner(right, data)
    note(drawing, f"Orange: the policy fails. {words(data['sentence'].iloc[0])}")
    return drawing


def titled(outcome):
    """An outcome as tables title it."""
    return BY_NAME[outcome].title if outcome in BY_NAME else words(outcome)


def corner(axes, data):
    """The worlds in the dimensions of the box."""
    head(axes, "Where it fails", "worlds by the first limits of the box, shaded")
    if data["x_name"].isna().all():
        return blank(axes, "no box of worlds fails more often\nthan chance would have it")
    one = data["y_name"].isna().all()
    # even and without order, so that worlds do not lie on one another
    apart = np.arange(len(data)) * (math.sqrt(5) - 1) / 2 % 1
    x = _spread(data["x"], apart)
    y = apart if one else _spread(data["y"], apart)
    left, right = _ends(data, "x", x)
    bottom, top = (-0.05, 1.05) if one else _ends(data, "y", y)
    axes.add_patch(
        Rectangle((left, bottom), right - left, top - bottom, facecolor=PALE, edgecolor=GREY, linewidth=0.8, zorder=0)
    )
    axes.scatter(x, y, s=10, c=np.where(data["fails"], ORANGE, BLUE), linewidths=0, zorder=2)
    axes.set_xlabel(_title(data["x_name"].iloc[0]))
    axes.grid(visible=False)
    if one:
        axes.set_yticks([])
    else:
        axes.set_ylabel(_title(data["y_name"].iloc[0]))
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if set(data[name].dropna()) <= {0.0, 1.0} and not data[name].isna().all():
            axis.set_ticks([0, 1], ["no", "yes"])


def _spread(values, apart):
    """Yes and no side by side rather than on one another."""
    return values + 0.36 * (apart - 0.5) if set(values) <= {0.0, 1.0} else values


def _ends(data, axis, shown):
    """Ends of the box, at the edge of the worlds where it has none."""
    pad = 0.04 * np.ptp(shown)
    low, high = data[f"{axis}_low"].iloc[0], data[f"{axis}_high"].iloc[0]
    return (low if np.isfinite(low) else shown.min() - pad), (high if np.isfinite(high) else shown.max() + pad)


def _title(name):
    kind, _, rest = name.partition(".")
    return rest if kind == "mechanism" else words(f"{kind} {rest}")
