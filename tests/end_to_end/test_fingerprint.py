"""The fingerprint of a run: the same where no number can change, another where one may."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small

from sim.runs.fingerprint import doubts, fingerprint, fingerprints, premises
from sim.settings import config as configs

ROOT = Path(__file__).resolve().parents[2]
ASK = (
    "import sim.settings.config as c, sim.runs.fingerprint as f;"
    "x = c.load({words}); print(f.fingerprint(x), f.premises(x))"
)
POLICY = '''"""A policy of somebody's own."""

from dataclasses import dataclass

import own_sizes
from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class Help(Instrument):
    uplift: float

    def act(self, levers, intensity, slot):
        levers.move("demand", 1.0 + intensity * own_sizes.TIMES * self.uplift)
'''
YAML = """# @package policy.help
_target_: own_help.Help
start: 2007Q1
end: null
announced: null
uplift: {value: 0.1, low: 0, high: 1, unit: share, source: assumption, note: of demand}
"""


# ---------------------------------------------------------------- a copy of the package, edited


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package and its configs, to edit."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("sim", "configs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def asked(folder, *words):
    """(fingerprint, premises) that the package in a folder gives."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    code = ASK.format(words=["scale=0.02", "policy=[sandbox]", *words])
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def edited(folder, file, before, after):
    """The text of a file with something in it replaced, as written."""
    path = folder / file
    text = path.read_text("utf-8")
    assert before in text, f"{file} has no {before}"
    path.write_text(text.replace(before, after, 1), "utf-8")
    return text


SAME = [
    ("sim/mechanisms/ventures/sales.py", "import numpy as np\n", "import numpy as np\n\n# a comment\n"),
    ("sim/mechanisms/ventures/sales.py", '"""', '"""In other words. '),
    ("sim/policies/coworking.py", '"""', 'UNUSED = 1\n"""'),
    ("sim/plots/style.py", "import ", "UNUSED = 1\nimport "),
    ("sim/verbs/compare.py", "import ", "UNUSED = 1\nimport "),
    ("configs/mechanism/sales.yaml", "note: ", "note: indeed "),
    ("configs/policy/sandbox.yaml", "source: ", "source: again "),
]
OTHER = [
    ("sim/world/draws.py", "1.44269504088896338700", "1.44269504088896338700 + 1e-9"),
    ("sim/mechanisms/ventures/sales.py", "/ 4.0", "/ 4.5"),
    ("sim/policies/sandbox.py", "intensity * ", "0.5 * intensity * "),
    ("sim/policies/instrument.py", "/ 4.0 * self", "/ 4.5 * self"),
    ("configs/mechanism/sales.yaml", "value: -0.03", "value: -0.04"),
    ("configs/city/shanghai/districts.csv", ",1", ",2"),
]


def test_edits_that_change_no_number_change_no_fingerprint(copy):
    """All at once, and those of a hold-out, which the premises of a fit do not see either."""
    first = asked(copy)
    for file, before, after in SAME:
        edited(copy, file, before, after)
    rows = (copy / "configs/targets/reported.csv").read_text("utf-8").splitlines(keepends=True)
    apart = [row for row in rows[1:] if ",hold-out," not in row and ",holdout," not in row]
    assert len(apart) < len(rows) - 1
    (copy / "configs/targets/reported.csv").write_text("".join([rows[0], *apart]), "utf-8")
    assert asked(copy) == first


@pytest.mark.parametrize(("file", "before", "after"), OTHER, ids=[file.rpartition("/")[2] for file, _, _ in OTHER])
def test_an_edit_that_may_change_a_number_changes_the_fingerprint(copy, file, before, after):
    first = asked(copy, "calibrated=false")
    text = edited(copy, file, before, after)
    try:
        found = asked(copy, "calibrated=false")
    finally:
        (copy / file).write_text(text, "utf-8")
    assert found[0] != first[0] and found[1] != first[1]


def test_a_target_belongs_to_the_fit_and_not_to_the_run(copy):
    first = asked(copy)
    text = edited(copy, "configs/targets/facts.csv", ",6.3,4,9,", ",6.3,4,8,")
    found = asked(copy)
    (copy / "configs/targets/facts.csv").write_text(text, "utf-8")
    assert found[0] == first[0] and found[1] != first[1]


# ---------------------------------------------------------------- what ran is what is fingerprinted


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder with a policy of one's own, its yaml and a module that it imports."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "help.yaml").write_text(YAML)
    (tmp_path / "own_help.py").write_text(POLICY)
    (tmp_path / "own_sizes.py").write_text("TIMES = 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[name]


def config(own):
    return configs.load([f"configs='{own}'", "policy=[help]", "calibrated=false", "scale=0.01", "end=2007Q4"])


def moved(config):
    """The demand that the policy leaves."""
    from sim.world.levers import Levers

    levers = Levers(config.city.district_codes, config.city.sectors)
    config.policies[0].act(levers, 1.0, 0)
    return levers.demand[0]


@pytest.mark.parametrize(
    ("file", "before", "after"), [("own_help.py", "1.0 + intensity", "1.5 + intensity"), ("own_sizes.py", "1.0", "3.0")]
)
def test_a_policy_edited_in_a_living_process_is_loaded_anew_under_a_fingerprint_of_its_own(own, file, before, after):
    first = config(own)
    known, demand = fingerprint(first), moved(first)
    edited(own, file, before, after)
    second = config(own)
    assert moved(second) != demand and fingerprint(second) != known
    assert doubts(second) == []
    edited(own, file, after, before)
    assert fingerprint(config(own)) == known and moved(config(own)) == demand


def test_what_was_made_before_an_edit_runs_as_it_was_and_says_so(own):
    first = config(own)
    known = fingerprint(first)
    edited(own, "own_help.py", "1.0 + intensity", "1.5 + intensity")
    assert fingerprint(first) == known, "the code in memory is what it was"
    assert any("own_help has changed on disk" in text for text in doubts(first))
    config(own)
    assert any("was loaded anew" in text for text in doubts(first))


def test_all_that_import_an_edited_module_are_loaded_anew(own):
    """Two policies share a helper: the second is not left with the older one when the first is loaded."""
    (own / "own_help.py").write_text(
        POLICY.replace("import own_sizes", "from own_sizes import TIMES").replace("own_sizes.", "")
    )
    shutil.copy(own / "own_help.py", own / "own_twin.py")
    (own / "policy" / "twin.yaml").write_text(
        YAML.replace("help.Help", "twin.Help").replace("policy.help", "policy.twin")
    )
    words = [f"configs='{own}'", "policy=[help,twin]", "calibrated=false", "scale=0.01", "end=2007Q4"]
    configs.load(words)
    edited(own, "own_sizes.py", "1.0", "3.0")
    assert [policy.act.__globals__["TIMES"] for policy in configs.load(words).policies] == [3.0, 3.0]


def test_a_module_reloaded_under_a_policy_is_in_doubt_and_loaded_anew_when_asked_again(own):
    edited(own, "own_help.py", "import own_sizes", "from own_sizes import TIMES")
    edited(own, "own_help.py", "own_sizes.", "")
    first = config(own)
    edited(own, "own_sizes.py", "1.0", "3.0")
    importlib.reload(sys.modules["own_sizes"])
    assert any("own_help is older than what it imports" in text for text in doubts(first))
    second = config(own)
    assert moved(second) != moved(first) and doubts(second) == []


def test_a_helper_in_a_package_is_loaded_anew_by_relative_imports_too(own):
    (own / "own_package").mkdir()
    (own / "own_package" / "__init__.py").write_text("")
    (own / "own_package" / "sizes.py").write_text("TIMES = 1.0\n")
    (own / "own_package" / "own_help.py").write_text(
        POLICY.replace("import own_sizes", "from . import sizes").replace("own_sizes.", "sizes.")
    )
    (own / "policy" / "help.yaml").write_text(YAML.replace("own_help.Help", "own_package.own_help.Help"))
    first = moved(config(own))
    edited(own, "own_package/sizes.py", "1.0", "3.0")
    assert moved(config(own)) != first


def test_a_name_that_moved_to_a_module_of_its_own_is_known_there(own):
    """`from own_package import sizes` reads as before when `sizes` comes to stand in a file of its own."""
    (own / "own_package").mkdir()
    (own / "own_package" / "__init__.py").write_text("class sizes:\n    TIMES = 1.0\n")
    edited(own, "own_help.py", "import own_sizes", "from own_package import sizes")
    edited(own, "own_help.py", "own_sizes.", "sizes.")
    fingerprint(config(own))
    (own / "own_package" / "__init__.py").write_text("")
    (own / "own_package" / "sizes.py").write_text("TIMES = 1.0\n")
    known, first = fingerprint(config(own)), moved(config(own))
    edited(own, "own_package/sizes.py", "1.0", "3.0")
    assert moved(config(own)) != first and fingerprint(config(own)) != known


def test_a_kernel_of_ones_own_runs_as_edited_in_a_living_process(own):
    text = POLICY.replace(
        "import own_sizes", "from sim.world.kernel import kernel\n\n\n@kernel\ndef sized(x):\n    return 1.0 * x\n"
    )
    (own / "own_help.py").write_text(text.replace("own_sizes.TIMES * self.uplift", "sized(self.uplift)"))
    first = moved(config(own))
    edited(own, "own_help.py", "1.0 * x", "3.0 * x")
    assert moved(config(own)) != first


def test_a_class_that_a_function_of_a_module_made_is_known_by_the_whole_module(own):
    lines = POLICY.partition("@dataclass")
    inner = "".join(f"    {line}" for line in "".join(lines[1:]).splitlines(keepends=True))
    text = f"{lines[0]}\ndef make(times):\n{inner}    return Help\n\n\nHelp = make(1.0)\n"
    (own / "own_help.py").write_text(text.replace("own_sizes.TIMES", "own_sizes.TIMES * times"))
    known = fingerprint(config(own))
    for file, before, after in (("own_help.py", "make(1.0)", "make(3.0)"), ("own_sizes.py", "1.0", "3.0")):
        edited(own, file, before, after)
        assert fingerprint(config(own)) != known and doubts(config(own)) == []
        edited(own, file, after, before)


SCRIPT = """
import sys
{early}
import sim
from sim.runs.fingerprint import doubts, fingerprint
from sim.settings import config

{policy}

{late}
one = config.load(["configs='{own}'", "policy=[help]", "calibrated=false", "scale=0.01", "end=2007Q4"])
print(fingerprint(one), doubts(one))
{check}
"""


def scripted(own, early="", policy="", late="", check=""):
    """What a script says of its run."""
    (own / "script.py").write_text(SCRIPT.format(early=early, policy=policy, late=late, check=check, own=own))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(own), str(ROOT)])}
    words = [sys.executable, own / "script.py"]
    done = subprocess.run(words, cwd=own, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_policy_of_a_script_is_known_by_the_whole_script(own):
    """Its constants are of its meaning, and so is what it imports."""
    (own / "policy" / "help.yaml").write_text(YAML.replace("own_help.", "__main__."))
    policy = POLICY.replace("self.uplift)", "RATE * self.uplift)")
    first = scripted(own, policy=f"{policy}\n\nRATE = 1.0")
    assert first.endswith("[]")
    assert scripted(own, policy=f"{policy}\n\nRATE = 1.0  # a share") == first
    assert scripted(own, policy=f"{policy}\n\nRATE = 2.0") != first
    (own / "own_sizes.py").write_text("TIMES = 3.0\n")
    assert scripted(own, policy=f"{policy}\n\nRATE = 1.0") != first


def test_a_policy_imported_before_the_package_and_then_edited_is_loaded_anew(own):
    edit = "import pathlib; pathlib.Path('own_sizes.py').write_text('TIMES = 3.0\\n')"
    scripted(
        own, early="import own_help", late=edit, check="assert one.policies[0].act.__globals__['own_sizes'].TIMES == 3"
    )


def test_a_comment_in_a_policy_of_ones_own_changes_nothing(own):
    first = config(own)
    known = fingerprint(first)
    edited(own, "own_help.py", "import own_sizes\n", "import own_sizes  # how much\n")
    assert doubts(first) == [], "a comment beside a living process"
    assert fingerprint(config(own)) == known


def test_a_class_of_no_file_is_known_by_its_source_or_in_doubt():
    """As in a cell of a notebook: the text is where Python says; made by exec it is nowhere."""
    from dataclasses import dataclass

    from sim.policies.instrument import Instrument

    @dataclass(frozen=True, kw_only=True)
    class Cell(Instrument):
        def act(self, levers, intensity, slot):
            levers.move("demand", 1.1)

    plain = small.config(*small.LAKESIDE)
    here = small.altered(plain, policies=[Cell(name="cell")])
    assert doubts(here) == [] and fingerprint(here) != fingerprint(plain)
    space = {"Instrument": Instrument, "dataclass": dataclass, "__name__": "__console__"}
    exec(
        "@dataclass(frozen=True, kw_only=True)\nclass Typed(Instrument):\n    def act(self, levers, i, s): pass\n",
        space,
    )
    assert any("Typed" in text for text in doubts(small.altered(plain, policies=[space["Typed"](name="typed")])))


def test_a_class_of_no_file_is_known_with_the_values_that_it_uses_or_in_doubt():
    from dataclasses import dataclass

    from sim.policies.instrument import Instrument

    def made(times):
        @dataclass(frozen=True, kw_only=True)
        class Cell(Instrument):
            def act(self, levers, intensity, slot):
                levers.move("demand", times)

        return small.altered(small.config(*small.LAKESIDE), policies=[Cell(name="cell")])

    assert fingerprint(made(1.0)) == fingerprint(made(1.0)) != fingerprint(made(2.0))
    assert doubts(made(1.0)) == []
    assert any("times, which" in text for text in doubts(made([1.0])))


def test_the_fingerprint_is_that_of_one_run_and_not_of_where_it_is_written():
    one = small.config(*small.LAKESIDE)
    for words, same in (
        (["output=elsewhere"], True),
        (["threads=2"], True),
        (["targets=[]"], True),
        (["seed=2"], False),
    ):
        other = small.config(*small.LAKESIDE, *words)
        assert (fingerprint(other) == fingerprint(one)) is same, words
    assert fingerprints([one, one]) == [fingerprint(one)] * 2
    assert len(premises(one)) == 64
