"""A contrast: two arms of policies with the same seeds, and what differs between them.

The arm `policy` has what is asked about, the arm `against` has it not, whichever way the two were written: every
effect is that of *having* a policy. Where each arm has something of its own, `policy` is the one written first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
        return [
            f"against={shown(against)}: is the same as policy, so nothing can differ; "
            "name others by policy=[...], without=[...] or against=none"
        ]
    last = quarter_name(other.end)
    late = {policy: start for policy, start in differing.items() if start is not None and start > last}
    if len(late) == len(differing):
        starts = ", ".join(f"{policy} {start}" for policy, start in late.items())
        return [f"against={shown(against)}: what differs starts after the end, {last}: {starts}"]
    return []


def differences(policies: Tree, others: Tree) -> dict[str, str | None]:
    """Name -> start (text, None where it is always in force) of the policies that the arms do not share, of each the
    earlier.
    """
    names = [name for name in {**policies, **others} if policies.get(name) != others.get(name)]
    starts = {name: [arm[name]["start"] for arm in (policies, others) if name in arm] for name in names}
    return {name: None if None in both else min(both) for name, both in starts.items()}


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


def between(policy: Config, against: Config) -> Contrast:
    """The Contrast of two configs that differ in their policies only."""
    ours, theirs = policy.resolved["policy"], against.resolved["policy"]
    differing = differences(ours, theirs)
    beginning = quarter_name(policy.start)
    starts = {name: start or beginning for name, start in differing.items()}
    announced = [arm[name]["announced"] for arm in (ours, theirs) for name in differing if name in arm]
    names = _names(ours, theirs, differing)
    about = {
        "policy": list(ours),
        "against": list(theirs),
        "names": names,
        "title": names["policy"] + (f" against {names['against']}" if names["against"] != "without" else ""),
        "changes": _changes(ours, theirs, starts),
        "differing": starts,
        "first_quarter": max(min(starts.values(), default=beginning), beginning),
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


def _changes(ours: Tree, theirs: Tree, starts: Mapping[str, str]) -> list[dict[str, Any]]:
    """What differs, key by key: {key, policy, against}; a policy that an arm lacks is one key."""
    changes: list[dict[str, Any]] = []
    for name, start in starts.items():
        if name in ours and name in theirs:
            changes += [
                {"key": f"policy.{name}.{key}", "policy": ours[name].get(key), "against": theirs[name].get(key)}
                for key in {**ours[name], **theirs[name]}
                if ours[name].get(key) != theirs[name].get(key)
            ]
        else:
            there = f"in force from {start}"
            values = [there if name in arm else "not there" for arm in (ours, theirs)]
            changes.append({"key": f"policy.{name}", "policy": values[0], "against": values[1]})
    return changes


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
