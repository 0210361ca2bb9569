"""The base installs what a run needs and no more, the extras the rest; a version stands in one place."""

import ast
import functools
import sys

import project
import pytest
import yaml

EXTRAS = ("calibration", "cluster", "desk", "evidence", "robustness")
WITHOUT_AN_IMPORT = {
    "networkx",  # Mesa imports it without saying so
    "hydra-joblib-launcher",  # Hydra finds its launchers by itself
    "hydra-submitit-launcher",
}


@functools.cache
def imports(at_the_top):
    """(file, module) of all imports of others' modules in the package: those at the top of files, or within
    functions.
    """
    found = []
    for path in sorted((project.ROOT / "sim").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        top = set(map(id, tree.body))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in {name.split(".")[0] for name in names} - {"sim", *sys.stdlib_module_names}:
                if (id(node) in top) == at_the_top:
                    found.append((path.name, module))
    return found


def brought_by(module, *extras):
    """Whether the base or one of the extras brings a module."""
    asked = set().union(project.distributions(), *map(project.distributions, extras))
    return not project.modules().get(module, set()).isdisjoint(asked)


def test_what_stands_at_the_top_of_a_file_is_in_the_base():
    found = imports(at_the_top=True)
    assert len({module for _, module in found}) > 5
    late = {"app.py", "answer.py"}  # of the desk, which its verb imports when it serves
    found = [(file, module) for file, module in found if not (file in late and brought_by(module, "desk"))]
    assert [(file, module) for file, module in found if not brought_by(module)] == []


def test_what_is_imported_when_needed_is_in_the_base_or_an_extra():
    found = imports(at_the_top=False)
    assert [(file, module) for file, module in found if not brought_by(module, *EXTRAS)] == []
    for module in ("optuna", "SALib", "sklearn", "submitit", "prim", "diff_diff"):
        assert module in {name for _, name in found} and not brought_by(module)


@pytest.mark.parametrize("extra", [None, *EXTRAS])
def test_what_is_asked_for_is_imported(extra):
    used = {module for at_the_top in (True, False) for _, module in imports(at_the_top)}
    brought = set().union(*(project.modules().get(module, set()) for module in used))
    assert project.distributions(extra) - brought - WITHOUT_AN_IMPORT == set()


def test_the_citation_has_the_version_and_so_has_the_changelog():
    version = project.DECLARED["version"]
    assert yaml.safe_load((project.ROOT / "CITATION.cff").read_text("utf-8"))["version"] == version
    assert f"## {version}\n" in (project.ROOT / "CHANGELOG.md").read_text("utf-8")
