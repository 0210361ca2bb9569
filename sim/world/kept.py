"""Arrays that take a while to make and are the same for ever: kept in the user's cache folder.

They are addressed by a digest of what they were made of and of the code that made it. A file that is damaged or gone is
made anew, and a disk that refuses costs time only.
"""

import contextlib
import hashlib
import secrets
import zipfile

import numpy as np

from sim.world import sources

DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
MOST = 64  # files of a kind; the oldest go first


def arrays(kind, module, made_of, make):
    """Name -> read-only array, as `make()` gives them: of a file of this `kind` where there is one.

    `made_of` is what they depend on, plain, and `module` names the one whose code makes them.
    """
    code = sources.digest(sources.closure([module]))
    name = hashlib.sha256(f"{code} {np.__version__} {made_of!r}".encode()).hexdigest()[:32]
    file = sources.cache_folder() / kind / f"{name}.npz"
    try:
        with np.load(file, allow_pickle=False) as kept:
            found = {name: kept[name] for name in kept.files}
    except DAMAGE:
        found = make()
        _keep(file, found)
    for array in found.values():
        array.setflags(write=False)
    return found


def _keep(file, found):
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        coming = file.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with coming.open("wb") as written:
                np.savez(written, **found)
            coming.replace(file)
        finally:
            coming.unlink(missing_ok=True)
        for old in sorted(file.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)
