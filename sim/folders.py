"""Folders that nobody else can get and files that appear whole or not at all."""

import errno
import os
import secrets
import time
from contextlib import contextmanager
from pathlib import Path

REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}


class FolderError(Exception):
    """The disk refuses; the message is one a user can act on."""


@contextmanager
def refusals_told(folder):
    """Turn what a disk says when it is full, read-only or not ours into a FolderError about `folder`."""
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        raise FolderError(f"cannot write to {folder}: {os.strerror(error.errno)}; choose another place with output=FOLDER") from error


def new_folder(parent):
    """Make and return `parent/<local time>-<random id>`, which did not exist before.

    Two runs of the same second differ by the id, and should even that agree, `mkdir` gives the
    folder to one of them only. Raises FolderError where the disk refuses.
    """
    while True:
        folder = Path(parent) / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
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


def write_text(path, text):
    """Write `text` to `path`, whole or not at all."""
    with arriving(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
