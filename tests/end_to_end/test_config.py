"""What the words of a command line become."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import small
import toy_world
import yaml

from sim import cli
from sim.settings import config, files
from sim.settings.files import GROUPS, read_yaml, to_yaml
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_of

ROOT = Path(__file__).resolve().parents[2]


def names(found):
    return [policy.name for policy in found.policies]


def test_defaults(toy):
    found = config.load()
    assert (found.seed, found.scale, found.threads, found.checkpoint_quarters) == (1, 1.0, 1, 0)
    assert (found.start, found.end) == (quarter_of("2006Q1"), quarter_of("2024Q4"))
    assert found.params["growth"] == toy_world.Params(rate=0.5, people=3, by_stage=(0.1, 0.2))
    assert found.city.name == "shanghai"
    assert found.targets == ["reported", "facts"]
    assert found.experiment == {"_target_": "toy_world.record"}
    assert found.output == "results/runs"


def test_values_take_the_type_of_their_field(toy):
    found = config.load(["scale=1", "mechanism.growth.rate=1", "mechanism.growth.by_stage=[0,1]"])
    assert isinstance(found.scale, float)
    assert isinstance(found.params["growth"].rate, float)
    assert isinstance(found.params["growth"].people, int)
    assert all(isinstance(value, float) for value in found.params["growth"].by_stage)


def test_history_is_the_default_at_the_dates_of_the_city(toy):
    found = config.load()
    assert found == config.load(["policy=history"]) == config.load(["policy=[history]"])
    assert names(found) == ["desk"]
    assert found.policies[0].start == quarter_of("2015Q1")  # its yaml says 2016Q1
    assert found.policies[0].places == 20


def test_policies_are_none_a_list_or_history_and_more(toy):
    assert names(config.load(["policy=[]"])) == []
    assert names(config.load(["policy=grant"])) == ["grant"]
    assert names(config.load(["policy=[grant,desk]"])) == ["grant", "desk"]
    assert names(config.load(["policy=[grant,history]"])) == ["desk", "grant"]
    assert config.load(["policy=[desk]"]).policies[0].start == quarter_of("2016Q1")


def test_without_leaves_out(toy):
    assert names(config.load(["without=[desk]"])) == []
    assert names(config.load(["without=desk"])) == []
    assert names(config.load(["policy=[desk,grant]", "without=[grant]"])) == ["desk"]


def test_knobs_stand_above_the_city_and_its_dates_above_the_yaml(toy):
    desk = config.load(
        ["policy.desk.places=7", "policy.desk.start=2017Q2", "policy.desk.sectors=ai_software"]
    ).policies[0]
    assert (desk.places, desk.start, desk.sectors) == (7, quarter_of("2017Q2"), ("ai_software",))
    assert desk.districts == ("PD", "HP")
    assert config.load(["policy.desk.districts=all"]).policies[0].districts == "all"
    assert config.load(["policy.desk.places.value=8"]).policies[0].places == 8


def test_common_knobs_need_no_line_in_the_yaml(toy):
    desk = config.load(["policy.desk.phase_in_quarters=4", "policy.desk.budget=1e9"]).policies[0]
    assert (desk.phase_in_quarters, desk.budget, desk.administration) == (4, 1e9, 0.0)


def test_variants_may_follow_each_other(toy):
    assert len(config.load(["policy=[desk,desk_2]", "policy.desk.end=2019Q4"]).policies) == 2


def test_a_verb_is_an_experiment(toy):
    assert cli.main(["compare", "experiment.runs=9"]) == 0
    assert cli.main(["experiment=compare", "experiment.runs=9"]) == 0
    assert cli.main([]) == cli.main(["run"]) == 0
    by_verb, by_key, plain, run = toy_world.recorded
    assert by_verb == by_key and by_verb.experiment["runs"] == 9
    assert plain == run


def test_the_folder_can_be_set_in_two_ways(toy):
    assert (
        config.load(["hydra.run.dir=here/and there"]).output
        == config.load(["output='here/and there'"]).output
        == "here/and there"
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["policy=[]", "seed=7", "scale=0.05"],
        ["policy=[desk,grant]", "policy.grant.low=1e-05", "mechanism.growth.rate=1e-3", "end=2030Q2"],
        ["compare", "experiment.runs=5", "policy.desk.districts=all", "city.persons=1234"],
    ],
)
def test_what_is_shown_loads_as_the_same_config(words, toy, capsys):
    assert cli.main([*words, "--cfg", "job"]) == 0
    (toy / "config.yaml").write_text(capsys.readouterr().out)
    again = config.load_tree(read_yaml(toy / "config.yaml"))
    verb = [f"experiment={word}" if word == "compare" else word for word in words]
    assert again == config.load(verb)
    assert again.city.persons == config.load(verb).city.persons
    assert yaml.safe_load((toy / "config.yaml").read_text()).keys() == again.resolved.keys()


def test_a_kept_config_is_checked_too(toy):
    tree = config.load().one_run().resolved
    for key, value, words in [
        ("sed", 3, "sed: no such key; did you mean seed?"),
        ("scale", 7, "scale=7"),
        ("mechanism", {"growth": {"rate": 9}}, "mechanism.growth.rate=9"),
        ("policy", {"desk": {**tree["policy"]["desk"], "plces": 1}}, "policy.desk.plces"),
        ("policy", {"dsk": {}}, "policy.dsk: no such policy; did you mean desk?"),
        ("city", "shanghia", "no such city"),
        ("experiment", {}, "is no run's, or is of another version"),
        ("targets", ["reprted"], "targets=reprted"),
        ("shock", 3, "shock: should hold settings by name"),
        ("configs", "nowhere", "configs=nowhere: no such folder"),
    ]:
        (toy / "config.yaml").write_text(to_yaml({**tree, key: value}))
        with pytest.raises(config.ConfigError) as refused:
            config.load_file(toy / "config.yaml", trusted=True)
        assert any(words in problem for problem in refused.value.problems)
    (toy / "config.yaml").write_text("seed: 1\n")
    with pytest.raises(config.ConfigError, match="scale: missing"):
        config.load_file(toy / "config.yaml")


@pytest.mark.parametrize("text", ["", "- 1\n", "3: 4\n", "_trget_: x.Y\n", "# @package policy.toy\nmembers: 3\n"])
def test_a_kept_config_whose_own_files_have_lost_their_shape_is_refused(tmp_path, text, monkeypatch):
    own = shutil.copytree(small.OWN, tmp_path / "own")
    monkeypatch.syspath_prepend(small.OWN)
    told = config.load([f"configs='{own}'", "city=lakeside", "scale=0.1", "policy=[toy]", "targets=[lakeside]"])
    (tmp_path / "config.yaml").write_text(to_yaml(told.resolved))
    (own / "policy" / "toy.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"policy/toy\.yaml"):
        config.load_file(tmp_path / "config.yaml", trusted=True)


def test_yaml_goes_there_and_back(tmp_path):
    tree = {
        "a": 1e-05,
        "b": "1e5",
        "c": "2016Q3",
        "d": None,
        "e": [True, "yes", -0.5, "NO"],
        "f": {"g": "1_0", "h": 12345678901},
    }
    (tmp_path / "tree.yaml").write_text(to_yaml(tree))
    assert read_yaml(tmp_path / "tree.yaml") == tree


# ---------------------------------------------------------------- files of the user's own


@pytest.fixture
def mine(toy, monkeypatch):
    """A folder with a policy, a city and parameters of the user's own, and a module with the policy's class."""
    texts = {
        "mine/policy/tram.yaml": """\
            # @package policy.tram
            _target_: my_policies.Tram
            start: 2019Q1
            end: null
            announced: 2018Q1
            reach: {value: 2.0, low: 0, high: 5, unit: km, source: made up}
            """,
        "mine/mechanism/fitted.yaml": "# @package mechanism\ngrowth: {rate: {value: 0.25, source: a fit}, people: 2}\n",
        "my_policies.py": """\
            from dataclasses import dataclass
            from sim.policies.instrument import Instrument

            @dataclass(frozen=True, kw_only=True)
            class Tram(Instrument):
                reach: float

                def act(self, levers, intensity, slot):
                    levers.move("homes", intensity * self.reach, payer=slot)
            """,
    }
    for name, text in texts.items():
        (toy / name).parent.mkdir(parents=True, exist_ok=True)
        (toy / name).write_text(textwrap.dedent(text))
    (toy / "mine" / "city").mkdir()
    source = files.CONFIGS / "city"
    text = (source / "shanghai.yaml").read_text("utf-8").replace("name: shanghai", "name: elsewhere")
    (toy / "mine" / "city" / "elsewhere.yaml").write_text(text, "utf-8")
    shutil.copytree(source / "shanghai", toy / "mine" / "city" / "elsewhere")
    monkeypatch.syspath_prepend(toy)
    return toy


def test_a_policy_from_outside(mine):
    found = config.load(["configs=mine", "policy=[desk,tram]", "policy.tram.reach=3"])
    assert names(found) == ["desk", "tram"]
    assert found.policies[1].reach == 3.0
    with pytest.raises(config.ConfigError, match="policy.tram.reach=9: should be a number from 0 to 5"):
        config.load(["configs=mine", "policy=[tram]", "policy.tram.reach=9"])


def test_a_city_from_outside(mine):
    found = config.load(["configs=mine", "city=elsewhere"])
    assert found.city.name == "elsewhere"
    assert found.city.folder == mine / "mine" / "city" / "elsewhere"


def test_parameters_from_a_file_stand_between_defaults_and_the_command_line(mine):
    found = config.load(["configs=mine", "mechanism=fitted", "mechanism.growth.people=4"])
    assert found.params["growth"] == toy_world.Params(rate=0.25, people=4, by_stage=(0.1, 0.2))


def test_a_kept_config_finds_the_folder_again(mine, monkeypatch):
    found = config.load(["configs=mine", "city=elsewhere", "policy=[tram]"]).one_run()
    (mine / "config.yaml").write_text(to_yaml(found.resolved))
    (mine / "deeper").mkdir()
    monkeypatch.chdir(mine / "deeper")
    assert config.load_file("../config.yaml", trusted=True) == found


# ---------------------------------------------------------------- help, version, completion


def test_help_has_examples_first_then_verbs_then_groups_then_keys(toy, capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    marks = [text.index(mark) for mark in ("policy=[]' end=2020Q4", "\nVerbs", "\nGroups", "\nKeys")]
    assert marks == sorted(marks)
    assert all(f"{group}=" in text[marks[2] : marks[3]] for group in GROUPS if group != "experiment")
    main = read_yaml(files.CONFIGS / "config.yaml")
    assert all(f"\n  {key}=" in text[marks[3] :] for key in main if key != "defaults")
    assert max(map(len, text.splitlines())) <= 110


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sim ")


def in_shell(code, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize(
    ("typed", "offered"), [("sim see", "seed="), ("sim run sca", "scale="), ("sim policy=his", "policy=history")]
)
def test_completion(typed, offered, tmp_path):
    code = "import sys; sys.argv = ['sim', '-sc', 'query=bash']; from sim.cli import main; main()"
    assert offered in in_shell(code, tmp_path, COMP_LINE=typed, COMP_POINT=str(len(typed))).split()
    assert list(tmp_path.iterdir()) == []


def test_composing_is_light(tmp_path):
    """No drawing, no Mesa, no compiler before the mechanisms ask for it."""
    code = (
        "import sys; from sim.settings import config, words; words.compose(['seed=2', 'policy=[]']);"
        "print([m for m in ('matplotlib', 'mesa', 'numba', 'pandas') if m in sys.modules])"
    )
    assert in_shell(code, tmp_path).strip() == "[]"


def test_the_config_of_another_version_is_refused_by_name(tmp_path):
    kept = to_yaml(
        {**config.load(["policy=[]", "scale=0.01"]).resolved, "experiment": {"_target_": "sim.records.run_to_folder"}}
    )
    (tmp_path / "config.yaml").write_text(kept, "utf-8")
    with pytest.raises(ConfigError, match=r"is of another version \(experiment._target_=sim.records.run_to_folder\)"):
        config.load_file(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("words", "dates"),
    [
        ("policy=[sandbox,sandbox_2]", {"sandbox": ("2016Q3", "2023Q4"), "sandbox_2": ("2024Q1", None)}),
        ("policy=[talent_homes]", {"talent_homes": ("2016Q1", None)}),  # not in history: where it begins
        ("policy=[talent_visa] end=2017Q1", {"talent_visa": ("2016Q1", None)}),  # historical ones are too late
        ("policy=[sandbox] policy.sandbox.start=2006Q1", {"sandbox": ("2006Q1", None)}),  # asked for
        ("policy=[sandbox] policy.sandbox.end=2010Q1", {"sandbox": (None, "2010Q1")}),
        ("policy=[sandbox] end=2012Q4", {"sandbox": (None, None)}),  # nothing but spin-up
    ],
)
def test_a_policy_without_dates_has_those_of_history(words, dates):
    policies = config.load(words.split()).resolved["policy"]
    assert {name: (policy["start"], policy["end"]) for name, policy in policies.items()} == dates
    again = config.load_tree(config.load(words.split()).resolved)
    assert again.resolved["policy"] == policies
