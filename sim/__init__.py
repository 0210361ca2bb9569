"""Shanghai's startup ecosystem, agent by agent.

    import sim

    run = sim.run(policy=["sandbox"], seed=1, scale=0.1)
    run.city            # a DataFrame, one row a quarter
    run.plot()          # a Matplotlib figure
    run.save("my-run")  # keep the folder

    found = sim.compare(without=["sandbox"], runs=20)
    print(found)        # effects with intervals
    found.table         # a DataFrame, one row an outcome
    found.ledger        # what a public yuan adds, and what would have happened anyway

    print(sim.twin(without=["sandbox"]))                 # founders whose lives differ
    print(sim.twin(founder=1421, without=["sandbox"]))   # one of them, in both arms

What computes is imported when first used, so that `import sim` costs nothing.
"""

import re

from sim.world import sources

__all__ = ["attribute", "compare", "frontier", "load", "robustness", "run", "twin", "uncertainty"]

sources.remember()  # before any other module of the package is loaded


def run(policy="history", seed=1, scale=0.1, **overrides):
    """Simulate the city and return a `sim.runs.records.Run`; nothing is kept unless saved.

    `policy` is "history", a list of names of `configs/policy`, or an empty list. Further
    keywords are keys of the config; one with dots goes in by a mapping:
    `sim.run(end="2010Q4", **{"mechanism.founding.entry_scale": 2})`. Raises
    `sim.settings.config.ConfigError`, which lists everything wrong with them.
    """
    from sim.runs import records
    from sim.settings import config

    settings = {"policy": policy, "seed": seed, "scale": scale, **overrides}
    return records.run_in_memory(config.load([f"{key}={_word(value)}" for key, value in settings.items()]))


def compare(
    policy="history",
    against="history",
    runs=20,
    seed=1,
    scale=0.1,
    workers=1,
    store="results/compare/store",
    **overrides,
):
    """Compare policies with the same luck, a `sim.verbs.compare.Comparison`.

    `policy` and `against` are "history" or lists of names of `configs/policy`, `against` also "none". Both arms
    share the seeds `seed` to `seed + runs - 1`. Further keywords are keys of the config and hold for both, but
    `without` and the knobs of policies for the first only. Runs are kept in the folder `store`, so that asking again
    computes only what is missing. More than one of the `workers` are processes that import the caller's main file:
    a script that compares guards itself by `if __name__ == "__main__":`. Raises `sim.runs.processes.Killed` where
    one of them ends before its work does.

    `public_cost=5e8` makes what each arm has of its own larger or smaller until it costs 500 m yuan: present value
    at full size, spent and for administration less recovered. What is achieved over all seeds stands in
    `about["equal_cost"]`.

    The frames `table`, `public_purse`, `ledger`, `incidence`, `who`, `places`, `applications`, `event_study`,
    `anticipation` and `runs` are the files that `sim compare` writes (`sim.verbs.compare`). Raises
    `sim.settings.config.ConfigError`, also where no size of the programmes costs what is asked.
    """
    from sim.verbs.compare import compare

    settings = {
        "policy": policy,
        "against": against,
        "runs": runs,
        "seed": seed,
        "scale": scale,
        "workers": workers,
        "store": store,
    }
    return compare(_asked("compare", settings | overrides))


def twin(founder=None, policy="history", against="history", seed=1, scale=0.1, **overrides):
    """One founder's life in both arms, a `sim.verbs.twin.Twins`: `life`, `numbers` that differ, and where and why
    they part.

    `founder` is a number (founder_id of the tables); without one it is a `sim.verbs.twin.Founders` whose `founders`
    lists everybody whose life differs. The arms are as in `compare`, with one seed. Raises
    `sim.settings.config.ConfigError`, also for a number that founds nothing.
    """
    from sim.verbs.twin import twin

    return twin(
        _asked(
            "twin",
            {"founder": founder, "policy": policy, "against": against, "seed": seed, "scale": scale, **overrides},
        )
    )


def attribute(policy="history", runs=20, seed=1, scale=0.1, workers=1, store="results/compare/store", **overrides):
    """Share the effect of a bundle among its policies, a `sim.verbs.attribute.Attribution`.

    `members=[...]` names those whose shares are asked, by default all of `policy`; runs, workers, store and further
    keywords as in `compare`.
    """
    from sim.verbs.attribute import attribute

    return attribute(
        _asked(
            "attribute",
            {
                "policy": policy,
                "runs": runs,
                "seed": seed,
                "scale": scale,
                "workers": workers,
                "store": store,
                **overrides,
            },
        )
    )


def frontier(
    policy,
    public_cost,
    outcomes=("startups_funded_alive",),
    seed=1,
    scale=0.1,
    workers=1,
    store="results/compare/store",
    **overrides,
):
    """Search the sizes of policies within a present public cost (yuan at scale 1), a `sim.verbs.frontier.Frontier`.

    `runs`, `fresh_runs`, `population` and `generations` say how much is computed; workers, store and further
    keywords as in `compare`.
    """
    from sim.verbs.frontier import frontier

    settings = {
        "policy": policy,
        "public_cost": public_cost,
        "outcomes": list(outcomes),
        "seed": seed,
        "scale": scale,
        "workers": workers,
        "store": store,
    }
    return frontier(_asked("frontier", settings | overrides))


def robustness(
    policy="history",
    against="none",
    draws=100,
    runs=1,
    seed=1,
    scale=0.1,
    workers=1,
    store="results/compare/store",
    **overrides,
):
    """Try policies in many worlds, a `sim.verbs.robustness.Robustness`.

    `shock=[...]` names shocks that strike in half of the worlds, `parameters=[...]` what else differs; workers,
    store and further keywords as in `compare`.
    """
    from sim.verbs.robustness import robustness

    settings = {
        "policy": policy,
        "against": against,
        "draws": draws,
        "runs": runs,
        "seed": seed,
        "scale": scale,
        "workers": workers,
        "store": store,
    }
    return robustness(_asked("robustness", settings | overrides))


def uncertainty(
    policy="history",
    against="history",
    draws=20,
    runs=4,
    seed=1,
    scale=0.1,
    workers=1,
    store="results/compare/store",
    **overrides,
):
    """Policy effects over draws of the parameters as well as over seeds, a `sim.verbs.uncertainty.Uncertainty`.

    The first `draws` rows that `sim calibrate` left, or of the csv `file="..."`, are tried, each with the seeds
    `seed` to `seed + runs - 1`; policies, workers, store and further keywords as in `compare`. `effects` has the
    interval, that of luck alone, and the spread of both sources; `differences` each pair.
    """
    from sim.verbs.uncertainty import uncertainty

    settings = {
        "policy": policy,
        "against": against,
        "draws": draws,
        "runs": runs,
        "seed": seed,
        "scale": scale,
        "workers": workers,
        "store": store,
    }
    return uncertainty(_asked("uncertainty", settings | overrides))


def load(folder):
    """The complete run in `folder`, a `sim.runs.records.Run`."""
    from sim.runs.records import Run

    return Run(folder)


def _asked(verb, settings):
    """The checked config of a verb."""
    from sim.settings import config

    return config.load([f"experiment={verb}", *(f"{key}={_word(value)}" for key, value in settings.items())])


def _word(value):
    """A value as the command line takes it, text in quotes where it is not plain."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_word, value))}]"
    if isinstance(value, str) and not re.fullmatch(r"\w+", value):
        return "'" + re.sub(r"(\\+)(?='|$)", r"\1\1", value).replace("'", r"\'") + "'"  # Hydra's rules for quotes
    return str(value)
