"""What a run is made of: the fingerprint that addresses it, and where it was computed.

Two runs with one fingerprint have the same numbers. It is the SHA-256 of

    the sources that decide the numbers (the model and what lies below it, and the sources of
    policies and shocks that come from elsewhere), the resolved config with its seed but without
    what cannot change a number, and the files of data.
"""

import hashlib
import inspect
import json
import os
import platform
import subprocess
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.settings.config import CALIBRATED
from sim.settings.files import CONFIGS, options, read_yaml

PACKAGE = Path(__file__).resolve().parents[1]
WITHOUT_EFFECT = {
    "output",
    "threads",
    "checkpoint_quarters",
    "resume",
    "configs",
    "calibrated",
    "experiment",
}  # keys of the config
AROUND_THE_MODEL = {  # modules and folders of the package that no number of a run depends on
    *(
        "__init__.py",
        "__main__.py",
        "cli.py",
        "checkpoints.py",
        "folders.py",
        "progress.py",
        "provenance.py",
        "records.py",
        "soundness.py",
    ),
    *("analysis", "calibration", "desk", "plots", "sweep"),
}
DISTRIBUTIONS = ("silicon-bund", "numpy", "numba", "mesa", "pandas", "pyarrow")


def fingerprint(config):
    """The fingerprint (64 hexadecimal digits) of the run that `config` describes."""
    return fingerprint_of(config.resolved, ground(config))


def fingerprints(configs):
    """The fingerprint of each config; the files that runs share are read once."""
    grounds, found = {}, []
    for config in configs:
        shared = (
            config.city.folder,
            config.resolved["configs"],
            *config.targets,
            *map(type, (*config.policies, *config.shocks)),
        )
        if shared not in grounds:
            grounds[shared] = ground(config)
        found.append(fingerprint_of(config.resolved, grounds[shared]))
    return found


def fingerprint_of(resolved, ground):
    """The fingerprint of the run that a resolved config describes on that `ground`."""
    whole = hashlib.sha256(ground)
    whole.update(hashlib.sha256(json.dumps(decisive(resolved), sort_keys=True).encode()).digest())
    return whole.hexdigest()


def ground(config):
    """What runs of the same policies and data share: the digests of sources and data, 64 bytes."""
    return b"".join(hashlib.sha256(part.encode()).digest() for part in (_sources(config), _data(config)))


def decisive(resolved):
    """The resolved config without what cannot change a number; the order of policies and shocks can."""
    ordered = {group: list(resolved[group].items()) for group in ("policy", "shock")}
    return {key: value for key, value in {**resolved, **ordered}.items() if key not in WITHOUT_EFFECT}


def _sources(config):
    inside = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in AROUND_THE_MODEL]
    outside = {inspect.getsourcefile(type(item)) for item in (*config.policies, *config.shocks)}
    outside = [path for path in map(Path, outside) if PACKAGE not in path.parents]
    return _digests(inside, PACKAGE) + "".join(_digests([path], path.parent) for path in sorted(outside))


def _data(config):
    city = [
        path for path in config.city.folder.iterdir() if path.suffix in (".csv", ".yaml") and path.name != CALIBRATED
    ]  # its values are in the config
    return _digests(city, config.city.folder) + "".join(_digests([path], path.parent) for path in target_files(config))


def premises(config):
    """The fingerprint of what a calibration rests on:

    the sources and the city's data, the bounds of parameters, the policies of history, and the targets of the config.
    """
    bounds, known = options("mechanism").values(), options("policy", config.resolved["configs"])
    history = [known[name] for name in sorted(config.city.policies)]
    whole = (
        _sources(config)
        + _data(config)
        + _digests(bounds, CONFIGS)
        + "".join(_digests([path], path.parent) for path in history)
    )
    return hashlib.sha256(whole.encode()).hexdigest()


def calibration(config):
    """What is known of the city's calibrated parameters, where the run uses them: file, targets, date, whether
    stale; else None.

    They are stale where the model, the city's data or the targets that they were fitted to have changed since.
    """
    path = config.city.folder / CALIBRATED
    if not config.resolved["calibrated"] or not path.exists():
        return None
    about = read_yaml(path)["about"]
    fitted = replace(config, targets=about["targets"])
    return {
        "file": f"{config.city.name}/{CALIBRATED}",
        "targets": about["targets"],
        "date": about["date"],
        "stale": premises(fitted) != about["premises"],
    }


def target_files(config):
    """The tables of reported numbers that the run is held against."""
    known = options("targets", config.resolved["configs"])
    return [known[name].with_suffix(".csv") for name in config.targets]


def _digests(paths, root):
    """A line for each file: its place under `root` and the digest of its text, line ends as on Linux."""
    named = sorted((path.relative_to(root).as_posix(), path.read_bytes().replace(b"\r\n", b"\n")) for path in paths)
    return "".join(f"{name} {hashlib.sha256(text).hexdigest()}\n" for name, text in named)


def versions():
    """Name -> version of Python, the platform and the libraries that compute."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a source tree that is not installed
            found[name] = None
    return found


def host_class():
    """What kind of machine this is, without its name."""
    return {"cores": os.cpu_count(), "arch": platform.machine(), "system": platform.system()}


def git_state():
    """Commit and whether the tree differs from it; None where the package is not under git."""

    def git(*words):
        return subprocess.run(
            ["git", "-C", PACKAGE, *words], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "state.py")  # an installed copy may lie in somebody else's repository
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
