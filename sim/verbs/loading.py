"""Any folder of results read back as the object that its verb makes."""

import os
from importlib import import_module
from pathlib import Path

import pandas as pd

from sim.observables.written import read_csv
from sim.runs.folders import read_json, spoilt_told
from sim.runs.records import Run, complete

RUN = "run.json"
RESULTS = {  # file that tells what a verb was asked -> module and classes of what it computes
    "comparison.json": ("sim.verbs.compare", ("Comparison",)),
    "arms.json": ("sim.verbs.comparison.several", ("Dose", "Arms")),
    "attribution.json": ("sim.verbs.attribute", ("Attribution",)),
    "frontier.json": ("sim.verbs.frontier", ("Frontier",)),
    "robustness.json": ("sim.verbs.robustness", ("Robustness",)),
    "uncertainty.json": ("sim.verbs.uncertainty", ("Uncertainty",)),
    "atlas.json": ("sim.atlas.command", ("Atlas",)),
    "evidence.json": ("sim.verbs.evidence", ("Evidence",)),
    "twin.json": ("sim.verbs.twin", ("Twins", "Founders")),
}
OTHERS = {  # the same -> where the tables are, below the folder
    "facts.json": ".",
    "sweep.json": "collected",
    "jobs.json": ".",
    "analysis.json": ".",
    "fit.json": ".",
    "about.json": ".",  # of the tasks of a calibration, which say no DONE
}
UNSEALED = ("analysis.json", "jobs.json", "fit.json", "about.json")


class Tables:
    """A folder of tables: `about` is what it says of itself, each table an attribute that is read when asked for."""

    def __init__(self, folder, about, tables):
        self.folder, self.about = Path(folder).absolute(), about
        self.files = {
            path.stem: path.absolute() for path in sorted(Path(tables).iterdir()) if path.suffix in (".csv", ".parquet")
        }

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.files:
            raise AttributeError(f"there is no {name!r}; the tables are {', '.join(self.files)}")
        path = self.files[name]
        with spoilt_told(path):
            frame = pd.read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
        setattr(self, name, frame)
        return frame

    @property
    def tables(self):
        """Name -> frame of all of them."""
        return {name: getattr(self, name) for name in self.files}

    def __dir__(self):
        return [*super().__dir__(), *self.files]

    def __repr__(self):
        return f"Tables({self.folder.name}: {', '.join(self.files)})"


def load(folder):
    """The Run, the Result of a verb, or the Tables that a folder holds.

    Raises FileNotFoundError where it is no folder of results, ValueError where it is not complete or not of this
    version.
    """
    folder = Path(folder)
    if os.path.isfile(folder / RUN):  # which takes a name that is not possible for one that is not there
        return Run(folder)
    for file in (*RESULTS, *OTHERS):
        if os.path.isfile(folder / file):
            break
    else:
        raise FileNotFoundError(
            f"{folder} is no folder of results: it has none of {', '.join((RUN, *RESULTS, *OTHERS))}"
        )
    if file not in UNSEALED:
        complete(folder)
    about = read_json(folder / file)
    if file in OTHERS:
        if not (folder / OTHERS[file]).is_dir():
            raise ValueError(f"{folder} is not collected yet: `sim collect {folder}` makes its tables")
        return Tables(folder, about, folder / OTHERS[file])
    module, names = RESULTS[file]
    kinds = [getattr(import_module(module), name) for name in names]
    kind = next((kind for kind in kinds if kind.made(folder)), None)
    if kind is None:
        raise ValueError(f"{folder} is not complete: {', '.join(kinds[-1].lacking(folder))} is missing")
    return kind.read(folder, about)
