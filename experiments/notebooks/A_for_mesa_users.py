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
# # Appendix · For users of Mesa
#
# **Question.** You know Mesa. What of it works on this model, and what takes its place where it does not?
#
# **Time.** 20 minutes. **Needs** the model. A hundredth of the city. The whole list, with reasons, is [docs/mesa.md](../../docs/mesa.md).
#
# **Predict before you go on.** A `mesa.Model` with a few thousand persons: how many Python objects does a step make for them?

# %%
import matplotlib.pyplot as plt

import sim

city = sim.Ecosystem(scale=0.01, seed=1, policy=["sandbox"], end="2012Q4")
city.run_model()
panel = city.datacollector.get_model_vars_dataframe()

# %%
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True})
figure, axes = plt.subplots(figsize=(6.5, 2.8))
axes.plot(panel["startups_alive"].to_numpy(), color="#0072B2")
axes.set(title="DataCollector: startups alive", xlabel="quarters since 2006Q1", ylabel="firms at full size", ylim=0)
plt.show()

# %% [markdown]
# ## Agents are views of columns
#
# None: a person, a startup or a fund is a view that is made when it is asked for. Sets answer from the columns.

# %%
startups = next(agents for kind, agents in city.agents_by_type.items() if kind.__name__ == "Startup")
alive = startups.select(at_most=0.5)
print(len(startups), "startups,", startups.agg("headcount", max), "employees in the largest; half of them:", len(alive))
one = startups[0]
print(one.unique_id, one.pos, one.headcount)

# %% [markdown]
# ## An agent kind of one's own
#
# The model's agents are its columns, so a Mesa agent of one's own is refused, in a sentence. What works: plain objects that look
# at the city after each step and act through a policy or through columns that may be written.

# %%
import mesa

try:
    mesa.Agent(city)
except TypeError as error:
    print("→", error)


class Scout:
    """Counts, every quarter, the startups in the district that has most of them."""

    def __init__(self, city):
        self.city, self.seen = city, []

    def step(self):
        places = self.city.agents_by_type[type(one)].groupby("district", result_type="list")
        self.seen.append(max(len(group) for _, group in places))


city = sim.Ecosystem(scale=0.01, seed=1, policy=[], end="2007Q4")
scout = Scout(city)
while city.running:
    city.step()
    scout.step()
print("→ startups in the fullest district, by quarter:", scout.seen)

# %% [markdown]
# ## A collector, a slider, a batch
#
# A collector of one's own takes functions of the model. `mesa.batch_run` varies keys. `SolaraViz` takes sliders for keys of the
# config (docs/mesa.md has the page; it needs `solara`).

# %%
city = sim.Ecosystem(scale=0.01, seed=1, policy=[], end="2006Q4")
own = mesa.DataCollector({"young": lambda model: int((model.state.startups.used["headcount"] <= 1).sum())})
while city.running:
    city.step()
    own.collect(city)
print(own.get_model_vars_dataframe().T)

# %%
rows = mesa.batch_run(
    sim.Ecosystem,
    {"scale": 0.01, "end": "2007Q4", "policy": [["sandbox"], []], "seed": range(1, 4)},
    max_steps=100,
    display_progress=False,
)
print(len(rows), "rows of", len({row["RunId"] for row in rows}), "runs")

# %%
assert len(panel) == 28 and len(scout.seen) == 8
assert len({row["RunId"] for row in rows}) == 6
assert len(alive) == len(startups) // 2

# %% [markdown]
# ## Exercises
#
# 1. Give the model a collector of its own (`city.datacollector = mesa.DataCollector(...)`) with the wage and the number of
#    searching persons.
# 2. A copy is a counterfactual: `copy.deepcopy(city)` after four quarters, then go on with both. Do they stay the same? Which
#    command makes them differ in a policy?
# 3. Add a layer to the grid (docs/mesa.md) that holds the distance to the river, and select cells by it.
#
# Solutions: `solutions/A_for_mesa_users.py`.
