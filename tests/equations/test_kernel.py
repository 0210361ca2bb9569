"""The compiler's options, and a cache that never runs stale code."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import sim.world.kernel
import sim.world.sources
from sim.world.kernel import equation, kernel

pytestmark = pytest.mark.slow  # most compile in processes of their own


@equation
def divided(a, b):
    return a / b


@kernel
def multiply_and_add(a, b, c):
    return a * b + c


@kernel
def divide(a, b):
    return divided(a, b)


def test_division_by_zero_is_infinite():
    assert divide(np.float64(1.0), np.float64(2.0)) == 0.5
    with np.errstate(divide="ignore"):
        assert divide(np.float64(1.0), np.float64(0.0)) == np.inf


def test_products_are_rounded_before_they_are_added():
    step = 2.0**-30
    assert multiply_and_add(1.0 + step, 1.0 - step, -1.0) == 0.0  # -2**-60 if fused


@pytest.fixture
def package(tmp_path):
    """A package `sim`: a kernel that uses two other files, an equation alone, and a file without."""
    texts = {
        "__init__.py": "from sim.world import sources\nsources.remember()\nimport sim.plots\n",
        "constants.py": "ADDED = 1\n",
        "helpers.py": "from sim.world.kernel import equation\nfrom . import constants\nADDED = constants.ADDED\n\n"
        "@equation\ndef add(x):\n    return x + ADDED\n",
        "mechanisms/__init__.py": "",
        "mechanisms/work.py": "from sim.helpers import add\nfrom sim.world.kernel import kernel\n\n"
        "@kernel\ndef work(x):\n    return add(x)\n",
        "alone.py": "from sim.world.kernel import equation\n\n@equation\ndef same(x):\n    return x\n",
        "plots.py": "WIDTH = 1\n",
        "world/__init__.py": "",
    }
    folder = tmp_path / "sim"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for module in (sim.world.kernel, sim.world.sources):
        shutil.copy(module.__file__, folder / "world")
    return folder


def run(package, cache, code="from sim.mechanisms.work import work; print(work(10))", **variables):
    environment = os.environ | {"PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(cache)} | variables
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=package, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def compiled(cache):
    """Names of the folders of machine code that hold some."""
    return sorted({path.parent.name for path in cache.rglob("*.nbc")})


def test_an_edit_of_a_helper_in_another_file_is_seen_and_one_that_changes_no_number_compiles_nothing(package, tmp_path):
    cache = tmp_path / "cache"
    assert run(package, cache) == "11"
    first = compiled(cache)
    assert [name.rpartition("-")[0] for name in first] == ["sim.helpers", "sim.mechanisms.work"]
    (package / "plots.py").write_text("WIDTH = 2\n")
    (package / "constants.py").write_text('"""What is added."""\n\n# One.\nADDED = 1\n')
    assert run(package, cache) == "11"
    assert compiled(cache) == first
    (package / "constants.py").write_text("ADDED = 5\n")
    assert run(package, cache) == "15"
    assert len(compiled(cache)) == 4


def test_an_edit_compiles_only_what_can_see_it(package, tmp_path):
    cache, code = tmp_path / "cache", "from sim.mechanisms.work import work; from sim.alone import same; work(same(10))"
    run(package, cache, code)
    (package / "helpers.py").write_text((package / "helpers.py").read_text().replace("x + ADDED", "x - ADDED"))
    run(package, cache, code)
    assert [name.rpartition("-")[0] for name in compiled(cache)].count("sim.alone") == 1


def test_machine_code_is_found_again(package, tmp_path):
    code = "from sim.mechanisms.work import work; work(10); print(sum(work.stats.cache_hits.values()))"
    assert run(package, tmp_path / "cache", code, NUMBA_DISABLE_JIT="0") == "0"
    assert run(package, tmp_path / "cache", code, NUMBA_DISABLE_JIT="0") == "1"


def test_kernels_run_where_nothing_can_be_cached(package, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert run(package, tmp_path / "file") == "11"
    assert not list(package.rglob("*.nbi"))


def test_kernels_run_without_the_compiler(package, tmp_path):
    code = "from sim.mechanisms.work import work; print(work(10), type(work).__name__)"
    assert run(package, tmp_path / "cache", code, NUMBA_DISABLE_JIT="1") == "11 function"


def test_a_kernel_that_no_file_holds_runs_and_is_not_kept(package, tmp_path):
    code = "from sim.world.kernel import kernel\n@kernel\ndef twice(x):\n    return 2 * x\nprint(twice(4))"
    assert run(package, tmp_path / "cache", code) == "8"
    assert compiled(tmp_path / "cache") == []


def test_a_cache_that_others_could_write_to_is_closed_or_not_used(monkeypatch, tmp_path, capsys):
    """What lies there is run as it stands."""
    for name in ("open", "foreign"):
        (tmp_path / name / "silicon-bund").mkdir(parents=True)
        (tmp_path / name / "silicon-bund").chmod(0o777)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "open"))
    assert sim.world.sources.cache_folder().stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("os.getuid", lambda: -1)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "foreign"))
    assert tmp_path not in sim.world.sources.cache_folder().parents
    assert f"{tmp_path / 'foreign' / 'silicon-bund'} is not of this user" in capsys.readouterr().err


def test_the_cache_is_inside_the_folder_the_user_asks_for(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = sim.world.sources.cache_folder()
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert "silicon-bund" in sim.world.sources.cache_folder().parts
