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
# # 1 · A first run
#
# **Goal:** simulate the city once, see it, and hold it against what was reported of it.
# **Time:** 10 minutes, of which the computer needs less than one (a minute more at the very first run, which compiles).
# **Seed:** 1. The same seed gives every simulated person the same luck, today and on any machine.
#
# The results are simulated, not forecasts.

# %%
import sim

run = sim.run(seed=1, scale=0.1)  # a tenth of the city, 2006 to 2024, with the policies it had
run

# %%
figure = run.plot()
figure

# %% [markdown]
# The years before 2016 are shaded: reports and facts are read from what follows them. Ticks
# mark the start of policies. Counts and money are shown at full size, although a tenth was simulated.
#
# ## What is in it
#
# `run.city` has one row a quarter. `codebook.csv` in the folder of a run says what every column is.

# %%
run.city.set_index("quarter")[["workforce", "startups_alive", "startups_founded", "vc_raised_cny", "returnees"]].tail(8)

# %% [markdown]
# ## Beside the reports
#
# Five press articles gave numbers on the city. A *target* may be used to tune the model, a *hold-out* never.
#
# **Predict before you go on.** Of the numbers below that are targets, what share does the model meet within their
# tolerance:
# a quarter, half, three quarters, all? Which one would you expect to be the hardest, and why?

# %%
judged = run.reported[run.reported.verdict.isin(["inside", "below", "above"])]
judged[["id", "role", "reported", "low", "high", "simulated", "verdict"]]

# %%
judged.groupby("role").verdict.value_counts().unstack(fill_value=0)

# %% [markdown]
# A number that is *inside* was possibly tuned to be; look at the hold-outs for how far the model reaches beyond what it
# was
# shown. A number that is *below* or *above* is a miss, and stays in the table.
#
# ## The same number twice
#
# The table is made from the panels by an operator that repeats the report's definition. Startups founded in 2024 are a
# sum of
# four quarters. Money raised is a sum in yuan, divided by 7.27 yuan a dollar and by a billion.

# %%
year = run.city[run.city.year == 2024]
simulated = run.reported.set_index("id").simulated
founded, raised = year.startups_founded.sum(), year.vc_raised_cny.sum() / 7.27e9
print(f"{founded:,.0f} startups founded and {raised:.1f} bn dollars raised in 2024")

# %%
assert abs(simulated["startups_founded_2024"] - founded) < 0.5
assert abs(simulated["vc_raised_2024_a0"] - raised) < 1e-6 * raised

# %% [markdown]
# ## Exercises
#
# 1. Run the city with `seed=2`. By how much do startups founded and money raised in 2024 differ from seed 1? What does
# that say
#    about a policy effect seen in a single pair of runs?
# 2. Run it without any policy (`policy=[]`) and the same seed. In which year do returnees first differ from those
# above, and why not
#    before?
# 3. A report gives 28% of China's returning talent in 2019 and 43% five years later. Compute the model's share for
# every
#    year from `returnees` and `returnees_china`. Why is a mean of the quarterly `returnee_share` not the same?
#
# Solutions: `01_first_run_solutions.py`.
