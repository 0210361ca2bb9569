# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4 · Where. Solutions

# %%
import sys

sys.path.insert(0, "..")
from frozen import interval, np, pd, plt, sentence, table, tiles

TREATED = ["PD", "YP", "MH"]
district = table("district")
district = district[district["arm"].isin(["none", "zones"])]
layout = table("districts").set_index("code")


def effect(column, year):
    means = district[district["year"] == year].groupby(["arm", "seed", "district"])[column].mean()
    return (means["zones"] - means["none"]).unstack()


# %% [markdown]
# ## 1. Early and late
#
# Foundings move first, stocks follow. The displaced share is a ratio of two noisy sums: give it an interval before you tell a
# story about its path.

# %%
figure, axes = plt.subplots(figsize=(4.2, 4.4))
tiles(
    axes,
    effect("startups_alive", 2018).mean(),
    "Two years after",
    "startups alive, 2018",
    diverging=True,
    pattern="{:+,.0f}",
)
plt.show()
path = {}
for year in (2018, 2020, 2022, 2024):
    of = effect("startups_alive", year)
    path[year] = [of[TREATED].sum(axis=1).mean(), of.drop(columns=TREATED).sum(axis=1).mean()]
path = pd.DataFrame(path, index=["zones", "elsewhere"]).T
path["displaced"] = -path["elsewhere"] / path["zones"]
draws = np.random.default_rng(1)
for year in path.index:
    of = effect("startups_alive", year)
    drawn = of.to_numpy()[draws.integers(0, 8, (4000, 8))].mean(axis=1)  # eight seeds, with replacement
    zones = of.columns.isin(TREATED)
    shares = -drawn[:, ~zones].sum(axis=1) / drawn[:, zones].sum(axis=1)
    path.loc[year, ["low", "high"]] = np.quantile(shares, [0.025, 0.975])
path.round(2)

# %% [markdown]
# ## 2. Distance
#
# Thirteen points, and the large districts can lose most. Use percent of the level; a slope on thirteen districts of one city says
# little, on eight cities its spread can be seen.

# %%
place = layout[["x_km", "y_km"]]
far = pd.DataFrame(
    {code: np.hypot(*(place.sub(place.loc[code])).to_numpy().T) for code in TREATED}, index=place.index
).min(axis=1)
others = [code for code in layout.index if code not in TREATED]
level = (
    district[(district["arm"] == "none") & (district["year"] == 2024)]
    .groupby(["seed", "district"])["startups_alive"]
    .mean()
    .unstack()
)
percent = (100 * effect("startups_alive", 2024) / level)[others]
slopes = [np.polyfit(far[others], row.fillna(0), 1)[0] for _, row in percent.iterrows()]
middle, low, high = interval(slopes)
sentence(
    f"Each km from a zone changes the loss by {middle:+.2f} points of percent ({low:+.2f} to {high:+.2f} over eight cities)."
)

# %% [markdown]
# ## 3. The bill
#
# The zones' money is three times 53.3 bn yuan over ten years by their files (`sim show innovation_zone_yangpu`); nine years of it
# are spent by 2024. What is missing for a verdict: what the buildings are worth afterwards, what residents gain from transport,
# housing and parks, what the money would have done elsewhere, and the landlords' loss.

# %%
budget = 9 * 3 * 53.3 / 10
gains = {
    column: interval(effect(column, 2024).sum(axis=1)) for column in ("startups_alive", "startup_jobs", "vc_raised_cny")
}
sentence(
    f"For about {budget:.0f} bn yuan the city has {gains['startups_alive'][0]:+,.0f} startups "
    f"({gains['startups_alive'][1]:+,.0f} to {gains['startups_alive'][2]:+,.0f}) and {gains['startup_jobs'][0]:+,.0f} jobs in them "
    f"({gains['startup_jobs'][1]:+,.0f} to {gains['startup_jobs'][2]:+,.0f})."
)

# %%
assert (path["zones"] > 0).all()
assert gains["startups_alive"][0] < path.loc[2024, "zones"], "the city gains less than the zones"
