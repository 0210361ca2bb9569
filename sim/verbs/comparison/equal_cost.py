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
from sim.settings import contrast, counterfactuals
from sim.settings.fields import number
from sim.settings.refusals import ConfigError
from sim.statistics import effects, intervals

SEEDS = 4  # of the search
TOLERANCE, WIDEST = 0.005, 0.05  # of the cost asked: where the search stops, and the gap that no longer counts as equal
SMALLEST = 1e-6  # factor, where knobs may go to zero
BRACKET, ITERATIONS = 8, 30  # factors until the cost asked lies between two, and then; few need half of them
LONGEST = 64.0  # step from one factor to the next


# ---------------------------------------------------------------- what can be asked


def check(tree, resolved, sound):
    """What is wrong with `public_cost`, as sentences; `sound` says whether the contrast itself is right."""
    asked = tree["experiment"]["public_cost"]
    if asked is None:
        return []
    problems = []
    number("public_cost", asked, float, 1.0, 1e13, problems, "yuan from 1 to 1e+13, or null")
    if problems or not sound:
        return problems
    other = contrast.other_arm(tree, resolved)
    by_arm = {"policy": resolved["policy"], "against": other.resolved["policy"]}
    differing = contrast.differences(*by_arm.values())
    for arm, policies in by_arm.items():
        names = [name for name in differing if name in policies]
        sizeable = [
            name for name in names if counterfactuals.growing_knobs(policies[name]) and _has_purse(policies[name])
        ]
        if names and not sizeable:
            problems.append(
                f"public_cost={asked:g}: {', '.join(names)} ({arm}): no purse (budget or size above zero), "
                "so no scaling costs this"
            )
    return problems


def _has_purse(settings):
    """Whether the treasury ever puts money into the purse of a programme."""
    return any(settings.get(key) for key in ("budget", "size"))


def reach(config, names):
    """(lowest, highest factor, knob that meets its bound there) at which all knobs of the named policies that grow are
    inside the bounds of their yaml.
    """
    low, high, highest_knob = SMALLEST, math.inf, ""
    for name in names:
        settings = config.resolved["policy"][name]
        for knob, (least, most) in counterfactuals.factor_bounds(name, settings, config.resolved["configs"]).items():
            low = max(low, least)
            if most < high:
                high, highest_knob = most, f"policy.{name}.{knob}"
    return low, high, highest_knob


# ---------------------------------------------------------------- the search


def sized(pair, asked, runs, simulate):
    """The Contrast in which what each arm has of its own costs `asked` yuan; `pair` is the one at the sizes of the
    config, `simulate` turns configs into [Reduced], `runs` is how many seeds there are.

    Raises ConfigError where no factor within the bounds of the knobs reaches it.
    """
    seeds = range(pair.about["seed"], pair.about["seed"] + min(SEEDS, runs))
    by_arm, told = dict(pair.arms), {}
    for arm, config in pair.arms.items():
        names = [name for name in pair.about["differing"] if name in config.resolved["policy"]]
        if names:
            cost = _Cost(config, names, pair.about, seeds, simulate)
            factor = _factor(cost, asked, *reach(config, names))
            by_arm[arm] = counterfactuals.scaled(config, dict.fromkeys(names, factor))
            settings, settings_before = (one.resolved["policy"] for one in (by_arm[arm], config))
            told[arm] = {
                "asked_cny": float(asked),
                "factor": factor,
                "search_seeds": len(seeds),
                "search_cny": cost(factor),
                "scaled": {
                    name: {knob: settings[name][knob] for knob in counterfactuals.growing_knobs(settings_before[name])}
                    for name in names
                },
            }
    scaled = contrast.between(*by_arm.values())
    return replace(scaled, about=scaled.about | {"equal_cost": told})


def most_runs(pair, runs):
    """How many runs the search may take at most: for each arm with policies of its own a factor after the other."""
    sized_arms = sum(
        any(name in config.resolved["policy"] for name in pair.about["differing"]) for config in pair.arms.values()
    )
    return sized_arms * (BRACKET + ITERATIONS) * min(SEEDS, runs)


class _Cost:
    """The simulated cost of the named policies as a function of their factor; each is computed once."""

    def __init__(self, config, names, about, seeds, simulate):
        self.config, self.names, self.about, self.seeds, self.simulate = config, names, about, seeds, simulate
        self.by_factor = {}

    def __call__(self, factor):
        if factor not in self.by_factor:
            config = counterfactuals.scaled(self.config, dict.fromkeys(self.names, factor))
            runs = self.simulate([arms.with_seed(config, seed) for seed in self.seeds])
            first, rate = self.about["first_quarter"], self.about["discount_rate"]
            costs = [effects.discounted(run.cost(self.names), first, rate) for run in runs]
            self.by_factor[factor] = sum(costs) / len(costs)
        return self.by_factor[factor]


def _factor(cost, asked, low, high, knob):
    """The factor from `low` to `high` at which `cost` is `asked`, up to the tolerance."""
    from scipy.optimize import brentq

    def gap(log_factor):
        share = cost(math.exp(log_factor)) / asked - 1.0
        return 0.0 if abs(share) < TOLERANCE else share

    near, far = _bracket(cost, asked, low, high, knob)
    if near != far and gap(math.log(near)) and gap(math.log(far)):
        brentq(gap, *sorted((math.log(near), math.log(far))), xtol=1e-4, maxiter=ITERATIONS, disp=False)
    best = min(cost.by_factor, key=lambda factor: abs(cost.by_factor[factor] - asked))
    if abs(cost(best) / asked - 1.0) > WIDEST:
        costs = cost.by_factor.values()
        below = max((one for one in costs if one < asked), default=cost(best))
        above = min((one for one in costs if one >= asked), default=cost(best))
        raise ConfigError(
            [
                f"public_cost={asked:g}: no size of {', '.join(cost.names)} costs this: near {best:.4g} times it the "
                f"cost jumps from {below:.4g} to {above:.4g} yuan"
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
        stands_still = abs(cost(far) - cost(near)) < 0.01 * asked  # nobody more to pay, or costs that no purse limits
        if (cost(far) < asked) == grows and stands_still:
            far = edge
        if (cost(far) < asked) != grows:
            return near, far
        if far == edge and abs(cost(far) / asked - 1.0) >= TOLERANCE:
            size = f"{far:.3g} times their size" + (f", where {knob} meets its bound" if grows else "")
            raise ConfigError(
                [
                    f"public_cost={asked:g}: out of reach: {', '.join(cost.names)} cost {cost(far):.4g} yuan at "
                    f"{size}, {cost(1.0):.4g} as they stand"
                ]
            )
        near = far
    return near, near


def achieved(about, rows):
    """What the programmes cost over all seeds, to be told with `about`; `rows` are the totals of each arm."""
    told = {}
    for arm, sizes in about.get("equal_cost", {}).items():
        cost = intervals.mean(rows[arm]["cost_discounted_cny"].to_numpy())
        ends = {end: None if math.isnan(x) else float(x) for end, x in (("low", cost.low), ("high", cost.high))}
        told[arm] = sizes | {"achieved_cny": float(cost.value), **ends}
    return {"equal_cost": told} if told else {}
