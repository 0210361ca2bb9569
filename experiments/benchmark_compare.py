"""Time of a comparison, 40 pairs of one policy at scale 0.1 to 2024, and what it adds to stepping the model.

    python experiments/benchmark_compare.py [pairs] [key=value ...]

The command is run as a user would, with an empty store, and again with what that left. The model alone is then stepped for
some of the seeds in as many processes as there are cores, without looking at what came of it: the kernel. What the command
takes more of the cores than the kernel is overhead, idle cores included.
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
PAIRS, STEPPED, TARGET = 40, 3, 60.0
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


def of_runs(words, cores):
    """Processor seconds of a run, mean over as many processes at once as there are `cores`: stepping the model, and reducing it to what is kept."""
    from sim import config
    from sim.analysis import arms, pair, processes

    checked = config.load(["experiment=compare", *words])
    both = pair.of(checked).arms.values()
    configs = [[arms.with_seed(arm, checked.seed + core * STEPPED + i) for i in range(STEPPED) for arm in both] for core in range(cores)]
    with processes.pool(cores) as pool:
        seconds = list(pool.map(seconds_of, configs))
    return [sum(kind) / len(kind) for kind in zip(*seconds, strict=True)]


def seconds_of(configs):
    """(stepping, reducing) a run of `configs`, after one that loads the machine code."""
    from sim.analysis import arms, outcomes

    stepped = reduced = 0.0
    arms.stepped(configs[0], lambda model: None)
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
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as place:
        places = [f"store={Path(place) / 'store'}", f"output={Path(place) / 'folders'}"]
        wall, processor = command([*words, *places])
        load = os.getloadavg()[0]
        again, kept = command([*words, *places])
    step, reduction = of_runs(words, cores)
    kernel = 2 * pairs * step
    rest = processor - kernel - 2 * pairs * reduction - kept
    rows = [
        (f"{pairs} pairs: wall", f"{wall:.1f} s", f"{TARGET:g} s, {'met' if wall < TARGET else 'missed'}"),
        (f"{pairs} pairs: processor, all processes", f"{processor:.1f} s", ""),
        (f"kernel: stepping, {2 * pairs} x {step:.3f} s of a processor, measured in {cores} processes at once that do nothing else", f"{kernel:.1f} s", ""),
        (f"**overhead**: wall x {cores} cores, less the kernel, over the kernel", f"{100 * (wall * cores / kernel - 1):.1f} %", "10 %"),
        ("the same by processor time, which other work on the machine disturbs less: all that is not kernel", f"{100 * (processor / kernel - 1):.1f} %", ""),
        (f"of it, reducing and writing a run: {2 * pairs} x {reduction:.3f} s", f"{100 * reduction / step:.1f} % of the kernel", ""),
        (f"of it, starting, reading, tables, figures: the same command with all runs kept, wall {again:.1f} s", f"{100 * kept / kernel:.1f} % of the kernel", ""),
        (f"of it, the rest: each process loads machine code ({cores} x 1 s), passing of runs", f"{100 * rest / kernel:.1f} % of the kernel", ""),
    ]
    text = f"""# Time of a comparison

Command: `python experiments/benchmark_compare.py{'' if pairs == PAIRS else f' {pairs}'}`. It times `sim compare {' '.join(words)}` with an empty store, compiled before.

Machine: {cores} cores, {os.uname().machine}, {os.uname().sysname}; load at the end {load:.1f} (above {cores} other work shared the cores, and the wall time says little).

| what | measured | target |
|---|---|---|
""" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
