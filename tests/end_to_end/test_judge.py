"""A folder that somebody sends is judged and never obeyed: nothing of it is imported, and every file of it counts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
import small

import sim
from sim import cli
from sim.runs import folders, records
from sim.runs.fingerprint import fingerprint
from sim.settings.config import load_file
from sim.settings.files import read_yaml, to_yaml

ROOT = Path(__file__).resolve().parents[2]
EVIL = "from pathlib import Path\nPath(__file__).with_name('ran').write_text('')\n"
READERS = """
import sys
from sim import cli
for words in (["verify"], ["rerun", "output=out"], ["status"], ["collect"]):
    print(words[0], cli.main([*words, "."]), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """The folder of a run, with its figures, beside the files of the city that it is of."""
    folder = tmp_path_factory.mktemp("sent")
    own = shutil.copytree(small.OWN, folder / "own")
    words = (f"configs='{own}'", "city=lakeside", "scale=0.1", "end=2006Q2", "targets=[lakeside]", "policy=[]")
    records.run_in_memory(small.config(*words)).save(folder / "run")
    return folder


@pytest.fixture
def run(sent, tmp_path):
    """A copy of it."""
    return shutil.copytree(sent / "run", tmp_path / "run")


def changed(run, **keys):
    """The run with other values in its config, and sums that say it was always so."""
    (run / "config.yaml").write_text(to_yaml(read_yaml(run / "config.yaml") | keys))
    folders.seal(run)


def verified(run, capsys, *words):
    """(exit code of `sim verify`, what it says)."""
    code = cli.main(["verify", str(run), *words])
    told = capsys.readouterr()
    return code, told.out + told.err


# ---------------------------------------------------------------- nothing is run


def as_a_sweep(run):
    """Put the plan of a sweep into the folder of a run, its config as the arm."""
    plan = run / "plans" / "0123456789ab"
    plan.mkdir(parents=True)
    (plan / "plan.json").write_text(json.dumps({"id": plan.name, "arms": ["config"], "grounds": ["00"]}))
    shutil.copy(run / "config.yaml", plan)
    columns = {"seed": [1], "point": [0], "arm": [0], "fingerprint": pyarrow.array([b"0" * 32], pyarrow.binary(32))}
    pyarrow.parquet.write_table(pyarrow.table(columns), plan / "runs.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"": [None]}).select([]), plan / "points.parquet")
    (run / "sweep.json").write_text(json.dumps({"plan": plan.name, "start": "noon", "asked": {"arms": {}}}))


@pytest.mark.parametrize("where", ["experiment", "policy", "shock", "library"])
def test_a_folder_that_is_read_has_nothing_run_from_it(sent, run, where):
    """Read by somebody who stands in it."""
    for name in ("evil", *(("SALib", "matplotlib", "pandas", "ipdb", "msvcrt") if where == "library" else ())):
        (run / f"{name}.py").write_text(EVIL)
    own = shutil.copytree(sent / "own", run / "own")
    for group in ("policy", "shock"):
        (own / group).mkdir(exist_ok=True)
        (own / group / "evil.yaml").write_text(f"# @package {group}.evil\n_target_: evil.Evil\nstart: null\n")
    values = {"experiment": {"_target_": "evil.run"}}.get(where, {"evil": {"_target_": "evil.Evil"}})
    changed(run, configs=str(own), **({where: values} if where != "library" else {}))
    as_a_sweep(run)
    folders.seal(run)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    starts = (["-P", "-c", READERS], *(["-m", "sim", verb, "."] for verb in ("status", "verify")))
    told = ""
    for start in starts:
        told += subprocess.run([sys.executable, *start], cwd=run, env=env, capture_output=True, text=True).stderr
        assert not (run / "ran").exists() and "Traceback" not in told
    refused = where != "library"
    codes = {"verify": 2 if refused else 1, "rerun": 2 if refused else 0, "status": 0, "collect": 0}
    assert all(f"{verb} {code}\n" in told for verb, code in codes.items())
    if where in ("policy", "shock"):
        assert f"{where}.evil: is code from outside the package, evil.Evil in {run / 'evil.py'}" in told
        assert f"by {own / where / 'evil.yaml'}; read it, and say trust=true" in told


@pytest.mark.parametrize("words", [["trust=true"], ["configs=../own"]], ids=str)
def test_code_of_ones_own_runs_where_one_says_so(sent, tmp_path, monkeypatch, capsys, words):
    """The class of a policy, found from where the command is given."""
    own = shutil.copytree(sent / "own", tmp_path / "own")
    monkeypatch.chdir(own)
    monkeypatch.setattr(sys, "path", list(sys.path))
    keys = {"configs": str(own), "city": "lakeside", "end": "2006Q2", small.SPIN_UP: 0}
    monkeypatch.syspath_prepend(own)
    folder = sim.run(policy=["toy"], scale=0.1, targets=[], **keys).save(tmp_path / "run")
    sys.path.remove(str(own))
    code, told = verified(folder, capsys)
    assert code == 2 and "trust=true" in told
    assert verified(folder, capsys, *words)[0] == 0


def test_what_is_not_trusted_is_said_at_once(run, capsys):
    code, told = verified(run, capsys, "trust=perhaps", "configs=nowhere")
    assert code == 2 and "trust=perhaps: should be true or false" in told and "configs=nowhere: no such folder" in told


@pytest.mark.parametrize(
    "word", ["arms={a:{experiment._target_:this.s}}", "factors={experiment._target_:[this.s]}"], ids=str
)
def test_no_key_makes_another_function_the_verb(tmp_path, capsys, word):
    sys.modules.pop("this", None)
    assert cli.main(["sweep", *small.LAKESIDE, "end=2006Q2", "seeds=1..2", f"folder={tmp_path / 'sweep'}", word]) == 2
    assert "experiment._target_" in capsys.readouterr().err
    assert "this" not in sys.modules and not (tmp_path / "sweep").exists()


@pytest.mark.parametrize(
    "text, said",
    [
        (
            "a0: &a0 [1, 1]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]\n" for i in range(14)),
            "its aliases stand for more than",
        ),
        (
            "a: &a {" + ", ".join(f"k{i}: 1" for i in range(400)) + "}\nb: [" + "*a, " * 300 + "]\n",
            "its aliases stand for more than",
        ),
        ("a: &a [*a]\n", "*a holds itself"),
        ("a: " + "[" * 900 + "]" * 900, "brackets within brackets"),
        ("a: " + "[" * 30_000 + "]" * 30_000, "maximum nesting depth"),
    ],
    ids=["doubling", "many", "itself", "deep", "deeper"],
)
def test_a_yaml_that_says_more_than_is_in_it_is_refused(run, sent, capsys, text, said):
    """In a config that was kept, and in a file of one's own, which Hydra reads as well."""
    (run / "config.yaml").write_text((run / "config.yaml").read_text() + text)
    folders.seal(run)
    code, told = verified(run, capsys)
    assert code == 2 and said in told and str(run / "config.yaml") in told
    own = shutil.copytree(sent / "own", run.parent / "own")
    (own / "policy" / "toy.yaml").write_text(text)
    assert cli.main([f"configs='{own}'", "city=lakeside", "policy=[toy]"]) == 2
    told = capsys.readouterr().err
    assert said in told and "toy.yaml" in told


def test_few_aliases_are_read(tmp_path):
    (tmp_path / "few.yaml").write_text("a: &a {b: 1}\nc: [*a, *a]\n")
    assert read_yaml(tmp_path / "few.yaml") == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


# ---------------------------------------------------------------- every file counts


def test_a_run_that_is_as_it_was_is_verified(run, capsys):
    code, told = verified(run, capsys)
    assert code == 0 and f"{run}: verified, every bit agrees\n" in told
    assert subprocess.run(["sha256sum", "--check", "--quiet", "DONE"], cwd=run).returncode == 0


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


CHANGES = {
    "city.parquet: was changed": lambda run: flipped(run / "city.parquet"),
    "flows.parquet: is missing": lambda run: (run / "flows.parquet").unlink(),
    "reported.csv: was changed": lambda run: flipped(run / "reported.csv"),
    "codebook.csv: was changed": lambda run: flipped(run / "codebook.csv"),
    "districts.csv: is missing": lambda run: (run / "districts.csv").unlink(),
    "config.yaml: was changed": lambda run: flipped(run / "config.yaml"),
    "run.json: was changed": lambda run: flipped(run / "run.json"),
    "figures/city.svg: was changed": lambda run: flipped(run / "figures" / "city.svg"),
    "figures/funnel.csv: is missing": lambda run: (run / "figures" / "funnel.csv").unlink(),
    "FAILED: was added": lambda run: (run / "FAILED").write_text("interrupted"),
    "figures/more.csv: was added": lambda run: (run / "figures" / "more.csv").write_text("a"),
    "sums.parquet: was added": lambda run: (run / "sums.parquet").write_text("a"),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_file_that_was_changed_taken_or_added_is_named(run, capsys, said):
    CHANGES[said](run)
    code, told = verified(run, capsys)
    assert code == 1 and f"  {said}\n" in told and "NOT verified" in told


def told_otherwise(run, key, value):
    about = json.loads((run / "run.json").read_text())
    folders.write_json(run / "run.json", about | {key: value})


def rewritten(run, name):
    path = run / name
    path.write_text(path.read_text().replace("1", "2"))


FORGERIES = {
    "city.parquet: differs": lambda run: forged(run / "city.parquet"),
    "reported.csv: differs": lambda run: rewritten(run, "reported.csv"),
    "codebook.csv: differs": lambda run: rewritten(run, "codebook.csv"),
    "districts.csv: differs": lambda run: rewritten(run, "districts.csv"),
    "figures/city.csv: differs": lambda run: rewritten(run, "figures/city.csv"),
    "figures/city.svg: is missing": lambda run: (run / "figures" / "city.svg").unlink(),
    "more.parquet: is no file of such a run": lambda run: (run / "more.parquet").write_text(""),
    "run.json: scale is 0.5, and 0.1 anew": lambda run: told_otherwise(run, "scale", 0.5),
    "run.json: policies is [x], and [] anew": lambda run: told_otherwise(run, "policies", ["x"]),
    "run.json: mine is 1, and null anew": lambda run: told_otherwise(run, "mine", 1),
}


def forged(path):
    table = pyarrow.parquet.read_table(path)
    place = table.column_names.index("workforce")
    more = pyarrow.array(table["workforce"].to_numpy() + 1)
    pyarrow.parquet.write_table(table.set_column(place, table.schema.field(place), more), path)


def test_what_was_changed_with_its_sum_is_found_by_computing(run, capsys):
    for forge in FORGERIES.values():
        forge(run)
    folders.seal(run)
    code, told = verified(run, capsys)
    assert code == 1 and {line.strip() for line in told.splitlines() if line.startswith("  ")} == set(FORGERIES)


def test_a_run_that_wrote_no_sums_is_not_verified(run, capsys):
    (run / "DONE").write_text("")
    assert "holds no sums of the files" in verified(run, capsys)[1]


def test_a_table_that_is_not_of_the_run_is_not_read(sent, run):
    """Another run's, which is whole in itself."""
    other = records.run_in_memory(load_file(sent / "run" / "config.yaml").one_run(seed=2))
    shutil.copy(other.folder / "city.parquet", run)
    flipped(run / "reported.csv")
    kept = sim.load(run)
    assert len(kept.sector) and kept.about["fingerprint"] == fingerprint(load_file(run / "config.yaml"))
    for read in (lambda: kept.city, lambda: kept.reported, kept.plot):
        with pytest.raises(ValueError, match="is not what this run wrote: its sum is not that in DONE"):
            read()
