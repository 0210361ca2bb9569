"""`sim collect FOLDER`: one data set of all runs of a sweep, complete or not, shard by shard.

    runs.parquet    one row a planned run: run, arm, point, seed, status, fingerprint, and a column for every key in
                    which runs differ, by factor or by arm
    problem.json    names and bounds of the factors of a spread design, as SALib's analyses take them
    city.parquet, district.parquet, sector.parquet, rival.parquet, policy.parquet
                    long panels, one row a run, quarter and place; the column `run` is that of runs.parquet
    codebook.csv    every column: type, unit, kind, key, missing code, meaning, reference
    stata/          the same as .dta, where asked for, panels in parts to be appended

Schema version and units stand in the metadata of every file (key `sim`). Runs of arms and points that are the same
run share one number in the column `run`, so that a join finds the panel of each. No more than a shard is in memory at
a time. The folder `collected` appears whole, in place of the one before. The runs are those last asked for, which hold
all that were asked for before of the same version of the model.
"""

import json
import secrets
import shutil
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from sim.observables import written
from sim.observables.codebook import BOOK, KEYS, codebook
from sim.observables.columns import TRAIT, column
from sim.runs.folders import FolderError, arriving, read_json, refusals_told, swap, write_csv
from sim.runs.progress import Progress
from sim.sweep import plans, stata, told_apart
from sim.sweep.store import COLUMNS, KEPT, SCHEMA, TABLES, Damaged, Store, read_index, read_tables, read_whole

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
    about = read_json(path, ("plan", "start"))
    return plans.read(str(folder), about["plan"]), about


def whole(folder):
    """The store of a sweep, each of its shards read and its sums checked: what is damaged counts for nothing."""
    store, unsound = Store(folder).refresh(), []
    with Progress(len(store.shards), "shards") as progress:
        for path in [store.folder / "shards" / name for name in store.shards]:
            try:
                read_whole(path)
            except (Damaged, FileNotFoundError):  # the latter where another process has just set it aside
                unsound.append(path)
            progress.advance("read")
    store.forget(unsound)
    return store


def runs_table(folder, store):
    """(the table of runs, its columns, fingerprint (bytes) -> number of its run) of the plan last asked for, which
    holds all that the folder was asked for before.
    """
    plan, about = latest(folder)
    fingerprints = plan.fingerprints()
    numbers = {fingerprint: i for i, fingerprint in enumerate(dict.fromkeys(fingerprints))}
    texts, failed = [fingerprint.hex() for fingerprint in fingerprints], store.failures()
    told = told_apart.columns(plans.trees(folder, plan.id), about["asked"]["arms"], plan.points, plan.runs)
    columns = _columns(told)
    table = {
        "run": [numbers[fingerprint] for fingerprint in fingerprints],
        "arm": np.array(list(plan.arms), object)[plan.runs["arm"].to_numpy()],
        "point": plan.runs["point"].to_numpy(),
        "seed": plan.runs["seed"].to_numpy(),
        "status": ["done" if text in store.where else "failed" if text in failed else "missing" for text in texts],
        "fingerprint": texts,
    }
    return written.table(columns, table | told, schema=SCHEMA, parameters=list(told)), columns, numbers


def collect(folder, for_stata=False):
    """Write the data set of a sweep; returns (its folder, number of runs by status, shards that are damaged).

    Raises FolderError where it is no sweep or the disk refuses.
    """
    folder, (plan, _) = Path(folder), latest(folder)
    store = whole(folder)
    damaged = list(store.damaged)
    coming = folder.resolve() / f".collected.{secrets.token_hex(4)}"  # in full, as Arrow may take a name for an address
    with refusals_told(folder, KEPT):
        coming.mkdir()
        try:
            store.set_aside()
            runs, columns, numbers = runs_table(folder, store)
            _panels(coming, store, numbers)
            with arriving(coming / "runs.parquet") as temporary:
                pa.parquet.write_table(runs, temporary, compression="zstd")
            write_csv(coming / "codebook.csv", codebook({"runs": columns, **COLUMNS}, RUN_KEYS), BOOK)
            if (problem := plans.kept(folder, plan.id) / "problem.json").is_file():
                shutil.copy(problem, coming)
            if for_stata:
                stata.write(coming)
            swap(coming, folder / "collected")
        finally:
            shutil.rmtree(coming, ignore_errors=True)
    return folder / "collected", store.counts(plan.planned()), damaged


def _panels(coming, store, numbers):
    """Copy the panels of all shards of a store into one file a table of the folder `coming`."""
    taken = np.zeros(len(numbers), bool)
    shards = [store.folder / "shards" / name for name in store.shards]
    with ExitStack() as opened, Progress(len(shards), "shards") as progress:
        files = {name: opened.enter_context(closing(Rows(coming / f"{name}.parquet", name))) for name in TABLES}
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
        try:
            self.flush()
            self.writer.close()
        finally:
            self.writer.is_open = False  # a writer that a full disk refused would be closed anew, aloud, when dropped


def _columns(told):
    """The columns of the table of runs, of which `told` (name -> array) tell runs apart."""
    return RUNS + tuple(
        column(
            name,
            "that of the parameter",
            f"value of {name}, where the arm has it",
            "the design",
            TRAIT,
            type=str(values.type),
            missing="null",
        )
        for name, values in told.items()
    )


def read(path):
    """A table of a data set as a DataFrame. Raises ValueError, which names the schema, where this version reads another
    one.
    """
    schema = json.loads((pa.parquet.read_schema(path).metadata or {}).get(b"sim", b"{}")).get("schema")
    if schema != SCHEMA:
        raise ValueError(f"{path} is of schema {schema}; this version reads {SCHEMA}")
    return pd.read_parquet(path)
