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
# # 1 · A first run: solutions
#
# **Time:** 5 minutes, of which the computer needs one and a half. **Seeds:** 1 and 2.

# %%
import sim

first = sim.run(seed=1, scale=0.1)

# %% [markdown]
# ## 1 Another seed
#
# The difference between two seeds is luck alone. Where a pair of runs with and without a policy differs by no more than
# that,
# and luck is not held fixed, nothing can be said. With one seed for both runs of a pair luck is held fixed, yet the
# effect itself still differs
# from seed to seed: many pairs are needed for an interval.


# %%
def in_2024(run):
    year = run.city[run.city.year == 2024]
    return year[["startups_founded", "vc_raised_cny"]].sum()


second = sim.run(seed=2, scale=0.1)
in_2024(second) / in_2024(first) - 1

# %% [markdown]
# ## 2 Without policies
#
# Before the first policy starts the two runs are the same to the last bit, since a lever at its neutral value changes
# nothing. Returnees
# can move only after something that migration reads has moved: wages, rents, the odds of funding, or a programme of the
# city.

# %%
none = sim.run(seed=1, scale=0.1, policy=[])
differs = first.city.returnees.to_numpy() != none.city.returnees.to_numpy()
first.city.quarter[differs].head(1)

# %%
before = first.city.quarter < "2016Q1"  # no policy of history starts earlier
assert not differs[before].any()

# %% [markdown]
# ## 3 Shares by year
#
# The yearly share weighs each quarter by its returnees to China; the mean of quarterly shares gives a quarter with few
# the same
# weight as one with many.

# %%
years = first.city.groupby("year")[["returnees", "returnees_china"]].sum()
share = years.returnees / years.returnees_china
share.loc[2016:].round(3)

# %%
assert abs(first.reported.set_index("id").simulated["returnee_share_now"] - share[2024]) < 1e-9
