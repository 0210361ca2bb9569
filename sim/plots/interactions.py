"""Interactions: which pairs of a bundle do more together than apart, and which less, with 95% intervals."""

from matplotlib.ticker import FuncFormatter

from sim.plots.attribution import QUANTITIES
from sim.plots.style import BLUE, GREY, ORANGE, WIDTH, Drawing, blank, head, look, note

MOST = 15  # pairs shown
COLOURS = {"complements": BLUE, "substitutes": ORANGE}
OUTCOMES = tuple(
    quantity
    for quantity in QUANTITIES
    if quantity.outcome in ("startups_founded", "startups_funded_alive", "vc_private_cny")
)


def data(tables):
    """Rows drawn, from `interactions`:

    outcome, pair, interaction, low, high, called, measure, runs; pairs by their largest z first.
    """
    rows = tables["interactions"]
    rows = rows[rows["outcome"].isin([quantity.outcome for quantity in OUTCOMES])].copy()
    rows["pair"] = rows["one"].str.replace("_", " ") + " + " + rows["other"].str.replace("_", " ")
    width = (rows["interaction_high"] - rows["interaction_low"]).where(lambda values: values > 0)
    strength = (rows["interaction"].abs() / width).fillna(0).groupby(rows["pair"]).max()
    kept = strength.sort_values(ascending=False, kind="stable").index[:MOST]
    rows = (
        rows[rows["pair"].isin(kept)]
        .assign(order=rows["pair"].map({pair: i for i, pair in enumerate(kept)}))
        .sort_values(["outcome", "order"])
    )
    rows = rows.rename(columns={"interaction_low": "low", "interaction_high": "high"})
    return rows[["outcome", "pair", "interaction", "low", "high", "called", "measure", "runs"]].reset_index(drop=True)


@look()
def figure(data):
    """A panel an outcome, a line a pair."""
    pairs = data["pair"].nunique()
    drawing = Drawing(figsize=(WIDTH, 1.1 + 0.2 * max(pairs, 3)))
    for place, (axes, quantity) in enumerate(zip(drawing.subplots(1, len(OUTCOMES)), OUTCOMES, strict=True)):
        panel(axes, data[data["outcome"] == quantity.outcome], quantity, names=place == 0)
    words = "complements (blue) raise the outcome by more together than apart, substitutes (orange) by less; grey: not distinguishable."
    note(
        drawing,
        f"{data['measure'].iloc[0]}, {data['runs'].max()} seeds, 95% t-intervals; {words} Of pairs that do not interact one in twenty gets a colour.",
    )
    return drawing


def panel(axes, rows, quantity, names):
    """One outcome."""
    head(axes, quantity.title, quantity.unit)
    if rows["interaction"].isna().all():
        return blank(axes, "no pair")
    for place, row in enumerate(rows.itertuples()):
        colour = COLOURS.get(row.called, GREY)
        axes.hlines(place, row.low / quantity.divisor, row.high / quantity.divisor, color=colour, linewidth=1.3)
        axes.plot(row.interaction / quantity.divisor, place, "o", color=colour, markersize=3.5)
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(rows)), list(rows["pair"]) if names else [""] * len(rows), fontsize=6)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.3g}" if value else "0"))
