"""Counterfactuals: plain runs that differ from the one a verb was given, in policies, their sizes, parameters or
shocks.
"""

import importlib
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from sim.settings.config import Config
from sim.settings.files import Tree, options, read_yaml, to_yaml
from sim.settings.instruments import CALENDAR, COMMON


def yaml_of(config: Config) -> str:
    """The plain run of `config` as the text of its `config.yaml`."""
    return to_yaml(config.one_run().resolved)


# ---------------------------------------------------------------- policies and shocks


def with_only_policies(config: Config, names: Collection[str]) -> Config:
    """`config` with only those of its policies that are in `names`."""
    return _with_only(config, "policy", "policies", names)


def with_only_shocks(config: Config, names: Collection[str]) -> Config:
    """`config` with only those of its shocks that are in `names`."""
    return _with_only(config, "shock", "shocks", names)


def _with_only(config: Config, group: str, attribute: str, names: Collection[str]) -> Config:
    settings = {name: values for name, values in config.resolved[group].items() if name in names}
    instruments = tuple(instrument for instrument in getattr(config, attribute) if instrument.name in names)
    changed: Tree = {attribute: instruments, "resolved": {**config.resolved, group: settings}}
    return replace(config, **changed)


# ---------------------------------------------------------------- sizes of programmes


def scaled(config: Config, factors: Mapping[str, float]) -> Config:
    """`config` with some policies `factors` (name -> factor) times as large; one of factor 0 is left out."""
    config = with_only_policies(config, [p.name for p in config.policies if factors.get(p.name, 1.0) > 0.0])
    policies = tuple(
        policy.scaled(factors[policy.name]) if policy.name in factors else policy for policy in config.policies
    )
    tree = dict(config.resolved["policy"])
    for policy in policies:
        if policy.name in factors:
            knobs = {item.name for item in fields(policy)} - {"name", *CALENDAR}
            values = {key: getattr(policy, key) for key in tree[policy.name] if key in knobs}
            lists = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
            tree[policy.name] = tree[policy.name] | lists
    return replace(config, policies=policies, resolved={**config.resolved, "policy": tree})


def growing_knobs(settings: Tree) -> dict[str, float]:
    """Name -> value of the knobs above zero that grow with the size of a programme, from its settings (a tree)."""
    module, _, kind = settings["_target_"].rpartition(".")
    return {knob: settings[knob] for knob in getattr(importlib.import_module(module), kind).GROWS if settings.get(knob)}


def factor_bounds(name: str, settings: Tree, configs: str | None) -> dict[str, tuple[float, float]]:
    """Knob -> (lowest, highest factor) at which those of the policy `name` that grow are inside the bounds of its
    yaml, from its `settings` (a tree); `configs` is the folder of the user's own files, or None.
    """
    declared = read_yaml(options("policy", configs)[name])
    bounds = {}
    for knob, value in growing_knobs(settings).items():
        node = declared.get(knob)
        low, high = (node["low"], node["high"]) if isinstance(node, dict) else COMMON[knob]
        bounds[knob] = (low / value, high / value)
    return bounds


def largest_factor(name: str, settings: Tree, configs: str | None) -> float:
    """The factor up to which the bounds of its yaml let the policy `name` grow, arguments as of `factor_bounds`; 0
    where nothing of it has a size.
    """
    return min((high for _, high in factor_bounds(name, settings, configs).values()), default=0.0)


# ---------------------------------------------------------------- parameters


def with_parameters(config: Config, values: Mapping[str, float]) -> Config:
    """`config` with other values of parameters, `values` mapping a dotted name (`founding.taste`, of a number in a
    list `funding.growth_to_exit.1`) to a number in its bounds; whole numbers are rounded.
    """
    params = dict(config.params)
    tree = {mechanism: dict(settings) for mechanism, settings in config.resolved["mechanism"].items()}
    for name, value in values.items():
        mechanism, key, *index = name.split(".")
        before = getattr(params[mechanism], key)
        after: Any
        if index:
            after = tuple(value if i == int(index[0]) else number for i, number in enumerate(before))
        else:
            after = round(value) if isinstance(before, int) else type(before)(value)
        params[mechanism] = params[mechanism]._replace(**{key: after})
        tree[mechanism][key] = list(after) if index else after
    return replace(config, params=params, resolved={**config.resolved, "mechanism": tree})
