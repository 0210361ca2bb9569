"""Time of a comparison, 40 pairs of one policy at scale 0.1 to 2024, and what it adds to stepping the model.

    python experiments/benchmark_compare.py [pairs] [key=value ...]

The command is run as a user would, with an empty store, and again with what that left. The model
alone is then stepped for some of the seeds in one process, without looking at what came of it.
"""

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path("results") / "benchmarks" / "compare.md"
PAIRS, STEPPED, TARGET = 40, 4, 60.0
SUBREAPER = 36  # of prctl
COMPARED = ["without=[sandbox]", "against=history", "scale=0.1"]


def command(words):
    """(wall, processor) seconds of `sim compare` with `words`, its processes included; Linux only."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)  # the server of processes outlives the command, and is ours to wait for
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", "compare", *words], check=True, stdout=subprocess.DEVNULL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_run(words):
    """Processor seconds of a run, mean of some pairs: stepping the model, and reducing it to what is kept."""
    from sim import config
    from sim.analysis import arms, outcomes, pair

    checked = config.load(["experiment=compare", *words])
    both = pair.of(checked).arms.values()
    configs = [arms.with_seed(arm, seed) for seed in range(checked.seed, checked.seed + STEPPED) for arm in both]
    stepped = reduced = 0.0
    arms.stepped(configs[0], lambda model: None)  # so that machine code is loaded
    with tempfile.TemporaryDirectory() as place:
        for i, one in enumerate(configs):
            began = time.process_time()
            model = arms.stepped(one, lambda model: None)
            between = time.process_time()
            people = outcomes.Arrivals().table()  # noting arrivals each quarter is among the rest
            outcomes.write(outcomes.of_run(model.panels.tables(outcomes.MADE), people, one.scale), one.scale, Path(place) / str(i))
            stepped, reduced = stepped + between - began, reduced + time.process_time() - between
    return stepped / len(configs), reduced / len(configs)


def main(words):
    pairs = int(words.pop(0)) if words and words[0].isdigit() else PAIRS
    words = [*COMPARED, f"runs={pairs}", *words]
    with tempfile.TemporaryDirectory() as place:
        places = [f"store={Path(place) / 'store'}", f"output={Path(place) / 'folders'}"]
        wall, processor = command([*words, *places])
        load = os.getloadavg()[0]
        again, kept = command([*words, *places])
        step, reduction = one_run(words)
    stepped, rest = 2 * pairs * step, processor - 2 * pairs * (step + reduction) - kept
    rows = [
        (f"{pairs} pairs: wall", f"{wall:.1f} s", f"{TARGET:g} s, {'met' if wall < TARGET else 'missed'}"),
        (f"{pairs} pairs: processor, all processes", f"{processor:.1f} s", ""),
        (f"of it, stepping: {2 * pairs} x {step:.3f} s, measured alone", f"{stepped:.1f} s", ""),
        (f"reducing and writing a run: {2 * pairs} x {reduction:.3f} s", f"{100 * reduction / step:.1f} % of stepping", "10 %"),
        ("starting, reading, tables, figures: the same command with all runs kept", f"{kept:.1f} s, wall {again:.1f} s", ""),
        ("the rest: two processes start and load machine code, and share the machine's memory", f"{rest:.1f} s", ""),
        ("all that is not stepping", f"{100 * (processor / stepped - 1):.1f} % of stepping", ""),
    ]
    text = f"""# Time of a comparison

Command: `python experiments/benchmark_compare.py{'' if pairs == PAIRS else f' {pairs}'}`. It times `sim compare {' '.join(words)}` with an empty store, compiled before.

Machine: {os.cpu_count()} cores, {os.uname().machine}, {os.uname().sysname}; load at the end {load:.1f} (above 2 other work shared the cores).

| what | measured | target |
|---|---|---|
""" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
