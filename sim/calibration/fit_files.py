"""The files of a fit: the calibrated point in the city's folder, and beside the other results

parameters.csv  one row a parameter: value, start, bounds, standard error, whether it is identified
draws.csv       draws of all parameters, one row a draw
fit.json        what computed the fit
"""

import hashlib
import json

import numpy as np
import pandas as pd

from sim.calibration import priors
from sim.observables.written import read_csv
from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import write_csv, write_json, write_text
from sim.settings.files import POSTERIOR, to_yaml

HEAD = """\
# Parameters fitted to the city's targets; they stand above the files of configs/mechanism and below the command line.
# Written by the command below; `sim calibrated=false` runs without them. A run says when they are stale.
"""


def write(parameters, fit, facts, folder, calibrated):
    """Write the files of a Fit: `folder` gets the whole, the path `calibrated` the point that runs use, and its folder
    the draws. `facts` (a plain dict) says what computed it. Returns the table of parameters.
    """
    table = pd.DataFrame(fit.table)
    table.insert(1, "value", [p.value(x) for p, x in zip(parameters, fit.point, strict=True)])
    table.insert(2, "start", [p.start for p in parameters])
    table.insert(3, "low", [p.low for p in parameters])
    table.insert(4, "high", [p.high for p in parameters])
    write_csv(folder / "parameters.csv", table)
    draws = pd.DataFrame(
        {p.name: [p.value(x) for x in column] for p, column in zip(parameters, fit.draws.T, strict=True)}
    )
    for place in (folder / "draws.csv", calibrated.with_name(POSTERIOR)):
        write_csv(place, draws.map(lambda x: float(f"{x:.6g}")))
    circumstances = {"versions": versions(), "git": git_state(), "host": host_class()}
    write_json(folder / "fit.json", facts | circumstances | {"trace": fit.about})
    write_text(calibrated, yaml_text(parameters, fit, facts))
    return table


def yaml_text(parameters, fit, facts):
    """The yaml of the point.

    Parameters that are not identified stand at the centre of their prior, the value of their own yaml, and are not
    written there; where runs found that worse they stay where the fit left them.
    """
    tree = {}
    centre = priors.start(parameters)
    for p, x, middle, identified in zip(parameters, fit.point, centre, fit.table["identified"], strict=True):
        if not identified and x == middle:
            continue
        mechanism, key, *_ = p.name.split(".")
        node, index = priors.declared(p.name)
        value = float(f"{p.value(float(x)):.6g}")
        if index is not None:
            tree.setdefault(mechanism, {}).setdefault(key, list(node["value"]))[index] = value
        else:
            tree.setdefault(mechanism, {})[key] = round(value) if isinstance(node["value"], int) else value
    return HEAD + to_yaml({"about": facts, "mechanism": tree})


def read_draws(folder, parameters):
    """Draws (draws, parameters) of a fit in the cube. Raises FileNotFoundError, which says how to get them."""
    path = folder / "draws.csv"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: `sim calibrate` makes it")
    table = read_csv(path)
    return np.array([[p.nearest_cube(value) for value in table[p.name]] for p in parameters]).T


def read_point(folder, parameters):
    """The point (parameters) of a fit in the cube."""
    table = read_csv(folder / "parameters.csv").set_index("parameter")
    return np.array([p.nearest_cube(table.loc[p.name, "value"]) for p in parameters])


def point_digest(folder):
    """A name of the point of a fit: 16 hexadecimal digits."""
    return hashlib.sha256((folder / "parameters.csv").read_bytes()).hexdigest()[:16]


def read_facts(folder):
    """What computed a fit: the dict of fit.json."""
    return json.loads((folder / "fit.json").read_text("utf-8"))
