"""Golden runs: two cities whose every bit is written down, so that a change that should change nothing is seen to.

    .venv/bin/python tests/golden/golden.py          what differs from what is written down, and from which quarter on
    .venv/bin/python tests/golden/golden.py bless    write down what is now; the changelog says why
    .venv/bin/python tests/golden/golden.py carry    the fit is of this version too: no bit has moved since

A change of code that moves no number has another meaning all the same, by which a fit would count as stale. `carry`
writes the premises of this version into what the fit left, where all runs have the same bits, and refuses elsewhere.
The made-up city has 300 persons and takes a second; Shanghai at scale 0.05, as calibrated, has 15,000.
"""

import csv
import dataclasses
import hashlib
import sys
from pathlib import Path

import numpy as np

from sim.model.ecosystem import Ecosystem
from sim.runs.fingerprint import premises
from sim.settings import config as configs
from sim.settings.files import read_yaml
from sim.world.calendar import quarter_name

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
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


def carry():
    """Write the premises of this version into what the fits left."""
    for name, folder in POINTS.items():
        point = ROOT / f"configs/city/shanghai/{name}/calibrated.yaml"
        if not point.exists():
            continue
        about = read_yaml(point)["about"]
        here = premises(dataclasses.replace(configs.load([f"calibrated={name}"]), targets=about["targets"]))
        for path in (point, ROOT / folder / "fit/fit.json"):
            path.write_text(path.read_text("utf-8").replace(about["premises"], here), "utf-8")
        print(f"the fit of {about['date']}, {name}, is of this version too: {here[:16]}")


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
    if words == ["carry"] and status == 0:
        carry()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
