"""The compiler's options, and a cache that never runs stale code."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim.world.kernel
from sim.world.kernel import cache_folder, equation, kernel, kernel_sources

ROOT = Path(sim.world.kernel.__file__).resolve().parents[1]


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
def package(tmp_path, monkeypatch):
    """A package `sim`: a kernel that uses three other files, an equation alone, and a file without."""
    sources = {
        "__init__.py": "import sim.plots\n",
        "constants.py": "ADDED = 1\n",
        "helpers.py": "from sim.kernel import equation\nfrom . import constants\nADDED = constants.ADDED\n\n"
        "@equation\ndef add(x):\n    return x + ADDED\n",
        "mechanisms/__init__.py": "",
        "mechanisms/work.py": "from sim.helpers import add\nfrom sim.kernel import kernel\n\n"
        "@kernel\ndef work(x):\n    return add(x)\n",
        "alone.py": "from sim.kernel import equation\n\n@equation\ndef same(x):\n    return x\n",
        "plots.py": "WIDTH = 1\n",
    }
    folder = tmp_path / "sim"
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shutil.copy(sim.world.kernel.__file__, folder)
    monkeypatch.setattr(sim.world.kernel, "PACKAGE", folder)
    return folder


def run(package, cache, code="from sim.mechanisms.work import work; print(work(10))", **variables):
    environment = os.environ | {"PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(cache)} | variables
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=package, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_the_cache_depends_on_all_that_kernels_see_and_on_nothing_else(package):
    names = {path.relative_to(package).as_posix() for path in kernel_sources()}
    assert names == {"alone.py", "constants.py", "helpers.py", "kernel.py", "mechanisms/work.py"}


def test_an_edit_of_a_helper_in_another_file_is_seen(package, tmp_path):
    cache = tmp_path / "cache"
    assert run(package, cache) == "11"
    (package / "plots.py").write_text("WIDTH = 2\n")
    assert run(package, cache) == "11"
    assert len(list(cache.iterdir())) == 1
    (package / "constants.py").write_text("ADDED = 5\n")
    assert run(package, cache) == "15"
    assert len(list(cache.iterdir())) == 2


def test_machine_code_is_found_again(package, tmp_path):
    code = "from sim.mechanisms.work import work; work(10); print(sum(work.stats.cache_hits.values()))"
    compiled = {"NUMBA_DISABLE_JIT": "0"}
    assert run(package, tmp_path / "cache", code, **compiled) == "0"
    assert run(package, tmp_path / "cache", code, **compiled) == "1"


def test_kernels_run_where_nothing_can_be_cached(package, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert run(package, tmp_path / "file") == "11"
    assert not list(package.rglob("*.nbi"))


def test_kernels_run_without_the_compiler(package, tmp_path):
    code = "from sim.mechanisms.work import work; print(work(10), type(work).__name__)"
    assert run(package, tmp_path / "cache", code, NUMBA_DISABLE_JIT="1") == "11 function"


def test_the_cache_is_inside_the_folder_the_user_asks_for(monkeypatch, tmp_path):
    monkeypatch.setattr(sim.world.kernel.config, "CACHE_DIR", str(tmp_path))
    cache_folder.cache_clear()
    assert cache_folder().parent == tmp_path
    monkeypatch.setattr(sim.world.kernel.config, "CACHE_DIR", "")
    cache_folder.cache_clear()
    assert "silicon-bund" in cache_folder().parts
    monkeypatch.undo()
    cache_folder.cache_clear()


def test_numba_keeps_its_own_cache_folder_for_others():
    assert sim.world.kernel.config.CACHE_DIR == os.environ.get("NUMBA_CACHE_DIR", "")
