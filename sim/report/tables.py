"""The tables of a report on a comparison: each is on its pages or in its appendix, and in the files beside it."""

import math

from sim.report import knobs, verdict
from sim.report.markup import Table
from sim.report.page import glossary, origins
from sim.report.verdict import told
from sim.verbs.comparison import ledger

SHOWN = 16  # letters of a fingerprint


def appendix(words, found, folder):
    """The tables behind the pages."""
    about = found["about"]
    changes = [
        [
            knobs.setting(words, one["key"]),
            *(knobs.value_of(words, one["key"], one[arm]) for arm in ("policy", "against")),
        ]
        for one in about["changes"]
    ]
    seeds = found["runs"].pivot(index="seed", columns="arm", values="fingerprint")
    prints = [[str(seed), *(one[arm][:SHOWN] for arm in ("policy", "against"))] for seed, one in seeds.iterrows()]
    arms = list(verdict.arms(words, about))
    return [
        Table(words("changes"), [words("key"), *arms], changes, 3),
        of_outcomes(words, found),
        of_purse(words, found),
        of_ledger(words, found),
        of_incidence(words, found),
        of_districts(words, found),
        of_groups(words, found),
        Table(words("fingerprints"), [words("seed"), *arms], prints, 3, words("fingerprints_note", n=SHOWN)),
        origins(words, about, folder),
        glossary(words),
    ]


def change(words, value, low, high, unit):
    """A change in words where it is told, else that it is not."""
    if math.isnan(low):
        return words("no_difference" if value == 0 else "no_range")
    return words.quantity(value, unit, signed=True) if told(low, high) else words("not_told")


def in_percent(words, percent, value, low, high, unit):
    """The same with the change in percent."""
    return words.percent(percent) if told(low, high) else change(words, value, low, high, unit)


def of_outcomes(words, found):
    rows = []
    for one in found["comparison"].itertuples():
        ends = (one.difference_low, one.difference_high)
        size, unit = words.scale(one.unit, one.against, one.policy)
        rows.append(
            [
                words.name("outcomes", one.outcome),
                unit,
                words.name("over", one.over),
                words.number(one.against / size),
                words.number(one.policy / size),
                words.number(one.difference / size, signed=True),
                words.range(*(end / size for end in ends), "index"),
                words.percent(one.percent),
                words.rate(one.q),
                words.number(one.detectable / size, 2),
            ]
        )
    ours, theirs = verdict.arms(words, found["about"])
    head = [words("outcome"), words("unit"), words("when"), theirs, ours]
    head += [words(name) for name in ("difference", "range", "percent", "q", "shows")]
    return Table(words("all_outcomes"), head, rows, 3)


def of_purse(words, found):
    about = found["about"]
    rows = [
        [
            words.name("purse", one.quantity),
            *(
                (words.quantity(one.value, one.unit), words.range(one.low, one.high, one.unit))
                if not math.isnan(one.value)
                else (words("left_out"), words("left_out_why"))
            ),
        ]
        for one in found["public_purse"].itertuples()
    ]
    note = words("who_pays_note", first=words.quarter(about["first_quarter"]), rate=words.share(about["discount_rate"]))
    return Table(words("who_pays"), ["", words("estimate"), words("range")], rows, 1, note)


def of_ledger(words, found):
    rows = []
    for one in found["ledger"].itertuples():
        policy = f"{words.name('policies', one.policy)}{words('colon')}" if one.policy == one.policy else ""
        what = words.phrase(one.quantity) if policy else words.phrase_first(one.quantity)
        if math.isnan(one.value):
            why = words.phrase(one.why) if one.why == one.why else words("no_range")
            rows.append([policy + what, words("left_out"), why])
            continue
        share = one.unit == "share"
        value = words.share(one.value) if share else words.quantity(one.value, one.unit)
        if one.low == one.high:
            ends = words("every_pair")
        elif share and not math.isnan(one.low):
            ends = words("to", low=words.share(one.low), high=words.share(one.high))
        else:
            ends = words.range(one.low, one.high, one.unit)
        rows.append([policy + what, value, ends])
    return Table(words("ledger"), ["", words("estimate"), words("range")], rows)


def of_takers(words, found):
    """A row for each kind of takers; the appendix has the ranges, and why something is left out."""
    rows = []
    for one in found["ledger"][found["ledger"]["block"] == "additionality"].itertuples():
        if one.quantity.startswith("takers: "):
            count = words.number(one.value, 3)
            rows.append([words.phrase_first(one.quantity.removeprefix("takers: ")), count, "–", "–", "–", "–"])
        elif one.quantity in (ledger.ADDITIONAL, ledger.PLACEBO):
            rows[-1][4 if one.quantity == ledger.ADDITIONAL else 5] = words.share(one.value)
        elif one.quantity.endswith((", with it", ", without it")):
            rows[-1][2 if one.quantity.endswith(", with it") else 3] = words.share(one.value)
    head = ["", *(words(name) for name in ("takers", "did_with", "did_without", "because", "alone"))]
    return Table("", head, rows)


def of_incidence(words, found):
    cost = verdict.purse(found).loc["cost"]
    known = told(cost["low"], cost["high"])  # a share of nothing says nothing
    table = found["incidence"]
    size, unit = words.size("yuan", *table["first_mean_cny"], *table["receipts_cny"])
    rows = []
    for one in table.to_dict("records"):
        more, low, high = (one[name] / size for name in ("receipts_cny", "receipts_low", "receipts_high"))
        is_share = known and not math.isnan(one["first_share"])
        rows.append(
            [
                words.name("classes", one["class"]),
                words.number(one["first_mean_cny"] / size, 3),
                words.share(one["first_share"]) if is_share else "–",
                words.number(more, 3, signed=True) if told(low, high) else change(words, more, low, high, "index"),
                words.range(low, high, "index", 3),
            ]
        )
    head = ["", words("first_paid"), words("share"), words("gets_more"), words("range")]
    return Table(words("incidence"), head, rows, 1, words("incidence_note", unit=unit.strip()))


def of_districts(words, found):
    quantities = [
        name for name in dict.fromkeys(found["district_effects"]["quantity"]) if name in words.table["outcomes"]
    ]
    rows = []
    for one in found["district_effects"].itertuples():
        if one.quantity not in quantities:
            continue
        size, unit = words.scale(one.unit, one.against)
        rows.append(
            [
                words.name("outcomes", one.quantity),
                unit,
                words.place(one.district),
                words.number(one.against / size),
                words.number(one.difference / size, signed=True),
                words.range(one.low / size, one.high / size, "index"),
                in_percent(words, one.percent, one.difference, one.low, one.high, one.unit),
            ]
        )
    head = [words("outcome"), words("unit"), words("district"), verdict.arms(words, found["about"])[1]]
    head += [words(name) for name in ("difference", "range", "percent")]
    return Table(words("districts"), head, rows, 3)


def of_groups(words, found):
    rows = found["heterogeneity"]
    certain = rows[((rows["low"] > 0) | (rows["high"] < 0)) & ~rows["dimension"].isin(["all", "district"])]
    told_rows = [
        [
            words.name("dimensions", one.dimension),
            words.name("startups", one.group),
            words.name("groups_of_startups", one.outcome),
            words.quantity(one.against, one.unit),
            words.quantity(one.difference, one.unit, signed=True),
            words.range(one.low, one.high, one.unit),
        ]
        for one in certain.itertuples()
    ]
    head = [words("who"), words("group"), words("outcome"), verdict.arms(words, found["about"])[1]]
    return Table(words("groups"), [*head, words("difference"), words("range")], told_rows, 3)
