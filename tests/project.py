"""What `pyproject.toml` declares: the version, and which distributions the base and each extra ask for."""

import functools
import importlib.util
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def script(name):
    """`experiments/<name>.py` as a module of its own, anew at each call."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "experiments" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def distributions(extra=None):
    """Names of the distributions that the base asks for, or an extra beside it."""
    asked = DECLARED["optional-dependencies"][extra] if extra else DECLARED["dependencies"]
    return {_plain(re.match(r"[\w.-]+", line)[0]) for line in asked}


@functools.cache
def modules():
    """Name of a module that can be imported -> names of the installed distributions that bring it."""
    return {module: set(map(_plain, names)) for module, names in packages_distributions().items()}


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()
