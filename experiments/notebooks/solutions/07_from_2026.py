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
# # 7 · From 2026 on. Solutions

# %%
import sim

CITY = {"scale": 0.02, "end": "2029Q4", "store": "results/notebooks", "progress": False}

# %% [markdown]
# ## 1. Size by cost
#
# What is not taken up is not spent, so the budget is an upper bound. Run once, take the ratio of the money that is left to what was
# spent, and run again. `sim.compare(policy=..., public_cost=20e9)` does it for two arms.

# %%
THREE = ["technology_transfer", "shared_laboratories", "talent_homes"]
start = {f"policy.{name}.start": "2026Q1" for name in THREE}
pair = {"history": "history", "three": {"policy": ["history", *THREE], **start}}
found = sim.compare(arms=pair, runs=2, **CITY)
runs = found.runs[found.runs["arm"] == "policy"]
first_cost = runs["cost_discounted_cny"].mean() / 1e9
print(
    f"→ At the size of their files the three cost {first_cost:.1f} bn yuan by 2029: times {20 / first_cost:.1f} for 20 bn, if taken up."
)

# %% [markdown]
# ## 2. A slump
#
# The same shock in both arms; the effect is that of the programmes in a world with a slump. A ranking that turns is a finding for
# the brief, a ranking that does not is one too. Two pairs decide neither: look at them, and ask for more.

# %%
slump = {"shock": ["slowdown"], "shock.slowdown.start": "2027Q1"}
worlds = {
    "plain": "history",
    "programmes": {"policy": ["history", *THREE], **start},
    "slump": slump,
    "both": {"policy": ["history", *THREE], **start, **slump},
}
four = sim.compare(arms=worlds, runs=2, **CITY)
jobs = four.runs.set_index(["arm", "seed"])["startup_jobs"].unstack("arm")
for words, ours, theirs in (("plain years", "programmes", "plain"), ("a slump", "both", "slump")):
    pairs = jobs[ours] - jobs[theirs]
    print(
        f"→ Jobs in 2029 in {words}: {pairs.mean():+,.0f} by the programmes (pairs: {', '.join(f'{p:+,.0f}' for p in pairs)})"
    )

# %% [markdown]
# ## 3. The brief
#
# There is no solution to copy. A good one
#
# - says in its first sentence what to do, what it costs and who pays;
# - gives each number with its interval and the number of pairs, and says which of them were declared beforehand;
# - shows one figure that a reader who is in a hurry understands, and names not codes;
# - says who loses;
# - names the two assumptions on which most hangs (`sim.describe`), and what the model leaves out (docs/model.md, section 10);
# - says what would change its mind.

# %%
assert first_cost > 0
assert (jobs["slump"] < jobs["plain"]).all(), "a slump costs jobs"
