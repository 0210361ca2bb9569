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
# # 5 · Whose yuan?
#
# **Question.** The city boasts: for every yuan of its guidance fund private investors put in several. What would they have put
# in without it, who gets the money, and what do the funds return?
#
# **Time.** 90 minutes. **Data.** Eight seeds with the policies of history and without any.
#
# **Predict before you go on.** Of the startups that a guided fund financed between 2016 and 2022, what share would have found a
# venture fund anyway, in the same city without policies: a quarter, half, nearly all?

# %%
import importlib.util
import urllib.request

if importlib.util.find_spec("frozen") is None:  # this file was opened alone: fetch what it needs
    FROM = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/experiments/notebooks/frozen.py"
    urllib.request.urlretrieve(FROM, "frozen.py")
from frozen import BLUE, GREEN, GREY, ORANGE, interval, np, pd, plt, sentence, table

rounds, startups = table("rounds"), table("startups")
with_fund = rounds[rounds["fund"] & rounds["year"].between(2016, 2022)]
guided = with_fund[with_fund["guided"] & with_fund["arm"].eq("history")]
takers = guided.drop_duplicates(["seed", "startup_id"])[["seed", "startup_id"]]
anyway = with_fund[with_fund["arm"] == "none"].drop_duplicates(["seed", "startup_id"])[["seed", "startup_id"]]
exists = startups[startups["arm"] == "none"][["seed", "startup_id"]]


def among(these, those):
    """Whether each of some startups is among others."""
    return pd.MultiIndex.from_frame(these).isin(pd.MultiIndex.from_frame(those))


takers = takers.assign(exists=among(takers, exists), anyway=among(takers[["seed", "startup_id"]], anyway))
fates = pd.DataFrame(
    {
        "financed anyway": takers["anyway"],
        "there, not financed": takers["exists"] & ~takers["anyway"],
        "not even founded": ~takers["exists"],
    }
)
fates = fates.groupby(takers["seed"]).mean()  # each city counts alike

# %%
figure, axes = plt.subplots(figsize=(7, 1.9))
left = 0
for (words, part), colour in zip(fates.mean().items(), (GREY, ORANGE, BLUE), strict=True):
    axes.barh(0, part, left=left, color=colour, height=0.6)
    if part > 0.12:
        axes.text(left + part / 2, 0, f"{words}\n{part:.0%}", ha="center", va="center", color="white", fontsize=8)
    else:
        axes.text(left + part / 2, 0.42, f"{words}, {part:.0%}", ha="right", va="bottom", color=colour, fontsize=8)
    left += part
axes.set(
    xlim=(0, 1), ylim=(-0.4, 0.6), yticks=[], xticks=[], title="Startups of guided funds, in the city without policies"
)
axes.spines[:].set_visible(False)
plt.show()
mean, low, high = interval(fates["financed anyway"])
sentence(
    f"Of {len(takers)} startups with a guided fund in eight cities, {mean:.0%} ({low:.0%} to {high:.0%}) would have been financed "
    "by a venture fund in the same years anyway. Counting every yuan beside a guided yuan as catalysed counts them all."
)

# %% [markdown]
# ## Beside, and because of
#
# *Beside*: what else is in the rounds where public money was, per yuan that the guided funds called of it. *Because of*: what
# private venture capital is with the policies less what it is without, per yuan that they all cost. Both are of 2016 to 2024.

# %%
city = table("city")
since = city[city["arm"].isin(["history", "none"]) & (city["year"] >= 2016)]
sums = since.groupby(["arm", "seed"])[
    ["vc_private_cny", "vc_raised_cny", "guidance_called_in_quarter_cny", "tax_cny"]
].sum()
policy = table("policy")
scale = table("runs")["scale"].iloc[0]
net = policy["spent_in_quarter_cny"] + policy["administration_in_quarter_cny"] - policy["recovered_in_quarter_cny"]
cost = (net / scale).groupby([policy["arm"], policy["seed"]]).sum()["history"]
in_rounds = rounds[rounds["fund"] & rounds["guided"] & rounds["arm"].eq("history")]
in_rounds = in_rounds.groupby("seed")["amount_cny"].sum() / scale
called = sums.loc["history", "guidance_called_in_quarter_cny"]
added = sums.loc["history", "vc_private_cny"] - sums.loc["none", "vc_private_cny"]
board = pd.DataFrame(
    {
        "beside public money in rounds, per yuan called": (in_rounds - called) / called,
        "added to private venture capital, per yuan of net public cost": added / cost,
        "taxes gained, per yuan of net public cost": (sums.loc["history", "tax_cny"] - sums.loc["none", "tax_cny"])
        / cost,
    }
)
figure, axes = plt.subplots(figsize=(7, 2.6))
for row, name in enumerate(board):
    axes.plot(board[name], np.full(len(board), row), "o", color=BLUE, alpha=0.4, markersize=4, markeredgewidth=0)
    middle, bottom, top = interval(board[name])
    axes.hlines(row, bottom, top, color=ORANGE, linewidth=2)
    axes.plot(middle, row, "D", color=ORANGE)
axes.set_yticks(range(len(board.columns)), [name.replace(", per", ",\nper") for name in board])
axes.axvline(0, color=GREY, linewidth=0.8)
axes.set(ylim=(len(board.columns) - 0.5, -0.5), xlabel="yuan", title="Three numbers that are called leverage")
plt.show()
sentence(
    f"Beside a public yuan in rounds lie {board.iloc[:, 0].mean():.1f} yuan. A yuan of all policies together adds "
    f"{board.iloc[:, 1].mean():.1f} yuan of private venture capital and {board.iloc[:, 2].mean():.1f} yuan of taxes by 2024. "
    "The three answer three questions; the first is the one that press releases give."
)

# %% [markdown]
# That a yuan of public money adds more than a yuan of private money can be right, as the programmes are small and money is
# raised again and again. Is it right *here*? Look at which policies spend: the same sum counts for all of them together, and
# people who come on a visa cost nothing in this table. Attribution to one policy needs an arm without it (session 2).
#
# ## Incidence: whose first round?
#
# **Predict:** whose firms get more first rounds because of the policies, those of locals, of returnees or of foreigners?

# %%
first = rounds[(rounds["round"] == 1) & (rounds["year"] >= 2016)].merge(
    startups[["arm", "seed", "startup_id", "origin", "experience", "sector"]], on=["arm", "seed", "startup_id"]
)
counts = first.groupby(["arm", "seed", "origin"]).size().unstack("origin", fill_value=0) / scale
more = counts.loc["history"] - counts.loc["none"]
percent = 100 * more / counts.loc["none"].mean()
figure, axes = plt.subplots(figsize=(6.5, 2.4))
for row, origin in enumerate(percent):
    middle, bottom, top = interval(percent[origin])
    axes.hlines(row, bottom, top, color=ORANGE, linewidth=2)
    axes.plot(middle, row, "D", color=ORANGE)
    axes.text(
        1.01, row, f"{more[origin].mean():+,.0f} rounds", transform=axes.get_yaxis_transform(), va="center", fontsize=8
    )
axes.set_yticks(range(len(percent.columns)), percent.columns)
axes.axvline(0, color=GREY, linewidth=0.8)
axes.set(title="First rounds, 2016 to 2024, by origin of the founder", xlabel="percent more with policies than without")
axes.set_ylim(len(percent.columns) - 0.5, -0.5)
plt.show()
told = [origin for origin in percent if interval(percent[origin])[1] > 0]
sentence(f"Told to get more: {' and '.join(told) or 'no'} founders. For the others zero is within the interval.")

# %% [markdown]
# ## What the funds return
#
# Flows of a fund are by quarter; what partners paid in (*called*), got back (*distributed*: DPI is that over what was called)
# and still hold (DPI and that: TVPI). With the model at hand `run.fund_returns()` does the same.
#
# **A surprise.** Predict first: do funds with public money return less than others? What share of all funds loses money?

# %%
funds = table("funds")
ours = funds[funds["arm"] == "history"]
closed = ours.groupby(["seed", "fund_id"])["vintage"].transform("last")
ours = ours.assign(closed=closed)[closed.notna()]
ours = ours[ours["closed"].between("2010Q1", "2017Q4")]
last = ours.sort_values("quarter").groupby(["seed", "fund_id"])
returns = last[["called_in_quarter_cny", "distributed_in_quarter_cny", "guidance_called_in_quarter_cny"]].sum()
returns = returns.join(last[["nav_cny", "cash_cny"]].last()).join(last["ended_in_quarter"].any())
returns = returns[returns["called_in_quarter_cny"] > 0]
left = (returns["nav_cny"] + returns["cash_cny"]) * ~returns["ended_in_quarter"]
returns["tvpi"] = (returns["distributed_in_quarter_cny"] + left) / returns["called_in_quarter_cny"]
returns["dpi"] = returns["distributed_in_quarter_cny"] / returns["called_in_quarter_cny"]
pooled = (returns["distributed_in_quarter_cny"] + left).sum() / returns["called_in_quarter_cny"].sum()
median = returns["tvpi"].median()
figure, axes = plt.subplots(figsize=(7, 3))
axes.hist(returns["tvpi"].clip(upper=8), bins=np.arange(0, 8.25, 0.25), color=BLUE)
for value, words, colour, height in ((median, "median fund", ORANGE, 0.92), (pooled, "all money together", GREEN, 0.8)):
    axes.axvline(value, color=colour)
    axes.text(0.98, height, f"{words}: {value:.2f}", color=colour, ha="right", transform=axes.transAxes)
axes.set(
    title="Funds closed 2010 to 2017, eight cities", xlabel="TVPI by 2024 (8 and more in the last bar)", ylabel="funds"
)
plt.show()
top = returns["tvpi"].quantile(0.75) / max(returns["tvpi"].quantile(0.25), 0.01)
with_public = returns["guidance_called_in_quarter_cny"] > 0
sentence(
    f"{len(returns)} funds. The upper quartile has {top:.1f} times the multiple of the lower one; {np.mean(returns['tvpi'] < 1):.0%} lose money. "
    f"Funds with guidance money: median {returns[with_public]['tvpi'].median():.2f}, without: {returns[~with_public]['tvpi'].median():.2f}. "
    "Is that an effect of public money? It is a comparison of funds that were chosen with funds that were not."
)

# %%
assert mean > 0.5, "most would have been financed anyway"
assert board.iloc[:, 0].mean() > board.iloc[:, 1].mean() > 0, "what lies beside is more than what is added"
assert returns["tvpi"].mean() > median, "a few funds carry the mean"
assert percent["returnee"].mean() > 0, "returnees come for the programmes, and found"

# %% [markdown]
# ## Exercises
#
# 1. Deadweight by stage: of guided *first* rounds and of guided later rounds, what share would have come anyway? Which should a
#    fund with a mandate for additionality look for?
# 2. Do the same for sectors instead of origins in the figure of first rounds. Is a sector told to lose, though no policy is
#    against it?
# 3. Vintages: draw DPI and TVPI by year of closing. From which year on is TVPI an opinion?
#
# Solutions: `solutions/05_whose_yuan.py`.
