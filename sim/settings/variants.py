"""Plain runs that differ from the one a verb was given: in policies, their sizes, parameters, or shocks."""

import importlib
from dataclasses import fields, replace

from sim.settings.config import with_policies
from sim.settings.files import options, read_yaml, to_yaml
from sim.settings.instruments import CALENDAR, COMMON


def yaml_of(config):
    """The plain run of `config` as the text of its `config.yaml`."""
    return to_yaml(config.one_run().resolved)


def chosen(config, names):
    """`config` with only those of its policies that are in `names`."""
    return _kept(config, "policy", "policies", names)


def struck(config, names):
    """`config` with only those of its shocks that are in `names`."""
    return _kept(config, "shock", "shocks", names)


def _kept(config, group, attribute, names):
    kept = {name: settings for name, settings in config.resolved[group].items() if name in names}
    objects = tuple(item for item in getattr(config, attribute) if item.name in names)
    return replace(config, resolved={**config.resolved, group: kept}, **{attribute: objects})


def alternative(config, against):
    """The Config with the policies `against` ("history", "none" or a list of names), at the values of their files, in
    place of its own.
    """
    return with_policies(
        config.resolved, [] if against == "none" else [against] if isinstance(against, str) else against
    )


def sized(config, factors):
    """`config` with some policies `factors` (name -> factor) times as large; one of size 0 is left out."""
    config = chosen(config, [policy.name for policy in config.policies if factors.get(policy.name, 1.0) > 0.0])
    policies = tuple(
        policy.scaled(factors[policy.name]) if policy.name in factors else policy for policy in config.policies
    )
    tree = dict(config.resolved["policy"])
    for policy in policies:
        own = {item.name for item in fields(policy)} - {"name", *CALENDAR}
        values = {key: getattr(policy, key) for key in tree[policy.name] if policy.name in factors and key in own}
        tree[policy.name] = {
            **tree[policy.name],
            **{key: list(value) if isinstance(value, tuple) else value for key, value in values.items()},
        }
    return replace(config, policies=policies, resolved={**config.resolved, "policy": tree})


def grows(settings):
    """Name -> value of the knobs above zero that grow with the size of a programme, from its settings (a tree)."""
    module, _, kind = settings["_target_"].rpartition(".")
    return {knob: settings[knob] for knob in getattr(importlib.import_module(module), kind).GROWS if settings.get(knob)}


def reach(name, settings, own):
    """Knob -> (lowest, highest factor) at which those of the policy `name` that grow are inside the bounds of its
    yaml, from its `settings`.
    """
    declared = read_yaml(options("policy", own)[name])
    found = {}
    for knob, value in grows(settings).items():
        node = declared.get(knob)
        low, high = (node["low"], node["high"]) if isinstance(node, dict) else COMMON[knob]
        found[knob] = (low / value, high / value)
    return found


def largest(name, settings, own):
    """The factor up to which the bounds of its yaml let the policy `name` grow, from its `settings` (a tree); 0 where
    nothing of it has a size.
    """
    return min((high for _, high in reach(name, settings, own).values()), default=0.0)


def with_parameters(config, values):
    """`config` with other values of parameters, `values` mapping (mechanism, parameter) to a number in its bounds; a
    number in a list is `parameter.place`.
    """
    params, tree = (
        dict(config.params),
        {name: dict(settings) for name, settings in config.resolved["mechanism"].items()},
    )
    for (mechanism, key), value in values.items():
        key, _, place = key.partition(".")
        before = getattr(params[mechanism], key)
        if place:
            after = tuple(value if at == int(place) else number for at, number in enumerate(before))
        else:
            after = type(before)(value)
        params[mechanism] = params[mechanism]._replace(**{key: after})
        tree[mechanism][key] = list(after) if place else after
    return replace(config, params=params, resolved={**config.resolved, "mechanism": tree})
