"""Where the runs of a sweep are kept: shards, which appear whole or not at all, and a folder for each run that failed.

    shards/<id>.zip        what one task computed: `index.json` (schema, fingerprints, seconds of each run but the first
                           of a process) and a parquet file for each of `TABLES`, with a column `run`, the place of the
                           run in the index
    failed/<fingerprint>/  config.yaml, run.json (seed, arm, point, quarter, call of the step) and FAILED, the traceback
    damaged/               shards that cannot be read, set aside

A shard is named by the runs in it, and is a zip without compression because zip knows what its content should add up to
(CRC-32). What is done is what a shard says: no clock, lock or scheduler is asked. Two shards may hold the same run,
where two sweeps met; it counts once, as its numbers are the same. Fingerprints are texts of 64 hexadecimal digits.
"""

import hashlib
import json
import os
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from sim.observables.codebook import CODEBOOK
from sim.runs.folders import arriving, write_json, write_text
from sim.settings.files import to_yaml

SCHEMA = 1  # of shards and of what is collected from them; raised when a column changes its name or meaning
TABLES = ("city", "district", "sector", "rival", "policy")
TEXT = {"quarter", "district", "ring", "sector", "rival", "policy"}  # repeated text, kept once
SHORT = 20  # digits of a fingerprint that name the folder of a failed run
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, TypeError, ValueError)
KEPT = "what was computed is kept: repeat the command when it can be written to"  # to who meets a disk that refuses


class Damaged(ValueError):
    """A shard that cannot be read."""


class AnotherSchema(ValueError):
    """A shard of another version of the program."""


def write_shard(folder, runs):
    """Keep `runs`, [(fingerprint, seconds, {table: {column: array}})], as one shard; returns its path."""
    fingerprints = [fingerprint for fingerprint, _, _ in runs]
    shards = Path(folder) / "shards"
    shards.mkdir(parents=True, exist_ok=True)
    path = shards / f"{hashlib.sha256(''.join(fingerprints).encode()).hexdigest()[:SHORT]}.zip"
    index = {
        "schema": SCHEMA,
        "fingerprints": fingerprints,
        "seconds": [seconds and round(seconds, 6) for _, seconds, _ in runs],
    }
    with arriving(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("index.json", json.dumps(index))
        for name in TABLES:
            sink = pa.BufferOutputStream()
            pa.parquet.write_table(_joined(name, [tables[name] for _, _, tables in runs]), sink, compression="zstd")
            archive.writestr(f"{name}.parquet", sink.getvalue().to_pybytes())
    return path


def _joined(name, parts):
    """The tables of several runs as one with the column `run`."""
    lengths = [len(part["quarter"]) for part in parts]
    columns = {"run": pa.array(np.repeat(np.arange(len(parts), dtype=np.int32), lengths))}
    for column in CODEBOOK[name]:
        values = np.concatenate([part[column.name] for part in parts])
        columns[column.name] = (
            pa.array(values, pa.string()).dictionary_encode() if column.name in TEXT else pa.array(values)
        )
    return pa.table(columns)


def read_index(path):
    """The index of a shard. Raises Damaged, AnotherSchema, or FileNotFoundError."""
    try:
        with zipfile.ZipFile(path) as archive:
            index = json.loads(archive.read("index.json"))
        if index["schema"] == SCHEMA and len(index["fingerprints"]) == len(index["seconds"]):
            return index
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise Damaged(f"{path}: {error}") from error
    raise AnotherSchema(f"{path} is of schema {index['schema']}; this version reads {SCHEMA}")


def read_tables(path):
    """Name -> arrow table of a shard, their sums checked. Raises Damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: pa.parquet.read_table(pa.BufferReader(archive.read(f"{name}.parquet"))) for name in TABLES}
    except UNREADABLE as error:
        raise Damaged(f"{path}: {error}") from error


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

    def forget(self, path):
        """Count nothing that a shard holds, as it turned out to be damaged; other shards may hold the same runs."""
        self.damaged.append(path)
        self.shards.pop(path.name, None)
        self.where = {fingerprint: (shard, i) for fingerprint, (shard, i) in self.where.items() if shard != path}
        for name in self.shards:
            self._find(self.folder / "shards" / name)

    def set_aside(self, path):
        """Move a damaged shard out of the way: its runs are missing again."""
        self.forget(path)
        aside = self.folder / "damaged"
        aside.mkdir(exist_ok=True)
        os.replace(path, aside / path.name)
        self.damaged = [other for other in self.damaged if other != path]

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
