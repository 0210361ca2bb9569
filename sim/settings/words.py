"""From the words of a command line to one plain tree of settings.

Hydra composes the files of `configs/`; what it would refuse one at a time, or accept in
silence (`+policy.typo=5`), is gathered here or passed on to `config.py` to be refused there.

Two kinds of keys differ in who knows them. The main keys, `city.*` and `experiment.*` stand
in the composed files, so Hydra's own check for unknown keys holds. Parameters and the knobs
of policies and shocks are known to the mechanism or instrument that owns them; they pass
through and are merged over its file later. So a mechanism is found without being listed.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml

from sim.settings.files import CONFIGS, GROUPS, MANY, Tree, check_own_folder, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown

OWNED = ("policy.", "shock.", "mechanism.")  # keys known to an owner, not to the composed files


class Word(NamedTuple):
    """One override: its key, its value, and the value as it was typed."""

    key: str
    value: Any
    text: str


def compose(overrides: Iterable[str]) -> tuple[Tree, list[str], list[str]]:
    """The tree that `overrides` make of `configs/`, and what is wrong so far.

    Returns (tree, problems, strangers): plain dicts and lists with interpolations resolved;
    sentences; keys that no file knows. `tree` holds all that could be composed, so that every
    problem can be told at once; it is empty where nothing could.
    """
    problems: list[str] = []
    words: dict[str, Word] = {}
    for text in overrides:
        word = _read(text)
        if isinstance(word, str):
            problems.append(word)
        elif word.key in words:
            problems.append(f"{word.key}: given twice, as {words[word.key].text} and as {word.text}")
        else:
            words[word.key] = word
    own_folder = None
    if "configs" in words and words["configs"].value is not None:
        own_folder = words["configs"].value
        refused = check_own_folder(own_folder)
        if refused:
            problems += refused
            own_folder = None
    words = _named_in_full(words, own_folder, problems)
    from sim.settings import hydra_words  # with Hydra, which takes its time

    chosen = [hydra_words.searched(own_folder)] if own_folder else []
    for key, word in words.items():
        refused = check_choice(key, word.value, own_folder) if key in GROUPS else []
        problems += refused
        if not refused and (
            word.value != [] or key not in GROUPS or options(key, own_folder)
        ):  # Hydra knows no empty group
            free = key.startswith(OWNED) or (isinstance(word.value, dict) and _is_mapping(key, words, own_folder))
            told = f"{'++' if free else ''}{key}={word.text}"
            chosen.append(hydra_words.spelled(told) if key not in GROUPS else f"{key}={_choice(word)}")
    tree, more, strangers = _compose(chosen)
    return tree, problems + more, strangers


def _named_in_full(words: dict[str, Word], own_folder: str | None, problems: list[str]) -> dict[str, Word]:
    """Keys of the verb's own file may be given bare: `runs=40` is `experiment.runs=40`."""
    verb = options("experiment", own_folder).get(str(words["experiment"].value)) if "experiment" in words else None
    bare = {key for key in (read_yaml(verb) or {} if verb else {}) if not key.startswith("_")}
    full = {key: f"experiment.{key}" if key in bare else key for key in words}
    twice = [key for key in words if full[key] != key and full[key] in words]
    problems += [f"{full[key]}: given twice, as {words[key].text} and as {words[full[key]].text}" for key in twice]
    return {full[key]: word for key, word in words.items()}


def _choice(word: Word) -> str:
    """The value of a group for Hydra: names of files, which are not spelled out."""
    from sim.settings.hydra_words import quoted

    if word.text.isascii():
        return word.text
    names = [quoted(str(name)) for name in (word.value if isinstance(word.value, list) else [word.value])]
    return f"[{','.join(names)}]" if isinstance(word.value, list) else names[0]


def _is_mapping(key: str, words: dict[str, Word], own_folder: str | None) -> bool:
    """Whether `key` of a verb or launcher holds a mapping whose keys are the user's own."""
    group, _, rest = key.partition(".")
    chosen = options(group, own_folder).get(str(words[group].value)) if group in words and group in GROUPS else None
    return chosen is not None and isinstance((read_yaml(chosen) or {}).get(rest), dict)


def check_choice(group: str, value: Any, own_folder: str | None) -> list[str]:
    """What is chosen of a group exists, stands once, and is one where one is needed."""
    files = options(group, own_folder)
    names = value if isinstance(value, list) else [value]
    if value is None or isinstance(value, dict) or (isinstance(value, list) and group not in MANY):
        return [f"{group}={shown(value)}: name {'a list' if group in MANY else 'one'} of {', '.join(files)}"]
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    unread = []
    for name in names:  # what cannot be read is told here, before Hydra reads it in a way of its own
        try:
            read_yaml(files.get(str(name), CONFIGS / "config.yaml"))
        except ConfigError as error:
            unread += error.problems
    unread += [f"{group}={name}: no such {group}{nearest(name, files)}" for name in names if str(name) not in files]
    return unread + [f"{group}={name}: chosen twice" for name in repeated]


def _read(text: str) -> Word | str:
    """The Word of one override, or what is wrong with it."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import OverrideType
    from hydra.errors import HydraException

    from sim.settings.hydra_words import read_back, spelled

    try:
        word = OverridesParser.create().parse_override(spelled(text))
        key, value = read_back(word.key_or_group), read_back(word.value())
    except HydraException:
        key = ""
    if not key:
        return f"{text}: cannot be read; write key=value, a list as key=[a,b], odd text in quotes"
    if word.type == OverrideType.DEL:
        return f"{text}: keys cannot be removed; policies can, by without=[name] or policy=[]"
    if word.package is not None:
        return f"{text}: a group has its own place here; write {key}=..."
    if key == "experiment._target_":
        return f"{key}={word.value()}: cannot be changed; write a yaml of your own"
    if word.is_sweep_override():
        return f"{text}: one run takes one value; a list is written {key}=[a,b]"
    if key == "hydra.run.dir":
        key = "output"
    if key == "hydra.searchpath":
        return f"{text}: write configs=FOLDER"
    if re.match(r"hydra[./]", key):
        return f"{key}: of Hydra's own keys only hydra.run.dir can be set"
    return Word(key, value, text.partition("=")[2])


def _compose(chosen: list[str]) -> tuple[Tree, list[str], list[str]]:
    """Hydra's composition, again without each key that it does not know."""
    import hydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from sim.settings.hydra_words import read_back

    strangers: list[str] = []
    while True:
        try:
            with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
                composed = hydra.compose("config", chosen)
            tree: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
            return read_back(tree), [], strangers
        except ConfigError as error:  # a file of the user's own
            return {}, error.problems, strangers
        except (HydraException, OmegaConfBaseException, yaml.YAMLError, ValueError) as error:
            stranger = re.match(r"Could not override '([^']+)'", str(error))
            if not stranger:
                return {}, [read_back(_short(error))], strangers
            strangers.append(read_back(stranger[1]))
            chosen = [c for c in chosen if not c.startswith(f"{stranger[1]}=")]


def _short(error: Exception) -> str:
    """The first line of a message of Hydra or OmegaConf with the key it speaks of."""
    key = getattr(error, "full_key", None)
    first = " ".join(str(error).split("\n\n")[0].split("\n    full_key")[0].split())
    return f"{key}: {first}" if key else first
