"""From the words of a command line to one plain tree of settings.

Hydra composes the files of `configs/`; what it would refuse one at a time, or accept in
silence (`+policy.typo=5`), is gathered here or passed on to `config.py` to be refused there.

Two kinds of keys differ in who knows them. The main keys, `city.*` and `experiment.*` stand
in the composed files, so Hydra's own check for unknown keys holds. Parameters and the knobs
of policies and shocks are known to the mechanism or instrument that owns them; they pass
through and are merged over its file later. So a mechanism is found without being listed.
"""

import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import yaml

from sim.settings import shapes
from sim.settings.fields import names
from sim.settings.files import CONFIGS, GROUPS, MANY, Tree, check_own_folder, no_such, options, read_yaml
from sim.settings.refusals import SHOWN, ConfigError, shown

HYDRA = "1.3"  # the version whose rules hold here, whatever the caller's own application has chosen
ALONE = threading.RLock()  # Hydra's parser and its version are one for the process
if hasattr(os, "register_at_fork"):  # no copy of this process begins with the lock held by a thread it does not have
    os.register_at_fork(before=ALONE.acquire, after_in_parent=ALONE.release, after_in_child=ALONE.release)

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
    problem can be told at once; it is empty where nothing could. Whoever uses Hydra beside finds it as it was.
    """
    with _hydras_own_rules():
        return _composed(overrides)


@contextmanager
def _hydras_own_rules() -> Iterator[None]:
    """Inside, one thread alone is at Hydra, under the rules of `HYDRA`."""
    from hydra import version

    with ALONE:
        base = version.VersionBase.instance()
        callers = base.version_base
        version.setbase(HYDRA)
        try:
            yield
        finally:
            base.version_base = callers


def _composed(overrides: Iterable[str]) -> tuple[Tree, list[str], list[str]]:
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
    left: list[str] = []  # what cannot be chosen; its knobs are not told too
    for key, word in words.items():
        refused = check_choice(key, word.value, own_folder) if key in GROUPS else []
        problems += refused
        if refused:
            unfit = word.value if isinstance(word.value, list) else [word.value]
            left += [hydra_words.spelled(f"{key}.{name}.") for name in unfit]
        elif key not in GROUPS:
            mapping = _is_mapping(key, words, own_folder)
            free = "++" if key.startswith(OWNED) or mapping else ""
            text = f"'{word.text}'" if isinstance(word.value, list) and mapping else word.text  # the verb refuses it
            chosen.append(hydra_words.spelled(f"{free}{key}={text}"))
        elif word.value != [] or options(key, own_folder):  # Hydra knows no empty group
            chosen.append(f"{key}={_choice(word)}")
    chosen = [text for text in chosen if not text.lstrip("+").startswith(tuple(left))]
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
    """What is chosen of a group exists, stands once, has the shape of its kind, and is one where one is needed."""
    files = options(group, own_folder)
    if group not in MANY and not isinstance(value, str):
        return [f"{group}={shown(value)}: name one of {', '.join(files)}"]
    if value == "none" and group in MANY:
        return [f"{group}=none: write {group}=[]"]
    few = f"of {', '.join(files)}" if len(files) <= SHOWN else f"such as {shown(list(files)[:2])}"
    chosen, problems = names(group, value, f"name a list {few}")
    for name in dict.fromkeys(chosen):
        if name in files:
            problems += shapes.problems(group, name, own_folder)
        else:
            problems.append(f"{group}={name}: {no_such(group, name, own_folder)}")
    return problems


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
        return f"{text}: {_one_value(key, text.partition('=')[2])}"
    if key == "hydra.run.dir":
        key = "output"
    if key == "hydra.searchpath":
        return f"{text}: write configs=FOLDER"
    if re.match(r"hydra[./]", key):
        return f"{key}: of Hydra's own keys only hydra.run.dir can be set"
    return Word(key, value, text.partition("=")[2])


def _one_value(key: str, text: str) -> str:
    """Where several values of a key belong."""
    group = key.partition(".")[0]
    if group == "launcher":
        return f"is one value; text with a comma is written \"{key}='{text}'\""
    if key in MANY or key == "without":
        return f"a list is written {key}=[{text}]"
    several = f"one run takes one value; several runs are `sim -m {key}={text}`"
    if key == "seed":
        return f"{several} or `sim sweep seeds=[{text}]`"
    if re.fullmatch(r"\d+,\d+", text):
        return f"{several}, a decimal is written {text.replace(',', '.')}"
    return f"{several}, a list is written {key}=[{text}]"


def _compose(chosen: list[str]) -> tuple[Tree, list[str], list[str]]:
    """Hydra's composition, again without each key that it does not know.

    Its loader is asked and not `hydra.compose`, which needs the one global Hydra of the process: that is the caller's.
    """
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra._internal.utils import create_config_search_path
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import OmegaConf, open_dict
    from omegaconf.errors import OmegaConfBaseException

    from sim.settings.hydra_words import read_back

    loader = ConfigLoaderImpl(create_config_search_path(str(CONFIGS)))
    strangers: list[str] = []
    while True:
        try:
            composed = loader.load_configuration("config", chosen, RunMode.RUN, from_shell=False)
            with open_dict(composed):
                del composed["hydra"]
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
