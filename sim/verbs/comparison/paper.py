"""The table of a comparison for a paper: LaTeX, which needs the package booktabs and no other."""

import re

from sim.verbs.screen import arms_in_words, in_words, short

SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
SPECIAL |= {character: f"\\{character}" for character in "&%$#_{}"}


def table(rows, about):
    """The effect on every outcome with its standard error below it, interval, p and q; and notes."""
    ours, theirs = map(escaped, arms_in_words(about))
    lines = [
        "% \\usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{Effects of having it: {ours} against {theirs}}}",
        r"\begin{tabular}{lrrrcrr}",
        r"\toprule",
        r"Outcome & Without & Effect & Percent & 95\% interval & $p$ & $q$ \\",
        r"\midrule",
    ]
    for row in rows.itertuples():
        size, unit = in_words(row.unit)
        without, effect, error, low, high = (
            number(value / size)
            for value in (row.against, row.difference, row.standard_error, row.difference_low, row.difference_high)
        )
        ends = f"[{low}, {high}]" if row.difference_low == row.difference_low else "--"
        title = escaped(f"{row.title}, {unit}") + (r"$^{\dagger}$" if row.primary else "")
        p, q = (f"{value:.3f}" if value == value else "--" for value in (row.p, row.q))
        percent = f"${row.percent:+.1f}$" if row.percent == row.percent else "--"
        lines.append(rf"{title} & {without} & {effect} & {percent} & {ends} & {p} & {q} \\")
        lines += [rf" & & ({error}) & & & & \\"] if row.standard_error == row.standard_error else []
    lines += [
        r"\bottomrule",
        r"\end{tabular}",
        "",
        r"\medskip",
        r"\parbox{\linewidth}{\footnotesize " + notes(about) + "}",
    ]
    return "\n".join([*lines, r"\end{table}", ""])


def notes(about):
    """What a reader has to know of the table."""
    first, runs = about["seed"], about["runs"]
    primary = r"$^{\dagger}$ declared beforehand. " if about["primary"] else "No outcome was declared beforehand. "
    return (
        f"Notes: means of {runs} paired differences between simulated runs with the same luck, seeds {first} to "
        f"{first + runs - 1}, scale {about['scale']:g}; flows are summed over {about['first_quarter']} to "
        f"{about['last_quarter']}, stocks are those of its end. Standard errors in parentheses; intervals and $p$ are "
        rf"Student's $t$ over pairs; $q$ is the rate of false discoveries. {primary}"
        "Effects are those of one model, and no forecast."
    )


def number(value):
    """A number in few digits, with the minus of mathematics."""
    text = short(value)
    return "--" if text == "-" else f"${text.replace(',', '{,}')}$"


def escaped(text):
    """Plain text as LaTeX."""
    return re.sub(r"[\\~^&%$#_{}]", lambda found: SPECIAL[found[0]], text)
