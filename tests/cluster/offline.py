"""Install from a folder of wheels into a new environment that knows no index, and run a city there. Slow, by hand:
it builds and downloads the wheels first.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from steps import ROOT, announce, check


def main():
    with tempfile.TemporaryDirectory(prefix="offline-") as folder:
        wheels, place = Path(folder) / "wheels", Path(folder) / "there"
        announce("a folder of wheels")
        subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "-w", wheels, ROOT], check=True)
        check(list(wheels.glob("silicon_bund-*.whl")), f"{len(list(wheels.iterdir()))} wheels")
        announce("an environment without an index")
        venv.create(place, with_pip=True)
        python = place / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--no-index", "--find-links", wheels, "silicon-bund"]
        subprocess.run(install, check=True, cwd=folder)
        words = ["scale=0.01", "end=2006Q2", "mechanism.environment.spin_up_quarters=0", "output=out"]
        done = subprocess.run([place / "bin" / "sim", *words], cwd=folder)
        check(done.returncode == 0 and list(Path(folder).glob("out/*/DONE")), "a run is done")
    announce("passed")


if __name__ == "__main__":
    main()
