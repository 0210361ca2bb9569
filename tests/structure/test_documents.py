"""The documents say what the code does."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas
import pytest

from sim.observables import read_targets
from sim.settings import parameters
from sim.world.levers import LEVERS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CALIBRATION, OWN_POLICY = ((ROOT / "docs" / f"{page}.md").read_text("utf-8") for page in ("calibration", "own-policy"))
MODEL = (ROOT / "docs" / "model.md").read_text("utf-8")


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))


def test_parameter_tables_are_current(scripts):
    import parameters

    assert parameters.filled(MODEL) == MODEL, "run `make docs`"


def test_the_pages_of_policies_are_current(scripts):
    import policies

    page = policies.page()
    assert page == (ROOT / "docs" / "policies.md").read_text("utf-8"), "run `make docs`"
    for name in ("sandbox", "closed_ipo_window"):
        assert f"### {name}\n" in page


def test_a_page_names_levers_and_who_reads_them(scripts):
    """Failure forgiveness moves two levers; the cost of failing is read where people found and where firms fail."""
    import policies

    text = policies.section("policy", "failure_forgiveness")
    assert re.search(r"\| `debt` \| × 0?\.\d+ \|", text) and "| `stigma` |" in text
    assert "`mechanisms/people/founding.py`" in text and "`mechanisms/ventures/endings.py`" in text and "E02a" in text


def test_every_parameter_stands_in_an_equation():
    submodels = MODEL[: MODEL.index("<!-- parameters:begin -->")]
    unnamed = [
        f"{name}.{key}"
        for name, kind in parameters.mechanisms().items()
        for key in kind._fields
        if not re.search(rf"\b{key}(?![a-z])", submodels)
    ]
    assert not unnamed


def test_every_lever_of_a_policy_is_named():
    moved = "".join(path.read_text("utf-8") for path in (ROOT / "sim" / "policies").glob("*.py"))
    levers = set(re.findall(r'move\(\s*"(\w+)"', moved))
    assert len(levers) > 40 and not [name for name in LEVERS if name in levers and f"`{name}`" not in MODEL]


def test_every_operator_is_described():
    files = sorted((ROOT / "configs" / "targets").glob("*.csv"))
    tables = [pandas.read_csv(path, dtype=str, keep_default_na=False) for path in files]
    used = {name for table in tables for name in table.get("operator", ()) if name}
    data = (ROOT / "docs" / "data.md").read_text("utf-8")
    assert used
    assert not [name for name in used if f"`{name}`" not in MODEL + data]


def test_roles_are_counted():
    data = (ROOT / "docs" / "data.md").read_text("utf-8")
    rows = read_targets(ROOT / "configs" / "targets" / "reported.csv")
    assert f"{len(rows)} in all" in data
    assert not [role for role, count in rows.role.value_counts().items() if f"| {role} | {count} |" not in data]


def test_links_lead_somewhere():
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert "://" in link or link == "docs/figures/city.svg" or (path.parent / link).exists(), (
                f"{path.name}: {link}"
            )


def test_the_table_of_a_run_fits_its_page(scripts):
    import parameters

    text = parameters.between(CALIBRATION, "reported", "| a | b |")
    assert "<!-- reported:begin -->\n| a | b |\n<!-- reported:end -->" in text
    with pytest.raises(ValueError, match="once each"):
        parameters.between(CALIBRATION, "absent", "")


@pytest.mark.slow
def test_the_policy_of_the_page_runs(tmp_path):
    files = re.findall(r"```\w+ file=(\S+)\n(.*?)```", OWN_POLICY, re.DOTALL)
    assert len(files) == 2
    for name, text in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    command = re.search(r"^sim (configs=mine 'policy=\[procurement\].*?)$", OWN_POLICY, re.MULTILINE)[1]
    command = shlex.split(command)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "sim", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "results" / "runs").iterdir()
    assert (folder / "DONE").exists()
    assert "procurement" in (folder / "config.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ((1, 3), (2, 4), "both"),
        ((1, 3), (-4, -2), "both, with opposite signs"),
        ((1, 3), (-1, 1), "`reports` alone"),
        ((-1, 1), (-4, -2), "`record` alone"),
        ((-1, 1), (-1, 1), "neither"),
    ],
)
def test_a_policy_says_at_which_points_its_effect_is_told(scripts, here, there, told):
    import policies

    from sim.verbs.catalogue.found import Found

    both = [
        Found({}, [], pandas.DataFrame([{"outcome": "exits", "low": low, "high": high}]), None)
        for low, high in (here, there)
    ]
    assert policies.told_at(*both, "exits") == told


def test_the_readme_s_figure_counts_what_is_told(scripts):
    """Two of four add jobs; the one that cost nothing has no price."""
    import hero

    rows = pandas.DataFrame(
        {
            "percent": [4.0, 1.0, -2.0, 0.5],
            "told": [True, True, True, False],
            "jobs": [5000.0, 1000.0, -2000.0, 500.0],
            "cost": [2.5e9, 0.0, 1e9, 1e9],
        }
    )
    assert hero.answer(rows) == (
        "2 of 4 policies added jobs in Shanghai's startups, as simulated.\nOne more job cost the treasury 500,000 yuan."
    )
    assert hero.span(pandas.Series([19_321.0, 46_700_000.0])) == "from 19,000 to 47 m"
