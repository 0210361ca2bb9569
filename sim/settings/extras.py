"""What a verb or a setting needs beyond `pip install silicon-bund`: libraries of an extra of the package.

They are looked for before anything is computed or written, and whoever lacks them is told what to install.
"""

import importlib.util
from collections.abc import Mapping
from typing import Any

NEEDS = {  # (what is asked, its value) -> its name, the extra, the modules that are imported
    ("verb", "sim.calibration.command"): ("calibrate", "calibration", ("sklearn", "threadpoolctl", "SALib")),
    ("verb", "sim.verbs.frontier"): ("frontier", "calibration", ("optuna",)),
    ("verb", "sim.verbs.evidence"): ("evidence", "evidence", ("diff_diff",)),
    ("verb", "sim.verbs.robustness"): ("robustness", "robustness", ("prim",)),
    ("verb", "sim.desk.command"): ("desk", "desk", ("panel",)),
    ("analysis", "surfaces"): ("response surfaces", "analysis", ("sklearn",)),
    ("analysis", "indices"): ("indices", "analysis", ("SALib",)),
    ("analysis", "boxes"): ("where it fails", "robustness", ("prim",)),
    ("design", "saltelli"): ("design=saltelli", "calibration", ("SALib",)),
    ("design", "morris"): ("design=morris", "calibration", ("SALib",)),
    ("launcher", "slurm"): ("launcher=slurm", "cluster", ("submitit",)),
    ("launcher of -m", "joblib"): ("-m launcher=joblib", "cluster", ("hydra_plugins.hydra_joblib_launcher",)),
    ("launcher of -m", "slurm"): ("-m launcher=slurm", "cluster", ("hydra_plugins.hydra_submitit_launcher",)),
}


def missing(asked: Mapping[str, Any]) -> list[str]:
    """What of `asked` (such as {"design": "morris"}) needs a library that is not installed, as sentences."""
    problems = []
    for key, (name, extra, modules) in NEEDS.items():
        absent = [module for module in modules if not _installed(module)] if key in asked.items() else []
        if absent:
            problems.append(f"{name}: needs {', '.join(absent)}, not installed; pip install 'silicon-bund[{extra}]'")
    return problems


def _installed(module: str) -> bool:
    """Whether a module can be found, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:  # not even the package that it would lie in
        return False
