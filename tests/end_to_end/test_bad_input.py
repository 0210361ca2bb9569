"""What cannot be run is refused: exit code 2, all problems at once, no traceback, nothing written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import toy_world

from sim import cli

ROOT = Path(__file__).resolve().parents[2]

CASES = {  # words of the command -> what the message must contain
    # keys
    "sed=3": ["sed: no such key; did you mean seed?"],
    "+sed=3": ["sed: no such key; did you mean seed?"],
    "++sed=3": ["sed: no such key; did you mean seed?"],
    "rate=0.2": ["did you mean mechanism.growth.rate?"],
    "places=3": ["did you mean policy.desk.places?"],
    "+policy.typo=5": ["policy.typo: no such policy"],
    "+policy.desk.typo=5": ["policy.desk.typo: no such key"],
    "policy.desk.plases=5": ["policy.desk.plases: no such key; did you mean policy.desk.places?"],
    "mechanism.growth.rat=1": ["did you mean mechanism.growth.rate?"],
    "mechanism.grwth.rate=1": ["mechanism.grwth: no such mechanism; did you mean growth?"],
    "mechanism.growth=1": ["mechanism.growth=1: set one of its parameters"],
    "mechanism.growth.rate.high=7": ["mechanism.growth.rate.high", "only the value"],
    "city.personz=10": ["city.personz: no such key; did you mean city.persons?"],
    "compare experiment.runz=3": ["did you mean experiment.runs?"],
    "policy.history=3": ["policy.history: holds no settings"],
    "seed=1 seed=2": ["seed: given twice, as 1 and as 2"],
    "output=a hydra.run.dir=b": ["output: given twice"],
    "hydra.verbose=true": ["hydra.verbose", "hydra.run.dir"],
    "hydra/launcher=slurm": ["hydra/launcher"],
    "hydra.searchpath=[x]": ["configs=FOLDER"],
    # values
    "seed=-1": ["seed=-1", "whole number from 0"],
    "seed=1.5": ["seed=1.5", "whole number"],
    "seed=9223372036854775808": ["seed=9223372036854775808"],
    "seed=luck": ["seed=luck"],
    "seed=true": ["seed=true"],
    "seed=null": ["seed=null"],
    "seed=": ["seed="],
    "scale=0": ["scale=0", "above 0 and up to 1"],
    "scale=1.01": ["scale=1.01"],
    "scale=nan": ["scale=nan"],
    "scale=inf": ["scale=inf"],
    "scale=small": ["scale=small"],
    "threads=0": ["threads=0", "from 1"],
    "checkpoint_quarters=-4": ["checkpoint_quarters=-4", "from 0"],
    "mechanism.growth.rate=1.5": ["mechanism.growth.rate=1.5", "from 0 to 1"],
    "mechanism.growth.rate=nan": ["mechanism.growth.rate=nan"],
    "mechanism.growth.rate=fast": ["mechanism.growth.rate=fast", "from 0 to 1"],
    "mechanism.growth.people=2.5": ["mechanism.growth.people=2.5", "whole number from 1 to 9"],
    "mechanism.growth.by_stage=[0.1]": ["list of 2 numbers"],
    "mechanism.growth.by_stage=[0.6,0.1]": ["mechanism.growth.by_stage[0]=0.6", "from 0 to 0.5"],
    "policy.desk.places=101": ["policy.desk.places=101", "from 0 to 100"],
    "policy.desk.first_only=maybe": ["policy.desk.first_only=maybe", "true or false"],
    "policy.desk.sectors=[minning]": ["policy.desk.sectors=minning: no such sector"],
    "policy.desk.districts=[PU]": ["policy.desk.districts=PU: no such district; there is"],
    "policy.desk.districts=[PD,PD]": ["PD: stands twice"],
    "policy.desk.sectors=3": ["policy.desk.sectors=3", "list of names"],
    "policy.desk.phase_in_quarters=-1": ["policy.desk.phase_in_quarters=-1"],
    "city.persons=-3": ["persons", "-3"],
    # quarters
    "end=2024": ["end=2024", "a quarter such as 2016Q3"],
    "end=2024Q5": ["end=2024Q5"],
    "end=2036Q1": ["end=2036Q1", "2035Q4"],
    "start=2005Q4": ["start=2005Q4", "2006Q1"],
    "start=2012Q1 end=2011Q4": ["end=2011Q4: is before the start, 2012Q1"],
    "policy.desk.start=soon": ["policy.desk.start=soon"],
    "policy.desk.end=2010Q1": ["policy.desk.end=2010Q1: is before its start, 2015Q1"],
    "policy.desk.announced=2016Q1": ["policy.desk.announced=2016Q1: is after its start"],
    # choices
    "policy=[dsk]": ["policy=dsk: no such policy; did you mean desk?"],
    "policy=[desk,desk]": ["policy=desk: stands twice"],
    "policy=[history,desk]": ["policy=desk: chosen twice, it is part of history"],
    "policy=[desk,desk_2]": ["both are Desk"],
    "policy=[desk] policy.grant.low=0.2": ["policy.grant: is not among those chosen"],
    "policy=null": ["policy=null: name a list"],
    "policy=[unnamed]": ["policy/unnamed.yaml: names no class"],
    "policy=[lost]": ["policy.lost._target_=nowhere.Policy: cannot be imported: ModuleNotFoundError"],
    "policy=[stranger]": ["toy_world.Params: is no instrument", "Desk"],
    "policy=[headless]": ["policy/headless.yaml: its first line should be # @package policy.headless, not policy"],
    "policy=[bare]": ["height", "did you mean high?", "low is missing", "a number needs value, low, high"],
    "policy=[grant] policy.grant.low=0.5": ["policy.grant: low=0.5 is above high=0.2"],
    "policy=[desk] policy.desk._target_=toy_world.Grant": ["policy.desk._target_=toy_world.Grant: cannot be changed"],
    "without=[dsk]": ["without=dsk", "did you mean desk?"],
    "without=[grant]": ["without=grant: is not among the policies chosen"],
    "city=shanghia": ["city=shanghia: no such city; did you mean shanghai?"],
    "city=[shanghai]": ["city=[shanghai]: name one"],
    "experiment=rnu": ["experiment=rnu: no such experiment; did you mean run?"],
    "shock=[crash]": ["shock=crash: no such shock"],
    # places
    "resume=nowhere": ["resume=nowhere: no such folder"],
    "output=3": ["output=3: should be a folder"],
    "configs=nowhere": ["configs=nowhere: no such folder"],
    "configs=.": ["configs=.: holds none of the folders"],
    "output=s3://bucket/runs": ["output=s3://bucket/runs: is an address; write a folder of this machine"],
    "output=C:/runs": ["output=C:/runs: is a folder of Windows"],
    f"output={'x' * 256}": ["no such name is possible: File name too long"],
    f"resume={'x' * 256}": ["no such name is possible"],
    f"configs={'x' * 256}": ["no such name is possible"],
    # letters
    "优惠=3": ["优惠: no such key"],
    "policy=[优惠]": ["policy=优惠: no such policy"],
    "scale=０.５": ["scale=０.５: should be a number above 0"],
    "policy.优惠.size=3": ["policy.优惠: no such policy"],
    "-m policy=[优惠],[desk]": ["policy=优惠: no such policy"],
    # sizes
    "scale=1e-9": [
        "scale=1e-09: leaves 0.0003 of the 300,000 persons of shanghai; at least 30 are needed, scale=0.0001"
    ],
    "scale=1e-320": ["at least 30 are needed"],
    "city.persons=10": ["column persons: 10 should be between 1,000 and 20,000,000 persons"],
    "city.sectors=3": ["column sectors: 3 should be a list of names"],
    "city.gps_local=0": ["column gps_local: 0 should be between 1 and"],
    "city.corporates=1000000": ["column corporates: 1000000 should be between 1 and"],
    # words
    "rnu": ["rnu: no such verb; did you mean run?"],
    "run experiment=compare": ["experiment: given twice"],
    "seed=1 run": ["run: should be key=value"],
    "~seed": ["~seed: keys cannot be removed"],
    "~policy.desk": ["without="],
    "seed=1,2": ["seed=1,2: one run takes one value"],
    "=3": ["=3: cannot be read"],
    "seed=[1": ["seed=[1: cannot be read"],
    "seed=${no.such}": ["no.such"],
    "policy@x=desk": ["policy@x=desk", "write policy="],
    "-m seed=1,two": ["seed=two: should be a whole number"],
    "-m seed=range(1,200) policy=[desk],[dsk]": ["policy=dsk: no such policy; did you mean desk?"],
    "--multirun sed=1,2": ["sed: no such key; did you mean seed?"],
    "-m launcher=locl seed=1,2": ["launcher=locl: no such launcher"],
    "launcher=local launcher.nam=3": ["launcher.nam: no such key"],
    "--verison": ["did you mean --version?"],
    "--cfg hydra": ["--cfg job"],
    "-cd x": ["configs=FOLDER"],
    "experiment._target_=os.system": ["experiment._target_=os.system: cannot be changed"],
    "run ++experiment._target_=builtins.print": ["experiment._target_=builtins.print: cannot be changed"],
    "-m seed=1,2 experiment._target_=this.s": ["experiment._target_=this.s: cannot be changed"],
    "lost": ["experiment._target_=sim.nowhere.function: no such module"],
    "nameless": ["toy_world has no recrod"],
    # together
    "sed=3 scale=3 +policy.typo=5 policy.desk.places=-1 end=2050Q1 city.personz=1 mechanism.growth.rate=7"
    " without=[x] foo.bar=1": [
        *("sed: no such key", "scale=3", "policy.typo", "policy.desk.places=-1", "end=2050Q1"),
        *("city.personz", "mechanism.growth.rate=7", "without=x", "foo.bar: no such key"),
    ],
}


@pytest.mark.parametrize("command", CASES)
def test_refused(command, toy, capsys):
    assert cli.main(command.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for words in CASES[command]:
        assert words in said.err
    assert "Traceback" not in said.err
    assert "+sed" not in said.err and "hydra.cc" not in said.err
    assert list(toy.iterdir()) == []
    assert toy_world.recorded == []


def test_output_is_not_a_file(toy, capsys):
    (toy / "here").write_text("a file")
    assert cli.main(["output=here/runs"]) == 2
    assert "a file stands in its way" in capsys.readouterr().err


def test_own_files_shadow_nothing(toy, capsys):
    (toy / "mine" / "policy").mkdir(parents=True)
    (toy / "mine" / "policy" / "desk.yaml").write_text("# @package policy.desk\n")
    assert cli.main(["configs=mine"]) == 2
    assert "policy/desk.yaml has the name of a file of the package" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["a: [1", "_target_: toy_world.Grant\n_target_: toy_world.Desk"])
def test_broken_yaml(text, toy, capsys):
    (toy / "mine" / "policy").mkdir(parents=True)
    (toy / "mine" / "policy" / "broken.yaml").write_text(f"# @package policy.broken\n{text}\n")
    assert cli.main(["configs=mine", "policy=[broken]"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["sed=3"], ["-m", "seed=1,two"], ["rnu"]])
def test_from_the_shell(words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("sim: ") and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
