"""From settings to checked objects: what a run is told, and every refusal.

`load` composes the words of a command line (`words.py`) and hands the tree on; `load_file`
reads the tree that a run has kept. Both then pass the same checks, which gather all that is
wrong and name key, value, what is allowed and the nearest right name. Nothing is written.

Where a number comes from, lowest first: the yaml of the mechanism or instrument, for parameters
the city's `calibrated.yaml`, the files chosen on top of it, the command line. Bounds are those of
the first alone.
"""

import math
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sim.settings import idle, shapes
from sim.settings.bundles import other_arms
from sim.settings.fields import flag, names, number, quarter, several
from sim.settings.files import (
    POINTS,
    Tree,
    check_new_folder,
    check_own_folder,
    check_place,
    options,
    point_of,
    read_yaml,
)
from sim.settings.instruments import check_overlaps, choose, dated, leave_out, read_instruments, told
from sim.settings.parameters import read_calibrated, read_mechanisms
from sim.settings.refusals import ConfigError, nearest, shown, unknown
from sim.settings.verb import PLAIN, check_experiment, check_verb
from sim.settings.words import compose
from sim.world.calendar import quarter_name
from sim.world.city import City, assemble
from sim.world.reference import FILE

MAIN = {  # whole or real number, bounds, what is allowed in words
    "seed": (int, 0, 2**63 - 1, "a whole number from 0 to 2^63 - 1"),
    "scale": (float, math.ulp(0.0), 1.0, "a number above 0 and up to 1"),
    "threads": (int, 1, 1024, "a whole number from 1 to 1024"),
    "checkpoint_quarters": (int, 0, 1000, "a whole number from 0 to 1000"),
}
LEAST_PERSONS = 30  # in the first quarter; the smallest city that a test has run
MAKES_NORMS = "sim.calibration.reference.command"  # the verb for a city that has no norms yet
FITS = "sim.calibration.command.command"  # the verb that writes the parameters of a city anew
FIGURES = ("svg", "pdf", "png")  # kinds of files
TREE = (
    *MAIN,
    "start",
    "end",
    "resume",
    "output",
    "figures",
    "configs",
    "calibrated",
    "city",
    "mechanism",
    "policy",
    "shock",
    "targets",
    "experiment",
)


@dataclass(frozen=True)
class Config:
    """What a run is told, checked. Quarters are integers (`sim.world.calendar`).

    `params` maps a mechanism to its Params; `policies` and `shocks` are instruments in the
    order of the config; `resolved` is the plain tree that `load_file` turns into an equal Config.
    """

    seed: int
    scale: float
    start: int
    end: int
    threads: int
    checkpoint_quarters: int
    resume: str | None
    output: str
    figures: list
    experiment: dict
    params: dict
    city: City = field(compare=False)  # its files are its identity, and `resolved` names them
    policies: tuple
    shocks: tuple
    targets: list
    resolved: dict
    launcher: dict | None = field(
        default=None, compare=False
    )  # where a sweep runs: no part of what it computes, so not in `resolved`
    progress: bool = field(default=True, compare=False)  # whether how far the work is may be told on the screen
    told: dict = field(default_factory=dict, compare=False)  # policy -> what was set of it beyond its yaml
    notes: tuple = field(default=(), compare=False)  # what was set and does nothing, or not everywhere, as sentences

    def one_run(self, **keys: Any) -> Self:
        """This config with the verb of one run and, where given, other values of plain keys such as `threads`."""
        keys = {**keys, "experiment": PLAIN}
        return replace(self, **keys, resolved={**self.resolved, **keys})


def load(overrides: Iterable[str] = ()) -> Config:
    """The Config that command-line words such as `policy=[sandbox]` or `seed=7` describe.

    Raises ConfigError with all problems at once.
    """
    tree, problems, strangers = compose(overrides)
    if not tree:
        raise ConfigError(problems)
    others = other_arms(tree, _own_folder(tree))
    config = _config(tree, problems + check_places(tree), strangers, elsewhere=others)
    said = told("policy", tree, config.resolved["configs"])
    return replace(config, told=said, notes=config.notes + tuple(idle.notes(config, tree, said, others)))


def load_tree(tree: Tree) -> Config:
    """The Config of a resolved tree, such as that of another Config with a number changed; ConfigError."""
    return _config({**tree, "targets": dict.fromkeys(tree["targets"])}, [], [])


def load_file(path: str | Path, trusted: str | bool = False) -> Config:
    """The Config of a `config.yaml` that a run has kept, or ConfigError.

    Whoever sends such a file may have written it: its verb is that of one run, and its policies and shocks are those
    of the package. Others are loaded where they are `trusted`: True for those in the folder that the file names, or
    the folder that takes its place. Cities and targets are data, and are read from there in any case.
    """
    tree = read_yaml(path)
    if not isinstance(tree, dict):
        raise ConfigError([f"{path}: not the config of a run"])
    missing = [f"{key}: missing from {path}" for key in TREE if key not in tree]
    if missing:
        raise ConfigError(missing)
    if tree["experiment"] != PLAIN:
        verb = tree["experiment"].get("_target_") if isinstance(tree["experiment"], dict) else tree["experiment"]
        raise ConfigError(
            [
                f"{path}: is no run's, or is of another version (experiment._target_={shown(verb)}); run.json beside "
                "it says which"
            ]
        )
    if isinstance(trusted, str):
        tree["configs"] = trusted
    own_folder = tree["configs"]
    if own_folder is not None and check_own_folder(own_folder):
        raise ConfigError(check_own_folder(own_folder))
    targets, problems = names("targets", tree["targets"])
    problems += [f"targets={name}: no such targets" for name in targets if name not in options("targets", own_folder)]
    problems += [
        f"{key}: should hold settings by name"
        for key in ("mechanism", "policy", "shock")
        if not isinstance(tree[key], dict)
    ]
    if problems:
        raise ConfigError(problems)
    for group, chosen in (("policy", tree["policy"]), ("shock", tree["shock"]), ("targets", targets)):
        for name in [name for name in chosen if name in options(group, own_folder)]:
            problems += shapes.problems(group, name, own_folder)
    if problems:
        raise ConfigError(problems)
    settings = {key: tree[key] for key in TREE} | {"targets": dict.fromkeys(targets)}
    return _config(settings, [], [key for key in tree if key not in TREE], own_code=bool(trusted))


def with_policies(
    tree: Tree,
    names: Sequence[str],
    settings: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
    said: Mapping[str, Tree] | None = None,
) -> Config:
    """The Config of a plain run with the settings of `tree` but other policies, as `with_chosen`."""
    return with_chosen(tree, {"policy": names}, settings, said)


def with_chosen(
    tree: Tree,
    chosen: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
    said: Mapping[str, Tree] | None = None,
) -> Config:
    """The Config of a plain run with the settings of `tree` but other policies or shocks: `chosen` maps the group to
    the names of files, at whose values they are, or policies that are among `said` (policy -> knob -> value) at those.

    `settings` maps dotted keys to values that differ from all that. Raises ConfigError.
    """
    own_folder = tree.get("configs")
    from sim.settings.hydra_words import quoted  # with Hydra, which takes its time

    own = [f"configs={quoted(own_folder)}"] if own_folder else []
    composed, problems, _ = compose([*(f"{group}={shown(names)}" for group, names in chosen.items()), *own])
    groups: dict[str, Any] = {group: composed.get(group) for group in chosen}
    others, policy = {}, groups.get("policy")
    for name, values in (said or {}).items():
        if isinstance(policy, dict):
            policy[name] = {**policy.get(name, {}), **values}
    for key, value in dict(settings).items():
        group, _, rest = key.partition(".")
        name, _, knob_ = rest.partition(".")
        if knob_ and isinstance(groups.get(group), dict):
            groups[group].setdefault(name, {})[knob_] = value
        else:
            others[key] = value
    other, strangers = put({**tree, **groups, "without": None, "experiment": PLAIN}, others)
    return _config(other, problems, strangers, elsewhere=said or ())


def varied(config: Config, values: Mapping[str, Any]) -> Config:
    """The Config of a plain run that is told the same as `config`, but for the settings that `values` gives by dotted
    key.

    A key may end in the place of a number in a list: `mechanism.funding.sizes.0`. Raises ConfigError.
    """
    tree, strangers = put({**config.resolved, "without": None, "experiment": PLAIN}, values)
    tree["targets"] = dict.fromkeys(config.targets)
    return _config(tree, [], strangers, config)


def at_point(config: Config, point: str) -> Config:
    """The Config of a plain run that is told the same as `config`, with the parameters of another calibrated point of
    its city; a parameter that is neither the value fitted nor that of its yaml was said, and stays.

    Raises ConfigError where the city has no such point.
    """
    problems: list[str] = []
    resolved, own = config.resolved, config.resolved["configs"]
    here = read_calibrated(resolved["calibrated"], config.city, problems, own)
    city = read_city(resolved["city"], point, own, problems)
    there = read_calibrated(point, city, problems, own)
    if not there and not problems:
        problems.append(f"calibrated={point}: {config.city.name} has no such point; `sim calibrate` makes it")
    (_, before), (_, after) = (read_mechanisms({}, fitted, problems) for fitted in (here, there))
    if problems:
        raise ConfigError(problems)
    moved = {
        f"mechanism.{name}.{key}": after[name][key]
        for name, settings in resolved["mechanism"].items()
        for key, value in settings.items()
        if value == before[name][key] != after[name][key]
    }
    return varied(config, {"calibrated": point, **moved})


def put(tree: Tree, values: Mapping[str, Any]) -> tuple[Tree, list[str]]:
    """(a tree with `values` by dotted key in their places, the keys that have none); what is not touched is shared with
    `tree`.
    """
    out, strangers, copied = dict(tree), [], {""}
    for key, value in values.items():
        node: Any = out
        *parts, last = key.split(".")
        stem = ""
        for part in parts:
            stem, inner = f"{stem}{part}.", node.get(part) if isinstance(node, dict) else None
            if not isinstance(inner, (dict, list)):
                break
            if stem not in copied:
                copied.add(stem)
                node[part] = inner = inner.copy()
            node = inner
        else:
            if isinstance(node, list) and last.isdecimal() and int(last) < len(node):
                node[int(last)] = value
                continue
            if isinstance(node, dict) and (last in node or "_target_" in node):  # the class says which knobs it has
                node[last] = value
                continue
        strangers.append(key)
    return out, strangers


def _config(
    tree: Tree,
    problems: list[str],
    strangers: Iterable[str],
    same: Config | None = None,
    elsewhere: Collection[str] = (),
    own_code: bool = True,
) -> Config:
    """Check all of a tree and build what it describes; `problems` are those found before.

    City and mechanisms that the tree shares with the resolved config of `same` are those of `same`; knobs may be set of
    policies that are `elsewhere`. Without `own_code` a policy or shock whose class is not of the package is refused,
    and not loaded.
    """
    own_folder = _own_folder(tree)
    values = {
        key: number(key, tree.get(key), kind, low, high, problems, allowed + several(key, tree.get(key)))
        for key, (kind, low, high, allowed) in MAIN.items()
    }
    point = point_of(tree.get("calibrated"))
    if same is not None and tree.get("city") is same.resolved["city"] and point == same.city.point.name:
        city: City | None = same.city
    else:
        city = read_city(tree.get("city"), point, own_folder, problems)
    check_scale(values["scale"], city, problems)
    start, end = read_span(tree, city, problems)
    progress = flag("progress", tree.get("progress", True), problems)
    calibrated: Tree = {}
    notes: list[str] = []
    if same is None:  # else both stand in the tree already
        check_targets(tree.get("targets"), own_folder, city, problems)
        wrong: list[str] = []
        calibrated = read_calibrated(tree.get("calibrated"), city, wrong, own_folder)
        if wrong and isinstance(tree.get("experiment"), dict) and tree["experiment"].get("_target_") == FITS:
            notes = [f"{text}; it is not read, and written anew" for text in wrong]
        else:
            problems += wrong
    params, parameters = read_mechanisms(tree.get("mechanism"), calibrated, problems, same)
    chosen = leave_out(choose("policy", tree, city, own_folder, problems, elsewhere), tree.get("without"), problems)
    chosen = dated(chosen, city, (start, end), own_folder)
    policies, policy_tree = read_instruments("policy", chosen, city, own_folder, problems, own_code)
    shocks, shock_tree = read_instruments(
        "shock", choose("shock", tree, city, own_folder, problems), city, own_folder, problems, own_code
    )
    wrong_verb = check_experiment(tree.get("experiment"), own_folder)
    problems += wrong_verb
    check_overlaps("policy", policies, problems)
    check_overlaps("shock", shocks, problems)
    resolved = {
        **values,
        "start": quarter_name(start) if start is not None else None,
        "end": quarter_name(end) if end is not None else None,
        "resume": tree.get("resume"),
        "output": tree.get("output"),
        "figures": read_figures(tree.get("figures"), problems),
        "configs": own_folder,
        "calibrated": tree.get("calibrated"),
        "city": tree.get("city"),
        "mechanism": parameters,
        "policy": policy_tree,
        "shock": shock_tree,
        "targets": list(tree.get("targets") or ()),
        "experiment": tree.get("experiment"),
    }
    needs_norms = wrong_verb or tree["experiment"]["_target_"] not in (MAKES_NORMS, FITS)  # a fit comes before norms
    if city is not None and city.reference is None and needs_norms:
        make = norms_command(city, tree.get("configs"))
        problems.append(f"city={city.name}: has no {city.point.name}/{FILE}, what is normal there; `{make}` makes it")
    problems = [unknown(key, {**tree, **resolved}) for key in strangers] + problems
    problems += [text for text in check_verb(tree, resolved) if text not in problems] if not wrong_verb else []
    if problems or city is None or start is None or end is None:
        raise ConfigError(problems)
    return Config(
        **values,
        start=start,
        end=end,
        resume=resolved["resume"],
        output=resolved["output"],
        figures=resolved["figures"],
        experiment=tree["experiment"],
        params=params,
        city=city,
        policies=tuple(policies),
        shocks=tuple(shocks),
        targets=resolved["targets"],
        resolved=resolved,
        launcher=tree.get("launcher"),
        progress=progress,
        notes=tuple(notes),
    )


def _own_folder(tree: Tree) -> str | None:
    """The user's folder, where one is named and there."""
    folder = tree.get("configs")
    return str(Path(folder).resolve()) if isinstance(folder, str) and os.path.isdir(folder) else None


def norms_command(city: City, own_folder: str | None) -> str:
    """The command that makes what is normal in a city at its point, for a user whose own files lie in `own_folder`."""
    own = [f"configs={own_folder}"] if own_folder else []
    point = [f"calibrated={city.point.name}"] if city.point.name != POINTS[0] else []
    return " ".join(["sim reference", *own, f"city={city.name}", *point])


# ---------------------------------------------------------------- main keys


def read_city(tree: Any, point: str, own_folder: str | None, problems: list[str]) -> City | None:
    """The City of a tree of its scalars, with what is normal at a calibrated point, or None."""
    name = tree.get("name") if isinstance(tree, dict) else tree
    name = name if isinstance(name, str) else shown(name)
    files = options("city", own_folder)
    if name not in files or name is tree:
        missing = f"city={name}: its numbers are missing"
        problems.append(missing if name in files else f"city.name={shown(name)}: no such city{nearest(name, files)}")
        return None
    try:
        return assemble(tree, files[name].with_suffix(""), point)
    except ValueError as error:
        problems += [f"city {name}: {line}" for line in str(error).splitlines()[1:] or [str(error)]]
        return None


def check_scale(scale: float | None, city: City | None, problems: list[str]) -> None:
    """Enough people are left for an economy."""
    if scale is not None and city is not None and scale * city.persons < LEAST_PERSONS:
        least = math.ceil(1e6 * LEAST_PERSONS / city.persons) / 1e6
        problems.append(
            f"scale={scale:g}: leaves {scale * city.persons:.3g} of the {city.persons:,} persons of {city.name}; "
            f"at least {LEAST_PERSONS} are needed, scale={least:g}"
        )


def read_span(tree: Tree, city: City | None, problems: list[str]) -> tuple[int | None, int | None]:
    """First and last quarter simulated, within the city's history."""
    start = quarter("start", tree.get("start"), problems, optional=True)
    end = quarter("end", tree.get("end"), problems)
    if city is None:
        return start, end
    first, last = quarter_name(city.first), quarter_name(city.last)
    if tree.get("start") is None:
        start = city.first
    if start is not None and not city.first <= start <= city.last:
        problems.append(f"start={tree['start']}: should be from {first} to {last}, the history of {city.name}")
    if end is not None and not city.first <= end <= city.last:
        problems.append(f"end={tree['end']}: should be from {first} to {last}, the history of {city.name}")
    if start is not None and end is not None and end < start:
        problems.append(f"end={tree['end']}: is before the start, {quarter_name(start)}")
    return start, end


def check_places(tree: Tree) -> list[str]:
    """The folder to go on from is there, and nothing stands where results go."""
    problems = []
    resume, output = tree.get("resume"), tree.get("output")
    if resume is not None and not (problems := check_place("resume", resume)) and not Path(resume).is_dir():
        problems.append(f"resume={resume}: no such folder")
    return problems + check_new_folder("output", output)


def read_figures(asked: Any, problems: list[str]) -> list[str]:
    """Kinds of the files of figures."""
    allowed = f"should be a list of {', '.join(FIGURES)}, or [] for none"
    kinds, wrong = names("figures", asked, allowed)
    wrong += [f"figures={kind}: {allowed}" for kind in kinds if kind not in FIGURES]
    problems += wrong
    return [] if wrong else kinds


def check_targets(chosen: Any, own_folder: str | None, city: City | None, problems: list[str]) -> None:
    """The files of targets that are chosen hold what they should."""
    from sim.observables import targets

    files = options("targets", own_folder)
    for name in chosen or ():
        if name in files:  # else it is told already
            problems += [f"targets={name}: {text}" for text in targets.problems(files[name].with_suffix(".csv"), city)]
