"""The compiler: `@kernel` and `@equation` turn plain functions into machine code.

The options are chosen here and nowhere else:

- no fast-math: sums keep their order and products are not fused, so every processor gives
  the same bits, and so does plain Python (`NUMBA_DISABLE_JIT=1`);
- NumPy's division (x / 0 is infinite or NaN): a check that raises would keep loops scalar;
- no interpreter lock, so that runs may share a process;
- no wrapper for callers in C, of whom there are none: it would cost compilation;
- a cache on disk, so that only the first run of a version waits for the compiler.

A kernel freezes the helpers and constants it names, also those of other files, of which numba's own cache knows
nothing: it would go on running stale code after an edit there. So the machine code of each file lies in a folder named
by a digest of what the file and all that it imports mean (`sources`): a comment compiles nothing anew, a constant what
can see it. Folders of past versions are never read again and may be deleted.
"""

import functools
import tempfile

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.extending import register_jitable

from sim.world import sources

FOLDERS = set()  # of the machine code of all files with kernels that are loaded


def kernel(function):
    """Compile `function` at its first call, for the types of that call."""
    return _compiled(function, forceinline=False)


def equation(function):
    """A kernel of few lines that is always copied into its callers.

    A loop that calls a function stays scalar; one that calls only equations can be vectorised.
    """
    return _compiled(function, forceinline=True)


def shared(function):
    """A part of kernels that plain Python can run too, as it stands.

    It has no entry of its own for calls from Python, which costs more to compile than a part of a few lines does, and
    to call which takes numba tens of microseconds where it has to look at enums.
    """
    return register_jitable(error_model="numpy", fastmath=False)(function)


def _compiled(function, forceinline):
    options = {"error_model": "numpy", "fastmath": False, "nogil": True, "no_cfunc_wrapper": True}
    compiled = njit(forceinline=forceinline, **options)(function)
    kept = sources.text_of(function.__module__) is not None and _writable(sources.cache_folder())
    if kept and not config.DISABLE_JIT:
        compiled._cache = _Cache(function)
    return compiled


def uncompiled():
    """Share of the files with kernels that are loaded for which no machine code is kept."""
    return sum(not any(folder.glob("*.nbi")) for folder in FOLDERS) / max(len(FOLDERS), 1)


def _folder_of(module):
    """(folder, digest) of the machine code of a module: what it means with all that it imports when it is loaded."""
    digest = sources.digest(sources.closure([module], top=True))
    folder = sources.cache_folder() / "kernels" / f"{module}-{digest[:16]}"
    FOLDERS.add(folder)
    return folder, digest


class _Locator(_CacheLocator):
    """Where numba keeps the machine code of a kernel, and what tells it that this code is fresh."""

    def __init__(self, function, file):
        self._py_file = file
        self._folder, self._digest = _folder_of(function.__module__)

    def get_cache_path(self):
        return str(self._folder)

    def get_source_stamp(self):
        return self._digest

    def get_disambiguator(self):
        return ""  # a name stands once in a module, and its line may move

    @classmethod
    def from_function(cls, function, file):
        return cls(function, file)


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Locator]


class _Cache(FunctionCache):
    _impl_class = _Implementation


@functools.cache
def _writable(folder):
    """Whether the cache folder can be used; if not, kernels compile anew in each process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
