"""The shape of each kind of file: what a yaml of a group must hold before anything is made of it.

A file that is chosen is looked at once, here, so that whoever composes or reads it later can count on its shape. What
its values may be, the class or function that it names decides.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.settings.files import Tree, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown
from sim.world.readers import read_text

MEMBERS = "members"  # key of the yaml of a bundle
CALIBRATED = "calibrated.yaml"  # in the folder of a calibrated point: parameters fitted to its targets
LENT = "parameters_of"  # its only key where the city has none of its own: the city whose point of that name stands in
KIND = {  # group -> what a file of it is
    "city": "a city",
    "policy": "a policy",
    "shock": "a shock",
    "mechanism": "parameters",
    "targets": "targets",
    "experiment": "a verb",
    "launcher": "a launcher",
}
LIKE = {"experiment": "_target_", "launcher": "name"}  # key by which a file is one of the package's with other values
PACKAGE = re.compile(r"\s*#\s*@package\s+(\S+)\s*")


def problems(group: str, name: str, own_folder: str | None) -> list[str]:
    """What is wrong with the shape of the file of a choice, as sentences with file and key."""
    path = options(group, own_folder)[name]
    where = f"{group}/{path.name}"
    try:
        content = read_yaml(path)
    except ConfigError as error:
        return error.problems
    if content is None and group in ("city", "policy", "shock", "experiment", "launcher"):
        return [f"{where}: is empty, so it is not {KIND[group]}"]
    if content is not None and not isinstance(content, dict):
        return [f"{where}: holds {shown(content)}; {KIND[group]} is written key: value"]
    content = content or {}
    unnamed = [key for key in content if not isinstance(key, str)]
    if unnamed:
        return [f"{where}: {shown(key)}: a key is text; put it in quotes" for key in unnamed]
    if "defaults" in content and own_folder is not None:
        return [f"{where}: defaults: a file of one's own names no others; choose them on the command line"]
    wrong = _package(group, name, path, where)
    if group in ("policy", "shock"):
        wrong += _instrument(group, name, content, where, own_folder)
    if group == "mechanism":
        wrong += [
            f"{where}: {key}: should hold parameters by name" for key in content if not isinstance(content[key], dict)
        ]
    if group == "targets" and not path.with_suffix(".csv").is_file():
        wrong.append(f"{where}: {name}.csv is missing beside it")
    return wrong + _like(group, content, where)


def _package(group: str, name: str, path: Path, where: str) -> list[str]:
    """The line `# @package` says where Hydra puts what a file holds."""
    if (group, name) == ("policy", "history"):
        return []
    usual = group if group in ("city", "mechanism", "experiment", "launcher") else f"{group}.{name}"
    lines = read_text(path).splitlines()
    said = next((match[1] for line in lines if (match := PACKAGE.fullmatch(line))), group)
    return [] if said == usual else [f"{where}: its first line should be # @package {usual}, not {said}"]


def _instrument(group: str, name: str, content: Tree, where: str, own_folder: str | None) -> list[str]:
    """A policy or shock names a class, a bundle its members, which are no bundles."""
    if group == "policy" and name == "history":
        return []
    if "_target_" in content or MEMBERS not in content:
        return _names_function(content, where, "class")
    members = content[MEMBERS]
    if not isinstance(members, dict) or not members:
        return [f"{where}: {MEMBERS}={shown(members)}: should be {group} names, each with its settings or null"]
    wrong = [f"{where}: {key}: a bundle has {MEMBERS} alone" for key in content if key != MEMBERS]
    files = options(group, own_folder)
    for member, settings in members.items():
        if not isinstance(settings, (dict, type(None))):
            wrong.append(f"{where}: {member}: holds {shown(settings)}; write null or {{start: 2016Q1}}")
        if member == name:
            wrong.append(f"{where}: {member}: a bundle cannot be a member of itself")
        elif member not in files:
            wrong.append(f"{where}: {member}: no such {group}{nearest(member, files)}")
        elif is_bundle(files[member]) or (group == "policy" and member == "history"):
            wrong.append(f"{where}: {member}: is a bundle itself; name its members here")
        else:
            wrong += problems(group, member, own_folder)
    return wrong


def is_bundle(path: Path) -> bool:
    """Whether a yaml of a policy or shock is a bundle."""
    content = read_yaml(path)
    return isinstance(content, dict) and MEMBERS in content and "_target_" not in content


def _names_function(content: Mapping[str, Any], where: str, what: str) -> list[str]:
    target = content.get("_target_")
    if target is None:
        return [f"{where}: names no {what} by _target_"]
    if not isinstance(target, str) or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)+", target):
        return [f"{where}: _target_={shown(target)}: should be module.{'Class' if what == 'class' else what}"]
    return []


def _like(group: str, content: Tree, where: str) -> list[str]:
    """A verb or launcher of the user's own has the keys of that of the package which it is a variant of."""
    if group not in LIKE or where.partition("/")[2].removesuffix(".yaml") in options(group):
        return []
    if group == "experiment" and (wrong := _names_function(content, where, "function")):
        return wrong
    for path in options(group).values():
        like = read_yaml(path) or {}
        if content.get(LIKE[group]) == like.get(LIKE[group]):
            lacking = [f"{where}: {key} is missing, a key of {path.stem}" for key in like if key not in content]
            strange = [key for key in content if key not in like]
            return lacking + [f"{where}: {key}: no such key of {path.stem}{nearest(key, like)}" for key in strange]
    if group == "launcher":
        name = content.get("name")
        return [f"{where}: name={shown(name)}: no such launcher{nearest(name, options(group))}"]
    return []


# ---------------------------------------------------------------- what a fit has left


def read_calibrated(folder: Path, lent: bool = False) -> tuple[Tree, list[str]]:
    """(content of the `calibrated.yaml` of a point's folder, what is wrong with its shape); nothing without one.

    Where it only names another city it is what stands in that city's point of the same name, which lends no further.
    """
    path = folder / CALIBRATED
    if not path.exists():
        return {}, []
    where = f"{folder.parent.name}/{folder.name}/{CALIBRATED}"
    try:
        content = read_yaml(path)
    except ConfigError as error:
        return {}, error.problems
    parts = content if isinstance(content, dict) else {}
    if set(parts) == {LENT} and not lent:
        files, city = options("city", str(folder.parent.parent.parent)), str(parts[LENT])
        point = files[city].with_suffix("") / folder.name if city in files else None
        if point is None or not (point / CALIBRATED).is_file():
            lacks = f"has no {folder.name}/{CALIBRATED}" if point else f"no such city{nearest(city, files)}"
            return {}, [f"{where}: {LENT}={city}: {lacks}"]
        return read_calibrated(point, lent=True)
    wrong = [f"{where}: {key} is missing, or holds no keys" for key in ("about", "mechanism") if not _has(parts, key)]
    if not wrong:
        about, fitted = parts["about"], parts["mechanism"]
        wrong += [f"{where}: about.{key} is missing" for key in ("targets", "date", "premises") if key not in about]
        wrong += [f"{where}: mechanism.{key}: should hold parameters" for key in fitted if not _has(fitted, key)]
        if not wrong and not isinstance(about["targets"], list):
            wrong.append(f"{where}: about.targets={shown(about['targets'])}: should be a list of names")
    return ({}, wrong) if wrong else (parts, [])


def _has(tree: Tree, key: str) -> bool:
    return isinstance(tree.get(key), dict)
