"""What the verbs that run many arms have in common:

their keys, the outcomes of their runs, and a folder that says how it ended.
"""

import os
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from sim.observables import outcomes
from sim.runs import arms
from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import new_folder, now, outcome, refusals_told, write_json
from sim.runs.records import command_line
from sim.settings.fields import number
from sim.settings.refusals import nearest, shown
from sim.statistics import effects
from sim.world.calendar import quarter_name

MOST = 100_000  # runs and processes; a mistyped number should not start them
NOT_HERE = {
    "threads": "these runs have one thread each",
    "resume": "the work goes on by itself when it is repeated",
    "checkpoint_quarters": "these runs are kept whole; no checkpoints are written",
}


class Measure(NamedTuple):
    """A number that a run leaves: an outcome of the comparison, or the present public cost."""

    name: str
    title: str
    unit: str


COST = Measure("public_cost_cny", "Public cost, present value", "yuan")
MEASURES = (*(Measure(o.name, o.title, o.unit) for o in outcomes.OUTCOMES), COST)
NAMES = tuple(measure.name for measure in MEASURES)


# ---------------------------------------------------------------- keys


def check(tree, resolved, counts, seeds):
    """What is wrong with the keys that these verbs share; `counts` maps the verb's whole numbers to their least
    values, `seeds` of which are added up.
    """
    asked, problems = tree["experiment"], []
    found = {key: number(key, asked[key], int, low, MOST, problems) for key, low in counts.items()}
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, MOST, problems)
    if not isinstance(asked["store"], str) or not asked["store"].strip():
        problems.append(f"store={shown(asked['store'])}: should be a folder")
    if isinstance(resolved["seed"], int) and resolved["seed"] + sum(found[key] or 0 for key in seeds) > 2**63:
        problems.append(f"seed={resolved['seed']}: the last seed would be above 2^63 - 1")
    return problems + not_here(tree, resolved)


def not_here(tree, resolved):
    """Keys of a run that have no place in a verb that makes many."""
    more = {"threads": "; write workers=N for N processes"} if "workers" in tree["experiment"] else {}
    return [
        f"{key}={shown(tree[key])}: {why}{more.get(key, '')}"
        for key, why in NOT_HERE.items()
        if resolved[key] not in (None, 0, 1)
    ]


def check_names(key, names, known, least=1):
    """What is wrong with a list of names, at least `least` of the `known`."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [f"{key}={shown(names)}: should be a list of names such as [{','.join(list(known)[:2])}]"]
    wrong = "is not among those to choose from" if known else "there are none to choose from"
    problems = [f"{key}={name}: {wrong}{nearest(name, known)}" for name in names if name not in known]
    problems += [f"{key}={name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    few = (
        [f"{key}={shown(names)}: names {len(names)}, at least {least} {'is' if least == 1 else 'are'} needed"]
        if len(names) < least
        else []
    )
    return problems + few


def check_amount(runs):
    """A mistyped number should not start more runs than anybody can wait for."""
    return [f"runs: these keys ask for {runs:,} runs, above {MOST:,}"] if runs > MOST else []


# ---------------------------------------------------------------- runs


def opening(config, names):
    """The quarter (text) in which the first of the policies `names` starts."""
    starts = [
        config.start if policy.start is None else max(policy.start, config.start)
        for policy in config.policies
        if policy.name in names
    ]
    return quarter_name(min(starts, default=config.start))


def check_starts(resolved, names):
    """A policy that starts after the end can do nothing."""
    starts = {name: resolved["policy"][name]["start"] for name in names if name in resolved["policy"]}
    late = [
        name
        for name, start in starts.items()
        if start is not None and resolved["end"] is not None and start > resolved["end"]
    ]
    return [
        f"policy.{name}.start={starts[name]}: is after the end, {resolved['end']}, so it does nothing" for name in late
    ]


def measure(configs, asked, first, names):
    """What the runs of `configs` leave: an array (runs, MEASURES), flows and the cost of the policies `names` from
    the quarter `first` on.

    Runs are kept in the store, and only what it lacks is computed.
    """
    found = arms.run(configs, asked["store"], asked["workers"] or os.cpu_count())
    values = np.empty((len(found), len(MEASURES)))
    for row, config, run in zip(values, configs, found, strict=True):
        run = outcomes.Reduced(run.folder)  # lets go of its tables when it has been read
        totals = run.totals(first)
        cost = effects.discounted(run.cost(names), first, config.city.discount_rate)
        row[:] = [cost if name == COST.name else totals[name] for name in NAMES]
    return values


def about(config, **more):
    """What a verb was asked, as a plain dict."""
    asked = {key: value for key, value in config.experiment.items() if key != "_target_"}
    return {
        **asked,
        "policy": list(config.resolved["policy"]),
        "seed": config.seed,
        "scale": config.scale,
        "end": quarter_name(config.end),
        **more,
    }


@contextmanager
def result(config, said, name):
    """A new folder in `config.output` with `said` in the file `name`, which closes with DONE or FAILED; gives the
    folder.
    """
    folder = new_folder(config.output)
    said |= {
        "command": command_line(),
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
    }
    try:
        with refusals_told(folder), outcome(folder, said, name):
            write_json(folder / name, said | {"status": "running"})
            yield folder
    except Exception as error:
        error.add_note(f"The folder of the results: {folder}")
        raise
