"""`sim facts`: how many runs it asks for, and how many of them it has."""

import numpy as np
import pytest
import small

from sim import cli
from sim.calibration import simulations


@pytest.fixture
def at_once(monkeypatch):
    """Simulations that take no time and show nothing."""

    def nothing(simulator, point, seed):
        return np.full(simulator.width, np.nan), "", 0.0

    monkeypatch.setattr(simulations, "timed", nothing)


def test_a_board_that_is_repeated_has_all_its_runs(at_once, tmp_path, capsys):
    """Those of the shock test too, which are kept apart."""
    words = ["facts", *small.LAKESIDE[:2], "seeds=4", "workers=1", f"output='{tmp_path}'", f"store='{tmp_path}/store'"]
    assert cli.main(words) == 0
    assert "12 runs, 0 of them kept" in capsys.readouterr().err
    assert cli.main([*words, "dry_run=true"]) == 0
    assert "12 runs, 12 of them kept; nothing is left to compute" in capsys.readouterr().out
