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
# # 5 · Whose yuan? Solutions

# %%
import sys

sys.path.insert(0, "..")
from frozen import BLUE, ORANGE, interval, np, pd, plt, sentence, table

rounds, startups = table("rounds"), table("startups")
with_fund = rounds[rounds["fund"] & rounds["year"].between(2016, 2022)]


def among(these, those):
    keys = ["seed", "startup_id"]
    return pd.MultiIndex.from_frame(these[keys]).isin(pd.MultiIndex.from_frame(those[keys]))


# %% [markdown]
# ## 1. Deadweight by stage
#
# A later round goes to a firm that others have already chosen. Additionality, if any, is in first rounds.

# %%
guided = with_fund[with_fund["guided"] & with_fund["arm"].eq("history")]
anyway = with_fund[with_fund["arm"] == "none"]
parts = {"first rounds": guided[guided["round"] == 1], "later rounds": guided[guided["round"] > 1]}
dead = {}
for name, of in parts.items():
    one = of.drop_duplicates(["seed", "startup_id"])
    dead[name] = among(one, anyway).mean()
sentence(
    f"Financed anyway: {dead['first rounds']:.0%} of guided first rounds, {dead['later rounds']:.0%} of later ones."
)

# %% [markdown]
# ## 2. Sectors
#
# Programmes draw people and money to some sectors; the others meet dearer people and fewer hours of investors. Whether a loss is
# told from zero is another question: look at the interval.

# %%
scale = table("runs")["scale"].iloc[0]
first = rounds[(rounds["round"] == 1) & (rounds["year"] >= 2016)].merge(
    startups[["arm", "seed", "startup_id", "sector"]], on=["arm", "seed", "startup_id"]
)
counts = first.groupby(["arm", "seed", "sector"]).size().unstack("sector", fill_value=0) / scale
difference = counts.loc["history"] - counts.loc["none"]
more = pd.DataFrame(
    {name: interval(difference[name]) for name in difference}, index=["mean", "low", "high"]
).T.sort_values("mean")
losers = more.index[more["high"] < 0].str.replace("_", " ")
sentence(
    f"Told to lose first rounds: {', '.join(losers) or 'no sector'}; {sum(more['low'] > 0)} of {len(more)} are told to gain."
)
more.round(0)

# %% [markdown]
# ## 3. Vintages
#
# TVPI counts what is only valued, at the price of the last round. Where DPI is still far below it, it is an opinion: read the year
# at which the two part.

# %%
funds = table("funds")
ours = funds[funds["arm"] == "history"]
ours = ours.assign(closed=ours.groupby(["seed", "fund_id"])["vintage"].transform("last"))
ours = ours[ours["closed"].notna() & (ours["closed"] > "2006Q1")].sort_values("quarter")
by = ours.groupby(["seed", "fund_id"])
table_of = (
    by[["called_in_quarter_cny", "distributed_in_quarter_cny"]].sum().join(by[["nav_cny", "cash_cny", "closed"]].last())
)
left = (table_of["nav_cny"] + table_of["cash_cny"]) * ~by["ended_in_quarter"].any()
year = table_of["closed"].str[:4].astype(int)
called, back = (table_of[name].groupby(year).sum() for name in ("called_in_quarter_cny", "distributed_in_quarter_cny"))
vintages = pd.DataFrame({"dpi": back / called, "tvpi": (back + left.groupby(year).sum()) / called})
figure, axes = plt.subplots(figsize=(6.5, 3))
axes.plot(vintages.index, vintages["tvpi"], "o-", color=ORANGE, label="TVPI")
axes.plot(vintages.index, vintages["dpi"], "o-", color=BLUE, label="DPI")
axes.axhline(1, color="black", linewidth=0.8)
axes.set_xticks(vintages.index[::3])
axes.set(title="By year of closing, eight cities pooled", ylim=0)
axes.legend()
plt.show()
opinion = vintages.index[(vintages["dpi"] < 0.5 * vintages["tvpi"])]
sentence(f"From {min(opinion)} on less than half of TVPI has been paid out.")

# %%
assert dead["later rounds"] >= dead["first rounds"] - 0.15, "later rounds are no less likely to come anyway"
assert vintages["dpi"].iloc[-1] < vintages["dpi"].max() and (vintages["tvpi"] >= vintages["dpi"]).all()
assert np.isfinite(more["mean"]).all()
