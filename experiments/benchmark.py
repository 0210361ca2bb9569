"""Time and memory of the main job, one run at scale 1 to 2024, into results/benchmarks.

    python experiments/benchmark.py [key=value ...]

Every figure is taken in a process of its own. Kernels and the calls in the model's step are
timed from outside, by a stopwatch put around each; the model does not know of it.
"""

import ast
import csv
import importlib
import inspect
import json
import os
import pkgutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

RESULTS = Path("results") / "benchmarks"
IMPORTS = "import hydra, mesa, numba, numpy, pandas, yaml"  # what the command needs before its first quarter
ROUNDS = 3
KERNELS_SHOWN = 30
COLUMNS = ("part", "name", "measure", "value", "unit", "target")


# ---------------------------------------------------------------- what a child measures


def whole(overrides):
    """Simulate; seconds of the whole and of its quarters alone, and peak memory."""
    from sim.model.ecosystem import Ecosystem
    from sim.settings import config

    checked = config.load(["threads=1", *overrides])
    wall, cpu = time.perf_counter(), time.process_time()
    model = Ecosystem(checked)
    built = time.process_time()
    quarters = _simulate(model)
    return {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - cpu,
        "after": time.process_time() - built,
        "peak": _peak_mib(),
        **quarters,
    }


def parts(overrides):
    """Simulate with a stopwatch around each call of the step and each kernel."""
    from numba.core.dispatcher import Dispatcher

    import sim
    from sim.model import ecosystem as model
    from sim.settings import config

    _simulate(model.Ecosystem(config.load([*overrides, "scale=0.02"])))  # so that machine code is loaded
    city = model.Ecosystem(config.load(["threads=1", *overrides]))
    mechanisms, kernels = {}, {}
    for holder, name in _calls_of_step(model):
        setattr(
            holder,
            name,
            Stopwatch(
                getattr(holder, name), f"{getattr(holder, '__name__', '').rpartition('.')[2]}.{name}", mechanisms
            ),
        )
    watches = {}
    for found in pkgutil.walk_packages(sim.__path__, "sim."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            for name, value in list(vars(module).items()):
                if isinstance(value, Dispatcher):
                    title = f"{value.py_func.__module__.rpartition('.')[2]}.{value.py_func.__name__}"
                    setattr(module, name, watches.setdefault(title, Stopwatch(value, title, kernels)))
    return {"mechanisms": mechanisms, "kernels": kernels, **_simulate(city)}


def start(overrides):
    """Run the command up to the end of its first quarter, and no further."""
    from sim import cli
    from sim.model import ecosystem as model

    step = model.Ecosystem.step

    def first(city):
        step(city)
        os._exit(0)

    model.Ecosystem.step = first
    cli.main(overrides)


def _simulate(model):
    from sim.world.kinds import Life

    persons = startups = 0
    while model.quarter <= model.config.end:
        model.step()
        persons += len(model.state.persons)
        startups += int((model.state.startups.used.life == Life.ALIVE).sum())
    return {"quarters": model.quarter - model.config.start, "persons": persons, "startups": startups}


class Stopwatch:
    """Calls `work` and adds its calls and seconds to `book[name]`; inside kernels it is `work` itself."""

    def __init__(self, work, name, book):
        self.work, self.entry = work, book.setdefault(name, [0, 0.0])
        if hasattr(work, "py_func"):
            from numba import types

            self._numba_type_ = types.Dispatcher(work)

    def __call__(self, *arguments):
        began = time.perf_counter()
        try:
            return self.work(*arguments)
        finally:
            self.entry[0] += 1
            self.entry[1] += time.perf_counter() - began

    def __get__(self, instance, owner=None):
        return self if instance is None else lambda *arguments: self(instance, *arguments)

    def __getattr__(self, name):
        return getattr(self.work, name)


def _calls_of_step(model):
    """(module or class, name) of each call that makes up the model's step."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model.Ecosystem.step)))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner = node.func.value.id
            yield (model.Ecosystem if owner == "self" else getattr(model, owner)), node.func.attr


def _peak_mib():
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


# ---------------------------------------------------------------- the whole benchmark


def benchmark(overrides):
    """Rows of COLUMNS for one machine."""
    with tempfile.TemporaryDirectory() as cache:
        cold = _start(overrides, cache)
        _child("whole", overrides, cache)  # what only later quarters compile
        runs = [_child("whole", overrides, cache) for _ in range(ROUNDS)]
        bare = [_timed([sys.executable, "-c", IMPORTS]) for _ in range(ROUNDS)]
        warm = [_start(overrides, cache) for _ in range(ROUNDS)]
        split = _child("parts", overrides, cache)
    best = min(runs, key=lambda run: run["processor"])
    start_s, bare_s = statistics.median(warm), statistics.median(bare)
    job = f"{best['quarters']} quarters"
    rows = [
        ("run", job, "wall, median", statistics.median(run["wall"] for run in runs), "s", 3),
        ("run", job, "wall, best", min(run["wall"] for run in runs), "s", 3),
        ("run", job, "processor, best", best["processor"], "s", 3),
        ("run", job, "processor, best, after the city is built", best["after"], "s", None),
        ("run", "memory", "peak", best["peak"], "MiB", 1024),
        ("run", "persons", "person-quarters", best["persons"] / 1e6, "million", None),
        ("run", "startups", "startup-quarters", best["startups"] / 1e6, "million", None),
        ("start", "first ever, compiles", "command to first quarter", cold, "s", 60),
        ("start", "compiled", "command to first quarter", start_s, "s", None),
        ("start", "imports of dependencies", "alone", bare_s, "s", None),
        ("start", "compiled", "above the imports", start_s - bare_s, "s", 1.5),
    ]
    total, in_kernels = (sum(seconds for _, seconds in split[part].values()) for part in ("mechanisms", "kernels"))
    rows.append(("run", "outside kernels", "share of the step", 100.0 * (1.0 - in_kernels / total), "%", None))
    for part in ("mechanisms", "kernels"):
        for name, (calls, seconds) in sorted(split[part].items(), key=lambda item: -item[1][1]):
            if calls:
                rows += [
                    (part, name, "time", seconds, "s", None),
                    (part, name, "share of the step", 100.0 * seconds / total, "%", None),
                    (part, name, "per person-quarter", 1e9 * seconds / split["persons"], "ns", None),
                    (part, name, "per startup-quarter", 1e9 * seconds / max(split["startups"], 1), "ns", None),
                    (part, name, "calls", calls, "", None),
                ]
    return rows


def _command(part, overrides):
    return [sys.executable, __file__, f"--{part}", *overrides]


def _timed(command, cache=None):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(cache))
    return time.perf_counter() - began


def _start(overrides, folder):
    return _timed(_command("start", [f"output={folder}/runs", *overrides]), folder)


def _child(part, overrides, cache):
    done = subprocess.run(
        _command(part, overrides), check=True, capture_output=True, text=True, env=_environment(cache)
    )
    return json.loads(done.stdout.splitlines()[-1])


def _environment(cache):
    return os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})


# ---------------------------------------------------------------- what is written


def report(rows, overrides):
    """The benchmark as Markdown."""
    from sim.runs.fingerprint import host_class, versions

    host = host_class()
    command = " ".join(["python experiments/benchmark.py", *overrides])
    used = ", ".join(f"{name} {number}" for name, number in versions().items() if name != "platform" and number)
    lines = [
        "# Time and memory of one run",
        "",
        f"Command: `{command}` (`make bench`). All numbers are in `run.csv`.",
        "",
    ]
    lines += [f"Machine: {host['cores']} cores, {host['arch']}, {host['system']}; one thread. {used}.", ""]
    lines += ["| what | measured | target |", "|---|---|---|"]
    for part, name, measure, value, unit, target in rows:
        if part in ("run", "start") and value is not None:
            goal = "" if target is None else f"{target:g} {unit}, {'met' if value <= target else 'missed'}"
            lines.append(f"| {name}: {measure} | {value:.2f} {unit} | {goal} |")
    for part, title in (
        ("mechanisms", "Calls of the step"),
        ("kernels", "Kernels called from Python, with what they call"),
    ):
        table = {}
        for _, name, measure, value, _, _ in (row for row in rows if row[0] == part):
            table.setdefault(name, {})[measure] = value
        lines += [
            "",
            f"## {title}",
            "",
            "| name | ms | % | ns per person-quarter | ns per startup-quarter |",
            "|---|---|---|---|---|",
        ]
        for name, of in list(table.items())[:KERNELS_SHOWN]:
            numbers = (1e3 * of["time"], of["share of the step"], of["per person-quarter"], of["per startup-quarter"])
            lines.append(f"| {name} | " + " | ".join(f"{number:.1f}" for number in numbers) + " |")
    lines += [
        "",
        "A stopwatch adds about a microsecond to a call, so the parts sum to a little more than a run without it.",
        "",
    ]
    return "\n".join(lines)


def main(words):
    if words and words[0] in ("--whole", "--parts", "--start"):
        result = globals()[words[0][2:]](words[1:])
        print(json.dumps(result))
        return
    rows = benchmark(words)
    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(RESULTS / "run.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for part, name, measure, value, unit, target in rows:
            writer.writerow((part, name, measure, "" if value is None else f"{value:.6g}", unit, target))
    text = report(rows, words)
    (RESULTS / "run.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
