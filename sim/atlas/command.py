"""`sim atlas`: one page on every instrument and shock, at several sizes and from several years on.

    atlas.html        the page: nothing of it asks the network, and no Python is needed to read it
    effects.csv       one row per combination and outcome: effect of having it, interval, percent, cost of one more
    left_out.csv      combinations that are not in it, and why
    codebook.csv, screen.txt, atlas.json, DONE or FAILED   as of a comparison

What is compared is said by `combinations.py`; verdict, figures and words are those of `sim report`. Each instrument at
the size of its file may be asked at another calibrated point too, and what that says stands beside.
"""

import io
import math
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

import pandas as pd

from sim.atlas import combinations, entries, page
from sim.atlas.combinations import BOUNDS, NOT_ASKED, Combination
from sim.observables.outcomes import OUTCOMES
from sim.observables.written import read_csv
from sim.runs import amount as amounts
from sim.runs import arms, launchers, processes, records
from sim.settings.config import at_point
from sim.settings.fields import number
from sim.settings.files import POINTS
from sim.settings.refusals import ConfigError, nearest, shown
from sim.statistics import intervals
from sim.verbs import keys, shell
from sim.verbs.comparison.columns import OUTCOME, numbers, words
from sim.verbs.measures import at_once, workers
from sim.world.calendar import quarter_of

GROUPS = ("policy", "shock")
LARGEST = 1000.0  # times the size of a file
LONGEST = 80  # quarters of a shock


# ---------------------------------------------------------------- what can be asked


def check(tree, resolved):
    """What cannot be asked, as sentences."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"runs": intervals.FEWEST, "shock_quarters": 1}, ["runs"])
    known = [name for group in GROUPS for name in combinations.names(group, resolved["configs"])]
    if asked["only"] != []:
        problems += keys.check_names("only", asked["only"], known)
    if not isinstance(asked["sizes"], list) or not asked["sizes"]:
        problems.append(f"sizes={shown(asked['sizes'])}: should be a list of numbers such as [0.5,1,2]")
    else:
        for size in asked["sizes"]:
            number("sizes", size, float, 1e-6, LARGEST, problems)
        if len(set(asked["sizes"])) < len(asked["sizes"]):
            problems.append(f"sizes={shown(asked['sizes'])}: one stands twice")
    problems += check_clocks(asked["clocks"])
    others = [point for point in POINTS if point != tree["calibrated"]]
    if asked["beside"] is not None and asked["beside"] not in others:
        problems.append(f"beside={shown(asked['beside'])}: should be null or another point: {', '.join(others)}")
    for key in ("scales", "primary"):
        if not isinstance(asked[key], dict):
            problems.append(f"{key}={shown(asked[key])}: should be a mapping by instrument")
            continue
        problems += [
            f"{key}.{name}: no such instrument{nearest(name, known)}" for name in asked[key] if name not in known
        ]
    outcomes = [outcome.name for outcome in OUTCOMES]
    for name, outcome in asked["primary"].items() if isinstance(asked["primary"], dict) else ():
        if outcome not in outcomes:
            problems.append(f"primary.{name}={shown(outcome)}: no such outcome{nearest(str(outcome), outcomes)}")
    for name, scale in asked["scales"].items() if isinstance(asked["scales"], dict) else ():
        number(f"scales.{name}", scale, float, 1e-6, 1.0, problems)
    return problems


def check_clocks(clocks):
    """What is wrong with the first and last quarters that a page offers, as sentences."""
    if not isinstance(clocks, dict) or not clocks:
        return [f"clocks={shown(clocks)}: should be a mapping such as {{past:[2016Q1,2024Q4]}}"]
    problems = []
    for name, span in clocks.items():
        if name not in page.CLOCKS:
            problems.append(f"clocks.{name}: should be one of {', '.join(page.CLOCKS)}")
        try:
            first, last = map(quarter_of, span)
        except (ValueError, TypeError):
            problems.append(f"clocks.{name}={shown(span)}: should be two quarters such as [2016Q1,2024Q4]")
            continue
        if last <= first:
            problems.append(f"clocks.{name}={shown(span)}: ends before it begins")
    return problems


# ---------------------------------------------------------------- plan


@dataclass(frozen=True)
class Plan(shell.Plan):
    """What is computed: Combination -> Pair, the same at the other point, and rows (name, size, clock, why) of what is
    not.
    """

    pairs: dict = field(default_factory=dict)
    beside: dict = field(default_factory=dict)
    left_out: list = field(default_factory=list)


def command(config):
    """The verb: write a folder of its own in `config.output`; returns it."""
    planned = plan(config)
    if amounts.told(config, _amount(config, planned)):
        return None
    return shell.command(config, "atlas", planned, compute)


def amount(config):
    """The Amount of runs that a config asks for."""
    return _amount(config, plan(config))


def atlas(config):
    """The Atlas that a checked config with the verb `atlas` describes. Runs are kept in its store."""
    return compute(config, plan(config))


def _amount(config, planned):
    asked = [*planned.pairs.values(), *planned.beside.values()]
    return amounts.of(_runs(asked, config), config.experiment["store"], at_once(config))


def plan(config):
    """The Plan: the pairs of all combinations, and what is left out."""
    asked, base = config.experiment, config.one_run()
    clocks = {name: tuple(span) for name, span in asked["clocks"].items()}
    folder = combinations.beside(asked["store"])
    other = at_point(base, asked["beside"]) if asked["beside"] else None
    pairs, beside, left_out = {}, {}, []
    for group in GROUPS:
        for name in combinations.names(group, config.resolved["configs"]):
            if asked["only"] and name not in asked["only"]:
                left_out.append((name, math.nan, "", NOT_ASKED))
                continue
            sizes = combinations.sizes(base, name, asked["sizes"]) if group == "policy" else [1.0]
            if len(sizes) > 1 or sizes != [1.0]:
                left_out += [(name, size, "", BOUNDS) for size in asked["sizes"] if size not in sizes]
            for clock in clocks:
                for size in sizes:
                    one = Combination(group, name, float(size), clock, float(asked["scales"].get(name, config.scale)))
                    try:
                        pairs[one] = combinations.pair(base, one, clocks, asked["shock_quarters"], folder)
                    except ConfigError as error:
                        left_out.append((name, size, clock, " ".join(error.problems)))
                        continue
                    if other is not None and size == 1.0:
                        beside[one] = combinations.pair(other, one, clocks, asked["shock_quarters"], folder)
    if not pairs:
        raise ConfigError([f"{row[0]}: {row[3]}" for row in left_out if row[3] != NOT_ASKED])
    about = shell.about(config, title="atlas", clocks=clocks)
    return Plan(about, {}, pairs=pairs, beside=beside, left_out=left_out)


def _runs(pairs, config):
    """The config of each pair, seed and arm, in this order."""
    runs = config.experiment["runs"]
    return [
        arms.with_seed(arm, seed)
        for pair in pairs
        for seed in range(config.seed, config.seed + runs)
        for arm in (pair.policy, pair.against)
    ]


# ---------------------------------------------------------------- compute


def compute(config, plan):
    """The Atlas of a plan."""
    about, asked, left_out = plan.about, config.experiment, plan.left_out
    wanted = _runs([*plan.pairs.values(), *plan.beside.values()], config)
    found = iter(arms.run(wanted, asked["store"], workers(config), launchers.elsewhere(config.launcher)))
    made = entries.made(config, asked["clocks"])
    districts = read_csv(io.StringIO(records.districts(config)))
    said, beside = (
        {one: entries.asked(pair, list(islice(found, 2 * asked["runs"])), config) for one, pair in pairs.items()}
        for pairs in (plan.pairs, plan.beside)
    )
    tasks = [(one, made, districts, beside.get(combination)) for combination, one in said.items()]
    with processes.side_by_side(workers(config)) as at_work:
        entered = dict(zip(said, at_work(_entry, tasks), strict=True))
    effects = pd.DataFrame([row for one, entry in entered.items() for row in _rows(one, entry)])
    missing = pd.DataFrame(left_out, columns=["name", "size", "clock", "why"])
    text = page.whole(config, about | made, entered, left_out)
    return Atlas(about | {"entries": len(entered), "bytes": len(text.encode())}, effects, missing, text)


def _entry(task):
    return entries.entry(*task)


def _rows(combination, entry):
    titles = {outcome.name: outcome for outcome in OUTCOMES}
    for name, effect in entry.effects.items():
        value, low, high = effect["value"]
        there, there_low, there_high = entry.beside.get(name, [math.nan] * 3)
        yield {
            "name": combination.name,
            "size": combination.size,
            "clock": combination.clock,
            "scale": combination.scale,
            "outcome": name,
            "title": titles[name].title,
            "unit": effect["unit"],
            "effect": value,
            "low": low,
            "high": high,
            "percent": effect["mark"][0],
            "effect_beside": there,
            "low_beside": there_low,
            "high_beside": there_high,
            "cost_cny": entry.cost[0],
            "cost_of_one_more_cny": math.nan if effect["each"] is None else effect["each"],
        }


# ---------------------------------------------------------------- tables

HERE = "sim.atlas.command"
WHICH = (
    words("name", "policy or shock", HERE),
    *numbers(HERE, size="times the size of its file"),
    words("clock", "which first and last quarter: past or ahead", HERE),
)
COLUMNS = {
    "effects": (
        *WHICH,
        *numbers(HERE, scale="of the city"),
        *OUTCOME,
        *numbers(
            HERE,
            effect="of having it, mean over pairs of runs",
            low="lower end of its interval of 95%",
            high="upper end of its interval of 95%",
            percent="effect in percent of the level without it",
            effect_beside="the same at the other calibrated point, missing where it was not asked",
            low_beside="lower end of its interval of 95%",
            high_beside="upper end of its interval of 95%",
            cost_cny="public cost, discounted, at full size",
            cost_of_one_more_cny="of one more of the outcome, missing where it cannot be told",
        ),
    ),
    "left_out": (
        words("name", "policy or shock", HERE),
        *numbers(HERE, size="times the size of its file, missing where all"),
        words("clock", "which first and last quarter, empty where all", HERE),
        words("why", "why it is not in the atlas", HERE),
    ),
}
KEYS = {"effects": ("name", "size", "clock", "outcome"), "left_out": ("name", "size", "clock")}


@dataclass
class Atlas(shell.Result):
    """The page, as `text`, and what stands in it as frames."""

    about: dict
    effects: pd.DataFrame
    left_out: pd.DataFrame
    text: str = ""

    columns: ClassVar[dict] = COLUMNS
    keys: ClassVar[dict] = KEYS

    @classmethod
    def remembered(cls, folder, about):
        """The fields that are no frames."""
        return {"about": about, "text": (folder / "atlas.html").read_text("utf-8")}

    @property
    def texts(self):
        """The page."""
        return {"atlas.html": self.text}

    @property
    def headline(self):
        """How many there are, and how many can be told."""
        jobs = self.effects[(self.effects["outcome"] == "startup_jobs") & (self.effects["size"] == 1.0)]
        told = int(((jobs["low"] > 0) | (jobs["high"] < 0)).sum())
        return f"{self.about['entries']} combinations; jobs told from zero for {told} of {len(jobs)} at their own size"

    def __str__(self):
        return f"Atlas: {self.headline}; atlas.html has {self.about['bytes'] / 1e6:.2f} MB"
