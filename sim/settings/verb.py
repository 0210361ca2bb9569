"""The verb of a run: the function that its yaml names, and what its module has against the run."""

import importlib
import importlib.util
from typing import Any

from sim.settings import extras
from sim.settings.files import Tree, options, read_yaml

PLAIN = {"_target_": "sim.runs.records.run_to_folder"}  # the verb of one run


def check_experiment(tree: Any, own_folder: str | None) -> list[str]:
    """What is wrong with the verb: its function, `_target_`, is one that the yaml of a verb names, and none that was
    only said.
    """
    if tree == PLAIN:
        return []
    target = tree.get("_target_") if isinstance(tree, dict) else None
    if target is None:
        return ["experiment: names no function; a verb's yaml has _target_"]
    verbs = (read_yaml(path) for path in options("experiment", own_folder).values())
    if target not in [verb.get("_target_") for verb in verbs if isinstance(verb, dict)]:
        return [f"experiment._target_={target}: cannot be changed; write a yaml of your own"]
    if not _exists(str(target).rpartition(".")[0]):
        return [f"experiment._target_={target}: no such module"]
    return []


def check_verb(tree: Tree, resolved: Tree) -> list[str]:
    """What the module of the verb has against its keys or against the run, as sentences: libraries that it lacks, else
    what its function `check` says, where it has one.

    `tree` is what was composed, `resolved` what became of it.
    """
    asked = tree.get("experiment") or {}
    module = str(asked.get("_target_")).rpartition(".")[0]
    launcher = (tree.get("launcher") or {}).get("name", "local")
    if launcher != "local" and "workers" not in asked:
        return [f"launcher={launcher}: this runs here; launchers are for verbs of many runs and for -m"]
    lacking = extras.missing({"verb": module, "design": asked.get("design"), "launcher": launcher})
    if lacking:
        return lacking
    check = getattr(importlib.import_module(module), "check", None) if _exists(module) else None
    return check(tree, resolved) if check else []


def _exists(module: str) -> bool:
    """Whether a module can be found, without importing what it needs."""
    try:
        return bool(module) and importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
