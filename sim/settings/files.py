"""The files of settings: where they are, which there are to choose from, and YAML as it is read and written."""

import functools
import glob
import pickle
import re
from pathlib import Path
from typing import Any

import yaml

from sim.settings.refusals import ConfigError, nearest

Tree = dict[str, Any]  # what a yaml says: settings by name
PACKAGE = Path(__file__).resolve().parents[1]
CONFIGS = PACKAGE / "configs" if (PACKAGE / "configs").is_dir() else PACKAGE.parent / "configs"
MANY = ("policy", "shock", "mechanism", "targets")  # groups of which a list may be chosen
GROUPS = ("city", *MANY, "experiment", "launcher")

FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")  # 1e-3 too, which YAML 1.1 takes for text


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as Hydra reads it, in C where there is a C: 1e-3 is a number and a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


class Dumper(yaml.SafeDumper):
    """The inverse of `Loader`."""


for _class in (Loader, Dumper):
    _class.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file; ConfigError where it is not YAML."""
    try:
        return pickle.loads(_parsed(Path(path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError([f"{path}: cannot be read: {' '.join(str(error).split())}"]) from None


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> bytes:
    """What YAML text says, pickled: a sweep reads the same files for each of its points, and every reader gets a copy
    of its own.
    """
    return pickle.dumps(yaml.load(text, Loader))


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


def check_own_folder(own_folder: Any) -> list[str]:
    """The user's folder exists and shadows nothing of the package: a name means one thing."""
    if not isinstance(own_folder, str) or not Path(own_folder).is_dir():
        return [f"configs={own_folder}: no such folder"]
    if not any((Path(own_folder) / group).is_dir() for group in GROUPS):
        return [f"configs={own_folder}: holds none of the folders {', '.join(GROUPS)}"]
    return [
        f"configs={own_folder}: {group}/{name}.yaml has the name of a file of the package; rename it"
        for group in GROUPS
        for name in sorted(options(group) if Path(own_folder).resolve() != CONFIGS else ())
        if (Path(own_folder) / group / f"{name}.yaml").exists()
    ]
