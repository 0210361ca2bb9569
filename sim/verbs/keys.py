"""Keys that verbs of analysis share: what is wrong with them, as sentences."""

from sim.observables.outcomes import BY_NAME
from sim.runs import amount, launchers
from sim.settings import fields
from sim.settings.fields import number
from sim.settings.files import check_new_folder
from sim.settings.refusals import nearest, shown
from sim.verbs import own

MOST = 100_000  # runs and processes; a mistyped number should not start them
NOT_HERE = {
    "threads": "these runs have one thread each",
    "resume": "the work goes on by itself when it is repeated",
    "checkpoint_quarters": "these runs are kept whole; no checkpoints are written",
}


def check(tree, resolved, least, seeds):
    """What is wrong with workers, store, seed and the verb's whole numbers; `least` maps these to their least values,
    and those named in `seeds` count seeds, one after the other.
    """
    asked, problems = tree["experiment"], []
    counts = {key: number(key, asked[key], int, low, MOST, problems) for key, low in least.items()}
    if asked.get("workers") is not None:  # a desk has one process
        number("workers", asked["workers"], int, 1, MOST, problems)
    problems += launchers.check(tree.get("launcher"))
    problems += check_new_folder("store", asked["store"]) + amount.check(asked)
    if isinstance(resolved["seed"], int) and resolved["seed"] + sum(counts[key] or 0 for key in seeds) > 2**63:
        problems.append(f"seed={resolved['seed']}: the last seed would be above 2^63 - 1")
    return problems + check_not_here(tree, resolved)


def check_not_here(tree, resolved):
    """Keys of a single run, which mean nothing to a verb that makes many."""
    hints = {"threads": "; write workers=N for N processes"} if "workers" in tree["experiment"] else {}
    return [
        f"{key}={shown(tree[key])}: {why}{hints.get(key, '')}"
        for key, why in NOT_HERE.items()
        if resolved[key] not in (None, 0, 1)
    ]


def check_names(key, names, choices, least=1):
    """What is wrong with a list of names, at least `least` of the `choices`."""
    wanted = f"should be a list of names such as [{','.join(list(choices)[:2])}]"
    if not isinstance(names, list):
        return [f"{key}={shown(names)}: {wanted}"]
    names, problems = fields.names(key, names, wanted)
    wrong = "is not among those to choose from" if choices else "there are none to choose from"
    problems += [f"{key}={name}: {wrong}{nearest(name, choices)}" for name in names if name not in choices]
    if len(names) < least and not problems:
        needed = f"at least {least} {'is' if least == 1 else 'are'} needed"
        problems.append(f"{key}={shown(names)}: names {len(names)}, {needed}")
    return problems


def check_outcomes(names, choices):
    """What is wrong with a list of outcomes, those of which less is better with a minus in front."""
    if isinstance(names, list):
        names = [name.removeprefix("-") if isinstance(name, str) else name for name in names]
    return check_names("outcomes", names, choices)


def check_own(asked):
    """What is wrong with the outcomes of one's own, and with the one that is declared beforehand."""
    outcomes, problems = own.read(asked["outcomes"])
    primary = asked["primary"]
    whole = [*BY_NAME, *(one.name for one in outcomes if not one.by)]
    if primary is not None and primary not in whole:
        hint = nearest(primary, whole)
        own_words = "" if hint else "; what is not in the table by itself is named in outcomes=[...] too"
        problems.append(f"primary={shown(primary)}: no such outcome{hint}{own_words}")
    return problems


def check_amount(runs):
    """A mistyped number should not start more runs than anybody can wait for."""
    return [f"runs: these keys ask for {runs:,} runs, above {MOST:,}"] if runs > MOST else []


def check_starts(resolved, names):
    """A policy that starts after the end can do nothing."""
    starts = {name: resolved["policy"][name]["start"] for name in names if name in resolved["policy"]}
    end = resolved["end"]
    return [
        f"policy.{name}.start={start}: is after the end, {end}, so it does nothing"
        for name, start in starts.items()
        if start is not None and end is not None and start > end
    ]
