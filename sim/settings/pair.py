"""What is compared: two arms of policies with the same seeds, and what differs between them.

The arm `policy` is the config as composed, the arm `against` the same with other policies.
"""

from dataclasses import dataclass

import numpy as np

from sim.settings.config import Config, with_policies
from sim.settings.files import options
from sim.settings.refusals import ConfigError, nearest, shown
from sim.world.calendar import quarter_name
from sim.world.levers import LEVERS, Levers


@dataclass(frozen=True)
class Pair:
    """The configs of the two arms, and `about`: what is compared, as a plain dict that the results keep."""

    policy: Config
    against: Config
    about: dict

    @property
    def arms(self):
        return {"policy": self.policy, "against": self.against}


# ---------------------------------------------------------------- what cannot be compared


def check(tree, resolved):
    """What cannot be compared, as sentences: the other set of policies."""
    asked = tree["experiment"]["against"]
    names = named(asked)
    if names is None:
        return [f"against={shown(asked)}: should be history, none, or a list of policies such as [sandbox,talent_visa]"]
    known = options("policy", resolved["configs"])
    problems = [f"against={name}: no such policy{nearest(name, known)}" for name in names if name not in known]
    problems += [f"against={name}: chosen twice" for name in sorted(set(names)) if names.count(name) > 1]
    if all(name in known for name in names) and len(set(names)) == len(names):
        try:
            problems += _nothing_to_compare(asked, resolved, with_policies(tree, names))
        except ConfigError as error:  # what is wrong with both arms is told already
            problems += [
                f"against={shown(asked)}: {text}" for text in error.problems if text.startswith(("policy", "without"))
            ]
    return problems


def named(against):
    """The policies named by `against`, a list, or None where it is none of what it may be."""
    if isinstance(against, str) and against.strip():
        return [] if against == "none" else [against]
    return list(against) if isinstance(against, list) and all(isinstance(name, str) for name in against) else None


def _nothing_to_compare(asked, resolved, other):
    differing = differences(resolved["policy"], other.resolved["policy"])
    name = f"against={shown(asked)}"
    if not differing:
        return [
            f"{name}: is the same as policy, so nothing can differ; name others by policy=[...], without=[...] or against=none"
        ]
    last = quarter_name(other.end)
    starts = {name: start for name, start in differing.items() if start is not None and start > last}
    if len(starts) == len(differing):
        return [
            f"{name}: what differs starts after the end, {last}: {', '.join(f'{policy} {start}' for policy, start in starts.items())}"
        ]
    return []


def differences(policies, others):
    """Name -> start (text, None where it is always in force) of the policies that the arms do not share:

    of each the earlier.
    """
    names = [name for name in {**policies, **others} if policies.get(name) != others.get(name)]
    starts = {name: [arm[name]["start"] for arm in (policies, others) if name in arm] for name in names}
    return {name: None if None in both else min(both) for name, both in starts.items()}


# ---------------------------------------------------------------- the pair


def of(config):
    """The Pair that a checked config with a verb that compares describes."""
    return between(config.one_run(), with_policies(config.resolved, named(config.experiment["against"])))


def between(own, other):
    """The Pair of two configs that differ in their policies only."""
    ours, theirs = own.resolved["policy"], other.resolved["policy"]
    differing = differences(ours, theirs)
    opening = quarter_name(own.start)
    starts = {name: start or opening for name, start in differing.items()}
    about = {
        "policy": list(ours),
        "against": list(theirs),
        "differing": starts,
        "first_quarter": max(min(starts.values(), default=opening), opening),
        "last_quarter": quarter_name(own.end),
        "announced": min(
            (
                arm[name]["announced"]
                for arm in (ours, theirs)
                for name in differing
                if name in arm and arm[name]["announced"]
            ),
            default=None,
        ),
        "seed": own.seed,
        "scale": own.scale,
        "discount_rate": own.city.discount_rate,
        "instruments": {name: _instrument(name, own, other) for name in differing},
    }
    return Pair(own, other, about)


def _instrument(name, ours, theirs):
    """In which arms an instrument is (`policy`, `against` or `both`), since when, what it moves, for whom and where,
    and its announced size.
    """
    found = {
        arm: one
        for arm, config in (("policy", ours), ("against", theirs))
        for one in config.policies
        if one.name == name
    }
    one = next(iter(found.values()))
    city = ours.city
    levers = Levers(city.district_codes, city.sectors)
    one.act(levers, 1.0, 0)
    moved = [lever for lever in LEVERS if (getattr(levers, lever) != LEVERS[lever].neutral).any()]
    origins, districts = (_reached(levers, moved, axis) for axis in ("origin", "district"))
    return {
        "arm": "both" if len(found) > 1 else next(iter(found)),
        "start": quarter_name(one.start) if one.start is not None else None,
        "end": quarter_name(one.end) if one.end is not None else None,
        "levers": moved,
        "origins": origins,
        "districts": districts,
        "announced_cny": getattr(one, "size", None),
    }


def _reached(levers, moved, axis):
    """Names along an axis for which any lever is moved; None where none of the levers moved has the axis."""
    hit = [
        np.moveaxis(getattr(levers, name) != LEVERS[name].neutral, LEVERS[name].axes.index(axis), 0)
        for name in moved
        if axis in LEVERS[name].axes
    ]
    if not hit:
        return None
    some = np.any([one.reshape(len(one), -1).any(axis=1) for one in hit], axis=0)
    return [name for name, is_hit in zip(levers.names[axis], some, strict=True) if is_hit]
