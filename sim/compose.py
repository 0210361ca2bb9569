"""From the words of a command line to one plain tree of settings.

Hydra composes the files of `configs/`; what it would refuse one at a time, or accept in
silence (`+policy.typo=5`), is gathered here or passed on to `config.py` to be refused there.

Two kinds of keys differ in who knows them. The main keys, `city.*` and `experiment.*` stand
in the composed files, so Hydra's own check for unknown keys holds. Parameters and the knobs
of policies and shocks are known to the mechanism or instrument that owns them; they pass
through and are merged over its file later. So a mechanism is found without being listed.
"""

import difflib
import functools
import pickle
import re
from pathlib import Path
from typing import NamedTuple

import yaml

PACKAGE = Path(__file__).resolve().parent
CONFIGS = PACKAGE / "configs" if (PACKAGE / "configs").is_dir() else PACKAGE.parent / "configs"
MANY = ("policy", "shock", "mechanism", "targets")  # groups of which a list may be chosen
GROUPS = ("city", *MANY, "experiment", "launcher")
OWNED = ("policy.", "shock.", "mechanism.")  # keys known to an owner, not to the composed files
MEMBERS = "members"  # key of the yaml of a bundle
SHOWN = 12  # most names to list in a message


class ConfigError(Exception):
    """A configuration that cannot be run; `problems` says all that is wrong, one a line."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


# ---------------------------------------------------------------- files

FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")  # 1e-3 too, which YAML 1.1 takes for text


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as Hydra reads it, in C where there is a C: 1e-3 is a number and a key stands once."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


class Dumper(yaml.SafeDumper):
    """The inverse of `Loader`."""


for _class in (Loader, Dumper):
    _class.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def read_yaml(path):
    """The content of a YAML file; ConfigError where it is not YAML."""
    try:
        return pickle.loads(_parsed(Path(path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError([f"{path}: cannot be read: {' '.join(str(error).split())}"]) from None


@functools.lru_cache(maxsize=256)
def _parsed(text):
    """What YAML text says, pickled: a sweep reads the same files for each of its points, and every reader gets a copy of its own."""
    return pickle.dumps(yaml.load(text, Loader))


def to_yaml(tree):
    """A plain tree as YAML text, in its own order."""
    return yaml.dump(tree, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def options(group, own=None):
    """Name -> file of all choices in a group, those of the user's `own` folder included."""
    folders = [CONFIGS / group, *([Path(own) / group] if own else [])]
    return {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}


def check_own_folder(own):
    """The user's folder exists and shadows nothing of the package: a name means one thing."""
    if not isinstance(own, str) or not Path(own).is_dir():
        return [f"configs={own}: no such folder"]
    if not any((Path(own) / group).is_dir() for group in GROUPS):
        return [f"configs={own}: holds none of the folders {', '.join(GROUPS)}"]
    return [
        f"configs={own}: {group}/{name}.yaml has the name of a file of the package; rename it"
        for group in GROUPS
        for name in sorted(options(group) if Path(own).resolve() != CONFIGS else ())
        if (Path(own) / group / f"{name}.yaml").exists()
    ]


# ---------------------------------------------------------------- words


def shown(value):
    """A value as the command line would have it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(shown, value))}]"
    return str(value)


def nearest(name, names):
    """`; did you mean ...?`, or the names there are when few, or nothing."""
    names = [str(n) for n in names]
    close = difflib.get_close_matches(str(name), names, 1)
    if close:
        return f"; did you mean {close[0]}?"
    if 0 < len(names) <= SHOWN:
        return f"; there is {', '.join(names)}"
    return ""


def paths(tree, stem=""):
    """The dotted keys of all nodes of a tree."""
    for key, value in tree.items():
        yield f"{stem}{key}"
        if isinstance(value, dict):
            yield from paths(value, f"{stem}{key}.")


def unknown(key, tree):
    """`key` is nowhere in `tree`: say so with the nearest right key."""
    known = [p for p in paths(tree) if not p.rpartition(".")[2].startswith("_")]
    inner = [p for p in known if p.endswith(f".{key}")]
    if inner:
        return f"{key}: no such key; did you mean {inner[0]}?"
    parent, _, name = key.rpartition(".")
    siblings = [p.rpartition(".")[2] for p in known if p.rpartition(".")[0] in ((parent,) if parent else ("", "experiment"))]
    close = difflib.get_close_matches(name, siblings, 1)
    if close:
        return f"{key}: no such key; did you mean {parent + '.' if parent else ''}{close[0]}?"
    close = difflib.get_close_matches(key, [p for p in known if not key.startswith(f"{p}.")], 1)
    return f"{key}: no such key{f'; did you mean {close[0]}?' if close else ''}"


# ---------------------------------------------------------------- composition


def compose(overrides):
    """The tree that `overrides` make of `configs/`, and what is wrong so far.

    Returns (tree, problems, strangers): plain dicts and lists with interpolations resolved;
    sentences; keys that no file knows. `tree` holds all that could be composed, so that every
    problem can be told at once; it is empty where nothing could.
    """
    problems, words = [], {}
    for text in overrides:
        word, problem = _read(text)
        if problem:
            problems.append(problem)
        elif word.key in words:
            problems.append(f"{word.key}: given twice, as {words[word.key].text} and as {word.text}")
        else:
            words[word.key] = word
    own = None
    if "configs" in words and words["configs"].value is not None:
        own = words["configs"].value
        refused = check_own_folder(own)
        if refused:
            problems += refused
            own = None
    words = _named_in_full(words, own, problems)
    chosen = [f"hydra.searchpath=['file://{Path(own).resolve().as_posix()}']"] if own else []
    for key, word in words.items():
        refused = check_choice(key, word.value, own) if key in GROUPS else []
        problems += refused
        if not refused and (word.value != [] or key not in GROUPS or options(key, own)):  # Hydra knows no empty group
            free = key.startswith(OWNED) or (isinstance(word.value, dict) and _is_mapping(key, words, own))
            chosen.append(f"{'++' if free else ''}{key}={word.text}")
    tree, more, strangers = _compose(chosen)
    return tree, problems + more, strangers


def _named_in_full(words, own, problems):
    """Keys of the verb's own file may be given bare: `runs=40` is `experiment.runs=40`."""
    verb = options("experiment", own).get(str(words["experiment"].value)) if "experiment" in words else None
    bare = {key for key in (read_yaml(verb) or {} if verb else {}) if not key.startswith("_")}
    full = {key: f"experiment.{key}" if key in bare else key for key in words}
    twice = [key for key in words if full[key] != key and full[key] in words]
    problems += [f"{full[key]}: given twice, as {words[key].text} and as {words[full[key]].text}" for key in twice]
    return {full[key]: word for key, word in words.items()}


def _is_mapping(key, words, own):
    """Whether `key` of a verb or launcher holds a mapping whose keys are the user's own."""
    group, _, rest = key.partition(".")
    chosen = options(group, own).get(str(words[group].value)) if group in words and group in GROUPS else None
    return chosen is not None and isinstance((read_yaml(chosen) or {}).get(rest), dict)


def check_choice(group, value, own):
    """What is chosen of a group exists, stands once, and is one where one is needed."""
    known = options(group, own)
    names = value if isinstance(value, list) else [value]
    if value is None or isinstance(value, dict) or (isinstance(value, list) and group not in MANY):
        return [f"{group}={shown(value)}: name {'a list' if group in MANY else 'one'} of {', '.join(known)}"]
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    return [f"{group}={name}: no such {group}{nearest(name, known)}" for name in names if str(name) not in known] + [
        f"{group}={name}: chosen twice" for name in repeated
    ]


class Word(NamedTuple):
    """One override: its key, its value, and the value as it was typed."""

    key: str
    value: object
    text: str


def _read(text):
    """(Word, None) of one override, or (None, problem)."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import OverrideType
    from hydra.errors import HydraException

    try:
        word = OverridesParser.create().parse_override(text)
        key, value = word.key_or_group, word.value()
    except HydraException:
        key = ""
    if not key:
        return None, f"{text}: cannot be read; write key=value, a list as key=[a,b], odd text in quotes"
    if word.type == OverrideType.DEL:
        return None, f"{text}: keys cannot be removed; policies can, by without=[name] or policy=[]"
    if word.package is not None:
        return None, f"{text}: a group has its own place here; write {key}=..."
    if word.is_sweep_override():
        return None, f"{text}: one run takes one value; a list is written {key}=[a,b]"
    if key == "hydra.run.dir":
        key = "output"
    if key == "hydra.searchpath":
        return None, f"{text}: write configs=FOLDER"
    if re.match(r"hydra[./]", key):
        return None, f"{key}: of Hydra's own keys only hydra.run.dir can be set"
    return Word(key, value, text.partition("=")[2]), None


def _compose(chosen):
    """Hydra's composition, again without each key that it does not know."""
    import hydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    strangers = []
    while True:
        try:
            with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
                found = hydra.compose("config", chosen)
            tree = OmegaConf.to_container(found, resolve=True, throw_on_missing=True)
            return tree, [], strangers
        except (HydraException, OmegaConfBaseException, yaml.YAMLError, ValueError) as error:
            stranger = re.match(r"Could not override '([^']+)'", str(error))
            if not stranger:
                return {}, [_short(error)], strangers
            strangers.append(stranger[1])
            chosen = [c for c in chosen if not c.startswith(f"{stranger[1]}=")]


def _short(error):
    """The first line of a message of Hydra or OmegaConf with the key it speaks of."""
    key = getattr(error, "full_key", None)
    first = " ".join(str(error).split("\n\n")[0].split("\n    full_key")[0].split())
    return f"{key}: {first}" if key else first


# ---------------------------------------------------------------- bundles


def unpack(group, given, city, own, problems):
    """Name -> (its bundle, settings) of the members of history, where `city` is given, and of the bundles in `given`, which loses them.

    A bundle is a yaml of `members`, name -> settings above those of the member's own yaml. Two bundles may
    share a member with the same settings.
    """
    known, chosen = options(group, own), {}
    bundles = {"history": (f"{city.name}/policies.yaml", city.policies)} if city is not None else {}
    for name in [name for name in given if name in known and MEMBERS in (read_yaml(known[name]) or {})]:
        says, file = given.pop(name), read_yaml(known[name])
        bundles[name] = (known[name].name, file[MEMBERS])
        if says != file:
            problems.append(f"{group}.{name}: holds no settings; write {group}=[{name}], and set a knob of a member by {group}.<member>.<knob>=...")
    for bundle, (place, members) in bundles.items():
        for name, settings in members.items():
            if name not in known:
                problems.append(f"{place}: {name}: no such {group}{nearest(name, known)}")
            elif name in chosen and chosen[name][1] != (settings or {}):
                problems.append(f"{group}=[{chosen[name][0]},{bundle}]: {name} stands in both with different settings; leave out one")
            else:
                chosen.setdefault(name, (bundle, dict(settings or {})))
    return chosen
