"""What a sweep computes: arms x points x seeds, each run with its fingerprint.

A plan is a folder that is never changed, `plans/<id>`, where the id is a hash of its content:

    plan.json       id, the keys of the verb, number of arms, points, seeds and runs, the ground of each arm
    points.parquet  one row a point, one column a key
    runs.parquet    one row a run: seed, point, arm (numbers from 0) and fingerprint (32 bytes)
    <arm>.yaml      the config of each arm
    problem.json    of a design over intervals: its factors and their bounds, as SALib's analyses take them

A key that an arm does not have, a knob of a policy that is not in it, changes nothing there; such runs
have one fingerprint and are computed once.
"""

import functools
import hashlib
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from sim.runs.fingerprint import WITHOUT_EFFECT, fingerprints_of_seeds, ground
from sim.runs.folders import read_json, spoilt_told, write_json, write_text
from sim.settings.arms import read as read_arms
from sim.settings.config import load_file, put, varied
from sim.settings.files import read_yaml, to_yaml
from sim.settings.refusals import ConfigError, shown, unknown
from sim.sweep import designs

MOST = 2_000_000  # runs; a mistyped number should not fill memory and disk
FIXED = {  # keys that are no factors
    *WITHOUT_EFFECT,
    *("seed", "policy", "shock", "targets", "without", "city", "mechanism", "city.name"),
}
SAY = {"seed": "; write seeds=1..20 or seeds=[1,2]", "policy": "; write arms={a:[sandbox],b:none}"}


@dataclass(frozen=True)
class Plan:
    """Arms, points and seeds, and the runs that they make."""

    arms: Mapping  # name -> Config
    points: pa.Table  # one row a point, one column a key
    runs: pa.Table  # one row a run: seed, point, arm (numbers) and fingerprint (32 bytes)
    grounds: list  # of each arm, bytes
    id: str
    problem: dict | None = None  # the factors as SALib takes them

    def config(self, row):
        """The Config of one run."""
        arm, point, seed = (self.runs[name][row].as_py() for name in ("arm", "point", "seed"))
        base = list(self.arms.values())[arm]
        return varied(base, {**applicable(base.resolved, self.values(point)), "seed": seed, "threads": 1})

    def values(self, point):
        """Key -> value of a point."""
        return {key: self.points[key][point].as_py() for key in self.points.column_names}

    def fingerprints(self):
        """Of each run, in the order of `runs`: list of 32 bytes."""
        return self.runs["fingerprint"].to_pylist()

    def planned(self):
        """The fingerprints of its runs as texts, those that are the same once."""
        return {fingerprint.hex() for fingerprint in self.fingerprints()}

    def write(self, folder, asked):
        """Keep the plan in the folder of a sweep; `asked` are the keys of the verb."""
        final = kept(folder, self.id)
        if final.exists():
            for name, config in self.arms.items():  # tasks load them, and are to do what is asked here
                write_text(final / f"{name}.yaml", to_yaml(config.resolved))
            return
        final.parent.mkdir(parents=True, exist_ok=True)
        coming = final.with_name(f".{self.id}.{secrets.token_hex(4)}")
        coming.mkdir()
        try:
            about = {
                "id": self.id,
                "asked": asked,
                "arms": list(self.arms),
                "points": len(self.points),
                "runs": len(self.runs),
                "grounds": [ground.hex() for ground in self.grounds],
            }
            write_json(coming / "plan.json", about)
            for name, config in self.arms.items():
                write_text(coming / f"{name}.yaml", to_yaml(config.resolved))
            if self.problem:
                write_json(coming / "problem.json", self.problem)
            for name in ("points", "runs"):
                with open(coming / f"{name}.parquet", "wb") as file:  # Arrow may take a name for an address
                    pa.parquet.write_table(getattr(self, name), file, compression="zstd")
            os.replace(coming, final)
        except OSError:
            if not final.exists():  # else another sweep kept the same plan at the same time
                raise
        finally:
            shutil.rmtree(coming, ignore_errors=True)


def kept(folder, plan_id):
    """Where a plan lies in the folder of a sweep."""
    return Path(folder) / "plans" / plan_id


def trees(folder, plan_id):
    """The resolved configs of the arms of a plan, as its files have them."""
    names = read_json(kept(folder, plan_id) / "plan.json", ("arms",))["arms"]
    return [read_yaml(kept(folder, plan_id) / f"{name}.yaml") for name in names]


class KeptArms(Mapping):
    """Name -> Config of the arms of a plan, each loaded when it is asked for: their names alone load nothing."""

    def __init__(self, place, names, trusted):
        self.place, self.names, self.trusted, self.loaded = place, names, trusted, {}

    def __getitem__(self, name):
        if name not in self.loaded:
            self.loaded[name] = load_file(self.place / f"{name}.yaml", self.trusted)
        return self.loaded[name]

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)


@functools.lru_cache(maxsize=2)
def read(folder, plan_id, trusted=False):
    """The Plan kept in the folder of a sweep; whose code its arms may have is that of `load_file`."""
    place = kept(folder, plan_id)
    about = read_json(place / "plan.json", ("id", "arms", "grounds"))
    arms = KeptArms(place, about["arms"], trusted)
    points, runs = (_table(place / f"{name}.parquet") for name in ("points", "runs"))
    return Plan(arms, points, runs, [bytes.fromhex(text) for text in about["grounds"]], about["id"])


def _table(path):
    with spoilt_told(path):
        return pa.parquet.read_table(path)


# ---------------------------------------------------------------- making one


def make(config):
    """The Plan that a config with the keys of the verb describes. Raises ConfigError with all that is wrong."""
    asked = config.experiment
    one = config.one_run(threads=1)
    arms = {"config": one} if asked["arms"] == {} else read_arms(one, asked["arms"], FIXED)
    problems = _same(arms) or _wrong_keys(arms, asked["factors"])
    if problems:
        raise ConfigError(problems)
    columns = designs.points(asked, lambda key: _value(arms, key), config.resolved["configs"])
    problems = _wrong_keys(arms, columns) or _wrong_values(arms, columns)
    seeds, wrong = seed_list(asked["seeds"])
    problems += wrong + too_many(designs.size(columns), arms, seeds)
    if problems:
        raise ConfigError(problems)
    try:
        points = pa.table(columns) if columns else pa.table({"": [None]}).select([])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ConfigError([f"factors: the values of a key should be of one kind ({error})"]) from None
    return replace(_plan(arms, columns, points, seeds), problem=designs.problem(asked, config.resolved["configs"]))


def _same(arms):
    """Arms that say the same as one before them, as sentences."""
    names = list(arms)
    twins = ((name, other) for i, name in enumerate(names) for other in names[:i])
    return [
        f"arms.{name}: is the same as arms.{other}, so nothing can differ"
        for name, other in twins
        if arms[name].resolved == arms[other].resolved
    ]


def too_many(points, arms, seeds):
    """What is wrong with the number of runs, as sentences; asked before anything of that length is made."""
    arms = max(1, len(arms))
    runs = points * arms * len(seeds)
    told = f"{runs} runs ({points} points, {arms} arms, {len(seeds)} seeds): should be {MOST} at most"
    return [told] if runs > MOST else []


def lacking(plan, before, its_trees):
    """The first of the runs of a plan that was kept `before`, with the trees of its arms, that is not in `plan`, in
    words; None where there is none, or the model or its data have changed between them, or a policy that an arm of both
    has.
    """
    names, order = list(before.arms), list(plan.arms)
    for name, tree, ground_before in zip(names, its_trees, before.grounds, strict=True):
        if name in order and _alike(tree, plan.arms[name].resolved):
            if ground_before != plan.grounds[order.index(name)]:
                return None
    there = {(order[arm], fingerprint) for arm, fingerprint in _pairs(plan)}
    for row, (arm, fingerprint) in enumerate(_pairs(before)):
        if (names[arm], fingerprint) not in there:
            seed, point = before.runs["seed"][row].as_py(), before.runs["point"][row].as_py()
            return ", ".join(
                [f"arm {names[arm]}", *(f"{k}={shown(v)}" for k, v in before.values(point).items()), f"seed {seed}"]
            )
    return None


def _alike(one, other):
    """Whether the trees of two arms say the same of their city, as far as both versions know of it, and have the same
    policies and shocks.
    """
    city, there = one["city"], other["city"]
    return all(city[key] == there[key] for key in city.keys() & there.keys()) and all(
        list(one[group]) == list(other[group]) for group in ("policy", "shock")
    )


def _pairs(plan):
    """(number of its arm, fingerprint) of each run."""
    return zip(plan.runs["arm"].to_pylist(), plan.fingerprints(), strict=True)


def _plan(arms, columns, points, seeds):
    """The runs in the order of seeds, points, arms: what is done of a sweep that was stopped holds whole designs."""
    grounds = [ground(config) for config in arms.values()]
    size = designs.size(columns)
    fingerprints = [b""] * (len(seeds) * size * len(arms))
    for point in range(size):
        values = {key: column[point] for key, column in columns.items()}
        for arm, config in enumerate(arms.values()):
            tree = put(config.resolved, applicable(config.resolved, values))[0]
            for i, fingerprint in enumerate(fingerprints_of_seeds(tree, grounds[arm], seeds)):
                fingerprints[(i * size + point) * len(arms) + arm] = fingerprint
    seed, point, arm = np.meshgrid(
        np.array(seeds, np.int64), np.arange(size, dtype=np.int32), np.arange(len(arms), dtype=np.int32), indexing="ij"
    )
    runs = pa.table(
        {
            "seed": seed.ravel(),
            "point": point.ravel(),
            "arm": arm.ravel(),
            "fingerprint": pa.array(fingerprints, pa.binary(32)),
        }
    )
    content = hashlib.sha256(json.dumps([list(arms), list(columns)]).encode())
    for fingerprint in fingerprints:
        content.update(fingerprint)
    return Plan(arms, points, runs, grounds, content.hexdigest()[:12])


def applicable(resolved, values):
    """The values whose key the arm has: not those of a policy or shock that is not in it."""

    def in_arm(key):
        group, _, rest = key.partition(".")
        return group not in ("policy", "shock") or rest.partition(".")[0] in resolved[group]

    return {key: value for key, value in values.items() if in_arm(key)}


def seed_list(seeds):
    """(the seeds of `1..100` or of a list, what is wrong with them)."""
    if isinstance(seeds, str) and re.fullmatch(r"\d+\.\.\d+", seeds):
        first, last = map(int, seeds.split(".."))
        if first <= last < 2**63:
            many = [f"seeds={seeds}: {last - first + 1} runs an arm and point: should be {MOST} at most"]
            return (range(first, last + 1), []) if last - first < MOST else ([], many)
    elif (
        isinstance(seeds, list)
        and seeds
        and all(isinstance(s, int) and not isinstance(s, bool) and 0 <= s < 2**63 for s in seeds)
    ):
        twice = sorted(seed for seed, times in Counter(seeds).items() if times > 1)
        return seeds, [f"seeds={s}: stands twice" for s in twice]
    return [], [f"seeds={shown(seeds)}: should be first..last such as 1..100, or a list such as [1,2,5]"]


def _value(arms, key):
    """What a key is in the first arm that has it; None where no arm has."""
    for config in arms.values():
        node = config.resolved
        for part in key.split("."):
            if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                node = node[int(part)]
            elif isinstance(node, dict) and part in node:
                node = node[part]
            else:
                break
        else:
            return node
    return None


def _having(arms, key):
    """Configs of the arms that have a key."""
    return [
        config
        for config in arms.values()
        if applicable(config.resolved, {key: None}) and not put(config.resolved, {key: None})[1]
    ]


def _wrong_keys(arms, keys):
    """What cannot be a factor, or is in no arm."""
    whole = next(iter(arms.values())).resolved
    return [
        f"factors.{key}: cannot be a factor{SAY.get(key, '')}" if key in FIXED else f"factors.{unknown(key, whole)}"
        for key in keys
        if key in FIXED or not _having(arms, key)
    ]


def _wrong_values(arms, columns):
    """What is wrong with the values of a design, key by key.

    Of numbers the smallest and the largest are tried, of all else every value, one at a time in every arm that has
    the key. What only a combination makes wrong shows in its run.
    """
    problems = []
    for key, column in columns.items():
        having = _having(arms, key)
        for value in _extremes(column):
            if isinstance(value, (list, dict)):
                problems.append(f"factors.{key}={shown(value)}: should be plain values; lists can be set for arms")
                continue
            for config in having:
                try:
                    varied(config, {key: value})
                except ConfigError as error:
                    problems += [text for text in error.problems if text not in problems]
    return problems


def _extremes(column):
    """Of numbers the ends, one that is none and one that is not whole; of other values each."""
    numbers = [v for v in column if isinstance(v, (int, float)) and not isinstance(v, bool)]
    others = {shown(v): v for v in column if not isinstance(v, (int, float)) or isinstance(v, bool)}
    missing = [v for v in numbers if v != v][:1]
    uneven = [v for v in numbers if isinstance(v, float) and not v.is_integer()][:1]
    return [*({min(numbers), max(numbers)} if numbers else ()), *missing, *uneven, *others.values()]
