"""Same seed, same bits, in every environment that `pyproject.toml` promises and on processors with and without AVX.

    python tests/parity/environments.py [pythons=3.11,3.12,3.13] [folder=build/parity] [only=TEXT] [kept=true]

Makes an environment for each Python with the lowest declared versions and one with the newest, and runs `probe.py` in
each; in the first and the last also as on processors that can do less. Says what differs, from the first of them and
from what is written down in `tests/golden`. Exit code 1 where something does, or where an environment cannot be made.
A table of what was found is `folder/parity.md`. Environments that are there are used again, and with kept=true what
their probes have found, to go on after an interruption.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("calibration",)
TOOLS = ("pytest", "pandas")  # what the tests beside this import
ADVANCED = (
    "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX512_KNL AVX512_KNM X86_V4".split()
)
AVX2 = ["AVX2", "FMA3", "X86_V3"]
AVX = ["AVX", "F16C", "FMA4", "XOP"]
LIBC = "AVX512F,-AVX512CD,-AVX512BW,-AVX512DQ,-AVX512VL"
PROCESSORS = {  # what numba, numpy, OpenBLAS and the C library are told
    "as it is": ("", "", [], "", ""),
    "AVX2": ("haswell", "+avx,+avx2,+fma,+bmi,+bmi2,+f16c", ADVANCED, "Haswell", LIBC),
    "AVX": ("sandybridge", "+avx", [*ADVANCED, *AVX2], "Sandybridge", f"{LIBC},-AVX2,-FMA,-FMA4"),
    "no AVX": ("nehalem", "+sse4.2", [*ADVANCED, *AVX2, *AVX], "Nehalem", f"{LIBC},-AVX2,-FMA,-FMA4,-AVX"),
}


def lowest():
    """Lines of a file of constraints: the lowest version of all that is declared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(line for name in EXTRAS for line in project["optional-dependencies"][name])]
    return [re.sub(r"^([\w.-]+)\s*>=\s*([\w.]+).*", r"\1==\2", line) for line in asked]


def interpreter(name):
    """Where Python `name`, such as 3.12, is; None where it is not."""
    found = shutil.which(f"python{name}")
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{name}.*/bin/python"))
    for path in [*kept[::-1], *([found] if found else [])]:
        asked = [str(path), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True).stdout.strip() == name:
            return path
    return None


def made(folder, python, oldest):
    """The interpreter of a new environment in `folder`, or of the one that is there."""
    own = folder / "bin" / "python"
    if not (folder / "made").exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        constraints = folder / "lowest.txt"
        constraints.write_text("\n".join(lowest() if oldest else []) + "\n", "utf-8")
        install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints]
        subprocess.run([*install, f"{ROOT}[{','.join(EXTRAS)}]", "pytest"], check=True)
        uninstall = [own, "-m", "pip", "uninstall", "--quiet", "--yes", "--disable-pip-version-check", "silicon-bund"]
        subprocess.run(uninstall, check=True)  # what is probed is the tree, as it is now
        (folder / "made").touch()
    return own


def dispatched(python):
    """What numpy can be told not to use there."""
    code = "from numpy._core import _multiarray_umath as m; print(*m.__cpu_dispatch__)"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def environment(python, processor, cache):
    """The variables under which a probe runs as on `processor`."""
    name, features, without, blas, libc = PROCESSORS[processor]
    told = {key: value for key, value in os.environ.items() if not key.startswith(("OPENBLAS", "NUMBA_", "PYTHON"))}
    told |= {"NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    if name:
        left_out = " ".join(one for one in dispatched(python) if one in without)
        told |= {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features, "OPENBLAS_CORETYPE": blas}
        told |= {"NPY_DISABLE_CPU_FEATURES": left_out, "GLIBC_TUNABLES": f"glibc.cpu.hwcaps=-{libc}"}
    return told


def probed(folder, python, processor, kept):
    """What the probe finds, or has found where that is `kept`; None where it fails."""
    file = folder / f"{processor}.json"
    if kept and file.exists():
        return json.loads(file.read_text("utf-8"))
    command = [python, ROOT / "tests" / "parity" / "probe.py", file]
    file.unlink(missing_ok=True)
    with (folder / f"{processor}.log").open("w") as log:
        variables = environment(python, processor, folder / "kernels")
        code = subprocess.run(command, cwd=folder, env=variables, stdout=log, stderr=log).returncode
    return json.loads(file.read_text("utf-8")) if code == 0 else None


def differing(one, other):
    """Name of what was computed -> how many of its digests differ, and the first."""
    said = {}
    for what, digests in one.items():
        differ = [name for name in {**digests, **other[what]} if digests.get(name) != other[what].get(name)]
        if differ:
            said[what] = f"{len(differ)} of {len(digests)} differ, first {differ[0]}"
    return said


def written():
    """What is written down in tests/golden."""
    sys.path.insert(0, str(ROOT / "tests" / "golden"))
    import csv

    found = {}
    for path in sorted((ROOT / "tests" / "golden").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = {row["what"]: row["digest"] for row in csv.DictReader(file)}
    return found


def main(words):
    """Exit code: 0 where all environments compute the same bits."""
    asked = {"pythons": "3.11,3.12,3.13", "folder": str(ROOT / "build" / "parity"), "only": "", "kept": "false"}
    asked |= dict(word.split("=", 1) for word in words)
    pythons, place = asked["pythons"].split(","), Path(asked["folder"]).resolve()
    ends = [(pythons[0], True), (pythons[-1], False)]
    wanted = [(*end, processor) for processor in ("as it is", "no AVX", "AVX2", "AVX") for end in ends]
    wanted += [(python, oldest, "as it is") for python in pythons for oldest in (True, False)]
    wanted = list(dict.fromkeys(wanted))
    lines = ["| Python | versions | processor | seconds | what differs |", "| --- | --- | --- | --- | --- |"]
    first, status = None, 0
    for python, oldest, processor in wanted:
        title = f"{python}, {'lowest' if oldest else 'newest'}, {processor}"
        if asked["only"] not in title:
            continue
        found, about, said = None, {}, ""
        try:
            if (start := interpreter(python)) is None:
                said = "no such Python here"
            else:
                folder = place / f"{python}-{'lowest' if oldest else 'newest'}"
                own = made(folder, start, oldest)
                found = probed(folder, own, processor, asked["kept"] == "true")
                said = "" if found else f"the probe failed: {folder / processor}.log"
        except subprocess.CalledProcessError as error:
            said = f"the environment could not be made: {error}"
        if found:
            about = found["about"]
            first = first or found["found"]
            differ = differing(first, found["found"])
            differ |= {f"{k} as written down": v for k, v in differing(written(), found["found"]).items()}
            said = "; ".join(f"{what}: {how}" for what, how in differ.items())
        status = status or int(bool(said))
        versions = ", ".join(f"{name} {number}" for name, number in about.get("versions", {}).items())
        line = f"| {about.get('python', python)} | {versions} | {processor} | {about.get('seconds', '')} | "
        lines.append(f"{line}{said or 'nothing, the same bits'} |")
        print(f"{title}: {said or 'the same bits'}", flush=True)
    place.mkdir(parents=True, exist_ok=True)
    (place / "parity.md").write_text("\n".join(lines) + "\n", "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
