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
# # 3 · Would difference-in-differences find the truth? Solutions

# %%
import sys

sys.path.insert(0, "..")
from frozen import interval, np, pd, sentence, table

TREATED, FIRST = ["PD", "YP", "MH"], 2016
district = table("district")
district = district[district["arm"].isin(["none", "zones"]) & (district["year"] >= 2011)]
yearly = district.groupby(["arm", "seed", "district", "year"])["startups_founded"].sum()
logs = np.log(yearly + 1).unstack("year")

# %% [markdown]
# ## 1. Standard errors
#
# Two-way fixed effects on 16 × 14 district-years of one city. Where residuals of a district hang together over years, an error
# that takes district-years for independent is too small; with three treated clusters the clustered one is unreliable, too. The
# yardstick is the spread over eight cities: are the errors that were said as large as that?


# %%
def panel(seed):
    """y, treatment (both without district and year effects) and district of each district-year."""
    y = logs.loc["zones", seed]
    d = pd.DataFrame(np.outer(y.index.isin(TREATED), y.columns >= FIRST).astype(float), y.index, y.columns)
    within = [(t.sub(t.mean(axis=1), axis=0) - t.mean() + t.mean().mean()).stack() for t in (y, d)]
    return within[0], within[1], within[0].index.get_level_values(0)


def errors(seed):
    y, d, unit = panel(seed)
    estimate = (y * d).sum() / (d * d).sum()
    score = (y - estimate * d) * d
    independent = np.sqrt((score**2).sum()) / (d * d).sum()
    clustered = np.sqrt((score.groupby(unit).sum() ** 2).sum()) / (d * d).sum()
    return estimate, independent, clustered


found = pd.DataFrame([errors(seed) for seed in range(1, 9)], columns=["estimate", "independent", "by district"])
spread = found["estimate"].std()
sentence(
    f"Mean error said: {found['independent'].mean():.3f} as if independent, {found['by district'].mean():.3f} clustered by district; "
    f"estimates of eight cities spread by {spread:.3f}."
)

# %% [markdown]
# ## 2. Other controls
#
# The near ones might lose most, and distance is known beforehand, so this is a choice that one may make. By the identity the
# estimate moves with the effect on the controls and with their trends; the sentence says by how much each. Dropping districts
# *because* the truth or their outcomes say that they lost is choosing the answer.

# %%
change = logs.loc[:, FIRST:].mean(axis=1) - logs.loc[:, : FIRST - 1].mean(axis=1)
effect = (logs.loc["zones"] - logs.loc["none"]).loc[:, FIRST:].mean(axis=1).unstack("district")
places = table("districts").set_index("code")
distance = {
    code: min(np.hypot(*places.loc[[code, zone], ["x_km", "y_km"]].diff().iloc[1].astype(float)) for zone in TREATED)
    for code in places.index.drop(TREATED)
}
near = sorted(distance, key=distance.get)[:3]
controls = effect.columns.drop(TREATED)
moved = effect[controls].mean(axis=1) - effect[controls.drop(near)].mean(axis=1)  # what they lose, less of it
trends = (
    change["none"].unstack("district")[controls].T.mean()
    - change["none"].unstack("district")[controls.drop(near)].T.mean()
)
(lost, *lost_range), (apart, *apart_range) = interval(moved), interval(trends)
sentence(
    f"Without {', '.join(places.loc[near, 'name'])} the estimate moves by {lost + apart:+.3f} log points: {lost:+.3f} "
    f"({lost_range[0]:+.3f} to {lost_range[1]:+.3f}) as the others lose more or less than they, and {apart:+.3f} "
    f"({apart_range[0]:+.3f} to {apart_range[1]:+.3f}) by trends."
)

# %% [markdown]
# ## 3. First applications
#
# Losers who apply again may win later, so that the comparison is with "not yet". With first applications alone the estimand is
# the effect of winning the first competition (intention to treat), for those who apply for the first time: younger firms.

# %%
applications = table("applications")
sandbox = applications[applications["policy"].eq("sandbox") & applications["decided"].notna()]
ages = sandbox.groupby("again")["age_quarters"].median()
later = sandbox[sandbox["admitted"]].merge(
    sandbox[~sandbox["admitted"]], on=["seed", "startup_id"], suffixes=("", "_lost")
)
later = later[later["decided_lost"] < later["decided"]]
share = later.drop_duplicates(["seed", "startup_id"]).shape[0] / sandbox[sandbox["admitted"]].shape[0]
sentence(
    f"{sandbox['again'].mean():.0%} of applications come again, from firms of {ages.get(True, 0):.0f} quarters, for {ages[False]:.0f} "
    f"of first ones; {share:.0%} of the winners lost before."
)

# %%
assert (found["by district"] > 0).all() and spread > 0
assert np.isclose(
    found["estimate"].iloc[0], change["zones", 1][TREATED].mean() - change["zones", 1].drop(TREATED).mean()
), "with one date and a balanced panel two-way effects are the difference of differences"
