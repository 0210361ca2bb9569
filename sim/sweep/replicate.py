"""`sim replicate`: rebuild the committed tables and figures of `results/`, stage by stage, and say what is the same.

    sim replicate list                   the stages: minutes, whether stale, commands
    sim replicate [STAGE ...]            rebuild these, or all, beside what is committed, and compare
    sim replicate replace [STAGE ...]    and put what is not the same in its place

`results/replicate.yaml` holds the stages, in the order in which they rest on each other:

    commands     run one after the other in a new folder below `results/replicated`
    made         the folder in which they leave their results, a pattern below that new folder
    committed    the folder that keeps them
    files        which of them, patterns below either folder
    seeds        of the runs
    minutes      on two cores
    rests_on     what decides the numbers, names of `GROUNDS`
    timing       true where the results are times, which no two machines share

Tables (csv or parquet, json without what tells of machine and time) must be equal; figures and texts are rebuilt and
left for the eye. A table of more than `ROWS` rows is kept as parquet, any other as csv.

`results/versions.json` says of each stage which version made it, and what it rested on. A stage is stale where that
is not what is there now. What only turns runs into tables (the verbs, the engines of the calibration) is not looked
at: there only rebuilding tells.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sim.runs.fingerprint import fingerprint, fingerprints, git_state, premises, versions
from sim.runs.folders import arriving, new_folder, write_csv, write_json
from sim.runs.progress import duration
from sim.settings.config import load
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, nearest

RESULTS = Path("results")
STAGES = RESULTS / "replicate.yaml"
VERSIONS = RESULTS / "versions.json"
KEYS = {"commands", "made", "committed", "files", "seeds", "minutes", "rests_on"}
OPTIONAL = {"timing"}
ROWS = 1000  # of a csv; a longer table is kept as parquet
FINE = ("same", "rebuilt")
SHOWN = 5  # keys that differ
CIRCUMSTANCES = {  # keys of a json that may differ where all numbers are the same
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
    "runs",  # of a task or a comparison, with those of its other attempts
    "runs_kept_before",
}


def replicate(words):
    """Do what the words after `sim replicate` say.

    Returns the exit code: 0 where every table is the same or was replaced, 1 where one is not or a command failed.
    Raises ConfigError where a stage has no such name or the list of stages is wrong.
    """
    stages = read_stages()
    if words == ["list"]:
        print("\n".join(listed(stages)))
        return 0
    replacing = words[:1] == ["replace"]
    names = words[replacing:]
    unknown = [
        f"replicate {name}: no such stage of {STAGES}{nearest(name, [*stages, 'list', 'replace'])}"
        for name in names
        if name not in stages
    ]
    if unknown:
        raise ConfigError(unknown)
    names = names or list(stages)
    folder = new_folder(RESULTS / "replicated")
    print(f"{len(names)} stages, about {sum(stages[name]['minutes'] for name in names)} minutes; in {folder}")
    different = 0
    for name in names:
        began, stage = time.monotonic(), stages[name]
        stamp = {"git": git_state(), "date": time.strftime("%Y-%m-%d"), "versions": versions(), **rests_on(stage)}
        failure = run(stage, folder / name)
        verdicts = {} if failure else compared(stage, folder / name)
        apart = [f"{file}: {verdict}" for file, verdict in verdicts.items() if verdict not in FINE]
        counts = ", ".join(f"{list(verdicts.values()).count(verdict)} {verdict}" for verdict in FINE)
        print(f"{name}, {duration(time.monotonic() - began)}: {failure or counts}", *apart, sep="\n  ")
        if replacing and not failure:
            replace(stage, folder / name, verdicts)
            write_json(VERSIONS, stamps() | {name: stamp})
        different += bool(failure or (apart and not replacing))
    if different or not replacing:
        print(f"{different} of {len(names)} stages differ" if different else "every table is the same")
    return 1 if different else 0


def read_stages():
    """Name -> stage of the list; ConfigError with what is wrong."""
    if not STAGES.is_file():
        raise ConfigError(
            [f"{STAGES}: no such file; replicate makes results anew in the folder of the sources: call it there"]
        )
    stages, problems = read_yaml(STAGES), []
    for name, stage in stages.items():
        problems += [
            f"{STAGES}: {name}.{key}: no such key{nearest(key, KEYS | OPTIONAL)}"
            for key in stage
            if key not in KEYS | OPTIONAL
        ]
        problems += [f"{STAGES}: {name}: {key} is missing" for key in sorted(KEYS - set(stage))]
        problems += [
            f"{STAGES}: {name}.rests_on: {ground}: should be one of {', '.join(GROUNDS)}"
            for ground in stage.get("rests_on", [])
            if ground not in GROUNDS
        ]
    if problems:
        raise ConfigError(problems)
    return stages


# ---------------------------------------------------------------- what is stale


def instruments():
    """The fingerprint of what a run with each policy alone rests on, all of them in one."""
    alone = [name for name, path in options("policy").items() if "_target_" in (read_yaml(path) or {})]
    prints = fingerprints([load([f"policy=[{name}]"]) for name in alone])
    return hashlib.sha256(" ".join([*alone, *prints]).encode()).hexdigest()


GROUNDS = {  # what a stage may rest on -> its fingerprint now
    "city": lambda: fingerprint(load()),  # as it was: model, data, fitted values, policies of history
    "fit": lambda: premises(load()),  # model, data, bounds, policies of history, targets
    "policies": instruments,
}


def rests_on(stage):
    """Name -> fingerprint of what the stage rests on now."""
    return {name: GROUNDS[name]() for name in stage["rests_on"]}


def stamps():
    """Name of a stage -> what `VERSIONS` says of it."""
    return json.loads(VERSIONS.read_text("utf-8")) if VERSIONS.is_file() else {}


def listed(stages):
    """A line a stage: name, minutes, whether stale, and its commands."""
    now = {name: GROUNDS[name]() for name in {name for stage in stages.values() for name in stage["rests_on"]}}
    for name, stage in stages.items():
        state = state_of(stage, stamps().get(name), now)
        yield f"{name:18}{stage['minutes']:>4} min  {state:40}  {'; '.join(stage['commands'])}"


def state_of(stage, stamp, now):
    """Current, or why not: `stamp` is what is known of how a stage was made, `now` the fingerprint of each ground."""
    if stamp is None:
        return "never made"
    commit = (stamp.get("git") or {}).get("commit")
    version = commit[:7] if commit else f"no commit, {stamp['date']}"
    changed = [name for name in stage["rests_on"] if stamp.get(name) != now[name]]
    state = f"stale ({', '.join(changed)})" if changed else "current"
    return f"{state}, made by {version}"


# ---------------------------------------------------------------- rebuild


def run(stage, folder):
    """Run the commands of a stage in the new folder; None, or what went wrong."""
    folder.mkdir(parents=True)
    root = Path.cwd()
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    for command in stage["commands"]:
        program, *words = shlex.split(command)
        words = ["-m", "sim", *words] if program == "sim" else [str(root / words[0]), *words[1:]]
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        with open(folder / "output.txt", "a", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
        if done.returncode:
            return f"`{command}` failed with {done.returncode}; see {folder / 'output.txt'}"
    if len(list(folder.glob(stage["made"]))) != 1:
        return f"no folder {stage['made']}, or more than one, was made in {folder}"
    return None


def files(stage, folder):
    """Name -> path of the files of a stage in `folder`; a table is called .csv there, whatever its form."""
    paths = {
        path
        for pattern in stage["files"]
        for name in (pattern, pattern.replace(".csv", ".parquet"))
        for path in folder.glob(name)
        if path.is_file()
    }
    names = {path: path.with_suffix(".csv") if path.suffix == ".parquet" else path for path in sorted(paths)}
    return {name.relative_to(folder).as_posix(): path for path, name in names.items()}


def pairs(stage, folder):
    """Name -> (committed, made) of the files of a stage that was made in `folder`, None where there is none."""
    (made,) = folder.glob(stage["made"])
    ours, theirs = files(stage, Path(stage["committed"])), files(stage, made)
    return {name: (ours.get(name), theirs.get(name)) for name in sorted(ours | theirs)}


def compared(stage, folder):
    """Name of a file -> same, rebuilt, or what is wrong with it."""
    return {name: _compared(stage, name, *both) for name, both in pairs(stage, folder).items()}


def _compared(stage, name, committed, made):
    if made is None:
        return "was not made"
    if committed is None:
        return "is not committed"
    compare = None if stage.get("timing") else {".csv": compare_tables, ".json": compare_json}.get(Path(name).suffix)
    return compare(committed, made) if compare else "rebuilt"


def replace(stage, folder, verdicts):
    """Put in the place of what is committed what was made and is not the same."""
    for name, (committed, made) in pairs(stage, folder).items():
        goal = Path(stage["committed"]) / name
        if verdicts[name] == "same":
            continue
        if made is None:
            committed.unlink()
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        if goal.suffix == ".csv":
            write_table(goal.with_suffix(""), _frame(made))
        else:
            shutil.copy(made, goal)


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


def compare_tables(committed, made):
    """`same`, or how many cells of two tables differ and by how much at most."""
    from pandas import isna

    ours, theirs = _frame(committed), _frame(made)
    if list(ours) != list(theirs):
        return "differs in columns"
    if len(ours) != len(theirs):
        return f"differs in shape: {len(ours)} rows committed, {len(theirs)} made"
    cells = [
        cell
        for column in ours
        for cell in zip(ours[column].tolist(), theirs[column].tolist(), strict=True)
        if cell[0] != cell[1] and not (isna(cell[0]) and isna(cell[1]))
    ]
    if not cells:
        return "same"
    if not all(isinstance(value, (int, float)) for cell in cells for value in cell):
        return f"differs in {len(cells)} cells"
    gap = max(abs(a - b) / max(abs(a), abs(b)) for a, b in cells)
    return f"differs in {len(cells)} cells, by {100 * gap:.3g}% at most"


# ---------------------------------------------------------------- the form of a table


def write_table(stem, table):
    """Write a DataFrame as `stem`.csv, or as `stem`.parquet where it has more than ROWS rows; the other form goes."""
    csv, parquet = (stem.with_name(f"{stem.name}.{form}") for form in ("csv", "parquet"))
    if len(table) > ROWS:
        with arriving(parquet) as temporary:
            table.to_parquet(temporary, compression="zstd", index=False)
        csv.unlink(missing_ok=True)
    else:
        write_csv(csv, table)
        parquet.unlink(missing_ok=True)


def read_table(stem):
    """The DataFrame that `write_table` wrote. Raises FileNotFoundError where there is none."""
    parquet = stem.with_name(f"{stem.name}.parquet")
    return _frame(parquet if parquet.exists() else stem.with_name(f"{stem.name}.csv"))


def _frame(path):
    import pandas as pd

    from sim.observables.written import read_csv

    return pd.read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
