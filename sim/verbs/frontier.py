"""`sim frontier`: how large to make each policy, so that no other mix brings more of the chosen outcomes for less
public money.

    front.csv         one row a mix of the front and outcome: sizes, present cost and effect in the search and with
                      fresh seeds
    mixes.csv         one row a mix tried: sizes, present cost, effects, whether within the budget and on the front
    frontier.json     what was asked, versions, machine, time
    policy.yaml       the config of the policies at the sizes of their files, with the first seed
    figures/          the front: svg and the data
    DONE or FAILED    how it ended

A mix gives each policy searched a size, a multiple of its file's (`Instrument.scaled`; 0 leaves it out). Its cost is
what its purses spend, for administration too, less what they recover, discounted to the first start of a policy
searched; its effects are mean paired differences against the same policies without those searched. Optuna's NSGA-II
proposes mixes, which are judged with the seeds `seed` to `seed + runs - 1`. What it picks looks better than it is,
as luck helps to be picked (the winner's curse); hence all mixes of the front are judged again with `fresh_runs`
further seeds, and both values are shown. Effects of one set of seeds share the luck of the runs without the
policies, so that all may move one way between the two. The search is a heuristic: more generations find more. The
same seed gives the same search, bit by bit, so that a repeated command goes on where an interrupted one stopped.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.runs import amount as amounts
from sim.runs import arms, questions
from sim.settings import counterfactuals
from sim.settings.fields import number
from sim.settings.refusals import shown
from sim.statistics import intervals, pareto
from sim.verbs import keys, measures, shell
from sim.verbs.screen import BILLION, effect_in_words, in_words, interval, short
from sim.world.calendar import quarter_name

STEP = 0.1  # between the sizes of a policy that the search tells apart

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be searched, as sentences."""
    asked, present = tree["experiment"], list(resolved["policy"])
    least = {"population": 4, "generations": 1, "runs": 2, "fresh_runs": 2}
    problems = keys.check(tree, resolved, least, ["runs", "fresh_runs"])
    if asked["public_cost"] is None:
        problems.append("public_cost: has to be said, in yuan at scale 1, such as public_cost=2e10")
    else:
        number("public_cost", asked["public_cost"], float, 1.0, 1e14, problems)
    number("largest", asked["largest"], float, 0.1, 1000.0, problems)
    problems += keys.check_outcomes(asked["outcomes"], [name for name in measures.NAMES if name != measures.COST.name])
    key, searched = ("policy", present) if asked["searched"] is None else ("searched", asked["searched"])
    problems += keys.check_names(key, searched, present)
    if problems:
        return problems
    settings, configs = resolved["policy"], resolved["configs"]
    fixed = [name for name in searched if counterfactuals.largest_factor(name, settings[name], configs) <= 0.0]
    others = shown([name for name in searched if name not in fixed])
    problems += [f"policy={name}: has no size that could grow; leave it out of searched={others}" for name in fixed]
    mixes = asked["population"] * asked["generations"]
    runs = (mixes + 1) * asked["runs"] + mixes * asked["fresh_runs"]
    return problems + keys.check_starts(resolved, searched) + keys.check_amount(runs)


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: search, write a folder of its own in `config.output`, print a screen; returns the folder, None where it
    only says how many runs that may be.
    """
    if amounts.told(config, amount(config)):
        return None
    return shell.command(config, "frontier", plan(config), compute, figures)


def amount(config):
    """The Amount of runs that a config asks for at most: each mix may be new, and may be on the front."""
    asked = config.experiment
    without = counterfactuals.scaled(config.one_run(), dict.fromkeys(plan(config).about["searched"], 0.0))
    seeds = range(config.seed, config.seed + asked["runs"] + asked["fresh_runs"])
    mixes = asked["population"] * asked["generations"]
    searched = [config] * (mixes * len(seeds))
    bases = [arms.with_seed(without, seed) for seed in seeds]
    return amounts.of(bases, asked["store"], measures.at_once(config), searched)


def frontier(config):
    """The Frontier that a checked config with the verb `frontier` describes. Runs are kept in its store."""
    return compute(config, plan(config))


def plan(config):
    """What is searched."""
    settings, configs = config.resolved["policy"], config.resolved["configs"]
    searched = list(config.experiment["searched"] or settings)
    bounds = [counterfactuals.largest_factor(name, settings[name], configs) for name in searched]
    highest = [math.floor(min(float(config.experiment["largest"]), bound) / STEP + 1e-9) * STEP for bound in bounds]
    about = shell.about(
        config,
        title=f"sizes of {questions.several(searched)} for {short(config.experiment['public_cost'] / BILLION)} bn",
        searched=searched,
        highest=highest,
        discount_rate=config.city.discount_rate,
        first_quarter=measures.first_start(config, searched),
        last_quarter=quarter_name(config.end),
    )
    return shell.Plan(about, {"policy": config})


def compute(config, plan):
    """The Frontier of a plan."""
    about, whole = plan.about, config.one_run()

    def play(sizes, seeds):
        """An array (mixes, seeds, MEASURES)."""
        factors = [dict(zip(about["searched"], map(float, row), strict=True)) for row in sizes]
        mixes = [counterfactuals.scaled(whole, mix) for mix in factors]
        configs = [arms.with_seed(mix, seed) for mix in mixes for seed in seeds]
        values = measures.measure(config, configs, about["first_quarter"], about["searched"])
        return values.reshape(len(mixes), len(seeds), -1)

    return assess(about, play)


# ---------------------------------------------------------------- tables


@dataclass
class Frontier(shell.Result):
    """A front and the mixes tried. `about` says what was asked; the frames are the files described above."""

    about: dict
    front: pd.DataFrame
    mixes: pd.DataFrame

    def plot(self):
        """The front as a Matplotlib figure."""
        from sim.plots import pareto

        tables = {"front": self.front, "mixes": self.mixes, "budget": self.about["public_cost"]}
        return pareto.figure(pareto.data(tables))

    @property
    def headline(self):
        """The best that a mix of the front brings with fresh seeds."""
        rows = self.front[self.front["outcome"] == self.front["outcome"].iloc[:1].squeeze()]
        if rows.empty:
            return "no mix within the budget"
        less = self.about["outcomes"][0].startswith("-")
        row = rows.loc[rows["fresh"].idxmin() if less else rows["fresh"].idxmax()]
        return "at best " + effect_in_words(row["title"], row["unit"], *row[["fresh", "fresh_low", "fresh_high"]])

    def __repr__(self):
        return f"Frontier({', '.join(self.about['searched'])}, {self.front['mix'].nunique()} mixes)"

    def __str__(self):
        return screen(self)


def assess(about, play):
    """The Frontier where `play` turns sizes (mixes, policies) and a list of seeds into an array (mixes, seeds,
    MEASURES).
    """
    seeds = list(range(about["seed"], about["seed"] + about["runs"]))
    fresh_seeds = list(range(seeds[-1] + 1, seeds[-1] + 1 + about["fresh_runs"]))
    n, budget = len(about["searched"]), about["public_cost"]
    by_mix = {}  # sizes -> array (seeds, 1 + outcomes), simulated once

    def judge(sizes):
        mixes = list(map(tuple, np.round(sizes, 12).tolist()))
        new = [mix for mix in dict.fromkeys(mixes) if mix not in by_mix]
        by_mix.update(zip(new, _differences(about, play, new, seeds), strict=True))
        return np.array([by_mix[mix].mean(axis=0) for mix in mixes])

    highest = np.array(about["highest"])
    ones = np.minimum(1.0, highest)
    space = pareto.Space(highest, STEP, [np.zeros(n), ones, *(ones * np.eye(n))])
    pareto.search(
        judge, len(about["outcomes"]), space, budget, about["population"], about["generations"], about["seed"]
    )
    mixes, differences = list(by_mix), np.array(list(by_mix.values()))
    on_front = pareto.front(differences.mean(axis=1), budget)
    fresh = _differences(about, play, [mixes[i] for i in on_front], fresh_seeds)
    return Frontier(
        about, _front(about, on_front, mixes, differences, fresh), _mixes(about, on_front, mixes, differences)
    )


def _differences(about, play, mixes, seeds):
    """What mixes cost and bring with each seed: (mixes, seeds, 1 + outcomes), effects with the sign that makes more
    better.
    """
    goals = measures.goals(about["outcomes"])
    if not mixes:
        return np.empty((0, len(seeds), 1 + len(goals)))
    values = play(np.array([(0.0,) * len(about["searched"]), *mixes]), seeds)
    columns = [measures.NAMES.index(measures.COST.name), *(goal.column for goal in goals)]
    signs = np.array([1.0, *(goal.sign for goal in goals)])
    return signs * (values[1:] - values[0])[:, :, columns]


def _sizes(about, mix):
    return {f"size_{name}": size for name, size in zip(about["searched"], mix, strict=True)}


def _front(about, on_front, mixes, differences, fresh):
    """One row a mix of the front and outcome; effects with their own sign again. `fresh` are the differences of the
    mixes of the front with fresh seeds.
    """
    still = pareto.front(fresh.mean(axis=1), np.inf) if len(fresh) else []
    rows = []
    for position, i in enumerate(on_front):
        costs = {"public_cost": differences[i, :, 0].mean(), "public_cost_fresh": fresh[position, :, 0].mean()}
        for column, (measure, sign, _) in enumerate(measures.goals(about["outcomes"]), 1):
            row = {"mix": i, **_sizes(about, mixes[i]), **costs}
            row |= {"outcome": measure.name, "title": measure.title, "unit": measure.unit}
            for kind, values in (("effect", differences[i, :, column]), ("fresh", fresh[position, :, column])):
                effect = intervals.mean(sign * values)
                row |= {kind: effect.value, f"{kind}_low": effect.low, f"{kind}_high": effect.high}
            rows.append(row | {"holds": position in still})
    columns = ["mix", *_sizes(about, about["searched"]), "public_cost", "public_cost_fresh", "outcome", "title", "unit"]
    columns += ["effect", "effect_low", "effect_high", "fresh", "fresh_low", "fresh_high", "holds"]
    return pd.DataFrame(rows, columns=columns)


def _mixes(about, on_front, mixes, differences):
    rows = []
    for i, mix in enumerate(mixes):
        cost = differences[i, :, 0].mean()
        effects = {
            measure.name: sign * differences[i, :, column].mean()
            for column, (measure, sign, _) in enumerate(measures.goals(about["outcomes"]), 1)
        }
        within = bool(cost <= about["public_cost"])
        row = {"mix": i, **_sizes(about, mix), "public_cost": cost, **effects}
        rows.append(row | {"within": within, "front": i in on_front, "runs": differences.shape[1]})
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- screen


def screen(frontier):
    """The front as text."""
    about, front = frontier.about, frontier.front
    budget = f"{short(about['public_cost'] / BILLION)} bn yuan"
    tried = f"{len(frontier.mixes)} mixes of {', '.join(about['searched'])}"
    lines = [
        f"{tried}, {front['mix'].nunique()} on the front within {budget}",
        f"Present cost and effects over {about['first_quarter']} to {about['last_quarter']}, paired, 95% t-intervals.",
        f"Search: {about['runs']} seeds; fresh: {about['fresh_runs']} others.",
    ]
    for outcome, rows in front.groupby("outcome", sort=False):
        size, unit = in_words(rows["unit"].iloc[0])
        less = ", the less the better" if f"-{outcome}" in about["outcomes"] else ""
        lines += [
            "",
            f"{rows['title'].iloc[0]}, {unit}{less}",
            f"{'cost, bn yuan':>14}{'search':>10}{'fresh':>10} {'95% interval':22}sizes",
        ]
        for row in rows.itertuples():
            sizes = {name: getattr(row, f"size_{name}") for name in about["searched"]}
            mix = ", ".join(f"{name} {factor:.3g}" for name, factor in sizes.items() if factor > 0) or "none"
            notes = "" if row.holds else " (beaten with fresh seeds)"
            notes += " (above the budget)" if row.public_cost_fresh > about["public_cost"] else ""
            cost, effect, fresh = (
                short(row.public_cost_fresh / BILLION),
                short(row.effect / size),
                short(row.fresh / size),
            )
            ends = interval(row.fresh_low / size, row.fresh_high / size)
            lines.append(f"{cost:>14}{effect:>10}{fresh:>10} {ends:22}{mix}{notes}")
        moved = rows[rows["effect"] != 0]
        if len(moved):
            promised, kept = (short(moved[kind].mean() / size) for kind in ("effect", "fresh"))
            lines.append(
                f"Winner's curse: the mixes of the front bring {promised} on average in the search and {kept} with "
                "fresh seeds."
            )
    return "\n".join(lines)


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figures of the frontier in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_frontier(folder, kinds)
