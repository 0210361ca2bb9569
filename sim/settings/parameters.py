"""The numbers of the mechanisms: from their yaml, the city's `calibrated.yaml` and what a run says of them."""

import importlib
import pkgutil
import typing
from typing import Any

from sim.settings import shapes
from sim.settings.fields import check_node, knob, plain
from sim.settings.files import CONFIGS, POINTS, Tree, no_such, options, read_yaml
from sim.settings.refusals import nearest, shown, unknown
from sim.settings.shapes import CALIBRATED
from sim.world.city import City


def mechanisms() -> dict[str, Any]:
    """Name -> class of parameters of every module below `sim.mechanisms` that has one, by name."""
    package = importlib.import_module("sim.mechanisms")
    names = (m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.") if not m.ispkg)
    modules = {name.rpartition(".")[2]: importlib.import_module(name) for name in names}
    return {name: modules[name].Params for name in sorted(modules) if hasattr(modules[name], "Params")}


def read_calibrated(wanted: Any, city: City | None, problems: list[str], own_folder: str | None = None) -> Tree:
    """Mechanism -> parameter -> value of the city's `calibrated.yaml`; nothing where none is there or wanted."""
    if wanted is not False and wanted not in POINTS:
        allowed = f"{', '.join(POINTS)} or false"
        problems.append(f"calibrated={shown(wanted)}: should be {allowed}{nearest(str(wanted), POINTS)}")
    if wanted not in POINTS or city is None:
        return {}
    content, wrong = shapes.read_calibrated(city.point)
    where, fitted = f"{city.name}/{city.point.name}/{CALIBRATED}", content.get("mechanism", {})
    targets = content["about"]["targets"] if content else []
    wrong += [
        f"{where}: about.targets={name}: {no_such('targets', name, own_folder)}"
        for name in targets
        if name not in options("targets", own_folder)
    ]
    if wrong:
        problems += [f"{text}; `sim calibrate` writes it anew, calibrated=false does without" for text in wrong]
        return {}
    kinds = mechanisms()
    known = [f"{name}.{key}" for name, kind in kinds.items() for key in kind._fields]
    strangers = [
        f"{name}.{key}"
        for name, values in fitted.items()
        for key in values
        if name not in kinds or key not in kinds[name]._fields
    ]
    problems += [
        f"{where}: {name} is no parameter{nearest(name, known)}; calibrate again or say calibrated=false"
        for name in strangers
    ]
    return fitted


def read_mechanisms(tree: Any, calibrated: Tree, problems: list[str], same: Any = None) -> tuple[dict[str, Any], Tree]:
    """({name: Params}, the same as a tree), each value from its yaml, from `calibrated` above it, or from `tree` above
    both.

    What `tree` shares with the Config `same` is taken from there.
    """
    given = tree if isinstance(tree, dict) else {}
    kinds = mechanisms()
    params, resolved = {}, {}
    for name, kind in kinds.items():
        if same is not None and given.get(name) is same.resolved["mechanism"][name]:
            params[name], resolved[name] = same.params[name], given[name]
            continue
        path = CONFIGS / "mechanism" / f"{name}.yaml"
        hints = typing.get_type_hints(kind)
        if not path.exists():
            problems.append(f"mechanism.{name}: {path} is missing")
            continue
        declared = read_yaml(path) or {}
        values = {}
        for key in [key for key in declared if key not in hints]:
            problems.append(f"{path.name}: {key} is no parameter of {name}{nearest(key, hints)}")
        for key, hint in hints.items():
            dotted = f"mechanism.{name}.{key}"
            if key not in declared:
                problems.append(f"{dotted}: missing from {path.name}")
            elif check_node(dotted, declared[key], hint, problems):
                told = given.get(name)
                changed = told if isinstance(told, dict) else {}
                fitted = calibrated.get(name, {}).get(key, declared[key])
                values[key] = knob(dotted, changed.get(key, fitted), declared[key], hint, problems)
        if len(values) == len(hints):
            params[name] = kind(**values)
        resolved[name] = plain(values)
    for name, changed in given.items():
        if name not in kinds:
            problems.append(f"mechanism.{name}: no such mechanism{nearest(name, kinds)}")
        elif not isinstance(changed, dict):
            problems.append(
                f"mechanism.{name}={shown(changed)}: set one of its parameters, mechanism.{name}.<parameter>=..."
            )
        else:
            problems += [
                unknown(f"mechanism.{name}.{key}", {"mechanism": resolved})
                for key in changed
                if key not in kinds[name]._fields
            ]
    return params, resolved
