"""Files and modules of a user's own that are not what they should be, words that hold no names, and what does nothing:
refused with file, key and line, or told.
"""

import shutil

import pytest
import small

from sim.settings import config
from sim.settings.files import options, read_yaml
from sim.settings.imports import kind_of, try_out, unread
from sim.settings.instruments import CALENDAR
from sim.world.levers import Levers

KNOB = "_target_: own_shapes.Good\nk: {value: %s, low: %s, high: %s, unit: u, source: s}\n"
POLICIES = {  # content of the yaml -> what is said
    "": "is empty, so it is not a policy",
    "null\n": "is empty",
    "- a\n": "holds [a]; a policy is written key: value",
    "hello\n": "holds hello",
    "1: 2\n": "a key is text",
    "# @package _global_\n_target_: own_shapes.Good\n": "its first line should be # @package policy.mine, not _global_",
    KNOB % (1, "a", 2): "policy.mine.k.low=a: should be a number",
    KNOB % (1, "null", 2): "policy.mine.k.low=null",
    KNOB % (1, "true", 2): "policy.mine.k.low=true",
    KNOB % (1, "[0, 1]", 2): "policy.mine.k.low=[0,1]",
    KNOB % (1, 3, 2): "bounds are reversed",
    KNOB % ("[1, 2]", 0, 3): "its yaml has a list where the class has a number",
    KNOB % ("text", 0, 3): "its yaml has text where the class has a number",
    "_target_: own_shapes.Good\nk: true\n": "its yaml has true or false where the class has a number",
    "_target_: own_shapes.Good\nk: [a]\n": "its yaml has a list",
    "_target_: own_shapes.Good\n": "policy.mine.k: missing from its yaml",
    "members: {mine: null}\n": "a bundle cannot be a member of itself",
    "members: {startup_shanghai_3: null}\n": "is a bundle itself",
    "members: {history: null}\n": "is a bundle itself",
    "members: null\n": "members=null: should be policy names",
    "members: 3\n": "members=3",
    "members: [sandbox]\n": "members=[sandbox]",
    "members: {sandbox: 3}\n": "sandbox: holds 3",
    "members: {sandbox: null}\nstart: 2016Q1\n": "start: a bundle has members alone",
    "_target_: 3\n": "_target_=3: should be module.Class",
    "_target_: ..evil\n": "_target_=..evil",
    "_target_: own_syntax.X\n": "SyntaxError: invalid syntax (own_syntax.py, line 2)",
    "_target_: own_zero.X\n": "ZeroDivisionError: division by zero (",
    "_target_: own_missing.X\n": "No module named 'no_such_library'",
    "_target_: own_exit.X\n": "calls sys.exit",
    "_target_: own_shapes.Good.inner\n": "cannot be imported",
    "_target_: sim.policies.instrument.Instrument\n": "it has no act",
    "_target_: sim.policies.instrument.Endowed\n": "it has no act",
    "_target_: own_shapes.Misspelt\n": "no lever demnd; did you mean demand? (",
    "_target_: own_shapes.NotANumber\n": "lever demand: moved by nan",
    "_target_: own_shapes.Negative\n": "lever demand: moved by -3",
    "_target_: own_shapes.Set\n": "levers.demand: cannot be set",
    "_target_: own_shapes.Nowhere\n": "no sector ai; there is",
    "_target_: own_shapes.Unread\nq: {value: 1, low: 0, high: 2, unit: u, source: s}\n": "q of its yaml is read",
}
MODULES = {
    "own_syntax": "\ndef f(:\n",
    "own_zero": "x = 1\ny = 1 / 0\n",
    "own_missing": "import no_such_library\n",
    "own_exit": "import sys\nsys.exit(0)\n",
    "own_shapes": """
from dataclasses import dataclass
from sim.policies.instrument import Instrument

def policy(body, *knobs):
    def act(self, levers, intensity, slot):
        body(self, levers)
    kind = type("Made", (Instrument,), {"act": act, "__annotations__": dict.fromkeys(knobs, float)})
    return dataclass(frozen=True, kw_only=True)(kind)

@dataclass(frozen=True, kw_only=True)
class Good(Instrument):
    k: float
    def act(self, levers, intensity, slot):
        levers.move("demand", 1.0 + intensity * self.k)

Misspelt = policy(lambda self, levers: levers.move("demnd", 2.0))
NotANumber = policy(lambda self, levers: levers.move("demand", float("nan")))
Negative = policy(lambda self, levers: levers.move("demand", -3.0))
Set = policy(lambda self, levers: setattr(levers, "demand", 3.0))
Nowhere = policy(lambda self, levers: levers.move("demand", 2.0, levers.where(sector=("ai",))))
Unread = policy(lambda self, levers: levers.move("demand", 2.0), "q")
""",
}
WORDS = {  # words of the command -> what is said
    **{f"without={x}": f"without={x}: should be a list of policies" for x in ("3", "true", "0.5", "[[x]]", "[1]")},
    "without=[sandbox,sandbox]": "without=sandbox: stands twice",
    **{f"city.sectors={x}": "column sectors: " for x in ("null", "[1]", "[minning,minning]")},
    **{f"policy={x}": f"policy={x}: name a list such as" for x in ("3", "true", "[[a]]", "[1]")},
    **{f"targets={x}": f"targets={x}: name a list" for x in ("3", "[1]")},
    **{f"compare against={x}": f"against={x}: should be history, none, or" for x in ("3", "[1]", "{a:1}")},
    **{f"attribute members={x}": f"members={x}: should be a list of names" for x in ("3", "[[a]]", "[1]")},
    "policy=none": "policy=none: write policy=[]",
    "shock=none": "shock=none: write shock=[]",
    "without=none": "without=none: write without=[]",
    "policy=slowdown": "write shock=[slowdown]",
    "shock=[sandbox]": "write policy=[sandbox]",
    "compare against=[slowdown]": "write shock=[slowdown]",
    "policy=[sandbox.yaml]": "a name has no ending, sandbox",
    "configs=mine policy=[other]": "there is other.yml, but other.yaml is missing",
    "configs=mine targets=[alone]": "there is alone.csv, but alone.yaml is missing",
    "configs=mine experiment=mine": "experiment/mine.yaml: runs is missing, a key of compare",
    "sweep configs=mine launcher=mine": "launcher/mine.yaml: partition is missing, a key of slurm",
    "seed=1,2": "`sim -m seed=1,2` or `sim sweep seeds=[1,2]`",
    "seed=[1,2]": "`sim -m seed=1,2` or `sim sweep seeds=[1,2]`",
    "scale=0,1": "a decimal is written 0.1",
    "sweep launcher=slurm launcher.partition=a,b": """written "launcher.partition='a,b'\"""",
    "sweep arms=[a,b]": "arms=[a,b]: should be {name:[policies]}",
    "sweep factors=[a]": "factors=[a]: should be {key:values}",
    "sweep factors={seed:[1,2]}": "factors.seed: cannot be a factor; write seeds=1..20",
    "--seed=3": "write seed=3",
    "compare --runs 3": "write runs=3",
    "policy.guidance_fund.budget=1e11": "is read by nothing in GuidanceFund; its size is size",
    "mechanism.knowledge.decay={}": "sets nothing; write mechanism.knowledge.decay=VALUE",
    "progress=maybe": "progress=maybe: should be true or false",
}


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    files = {
        "policy/other.yml": "x: 1\n",
        "targets/alone.csv": "id,value\n",
        "experiment/mine.yaml": "_target_: sim.verbs.compare.command\nagainst: none\n",
        "launcher/mine.yaml": "# @package launcher\nname: slurm\n",
    }
    for name, text in files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text(text)
    return tmp_path / "mine"


@pytest.mark.parametrize("text", POLICIES)
def test_a_policy_of_ones_own(text, mine, refused, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    head = "" if "@package" in text else "# @package policy.mine\n"
    (mine / "policy" / "mine.yaml").write_text(head + text)
    refused("configs=mine policy=[mine] scale=0.01 end=2006Q2", [POLICIES[text]])


@pytest.mark.parametrize("words", WORDS)
def test_words(words, mine, refused):
    scale = "" if "scale" in words else " scale=0.01"
    refused(f"{words}{scale} end=2006Q2", [WORDS[words]])


@pytest.mark.parametrize(
    "words, told",
    [
        ("policy=[sandbox] policy.sandbox.start=9999Q1", "policy.sandbox.start=9999Q1: is after the end, 2006Q4"),
        ("policy.sandbox.start=2020Q1", "policy.sandbox.start=2020Q1: is after the end"),
        ("policy=[startup_shanghai_3]", "policy.talent_visa.start=2018Q1: is after the end"),
        ("policy=[sandbox] policy.sandbox.end=1999Q1", "policy.sandbox.end=1999Q1: is before the first quarter"),
        ("shock=[slowdown] shock.slowdown.start=2030Q1", "shock.slowdown.start=2030Q1: is after the end"),
        ("without=[sandbox] policy.sandbox.budget=1", "policy.sandbox.budget=1: sandbox is left out"),
        ("checkpoint_quarters=40", "checkpoint_quarters=40: the run has 4"),
        ("policy=[sandbox] policy.sandbox.phase_in_quarters=8", "is counted from its start"),
        ("shock=[slowdown] shock.slowdown.demand_fall=0", "shock.slowdown: moves no lever"),
        ("experiment=compare policy=[sandbox] against=[sandbox] policy.sandbox.budget=1", "against has sandbox as its"),
        (
            "experiment=compare policy=[] against=[sandbox] policy.sandbox.budget=1",
            "in the arm of against, the only one",
        ),
        ("policy=[]", None),
        ("scale=0.02", None),
    ],
)
def test_what_does_nothing_is_told(words, told):
    notes = config.load([*words.split(), "end=2006Q4"]).notes
    assert (notes == ()) if told is None else any(told in note for note in notes)


def test_a_knob_goes_to_the_arm_that_has_the_policy():
    from sim.settings import contrast

    words = ["experiment=compare", "policy=[]", "against=[sandbox]", "policy.sandbox.places_per_quarter=3"]
    (policy,) = contrast.of(config.load(words)).policy.policies
    assert policy.places_per_quarter == 3


@pytest.mark.parametrize("observed", ["1908", "2098", "2030-2050"])
def test_targets_of_years_that_the_city_has_not_are_told(observed, tmp_path):
    own = shutil.copytree(small.OWN, tmp_path / "own")
    table = own / "targets" / "lakeside.csv"
    table.write_text(table.read_text().replace("2006-2012", observed))
    (note,) = config.load([f"configs='{own}'", "city=lakeside", "scale=0.1", "targets=[lakeside]"]).notes
    assert note.startswith("targets=lakeside: survival of years outside 2006 to 2035")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "about: {}\n", "mechanism: {}\n", "about: {targets: [gone]}\nmechanism: {}\n", "a: [\n"]
)
def test_a_broken_fit_does_not_stop_the_next(text, tmp_path, monkeypatch):
    shutil.copytree(f"{small.OWN}", tmp_path / "own")
    (tmp_path / "own" / "city" / "lakeside" / "reports" / "calibrated.yaml").write_text(text)
    words = [f"configs='{tmp_path / 'own'}'", "city=lakeside", "scale=0.1", "targets=[lakeside]"]
    with pytest.raises(config.ConfigError, match=r"calibrated\.yaml.*calibrated=false"):
        config.load(words)
    told = config.load([*words, "experiment=calibrate"])
    assert "written anew" in told.notes[0]


def test_all_instruments_act_at_the_ends_of_their_knobs():
    """What the bounds of a yaml allow, the ranges of the levers allow too; and every knob is read."""
    city = config.load([]).city
    levers, problems = Levers(city.district_codes, city.sectors), []
    for group in ("policy", "shock"):
        for name, path in options(group).items():
            declared = read_yaml(path)
            if "_target_" not in declared:
                continue
            kind = kind_of(name, declared["_target_"], problems)
            assert not set(unread(kind)) & set(declared)
            knobs = {key: node for key, node in declared.items() if key not in ("_target_", *CALENDAR)}
            for end in ("low", "high"):
                values = {key: node[end] if isinstance(node, dict) else node for key, node in knobs.items()}
                values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
                try_out(f"{name} at its {end}", kind(name=name, **values), levers, problems)
    assert problems == []
