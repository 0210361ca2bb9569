"""Worlds in which policies are tried: draws of parameters, of shocks on or off, and of sets of rules.

A world is a row of a Latin hypercube: parameters within reach of their values or, where a fit has left draws of them,
a row of these; each shock in half of the worlds; each set of rules in as many worlds as the rules as they are. In the
frame of worlds a parameter is the column `mechanism.x.y`, a shock `shock.x` (0 or 1), and `rules` a name.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from sim.settings import counterfactuals
from sim.settings.fields import number
from sim.settings.files import CONFIGS, POSTERIOR, check_place, options, posterior, read_yaml
from sim.settings.refusals import nearest, shown
from sim.verbs import keys
from sim.verbs.screen import short
from sim.world import readers

AS_IS = "as_is"  # the rules as they are

# ---------------------------------------------------------------- check


def check(asked, resolved):
    """What is wrong with the keys rules, structures, posterior and parameters of a verb, as sentences; `resolved` is
    what became of the config.
    """
    mechanisms, city = resolved["mechanism"], resolved["city"]
    rules = check_rules(asked["rules"]) or keys.check_names(
        "structures", asked["structures"], list(asked["rules"]), least=0
    )
    switched = {} if rules else {name: asked["rules"][name] for name in asked["structures"]}
    return (
        rules
        + _check_posterior(
            asked["posterior"], posterior(city, resolved["calibrated"], resolved["configs"]), mechanisms, switched
        )
        + _check_parameters(asked["parameters"], mechanisms, switched)
    )


def check_rules(rules):
    """Rules of one's own stand in a yaml; each maps mechanisms to parameters within their bounds."""
    if not isinstance(rules, dict) or not all(
        isinstance(changed, dict) and all(isinstance(s, dict) for s in changed.values()) for changed in rules.values()
    ):
        example = "{even: {learning: {failure_weight: 4}}}"
        return [f"rules={shown(rules)}: should map a name to parameters, such as {example}"]
    problems = []
    if AS_IS in rules:
        problems.append(f"rules.{AS_IS}: is what the rules as they are are called; choose another name")
    for name, changed in rules.items():
        for mechanism, settings in changed.items():
            problems += _check_settings(f"rules.{name}.{mechanism}", mechanism, settings)
    return problems


def _check_settings(path, mechanism, settings):
    """What is wrong with the parameters of one mechanism that a set of rules sets; `path` is their dotted key."""
    file = options("mechanism").get(mechanism)
    if file is None:
        return [f"{path}: no such mechanism{nearest(mechanism, options('mechanism'))}"]
    declared = read_yaml(file)
    problems = [f"{path}.{key}: no such parameter{nearest(key, declared)}" for key in settings if key not in declared]
    nodes = {key: declared[key] for key in settings if key in declared}
    lists = [key for key, node in nodes.items() if isinstance(node["value"], list)]
    problems += [f"{path}.{key}: is no single number; only those can be set" for key in lists]
    for key, node in nodes.items():
        if key not in lists:
            number(f"{path}.{key}", settings[key], float, node["low"], node["high"], problems)
    return problems


def _check_posterior(path, of_city, mechanisms, switched):
    """What is wrong with the draws in `path`, or where that is null with those that a fit of the city left."""
    refused = [] if path is None else check_place("posterior", path, "csv file")
    if path is not None and not refused and not Path(path).is_file():
        refused = [f"posterior={path}: no such file"]
    path = of_city if path is None else path
    if refused or path is None or (path == of_city and not of_city.is_file()):
        return refused
    try:
        names = list(_posterior(path))
    except readers.Unreadable as error:
        return [f"posterior={path}: {problem}" for problem in error.problems]
    if not names:
        return [f"posterior={path}: has no columns such as founding.taste"]
    return _check_parameters(names, mechanisms, switched, f"posterior={path}: ")


def _check_parameters(names, mechanisms, switched, where="parameters="):
    """What is wrong with names of parameters to be drawn; `switched` are the sets of rules that set some themselves."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [f"parameters={shown(names)}: should be a list such as [mechanism.founding.taste]"]
    declared = {
        f"mechanism.{mechanism}.{key}": value
        for mechanism, settings in mechanisms.items()
        for key, value in settings.items()
    }
    entries = {
        f"{name}.{i}": entry
        for name, value in declared.items()
        if isinstance(value, list)
        for i, entry in enumerate(value)
    }
    numbers = declared | entries
    problems = [f"{where}{name}: no such parameter{nearest(name, numbers)}" for name in names if name not in numbers]
    problems += [f"{where}{name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    for name in (name for name in names if name in numbers):
        if not isinstance(numbers[name], (int, float)) or isinstance(numbers[name], bool):
            problems.append(f"{where}{name}: is no single number; only those can be drawn")
        _, mechanism, key, *_ = name.split(".")
        setting = [rule for rule, changed in switched.items() if key in changed.get(mechanism, {})]
        problems += [f"{where}{name}: is set by the structure {rule}; leave one of them out" for rule in setting]
    return problems


# ---------------------------------------------------------------- draw


def draw(config, shocks):
    """(where parameters come from, a frame of worlds): mechanism.x.y, shock.name (0 or 1) for each of `shocks`, rules.

    The seed of the config decides them.
    """
    from scipy.stats import qmc

    asked = config.experiment
    source = config.city.point / POSTERIOR if asked["posterior"] is None else Path(asked["posterior"])
    fitted = _posterior(source) if source.is_file() else pd.DataFrame()
    drawn = [name for name in asked["parameters"] if name not in fitted]
    hypercube = qmc.LatinHypercube(len(drawn) + len(shocks) + 1, rng=np.random.default_rng(config.seed))
    shares = hypercube.random(asked["draws"])
    worlds = {}
    if len(fitted.columns):
        rows = np.random.default_rng(config.seed).choice(
            len(fitted), asked["draws"], replace=len(fitted) < asked["draws"]
        )
        worlds = {name: fitted[name].to_numpy()[rows] for name in fitted}
    for column, name in enumerate(drawn):
        _, mechanism, key = name.split(".")
        node = read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml")[key]
        value = config.resolved["mechanism"][mechanism][key]
        worlds[name] = spread(shares[:, column], value, node["low"], node["high"], asked["reach"])
    for column, name in enumerate(shocks, len(drawn)):
        worlds[f"shock.{name}"] = (shares[:, column] < 0.5).astype(int)
    rules = [AS_IS, *asked["structures"]]
    worlds["rules"] = [rules[int(share * len(rules))] for share in shares[:, -1]]
    sources = [asked["posterior"] or f"{POSTERIOR} of {config.city.name}"] if len(fitted.columns) else []
    sources += ["bounds"] if drawn or not sources else []
    return " and ".join(sources), pd.DataFrame(worlds)


def spread(shares, value, low, high, reach):
    """Values at `shares` (0 to 1) of the range that leads `reach` of the way from `value` to each bound; in logs where
    bounds span a factor of ten.
    """
    if low > 0 and high / low >= 10:
        low, value, high = math.log(low), math.log(value), math.log(high)
        return np.exp(value + reach * (low - value + shares * (high - low)))
    bottom, top = value + reach * (low - value), value + reach * (high - value)
    return bottom + shares * (top - bottom)


def _posterior(path):
    """Draws of parameters from a csv, columns as mechanism.x.y. Raises Unreadable."""
    columns, rows = readers.read_csv(path)
    names = [name for name in columns if "." in name]
    values = {name: [readers.number(row[name]) for row in rows] for name in names}
    wrong = [
        f"row {place} column {name}: {rows[place - 2][name]} is not a number"
        for name in names
        for place, value in enumerate(values[name], start=2)
        if value is None
    ]
    if wrong or not rows:
        raise readers.Unreadable(*(wrong[:1] or ["has no rows"]))
    return pd.DataFrame({f"mechanism.{name.removeprefix('mechanism.')}": values[name] for name in names}, dtype=float)


# ---------------------------------------------------------------- use


def placed(config, world, rules, always):
    """`config` in a world, a dict of a row of the frame; `rules` maps their names to what they set, `always` names the
    shocks that strike in every world.
    """
    values = {name.removeprefix("mechanism."): value for name, value in world.items() if name.startswith("mechanism.")}
    switched = rules[world["rules"]] if world["rules"] != AS_IS else {}
    values |= {
        f"{mechanism}.{key}": value for mechanism, settings in switched.items() for key, value in settings.items()
    }
    strikes = [name.removeprefix("shock.") for name, there in world.items() if name.startswith("shock.") and there]
    return counterfactuals.with_parameters(counterfactuals.with_only_shocks(config, [*always, *strikes]), values)


def inputs(worlds):
    """Worlds as numbers: parameters, shocks, and a column of 0 and 1 for each other set of rules."""
    rules = {
        f"rules.{rule}": (worlds["rules"] == rule).astype(float)
        for rule in dict.fromkeys(worlds["rules"])
        if rule != AS_IS
    }
    return worlds.drop(columns="rules").assign(**rules).astype(float)


def limit_in_words(name, low, high):
    """A limit of a box of worlds, in words; infinite ends are none."""
    kind, _, rest = name.partition(".")
    if kind == "shock":
        return f"{rest} strikes" if low > 0 else f"{rest} does not strike"
    if kind == "rules":
        return f"rules are {rest}" if low > 0 else f"rules are not {rest}"
    if math.isinf(low):
        return f"{rest} is below {short(high)}"
    return f"{rest} is above {short(low)}" if math.isinf(high) else f"{rest} is from {short(low)} to {short(high)}"
