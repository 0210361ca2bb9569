"""`sim robustness`: do policies do better than others in other worlds too, and where do they fail.

    worlds.csv      one row a world: parameters, shocks and rules, effect on each outcome, whether the policy fails
    regret.csv      one row an outcome and alternative: mean, regret, share of worlds in which it is best
    conditions.csv  one row a shock or rule, there or not: mean effect with interval, share of worlds in which the
    policy fails box.csv         one row a limit of the box in which the policy fails; empty where none is better
    than chance runs.csv        one row a world, alternative and seed: outcomes, discounted cost robustness.json what
    was asked, the sentence, versions, machine, time policy.yaml, against.yaml   the config of each alternative in
    the world as it is figures/        regret, conditions and box: SVG, PDF and the data of each DONE or FAILED  how
    it ended

A world is a Latin hypercube's draw of parameters (or a row of the posterior), of each shock on or off, and of one
set of rules. All alternatives (the policy, what it is held against, and no policy) share the seeds of each world.
Regret of an alternative is how much more of an outcome the best alternative has in the same world, means over seeds;
costs do not enter it. With few seeds a world a failure may be luck: a box of worlds that fail more often is
therefore held against shuffled failures (`discovery.py`).
"""

import importlib.util
import json
import math
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim.runs import arms
from sim.runs.folders import write_csv, write_json, write_text
from sim.settings import variants
from sim.settings.config import with_policies
from sim.settings.fields import number
from sim.settings.files import CONFIGS, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown
from sim.statistics import discovery, intervals
from sim.verbs import screen
from sim.verbs import shell as verb
from sim.world.calendar import quarter_name

POSTERIOR = "results/calibration/fit/draws.csv"  # where a calibration leaves its draws
AS_IS = "as_is"


# ---------------------------------------------------------------- what is asked


def check(tree, resolved):
    """What cannot be tried, as sentences."""
    asked = tree["experiment"]
    problems = verb.check(tree, resolved, {"runs": 1, "draws": 10}, ["runs"])
    if importlib.util.find_spec("prim") is None:
        problems.append("robustness: needs the library PRIM; pip install 'silicon-bund[robustness]'")
    number("fails", asked["fails"], float, -1e15, 1e15, problems)
    number("reach", asked["reach"], float, 0.001, 1.0, problems)
    wanted = asked["outcomes"]
    bare = (
        [name.removeprefix("-") if isinstance(name, str) else name for name in wanted]
        if isinstance(wanted, list)
        else wanted
    )
    problems += verb.check_names("outcomes", bare, verb.NAMES)
    problems += (
        verb.check_names("shocks", asked["shocks"], list(resolved["shock"]), least=0)
        if asked["shocks"] is not None
        else []
    )
    rules = _check_rules(asked["rules"]) or verb.check_names(
        "structures", asked["structures"], list(asked["rules"]), least=0
    )
    switched = {} if rules else {name: asked["rules"][name] for name in asked["structures"]}
    problems += rules + _check_posterior(asked["posterior"], resolved["mechanism"], switched)
    problems += _check_parameters(asked["parameters"], resolved["mechanism"], switched)
    problems += _check_against(asked["against"], tree, resolved)
    return problems or verb.check_amount(3 * asked["draws"] * asked["runs"])


def _check_posterior(path, mechanisms, switched):
    if not isinstance(path, str) or not path.strip():
        return [f"posterior={shown(path)}: should be a csv file"]
    if not Path(path).is_file():
        return [f"posterior={path}: no such file"] if path != POSTERIOR else []
    try:
        names = list(_posterior(path))
    except (ValueError, OSError) as error:
        return [f"posterior={path}: cannot be read: {' '.join(str(error).split())}"]
    return (
        _check_parameters(names, mechanisms, switched, f"posterior={path}: ")
        if names
        else [f"posterior={path}: has no columns such as founding.taste"]
    )


def _check_parameters(names, mechanisms, switched, where="parameters="):
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [f"parameters={shown(names)}: should be a list such as [mechanism.founding.taste]"]
    known = [f"mechanism.{mechanism}.{key}" for mechanism, settings in mechanisms.items() for key in settings]
    known += [
        f"mechanism.{mechanism}.{key}.{place}"
        for mechanism, settings in mechanisms.items()
        for key, value in settings.items()
        if isinstance(value, list)
        for place in range(len(value))
    ]
    problems = [f"{where}{name}: no such parameter{nearest(name, known)}" for name in names if name not in known]
    problems += [f"{where}{name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    for name in (name for name in names if name in known):
        _, mechanism, key, *place = name.split(".")
        if not place and (
            not isinstance(mechanisms[mechanism][key], (int, float)) or isinstance(mechanisms[mechanism][key], bool)
        ):
            problems.append(f"{where}{name}: is no single number; only those can be drawn")
        setting = [rule for rule, changed in switched.items() if key in changed.get(mechanism, {})]
        problems += [f"{where}{name}: is set by the structure {rule}; leave one of them out" for rule in setting]
    return problems


def _check_rules(rules):
    """Rules of one's own stand in a yaml; each maps mechanisms to parameters within their bounds."""
    if not isinstance(rules, dict) or not all(
        isinstance(changed, dict) and all(isinstance(s, dict) for s in changed.values()) for changed in rules.values()
    ):
        return [
            f"rules={shown(rules)}: should map a name to parameters, such as {{even: {{learning: {{failure_weight: 4}}}}}}"
        ]
    problems = (
        [f"rules.{AS_IS}: is what the rules as they are are called; choose another name"] if AS_IS in rules else []
    )
    for name, changed in rules.items():
        for mechanism, settings in changed.items():
            place, path = f"rules.{name}.{mechanism}", options("mechanism").get(mechanism)
            declared = read_yaml(path) if path else {}
            problems += [] if path else [f"{place}: no such mechanism{nearest(mechanism, options('mechanism'))}"]
            problems += [
                f"{place}.{key}: no such parameter{nearest(key, declared)}"
                for key in settings
                if path and key not in declared
            ]
            known = {key: declared[key] for key in settings if key in declared}
            problems += [
                f"{place}.{key}: is no single number; only those can be set"
                for key, node in known.items()
                if isinstance(node["value"], list)
            ]
            for key, node in known.items():
                if not isinstance(node["value"], list):
                    number(f"{place}.{key}", settings[key], float, node["low"], node["high"], problems)
    return problems


def _check_against(against, tree, resolved):
    known = options("policy", resolved["configs"])
    names = [] if against == "none" else [against] if isinstance(against, str) else against
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [
            f"against={shown(against)}: should be history, none, or a list of policies such as [sandbox,talent_visa]"
        ]
    problems = [f"against={name}: no such policy{nearest(name, known)}" for name in names if name not in known]
    problems += [f"against={name}: chosen twice" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        return problems
    try:
        other = with_policies(tree, names)
    except ConfigError as error:  # what is wrong with both is told already
        return [
            f"against={shown(against)}: {text}" for text in error.problems if text.startswith(("policy", "without"))
        ]
    same = other.resolved["policy"] == resolved["policy"]
    return (
        [
            f"against={shown(against)}: is the same as policy, so nothing can differ; name others by policy=[...] or against=[...]"
        ]
        if same
        else []
    )


# ---------------------------------------------------------------- trying


@dataclass
class Robustness:
    """Alternatives in many worlds.

    `about` says what was asked, with the sentence; the frames are the files described above.
    """

    about: dict
    worlds: pd.DataFrame
    regret: pd.DataFrame
    conditions: pd.DataFrame
    box: pd.DataFrame
    runs: pd.DataFrame

    def plot(self):
        """The worlds with the box, a Matplotlib figure."""
        from sim.plots import box

        return box.figure(box.data({"worlds": self.worlds, "box": self.box, "about": self.about}))

    def __repr__(self):
        return f"Robustness({len(self.worlds)} worlds, {self.about['sentence']!r})"

    def __str__(self):
        return summary(self)


def command(config):
    """The verb: try, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    said = describe(config)
    with verb.result(config, said, "robustness.json") as folder:
        for name, alternative in alternatives(config).items():
            if name != "none":
                write_text(folder / f"{name}.yaml", variants.yaml_of(alternative))
        found = _robustness(config, said)
        for name in ("worlds", "regret", "conditions", "box", "runs"):
            write_csv(folder / f"{name}.csv", getattr(found, name))
        write_json(folder / "robustness.json", said | {"status": "running"})
        _draw(folder)
    print(found)
    print(f"\nin {folder}")
    return folder


def robustness(config):
    """The Robustness that a checked config with the verb `robustness` describes. Runs are kept in its store."""
    return _robustness(config, describe(config))


def alternatives(config):
    """Name -> plain Config of the policy, of what it is held against, and of no policy where neither is that."""
    base = config.one_run()
    found = {
        "policy": base,
        "against": variants.alternative(config, config.experiment["against"]),
        "none": variants.chosen(base, []),
    }
    bare = [name for name in ("policy", "against") if not found[name].policies]
    return {name: one for name, one in found.items() if name != "none" or not bare}


def describe(config):
    """What is tried, as a plain dict."""
    arms_of = alternatives(config)
    others = {name: list(one.resolved["policy"]) for name, one in arms_of.items()}
    first = min(verb.opening(one, names) for one, names in zip(arms_of.values(), others.values(), strict=True) if names)
    shocks = list(config.resolved["shock"]) if config.experiment["shocks"] is None else config.experiment["shocks"]
    said = verb.about(
        config,
        alternatives=others,
        first_quarter=first,
        last_quarter=quarter_name(config.end),
        discount_rate=config.city.discount_rate,
    )
    return said | {"shocks": list(shocks), "always": [name for name in config.resolved["shock"] if name not in shocks]}


def _robustness(config, said):
    said["drawn_from"], worlds = draw(config, said)
    others, rules = alternatives(config), config.experiment["rules"]
    seeds = range(said["seed"], said["seed"] + said["runs"])
    configs = []
    for world in worlds.to_dict("records"):
        values = {
            tuple(name.split(".", 2)[1:]): value for name, value in world.items() if name.startswith("mechanism.")
        }
        switched = rules[world["rules"]] if world["rules"] != AS_IS else {}
        values |= {
            (mechanism, key): value for mechanism, settings in switched.items() for key, value in settings.items()
        }
        strikes = [*said["always"], *(name for name in said["shocks"] if world[f"shock.{name}"])]
        there = [variants.with_parameters(variants.struck(one, strikes), values) for one in others.values()]
        configs += [arms.with_seed(one, seed) for one in there for seed in seeds]
    names = list(dict.fromkeys(name for one in others.values() for name in one.resolved["policy"]))
    values = verb.measure(configs, config.experiment, said["first_quarter"], names)
    return assess(said, worlds, values.reshape(len(worlds), len(others), len(seeds), -1))


def draw(config, said):
    """(where parameters come from, a frame of worlds): mechanism.x.y, shock.name (0 or 1), rules."""
    from scipy.stats import qmc

    asked = config.experiment
    posterior = _posterior(asked["posterior"]) if _is_of(asked["posterior"], config.city.name) else pd.DataFrame()
    drawn = [name for name in asked["parameters"] if name not in posterior]
    cube = qmc.LatinHypercube(len(drawn) + len(said["shocks"]) + 1, rng=np.random.default_rng(config.seed)).random(
        asked["draws"]
    )
    worlds = {}
    if len(posterior.columns):
        rows = np.random.default_rng(config.seed).choice(
            len(posterior), asked["draws"], replace=len(posterior) < asked["draws"]
        )
        worlds = {name: posterior[name].to_numpy()[rows] for name in posterior}
    for column, name in enumerate(drawn):
        _, mechanism, key = name.split(".")
        node = read_yaml(CONFIGS / "mechanism" / f"{mechanism}.yaml")[key]
        worlds[name] = spread(
            cube[:, column], config.resolved["mechanism"][mechanism][key], node["low"], node["high"], asked["reach"]
        )
    for column, name in enumerate(said["shocks"], len(drawn)):
        worlds[f"shock.{name}"] = (cube[:, column] < 0.5).astype(int)
    rules = [AS_IS, *asked["structures"]]
    worlds["rules"] = [rules[int(share * len(rules))] for share in cube[:, -1]]
    origin = (
        f"{asked['posterior']} and bounds"
        if len(posterior.columns) and drawn
        else asked["posterior"]
        if len(posterior.columns)
        else "bounds"
    )
    return origin, pd.DataFrame(worlds)


def spread(shares, value, low, high, reach):
    """Values at `shares` (0 to 1) of the range that leads `reach` of the way from `value` to each bound; in logs where
    bounds span a factor of ten.
    """
    if low > 0 and high / low >= 10:
        low, value, high = math.log(low), math.log(value), math.log(high)
        return np.exp(value + reach * (low - value + shares * (high - low)))
    bottom, top = value + reach * (low - value), value + reach * (high - value)
    return bottom + shares * (top - bottom)


def _is_of(path, city):
    """Whether draws are of this city:

    those that a fit left by default may be of another, a file that somebody names is taken at its word.
    """
    said = Path(path).with_name("fit.json")
    return path != POSTERIOR or (said.is_file() and json.loads(said.read_text("utf-8"))["city"] == city)


def _posterior(path):
    """Draws of parameters from a csv, columns as mechanism.x.y, or a frame without columns where there is no such
    file.
    """
    if not Path(path).is_file():
        return pd.DataFrame()
    draws = pd.read_csv(path)
    draws = draws[[name for name in draws if "." in name]]
    return draws.rename(columns=lambda name: f"mechanism.{name.removeprefix('mechanism.')}")


# ---------------------------------------------------------------- assessing


def assess(said, worlds, values):
    """The Robustness of `values`, an array (worlds, alternatives, seeds, MEASURES), alternatives in the order of
    `said`.
    """
    names = list(said["alternatives"])
    goals = [(text.removeprefix("-"), -1.0 if text.startswith("-") else 1.0) for text in said["outcomes"]]
    means = {name: values[..., verb.NAMES.index(name)].mean(axis=2) for name, _ in goals}
    effects = {
        name: means[name][:, names.index("policy")] - means[name][:, names.index("against")] for name, _ in goals
    }
    first, sign = goals[0]
    failed = sign * effects[first] <= said["fails"]
    table = worlds.assign(**{f"effect_{name}": effect for name, effect in effects.items()}, fails=failed)
    inputs = _inputs(worlds)
    box = discovery.discover(
        inputs[~np.isnan(effects[first])].reset_index(drop=True), failed[~np.isnan(effects[first])], said["seed"]
    )
    said["sentence"] = sentence(said, box, failed) + by_rules(worlds["rules"], failed)
    rows = [
        {
            "world": w,
            "alternative": name,
            "seed": said["seed"] + s,
            **dict(zip(verb.NAMES, values[w, a, s], strict=True)),
        }
        for w in range(len(worlds))
        for a, name in enumerate(names)
        for s in range(values.shape[2])
    ]
    conditions = _conditions(worlds, effects, sign * effects[first] <= said["fails"])
    return Robustness(said, table, _regret(names, goals, means), conditions, _box(box), pd.DataFrame(rows))


def _inputs(worlds):
    """Worlds as numbers: parameters, shocks, and a column of 0 and 1 for each other rule."""
    rules = {
        f"rules.{rule}": (worlds["rules"] == rule).astype(float)
        for rule in dict.fromkeys(worlds["rules"])
        if rule != AS_IS
    }
    return worlds.drop(columns="rules").assign(**rules).astype(float)


def _regret(names, goals, means):
    rows = []
    for outcome, sign in goals:
        levels = means[outcome][~np.isnan(means[outcome]).any(axis=1)]
        regret = (sign * levels).max(axis=1, keepdims=True, initial=-np.inf) - sign * levels
        measure = verb.MEASURES[verb.NAMES.index(outcome)]
        for a, name in enumerate(names):
            own = regret[:, a] if len(regret) else np.array([np.nan])
            row = {
                "outcome": outcome,
                "title": measure.title,
                "unit": measure.unit,
                "alternative": name,
                "mean": levels[:, a].mean() if len(levels) else np.nan,
            }
            row |= {
                "regret_mean": own.mean(),
                "regret_median": np.median(own),
                "regret_90": np.quantile(own, 0.9),
                "regret_most": own.max(),
            }
            rows.append(row | {"best_share": (own == 0).mean(), "worlds": len(levels)})
    return pd.DataFrame(rows)


def _conditions(worlds, effects, failed):
    switches = {name: worlds[name] == 1 for name in worlds if name.startswith("shock.")}
    switches |= {f"rules.{rule}": worlds["rules"] == rule for rule in sorted(set(worlds["rules"]))}
    rows = []
    for outcome, effect in effects.items():
        for name, there in {"all worlds": np.ones(len(worlds), bool), **switches}.items():
            for state, chosen in (("there", there), ("not there", ~there)):
                found = intervals.mean(effect[chosen & ~np.isnan(effect)])
                row = {
                    "outcome": outcome,
                    "condition": name,
                    "state": state,
                    "effect": found.value,
                    "effect_low": found.low,
                    "effect_high": found.high,
                }
                row |= {"fails_share": failed[chosen].mean() if chosen.any() else np.nan, "worlds": int(chosen.sum())}
                rows += [row] if chosen.any() else []
    return pd.DataFrame(rows)


def _box(box):
    columns = ["dimension", "low", "high", "coverage", "density", "share", "mass", "p", "chance"]
    if box is None:
        return pd.DataFrame(columns=columns)
    of = box._asdict()
    limits = of.pop("limits")
    return pd.DataFrame(
        [{"dimension": name, "low": low, "high": high, **of} for name, (low, high) in limits.items()], columns=columns
    )


def sentence(said, box, failed):
    """What scenario discovery says, in a sentence."""
    goal = said["outcomes"][0]
    more = "reduction of" if goal.startswith("-") else "effect on"
    what = (
        f"{more} {goal.removeprefix('-')} at or below {screen.short(said['fails'])}, against {_named(said, 'against')}"
    )
    if failed.all() or not failed.any():
        return f"The policy fails in {'all' if failed.all() else 'none'} of {len(failed)} worlds ({what})."
    if box is None:
        return f"The policy fails in {failed.sum()} of {len(failed)} worlds ({what}); no box of worlds fails more often than chance would have it."
    where = " and ".join(condition(name, *ends) for name, ends in box.limits.items())
    inside = round(box.mass * len(failed))
    hits = f"{round(box.density * inside)} of the {inside} worlds there fail (density {100 * box.density:.0f}%)"
    all_of = (
        f"{100 * box.coverage:.0f}% of all failures lie there (coverage), and {100 * box.share:.0f}% of all worlds fail"
    )
    return f"The policy fails where {where} ({what}): {hits}, {all_of}; permutation test p = {box.p:.2g}."


def by_rules(rules, failed):
    """In how many worlds of each set of rules the policy fails, a sentence; nothing where there is but one set, or all
    or no worlds fail. `rules` is a Series of their names.
    """
    if rules.nunique() == 1 or failed.all() or not failed.any():
        return ""
    called = {AS_IS: "the rules as they are"}
    counts = [
        f"{failed[rules == rule].sum()} of {(rules == rule).sum()} worlds with {called.get(rule, rule)}"
        for rule in sorted(set(rules), key=lambda one: (one != AS_IS, one))
    ]
    return f" By rules it fails in {', '.join(counts)}."


def condition(name, low, high):
    """A limit in words."""
    kind, _, rest = name.partition(".")
    if kind == "shock":
        return f"{rest} strikes" if low > 0 else f"{rest} does not strike"
    if kind == "rules":
        return f"rules are {rest}" if low > 0 else f"rules are not {rest}"
    if math.isinf(low):
        return f"{rest} is below {screen.short(high)}"
    return (
        f"{rest} is above {screen.short(low)}"
        if math.isinf(high)
        else f"{rest} is from {screen.short(low)} to {screen.short(high)}"
    )


def _named(said, name):
    return ", ".join(said["alternatives"][name]) or "no policy"


def _draw(folder):
    from sim import plots

    plots.draw_robustness(folder)


# ---------------------------------------------------------------- on the screen


def summary(found):
    """The robustness as a screen of text."""
    said = found.about
    seeds = f"{said['runs']} seed{'s' if said['runs'] > 1 else ''} each, scale {said['scale']:g}"
    drawn = sum(name.startswith("mechanism.") for name in found.worlds)
    rules = ", ".join(sorted(set(found.worlds["rules"])))
    lines = textwrap.wrap(
        f"{_named(said, 'policy')} against {_named(said, 'against')} in {len(found.worlds)} worlds, {seeds}", 106
    )
    lines += textwrap.wrap(
        f"Worlds: {drawn} parameters from {said['drawn_from']}, shocks {', '.join(said['shocks']) or 'none'}, rules {rules}.",
        106,
    )
    lines += ["", f"{'Regret':40}{'mean level':>12}{'mean':>10}{'median':>10}{'90%':>10}{'worst':>10}{'best in':>9}"]
    for row in found.regret.itertuples():
        size, unit = screen.in_words(row.unit)
        numbers = (
            screen.short(value / size)
            for value in (row.mean, row.regret_mean, row.regret_median, row.regret_90, row.regret_most)
        )
        level, *regret = numbers
        lines.append(
            f"{f'{row.title}, {unit}: {row.alternative}':40}{level:>12}"
            + "".join(f"{text:>10}" for text in regret)
            + f"{100 * row.best_share:>8.0f}%"
        )
    first = found.conditions[found.conditions["outcome"] == said["outcomes"][0].removeprefix("-")]
    size, unit = screen.in_words(found.regret["unit"].iloc[0])
    lines += [
        "",
        f"Effect on {found.regret['title'].iloc[0].lower()}, {unit}, and share of worlds in which the policy fails",
    ]
    for row in first.itertuples():
        name = row.condition if row.condition == "all worlds" else f"{row.condition} {row.state}"
        interval = screen.interval(row.effect_low / size, row.effect_high / size)
        lines.append(
            f"{name:40}{screen.short(row.effect / size):>12} {interval:22}{100 * row.fails_share:>5.0f}% of {row.worlds}"
        )
    return "\n".join([*lines, "", *textwrap.wrap(said["sentence"], 106)])
