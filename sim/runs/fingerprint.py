"""What a run is made of: the fingerprint that addresses it, and where it was computed.

Two runs with one fingerprint have the same numbers. It is the SHA-256 of what can change them, and of nothing else:

    the meaning of the code that is loaded (`sources`): the model, the reader of cities, all that they import, and the
    classes of the policies and shocks of the run with all that those import; the versions of the numeric libraries;
    the numbers of the city; and the resolved config with its seed, without keys that no number depends on.

Targets belong to the fit (`premises`): a run does not know what it is held against.
"""

import dataclasses
import hashlib
import inspect
import json
import os
import platform
import subprocess
import sys
import textwrap
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError
from sim.settings.shapes import CALIBRATED, read_calibrated
from sim.world import sources
from sim.world.reference import ABOUT, FILE

WITHOUT_EFFECT = {
    "output",
    "figures",
    "threads",
    "checkpoint_quarters",
    "resume",
    "configs",
    "calibrated",
    "experiment",
    "targets",
}
MODEL = ("sim.model.ecosystem", "sim.world.city")  # a run's numbers come from these and from what they import
OPERATORS = ("sim.observables.reported",)  # what a fit sees of a run
LIBRARIES = ("numpy", "numba")  # whose versions may change a number
NOT_OF_THE_CITY = ("title", "folder", "point", "history_sources", "policies")  # no number, or in the resolved config
DECIDES_A_FIT = ("id", "operator", "observed", "low", "high", "unit", "district", "weight", "conflict_group")
PLAIN = (bool, int, float, str, type(None))  # values whose text says all
DISTRIBUTIONS = ("silicon-bund", "numpy", "numba", "mesa", "pandas", "pyarrow")


# ---------------------------------------------------------------- a run


def fingerprint(config):
    """The fingerprint (64 hexadecimal digits) of the run that `config` describes."""
    return fingerprint_of(config.resolved, ground(config))


def fingerprints(configs):
    """The fingerprint of each config; what runs share is digested once."""
    grounds, prints = {}, []
    for config in configs:
        shared = (id(config.city), *map(repr, instruments(config)), *map(type, instruments(config)))
        if shared not in grounds:
            grounds[shared] = ground(config)
        prints.append(fingerprint_of(config.resolved, grounds[shared]))
    return prints


def fingerprint_of(resolved, ground):
    """The fingerprint of the run that a resolved config describes on that `ground`."""
    whole = hashlib.sha256(ground)
    whole.update(hashlib.sha256(json.dumps(decisive(resolved), sort_keys=True).encode()).digest())
    return whole.hexdigest()


def fingerprints_of_seeds(resolved, ground, seeds):
    """Gives the fingerprint (32 bytes) of the run of each seed; what seeds share is digested once."""
    mark = json.dumps("the seed")
    before, after = json.dumps(decisive({**resolved, "seed": "the seed"}), sort_keys=True).split(f'"seed": {mark}')
    shared = hashlib.sha256(f'{before}"seed": '.encode())
    for seed in seeds:
        settings = shared.copy()
        settings.update(f"{seed}{after}".encode())
        yield hashlib.sha256(ground + settings.digest()).digest()


def ground(config):
    """What runs of the same policies and data share: the digests of code and of data, 64 bytes."""
    code = [
        sources.digest(modules(config)),
        *map(_of_class, _apart(config)),
        *(repr(one) for one in instruments(config) if type(one) in _apart(config)),  # no yaml tells of their knobs
        *(f"{name} {version(name)}" for name in LIBRARIES),
    ]
    return b"".join(hashlib.sha256(part.encode()).digest() for part in ("\n".join(code), _data(config.city)))


def decisive(resolved):
    """The resolved config without what cannot change a number; the order of policies and shocks can."""
    ordered = {group: list(resolved[group].items()) for group in ("policy", "shock")}
    return {key: value for key, value in {**resolved, **ordered}.items() if key not in WITHOUT_EFFECT}


def instruments(config):
    """The policies and shocks of a run, in order."""
    return (*config.policies, *config.shocks)


def modules(config):
    """Names of all modules whose code decides the numbers of a run."""
    kinds = {type(one) for one in instruments(config)}
    around = {_place(value) for kind in _apart(config) for value in _taken(kind).values()}
    roots = {name for name in {*map(_place, kinds), *around} if name and sources.file_of(name) is not None}
    return sources.closure([*MODEL, *sorted(roots)])


def doubts(config):
    """Why it is not certain that the fingerprint is of what runs, as sentences; empty where it is.

    A run in doubt computes, says so, and is kept in no store.
    """
    names = modules(config)
    found = [f"{name} has changed on disk since it was loaded" for name in sources.changed(names)]
    found += [f"{name} is older than what it imports, which was loaded again" for name in sources.overtaken(names)]
    for kind in _apart(config):
        if _of_class(kind) == "":
            found.append(f"the source of {kind.__qualname__} is not to be had")
        elif not _is_local(kind) and sources.file_of(_place(kind)) is not None:
            found.append(f"{kind.__module__} was loaded anew, and {kind.__qualname__} is of the older one")
        for name, value in _taken(kind).items():
            place = _place(value)
            unknown = place is None or (place == "__main__" and sources.file_of(place) is None)
            if unknown and not _is_plain(value):
                found.append(f"{name}, which {kind.__qualname__} uses, is of no file")
    return found


def _apart(config):
    """Classes of instruments that no module on disk holds: of a notebook's cell, made by a function while it ran, or of
    a module since loaded anew.
    """
    return [kind for kind in dict.fromkeys(type(one) for one in instruments(config)) if not _is_held(kind)]


def _is_held(kind):
    there = getattr(sys.modules.get(kind.__module__), "__dict__", {})
    return sources.file_of(_place(kind)) is not None and any(value is kind for value in list(there.values()))


def _is_local(kind):
    return "<locals>" in kind.__qualname__


def _place(value):
    """Name of the module that a value is, or, for a class or a function, is of; None for other values."""
    name = value.__name__ if inspect.ismodule(value) else None
    if hasattr(value, "__qualname__"):
        name = value.__module__
    return "__main__" if name == "__mp_main__" else name  # so a process calls the script that started it


def _taken(kind):
    """Name -> value of what the methods of a class use from around it, its own values and its bases."""
    found = {base.__qualname__: base for base in kind.__bases__}
    found |= {name: value for name, value in vars(kind).items() if not (name[:2] == "__" or inspect.isfunction(value))}
    for function in filter(inspect.isfunction, vars(kind).values()):
        file = function.__code__.co_filename
        if file != "<string>" and sources.is_own(file):  # not what dataclasses write
            found |= {name: function.__globals__[name] for name in _names(function.__code__, function.__globals__)}
            found |= {f"{function.__name__} defaults": (*(function.__defaults__ or ()), function.__kwdefaults__)}
            around = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            found |= {name: cell.cell_contents for name, cell in around if name != "__class__"}
    return found


def _is_plain(value):
    return isinstance(value, PLAIN) or (type(value) is tuple and all(map(_is_plain, value)))


def _names(code, known):
    inner = (one for one in code.co_consts if inspect.iscode(one))
    return {name for name in code.co_names if name in known}.union(*(_names(one, known) for one in inner))


def _of_class(kind):
    """What the source of a class means, with the plain values that it uses; the empty text where it cannot be had."""
    try:
        meaning = sources.study(textwrap.dedent(inspect.getsource(kind)))["meaning"]
    except (OSError, TypeError, SyntaxError):
        return ""
    return f"{meaning} {sorted((name, repr(value)) for name, value in _taken(kind).items() if _is_plain(value))}"


def _data(city):
    """The numbers and names of a city, as a digest."""
    whole = hashlib.sha256()
    for field in dataclasses.fields(city):
        if field.name not in NOT_OF_THE_CITY:
            whole.update(f"{field.name}\n".encode())
            _add(whole, getattr(city, field.name))
    return whole.hexdigest()


def _add(whole, value):
    if isinstance(value, dict):
        for key in sorted(value):
            whole.update(f"{key}\n".encode())
            _add(whole, value[key])
    elif isinstance(value, np.ndarray):
        whole.update(f"{value.dtype.descr} {value.shape}\n".encode())
        whole.update(np.ascontiguousarray(value).tobytes())
    else:
        whole.update(f"{value!r}\n".encode())


# ---------------------------------------------------------------- a fit


def premises(config):
    """The fingerprint of what a calibration rests on: code, the city's numbers without its norms, which are made after
    it, values and bounds of parameters, the policies of history, and of the config's targets those that are fitted,
    with the operators that observe them.
    """
    from sim.observables.targets import read_targets

    files = options("policy", config.resolved["configs"])
    history = {name: read_yaml(files[name]) for name in sorted(config.city.policies)}
    classes = sorted({says["_target_"].rpartition(".")[0] for says in history.values()})
    bounds = {name: _numbers(read_yaml(path)) for name, path in options("mechanism").items()}
    targets = [read_targets(path) for path in target_files(config)]
    rows = [
        table.loc[table["role"] == "target", [c for c in DECIDES_A_FIT if c in table]].to_csv(index=False)
        for table in targets
    ]
    code = sources.digest(sources.closure([*MODEL, *OPERATORS, *classes]))
    says = [
        code,
        _data(replace(config.city, reference=None)),
        bounds,
        config.city.policies,
        {name: _numbers(one) for name, one in history.items()},
        rows,
    ]
    return hashlib.sha256(json.dumps(says, sort_keys=True, default=str).encode()).hexdigest()


def _numbers(node):
    """A yaml of numbers without what is only said of them: unit, source, note."""
    if not isinstance(node, dict):
        return node
    return {key: _numbers(value) for key, value in node.items() if key not in ("unit", "source", "note")}


def calibration(config):
    """What is known of the city's calibrated parameters, where the run uses them: file, targets, date, whether stale;
    else None.

    They are stale where the model, the city's data or the targets that they were fitted to have changed since, and
    always where another city lends them.
    """
    if not config.resolved["calibrated"]:
        return None
    content, _ = read_calibrated(config.city.point)
    if not content:
        return None
    about = content["about"]
    fitted = replace(config, targets=about["targets"])
    return {
        "file": f"{about.get('city', config.city.name)}/{config.city.point.name}/{CALIBRATED}",
        "targets": about["targets"],
        "date": about["date"],
        "stale": premises(fitted) != about["premises"],
    }


def point_of_reference(config):
    """A digest of the point at which a city's norms hold: its data without them, the policies of its history, and the
    parameters of its fit above those of the yamls.
    """
    fitted = read_calibrated(config.city.point)[0].get("mechanism", {})
    declared = {
        name: {key: node["value"] for key, node in read_yaml(file).items()}
        for name, file in options("mechanism").items()
    }
    said = [_data(replace(config.city, reference=None)), declared, fitted, config.city.policies]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def norms(config):
    """What is known of the norms that a city's runs are held against: file, date, and whether they are stale, as the
    city's data or its calibrated point have changed since. Other parameters of a run do not make them so.
    """
    path = config.city.point / ABOUT
    about = read_yaml(path) if path.exists() else {}
    if not isinstance(about, dict):
        raise ConfigError([f"{path}: should hold what made {FILE}, by name; `sim reference` writes it anew"])
    return {
        "file": f"{config.city.name}/{config.city.point.name}/{FILE}",
        "date": about.get("date"),
        "stale": about.get("point") != point_of_reference(config),
    }


def target_files(config):
    """The tables of reported numbers that the run is held against."""
    files = options("targets", config.resolved["configs"])
    return [files[name].with_suffix(".csv") for name in config.targets]


# ---------------------------------------------------------------- where it was computed


def versions():
    """Name -> version of Python, the platform and the libraries that compute."""
    by_name = {"python": platform.python_version(), "platform": platform.platform()}
    for name in DISTRIBUTIONS:
        try:
            by_name[name] = version(name)
        except PackageNotFoundError:  # run from a source tree that is not installed
            by_name[name] = None
    return by_name


def host_class():
    """What kind of machine this is, without its name."""
    return {"cores": os.cpu_count(), "arch": platform.machine(), "system": platform.system()}


def git_state():
    """Commit and whether the tree differs from it; None where the package is not under git."""

    def git(*words):
        return subprocess.run(
            ["git", "-C", sources.PACKAGE, *words], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")  # an installed copy may lie in somebody else's repository
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
