"""Shanghai's startup ecosystem, agent by agent.

A hundredth of the city for seven years, so that the examples take seconds; `scale=1` is the whole, and `end` is 2024Q4
where it is left out.

>>> import sim
>>> run = sim.run(policy=["sandbox"], seed=1, scale=0.01, end="2012Q4")
>>> run
Run(2006Q1 to 2012Q4, seed 1, scale 0.01, sandbox)
>>> city = run.city  # a DataFrame, one row a quarter
>>> figure = run.plot()  # a Matplotlib figure
>>> folder = run.save("my-run")  # keeps the folder of the run

>>> comparison = sim.compare(policy=["sandbox"], against="none", runs=2, scale=0.01, end="2012Q4")
>>> print(comparison)  # effects with intervals, what they cost, and who gained
Effect of having it: with sandbox against no policy; 2 pairs from seed 1, scale 0.01, 2006Q1 to 2012Q4
...
>>> table = comparison.table  # a DataFrame, one row an outcome
>>> ledger = comparison.ledger  # what a public yuan adds, and what would have happened anyway

>>> founders = sim.twin(policy=["sandbox"], against="none", scale=0.01, end="2012Q4").founders  # whose lives differ
>>> number = founders["founder_id"].iloc[0]
>>> twins = sim.twin(founder=number, policy=["sandbox"], against="none", scale=0.01, end="2012Q4")
>>> print(twins)  # one of them, in both arms
Founder ...

>>> city = sim.Ecosystem(scale=0.01, seed=1, policy=["sandbox"], end="2006Q2")  # the model itself, a `mesa.Model`
>>> city.run_model()
>>> panel = city.datacollector.get_model_vars_dataframe()

`sim.evidence` re-runs the causal evidence, `sim.natural` holds what an evaluator of any policy would find to the truth.
What computes is imported when first used, so that `import sim` costs nothing.
"""

import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.verbs.from_python import checked as _checked
from sim.verbs.from_python import computed as _computed
from sim.world import sources

if TYPE_CHECKING:
    from pandas import DataFrame

    from sim.policies.instrument import Instrument
    from sim.runs.records import Run
    from sim.verbs.attribute import Attribution
    from sim.verbs.catalogue.describe import Description
    from sim.verbs.compare import Comparison
    from sim.verbs.comparison.several import Arms
    from sim.verbs.frontier import Frontier
    from sim.verbs.robustness import Robustness
    from sim.verbs.twin import Founders, Twins
    from sim.verbs.uncertainty import Uncertainty

    Chosen = str | Instrument | type[Instrument] | Sequence[str | Instrument | type[Instrument]]

__all__ = [
    *("attribute", "compare", "frontier", "load", "robustness", "run", "twin", "uncertainty"),
    *("catalogue", "describe"),
]

LATER = {"Ecosystem": "sim.model.ecosystem", "Instrument": "sim.policies.instrument", "Run": "sim.runs.records"}
LATER |= {"branch": "sim.runs.branches", "to_files": "sim.settings.cells"}  # name -> module that has it
LATER |= {"evidence": "sim.verbs.natural", "natural": "sim.verbs.natural"}  # the second is the module
STORE = "results/compare/store"  # where runs of the verbs of analysis are kept

warnings.filterwarnings("ignore", "IProgress not found")  # of a bar of Mesa's that nothing here shows
sources.remember()  # before any other module of the package is loaded


def __getattr__(name: str) -> Any:
    """What is loaded when first asked for: the model itself, and what a notebook makes of it."""
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    loaded = import_module(LATER[name])
    return loaded if name == "natural" else getattr(loaded, name)


def run(policy: "Chosen" = "history", seed: int = 1, scale: float = 0.1, **overrides: Any) -> "Run":
    """Simulate the city; nothing is kept unless saved.

    Parameters
    ----------
    policy : str or list of str
        "history", the name of a bundle, or names of `configs/policy`; [] is none. A policy in a list has the dates of
        history, else starts where history does, unless its file or a key such as `policy.sandbox.start` says. A class,
        an object with its knobs, or a function of (levers, quarter) are policies too, typed in a cell or kept in files.
    seed : int
        The same seed gives everybody the same luck.
    scale : float
        Share of the city that is simulated, above 0 to 1.
    **overrides
        Keys of the config, as on the command line; one with dots goes in by a mapping, as below. Quarters may be
        dates of Python or pandas, lists arrays or sets, and folders paths. `progress=False` is silent; a run is so
        too in its first two seconds, in threads and pools, and where one call follows another at once.

    Returns
    -------
    sim.runs.records.Run
        Its tables are attributes, DataFrames: `run.city`, `run.startups`, `run.rounds` and so on.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Says everything that is wrong with the settings.

    Examples
    --------
    >>> sim.run(scale=0.01, end="2010Q4", **{"mechanism.founding.taste": 0.5})
    Run(2006Q1 to 2010Q4, seed 1, scale 0.01, ...)
    """
    from sim.runs import records

    with _checked({"policy": policy, "seed": seed, "scale": scale, **overrides}) as config:
        return records.run_in_memory(config)


def compare(
    policy: "Chosen" = "history",
    against: "Chosen" = "history",
    runs: int = 20,
    seed: int = 1,
    scale: float = 0.1,
    workers: int | None = 1,
    store: str = STORE,
    **overrides: Any,
) -> "Comparison | Arms":
    """Compare policies with other policies, everybody having the same luck in both arms.

    Parameters
    ----------
    policy, against : str or list of str
        The two arms, as in `run`; `against` also "none".
    runs : int
        Pairs of runs, from 2; their seeds are `seed` to `seed + runs - 1`.
    seed, scale
        As in `run`.
    workers : int or None
        Processes, one a core where None. More than one import the caller's main file: a script that compares guards
        itself by `if __name__ == "__main__":`.
    store : str
        Folder in which runs are kept, so that asking again computes only what is missing.
    **overrides
        Keys of the config. They hold for both arms, but `without` for the first only, and the knobs of a policy where
        only one arm has it for that arm, else for the first.
        `arms={"base": "history", "less": {"without": ["sandbox"]}, "slump": {"shock": ["slowdown"]}}` takes the place
        of both arms: each is policies as in `against`, or a mapping of keys in which it differs from the config, and
        is held against the first. `knob="policy.talent_visa.added_quarters", values=[2, 4, 8]` is a dose.
        `public_cost=5e8` makes what each arm has of its own larger or smaller until it costs 500 m yuan: present value
        at full size, spent and for administration less recovered; `about["equal_cost"]` says what came of it.

    Returns
    -------
    sim.verbs.compare.Comparison or sim.verbs.comparison.several.Arms
        The frames `table`, `public_purse`, `ledger`, `incidence`, `heterogeneity`, `district_effects`, `admission`,
        `event_study`, `anticipation` and `runs`, which are the files that `sim compare` writes; `plot()`. Of more than
        two arms, and of a dose, an `Arms` of `sim.verbs.comparison.several`: `table`, `pairwise`, `interactions`,
        `runs`, and `dose`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Says everything that is wrong with the settings; also where no size of the programmes costs what is asked.
    sim.runs.processes.Killed
        A process ended before its work did.

    Examples
    --------
    >>> grant = {"policy.returnee_programme.start": "2008Q1"}
    >>> comparison = sim.compare(["returnee_programme"], "none", runs=2, scale=0.01, end="2010Q4", **grant)
    >>> returnees = comparison.table.set_index("outcome").loc["returnees"]
    >>> effect = returnees[["difference", "difference_low", "difference_high"]]
    """
    settings = {"policy": policy, "against": against, "runs": runs, "seed": seed, "scale": scale}
    return _computed("compare", settings | {"workers": workers, "store": store} | overrides)


def twin(
    founder: int | None = None,
    policy: "Chosen" = "history",
    against: "Chosen" = "history",
    seed: int = 1,
    scale: float = 0.1,
    **overrides: Any,
) -> "Twins | Founders":
    """One founder's life in both arms, and where and why the two part.

    Parameters
    ----------
    founder : int or None
        A number, `founder_id` of the tables; None lists everybody whose life differs.
    policy, against, seed, scale, **overrides
        As in `compare`; both arms have the one seed.

    Returns
    -------
    sim.verbs.twin.Twins or sim.verbs.twin.Founders
        With a founder `life`, `numbers` that differ and `parting`; without one the frame `founders`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Says everything that is wrong with the settings; also for a number that founds nothing in either arm.

    Examples
    --------
    >>> listed = sim.twin(policy=["sandbox"], against="none", scale=0.01, end="2012Q4")
    >>> first = listed.founders.iloc[0][["founder_id", "parts", "at"]]
    """
    settings = {"founder": founder, "policy": policy, "against": against, "seed": seed, "scale": scale}
    return _computed("twin", settings | overrides)


def attribute(
    policy: "Chosen" = "history",
    runs: int = 20,
    seed: int = 1,
    scale: float = 0.1,
    workers: int | None = 1,
    store: str = STORE,
    **overrides: Any,
) -> "Attribution":
    """Share the effect of a bundle of policies among them, and say which of them help or hinder one another.

    Parameters
    ----------
    policy : str or list of str
        As in `run`; `members=[...]` names those whose shares are asked, by default all.
    runs, seed, scale, workers, store, **overrides
        As in `compare`; every seed is run with every subset of the members, up to 8 of them.

    Returns
    -------
    sim.verbs.attribute.Attribution
        The frames `shares`, `interactions` and `runs`; `plot()`.

    Raises
    ------
    sim.settings.refusals.ConfigError, sim.runs.processes.Killed
        As `compare` does.

    Examples
    --------
    >>> attribution = sim.attribute(["sandbox", "returnee_programme"], runs=2, scale=0.01, end="2008Q4")
    >>> shares = attribution.shares.pivot(index="outcome", columns="policy", values="share")
    """
    settings = {"policy": policy, "runs": runs, "seed": seed, "scale": scale, "workers": workers, "store": store}
    return _computed("attribute", settings | overrides)


def frontier(
    policy: "Chosen",
    public_cost: float,
    outcomes: Sequence[str] = ("startups_funded_alive",),
    seed: int = 1,
    scale: float = 0.1,
    workers: int | None = 1,
    store: str = STORE,
    **overrides: Any,
) -> "Frontier":
    """Search the sizes of policies that bring most of some outcomes within a public cost.

    Parameters
    ----------
    policy : str or list of str
        As in `run`; `searched=[...]` names those whose sizes are searched, by default all.
    public_cost : float
        The most that they may cost together: present value, yuan at scale 1.
    outcomes : list of str
        Names of outcomes, the more the better; with a minus in front the less the better.
    seed, scale, workers, store, **overrides
        As in `compare`; `population`, `generations`, `runs` and `fresh_runs` say how much is computed.

    Returns
    -------
    sim.verbs.frontier.Frontier
        The frames `front` and `mixes`; `plot()`.

    Raises
    ------
    sim.settings.refusals.ConfigError, sim.runs.processes.Killed
        As `compare` does.

    Examples
    --------
    >>> small = {"population": 4, "generations": 1, "runs": 2, "fresh_runs": 2, "scale": 0.01, "end": "2008Q4"}
    >>> frontier = sim.frontier(["returnee_programme", "talent_homes"], public_cost=1e11, **small)
    >>> sizes = frontier.front[["size_returnee_programme", "size_talent_homes", "public_cost", "effect", "fresh"]]
    """
    settings = {"policy": policy, "public_cost": public_cost, "outcomes": list(outcomes), "seed": seed, "scale": scale}
    return _computed("frontier", settings | {"workers": workers, "store": store} | overrides)


def robustness(
    policy: "Chosen" = "history",
    against: "Chosen" = "none",
    draws: int = 100,
    runs: int = 1,
    seed: int = 1,
    scale: float = 0.1,
    workers: int | None = 1,
    store: str = STORE,
    **overrides: Any,
) -> "Robustness":
    """Try policies in many worlds that differ in parameters, shocks and rules, and say where they fail.

    Parameters
    ----------
    policy, against : str or list of str
        As in `compare`.
    draws : int
        Worlds, from 10.
    runs : int
        Seeds in each world.
    seed, scale, workers, store, **overrides
        As in `compare`; `shock=[...]` names shocks that strike in half of the worlds, `parameters=[...]` what else
        differs, `outcomes=[...]` by what it is judged, `fails` at what effect on the first of them a policy fails.

    Returns
    -------
    sim.verbs.robustness.Robustness
        The frames `worlds`, `regret`, `conditions`, `box` and `runs`, and `about["sentence"]`; `plot()`.

    Raises
    ------
    sim.settings.refusals.ConfigError, sim.runs.processes.Killed
        As `compare` does; ConfigError also where the library PRIM is not installed.

    Examples
    --------
    >>> robustness = sim.robustness(["returnee_programme"], draws=10, shock=["slowdown"], scale=0.01, end="2007Q4")
    >>> sentence = robustness.about["sentence"]
    """
    settings = {"policy": policy, "against": against, "draws": draws, "runs": runs, "seed": seed, "scale": scale}
    return _computed("robustness", settings | {"workers": workers, "store": store} | overrides)


def uncertainty(
    policy: "Chosen" = "history",
    against: "Chosen" = "history",
    draws: int = 20,
    runs: int = 4,
    seed: int = 1,
    scale: float = 0.1,
    workers: int | None = 1,
    store: str = STORE,
    **overrides: Any,
) -> "Uncertainty":
    """Effects of policies where neither the luck nor the parameters are known.

    Parameters
    ----------
    policy, against : str or list of str
        As in `compare`.
    draws : int
        Draws of the parameters, from 2: the first rows that `sim calibrate` left, or of the csv `file="..."`.
    runs : int
        Seeds of each draw, from 2.
    seed, scale, workers, store, **overrides
        As in `compare`.

    Returns
    -------
    sim.verbs.uncertainty.Uncertainty
        The frames `effects`, with the interval, that of luck alone and the spread of both sources, `differences` of
        each pair, and `draws`; `plot()`.

    Raises
    ------
    sim.settings.refusals.ConfigError, sim.runs.processes.Killed
        As `compare` does; ConfigError also where the file is missing or holds what cannot be drawn.

    Examples
    --------
    >>> import pandas
    >>> pandas.DataFrame({"founding.idea_rate": [0.01, 0.02]}).to_csv("draws.csv", index=False)
    >>> small = {"draws": 2, "runs": 2, "scale": 0.01, "end": "2007Q4", "file": "draws.csv"}
    >>> uncertainty = sim.uncertainty(["returnee_programme"], "none", **small)
    >>> spreads = uncertainty.effects[["outcome", "effect", "low", "high", "parameter_sd", "luck_sd"]]
    """
    settings = {"policy": policy, "against": against, "draws": draws, "runs": runs, "seed": seed, "scale": scale}
    return _computed("uncertainty", settings | {"workers": workers, "store": store} | overrides)


def load(folder: str | Path) -> Any:
    """What a verb has computed, from the folder that it left.

    Parameters
    ----------
    folder : str or pathlib.Path
        What `Run.save`, `sim run` or any other verb left; a sweep once it is collected.

    Returns
    -------
    Run, Comparison, Arms, Dose, Attribution, Frontier, Robustness, Uncertainty, Evidence, Atlas, Twins or Founders
        What the function of the verb's name returns; of a sweep, of facts and of the tasks of a calibration
        `sim.verbs.loading.Tables`, whose tables are attributes.

    Raises
    ------
    FileNotFoundError
        The folder holds no results.
    ValueError
        What is there is not complete, or its tables are of another version. A table of a run that is asked for later
        raises it too where it is not what the run wrote.

    Examples
    --------
    >>> folder = sim.run(scale=0.01, end="2006Q4").save("kept-run")
    >>> sim.load(folder)
    Run(2006Q1 to 2006Q4, seed 1, scale 0.01, ...)
    """
    from sim.verbs import loading

    return loading.load(folder)


def catalogue(kind: str, *words: str, configs: str | None = None) -> "DataFrame":
    """What there is to choose from, a DataFrame with a row per name: what `sim list` shows, and more columns.

    Parameters
    ----------
    kind : str
        policies, shocks, outcomes, parameters, verbs, cities, targets or columns.
    *words : str
        Only rows that have them all.
    configs : str or None
        Folder of your own files, which are in it too.

    Raises
    ------
    sim.settings.refusals.ConfigError
        There is no such kind, or no row with these words.

    Examples
    --------
    >>> sim.catalogue("parameters", "winner", "curse")["name"].tolist()
    ['funding.shade']
    """
    import pandas

    from sim.verbs.catalogue import entries

    return pandas.DataFrame(entries.chosen(kind, words, configs))


def describe(name: str, configs: str | None = None) -> "Description":
    """All that is known of a policy, shock, outcome, parameter (`funding.shade`), verb, column, city or target.

    Parameters
    ----------
    name : str
        Its name, also with its group in front (`policy.sandbox`) or a knob behind (`sandbox.places_per_quarter`).
    configs : str or None
        Folder of your own files.

    Returns
    -------
    sim.verbs.catalogue.describe.Description
        `text` is what it shows; `knobs` and `effects` are frames.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Nothing is called so; it names the nearest.

    Examples
    --------
    >>> sim.describe("guidance_fund").knobs.set_index("knob").loc["size", "unit"]
    'yuan at scale 1'
    """
    from sim.verbs.catalogue.describe import describe as described

    return described(name, configs)
