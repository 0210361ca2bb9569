"""A contrast: two arms with the same seeds, and what differs between them.

The arm `policy` has what is asked about, the arm `against` has it not, whichever way the two were written: every
effect is that of *having* a policy. Where each arm has something of its own, `policy` is the one written first. Arms
with names of the user's own stay as they were written, and may differ in shocks and parameters too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.policies.instrument import Instrument
from sim.settings import fields
from sim.settings.config import Config, with_policies
from sim.settings.files import Tree, no_such, options
from sim.settings.instruments import told
from sim.settings.refusals import ConfigError, shown
from sim.world.calendar import quarter_name
from sim.world.levers import LEVERS, Levers


@dataclass(frozen=True)
class Contrast:
    """The configs of the two arms, and `about`: what is compared, as a plain dict that the results keep."""

    policy: Config
    against: Config
    about: Tree

    @property
    def arms(self) -> dict[str, Config]:
        """Name of the arm -> its Config."""
        return {"policy": self.policy, "against": self.against}

    @property
    def differing(self) -> list[Instrument]:
        """The policies that the arms do not share, each once."""
        by_name = {one.name: one for arm in self.arms.values() for one in arm.policies}
        return [by_name[name] for name in self.about["differing"] if name in by_name]


# ---------------------------------------------------------------- what cannot be compared


def check(tree: Tree, resolved: Tree) -> list[str]:
    """What cannot be compared, as sentences: the other set of policies."""
    against = tree["experiment"]["against"]
    names = policies_named(against)
    if names is None:
        return [
            f"against={shown(against)}: should be history, none, or a list of policies such as [sandbox,talent_visa]"
        ]
    available = options("policy", resolved["configs"])
    names, problems = fields.names("against", names)
    problems += [
        f"against={name}: {no_such('policy', name, resolved['configs'])}" for name in names if name not in available
    ]
    if problems:
        return problems
    try:
        return _nothing_to_compare(against, resolved, other_arm(tree, resolved))
    except ConfigError as error:  # what is wrong with both arms is told already
        return [
            f"against={shown(against)}: {text}" for text in error.problems if text.startswith(("policy", "without"))
        ]


def other_arm(tree: Tree, resolved: Tree) -> Config:
    """The arm `against` of a composed tree. Raises ConfigError."""
    said = _of_the_other(told("policy", tree, resolved["configs"]), resolved)
    return with_policies(tree, policies_named(tree["experiment"]["against"]) or [], said=said)


def policies_named(against: Any) -> list[str] | None:
    """The policies named by `against` ("history", "none" or a list), as a list; None where it is none of these."""
    if isinstance(against, str) and against.strip():
        return [] if against == "none" else [against]
    return list(against) if isinstance(against, list) and all(isinstance(name, str) for name in against) else None


def _nothing_to_compare(against: Any, resolved: Tree, other: Config) -> list[str]:
    differing = differences(resolved["policy"], other.resolved["policy"])
    if not differing:
        others = "name others by policy=[...], without=[...] or against=none"
        if shock := next(iter(resolved["shock"]), None):  # it strikes both arms alike
            began = f"shock.{shock}.start:{resolved['shock'][shock]['start'] or quarter_name(other.start)}"
            others += f"; what the shock does is asked by 'arms={{spared:history,struck:{{shock:[{shock}],{began}}}}}'"
        return [f"against={shown(against)}: is the same as policy, so nothing can differ; {others}"]
    last = quarter_name(other.end)
    late = {policy: start for policy, start in differing.items() if start is not None and start > last}
    if len(late) == len(differing):
        starts = ", ".join(f"{policy} {start}" for policy, start in late.items())
        return [f"against={shown(against)}: what differs starts after the end, {last}: {starts}"]
    return []


def differences(policies: Tree, others: Tree) -> dict[str, str | None]:
    """Name -> start (text, None where it is always in force) of the policies, or shocks, that the arms do not share, of
    each the earlier.
    """
    names = [name for name in {**policies, **others} if policies.get(name) != others.get(name)]
    starts = {name: [arm[name]["start"] for arm in (policies, others) if name in arm] for name in names}
    return {name: None if None in both else min(both) for name, both in starts.items()}


def differing_keys(ours: Tree, theirs: Tree) -> dict[str, tuple[Any, Any]]:
    """Dotted key -> (its value in one resolved config, in the other) of all that differs in policies, shocks,
    parameters and the city; a policy or shock that one of them lacks is one key, there None.
    """
    found = {}
    for group in ("policy", "shock"):
        for name in differences(ours[group], theirs[group]):
            both = ours[group].get(name), theirs[group].get(name)
            if None in both:
                found[f"{group}.{name}"] = both
            else:
                found |= _unlike(f"{group}.{name}", *both)
    for name, parameters in ours["mechanism"].items():
        found |= _unlike(f"mechanism.{name}", parameters, theirs["mechanism"][name])
    return found | _unlike("city", ours["city"], theirs["city"])


def _unlike(stem: str, ours: Tree, theirs: Tree) -> dict[str, tuple[Any, Any]]:
    """Dotted key -> both values, of those that differ in two trees without branches."""
    both = {f"{stem}.{key}": (ours.get(key), theirs.get(key)) for key in {**ours, **theirs}}
    return {key: values for key, values in both.items() if values[0] != values[1]}


def first_difference(ours: Tree, theirs: Tree) -> str:
    """The quarter (text) from which two resolved configs differ."""
    beginning = ours["start"]
    if any(key.startswith(("mechanism.", "city.")) for key in differing_keys(ours, theirs)):
        return beginning
    starts = [
        start or beginning
        for group in ("policy", "shock")
        for start in differences(ours[group], theirs[group]).values()
    ]
    return max(min(starts, default=beginning), beginning)


def check_arms(arms: Mapping[str, Config]) -> list[str]:
    """What cannot be compared of arms by name, as sentences: two that are the same, one that does nothing in time."""
    problems = []
    names = list(arms)
    for i, name in enumerate(names):
        keys = {other: differing_keys(arms[name].resolved, arms[other].resolved) for other in names[:i]}
        same = [other for other, found in keys.items() if not found]
        problems += [f"arms.{name}: is the same as arms.{other}, so nothing can differ" for other in same[:1]]
        if i and not same and all(key.startswith(("policy.", "shock.")) for key in keys[names[0]]):
            last, starts = quarter_name(arms[name].end), _starts(arms[name], arms[names[0]])
            if min(starts.values()) > last:
                told = ", ".join(f"{key} {start}" for key, start in starts.items())
                problems.append(f"arms.{name}: what differs from {names[0]} starts after the end, {last}: {told}")
    return problems


def _starts(ours: Config, theirs: Config) -> dict[str, str]:
    """Name -> start (text) of the policies and shocks that two configs do not share."""
    differing = {
        name: start
        for group in ("policy", "shock")
        for name, start in differences(ours.resolved[group], theirs.resolved[group]).items()
    }
    return {name: start or quarter_name(ours.start) for name, start in differing.items()}


# ---------------------------------------------------------------- the contrast


def of(config: Config) -> Contrast:
    """The Contrast that a checked config with a verb that compares describes."""
    one = config.one_run()
    names = policies_named(config.experiment["against"]) or []
    other = with_policies(config.resolved, names, said=_of_the_other(config.told, config.resolved))
    ours, theirs = one.resolved["policy"], other.resolved["policy"]
    left_out = all(name in theirs and name not in ours for name in differences(ours, theirs))
    return between(other, one) if left_out else between(one, other)


def _of_the_other(said: Tree, resolved: Tree) -> Tree:
    """What was set of policies that the first arm has not: it holds where the other has them."""
    return {name: settings for name, settings in said.items() if name not in resolved["policy"]}


def between(policy: Config, against: Config, names: Mapping[str, str] | None = None) -> Contrast:
    """The Contrast of two configs; `names` are those that the user gave the arms `policy` and `against`."""
    ours, theirs = policy.resolved, against.resolved
    differing, keys = differences(ours["policy"], theirs["policy"]), differing_keys(ours, theirs)
    beginning, starts = quarter_name(policy.start), _starts(policy, against)
    announced = [
        arm[group][name]["announced"]
        for group in ("policy", "shock")
        for arm in (ours, theirs)
        for name in differences(ours[group], theirs[group])
        if name in arm[group]
    ]
    told_as = dict(names) if names else _names(ours["policy"], theirs["policy"], differing)
    about = {
        "policy": list(ours["policy"]),
        "against": list(theirs["policy"]),
        "names": told_as,
        "title": told_as["policy"] + (f" against {told_as['against']}" if told_as["against"] != "without" else ""),
        "named": names is not None,
        "changes": changes(keys, beginning),
        "differing": {name: starts[name] for name in differing},
        "first_quarter": first_difference(ours, theirs),
        "last_quarter": quarter_name(policy.end),
        "announced": min(filter(None, announced), default=None),
        "seed": policy.seed,
        "scale": policy.scale,
        "discount_rate": policy.city.discount_rate,
        "instruments": {name: _instrument(name, policy, against) for name in differing},
    }
    return Contrast(policy, against, about)


MOST_NAMED = 2  # policies that the name of an arm spells out


def _names(ours: Tree, theirs: Tree, differing: Iterable[str]) -> dict[str, str]:
    """What the arms are called, by what each has of its own."""
    own = [
        [name for name in differing if name in arm and name not in other]
        for arm, other in ((ours, theirs), (theirs, ours))
    ]
    changed = any(name in ours and name in theirs for name in differing)
    spelt = [f"with {', '.join(names)}" if len(names) <= MOST_NAMED else f"with {len(names)} policies" for names in own]
    policy = spelt[0] if own[0] else "as asked"
    against = spelt[1] if own[1] else "unchanged" if changed else "no policy" if not theirs else "without"
    return {"policy": policy, "against": against}


def changes(keys: Mapping[str, tuple[Any, Any]], beginning: str) -> list[dict[str, Any]]:
    """What differs, key by key: {key, policy, against}, from `differing_keys`; an instrument that is always in force is
    so from the quarter `beginning` on.
    """
    rows = []
    for key, both in keys.items():
        values = list(both)
        if any(isinstance(value, dict) for value in both):
            values = [f"in force from {value['start'] or beginning}" if value else "not there" for value in both]
        rows.append({"key": key, "policy": values[0], "against": values[1]})
    return rows


def _instrument(name: str, policy: Config, against: Config) -> Tree:
    """In which arms an instrument is (`policy`, `against` or `both`), since when, what it moves, for whom and where,
    and its announced size.
    """
    by_arm = {
        arm: instrument
        for arm, config in (("policy", policy), ("against", against))
        for instrument in config.policies
        if instrument.name == name
    }
    instrument = next(iter(by_arm.values()))
    levers = Levers(policy.city.district_codes, policy.city.sectors)
    instrument.act(levers, 1.0, 0)
    moved = [name for name, lever in LEVERS.items() if np.any(getattr(levers, name) != lever.neutral)]
    return {
        "arm": "both" if len(by_arm) > 1 else next(iter(by_arm)),
        "start": quarter_name(instrument.start) if instrument.start is not None else None,
        "end": quarter_name(instrument.end) if instrument.end is not None else None,
        "levers": moved,
        "origins": _reached(levers, moved, "origin"),
        "districts": _reached(levers, moved, "district"),
        "announced_cny": getattr(instrument, "size", None),
    }


def _reached(levers: Levers, moved: Sequence[str], axis: str) -> list[str] | None:
    """Names along an axis for which any lever is moved; None where none of the levers moved has the axis."""
    hits = [
        np.moveaxis(getattr(levers, name) != LEVERS[name].neutral, LEVERS[name].axes.index(axis), 0)
        for name in moved
        if axis in LEVERS[name].axes
    ]
    if not hits:
        return None
    reached = np.any([hit.reshape(len(hit), -1).any(axis=1) for hit in hits], axis=0)
    return [name for name, is_reached in zip(levers.names[axis], reached, strict=True) if is_reached]
