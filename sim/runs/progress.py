"""How far a long job is: a bar on a terminal or in a notebook, a plain line now and then in a log."""

import multiprocessing
import sys
import threading
import time
from contextlib import contextmanager
from importlib import import_module

BAR = 24  # characters
REDRAW_SECONDS = 0.1
LINE_SHARE = 0.1
LINE_SECONDS = 60
QUIET_SECONDS = 2.0  # work that is done by then needs no telling


def duration(seconds):
    """`seconds` as people say it: 4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def notebook():
    """Whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


class Bar:
    """A bar below the cell of a notebook: plain HTML that the kernel changes in place, without any widget."""

    PAGE = '<progress value="{done}" max="{total}"></progress> <small>{text}</small>'

    def __init__(self):
        self.shown = None

    def show(self, done, total, text):
        """Draw it, or draw it anew."""
        screen = import_module("IPython.display")  # which the notebook brings
        page = screen.HTML(self.PAGE.format(done=done, total=total, text=text))
        if self.shown is None:
            self.shown = screen.display(page, display_id=True)
        else:
            self.shown.update(page)

    def end(self, text):
        """Leave a line of what was done in its place."""
        if self.shown is not None:
            self.shown.update(import_module("IPython.display").HTML(f"<small>{text}</small>"))


class Progress:
    """Count to `total` things, of which `done` are done already; to be used as a context.

    On a terminal one line is redrawn in place, and in a notebook a bar. Elsewhere a line is written whenever a tenth
    more is done or a minute has passed, so that the log of a batch job stays readable and shows life. Nothing is told
    of the first seconds, and where it is `silent` nothing at all.
    """

    def __init__(self, total, things="quarters", done=0, stream=None, clock=time.monotonic, silent=False):
        self.total, self.things, self.done = total, things, done
        self.stream = sys.stderr if stream is None else stream
        self.clock, self.silent = clock, silent
        self.bar = Bar() if stream is None and not silent and notebook() else None
        self.terminal = self.bar is None and self.stream.isatty()
        self.first, self.began = done, clock()
        self.shown_done, self.shown_at = done, self.began
        self.over = threading.Event()

    def advance(self, label="", count=1):
        """One more is done, or `count`; `label` names it (a quarter, a run)."""
        self.done += count
        now = self.clock()
        last = self.done >= self.total
        if self.silent or now - self.began < QUIET_SECONDS:
            return
        if self.bar is not None:
            if last or now - self.shown_at >= REDRAW_SECONDS:
                self.bar.show(self.done, self.total, f"{label}  {self._state(now)}")
                self.shown_done, self.shown_at = self.done, now
        elif self.terminal:
            if last or now - self.shown_at >= REDRAW_SECONDS:
                filled = BAR * self.done // self.total
                self._show(f"\r{label}  {'#' * filled}{'-' * (BAR - filled)}  {self._state(now)}\x1b[K", now)
        elif last or self.done - self.shown_done >= LINE_SHARE * self.total or now - self.shown_at >= LINE_SECONDS:
            self._show(f"{label}  {self._state(now)}\n", now)

    def _state(self, now):
        pace = (self.done - self.first) / max(now - self.began, 1e-9)
        left = (
            ""
            if self.done >= self.total or self.done == self.first
            else f", {duration((self.total - self.done) / pace)} left"
        )
        return f"{self.done} of {self.total} {self.things}, {pace:.3g} a second{left}"

    def _show(self, text, now):
        self.stream.write(text)
        self.stream.flush()
        self.shown_done, self.shown_at = self.done, now

    def _show_life(self):
        """A line a minute where nothing is done for longer, as while large tasks are out on a cluster."""
        while not self.over.wait(max(self.shown_at + LINE_SECONDS - self.clock(), 0.1)):
            now = self.clock()
            if now - self.shown_at >= LINE_SECONDS:
                self._show(f"  {self._state(now)}\n", now)

    def __enter__(self):
        if not self.terminal and not self.silent and self.bar is None:
            threading.Thread(target=self._show_life, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        if self.bar is not None:
            self.bar.end(f"{self.done} {self.things} in {duration(self.clock() - self.began)}")
        if self.terminal and self.shown_done > self.first:
            self.stream.write("\n")
            self.stream.flush()


# ---------------------------------------------------------------- calls from Python


class _Calls:
    """When the last call ended that this process made."""

    ended = -QUIET_SECONDS


@contextmanager
def call():
    """A call from Python; gives whether it stands alone. One of many has no progress of its own to tell: one in a
    thread or in a process of a pool, and one that follows another at once, as in a loop.
    """
    process = multiprocessing.current_process().name == "MainProcess"
    thread = threading.current_thread() is threading.main_thread()
    try:
        yield process and thread and time.monotonic() - _Calls.ended >= QUIET_SECONDS
    finally:
        _Calls.ended = time.monotonic()
