"""`sim log`: what was asked and found, a line per folder of results, the oldest first."""

import csv
import os
from pathlib import Path

from sim.runs.folders import Spoilt, read_json
from sim.runs.records import HEADLINES
from sim.settings.files import CONFIGS, read_yaml
from sim.settings.refusals import ConfigError
from sim.verbs.catalogue.text import cell

VERBS = {  # file that tells what a verb was asked -> the verb
    "run.json": "run",
    "comparison.json": "compare",
    "arms.json": "compare",
    "attribution.json": "attribute",
    "frontier.json": "frontier",
    "robustness.json": "robustness",
    "uncertainty.json": "uncertainty",
    "atlas.json": "atlas",
    "evidence.json": "evidence",
    "twin.json": "twin",
    "facts.json": "facts",
    "sweep.json": "sweep",
}
COLUMNS = ("date", "verb", "question", "headline", "state", "folder")


def rows(folder):
    """What was asked below a folder, dicts of COLUMNS in the order of time."""
    found = []
    for place, inner, files in os.walk(folder):
        file = next((file for file in VERBS if file in files), None)
        if file is not None:
            inner.clear()  # what a result holds is part of it
            found.append(_row(Path(place), file))
    return sorted(found, key=lambda row: (row["date"], row["folder"]))


def _row(folder, file):
    """One folder."""
    try:
        about = read_json(folder / file)
    except (OSError, Spoilt):
        about = {}
    return {
        "date": str(about.get("start", ""))[:16].replace("T", " "),
        "verb": VERBS[file],
        "question": _question(about),
        "headline": about.get("headline") or (_of_run(folder) if file == "run.json" else ""),
        "state": _state(folder, about),
        "folder": str(folder),
    }


def _question(about):
    """What was asked, with its size."""
    words = about.get("title") or about.get("command") or "cannot be read"
    scale = [f"scale {about['scale']}"] if "scale" in about else []
    runs = [f"{about['runs']} runs"] if "runs" in about else [f"seed {about['seed']}"] if "seed" in about else []
    last = [f"to {about['last_quarter']}"] if "last_quarter" in about else []
    return "; ".join([words, ", ".join([*runs, *scale, *last])]).rstrip("; ")


def _state(folder, about):
    """How it ended."""
    if (folder / "DONE").is_file():
        return "done"
    status = about.get("status", "cannot be read")
    return "running, or killed" if status == "running" else status


def _of_run(folder):
    """A headline of a run: the first of those that its end shows, beside what is reported."""
    try:
        with open(folder / "reported.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["id"] in HEADLINES and row["simulated"]:
                    value = float(f"{float(row['simulated']):.4g}")
                    return f"{HEADLINES[row['id']]} {cell(value)} {row['unit']}"
    except OSError:
        pass
    return ""


def screen(words):
    """The lines, for the folder that the words name or for where results go. Raises ConfigError."""
    if len(words) > 1:
        raise ConfigError(["log: name one folder, as in sim log results/runs"])
    folder = words[0] if words else read_yaml(CONFIGS / "config.yaml")["output"]
    if not os.path.isdir(folder):
        if words:
            raise ConfigError([f"log {folder}: no such folder"])
        return f"Nothing was asked here: there is no folder {folder}."
    found = rows(folder)
    if not found:
        return f"Nothing was asked here: {folder} holds no folder of results."
    return "\n".join(_line(row) for row in found)


def _line(row):
    what = "  ".join(filter(None, (row["question"], row["headline"] and f"-> {row['headline']}")))
    return f"{row['date']}  {row['verb']:11}  {what}  [{row['state']}]  {row['folder']}"
