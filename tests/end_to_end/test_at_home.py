"""The package inside other people's programs: an application of Hydra, threads, pools, standard input; it leaves
nothing changed and is silent where it should be.
"""

import datetime
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.policies.sandbox import Sandbox
from sim.runs.progress import Progress
from sim.settings import config, python
from sim.settings.refusals import ConfigError

ROOT = Path(__file__).resolve().parents[2]
RUN = 'sim.run(policy=[], scale=0.01, end="2006Q1", progress=False, **{"mechanism.environment.spin_up_quarters": 0})'
QUARTER = "mechanism.environment.spin_up_quarters=0"

PROGRAMS = {
    "an application of Hydra": f"""
        import hydra, sim
        from hydra.core.hydra_config import HydraConfig
        @hydra.main(version_base=None, config_path=None)
        def main(cfg):
            assert {RUN}.about["seed"] == 1
            assert HydraConfig.get().job.name
        main()
        """,
    "within and after hydra.initialize": f"""
        import hydra, sim
        from hydra.core.global_hydra import GlobalHydra
        from hydra.version import getbase
        with hydra.initialize(version_base="1.2"):
            mine, base = GlobalHydra.instance().hydra, getbase()
            {RUN}
            assert GlobalHydra.instance().hydra is mine and getbase() == base
        hydra.initialize(version_base="1.2")
        {RUN}
        """,
    "threads": f"""
        import sim
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(4) as pool:
            sums = list(pool.map(lambda _: {RUN}.city.to_csv(), range(4)))
        assert len(set(sums)) == 1
        """,
    "pools": f"""
        import multiprocessing, sim
        def job(_):
            return {RUN}.city.to_csv()
        if __name__ == "__main__":
            here = job(0)
            for how in ("fork", "spawn"):
                with multiprocessing.get_context(how).Pool(2) as pool:
                    assert set(pool.map(job, range(2))) == {{here}}
        """,
    "state": f"""
        import os, signal, sys, warnings, logging
        import matplotlib, numpy, pandas, sim
        def state():
            return (dict(os.environ), os.getcwd(), list(sys.path), list(sys.argv), list(warnings.filters),
                    [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)], dict(matplotlib.rcParams),
                    numpy.geterr(), logging.getLogger().handlers[:], pandas.get_option("display.max_rows"))
        {RUN}  # what is imported with the first run stays: scipy has filters of warnings
        before = state()
        run = {RUN}
        run.plot()
        run.save("kept")
        after = state()
        assert before == after, [pair for pair in zip(before, after) if pair[0] != pair[1]]
        """,
}
STDIN = """
    import sim
    def main():
        small = {"scale": 0.01, "end": "2006Q2", "mechanism.environment.spin_up_quarters": 0}
        return sim.compare(["coworking"], "none", runs=2, workers=2, store="store", **small)
    if __name__ == "__main__":
        print(len(main().table))
    """


def run_python(arguments, folder, **keys):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        **keys,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_ones_own(program, tmp_path):
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAMS[program]), "utf-8")
    done = run_python(["program.py"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_from_standard_input(tmp_path):
    done = run_python(["-"], tmp_path, input=textwrap.dedent(STDIN))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


@pytest.mark.parametrize("words, code", [(["-m", "seed=range(1,3)"], 2), (["--cfg", "job"], 0)])
def test_without_asserts(words, code, tmp_path):
    done = run_python(["-O", "-m", "sim", *words, "scale=0.01", "end=2006Q1", QUARTER], tmp_path)
    assert done.returncode == code and "Traceback" not in done.stderr
    assert ("PYTHONOPTIMIZE" in done.stderr) == (code == 2)


# ---------------------------------------------------------------- objects


@pytest.mark.parametrize(
    "key, value, word",
    [
        ("seed", np.int64(3), "3"),
        ("scale", np.float32(0.5), "0.5"),
        ("calibrated", np.bool_(False), "false"),
        ("seed", np.array(7), "7"),
        ("mechanism.endings.x", np.array([0.25, 0.5]), "[0.25,0.5]"),
        ("policy", ("sandbox", "coworking"), "[sandbox,coworking]"),
        ("policy", {"sandbox", "coworking"}, "[coworking,sandbox]"),
        ("policy", pd.Series(["sandbox"]), "[sandbox]"),
        ("policy", pd.Index(["sandbox"]), "[sandbox]"),
        ("policy", Sandbox, "sandbox, sandbox_2"),
        ("end", pd.Period("2006Q2"), "2006Q2"),
        ("end", pd.Timestamp("2006-05-01"), "2006Q2"),
        ("end", datetime.date(2006, 6, 30), "2006Q2"),
        ("end", np.datetime64("2006-06-30"), "2006Q2"),
        ("output", Path("some where"), "'some where'"),
        ("output", "结果", "结果"),
        ("arms", {"with": ["sandbox"], "without": "none"}, "{with:[sandbox],without:none}"),
        ("policy", lambda: 1, "source of <lambda> is not to be had, so that nobody"),
        ("output", b"x", "should be text, number, date"),
    ],
)
def test_objects_become_words(key, value, word):
    if "," in word and not word.startswith(("[", "{")):
        with pytest.raises(ConfigError, match=word):
            python.words({key: value})
    else:
        assert python.words({key: value}) == [f"{key}={word}"]


def test_a_policy_object_is_its_yaml_with_its_knobs():
    made = config.load(["policy=[guidance_fund]", "policy.guidance_fund.size=1e9", "policy.guidance_fund.start=2010Q1"])
    again = config.load(python.words({"policy": made.policies}))
    assert again.policies == made.policies and again.resolved == made.resolved
    with pytest.raises(ConfigError, match="source of Other is not to be had"):
        python.words({"policy": [type("Other", (type(made.policies[0]),), {})(**vars(made.policies[0]))]})


# ---------------------------------------------------------------- silence


def test_progress_waits_and_can_be_silent(capsys):
    for silent, seconds, lines in ((False, 1.0, 0), (False, 3.0, 1), (True, 3.0, 0)):
        now = [0.0]
        with Progress(1, clock=lambda now=now: now[0], silent=silent) as progress:
            now[0] = seconds
            progress.advance("2006Q1")
        assert capsys.readouterr().err.count("\n") == lines


def test_calls_that_follow_one_another_are_silent(monkeypatch):
    from sim.runs import progress

    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress._Calls, "ended", 0.0)
    alone = []
    for pause in (0.0, 0.1, 60.0):
        now[0] += pause
        with progress.call() as is_alone:
            alone.append(is_alone)
    assert alone == [True, False, True]
    assert config.load(["progress=false"]).progress is False
