"""The policies and shocks that a run is told: which are chosen, and each as its yaml and the settings above it describe
it.

History and bundles put in names; a list puts in files; `policy.sandbox.start=...` sets a knob of
one that is chosen. Every knob is checked against the class that the yaml names, and two variants
of one instrument are never in force together.
"""

import math
import os
import sys
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from sim.policies.instrument import Instrument
from sim.settings.bundles import unpack
from sim.settings.fields import check_node, knob, plain, quarter
from sim.settings.files import Tree, options, read_yaml
from sim.settings.refusals import nearest, shown, unknown
from sim.world import sources
from sim.world.calendar import quarter_name
from sim.world.city import City
from sim.world.kinds import Institution, Origin, Stage

OF_THE_PACKAGE = ("sim.policies.", "sim.shocks.")  # how the names of its classes begin
HISTORY = "in force"  # what configs/policy/history.yaml says
CALENDAR = ("start", "end", "announced")
COMMON = {
    "phase_in_quarters": (0, 80),
    "budget": (0.0, 1e13),
    "administration": (0.0, 1.0),
}  # bounds where a yaml gives none


def choose(group: str, tree: Tree, city: City | None, own_folder: str | None, problems: list[str]) -> dict[str, Tree]:
    """Name -> settings above those of its yaml, of the policies or shocks that `tree` chooses.

    What Hydra composed has a `_target_`; the rest was only named by a key such as
    `policy.sandbox.start`, which is right for what history or a bundle puts in and wrong otherwise.
    """
    given = dict(tree.get(group) or {})
    files = options(group, own_folder)
    if "_target_" in given:
        problems.append(f"{group}: one of the files chosen lacks its first line, # @package {group}.<name of the file>")
        return {}
    history = "history" in given
    if given.pop("history", HISTORY) != HISTORY:
        problems.append(f"{group}.history: holds no settings; write {group}=history")
    chosen = unpack(group, given, city if history else None, own_folder, problems)
    for name, settings in given.items():
        if name not in files:
            problems.append(f"{group}.{name}: no such {group}{nearest(name, files)}")
        elif not isinstance(settings, dict):
            problems.append(
                f"{group}.{name}={shown(settings)}: write {group}=[{name}], or set a knob by {group}.{name}.<knob>=..."
            )
        elif "_target_" in settings and name in chosen:
            problems.append(f"{group}={name}: chosen twice, it is part of {chosen[name][0]}")
        elif "_target_" not in (read_yaml(files[name]) or {}):
            problems.append(f"{group}.{name}: its yaml names no class by _target_")
        elif "_target_" in settings or name in chosen:
            chosen[name] = ("", {**chosen.get(name, ("", {}))[1], **settings})
        elif not (history and city is None):
            problems.append(f"{group}.{name}: is not among those chosen{nearest(name, chosen)}")
    return {name: settings for name, (_, settings) in chosen.items()}


def leave_out(chosen: dict[str, Tree], without: Any, problems: list[str]) -> dict[str, Tree]:
    """The chosen policies but those named in `without`."""
    names = [without] if isinstance(without, str) else list(without or ())
    problems += [
        f"without={shown(name)}: is not among the policies chosen{nearest(name, chosen)}"
        for name in names
        if name not in chosen
    ]
    return {name: settings for name, settings in chosen.items() if name not in names}


def read_instruments(
    group: str,
    chosen: dict[str, Tree],
    city: City | None,
    own_folder: str | None,
    problems: list[str],
    own_code: bool = True,
) -> tuple[list[Instrument], Tree]:
    """(objects, tree) of the chosen policies or shocks, in order; without `own_code` those alone whose class is of the
    package.
    """
    files = options(group, own_folder)
    instruments, resolved = [], {}
    for name, settings in chosen.items():
        declared = read_yaml(files[name]) or {}
        if not own_code and not str(declared["_target_"]).startswith(OF_THE_PACKAGE):
            problems.append(f"{group}.{name}: {outside(files[name], declared['_target_'])}")
            continue
        kind = read_target(f"{group}.{name}", declared, settings, problems)
        if kind is not None:
            one, resolved[name] = read_instrument(f"{group}.{name}", name, kind, declared, settings, city, problems)
            instruments += [one] if one is not None else []
    return instruments, resolved


def outside(file: Path, target: Any) -> str:
    """That a class is no part of the package, with the files that hold it; nothing of them is loaded."""
    module = str(target).rpartition(".")[0]
    root = PathFinder.find_spec(module.partition(".")[0], [*sys.path, os.getcwd()])  # it would be found there
    place = f" in {root.origin}" if root is not None and root.origin else ""
    return f"is code from outside the package, {target}{place}, by {file}; read it, and say trust=true to have it run"


def read_target(dotted: str, declared: Tree, settings: Tree, problems: list[str]) -> type[Instrument] | None:
    """The class that a yaml's `_target_` names, or None."""
    target = declared["_target_"]
    if settings.get("_target_", target) != target:
        problems.append(f"{dotted}._target_={settings['_target_']}: cannot be changed; write a yaml of your own")
        return None
    module, _, name = str(target).rpartition(".")
    try:
        loaded = sources.load(module)
    except (ImportError, SyntaxError, ValueError) as error:
        problems.append(f"{dotted}._target_={target}: cannot be imported ({error})")
        return None
    kind = getattr(loaded, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Instrument) and is_dataclass(kind)):
        classes = [
            n
            for n, c in vars(loaded).items()
            if isinstance(c, type) and issubclass(c, Instrument) and c is not Instrument
        ]
        problems.append(f"{dotted}._target_={target}: is no instrument{nearest(name, classes)}")
        return None
    return kind


def read_instrument(
    dotted: str,
    name: str,
    kind: type[Instrument],
    declared: Tree,
    settings: Tree,
    city: City | None,
    problems: list[str],
) -> tuple[Instrument | None, Tree]:
    """(object or None, tree) of one policy or shock: `settings` over the `declared` yaml."""
    before = len(problems)
    hints = typing.get_type_hints(kind)
    knobs = {item.name: item for item in fields(kind) if item.name not in ("name", *CALENDAR)}
    for key in [key for key in declared if key not in (*CALENDAR, *knobs, "_target_")]:
        problems.append(f"{dotted}: {key} of its yaml is no knob of {kind.__name__}{nearest(key, knobs)}")
    for key in [key for key in settings if key not in (*CALENDAR, *knobs, *declared)]:
        problems.append(unknown(f"{dotted}.{key}", _nested(dotted, dict.fromkeys((*CALENDAR, *knobs)))))
    values = {}
    for key, item in knobs.items():
        says = declared.get(key, _common(key, item))
        if key in COMMON and not isinstance(says, dict):
            says = {**_common(key, item), "value": says}
        if says is MISSING:
            problems.append(f"{dotted}.{key}: missing from its yaml")
        elif key in COMMON or check_node(f"{dotted}.{key}", says, problems):
            values[key] = knob(f"{dotted}.{key}", settings.get(key, says), says, hints[key], problems)
            check_names(f"{dotted}.{key}", key, values[key], city, problems)
    dates: Tree = {
        key: quarter(f"{dotted}.{key}", settings.get(key, declared.get(key)), problems, optional=True)
        for key in CALENDAR
    }
    check_calendar(dotted, dates, problems)
    tree = {
        "_target_": declared["_target_"],
        **{key: d if d is None else quarter_name(d) for key, d in dates.items()},
        **plain(values),
    }
    if len(problems) > before:
        return None, tree
    one = kind(name=name, **dates, **values)
    if city is not None:
        problems += [f"{dotted}: {text}" for text in one.check(city)]
    return one, tree


def _common(key: str, item: Field) -> Any:
    """What a knob is where the yaml is silent: the default of its class, in common bounds."""
    if key in COMMON:
        low, high = COMMON[key]
        return {"value": item.default, "low": low, "high": high}
    return item.default


def _nested(dotted: str, values: Tree) -> Tree:
    for key in reversed(dotted.split(".")):
        values = {key: values}
    return values


def check_names(dotted: str, key: str, names: Any, city: City | None, problems: list[str]) -> None:
    """Sectors and districts named by a knob are those of the city, stages, origins and kinds of institutions those of
    the model, each once.
    """
    if city is None or not isinstance(names, tuple):
        return
    kinds = {
        what: [kind.name.lower() for kind in members]
        for what, members in (("stage", Stage), ("origin", Origin), ("institution", Institution))
    }
    for what, allowed in {"sector": city.sectors, "district": city.district_codes, **kinds}.items():
        if key == f"{what}s" or key.endswith(f"_{what}s"):
            hint = {
                name: nearest(name, allowed) or f"; there is {', '.join(allowed)}"
                for name in names
                if name not in allowed
            }
            problems += [f"{dotted}={name}: no such {what}{text}" for name, text in hint.items()]
            problems += [f"{dotted}={name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]


def check_calendar(dotted: str, dates: Mapping[str, int | None], problems: list[str]) -> None:
    """An instrument is announced, then starts, then ends."""
    start, end, announced = (dates[key] for key in CALENDAR)
    if start is not None and end is not None and end < start:
        problems.append(f"{dotted}.end={quarter_name(end)}: is before its start, {quarter_name(start)}")
    if announced is not None and start is None:
        problems.append(f"{dotted}.announced={quarter_name(announced)}: needs a start, {dotted}.start=...")
    if start is not None and announced is not None and announced > start:
        problems.append(f"{dotted}.announced={quarter_name(announced)}: is after its start, {quarter_name(start)}")


def check_overlaps(group: str, instruments: Sequence[Instrument], problems: list[str]) -> None:
    """Two variants of one instrument are never in force together."""
    for i, one in enumerate(instruments):
        for other in instruments[:i]:
            starts = max(-math.inf if p.start is None else p.start for p in (one, other))
            ends = min(math.inf if p.end is None else p.end for p in (one, other))
            if type(one) is type(other) and one.excludes(other) and starts <= ends:
                both = f"{group}=[{other.name},{one.name}]: both are {type(one).__name__}"
                problems.append(f"{both} and in force at one time; end one before the other starts")
