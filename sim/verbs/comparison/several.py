"""Several arms over the same seeds, each against the first, and the dose of a policy.

    arms.csv          one row per arm and outcome: level, and the effect, that arm less the first
    pairwise.csv      one row per pair of arms and outcome: the one further down less the other
    interactions.csv  where an arm holds exactly what two others hold: difference in differences
    dose.csv          of a dose: effect by value, and what one yuan more brings from a value to the next
    by_group.csv      one row per arm and group: what `outcomes=` tells by group, the arm less the first
    runs.csv          one row per arm and seed: outcomes, public cost, fingerprint
    <arm>.yaml        the config of each arm, with the first seed
    codebook.csv, screen.txt, arms.json, figures/, DONE or FAILED   as of a comparison of two

A difference is paired by seed, and its interval is Student's t at 95%. The window is one for all arms: it opens with
the earliest start of what differs between any of them and the first. The public cost is that of the purses of all
policies in which any arm differs, spent and for administration less what was recovered, discounted to that start.
"""

import io
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import pandas as pd

from sim.observables.columns import FLOW, INDEX, TRAIT, YUAN, column
from sim.observables.outcomes import WINDOW
from sim.observables.written import read_csv
from sim.runs import arms as runs_of_arms
from sim.runs import launchers, records
from sim.runs.fingerprint import calibration
from sim.settings import arms, contrast
from sim.settings.config import TREE, load_tree
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown
from sim.settings.verb import PLAIN
from sim.statistics import effects, intervals
from sim.verbs import keys, own, shell
from sim.verbs.comparison.columns import COLUMNS as OF_TWO
from sim.verbs.comparison.columns import OUTCOME, OVER, ends, numbers, with_own, words
from sim.verbs.comparison.columns import runs as pairs
from sim.verbs.comparison.several_screen import heading, screen, title
from sim.verbs.measures import COST, Measure, workers
from sim.verbs.screen import HEADLINE, in_words, short
from sim.world.calendar import quarter_name

FIXED = {*TREE, "city.name"}  # keys in which arms that are compared do not differ
OF_TWO_ONLY = {"against": "history", "public_cost": None, "pilot": None}  # keys of two arms, with what they are unsaid
WITHOUT = "without"  # the arm of a dose that has not the policy


def wanted(asked):
    """Whether the keys of the verb ask for arms by name, or for a dose."""
    return asked["arms"] != {} or asked["knob"] is not None or asked["values"] is not None


# ---------------------------------------------------------------- what can be asked


def check(tree, resolved):
    """What cannot be compared, as sentences."""
    asked, problems = tree["experiment"], []
    for key, unsaid in OF_TWO_ONLY.items():
        if asked[key] != unsaid:
            problems.append(f"{key}={shown(asked[key])}: is of two arms, policy and against; leave it out here")
    if asked["knob"] is not None or asked["values"] is not None:
        wrong = _check_dose(asked, resolved)
    elif isinstance(asked["arms"], dict) and len(asked["arms"]) == 1:
        wrong = [f"arms.{next(iter(asked['arms']))}: stands alone; at least 2 arms are needed"]
    else:
        wrong = []
    if problems or wrong:
        return problems + wrong
    try:
        base = load_tree({**resolved, "experiment": PLAIN})
    except ConfigError:  # what is wrong with all arms is told already
        return []
    try:
        by_name = read(base, asked)
    except ConfigError as error:
        return error.problems
    if asked["wtp"] != 1.0 and (len(by_name) > 2 or asked["knob"] is not None):
        return [f"wtp={shown(asked['wtp'])}: is of the public purse, which two arms have; leave it out here"]
    wrong = contrast.check_arms(by_name)
    if asked["knob"] is not None:  # what is wrong with one value is so with all
        wrong = list(dict.fromkeys(f"knob={asked['knob']}: {text.partition(': ')[2]}" for text in wrong))
    return wrong + (keys.check_amount(len(by_name) * asked["runs"]) if isinstance(asked["runs"], int) else [])


def _check_dose(asked, resolved):
    """What is wrong with `knob` and `values`."""
    knob, values = asked["knob"], asked["values"]
    if asked["arms"] != {}:
        return [f"knob={shown(knob)}: makes arms of its own; leave out knob and values, or arms"]
    group, _, rest = str(knob).partition(".")
    policy, _, name = rest.partition(".")
    if group != "policy" or not name:
        return [
            f"knob={shown(knob)}: should be a knob of a policy such as policy.guidance_fund.size; "
            "other keys can differ by arms={...}"
        ]
    if policy not in resolved["policy"]:
        hint = nearest(policy, resolved["policy"])
        return [f"knob={knob}: {policy} is not among the policies chosen{hint}"]
    right = isinstance(values, list) and all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in values)
    if not right or not values:
        return [f"values={shown(values)}: should be a list of numbers such as [1e10,5e10]"]
    return [f"values={value}: stands twice" for value in sorted(set(values)) if values.count(value) > 1]


def read(config, asked):
    """Name -> Config of the arms that the keys of the verb describe, the base first. Raises ConfigError."""
    config = config.one_run()
    if asked["knob"] is None:
        return arms.read(config, asked["arms"], FIXED)
    policy = asked["knob"].split(".")[1]
    found = {WITHOUT: arms.one(config, {"without": [policy]})}
    try:
        return found | {_value(value): arms.one(config, {asked["knob"]: value}) for value in sorted(asked["values"])}
    except ConfigError as error:
        raise ConfigError([f"values{text}" for text in error.problems]) from None


def _value(value):
    """The name of an arm of a dose."""
    return f"{value:g}" if float(f"{value:g}") == value else f"{value:.15g}"


# ---------------------------------------------------------------- compute


def plan(config, by_name):
    """The Plan of arms by name, the base first."""
    base, *others = by_name
    contrasts = {
        name: contrast.between(by_name[name], by_name[base], {"policy": name, "against": base}).about for name in others
    }
    asked = config.experiment
    about = {
        "arms": {base: []} | {name: _of_the_arm(pair["changes"]) for name, pair in contrasts.items()},
        "purses": sorted({policy for pair in contrasts.values() for policy in pair["differing"]}),
        "interactions": interactions_of(by_name),
        "first_quarter": min(pair["first_quarter"] for pair in contrasts.values()),
        "last_quarter": quarter_name(config.end),
        "seed": config.seed,
        "scale": config.scale,
        "discount_rate": config.city.discount_rate,
        "runs": asked["runs"],
        "primary": asked["primary"],
    }
    if asked["knob"] is not None:
        _, policy, knob = asked["knob"].split(".", 2)
        node = read_yaml(options("policy", config.resolved["configs"])[policy]).get(knob)
        unit = node["unit"] if isinstance(node, dict) else "yuan per year" if knob == "budget" else ""
        about["dose"] = {
            "knob": asked["knob"],
            "unit": unit,
            "values": dict(zip(others, sorted(asked["values"]), strict=True)),
        }
    purses = {one.name: one for arm in by_name.values() for one in arm.policies if one.name in about["purses"]}
    about["own"] = own.told(own.asked_and_intended(asked["outcomes"], purses.values()))
    about |= {"city": config.city.name, "calibration": calibration(config)}
    districts = read_csv(io.StringIO(records.districts(config)))
    about["districts"] = dict(zip(districts["code"], districts["name"], strict=True))
    about["question"] = heading(about)
    about["title"] = title(about)
    return shell.Plan(about, by_name)


def _of_the_arm(changes):
    return [{"key": row["key"], "arm": row["policy"], "base": row["against"]} for row in changes]


def interactions_of(by_name):
    """[[both, one, other]]: arms that differ from the base in exactly what two others do, these in nothing alike."""
    base, *others = by_name.values()
    held = {
        name: {key: value for key, (value, _) in contrast.differing_keys(config.resolved, base.resolved).items()}
        for name, config in zip(list(by_name)[1:], others, strict=True)
    }
    return [
        [both, one, other]
        for one, other in combinations(held, 2)
        for both in held
        if held[one].keys().isdisjoint(held[other]) and held[both] == held[one] | held[other]
    ]


def compute(config, plan):
    """The Arms of a plan, or the Dose. Runs are kept in the store of the verb."""
    about, names = plan.about, list(plan.arms)
    configs = each_run(plan.arms, about["seed"], about["runs"])
    elsewhere = launchers.elsewhere(config.launcher)
    found = runs_of_arms.run(configs, config.experiment["store"], workers(config), elsewhere)
    rows, whole, grouped = [], *own.of(about)
    for place, run in enumerate(found):
        seed, arm = about["seed"] + place // len(names), place % len(names)
        cost = effects.discounted(run.cost(about["purses"]), about["first_quarter"], about["discount_rate"])
        totals = run.totals(about["first_quarter"], whole)
        row = {"arm": names[arm], "seed": seed, **totals, COST.name: cost, "fingerprint": run.fingerprint}
        rows.append(row)
    groups = {
        name: own.by_group(found[place :: len(names)], about["first_quarter"], grouped)
        for place, name in enumerate(names)
    }
    return assess(pd.DataFrame(rows), about, groups)


def each_run(by_name, first, runs):
    """The config of each seed, from the `first` on, and arm, in this order."""
    seeds = range(first, first + runs)
    return [runs_of_arms.with_seed(arm, seed) for seed in seeds for arm in by_name.values()]


# ---------------------------------------------------------------- tables

SEVERAL = "sim.verbs.comparison.several"
ARM = words("arm", "name of the arm", SEVERAL)
TESTS = numbers(
    SEVERAL,
    effect="mean over pairs of runs, the arm less the other",
    **ends(),
    standard_error="of the effect",
    t="effect over its standard error",
    p="two-sided p of the t-test",
)
COLUMNS = {
    "arms": (
        ARM,
        *OUTCOME,
        OVER,
        *numbers(SEVERAL, level="mean over runs of the arm"),
        *TESTS,
        *numbers(
            SEVERAL,
            q="rate of false discoveries over all arms at which it leaves zero, missing for the primary outcome",
            percent="effect in percent of the mean of the first arm",
        ),
        column("primary", "flag", "whether it was declared beforehand", SEVERAL, TRAIT),
        pairs(SEVERAL),
    ),
    "pairwise": (
        ARM,
        words("other", "the arm that it is held against", SEVERAL),
        *OUTCOME,
        *TESTS,
        *numbers(SEVERAL, q="rate of false discoveries over the pairs of this outcome at which it leaves zero"),
        pairs(SEVERAL),
    ),
    "interactions": (
        words("both", "arm that holds what the two hold", SEVERAL),
        words("one", "arm that holds the first part", SEVERAL),
        words("other", "arm that holds the second part", SEVERAL),
        *OUTCOME,
        *numbers(
            SEVERAL,
            alone="effect of the first part where the second is not, one less base",
            together="effect of the first part where the second is, both less other",
        ),
        *TESTS,
        pairs(SEVERAL),
    ),
    "dose": (
        column("value", "see knob", "of the knob", SEVERAL, INDEX),
        column("before", "see knob", "the value below, missing where that is without the policy", SEVERAL, INDEX),
        *OUTCOME,
        *numbers(
            SEVERAL,
            effect="mean over pairs of runs, at the value less without the policy",
            **ends(),
            step="mean over pairs of runs, at the value less at the one below",
            **ends("step_"),
        ),
        column("step_cost_cny", YUAN, "public cost of the step", SEVERAL, FLOW, type="double"),
        *numbers(
            SEVERAL,
            marginal="step per yuan of its public cost, missing where that cannot be told from zero",
            **ends("marginal_", "Fieller's interval of 95%"),
        ),
        pairs(SEVERAL),
    ),
    "runs": (
        ARM,
        *OF_TWO["runs"][1:-3],
        column(COST.name, YUAN, "of the purses in which any arm differs, discounted", SEVERAL, FLOW, type="double"),
        OF_TWO["runs"][-1],
    ),
}
COLUMNS["by_group"] = (ARM, *OF_TWO["by_group"])
KEYS = {
    "by_group": ("arm", "outcome", "group"),
    "arms": ("arm", "outcome"),
    "pairwise": ("arm", "other", "outcome"),
    "interactions": ("both", "one", "other", "outcome"),
    "dose": ("value", "outcome"),
    "runs": ("arm", "seed"),
}


@dataclass
class Arms(shell.Result):
    """Several arms over the same seeds.

    `about` says what was compared; the frames are the files described above, `table` is arms.csv.
    """

    about: dict
    table: pd.DataFrame
    pairwise: pd.DataFrame
    interactions: pd.DataFrame
    runs: pd.DataFrame
    by_group: pd.DataFrame

    columns = {name: COLUMNS[name] for name in ("arms", "pairwise", "interactions", "runs", "by_group")}
    keys = KEYS
    files: ClassVar[dict] = {"table": "arms"}

    def __post_init__(self):
        """Outcomes of the user's own have columns of their own."""
        self.columns = with_own(type(self).columns, self.about)

    @property
    def headline(self):
        """The effects on the outcome declared beforehand, or else on one that is the same for all."""
        rows = self.table[self.table["outcome"] == (self.about["primary"] or HEADLINE)].iloc[1:]
        title, (size, unit) = rows["title"].iloc[0], in_words(rows["unit"].iloc[0])
        effects = ", ".join(f"{row.arm} {short(row.effect / size)}" for row in rows.itertuples())
        return f"{title}, {unit}: {effects}"

    def plot(self):
        """The effects of all arms on one outcome, a Matplotlib figure."""
        from sim.plots import arms as forest

        return forest.figure(forest.data({"arms": self.table, "about": self.about}))

    def __repr__(self):
        return f"{type(self).__name__}({heading(self.about)})"

    def __str__(self):
        return screen(self)


@dataclass
class Dose(Arms):
    """The arms of a policy at several values of one of its knobs; `dose` is dose.csv."""

    dose: pd.DataFrame

    columns = Arms.columns | {"dose": COLUMNS["dose"]}

    def plot(self):
        """Effects by value, a Matplotlib figure."""
        from sim.plots import dose

        return dose.figure(dose.data({"dose": self.dose, "about": self.about}))


def assess(rows, about, groups=None):
    """The Arms, or the Dose, from the rows of runs.csv and, where anything is told by group, arm -> frame of it
    (`own.by_group`).
    """
    by_arm = {name: rows[rows["arm"] == name].set_index("seed") for name in about["arms"]}
    tables = about, _table(by_arm, about), _pairwise(by_arm, about), _interactions(by_arm, about), rows
    tables = *tables, _by_group(groups, about)
    return Dose(*tables, _dose(by_arm, about)) if "dose" in about else Arms(*tables)


def _table(by_arm, about):
    base = next(iter(by_arm.values()))
    rows, overs = [], {one.name: one.over for one in own.of(about)[0]} | {COST.name: WINDOW}
    for name, runs in by_arm.items():
        for measure in _measures(about):
            row = {"arm": name, **_outcome(measure), "over": overs[measure.name], "level": runs[measure.name].mean()}
            difference = (runs[measure.name] - base[measure.name]).dropna()
            row |= _tested(difference if runs is not base else difference[:0])
            level = base[measure.name][difference.index].mean()
            row["percent"] = 100 * row["effect"] / level if level else np.nan
            rows.append(row | {"primary": measure.name == about["primary"]})
    table = effects.with_q(pd.DataFrame(rows))
    return table[[each.name for each in COLUMNS["arms"]]]


def _measures(about):
    """[Measure] of what the arms are compared by."""
    return [*(Measure(one.name, one.title, one.unit) for one in own.of(about)[0]), COST]


def _by_group(groups, about):
    """One row an arm, outcome and group; the arm less the first."""
    _, grouped = own.of(about)
    base, *others = groups or [None]
    parts = [own.group_table(groups[name], groups[base], grouped).assign(arm=name) for name in others]
    parts = [part for part in parts if len(part)]
    names = [each.name for each in COLUMNS["by_group"]]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _pairwise(by_arm, about):
    rows = [
        {"arm": name, "other": other, **_outcome(measure)}
        | _tested((by_arm[name][measure.name] - by_arm[other][measure.name]).dropna())
        for measure in _measures(about)
        for other, name in combinations(by_arm, 2)
    ]
    table = pd.DataFrame(rows)
    table["q"] = effects.q_within(table["p"], table["outcome"])
    return table[[each.name for each in COLUMNS["pairwise"]]]


def _interactions(by_arm, about):
    base, rows = next(iter(by_arm.values())), []
    for both, one, other in about["interactions"]:
        for measure in _measures(about):
            runs = {name: by_arm[name][measure.name] for name in (both, one, other)}
            both_ways = pd.DataFrame(
                {"together": runs[both] - runs[other], "alone": runs[one] - base[measure.name]}
            ).dropna()
            row = {"both": both, "one": one, "other": other, **_outcome(measure), **both_ways.mean()}
            rows.append(row | _tested(both_ways["together"] - both_ways["alone"]))
    return pd.DataFrame(rows, columns=[each.name for each in COLUMNS["interactions"]])


def _dose(by_arm, about):
    names, rows = list(by_arm), []
    values = about["dose"]["values"]
    for before, name in zip(names, names[1:], strict=False):
        for measure in _measures(about):
            value, below, without = (by_arm[arm][measure.name] for arm in (name, before, names[0]))
            cost = by_arm[name][COST.name] - by_arm[before][COST.name]
            steps = pd.DataFrame({"step": value - below, "cost": cost}).dropna()
            effect, step = (intervals.mean(x.dropna().to_numpy()) for x in (value - without, steps["step"]))
            marginal = _per_yuan(steps) if measure is not COST else intervals.NOTHING
            row = {"value": float(values[name]), "before": float(values.get(before, np.nan)), **_outcome(measure)}
            row |= {"effect": effect.value, "low": effect.low, "high": effect.high, **_columns("step", step)}
            row |= {"step_cost_cny": steps["cost"].mean(), **_columns("marginal", marginal), "runs": len(steps)}
            rows.append(row)
    return pd.DataFrame(rows)[[each.name for each in COLUMNS["dose"]]]


def _per_yuan(steps):
    """What a step brings per yuan of its cost, where the cost can be told from zero."""
    step, cost = steps["step"].to_numpy(), steps["cost"].to_numpy()
    if not len(cost) or not effects.told_from_zero(cost):
        return intervals.NOTHING
    ratio = intervals.ratio(step, cost)
    return ratio if np.ptp(step) else intervals.NOTHING._replace(value=ratio.value)  # no interval without spread


def _columns(name, estimate):
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _outcome(measure):
    return {"outcome": measure.name, "title": measure.title, "unit": measure.unit}


def _tested(differences):
    """A mean of paired differences (a Series) with its interval and test."""
    values = differences.to_numpy()
    effect, error = intervals.mean(values), intervals.standard_error(values)
    row = {"effect": effect.value, "low": effect.low, "high": effect.high, "standard_error": error}
    return row | {"t": effect.value / error, "p": intervals.p_value(values), "runs": len(values)}


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figures of the arms in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_arms(folder, kinds)
