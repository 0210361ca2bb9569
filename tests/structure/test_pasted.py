"""Every command of the documents, pasted into real shells, arrives as it stands, and is one that `sim` takes."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from sim import cli
from sim.settings.refusals import ConfigError

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("economist", "using", "cluster", "own-policy")),
]
SHELLS = {  # what each is told: no expansion that finds nothing may pass in silence, as it does not in zsh
    "bash": ("bash", "-O", "failglob", "-c"),
    "zsh": ("zsh", "-f", "-c"),
}
HERE_NOT = ("FOLDER", "...", "configs=", "results/", "file=", "configs/", "N ", "rerun", "verify", "status", "collect")


def commands():
    """(page, command) of all fences of shells and of all code in lines that begins with `sim `."""
    for page in PAGES:
        text = page.read_text("utf-8")
        lines = [line for block in re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.S) for line in block.splitlines()]
        lines += re.findall(r"`(sim [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
        for line in dict.fromkeys(line.strip() for line in lines):
            if line.startswith("sim ") and not any(hint in line for hint in ("VERB", "$", "...")):
                yield page.name, line


COMMANDS = list(commands())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_hands_on_what_stands_there(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    for page, line in COMMANDS:
        typed = f'sim() {{ printf "%s\\n" "$@"; }}\n{line}\n'
        done = subprocess.run([*SHELLS[shell], typed], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", f"{page}: {line}: {done.stderr}"
        assert done.stdout.splitlines() == shlex.split(line, comments=True)[1:], f"{page}: {line}"


def test_each_is_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong, checked = [], 0
    for page, line in COMMANDS:
        words = shlex.split(line, comments=True)[1:]
        if any(hint in line for hint in HERE_NOT) or words[:1] in (["list"], ["show"], ["log"], ["report"], ["-m"]):
            continue
        if len(words) < 2 or words[0] in cli.FOLDER_VERBS or any(word.startswith("-") for word in words):
            continue
        checked += 1
        try:
            cli._load(words)
        except ConfigError as error:
            wrong.append((page, line, error.problems))
    assert wrong == [] and checked > 20
