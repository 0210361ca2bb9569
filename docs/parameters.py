"""Write the parameter tables of docs/model.md from the yaml of mechanisms, policies and shocks.

`make docs` runs it; a test holds the file against `filled`.
"""

import re
from pathlib import Path

from sim.settings.files import options, read_yaml
from sim.settings.refusals import shown

MODEL = Path(__file__).with_name("model.md")
COLUMNS = ("value", "low", "high", "unit", "source", "note")


def tables():
    """The tables as Markdown, one for every mechanism, policy and shock."""
    parts = []
    for group in ("mechanism", "policy", "shock"):
        for name, path in sorted(options(group).items()):
            nodes = {
                key: node for key, node in (read_yaml(path) or {}).items() if isinstance(node, dict) and "value" in node
            }
            if nodes:
                parts.append(f"**{group} `{name}`**\n\n" + table(nodes))
    return "\n\n".join(parts)


def table(nodes):
    """One table: a row for each parameter of `nodes`, name -> {value, low, high, unit, source, note}."""
    lines = [f"| parameter | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS)]
    for name, node in nodes.items():
        lines.append(f"| `{name}` | " + " | ".join(cell(node.get(column, "")) for column in COLUMNS) + " |")
    return "\n".join(lines)


def cell(value):
    """A value as it stands in a table."""
    if isinstance(value, list):
        return "; ".join(map(cell, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.15g}" if abs(value) >= 10_000 else f"{value:.15g}"
    return shown(value).replace("|", "\\|")


def between(text, mark, content):
    """`text` with `content` between its marks `<!-- mark:begin -->` and `<!-- mark:end -->`; else ValueError."""
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the marks {begin} and {end} should stand once each")
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{content}\n{end}", text, flags=re.DOTALL)


def filled(text):
    """The text of docs/model.md with its tables as the yaml has them now."""
    return between(text, "parameters", f"\n{tables()}\n")


if __name__ == "__main__":
    MODEL.write_text(filled(MODEL.read_text("utf-8")), "utf-8", newline="\n")
    print(f"{MODEL.name}: parameter tables written")
