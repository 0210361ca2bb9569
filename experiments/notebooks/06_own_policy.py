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
# # 6 · Your own policy
#
# **Question.** Can you write a policy that founds more startups than subsidised co-working does, at the same public cost?
#
# **Time.** 90 minutes. **Needs** the model: `pip install -e .` in the repository. A twentieth of the city, 2006 to 2015, four
# seeds. The first run of a version compiles the model for about a minute; later ones start in seconds.
#
# A policy moves *levers*, and nothing else. The simplest is a function of the levers and the quarter. This one lets public
# buyers raise the sales of startups by a fifth from 2010 on.
#
# **Predict before you go on.** A fifth more sales for every startup, for six years: how many percent more jobs in startups?

# %%
import matplotlib.pyplot as plt
import numpy as np

import sim

CITY = {"scale": 0.05, "end": "2015Q4"}


def first_customer(levers, quarter):
    if quarter >= "2010Q1":
        levers.move("demand", 1.2)


without = sim.run(policy=[], seed=1, **CITY)
bought = sim.run(policy=[first_customer], seed=1, **CITY)

# %%
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.titleweight": "bold", "axes.titlelocation": "left"})
figure, axes = plt.subplots(figsize=(7, 3))
for run, colour, words in ((without, "black", "without"), (bought, ORANGE, "first customer")):
    years = run.city["quarter"].str[:4].astype(int) + (run.city["quarter"].str[-1].astype(int) - 1) / 4
    axes.plot(years, run.city["startup_jobs"] / 1000, color=colour, linestyle="--" if colour == "black" else "-")
    axes.text(years.iloc[-1] + 0.1, run.city["startup_jobs"].iloc[-1] / 1000, words, color=colour, va="center")
axes.set(title="Jobs in startups, one pair of runs", ylabel="thousand jobs at full size", xlim=(2005.8, 2017.8), ylim=0)
plt.show()

# %%
more = bought.city["startup_jobs"].iloc[-1] / without.city["startup_jobs"].iloc[-1] - 1
print(f"→ {more:+.0%} jobs in startups. Public cost: {bought.policy['spent_in_quarter_cny'].sum():,} yuan.")

# %% [markdown]
# ## A policy that costs nothing is magic
#
# The lever was moved and nobody paid. What raises sales by a fifth in reality is paid by somebody. `sim.catalogue` and
# `sim/world/levers.py` list what there is to move. Some levers are *paid for*: `payer=slot` says that the purse of this policy
# pays, and when it is empty nothing more is paid. A policy with knobs and a purse is a class:

# %%
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SeedGrant(sim.Instrument):
    """A grant to every new venture, while the budget lasts."""

    grant: float = 500_000.0  # yuan a venture
    budget: float = 100_000_000.0  # yuan a year for the whole city

    def act(self, levers, intensity, slot):
        levers.move("seed_grant", intensity * self.grant, payer=slot)


# %% [markdown]
# `intensity` is the share of the policy that is in force (0 before its start, 1 after its phase-in). Edit the cell and run it
# again: the edited class is another policy, with runs of its own. Nothing stale is shown.
#
# ## The contest
#
# Both begin in 2010; everybody has the same luck in all arms. **Predict:** a grant of half a million yuan to each founder, or
# a cheap desk: which founds more?

# %%
start = {"desks": {"policy.coworking.start": "2010Q1"}, "grants": {"policy.seed_grant.start": "2010Q1"}}
tenfold = {"policy.coworking.desks_per_district": 1460, "policy.coworking.budget": 1e9}
arms = {
    "nothing": "none",
    "desks": {"policy": ["coworking"], **start["desks"], **tenfold},
    "grants": {"policy": [SeedGrant(grant=500_000.0)], **start["grants"]},
}
contest = sim.compare(arms=arms, runs=4, store="results/notebooks", **CITY)
runs = contest.runs.set_index(["arm", "seed"])
founded = runs["startups_founded"].unstack("arm").pipe(lambda table: table.sub(table["nothing"], axis=0))
jobs = runs["startup_jobs"].unstack("arm").pipe(lambda table: table.sub(table["nothing"], axis=0))
cost = runs["public_cost_cny"].unstack("arm").mean() / 1e9

# %%
figure, both = plt.subplots(1, 2, figsize=(7.5, 2.8))
for axes, table, words in zip(
    both, (founded, jobs), ("Startups founded, 2010 to 2015", "Jobs in startups, end of 2015"), strict=True
):
    for row, arm in enumerate(("desks", "grants")):
        axes.plot(table[arm], np.full(len(table), row), "o", color=BLUE, alpha=0.5, markersize=5, markeredgewidth=0)
        axes.plot(table[arm].mean(), row, "D", color=ORANGE)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks([0, 1], [f"{arm}\n{cost[arm]:.2f} bn yuan" for arm in ("desks", "grants")])
    axes.set(title=words, ylim=(1.5, -0.5), xlabel="difference to nothing, pairs and mean")
plt.show()
per_bn = founded.mean() / cost.where(cost > 0)
print(f"→ 100 m yuan found {per_bn['desks'] / 10:,.0f} startups by desks and {per_bn['grants'] / 10:,.0f} by grants.")
print(
    f"→ Jobs: {jobs['desks'].mean():+,.0f} by desks, {jobs['grants'].mean():+,.0f} by grants, of {runs.loc['nothing', 'startup_jobs'].mean():,.0f};"
)
print(f"  with desks they are more in {(jobs['desks'] > 0).sum()} of 4 pairs.")

# %% [markdown]
# ## A surprise
#
# Who gets a desk founds; is it a firm that hires? Compare the two panels: what a policy is judged by decides which policy wins.
# And a grant to founders who would have founded anyway buys nothing. Which founders are at the margin?
#
# ## Step by step, and another branch
#
# The model can be stepped by quarters, looked at, and branched: everything up to the branch is the same.

# %%
city = sim.Ecosystem(policy=[], seed=1, scale=0.05, end="2012Q4")
while city.quarter < 2010 * 4:  # quarters are counted: year x 4 + quarter - 1
    city.step()
print(len(city.agents), "agents at the end of 2009")
other = sim.branch(city, policy=[first_customer])
for one in (city, other):
    one.run_model()
ours, theirs = sim.Run.of(other), sim.Run.of(city)
first = ours.city.loc[ours.city["startup_revenue_cny"] != theirs.city["startup_revenue_cny"], "quarter"]
print("→ Sales of startups differ first in", first.iloc[0])

# %% [markdown]
# ## In two files
#
# A policy that is to stay is a Python file and a yaml, in which each number has bounds, a unit and a source.
# `sim.to_files(SeedGrant, "mine")` writes both; then it is a name as any other:
# `sim.run(policy=["seed_grant"], configs="mine")`, or `sim policy=[seed_grant] configs=mine` on the command line.

# %%
import tempfile
from contextlib import chdir

with tempfile.TemporaryDirectory() as folder, chdir(folder):
    for path in sim.to_files(SeedGrant, "mine"):
        print(f"--- {path}\n{path.read_text()}")

# %%
assert more > 0, "more sales, more jobs"
assert cost["desks"] > 0 and cost["grants"] > 0 and cost["nothing"] == 0
assert per_bn["desks"] > per_bn["grants"], "a desk founds more than a grant of half a million, per yuan"
assert first.iloc[0] == "2010Q1", "the past of a branch is the past"

# %% [markdown]
# ## Exercises
#
# 1. Beat co-working: write a class whose budget is spent on something else, begin in 2010, and set its size so that it costs
#    what the desks cost. Judge it by a number that you declare first. (`levers` with `payer=slot`: `arrival_grant`,
#    `desk_discount`, `home_discount`, `concept_grant` with `concept_places` and `concept_open`.)
# 2. Make the function `first_customer` a policy for two sectors: `levers.where(sector=("ai_software", "biotech_medtech"))` is the
#    third argument of `move`. What happens to the other sectors?
# 3. Write your policy as two files with bounds and sources, run it from the command line, and let another student repeat it
#    from the two files alone. Do your fingerprints agree (`run.about["fingerprint"]`)?
#
# Solutions: `solutions/06_own_policy.py`.
