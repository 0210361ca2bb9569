"""A sweep small enough for tests: the lakeside city, two quarters, about 10 ms a run."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import small

from sim import cli
from sim.sweep.store import Store

ROOT = Path(__file__).parents[2]
CITY = (*small.LAKESIDE, "end=2006Q2")
DECAY = "factors={mechanism.knowledge.decay:[0.02,0.04]}"


AT_REST = "mechanism.environment.spin_up_quarters=0"  # as `small.config` has it


def words(folder, *more, factors=DECAY, seeds="1..4", city=CITY):
    return ["sweep", *city, AT_REST, factors, f"seeds={seeds}", f"folder='{folder}'", *more]


def sweep(folder, *more, **keys):
    """Run the verb in this process; returns its exit code."""
    return cli.main(words(folder, *more, **keys))


def start(folder, *more, before=None, **keys):
    """Run the verb in a process of its own; `before` is Python that the process does first."""
    program = (
        ["-m", "sim"]
        if before is None
        else ["-c", f"{before}\nimport sys\nfrom sim import cli\nsys.exit(cli.main(sys.argv[1:]))"]
    )
    return subprocess.Popen(
        [sys.executable, *program, *words(folder, *more, **keys)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def shards(folder):
    """Files of the shards that have their name, which others than those on their way have."""
    return sorted((Path(folder) / "shards").glob("[0-9a-f]*.zip"))


def prints(folder):
    """The fingerprints in all shards, each as often as it is there."""
    texts = []
    for path in shards(folder):
        with zipfile.ZipFile(path) as archive:
            texts += json.loads(archive.read("index.json"))["fingerprints"]
    return texts


def done(folder):
    """The fingerprints that the store takes for done."""
    return set(Store(folder).refresh().where)
