"""What a user adds and never touches the package for: a city, a policy."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import small

from sim.world.calendar import quarter_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def toy_module(monkeypatch):
    monkeypatch.syspath_prepend(small.OWN)


def test_a_city_is_data_only(lakeside):
    """The made-up city ran from its own files to 2024, with policies of the package at its own dates and for its own
    sectors.
    """
    city = lakeside.panels.tables()["city"]
    assert list(city.quarter.iloc[[0, -1]]) == ["2006Q1", "2024Q4"] and len(city) == 76
    assert set(lakeside.panels.tables()["sector"].sector) == {
        "ai_software",
        "biotech_medtech",
        "advanced_manufacturing",
    }
    assert [(policy.name, policy.start) for policy in lakeside.policies] == [
        ("sandbox", quarter_of("2016Q3")),
        ("guidance_fund", quarter_of("2016Q1")),
    ]
    assert city.startups_founded.sum() > 0 and city.rounds.sum() > 0
    assert not any("lakeside" in path.read_text("utf-8") for path in (ROOT / "sim").rglob("*.py"))


def test_a_policy_is_one_file_and_one_yaml(toy_module):
    """Found by `_target_`: the package, its configs and its lists know nothing of it."""
    words = (*small.LAKESIDE, "end=2014Q4")
    with_it, without = small.run(small.config(*words, "policy=[toy]")), small.run(small.config(*words, "policy=[]"))
    revenue = [small.column(model, "city", "startup_revenue_cny") for model in (without, with_it)]
    before = quarter_of("2012Q1") - with_it.config.start
    assert np.array_equal(revenue[0][:before], revenue[1][:before])
    assert revenue[1][before:].sum() > revenue[0][before:].sum()
    assert set(with_it.panels.tables()["policy"].policy) == {"toy"}
    known = [
        path for folder in ("sim", "configs") for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".yaml")
    ]
    assert not any("Vouchers" in path.read_text("utf-8") or path.stem == "toy" for path in known)


def test_its_knobs_are_those_of_its_yaml(toy_module):
    (policy,) = small.config(*small.LAKESIDE, "policy=[toy]", "policy.toy.demand=2", "policy.toy.sectors=all").policies
    assert (policy.demand, policy.sectors, policy.start) == (2.0, "all", quarter_of("2012Q1"))
    with pytest.raises(Exception, match=r"policy\.toy\.demand=0\.5.*from 1 to 10"):
        small.config(*small.LAKESIDE, "policy=[toy]", "policy.toy.demand=0.5")


def test_from_the_command_line(tmp_path):
    """The file lies where the command is given; the package finds it there."""
    done = subprocess.run(
        [sys.executable, "-m", "sim", *small.LAKESIDE, "policy=[toy]", "end=2006Q4", f"output={tmp_path}"],
        cwd=small.OWN,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.iterdir()
    assert (folder / "DONE").exists() and "toy_policy.Vouchers" in (folder / "config.yaml").read_text("utf-8")
