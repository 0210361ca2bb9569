"""The look of every figure, and how a figure is written.

Figures are plain `Figure` objects: nothing here touches pyplot or chooses a backend.
"""

import threading
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import matplotlib.style
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter

from sim.observables.written import to_csv

_ALONE = threading.RLock()


@contextmanager
def look():
    """The settings of every figure, for one thread at a time: they are those of the whole process, and the caller's own
    come back. These must not change the bytes of a figure, hence the reset.
    """
    with _ALONE, matplotlib.style.context(Path(__file__).with_name("style.mplstyle"), after_reset=True):
        yield


BLUE, ORANGE, GREEN, PINK = "#0A6AA1", "#D55E00", "#009E73", "#CC79A7"
INK = "#1B2026"
GREY = "#59636E"  # what is not told from zero, and small print
MUTE = "#CBD0D4"  # fill and hatch of what is not told
PALE = "#f0f0f0"
MONEY = "#D9A62E"  # public money
LEVELS = LinearSegmentedColormap.from_list(
    "levels", ["#F3EFE4", "#D9E3E3", "#A9CBD6", "#6AA7C4", "#2E7FAE", "#0A5687", "#06345A"]
)
CHANGES = LinearSegmentedColormap.from_list(  # orange less, blue more
    "changes",
    ["#8A3D06", "#C46A1F", "#E6A566", "#F6DDBF", "#F4F2EC", "#C9E0EC", "#86BBD8", "#3C8DBB", "#0A5687"],
)
MINUS = "\N{MINUS SIGN}"
HUES = "blue: more, orange: less, grey and hollow: not told from zero"
LETTERS = 125  # of a line of small print
WIDTH = 6.5  # inches, the text width of a page
ROWS = 44  # of names on a page of normal shape; more stand in two columns, on a wide page
HEAD = 3  # rows, the room that the title and the axis of a block take
UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}  # metadata of a file, by its kind


class Quantity(NamedTuple):
    """An outcome that has a panel of its own; what is drawn is divided by `divisor`, so as to be in `unit`."""

    outcome: str
    title: str
    unit: str
    divisor: float = 1


class Drawing(Figure):
    """A Figure that a notebook shows although pyplot never heard of it."""

    @look()
    def _repr_png_(self):
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=120)
        return buffer.getvalue()


@look()
def save(figure, data, stem, kinds=("svg",)):
    """Write `stem`.csv (the DataFrame `data` that is drawn) and the figure as the `kinds` of files, the same bytes each
    time.

    `stem` is a Path without ending. Returns the paths.
    """
    *paths, csv = (stem.with_name(f"{stem.name}.{ending}") for ending in (*kinds, "csv"))
    for path in paths:
        figure.savefig(path, metadata=UNDATED[path.suffix])
        figure.set_layout_engine("none")  # everything has found its place, which takes as long as drawing
    to_csv(data, csv)
    return [*paths, csv]


def head(axes, title, unit):
    """Title in bold with the unit below it."""
    axes.set_title(title, pad=14)
    axes.annotate(unit, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=7, color=GREY)


def note(drawing, text):
    """Small print below the panels."""
    _small_print(drawing, fill(text, LETTERS))


def cite(drawing, caption):
    """Say below a figure what it is of, so that it can be cited alone; policies by name."""
    _small_print(drawing, "\n".join([fill(words(caption), LETTERS), drawing.get_supxlabel()]).strip())


def _small_print(drawing, text):
    drawing.supxlabel(text, x=0.01, ha="left", fontsize=6.5, color=GREY)


def blank(axes, reason):
    """Say why there is nothing to see rather than show an empty frame."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, reason, ha="center", va="center", color=GREY, fontsize=7, wrap=True, transform=axes.transAxes)


def nothing(reason):
    """The Drawing where there is nothing to see, which says why."""
    drawing = Drawing(figsize=(WIDTH, 1.2))
    blank(drawing.subplots(), reason)
    return drawing


def title(drawing, text):
    """Title in bold above all panels."""
    drawing.suptitle(text, x=0.01, ha="left", fontsize=9, weight="bold")


def rows(axes, names, top=0.6, bottom=0.4, **style):
    """One row a name from top to bottom, at the heights 0, 1, ...; `top` and `bottom` leave room beyond them."""
    axes.set_yticks(range(len(names)), names, **style)
    axes.set_ylim(len(names) - bottom, -top)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")


def stacks(blocks, height):
    """A drawing for blocks of rows, one below the other, and [(title, its rows here, axes)]; `blocks` is
    [(title, DataFrame)], `height` inches a row. More rows than fit on a page stand in two columns.
    """
    columns = in_columns(blocks)
    sizes = [[len(block) + 1.0 for _, block in column] for column in columns]
    tallest = max(sum(each) + (HEAD - 1) * len(each) for each in sizes)
    drawing = Drawing(figsize=(WIDTH * len(columns), 0.6 + height * tallest))
    panels = []
    for place, column, each in zip(drawing.add_gridspec(1, len(columns)), columns, sizes, strict=True):
        below = place.subgridspec(len(column), 1, height_ratios=each)
        panels += [(*block, drawing.add_subplot(cell)) for block, cell in zip(column, below, strict=True)]
    return drawing, panels


def in_columns(blocks):
    """Blocks of rows in one column, or two of the same length, where a title counts as HEAD rows; the block that is cut
    in the middle goes on at the head of the second, and says so.
    """
    rows = sum(len(block) for _, block in blocks)
    room = rows if rows <= ROWS else (rows + HEAD * len(blocks)) // 2
    columns = [], []
    for title, block in blocks:
        room -= HEAD if rows > ROWS else 0
        here, beyond = block[: max(room, 0)], block[max(room, 0) :]
        room -= len(here)
        columns[0].extend([(title, here)] if len(here) else [])
        columns[1].extend([(f"{title} (continued)" if len(here) else title, beyond)] if len(beyond) else [])
    return [column for column in columns if column]


def interval(axes, row, value, low, high, colour, marker="o", *, size=4, width=1.4, limit=None, hollow=False):
    """A dot with the line of its interval in a row, hollow where it is not told from zero; an arrow at `limit`, where
    the panel ends on both sides, says that the line goes on.
    """
    axes.hlines(row, low, high, color=colour, linewidth=width)
    for end, sign, arrow in ((low, -1, "<"), (high, 1, ">")) if limit else ():
        if sign * end > limit:
            axes.plot(sign * limit, row, arrow, color=colour, markersize=size, clip_on=False)
    face = {"markerfacecolor": "white"} if hollow else {}
    axes.plot(value, row, marker, color=colour, markersize=size, **face)


def is_told(low, high):
    """Whether an interval leaves out zero, or each of some; one that cannot be given does not."""
    return (low > 0) | (high < 0)


def direction(value, told):
    """The colour of more or less; grey for what is not `told` from zero."""
    return GREY if not told else BLUE if value > 0 else ORANGE


def effect(axes, row, value, low, high, *, told, limit):
    """An effect in a row, its number beside it; where it is not `told` from zero it is grey, hollow and says so."""
    interval(axes, row, value, low, high, direction(value, told), limit=limit, hollow=not told)
    beside(axes, row, signed(value) if told else "not told")


def beside(axes, row, text, colour=INK):
    """Text at the right of a row, outside the panel."""
    axes.annotate(
        text,
        (1, row),
        (6, 0),
        ("axes fraction", "data"),
        "offset points",
        va="center",
        fontsize=6.5,
        color=colour,
        annotation_clip=False,
    )


def numbers(pattern):
    """Formatter of the numbers at an axis by a pattern such as `{:+,.6g}`; zero is 0, without a sign or unit."""
    return FuncFormatter(lambda value, _: pattern.format(value).replace("-", MINUS) if value else "0")


def on_white(text):
    """A text with a rim of white, so that lines behind it do not cross its letters."""
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def words(name):
    """The name of a policy or an outcome as one writes it."""
    return name.replace("_", " ")


def number(value):
    """A number short enough for a tile or a label."""
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"


def signed(value):
    """A change short enough for a label."""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{number(abs(value))}"


def shown_in(unit):
    """(by what a number is divided, its unit on the axis)."""
    return (1e9, "bn yuan") if unit == "yuan" else (1, unit)
