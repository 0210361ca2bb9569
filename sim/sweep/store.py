"""Where the runs of a sweep are kept: shards, which appear whole or not at all, and a folder for each run that failed.

    shards/<id>.zip        what one task computed: `index.json` (schema, fingerprints, seconds of each run but the first
                           of a process) and a parquet file for each of `TABLES`, with a column `run`, the place of the
                           run in the index
    failed/<fingerprint>/  config.yaml, run.json (seed, arm, point, quarter, call of the step) and FAILED, the traceback
    damaged/               shards that cannot be read, set aside

A shard is an entry as in `sim.runs.store`, named by the runs in it. What is done is what a shard says: no clock, lock
or scheduler is asked. Two shards may hold the same run, where two sweeps met; it counts once, as its numbers are the
same. Fingerprints are texts of 64 hexadecimal digits.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from sim.observables import written
from sim.observables.codebook import CODEBOOK
from sim.observables.columns import TRAIT, column
from sim.runs import store as entries
from sim.runs.folders import write_json, write_text
from sim.runs.store import Damaged, Entry
from sim.settings.files import to_yaml

SCHEMA = 2  # of shards and of what is collected from them; raised when a column changes its name, type or meaning
TABLES = ("city", "district", "sector", "rival", "policy")
RUN = column("run", "number", "number of the run in runs", "sim.sweep", TRAIT)
COLUMNS = {name: (RUN, *CODEBOOK[name]) for name in TABLES}  # of what a shard holds
SHORT = 20  # digits of a fingerprint that name the folder of a failed run
KEPT = "what was computed is kept: repeat the command when it can be written to"  # to who meets a disk that refuses


def write_shard(folder, runs):
    """Keep `runs`, [(fingerprint, seconds, {table: {column: array}})], as one shard; returns its path."""
    fingerprints = [fingerprint for fingerprint, _, _ in runs]
    path = Path(folder) / "shards" / f"{hashlib.sha256(''.join(fingerprints).encode()).hexdigest()[:SHORT]}.zip"
    index = {
        "schema": SCHEMA,
        "fingerprints": fingerprints,
        "seconds": [seconds and round(seconds, 6) for _, seconds, _ in runs],
    }
    parts = {}
    for name in TABLES:
        sink = pa.BufferOutputStream()
        pa.parquet.write_table(_joined(name, [tables[name] for _, _, tables in runs]), sink, compression="zstd")
        parts[f"{name}.parquet"] = sink.getvalue().to_pybytes()
    entries.write(path, index, parts)
    return path


def _joined(name, parts):
    """The tables of several runs as one with the column `run`."""
    lengths = [len(part["quarter"]) for part in parts]
    columns = {each.name: np.concatenate([part[each.name] for part in parts]) for each in CODEBOOK[name]}
    return written.table(COLUMNS[name], {"run": np.repeat(np.arange(len(parts)), lengths), **columns})


def read_index(path):
    """The index of a shard. Raises Damaged, AnotherSchema, or FileNotFoundError."""
    index = Entry(path, SCHEMA).index
    if len(index.get("fingerprints", ())) != len(index.get("seconds", ())):
        raise Damaged(f"{path}: its index does not say what each run took")
    return index


def read_tables(path):
    """Name -> arrow table of a shard, their sums checked. Raises Damaged."""
    parts = Entry(path, SCHEMA).parts([f"{name}.parquet" for name in TABLES])
    return {name: pa.parquet.read_table(pa.BufferReader(parts[f"{name}.parquet"])) for name in TABLES}


def read_whole(path):
    """Read a shard, all of it, for its damage alone. Raises as `read_index` does."""
    Entry(path, SCHEMA).whole()
    read_index(path)


class Store:
    """The shards of the sweep in `folder`, each looked into once.

    `where` maps a fingerprint to (path of its shard, place in it), `seconds` to what the run took or None, `shards` the
    name of a shard to the fingerprints of its runs; `damaged` lists shards that cannot be read.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.where, self.seconds, self.shards, self.damaged = {}, {}, {}, []

    def refresh(self):
        """Look for new shards; returns the store. Raises AnotherSchema."""
        for path in sorted((self.folder / "shards").glob("[0-9a-f]*.zip")):
            if path.name in self.shards or path in self.damaged:
                continue
            try:
                index = read_index(path)
            except Damaged:
                self.damaged.append(path)
                continue
            except FileNotFoundError:  # set aside by another process just now
                continue
            self.shards[path.name] = index["fingerprints"]
            self.seconds |= dict(zip(index["fingerprints"], index["seconds"], strict=True))
            self._find(path)
        return self

    def _find(self, path):
        for i, fingerprint in enumerate(self.shards[path.name]):
            self.where.setdefault(fingerprint, (path, i))

    def forget(self, paths):
        """Count nothing that shards hold, as they turned out to be damaged; other shards may hold the same runs."""
        self.damaged += [path for path in paths if path not in self.damaged]
        for path in paths:
            self.shards.pop(path.name, None)
        self.where = {fingerprint: (shard, i) for fingerprint, (shard, i) in self.where.items() if shard not in paths}
        for name in self.shards:
            self._find(self.folder / "shards" / name)

    def set_aside(self):
        """Move damaged shards out of the way, which is told: their runs are missing again."""
        entries.set_aside(self.damaged, self.folder / "damaged", read_whole)
        self.damaged = []

    def counts(self, planned):
        """{"done", "failed", "missing"} -> how many of the runs with the fingerprints `planned` are so."""
        done, failed = len(planned & self.where.keys()), len(planned & self.failures().keys())
        return {"done": done, "failed": failed, "missing": len(planned) - done - failed}

    def failures(self):
        """Fingerprint -> content of `run.json` and its folder, of each run that failed and was not done since."""
        failures = {}
        for path in sorted((self.folder / "failed").glob("[0-9a-f]*/run.json")):
            about = json.loads(path.read_text("utf-8"))
            if about["fingerprint"] not in self.where:
                failures[about["fingerprint"]] = about | {"folder": str(path.parent)}
        return failures


def write_failure(folder, config, about, text):
    """Keep what is needed to repeat a failed run alone; returns its folder.

    `config` may be None, where the run had none; `about` has its fingerprint and seed, `text` the reason.
    """
    failed = Path(folder) / "failed" / about["fingerprint"][:SHORT]
    failed.mkdir(parents=True, exist_ok=True)
    if config is not None:
        write_text(failed / "config.yaml", to_yaml(config.resolved))
    write_text(failed / "FAILED", text)
    write_json(failed / "run.json", about | {"schema": SCHEMA, "status": "failed"})
    return failed
