"""What one environment computes: the golden runs, a comparison, and the points that a calibration asks for.

PYTHON tests/parity/probe.py FILE    writes FILE, a JSON of name -> digest, and what computed it
"""

import hashlib
import json
import math
import platform
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), *(str(HERE.parent / name) for name in ("golden", "calibration", "."))]

import golden  # noqa: E402
import numpy as np  # noqa: E402
import small  # noqa: E402
import test_calibrate  # noqa: E402
import test_engines  # noqa: E402

import sim  # noqa: E402
from sim import cli  # noqa: E402
from sim.calibration import search, simulations  # noqa: E402

LIBRARIES = ("numpy", "numba", "scipy", "pandas", "scikit-learn")
COMPARED = {"configs": str(small.OWN), "city": "lakeside", "scale": 0.1, "end": "2012Q4", "runs": 6}
COMPARED["policy.talent_visa.start"] = "2007Q1"


def compared(folder):
    """Name of a column of a frame -> digest, of a comparison of the made-up city."""
    comparison = sim.compare(["talent_visa"], "none", workers=1, store=str(folder), **COMPARED)
    frames = {"table": comparison.table, "runs": comparison.runs, "event_study": comparison.event_study}
    return {
        f"{name}.{column}": _digest(frame[column])
        for name, frame in frames.items()
        for column in frame
        if column != "fingerprint"  # which has the versions of the libraries in it
    }


def _digest(column):
    """Of a column of a frame, whose texts and gaps other versions of pandas hold in other types."""
    if column.dtype.kind in "iufb":
        return _sha(column.to_numpy(np.float64).tobytes())
    return _sha("\n".join("" if value != value or value is None else str(value) for value in column).encode())


def asked():
    """Points that the engine asks of a stand-in for the city."""
    points = []

    def simulate(these, seeds, title=""):
        points.append(np.column_stack([these, seeds]))
        return test_engines.model(these, seeds)

    search.fit(test_engines.stand_in(simulate), test_engines.SMALL)
    return points


def asked_of_a_city(folder):
    """Points that `sim calibrate` asks of the made-up city."""
    own, points, run = folder / "own", [], simulations.Store.run
    for group in ("city", "targets"):
        shutil.copytree(small.OWN / group, own / group)

    def kept(store, these, seeds, title="runs"):
        points.append(np.column_stack([these, seeds]))
        return run(store, these, seeds, title)

    simulations.Store.run = kept
    try:
        words = [one for one in test_calibrate.words(own) if not one.startswith(("rounds=", "batches="))]
        code = cli.main([*words, "rounds=4", "batches=2", f"experiment.output={folder / 'results'}"])
    finally:
        simulations.Store.run = run
    assert code == 0
    return points


def processor():
    """What of this processor each library uses."""
    from llvmlite import binding
    from numba import config
    from numpy._core import _multiarray_umath as numpys
    from threadpoolctl import threadpool_info

    used = [name for name in numpys.__cpu_dispatch__ if numpys.__cpu_features__[name]]
    return {
        "numba": config.CPU_NAME or binding.get_host_cpu_name(),
        "numpy": used,
        "blas": sorted({one.get("architecture", "") for one in threadpool_info()} - {""}),
        "exp of the C library": _sha(np.array([math.exp(x / 997) for x in range(-20_000, 20_000)]).tobytes()),
    }


def _sha(raw):
    return hashlib.sha256(raw).hexdigest()[:12]


def main(file):
    """Write what is found here."""
    began = time.perf_counter()
    found = {name: golden.digests(words) for name, words in golden.RUNS.items()}
    with tempfile.TemporaryDirectory() as folder:
        found["comparison"] = compared(Path(folder) / "store")
        points = {"points": asked(), "points of a city": asked_of_a_city(Path(folder))}
    found |= {
        name: {f"{i}": _sha(np.round(part, 12).tobytes()) for i, part in enumerate(parts)}
        for name, parts in points.items()
    }
    about = {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "processor": processor(),
        "seconds": round(time.perf_counter() - began, 1),
    }
    Path(file).write_text(
        json.dumps({"about": about, "found": found, "points": {k: [p.tolist() for p in v] for k, v in points.items()}}),
        "utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
