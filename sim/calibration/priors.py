"""The free parameters and their priors: uniform between bounds, log-uniform where those span a decade.

A parameter is named `founding.idea_rate`, an entry of a list `funding.growth_to_exit.2` (counted from 0).
Engines see the unit cube: 0 and 1 are the bounds, and the prior is uniform in between.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.settings.config import mechanisms
from sim.settings.files import CONFIGS, read_yaml
from sim.settings.refusals import ConfigError, nearest

DECADE = 10.0


class Parameter(NamedTuple):
    name: str
    low: float
    high: float
    start: float  # the value of its yaml, where a fit begins that is not warm
    unit: str

    @property
    def log(self):
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


def declared(name):
    """(node of the yaml, index in a list or None) of a parameter's name; KeyError where there is none."""
    mechanism, key, *index = name.split(".")
    node = read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml")[key]
    place = int(index[0]) if index else None
    if isinstance(node["value"], list) != (place is not None) or (
        place is not None and not 0 <= place < len(node["value"])
    ):
        raise KeyError(name)
    return node, place


def read(free, ranges):
    """[Parameter] of the names in `free`; `ranges` narrows the bounds of some.

    Raises ConfigError with all that is wrong.
    """
    problems, found = [], []
    known = [f"{name}.{key}" for name, kind in mechanisms().items() for key in kind._fields]
    for name in free:
        try:
            node, place = declared(str(name))
        except (KeyError, ValueError, IndexError, OSError, ConfigError):
            problems.append(
                f"free={name}: no such parameter{nearest(name, known)}; of a list name one entry, such as funding.growth_to_exit.2"
            )
            continue
        low, high = (bound[place] if isinstance(bound, list) else bound for bound in (node["low"], node["high"]))
        given = ranges.get(name, [low, high])
        if not (
            isinstance(given, list)
            and len(given) == 2
            and all(isinstance(end, (int, float)) for end in given)
            and low <= given[0] < given[1] <= high
        ):
            problems.append(f"ranges.{name}={given}: should be [low, high] within {low:g} and {high:g}")
            continue
        start = float(node["value"] if place is None else node["value"][place])
        found.append(
            Parameter(name, float(given[0]), float(given[1]), min(max(start, given[0]), given[1]), node["unit"])
        )
    problems += [f"ranges.{name}: is not among the free parameters" for name in ranges if name not in free]
    problems += [f"free={name}: stands twice" for name in sorted({str(n) for n in free if list(free).count(n) > 1})]
    if problems:
        raise ConfigError(problems)
    return found


def left_behind(fitted, parameters, params):
    """Dotted name -> value of its yaml, of what `fitted` (mechanism -> parameter -> value) holds and a fit of
    `parameters` does not move.

    The file that the fit writes will not have them, so the fit must not run with them. What the command line has set
    otherwise stays.
    """
    free, found = {p.name for p in parameters}, {}
    for mechanism, values in fitted.items():
        for key, value in values.items():
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for name, one in (
                (f"{mechanism}.{key}" if place is None else f"{mechanism}.{key}.{place}", one) for place, one in places
            ):
                if name not in free and held(name, params) == one:
                    node, place = declared(name)
                    found[f"mechanism.{name}"] = node["value"] if place is None else node["value"][place]
    return found


def values(parameters, point):
    """Name -> value of a point of the unit cube."""
    return {p.name: p.value(float(x)) for p, x in zip(parameters, point, strict=True)}


def start(parameters):
    """Where the parameters stand, as a point of the unit cube."""
    return np.array([p.cube(p.start) for p in parameters])


def held(name, params):
    """The value of a parameter in `params` (mechanism -> Params)."""
    mechanism, key, *index = name.split(".")
    value = getattr(params[mechanism], key)
    return float(value[int(index[0])] if index else value)


def replaced(params, theta):
    """`params` (mechanism -> Params) with the values of `theta` (name -> value)."""
    out = dict(params)
    for name, value in theta.items():
        mechanism, key, *index = name.split(".")
        old = getattr(out[mechanism], key)
        if index:
            place = int(index[0])
            new = (*old[:place], type(old[place])(value), *old[place + 1 :])
        else:
            new = round(value) if isinstance(old, int) else value
        out[mechanism] = out[mechanism]._replace(**{key: new})
    return out
