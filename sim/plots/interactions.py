"""Interactions: which pairs of a bundle do more together than apart, and which less, with 95% intervals."""

from sim.plots.attribution import QUANTITIES
from sim.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    WIDTH,
    Drawing,
    blank,
    head,
    interval,
    look,
    note,
    numbers,
    rows,
)

MOST = 15  # pairs shown
COLOURS = {"complements": BLUE, "substitutes": ORANGE}
OUTCOMES = tuple(
    quantity
    for quantity in QUANTITIES
    if quantity.outcome in ("startups_founded", "startups_funded_alive", "vc_private_cny")
)


def data(tables):
    """Rows drawn, from `interactions`, a DataFrame; the pairs with the largest z first.

    outcome, pair, interaction, low, high (in the outcome's unit), called, measure, runs
    """
    table = tables["interactions"]
    table = table[table["outcome"].isin([quantity.outcome for quantity in OUTCOMES])].copy()
    table["pair"] = table["one"].str.replace("_", " ") + " + " + table["other"].str.replace("_", " ")
    width = (table["interaction_high"] - table["interaction_low"]).where(lambda values: values > 0)
    strength = (table["interaction"].abs() / width).fillna(0).groupby(table["pair"]).max()
    strongest = strength.sort_values(ascending=False, kind="stable").index[:MOST]
    table = (
        table[table["pair"].isin(strongest)]
        .assign(order=table["pair"].map({pair: i for i, pair in enumerate(strongest)}))
        .sort_values(["outcome", "order"])
    )
    table = table.rename(columns={"interaction_low": "low", "interaction_high": "high"})
    return table[["outcome", "pair", "interaction", "low", "high", "called", "measure", "runs"]].reset_index(drop=True)


@look()
def figure(data):
    """A panel an outcome, a line a pair."""
    pairs = data["pair"].nunique()
    drawing = Drawing(figsize=(WIDTH, 1.1 + 0.2 * max(pairs, 3)))
    for i, (axes, quantity) in enumerate(zip(drawing.subplots(1, len(OUTCOMES)), OUTCOMES, strict=True)):
        panel(axes, data[data["outcome"] == quantity.outcome], quantity, named=i == 0)
    note(
        drawing,
        f"{data['measure'].iloc[0]}, {data['runs'].max()} seeds, 95% t-intervals; complements (blue) raise the outcome "
        "by more together than apart, substitutes (orange) by less; grey and hollow: not distinguishable. "
        "Of pairs that do not interact one in twenty gets a colour.",
    )
    return drawing


def panel(axes, pairs, quantity, named):
    """One outcome; pairs are `named` at the left or not."""
    head(axes, quantity.title, quantity.unit)
    if pairs["interaction"].isna().all():
        return blank(axes, "no pair")
    for height, pair in enumerate(pairs.itertuples()):
        values = (value / quantity.divisor for value in (pair.interaction, pair.low, pair.high))
        interval(
            axes,
            height,
            *values,
            COLOURS.get(pair.called, GREY),
            size=3.5,
            width=1.3,
            hollow=pair.called not in COLOURS,
        )
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    rows(axes, [pair if named else "" for pair in pairs["pair"]], fontsize=6)
    axes.xaxis.set_major_formatter(numbers("{:+,.3g}"))
