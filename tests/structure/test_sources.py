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


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("def f():\n A = 1\n return (lambda x: A)(2)\n", "A", "x"),
        ("def f():\n A = 1\n def g(x):\n  return A\n return g(2)\n", "A", "x"),
        ("def f():\n A = 1\n def g():\n  global x\n  return A\n return g()\n", "A", "x"),
        ("def f():\n A = 1\n try:\n  from m import x\n except ImportError:\n  pass\n return A\n", "A", "x"),
        ("def f(v):\n A = 1\n match v:\n  case [x, *_]:\n   pass\n return A\n", "A", "x"),
        ("def f(v):\n A = 1\n match v:\n  case {**x}:\n   pass\n return A\n", "A", "x"),
        ("def f():\n A = 1\n class C:\n  A = 2\n return C.x\n", "A", "x"),
        ("def f():\n class C:\n  x: A = 1\n return C\n", ": A", ""),
        ("def f():\n class C:\n  x: A = 1\n return C\n", "A", "ClassVar"),
    ],
)
def test_a_name_said_in_two_ways_is_not_taken_for_a_renamed_local(text, before, after):
    """A local renamed to what an argument, an import, a match, a global or a field is called is another thing."""
    assert meaning(text.replace(before, after)) != meaning(text)


def test_what_is_installed_is_nobodys_own(tmp_path):
    """Libraries of the user's or the system's folder, which Python does not list, are not read."""
    assert sources.is_own(tmp_path / "own.py")
    assert not sources.is_own(tmp_path / "lib" / "site-packages" / "numpy" / "__init__.py")


def test_texts_are_decoded_as_python_decodes_them(tmp_path, monkeypatch):
    (tmp_path / "own_marked.py").write_bytes(b"\xef\xbb\xbfRATE = 1\r\n")
    (tmp_path / "own_gbk.py").write_bytes("# -*- coding: gbk -*-\nNAME = '\u653f\u7b56'\n".encode("gbk"))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert sources.load("own_marked").RATE == 1 and sources.load("own_gbk").NAME == "\u653f\u7b56"
    assert meaning(sources.text_of("own_marked")) == meaning("RATE = 1\n")
    assert sources.changed(["own_marked", "own_gbk"]) == []


def test_other_hooks_of_imports_come_first():
    """Else asserts of tests say nothing: pytest rewrites them when it loads a module."""
    with pytest.raises(AssertionError, match="assert 1 == 2"):
        one = 1
        assert one == 2


def importable(folder, monkeypatch, texts):
    """Write texts by file name into a folder that Python imports from."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(folder))


def test_the_closure_knows_folders_without_init_and_packages_by_their_name(tmp_path, monkeypatch):
    texts = {
        "own_folder/policy.py": "from own_folder.sizes import T\nimport own_whole.part\nimport own_other.part as x\n",
        "own_folder/sizes.py": "T = 1\n",
        "own_whole/__init__.py": "RATE = 1\n",
        "own_whole/part.py": "",
        "own_other/__init__.py": "",
        "own_other/part.py": "",
    }
    importable(tmp_path, monkeypatch, texts)
    reached = ["own_folder.policy", "own_folder.sizes", "own_whole", "own_whole.part", "own_other.part"]
    assert sources.closure(["own_folder.policy"]) == sorted(reached)


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
    importable(tmp_path, monkeypatch, texts)
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
