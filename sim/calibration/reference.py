"""The verb `sim reference`: what is normal in a city at its calibrated point, for all runs of it to be held against.

Runs of the city without norms (`sim.world.reference`) show what is normal in each quarter of its history; their means
over seeds (of logs, so that no one run weighs more) are written to `reference.csv` in the folder of that point, and to
`reference.yaml` beside it what made them. They stay as they are while parameters vary. When the city's data or its
calibrated point change, runs say that the norms are stale, and the verb makes them anew.
"""

import dataclasses
import os
from datetime import date

import numpy as np
import pandas as pd

from sim.model.ecosystem import Ecosystem
from sim.runs import amount
from sim.runs.fingerprint import point_of_reference
from sim.runs.folders import write_csv, write_text
from sim.runs.processes import side_by_side
from sim.settings.config import load, norms_command
from sim.settings.fields import number
from sim.settings.files import to_yaml
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_name
from sim.world.reference import ABOUT, BY_SECTOR, CITY, FILE

HEAD = """\
# What made reference.csv: the paths of what is normal in this city at its calibrated point. Runs say when it is stale.
"""
NONE = 1e-9  # stands for zero where logs are averaged


def check(tree, _resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    number("seeds", asked["seeds"], int, 1, 1000, problems)
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    problems += amount.check(asked)
    if (tree.get("launcher") or {}).get("name") in ("slurm", "files"):
        problems.append(f"launcher={tree['launcher']['name']}: a reference is made in processes of this machine")
    return problems


def simulate(config):
    """Series -> what one run without norms shows, an array with an entry a quarter."""
    model, rows = Ecosystem(config), []
    while model.quarter <= config.end:
        model.step()
        rows.append(dict(model.norms.seen))
    return {series: np.array([row[series] for row in rows]) for series in (*CITY, *BY_SECTOR)}


def typical(runs, series):
    """What is normal of a series, over runs; zero where one of them has none."""
    found = np.stack([run[series] for run in runs])
    mean = np.exp(np.log(np.maximum(found, NONE)).mean(axis=0))
    return np.where(found.min(axis=0) > 0.0, mean, 0.0)


def table(config, runs):
    """The paths as a table: a row a quarter."""
    columns = {"quarter": [quarter_name(q) for q in range(config.city.first, config.city.last + 1)]}
    columns |= {series: typical(runs, series) for series in CITY}
    for series in BY_SECTOR:
        values = typical(runs, series)
        columns |= {f"{series}_{sector}": values[:, s] for s, sector in enumerate(config.city.sectors)}
    return pd.DataFrame(columns)


def _own(config):
    """The folder of the user's own files as seen from here, None without one."""
    folder = config.resolved["configs"]
    return os.path.relpath(folder) if folder else None


def refuse_other_points(config):
    """Raises ConfigError where the words ask for other parameters, policies or shocks than the city's calibrated point
    has: norms of another point would pass for those of the city.
    """
    own = [f"configs={config.resolved['configs']}"] if config.resolved["configs"] else []
    point = load([f"city={config.city.name}", f"calibrated={config.city.point.name}", "experiment=reference", *own])
    differs = [key for key in ("mechanism", "policy", "shock") if config.resolved[key] != point.resolved[key]]
    if differs:
        raise ConfigError(
            [
                f"{key}: what is normal is made at the city's calibrated point, with the policies of its history; "
                f"leave out what sets another {key}"
                for key in differs
            ]
        )


def command(config):
    """Make the paths of the city and write them to its folder, which is returned."""
    asked, city = config.experiment, config.city
    refuse_other_points(config)
    workers = asked["workers"] or os.cpu_count() or 1
    if amount.told(config, amount.counted(asked["seeds"], 0, config, workers)):
        return None
    whole = dataclasses.replace(
        config,
        city=dataclasses.replace(city, reference=None),
        start=city.first,
        end=city.last,
        threads=1,
    )
    seeds = range(config.seed, config.seed + asked["seeds"])
    with side_by_side(min(workers, len(seeds))) as in_processes:
        runs = list(in_processes(simulate, [dataclasses.replace(whole, seed=seed) for seed in seeds]))
    made = table(config, runs)
    about = {
        "city": city.name,
        "point": point_of_reference(config),
        "scale": config.scale,
        "seeds": [seeds[0], seeds[-1]],
        "date": date.today().isoformat(),
        "command": f"{norms_command(city, _own(config))} scale={config.scale:g} seed={config.seed} "
        f"seeds={asked['seeds']}",
    }
    city.point.mkdir(exist_ok=True)
    write_csv(city.point / FILE, made.map(lambda x: x if isinstance(x, str) else float(f"{x:.8g}")))
    write_text(city.point / ABOUT, HEAD + to_yaml(about))
    print(f"{city.point / FILE}: {len(made)} quarters, means of {len(runs)} runs at scale {config.scale:g}")
    return city.point
