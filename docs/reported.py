"""Show a run in docs/calibration.md: its table of reported metrics and its figure of the city.

`make docs RUN=FOLDER` runs it on a run's folder.
"""

import shutil
import sys
from pathlib import Path

from parameters import between

import sim

PAGE = Path(__file__).with_name("calibration.md")
FIGURE = Path(__file__).parent / "figures" / "city.svg"
ROLES = {"target": "target", "holdout": "hold-out"}


def table(run):
    """The targets and hold-outs of a run as a Markdown table under a line that says which run it is."""
    lines = [
        f"`{run!r}`",
        "",
        "| metric | role | unit | reported | tolerance | simulated | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in run.reported[run.reported.role.isin(ROLES)].itertuples():
        tolerance = " to ".join(filter(None, map(number, (row.low, row.high))))
        said = row.claim if isinstance(row.claim, str) else number(row.reported)
        cells = (row.id, ROLES[row.role], row.unit, said, tolerance, number(row.simulated), row.verdict)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def number(value):
    """A number in three digits or whole, words as they are, nothing where there is none."""
    try:
        value = float(value)
    except ValueError:
        return value
    if value != value:
        return ""
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    run = sim.load(sys.argv[1])
    PAGE.write_text(between(PAGE.read_text("utf-8"), "reported", f"\n{table(run)}\n"), "utf-8", newline="\n")
    FIGURE.parent.mkdir(exist_ok=True)
    shutil.copy(run.folder / "figures" / "city.svg", FIGURE)
    print(f"{PAGE.name} and {FIGURE.name}: written from {run.folder}")
