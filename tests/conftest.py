"""Marks of tests by their folder, and runs that many tests look at; each worker makes each of them once."""

from pathlib import Path

import pytest
import small

from sim import cli

TESTS = Path(__file__).parent
SLOW = ("calibration", "end_to_end", "estimators", "mesa", "plots", "runs", "sweep", "verbs")
MARKS = dict.fromkeys(SLOW, "slow") | {"statistics": "statistics"}


def pytest_collection_modifyitems(items):
    """`make test-fast` leaves out what whole folders do slowly, and what is marked so where it stands."""
    for item in items:
        mark = MARKS.get(item.path.relative_to(TESTS).parts[0])
        if mark:
            item.add_marker(mark)


@pytest.fixture(scope="session")
def lakeside():
    """The small made-up city after its 76 quarters with the policies of its history."""
    return small.run(small.config(*small.LAKESIDE))


@pytest.fixture(scope="session")
def shanghai():
    """A hundredth of Shanghai after 76 quarters with the policies of its history."""
    return small.run(small.config(*small.SHANGHAI))


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """A function of a command and of words:

    in the empty folder `tmp_path` the command is refused, says these words, and writes nothing; gives what it said.
    """
    monkeypatch.chdir(tmp_path)

    def check(typed, words):
        before = sorted(tmp_path.rglob("*"))
        assert cli.main(typed.split()) == 2
        said = capsys.readouterr()
        assert said.out == "" and "Traceback" not in said.err
        assert [one for one in words if one not in said.err] == []
        assert sorted(tmp_path.rglob("*")) == before
        return said.err

    return check
