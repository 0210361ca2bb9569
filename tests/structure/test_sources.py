"""What a text means: the digest moves with what may change a number, and with nothing else."""

import pytest

from sim.world import sources

TEXT = '''
"""What is here."""
import math

RATE = 0.5  # a share


def growth(sales, rate=RATE):
    """Sales of the next quarter."""
    # a comment
    more = rate * sales
    later = [more + x for x in range(3)]

    def again(y):
        return more * y

    try:
        return again(later[0])
    except ValueError as error:
        raise TypeError(more) from error
'''


def meaning(text):
    return sources.study(text)["meaning"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""What is here."""', '"""Something else is here."""'),
        ('    """Sales of the next quarter."""\n', ""),
        ("    # a comment\n", "\n\n"),
        ("  # a share", ""),
        ("more", "extra"),
        ("later", "afterwards"),
        (" x ", " step "),
        ("again", "once_more"),
        ("error", "trouble"),
        ("(sales, rate=RATE)", "(sales: float, rate: float = RATE) -> float"),
        ("more = rate", "more: float = rate"),
    ],
)
def test_what_changes_no_number_changes_no_meaning(before, after):
    assert before in TEXT
    assert meaning(TEXT.replace(before, after)) == meaning(TEXT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0.5", "0.6"),
        ("rate * sales", "sales * rate"),
        ("rate=RATE", "rate=0.5"),
        ("range(3)", "range(4)"),
        ("return more * y", "return sales * y"),
        ("again(later[0])", "again(later[-1])"),
        ("RATE", "SHARE"),
        ("(sales, rate", "(turnover, rate"),
        ("import math", "import cmath"),
        ("ValueError", "KeyError"),
        ("def growth", "@cached\ndef growth"),
    ],
)
def test_what_may_change_a_number_changes_the_meaning(before, after):
    assert before in TEXT
    assert meaning(TEXT.replace(before, after)) != meaning(TEXT)


def test_fields_of_a_class_and_globals_keep_their_names():
    fields = "class Params(NamedTuple):\n    rate: float\n"
    assert meaning(fields) != meaning(fields.replace("rate", "share"))
    assert meaning(fields) != meaning(fields.replace("float", "int"))
    counter = "def count():\n    global n\n    n = 1\n"
    assert meaning(counter) != meaning(counter.replace(" n", " m"))


def test_locals_that_change_places_change_the_meaning():
    text = "def f(x):\n    y = x\n    z = y + 1\n    return z\n"
    assert meaning(text) != meaning(text.replace("return z", "return y"))


def test_the_closure_is_what_is_imported_at_any_depth_and_nothing_else(tmp_path, monkeypatch):
    texts = {
        "own_policy.py": "import own_helper\nfrom own_package.part import rate\nimport numpy\n",
        "own_helper.py": "def late():\n    import own_late\n",
        "own_late.py": "",
        "own_package/__init__.py": "import own_apart\n",
        "own_package/part.py": "from . import other\nrate = other.rate\n",
        "own_package/other.py": "rate = 1\n",
        "own_apart.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    part, other = "own_package.part", "own_package.other"
    assert sources.closure(["own_policy"]) == sorted(["own_policy", "own_helper", "own_late", part, other])
    assert sources.closure(["own_policy"], top=True) == sorted(["own_policy", "own_helper", part, other])


def test_the_model_does_not_know_what_it_is_held_against():
    """Neither operators nor targets, figures nor verbs are of what decides a run's numbers."""
    closure = sources.closure(["sim.model.ecosystem", "sim.world.city"])
    assert {"sim.mechanisms.people.founding", "sim.observables.panels", "sim.world.draws"} <= set(closure)
    rooms = {name.split(".")[1] for name in closure}
    assert rooms == {"model", "world", "mechanisms", "observables"}
    assert not {"sim.observables.reported", "sim.observables.targets", "sim.world.sources"} & set(closure)


def test_the_loader_comes_after_those_of_others():
    """Else pytest's, which rewrites the asserts of tests, would never be asked, and none would say what it compared."""
    import sys
    from importlib.machinery import PathFinder

    names = [type(finder).__name__ for finder in sys.meta_path]
    assert names.index("_Finder") == sys.meta_path.index(PathFinder) - 1
    assert "AssertionRewritingHook" in names[: names.index("_Finder")]
