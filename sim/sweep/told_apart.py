"""By what the runs of a plan are told apart: a column for every key in which they differ, by factor or by arm.

A factor has the value of its point, all else that of the arm, set there or not. Where an arm has no such key (a knob of
a policy that is not in it) there is no value. Where arms differ in their policies or shocks, a column has the names.
"""

import pyarrow as pa

from sim.runs.fingerprint import WITHOUT_EFFECT
from sim.settings.refusals import shown
from sim.sweep import plans

NAMED = ("policy", "shock")  # groups of which an arm has some


def columns(trees, asked, points, runs):
    """Key -> its value in each of `runs`, a list with None where the arm has no such key.

    `trees` are the resolved configs of the arms in order, `asked` is what the verb was told of arms; `points` and
    `runs` are the tables of the plan.
    """
    arm, point = runs["arm"].to_pylist(), runs["point"].to_pylist()
    table = {}
    for key in points.column_names:
        values, having = points[key].to_pylist(), [bool(plans.applicable(tree, {key: None})) for tree in trees]
        table[key] = [values[p] if having[a] else None for a, p in zip(arm, point, strict=True)]
    for key, values in _of_arms(trees, asked).items():
        if key not in table:
            table[key] = [values[a] for a in arm]
    return {key: typed(values) for key, values in table.items()}


def typed(values):
    """Values as an array of flags, of numbers, which all have a fraction, or of text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else shown(value) for value in values], pa.string())


def _of_arms(trees, asked):
    """Key -> its value in each arm, of the keys in which arms differ: those that have it, or any where one sets it."""
    flat = [_flat(tree) for tree in trees]
    told = {key for settings in asked.values() if isinstance(settings, dict) for key in _flat(settings)}
    found = {}
    for key in dict.fromkeys(key for settings in flat for key in settings):
        values = [settings.get(key) for settings in flat]
        having = [settings[key] for settings in flat if key in settings]
        if any(value != having[0] for value in (values if key in told else having)):
            found[key] = values
    return found


def _flat(tree, stem=""):
    """Dotted key -> value of what decides a run, with a key for each number of a list and one for the names of policies
    and of shocks.
    """
    flat = {}
    for key, value in tree.items():
        if not stem and key in NAMED and isinstance(value, dict):
            flat[key] = ",".join(value)
        if not stem and (key in WITHOUT_EFFECT or key == "seed"):
            continue
        if isinstance(value, dict):
            flat |= _flat(value, f"{stem}{key}.")
        elif isinstance(value, list) and value and all(isinstance(item, (int, float)) for item in value):
            flat |= {f"{stem}{key}.{i}": item for i, item in enumerate(value)}
        else:
            flat[f"{stem}{key}"] = value
    return flat
