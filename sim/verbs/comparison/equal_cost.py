"""Equal cost: programmes made larger or smaller until they cost what is asked.

What an arm has of its own (policies that the other arm lacks or has with other settings) is multiplied by one
factor, knob by knob of those that grow with the size of a programme (`Instrument.scaled`). Its cost is that of these
purses: spent and for administration less what was recovered, discounted to the start of the window, mean over seeds,
at full size; without them it is zero, so it is the cost against a run without them. Where both arms have policies of
their own, each is brought to the same cost with a factor of its own. The factor is found by Brent's method on the
simulated cost of a few seeds (Brent 1973); what it costs over all seeds is shown.
"""

import math
from dataclasses import replace

from sim.runs import arms
from sim.settings import pair, variants
from sim.settings.config import with_policies
from sim.settings.fields import number
from sim.settings.refusals import ConfigError
from sim.statistics import effects, intervals

SEEDS = 4  # of the search
TOLERANCE, WIDEST = 0.005, 0.05  # of the cost asked: where the search stops, and the gap that no longer counts as equal
SMALLEST = 1e-6  # factor, where knobs may go to zero
LONGEST = 64.0  # step from one factor to the next


# ---------------------------------------------------------------- what can be asked


def check(tree, resolved, sound):
    """What is wrong with `public_cost`, as sentences; `sound` says whether the pair itself is right."""
    asked = tree["experiment"]["public_cost"]
    if asked is None:
        return []
    problems = []
    number("public_cost", asked, float, 1.0, 1e13, problems, "yuan from 1 to 1e+13, or null")
    if problems or not sound:
        return problems
    both = {
        "policy": resolved["policy"],
        "against": with_policies(tree, pair.named(tree["experiment"]["against"])).resolved["policy"],
    }
    for arm, policies in both.items():
        own = [name for name in pair.differences(*both.values()) if name in policies]
        if own and not any(variants.grows(policies[name]) and _has_purse(policies[name]) for name in own):
            problems.append(
                f"public_cost={asked:g}: {', '.join(own)} ({arm}): no purse (budget or size above zero), so no scaling costs this"
            )
    return problems


def _has_purse(settings):
    """Whether the treasury ever puts money into the purse of a programme."""
    return any(settings.get(key) for key in ("budget", "size"))


def reach(config, names):
    """(lowest, highest factor, knob that meets its bound there) at which all knobs of the named policies that grow are
    inside the bounds of their yaml.
    """
    low, high, knob = SMALLEST, math.inf, ""
    for name in names:
        for key, (least, most) in variants.reach(
            name, config.resolved["policy"][name], config.resolved["configs"]
        ).items():
            low = max(low, least)
            if most < high:
                high, knob = most, f"policy.{name}.{key}"
    return low, high, knob


# ---------------------------------------------------------------- the search


def sized(both, asked, runs, run):
    """The Pair in which what each arm has of its own costs `asked` yuan; `run` simulates configs ([Reduced]).

    Raises ConfigError where no factor within the bounds of the knobs reaches it.
    """
    seeds = range(both.about["seed"], both.about["seed"] + min(SEEDS, runs))
    found, said = dict(both.arms), {}
    for arm, config in both.arms.items():
        names = [name for name in both.about["differing"] if name in config.resolved["policy"]]
        if names:
            cost = _Cost(config, names, both.about, seeds, run)
            factor = _factor(cost, asked, *reach(config, names))
            found[arm] = variants.sized(config, dict.fromkeys(names, factor))
            knobs = {
                name: {
                    knob: found[arm].resolved["policy"][name][knob]
                    for knob in variants.grows(config.resolved["policy"][name])
                }
                for name in names
            }
            said[arm] = {
                "asked_cny": float(asked),
                "factor": factor,
                "search_seeds": len(seeds),
                "search_cny": cost(factor),
                "scaled": knobs,
            }
    sized = pair.between(*found.values())
    return replace(sized, about=sized.about | {"equal_cost": said})


class _Cost:
    """The simulated cost of the named policies as a function of their factor; each is computed once."""

    def __init__(self, config, names, about, seeds, run):
        self.config, self.names, self.about, self.seeds, self.run = config, names, about, seeds, run
        self.known = {}

    def __call__(self, factor):
        if factor not in self.known:
            one = variants.sized(self.config, dict.fromkeys(self.names, factor))
            runs = self.run([arms.with_seed(one, seed) for seed in self.seeds])
            first, rate = self.about["first_quarter"], self.about["discount_rate"]
            self.known[factor] = sum(effects.discounted(each.cost(self.names), first, rate) for each in runs) / len(
                runs
            )
        return self.known[factor]


def _factor(cost, asked, low, high, knob):
    """The factor from `low` to `high` at which `cost` is `asked`, up to the tolerance."""
    from scipy.optimize import brentq

    def gap(log_factor):
        found = cost(math.exp(log_factor)) / asked - 1.0
        return 0.0 if abs(found) < TOLERANCE else found

    near, far = _bracket(cost, asked, low, high, knob)
    if near != far and gap(math.log(near)) and gap(math.log(far)):
        brentq(gap, *sorted((math.log(near), math.log(far))), xtol=1e-4, maxiter=30, disp=False)
    best = min(cost.known, key=lambda factor: abs(cost.known[factor] - asked))
    if abs(cost(best) / asked - 1.0) > WIDEST:
        below, above = (
            choose((known for known in cost.known.values() if (known < asked) == less), default=cost(best))
            for choose, less in ((max, True), (min, False))
        )
        raise ConfigError(
            [
                f"public_cost={asked:g}: no size of {', '.join(cost.names)} costs this: near {best:.4g} times it the cost jumps from {below:.4g} to {above:.4g} yuan"
            ]
        )
    return best


def _bracket(cost, asked, low, high, knob):
    """Two factors between which the cost passes what is asked; the same one twice where it is met."""
    near = min(max(1.0, low), high)
    grows = cost(near) < asked
    while abs(cost(near) / asked - 1.0) >= TOLERANCE:
        edge = high if grows else low
        step = (asked / cost(near)) ** 1.5 if cost(near) > 0 else LONGEST  # beyond what is asked, to have it in between
        far = near * min(max(step, 1 / LONGEST), LONGEST)
        far = min(far, edge) if grows else max(far, edge)
        if (cost(far) < asked) == grows and abs(
            cost(far) - cost(near)
        ) < 0.01 * asked:  # no more takers, or costs that no purse holds back
            far = edge
        if (cost(far) < asked) != grows:
            return near, far
        if far == edge and abs(cost(far) / asked - 1.0) >= TOLERANCE:
            size = f"{far:.3g} times their size" + (f", where {knob} meets its bound" if grows else "")
            raise ConfigError(
                [
                    f"public_cost={asked:g}: out of reach: {', '.join(cost.names)} cost {cost(far):.4g} yuan at {size}, {cost(1.0):.4g} as they stand"
                ]
            )
        near = far
    return near, near


def achieved(about, rows):
    """What the programmes cost over all seeds, to be told with `about`; `rows` are the totals of each arm."""
    said = {}
    for arm, found in about.get("equal_cost", {}).items():
        cost = intervals.mean(rows[arm]["cost_discounted_cny"].to_numpy())
        said[arm] = found | {"achieved_cny": float(cost.value), "low": float(cost.low), "high": float(cost.high)}
    return {"equal_cost": said} if said else {}
