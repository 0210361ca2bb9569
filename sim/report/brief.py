"""The report on a comparison: two pages and an appendix, every number of its saved tables."""

import math

from sim.report import diagram, drawing, streams, tables, verdict
from sim.report.markup import html, paragraph, tag
from sim.report.page import (
    Fact,
    Report,
    believe,
    calibration,
    caveats,
    columns,
    facts,
    labelled,
    section,
    sheet,
)
from sim.report.verdict import told
from sim.statistics import effects, intervals
from sim.world.calendar import quarter_name, quarter_of

BY_CHANCE = 0.05  # of rows leave zero out where nothing is there
BEFORE = 16  # quarters before the start that a course shows
MOST_GROUPS, MOST_KINDS = 7, 2
COUNTED = {  # outcome -> what the table by groups of startups counts
    "startups_founded": "founded",
    "startups_alive": "alive",
    "startups_funded_alive": "funded",
    "startup_jobs": "jobs",
    "vc_raised_cny": "raised",
    "vc_private_cny": "raised",
}


def report(words, found, folder):
    """The Report of what `folder.read` gives of a comparison."""
    about, row = found["about"], verdict.judged(found)
    asked = question(words, found)
    said, shock = verdict.sentences(words, found), verdict.shocks(about)
    first = sheet(
        words,
        "of_comparison",
        words("page", n=1),
        paragraph(asked, class_="question"),
        paragraph(words("stop").join(said), "h1"),
        facts(outcome_facts(words, found, row)),
        columns(
            [what_changes(words, found, row), *([] if shock else [purse(words, found)])],
            [where(words, found, row), take(words, row)],
        ),
        believe(words, rests_on(words, found), about),
    )
    behind = tables.appendix(words, found, folder)
    second = sheet(
        words,
        "of_comparison",
        words("page", n=2),
        columns(
            [course(words, found, row), *([] if shock else [anyway(words, found)])],
            [gains(words, found, row), *([] if shock else [section(*incidence(words, found))])],
        ),
        columns([caveats(words)], [how_to_read(words)]),
    )
    drawn = streams.pictures(words, found)
    third = sheet(words, "of_comparison", words("appendix"), drawn, *map(html, behind), appendix=True)
    return Report(asked, [first, second, third], behind)


def question(words, found):
    """What is asked, in a line."""
    about, city = found["about"], found["config"]["city"]
    it, _ = verdict.subject(words, about)
    lasts = struck(found)
    return words(
        "question",
        it=words("struck", it=it, window=words.window(*lasts)) if lasts else it,
        outcome=words.within("outcomes", verdict.judged(found)["outcome"]),
        city=words.city(city["name"], city["title"]),
        window=words.window(about["first_quarter"], about["last_quarter"]),
    )


def struck(found):
    """The first and the last quarter of a shock, where one is all that the arms differ in; else None."""
    names = verdict.shocks(found["about"])
    if len(names) != 1:
        return None
    shock = found["config"]["shock"][names[0]]
    return (shock["start"], shock["end"]) if shock["start"] and shock["end"] else None


# ---------------------------------------------------------------- page 1


def outcome_facts(words, found, row):
    """The cells below the verdict: effect, cost, cost of one more, what is not seen; of a shock, which nobody buys,
    without its price.
    """
    low, high, unit = row["difference_low"], row["difference_high"], row["unit"]
    if told(low, high):
        value, look = words.quantity(row["difference"], unit, signed=True), "more" if row["difference"] > 0 else "less"
    else:
        value, look = words("cannot_be_told" if not math.isnan(low) else "no_range"), "words"
        value = words("no_difference") if math.isnan(low) and row["runs"] >= intervals.FEWEST else value
    below = words.range(low, high, unit) if not math.isnan(low) else ""
    unseen = [
        words.within("outcomes", one.outcome)
        for one in main(found).itertuples()
        if not told(one.difference_low, one.difference_high)
    ]
    seen = Fact(words("not_seen", runs=row["runs"]), words("comma").join(unseen) or words("none"), "", "list")
    effect = Fact(words.name("outcomes", row["outcome"]), value, below, look)
    return [effect, *([] if verdict.shocks(found["about"]) else prices(words, found, row)), seen]


def prices(words, found, row):
    """The cells of what it costs, and of what one more costs."""
    cost, net = (verdict.purse(found).loc[name] for name in ("cost", "net_cost"))
    value, look = words("cannot_be_told"), "words"
    if told(cost["low"], cost["high"]):
        value, look = words.quantity(cost["value"], "yuan"), ""
    elif math.isnan(cost["low"]):
        value = words("no_range")
    net_range = words.range(net["low"], net["high"], "yuan")
    net_words = words("net_after_tax", n=words.quantity(net["value"], "yuan"), range=net_range)
    cells = [Fact(words("cost_fact"), value, net_words if told(net["low"], net["high"]) else "", look)]
    outcome = row["outcome"] if row["outcome"] in words.table["cost_of"] else verdict.JUDGED_BY
    each = verdict.cost_of_one_more(words, found, outcome)
    label = words("cost_one_more", one=words.name("cost_of", outcome))
    if each is None:
        cells.append(Fact(label, words("left_out"), words("left_out_why"), "words"))
    else:
        cells.append(Fact(label, words.quantity(each["value"], "yuan"), words.range(each["low"], each["high"], "yuan")))
    return cells


def main(found):
    """Rows of the main outcomes, the judged one first."""
    names = [verdict.judged(found)["outcome"], *verdict.MAIN]
    rows = found["comparison"].set_index("outcome", drop=False)
    return rows.loc[list(dict.fromkeys(names))]


def difference(row):
    """The difference of an outcome and the ends of its interval."""
    return [row.difference, row.difference_low, row.difference_high]


def of_level(row):
    """The same in percent of the level without, as they are drawn."""
    per_cent = 100 / abs(row.against) if row.against else math.nan
    return [value * per_cent for value in difference(row)]


def counted(rows, low="low", high="high"):
    """How many rows are told from zero, how many are tested, and how many would be by chance, as values of a text."""
    tested = rows[rows[low].notna()]
    return {
        "k": int(((tested[low] > 0) | (tested[high] < 0)).sum()),
        "n": len(tested),
        "e": f"{BY_CHANCE * len(tested):.1f}",
    }


def what_changes(words, found, row):
    """The main outcomes on one axis."""
    rows = main(found)
    _, level = verdict.subject(words, found["about"])
    marks = []
    for one in rows.itertuples():
        said = tables.in_percent(words, one.percent, *difference(one), one.unit)
        name = words.name("outcomes", one.outcome)
        marks.append(drawing.Row(name, *of_level(one), said, strong=one.outcome == row["outcome"]))
    declared = words("declared" if row["primary"] else "undeclared", outcome=words.within("outcomes", row["outcome"]))
    counts = counted(rows, "difference_low", "difference_high")
    note = words("by_outcome_note", level=level, declared=declared, **counts)
    title = words("by_outcome")
    figure = drawing.forest(title, marks, words.tick)
    return section(title, note, figure, paragraph(words("mark", runs=found["about"]["runs"]), class_="note"))


def mapped(found, row):
    """The outcome that the map shows: what it is judged by, where that is known by district, else jobs."""
    return row["outcome"] if (found["district_effects"]["quantity"] == row["outcome"]).any() else verdict.JUDGED_BY


def where(words, found, row):
    """The map of change by district."""
    there, outcome = found["district_effects"], mapped(found, row)
    rows = there[there["quantity"] == outcome].merge(found["districts"], left_on="district", right_on="code")
    _, level = verdict.subject(words, found["about"])
    note = words("by_district_note", outcome=words.name("outcomes", outcome), level=level, **counted(rows))
    if outcome != row["outcome"]:
        judged = words.within("outcomes", row["outcome"])
        note = words("district_proxy", judged=judged, outcome=words.within("outcomes", outcome)) + " " + note
    figure = change_map(words, found, words("by_district"), rows)
    return section(words("by_district"), note, figure, paragraph(words("hatched"), class_="note"))


def change_map(words, found, title, rows):
    """The figure of change in percent, of rows of districts with their layout."""
    cells = [
        diagram.cell(
            words,
            one,
            one.percent if told(one.low, one.high) and not math.isnan(one.percent) else None,
            words.percent(one.percent),
        )
        for one in rows.itertuples()
    ]
    city = diagram.of(words, found["config"], [cell.code for cell in cells])
    return drawing.change_map(title, cells, words.tick, words("hatch_key"), city)


def purse(words, found):
    """What it costs the treasury."""
    table = tables.of_purse(words, found)
    return section(table.title, table.note, html(table._replace(title="", note="")))


def rests_on(words, found):
    """How far to believe it, in paragraphs."""
    about = found["about"]
    lines = [
        words(
            "believe_runs",
            runs=about["runs"],
            first=about["seed"],
            last=about["seed"] + about["runs"] - 1,
            scale=words.share(about["scale"]),
            window=words.window(about["first_quarter"], about["last_quarter"]),
        ),
        *calibration(words, about),
        _placebo(words, found),
    ]
    stop = words("stop")
    return [stop.join(lines), stop.join([words.name("caveats", "luck"), words("unsigned")]).strip()]


def _placebo(words, found):
    about, study = found["about"], found["event_study"]
    first = words.quarter(min(about["announced"] or about["first_quarter"], about["first_quarter"]))
    if not (study["phase"] == effects.BEFORE).any():
        return words("placebo_none")
    size, outcome = effects.placebo(study)
    if outcome is None:
        return words("placebo_good", first=first)
    unit = words.table["outcomes"][outcome]["unit"]
    return words("placebo_bad", first=first, outcome=words.within("outcomes", outcome), n=words.quantity(size, unit, 2))


# ---------------------------------------------------------------- page 2


def course(words, found, row):
    """The difference by quarter."""
    about, study = found["about"], found["event_study"]
    rows = study[(study["outcome"] == row["outcome"]) & (study["relative"] >= -BEFORE)]
    numbers = [rows[name].astype(float) for name in ("difference", "low", "high")]
    size, unit = words.scale(row["unit"], *(end for column in numbers for end in column))
    marks = [(about["first_quarter"], words("starts", q=words.quarter(about["first_quarter"])))]
    if about["announced"] and about["announced"] < about["first_quarter"]:
        marks.append((about["announced"], words("announced", q=words.quarter(about["announced"]))))
    if lasts := struck(found):
        marks.append((quarter_name(quarter_of(lasts[1]) + 1), words("over_from", q=words.quarter(lasts[1]))))
    title = words("course")
    figure = drawing.course(
        title,
        drawing.Series(rows["quarter"].tolist(), *((column / size).tolist() for column in numbers)),
        lambda value: words.number(value, 3, signed=True),
        marks,
        words("zero"),
        (about["assumed"], words("assumed_short")) if about.get("assumed") else None,
    )
    note = words("course_note", outcome=words.name("outcomes", row["outcome"]), unit=unit)
    few = words("course_none", fewest=intervals.FEWEST) if about["runs"] < intervals.FEWEST else ""
    return section(title, words("stop").join(filter(None, [note, few])), figure)


def _groups(found, row):
    """(what is counted, rows of all groups of it but the districts, of those that are told the largest first)."""
    kind = COUNTED.get(row["outcome"], "jobs")
    rows = found["heterogeneity"]
    rows = rows[(rows["outcome"] == kind) & ~rows["dimension"].isin(["all", "district"])]
    certain = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    return kind, rows, certain.sort_values("difference", key=abs, ascending=False)


def gains(words, found, row):
    """Whose firms gain."""
    kind, rows, certain = _groups(found, row)
    note = words("gains_note", outcome=words.name("groups_of_startups", kind), **counted(rows))
    if row["outcome"] not in COUNTED:
        shown = {"judged": words.within("outcomes", row["outcome"])}
        note = words("gains_proxy", outcome=words.within("groups_of_startups", kind), **shown) + " " + note
    if certain.empty:
        return section(words("gains"), note, paragraph(words("gains_none")))
    unit = certain["unit"].iloc[0]
    shown = certain.head(MOST_GROUPS)
    size, behind = words.size(unit, *shown["difference"])
    marks = [
        drawing.Row(
            words.name("startups", one.group),
            one.difference / size,
            one.low / size,
            one.high / size,
            words.number(one.difference / size, 3, signed=True),
        )
        for one in shown.itertuples()
    ]
    figure = drawing.forest(words("gains"), marks, lambda tick: words.number(tick, 3, signed=True))
    return section(words("gains"), note, figure, paragraph(behind.strip() if unit == "yuan" else "", class_="note"))


def anyway(words, found):
    """What would also have happened without it."""
    groups = verdict.anyway(found)
    shown = []
    for i, group in enumerate(groups[:MOST_KINDS]):
        hundred = round(100 * group.share)
        said = words("anyway_squares", who=words.phrase_first(group.who), a=hundred, b=100 - hundred)
        shown += [drawing.squares(said, hundred, f"anyway{i}"), paragraph(said, class_="note")]
    table = tables.of_takers(words, found)
    rest = html(table) if table.rows else paragraph(words("anyway_none"))
    return section(words("anyway_title"), words("anyway_note"), *shown, rest)


def take(words, row):
    """What it would take to see an effect."""
    outcome, unit, runs = words.within("outcomes", row["outcome"]), row["unit"], row["runs"]
    smallest, level = row["detectable"], abs(row["against"]) * verdict.WORTH_HAVING
    if not smallest > 0:
        return section(words("take"), "", paragraph(words("take_unknown")))
    lines = [words("take_shows", runs=runs, outcome=outcome, m=words.quantity(smallest, unit, 2))]
    if level > 0:
        pairs = max(runs * (smallest / level) ** 2, intervals.FEWEST)  # what shows shrinks with the root of the pairs
        lines.append(
            words("take_percent", n=words.quantity(level, unit, 2), r=words.number(float(math.ceil(pairs)), 2))
        )
    return section(words("take"), "", paragraph(words("stop").join(lines)))


def incidence(words, found):
    """(title, note, table) of whom the money reaches first and who gets more."""
    table = tables.of_incidence(words, found)
    moved = (found["incidence"]["first_cny"] != 0) | (found["incidence"]["receipts_low"] > 0)
    moved |= found["incidence"]["receipts_high"] < 0
    shown = [row for row, any_ in zip(table.rows, moved, strict=True) if any_]
    return table.title, table.note, html(table._replace(title="", note="", rows=shown))


def how_to_read(words):
    """How to read it."""
    entries = ("pair", "range", "told", "chance", "placebo", "scale")
    return section(
        words("how_to_read"),
        "",
        tag(
            "ul",
            *(
                labelled(words, words.name("glossary", key), words.meaning("glossary", key), within="li")
                for key in entries
            ),
        ),
    )
