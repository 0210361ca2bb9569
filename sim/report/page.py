"""What pages share: their frame, sections, and the lines on where the numbers come from."""

from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from sim.report import markup
from sim.report.markup import paragraph, tag
from sim.report.words import LANGUAGES

HERE = Path(__file__).parent
STYLES = ("page.css", "dark.css")


class Report(NamedTuple):
    """A whole report: its title, the pages as markup, and the tables that stand beside it as files, too."""

    title: str
    pages: list
    tables: list


class Fact(NamedTuple):
    """A cell below the verdict; `look` is the class of what stands in it: more, less, words, or none."""

    label: str
    value: str
    below: str
    look: str = ""


def whole(words, report):
    """The HTML file of a report."""
    template = Template((HERE / "page.html").read_text("utf-8"))
    style = "\n".join((HERE / name).read_text("utf-8").strip() for name in STYLES)
    body = "\n".join(report.pages)
    return template.substitute(lang=LANGUAGES[words.language], title=escape(report.title), style=style, body=body)


def sheet(words, kind, label, *inside, appendix=False):
    """A page with its head."""
    left = tag("span", paragraph(words("name"), "b"), escape(f"{words(kind)}{words('clause')}{label}"))
    head = tag("header", left, paragraph(words("not_forecast"), "span"))
    return tag("article", head, *inside, class_="sheet appendix" if appendix else "sheet")


def section(title, note, *inside):
    """A part of a page under its heading."""
    return tag("section", paragraph(title, "h2"), paragraph(note, class_="note"), *inside)


def facts(cells, **more):
    """The row of facts below the verdict."""
    return tag(
        "div",
        *(
            tag(
                "div",
                paragraph(cell.label, class_="label"),
                paragraph(cell.value, class_=f"value {cell.look}".strip()),
                paragraph(cell.below, class_="below"),
            )
            for cell in cells
        ),
        class_="facts",
        **more,
    )


def columns(left, right):
    """Two columns, one below the other on a narrow screen."""
    return tag("div", *(tag("div", *side, " ") for side in (left, right)), class_="columns")  # HTML knows no <div/>


def bullets(lines):
    """A list."""
    return tag("ul", *(paragraph(line, "li") for line in lines))


def labelled(words, label, text, kind="span", within="p"):
    """A line that begins with its label."""
    return tag(within, paragraph(label + words("colon"), "b"), paragraph(text, kind))


def calibration(words, about):
    """How far the parameters are fitted, in sentences."""
    if "calibration" not in about:
        return [words("calibration_unknown")]
    fitted, norms = about["calibration"], about.get("norms") or {}
    lines = [words("uncalibrated")]
    if fitted:
        said = {"date": fitted["date"], "file": fitted["file"]}
        lines = [words("calibrated_stale" if fitted["stale"] else "calibrated", **said)]
    if norms.get("stale") and norms.get("date"):
        lines.append(words("norms_stale", file=norms["file"], date=norms["date"]))
    return lines


def believe(words, lines, about):
    """The box at the foot of page 1: what it rests on, and how it is made again."""
    git = about.get("git") or {}
    version = f"{about['versions']['silicon-bund']} {(git.get('commit') or '')[:7]}".strip()
    made = words("made", date=str(about["start"])[:10])
    return tag(
        "section",
        paragraph(words("believe"), "h2"),
        *(paragraph(line) for line in lines),
        labelled(words, words("version"), f"{version}{words('clause')}{made}"),
        labelled(words, words("command"), about["command"] or "", "code"),
        class_="believe",
    )


def caveats(words):
    """What the model cannot say."""
    return section(words("leaves_out"), "", bullets(words.name("caveats", key) for key in words.table["caveats"]))


def glossary(words):
    """The words of the report as a table."""
    entries = [("outcomes", key) for key in words.table["outcomes"]] + [
        ("glossary", k) for k in words.table["glossary"]
    ]
    rows = [[words.name(kind, key), words.meaning(kind, key)] for kind, key in entries]
    return markup.Table(words("words"), ["", words("meaning")], rows, 2)


def origins(words, about, folder):
    """Versions and other circumstances as a table."""
    rows = [[name, value] for name, value in about["versions"].items()]
    return markup.Table(words("origins"), ["", ""], rows, 2, words("folder_tables", folder=folder))
