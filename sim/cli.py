"""The command line: `sim VERB key=value ...`.

A verb that computes is a file of `configs/experiment/`, whose `_target_` is a function of the checked config;
`sim run seed=7` and `sim experiment=run seed=7` are one thing. The verbs of `FOLDER_VERBS` take a folder that others
have left. Exit codes: 0 done, 1 failed, 2 refused before anything was written, 130 interrupted. A verb whose libraries
are not installed is refused too (`sim.settings.extras`). Whatever else is raised is a fault of the program: a sentence
says so and where its traceback is, or shows it where the environment has SIM_TRACEBACK=1.

What loads the model, pandas or Hydra is imported when it is known to be needed, so that help and refusals come at once.
"""

import importlib
import os
import sys
import tempfile
import textwrap
import traceback
import warnings
from importlib.metadata import PackageNotFoundError, version

from sim.runs import processes, screen
from sim.runs.folders import FolderError
from sim.settings.files import CONFIGS, options, read_yaml, to_yaml
from sim.settings.refusals import ConfigError, nearest
from sim.verbs import help
from sim.world import sources

FOLDER_VERBS = dict.fromkeys(("status", "collect", "rerun", "verify", "task", "replicate"), "sim.sweep.folder_verbs")
FOLDER_VERBS |= {"report": "sim.report.command", "analyse": "sim.verbs.analyse"}  # verb -> module that answers
CATALOGUE_VERBS = dict.fromkeys(("list", "show", "log"), "sim.verbs.catalogue.command")
SIDE_BY_SIDE = {  # verbs that run in processes
    f"experiment={verb}"
    for verb in ("atlas", "attribute", "compare", "evidence", "frontier", "robustness", "uncertainty")
}
HYDRA_FLAGS = ("-sc", "--shell-completion", "--info", "-i")
FAULT_WIDTH = 300  # characters of what an exception says
MULTIRUN = ("-m", "--multirun")
FLAGS = ("-h", "--help", "--version", "--cfg", "-c", *MULTIRUN, *HYDRA_FLAGS)


def main(argv=None):
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not os.path.isdir(os.curdir):
        print("sim: the folder in which this is said is gone; go to another", file=sys.stderr)
        return 2
    if not words or words[0] not in FOLDER_VERBS:  # what only reads a folder imports nothing from where it stands
        sources.look_here()
    # A process that has grown is replaced between two tasks and no task is lost, but joblib warns of it each time.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given to the executor", UserWarning)
    with screen.kept() as screens:
        code = _answered(words)
    refused = screens.refusal()
    if refused:
        print(f"sim: the screen could not be written: {refused}", file=sys.stderr)
    return code or int(bool(refused))


def _answered(words):
    """The exit code of a command, whatever it raises."""
    try:
        return _dispatch(words)
    except ConfigError as error:
        return _refuse(error.problems)
    except FolderError as error:
        print(f"sim: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("sim: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        return _fault(error)


def _fault(error):
    """What nobody foresaw, in a sentence; the traceback lies in a file or, with SIM_TRACEBACK=1, is shown."""
    what = textwrap.shorten(f"{type(error).__name__}: {error}", FAULT_WIDTH, placeholder=" ...")
    text = "".join(traceback.format_exception(error))
    where = None if os.environ.get("SIM_TRACEBACK", "0") != "0" else _kept(text)
    if where is None:
        print(text, end="", file=sys.stderr)
    where = f"the traceback is in {where}" if where else "the traceback stands above"
    print(f"sim: internal fault: {what}; {where}; please report", file=sys.stderr)
    return 1


def _dispatch(words):
    if any(word.split("=")[0] in HYDRA_FLAGS for word in words):
        return _hydra()
    if any(word in ("-h", "--help") for word in words):
        print(_help([word for word in words if not word.startswith("-")]))
        return 0
    if "--version" in words:
        print(f"sim {_version()}")
        return 0
    module = (FOLDER_VERBS | CATALOGUE_VERBS).get(words[0]) if words else None
    if module:
        return importlib.import_module(module).answer(words[0], words[1:])
    show, words = _cfg(words)
    if any(word in MULTIRUN for word in words):
        from sim.sweep.multirun import multirun

        return multirun(_settled([word for word in words if word not in MULTIRUN]))
    config = _load(words)
    if show:
        print(to_yaml(config.resolved), end="")
        return 0
    return _compute(config)


def _help(words):
    """The help on the verb that the words begin with, or on all."""
    own_folder = _user_folder(words)
    if not words or not _is_verb(words[0]):
        return help.of_all(own_folder)
    _settled(words[:1] + [word for word in words if word.startswith("configs=")])  # refuses what is no verb
    return help.of_verb(words[0], own_folder)


def _load(words):
    """The checked config of the words."""
    words = _settled(words)
    if words and words[0] in SIDE_BY_SIDE and "workers=1" not in words:
        processes.expect()
    from sim.settings.config import load

    return load(words)


def _settled(words):
    """The words without flags, a leading verb turned into its experiment."""
    flags = [i for i, word in enumerate(words) if word.startswith("-")]
    if flags:
        raise ConfigError([_bad_flag(words[i], "".join(words[i + 1 : i + 2]) or "...") for i in flags])
    verbs = [*options("experiment", _user_folder(words)), *FOLDER_VERBS, *CATALOGUE_VERBS]
    if words and _is_verb(words[0]):
        if words[0] not in verbs:
            raise ConfigError([f"{words[0]}: {_no_verb(words[0], verbs)}"])
        words = [f"experiment={words[0]}", *words[1:]]
    stray = [word for word in words if _is_verb(word)]
    if stray:
        raise ConfigError([f"{word}: should be key=value" for word in stray])
    return words


def _no_verb(word, verbs):
    """What a first word that is no verb may have meant."""
    key, colon, value = word.partition(":")
    if colon or key in read_yaml(CONFIGS / "config.yaml"):
        return f"a setting is written key=value, {key}={value or 'VALUE'}"
    if word in ("help", "version"):
        return f"no such verb; write sim --{word}"
    return f"no such verb{nearest(word, verbs)}"


def _is_verb(word):
    return "=" not in word and not word.startswith("~")


def _user_folder(words):
    """The folder of the user's own files, where one is named and there."""
    folders = [word.partition("=")[2].strip("'\"") for word in words if word.lstrip("+").startswith("configs=")]
    return folders[0] if folders and os.path.isdir(folders[0]) else None


def _compute(config):
    module, _, name = config.experiment["_target_"].rpartition(".")
    function = getattr(importlib.import_module(module), name, None)
    if function is None:
        raise ConfigError([f"experiment._target_={module}.{name}: {module} has no {name}"])
    from sim.runs.fingerprint import calibration, norms

    fitted = calibration(config)
    if fitted and fitted["stale"]:
        print(
            f"sim: {fitted['file']} of {fitted['date']} was fitted to other sources, data or targets than these; "
            "`sim calibrate` fits anew",
            file=sys.stderr,
        )
    if config.city.reference is not None and (known := norms(config))["stale"]:
        from sim.settings.config import norms_command

        make = norms_command(config.city, config.resolved["configs"])
        print(
            f"sim: {known['file']} of {known['date']}, what is normal there, is of other data or another calibrated "
            f"point than these; `{make}` makes it anew",
            file=sys.stderr,
        )
    for note in config.notes:
        print(f"sim: {note}", file=sys.stderr)
    function(config)
    return 0


def _cfg(words):
    """(whether to show the config, the other words)."""
    for i, word in enumerate(words):
        flag, equals, kind = word.partition("=")
        if flag in ("--cfg", "-c"):
            rest = words[i + 1 :]
            if not equals:
                kind, rest = (rest[0] if rest else ""), rest[1:]
            if kind != "job":
                raise ConfigError([f"{flag} {kind}: write --cfg job, the config of the run"])
            return True, words[:i] + rest
    return False, words


def _bad_flag(word, following):
    flag, _, value = word.partition("=")
    if flag in ("-cd", "--config-dir", "-cp", "--config-path"):
        return f"{flag}: write configs=FOLDER for a folder of your own files"
    key = flag.lstrip("-").replace("-", "_")
    verbs = [read_yaml(path) or {} for path in options("experiment").values()]
    known = {name: value for keys in (*verbs, read_yaml(CONFIGS / "config.yaml")) for name, value in keys.items()}
    if value or key in known:
        usual = "true" if isinstance(known.get(key), bool) and following not in ("true", "false") else following
        return f"{word}: keys have no dashes here; write {key}={value or usual}"
    return f"{flag}: no such option{nearest(flag, FLAGS)}"


def _refuse(problems):
    print(f"sim: {len(problems)} problem{'s' if len(problems) > 1 else ''}, nothing was run", file=sys.stderr)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    print("See sim --help.", file=sys.stderr)
    return 2


def _version():
    try:
        return version("silicon-bund")
    except PackageNotFoundError:
        return "(source tree, not installed)"


def _kept(text):
    """Name of a new file with `text`, None where none can be made."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="sim-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError:
        return None
    return file.name


# ---------------------------------------------------------------- completion


def _hydra():
    """Hydra's own answers: completion for the shell, and how the config is composed."""
    import hydra
    from hydra.core.config_store import ConfigStore

    line = os.environ.get("COMP_LINE")
    if line:  # Hydra knows no verbs: complete what follows one
        command, *rest = line.split(" ")
        if len(rest) > 1 and _is_verb(rest[0]):
            os.environ["COMP_LINE"] = " ".join([command, *rest[1:]])
        ConfigStore.instance().store("completion", {"defaults": ["config", "_self_"], **_settings()})

    @hydra.main(version_base="1.3", config_path=str(CONFIGS), config_name="completion" if line else "config")
    def app(_):
        pass

    app()
    return 0


def _settings():
    """Every parameter, and every knob of every policy and shock, as the files have them."""

    def content(path):
        return {
            key: node.get("value") if isinstance(node, dict) else node for key, node in (read_yaml(path) or {}).items()
        }

    return {
        group: {name: content(path) for name, path in options(group).items()}
        for group in ("mechanism", "policy", "shock")
    }
