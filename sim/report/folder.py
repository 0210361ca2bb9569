"""What a report reads: the saved tables of one folder. No code of the folder is run, and nothing is computed anew."""

import json
from pathlib import Path

import pandas as pd

from sim.observables.codebook import CODEBOOK
from sim.observables.outcomes import OUTCOMES
from sim.observables.written import read_csv
from sim.runs.folders import sums, unlike
from sim.settings.files import read_yaml
from sim.settings.refusals import ConfigError
from sim.verbs.comparison.columns import COLUMNS

KINDS = {"comparison.json": "comparison", "run.json": "run"}  # the file that says what a folder holds
TABLES = {
    "comparison": [
        *("comparison", "public_purse", "ledger", "incidence", "heterogeneity", "district_effects", "event_study"),
        "runs",
    ],
    "run": ["reported"],
}
ABOUT = {  # keys of the file that says so
    "comparison": [
        *("primary", "names", "changes", "instruments", "first_quarter", "last_quarter", "announced", "seed", "scale"),
        *("runs", "discount_rate", "command", "versions", "git", "start"),
    ],
    "run": [
        *("seed", "scale", "first_quarter", "last_quarter", "fingerprint", "command", "versions", "git", "start"),
    ],
}
PANELS = ("city", "district")  # of a run
CONFIG = {"comparison": "policy.yaml", "run": "config.yaml"}
LAYOUT = ("code", "name", "tile_row", "tile_col")


def read(folder):
    """(kind, dict of the tables by name, `about`, `config`, `districts`) of a comparison or a run.

    Raises ConfigError where the folder is neither, is not complete, was changed since, or is of another version.
    """
    folder = Path(folder)
    kind = next((kind for file, kind in KINDS.items() if (folder / file).is_file()), None)
    if kind is None:
        raise ConfigError([f"report {folder}: is no folder of a comparison or a run; it has no {' or '.join(KINDS)}"])
    if not (folder / "DONE").is_file():
        why = "FAILED says how it ended" if (folder / "FAILED").is_file() else "it is at work, or was killed"
        raise ConfigError([f"report {folder}: is not complete; {why}"])
    changed = [] if not sums(folder) else [line for line in unlike(folder) if not line.endswith("was added")]
    if changed:
        raise ConfigError([f"report {folder}: {line} since it was computed" for line in changed])
    problems, found = [], {}
    wanted = {"about": folder / next(file for file, of in KINDS.items() if of == kind)}
    wanted |= {"config": folder / CONFIG[kind], "districts": folder / "districts.csv"}
    wanted |= {name: folder / f"{name}.csv" for name in TABLES[kind]}
    wanted |= {name: folder / f"{name}.parquet" for name in PANELS} if kind == "run" else {}
    for name, path in wanted.items():
        try:
            found[name] = _read(name, path, kind)
        except FileNotFoundError:
            problems.append(f"report {folder}: has no {path.name}")
        except ConfigError as error:
            problems += [f"report {folder}: {problem}" for problem in error.problems]
        except (ValueError, KeyError, OSError) as error:
            reason = " ".join(str(error).split())
            problems.append(f"report {folder}: {path.name} cannot be read: {reason}")
    if problems:
        raise ConfigError(problems)
    return kind, _with_words(folder, found) if kind == "comparison" else found


def _with_words(folder, found):
    """The tables of a comparison without outcomes of the user's own, for which there are no words in two languages."""
    primary, known = found["about"]["primary"], [outcome.name for outcome in OUTCOMES]
    if primary is not None and primary not in known:
        raise ConfigError(
            [f"report {folder}: is judged by {primary}, for which a report has no words; compare by another primary"]
        )
    own = {name: found[name][found[name]["outcome"].isin(known)] for name in ("comparison", "event_study")}
    return found | {name: rows.reset_index(drop=True) for name, rows in own.items()}


def _read(name, path, kind):
    if path.suffix == ".json":
        about = json.loads(path.read_text("utf-8"))
        if not isinstance(about, dict):
            raise ValueError("it should hold values by name")
        if lacking := [key for key in ABOUT[kind] if key not in about]:
            raise ConfigError([f"{path.name} has no {', '.join(lacking)}; it is of another version"])
        return about
    if path.suffix == ".yaml":
        return read_yaml(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    declared = {"comparison": COLUMNS, "run": CODEBOOK}[kind].get(name, ())
    there = set(pd.read_csv(path, nrows=0, encoding="utf-8").columns)
    lacking = [column for column in ([each.name for each in declared] or LAYOUT) if column not in there]
    if lacking:
        raise ConfigError([f"{path.name} has no column {', '.join(lacking)}; it is of another version of the tables"])
    return read_csv(path, declared)
