"""`sim replicate`: rebuild every committed table and figure of `results/` from its command, and say what is the same.

`results/replicate.yaml` is the list: for each name the command, its seeds, about how many minutes it takes on two
cores, and `outputs`, the committed file and where the command leaves its like (a pattern below its working folder).
Each command runs in a new folder below `results/replicated`. Tables (csv, json without what tells of machine and
time) must be equal; entries with `timing: true` measure time, which no two machines share, and figures are rebuilt
and left for the eye.
"""

import csv
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from sim.runs.folders import new_folder
from sim.runs.progress import duration
from sim.settings.files import read_yaml
from sim.settings.refusals import ConfigError, nearest

LIST = Path("results") / "replicate.yaml"
KEYS = {"command", "seeds", "minutes", "outputs", "timing"}


def replicate(words):
    """Rebuild the entries named, or all; `list` shows them. Returns the exit code: 0 where every table is the same."""
    entries = read_list()
    if words == ["list"]:
        for name, entry in entries.items():
            print(f"{name:28} {entry['minutes']:>4} min  {entry['command']}")
        return 0
    unknown = [
        f"replicate {word}: no such entry of {LIST}{nearest(word, entries)}" for word in words if word not in entries
    ]
    if unknown:
        raise ConfigError(unknown)
    place = new_folder(Path("results") / "replicated")
    print(
        f"{len(words or entries)} commands, about {sum(entries[name]['minutes'] for name in words or entries)} minutes; in {place}"
    )
    different = 0
    for name in words or entries:
        began = time.monotonic()
        lines = rebuild(entries[name], place / name)
        different += any(not line.endswith(FINE) for line in lines)
        print(
            f"{name}, {duration(time.monotonic() - began)}: `{entries[name]['command']}`",
            *(f"  {line}" for line in lines),
            sep="\n",
        )
    print(f"{different} of {len(words or entries)} differ" if different else "every table is the same")
    return 1 if different else 0


FINE = ("same", "rebuilt")
SHOWN = 5  # keys that differ
CIRCUMSTANCES = {
    "command",
    "versions",
    "git",
    "host",
    "start",
    "end",
    "date",
    "seconds",
    "workers",
    "processor_seconds_in_runs",
    "runs_kept_before",
}


def read_list():
    """Name -> entry of the list; ConfigError with what is wrong."""
    if not LIST.is_file():
        raise ConfigError([f"{LIST}: no such file; call sim replicate in the folder of the sources"])
    entries = read_yaml(LIST)
    problems = [
        f"{LIST}: {name}.{key}: no such key{nearest(key, KEYS)}"
        for name, entry in entries.items()
        for key in entry
        if key not in KEYS
    ]
    problems += [
        f"{LIST}: {name}: {key} is missing"
        for name, entry in entries.items()
        for key in KEYS - {"timing"}
        if key not in entry
    ]
    if problems:
        raise ConfigError(problems)
    return entries


def rebuild(entry, place):
    """Run the command of an entry in the new folder `place`; a line a file: same, rebuilt, or what is wrong."""
    place.mkdir(parents=True)
    program, *words = shlex.split(entry["command"])
    root = Path.cwd()
    start = [sys.executable, "-m", "sim"] if program == "sim" else [sys.executable]
    words = [str(root / word) if program == "python" and i == 0 else word for i, word in enumerate(words)]
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*start, *words], cwd=place, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    (place / "output.txt").write_text(done.stdout + done.stderr, "utf-8")
    if done.returncode:
        return [f"the command failed with {done.returncode}; see {place / 'output.txt'}"]
    return [
        f"{committed}: {_compared(root / committed, place, pattern, entry)}"
        for committed, pattern in entry["outputs"].items()
    ]


def _compared(committed, place, pattern, entry):
    found = sorted(place.glob(pattern))
    if len(found) != 1:
        return f"{len(found)} files {pattern} were made"
    if not committed.is_file():
        return "is not committed"
    if entry.get("timing") or committed.suffix not in COMPARED:
        return "rebuilt"
    return COMPARED[committed.suffix](committed, found[0])


def compare_json(committed, made):
    """`same`, or which keys of two json files differ, those aside that tell of machine, time and command."""
    ours, theirs = (_flat(json.loads(path.read_text("utf-8"))) for path in (committed, made))
    different = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    return (
        f"differs in {', '.join(different[:SHOWN])}{' and others' * (len(different) > SHOWN)}" if different else "same"
    )


def _flat(tree, stem=""):
    """Dotted key -> value of what should be the same on every machine."""
    if not isinstance(tree, dict):
        return {stem: tree}
    return {
        key: value
        for name, branch in tree.items()
        if name not in CIRCUMSTANCES
        for key, value in _flat(branch, f"{stem}.{name}".strip(".")).items()
    }


def compare(committed, made):
    """`same`, or how many cells of two csv files differ and by how much at most."""
    ours, theirs = (list(csv.reader(path.read_text("utf-8").splitlines())) for path in (committed, made))
    if ours == theirs:
        return "same"
    if [len(row) for row in ours] != [len(row) for row in theirs]:
        return f"differs in shape: {len(ours)} rows committed, {len(theirs)} made"
    pairs = [(a, b) for one, other in zip(ours, theirs, strict=True) for a, b in zip(one, other, strict=True) if a != b]
    gaps = []
    for a, b in pairs:
        try:
            gaps.append(abs(float(a) - float(b)) / max(abs(float(a)), abs(float(b))))
        except ValueError:
            gaps.append(float("inf"))
    return f"differs in {len(pairs)} cells, by {100 * max(gaps):.3g}% at most"


COMPARED = {".csv": compare, ".json": compare_json}
