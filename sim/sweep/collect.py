"""`sim collect FOLDER`: one data set of all runs of a sweep, complete or not, shard by shard.

    runs.parquet    one row a planned run: run, arm, point, seed, status, fingerprint, and a column for each parameter
    city.parquet, district.parquet, sector.parquet, rival.parquet, policy.parquet
                    long panels, one row a run, quarter and place; the column `run` is that of runs.parquet
    codebook.csv    every column: type, unit, kind, key, missing code, meaning, reference
    stata/          the same as .dta, where asked for, panels in parts to be appended

Schema version and units stand in the metadata of every file (key `sim`). Runs of arms and points that are the same
run share one number in the column `run`, so that a join finds the panel of each. No more than a shard is in memory at
a time. The folder `collected` appears whole, in place of the one before. Of a folder that was swept by several
versions of the model, only the runs of the version last asked for are taken.
"""

import json
import os
import secrets
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from sim.observables import written
from sim.observables.codebook import BOOK, KEYS, codebook
from sim.observables.columns import TRAIT, column
from sim.runs.folders import FolderError, arriving, refusals_told, write_csv
from sim.runs.progress import Progress
from sim.sweep import plans, stata
from sim.sweep.store import COLUMNS, KEPT, SCHEMA, TABLES, Damaged, Store, read_index, read_tables

GROUP = 1_000_000  # rows of a parquet row group
RUNS = (  # columns of runs.parquet before those of the parameters
    column(
        "run", "number", "number of the run, which panels refer to; one for all that are the same", "sim.sweep", TRAIT
    ),
    column("arm", "name", "policy arm", "sim.sweep"),
    column("point", "number", "point of the design, from 0", "sim.sweep", TRAIT),
    column("seed", "number", "seed of the run", "sim.sweep", TRAIT),
    column("status", "name", "done, failed or missing", "sim.sweep"),
    column("fingerprint", "text", "SHA-256 of all that decides the numbers", "sim.sweep"),
)
RUN_KEYS = {"runs": ("arm", "point", "seed")} | {name: ("run", *KEYS[name]) for name in TABLES}


def latest(folder):
    """(the plan last asked for, content of sweep.json) of a sweep. Raises FolderError where there is none."""
    path = Path(folder) / "sweep.json"
    if not path.is_file():
        raise FolderError(f"{folder} is not the folder of a sweep: it has no sweep.json")
    about = json.loads(path.read_text("utf-8"))
    return plans.read(str(folder), about["plan"]), about


def of_this_version(folder):
    """The plan last asked for, then the other plans of the same version of the model."""
    last, _ = latest(folder)
    others = [
        plans.read(str(folder), path.parent.name)
        for path in sorted((Path(folder) / "plans").glob("[0-9a-f]*/plan.json"))
    ]
    return [last, *(plan for plan in others if plan.id != last.id and set(plan.grounds) & set(last.grounds))]


def runs_table(folder, store):
    """(the table of runs, fingerprint (bytes) -> number of its run) of all plans of this version together."""
    numbers, parts, seen = {}, [], set()
    failed = store.failures()
    for plan in of_this_version(folder):
        names = list(plan.arms)
        columns = {name: plan.runs[name].to_pylist() for name in ("arm", "point", "seed", "fingerprint")}
        new = []
        for arm, point, seed, fingerprint in zip(*columns.values(), strict=True):
            new.append((names[arm], point, seed, fingerprint) not in seen if parts else True)
            seen.add((names[arm], point, seed, fingerprint))
        keep = np.flatnonzero(new)
        fingerprints = [columns["fingerprint"][i] for i in keep]
        for fingerprint in fingerprints:
            numbers.setdefault(fingerprint, len(numbers))
        texts = [fingerprint.hex() for fingerprint in fingerprints]
        table = {
            "run": pa.array([numbers[fingerprint] for fingerprint in fingerprints], pa.int64()),
            "arm": pa.array([names[columns["arm"][i]] for i in keep], pa.string()),
            "point": pa.array([columns["point"][i] for i in keep], pa.int64()),
            "seed": pa.array([columns["seed"][i] for i in keep], pa.int64()),
            "status": pa.array(
                ["done" if text in store.where else "failed" if text in failed else "missing" for text in texts],
                pa.string(),
            ),
            "fingerprint": pa.array(texts, pa.string()),
        }
        points = pa.array(table["point"])
        table |= {key: _parameter(plan.points[key]).take(points) for key in plan.points.column_names}
        parts.append(pa.table(table))
    return pa.concat_tables(parts, promote_options="permissive"), numbers


def _parameter(values):
    """The values of a parameter as text, flags, or numbers, which all have a fraction: 1 and 0.5 are of one type."""
    plain = pa.types.is_boolean(values.type) or pa.types.is_string(values.type)
    return values.combine_chunks() if plain else values.combine_chunks().cast(pa.float64())


def collect(folder, for_stata=False):
    """Write the data set of a sweep; returns (its folder, number of runs by status, shards that turned out damaged).

    Raises FolderError where it is no sweep or the disk refuses.
    """
    folder = Path(folder)
    store = Store(folder).refresh()
    damaged = list(store.damaged)
    coming = folder.resolve() / f".collected.{secrets.token_hex(4)}"  # in full, as Arrow may take a name for an address
    with refusals_told(folder, KEPT):
        coming.mkdir()
        try:
            damaged += _panels(coming, store, runs_table(folder, store)[1], folder)
            store.set_aside(damaged)
            runs, _ = runs_table(folder, store)  # again, as shards may have turned out to be damaged
            columns = _columns(runs)
            about = {"schema": SCHEMA, "parameters": runs.column_names[len(RUNS) :]}
            with arriving(coming / "runs.parquet") as temporary:
                whole = written.table(columns, dict(zip(runs.column_names, runs.columns, strict=True)), **about)
                pa.parquet.write_table(whole, temporary, compression="zstd")
            write_csv(coming / "codebook.csv", codebook({"runs": columns, **COLUMNS}, RUN_KEYS), BOOK)
            if for_stata:
                stata.write(coming)
            _swap(coming, folder / "collected")
        finally:
            shutil.rmtree(coming, ignore_errors=True)
    counts = pa.compute.value_counts(runs["status"]).to_pylist()
    return folder / "collected", {item["values"]: item["counts"] for item in counts}, damaged


def _panels(coming, store, numbers, folder):
    """Copy the panels of all shards of the sweep in `folder` into one file a table of the folder `coming`; returns the
    shards that turned out to be damaged.
    """
    files = {name: Rows(coming / f"{name}.parquet", name) for name in TABLES}
    damaged, taken = [], np.zeros(len(numbers), bool)
    shards = [folder / "shards" / name for name in store.shards]
    try:
        with Progress(len(shards), "shards") as progress:
            for path in shards:
                number = np.array(
                    [numbers.get(bytes.fromhex(text), -1) for text in read_index(path)["fingerprints"]], np.int32
                )
                number[(number >= 0) & taken[number]] = -1  # another shard has the same run
                if (number >= 0).any():
                    try:
                        tables = read_tables(path)
                    except Damaged:
                        damaged.append(path)
                        continue
                    taken[number[number >= 0]] = True
                    for name, table in tables.items():
                        files[name].append(table, number)
                progress.advance("collect")
    finally:
        for file in files.values():
            file.close()
    return damaged


class Rows:
    """A parquet file that grows by the tables of shards, a row group of `GROUP` rows or a shard at a time."""

    def __init__(self, path, name):
        schema = written.schema(COLUMNS[name], schema=SCHEMA)
        self.writer = pa.parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1)
        self.waiting = []

    def append(self, table, number):
        """Put a shard's table behind the others, its runs numbered as in the data set and those that are not wanted
        (-1) left out.
        """
        run = number[table["run"].to_numpy()]
        if (number < 0).any():
            table, run = table.filter(pa.array(run >= 0)), run[run >= 0]
        self.waiting.append(table.set_column(0, "run", pa.array(run, pa.int64())).cast(self.writer.schema))
        if sum(map(len, self.waiting)) >= GROUP:
            self.flush()

    def flush(self):
        if not self.waiting:
            return
        table, self.waiting = pa.concat_tables(self.waiting), []
        self.writer.write_table(table, row_group_size=GROUP)

    def close(self):
        self.flush()
        self.writer.close()


def _columns(runs):
    """The columns of the table of runs."""
    return RUNS + tuple(
        column(
            field.name,
            "that of the parameter",
            f"value of {field.name}, where the arm has it",
            "the design",
            TRAIT,
            type=str(field.type),
            missing="null",
        )
        for field in list(runs.schema)[len(RUNS) :]
    )


def _swap(coming, final):
    """Let the folder `coming` take the name `final`, and remove what had it."""
    old = final.with_name(f".old.{secrets.token_hex(4)}")
    if final.exists():
        os.replace(final, old)
    os.replace(coming, final)
    shutil.rmtree(old, ignore_errors=True)


def read(path):
    """A table of a data set as a DataFrame. Raises ValueError, which names the schema, where this version reads another
    one.
    """
    schema = json.loads((pa.parquet.read_schema(path).metadata or {}).get(b"sim", b"{}")).get("schema")
    if schema != SCHEMA:
        raise ValueError(f"{path} is of schema {schema}; this version reads {SCHEMA}")
    return pd.read_parquet(path)
