"""Attribution: how much of a bundle's effect on each outcome is whose, Shapley shares with 95% intervals."""

from typing import NamedTuple

from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.plots.style import BLUE, WIDTH, Drawing, blank, head, look, note


class Quantity(NamedTuple):
    outcome: str
    title: str
    unit: str
    divisor: float = 1


QUANTITIES = (
    Quantity("startups_founded", "Startups founded", "firms"),
    Quantity("startups_funded_alive", "Alive and funded", "firms at the end"),
    Quantity("startup_jobs", "Startup jobs", "jobs at the end"),
    Quantity("vc_private_cny", "Private VC", "bn yuan", 1e9),
    Quantity("exits", "Exits", "firms"),
    Quantity("public_cost_cny", "Public cost", "bn yuan, present value", 1e9),
)


def data(tables):
    """Rows drawn, from `shares`:

    outcome, policy (`bundle` for the whole effect), share, share_low, share_high, runs.
    """
    rows = tables["shares"]
    return rows.loc[
        rows["outcome"].isin([q.outcome for q in QUANTITIES]),
        ["outcome", "policy", "share", "share_low", "share_high", "runs"],
    ].reset_index(drop=True)


@look()
def figure(data):
    """Two rows of three panels, one bar a member and the bundle in black below."""
    members = data["policy"].nunique()
    drawing = Drawing(figsize=(WIDTH, 1.6 + 0.34 * max(members, 3)))
    for place, (axes, quantity) in enumerate(zip(drawing.subplots(2, 3).flat, QUANTITIES, strict=True)):
        panel(axes, data[data["outcome"] == quantity.outcome], quantity, names=place % 3 == 0)
    note(
        drawing,
        f"Shapley shares of the effect, {data['runs'].max()} seeds; lines are 95% t-intervals over paired seeds. Shares sum to the bundle's effect.",
    )
    return drawing


def panel(axes, rows, quantity, names):
    """One outcome."""
    head(axes, quantity.title, quantity.unit)
    if rows["share"].isna().all():
        return blank(axes, "nothing to share")
    places = range(len(rows))
    values = rows[["share", "share_low", "share_high"]] / quantity.divisor
    axes.barh(
        places,
        values["share"],
        color=["black" if policy == "bundle" else BLUE for policy in rows["policy"]],
        height=0.55,
    )
    axes.hlines(places, values["share_low"], values["share_high"], color="#999999", linewidth=1.2, zorder=3)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, [policy.replace("_", " ") for policy in rows["policy"]] if names else [""] * len(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.4g}" if value else "0"))
