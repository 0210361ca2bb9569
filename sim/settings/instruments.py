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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from sim.policies.instrument import Instrument
from sim.settings import imports
from sim.settings.bundles import unpack
from sim.settings.fields import NODE, check_node, knob, names, plain, quarter
from sim.settings.files import Tree, no_such, options, read_yaml
from sim.settings.refusals import nearest, shown, unknown
from sim.world.calendar import quarter_name
from sim.world.city import City
from sim.world.kinds import Institution, Origin, Stage
from sim.world.levers import Levers

OF_THE_PACKAGE = ("sim.policies.", "sim.shocks.")  # how the names of its classes begin
HISTORY = "in force"  # what configs/policy/history.yaml says
CALENDAR = ("start", "end", "announced")
COMMON = {
    "phase_in_quarters": (0, 80),
    "budget": (0.0, 1e13),
    "administration": (0.0, 1.0),
}  # bounds where a yaml gives none


def choose(
    group: str,
    tree: Tree,
    city: City | None,
    own_folder: str | None,
    problems: list[str],
    elsewhere: Collection[str] = (),
) -> dict[str, Tree]:
    """Name -> settings above those of its yaml, of the policies or shocks that `tree` chooses.

    What Hydra composed has a `_target_`; the rest was only named by a key such as
    `policy.sandbox.start`, which is right for what history or a bundle puts in, or what another arm has (`elsewhere`),
    and wrong otherwise.
    """
    given = tree.get(group) or {}
    if not isinstance(given, dict):
        problems.append(f"{group}={shown(given)}: write {group}=[name]")
        return {}
    given, files = dict(given), options(group, own_folder)
    history = "history" in given
    if given.pop("history", HISTORY) != HISTORY:
        problems.append(f"{group}.history: holds no settings; write {group}=history")
    chosen = unpack(group, given, city if history else None, own_folder, problems)
    for name, settings in given.items():
        if name not in files:
            problems.append(f"{group}.{name}: {no_such(group, name, own_folder)}")
        elif not isinstance(settings, dict):
            leaves = f"; it is left out by without=[{name}]" if group == "policy" else ""
            problems.append(
                f"{group}.{name}={shown(settings)}: write {group}=[{name}], or set a knob by "
                f"{group}.{name}.<knob>=...{leaves}"
            )
        elif "_target_" in settings and name in chosen:
            problems.append(f"{group}={name}: chosen twice, it is part of {chosen[name][0]}")
        elif "_target_" in settings or name in chosen:
            chosen[name] = ("", {**chosen.get(name, ("", {}))[1], **settings})
        elif name not in elsewhere and not (history and city is None):
            problems.append(f"{group}.{name}: is not among those chosen{nearest(name, chosen)}")
    return {name: settings for name, (_, settings) in chosen.items()}


def leave_out(chosen: dict[str, Tree], without: Any, problems: list[str]) -> dict[str, Tree]:
    """The chosen policies but those named in `without`."""
    if without == "none" and "none" not in chosen:
        problems.append("without=none: write without=[]")
        return chosen
    listed, wrong = names("without", [] if without is None else without, "should be a list of policies")
    wrong += [
        f"without={name}: is not among the policies chosen{nearest(name, chosen)}"
        for name in dict.fromkeys(listed)
        if name not in chosen
    ]
    problems += wrong
    return {name: settings for name, settings in chosen.items() if name not in listed}


def dated(
    chosen: dict[str, Tree], city: City | None, span: tuple[int | None, int | None], own_folder: str | None
) -> dict[str, Tree]:
    """The chosen policies, those without a start at the dates that they had in the history of the city, or from the
    first quarter of history on, so that nothing counts in the spin-up unless it is asked for.

    A run that ends before has no such quarter: there a policy without a start is in force from the first one on.
    """
    first, last = span
    if city is None or first is None or last is None:
        return chosen
    files, found = options("policy", own_folder), {}
    for name, settings in chosen.items():
        declared = read_yaml(files[name]) or {}
        own = {key: settings.get(key, declared.get(key)) for key in CALENDAR}
        found[name] = settings
        if own["start"] is None:
            theirs = city.policies.get(name) or {}
            start = theirs.get("start")
            if not isinstance(start, str) or start > quarter_name(last):
                theirs = {"start": quarter_name(city.history_start)} if first < city.history_start <= last else {}
            dates = {key: theirs[key] for key in CALENDAR if own[key] is None and theirs.get(key) is not None}
            if not isinstance(own["end"], str) or str(dates.get("start", "")) <= own["end"]:
                found[name] = settings | dates
    return found


def told(group: str, tree: Tree, own_folder: str | None) -> dict[str, Tree]:
    """Name -> what was set of a policy or shock beyond the yaml that it was chosen by; those that a key names alone are
    among them.
    """
    files, given = options(group, own_folder), tree.get(group)
    said = {}
    for name, settings in given.items() if isinstance(given, dict) else ():
        if name in files and isinstance(settings, dict):
            declared = read_yaml(files[name]) or {}
            here = declared if "_target_" in settings or "members" in settings else {}
            said[name] = {key: value for key, value in settings.items() if key not in here or value != here[key]}
    return {name: settings for name, settings in said.items() if settings}


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
    levers = Levers(city.district_codes, city.sectors, guarded=True) if city is not None and chosen else None
    for name, settings in chosen.items():
        declared = read_yaml(files[name]) or {}
        if not own_code and not str(declared["_target_"]).startswith(OF_THE_PACKAGE):
            problems.append(f"{group}.{name}: {outside(files[name], declared['_target_'])}")
            continue
        kind = read_target(f"{group}.{name}", declared, settings, problems)
        if kind is not None:
            one, resolved[name] = read_instrument(f"{group}.{name}", name, kind, declared, settings, city, problems)
            if one is not None and levers is not None:
                imports.try_out(f"{group}.{name}", one, levers, problems)
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
    return imports.kind_of(dotted, target, problems)


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
    unread = imports.unread(kind)
    knobs = {item.name: item for item in fields(kind) if item.name not in ("name", *CALENDAR, *unread)}
    problems += [
        f"{dotted}._target_={declared['_target_']}: {item.name} is read by nothing in {kind.__name__}; take it out"
        for item in fields(kind)
        if item.name in unread and item.default is MISSING and item.name not in declared
    ]
    for key in [key for key in declared if key not in (*CALENDAR, *knobs, "_target_")]:
        what = "of its yaml is read by nothing in" if key in unread else "of its yaml is no knob of"
        problems.append(f"{dotted}: {key} {what} {kind.__name__}{nearest(key, knobs)}")
    for key in [key for key in settings if key not in (*CALENDAR, *knobs, *declared)]:
        if key in unread:
            problems.append(f"{dotted}.{key}: is read by nothing in {kind.__name__}{_sizes(kind, knobs)}")
        else:
            problems.append(unknown(f"{dotted}.{key}", _nested(dotted, dict.fromkeys((*CALENDAR, *knobs)))))
    if dotted.startswith("shock."):
        problems += [
            f"{dotted}.{key}={shown(settings[key])}: a shock has no purse, so nothing reads it"
            for key in ("budget", "administration")
            if settings.get(key, 0.0) != 0.0 and key not in declared
        ]
    values = {}
    for key, item in knobs.items():
        says = declared.get(key, _common(key, item))
        needed: tuple[str, ...] = NODE[:-1]
        if key in COMMON:
            says, needed = {**_common(key, item), **(says if isinstance(says, dict) else {"value": says})}, ()
        if says is MISSING:
            problems.append(f"{dotted}.{key}: missing from its yaml")
        elif check_node(f"{dotted}.{key}", says, hints[key], problems, needed):
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
        problems += [f"{dotted}: {text}" for text in imports.checked(one, city)]
    return one, tree


def _sizes(kind: type[Instrument], knobs: Collection[str]) -> str:
    """The knobs that say how large a programme is."""
    sizes = [knob for knob in kind.GROWS if knob in knobs]
    return f"; its size is {' and '.join(sizes)}" if sizes else ""


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


def check_names(dotted: str, key: str, listed: Any, city: City | None, problems: list[str]) -> None:
    """Sectors and districts named by a knob are those of the city, stages, origins and kinds of institutions those of
    the model.
    """
    if city is None or not isinstance(listed, tuple):
        return
    kinds = {
        what: [kind.name.lower() for kind in members]
        for what, members in (("stage", Stage), ("origin", Origin), ("institution", Institution))
    }
    for what, allowed in {"sector": city.sectors, "district": city.district_codes, **kinds}.items():
        if key == f"{what}s" or key.endswith(f"_{what}s"):
            hint = {
                name: nearest(name, allowed) or f"; there is {', '.join(allowed)}"
                for name in listed
                if name not in allowed
            }
            problems += [f"{dotted}={name}: no such {what}{text}" for name, text in hint.items()]


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
