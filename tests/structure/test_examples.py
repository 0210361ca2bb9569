"""The examples of docstrings run, and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import sim

LOOK = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples():
    """Every docstring of the package that has examples, with the module they run in."""
    names = [sim.__name__, *(m.name for m in pkgutil.walk_packages(sim.__path__, "sim.") if m.name != "sim.__main__")]
    for name in names:
        module = importlib.import_module(name)
        yield from (test for test in doctest.DocTestFinder().find(module, extraglobs={"sim": sim}) if test.examples)


EXAMPLES = {test.name: test for test in examples()}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = []
    result = doctest.DocTestRunner(optionflags=LOOK, verbose=False).run(EXAMPLES[name], out=report.append)
    assert result.failed == 0, "".join(report)


def test_every_verb_of_the_public_face_has_an_example():
    assert set(EXAMPLES) >= {"sim", *(f"sim.{name}" for name in sim.__all__)}
