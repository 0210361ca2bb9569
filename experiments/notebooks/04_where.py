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
# # 4 · Where: who loses when Pudong gains?
#
# **Question.** Three districts get innovation zones in 2016, and have more startups for it. Does the city gain, or do its districts
# take them from one another?
#
# **Time.** 45 minutes (the second half of session 3). **Data.** Eight seeds with the zones and without.
#
# **Predict before you go on.** Draw sixteen tiles on paper and mark which districts end with more startups and which with
# fewer. Then: of 100 startups more in the zones, how many are missing elsewhere?

# %%
import importlib.util
import urllib.request

if importlib.util.find_spec("frozen") is None:  # this file was opened alone: fetch what it needs
    FROM = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/experiments/notebooks/frozen.py"
    urllib.request.urlretrieve(FROM, "frozen.py")
from frozen import GREY, ORANGE, codebook, interval, pd, plt, sentence, table, tiles

TREATED = ["PD", "YP", "MH"]
names = table("districts").set_index("code")["name"]
district = table("district")
district = district[district["arm"].isin(["none", "zones"])]


def effect(column, year=2024):
    """Effect of the zones by seed and district: the mean of the year's quarters with them less without."""
    means = district[district["year"] == year].groupby(["arm", "seed", "district"])[column].mean()
    return (means["zones"] - means["none"]).unstack()


alive = effect("startups_alive")

# %%
figure, maps = plt.subplots(1, 2, figsize=(7.5, 4.4))
level = district[(district["arm"] == "none") & (district["year"] == 2024)].groupby("district")["startups_alive"].mean()
tiles(maps[0], level, "Startups alive, no zones", "firms, colour by square root", root=True)
tiles(maps[1], alive.mean(), "What the zones change", "startups alive, 2024", diverging=True, pattern="{:+,.0f}")
plt.show()

# %%
inside, outside = alive[TREATED].sum(axis=1), alive.drop(columns=TREATED).sum(axis=1)
moved = -outside.mean() / inside.mean()
(gain, *gain_range), (loss, *loss_range) = interval(inside), interval(outside)
sentence(
    f"The three districts gain {gain:,.0f} startups ({gain_range[0]:,.0f} to {gain_range[1]:,.0f}), the other thirteen change "
    f"by {loss:+,.0f} ({loss_range[0]:+,.0f} to {loss_range[1]:+,.0f}). Of 100 startups more in the zones {100 * moved:.0f} are "
    "missing elsewhere. A mayor of a district sees the first number, a mayor of the city their sum."
)

# %% [markdown]
# ## Who loses
#
# With the interval over eight pairs. Which districts are told from zero?

# %%
rows = pd.DataFrame({code: interval(alive[code]) for code in alive}, index=["mean", "low", "high"]).T.sort_values(
    "mean"
)
figure, axes = plt.subplots(figsize=(6.5, 4))
colours = [ORANGE if code in TREATED else "black" for code in rows.index]
axes.hlines(range(len(rows)), rows["low"], rows["high"], color=colours, linewidth=1.5)
axes.scatter(rows["mean"], range(len(rows)), color=colours, s=18, zorder=3)
axes.axvline(0, color=GREY, linewidth=0.8)
axes.set_yticks(range(len(rows)), [names[code] for code in rows.index])
axes.set(xlabel="startups alive in 2024, with zones less without", title="Zones in orange, the others in black")
plt.show()
losers = [names[code] for code in rows.index if rows.loc[code, "high"] < 0]
sentence(f"Told to lose: {', '.join(losers) or 'none'}.")

# %% [markdown]
# ## A surprise: rents
#
# **Predict:** more startups come to the zones. Do offices there become dearer or cheaper than without zones?

# %%
rent = effect("office_rent_cny_m2")
base = (
    district[(district["arm"] == "none") & (district["year"] == 2024)].groupby("district")["office_rent_cny_m2"].mean()
)
percent = 100 * rent.mean() / base
figure, axes = plt.subplots(figsize=(4.2, 4.4))
tiles(axes, percent, "Office rent, with zones", "percent of the rent without, 2024", diverging=True, pattern="{:+.1f}%")
plt.show()
in_zones, elsewhere = percent[TREATED].mean(), percent.drop(TREATED).mean()
sentence(
    f"Rents change by {in_zones:+.1f}% in the zones and by {elsewhere:+.1f}% elsewhere: a zone builds offices, and space that is "
    "let there is not sought elsewhere. Tenants gain what landlords lose: a transfer, and no part of the city's gain. In which "
    "of your models does a place-based policy make the place cheaper?"
)

# %% [markdown]
# ## Jobs or firms?
#
# Firms are counted easily. Jobs in startups say another thing.

# %%
lines = {}
for column, words in {
    "startups_founded": "startups founded a quarter",
    "startups_alive": "startups alive",
    "startup_jobs": "jobs in startups",
    "vc_raised_cny": "venture capital a quarter, m yuan",
}.items():
    of = effect(column) / (1e6 if column.endswith("cny") else 1)
    lines[words] = [*interval(of[TREATED].sum(axis=1)), *interval(of.sum(axis=1))]
columns = pd.MultiIndex.from_product([["in the zones", "in the city"], ["effect", "low", "high"]])
board = pd.DataFrame(lines, index=columns).T
board.map("{:+,.0f}".format)

# %%
assert gain > 0 > loss, "the zones gain, and partly from the others"
assert 0 < moved < 1.5, "some of it was moved"
assert in_zones < 0, "offices that are built make offices cheaper"

# %% [markdown]
# ## Exercises
#
# 1. Make the map for 2018. Which loss comes first, and is the displaced share larger early or late?
# 2. Is the loss of the others explained by distance to a zone? (`x_km`, `y_km` of `table("districts")`.) Say what a regression
#    on thirteen districts can tell.
# 3. The zones cost more than 100 bn yuan. Put the city's gain in startups, jobs and venture capital beside that. What would
#    you have to know to call it good or bad?
#
# Solutions: `solutions/04_where.py`.

# %%
codebook("district").tail(5)
