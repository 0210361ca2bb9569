"""How much a verb is about to compute: runs, those of them that are kept, and about how long the rest takes."""

import sys
from typing import NamedTuple

from sim.observables import outcomes
from sim.runs import store as entries
from sim.runs.arms import addresses
from sim.settings.refusals import shown

# Seconds of a quarter, and of each person at the start: measured with 3,000 to 60,000 persons, two cores.
PER_QUARTER, PER_PERSON = 0.0125, 4.7e-7
HOURS = 100  # minutes from which on hours are told


class Amount(NamedTuple):
    """`runs` that are asked for, `kept` of them computed before, and about how many `seconds` of `processes` are left,
    judged `by` what.
    """

    runs: int
    kept: int
    seconds: float
    processes: int
    by: str
    most: bool = False  # whether a search may need fewer

    def __str__(self):
        count = f"{'at most ' if self.most else ''}{self.runs:,} runs, {self.kept:,} of them kept"
        if self.kept == self.runs:
            return f"{count}; nothing is left to compute"
        many = f"{self.processes} processes" if self.processes > 1 else "1 process"
        return f"{count}; {in_words(self.seconds)} on {many}, {self.by}"


def in_words(seconds):
    """A guess, in no more digits than it has."""
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    return f"about {minutes:.2g} minutes" if minutes < HOURS else f"about {minutes / 60:.2g} hours"


def check(asked):
    """What is wrong with the key `dry_run` of a verb, as sentences."""
    dry = asked["dry_run"]
    return [] if isinstance(dry, bool) else [f"dry_run={shown(dry)}: should be true or false"]


def of(configs, store, processes, more=()):
    """The Amount of runs kept one by one in the folder `store`: of `configs`, and of as many again as are like each of
    `more`, of which a search does not yet know what they will be.
    """
    seconds = {}
    for path in dict.fromkeys(addresses(configs, store)):
        try:
            seconds[path] = entries.Entry(path, outcomes.SCHEMA).index["seconds"]
        except (FileNotFoundError, entries.Damaged):
            seconds[path] = None
    known = [each for each in seconds.values() if each is not None]
    runs = len(seconds) + len(more)
    return counted(runs, len(known), [*configs, *more][0], processes, known, most=bool(more))


def counted(runs, kept, config, processes, seconds=(), most=False):
    """The Amount of so many runs like that of `config`; `seconds` are what some of them took."""
    if seconds:
        each, by = sum(seconds) / len(seconds), "by the mean of those that are kept"
    else:
        quarters = config.end + 1 - config.start
        persons = config.city.persons * config.scale
        each = quarters * (PER_QUARTER + PER_PERSON * persons)
        by = f"by a rule for {quarters} quarters of {persons:,.0f} persons, measured on another machine"
    processes = min(processes, max(runs - kept, 1))
    return Amount(runs, kept, each * (runs - kept) / processes, processes, by, most)


def told(config, amount):
    """Say the Amount before anything is computed; whether the verb is asked for no more (`dry_run=true`)."""
    dry = config.experiment["dry_run"]
    print(f"{amount}; nothing was run" if dry else f"sim: {amount}", file=sys.stdout if dry else sys.stderr)
    return dry
