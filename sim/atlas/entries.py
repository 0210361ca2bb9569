"""What is asked of one combination, and what the atlas shows of it: markup in every language, and the numbers of the
menu and of the sizes.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.atlas import combinations
from sim.observables.outcomes import Reduced
from sim.report import brief, drawing, knobs, tables, verdict
from sim.report.markup import html, paragraph, tag
from sim.report.page import believe, caveats, columns, facts, section
from sim.report.verdict import told
from sim.report.words import LANGUAGES, Words
from sim.runs.fingerprint import calibration, git_state, norms, versions
from sim.runs.folders import now
from sim.settings import contrast, counterfactuals
from sim.statistics import intervals
from sim.verbs import compare

COST = "cost_discounted_cny"
SIZES = "<!--sizes-->"  # where the strip of sizes stands in the markup


class Asked(NamedTuple):
    """A Pair, what is asked of it as a comparison says it, and two lists of runs: with and without."""

    pair: tuple
    about: dict
    runs: tuple


class Entry(NamedTuple):
    """`markup` by language; `effects`: outcome -> dict of the numbers of the menu; `cost` an Estimate; `levels`:
    column -> its values over seeds in the arm that has it; `judged` the outcome by which it is judged; `beside`:
    outcome -> the difference and its interval at the other calibrated point, nothing where that was not asked.
    """

    markup: dict
    effects: dict
    cost: tuple
    levels: dict
    judged: str
    beside: dict


def made(config, clocks):
    """Of what an answer is made, and when."""
    return {
        "calibration": calibration(config),
        "norms": norms(config),
        "versions": versions(),
        "git": git_state(),
        "start": now(),
        "assumed": clocks["ahead"][0] if "ahead" in clocks else None,
    }


def asked(pair, runs, config):
    """The Asked of a Pair, of whose `runs` every second is one without."""
    primary = config.experiment["primary"].get(pair.combination.name)
    return Asked(pair, told_of(pair, config.experiment["runs"], config.seed, primary), (runs[::2], runs[1::2]))


def told_of(pair, runs, seed, primary=None):
    """What is asked of a Pair, as a comparison says it."""
    said = {"runs": runs, "wtp": 1.0, "primary": primary, "command": combinations.command(pair, runs, seed, primary)}
    return contrast.between(pair.policy, pair.against).about | said


def found(about, tables, config, districts):
    """What the sections of a report read, of a comparison that was not saved."""
    names = {combinations.original(name): value for name, value in about["instruments"].items()}
    return {"about": about | {"instruments": names}, "config": config.resolved, "districts": districts, **tables}


def entry(asked, made, districts, beside=None):
    """The Entry of an Asked; `made` says of what, and `beside` is the same Asked at the other calibrated point."""
    read, comparison = _compared(asked, made, districts)
    there = {} if beside is None else _differences(_compared(beside, made, districts)[0])
    places = list(zip(districts["code"], districts["name"], strict=True))
    said = {language: Words(language, places) for language in LANGUAGES}
    rows = comparison.runs[comparison.runs["arm"] == "policy"].set_index("seed")
    levels = {name: rows[name].to_numpy(float) for name in (*verdict.MAIN, COST)}
    cost = verdict.purse(read).loc["cost"]
    point = None if beside is None else beside.pair.policy.resolved["calibrated"]
    return Entry(
        {language: markup(words, read, asked.pair, point, there) for language, words in said.items()},
        {row.outcome: _effect(said, read, row) for row in brief.main(read).itertuples()},
        (cost["value"], cost["low"], cost["high"]),
        levels,
        verdict.judged(read)["outcome"],
        there,
    )


def _compared(asked, made, districts):
    """What the sections of a report read of an Asked, and its comparison."""
    ours, theirs = ([Reduced(run.entry) for run in arm] for arm in asked.runs)  # lets go of their tables at the end
    comparison = compare.assess(ours, theirs, asked.about | made)
    return found(comparison.about, comparison.tables, asked.pair.policy, districts), comparison


def _differences(read):
    """Outcome -> the difference and the ends of its interval, of the main outcomes."""
    return {row.outcome: brief.difference(row) for row in brief.main(read).itertuples()}


def _effect(said, read, row):
    """The numbers of an outcome: percent of the level without, as drawn, and in words."""
    value = brief.difference(row)
    each = verdict.cost_of_one_more(said["en"], read, row.outcome)
    return {
        "mark": brief.of_level(row),
        "value": value,
        "unit": row.unit,
        "told": told(*value[1:]),
        "each": float(each["value"]) if each is not None else None,
        "price": {language: _price(words, read, row.outcome, each) for language, words in said.items()},
        "words": {
            language: tables.in_percent(words, row.percent, *value, row.unit) for language, words in said.items()
        },
    }


def _price(words, read, outcome, each):
    """What it costs, and what one more of an outcome costs where that can be said."""
    if verdict.shocks(read["about"]):
        return ""
    cost = verdict.purse(read).loc["cost"]
    said = [costs(words, (cost["value"], cost["low"], cost["high"]))]
    if each is not None:
        money = words.quantity(float(each["value"]), "yuan", 2)
        said.append(words("each_short", c=money, one=words.name("cost_of", outcome)))
    return words("clause").join(said)


# ---------------------------------------------------------------- markup


def markup(words, read, pair, point, there):
    """The whole view of a combination, but for the strip of its sizes; `there` has the differences at another
    calibrated `point`.
    """
    row, about = verdict.judged(read), read["about"]
    shock = bool(verdict.shocks(about))
    sides = [
        [brief.where(words, read, row), *([] if shock else [brief.anyway(words, read)]), brief.gains(words, read, row)],
        [brief.course(words, read, row), brief.what_changes(words, read, row), brief.take(words, row)],
    ]
    if not shock:
        sides[1].append(section(*brief.incidence(words, read)))
        sides[0].append(brief.purse(words, read))
    shown = brief.mapped(read, row)
    drawn = {**read, "district_effects": read["district_effects"][read["district_effects"]["quantity"] == shown]}
    behind = [tables.of_outcomes(words, read), tables.of_districts(words, drawn)]
    return "".join(
        [
            paragraph(context(words, read, pair.combination), class_="question"),
            paragraph(words("stop").join(verdict.sentences(words, read)), "h1"),
            _also(words, read, row),
            of_other_point(words, read, row, point, there),
            _facts(words, read, row),
            SIZES,
            columns(*sides),
            tag("details", paragraph(words("as_a_table"), "summary"), *map(html, behind)),
            columns([believe(words, brief.rests_on(words, read), about)], [caveats(words)]),
        ]
    )


def context(words, read, combination):
    """What is shown, in a line."""
    city = read["config"]["city"]
    about = read["about"]
    return words(
        "in_the_atlas",
        it=called(words, read, combination),
        clock=words(
            f"clock_{combination.clock}",
            first=words.quarter(about["first_quarter"]),
            last=words.quarter(about["last_quarter"]),
        ),
        city=words.city(city["name"], city["title"]),
    )


def called(words, read, combination):
    """The instrument with its size and the numbers that grow with it; a shock with its time."""
    name = combination.name
    if combination.group == "shock":
        lasts = brief.struck(read)
        shock = words.name("shocks", name)
        return words("struck", it=shock, window=words.window(*lasts)) if lasts else shock
    here = [one for key, one in read["config"]["policy"].items() if combinations.original(key) == name]
    grows = counterfactuals.growing_knobs(here[-1])  # of the new programme, where it follows an old one
    said = [knobs.named(words, knob, value, knobs.unit_of(name, knob)) for knob, value in grows.items()]
    it = {"it": words.name("policies", name), "size": words.factor(combination.size)}
    return words("size_with", what=words("comma").join(said), **it) if said else words("of_size", **it)


def _also(words, read, row):
    """What becomes of each outcome that it is not judged by, of which the page shows the one that was chosen: jobs, at
    first.
    """
    out = []
    for outcome in verdict.MAIN:
        other = {**read, "about": read["about"] | {"primary": outcome}}
        if outcome == row["outcome"] or verdict.case(other) in ("too_few_takers", "too_few_pairs"):
            continue  # it says so already
        hidden = {} if outcome == verdict.JUDGED_BY else {"hidden": "hidden"}
        said = verdict.sentences(words, other)[0]
        out.append(paragraph(said, class_="also", data_outcome=outcome, **hidden))
    return "".join(out)


def of_other_point(words, read, row, point, there):
    """What each outcome does at another calibrated point, and whether that is another answer."""
    rows, out = brief.main(read), []
    for outcome, attributes in _shown(row["outcome"]).items():
        if outcome not in there:
            continue
        unit, (value, low, high) = rows.loc[outcome, "unit"], there[outcome]
        here = _sign(*brief.difference(rows.loc[outcome]))
        change, same = tables.change(words, value, low, high, unit), here == _sign(value, low, high)
        said = words(
            "beside_same" if same else "beside_other",
            point=words.name("points", point),
            outcome=words.within("outcomes", outcome),
            n=change if math.isnan(low) else words("in_brackets", a=change, b=words.range(low, high, unit, 2)),
        )
        look = "beside" if same else "beside other"
        out.append(paragraph(said, class_=look, data_outcome=outcome, **attributes))
    return "".join(out)


def _sign(value, low, high):
    """1 or -1 where a difference is told from zero, else 0."""
    return (1 if value > 0 else -1) if told(low, high) else 0


def _shown(judged):
    """Outcome -> attributes of what says it: the one that it is judged by first, the others hidden."""
    return {judged: {}} | {outcome: {"hidden": "hidden"} for outcome in verdict.MAIN if outcome != judged}


def _facts(words, read, row):
    """The facts by each outcome, first by that which it is judged by."""
    rows = brief.main(read)
    return "".join(
        facts(brief.outcome_facts(words, read, rows.loc[outcome]), data_outcome=outcome, **hidden)
        for outcome, hidden in _shown(row["outcome"]).items()
    )


# ---------------------------------------------------------------- sizes


def strip(words, entries, judged):
    """The sizes of an instrument as rows to choose from, `judged` by an outcome: size -> mark, words and cost, with the
    axis of the marks, the unit, and the steps between them.
    """
    rows = {size: one.effects[judged] for size, one in entries.items()}
    marks = {size: drawing.Row("", *row["value"], "") for size, row in rows.items()}
    low, high = drawing.span(list(marks.values()), cut=False)
    unit = next(iter(rows.values()))["unit"]
    by, called = words.scale(unit, low, high)
    found = {}
    for size, row in rows.items():
        value = (
            words.quantity(row["value"][0], unit, 3, signed=True)
            if row["told"]
            else tables.change(words, *row["value"], unit)
        )
        found[size] = {
            "mark": drawing.mark(marks[size], low, high),
            "words": value,
            "range": words.range(*row["value"][1:], unit, 3) if not math.isnan(row["value"][1]) else "",
            "cost": costs(words, entries[size].cost),
            "told": row["told"],
        }
    axis = drawing.axis(low, high, lambda tick: words.number(tick / by, 3, signed=True))
    return found, axis, called, _steps(words, judged, entries, unit)


def costs(words, cost):
    """What it costs, in two words."""
    value, low, high = cost
    if told(low, high):
        return words("costs_short", c=words.quantity(value, "yuan", 3))
    return words("costs_not_told")


def _steps(words, judged, entries, unit):
    """What each size does beyond the one below it, pair by pair, as sentences."""
    said, sizes = [], list(entries)
    for one, other in zip(sizes, sizes[1:], strict=False):
        gained = entries[other].levels[judged] - entries[one].levels[judged]
        more = intervals.mean(gained[~np.isnan(gained)])
        cost = intervals.mean(entries[other].levels[COST] - entries[one].levels[COST])
        if math.isnan(more.low) or math.isnan(cost.low):
            continue
        said.append(
            words(
                "step" if told(more.low, more.high) else "step_not_told",
                a=words.factor(one),
                b=words.factor(other),
                n=words.quantity(more.value, unit, 2, signed=True),
                outcome=words.within("outcomes", judged),
                range=words.range(more.low, more.high, unit, 2),
                cost=words.quantity(cost.value, "yuan", 2),
            )
        )
    return said
