"""The free parameters and their priors: uniform between bounds, log-uniform where those span a decade.

A parameter is named `founding.idea_rate`, an entry of a list `funding.growth_to_exit.2` (counted from 0).
Engines see the unit cube: 0 and 1 are the bounds, and the prior is uniform in between.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.settings.files import CONFIGS, read_yaml
from sim.settings.parameters import mechanisms
from sim.settings.refusals import ConfigError, nearest

DECADE = 10.0
DIGITS = 9  # of a point of the unit cube
NEARBY = 0.25  # part of the way from a value to its bound that a screen of parameters not fitted goes


class Parameter(NamedTuple):
    name: str
    low: float
    high: float
    start: float  # the value of its yaml, where a fit begins that is not warm
    unit: str

    @property
    def log(self):
        """Whether the prior is uniform in the logarithm."""
        return self.low > 0 and self.high / self.low >= DECADE

    def value(self, cube):
        """From the unit interval to the parameter's own unit."""
        if self.log:
            return self.low * (self.high / self.low) ** cube
        return self.low + (self.high - self.low) * cube

    def cube(self, value):
        """The inverse of `value`."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def nearest_cube(self, value):
        """`cube` of the value within the bounds that is nearest to `value`."""
        return self.cube(min(max(value, self.low), self.high))


def declared(name):
    """(node of the yaml, place in its list or None) of a parameter's name. Raises KeyError where there is none."""
    mechanism, key, *rest = name.split(".")
    node = read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml")[key]
    index = int(rest[0]) if rest else None
    if isinstance(node["value"], list) != (index is not None) or (
        index is not None and not 0 <= index < len(node["value"])
    ):
        raise KeyError(name)
    return node, index


def read(free, ranges):
    """[Parameter] of the names in `free`; `ranges` (name -> [low, high]) narrows the bounds of some.

    Raises ConfigError with all that is wrong.
    """
    problems, parameters = [], []
    names = [f"{name}.{key}" for name, kind in mechanisms().items() for key in kind._fields]
    for name in free:
        try:
            node, index = declared(str(name))
        except (KeyError, ValueError, IndexError, OSError, ConfigError):
            problems.append(f"free={name}: {_unlike(str(name), names)}")
            continue
        low, high = (bound[index] if isinstance(bound, list) else bound for bound in (node["low"], node["high"]))
        interval = ranges.get(name, [low, high])
        if not (
            isinstance(interval, list)
            and len(interval) == 2
            and all(isinstance(end, (int, float)) for end in interval)
            and low <= interval[0] < interval[1] <= high
        ):
            problems.append(f"ranges.{name}={interval}: should be [low, high] within {low:g} and {high:g}")
            continue
        start = float(node["value"] if index is None else node["value"][index])
        start = min(max(start, interval[0]), interval[1])
        parameters.append(Parameter(name, float(interval[0]), float(interval[1]), start, node["unit"]))
    problems += [f"free={name}: stands twice" for name in sorted({str(n) for n in free if list(free).count(n) > 1})]
    if problems:
        raise ConfigError(problems)
    return parameters


def _unlike(name, names):
    """Why `name` is no parameter that can be free: it is a list, has no such entry, or is called otherwise."""
    whole = name.rpartition(".")[0] if name.rpartition(".")[2].isdecimal() else name
    if whole in names:
        mechanism, _, key = whole.partition(".")
        values = read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml")[key]["value"]
        if isinstance(values, list):
            return f"is a list; name one entry, {whole}.0 to {whole}.{len(values) - 1}"
        return f"is no list; write {whole}"
    return f"no such parameter{nearest(name, names)}"


def fixed(free, params):
    """[Parameter] of all parameters of all mechanisms but those of `free`, for a screen: each about its value in
    `params`, a part `NEARBY` of the way to either bound, as far from one another the city would be no city.
    """
    taken, found = {parameter.name for parameter in free}, []
    for mechanism in sorted(mechanisms()):
        for key, node in read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml").items():
            several = isinstance(node["value"], list)
            for name in (
                [f"{mechanism}.{key}.{i}" for i in range(len(node["value"]))] if several else [f"{mechanism}.{key}"]
            ):
                index = int(name.rpartition(".")[2]) if several else None
                low, high = (end[index] if isinstance(end, list) else end for end in (node["low"], node["high"]))
                value = value_in(params, name)
                if name not in taken and low < high:
                    near = value - NEARBY * (value - low), value + NEARBY * (high - value)
                    found.append(Parameter(name, *map(float, near), float(value), node["unit"]))
    return found


def left_behind(fitted, parameters, params):
    """Dotted name -> value of its yaml, of what `fitted` (mechanism -> parameter -> value) holds and a fit of
    `parameters` does not move.

    The file that the fit writes will not have them, so the fit must not run with them. What the command line has set
    otherwise in `params` (mechanism -> Params) stays.
    """
    free, yaml_values = {p.name for p in parameters}, {}
    for mechanism, values in fitted.items():
        for key, value in values.items():
            entries = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, entry in entries:
                name = f"{mechanism}.{key}" if index is None else f"{mechanism}.{key}.{index}"
                if name not in free and value_in(params, name) == entry:
                    node, _ = declared(name)
                    yaml_values[f"mechanism.{name}"] = node["value"] if index is None else node["value"][index]
    return yaml_values


def values(parameters, point):
    """Name -> value, in the parameters' own units, of a point (parameters) of the unit cube."""
    return {p.name: p.value(float(x)) for p, x in zip(parameters, point, strict=True)}


def start(parameters):
    """Where the parameters stand, as a point (parameters) of the unit cube."""
    return rounded([p.cube(p.start) for p in parameters])


def rounded(points):
    """Points of the unit cube as they are asked for: of so many digits that every processor asks for the same, whatever
    the last bits of its logarithms and sums.
    """
    return np.round(np.ascontiguousarray(points, np.float64), DIGITS) + 0.0  # which makes -0 a 0


def reflected(points):
    """Points back in the unit cube, mirrored at its walls."""
    points = np.abs(points) % 2
    return np.where(points > 1, 2 - points, points)


def value_in(params, name):
    """The value of the parameter called `name` in `params` (mechanism -> Params)."""
    mechanism, key, *index = name.split(".")
    value = getattr(params[mechanism], key)
    return float(value[int(index[0])] if index else value)


def replaced(params, theta):
    """`params` (mechanism -> Params) with the values of `theta` (name -> value)."""
    changed = dict(params)
    for name, value in theta.items():
        mechanism, key, *rest = name.split(".")
        old = getattr(changed[mechanism], key)
        if rest:
            index = int(rest[0])
            new = (*old[:index], type(old[index])(value), *old[index + 1 :])
        else:
            new = round(value) if isinstance(old, int) else value
        changed[mechanism] = changed[mechanism]._replace(**{key: new})
    return changed
