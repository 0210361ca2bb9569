"""The page of the atlas: one HTML file. Every view of it is markup made here; its script only chooses among them.

Views are packed an instrument at a time (gzip, base64), so that all of them stay below `MOST` bytes; the first is in
the page as it is, to be seen before any script, or without.
"""

import base64
import gzip
import json
import math
import re
import shlex
from html import escape
from pathlib import Path
from string import Template

from sim.atlas import entries
from sim.atlas.combinations import BOUNDS, FIRST, NOT_ASKED
from sim.report import drawing, page, verdict
from sim.report.markup import paragraph, tag
from sim.report.words import LANGUAGES, Words
from sim.settings.refusals import ConfigError

HERE = Path(__file__).parent
STYLES = (*(page.HERE / name for name in page.STYLES), HERE / "atlas.css")
CLOCKS = ("past", "ahead")
MOST = 5_000_000  # bytes
ENOUGH_PAIRS, ENOUGH_SCALE = 20, 0.1  # below either it says that it is a trial
COSTS = (1e9, 5e9, 20e9)  # yuan, that the menu offers as limits


def whole(config, about, entered, left_out):
    """The HTML of the atlas: `entered` is Combination -> Entry. Raises ConfigError where it would be too large."""
    names = list(dict.fromkeys((one.group, one.name) for one in entered))
    places = [(code, name) for code, name in zip(config.city.district_codes, config.city.district_names, strict=True)]
    said = {language: Words(language, places) for language in LANGUAGES}
    views = {name: {} for _, name in names}
    for group, name in names:
        for clock in about["clocks"]:
            sized = {
                one.size: entry
                for one, entry in entered.items()
                if (one.group, one.name, one.clock) == (group, name, clock)
            }
            by = {}  # language -> outcome -> the sizes by it
            if group == "policy" and sized:
                judged = next(iter(sized.values())).judged
                by = {
                    language: {outcome: entries.strip(words, sized, outcome) for outcome in (judged, *verdict.MAIN)}
                    for language, words in said.items()
                }
            for size, entry in sized.items():
                views[name][f"{clock}|{size:g}"] = {
                    language: entry.markup[language].replace(
                        entries.SIZES, _strips(words, by[language], size) if by else ""
                    )
                    for language, words in said.items()
                }
    first = FIRST if FIRST in views else names[0][1]
    shared = _shared(views)
    index = _index(config, about, said, names, entered, left_out)
    key = next((key for key in views[first] if key.endswith("|1")), next(iter(views[first])))
    data = "\n".join(
        f'<script type="text/plain" id="v-{name}">{_packed(one, shared)}</script>' for name, one in views.items()
    )
    text = Template((HERE / "atlas.html").read_text("utf-8")).substitute(
        title=escape(index["title"]["en"]),
        style="\n".join(path.read_text("utf-8").strip() for path in STYLES),
        script=(HERE / "atlas.js").read_text("utf-8").strip(),
        index=json.dumps(index, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
        shared=json.dumps(shared, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
        first=json.dumps({"name": first, "key": key}),
        view=views[first][key]["en"],
        data=data,
    )
    size = len(text.encode())
    if size > MOST:
        raise ConfigError(
            [f"atlas: the page has {size / 1e6:.1f} MB, above {MOST / 1e6:g}; ask for fewer by only= or sizes="]
        )
    return text


# ---------------------------------------------------------------- packing


def _shared(views):
    """Long paths that stand in many views, which name them by their place in this list."""
    seen = {}
    for one in views.values():
        for text in (text for view in one.values() for text in view.values()):
            for path in set(re.findall(r' d="(M[^"]{60,})"', text)):
                seen[path] = seen.get(path, 0) + 1
    return [path for path, times in seen.items() if times > 3]


def _short(text, shared):
    for place, path in enumerate(shared):
        text = text.replace(path, f"\u00a7{place}\u00a7")
    return text


def _packed(views, shared):
    """The views of an instrument, section by section: what they share stands close by, and packs well.

    {"keys": [key], "parts": [of each section, of each key, its markup in each language]}
    """
    split = [[re.split("(?=<section)", _short(text, shared)) for text in view.values()] for view in views.values()]
    most = max(len(parts) for view in split for parts in view)
    parts = [
        [[parts[place] if place < len(parts) else "" for parts in view] for view in split] for place in range(most)
    ]
    text = json.dumps({"keys": list(views), "parts": parts}, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


# ---------------------------------------------------------------- sizes


def _strips(words, by, chosen):
    """The sizes judged by each outcome, first by that of the instrument; the page shows one of them."""
    judged, *others = by
    if len(by[judged][0]) == 1:  # no size to choose
        (row,) = by[judged][0].values()
        return tag("section", paragraph(row["cost"], class_="note"), class_="sizes")
    return _strip(words, judged, by[judged], chosen) + "".join(
        _strip(words, outcome, by[outcome], None, hidden="hidden") for outcome in others
    )


def _strip(words, judged, strip, chosen, **more_of_it):
    """The sizes to choose from, as radio buttons with their marks."""
    rows, axis, unit, steps = strip
    outcome = words.name("outcomes", judged)
    inside = []
    for size, row in rows.items():
        more = {"checked": "checked"} if size == chosen else {}
        button = tag("input", type="radio", name="size", value=f"{size:g}", **more)
        inside.append(
            tag(
                "label",
                button,
                tag("span", escape(words.factor(size)), tag("small", escape(row["cost"])), class_="n"),
                row["mark"],
                tag(
                    "span",
                    escape(row["words"]),
                    tag("small", escape(row["range"])),
                    class_="v" if row["told"] else "v not",
                ),
                class_="row",
            )
        )
    head = tag("div", tag("span", "", class_="n"), axis, tag("span", escape(unit), class_="v not"), class_="row head")
    return tag(
        "section",
        tag(
            "fieldset",
            tag("legend", tag("b", escape(words("size"))), " ", escape(words("size_note", outcome=outcome))),
            head,
            *inside,
        ),
        *(paragraph(step, class_="note") for step in steps),
        class_="sizes",
        data_outcome=judged,
        **more_of_it,
    )


# ---------------------------------------------------------------- index


def _index(config, about, said, names, entered, left_out):
    """What the script needs to draw the menu and to find a view."""

    def both(say, **more):
        return {language: say(words, **more) for language, words in said.items()}

    city = both(lambda words: words.city(config.city.name, config.city.title))
    kinds = said["en"].kinds([name for group, name in names if group == "policy"])
    kinds["shocks"] = [name for group, name in names if group == "shock"]
    sizes = {name: {} for _, name in names}
    for one in entered:
        sizes[one.name].setdefault(one.clock, []).append(f"{one.size:g}")

    def clock(words, name):
        first, last = map(words.quarter, about["clocks"][name])
        return words(f"clock_{name}", first=first, last=last)

    def called(words, group, name):
        return words.name("shocks" if group == "shock" else "policies", name)

    def assumed(words):
        ahead = about["clocks"].get("ahead")
        return words("assumed", first=words.quarter(ahead[0])) if ahead else ""

    def trial(words):
        small = about["runs"] < ENOUGH_PAIRS or about["scale"] < ENOUGH_SCALE
        return words("small", runs=about["runs"], scale=words.share(about["scale"])) if small else ""

    def lacking(words):
        return words("lacking", what=words("comma").join(_missing(words, left_out))) if left_out else ""

    return {
        "languages": LANGUAGES,
        "title": both(lambda words: words("atlas", city=city[words.language])),
        "kinds": [
            {"key": kind, "words": both(Words.name, kind="kinds", key=kind), "of": found}
            for kind, found in kinds.items()
            if found
        ],
        "names": {name: both(called, group=group, name=name) for group, name in names},
        "outcomes": {name: both(Words.name, kind="outcomes", key=name) for name in verdict.MAIN},
        "clocks": {name: both(clock, name=name) for name in about["clocks"]},
        "sizes": sizes,
        "menus": {name: _menu(said, name, entered) for name in about["clocks"]},
        "limits": [{"most": most, "words": both(Words.quantity, value=most, unit="yuan", digits=2)} for most in COSTS],
        "text": {
            key: both(Words.__call__, key=key)
            for key in (
                *("name", "clock", "choose", "judged_by", "order", "order_kind", "order_effect", "order_each"),
                *(
                    "cost_up_to",
                    "any_cost",
                    "menu_note",
                    "order_note",
                    "copy",
                    "copied",
                    "not_in_atlas",
                    "not_in_atlas_note",
                ),
                *("old_browser", "language", "skip"),
            )
        },
        "lacking": both(lacking),
        "assumed": both(assumed),
        "trial": both(trial),
        "other": shlex.join(
            ["sim", "compare", "policy=[history,coworking,accelerator]", "without=[corporate_accelerator]"]
            + ["policy.coworking.start=2026Q1", "policy.accelerator.start=2026Q1", "against=history", "end=2035Q4"]
            + [f"runs={about['runs']}", f"scale={about['scale']:g}"]
        ),
    }


def _missing(words, left_out):
    """What is left out, by name, with the sizes where these are."""
    found = {}
    for name, size, _clock, why in left_out:
        kind = "shocks" if name in words.table["shocks"] else "policies"
        found.setdefault((words.name(kind, name), why), []).append("" if math.isnan(size) else words.factor(size))
    out, unasked = [], []
    for (name, why), sizes in found.items():
        if why == NOT_ASKED:
            unasked.append(name)
            continue
        listed = words("comma").join(dict.fromkeys(filter(None, sizes)))
        said = words("why_bounds") if why == BOUNDS else why
        out.append(words("in_brackets", a=f"{name} {listed}".strip(), b=said))
    if unasked:
        out.append(words("in_brackets", a=words("comma").join(unasked), b=words("why_not_asked")))
    return out


def _menu(said, clock, entered):
    """Outcome -> the axis, and of each instrument at its own size the mark, the words and the numbers to order by."""
    own = {one.name: entry for one, entry in entered.items() if one.clock == clock and one.size == 1.0}
    menus = {}
    for outcome in verdict.MAIN:
        rows = {name: drawing.Row("", *entry.effects[outcome]["mark"], "") for name, entry in own.items()}
        if not rows:
            continue
        low, high = drawing.span(list(rows.values()))
        menus[outcome] = {
            "axis": drawing.axis(low, high, said["en"].tick),
            "rows": {
                name: {
                    "mark": drawing.mark(row, low, high),
                    "words": own[name].effects[outcome]["words"],
                    "told": own[name].effects[outcome]["told"],
                    "effect": row.value if not math.isnan(row.value) else 0.0,
                    "each": own[name].effects[outcome]["each"],
                    "price": own[name].effects[outcome]["price"],
                    "cost": own[name].cost[0],
                }
                for name, row in rows.items()
            },
        }
    return menus
