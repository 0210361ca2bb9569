"""Arrays in `.npz` files: read, and kept in the user's cache folder where they take a while to make.

Nobody misses a file that is kept: where it is damaged or gone it is made anew, and a disk that refuses costs time only.
"""

import contextlib
import hashlib
import os
import secrets
import zipfile
from tokenize import TokenError

import numpy as np

from sim.world import sources

DAMAGE = (OSError, EOFError, KeyError, ValueError, RuntimeError, TokenError, zipfile.BadZipFile)  # what flipped bits do
LARGEST = 2 * 10**8  # bytes of a kind


def arrays(kind, module, made_of, make):
    """Name -> read-only array, as `make()` gives them: of a file of this `kind` where there is one.

    Files are addressed by what the arrays are `made_of`, plain, and by the code of the `module` that makes them.
    """
    code = sources.digest(sources.closure([module]))
    name = hashlib.sha256(f"{code} {np.__version__} {made_of!r}".encode()).hexdigest()[:32]
    file = sources.cache_folder() / kind / f"{name}.npz"
    try:
        found = taken(file)
    except ValueError:
        found = make()
        keep(file, found, LARGEST)
    for array in found.values():
        array.setflags(write=False)
    return found


def read(path):
    """Name -> array of an `.npz` file. Raises ValueError where it is damaged or not there."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except DAMAGE as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def taken(path):
    """The same of a file that is kept, which then counts as used."""
    found = read(path)
    with contextlib.suppress(OSError):
        os.utime(path)
    return found


def keep(path, found, largest):
    """Write name -> array to `path`, whole or not at all; the least recently used beside it go until the `.npz` files
    of its folder have at most `largest` bytes.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        coming = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with coming.open("wb") as file:
                np.savez(file, **found)
            coming.replace(path)
        finally:
            coming.unlink(missing_ok=True)
        size = 0
        for one in sorted(path.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime, reverse=True):
            size += one.stat().st_size
            if size > largest and one != path:
                one.unlink(missing_ok=True)
