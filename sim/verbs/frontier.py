"""`sim frontier`: how large to make each policy, so that no other mix brings more of the chosen outcomes for less
public money.

    front.csv      one row a mix of the front and outcome: sizes, present cost and effect in the search and with
    fresh seeds mixes.csv      one row a mix tried: sizes, present cost, effects, whether within the budget and on
    the front frontier.json  what was asked, versions, machine, time policy.yaml    the config of the policies at the
    sizes of their files, with the first seed figures/       the front: SVG, PDF and the data DONE or FAILED how it
    ended

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

from sim.runs import arms
from sim.runs.folders import write_csv, write_text
from sim.settings import variants
from sim.settings.fields import number
from sim.settings.refusals import shown
from sim.statistics import intervals, pareto
from sim.verbs import screen
from sim.verbs import shell as verb
from sim.world.calendar import quarter_name

STEP = 0.1  # between the sizes of a policy that the search tells apart


def check(tree, resolved):
    """What cannot be searched, as sentences."""
    asked, own = tree["experiment"], resolved["configs"]
    least = {"population": 4, "generations": 1, "runs": 2, "fresh_runs": 2}
    problems = verb.check(tree, resolved, least, ["runs", "fresh_runs"])
    if asked["public_cost"] is None:
        problems.append("public_cost: has to be said, in yuan at scale 1, such as public_cost=2e10")
    else:
        number("public_cost", asked["public_cost"], float, 1.0, 1e14, problems)
    number("largest", asked["largest"], float, 0.1, 1000.0, problems)
    wanted = asked["outcomes"]
    bare = (
        [name.removeprefix("-") if isinstance(name, str) else name for name in wanted]
        if isinstance(wanted, list)
        else wanted
    )
    problems += verb.check_names("outcomes", bare, [name for name in verb.NAMES if name != verb.COST.name])
    searched = list(resolved["policy"]) if asked["searched"] is None else asked["searched"]
    problems += verb.check_names(
        "policy" if asked["searched"] is None else "searched", searched, list(resolved["policy"])
    )
    if problems:
        return problems
    still = [name for name in searched if variants.largest(name, resolved["policy"][name], own) <= 0.0]
    problems += [
        f"policy={name}: has no size that could grow; leave it out of searched={shown([n for n in searched if n not in still])}"
        for name in still
    ]
    mixes = asked["population"] * asked["generations"]
    return (
        problems
        + verb.check_starts(resolved, searched)
        + verb.check_amount((mixes + 1) * asked["runs"] + mixes * asked["fresh_runs"])
    )


@dataclass
class Frontier:
    """A front and the mixes tried. `about` says what was asked; the frames are the files described above."""

    about: dict
    front: pd.DataFrame
    mixes: pd.DataFrame

    def plot(self):
        """The front as a Matplotlib figure."""
        from sim.plots import pareto

        return pareto.figure(
            pareto.data({"front": self.front, "mixes": self.mixes, "budget": self.about["public_cost"]})
        )

    def __repr__(self):
        return f"Frontier({', '.join(self.about['searched'])}, {self.front['mix'].nunique()} mixes)"

    def __str__(self):
        return summary(self)


def command(config):
    """The verb: search, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    said = describe(config)
    with verb.result(config, said, "frontier.json") as folder:
        write_text(folder / "policy.yaml", variants.yaml_of(config))
        found = _frontier(config, said)
        write_csv(folder / "front.csv", found.front)
        write_csv(folder / "mixes.csv", found.mixes)
        _draw(folder)
    print(found)
    print(f"\nin {folder}")
    return folder


def frontier(config):
    """The Frontier that a checked config with the verb `frontier` describes. Runs are kept in its store."""
    return _frontier(config, describe(config))


def describe(config):
    """What is searched, as a plain dict."""
    searched = list(config.experiment["searched"] or config.resolved["policy"])
    bounds = [variants.largest(name, config.resolved["policy"][name], config.resolved["configs"]) for name in searched]
    highest = [math.floor(min(float(config.experiment["largest"]), bound) / STEP + 1e-9) * STEP for bound in bounds]
    span = {"first_quarter": verb.opening(config, searched), "last_quarter": quarter_name(config.end)}
    return verb.about(config, searched=searched, highest=highest, discount_rate=config.city.discount_rate, **span)


def _frontier(config, said):
    base = config.one_run()

    def values(sizes, seeds):
        """An array (mixes, seeds, MEASURES)."""
        mixes = [variants.sized(base, dict(zip(said["searched"], map(float, row), strict=True))) for row in sizes]
        runs = [arms.with_seed(mix, seed) for mix in mixes for seed in seeds]
        return verb.measure(runs, config.experiment, said["first_quarter"], said["searched"]).reshape(
            len(mixes), len(seeds), -1
        )

    return assess(said, values)


def assess(said, values):
    """The Frontier where `values` turns sizes (mixes, policies) and a list of seeds into an array (mixes, seeds,
    MEASURES).
    """
    seeds = list(range(said["seed"], said["seed"] + said["runs"]))
    fresh = list(range(seeds[-1] + 1, seeds[-1] + 1 + said["fresh_runs"]))
    n, budget = len(said["searched"]), said["public_cost"]
    differences = {}  # sizes -> array (seeds, 1 + outcomes), found once

    def judge(sizes):
        sizes = np.round(sizes, 12)
        new = [mix for mix in dict.fromkeys(map(tuple, sizes.tolist())) if mix not in differences]
        differences.update(zip(new, _differences(said, values, new, seeds), strict=True))
        return np.array([differences[mix].mean(axis=0) for mix in map(tuple, sizes.tolist())])

    highest = np.array(said["highest"])
    ones = np.minimum(1.0, highest)
    start = [np.zeros(n), ones, *(ones * np.eye(n))]
    pareto.search(
        judge,
        len(said["outcomes"]),
        highest,
        np.full(n, STEP),
        budget,
        start,
        said["population"],
        said["generations"],
        said["seed"],
    )
    mixes, found = list(differences), np.array(list(differences.values()))
    kept = pareto.front(found.mean(axis=1), budget)
    again = _differences(said, values, [mixes[i] for i in kept], fresh)
    return Frontier(said, _front(said, kept, mixes, found, again), _mixes(said, kept, mixes, found))


def _differences(said, values, mixes, seeds):
    """What mixes cost and bring with each seed:

    (mixes, seeds, 1 + outcomes), effects with the sign that makes more better.
    """
    if not mixes:
        return np.empty((0, len(seeds), 1 + len(said["outcomes"])))
    found = values(np.array([(0.0,) * len(said["searched"]), *mixes]), seeds)
    columns = [
        verb.NAMES.index(name) for name in (verb.COST.name, *(name.removeprefix("-") for name in said["outcomes"]))
    ]
    signs = np.array([1.0, *(-1.0 if name.startswith("-") else 1.0 for name in said["outcomes"])])
    return signs * (found[1:] - found[0])[:, :, columns]


def _sizes(said, mix):
    return {f"size_{name}": size for name, size in zip(said["searched"], mix, strict=True)}


def _front(said, kept, mixes, found, again):
    """One row a mix of the front and outcome; effects with their own sign again."""
    still = pareto.front(again.mean(axis=1), np.inf) if len(again) else []
    rows = []
    for place, i in enumerate(kept):
        costs = {"public_cost": found[i, :, 0].mean(), "public_cost_fresh": again[place, :, 0].mean()}
        for column, (name, measure, sign) in enumerate(_goals(said), 1):
            row = {
                "mix": i,
                **_sizes(said, mixes[i]),
                **costs,
                "outcome": name,
                "title": measure.title,
                "unit": measure.unit,
            }
            for kind, values in (("effect", found[i, :, column]), ("fresh", again[place, :, column])):
                one = intervals.mean(sign * values)
                row |= {kind: one.value, f"{kind}_low": one.low, f"{kind}_high": one.high}
            rows.append(row | {"holds": place in still})
    columns = ["mix", *_sizes(said, said["searched"]), "public_cost", "public_cost_fresh", "outcome", "title", "unit"]
    return pd.DataFrame(
        rows, columns=columns + ["effect", "effect_low", "effect_high", "fresh", "fresh_low", "fresh_high", "holds"]
    )


def _mixes(said, kept, mixes, found):
    rows = []
    for i, mix in enumerate(mixes):
        row = {"mix": i, **_sizes(said, mix), "public_cost": found[i, :, 0].mean()}
        row |= {name: sign * found[i, :, column].mean() for column, (name, _, sign) in enumerate(_goals(said), 1)}
        rows.append(
            row
            | {"within": bool(row["public_cost"] <= said["public_cost"]), "front": i in kept, "runs": found.shape[1]}
        )
    return pd.DataFrame(rows)


def _goals(said):
    """(name, Measure, sign) of each outcome searched for."""
    for text in said["outcomes"]:
        name = text.removeprefix("-")
        yield name, verb.MEASURES[verb.NAMES.index(name)], -1.0 if text.startswith("-") else 1.0


def _draw(folder):
    from sim import plots

    plots.draw_frontier(folder)


# ---------------------------------------------------------------- on the screen


def summary(found):
    """The front as a screen of text."""
    said, table = found.about, found.front
    budget = f"{screen.short(said['public_cost'] / screen.BILLION)} bn yuan"
    lines = [
        f"{len(found.mixes)} mixes of {', '.join(said['searched'])}, {table['mix'].nunique()} on the front within {budget}"
    ]
    lines += [
        f"Present cost and effects over {said['first_quarter']} to {said['last_quarter']}, paired, 95% t-intervals."
    ]
    lines += [f"Search: {said['runs']} seeds; fresh: {said['fresh_runs']} others."]
    for outcome, rows in table.groupby("outcome", sort=False):
        size, unit = screen.in_words(rows["unit"].iloc[0])
        less = ", the less the better" if f"-{outcome}" in said["outcomes"] else ""
        lines += [
            "",
            f"{rows['title'].iloc[0]}, {unit}{less}",
            f"{'cost, bn yuan':>14}{'search':>10}{'fresh':>10} {'95% interval':22}sizes",
        ]
        for row in rows.itertuples():
            sizes = (
                ", ".join(
                    f"{name} {getattr(row, f'size_{name}'):.3g}"
                    for name in said["searched"]
                    if getattr(row, f"size_{name}") > 0
                )
                or "none"
            )
            numbers = f"{screen.short(row.public_cost_fresh / screen.BILLION):>14}{screen.short(row.effect / size):>10}{screen.short(row.fresh / size):>10}"
            notes = [" (beaten with fresh seeds)"] * (not row.holds) + [" (above the budget)"] * (
                row.public_cost_fresh > said["public_cost"]
            )
            lines.append(
                f"{numbers} {screen.interval(row.fresh_low / size, row.fresh_high / size):22}{sizes}{''.join(notes)}"
            )
        something = rows[rows["effect"] != 0]
        if len(something):
            promised, kept = (screen.short(something[kind].mean() / size) for kind in ("effect", "fresh"))
            lines.append(
                f"Winner's curse: the mixes of the front bring {promised} on average in the search and {kept} with fresh seeds."
            )
    return "\n".join(lines)
