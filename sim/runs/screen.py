"""Standard output and error that nothing can be lost to.

A pipe that the reader has closed (`sim --help | head -1`), a full disk behind `>` or an encoding without the letter
that is to be written would each end the command that writes, hours of computing and all. Here what cannot be written
is dropped, and the first reason is kept for the end.
"""

import io
import os
import sys
from contextlib import contextmanager


class Stream:
    """A stream whose writing never fails; `refused` is the OSError that the first failure was, or None."""

    def __init__(self, stream):
        self._stream = io.StringIO() if stream is None else stream  # None: closed before the command began
        self.refused = None

    def write(self, text):
        """Write text, what the encoding lacks as \\u escapes."""
        encoding = self._stream.encoding or "utf-8"
        self._try(lambda: self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding)))
        return len(text)

    def flush(self):
        """Write what waits."""
        self._try(self._stream.flush)

    def _try(self, act):
        if self.refused is not None:
            return
        try:
            act()
        except OSError as error:
            self.refused = error
            self._give_up()

    def _give_up(self):
        """What waits goes nowhere, so that the interpreter does not try again when it ends."""
        try:
            number = self._stream.fileno()
        except (OSError, ValueError):  # a stand-in that is no file
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)

    def __getattr__(self, name):
        return getattr(self._stream, name)


class Screens:
    """Both streams of a command."""

    def __init__(self):
        self.streams = Stream(sys.stdout), Stream(sys.stderr)

    def refusal(self):
        """Why the first of them could not be written, in words; None where all was, or where the reader had enough."""
        reasons = [stream.refused for stream in self.streams if stream.refused is not None]
        return next((reason.strerror for reason in reasons if not isinstance(reason, BrokenPipeError)), None)


@contextmanager
def kept():
    """Inside, nothing fails for want of a screen; gives the Screens."""
    before, screens = (sys.stdout, sys.stderr), Screens()
    sys.stdout, sys.stderr = screens.streams
    try:
        yield screens
    finally:
        for stream in screens.streams:
            stream.flush()
        sys.stdout, sys.stderr = before
