"""The text of a class or function that was typed, as a module that every process can load.

What is written is held against what was typed, instruction by instruction; where they are not the same, or where the
text cannot be had, it is refused (ValueError).
"""

import ast
import builtins
import contextlib
import dataclasses
import inspect
import linecache
import math
import secrets
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sim.policies.instrument import Instrument
from sim.world import sources

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
SOME_QUARTER = "2024Q4"  # for a function that is asked what it moves before any quarter
TEXTS: dict[str, str] = {}  # name of a module -> its text as it was typed last; a comment makes no other module


def in_a_module(kind: Any) -> type[Instrument]:
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
    TEXTS[module] = body
    if module not in sys.modules:
        keep(sources.cells() / f"{module}.py", body)
    here = getattr(sources.load(module), name)
    _compare(kind, vars(sources.load(module))[kind.__name__])
    return here


def _is_filed(kind: type) -> bool:
    """Whether a class is that of a module which every process can import."""
    module = sys.modules.get(kind.__module__)
    known = kind.__module__ != "__main__" and sources.file_of(kind.__module__) is not None
    return known and getattr(module, kind.__qualname__, None) is kind


def keep(path: Path, text: str) -> None:
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
