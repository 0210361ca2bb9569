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
# # 2 · The same luck
#
# **Question.** What did the policies of 2016 to 2024 do, and how many runs does it take to see it?
#
# **Time.** 45 minutes. **Data.** Eight seeds, each simulated twice: with the policies of history and without any. In a pair
# everybody has the same luck: the same people are born with the same talents and draw the same numbers, until a policy
# reaches them.
#
# **Predict before you go on.** One run with policies has fewer jobs in startups than another run without. Does that happen
# often, never, in half of the cases? And within pairs of the same seed?

# %%
import importlib.util
import urllib.request

if importlib.util.find_spec("frozen") is None:  # this file was opened alone: fetch what it needs
    FROM = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/experiments/notebooks/frozen.py"
    urllib.request.urlretrieve(FROM, "frozen.py")
from frozen import BLUE, ORANGE, beside, interval, mean_and_error, np, pd, plt, sentence, shown, table

city = table("city")
city = city[city["arm"] != "zones"]
since = city[city["year"] >= 2016]  # the first policy begins in 2016Q1
TOTALS = {
    "returnees": "returnees",
    "startups_founded": "startups founded",
    "vc_raised_cny": "venture capital raised",
    "tax_cny": "taxes",
    "exit_value_cny": "value of exits",
}
totals = since.groupby(["seed", "arm"])[list(TOTALS)].sum().unstack()

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.6), width_ratios=(1, 1.2))
both = totals["vc_raised_cny"] / 1e9
for row in both.itertuples():
    left.plot([0, 1], [row.none, row.history], "o-", color=BLUE, alpha=0.5, markersize=4, linewidth=1)
left.set(
    xticks=[0, 1],
    xlim=(-0.3, 1.3),
    title=f"{np.sum(both['history'] > both['none'])} of {len(both)} pairs go up",
    ylabel="bn yuan of venture capital, 2016 to 2024",
)
left.set_xticklabels(["no policy", "history's"])
difference = both["history"] - both["none"]
strangers = np.subtract.outer(both["history"].to_numpy(), both["none"].to_numpy())
strangers = strangers[~np.eye(len(both), dtype=bool)]
bins = np.linspace(strangers.min(), strangers.max(), 15)
shares = [np.full(len(values), 100 / len(values)) for values in (strangers, difference)]
right.hist(strangers, bins, weights=shares[0], color="#cccccc", label="two runs of other seeds")
right.hist(difference, bins, weights=shares[1], histtype="step", color=ORANGE, linewidth=2, label="pairs of one seed")
right.axvline(0, color="black", linewidth=0.8)
right.set(
    title="Differences: strangers and pairs", xlabel="bn yuan, history's policies less none", ylabel="percent of each"
)
right.legend(fontsize=7.5, loc="upper left")
plt.show()

# %%
sentence(
    f"Of {len(strangers)} comparisons of strangers {np.mean(strangers < 0):.0%} say that the policies cost venture capital; of "
    f"{len(difference)} pairs {np.mean(difference < 0):.0%} do."
)

# %% [markdown]
# ## What a pair saves
#
# The effect is the mean of the differences. Its error is that of eight differences, or, for strangers, that of two means of
# eight. The ratio of the squared errors says how many times as many independent runs would have been needed.

# %%
rows = []
for name, words in TOTALS.items():
    ours, theirs = totals[name]["history"], totals[name]["none"]
    mean, low, high = interval(ours - theirs)
    paired = mean_and_error(ours - theirs)[1]
    apart = np.hypot(mean_and_error(ours)[1], mean_and_error(theirs)[1])
    level = theirs.mean()
    rows.append((words, mean / level, low / level, high / level, 2.8 * paired / level, (apart / paired) ** 2))
power = pd.DataFrame(rows, columns=["sum, 2016 to 2024", "effect", "low", "high", "detectable", "runs saved, times"])
power = power.set_index("sum, 2016 to 2024")
signed = dict.fromkeys(["effect", "low", "high"], "{:+.1%}")
shown(power, signed | {"detectable": "{:.1%}", "runs saved, times": "{:.0f}"})

# %% [markdown]
# `detectable` is the smallest true effect that eight pairs would find with a chance of 80 percent (2.8 errors). An effect
# that is not told from zero is no proof of none: read that column first.

# %%
best, worst = power["runs saved, times"].idxmax(), power["runs saved, times"].idxmin()
sentence(
    f"The same luck saves most in {best} (x{power.loc[best, 'runs saved, times']:.0f}) and least in {worst} "
    f"(x{power.loc[worst, 'runs saved, times']:.0f}), where a few large exits decide, and these come out otherwise once "
    "anything before them did."
)

# %% [markdown]
# ## A surprise: the life of a founder
#
# Pairs exist for persons too: the same founder in both cities. Take those whom no programme ever touched: locals, whose
# startup no programme admitted and no guided fund financed.
#
# **Predict.** How many of them live exactly the same life in both cities? The figure has the one whose lives differ most.

# %%
startups, rounds, applications = table("startups"), table("rounds"), table("applications")
founded = startups[startups["born"] >= "2016Q1"]
ours, theirs = (founded[founded["arm"] == arm] for arm in ("history", "none"))
both = ours.merge(theirs, on=["seed", "startup_id"], suffixes=("", " without"))
met = pd.concat([rounds[rounds["guided"]], applications[applications["admitted"]]])
touched = pd.MultiIndex.from_frame(both[["seed", "startup_id"]]).isin(
    pd.MultiIndex.from_frame(met[["seed", "startup_id"]])
)
untouched = both[~touched & both["origin"].eq("local")]
raised = untouched[["raised_to_date_cny", "raised_to_date_cny without"]]
gap = raised.diff(axis=1).iloc[:, 1].abs()[(raised > 0).all(axis=1)]
seed, founder = untouched.loc[gap.idxmax(), ["seed", "startup_id"]]
figure, axes = plt.subplots(figsize=(7, 3))
for arm, colour, words in (("history", ORANGE, "with policies"), ("none", BLUE, "without")):
    of = rounds[(rounds["arm"] == arm) & (rounds["seed"] == seed) & (rounds["startup_id"] == founder)]
    of = of.sort_values("quarter")
    when = of["year"] + (of["quarter"].str[-1].astype(int) - 1) / 4
    money = of["amount_cny"].cumsum() / 1e9
    axes.step([*when, 2025], [*money, money.iloc[-1]], where="post", color=colour)
    axes.plot(when, money, "o", color=colour)
    beside(axes, 2025, money.iloc[-1], words, colour)
axes.set(title="One startup in two cities of the same luck", ylabel="bn yuan raised to date", xlim=(2015.8, 2026.6))
axes.set_xticks(range(2016, 2026, 2))
plt.show()

# %%
same = {name: (untouched[name] == untouched[f"{name} without"]).mean() for name in ("life", "headcount", "revenue_cny")}
sentence(
    f"{len(untouched):,} startups of locals were founded in both cities of a pair since 2016 and never met a programme. "
    f"{same['life']:.0%} of them have the same fate by 2024 (alive, given up, failed, sold, listed), {same['headcount']:.0%} the "
    f"same number of employees, and {same['revenue_cny']:.1%} the same sales in their last quarter, to the yuan: wages, rents and "
    "rivals changed a little, and small differences grow. Two lives of one founder are a story and no causal effect. The mean "
    "over many founders is one."
)

# %%
assert (power["runs saved, times"].drop("value of exits") > 1.5).all(), "the same luck saves runs"
assert power.loc["returnees", "low"] > 0, "returnees come for the programmes that are for them"
assert np.mean(strangers < 0) > np.mean(difference < 0), "strangers get the sign wrong more often than pairs"
assert same["revenue_cny"] < 0.05, "hardly anybody lives the same life"

# %% [markdown]
# ## Exercises
#
# 1. Make the table for 2016 to 2019 and for 2020 to 2024. Does the same luck save as much in later years? Why not?
# 2. Before 2016Q1 the two cities of a pair are the same to the last yuan. Check it. Which test of an experiment is that?
# 3. How many pairs would it take to tell the effect on the value of exits from zero, if it is what eight pairs say it is?
#
# Solutions: `solutions/02_same_luck.py`. With the model at hand: `sim.twin(founder=..., policy="history", against="none")`
# tells two lives event by event.
