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
# # 1 · Is the model like the city?
#
# **Question.** A report says that Shanghai's startups raised 28.7 bn dollars in 2024. The model, run once, says another
# number. Is the model wrong?
#
# **Time.** 45 minutes. **Data.** Eight runs of a tenth of the city, seeds 1 to 8, with the policies of history. All of it
# is simulated; nothing here is a forecast.
#
# **Predict before you go on**, and write it down: the eight runs differ in luck alone. By how many percent does the money
# raised in 2024 differ from run to run? And the number of startups founded? More, less, the same?

# %%
import importlib.util
import urllib.request

if importlib.util.find_spec("frozen") is None:  # this file was opened alone: fetch what it needs
    FROM = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/experiments/notebooks/frozen.py"
    urllib.request.urlretrieve(FROM, "frozen.py")
from frozen import BLUE, ORANGE, codebook, np, pd, plt, sentence, shown, table

reported = table("reported")
NAMES = {
    "vc_raised_2024_a0": "venture capital raised, 2024",
    "startups_founded_2024": "startups founded, 2024",
    "returnees_flow_2024": "returnees, 2024",
    "returnee_share_now": "share of China's returnees, 2024",
    "returnee_share_5y_ago": "share of China's returnees, 2019",
    "hard_tech_deal_share_2024": "hard tech among deals, 2024",
    "consumer_internet_deal_share_2024": "consumer internet among deals, 2024",
    "office_cost_premium_shenzhen": "offices dearer than in Shenzhen",
    "firms_established_3y": "firms founded in three years",
}
runs = reported[reported["id"].isin(NAMES)].assign(percent=lambda d: 100 * (d["simulated"] / d["reported"] - 1))

# %%
figure, axes = plt.subplots(figsize=(7.5, 4.2))
axes.use_sticky_edges = False  # a margin beside the widest tolerance
for row, name in enumerate(NAMES):
    of = runs[runs["id"] == name]
    low, high = (100 * (of[end].iloc[0] / of["reported"].iloc[0] - 1) for end in ("low", "high"))
    axes.barh(row, high - low, left=low, height=0.6, color="#e3e3e3")
    axes.plot(of["percent"], np.full(len(of), row), "o", color=BLUE, alpha=0.45, markersize=5, markeredgewidth=0)
    axes.plot(of["percent"].median(), row, "|", color=ORANGE, markersize=16, markeredgewidth=2.5)
axes.set_yticks(range(len(NAMES)), NAMES.values())
axes.invert_yaxis()
axes.axvline(0, color="black", linewidth=0.8)
axes.set(title="Eight cities that differ in luck alone")
axes.set_xlabel("simulated less reported, percent of the report\ngrey: tolerance · dots: runs · bar: their median")
plt.show()

# %% [markdown]
# ## How much is luck
#
# The spread of a number from seed to seed, in percent of its mean, for one run; and for the median of eight runs, by
# drawing eight of them again and again with replacement.

# %%
draws = np.random.default_rng(1)
rows = []
for name, of in runs.groupby("id"):
    values = of["simulated"].to_numpy()
    medians = np.median(draws.choice(values, (4000, len(values))), axis=1)
    inside = of["verdict"].eq("inside")
    median_inside = of["low"].iloc[0] <= np.median(values) <= of["high"].iloc[0]
    rows.append(
        (NAMES[name], values.std(ddof=1) / values.mean(), medians.std() / values.mean(), inside.sum(), median_inside)
    )
spread = pd.DataFrame(rows, columns=["number", "one run", "median of 8", "runs inside", "median inside"])
by = spread.set_index("number").sort_values("one run", ascending=False)
shown(by, {"one run": "{:.0%}", "median of 8": "{:.1%}"})

# %%
vc, founded = by.loc[NAMES["vc_raised_2024_a0"]], by.loc[NAMES["startups_founded_2024"]]
sentence(
    f"Money raised spreads by {vc['one run']:.0%} from run to run, startups founded by {founded['one run']:.0%}: a few large "
    f"rounds carry the money. The median of eight spreads by {vc['median of 8']:.0%}. "
    f"The median is {'inside' if vc['median inside'] else 'outside'} the tolerance of the report on money, "
    f"and {int(vc['runs inside'])} of 8 single runs are inside."
)

# %% [markdown]
# **What the median says that no run says.** Where single runs scatter around the report, a run that misses is luck. Where
# the median and most runs lie on one side, more runs will not help: that is the model. Which rows of the figure are of
# which kind?
#
# ## A surprise: the reports miss one another
#
# The reports are no truth either. Four articles gave a total for one and the same year.

# %%
totals = reported[reported["id"].str.startswith("vc_raised_2024") & (reported["seed"] == 1)]
totals = totals.set_index("id")[["reported", "low", "high"]].sort_values("reported")
figure, axes = plt.subplots(figsize=(6.5, 2.2))
axes.hlines(range(len(totals)), totals["low"], totals["high"], color="#bbbbbb", linewidth=6)
axes.plot(totals["reported"], range(len(totals)), "D", color="black")
axes.set_yticks(range(len(totals)), [f"article {name[-1]}" for name in totals.index])
axes.set(xlabel="bn dollars raised by the city's startups in 2024", title="One year, four articles", ylim=(-0.6, 3.6))
plt.show()
largest, smallest = totals["reported"].max(), totals["reported"].min()
sentence(
    f"The largest is {largest / smallest - 1:.0%} above the smallest. They count other things: rounds by venture funds, all "
    "private equity, the same with the government's own money. Before a model is held against a number, the number needs a "
    "definition."
)

# %% [markdown]
# ## Scale
#
# A run of a tenth of the city has a tenth of its firms, so it is noisier. Sums of independent firms would spread by one over
# the square root of the scale. Is a tenth of the city right on average, too? That is another question: exercise 2 asks it.

# %%
scales = np.array([0.05, 0.1, 0.2, 0.5, 1.0])
figure, axes = plt.subplots(figsize=(6, 3))
for of, colour in ((vc, ORANGE), (founded, BLUE)):
    axes.plot(scales, 100 * of["one run"] * np.sqrt(0.1 / scales), "o-", color=colour, label=of.name)
axes.set(
    xscale="log",
    xlabel="share of the city that is simulated",
    ylabel="percent",
    title="Spread to be expected of one run",
)
axes.set_xticks(scales, [f"{scale:g}" for scale in scales])
axes.minorticks_off()
axes.legend()
plt.show()
sentence(
    f"If firms were independent, one run at full size would still spread by {vc['one run'] * np.sqrt(0.1):.0%} in money raised. "
    "Are they? They share markets and investors."
)

# %%
assert (by["median inside"] & (by["runs inside"] < 8)).any(), "a run misses what the median of eight meets"
assert vc["median of 8"] < 0.75 * vc["one run"], "a median of eight spreads less than one run"
assert vc["one run"] > founded["one run"], "money spreads more than counts: a few large rounds carry it"
assert largest > 1.2 * smallest, "the articles contradict one another"

# %% [markdown]
# ## Exercises
#
# 1. `role` says whether a number was used to fit the model (`target`) or only to judge it (`holdout`). Of both, what share is
#    inside by the median of the eight runs? Why should the second share be quoted first?
# 2. How many runs are needed so that the *mean* of money raised is known to 5 percent (95% interval)? And of startups
#    founded? Twenty runs of the whole city are in results/calibration/facts/seeds.csv of the repository: would the mean of very
#    many runs of a tenth of the city come to theirs?
# 3. Choose a number that the median misses. Read what it counts (`codebook("city")`, docs/data.md). Is the miss the
#    model's, the report's, or one of definition? Defend it in three sentences.
#
# Solutions: `solutions/01_like_the_city.py`.

# %%
codebook("city").tail(6)
