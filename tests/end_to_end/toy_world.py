"""A made-up set of config files, small enough to know by heart: Shanghai's map, one mechanism, three policies."""

import shutil
from dataclasses import dataclass
from typing import NamedTuple

from sim import cli
from sim.policies.instrument import Instrument
from sim.settings import files, parameters, words
from sim.verbs import help

REAL = files.CONFIGS

TARGETS = "id,value,low,high,unit,role,operator,observed\nshown,1,,,firms,context,,\n"
FILES = {
    "experiment/run.yaml": "_target_: toy_world.record\n",
    "experiment/compare.yaml": "_target_: toy_world.record\nruns: 4\n",
    "experiment/lost.yaml": "_target_: sim.nowhere.function\n",
    "experiment/nameless.yaml": "_target_: toy_world.recrod\n",
    "launcher/local.yaml": "# @package launcher\nname: local\nbatch_seconds: 1\n",
    "targets/reported.yaml": "# @package targets.reported\n",
    "targets/reported.csv": TARGETS,
    "targets/facts.yaml": "# @package targets.facts\n",
    "targets/facts.csv": TARGETS,
    "mechanism/growth.yaml": """
        rate: {value: 0.5, low: 0, high: 1, unit: share, source: made up}
        people: {value: 3, low: 1, high: 9, unit: persons, source: made up, note: whole}
        by_stage: {value: [0.1, 0.2], low: 0, high: [0.5, 1e-0], unit: share, source: made up}
        """,
    "policy/desk.yaml": """
        # @package policy.desk
        _target_: toy_world.Desk
        start: 2016Q1
        end: null
        announced: null
        places: {value: 20, low: 0, high: 100, unit: desks, source: made up}
        sectors: all
        districts: [PD, HP]
        first_only: false
        """,
    "policy/desk_2.yaml": """
        # @package policy.desk_2
        _target_: toy_world.Desk
        start: 2020Q1
        end: null
        announced: 2019Q1
        places: {value: 40, low: 0, high: 100, unit: desks, source: made up}
        sectors: all
        districts: all
        first_only: true
        """,
    "policy/grant.yaml": """
        # @package policy.grant
        _target_: toy_world.Grant
        start: 2018Q1
        end: 2022Q4
        announced: null
        low: {value: 0.1, low: 0, high: 1, unit: share, source: made up}
        high: {value: 0.2, low: 0, high: 1, unit: share, source: made up}
        budget: {value: 1e9, low: 0, high: 1e11, unit: yuan a year, source: made up}
        """,
    "policy/unnamed.yaml": "# @package policy.unnamed\nstart: null\n",
    "policy/lost.yaml": "# @package policy.lost\n_target_: nowhere.Policy\n",
    "policy/stranger.yaml": "# @package policy.stranger\n_target_: toy_world.Params\n",
    "policy/headless.yaml": "_target_: toy_world.Grant\n",
    "policy/bare.yaml": "# @package policy.bare\n_target_: toy_world.Grant\nlow: 0.1\nhigh: {value: 1}\nheight: 3\n",
    "city/shanghai/policies.yaml": "desk: {start: 2015Q1}\n",
}


class Params(NamedTuple):
    rate: float
    people: int
    by_stage: tuple


@dataclass(frozen=True, kw_only=True)
class Desk(Instrument):
    places: int
    sectors: tuple[str, ...]
    districts: tuple[str, ...]
    first_only: bool

    def act(self, levers, intensity, slot):
        there = [levers.where(district=self.districts)] if self.sectors else []
        for where in there[: 1 + self.first_only]:
            levers.move("desks", intensity * self.places, where, payer=slot)


@dataclass(frozen=True, kw_only=True)
class Grant(Instrument):
    low: float
    high: float

    def act(self, levers, intensity, slot):
        levers.move("pilot_match", intensity * (self.low + self.high) / 2.0, payer=slot)

    def check(self, city):
        return [] if self.low <= self.high else [f"low={self.low} is above high={self.high}"]


recorded = []


def record(config):
    """Stands in for a run."""
    recorded.append(config)


def write(folder):
    """The made-up files in `folder`, beside the real main config and map."""
    shutil.copytree(
        REAL / "city" / "shanghai", folder / "city" / "shanghai", ignore=shutil.ignore_patterns("calibrated.yaml")
    )
    shutil.copy(REAL / "city" / "shanghai.yaml", folder / "city")
    shutil.copy(REAL / "config.yaml", folder)
    (folder / "policy").mkdir()
    shutil.copy(REAL / "policy" / "history.yaml", folder / "policy")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", "utf-8")
    (folder / "shock").mkdir()
    return folder


def settle(monkeypatch, folder):
    """Let the package find the files of `folder` and the mechanism of this module."""
    for module in (cli, files, help, parameters, words):
        monkeypatch.setattr(module, "CONFIGS", folder)
    monkeypatch.setattr(parameters, "mechanisms", lambda: {"growth": Params})
