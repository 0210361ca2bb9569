"""Attribution: how much of a bundle's effect on each outcome is whose, Shapley shares with 95% intervals."""

from matplotlib.ticker import MaxNLocator

from sim.plots.style import (
    GREY,
    INK,
    MUTE,
    WIDTH,
    Drawing,
    Quantity,
    blank,
    direction,
    head,
    is_told,
    look,
    note,
    numbers,
    rows,
    words,
)

QUANTITIES = (
    Quantity("startups_founded", "Startups founded", "firms"),
    Quantity("startups_funded_alive", "Alive and funded", "firms at the end"),
    Quantity("startup_jobs", "Startup jobs", "jobs at the end"),
    Quantity("vc_private_cny", "Private VC", "bn yuan", 1e9),
    Quantity("exits", "Exits", "firms"),
    Quantity("public_cost_cny", "Public cost", "bn yuan, present value", 1e9),
)


def data(tables):
    """Rows drawn, from `shares`, a DataFrame.

    outcome, policy (`bundle` for the whole effect), share, share_low, share_high (in the outcome's unit), runs
    """
    shares = tables["shares"]
    drawn = shares["outcome"].isin([quantity.outcome for quantity in QUANTITIES])
    columns = ["outcome", "policy", "share", "share_low", "share_high", "runs"]
    return shares.loc[drawn, columns].reset_index(drop=True)


@look()
def figure(data):
    """Two rows of three panels, one bar per member and the bundle below a line."""
    members = data["policy"].nunique()
    drawing = Drawing(figsize=(WIDTH, 1.6 + 0.34 * max(members, 3)))
    for i, (axes, quantity) in enumerate(zip(drawing.subplots(2, 3).flat, QUANTITIES, strict=True)):
        panel(axes, data[data["outcome"] == quantity.outcome], quantity, named=i % 3 == 0)
    note(
        drawing,
        f"Shapley shares of the effect, {data['runs'].max()} seeds; lines are 95% t-intervals over paired seeds. "
        "Shares sum to the bundle's effect. Blue: more, orange: less, hatched: not told from zero.",
    )
    return drawing


def panel(axes, shares, quantity, named):
    """One outcome; policies are `named` at the left or not."""
    head(axes, quantity.title, quantity.unit)
    if shares["share"].isna().all():
        return blank(axes, "nothing to share")
    heights = range(len(shares))
    values = shares[["share", "share_low", "share_high"]] / quantity.divisor
    told = [is_told(row.share_low, row.share_high) for row in shares.itertuples()]
    colours = [direction(share, sure) if sure else "white" for share, sure in zip(shares["share"], told, strict=True)]
    bars = axes.barh(heights, values["share"], color=colours, height=0.55)
    for bar, sure in zip(bars, told, strict=True):
        if not sure:
            bar.set(hatch="////", edgecolor=MUTE, linewidth=0.6)
    axes.hlines(heights, values["share_low"], values["share_high"], color=INK, linewidth=1.0, zorder=3)
    if len(shares) > 1:
        axes.axhline(len(shares) - 1.5, color=GREY, linewidth=0.6)  # the bundle stands apart
    axes.axvline(0, color="black", linewidth=0.8)
    rows(axes, [words(policy) if named else "" for policy in shares["policy"]])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(numbers("{:+,.4g}"))
