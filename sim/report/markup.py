"""Elements of a page, and tables that are written in HTML, Markdown and LaTeX alike."""

from html import escape
from typing import NamedTuple

LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"${sign}$" for sign in "<>"},
    "\u2212": "$-$",
    "\u2013": "--",
    "²": r"\textsuperscript{2}",
}
LONG = 34  # letters of a cell that is no number any more


class Table(NamedTuple):
    """Rows of text under a title; the first `names` columns are words, the others numbers."""

    title: str
    head: list
    rows: list
    names: int = 1
    note: str = ""


def tag(kind, *inside, **attributes):
    """An element; `inside` is markup, attributes are text, an underscore standing for a hyphen."""
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(plain(value))}"' for name, value in attributes.items()
    )
    return f"<{kind}{pairs}>{''.join(inside)}</{kind}>" if inside else f"<{kind}{pairs}/>"


def plain(value):
    """A value of an attribute as text; of a large number a tenth is fine enough."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.{1 if abs(value) >= 10 else 2}f}".rstrip("0").rstrip(".")


def paragraph(words, kind="p", **attributes):
    """Text as an element; nothing for no text."""
    return tag(kind, escape(words), **attributes) if words else ""


def html(table):
    """A table as HTML."""

    def row(cells, kinds, **more):
        looks = ["name" if i < table.names else "number" if len(str(c)) < LONG else "why" for i, c in enumerate(cells)]
        return tag(
            "tr",
            *(
                paragraph(str(cell) or "\u00a0", kind, class_=look, **(more if kind == "th" else {}))
                for cell, kind, look in zip(cells, kinds, looks, strict=True)
            ),
        )

    body = "–"
    if table.rows:
        rest = ["td"] * (len(table.head) - 1)
        head = tag("thead", row(table.head, ["th"] * len(table.head), scope="col"))
        body = tag("table", head, tag("tbody", *(row(cells, ["th", *rest], scope="row") for cells in table.rows)))
    scrolled = tag("div", body, class_="wide", tabindex=0)  # by keys, too
    return paragraph(table.title, "h3") + paragraph(table.note, class_="note") + scrolled


def markdown(table):
    """A table as Markdown."""

    def cells(row):
        return (
            "| "
            + " | ".join(str(cell).replace("<", "&lt;").replace("|", "\\|").replace("\n", " ") for cell in row)
            + " |"
        )

    rule = "|" + "|".join("---" if i < table.names else "---:" for i in range(len(table.head))) + "|"
    lines = [f"## {table.title}", "", *([table.note, ""] if table.note else [])]
    return "\n".join([*lines, cells(table.head), rule, *map(cells, table.rows), ""])


def latex(table):
    """A table as LaTeX, for booktabs."""

    def cells(row):
        return " & ".join(_latex(cell) for cell in row) + r" \\"

    columns = "l" * table.names + "r" * (len(table.head) - table.names)
    body = [cells(table.head), r"\midrule", *map(cells, table.rows)]
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{_latex(table.title)}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _latex(cell):
    return "".join(LATEX.get(sign, sign) for sign in str(cell))
