"""`sim collect FOLDER`: one data set of all runs of a sweep, complete or not, shard by shard.

    runs.parquet    one row a planned run: run, arm, point, seed, status, fingerprint, and a column for every key in
                    which runs differ, by factor or by arm
    problem.json    names and bounds of the factors of a spread design, as SALib's analyses take them
    city.parquet, district.parquet, sector.parquet, rival.parquet, policy.parquet
                    long panels, one row a run, quarter and place; the column `run` is that of runs.parquet
    codebook.csv    every column: unit, meaning, reference
    stata/          the same as .dta, where asked for, panels in parts to be appended

Schema version and units stand in the metadata of every file (key `sim`). Runs of arms and points that are the same
run share one number in the column `run`, so that a join finds the panel of each. No more than a shard is in memory at
a time. The folder `collected` appears whole, in place of the one before. The runs are those last asked for, which hold
all that were asked for before of the same version of the model.
"""

import json
import os
import secrets
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from sim.observables import codebook
from sim.observables.codebook import CODEBOOK
from sim.runs.folders import FolderError, arriving, refusals_told, write_csv
from sim.runs.progress import Progress
from sim.sweep import plans, stata, told_apart
from sim.sweep.store import KEPT, SCHEMA, TABLES, Damaged, Store, read_index, read_tables

GROUP = 1_000_000  # rows of a parquet row group
RUNS = (  # columns of runs.parquet before those of the parameters: name, unit, meaning
    ("run", "number", "number of the run, which panels refer to; one for all rows that are the same run"),
    ("arm", "text", "policy arm"),
    ("point", "number", "point of the design, from 0"),
    ("seed", "number", "seed of the run"),
    ("status", "text", "done, failed or missing"),
    ("fingerprint", "text", "SHA-256 of all that decides the numbers"),
)


def latest(folder):
    """(the plan last asked for, content of sweep.json) of a sweep. Raises FolderError where there is none."""
    path = Path(folder) / "sweep.json"
    if not path.is_file():
        raise FolderError(f"{folder} is not the folder of a sweep: it has no sweep.json")
    about = json.loads(path.read_text("utf-8"))
    return plans.read(str(folder), about["plan"]), about


def whole(folder):
    """The store of a sweep, each of its shards read and its sums checked: what is damaged counts for nothing."""
    store = Store(folder).refresh()
    with Progress(len(store.shards), "shards") as progress:
        for path in [store.folder / "shards" / name for name in store.shards]:
            try:
                read_tables(path)
            except Damaged:
                store.forget(path)
            progress.advance("read")
    return store


def counts(plan, store):
    """{"done", "failed", "missing"} -> runs of a plan; those that are the same count once."""
    planned = {fingerprint.hex() for fingerprint in plan.fingerprints()}
    done, failed = len(planned & store.where.keys()), len(planned & store.failures().keys())
    return {"done": done, "failed": failed, "missing": len(planned) - done - failed}


def runs_table(folder, store):
    """(the table of runs, fingerprint (bytes) -> number of its run) of the plan last asked for, which holds all that
    the folder was asked for before.
    """
    plan, about = latest(folder)
    fingerprints = plan.fingerprints()
    numbers = {fingerprint: i for i, fingerprint in enumerate(dict.fromkeys(fingerprints))}
    texts, failed = [fingerprint.hex() for fingerprint in fingerprints], store.failures()
    table = {
        "run": pa.array([numbers[fingerprint] for fingerprint in fingerprints], pa.int32()),
        "arm": pa.array(list(plan.arms)).take(plan.runs["arm"]).combine_chunks().dictionary_encode(),
        "point": plan.runs["point"].cast(pa.int32()),
        "seed": plan.runs["seed"].cast(pa.int64()),
        "status": pa.array(
            ["done" if text in store.where else "failed" if text in failed else "missing" for text in texts]
        ).dictionary_encode(),
        "fingerprint": pa.array(texts),
    }
    trees = plans.trees(folder, plan.id)
    return pa.table(table | told_apart.columns(trees, about["asked"]["arms"], plan.points, plan.runs)), numbers


def collect(folder, for_stata=False):
    """Write the data set of a sweep; returns (its folder, number of runs by status, shards that are damaged).

    Raises FolderError where it is no sweep or the disk refuses.
    """
    folder, (plan, _) = Path(folder), latest(folder)
    store = whole(folder)
    damaged = list(store.damaged)
    for path in damaged:
        store.set_aside(path)
    coming = folder / f".collected.{secrets.token_hex(4)}"
    with refusals_told(folder, KEPT):
        coming.mkdir()
        try:
            runs, numbers = runs_table(folder, store)
            _panels(coming, store, numbers)
            about = {
                "schema": SCHEMA,
                "units": {name: unit for name, unit, _ in RUNS},
                "parameters": runs.column_names[len(RUNS) :],
            }
            with arriving(coming / "runs.parquet") as temporary:
                pa.parquet.write_table(
                    runs.replace_schema_metadata({b"sim": json.dumps(about).encode()}), temporary, compression="zstd"
                )
            write_csv(coming / "codebook.csv", _codebook(runs))
            if (problem := plans.kept(folder, plan.id) / "problem.json").is_file():
                shutil.copy(problem, coming)
            if for_stata:
                stata.write(coming)
            _swap(coming, folder / "collected")
        finally:
            shutil.rmtree(coming, ignore_errors=True)
    return folder / "collected", counts(plan, store), damaged


def _panels(coming, store, numbers):
    """Copy the panels of all shards of a store into one file a table of the folder `coming`."""
    files = {name: Rows(coming / f"{name}.parquet", name) for name in TABLES}
    taken = np.zeros(len(numbers), bool)
    shards = [store.folder / "shards" / name for name in store.shards]
    try:
        with Progress(len(shards), "shards") as progress:
            for path in shards:
                number = np.array(
                    [numbers.get(bytes.fromhex(text), -1) for text in read_index(path)["fingerprints"]], np.int32
                )
                number[(number >= 0) & taken[number]] = -1  # another shard has the same run
                if (number >= 0).any():
                    taken[number[number >= 0]] = True
                    for name, table in read_tables(path).items():
                        files[name].append(table, number)
                progress.advance("collect")
    finally:
        for file in files.values():
            file.close()


class Rows:
    """A parquet file that grows by the tables of shards, a row group of `GROUP` rows or a shard at a time."""

    def __init__(self, path, name):
        self.path, self.name, self.waiting, self.writer = path, name, [], None

    def append(self, table, number):
        """Put a shard's table behind the others, its runs numbered as in the data set and those that are not wanted
        (-1) left out.
        """
        run = number[table["run"].to_numpy()]
        if (number < 0).any():
            table, run = table.filter(pa.array(run >= 0)), run[run >= 0]
        self.waiting.append(table.set_column(0, "run", pa.array(run, pa.int32())).replace_schema_metadata(None))
        if sum(map(len, self.waiting)) >= GROUP:
            self.flush()

    def flush(self):
        if not self.waiting:
            return
        table, self.waiting = pa.concat_tables(self.waiting), []
        if self.writer is None:
            about = {
                "schema": SCHEMA,
                "units": {"run": "number"} | {column.name: column.unit for column in CODEBOOK[self.name]},
            }
            schema = table.schema.with_metadata({b"sim": json.dumps(about).encode()})
            self.writer = pa.parquet.ParquetWriter(self.path, schema, compression="zstd", compression_level=1)
        self.writer.write_table(table.replace_schema_metadata(self.writer.schema.metadata), row_group_size=GROUP)

    def close(self):
        self.flush()
        if self.writer is not None:
            self.writer.close()


def _codebook(runs):
    """Every column of the data set."""
    rows = [("runs", name, unit, meaning, "sim.sweep") for name, unit, meaning in RUNS]
    rows += [
        ("runs", name, "that of the parameter", f"value of {name}, where the arm has it", "the design")
        for name in runs.column_names[len(RUNS) :]
    ]
    rows += [(name, "run", "number", "number of the run in runs", "sim.sweep") for name in TABLES]
    panels = codebook()
    panels = panels[panels["table"].isin(TABLES)]
    return pd.concat([pd.DataFrame(rows, columns=panels.columns), panels], ignore_index=True)


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
