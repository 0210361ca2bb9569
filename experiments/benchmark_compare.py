"""Time of a comparison, 40 pairs of one policy at scale 0.1 to 2024, and what it adds to stepping the model.

    python experiments/benchmark_compare.py [pairs] [key=value ...]

The command is run as a user would, with an empty store, and again with what that left. The model alone is then
stepped for the pairs of some seeds in as many processes as there are cores, without looking at what came of it: the
kernel, with what it takes to part the two arms. What the command takes more of the cores than the kernel is
overhead, idle cores included.
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
    ctypes.CDLL(None).prctl(
        SUBREAPER, 1, 0, 0, 0
    )  # the server of processes outlives the command, and is ours to wait for
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", "compare", *words], check=True, stdout=subprocess.DEVNULL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Nobody:
    """Looks at nothing."""

    def see(self, model):
        pass


def of_pairs(words, cores):
    """Processor seconds of a pair, means over as many processes at once as there are `cores`:

    (stepping, the same without a common past, reducing to what is kept).
    """
    from sim.runs import arms, processes
    from sim.settings import config, contrast

    checked = config.load(["experiment=compare", *words])
    both = contrast.of(checked).arms.values()
    pairs = [
        [[arms.with_seed(arm, checked.seed + core * STEPPED + i) for arm in both] for i in range(STEPPED)]
        for core in range(cores)
    ]
    with processes.pool(cores) as pool:
        seconds = list(pool.map(seconds_of, pairs))
    return [sum(kind) / len(kind) for kind in zip(*seconds, strict=True)]


def seconds_of(pairs):
    """(stepping, stepping each arm alone, reducing) of a pair, mean of `pairs`, after one that loads machine code."""
    from sim.observables import outcomes
    from sim.runs import common_past

    def models(configs):
        return (model for _, model, _ in common_past.simulate(configs, Nobody))

    seconds = [0.0] * 3
    list(models(pairs[0]))
    with tempfile.TemporaryDirectory() as place:
        for i, both in enumerate(pairs):
            began = time.process_time()
            done = list(models(both))
            together = time.process_time()
            for one in both:
                list(models([one]))
            alone = time.process_time()
            for j, (one, model) in enumerate(zip(both, done, strict=True)):
                people = outcomes.Arrivals().table()  # noting arrivals each quarter is among the rest
                outcomes.write(
                    outcomes.of_run(model.panels.tables(outcomes.MADE), people, one.scale),
                    one.scale,
                    Path(place) / f"{i}-{j}",
                )
            times = (began, together, alone, time.process_time())
            seconds = [total + after - before for total, before, after in zip(seconds, times, times[1:], strict=False)]
    return [total / len(pairs) for total in seconds]


def main(words):
    pairs = int(words.pop(0)) if words and words[0].isdigit() else PAIRS
    words = [*COMPARED, f"runs={pairs}", *words]
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as place:
        places = [f"store={Path(place) / 'store'}", f"output={Path(place) / 'folders'}"]
        wall, processor = command([*words, *places])
        load = os.getloadavg()[0]
        again, kept = command([*words, *places])
    step, alone, reduction = of_pairs(words, cores)
    kernel = pairs * step
    rest = processor - kernel - pairs * reduction - kept
    rows = [
        (f"{pairs} pairs: wall", f"{wall:.1f} s", f"{TARGET:g} s, {'met' if wall < TARGET else 'missed'}"),
        (f"{pairs} pairs: processor, all processes", f"{processor:.1f} s", ""),
        (
            f"kernel: stepping, {pairs} x {step:.3f} s of a processor, "
            f"measured in {cores} processes at once that do nothing else",
            f"{kernel:.1f} s",
            "",
        ),
        (f"the same, had the arms no common past: {pairs} x {alone:.3f} s", f"{pairs * alone:.1f} s", ""),
        (
            f"**overhead**: wall x {cores} cores, less the kernel, over the kernel",
            f"{100 * (wall * cores / kernel - 1):.1f} %",
            f"10 %, {'met' if wall * cores < 1.1 * kernel else 'missed'}",
        ),
        (
            "the same by processor time, which other work on the machine disturbs less: all that is not kernel",
            f"{100 * (processor / kernel - 1):.1f} %",
            "",
        ),
        (
            "the same, over the kernel of arms without a common past",
            f"{100 * (processor / (pairs * alone) - 1):.1f} %",
            "",
        ),
        (
            f"of it, reducing and writing: {pairs} x {reduction:.3f} s",
            f"{100 * reduction / step:.1f} % of the kernel",
            "",
        ),
        (
            f"of it, starting, reading, tables, figures: the same command with all runs kept, wall {again:.1f} s",
            f"{100 * kept / kernel:.1f} % of the kernel",
            "",
        ),
        (
            f"of it, the rest: each process loads machine code ({cores} x 1 s), passing of runs",
            f"{100 * rest / kernel:.1f} % of the kernel",
            "",
        ),
    ]
    benchmark = f"python experiments/benchmark_compare.py{'' if pairs == PAIRS else f' {pairs}'}"
    machine = f"{cores} cores, {os.uname().machine}, {os.uname().sysname}; load at the end {load:.1f}"
    text = f"""# Time of a comparison

Command: `{benchmark}`. It times `sim compare {" ".join(words)}` with an empty store, compiled before.

Machine: {machine} (above {cores} other work shared the cores, and the wall time says little).

| what | measured | target |
|---|---|---|
""" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
