"""The notebooks and their solutions run from beginning to end, assertions on their own numbers included."""

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "experiments" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9A]*_*.py"))
SOLUTIONS = sorted((FOLDER / "solutions").glob("*.py"))
NEED_THE_MODEL = ("06", "07", "A_")
MOST_SECONDS = 60  # of a processor, once the model is compiled
NOT_IN_PANDAS_AND_MATPLOTLIB = ("sim", "numba", "scipy", "jinja2", "pyarrow", "diff_diff", "ipywidgets")
TEACHING = (ROOT / "docs" / "teaching.md").read_text("utf-8")

pytestmark = pytest.mark.slow


def executed(notebook, folder):
    """(the notebook with outputs, seconds of a processor) of a notebook that was run in a folder."""
    timed = nbformat.v4.new_code_cell("import resource\nprint(sum(resource.getrusage(0)[:2]))")
    notebook = nbformat.v4.new_notebook(cells=[*notebook.cells, timed])
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources).execute()
    said = "".join(output["text"] for output in notebook.cells.pop().outputs)  # a line may come in two parts
    return notebook, float(said)


def without(modules, folder):
    """A new folder that, at the head of the path, makes modules impossible to import."""
    folder.mkdir()
    for name in modules:
        (folder / f"{name}.py").write_text(f"raise ImportError('no {name} here')", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def found(monkeypatch, tmp_path):
    bare = without(["ipywidgets"], tmp_path / "bare")  # which no student has, and whose absence Mesa's bar tells
    path = [str(bare), str(FOLDER), str(ROOT), os.environ.get("PYTHONPATH")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    monkeypatch.delenv("MPLBACKEND", raising=False)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, tmp_path):
    notebook, seconds = executed(jupytext.read(path), tmp_path)
    cells = [cell for cell in notebook.cells if cell.cell_type != "raw"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    drawn = ["image/png" in output.get("data", {}) for cell in cells[:3] for output in cell.get("outputs", ())]
    assert any(drawn), "a figure by the third cell"
    assert not [output for output in outputs if output.get("name") == "stderr"], "no red box"
    if seconds > MOST_SECONDS and path.name.startswith(NEED_THE_MODEL):  # it was compiled here
        (tmp_path / "again").mkdir()
        _, seconds = executed(jupytext.read(path), tmp_path / "again")
    assert seconds < MOST_SECONDS


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    """The frozen data as csv."""
    folder, script = tmp_path_factory.mktemp("frozen") / "csv", ROOT / "experiments" / "classroom.py"
    made = ["--output", folder, "--from", ROOT / "results" / "classroom"]
    subprocess.run([sys.executable, script, *made], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS[:5], ids=lambda path: path.stem)
def test_the_first_five_need_pandas_and_matplotlib_alone(path, csv, tmp_path, monkeypatch):
    bare = without(NOT_IN_PANDAS_AND_MATPLOTLIB, tmp_path / "only")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(bare), str(FOLDER)]))
    monkeypatch.setenv("SILICON_BUND_DATA", str(csv))
    notebook, _ = executed(jupytext.read(path), tmp_path)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output["text"] for output in outputs if output.get("name") == "stderr"], "no red box"


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solution(path, tmp_path):
    executed(jupytext.read(path), tmp_path)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_every_notebook_has(path):
    """One question, a prediction before the answer, three exercises, an assertion; the frozen ones need no model."""
    text = path.read_text("utf-8")
    assert text.count("**Question.**") == 1 and "**Predict before you go on" in text
    exercises = text[text.index("# ## Exercises") :]
    assert len(re.findall(r"^# \d\. ", exercises, re.MULTILINE)) == 3
    assert re.search(r"^assert ", text, re.MULTILINE) and (FOLDER / "solutions" / path.name).is_file()
    assert f"solutions/{path.name}" in exercises
    if not path.name.startswith(NEED_THE_MODEL):
        assert "A surprise" in text and not re.search(r"^\s*(import|from) sim\b", text, re.MULTILINE)
        assert "**Question.**" in text and path.stem[:2] in TEACHING


def test_the_code_of_the_pages_for_students_runs(tmp_path):
    typed = (ROOT / "docs" / "own-policy.md").read_text("utf-8")
    student = typed[typed.index("## Typed in a cell") :]
    blocks = re.findall(r"^```python\n(.*?)^```", TEACHING + student, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    executed(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(block) for block in blocks]), tmp_path)
