"""What stands on the desk: which instruments are in force, at which knobs, under which shocks, and since when.

Held against history as it was. In the later clock the past is that of history: what is changed of a programme of
history ends it before the clock begins, and a new one with the new knobs starts with it (`sim.atlas.combinations`).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from sim.atlas import combinations
from sim.atlas.combinations import Combination
from sim.settings import counterfactuals
from sim.settings.files import options, read_yaml
from sim.settings.instruments import CALENDAR, COMMON
from sim.world.calendar import quarter_name, quarter_of

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # of the lever that makes a programme larger


class Knob(NamedTuple):
    """A number of an instrument, within its bounds, with its unit and source."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    note: str
    whole: bool


@dataclass
class Scenario:
    """The state of a desk; `clock` is past or ahead. An instrument that `on` does not name is as in history."""

    clock: str
    on: dict = field(default_factory=dict)  # name -> whether it is in force
    knobs: dict = field(default_factory=dict)  # name -> knob -> value
    shocks: list = field(default_factory=list)

    def changed(self, config):
        """Names of instruments that are not as in history."""
        history = config.resolved["policy"]
        names = [name for name, on in self.on.items() if on != (name in history)]
        return list(
            dict.fromkeys([*names, *(name for name, knobs in self.knobs.items() if knobs and self.is_on(config, name))])
        )

    def is_on(self, config, name):
        """Whether an instrument is in force."""
        return self.on.get(name, name in config.resolved["policy"])


def knobs(config, name):
    """[Knob] of an instrument: its numbers, those that grow with its size first."""
    declared = read_yaml(options("policy", config.resolved["configs"])[name])
    settings = config.resolved["policy"].get(name, {})
    found = []
    for key, node in declared.items():
        if key in (*CALENDAR, "_target_"):
            continue
        if not isinstance(node, dict) and key in COMMON:
            low, high = COMMON[key]
            node = {"value": node, "low": low, "high": high, "unit": "", "source": "", "note": ""}
        if not isinstance(node, dict) or isinstance(node.get("value"), (list, str, bool)) or "value" not in node:
            continue
        value = settings.get(key, node["value"])
        whole = (
            isinstance(node["value"], int) and isinstance(node.get("low"), int) and isinstance(node.get("high"), int)
        )
        texts = (str(node.get(part, "")) for part in ("unit", "source", "note"))
        found.append(Knob(key, value, node["low"], node["high"], *texts, whole))
    growing = growing_of(config, name)
    return sorted(found, key=lambda knob: knob.name not in growing)


def named(config, scenario):
    """[(name, how, numbers)] of what a scenario changes: `on`, `off`, `knobs` or `shock`, and of numbers that differ
    the knob, the value, that of history and the unit.
    """
    found = []
    for name in scenario.changed(config):
        there = name in config.resolved["policy"]
        how = "off" if not scenario.is_on(config, name) else "knobs" if there else "on"
        given = scenario.knobs.get(name, {})
        before = [
            (knob.name, given[knob.name], knob.value, knob.unit) for knob in knobs(config, name) if knob.name in given
        ]
        found.append((name, how, before if how == "knobs" else []))
    return found + [(name, "shock", []) for name in scenario.shocks]


def growing_of(config, name):
    """Names of the knobs that grow with the size of an instrument."""
    return list(counterfactuals.growing_knobs(combinations.settings_of(config, name)))


def pair(config, scenario, clocks, shock_quarters, folder):
    """The Pair of a scenario, or ConfigError."""
    start, end = clocks[scenario.clock]
    history = config.resolved["policy"]
    base = combinations.chosen(config)
    ours, own = {**base, "policy": list(base["policy"])}, None
    without = []
    before = quarter_name(quarter_of(start) - 1)
    for name in scenario.changed(config):
        given, on = scenario.knobs.get(name, {}), scenario.is_on(config, name)
        begins = combinations.begins(config, name) if name in history else None
        called = name
        if name not in history:
            ours["policy"].append(name)
            ours[f"policy.{name}.start"] = start
        elif begins >= start or scenario.clock == "past":
            if not on:
                without.append(name)
                continue
        else:
            ours |= combinations.ended(config, name, before)
            if not on:
                continue
            called, begun, own = combinations.anew(config, name, start, folder)
            ours["policy"].append(called)
            ours |= begun
        ours |= {f"policy.{called}.{knob}": value for knob, value in given.items()}
    if without:
        ours["without"] = without
    if scenario.shocks:
        ours |= combinations.struck(scenario.shocks, start, end, shock_quarters)
    one = Combination("policy", "desk", 1.0, scenario.clock, config.scale)
    return combinations.of_arms(config, one, {"end": end, "scale": config.scale}, base, ours, own)


def first(config, clock, clocks, shock_quarters, folder):
    """(Pair, name) of what is shown before anything is changed: what an instrument of history does."""
    names = list(config.resolved["policy"])
    name = combinations.FIRST if combinations.FIRST in names or not names else names[0]
    one = Combination("policy", name, 1.0, clock, config.scale)
    return combinations.pair(config, one, clocks, shock_quarters, folder), name


def typed(value):
    """A number as it stands in its field: in full, whatever its size."""
    return f"{value:,.15g}"


def refusal(words, knob, text):
    """(the number, what is wrong with it as a sentence): one of both."""
    try:
        value = float(str(text).replace(",", "").replace("\u2212", "-"))
    except ValueError:
        value = None
    unit = words.name("knob_units", knob.unit)
    bounds = {"value": text, "lo": words.number(knob.low), "hi": words.number(knob.high), "unit": unit}
    if value is None or not knob.low <= value <= knob.high or (knob.whole and value != int(value)):
        return None, words("refused", **bounds, source=words.name("sources", knob.source) or words("no_source"))
    return int(value) if knob.whole else value, ""
