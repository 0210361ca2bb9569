"""What a store of arms keeps, and what it does not."""

import dataclasses

import pytest
import small

from sim.policies.instrument import Instrument
from sim.runs import arms
from sim.runs.fingerprint import fingerprint

SHORT = (*small.LAKESIDE, "end=2007Q4")


def kept(store):
    return sorted(path.name.partition("-")[0] for path in store.iterdir()) if store.exists() else []


def test_a_run_is_kept_under_its_fingerprint_and_not_computed_again(tmp_path, monkeypatch):
    config = small.config(*SHORT)
    (run,) = arms.run([config], tmp_path / "store", 1)
    assert kept(tmp_path / "store") == [fingerprint(config)] == [run.fingerprint]
    monkeypatch.setattr(arms, "simulate", lambda runs: pytest.fail("computed again"))
    assert arms.run([config], tmp_path / "store", 1)[0].panel.equals(run.panel)


def test_a_run_in_doubt_is_computed_and_kept_in_no_store(tmp_path, monkeypatch, capsys):
    """As when a file of the package was edited beside the living process."""
    config = small.config(*SHORT)
    monkeypatch.setattr(arms, "doubts", lambda config: ["sim.mechanisms.x has changed on disk since it was loaded"])
    (run,) = arms.run([config], tmp_path / "store", 1)
    assert len(run.panel) == 8 and kept(tmp_path / "store") == []
    assert "changed on disk since it was loaded; these runs are kept in no store" in capsys.readouterr().err


def test_what_is_simulated_is_what_was_asked_for(tmp_path):
    """A process that has loaded other sources than the one that asked finds another fingerprint, and keeps nothing."""
    config = small.config(*SHORT)
    with pytest.raises(arms.Edited, match="were changed while it ran"):
        arms.simulate([(config, tmp_path / "store" / f"{'0' * 64}-3.zip")])
    assert kept(tmp_path / "store") == []


@dataclasses.dataclass(frozen=True, kw_only=True)
class Uplift(Instrument):
    """A policy of this file."""

    def act(self, levers, intensity, slot):
        levers.move("demand", 1.5)


def test_a_policy_of_ones_own_is_kept_like_any_other(tmp_path):
    config = small.altered(small.config(*SHORT), policies=[Uplift(name="uplift")])
    arms.run([config], tmp_path / "store", 1)
    assert kept(tmp_path / "store") == [fingerprint(config)]
