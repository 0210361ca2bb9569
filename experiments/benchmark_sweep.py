"""What a sweep costs beside its runs: local, joblib, Hydra's -m, SLURM where there is one; and what it costs to
collect.

    python experiments/benchmark_sweep.py [quick] [overhead] [collect]

Without a part named, both are measured; what was measured before of the other part stays in the tables, with the
load of the machine at that time.

Overhead is measured by the processor's clock, so that other work on the machine counts little: within one warm task,
the seconds of the whole less those in which the model is built and stepped, over these. What a command costs once
(imports, configs, machine code loaded in each process) is all processor seconds of the command and its processes,
less those of the task. SLURM is measured where `sinfo` answers and its accounting tells processor seconds
(tests/cluster/up.sh brings one up); what it adds is the start of each task.
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
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path("results") / "benchmarks"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
CITY = (f"configs='{ROOT / 'tests' / 'own'}'", "city=lakeside", "scale=0.1")
SIZES = {  # length of a run: words of the config, runs in the smaller of two sweeps
    "10 ms": ((*CITY, "policy=[]", "end=2006Q2"), 300),
    "100 ms": (("scale=0.01", "policy=[]", "end=2007Q2"), 40),
    "1 s": (("scale=0.01",), 8),
}
COLUMNS = ("what", "run", "measure", "value", "unit", "target")
SLURM_SECONDS, TASK_SECONDS = (
    12,
    600,
)  # of work that is sent through SLURM; of a task, as configs/launcher/slurm.yaml has it
COLLECTED = {"runs": 10_000, "quarters": 60, "districts": 16, "shards": 100}
DISTINCT = 10  # shards of noise of their own; the others have the same tables for other runs


# ---------------------------------------------------------------- overhead


def inside(place, words, runs):
    """{"whole", "kernel"}: processor seconds of a warm task of a sweep, and of them those in which its model is built
    and stepped.
    """
    from sim.model.ecosystem import Ecosystem
    from sim.settings import config
    from sim.sweep import plans, task

    planned = plans.make(config.load(["experiment=sweep", *words, *design(runs + 2)]))
    planned.write(place, {})
    task.compute(str(place), planned.id, [0, 1])
    spent = [0.0]

    def timed(function):
        def call(*arguments):
            began = time.process_time()
            function(*arguments)
            spent[0] += time.process_time() - began

        return call

    Ecosystem.__init__, Ecosystem.step = timed(Ecosystem.__init__), timed(Ecosystem.step)
    began = time.process_time()
    task.compute(str(place), planned.id, list(range(2, runs + 2)))
    return {"whole": time.process_time() - began, "kernel": spent[0]}


def design(points):
    """Words of a design no two points of which are the same, which is the dearest."""
    return ["design=latin", f"points={points}", "factors={mechanism.knowledge.decay:null}", "seeds=1..1"]


def processor(*words):
    """(processor seconds of a command and its processes, wall seconds)."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sys.executable, "-m", "sim", *words], check=True, env=ENVIRONMENT, **quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def child(*words):
    """What this file prints last when called with `words`."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    return json.loads(done.stdout.splitlines()[-1])


def overhead(name, words, runs, place):
    """Rows for one length of a run."""
    stem = name.replace(" ", "")
    found = child("--inside", place / f"{stem}-inside", runs, *words)
    each = found["kernel"] / runs
    rows = [("kernel", name, "processor seconds of a run", each, "s", None)]
    rows.append(
        (
            "task of any launcher",
            name,
            "beside the runs, share of them",
            100 * (found["whole"] / found["kernel"] - 1),
            "%",
            5 if name == "100 ms" else None,
        )
    )
    for launcher in ("local", "joblib"):
        spent, wall = processor(
            "sweep", *words, *design(runs), f"launcher={launcher}", f"folder='{place / f'{stem}-{launcher}'}'"
        )
        rows.append(
            (
                launcher,
                name,
                f"a command of {runs} runs beside its tasks: imports, configs, machine code",
                spent - found["whole"],
                "s",
                None,
            )
        )
        rows.append((launcher, name, f"wall of {runs} runs", wall, "s", None))
    few = min(runs, 8)
    spent, _ = processor("-m", *words, f"seed=range(1,{few + 1})", f"output='{place / stem}'")
    rows.append(
        ("sim -m", name, f"a run with its folder beside the run itself, {few} runs", spent / few - each, "s", None)
    )
    if shutil.which("sbatch") and subprocess.run(["sinfo"], capture_output=True).returncode == 0:
        rows += through_slurm(name, words, found, runs, place)
    return rows


def through_slurm(name, words, found, runs, place):
    """What a task costs beside its work, by SLURM's accounting of processor seconds; tasks are short, so that there
    are some.

    `found` is what `inside` gives for `runs` of these runs.
    """
    each = {clock: seconds / runs for clock, seconds in found.items()}
    folder, count = place / f"{name}-slurm".replace(" ", ""), int(SLURM_SECONDS / each["whole"])
    slurm = ["launcher=slurm", "launcher.memory_gb=1", "launcher.batch_seconds=2"]
    _, wall = processor("sweep", *words, *design(count), *slurm, f"folder='{folder}'")
    arrays = [path.stem for path in (folder / "jobs").glob("*.json")]
    time.sleep(5)  # the accounting comes a little later
    told = subprocess.run(
        ["sacct", "-n", "-P", "-j", ",".join(arrays), "-o", "JobID,State,TotalCPU"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    steps = [line.split("|") for line in told.splitlines()]
    tasks = sum("." not in job and state == "COMPLETED" for job, state, _ in steps)
    spent = sum(clock(used) for job, _, used in steps if "." in job)
    start = (spent - count * each["whole"]) / tasks
    all_added = 100 * (each["whole"] / each["kernel"] * (1 + start / TASK_SECONDS) - 1)
    return [
        (
            "slurm",
            name,
            f"a task beside its work: imports, configs, machine code; mean of {tasks} tasks with {count} runs",
            start,
            "s",
            None,
        ),
        (
            "slurm",
            name,
            f"all that a task of {TASK_SECONDS} s adds to its runs, share of them",
            all_added,
            "%",
            5 if name == "100 ms" else None,
        ),
        ("slurm", name, f"wall of {count} runs in {tasks} tasks of 2 s", wall, "s", None),
    ]


def clock(text):
    """Seconds of [days-][hours:]minutes:seconds."""
    days, _, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return 86400 * int(days or 0) + seconds


# ---------------------------------------------------------------- collecting


def collect(place, runs, quarters, districts, shards):
    """Rows: time and memory of collecting made-up runs of the size of real ones."""
    child("--make", place, runs, quarters, districts, shards)
    found = child("--collect", place)
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
    """A sweep whose plan is real and whose tables are a real run's, with noise so that they compress as real ones."""
    import numpy as np

    from sim.runs.folders import write_json
    from sim.settings import config
    from sim.sweep import plans, store, task

    words = ["experiment=sweep", "scale=0.01", "end=2008Q4", f"seeds=1..{runs}"]
    planned = plans.make(config.load(words))
    planned.write(place, {})
    write_json(place / "sweep.json", {"plan": planned.id, "start": "made up"})
    real = task.simulate(planned.config(0))
    random, panels = np.random.default_rng(1), {}
    for name, table in real.items():
        rows = len(table["quarter"]) // 12 * quarters
        panels[name] = {column: np.resize(values, rows) for column, values in table.items()}
    assert len(panels["district"]["quarter"]) == quarters * districts
    prints, each, made = [known.hex() for known in planned.fingerprints()], runs // shards, []
    for low in range(0, runs, each):
        if len(made) < DISTINCT:
            kept = [
                (known, 0.1, {name: {c: _noisy(v, random) for c, v in table.items()} for name, table in panels.items()})
                for known in prints[low : low + each]
            ]
            made.append(store.write_shard(place, kept))
        else:
            _retold(
                made[low // each % DISTINCT], place / "shards" / f"{prints[low][:20]}.zip", prints[low : low + each]
            )
    return {}


def _retold(shard, path, prints):
    """The tables of a shard as those of other runs."""
    with ZipFile(shard) as old, ZipFile(path, "w") as new:
        index = json.loads(old.read("index.json")) | {"fingerprints": prints}
        new.writestr("index.json", json.dumps(index))
        for name in old.namelist()[1:]:
            new.writestr(name, old.read(name))


def _noisy(values, random):
    """Counts at full size are whole multiples of 1 / scale; money is whole yuan."""
    if values.dtype.kind == "f":
        return (values * random.uniform(0.9, 1.1, len(values)) / 100).round() * 100
    return (
        values + random.integers(0, 1000, len(values)) * 10_000
        if len(values) and values.dtype == "int64" and values.max() > 1e6
        else values
    )


def collected(place):
    from sim.sweep.collect import collect

    wall, cpu = time.perf_counter(), time.process_time()
    folder, _, _ = collect(place)
    size = sum(path.stat().st_size for path in folder.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": time.perf_counter() - wall, "processor": time.process_time() - cpu, "peak": peak, "size": size}


# ---------------------------------------------------------------- what is written


def load(part):
    """How busy the machine was with this and other work, on average over a minute."""
    return (
        "load of the machine",
        part,
        "processes that run or wait, at the end of it",
        os.getloadavg()[0],
        "processes",
        None,
    )


def before(wanted):
    """Rows of `what`, `run` that were measured before."""
    if not (RESULTS / "sweeps.csv").exists():
        return []
    with open(RESULTS / "sweeps.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(*row[:3], float(row[3]), row[4], float(row[5]) if row[5] else None) for row in rows if wanted(*row[:2])]


def report(rows):
    from sim.runs.fingerprint import host_class, versions

    host, used = (
        host_class(),
        ", ".join(f"{name} {number}" for name, number in versions().items() if name != "platform" and number),
    )
    lines = [
        "# What a sweep costs beside its runs",
        "",
        "Command: `python experiments/benchmark_sweep.py`. All numbers are in `sweeps.csv`.",
        "",
    ]
    lines += [f"Machine: {host['cores']} cores, {host['arch']}, {host['system']}. {used}.", ""]
    lines += ["| what | run | measure | value | target |", "|---|---|---|---|---|"]
    for what, run, measure, value, unit, target in rows:
        goal = "" if target is None else f"{target:g} {unit}, {'met' if value <= target else 'missed'}"
        lines.append(f"| {what} | {run} | {measure} | {value:.3g} {unit} | {goal} |")
    lines += ["", __doc__.split("\n\n")[3].replace("\n", " ").strip(), ""]
    return "\n".join(lines)


def main(words):
    parts = {
        "--make": lambda: make(Path(words[1]), *map(int, words[2:])),
        "--collect": lambda: collected(Path(words[1])),
    }
    parts["--inside"] = lambda: inside(Path(words[1]), words[3:], int(words[2]))
    if words and words[0] in parts:
        print(json.dumps(parts[words[0]]()))
        return
    wrong = set(words) - {"quick", "overhead", "collect"}
    if wrong:
        sys.exit(f"{', '.join(sorted(wrong))}: should be quick, overhead or collect")
    quick, asked = (
        "quick" in words,
        [part for part in ("overhead", "collect") if part in words] or ["overhead", "collect"],
    )
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if "overhead" in asked:
            for name, (config, runs) in SIZES.items():
                rows += overhead(name, config, max(6, runs // 4) if quick else runs, place)
                print(*rows[-8:], sep="\n", file=sys.stderr)
            rows.append(load("overhead"))
        else:
            rows += before(lambda what, run: "collect" not in (what, run))
        if "collect" in asked:
            rows += collect(place / "made", **(COLLECTED | ({"runs": 1000, "shards": 10} if quick else {})))
            rows.append(load("collect"))
        else:
            rows += before(lambda what, run: "collect" in (what, run))
    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(RESULTS / "sweeps.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:3], f"{row[3]:.6g}", row[4], "" if row[5] is None else f"{row[5]:g}") for row in rows)
    text = report(rows)
    (RESULTS / "sweeps.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1:])
