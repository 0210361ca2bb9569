"""Policies that were typed rather than kept in files: a class or a function of a notebook's cell, or of a script.

Everything else of a run is told in words, and whoever computes a part of it (another process, a sweep, a run that is
repeated) reads them. So a policy that no yaml names is written down before it runs: its text, with all that the text
needs, as a module, and its knobs as a yaml, in a folder of the user's cache that is then the run's `configs`. What
runs is what is written there. The name of the module is a digest of what its text means: an edited class is another
module, a comment makes none.

What is written is held against what was typed, instruction by instruction; where they are not the same, or where the
text cannot be had, the policy is refused.
"""

import ast
import builtins
import contextlib
import dataclasses
import hashlib
import inspect
import linecache
import math
import os
import re
import secrets
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sim.policies.instrument import Instrument
from sim.settings.files import Tree, options, read_yaml, to_yaml
from sim.settings.refusals import ConfigError
from sim.world import sources

OF_THE_CALENDAR = ("name", "start", "end", "announced")
USUAL = {item.name: item.default for item in dataclasses.fields(Instrument) if item.name not in OF_THE_CALENDAR}
PLAIN = (bool, int, float, str, type(None))  # values that a text can hold
WRAPPER = '''

@dataclass(frozen=True, kw_only=True)
class {kind}(Instrument):
    """The function `{function}` as a policy: it is called in each quarter in which it is in force."""
{fields}
    def intensity(self, quarter):
        object.__setattr__(self, "_now", quarter_name(quarter))
        return super().intensity(quarter)

    def act(self, levers, intensity, slot):
        {function}(levers, getattr(self, "_now", "{some}"){arguments})
'''
WRAPPED = [
    "from dataclasses import dataclass",
    "from sim.policies.instrument import Instrument",
    "from sim.world.calendar import quarter_name",
]
UNBOUNDED = 1e18  # to either side, of a knob whose bounds nobody has said
SOME_QUARTER = "2024Q4"  # for a function that is asked what it moves before any quarter


def put_down(settings: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """(settings with every policy and shock that no yaml names in the words of one that a yaml does, the folder with
    these yamls or None where there are none). Raises ConfigError, which says what cannot be written down.
    """
    own_folder = settings.get("configs")
    own_folder = os.fspath(own_folder) if isinstance(own_folder, (str, os.PathLike)) else None
    written = _Written(own_folder)
    told = {key: _told(key, value, written) for key, value in settings.items()}
    if written.problems:
        raise ConfigError(written.problems)
    if not written.yamls:
        return told, own_folder
    if own_folder is not None:
        names = ", ".join(name for _, name in written.yamls)
        raise ConfigError([f"configs={own_folder}: {names} is of no yaml there; sim.to_files(..., folder) writes one"])
    folder = str(written.folder())
    return {**told, "configs": folder}, folder


def to_files(kind: Any, folder: str | Path) -> list[Path]:
    """Write a policy that was typed, a class, an object of it or a function, as its two files: `<name>.py` where Python
    is called, and `<folder>/policy/<name>.yaml`.

    Bounds, unit and source of its knobs are then to be said in the yaml. Returns both paths. Raises ConfigError where
    it cannot be written down, and FileExistsError where a file is there.
    """
    written = _Written(None)
    put = _put(kind, "policy", written)
    if written.problems:
        raise ConfigError(written.problems)
    if not written.yamls:
        raise ConfigError([f"{_shown(kind)}: is in files already"])
    (((_, name), tree),) = written.yamls.items()
    module = (type(put) if isinstance(put, Instrument) else put).__module__
    text = _TEXTS.get(module, "")
    places = {Path(f"{name}.py"): text, Path(folder) / "policy" / f"{name}.yaml": _yaml("policy", name, tree)}
    if not module.startswith(sources.CELL):
        raise ConfigError([f"{_shown(kind)}: its class is in a file already, {sources.file_of(module)}"])
    for path in places:
        if path.exists():
            raise FileExistsError(f"{path} is there already")
    for path, content in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace(f"{module}.", f"{name}."), "utf-8")
    return list(places)


def name_of(one: Instrument | type[Instrument]) -> str:
    """The name of an instrument, or for one without that of its class: `CityTestbed` is city_testbed."""
    name = getattr(one, "name", "") if isinstance(one, Instrument) else ""
    kind = type(one) if isinstance(one, Instrument) else one
    return name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


# ---------------------------------------------------------------- which are to be written


class _Written:
    """What was written down for one call: yamls by group and name, and why others were not."""

    def __init__(self, own_folder: str | None) -> None:
        self.own_folder = own_folder
        self.yamls: dict[tuple[str, str], Tree] = {}
        self.problems: list[str] = []

    def targets(self, group: str) -> set[str]:
        """The classes that yamls name."""
        said = (read_yaml(path) for path in options(group, self.own_folder).values())
        return {str(one["_target_"]) for one in said if isinstance(one, dict) and "_target_" in one}

    def add(self, group: str, name: str, tree: Tree) -> None:
        before = self.yamls.setdefault((group, name), tree)
        if before["_target_"] != tree["_target_"]:
            self.problems.append(
                f"{group}={name}: two classes of this name are asked for, one of them perhaps of an older cell; make "
                "the objects anew, or give one of them name=..."
            )
        elif name in options(group):
            self.problems.append(f"{group}={name}: is the name of a {group} of the package; give it name=...")

    def folder(self) -> Path:
        """The folder with the yamls; it is named by what they say."""
        texts = {key: _yaml(*key, tree) for key, tree in self.yamls.items()}
        said = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:16]
        folder = sources.cells() / f"configs_{said}"
        for (group, name), text in texts.items():
            _keep(folder / group / f"{name}.yaml", text)
        return folder


def _told(key: str, value: Any, written: _Written) -> Any:
    """A setting with what was typed replaced by what was written."""
    group = {"policy": "policy", "against": "policy", "without": "policy", "shock": "shock"}.get(key)
    if group is not None:
        return _replaced(value, group, written)
    if key == "arms" and isinstance(value, Mapping):
        return {
            arm: {inner: _told(inner, one, written) for inner, one in says.items()}
            if isinstance(says, Mapping)
            else _replaced(says, "policy", written)
            for arm, says in value.items()
        }
    return value


def _replaced(value: Any, group: str, written: _Written) -> Any:
    """One policy or a list of them."""
    if isinstance(value, (list, tuple)):
        return [_put(one, group, written) for one in value]
    return _put(value, group, written)


def _put(one: Any, group: str, written: _Written) -> Any:
    """An object, class or function as one that a yaml names; anything else, and what cannot be written, as it is."""
    if isinstance(one, FunctionType):
        kind: Any = one
    elif isinstance(one, Instrument):
        kind = type(one)
    elif isinstance(one, type) and issubclass(one, Instrument):
        kind = one
    else:
        return one
    if not isinstance(one, FunctionType) and f"{kind.__module__}.{kind.__qualname__}" in written.targets(group):
        return one
    try:
        here = _in_a_module(kind)
        if isinstance(one, FunctionType):
            name, usual = one.__name__, None
        else:
            name, usual = name_of(one), one if isinstance(one, Instrument) else None
        written.add(group, name, _tree(here, usual))
    except ValueError as error:
        written.problems.append(f"{group}: {error}")
        return one
    if isinstance(one, Instrument):
        values = {item.name: getattr(one, item.name) for item in dataclasses.fields(one)}
        return here(**{**values, "name": name})
    return here if name == name_of(here) else _named_kind(here, name)


def _named_kind(kind: type[Instrument], name: str) -> Any:
    """An object in place of a class whose name is not that of the policy."""
    return kind(name=name)


def _tree(kind: type[Instrument], usual: Instrument | None) -> Tree:
    """The yaml of a class: every knob with its default, or where it has none what the object `usual` has."""
    from sim.settings.imports import unread

    tree: Tree = {"_target_": f"{kind.__module__}.{kind.__qualname__}", "start": None, "end": None, "announced": None}
    silent = unread(kind)
    for item in dataclasses.fields(kind):
        if item.name in (*OF_THE_CALENDAR, *silent):
            continue
        value = item.default
        if value == USUAL.get(item.name, dataclasses.MISSING):
            continue  # as a yaml that is silent
        if value is dataclasses.MISSING:
            if usual is None:
                raise ValueError(f"{kind.__name__} has no value for {item.name}; give an object, {kind.__name__}(...)")
            value = getattr(usual, item.name)
        node = _node(f"{kind.__name__}.{item.name}", value)
        tree[item.name] = {"value": value} if item.name in USUAL else node  # whose bounds are known
    return tree


def _node(where: str, value: Any) -> Any:
    """A knob as a yaml has it; no bounds are known of a number."""
    listed = list(value) if isinstance(value, (tuple, list)) else value
    numbers = listed if isinstance(listed, list) else [listed]
    if numbers and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers):
        return {"value": listed, "low": -UNBOUNDED, "high": UNBOUNDED, "unit": "", "source": "typed"}
    if all(isinstance(one, PLAIN) for one in numbers):
        return listed
    raise ValueError(f"{where} is a {type(value).__name__}; a knob is a number, a text, or a tuple of these")


def _yaml(group: str, name: str, tree: Tree) -> str:
    return f"# @package {group}.{name}\n{to_yaml(tree)}"


def _shown(kind: Any) -> str:
    return getattr(kind, "__name__", type(kind).__name__)


# ---------------------------------------------------------------- the module


_TEXTS: dict[str, str] = {}  # name of a module -> its text as it was typed last; a comment makes no other module


def _in_a_module(kind: Any) -> type[Instrument]:
    """A class, or the class that calls a function, as a module holds it; ValueError with why it cannot be."""
    function = isinstance(kind, FunctionType)
    if not function and kind.act is Instrument.act:
        raise ValueError(f"{kind.__name__} has no act, which says what levers it moves")
    if not function and "__annotations__" in vars(kind) and "__dataclass_fields__" not in vars(kind):
        raise ValueError(f"{kind.__name__} has knobs; write @dataclass(frozen=True, kw_only=True) above it")
    if not function and _is_filed(kind):
        return kind
    text = _Text()
    if function:
        text.imports += WRAPPED
    text.add(kind)
    body = text.whole()
    name = kind.__name__
    if function:
        name = "".join(part[:1].upper() + part[1:] for part in kind.__name__.split("_"))
        name += "_" * (name == kind.__name__)
        body += _wrapper(kind, name)
    body = f'"""{kind.__name__}, a policy that was typed, kept here by sim for other processes to find."""\n\n{body}'
    meaning = sources.study(body)["meaning"]
    module = f"{sources.CELL}{kind.__name__.lower()}_{meaning[:16]}"
    _TEXTS[module] = body
    if module not in sys.modules:
        _keep(sources.cells() / f"{module}.py", body)
    here = getattr(sources.load(module), name)
    _compare(kind, vars(sources.load(module))[kind.__name__])
    return here


def _is_filed(kind: type) -> bool:
    """Whether a class is that of a module which every process can import."""
    module = sys.modules.get(kind.__module__)
    known = kind.__module__ != "__main__" and sources.file_of(kind.__module__) is not None
    return known and getattr(module, kind.__qualname__, None) is kind


def _keep(path: Path, text: str) -> None:
    """Write a file that is named by its content, whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    coming = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    coming.write_text(text, "utf-8")
    coming.replace(path)


def _wrapper(function: FunctionType, kind: str) -> str:
    """The class that calls a function of the levers and the quarter, whose further arguments are knobs."""
    given = list(inspect.signature(function).parameters.values())
    knobs = given[2:]
    if len(given) < 2 or any(one.kind is not one.POSITIONAL_OR_KEYWORD for one in given):
        raise ValueError(
            f"{function.__name__} should be a function of (levers, quarter), and of knobs that have a number"
        )
    lacking = [one.name for one in knobs if not isinstance(one.default, (bool, int, float, str))]
    if lacking:
        raise ValueError(f"{function.__name__}: {', '.join(lacking)} has no number; a knob is written {lacking[0]}=0.1")
    fields = "".join(f"\n    {one.name}: {type(one.default).__name__} = {one.default!r}" for one in knobs)
    fields = f"{fields}\n" if fields else ""
    arguments = "".join(f", {one.name}=self.{one.name}" for one in knobs)
    return WRAPPER.format(kind=kind, function=function.__name__, fields=fields, arguments=arguments, some=SOME_QUARTER)


class _Text:
    """The text of a module that holds some typed classes or functions, with what they need of what was typed around."""

    def __init__(self) -> None:
        self.imports: list[str] = []
        self.parts: list[str] = []
        self.known: dict[str, Any] = {}
        self.top = ""  # the one that is asked for, as errors name it

    def whole(self) -> str:
        return "\n".join(dict.fromkeys(self.imports)) + "\n\n\n" + "\n\n".join(self.parts)

    def add(self, typed: Any) -> None:
        """A class or function, after what it needs."""
        self.top = self.top or typed.__name__
        if typed.__name__ in self.known:
            return
        self.known[typed.__name__] = typed
        text, tree = _source(typed)
        around = _around(typed)
        for name in sorted(_needed(tree)):
            self.need(name, around, typed)
        self.parts.append(text)

    def need(self, name: str, around: Mapping[str, Any], typed: Any) -> None:
        """What stands for a name in the text of a class or function."""
        if name not in around:
            if hasattr(builtins, name) or name == typed.__name__:
                return
            if name == "dataclass":
                self.imports.append(WRAPPED[0])
                return
            bases = {base.__name__: base for base in getattr(typed, "__mro__", ())}
            if name not in bases:
                raise ValueError(
                    f"{self.top} uses {name}, which is of the function around it or not there; define both at the top "
                    "of a cell, or make it a knob"
                )
            around = bases
        value = around[name]
        if name in self.known and self.known[name] is value:
            return
        if isinstance(value, ModuleType):
            self.known[name] = value
            self.imports.append(f"import {value.__name__}" + f" as {name}" * (name != value.__name__))
        elif isinstance(value, (type, FunctionType)) or hasattr(value, "__qualname__"):
            self.thing(name, value)
        elif _is_plain(value):
            self.known[name] = value
            self.parts.append(f"{name} = {value!r}")
        else:
            raise ValueError(
                f"{self.top} uses {name}, a {type(value).__name__}, which no other process knows; make it a knob, a "
                "number or a text, or write the policy in two files"
            )

    def thing(self, name: str, value: Any) -> None:
        """A class or function that a text uses: imported where a module has it, else written down too."""
        module = getattr(value, "__module__", None)
        there = getattr(sys.modules.get(module or ""), getattr(value, "__qualname__", ""), None)
        filed = module in sys.stdlib_module_names or _has_file(module)
        if there is not None and there is value and module != "__main__" and filed:
            self.known[name] = value
            self.imports.append(
                f"from {module} import {there.__qualname__}" + f" as {name}" * (name != there.__qualname__)
            )
        elif isinstance(value, (type, FunctionType)) and value.__name__ == name:
            self.add(value)  # typed too
        else:
            raise ValueError(f"{self.top} uses {name}, of which the source is not to be had; write it out in the cell")


def _has_file(module: str | None) -> bool:
    return bool(getattr(sys.modules.get(module or ""), "__file__", None))


def _is_plain(value: Any) -> bool:
    """Whether the text of a value makes it again."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value) in (list, tuple, set) and all(map(_is_plain, value))
    if isinstance(value, dict):
        return type(value) is dict and all(_is_plain(one) for pair in value.items() for one in pair)
    return type(value) in PLAIN and value == value and value not in (math.inf, -math.inf)


def _around(typed: Any) -> Mapping[str, Any]:
    """The names that the text of a class or function can use."""
    if isinstance(typed, FunctionType):
        return typed.__globals__
    for function in _functions(typed):
        return function.__globals__
    return vars(sys.modules.get(typed.__module__, builtins))


def _functions(kind: type) -> Iterator[FunctionType]:
    """The functions that were typed in the body of a class, and not made for it."""
    for value in vars(kind).values():
        inner = getattr(value, "__func__", getattr(value, "fget", value))
        if isinstance(inner, FunctionType) and inner.__qualname__.startswith(f"{kind.__qualname__}."):
            if inner.__code__.co_filename != "<string>" and not _of_dataclasses(inner):
                yield inner


def _of_dataclasses(function: FunctionType) -> bool:
    return function.__code__.co_filename == dataclasses.__file__


def _source(typed: Any) -> tuple[str, ast.AST]:
    """(text, its tree) of a class or function, as it was typed; ValueError where it is not to be had."""
    functions = [typed] if isinstance(typed, FunctionType) else list(_functions(typed))
    for function in functions:
        file, line = function.__code__.co_filename, function.__code__.co_firstlineno
        lines = linecache.getlines(file, function.__globals__)
        with contextlib.suppress(SyntaxError):
            for node in ast.walk(ast.parse("".join(lines))):
                if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name != typed.__name__:
                    continue
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                end = node.end_lineno or first
                if first <= line <= end and isinstance(node, ast.ClassDef) == isinstance(typed, type):
                    text = textwrap.dedent("".join(lines[first - 1 : end]))
                    return text if text.endswith("\n") else f"{text}\n", ast.parse(text)
    raise ValueError(
        f"the source of {typed.__name__} is not to be had, so that nobody could tell what ran; define it in a cell or "
        "in a file, not by exec"
    )


def _needed(tree: ast.AST) -> set[str]:
    """Names that a text reads; those that it also makes are looked for too, and found in the text itself."""
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    made |= {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    made |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return read - made


# ---------------------------------------------------------------- is it the same?


def _compare(typed: Any, written: Any) -> None:
    """ValueError where what was written down does not do what was typed, instruction by instruction."""
    pairs: list[tuple[Callable[..., Any] | None, Callable[..., Any] | None]] = [(typed, written)]
    if isinstance(typed, type):
        there = {one.__name__: one for one in _functions(written)}
        pairs = [(one, there.pop(one.__name__, None)) for one in _functions(typed)]
        pairs += [(None, one) for one in there.values()]
        if [base.__name__ for base in typed.__bases__] != [base.__name__ for base in written.__bases__]:
            pairs.append((None, None))
    for one, other in pairs:
        if (
            one is None
            or other is None
            or not _same(one.__code__, other.__code__)
            or _defaults(one) != _defaults(other)
        ):
            raise ValueError(
                f"the source of {typed.__name__} is not what runs: it was changed since it was defined; run the cell "
                "or the script anew"
            )


def _defaults(function: Any) -> str:
    return repr((function.__defaults__, function.__kwdefaults__))


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two pieces of code do the same, wherever they stand."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_argcount", "co_flags")
    if any(getattr(one, part) != getattr(other, part) for part in parts):
        return False
    if len(one.co_consts) != len(other.co_consts):
        return False
    return all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else _constant(a) == _constant(b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def _constant(value: Any) -> str:
    """A constant as text; of the name of a place only the last part counts."""
    return value.rpartition(".")[2] if isinstance(value, str) and "<locals>" in value else repr(value)
