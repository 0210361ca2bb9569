"""No circle of imports: of two modules one lies below the other, and can be read, moved and tested without it."""

import ast
from pathlib import Path

import networkx

ROOT = Path(__file__).parents[2]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "sim").rglob("*.py")
}


def imported(source, modules):
    """Names among `modules` of all that a source imports, at its top or within a function.

    `from sim.sweep import designs` counts as the module `sim.sweep.designs`, where there is one, else as the file
    `__init__.py` of `sim.sweep`.
    """
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            names |= {full if full in modules else node.module for full in inner.values()}
    return names & set(modules)


def circles(sources):
    """Sorted lists of modules each of which imports, directly or by way of others, all others of its list.

    `sources` maps the name of a module to its text.
    """
    arrows = [(name, other) for name, text in sources.items() for other in imported(text, sources)]
    together = networkx.strongly_connected_components(networkx.DiGraph(arrows))
    return sorted(sorted(modules) for modules in together if len(modules) > 1)


def test_no_modules_import_each_other():
    assert circles({name: path.read_text("utf-8") for name, path in SOURCES.items()}) == []


def test_a_circle_is_seen_inside_a_package_and_within_a_function():
    """`b` imports `a` only when called, `c` by the name of the package, and `d` is in no circle."""
    sources = {
        "p": "",
        "p.a": "import p.c",
        "p.b": "def late():\n    from p.a import thing",
        "p.c": "from p import b",
        "p.d": "from p import a, b",
    }
    assert circles(sources) == [["p.a", "p.b", "p.c"]]
