"""Twenty sets of policies with a hundred seeds each: killed twice, resumed, collected, and nothing lost.

    python experiments/sweep_2000.py [seeds=1..100] [scale=0.01] [key=value ...]

Runs `sim sweep` with joblib, sends SIGKILL to it and to its processes after about a quarter and again after about
half of the runs, and repeats the same command until it ends by itself. Writes results/benchmarks/sweep_2000.md with
what was counted on the way.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("results") / "sweeps" / "twenty_policies"
NOTE = Path("results") / "benchmarks" / "sweep_2000.md"
SINGLE = (
    "coworking",
    "data_zone",
    "failure_compensation",
    "failure_compensation_two_tier",
    "failure_forgiveness",
    "guidance_fund",
)
SINGLE += ("patient_capital", "returnee_programme", "sandbox", "sandbox_2", "talent_homes", "talent_visa")
PAIRS = (
    ("sandbox", "failure_compensation"),
    ("guidance_fund", "failure_compensation"),
    ("talent_visa", "returnee_programme"),
)
PAIRS += (("talent_homes", "coworking"), ("sandbox", "guidance_fund"), ("data_zone", "sandbox"))
ARMS = (
    {"history": "history", "none": "none"}
    | {name: f"[{name}]" for name in SINGLE}
    | {"-".join(pair): f"[{','.join(pair)}]" for pair in PAIRS}
)
KILLS = (0.25, 0.5)  # shares of the runs after which everything is killed


def prints():
    """Fingerprints in all shards, each as often as it is held."""
    found = []
    for path in (FOLDER / "shards").glob("[0-9a-f]*.zip"):
        with ZipFile(path) as archive:
            found += json.loads(archive.read("index.json"))["fingerprints"]
    return found


def main(words):
    words = [
        *words,
        *(
            usual
            for usual in ("seeds=1..100", "scale=0.01")
            if not any(word.startswith(usual.split("=")[0]) for word in words)
        ),
    ]
    arms = ",".join(f"{name}:{policies}" for name, policies in ARMS.items())
    command = [
        sys.executable,
        "-m",
        "sim",
        "sweep",
        f"arms={{{arms}}}",
        *words,
        "launcher=joblib",
        "launcher.batch_seconds=20",
        f"folder={FOLDER}",
    ]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    lines, began, known = [], time.monotonic(), set(prints())
    lines.append(f"At the start {len(known)} runs were there.")
    for share in (*KILLS, None):
        sweep = subprocess.Popen(command, env=environment, start_new_session=True)
        while sweep.poll() is None:
            plans = list((FOLDER / "plans").glob("*/plan.json"))
            if (
                share is not None
                and plans
                and len(set(prints())) >= share * json.loads(plans[0].read_text("utf-8"))["runs"]
            ):
                os.killpg(sweep.pid, signal.SIGKILL)
                break
            time.sleep(1)
        code = sweep.wait()
        now = prints()
        assert known <= set(now), "a run was lost"
        lines.append(
            f"After {time.monotonic() - began:.0f} s the command ended with {code} "
            f"({'killed' if code < 0 else 'by itself'}): {len(set(now))} runs kept, "
            f"{len(set(now)) - len(known)} of them new, {len(now) - len(set(now))} held twice."
        )
        known = set(now)
        if code == 0:
            break
    done = subprocess.run(
        [sys.executable, "-m", "sim", "collect", str(FOLDER)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    lines.append(f"`sim collect`: {done.stdout.splitlines()[0]}.")
    done = subprocess.run(
        [sys.executable, "-m", "sim", "verify", str(FOLDER)], env=environment, capture_output=True, text=True
    )
    verdicts = done.stdout.splitlines()
    lines.append(f"`sim verify`: {verdicts[-1].partition(': ')[2]}; {verdicts[0].partition(':')[0]}.")
    shards = list((FOLDER / "shards").glob("*.zip"))
    kept, collected = (
        sum(path.stat().st_size for path in files) / 2**20 for files in (shards, (FOLDER / "collected").iterdir())
    )
    lines.append(f"{len(shards)} shards, {kept:.0f} MiB; data set {collected:.0f} MiB.")
    title = f"# {len(ARMS)} sets of policies, {words[0]}, {' '.join(words[1:])}: killed twice"
    NOTE.parent.mkdir(parents=True, exist_ok=True)
    NOTE.write_text(
        "\n".join(
            [
                title,
                "",
                f"Command: `python experiments/sweep_2000.py {' '.join(words)}`, {os.cpu_count()} cores.",
                "",
                *(f"- {line}" for line in lines),
                "",
            ]
        ),
        "utf-8",
    )
    print(NOTE.read_text("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
