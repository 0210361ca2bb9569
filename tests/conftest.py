"""Runs that many tests look at; each worker makes each of them once."""

import pytest
import small

from sim import cli


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
