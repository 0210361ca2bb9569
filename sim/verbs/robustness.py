"""`sim robustness`: do policies do better than others in other worlds too, and where do they fail.

    worlds.csv        one row a world: parameters, shocks and rules, effect on each outcome, whether the policy fails
    regret.csv        one row an outcome and alternative: mean, regret, share of worlds in which it is best
    conditions.csv    one row a shock or rule, there or not: mean effect with interval, share of worlds in which the
                      policy fails
    box.csv           one row a limit of the box in which the policy fails; empty where none is better than chance
    runs.csv          one row a world, alternative and seed: outcomes, discounted cost
    robustness.json   what was asked, the sentence, versions, machine, time
    policy.yaml, against.yaml   the config of each alternative in the world as it is
    figures/          regret, conditions and box: svg and the data of each
    DONE or FAILED    how it ended

A world is a Latin hypercube's draw of parameters (or a row of the posterior), of each shock on or off, and of one
set of rules (`worlds.py`). All alternatives (the policy, what it is compared with, and no policy) share the seeds of
each world. Regret of an alternative is how much more of an outcome the best alternative has in the same world, means
over seeds; costs do not enter it. With few seeds a world a failure may be luck: a box of worlds that fail more often
is therefore compared with boxes of shuffled failures (`sim.statistics.discovery`).
"""

import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.runs import amount as amounts
from sim.runs import arms
from sim.settings import contrast, counterfactuals
from sim.settings.fields import number
from sim.statistics import discovery, intervals
from sim.verbs import keys, measures, shell, worlds
from sim.verbs.screen import WIDTH, in_words, interval, short
from sim.world.calendar import quarter_name

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be tried, as sentences."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"runs": 1, "draws": 10}, ["runs"])
    number("fails", asked["fails"], float, -1e15, 1e15, problems)
    number("reach", asked["reach"], float, 0.001, 1.0, problems)
    problems += keys.check_outcomes(asked["outcomes"], measures.NAMES)
    if asked["shocks"] is not None:
        problems += keys.check_names("shocks", asked["shocks"], list(resolved["shock"]), least=0)
    problems += worlds.check(asked, resolved)
    problems += contrast.check(tree, resolved)
    return problems or keys.check_amount(3 * asked["draws"] * asked["runs"])


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: try, write a folder of its own in `config.output`, print a screen; returns the folder, None where it
    only says how many runs that is.
    """
    if amounts.told(config, amount(config)):
        return None
    return shell.command(config, "robustness", plan(config), compute, figures)


def amount(config):
    """The Amount of runs that a config asks for."""
    planned = plan(config)
    configs = _configs(config, planned, worlds.draw(config, planned.about["shocks"])[1])
    return amounts.of(configs, config.experiment["store"], measures.at_once(config))


def robustness(config):
    """The Robustness that a checked config with the verb `robustness` describes. Runs are kept in its store."""
    return compute(config, plan(config))


def plan(config):
    """What is tried: the policy, what it is compared with, and no policy where neither is that."""
    pair, present, asked = contrast.of(config), list(config.resolved["shock"]), config.experiment["shocks"]
    shocks = present if asked is None else list(asked)
    alternatives = {name: list(arm.resolved["policy"]) for name, arm in pair.arms.items()}
    if all(alternatives.values()):
        alternatives["none"] = []
    starts = [measures.first_start(arm, alternatives[name]) for name, arm in pair.arms.items() if alternatives[name]]
    about = shell.about(
        config,
        title=f"{pair.about['title']} in {config.experiment['draws']} worlds",
        alternatives=alternatives,
        first_quarter=min(starts),
        last_quarter=quarter_name(config.end),
        discount_rate=config.city.discount_rate,
        shocks=shocks,
        always=[name for name in present if name not in shocks],
    )
    return shell.Plan(about, pair.arms)


def compute(config, plan):
    """The Robustness of a plan."""
    about = plan.about
    origin, tried = worlds.draw(config, about["shocks"])
    configs = _configs(config, plan, tried)
    names = list(dict.fromkeys(name for policies in about["alternatives"].values() for name in policies))
    values = measures.measure(config, configs, about["first_quarter"], names)
    shape = (len(tried), len(about["alternatives"]), about["runs"], -1)
    return assess(about | {"drawn_from": origin}, tried, values.reshape(shape))


def _configs(config, plan, tried):
    """The config of each world, alternative and seed, in this order."""
    about, rules, alternatives = plan.about, config.experiment["rules"], dict(plan.arms)
    if "none" in about["alternatives"]:
        alternatives["none"] = counterfactuals.with_only_policies(config.one_run(), [])
    return [
        arms.with_seed(worlds.placed(alternative, world, rules, about["always"]), seed)
        for world in tried.to_dict("records")
        for alternative in alternatives.values()
        for seed in range(about["seed"], about["seed"] + about["runs"])
    ]


# ---------------------------------------------------------------- tables


@dataclass
class Robustness(shell.Result):
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

    @property
    def headline(self):
        """Where it fails."""
        return self.about["sentence"]

    def __repr__(self):
        return f"Robustness({len(self.worlds)} worlds, {self.about['sentence']!r})"

    def __str__(self):
        return screen(self)


def assess(about, tried, values):
    """The Robustness in the frame of worlds `tried` of `values`, an array (worlds, alternatives, seeds, MEASURES),
    alternatives in the order of `about`.
    """
    names, goals = list(about["alternatives"]), measures.goals(about["outcomes"])
    means = {goal.measure.name: values[..., goal.column].mean(axis=2) for goal in goals}
    effects = {
        outcome: levels[:, names.index("policy")] - levels[:, names.index("against")]
        for outcome, levels in means.items()
    }
    first = effects[goals[0].measure.name]
    failed = goals[0].sign * first <= about["fails"]
    valid = ~np.isnan(first)
    box = discovery.discover(worlds.inputs(tried)[valid].reset_index(drop=True), failed[valid], about["seed"])
    rows = [
        {
            "world": w,
            "alternative": name,
            "seed": about["seed"] + s,
            **dict(zip(measures.NAMES, values[w, a, s], strict=True)),
        }
        for w in range(len(tried))
        for a, name in enumerate(names)
        for s in range(values.shape[2])
    ]
    return Robustness(
        about=about | {"sentence": sentence(about, box, failed) + by_rules(tried["rules"], failed)},
        worlds=tried.assign(**{f"effect_{outcome}": effect for outcome, effect in effects.items()}, fails=failed),
        regret=_regret(names, goals, means),
        conditions=_conditions(tried, effects, failed),
        box=_box(box),
        runs=pd.DataFrame(rows),
    )


def _regret(names, goals, means):
    """One row an outcome and alternative; `means` maps an outcome to levels (worlds, alternatives)."""
    rows = []
    for measure, sign, _ in goals:
        levels = means[measure.name]
        levels = levels[~np.isnan(levels).any(axis=1)]
        regrets = (sign * levels).max(axis=1, keepdims=True, initial=-np.inf) - sign * levels
        for a, name in enumerate(names):
            regret = regrets[:, a] if len(regrets) else np.array([np.nan])
            row = {"outcome": measure.name, "title": measure.title, "unit": measure.unit, "alternative": name}
            row |= {
                "mean": levels[:, a].mean() if len(levels) else np.nan,
                "regret_mean": regret.mean(),
                "regret_median": np.median(regret),
                "regret_90": np.quantile(regret, 0.9),
                "regret_most": regret.max(),
                "best_share": (regret == 0).mean(),
                "worlds": len(levels),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _conditions(tried, effects, failed):
    """One row an outcome and condition that holds for any of the worlds: a shock or set of rules, there or not."""
    switches = {"all worlds": np.ones(len(tried), bool)}
    switches |= {name: (tried[name] == 1).to_numpy() for name in tried if name.startswith("shock.")}
    switches |= {f"rules.{rule}": (tried["rules"] == rule).to_numpy() for rule in sorted(set(tried["rules"]))}
    rows = []
    for outcome, effect in effects.items():
        for condition, there in switches.items():
            for state, chosen in (("there", there), ("not there", ~there)):
                if chosen.any():
                    estimate = intervals.mean(effect[chosen & ~np.isnan(effect)])
                    row = {"outcome": outcome, "condition": condition, "state": state, "effect": estimate.value}
                    row |= {"effect_low": estimate.low, "effect_high": estimate.high}
                    rows.append(row | {"fails_share": failed[chosen].mean(), "worlds": int(chosen.sum())})
    return pd.DataFrame(rows)


def _box(box):
    columns = ["dimension", "low", "high", "coverage", "density", "share", "mass", "p", "chance"]
    if box is None:
        return pd.DataFrame(columns=columns)
    head = box._asdict()
    limits = head.pop("limits")
    rows = [{"dimension": name, "low": low, "high": high, **head} for name, (low, high) in limits.items()]
    return pd.DataFrame(rows, columns=columns)


def sentence(about, box, failed):
    """What scenario discovery says, in a sentence."""
    goal, count = about["outcomes"][0], len(failed)
    direction = "reduction of" if goal.startswith("-") else "effect on"
    failing = f"{direction} {goal.removeprefix('-')} at or below {short(about['fails'])}"
    failing += f", against {_policies(about, 'against')}"
    if failed.all() or not failed.any():
        return f"The policy fails in {'all' if failed.all() else 'none'} of {count} worlds ({failing})."
    if box is None:
        return (
            f"The policy fails in {failed.sum()} of {count} worlds ({failing}); "
            "no box of worlds fails more often than chance would have it."
        )
    where = " and ".join(worlds.limit_in_words(name, *ends) for name, ends in box.limits.items())
    inside = round(box.mass * count)
    return (
        f"The policy fails where {where} ({failing}): "
        f"{round(box.density * inside)} of the {inside} worlds there fail (density {100 * box.density:.0f}%), "
        f"{100 * box.coverage:.0f}% of all failures lie there (coverage), and {100 * box.share:.0f}% of all worlds "
        f"fail; permutation test p = {box.p:.2g}."
    )


def by_rules(rules, failed):
    """In how many worlds of each set of rules the policy fails, a sentence; nothing where there is but one set, or all
    or no worlds fail. `rules` is a Series of their names.
    """
    if rules.nunique() == 1 or failed.all() or not failed.any():
        return ""
    names = {worlds.AS_IS: "the rules as they are"}
    counts = [
        f"{failed[rules == rule].sum()} of {(rules == rule).sum()} worlds with {names.get(rule, rule)}"
        for rule in sorted(set(rules), key=lambda rule: (rule != worlds.AS_IS, rule))
    ]
    return f" By rules it fails in {', '.join(counts)}."


def _policies(about, alternative):
    return ", ".join(about["alternatives"][alternative]) or "no policy"


# ---------------------------------------------------------------- screen


def screen(robustness):
    """The robustness as text."""
    about, tried = robustness.about, robustness.worlds
    seeds = f"{about['runs']} seed{'s' if about['runs'] > 1 else ''} each, scale {about['scale']:g}"
    ours, theirs = (_policies(about, arm) for arm in ("policy", "against"))
    drawn = sum(name.startswith("mechanism.") for name in tried)
    shocks, rules = ", ".join(about["shocks"]) or "none", ", ".join(sorted(set(tried["rules"])))
    lines = textwrap.wrap(f"{ours} against {theirs} in {len(tried)} worlds, {seeds}", WIDTH)
    lines += textwrap.wrap(
        f"Worlds: {drawn} parameters from {about['drawn_from']}, shocks {shocks}, rules {rules}.", WIDTH
    )
    lines += ["", f"{'Regret':40}{'mean level':>12}{'mean':>10}{'median':>10}{'90%':>10}{'worst':>10}{'best in':>9}"]
    for row in robustness.regret.itertuples():
        size, unit = in_words(row.unit)
        values = (row.mean, row.regret_mean, row.regret_median, row.regret_90, row.regret_most)
        level, *regret = (short(value / size) for value in values)
        columns = "".join(f"{text:>10}" for text in regret)
        title = f"{row.title}, {unit}: {row.alternative}"
        lines.append(f"{title:40}{level:>12}{columns}{100 * row.best_share:>8.0f}%")
    head = robustness.regret.iloc[0]
    size, unit = in_words(head["unit"])
    lines += ["", f"Effect on {head['title'].lower()}, {unit}, and share of worlds in which the policy fails"]
    conditions = robustness.conditions
    for row in conditions[conditions["outcome"] == head["outcome"]].itertuples():
        name = row.condition if row.condition == "all worlds" else f"{row.condition} {row.state}"
        effect, ends = short(row.effect / size), interval(row.effect_low / size, row.effect_high / size)
        lines.append(f"{name:40}{effect:>12} {ends:22}{100 * row.fails_share:>5.0f}% of {row.worlds}")
    return "\n".join([*lines, "", *textwrap.wrap(about["sentence"], WIDTH)])


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figures of the robustness in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_robustness(folder, kinds)
