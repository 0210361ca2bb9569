"""Fixtures of the tests of configs and of the command line."""

import pytest
import toy_world


@pytest.fixture(scope="session")
def toy_files(tmp_path_factory):
    return toy_world.write(tmp_path_factory.mktemp("configs"))


@pytest.fixture
def toy(toy_files, monkeypatch, tmp_path):
    """The made-up world in force and an empty working folder; gives that folder."""
    toy_world.settle(monkeypatch, toy_files)
    toy_world.recorded.clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path
