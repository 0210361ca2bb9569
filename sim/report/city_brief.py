"""The report on one run: the city as it was simulated, held against what was reported. It says nothing of policies."""

import math

from sim.report import diagram, drawing
from sim.report.markup import Table, html, paragraph
from sim.report.page import (
    Fact,
    Report,
    believe,
    calibration,
    caveats,
    columns,
    facts,
    glossary,
    origins,
    section,
    sheet,
)

COURSES = ("startups_alive", "startup_jobs", "vc_raised_cny", "office_rent_cny_m2")
GOOD = ("inside", "rank holds", "sign holds")
ROLES = ("target", "holdout")
MOST = 13  # rows of the table on the first page


def report(words, found, folder):
    """The Report of what `folder.read` gives of a run."""
    about, config = found["about"], found["config"]
    city = words.city(config["city"]["name"], config["city"]["title"])
    window = words.window(about["first_quarter"], about["last_quarter"])
    title = words("run_question", city=city, window=window)
    judged = found["reported"]
    judged = judged[judged["verdict"].isin(words.table["judgements"]) & judged["role"].isin(ROLES)]
    seed = words("run_seed", seed=about["seed"], scale=words.share(about["scale"]), window=window)
    stop = words("stop")
    lines = [stop.join([seed, *calibration(words, about)]), stop.join([words("run_one"), words("unsigned")]).strip()]
    table = _judged(words, judged)
    first = sheet(
        words,
        "of_run",
        words("page", n=1),
        paragraph(title, class_="question"),
        paragraph(_verdict(words, judged), "h1"),
        facts(_facts(words, found)),
        columns(
            [section(table.title, table.note, html(_short(table)))],
            [_map(words, found)],
        ),
        believe(words, lines, about),
    )
    courses = [_course(words, found, name) for name in COURSES]
    policies = _policies(words, config)
    second = sheet(
        words,
        "of_run",
        words("page", n=2),
        columns(courses[::2], courses[1::2]),
        columns([section(policies.title, policies.note, html(policies._replace(title="", note="")))], [caveats(words)]),
    )
    tables = [table, policies, _districts(words, found), _fingerprint(words, about), origins(words, about, folder)]
    tables.append(glossary(words))
    third = sheet(words, "of_run", words("appendix"), *map(html, tables), appendix=True)
    return Report(title, [first, second, third], tables)


def _short(table):
    """The first rows of the table of what is judged, without roles."""
    head, *rows = (row[:6] for row in (table.head, *table.rows[:MOST]))
    return Table("", head, rows, 2)


def _verdict(words, judged):
    said = []
    for role in ROLES:
        verdicts = judged[judged["role"] == role]["verdict"]
        if len(verdicts):
            said.append(words(f"run_{role}", n=len(verdicts), k=int(verdicts.isin(GOOD).sum())))
    return words("stop").join(said) or words("run_nothing")


def _facts(words, found):
    last = found["city"].iloc[-1]
    quarter = words.quarter(last["quarter"])
    return [
        Fact(
            words.name("outcomes", name),
            words.quantity(float(last[name]), words.table["outcomes"][name]["unit"]),
            quarter,
        )
        for name in COURSES
    ]


def _judged(words, judged):
    rows = []
    for one in judged.itertuples():
        name = words.name("reported", one.id)
        claim = math.isnan(one.reported)
        size, _ = words.size(one.unit)
        numbers = [words.number(value / size) for value in (one.reported, one.simulated)]
        within = words.range(one.low / size, one.high / size, "index")
        rows.append(
            [
                name,
                words.name("units", one.unit),
                "–" if claim else numbers[0],
                "–" if claim else within,
                "–" if claim else numbers[1],
                words.name("judgements", one.verdict),
                words.name("roles", one.role),
            ]
        )
    head = ["", *(words(name) for name in ("unit", "reported", "tolerance", "simulated", "judgement", "role"))]
    return Table(words("run_judged"), head, rows, 2, words("run_judged_note"))


def _last(found):
    rows = found["district"]
    last = rows["quarter"].iloc[-1]
    return last, rows[rows["quarter"] == last].merge(found["districts"], left_on="district", right_on="code")


def _map(words, found):
    last, rows = _last(found)
    cells = [
        diagram.cell(words, one, float(one.startups_alive), words.number(float(one.startups_alive)))
        for one in rows.itertuples()
    ]
    city = diagram.of(words, found["config"], [cell.code for cell in cells])
    figure = drawing.level_map(words("run_where"), cells, words.number, city)
    return section(words("run_where"), words("run_where_note", q=words.quarter(last)), figure)


def _course(words, found, name):
    panel, unit = found["city"], words.table["outcomes"][name]["unit"]
    values = panel[name].astype(float)
    size, called = words.scale(unit, *values)
    nothing = [math.nan] * len(panel)
    title = words.name("outcomes", name)
    figure = drawing.course(
        title,
        drawing.Series(panel["quarter"].astype(str).tolist(), (values / size).tolist(), nothing, nothing),
        lambda value: words.number(value, 3),
        [],
    )
    return section(title, called, figure)


def _policies(words, config):
    rows = [
        [words.name("policies", name), words.quarter(policy["start"]) if policy["start"] else words("always")]
        for name, policy in config["policy"].items()
    ]
    return Table(words("run_policies"), ["", words("run_from")], rows, 2, "" if rows else words("run_no_policies"))


def _districts(words, found):
    last, rows = _last(found)
    table = [
        [
            words.place(one.district),
            *(words.quantity(float(getattr(one, name)), words.table["outcomes"][name]["unit"]) for name in COURSES),
        ]
        for one in rows.itertuples()
    ]
    head = ["", *(words.name("outcomes", name) for name in COURSES)]
    return Table(words("districts"), head, table, 1, words.quarter(last))


def _fingerprint(words, about):
    return Table(words("fingerprints"), [words("seed"), ""], [[str(about["seed"]), about["fingerprint"]]], 2)
