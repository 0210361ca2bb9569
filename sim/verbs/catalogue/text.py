"""Text of the catalogue: tables of words, paragraphs, and files by their place in the project."""

import textwrap
from pathlib import Path

from sim.settings.files import CONFIGS, PACKAGE
from sim.settings.refusals import shown
from sim.verbs.screen import WIDTH

LONGEST = 44  # characters of a column that is not the last
MANY_DIGITS = 10_000  # from here on thousands are set apart
LEAST = 30  # of the last column


def table(rows, indent=2):
    """Rows (dicts of the same keys) as lines, the last column wrapped."""
    rows = [{key: cell(value) for key, value in row.items()} for row in rows]
    columns = list(rows[0])
    head = {column: column for column in columns}
    widths = [min(max(len(row[key]) for row in [head, *rows]), LONGEST) for key in columns]
    lines = []
    for row in [head, *rows]:
        cells = [
            textwrap.wrap(row[key], width if key != columns[-1] else max(WIDTH - indent - sum(widths[:-1]), LEAST))
            or [""]
            for key, width in zip(columns, widths, strict=True)
        ]
        for i in range(max(map(len, cells))):
            parts = [f"{cell[i] if i < len(cell) else '':{width}}" for cell, width in zip(cells, widths, strict=True)]
            lines.append((" " * indent + "  ".join(parts)).rstrip())
    return lines


def cell(value):
    """A value in a table."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.15g}" if abs(value) >= MANY_DIGITS else f"{value:.15g}"
    return "" if value is None else shown(value)


def wrapped(*texts, indent=2):
    """Paragraphs as lines."""
    space = " " * indent
    return [
        line for text in texts for line in textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space)
    ]


def place(path):
    """A file of the project by its place in it."""
    path = Path(path).resolve()
    root = CONFIGS.parent if path.is_relative_to(CONFIGS) else PACKAGE.parent
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
