"""Dose: the effect of a policy on every outcome by the value of one of its knobs, with 95% intervals."""

from matplotlib.ticker import MaxNLocator

from sim.plots.arms import colour
from sim.plots.style import GREY, is_told, look, number, numbers
from sim.plots.thirds import head, thirds

WIDE = 20  # a knob of which the largest value is so many times the smallest is drawn on a scale of ratios


def data(tables):
    """Rows drawn, from `dose` (a DataFrame) and the dict `about`; a DataFrame.

    value, outcome, title, unit, effect, low, high (in the unit), context (text, the same in all rows)
    """
    about = tables["about"]
    unit = f", {about['dose']['unit']}" if about["dose"]["unit"] else ""
    context = (
        f"Across: {about['dose']['knob']}{unit}. Up: effect against a city without the policy. {about['runs']} pairs "
        f"of runs with the same luck from seed {about['seed']}, scale {about['scale']:g}, {about['first_quarter']} to "
        f"{about['last_quarter']}."
    )
    columns = ["value", "outcome", "title", "unit", "effect", "low", "high"]
    return tables["dose"][columns].assign(context=context)


@look()
def figure(data):
    """Three panels in a row."""
    return thirds(data, 1.3, panel)


def panel(axes, effects):
    """One outcome."""
    size = head(axes, effects)
    axes.axhline(0, color="black", linewidth=0.8, linestyle="--")
    axes.plot(effects["value"], effects["effect"] / size, color=GREY, linewidth=0.8, zorder=1)
    for row in effects.itertuples():
        axes.vlines(row.value, row.low / size, row.high / size, color=colour(row), linewidth=1.4)
        face = colour(row) if is_told(row.low, row.high) else "white"
        axes.plot(row.value, row.effect / size, "o", color=colour(row), markersize=4, markerfacecolor=face)
    values = effects["value"].sort_values()
    if values.iloc[0] > 0 and values.iloc[-1] >= WIDE * values.iloc[0]:
        axes.set_xscale("log")
    axes.set_xticks(values, [short(value) for value in values])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(numbers("{:+,.6g}"))


def short(value):
    """A value of a knob at the axis: billions and millions by their letter."""
    for size, letter in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return f"{value / size:g} {letter}"
    return number(value) if value else "0"
