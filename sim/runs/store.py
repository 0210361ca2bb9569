"""Where what was computed is kept, so that nothing is computed twice: shards of sweeps, runs of comparisons, batches of
calibrations.

    <name>.zip   an entry: `index.json`, with the schema and the fingerprints of what was computed, and named parts
    damaged/     entries that cannot be read, set aside; `.lock` there is held by whoever sets aside

An entry is named by what is in it, appears whole or not at all, and is never changed: who writes it has a file of his
own until then, and of two who compute the same the last one's stays. It is a zip without compression because zip knows
what its content should add up to (CRC-32). No list says which entries there are, so none can be wrong.
"""

import json
import os
import secrets
import sys
import time
import zipfile
import zlib
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sim.runs.folders import arriving, now

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, TypeError, ValueError, RuntimeError)
ABANDONED = 24 * 3600  # seconds after which a file on its way has nobody who writes it
SHOWN = 3  # names of damaged entries


class Damaged(ValueError):
    """An entry that cannot be read, or that is not what its name says."""


class AnotherSchema(ValueError):
    """An entry of another version of the program."""


class Held(Exception):
    """Another process holds the lock; the message says which."""


def write(path, index, parts):
    """Keep `index` (plain, with `schema`) and `parts` (name -> bytes) as the entry `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with arriving(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("index.json", json.dumps(index))
        for name, content in parts.items():
            archive.writestr(name, content)


class Entry:
    """What is kept in the file `path`. Whatever is read of it adds up, or Damaged is raised; FileNotFoundError where it
    is not there.
    """

    def __init__(self, path, schema):
        self.path, self.schema = Path(path), schema

    @cached_property
    def index(self):
        """What the entry says of itself. Raises AnotherSchema."""
        text = self.part("index.json")
        try:
            index = json.loads(text)
            schema = index["schema"]
        except (TypeError, KeyError, ValueError) as error:
            raise Damaged(f"{self.path}: {error}") from error
        if schema != self.schema:
            raise AnotherSchema(f"{self.path} is of schema {schema}; this version reads {self.schema}")
        return index

    def part(self, name):
        """The bytes of a part."""
        return self.parts([name])[name]

    def parts(self, names):
        """Name -> bytes of parts."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return {name: archive.read(name) for name in names}
        except FileNotFoundError:
            raise
        except UNREADABLE as error:
            raise Damaged(f"{self.path}: {error}") from error

    def whole(self):
        """The entry, all of which was read."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                bad = archive.testzip()
        except FileNotFoundError:
            raise
        except UNREADABLE as error:
            raise Damaged(f"{self.path}: {error}") from error
        if bad is not None:
            raise Damaged(f"{self.path}: {bad} does not add up")
        assert self.index
        return self


def missing(paths, damaged, read):
    """Which of the entries `paths` are to be computed, in their order: those that are not there, and those of which
    `read(path)` raises Damaged; these are set aside in the folder `damaged`.
    """
    absent, unsound = [], []
    for path in paths:
        try:
            read(path)
        except FileNotFoundError:
            absent.append(path)
        except Damaged:
            unsound.append(path)
    gone = {*absent, *set_aside(unsound, damaged, read)}
    return [path for path in paths if path in gone]


def set_aside(paths, damaged, read):
    """Move damaged entries to the folder `damaged` and say so in one line: what they held is missing again.

    Each is looked at once more by `read(path)`, which raises Damaged, with no other process setting aside meanwhile:
    a sound one may have taken its place. Returns the paths moved.
    """
    moved = []
    if not paths:
        return moved
    damaged.mkdir(parents=True, exist_ok=True)
    with locked(damaged / ".lock"):
        _remove_abandoned(paths[0].parent)
        for path in paths:
            try:
                read(path)
            except FileNotFoundError:
                continue
            except Damaged:
                place = damaged / path.name
                if place.exists():
                    place = place.with_stem(f"{path.stem}-{secrets.token_hex(3)}")
                os.replace(path, place)
                moved.append(path)
    if moved:
        names = [path.name for path in moved[:SHOWN]] + [f"{len(moved) - SHOWN} more"] * (len(moved) > SHOWN)
        verb = "is damaged; it was" if len(moved) == 1 else "are damaged; they were"
        print(f"sim: {', '.join(names)} {verb} set aside in {damaged}, to be computed again", file=sys.stderr)
    return moved


def _remove_abandoned(folder):
    """Remove what writers left that were killed long ago."""
    for path in folder.glob(".*.zip.*"):
        if time.time() - path.stat().st_mtime > ABANDONED:
            path.unlink(missing_ok=True)


@contextmanager
def locked(path, wait=True):
    """Hold the lock that the file `path` stands for, which the system drops with its process. Without `wait` Held is
    raised where another process has it.

    Where a disk knows no locks, and on Windows, nobody is kept out.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(path, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise Held(file.read().strip()) from None
        except OSError:  # no locks on this disk
            pass
        file.truncate(0)
        file.write(f"process {os.getpid()} since {now()}")
        file.flush()
        yield
