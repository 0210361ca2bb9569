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
# # 2 · The same luck. Solutions

# %%
import sys

sys.path.insert(0, "..")
from frozen import mean_and_error, np, pd, sentence, table

city = table("city")
city = city[city["arm"] != "zones"]
COLUMNS = ["returnees", "startups_founded", "vc_raised_cny", "tax_cny", "exit_value_cny"]


def saved(first, last):
    """How many times as many independent runs a pair is worth, for sums over some years."""
    sums = city[city["year"].between(first, last)].groupby(["seed", "arm"])[COLUMNS].sum().unstack()
    out = {}
    for name in COLUMNS:
        ours, theirs = sums[name]["history"], sums[name]["none"]
        apart = np.hypot(mean_and_error(ours)[1], mean_and_error(theirs)[1])
        out[name] = (apart / mean_and_error(ours - theirs)[1]) ** 2
    return out


# %% [markdown]
# ## 1. Early and late
#
# The longer the two cities have lived apart, the more of their luck no longer meets: prices, rivals and neighbours differ, and so
# do the events that the same draws decide. Pairs save most just after a policy begins.

# %%
board = pd.DataFrame({"2016 to 2019": saved(2016, 2019), "2020 to 2024": saved(2020, 2024)})
typical = board.median()
sentence(f"In the middle a pair is worth {typical.iloc[0]:.0f} independent runs early and {typical.iloc[1]:.0f} late.")
board.round(0)

# %% [markdown]
# ## 2. The same to the last yuan
#
# A placebo: before treatment there must be no effect. Here it is exactly none, and an experiment in which it is not has a leak.

# %%
before = city[city["quarter"] < "2016Q1"].set_index(["seed", "quarter", "arm"]).drop(columns="year").unstack("arm")
numbers = before.columns.get_level_values(0).unique()
same = all(before[name]["history"].equals(before[name]["none"]) for name in numbers)
sentence(
    f"{len(numbers)} columns, {len(before)} quarters of eight seeds: {'all the same' if same else 'not the same'}."
)

# %% [markdown]
# ## 3. Pairs for the value of exits
#
# Two-sided test at 5 percent with a power of 80 percent: effect = 2.8 errors, and the error of n pairs is s / √n.

# %%
sums = city[city["year"] >= 2016].groupby(["seed", "arm"])["exit_value_cny"].sum().unstack()
difference = sums["history"] - sums["none"]
pairs = int(np.ceil((2.8 * difference.std(ddof=1) / difference.mean()) ** 2))
sentence(
    f"{pairs} pairs, if the effect is {difference.mean() / sums['none'].mean():+.0%}; the guess of the effect is itself from eight."
)

# %%
assert same, "before the first policy the cities of a pair are one"
assert (board.loc["returnees"] > 1).all()
assert pairs > 1
