"""What is set and does nothing, or not everywhere: sentences for the screen, beside the refusals.

What can never be meant is refused (`config`). What is a legal setting and without effect in this run is told here, in
one place, so that nobody takes the numbers of a run for those of what was written.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sim.settings.files import Tree, options, read_yaml
from sim.settings.imports import moves_nothing
from sim.settings.refusals import shown
from sim.world.calendar import quarter_name
from sim.world.levers import Levers


def notes(config: Any, tree: Tree, said: dict[str, Tree], elsewhere: Collection[str]) -> Iterator[str]:
    """What of a composed `tree` does nothing in the Config `config` that it became; `said` is what was set of policies,
    and `elsewhere` the policies of the other arm of a verb that compares.
    """
    yield from _calendars(config, tree, said)
    yield from _arms(config, said, elsewhere)
    yield from _levers(config)
    yield from _targets(config)
    quarters = config.end + 1 - config.start
    if config.checkpoint_quarters >= quarters:
        yield f"checkpoint_quarters={config.checkpoint_quarters}: the run has {quarters}, so it writes no checkpoint"


def _calendars(config: Any, tree: Tree, said: dict[str, Tree]) -> Iterator[str]:
    """Policies that were asked for and are not in force in any quarter; those that history dates are not told."""
    for group, instruments in (("policy", config.policies), ("shock", config.shocks)):
        of_history = config.city.policies if group == "policy" and "history" in (tree.get(group) or {}) else {}
        for one in instruments:
            if one.name in of_history and not {"start", "end"} & set(said.get(one.name, {})):
                continue
            if one.start is not None and one.start > config.end:
                start, end = quarter_name(one.start), quarter_name(config.end)
                yield f"{group}.{one.name}.start={start}: is after the end, {end}, so it does nothing"
            if one.end is not None and one.end < config.start:
                end, start = quarter_name(one.end), quarter_name(config.start)
                yield f"{group}.{one.name}.end={end}: is before the first quarter, {start}, so it does nothing"


def _arms(config: Any, said: dict[str, Tree], elsewhere: Collection[str]) -> Iterator[str]:
    """In which arm the knobs of policies hold that are not in both, or not at all."""
    compares = "against" in config.experiment
    here = {policy.name for policy in config.policies}
    for name, settings in said.items():
        words = " ".join(f"policy.{name}.{key}={shown(value)}" for key, value in settings.items())
        if name in here and compares and name in elsewhere:
            yield f"{words}: in the arm of policy; that of against has {name} as its file says"
        elif name not in here and compares and name in elsewhere:
            yield f"{words}: in the arm of against, the only one that has {name}"
        elif name not in here and name not in elsewhere:
            yield f"{words}: {name} is left out, so it does nothing"


def _levers(config: Any) -> Iterator[str]:
    """Instruments that move nothing at what is set of them, and a phase-in that has nothing to begin from."""
    levers = Levers(config.city.district_codes, config.city.sectors)
    for group, instruments in (("policy", config.policies), ("shock", config.shocks)):
        for one in instruments:
            if moves_nothing(one, levers):
                yield f"{group}.{one.name}: moves no lever at these settings, so it does nothing"
            if one.start is None and one.phase_in_quarters:
                yield (
                    f"{group}.{one.name}.phase_in_quarters={one.phase_in_quarters}: "
                    "is counted from its start, and it has none, so it does nothing"
                )


def _targets(config: Any) -> Iterator[str]:
    """Targets that are of another city, as their yaml says, and rows that read years which the city has not."""
    from sim.observables import targets

    files, city = options("targets", config.resolved["configs"]), config.city
    for name in config.targets:
        home = (read_yaml(files[name]) or {}).get("city", city.name)
        if home != city.name:
            yield f"targets={name}: is of {home}, and this is {city.name}; its bands say nothing here"
        elif rows := targets.outside(files[name].with_suffix(".csv"), city):
            years = f"{city.first // 4} to {city.last // 4}"
            yield f"targets={name}: {', '.join(rows)} of years outside {years}, the history of {city.name}, say nothing"
