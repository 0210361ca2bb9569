"""What is committed in results/: rebuilt and compared stage by stage, replaced, and called stale."""

import json
import subprocess
from pathlib import Path

import fast
import pytest

from sim import cli
from sim.sweep import replicate

MAKE = """
import json, sys
from pathlib import Path

Path("out/more").mkdir(parents=True)
Path("out/table.csv").write_text("a,b\\n" + "".join(f"{i},{i}.5\\n" for i in range(1, int(sys.argv[1]) + 1)))
Path("out/more/about.json").write_text(json.dumps({"numbers": 7, "seconds": 3}))
Path("out/more/detail.csv").write_text("not kept")
"""
STAGE = """
one:
  commands: [python make.py 1]
  made: out
  committed: results/one
  files: ["*", more/*.json]
  seeds: "1"
  minutes: 1
  rests_on: [city]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with one stage, whose ground a test changes by `project.ground`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "make.py").write_text(MAKE, "utf-8")
    (tmp_path / "results" / "one").mkdir(parents=True)
    (tmp_path / "results" / "replicate.yaml").write_text(STAGE, "utf-8")

    class Project:
        ground = "before"
        kept = tmp_path / "results" / "one"

        def rows(self, count):
            (tmp_path / "results" / "replicate.yaml").write_text(STAGE.replace("py 1", f"py {count}"), "utf-8")

    project = Project()
    monkeypatch.setattr(replicate, "GROUNDS", {"city": lambda: project.ground})
    return project


def test_what_is_committed_is_rebuilt(project, capsys):
    """The same table passes; one with another number, one that is not committed and one that is not made are told."""
    (project.kept / "more").mkdir()
    (project.kept / "more" / "about.json").write_text('{"numbers": 7, "seconds": 4}', "utf-8")
    for committed, code, told in (
        (None, 1, "table.csv: is not committed"),
        ("a,b\n1,1.5\n", 0, "2 same, 0 rebuilt"),
        ("a,b\n1,1.2\n", 1, "table.csv: differs in 1 cells, by 20% at most"),
        ("a,c\n1,1.5\n", 1, "table.csv: differs in columns"),
    ):
        if committed:
            (project.kept / "table.csv").write_text(committed, "utf-8")
        assert cli.main(["replicate", "one"]) == code
        assert told in capsys.readouterr().out
    (project.kept / "older.csv").write_text("a\n1\n", "utf-8")
    assert cli.main(["replicate"]) == 1
    assert "older.csv: was not made" in capsys.readouterr().out
    assert cli.main(["replicate", "two"]) == 2
    assert not (project.kept / "more" / "detail.csv").exists()


def test_a_stage_is_replaced_and_then_current_until_its_ground_changes(project, capsys):
    def state():
        assert cli.main(["replicate", "list"]) == 0
        return capsys.readouterr().out

    assert "never made" in state()
    (project.kept / "older.csv").write_text("a\n1\n", "utf-8")
    assert cli.main(["replicate", "replace", "one"]) == 0
    assert (project.kept / "table.csv").read_text("utf-8") == "a,b\n1,1.5\n"
    assert {path.name for path in project.kept.rglob("*")} == {"table.csv", "more", "about.json"}
    assert "current" in state()
    project.ground = "after"
    assert "stale (city)" in state()
    assert cli.main(["replicate", "one"]) == 0  # to rebuild does not say that what is committed was made anew
    assert "stale (city)" in state()


def test_a_failing_stage_replaces_nothing(project, capsys):
    project.rows("x")
    (project.kept / "table.csv").write_text("a,b\n1,1.5\n", "utf-8")
    assert cli.main(["replicate", "replace"]) == 1
    assert "`python make.py x` failed with 1" in capsys.readouterr().out
    assert (project.kept / "table.csv").exists() and not replicate.stamps()


def test_a_long_table_is_kept_as_parquet(project, capsys):
    project.rows(replicate.ROWS + 1)
    assert cli.main(["replicate", "replace"]) == 0
    assert (project.kept / "table.parquet").exists() and not (project.kept / "table.csv").exists()
    assert cli.main(["replicate"]) == 0
    project.rows(replicate.ROWS)
    assert cli.main(["replicate", "replace"]) == 0
    assert (project.kept / "table.csv").exists() and not (project.kept / "table.parquet").exists()


def test_a_wrong_list_is_refused(project, capsys):
    text = STAGE.replace("rests_on: [city]", "rests_on: [town]").replace("seeds:", "seed:")
    replicate.STAGES.write_text(text, "utf-8")
    assert cli.main(["replicate", "list"]) == 2
    told = capsys.readouterr().err
    assert "one.seed: no such key" in told and "seeds is missing" in told and "town: should be one of city" in told


def test_what_a_run_tells_of_itself_is_compared_without_its_circumstances(tmp_path):
    """Two json files: time and machine may differ, a fingerprint may not."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text('{"fingerprint": "a", "seconds": 3, "calibration": {"stale": false, "date": "yesterday"}}', "utf-8")
    two.write_text('{"fingerprint": "a", "seconds": 4, "calibration": {"stale": false, "date": "today"}}', "utf-8")
    assert replicate.compare_json(one, two) == "same"
    two.write_text('{"fingerprint": "b", "seconds": 3, "calibration": {"stale": true}}', "utf-8")
    assert replicate.compare_json(one, two) == "differs in calibration.stale, fingerprint"


# ---------------------------------------------------------------- what is committed


def test_every_file_belongs_to_a_stage(monkeypatch):
    """All that git has of results/ but the list, its stamps, pages written by hand and the diary of hold-outs; and no
    stage lacks files or a stamp.
    """
    if not (fast.ROOT / ".git").exists():
        pytest.skip("not a git checkout: only git tells what is kept from what was made beside it")
    monkeypatch.chdir(fast.ROOT)
    stages = replicate.read_stages()
    files = [replicate.files(stage, Path(stage["committed"])) for stage in stages.values()]
    assert all(files) and set(replicate.stamps()) == set(stages)
    paths = [path.as_posix() for of_stage in files for path in of_stage.values()]
    assert len(paths) == len(set(paths))
    listed = subprocess.run(["git", "ls-files", "-z", "results"], capture_output=True, text=True, check=True).stdout
    kept = {name for name in listed.split("\0") if name and (fast.ROOT / name).exists()}
    kept = {name for name in kept if not name.startswith("results/responses/")}  # a board of several versions
    rest = {"README.md", "replicate.yaml", "versions.json", "calibration/holdout_log.csv", "shocks/README.md"}
    assert kept - set(paths) == {f"results/{name}" for name in rest}


def test_tables_of_policies_are_of_the_comparisons_told():
    folder = fast.ROOT / "results" / "policies"
    told = set(json.loads((folder / "comparisons.json").read_text("utf-8")))
    for path in [*folder.glob("*.csv"), *folder.glob("*.parquet")]:
        table = replicate.read_table(path.with_suffix(""))
        assert next(iter(table)) == "comparison" and set(table["comparison"]) <= told
        assert (len(table) > replicate.ROWS) == (path.suffix == ".parquet")
