"""Runs of a comparison: in processes, and each kept under its fingerprint, so that none is computed twice.

An arm is a config, and a comparison runs every arm with every seed. Whoever interrupts keeps
what is done: the next time only the rest is computed.
"""

from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sim.analysis import outcomes, processes
from sim.folders import refusals_told
from sim.progress import Progress
from sim.provenance import fingerprints
from sim.records import announce_compilation


def with_seed(config, seed):
    """`config` with other luck, and with one thread."""
    return replace(config, seed=seed, threads=1, resolved={**config.resolved, "seed": seed, "threads": 1})


def run(configs, store, workers):
    """[Reduced] of `configs`, in their order; what `store` (a folder) does not hold is simulated by `workers` processes.

    More than one process import the caller's main file, which must therefore be
    safe to import. Raises what a run raises, with a note that says which.
    """
    places = [Path(store) / f"{known}-{outcomes.SCHEMA}" for known in fingerprints(configs)]
    missing = {place: config for place, config in zip(places, configs, strict=True) if not place.exists()}
    with refusals_told(store), Progress(len(missing), "runs") as progress:
        for config in _computed([(config, place) for place, config in missing.items()], workers):
            progress.advance(f"seed {config.seed}")
    return [outcomes.Reduced(place) for place in places]


def simulate(config, place):
    """One run from its first quarter to its last, kept in reduced form at `place`."""
    arrivals = outcomes.Arrivals()
    model = stepped(config, arrivals.see)
    outcomes.write(outcomes.of_run(model.panels.tables(outcomes.MADE), arrivals.table(), config.scale), config.scale, place)


def stepped(config, see):
    """The model of a config after its last quarter; `see(model)` looks at it after each."""
    from sim.model import Ecosystem

    model = Ecosystem(config)
    try:
        while model.quarter <= config.end:
            model.step()
            see(model)
    except Exception as error:
        names = ", ".join(policy.name for policy in config.policies) or "none"
        error.add_note(f"in the run with seed {config.seed} and the policies: {names}")
        raise
    return model


def _computed(missing, workers):
    """Simulates (config, place) one after the other or side by side; gives each config when it is done."""
    waiting = iter(missing)
    alone = len(missing) if min(workers, len(missing)) < 2 else int(announce_compilation())  # one compiles for all
    for config, place in islice(waiting, alone):
        simulate(config, place)
        yield config
    if alone == len(missing):
        return
    with processes.pool(min(workers, len(missing) - alone)) as pool:
        running = {pool.submit(simulate, *item): item[0] for item in islice(waiting, workers)}
        while running:  # no queue: an interruption waits only for the runs under way, and keeps them
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                config = running.pop(future)
                future.result()
                running |= {pool.submit(simulate, *item): item[0] for item in islice(waiting, 1)}
                yield config
