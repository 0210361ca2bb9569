"""The house as it was drawn: imports go down, rooms keep to themselves, and names that must agree do."""

import ast
import dataclasses
import importlib
import inspect
import re
import subprocess
import textwrap
from pathlib import Path

import numpy as np
import pytest
import small

from sim.model.ecosystem import Ecosystem
from sim.observables import CODEBOOK, Panels
from sim.policies.instrument import Instrument
from sim.settings import instruments, parameters
from sim.settings.files import CONFIGS, read_yaml
from sim.verbs import loading
from sim.verbs.catalogue import log
from sim.world import levers

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sim"

LAYERS = [  # from the ground up; a module imports from its own layer and from those below
    ("world",),
    ("mechanisms", "policies", "shocks"),
    ("observables",),
    ("settings",),
    ("model",),
    ("plots", "statistics"),
    ("runs",),
    ("sweep",),
    ("calibration",),
    ("verbs",),
    ("report",),
    ("atlas",),
    ("desk",),
    ("__init__", "cli"),
    ("__main__",),
]
MECHANISMS = sorted(path for path in (PACKAGE / "mechanisms").rglob("*.py") if path.stem != "__init__")
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room(path):
    """The drawer or file of the package that a module lies in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """(name of the module of this package, whether at the top of the file) of each import."""
    tree = ast.parse(path.read_text("utf-8"))
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "sim" else [node.module]
        for name in names:
            if name == "sim" or name.startswith("sim."):
                yield name, id(node) in top


def target(name):
    first = (name.split(".") + ["__init__"])[1]
    return first if first in HEIGHT or (PACKAGE / first).exists() or (PACKAGE / f"{first}.py").exists() else "__init__"


def test_every_module_has_its_layer():
    assert {room(path) for path in modules()} <= set(HEIGHT)


def test_imports_only_go_down():
    """Also those within functions."""
    up = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for name, _ in imports(path)
        if HEIGHT[target(name)] > HEIGHT[room(path)]
    ]
    assert up == []


def test_policies_and_mechanisms_meet_in_the_levers():
    for here, there in (
        ("policies", "mechanisms"),
        ("mechanisms", "policies"),
        ("shocks", "mechanisms"),
        ("mechanisms", "shocks"),
    ):
        assert [
            path.name for path in (PACKAGE / here).rglob("*.py") for name, _ in imports(path) if target(name) == there
        ] == []


def test_pictures_read_tables_only():
    allowed = {"plots", "world", "settings", "observables"}
    assert [
        (path.name, name)
        for path in (PACKAGE / "plots").glob("*.py")
        for name, _ in imports(path)
        if target(name) not in allowed
    ] == []


# ---------------------------------------------------------------- observables only read


def test_observables_write_no_state():
    """Two cities, one of which is observed twice a quarter, stay the same; and observing works on arrays that refuse
    to be written.
    """
    ours, theirs = (Ecosystem(small.config(*small.LAKESIDE, "end=2008Q4")) for _ in range(2))
    while ours.quarter <= ours.config.end:
        ours.step()
        theirs.step()
        theirs._quarter -= 1
        frozen = lock(theirs.state)
        Panels(theirs.config, theirs.city, theirs.state).record(theirs)
        for array in frozen:
            array.setflags(write=True)
        theirs._quarter += 1
        theirs.panels.tables()
    assert small.differing(ours, theirs) == []


def lock(state):
    """Make all arrays of a state read-only, and return those that were not."""
    tables = [value.rows for value in vars(state).values() if hasattr(value, "rows")]
    arrays = [
        value
        for value in (*vars(state).values(), *vars(state.persons).values(), *tables)
        if isinstance(value, np.ndarray) and value.flags.writeable
    ]
    for array in arrays:
        array.setflags(write=False)
    return arrays


# ---------------------------------------------------------------- names that agree


def own_keys(path):
    return set(read_yaml(path)) - {"_target_", *instruments.CALENDAR}


@pytest.mark.parametrize("path", MECHANISMS, ids=lambda path: path.stem)
def test_keys_of_a_mechanism_are_its_params(path):
    """A mechanism without parameters has no yaml."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    params, declared = getattr(module, "Params", None), CONFIGS / "mechanism" / f"{path.stem}.yaml"
    assert declared.exists() == (params is not None)
    if params is not None:
        assert own_keys(declared) == set(params._fields)
        assert declared.read_text("utf-8").startswith(f"# @package mechanism.{path.stem}\n")


def test_every_yaml_of_a_mechanism_has_a_module():
    assert {path.stem for path in (CONFIGS / "mechanism").glob("*.yaml")} == set(parameters.mechanisms())


POLICIES = sorted(
    path
    for group in ("policy", "shock")
    for path in (CONFIGS / group).glob("*.yaml")
    if "_target_" in (read_yaml(path) or {})
)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_keys_of_a_policy_are_its_knobs(path):
    module, _, name = read_yaml(path)["_target_"].rpartition(".")
    kind = getattr(importlib.import_module(module), name)
    knobs = {field.name for field in dataclasses.fields(kind)} - {"name", *instruments.CALENDAR}
    common = set(instruments.COMMON)
    assert own_keys(path) - common == knobs - common
    assert path.read_text("utf-8").startswith(f"# @package {path.parent.name}.{path.stem}\n")


def test_every_instrument_has_a_yaml():
    targets = {read_yaml(path)["_target_"] for path in POLICIES}
    for path in (
        path
        for group in ("policies", "shocks")
        for path in (PACKAGE / group).glob("[a-z]*.py")
        if path.stem != "instrument"
    ):
        module = importlib.import_module(f"sim.{path.parent.name}.{path.stem}")
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Instrument) and kind.__module__ == module.__name__:
                assert f"{kind.__module__}.{kind.__name__}" in targets


def test_every_lever_is_read_by_a_mechanism():
    read = "\n".join(path.read_text("utf-8") for path in MECHANISMS)
    unread = [name for name in levers.LEVERS if not re.search(rf"\blevers\.{name}\b", read)]
    assert unread == []


def test_policies_move_levers_that_exist():
    code = "".join(path.read_text("utf-8") for room in ("policies", "shocks") for path in (PACKAGE / room).glob("*.py"))
    moved = set(re.findall(r'levers\.move\(\s*"(\w+)"', code))
    assert len(moved) > 40 and moved <= set(levers.LEVERS)


def test_every_parameter_is_read():
    """By its name, or by a name put together: a parameter that no equation uses would be a promise not kept."""
    everything = "\n".join(path.read_text("utf-8") for path in modules())
    families = tuple(re.findall(r'getattr\([\w.\[\]"]+, f"(\w+_){', everything))
    unread = [
        f"{name}.{field}"
        for name, kind in parameters.mechanisms().items()
        for field in kind._fields
        if not re.search(rf"\.{field}\b", everything) and not field.startswith(families)
    ]
    assert unread == []


def test_a_real_run_has_every_table_of_the_codebook(lakeside, shanghai):
    for model in (lakeside, shanghai):
        tables = model.panels.tables()
        assert set(tables) == set(CODEBOOK) - {"reported"}
        assert len(tables["rounds"]) and len(tables["exits"]) and len(tables["funds"]) and len(tables["applications"])


def test_the_log_lists_what_every_verb_leaves():
    assert set(loading.RESULTS) <= set(log.VERBS)


# ---------------------------------------------------------------- the quarter


def calls_of_a_step():
    """What `step` calls, in order: `labour.hire`, `close_books`."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Ecosystem.step))).body[0]
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).removeprefix("self.")


def test_the_page_lists_the_steps_in_their_order():
    page = (ROOT / "docs" / "developing.md").read_text("utf-8")
    section = re.search(r"^## The quarter\n(.*?)(?=^## )", page, re.M | re.S)[1]
    items = re.findall(r"^(\d+)\. (.*)$", section, re.M)
    assert [int(number) for number, _ in items] == list(range(1, 15))
    spans = [span for _, text in items for span in re.findall(r"`([^`]+)`", text)]
    assert spans == list(calls_of_a_step())


# ---------------------------------------------------------------- nothing of one machine


def test_no_file_names_a_machine():
    """No home or scratch folder, no registry's host: what is here works elsewhere."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: only git tells what is the project's from what was made beside it")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    private = re.compile(
        rb"(?<![\w.])/(?:home|root|Users|work|mnt|scratch)/\w|/tmp/\w|[A-Z]:\\\\Users|(?:files\.)?python"
        + rb"hosted\.org|pypi"
        + rb"\.org/simple|index-"
        + rb"url|registry\.\w+\.\w+/"
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".pdf", ".parquet", ".npz") or not path.is_file():
            continue
        found += [f"{name}: {match[0].decode(errors='replace')}" for match in private.finditer(path.read_bytes())]
    assert found == []
