"""Sources: the text of the modules that are loaded, what they import, and a digest of what they mean.

What ran is what is known here: each module of the package, and each own module of a user, keeps the text it was loaded
from (`Remembering`), so that an edit beside a living process changes nothing that is said of it. The digest of a
module is that of its syntax tree without comments, docstrings, annotations of functions, and names of local
variables: it changes where the module may compute something else, and seldom elsewhere.
"""

import ast
import atexit
import contextlib
import functools
import hashlib
import importlib.util
import itertools
import json
import os
import secrets
import shutil
import stat
import sys
import sysconfig
import tempfile
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
CELL = "cell_"  # how the names of modules begin that hold what was typed (`sim.settings.cells`)
WITHOUT_NUMBERS = (  # compute none
    __name__,  # what the package knows of its own text
    "sim.settings.python",  # what it makes of the words of a model stands in the resolved config
)
FOREIGN = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
INSTALLED = {"site-packages", "dist-packages"}  # those of the user and of the system are in no list of Python's


# ---------------------------------------------------------------- loading


class Remembering(SourceFileLoader):
    """Loads a module and keeps the text, `module.__source__`, and when: `module.__begun__`, `module.__done__`."""

    def exec_module(self, module):
        module.__source__ = importlib.util.decode_source(self.get_data(self.path))
        module.__begun__ = next(_CLOCK)
        super().exec_module(module)
        module.__done__ = next(_CLOCK)

    def get_code(self, fullname):
        """The code of the text just read. Bytecode kept from before is used for the package alone: Python takes it for
        fresh where a file was changed within one second.
        """
        if Path(self.path).is_relative_to(PACKAGE):
            return super().get_code(fullname)
        return self.source_to_code(self.get_data(self.path), self.path)


_CLOCK = itertools.count(1)


class _Finder(MetaPathFinder):
    """Has modules of the package and of users loaded by `Remembering`, and leaves all others as they are."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.startswith(CELL) and "." not in fullname:
            path = [str(cells())]
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not is_own(spec.origin):
            return None
        spec.loader = Remembering(spec.loader.name, spec.loader.path)
        return spec


def is_own(file):
    """Whether a file is of the package or of its users, and not of Python or of a library installed."""
    path = Path(file).resolve()
    return path.is_relative_to(PACKAGE) or not (str(path).startswith(FOREIGN) or INSTALLED & set(path.parts))


def remember():
    """Keep the text of every own module that is loaded from now on; those loaded before keep what is on disk now."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        last = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
        sys.meta_path.insert(last, _Finder())  # after others that change how modules load, as pytest does
        for name, module in list(sys.modules.items()):
            with contextlib.suppress(Exception):  # what cannot be read is asked for again, where it is needed
                running = name == "__main__" or getattr(module.__spec__, "_initializing", False)
                if text_of(name) is not None and not running:
                    module.__done__ = next(_CLOCK)


def look_here():
    """Find modules of the user's own, such as the class of a policy, in the folder where the command is given too,
    behind those of Python and of libraries.
    """
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())


def text_of(name):
    """The text that the own module `name` was made from or, where it is not loaded, would be; None where no file is
    known to have made it.
    """
    if name == "__main__" and (hasattr(sys, "ps1") or sys.flags.interactive):
        return None
    module = sys.modules.get(name)
    if module is None:
        if name not in _ASKED:
            file = file_of(name)
            _ASKED[name] = None if file is None else _read(file)
        return _ASKED[name]
    if not hasattr(module, "__source__"):
        file = getattr(module, "__file__", None)
        if not file or not Path(file).is_file() or not is_own(file):
            return None
        module.__source__ = _read(Path(file))
    return module.__source__


def _read(file):
    return importlib.util.decode_source(file.read_bytes())


_ASKED = {}  # texts of modules that were asked for before they were loaded


def changed(names):
    """Which of the own modules `names`, and of the loaded packages of a user that they stand in, mean something else on
    disk than what is known of them here.
    """
    return [name for name in [*names, *_packages(names)] if not _as_known(name)]


def _packages(names):
    """The loaded packages of a user that `names` stand in: what a name was taken from may be a file beside it today."""
    above = {".".join(parts[:depth]) for parts in (name.split(".") for name in names) for depth in range(1, len(parts))}
    return [one for one in sorted(above - set(names)) if _is_users(one)]


def _as_known(name):
    here = text_of(name)
    try:
        there = _read(file_of(name))
        return all(
            text == here or study(text)["meaning"] == study(here)["meaning"] for text in (there, _ASKED.get(name, here))
        )
    except (OSError, AttributeError, UnicodeDecodeError, SyntaxError):
        return False


def overtaken(names):
    """Which of the own modules `names` were loaded before something that they import was loaded again."""
    return [name for name in names if _is_overtaken(sys.modules.get(name), name)]


def _is_overtaken(module, name):
    done = getattr(module, "__done__", None)
    inner = _imported(name, text_of(name), True) if done else ()
    return any(getattr(sys.modules.get(one), "__begun__", 0) > done for one in inner)


def file_of(name):
    """The file of the own module `name`; None where there is none. Nothing is loaded."""
    root, *parts = name.split(".")
    path, folders = _root(root)
    for part in parts:
        inner = [one for folder in folders for one in (folder / part / "__init__.py", folder / f"{part}.py")]
        path = next((one for one in inner if one.is_file()), None)
        if path is None:  # a folder without __init__.py is a package too
            folders = [folder / part for folder in folders]
        else:
            folders = [path.parent] if path.name == "__init__.py" else []
    return path


def _root(name):
    """(file or None, folders of what is inside) of an own module without a dot."""
    module = sys.modules.get(name)
    if name == "__main__":  # a script; of what is typed no text is known
        file = getattr(module, "__file__", None)
        return (Path(file) if file and text_of(name) is not None else None), []
    try:
        spec = importlib.util.find_spec(name) if module is None else getattr(module, "__spec__", None)
    except (ImportError, ValueError):
        return None, []
    file = getattr(spec, "origin", None) or getattr(module, "__file__", None)
    if not file:
        return None, [Path(one) for one in getattr(spec, "submodule_search_locations", None) or () if is_own(one)]
    path = Path(file) if Path(file).is_file() and is_own(file) else None
    return path, [path.parent] if path is not None and path.name == "__init__.py" else []


def load(name):
    """The module `name`, as `importlib.import_module` gives it; an own module of a user that has changed on disk, or
    imports one that has, is loaded anew, and what was made from the older one stays as it is.
    """
    if file_of(name) is None or not _in_package(name):
        _module.cache_clear()  # files of the user may have come and gone
        _imported.cache_clear()
    own = [one for one in _needed(name) if _is_users(one)] if _is_users(name) else []
    stale = set(changed(own)) | set(overtaken(own))
    for one in [one for one in own if stale & set(_needed(one))]:
        module = sys.modules.pop(one)
        _ASKED.pop(one, None)
        package, _, part = one.rpartition(".")
        if getattr(sys.modules.get(package), part, None) is module:  # else `from package import part` finds it there
            delattr(sys.modules[package], part)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def _needed(name):
    """What the own module `name` is or imports, and the packages of a user that these stand in."""
    names = closure([name])
    return [*names, *_packages(names)]


def _is_users(name):
    return name in sys.modules and name != "__main__" and file_of(name) is not None and not _in_package(name)


def _in_package(name):
    return file_of(name).is_relative_to(PACKAGE)


# ---------------------------------------------------------------- what imports what


def closure(roots, top=False):
    """Names of the own modules that the modules `roots` are or import, at any depth. Nothing is loaded.

    `from sim.world import draws` needs `sim.world.draws` alone: a package counts where something of its own
    `__init__` is asked for. Imports anywhere in a file count, with `top` only those that run when it is loaded.
    """
    reached, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _imported(name, text_of(name), top)
    return sorted(reached)


@functools.cache
def _imported(name, text, top):
    parts = name.split(".") if file_of(name).name == "__init__.py" else name.split(".")[:-1]
    names = []
    for level, wanted, at_top in study(text)["imports"]:
        if at_top or not top:
            names.append(".".join([*parts[: len(parts) - level + 1], wanted]) if level else wanted)
    modules = dict.fromkeys(map(_module, names))
    return tuple(one for one in modules if one is not None and one not in WITHOUT_NUMBERS)


@functools.cache
def _module(name):
    """The own module that a dotted name is, or is a part of; None for one of Python or of a library."""
    while name and file_of(name) is None:
        name = name.rpartition(".")[0]
    return name or None


# ---------------------------------------------------------------- what a text means


def digest(names):
    """The digest (64 hexadecimal digits) of what the loaded modules `names` mean."""
    lines = (f"{name} {study(text_of(name))['meaning']}\n" for name in sorted(names))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@functools.cache
def study(text):
    """What is to be known of a text: `meaning`, the digest of its syntax tree without what cannot change a number, and
    `imports`, a list of [level, dotted name, whether at the top].

    To parse the package takes half a second, so it is kept in the user's cache folder under the digest of the text.
    """
    file = cache_folder() / "sources" / f"{hashlib.sha256((_STUDY + text).encode()).hexdigest()[:32]}.json"
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        tree = ast.parse(text)
        facts = {"meaning": hashlib.sha256(repr(_plain(tree, ())).encode()).hexdigest(), "imports": _imports(tree)}
    with contextlib.suppress(OSError):  # a disk that refuses costs time only
        file.parent.mkdir(parents=True, exist_ok=True)
        coming = file.with_suffix(f".{secrets.token_hex(4)}")
        coming.write_text(json.dumps(facts), "utf-8")
        coming.replace(file)
    return facts


def cells():
    """Where what was typed is kept, so that every process of the user finds it."""
    return cache_folder() / "cells"


def cache_folder():
    """Where machine code and what is known of sources are kept: in `NUMBA_CACHE_DIR`, else in the user's cache folder.

    Whoever can write there has others run what they like, as machine code is loaded as it stands: nobody else can.
    """
    return _private(os.environ.get("NUMBA_CACHE_DIR") or None)


@functools.cache
def _private(parent):
    """The cache folder, which only its owner may enter; a new one that goes with the process where it is not ours."""
    from numba.misc.appdirs import AppDirs  # numba takes long to import, and `import sim` should not

    usual = Path(AppDirs("silicon-bund", appauthor=False).user_cache_dir)
    folder = usual if parent is None else Path(parent) / usual.name
    with contextlib.suppress(OSError):  # a disk that refuses costs time only
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if hasattr(os, "getuid") and (found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode)):
            print(f"sim: {folder} is not of this user; what it holds is not used", file=sys.stderr)
            folder = Path(tempfile.mkdtemp(prefix="sim-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        elif found.st_mode & 0o077:
            folder.chmod(0o700)
    return folder


def _imports(tree):
    inner = {id(node) for part in ast.walk(tree) if isinstance(part, SCOPES) for node in ast.walk(part)}
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.append([0, alias.name, id(node) not in inner])
                if alias.asname is None:  # `import a.b` gives the name a
                    above = itertools.accumulate(alias.name.split(".")[:-1], "{}.{}".format)
                    imports += [[0, one, id(node) not in inner] for one in above]
        elif isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            imports += [[node.level, base + alias.name, id(node) not in inner] for alias in node.names]
    return imports


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
COMPREHENSIONS = SCOPES[3:]
CLASS = {}  # stands for the body of a class among the scopes around a node: its names and annotations are its fields'
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
UNSAID = ("ctx", "kind", "type_comment", "type_ignores", "type_params", "returns")


def _plain(node, scopes):
    """A node of the syntax tree as nested tuples, the same for all versions of Python.

    `scopes` maps, from the outside in, the local names of the functions around the node to numbers.
    """
    if isinstance(node, list):
        return tuple(_plain(one, scopes) for one in node)
    if not isinstance(node, ast.AST):
        return (type(node).__name__, repr(node))
    if isinstance(node, ast.Name):
        return ("Name", _local(node.id, scopes))
    inside, in_function = scopes, scopes != () and scopes[-1] is not CLASS
    if isinstance(node, SCOPES):
        inside = (*scopes, _locals(node))
    elif isinstance(node, ast.ClassDef):
        inside = (*scopes, CLASS)
    fields = {}
    for field, value in ast.iter_fields(node):
        if field in UNSAID or value is None or value == []:
            continue
        if field == "body" and isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            value = value[1:]
        if field == "annotation" and (in_function or isinstance(node, ast.arg)):
            continue
        outer = field in ("decorator_list", "args") and not isinstance(node, COMPREHENSIONS) and inside is not scopes
        fields[field] = _plain(value, scopes if outer else inside)
    if inside is not scopes and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        fields["name"] = ("str", repr(_local(node.name, scopes)))
    if isinstance(node, ast.ExceptHandler) and node.name:
        fields["name"] = ("str", repr(_local(node.name, scopes)))
    kind = "Assign" if isinstance(node, ast.AnnAssign) and in_function else type(node).__name__
    if kind == "Assign" and "target" in fields:
        fields["targets"] = (fields.pop("target"),)
        fields.pop("simple", None)
    return (kind, tuple(sorted(fields.items())))


def _local(name, scopes):
    """The number of a local name in the innermost function that has it, else the name itself."""
    for depth in range(len(scopes) - 1, -1, -1):
        if name in scopes[depth]:
            return (depth, scopes[depth][name])
    return name


def _locals(function):
    """Local name -> number, in the order in which a function first binds them.

    A name that the function says in another way too keeps itself: an argument, as callers may use it; what is
    imported, matched, global or of a class inside; an argument of a function inside.
    """
    kept, bound = _said_otherwise(function), {}
    waiting = list(ast.iter_child_nodes(function))[::-1]
    if isinstance(function, COMPREHENSIONS):
        waiting = [part.target for part in function.generators][::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.setdefault(node.name, len(bound))
            continue
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            bound.setdefault(node.id, len(bound))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.setdefault(node.name, len(bound))
        if isinstance(node, SCOPES):
            continue
        waiting += list(ast.iter_child_nodes(node))[::-1]
    return {name: number for name, number in bound.items() if name not in kept}


def _said_otherwise(function):
    kept = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            kept.add(node.arg)
        elif isinstance(node, ast.alias):
            kept.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)):
            kept.add(node.name)
        elif isinstance(node, ast.MatchMapping):
            kept.add(node.rest)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            kept.update(node.names)
        elif isinstance(node, ast.ClassDef):
            kept.update(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
            kept.update(one.name for one in ast.walk(node) if isinstance(one, DOCUMENTED[1:]))
    return kept


_STUDY = Path(__file__).read_text("utf-8")  # another way to study finds other things
