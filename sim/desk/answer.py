"""The right column of the desk, as markup: sections of the report, and what only a desk has."""

import panel as pn
import param

from sim.desk.scenario import knobs as knobs_of
from sim.report import brief, drawing, knobs, page, verdict
from sim.report.markup import paragraph, tag
from sim.report.words import LANGUAGES
from sim.statistics import intervals
from sim.verbs.comparison import views

OUTCOMES = verdict.MAIN
STYLE = (page.HERE / "page.css").read_text("utf-8").replace(":root", ":host")
STYLE += """
:host { font: 15px/1.45 "Source Sans 3", "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
  sans-serif; color: var(--ink); }
.lang { width: 100%; } .strip { background: #FFF3D1; padding: .4rem .7rem; border-left: 4px solid #D9A62E; margin: 0; }
.refused { border: 2px solid var(--ink); padding: .25rem .5rem; margin: 0; font-size: .87rem; }
.chips { font-size: .87rem; margin: 0; } .impression { color: var(--grey); } .columns { gap: 1rem; }
.brand { font-size: 1.1rem; margin: 0; }
.columns > div > section { background: #fff; border: 1px solid var(--rule); border-radius: 6px; padding: .8rem 1rem; }
@media (max-width: 900px) {
  .columns { grid-template-columns: minmax(0, 1fr); } .facts { grid-template-columns: 1fr 1fr; }
}
"""
PAGE = {"background": "#FAF8F3", "padding": "14px", "color": "#1B2026"}
CARD = {"background": "#fff", "border": "1px solid #DCDFE2", "border-radius": "6px", "padding": "10px 14px"}


APPLY = """
:host(.solid) .bk-btn.bk-btn-warning, .bk-btn.bk-btn-warning { background: #D9A62E; color: #1B2026; font-weight: 700;
  border: 1px solid #1B2026; font-size: 15px; }
.bk-btn.bk-btn-warning[disabled] { background: #ECE8DE; color: #59636E; }
"""


class Scrubber(pn.custom.JSComponent):
    """A slider over the places of a list, as browsers have it: with a name, and moved by the keys of arrows."""

    label = param.String()
    shown = param.String()
    value = param.Integer()
    most = param.Integer(1)

    _esm = """
export function render({ model }) {
  const box = document.createElement("label"), range = document.createElement("input");
  const words = document.createElement("span");
  box.style = "display:block;font-size:13px"; range.type = "range"; range.min = 0;
  range.style = "display:block;width:100%;accent-color:#0A6AA1";
  const draw = () => {
    range.max = model.most; range.value = model.value; words.textContent = model.label + model.shown;
    range.setAttribute("aria-valuetext", model.shown);
  };
  range.addEventListener("input", () => { model.value = parseInt(range.value); });
  for (const name of ["label", "shown", "value", "most"]) model.on(name, draw);
  draw(); box.append(words, range);
  return box;
}
"""


def pane(markup="", margin=(2, 0)):
    """A place for markup, with the style of the reports."""
    return pn.pane.HTML(markup, stylesheets=[STYLE], sizing_mode="stretch_width", margin=margin)


def card(*inside, styles=None):
    """A white box."""
    return pn.Column(*inside, styles={**CARD, **(styles or {})}, sizing_mode="stretch_width", margin=(4, 0))


def heading(words):
    """The title of a box."""
    return pane(paragraph(words, "h2"), margin=0)


def _in(words, *inside, **more):
    """Markup in its language."""
    return tag("div", *inside, " ", lang=LANGUAGES[words.language], class_="lang", **more)


def title(words, config):
    """The name of the desk and of its city."""
    called = words.city(config.city.name, config.city.title)
    brand = tag("p", paragraph(words("name"), "b"), f" {words('desk')}{words('clause')}{called}", class_="brand")
    below = paragraph(words("not_forecast"), class_="note") + paragraph(words("apply_key"), class_="note")
    return pane(_in(words, brand, below), margin=0)


def knob_label(words, knob):
    """What a field is called: what the number is, and its unit."""
    called, unit = words.knob(knob.name), words.name("knob_units", knob.unit)
    return words("in_brackets", a=called, b=unit) if unit else called


def note(words, text):
    """Small words below a field."""
    return _in(words, paragraph(text, class_="note"))


def refused(words, text):
    """A refusal, at the place where it happens."""
    return _in(words, tag("p", paragraph("! ", "b"), paragraph(text, "span"), class_="refused", role="alert"))


# ---------------------------------------------------------------- what is being computed


def frames(tables):
    """The tables of what was heard."""
    return {name: frame for name, frame in tables.items() if name != "about"}


def more(pairs):
    """How many pairs are offered where so many show nothing."""
    return 2 * pairs


def nothing_seen(read):
    """Whether the answer is that nothing can be seen."""
    return verdict.case(read) == "nothing"


def chips(words, config, scenario, focus):
    """What is changed of history."""
    if focus is not None and not (scenario.changed(config) or scenario.shocks):
        return _in(words, paragraph(words("nothing_changed", it=words.name("policies", focus)), class_="chips"))
    parts = []
    for name in scenario.changed(config):
        called = words.name("policies", name)
        if not scenario.is_on(config, name):
            parts.append(words("preset_without", it=called))
            continue
        units = {knob.name: knob.unit for knob in knobs_of(config, name)}
        given = [knobs.named(words, key, value, units[key]) for key, value in scenario.knobs.get(name, {}).items()]
        parts.append(words("in_brackets", a=called, b=words("comma").join(given)) if given else called)
    parts += [words.name("shocks", name) for name in scenario.shocks]
    text = words("changed", what=words("comma").join(parts)) if parts else ""
    return _in(words, paragraph(text, class_="chips"))


def status(words, heard, waiting, stopped, pairs):
    """The strip above the answer."""
    lines = []
    if waiting:
        lines.append(words("not_applied"))
    if heard is not None and heard.failed:
        lines.append(words("failed", why=heard.failed))
    elif heard is None:
        lines.append(words("running", n=0, of=pairs))
    elif stopped:
        lines.append(words("stopped", n=heard.pairs, of=heard.of))
    elif heard.pairs < heard.of:
        said = words("one_pair") if heard.pairs == 1 else words("refining") if heard.pairs >= intervals.FEWEST else ""
        lines.append(words("clause").join(filter(None, [words("running", n=heard.pairs, of=heard.of), said])))
    return _in(words, tag("div", *(paragraph(text, class_="strip") for text in lines), " ", role="status"))


def nothing_yet(words):
    """Before the first pair is there."""
    return _in(words, paragraph(words("computing_first"), "h1", class_="impression"))


# ---------------------------------------------------------------- the answer


def head(words, read):
    """The verdict and its facts; below five pairs the first impression."""
    row = verdict.judged(read)
    asked = paragraph(brief.question(words, read), class_="question")
    if row["runs"] < intervals.FEWEST:
        values = _differences(read, row)
        mean = words.quantity(sum(values) / len(values), row["unit"], 2, signed=True)
        outcome = words.within("outcomes", row["outcome"])
        text = words("impression", n=len(values), outcome=outcome, x=mean, fewest=intervals.FEWEST)
        return _in(words, asked, paragraph(text, "h1", class_="impression"))
    said = words("stop").join(verdict.sentences(words, read))
    return _in(words, asked, paragraph(said, "h1"), page.facts(brief.outcome_facts(words, read, row)))


def _differences(read, row):
    """What an outcome differs by, a number a pair."""
    return views.pairs(read["runs"])[row["outcome"]]["difference"].tolist()


def rest(words, read):
    """What stands below the figures."""
    row = verdict.judged(read)
    left, right = [brief.what_changes(words, read, row)], [brief.gains(words, read, row), brief.take(words, row)]
    if not verdict.shocks(read["about"]):  # which nobody buys, and nobody takes up
        left += [brief.anyway(words, read), brief.purse(words, read)]
        right.append(page.section(*brief.incidence(words, read)))
    return _in(
        words,
        page.columns(left, right),
        page.believe(words, brief.rests_on(words, read), read["about"]),
    )


def dots(words, read):
    """A dot a pair."""
    row = verdict.judged(read)
    values = _differences(read, row)
    size, unit = words.scale(row["unit"], *values)
    ends = (row["difference_low"] / size, row["difference_high"] / size)
    figure = drawing.dots(
        words("how_sure"), [value / size for value in values], *ends, lambda tick: words.number(tick, 3, signed=True)
    )
    named = {"outcome": words.name("outcomes", row["outcome"]), "unit": unit}
    above = words("how_sure_note", k=sum(value > 0 for value in values), n=len(values), **named)
    return _in(words, paragraph(above, class_="note"), figure)


def where(words, read, places, quarter):
    """The districts in a quarter."""
    rows = places[places["quarter"] == quarter].merge(read["districts"], left_on="district", right_on="code")
    figure = brief.change_map(words, read, words("by_quarter"), rows)
    said = words("by_quarter_note", **brief.counted(rows))
    above = paragraph(f"{words.quarter(quarter)}{words('colon')}{said}", class_="note")
    return _in(words, above, figure, paragraph(words("hatched"), class_="note"))


def lines(words, read, courses, outcome):
    """The city with what is asked about, and without."""
    quarters, ours, theirs = courses[outcome]
    known = [value for part in (*ours, *theirs) for value in part]
    size, unit = words.scale(words.table["outcomes"][outcome]["unit"], *known)
    shown = [[[value / size for value in part] for part in arm] for arm in (ours, theirs)]
    about = read["about"]
    mark = [(about["first_quarter"], words("starts", q=words.quarter(about["first_quarter"])))]
    name = words.name("outcomes", outcome)
    figure = drawing.course(
        name,
        drawing.Series(quarters, *shown[0], beside=tuple(shown[1])),
        lambda value: words.number(value, 3),
        mark,
        tinted=(about["assumed"], words("assumed_short")) if about.get("assumed") else None,
    )
    text = words("city_lines_note", outcome=name, unit=unit)
    return _in(words, paragraph(text, class_="note"), figure)


def report(words, read):
    """The brief of what is shown, as the text of an HTML file."""
    return page.whole(words, brief.report(words, read, "desk"))
