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
# # 3 · Would difference-in-differences find the truth?
#
# **Question.** In 2016 three districts (Pudong, Yangpu, Minhang) get an innovation zone each, a building programme of some
# 160 bn yuan in ten years. You have the panel of sixteen districts. How many more startups are founded there because of it?
#
# **Time.** 45 minutes. **Data.** Eight seeds with the three zones and without: so the truth is known, to the startup.
#
# **Predict before you go on.** Difference-in-differences with three treated and thirteen other districts, nine years after:
# will the estimate of one city lie within 5 percentage points of the truth? Will its sign be right in all eight cities?

# %%
import importlib.util
import urllib.request

if importlib.util.find_spec("frozen") is None:  # this file was opened alone: fetch what it needs
    FROM = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/experiments/notebooks/frozen.py"
    urllib.request.urlretrieve(FROM, "frozen.py")
from frozen import GREEN, GREY, ORANGE, beside, mean_and_error, np, pd, plt, sentence, table

TREATED, FIRST = ["PD", "YP", "MH"], 2016
district = table("district")
district = district[district["arm"].isin(["none", "zones"]) & (district["year"] >= 2011)]
yearly = district.groupby(["arm", "seed", "district", "year"])["startups_founded"].sum()
logs = np.log(yearly + 1).unstack("year")
treated = logs.columns[0] * 0 + logs.index.get_level_values("district").isin(TREATED)
change = logs.loc[:, FIRST:].mean(axis=1) - logs.loc[:, : FIRST - 1].mean(axis=1)


def did(arm, seed):
    """Mean change of the treated districts less that of the others, in log points."""
    of = change.loc[arm, seed]
    there = of.index.isin(TREATED)
    return of[there].mean() - of[~there].mean()


effect = (logs.loc["zones"] - logs.loc["none"]).loc[:, FIRST:].mean(axis=1).unstack("district")  # by seed and district
cities = pd.DataFrame(
    {
        "estimate": [did("zones", seed) for seed in effect.index],
        "the same without zones": [did("none", seed) for seed in effect.index],
        "truth": effect[TREATED].mean(axis=1),
        "effect on the others": effect.drop(columns=TREATED).mean(axis=1),
    }
)

# %%
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.plot(cities.index, cities["truth"], "D", color="black", label="truth: the same city without zones")
axes.plot(cities.index, cities["estimate"], "o", color=ORANGE, label="difference-in-differences")
axes.vlines(cities.index, cities["truth"], cities["estimate"], color="#cccccc", zorder=0)
axes.axhline(0, color=GREY, linewidth=0.8)
axes.set(title="Eight cities, one truth", xlabel="seed", ylabel="log points of startups founded", xticks=cities.index)
axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=2)
plt.show()

# %%
(truth, truth_error), (estimate, error) = mean_and_error(cities["truth"]), mean_and_error(cities["estimate"])
spread = cities["estimate"].std()
sentence(
    f"The truth is {truth:+.3f} log points (error {truth_error:.3f}). The estimate is {estimate:+.3f} on average over eight "
    f"cities (error {error:.3f}), and from city to city it spreads by {spread:.2f}; it has the wrong sign in "
    f"{(np.sign(cities['estimate']) != np.sign(truth)).sum()} of 8 cities and is more than 0.05 off in "
    f"{((cities['estimate'] - cities['truth']).abs() > 0.05).sum()}. You would have one city."
)

# %% [markdown]
# ## A surprise: what the estimate is made of
#
# No data of a real city can show this: the same estimator on the same city *without* the zones, and what the zones did to
# the districts that serve as controls. The estimate is, to the last digit,
#
# **estimate = truth − effect on the others + estimate without zones**
#
# The last term is the difference in trends, luck and all, that would have been there anyway; the middle one is that controls
# lose founders to the zones (no "stable unit treatment value").

# %%
parts = pd.DataFrame(
    {
        "truth": cities["truth"],
        "controls lose": -cities["effect on the others"],
        "trends apart": cities["the same without zones"],
    }
)
figure, axes = plt.subplots(figsize=(7, 3.2))
up, down = np.zeros(len(parts)), np.zeros(len(parts))
for name, colour in zip(parts, ("black", GREEN, "#cccccc"), strict=True):
    values = parts[name].to_numpy()
    axes.bar(parts.index, values, bottom=np.where(values > 0, up, down), color=colour, label=name, width=0.6)
    up, down = up + values.clip(0), down + values.clip(max=0)
axes.plot(cities.index, cities["estimate"], "o", color=ORANGE, label="estimate")
axes.axhline(0, color=GREY, linewidth=0.8)
axes.set(title="What the estimate is made of", xlabel="seed", ylabel="log points", xticks=cities.index)
axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=4)
plt.show()

# %% [markdown]
# ## The event study
#
# By year, against 2015. **Predict:** before 2016 the zones are neither built nor foreseen. Will the leads be zero?

# %%
years = logs.columns


def path(arm, seed):
    """Treated less others by year, against the year before the zones."""
    of = logs.loc[arm, seed]
    gap = of[of.index.isin(TREATED)].mean() - of[~of.index.isin(TREATED)].mean()
    return gap - gap[FIRST - 1]


paths = pd.DataFrame({seed: path("zones", seed) for seed in effect.index})
true_path = (logs.loc["zones"] - logs.loc["none"]).groupby("district").mean().loc[TREATED].mean()
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.plot(years, paths, color=ORANGE, alpha=0.25, linewidth=1)
axes.plot(years, paths.mean(axis=1), "o-", color=ORANGE)
axes.plot(years, true_path, "D-", color="black")
axes.axvline(FIRST - 0.5, color=GREY, linestyle=":")
axes.hlines(0, years[0], years[-1], color=GREY, linewidth=0.8)
beside(axes, years[-1], paths.mean(axis=1).iloc[-1], "mean of 8 estimates", ORANGE)
beside(axes, years[-1], true_path.iloc[-1], "truth", "black")
axes.set(title="Leads and lags", ylabel="log points", xlim=(years[0] - 0.3, years[-1] + 2.6), xticks=years[1::2])
plt.show()
leads = paths.loc[: FIRST - 2]
sentence(
    f"The truth has leads of exactly {abs(true_path.loc[: FIRST - 1]).max():.0f}. The leads of single cities reach "
    f"{leads.abs().max().max():.2f} log points. Nobody anticipated anything here: a lead is no proof of anticipation, and "
    "leads near zero in one city are no proof of parallel trends."
)

# %% [markdown]
# ## A cut-off: the sandbox
#
# The regulatory sandbox of 2016 admits the applicants with the highest scores. Outcome: a round with a venture fund in the
# quarter of the decision or the eight that follow. The truth is the same startup in the same city without any policy.
#
# **Predict:** rank the following by their error: winners less all losers; winners less losers near the cut-off; regression
# discontinuity at the cut-off.

# %%
applications, rounds, startups = table("applications"), table("rounds"), table("startups")
quarter = {name: n for n, name in enumerate(sorted(table("city")["quarter"].unique()))}
sandbox = applications[applications["policy"].eq("sandbox") & applications["decided"].notna()]
sandbox = sandbox[
    sandbox["worst_admitted"].notna() & sandbox["best_refused"].notna() & (sandbox["year"] <= 2022)
].copy()
sandbox["margin"] = sandbox["score"] - (sandbox["worst_admitted"] + sandbox["best_refused"]) / 2
sandbox["when"] = sandbox["decided"].map(quarter)
funded = rounds[rounds["fund"]].assign(when=lambda d: d["quarter"].map(quarter))


def raised_after(arm):
    """Whether each applicant raises from a fund within eight quarters of the decision, in the city of that arm."""
    dates = funded[funded["arm"] == arm][["seed", "startup_id", "when"]]
    both = sandbox[["seed", "startup_id", "application_id", "when"]].merge(dates, on=["seed", "startup_id"])
    soon = both[(both["when_y"] >= both["when_x"]) & (both["when_y"] <= both["when_x"] + 8)]
    return pd.MultiIndex.from_frame(sandbox[["seed", "application_id"]]).isin(
        pd.MultiIndex.from_frame(soon[["seed", "application_id"]])
    )


sandbox["raised"], sandbox["without"] = raised_after("history"), raised_after("none")
twins = pd.MultiIndex.from_frame(startups[startups["arm"] == "none"][["seed", "startup_id"]])
sandbox["twin"] = pd.MultiIndex.from_frame(sandbox[["seed", "startup_id"]]).isin(twins)
winners, losers = (sandbox[sandbox["admitted"] == which] for which in (True, False))
close = losers[losers["margin"] > -0.5], winners[winners["margin"] < 0.5]


def less(ours, theirs, column="raised"):
    """(difference of means, its error) of two groups."""
    error = np.hypot(*(of[column].std() / np.sqrt(len(of)) for of in (ours, theirs)))
    return ours[column].mean() - theirs[column].mean(), error


def local_linear(data, width):
    """(jump, error) at zero of two weighted lines, by hand: a triangular kernel of that width."""
    near = data[data["margin"].abs() < width]
    x, y, above = (near[name].to_numpy(float) for name in ("margin", "raised", "admitted"))
    weight = np.sqrt(1 - abs(x) / width)
    design = np.column_stack([np.ones_like(x), above, x, x * above]) * weight[:, None]
    inverse = np.linalg.inv(design.T @ design)
    slope = inverse @ design.T @ (y * weight)
    rest = (y * weight - design @ slope)[:, None] * design
    return slope[1], np.sqrt((inverse @ rest.T @ rest @ inverse)[1, 1])


pairs = winners[winners["twin"]]
gain = pairs["raised"].astype(float) - pairs["without"]
true_gain = gain.mean(), gain.std() / np.sqrt(len(gain))
found = {
    "winners less all losers": less(winners, losers),
    "winners less losers, near": less(close[1], close[0]),
    "two lines, by hand": local_linear(sandbox, 0.6),
}
try:  # the interval of the field: optimal bandwidth, robust to its bias
    from diff_diff import RegressionDiscontinuity

    data = sandbox[["margin", "raised"]].astype(float)
    fit = RegressionDiscontinuity().fit(data[data["margin"] > -3], outcome="raised", running="margin")
    found["regression discontinuity"] = fit.att, fit.se
except ImportError:
    sentence("`pip install diff-diff` adds the estimator of the field; two lines by hand are near it.")

# %%
figure, axes = plt.subplots(figsize=(7, 2.8))
for row, (value, wide) in enumerate(found.values()):
    axes.errorbar(value, row, xerr=1.96 * wide, fmt="o", color=ORANGE, capsize=0)
axes.axvspan(true_gain[0] - 1.96 * true_gain[1], true_gain[0] + 1.96 * true_gain[1], color="#e3e3e3", zorder=0)
axes.axvline(true_gain[0], color="black")
axes.axvline(0, color=GREY, linewidth=0.8)
axes.set_yticks(range(len(found)), found)
axes.set(
    ylim=(len(found) - 0.5, -0.6), xlabel="chance of a round within two years", title="The sandbox, estimated and known"
)
axes.text(true_gain[0], -0.58, " truth by twins", fontsize=8, va="top")
plt.show()
naive = found["winners less all losers"][0]
sentence(
    f"Winners raise more often than their twins by {true_gain[0]:+.2f} ({true_gain[1]:.2f}), and more often than losers by "
    f"{naive:+.2f}: {naive - true_gain[0]:+.2f} of that is that the best win. {len(winners)} winners of eight cities are few: "
    f"the interval at the cut-off is {3.92 * list(found.values())[-1][1]:.2f} wide. An estimator without bias can be useless, "
    "and one with a known bias can be told from it only here, where the truth is known."
)

# %%
identity = cities["truth"] - cities["effect on the others"] + cities["the same without zones"]
assert np.allclose(identity, cities["estimate"]), "the estimate is truth, controls and trends, and nothing else"
assert spread > 3 * cities["truth"].std(), "luck moves the estimate far more than the truth"
assert np.allclose(true_path.loc[: FIRST - 1], 0), "without a policy nothing differs, in no district"
assert naive > true_gain[0], "the best are admitted"
assert sandbox["twin"].mean() > 0.8

# %% [markdown]
# ## Exercises
#
# 1. Standard errors: cluster by district, or by (district, year)? Compute the error of the estimate of seed 1 both ways, and
#    hold both against the spread over the eight seeds, which is what such an error should say.
# 2. Drop the three districts nearest to a zone from the controls (`x_km`, `y_km` of `table("districts")`). Which of the three
#    terms moves? With what right would you have dropped them, and with what right those that the truth says have lost most?
# 3. `again` is true where a startup has applied before. Do the regression with first applications alone. What is now being
#    estimated, and for whom?
#
# Solutions: `solutions/03_difference_in_differences.py`. On estimators see docs/teaching.md; the other half of this session
# is `04_where.py`.
