"""What is run for the causal evidence: the arms of all seeds and replicate cities, and the panels made of their runs.

Programmes for firms have seeds of one city, those for cities a replicate a seed, which begins in a year of its own.
Every policy runs alone.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.observables.outcomes import Reduced
from sim.runs import arms as runs_of_arms
from sim.runs import launchers
from sim.settings import arms, counterfactuals
from sim.settings.config import varied
from sim.settings.files import options, read_yaml
from sim.verbs.designs import cities, cutoff, entry, sectors
from sim.verbs.measures import workers

NONE = "none"  # the arm without any policy
FIRMS = {  # arm -> the policy it has, and keys in which it is not that of the file
    "sandbox": ("sandbox", {}),
    "grant": ("proof_of_concept", {}),
    "second_grant": ("proof_of_concept_second", {}),
    "desk": ("accelerator", {"schooling": 0.0}),
    "school": ("accelerator", {"schooling": 1.0}),
}
CITIES = {
    "forgiveness": ("failure_forgiveness", {}),
    "compensation": ("failure_compensation", {}),
    "guidance": ("guidance_fund", {}),
    "guidance_tenfold": ("guidance_fund", {}),
    "laboratories": ("shared_laboratories", {"price": 0.0}),  # with hours for all: the paper's shock is no small one
}
FACTOR = {"guidance_tenfold": 10.0, "laboratories": 100.0}  # in the knobs that grow with the size of a programme
OUTCOME = {"grant": "raises_fund", "second_grant": "raises_fund", "desk": "raises_any", "school": "raises_any"}


class Asked(NamedTuple):
    """The configs of all runs: of each seed, name of the arm -> Config; and the year in which each city begins."""

    firms: list
    cities: list
    starts: dict

    @property
    def configs(self):
        """All of them in the order in which they are run."""
        return [one for by_arm in (*self.firms, *self.cities) for one in by_arm.values()]


def treated_sectors(city):
    """The half of the city's sectors that need laboratories most."""
    need = np.asarray(city.traits["lab_need"])
    order = np.argsort(-need, kind="stable")[: max(len(need) // 2, 1)]
    return [city.sectors[i] for i in sorted(order)]


def arm_of(config, name, year):
    """The Config of an arm whose policy begins in a year."""
    policy, settings = (FIRMS | CITIES)[name]
    declared = read_yaml(options("policy", config.resolved["configs"])[policy])
    stem = f"policy.{policy}"
    asked = {"policy": [policy], f"{stem}.start": cities.first_quarter(year)}
    asked |= {f"{stem}.{key}": value for key, value in settings.items()}
    if name == "laboratories":
        asked[f"{stem}.sectors"] = treated_sectors(config.city)
    elif isinstance(declared.get("sectors"), list):  # those of them that the city has
        asked[f"{stem}.sectors"] = [one for one in declared["sectors"] if one in config.city.sectors]
    one = arms.one(config, asked)
    return counterfactuals.scaled(one, {policy: FACTOR[name]}) if name in FACTOR else one


def asked(config):
    """The configs of all runs, Asked."""
    keys_, plain = config.experiment, config.one_run()
    none = arms.one(plain, {"policy": "none"})
    first = {name: arm_of(plain, name, keys_["begins"]) for name in (*FIRMS, *CITIES)}
    firms = {NONE: none} | {name: first[name] for name in FIRMS}
    seeds = [range(config.seed, config.seed + keys_[many]) for many in ("runs", "cities")]
    starts = cities.starts(seeds[1], keys_["begins"], keys_["cohorts"])
    by_year = {year: _replica(config, none, first, year) for year in sorted(set(starts.values()))}
    return Asked(
        [_with_seed(firms, seed) for seed in seeds[0]],
        [_with_seed(by_year[year], seed) for seed, year in starts.items()],
        starts,
    )


def _replica(config, none, first, year):
    """Name of the arm -> Config of a replicate city in which the policy begins in a year."""
    by_arm = {NONE: none}
    for name in CITIES:
        key = f"policy.{CITIES[name][0]}.start"
        by_arm[name] = varied(first[name], {key: cities.first_quarter(year)})
    return {name: one.one_run(scale=config.experiment["city_scale"]) for name, one in by_arm.items()}


def _with_seed(by_arm, seed):
    return {name: runs_of_arms.with_seed(one, seed) for name, one in by_arm.items()}


def panels_of(config, all_of):
    """Name -> frame of the panels of all designs."""
    elsewhere = launchers.elsewhere(config.launcher)
    kept = iter(runs_of_arms.run(all_of.configs, config.experiment["store"], workers(config), elsewhere))
    parts = {name: [] for name in (*OUTCOME, "sandbox", *CITIES)}
    for seed, by_arm in enumerate(all_of.firms, config.seed):
        runs = {name: Reduced(next(kept).entry) for name in by_arm}
        for name in OUTCOME:
            parts[name].append(cutoff.panel(seed, runs[name], runs[NONE], FIRMS[name][0]))
        parts["sandbox"].append(entry.panel(seed, runs["sandbox"], runs[NONE], FIRMS["sandbox"][0]))
    first, last = config.experiment["begins"], (config.end + 1) // 4 - 1
    treated = treated_sectors(config.city)
    for (seed, start), by_arm in zip(all_of.starts.items(), all_of.cities, strict=True):
        runs = {name: Reduced(next(kept).entry) for name in by_arm}
        without = cities.window(cities.panel(seed, runs[NONE], start, "without"), first, last)
        for name in CITIES:
            if name == "laboratories":
                pair = (("with", runs[name]), ("without", runs[NONE]))
                parts[name] += [sectors.panel(seed, run, 4 * start, arm, treated) for arm, run in pair]
            else:
                ours = cities.window(cities.panel(seed, runs[name], start, "with"), first, last)
                parts[name] += [ours, without]
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
