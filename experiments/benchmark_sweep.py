"""What a sweep costs beside its runs: local, joblib, Hydra's -m, SLURM where there is one; and what it costs to collect.

    python experiments/benchmark_sweep.py [quick]

Overhead is measured by the processor's clock, so that other work on the machine does not count: all processor seconds of the
command and its processes, less those of the same runs in one process that does nothing else, over these. What a command
costs once (imports, reading configs, loading machine code in each process) is given apart; the share is of what grows with
the runs, from a sweep of N and one of 2 N runs. SLURM is measured where `sbatch` answers.
"""

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path("results") / "benchmarks"
CITY = (f"configs='{ROOT / 'tests' / 'own'}'", "city=lakeside", "scale=0.1")
SIZES = {  # length of a run: words of the config, runs in the smaller of two sweeps
    "10 ms": ((*CITY, "policy=[]", "end=2006Q2"), 400),
    "100 ms": (("scale=0.01", "policy=[]", "end=2007Q2"), 60),
    "1 s": (("scale=0.01",), 12),
}
COLUMNS = ("what", "run", "measure", "value", "unit", "target")
COLLECTED = {"runs": 10_000, "quarters": 60, "districts": 16, "shards": 100}


# ---------------------------------------------------------------- overhead


def kernel(words, runs):
    """Processor seconds of a run, alone in a warm process that keeps nothing."""
    from dataclasses import replace

    from sim import config
    from sim.model import Ecosystem

    checked = config.load([*words, "threads=1"])
    took = []
    for seed in range(runs + 1):
        began = time.process_time()
        model = Ecosystem(replace(checked, seed=seed + 1))
        while model.quarter <= checked.end:
            model.step()
        took.append(time.process_time() - began)
    return sum(took[1:]) / runs


def processor(*words):
    """(processor seconds of a command and its processes, wall seconds)."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def overhead(name, words, runs, place):
    """Rows for one length of a run; a design of points no two of which are the same, which is the dearest."""
    each = kernel(words, max(5, runs // 4))
    rows = [("kernel", name, "processor seconds of a run", each, "s", None)]
    for launcher in ("local", "joblib"):
        found = []
        for count in (runs, 2 * runs):
            folder = place / f"{name}-{launcher}-{count}".replace(" ", "")
            sweep = ["sweep", *words, "design=latin", f"points={count}", "factors={mechanism.knowledge.decay:null}", "seeds=1..1"]
            found.append(processor(*sweep, f"launcher={launcher}", f"folder='{folder}'"))
        slope = (found[1][0] - found[0][0]) / runs
        rows.append((launcher, name, "beside the runs, share of them", 100 * (slope / each - 1), "%", 5 if name == "100 ms" else None))
        rows.append((launcher, name, "once a command", found[0][0] - slope * runs, "s", None))
        rows.append((launcher, name, f"wall of {2 * runs} runs", found[1][1], "s", None))
    few = min(runs, 12)
    seconds, _ = processor("-m", *words, f"seed=range(1,{few + 1})", f"output='{place / name.replace(' ', '')}'")
    rows.append(("sim -m", name, "a run with its folder, beside the run itself", seconds / few - each, "s", None))
    if shutil.which("sbatch") and subprocess.run(["sinfo"], capture_output=True).returncode == 0:
        rows += through_slurm(name, words, runs, each, place)
    return rows


def through_slurm(name, words, runs, each, place):
    """Wall time of tasks that hold many runs, told by SLURM's accounting, against that of their runs."""
    folder, count = place / f"{name}-slurm".replace(" ", ""), max(runs, int(60 / each))
    began = time.perf_counter()
    processor("sweep", *words, "design=latin", f"points={count}", "factors={mechanism.knowledge.decay:null}", "seeds=1..1", "launcher=slurm", "launcher.memory_gb=1", "launcher.batch_seconds=30", f"folder='{folder}'")
    wall = time.perf_counter() - began
    from sim.sweep.store import Store

    inside = sum(seconds or 0 for seconds in Store(folder).refresh().seconds.values())
    tasks = len(list((folder / "jobs").glob("*/*_result.pkl")))
    return [("slurm", name, f"wall of {count} runs in {tasks} tasks on {os.cpu_count()} cores", wall, "s", None), ("slurm", name, "of it, runs, by core", inside / os.cpu_count(), "s", None)]


# ---------------------------------------------------------------- collecting


def collect(place, runs, quarters, districts, shards):
    """Rows: time and memory of collecting made-up runs of the size of real ones."""
    made = subprocess.run([sys.executable, __file__, "--make", str(place), str(runs), str(quarters), str(districts), str(shards)], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert made.returncode == 0
    done = subprocess.run([sys.executable, __file__, "--collect", str(place)], check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    found = json.loads(done.stdout.splitlines()[-1])
    what = f"{runs} runs x {quarters} quarters x {districts} districts"
    size = sum(path.stat().st_size for path in (place / "shards").iterdir())
    return [
        ("collect", what, "wall", found["wall"], "s", 60),
        ("collect", what, "processor", found["processor"], "s", None),
        ("collect", what, "peak memory", found["peak"], "MiB", 2048),
        ("collect", what, "shards on disk", size / 2**20, "MiB", None),
        ("collect", what, "data set on disk", found["size"] / 2**20, "MiB", None),
    ]


def make(place, runs, quarters, districts, shards):
    """A sweep whose plan is real and whose tables are a real run's, with noise so that they compress as real ones do."""
    import numpy as np

    from sim import config
    from sim.folders import write_json
    from sim.sweep import plan, store, work

    words = ["experiment=sweep", "scale=0.01", "policy=[]", "end=2008Q4", f"seeds=1..{runs}"]
    planned = plan.make(config.load(words))
    planned.write(place, {})
    write_json(place / "sweep.json", {"plan": planned.id, "start": "made up"})
    real = work.simulate(planned.config(0))
    random, panels = np.random.default_rng(1), {}
    for name, table in real.items():
        rows = len(table["quarter"]) // 12 * quarters
        panels[name] = {column: np.resize(values, rows) for column, values in table.items()}
    assert len(panels["district"]["quarter"]) == quarters * districts
    prints = [known.hex() for known in planned.fingerprints()]
    for low in range(0, runs, runs // shards):
        kept = []
        for known in prints[low : low + runs // shards]:
            kept.append((known, 0.1, {name: {c: _noisy(v, random) for c, v in table.items()} for name, table in panels.items()}))
        store.write_shard(place, kept)


def _noisy(values, random):
    if values.dtype.kind == "f":
        return np_round(values * random.uniform(0.9, 1.1, len(values)))
    return values + random.integers(0, 1000, len(values)) * 10_000 if values.dtype == "int64" and values.max() > 1e6 else values


def np_round(values):
    """Counts at full size are whole multiples of 1 / scale."""
    return (values / 100).round() * 100


def collected(place):
    from sim.sweep.collect import collect

    wall, cpu = time.perf_counter(), time.process_time()
    folder, _, _ = collect(place)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(json.dumps({"wall": time.perf_counter() - wall, "processor": time.process_time() - cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "size": size}))


# ---------------------------------------------------------------- what is written


def report(rows):
    from sim.provenance import host_class, versions

    host, used = host_class(), ", ".join(f"{name} {number}" for name, number in versions().items() if name != "platform" and number)
    lines = ["# What a sweep costs beside its runs", "", "Command: `python experiments/benchmark_sweep.py`. All numbers are in `sweeps.csv`.", ""]
    lines += [f"Machine: {host['cores']} cores, {host['arch']}, {host['system']}; load at the end {os.getloadavg()[0]:.1f}. {used}.", ""]
    lines += ["| what | run | measure | value | target |", "|---|---|---|---|---|"]
    for what, run, measure, value, unit, target in rows:
        goal = "" if target is None else f"{target:g} {unit}, {'met' if value <= target else 'missed'}"
        lines.append(f"| {what} | {run} | {measure} | {value:.3g} {unit} | {goal} |")
    lines += ["", __doc__.split("\n\n")[2].replace("\n", " "), ""]
    return "\n".join(lines)


def main(words):
    if words[:1] == ["--make"]:
        return make(Path(words[1]), *map(int, words[2:]))
    if words[:1] == ["--collect"]:
        return collected(Path(words[1]))
    quick = words == ["quick"]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, (config, runs) in SIZES.items():
            rows += overhead(name, config, max(6, runs // 4) if quick else runs, place)
            print(*rows[-8:], sep="\n", file=sys.stderr)
        rows += collect(place / "made", **(COLLECTED | ({"runs": 1000, "shards": 10} if quick else {})))
    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(RESULTS / "sweeps.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:3], f"{row[3]:.6g}", *row[4:]) for row in rows)
    text = report(rows)
    (RESULTS / "sweeps.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])
