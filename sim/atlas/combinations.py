"""What the atlas holds: an instrument or shock, a size, a clock; each a pair of arms with one past.

A clock is a first and a last quarter. What history has in force keeps its own dates in a clock that it starts in. In a
later clock the old programme ends before the clock begins, in both arms, and a new one of the size asked starts with
it; as a file can be chosen once, the new one is a copy of the file under another name, in a folder of its own. What
history has not starts with the clock, variants of it that exclude it being left out of both arms. A shock strikes when
the clock begins and lasts some quarters.
"""

import copy
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sim.runs.folders import write_text
from sim.settings import arms, counterfactuals
from sim.settings.config import varied
from sim.settings.files import options, read_yaml, to_yaml
from sim.settings.instruments import CALENDAR
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_name, quarter_of

COPIES = "policies"
NOT_ASKED, BOUNDS = "not asked", "bounds"  # why something is left out
FIRST = "guidance_fund"  # shown where nothing is chosen: never the strongest
SEPARATOR = "_from_"  # between the name of a file and the quarter of its copy


class Combination(NamedTuple):
    """An instrument (`group` policy) or shock of a size in a clock; `scale` of the city."""

    group: str
    name: str
    size: float
    clock: str
    scale: float


class Pair(NamedTuple):
    """Two Configs, what each differs in from the common one, and the folder of files that both need, or None."""

    combination: Combination
    policy: object
    against: object
    said: dict
    configs: str | None


def beside(store):
    """The folder of copies of files, beside a store of runs."""
    return Path(store).parent / COPIES


def names(group, own_folder):
    """Names of all instruments or shocks with a class of their own."""
    return [name for name, path in options(group, own_folder).items() if "_target_" in (read_yaml(path) or {})]


def original(name):
    """The name of the file that a copy was made of."""
    return name.partition(SEPARATOR)[0]


def sizes(config, name, asked):
    """Those of the factors asked that the bounds of a policy allow; one where it is a rule without a size."""
    settings = settings_of(config, name)
    if not counterfactuals.growing_knobs(settings):
        return [1.0]
    largest = counterfactuals.largest_factor(name, settings, config.resolved["configs"])
    return [size for size in asked if size <= largest]


def pair(config, combination, clocks, shock_quarters, folder):
    """The Pair of a combination, or ConfigError where it cannot be; `folder` takes copies of files."""
    group, name, size, clock, scale = combination
    start, end = clocks[clock]
    common = {"end": end, "scale": scale}
    if group == "shock":
        return of_arms(config, combination, common, {"shock": []}, struck([name], start, end, shock_quarters), None)
    return _of_policy(config, combination, common, start, end, folder)


def struck(names, start, end, quarters):
    """Shocks as keys of an arm: from the quarter `start` on, `quarters` of them but none after `end`."""
    last = quarter_name(min(quarter_of(start) + quarters - 1, quarter_of(end)))
    dates = {f"shock.{name}.{key}": quarter for name in names for key, quarter in (("start", start), ("end", last))}
    return {"shock": list(names), **dates}


def _of_policy(config, combination, common, start, end, folder):
    _, name, size, _, _ = combination
    there = name in config.resolved["policy"]
    if there and begins(config, name) >= start:  # as it was
        if begins(config, name) > end:
            raise ConfigError([f"{name}: starts in {begins(config, name)}, after {end}"])
        knobs = _scaled(config, name, size, name)
        return of_arms(config, combination, common, {"without": [name]}, knobs, None)
    called, knobs, own = anew(config, name, start, folder) if there else (name, {f"policy.{name}.start": start}, None)
    rivals = _rivals(config, name)
    gone = [other for other in rivals if begins(config, other) >= start]
    over = {}
    for other in [name, *rivals] if there else rivals:
        over |= ended(config, other, quarter_name(quarter_of(start) - 1))
    said = chosen(config) | ({"without": gone} if gone else {})
    ours = {**said, "policy": [*said["policy"], called], **over, **knobs, **_scaled(config, name, size, called)}
    return of_arms(config, combination, common, {**said, **over}, ours, own)


def chosen(config):
    """The policies of a config as keys of an arm."""
    names_ = list(config.resolved["policy"])
    if names_ == list(config.city.policies):
        said = {"policy": ["history"]}
    else:
        said = {"policy": names_} | {key: value for name in names_ for key, value in _dates(config, name).items()}
    return said | {f"policy.{name}.{key}": value for name in names_ for key, value in config.told.get(name, {}).items()}


def of_arms(config, combination, common, theirs, ours, own):
    """The Pair of what the arms differ in; `own` is a folder of files, None where those of the config do."""
    base = varied(config, common)
    if own is not None:
        base = _within(base, own)
    try:
        configs = [arms.one(base, copy.deepcopy(said)) for said in (ours, theirs)]
    except ConfigError as error:
        raise ConfigError([f"{combination.name}{problem}" for problem in error.problems]) from None
    return Pair(combination, *configs, {"policy": ours, "against": theirs}, own)


def _within(config, folder):
    """The config with another folder of the user's own files."""
    return replace(config, resolved={**config.resolved, "configs": folder})


def _changed(config, name):
    """Knob -> value of a policy of the config, of those that are not as in its file."""
    of_file = _declared(config, name)
    settings = config.resolved["policy"][name]
    knobs = {key: settings[key] for key in settings if key not in ("_target_", *CALENDAR) and key in of_file}
    return {key: value for key, value in knobs.items() if value != of_file[key]}


def _declared(config, name):
    """Knob -> value of the file of a policy."""
    declared = read_yaml(options("policy", config.resolved["configs"])[name])
    return {
        key: node["value"] if isinstance(node, dict) and "value" in node else node for key, node in declared.items()
    }


def settings_of(config, name):
    """Knob -> value of a policy: those of the config where it has it, else those of its file."""
    return config.resolved["policy"].get(name) or _declared(config, name)


def _scaled(config, name, size, called):
    """Dotted knob of a policy, or of its copy `called` so -> its value at a size; nothing at the size of the file."""
    if size == 1.0:
        return {}
    knobs = counterfactuals.growing_knobs(settings_of(config, name))
    return {f"policy.{called}.{knob}": value * size for knob, value in knobs.items()}


def _rivals(config, name):
    """Policies chosen of the same class, which may not be in force beside it."""
    files = options("policy", config.resolved["configs"])
    target = read_yaml(files[name])["_target_"]
    return [
        other
        for other, settings in config.resolved["policy"].items()
        if other != name and settings["_target_"] == target and _excludes(config, name, other)
    ]


def _excludes(config, name, other):
    if any(policy.name == name for policy in config.policies):
        return True
    try:
        arms.one(
            config, {"policy": [other, name], **_dates(config, other), f"policy.{name}.start": begins(config, other)}
        )
    except ConfigError:
        return True
    return False


def _dates(config, name):
    return {f"policy.{name}.{key}": config.resolved["policy"][name][key] for key in ("start", "end", "announced")}


def begins(config, name):
    """The quarter from which a policy of the config is in force."""
    return config.resolved["policy"][name]["start"] or quarter_name(config.start)


def ended(config, name, last):
    """What ends a policy of the config by a quarter, nothing where it is over by then."""
    settings = config.resolved["policy"][name]
    over = settings["end"] is not None and settings["end"] <= last
    return {} if over or begins(config, name) > last else {f"policy.{name}.end": last}


def anew(config, name, start, folder):
    """(name, dotted knobs, folder of files) of a second programme like a policy of the config, that begins at `start`:
    its file is a copy, and its knobs are those of the first.
    """
    called = f"{name}{SEPARATOR}{start}"
    knobs = {f"policy.{called}.{key}": value for key, value in _changed(config, name).items()}
    return called, {f"policy.{called}.start": start, **knobs}, _copied(config, name, called, folder)


def _copied(config, name, called, folder):
    """The folder with a copy of the file of a policy, and all the user's own files, as text."""
    source = options("policy", config.resolved["configs"])[name]
    own = Path(folder)
    if config.resolved["configs"] is not None:
        shutil.copytree(config.resolved["configs"], own, dirs_exist_ok=True)
    (own / "policy").mkdir(parents=True, exist_ok=True)
    declared = read_yaml(source) | {"start": None, "end": None, "announced": None}
    text = f"# @package policy.{called}\n# Copy of {name}, for a second programme after the first.\n{to_yaml(declared)}"
    path = own / "policy" / f"{called}.yaml"
    if not path.is_file() or path.read_text("utf-8") != text:
        write_text(path, text)
    return str(own.resolve())


def command(pair, runs, seed, primary=None):
    """The words of `sim compare` that make the same numbers, judged by the same outcome."""
    combination = pair.combination
    said = {"with": _tidy(pair.said["policy"]), "without": _tidy(pair.said["against"])}
    words = ["sim", "compare", f"arms={_flow({'without': said['without'], 'with': said['with']})}"]
    words += [f"runs={runs}", f"scale={combination.scale:g}", f"end={quarter_name(pair.policy.end)}"]
    words += [f"seed={seed}"] if seed != 1 else []
    words += [f"primary={primary}"] if primary else []
    words += [f"configs={_from_here(pair.configs)}"] if pair.configs else []
    return shlex.join(words)


def _from_here(folder):
    """A folder as it is called where the command is given: whoever reads it has another machine."""
    path, here = Path(folder), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _tidy(said):
    return said if said else {"without": []}


def _flow(value):
    """A value as the command line reads it."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_flow, value)) + "]"
    return "null" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
