"""The files of settings: where they are, which there are to choose from, and YAML as it is read and readers."""

import errno
import functools
import glob
import os
import pickle
import re
from pathlib import Path
from typing import Any

import yaml

from sim.settings.refusals import ConfigError, nearest, shown
from sim.world import readers

Tree = dict[str, Any]  # what a yaml says: settings by name
PACKAGE = Path(__file__).resolve().parents[1]
CONFIGS = PACKAGE / "configs" if (PACKAGE / "configs").is_dir() else PACKAGE.parent / "configs"
MANY = ("policy", "shock", "mechanism", "targets")  # groups of which a list may be chosen
POINTS = ("reports", "record")  # calibrated points of a city, by what they are fitted to; a folder of the city's each
POSTERIOR = "posterior.csv"  # there, beside calibrated.yaml: draws of the fitted parameters
GROUPS = ("city", *MANY, "experiment", "launcher")


class Dumper(yaml.SafeDumper):
    """The inverse of how YAML is read: 1e-3 is a number, so the text of that look gets quotes."""


Dumper.add_implicit_resolver("tag:yaml.org,2002:float", readers.FLOAT, list("-+.0123456789"))


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file; ConfigError where it is not YAML."""
    try:
        return pickle.loads(_parsed(readers.read_text(path)))
    except readers.Unreadable as error:
        raise ConfigError([f"{path} {problem}" for problem in error.problems]) from None


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> bytes:
    """What YAML text says, pickled: a sweep reads the same files for each of its points, and every reader gets a copy
    of its own.
    """
    return pickle.dumps(readers.parse_yaml(text))


def to_yaml(tree: Tree) -> str:
    """A plain tree as YAML text, in its own order."""
    return yaml.dump(tree, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def options(group: str, own_folder: str | None = None) -> dict[str, Path]:
    """Name -> file of all choices in a group, those of the user's `own` folder included."""
    folders = [CONFIGS / group, *([Path(own_folder) / group] if own_folder else [])]
    return {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}


def no_such(group: str, name: str, own_folder: str | None = None) -> str:
    """Why a group has no file of a name: it is of another group, has another ending, or the nearest right name."""
    for other in ("policy", "shock", "targets"):
        if other != group and name in options(other, own_folder):
            return f"no such {group}, it is of {other}; write {other}=[{name}]"
    files, stem = options(group, own_folder), name.rpartition(".")[0]
    if stem in files:
        return f"no such {group}; a name has no ending, {stem}"
    beside = sorted((Path(own_folder) / group).glob(f"{glob.escape(name)}.*")) if own_folder else []
    if beside:
        return f"no such {group}; there is {beside[0].name}, but {name}.yaml is missing"
    return f"no such {group}{nearest(name, files)}"


def point_of(calibrated: Any) -> str:
    """The calibrated point whose norms hold where `calibrated` is said: itself, or without one the first."""
    return calibrated if calibrated in POINTS else POINTS[0]


def posterior(city: Any, calibrated: Any, own_folder: str | None) -> Path | None:
    """Where a fit leaves draws of the parameters of a city, a tree or a name: beside the point that it fitted; None for
    no city.
    """
    name = city.get("name") if isinstance(city, dict) else city
    file = options("city", own_folder).get(str(name))
    return file.with_suffix("") / point_of(calibrated) / POSTERIOR if file is not None else None


def check_place(key: str, place: Any, what: str = "folder") -> list[str]:
    """What the system has against the name of a file or folder that the user gives, whether it is there or not."""
    if not isinstance(place, str) or not place.strip():
        return [f"{key}={shown(place)}: should be a {what}"]
    if re.match(r"[A-Za-z][\w+.-]+:/", place):
        return [f"{key}={place}: is an address; write a {what} of this machine"]
    if os.name != "nt" and re.match(r"[A-Za-z]:[/\\]", place):
        return [f"{key}={place}: is a {what} of Windows; here the name begins without a letter and a colon"]
    try:
        os.lstat(place)
    except ValueError:
        return [f"{key}={place!r}: holds a NUL character"]
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP):
            return [f"{key}={place}: no such name is possible: {os.strerror(error.errno)}"]
        if error.errno in (errno.EACCES, errno.EPERM):
            return [f"{key}={place}: cannot be looked at: {os.strerror(error.errno)}"]
    return []


def check_new_folder(key: str, place: Any) -> list[str]:
    """A folder of this name is there or can be made, as far as its name tells."""
    refused = check_place(key, place)
    if not refused and any(os.path.exists(part) and not os.path.isdir(part) for part in (place, *Path(place).parents)):
        return [f"{key}={place}: a file stands in its way"]
    return refused


def check_own_folder(own_folder: Any) -> list[str]:
    """The user's folder exists and shadows nothing of the package: a name means one thing."""
    refused = check_place("configs", own_folder)
    if refused:
        return refused
    if not os.path.isdir(own_folder):
        return [f"configs={own_folder}: no such folder"]
    if not any((Path(own_folder) / group).is_dir() for group in GROUPS):
        return [f"configs={own_folder}: holds none of the folders {', '.join(GROUPS)}"]
    return [
        f"configs={own_folder}: {group}/{name}.yaml has the name of a file of the package; rename it"
        for group in GROUPS
        for name in sorted(options(group) if Path(own_folder).resolve() != CONFIGS else ())
        if (Path(own_folder) / group / f"{name}.yaml").exists()
    ]
