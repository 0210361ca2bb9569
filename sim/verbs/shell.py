"""The shape that the verbs of analysis share. Each is a file of this folder that reads in this order:

    check(tree, resolved)   what cannot be asked, as sentences, before anything is computed
    amount(config)          how many runs that is, where there are many (`sim.runs.amount`)
    plan(config)            the Plan: what is asked, in words and as configs
    compute(config, plan)   the Result, from runs that are kept in a store
    tables                  of the Result: name of a file -> frame
    screen(result)          the Result as text
    figures(folder, kinds)  drawn from the tables that a folder holds

`command(config)`, which the verb's yaml names by `_target_`, does all of them; the function of the verb's own name
only computes.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from typing import ClassVar

import pandas as pd

from sim.observables.codebook import BOOK, codebook
from sim.observables.columns import STRING
from sim.observables.written import read_csv
from sim.runs import arms, questions
from sim.runs.fingerprint import calibration, git_state, host_class, norms, versions
from sim.runs.folders import new_folder, now, outcome, refusals_told, spoilt_told, write_csv, write_json, write_text
from sim.runs.records import command_line, drawn_or_told
from sim.settings.counterfactuals import yaml_of
from sim.world.calendar import quarter_name


@dataclass(frozen=True)
class Plan:
    """What a verb is about to compute.

    A verb makes it before there is a folder, so that what is refused by then leaves none.
    """

    about: dict  # what is asked, plain: the results keep it
    arms: dict  # name -> Config, whose plain run the folder holds as `<name>.yaml`
    files: dict = field(default_factory=dict)  # name -> text of what else the folder holds from the start
    spent: dict = field(default_factory=dict)  # what the runs took that it was made from, as of `arms.accounted`


class Result:
    """What a verb computes: a dataclass whose fields are `about`, a plain dict, and its tables, which are frames."""

    @property
    def tables(self):
        """Name of the file, without its ending -> frame."""
        return {self.files.get(name, name): getattr(self, name) for name in self._frames()}

    @property
    def headline(self):
        """What came of it, in a line."""
        return ""

    @property
    def texts(self):
        """Name -> text of what else the folder of the result holds."""
        return {}

    @property
    def parquets(self):
        """Name -> frame of what else the folder holds in `panels/`, as parquet."""
        return {}

    @classmethod
    def read(cls, folder, about):
        """The Result of a folder, whose json says `about`; its frames are those that were computed: of declared text
        that may be missing, what is missing is the empty text.
        """
        frames = {}
        for name in cls._frames():
            file = cls.files.get(name, name)
            columns = cls.columns.get(file, ())
            with spoilt_told(folder / f"{file}.csv"):
                frame = read_csv(folder / f"{file}.csv", columns)
            frames[name] = frame.fillna({each.name: "" for each in columns if each.type == STRING})
        return cls(**cls.remembered(folder, about), **frames)

    @classmethod
    def made(cls, folder):
        """Whether a folder has all its tables."""
        return not cls.lacking(folder)

    @classmethod
    def lacking(cls, folder):
        """Names of the files of its tables that a folder has not."""
        files = [f"{cls.files.get(name, name)}.csv" for name in cls._frames()]
        return [file for file in files if not (folder / file).is_file()]

    @classmethod
    def remembered(cls, _folder, about):
        """The fields that are no frames, from what the folder says."""
        return {"about": about}

    @classmethod
    def _frames(cls):
        return [item.name for item in fields(cls) if item.type is pd.DataFrame]

    columns: ClassVar[dict] = {}  # name of the file -> its declared columns
    files: ClassVar[dict] = {}  # name of a frame -> name of its file, where that is another
    keys: ClassVar[dict] = {}  # name of the file -> columns that together name a row


def about(config, **more):
    """What a verb was asked, as a plain dict."""
    keys = {key: value for key, value in config.experiment.items() if key not in ("_target_", "dry_run")}
    return {
        **keys,
        "policy": list(config.resolved["policy"]),
        "seed": config.seed,
        "scale": config.scale,
        "end": quarter_name(config.end),
        **more,
    }


def command(config, name, plan, compute, figures=None):
    """Compute what the Plan `plan` asks, write a folder of its own in `config.output`, print a screen; returns the
    folder.

    What is asked stands in the file `<name>.json`, with what `compute` adds to it and the `cost` of all runs that it
    rests on, whenever they were computed. Raises FolderError where the disk
    refuses, and what `compute` raises once the folder says FAILED.
    """
    told = {"title": name, "question": _question(name, config), **plan.about}
    told |= {"calibration": calibration(config), "norms": norms(config)}
    with _folder(config.output, told, f"{name}.json") as folder:
        for arm, arm_config in plan.arms.items():
            write_text(folder / f"{arm}.yaml", yaml_of(arm_config))
        for file, text in plan.files.items():
            write_text(folder / file, text)
        with arms.accounted() as spent:
            result = compute(config, plan)
        for table, frame in result.tables.items():
            write_csv(folder / f"{table}.csv", frame, result.columns.get(table))
        for name, frame in result.parquets.items():
            (folder / "panels").mkdir(exist_ok=True)
            frame.to_parquet(folder / "panels" / f"{name}.parquet", index=False)
        if result.columns:
            write_csv(folder / "codebook.csv", codebook(result.columns, result.keys), BOOK)
        told.update(result.about)
        spent |= plan.spent
        told["cost"] = {"runs": len(spent), "processor_seconds": round(sum(spent.values()), 1)}
        told["headline"] = result.headline
        for file, text in {"screen.txt": f"{result}\n", **result.texts}.items():
            write_text(folder / file, text)
    if figures is not None and config.figures:
        drawn_or_told(folder, partial(figures, kinds=config.figures))
    print(result)
    print(f"\nin {folder}")
    return folder


def _question(name, config):
    """What was asked, in a line below figures, where a verb has no words of its own."""
    policies = ", ".join(config.resolved["policy"]) or "no policy"
    return (
        f"{name.capitalize()} of {policies}; seed {config.seed}, scale {config.scale:g}, to {quarter_name(config.end)}"
    )


@contextmanager
def _folder(parent, told, name):
    """A new folder in `parent` with `told` in the file `name`, which closes with DONE or FAILED; gives the folder."""
    folder = new_folder(parent, questions.name(told["title"]))
    told |= {
        "command": command_line(),
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
    }
    try:
        with refusals_told(folder), outcome(folder, told, name):
            write_json(folder / name, told | {"status": "running"})
            yield folder
    except Exception as error:
        error.add_note(f"The folder of the results: {folder}")
        raise
