"""What the scripts beside this one do: call `sim`, wait, look into shards, and stop loudly where something does not
hold.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]
CITY = [f"configs='{ROOT / 'tests' / 'own'}'", "city=lakeside", "scale=0.1", "end=2010Q4"]  # about 80 ms a run
PATIENCE = 600  # seconds for any one thing


def announce(text):
    print(f"== {text}", flush=True)


def stop(text):
    print(f"{'!' * 79}\nTHE CLUSTER TEST DID NOT RUN OR FAILED: {text}\n{'!' * 79}", file=sys.stderr, flush=True)
    sys.exit(1)


def check(fact, text):
    if not fact:
        stop(text)
    print(f"   {text.splitlines()[0]}", flush=True)


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def sim(*words):
    done = subprocess.run([sys.executable, "-m", "sim", *words], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        stop(f"sim {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def wait(fact, command, what):
    until = time.monotonic() + PATIENCE
    while not fact():
        if command.poll() is not None:
            stop(f"the command ended before there was {what}:\n{command.stdout.read()}")
        if time.monotonic() > until:
            stop(f"no {what} in {PATIENCE} s")
        time.sleep(0.2)


def shards(folder):
    return len(list((folder / "shards").glob("[0-9a-f]*.zip")))


def fingerprints(folder):
    """The fingerprints in all shards, each as often as it is there."""
    texts = []
    for path in (folder / "shards").glob("[0-9a-f]*.zip"):
        texts += json.loads(ZipFile(path).read("index.json"))["fingerprints"]
    return texts


def frames(folder):
    """All tables of a data set in one order, as bytes."""
    import pandas

    tables = {}
    for path in sorted((folder / "collected").glob("*.parquet")):
        table = pandas.read_parquet(path)
        keys = [
            key
            for key in ("run", "arm", "point", "seed", "quarter", "district", "sector", "rival", "policy")
            if key in table
        ]
        table = table.astype(dict.fromkeys(table.select_dtypes("category"), str)).sort_values(keys, ignore_index=True)
        tables[path.name] = table.to_csv(index=False)  # repr of floats: every bit
    return tables
