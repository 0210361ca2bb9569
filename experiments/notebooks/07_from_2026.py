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
# # 7 · From 2026 on: three levers and 20 bn yuan
#
# **Question.** You may spend 20 bn yuan (present value) on three programmes from 2026 to 2032, beside the policies that are in
# force. Which three, how large, and what will you say when you are asked how sure you are?
#
# **Time.** 90 minutes, and the brief at home. **Needs** the model. A thirtieth of the city, four seeds; from 2025 on the world
# outside is an assumed continuation, and nobody's forecast.
#
# **Predict before you go on.** Write down your three programmes, and of each the sign of its effect on jobs in startups in 2032.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim

pd.set_option("display.max_colwidth", None)  # a source is read to its end

FROM, TO, BUDGET = "2026Q1", "2032Q4", 20.0  # bn yuan
SIZES = {  # the knobs that grow with a programme
    "technology_transfer": ["budget", "cost_per_institution", "transfer_gain", "graduates"],
    "shared_laboratories": ["budget", "hours_per_quarter"],
    "talent_homes": ["budget", "homes_per_district"],
}
KNOBS = {name: sim.describe(name).knobs.set_index("knob")["value"].astype(object) for name in SIZES}


def programmes(**times):
    """An arm: the policies of history and some programmes from 2026 on, each so many times as large as its file says."""
    arm = {"policy": ["history", *times]}
    for name, factor in times.items():
        arm[f"policy.{name}.start"] = FROM
        arm |= {f"policy.{name}.{knob}": factor * float(KNOBS[name][knob]) for knob in SIZES[name]}
    return arm


arms = {
    "history": "history",
    "transfer": programmes(technology_transfer=2),
    "laboratories": programmes(shared_laboratories=2),
    "homes": programmes(talent_homes=2),
    "together": programmes(technology_transfer=2, shared_laboratories=2, talent_homes=2),
}
found = sim.compare(arms=arms, runs=4, scale=0.03, end=TO, store="results/notebooks", progress=False)
rows = found.runs.set_index(["arm", "seed"])
OUTCOMES = {
    "startup_jobs": ("Jobs in startups, 2032", "thousand", 1e3),
    "vc_raised_cny": ("Venture capital, 2026 to 2032", "bn yuan", 1e9),
    "startups_founded": ("Startups founded, 2026 to 2032", "firms", 1),
}
changes = {
    name: rows[name].unstack("arm").pipe(lambda t: t.sub(t["history"], axis=0))[list(arms)[1:]] for name in OUTCOMES
}
cost = rows["public_cost_cny"].unstack("arm")[list(arms)[1:]] / 1e9

# %%
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.titlesize": 9, "axes.titleweight": "bold"})
figure, panels = plt.subplots(1, 3, figsize=(8.5, 3), sharey=True)
for axes, (name, (words, unit, divisor)) in zip(panels, OUTCOMES.items(), strict=True):
    for row, arm in enumerate(cost):
        values = changes[name][arm] / divisor
        axes.plot(values, np.full(len(values), row), "o", color=BLUE, alpha=0.45, markersize=5, markeredgewidth=0)
        axes.plot(values.mean(), row, "D", color=ORANGE)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set(title=words, xlabel=f"{unit}, less history's", ylim=(len(cost.columns) - 0.5, -0.5))
    axes.locator_params(axis="x", nbins=4)
panels[0].set_yticks(range(len(cost.columns)), [f"{arm}\n{cost[arm].mean():.1f} bn yuan" for arm in cost])
plt.show()

# %%
spent = cost["together"].mean()
budgets = sum(7 * 2 * float(KNOBS[name]["budget"]) for name in SIZES) / 1e9  # seven years, twice the size
print(
    f"→ All three cost {spent:.1f} bn yuan (present value) of the {BUDGET:.0f}. Their budgets add up to {budgets:.1f}: not all"
)
print("  is taken up, and what is spent later counts for less.")


def agreeing(values):
    """How many pairs have the sign of the mean."""
    return int((np.sign(values) == np.sign(values.mean())).sum())


agree = pd.DataFrame({arm: {OUTCOMES[name][0]: agreeing(changes[name][arm]) for name in OUTCOMES} for arm in cost})
agree  # pairs, of four, that agree with the sign of the mean

# %% [markdown]
# ## A surprise: is the whole the sum?
#
# **Predict:** is the effect of all three the sum of the three effects, more, or less? And would four pairs tell?

# %%
both = {}
for name, (words, unit, divisor) in OUTCOMES.items():
    of = changes[name] / divisor
    total = of[["transfer", "laboratories", "homes"]].sum(axis=1)
    gap = of["together"] - total
    both[f"{words}, {unit}"] = [total.mean(), of["together"].mean(), gap.mean(), gap.std(ddof=1) / 2]
both = pd.DataFrame(both, index=["sum of the three", "all three", "difference", "its error"])
apart = [name for name in both if abs(both.loc["difference", name]) > 3.2 * both.loc["its error", name]]
print(
    f"→ Told from the sum by four pairs (3.2 errors): {'; '.join(apart) or 'none of the three'}. The programmes meet in one"
)
print("  labour market, so the whole need not be the sum; and luck meets every arm, so that a difference is no proof.")
both.T.round(1)

# %% [markdown]
# ## How much would you have to run?
#
# With four pairs at a thirtieth of the city few effects are told from zero. Errors fall with the root of (pairs × scale).

# %%
need = {}
for arm in cost:
    values = changes["startup_jobs"][arm]
    error, effect = values.std(ddof=1) / 2, abs(values.mean())
    need[arm] = int(np.ceil(4 * (2.8 * error / effect) ** 2))
print("→ Pairs at this scale that would find this effect on jobs with a chance of 80 percent:")
print("  " + ", ".join(f"{arm} {pairs:,}" for arm, pairs in need.items()))

# %% [markdown]
# On a free evening ask for what you need, on the command line:
#
# ```bash
# sim compare 'policy=[history,technology_transfer]' policy.technology_transfer.start=2026Q1 end=2032Q4 against=history runs=40 scale=0.1
# sim report results/compare/FOLDER        # two pages and an appendix, in one HTML file
# ```
#
# ## What is assumed, and what is left out
#
# Before you defend a number, say what it stands on. Three places to look:
#
# - `docs/model.md`, section 10: what the model leaves out and what that does to statements on welfare;
# - `sim.describe("technology_transfer")`: which of its knobs are reports and which are assumptions;
# - `run.about["calibration"]`: whether the fitted values are of this version of the model, or stale.

# %%
knobs = sim.describe("technology_transfer").knobs
assumed = knobs["source"].fillna("").str.contains("assumption")
print(f"→ {assumed.sum()} of the {len(knobs)} knobs of technology_transfer are assumptions.")
knobs[["knob", "value", "unit", "source"]]

# %%
assert (cost.mean() > 0).all(), "every programme costs something"
assert cost.mean().drop("together").max() < spent < budgets, "three cost more than one, and less than their budgets"
assert assumed.any(), "some numbers are assumptions, and a brief says which"
assert set(rows.loc["history"].index) == set(rows.loc["together"].index), "the same seeds in all arms"

# %% [markdown]
# ## Exercises
#
# 1. Choose your three (`sim.catalogue("policies")`), size them so that they cost 20 bn yuan together, and show the table above for
#    them. Size by the cost that the runs say, not by the budget.
# 2. Let a slump come: add `shock=["slowdown"]` and `**{"shock.slowdown.start": "2027Q1"}` to `sim.compare`. Is your choice still
#    the best?
# 3. Write the brief: two pages, one figure, one table, the sentence that says how sure you are, and one paragraph on what would
#    make you change your mind. The rubric is in docs/teaching.md.
#
# Solutions: `solutions/07_from_2026.py`.
