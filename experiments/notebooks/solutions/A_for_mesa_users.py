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
# # Appendix · For users of Mesa. Solutions

# %%
import copy

import sim

SMALL = {"scale": 0.01, "seed": 1, "policy": [], "end": "2007Q4"}

# %% [markdown]
# ## 1. A collector of its own

# %%
import mesa

city = sim.Ecosystem(**SMALL)
city.datacollector = mesa.DataCollector(
    {
        "wage": lambda model: float(model.state.sectors.used["wage"].mean()),
        "startups": lambda model: int((model.state.startups.used["life"] == 0).sum()),
    }
)
for _ in range(4):
    city.step()
    city.datacollector.collect(city)
collected = city.datacollector.get_model_vars_dataframe()
collected

# %% [markdown]
# ## 2. A copy goes on with the same bits
#
# `copy.deepcopy` is the same city; `sim.branch(city, policy=[...])` is one that goes on under other policies.


# %%
def more_sales(levers, quarter):
    levers.move("demand", 1.5)


twin = copy.deepcopy(city)
other = sim.branch(city, policy=[more_sales])
for one in (city, twin, other):
    one.run_model()
runs = [sim.Run.of(one).city["startup_revenue_cny"] for one in (city, twin, other)]
print("→ copy the same:", runs[0].equals(runs[1]), "· branch the same:", runs[0].equals(runs[2]))

# %% [markdown]
# ## 3. A layer
#
# A layer is an array with a number for each cell; cells are selected by it.

# %%
import numpy as np
from mesa.discrete_space import PropertyLayer

width, height = city.grid.dimensions
river = PropertyLayer.from_data("river", np.abs(np.arange(width) - width // 2)[:, None] * np.ones(height))
city.grid.add_property_layer(river)
near = city.grid.select_cells({"river": lambda distance: distance < 5})
print(f"→ {len(near):,} of {width * height:,} cells are nearer than five cells to a river through the middle")

# %%
assert len(collected) == 4
assert runs[0].equals(runs[1]) and not runs[0].equals(runs[2])
assert np.all(runs[0][:4] == runs[2][:4]), "the past of a branch is the past"
