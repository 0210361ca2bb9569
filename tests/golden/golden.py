"""Golden runs: two cities whose every bit is written down, so that a change that should change nothing is seen to.

    .venv/bin/python tests/golden/golden.py          what differs from what is written down, and from which quarter on
    .venv/bin/python tests/golden/golden.py bless    write down what is now; the changelog says why
    .venv/bin/python tests/golden/golden.py carry    fits and results are of this version too: no bit has moved since

A change of code that moves no number has another meaning all the same, by which a fit and all of `results/` would count
as stale. `carry` writes the fingerprints of this version into what fits left and into the stamps of `results/`, where
all runs have the same bits, and refuses elsewhere. It does so for what is of the version that was blessed or carried
last, whose fingerprints are in `grounds.json`; what was older stays so. Who makes results after a change carries first.
The made-up city has 300 persons and takes a second; Shanghai at scale 0.05, as calibrated, has 15,000.
"""

import csv
import dataclasses
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from sim.model.ecosystem import Ecosystem
from sim.runs.fingerprint import premises
from sim.runs.folders import write_json
from sim.settings import config as configs
from sim.settings.files import read_yaml
from sim.sweep import replicate
from sim.world.calendar import quarter_name

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GROUNDS = HERE / "grounds.json"
POINTS = {
    "reports": "results/calibration",
    "record": "results/calibration/record",
}  # of the tables of each fit
EARLY = (  # from the first quarter on: without a date they would be in force from the first quarter of history
    *("coworking", "data_zone", "digital_currency_zone", "failure_forgiveness", "innovation_zone_lingang"),
    *("innovation_zone_zhangjiang", "ip_protection", "listing_venue", "open_innovation", "proof_of_concept"),
    *("shared_laboratories", "talent_homes", "talent_tax_break", "technology_transfer", "zoning_conversion"),
)
RUNS = {
    "lakeside": (f"configs='{HERE.parent / 'own'}'", "city=lakeside", "scale=0.1", "calibrated=false"),
    "shanghai": ("scale=0.05",),
    "policies": (  # all that history has not
        "scale=0.02",
        "policy=[history,coworking,data_zone,digital_currency_zone,failure_forgiveness,innovation_zone_lingang,"
        "innovation_zone_zhangjiang,ip_protection,listing_venue,mission_programme,open_innovation,proof_of_concept,"
        "shared_laboratories,talent_homes,talent_tax_break,technology_transfer,zoning_conversion]",
        *(f"policy.{name}.start=2006Q1" for name in EARLY),
        "shock=[chip_talent_drain,closed_ipo_window,exit_of_foreign_capital,export_controls,lp_strike,rent_spike,"
        "rival_escalation,slowdown]",
    ),
}


def digests(words):
    """Name -> digest of each table of the panels by quarter, then of every column of the panels and of the state at
    the end.
    """
    model = Ecosystem(configs.load(list(words)))
    while model.quarter <= model.config.end:
        model.step()
    panels, by_quarter, by_column = model.panels.state_dict(), {}, {}
    for name, values in panels.items():
        table, slash, _ = name.partition("/")
        by_column[f"panels.{name}"] = _digest(values)
        if slash:
            quarters = panels[f"{table}/quarter"]
            for quarter in np.unique(quarters):
                by_quarter.setdefault((int(quarter), table), []).append(_digest(values[quarters == quarter]))
    for name, values in model.state.arrays().items():
        for field in values.dtype.names or ("",):
            by_column[f"state.{name}" + f".{field}".rstrip(".")] = _digest(values[field] if field else values)
    return {
        f"{quarter_name(quarter)} {table}": _sha("".join(parts).encode())
        for (quarter, table), parts in sorted(by_quarter.items())
    } | by_column


def _digest(values):
    return _sha(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes())


def _sha(raw):
    return hashlib.sha256(raw).hexdigest()[:12]


def written(name):
    """What is written down of a run: name -> digest."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["what"]: row["digest"] for row in csv.DictReader(file)}


def bless(name, found):
    """Write down what a run is now."""
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("what", "digest"), *found.items()])


def differing(name, found):
    """What differs from what is written down, the earliest quarter first."""
    before = written(name)
    return [what for what in (before | found) if before.get(what) != found.get(what)]


def grounds():
    """The fingerprints of this version: of what stages of `results/` rest on, and the premises of each fitted point."""
    fitted = {}
    for name in POINTS:
        if _point(name).exists():
            targets = read_yaml(_point(name))["about"]["targets"]
            fitted[name] = premises(dataclasses.replace(configs.load([f"calibrated={name}"]), targets=targets))
    return {"stages": {name: ground() for name, ground in replicate.GROUNDS.items()}, "fits": fitted}


def write_grounds(now):
    """Write down the fingerprints of the version that was blessed or carried."""
    GROUNDS.write_text(json.dumps(now, indent=2) + "\n", "utf-8")


def carry(before, now):
    """Write the fingerprints of this version, `now`, where those of the one blessed or carried last stand."""
    for name, folder in POINTS.items():
        if name not in before["fits"]:
            continue
        for path in (_point(name), ROOT / folder / "fit/fit.json"):
            path.write_text(path.read_text("utf-8").replace(before["fits"][name], now["fits"][name]), "utf-8")
    stamps = replicate.stamps()
    for stamp in stamps.values():
        stamp |= {
            ground: now["stages"][ground]
            for ground, fingerprint in before["stages"].items()
            if stamp.get(ground) == fingerprint
        }
    write_json(replicate.VERSIONS, stamps)


def _point(name):
    return ROOT / f"configs/city/shanghai/{name}/calibrated.yaml"


def main(words):
    """Exit code: 0 where all is as written down or was blessed, 1 where something differs, 2 for another word."""
    if words not in ([], ["bless"], ["carry"]):
        print(f"{' '.join(words)}: there is nothing, bless and carry", file=sys.stderr)
        return 2
    status = 0
    for name, run in RUNS.items():
        found = digests(run)
        if words == ["bless"]:
            bless(name, found)
            print(f"{name}: {len(found)} digests written down")
        elif differs := differing(name, found):
            status = 1
            print(f"{name}: {len(differs)} of {len(found)} differ: {', '.join(differs[:8])}")
        else:
            print(f"{name}: the same bits")
    if words and status == 0:
        now = grounds()
        if words == ["carry"]:
            carry(json.loads(GROUNDS.read_text("utf-8")), now)
            print("fits and results of the version before are of this one too")
        write_grounds(now)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
