"""What a calibration leaves:

the point in the city's folder, the draws beside the other results, and where they came from.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration import priors
from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import now, write_csv, write_json, write_text
from sim.settings.files import to_yaml

HEAD = """\
# Parameters fitted to the city's targets; they stand above the files of configs/mechanism and below the command line.
# Written by the command below; `sim calibrated=false` runs without them. A run says when they are stale.
"""


def about(config, asked, problem, fit, bank, seconds, command):
    """What made a fit, a plain dict; `asked` are the keys of the verb."""
    from sim.runs.fingerprint import premises

    return {
        "city": config.city.name,
        "targets": config.targets,
        "premises": premises(config),
        "bank": bank.model.identity,
        "engine": asked["engine"],
        "scale": config.scale,
        "date": now()[:10],
        "command": command,
        "runs": bank.runs,
        "runs_kept_before": bank.hits,
        "seconds": round(seconds, 1),
        "processor_seconds_in_runs": round(bank.seconds, 1),
        "workers": bank.workers,
        "broken_share": round(problem.broken, 4),
        "fit": {key: value for key, value in fit.about.items() if not isinstance(value, list)},
    }


def write(config, parameters, fit, facts, folder, product):
    """The files of a fit: `folder` gets the whole, `product` (a path or None) the point that runs use."""
    table = pd.DataFrame(fit.table)
    table.insert(1, "value", [p.value(x) for p, x in zip(parameters, fit.point, strict=True)])
    table.insert(2, "start", [p.start for p in parameters])
    table.insert(3, "low", [p.low for p in parameters])
    table.insert(4, "high", [p.high for p in parameters])
    write_csv(folder / "parameters.csv", table)
    draws = pd.DataFrame(
        {p.name: [p.value(x) for x in column] for p, column in zip(parameters, fit.draws.T, strict=True)}
    )
    write_csv(folder / "draws.csv", draws.map(lambda x: float(f"{x:.6g}")))
    write_json(
        folder / "fit.json",
        facts | {"versions": versions(), "git": git_state(), "host": host_class(), "trace": fit.about},
    )
    if product is not None:
        write_text(product, text(parameters, fit, facts))
    return table


def text(parameters, fit, facts):
    """The yaml of the point.

    Parameters that are not identified are held where the fit began, and not written where that is the value of their
    own yaml.
    """
    tree = {}
    for p, x, known in zip(parameters, fit.point, fit.table["identified"], strict=True):
        if not known and x == p.cube(p.start):
            continue
        mechanism, key, *index = p.name.split(".")
        value = float(f"{p.value(float(x)):.6g}")
        if index:
            node, place = priors.declared(p.name)
            whole = tree.setdefault(mechanism, {}).setdefault(key, list(node["value"]))
            whole[place] = value
        else:
            tree.setdefault(mechanism, {})[key] = (
                round(value) if isinstance(priors.declared(p.name)[0]["value"], int) else value
            )
    return HEAD + to_yaml({"about": facts, "mechanism": tree})


def read_draws(folder, parameters):
    """(draws, parameters) of a fit in the cube; FileNotFoundError says how to get them."""
    path = Path(folder) / "draws.csv"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: `sim calibrate` makes it")
    held = pd.read_csv(path)
    return np.array([[p.cube(min(max(value, p.low), p.high)) for value in held[p.name]] for p in parameters]).T


def read_fit(folder):
    """fit.json of a folder."""
    return json.loads((Path(folder) / "fit.json").read_text("utf-8"))
