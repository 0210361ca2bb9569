"""Folders that nobody else can get and that say how they ended, files that appear whole or not at all."""

import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import threading
import time
import traceback
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


class FolderError(Exception):
    """The disk refuses; the message is one a user can act on."""


class Spoilt(FolderError, ValueError):
    """A file of a folder is not there any more, or not what its writer left."""


@contextmanager
def spoilt_told(path):
    """Turn what a reader says of a file that is missing, cut or changed into a Spoilt that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise Spoilt(f"{path} is missing") from None
    except (ValueError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise error if isinstance(error, Spoilt) else Spoilt(f"{path} cannot be read: {reason}") from error


def read_json(path, keys=()):
    """The keys and values of a JSON file, which has those `keys`; Spoilt where it is not that."""
    with spoilt_told(path):
        content = json.loads(Path(path).read_text("utf-8"))
    if not isinstance(content, dict):
        raise Spoilt(f"{path} cannot be read: it should hold values by name")
    if lacking := [key for key in keys if key not in content]:
        raise Spoilt(f"{path} has no {', '.join(lacking)}")
    return content


@contextmanager
def refusals_told(folder, advice="choose another place with output=FOLDER"):
    """Turn what the system says to a name or a write (full, read-only, not ours, gone, too long) into a FolderError
    about `folder` that ends with `advice`.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, BrokenPipeError):  # not said by a disk
            raise
        other = error.filename if isinstance(error.filename, str) and str(folder) not in error.filename else ""
        reason = f"{os.strerror(error.errno)}{f' ({other})' if other else ''}"
        raise FolderError(f"cannot write to {folder}: {reason}; {advice}") from error


def new_folder(parent, name=None):
    """Make and return `parent/<name or local time>-<random id>`, which did not exist before.

    Two runs of the same second differ by the id, and should even that agree, `mkdir` gives the folder to one of them
    only. Raises FolderError where the disk refuses.
    """
    while True:
        folder = Path(parent) / f"{name or time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        with refusals_told(parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir(exist_ok=False)
            except FileExistsError:
                continue
        return folder


@contextmanager
def arriving(path):
    """A temporary name to write to; the file takes the name `path` once it is whole and on the disk."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def swap(coming, final):
    """Let the folder `coming` take the name `final`, and remove what had it."""
    old = final.with_name(f".old.{secrets.token_hex(4)}")
    if final.exists():
        os.replace(final, old)
    os.replace(coming, final)
    shutil.rmtree(old, ignore_errors=True)


def write_text(path, text):
    """Write `text` to `path`, whole or not at all."""
    with arriving(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path, content):
    """Write `content` as JSON, whole or not at all."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def write_csv(path, table, columns=None):
    """Write a DataFrame without its index and without formulas, whole or not at all; `columns` are those declared."""
    from sim.observables.written import to_csv

    with arriving(path) as temporary:
        to_csv(table, temporary, columns)


def now():
    """The local time as text, with its distance from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def digest(path):
    """The SHA-256 of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder):
    """Names of the files of a folder and of those inside, in order; DONE and hidden ones are left out."""
    names = (path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file())
    return sorted(name.as_posix() for name in names if name.name[0] != "." and name != Path("DONE"))


def seal(folder):
    """Write DONE: the SHA-256 of every file of the folder, as `sha256sum --check DONE` reads it."""
    write_text(Path(folder) / "DONE", "".join(f"{digest(Path(folder) / name)}  {name}\n" for name in files_in(folder)))


def sums(folder):
    """Name -> SHA-256 of the files that DONE says the folder has."""
    with spoilt_told(path := Path(folder) / "DONE"):
        lines = [line.partition("  ") for line in path.read_text("utf-8").splitlines()]
    if strange := [line for line in lines if not _is_sum(*line)]:
        raise Spoilt(f"{path} cannot be read: {''.join(strange[0])!r} is no sum of a file of the folder")
    return {name: sum_ for sum_, _, name in lines}


def _is_sum(sum_, _, name):
    """Whether a line of DONE is one: a SHA-256 and the name of a file below the folder."""
    return bool(re.fullmatch(r"[0-9a-f]{64}", sum_)) and ".." not in Path(name).parts and not Path(name).is_absolute()


def unlike(folder):
    """How the files of a folder differ from what DONE says of them, as sentences."""
    said = sums(folder)
    return [
        *(f"{name}: is missing" for name in said if not (Path(folder) / name).is_file()),
        *(f"{name}: was added" for name in files_in(folder) if name not in said),
        *(
            f"{name}: was changed"
            for name, sum_ in said.items()
            if (Path(folder) / name).is_file() and digest(Path(folder) / name) != sum_
        ),
    ]


@contextmanager
def outcome(folder, about, name="run.json", sealed=False):
    """Say in the folder how the work inside ended: DONE, or FAILED with the traceback or the interruption.

    `about` gets status, end and seconds and is written as `name`. Where it is `sealed`, DONE holds the sums of all
    files.
    """
    began = time.monotonic()

    def close(status):
        about.update(status=status, end=now(), seconds=round(time.monotonic() - began, 3))
        write_json(folder / name, about)

    try:
        with signals_raised("SIGTERM"):
            yield
            close("done")
            if sealed:
                seal(folder)
            else:
                write_text(folder / "DONE", "")
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        text = f"interrupted{f' by {error}' if str(error) else ''}\n" if interrupted else traceback.format_exc()
        try:
            write_text(folder / "FAILED", text)
            close("interrupted" if interrupted else "failed")
        except OSError:
            pass  # the disk that refused the tables may refuse this too; the error itself tells
        raise


@contextmanager
def signals_raised(*names):
    """Inside, the signals called `names`, such as SIGTERM by which schedulers end a job, interrupt as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        yield
        return

    def interrupt(number, *_):
        raise KeyboardInterrupt(signal.Signals(number).name)

    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]  # Windows has few
    handlers = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)  # None: it was not set in Python
