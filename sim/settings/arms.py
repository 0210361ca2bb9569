"""Arms: configs of plain runs that each differ from a common one in what is said of them.

    {base: history, fund: {policy.guidance_fund.size: 1e11}, visa: {without: [talent_visa]}, slump: {shock: [slowdown]}}

An arm is a list or bundle of policies at the values of their files, `none`, or a mapping of the keys in which it
differs from the common config: `policy`, `shock` and `without`, lists of names, and any key with dots.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sim.settings.config import Config, varied, with_chosen
from sim.settings.files import Tree, no_such, options
from sim.settings.refusals import ConfigError, shown

CHOSEN = {"policy": "history, none, or a list of policies", "shock": "none, or a list of shocks"}
LISTS = (*CHOSEN, "without")  # keys of an arm that name policies or shocks


def read(config: Config, asked: Any, fixed: Collection[str]) -> dict[str, Config]:
    """Name -> Config of the arms that `asked` maps names to, which differ from `config` in no key that is `fixed`.

    Raises ConfigError with all that is wrong.
    """
    if not isinstance(asked, dict):
        raise ConfigError(
            [f"arms={shown(asked)}: should be {{name:[policies]}}, such as arms={{with:history,without:none}}"]
        )
    arms: dict[str, Config] = {}
    problems: list[str] = []
    for name, says in asked.items():
        if not re.fullmatch(r"[^\W_][\w-]*", str(name)):
            problems.append(f"arms.{name}: should be named by letters, digits, _ and -")
            continue
        if str(name).lower() in {other.lower() for other in arms}:
            problems.append(f"arms.{name}: another arm differs in capitals only, and so would their files")
            continue
        settings = says if isinstance(says, dict) else {"policy": says}
        try:
            arms[str(name)] = one(config, {str(key): value for key, value in _flat(settings)}, fixed)
        except ConfigError as error:
            problems += [f"arms.{name}{text}" for text in error.problems]
    if problems:
        raise ConfigError(problems)
    return arms


def one(config: Config, settings: Tree, fixed: Collection[str] = ()) -> Config:
    """The Config that differs from `config` in `settings`, by dotted key. Raises ConfigError, each problem as it goes
    on behind the name of an arm.
    """
    problems = [f".{key}: cannot be set for an arm" for key in settings if key in fixed and key not in LISTS]
    settings = {key: value for key, value in settings.items() if key not in fixed or key in LISTS}
    chosen = {}
    for group, allowed in CHOSEN.items():
        says = settings.pop(group, None)
        if says is not None:
            chosen[group], wrong = _names(group, says, config.resolved, allowed)
            problems += [f": {text}" for text in wrong]
    if "without" in settings:
        settings["without"], wrong = _names("policy", settings["without"], config.resolved, "a list of policies")
        problems += [f".without: {text}" for text in wrong]
    if problems:
        raise ConfigError(problems)
    try:
        made = with_chosen(config.resolved, chosen, settings, config.told) if chosen else varied(config, settings)
        return replace(made, progress=config.progress)
    except ConfigError as error:
        raise ConfigError([f": {text}" for text in error.problems]) from None


def _flat(tree: Tree, stem: str = "") -> Any:
    """(dotted key, value) of a mapping, nested or not."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{stem}{key}.")
        else:
            yield f"{stem}{key}", value


def _names(group: str, asked: Any, resolved: Tree, allowed: str) -> tuple[list[str], list[str]]:
    """(the policies or shocks named, what is wrong as sentences)."""
    names = [] if asked == "none" else [asked] if isinstance(asked, str) else asked
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        example = "[sandbox,talent_visa]" if group == "policy" else "[slowdown]"
        return [], [f"{shown(asked)}: should be {allowed} such as {example}"]
    files = options(group, resolved["configs"])
    wrong = [f"{name}: {no_such(group, name, resolved['configs'])}" for name in names if name not in files]
    return names, wrong + [f"{name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]
