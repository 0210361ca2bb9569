"""The compiler: `@kernel` and `@equation` turn plain functions into machine code.

The options are chosen here and nowhere else:

- no fast-math: sums keep their order and products are not fused, so every processor gives
  the same bits, and so does plain Python (`NUMBA_DISABLE_JIT=1`);
- NumPy's division (x / 0 is infinite or NaN): a check that raises would keep loops scalar;
- no interpreter lock, so that runs may share a process;
- no wrapper for callers in C, of whom there are none: it would cost compilation;
- a cache on disk, so that only the first run of a version waits for the compiler.

A kernel freezes the helpers and constants it names, also those of other files, of which
numba's own cache knows nothing: it would go on running stale code after an edit there. So
the cache is a folder named by a hash of all sources that kernels can see. Folders of past
versions are never read again and may be deleted.
"""

import functools
import hashlib
import re
import tempfile
from pathlib import Path

from numba import config, njit
from numba.extending import register_jitable
from numba.misc.appdirs import AppDirs

PACKAGE = Path(__file__).resolve().parents[1]


def kernel(function):
    """Compile `function` at its first call, for the types of that call."""
    return _compiled(function, forceinline=False)


def equation(function):
    """A kernel of few lines that is always copied into its callers.

    A loop that calls a function stays scalar; one that calls only equations can be vectorised.
    """
    return _compiled(function, forceinline=True)


def shared(function):
    """One line of bookkeeping for kernels and plain Python alike, which runs it as it stands.

    To call a kernel takes numba tens of microseconds where it has to look at enums.
    """
    return register_jitable(error_model="numpy", fastmath=False)(function)


def _compiled(function, forceinline):
    outer = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())  # numba reads it while decorating, and only then
    try:
        return njit(
            cache=_writable(),
            error_model="numpy",
            fastmath=False,
            nogil=True,
            forceinline=forceinline,
            no_cfunc_wrapper=True,
        )(function)
    finally:
        config.CACHE_DIR = outer


@functools.cache
def cache_folder() -> Path:
    """Where machine code of this version of the sources is kept.

    Inside `NUMBA_CACHE_DIR` when that is set, else inside the user's cache folder.
    """
    digest = hashlib.sha256()
    for path in kernel_sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    parent = config.CACHE_DIR or AppDirs("silicon-bund", appauthor=False).user_cache_dir
    return Path(parent) / f"kernels-{digest.hexdigest()[:16]}"


def kernel_sources() -> list[Path]:
    """The files of the package that hold kernels or equations, and all files that those import, sorted."""
    found = set()
    waiting = [p for p in PACKAGE.rglob("*.py") if re.search("@(kernel|equation|shared)", p.read_text("utf-8"))]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path)
    return sorted(found)


def _imports(path: Path) -> list[Path]:
    """The files of the package that the file at `path` imports at its top; read as text, as to parse it takes longer."""
    text, found = path.read_text("utf-8"), []
    for names in re.findall(r"^import (.*)", text, re.M):
        found += [_module(PACKAGE.parent, name) for name in re.findall(r"[\w.]+", names)]
    for dots, module, names in re.findall(r"^from (\.*)([\w.]*) import (\([^)]*\)|.*)", text, re.M):
        base = path.parents[len(dots) - 1] if dots else PACKAGE.parent
        for name in re.findall(r"\w+", names):
            # `from sim import draws` needs sim/world/draws.py, not all that sim/__init__.py imports
            found.append(_module(base, f"{module}.{name}") or _module(base, module))
    return [source for source in found if source]


def _module(base: Path, name: str) -> Path | None:
    """The file of the module called `name` below `base`, or None if it is not of the package."""
    stem = base.joinpath(*name.split("."))
    for source in (stem.with_suffix(".py"), stem / "__init__.py"):
        if source.is_relative_to(PACKAGE) and source.is_file():
            return source
    return None


@functools.cache
def _writable() -> bool:
    """Whether the cache folder can be used; if not, kernels compile anew in each process.

    Left to itself numba would fall back to a folder that may hold stale code.
    """
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache_folder()).close()
    except OSError:
        return False
    return True
