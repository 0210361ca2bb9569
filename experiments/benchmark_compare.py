"""Time of a comparison, 40 pairs of one policy at scale 0.1 to 2024, and what it adds to stepping the model.

    python experiments/benchmark_compare.py [key=value ...]

The command is run as a user would, with an empty store, and again with what that left. The model
alone is then stepped for some of the seeds in one process, without looking at what came of it.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path("results") / "benchmarks" / "compare.md"
PAIRS, STEPPED, TARGET = 40, 4, 60.0
COMPARED = ["without=[sandbox]", "against=history", "scale=0.1"]


def command(words):
    """(wall, processor) seconds of `sim compare` with `words`, its processes included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", "compare", *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_run(words):
    """Processor seconds of a run, mean of some pairs: stepping the model, and reducing it to what is kept."""
    from sim import config
    from sim.analysis import arms, compare, outcomes

    checked = config.load(["experiment=compare", *words])
    pair, _ = compare.describe(checked)
    configs = [arms.with_seed(arm, seed) for seed in range(checked.seed, checked.seed + STEPPED) for arm in pair.values()]
    stepped = reduced = 0.0
    _step(configs[0])  # so that machine code is loaded
    with tempfile.TemporaryDirectory() as place:
        for i, one in enumerate(configs):
            began = time.process_time()
            model = _step(one)
            between = time.process_time()
            outcomes.write(outcomes.of_run(model.panels.tables(), one.scale), one.scale, Path(place) / str(i))
            stepped, reduced = stepped + between - began, reduced + time.process_time() - between
    return stepped / len(configs), reduced / len(configs)


def _step(config):
    from sim.model import Ecosystem

    model = Ecosystem(config)
    while model.quarter <= config.end:
        model.step()
    return model


def main(words):
    words = [*COMPARED, f"runs={PAIRS}", *words]
    with tempfile.TemporaryDirectory() as place:
        places = [f"store={Path(place) / 'store'}", f"output={Path(place) / 'folders'}"]
        wall, processor = command([*words, *places])
        load = os.getloadavg()[0]
        again, kept = command([*words, *places])
        step, reduction = one_run(words)
    stepped, rest = 2 * PAIRS * step, processor - 2 * PAIRS * (step + reduction) - kept
    rows = [
        (f"{PAIRS} pairs: wall", f"{wall:.1f} s", f"{TARGET:g} s, {'met' if wall < TARGET else 'missed'}"),
        (f"{PAIRS} pairs: processor, all processes", f"{processor:.1f} s", ""),
        (f"of it, stepping: {2 * PAIRS} x {step:.3f} s, measured alone", f"{stepped:.1f} s", ""),
        (f"reducing and writing a run: {2 * PAIRS} x {reduction:.3f} s", f"{100 * reduction / step:.1f} % of stepping", "10 %"),
        ("starting, reading, tables, figures: the same command with all runs kept", f"{kept:.1f} s, wall {again:.1f} s", ""),
        ("the rest: two processes start and load machine code, and share the machine's memory", f"{rest:.1f} s", ""),
        ("all that is not stepping", f"{100 * (processor / stepped - 1):.1f} % of stepping", ""),
    ]
    text = f"""# Time of a comparison

Command: `python experiments/benchmark_compare.py`. It times `sim compare {' '.join(words)}` with an empty store, compiled before.

Machine: {os.cpu_count()} cores, {os.uname().machine}, {os.uname().sysname}; load at the end {load:.1f} (above 2 other work shared the cores).

| what | measured | target |
|---|---|---|
""" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
