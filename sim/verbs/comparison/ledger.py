"""The additionality ledger: what a yuan of public money adds, and what of it would have happened anyway.

A difference is paired by seed. The public cost of a ratio is that of the purses that differ between the arms, spent
and for administration less what was recovered, discounted to the start of the window as all other money in it.
Ratios have Fieller's intervals; one whose denominator cannot be told from zero is left out, with the reason.

    headline leverage   money of others that stands beside the public money, as reports count it, over the public yuan
    true leverage       money of others that there would not be without it, over the public yuan
    additionality       of takers with a twin: the share that does it with the programme less the share of their twins
                        that does it without; beside it the same of those who never took it up, whose lives part by
                        chance alone (takers.py)
    deadweight          of the takers who did it, the share whose twins would also have done it without
    displacement        change in the districts aimed at against the change in all others
    rivals              extra arrivals who otherwise go elsewhere in China
    cost per            public cost of one more
"""

import numpy as np
import pandas as pd

from sim.observables.outcomes import OUTCOMES
from sim.statistics import effects, intervals
from sim.verbs.comparison import takers
from sim.verbs.screen import short

COUNTED = {  # outcome -> what one more of it is called, and several
    "startups_alive": ("surviving firm", "surviving firms"),
    "startups_funded_alive": ("surviving funded firm", "surviving funded firms"),
    "startup_jobs": ("job", "jobs"),
    "exits": ("exit", "exits"),
    "returnees": ("returnee", "returnees"),
}
ADDITIONAL = "additionality: the first share less the second"
PLACEBO = "the same of those who never took it up: chance alone"
DEADWEIGHT = "deadweight: of takers who did, would also have done without"
COLUMNS = ["block", "policy", "quantity", "unit", "value", "low", "high", "runs", "why"]


def ledger(policy, against, about):
    """The ledger of two arms, lists of Reduced in the order of the seeds, as a frame of COLUMNS; `why` says why a
    value is left out.
    """
    first, rate, names = about["first_quarter"], about["discount_rate"], list(about["differing"])
    ours, theirs = (pd.DataFrame([_numbers(run, first, rate, names) for run in runs]) for runs in (policy, against))
    extra = ours - theirs
    rows = _money(extra)
    for name, instrument in about["instruments"].items():
        rows += _programme(name, instrument, policy, against, about)
    rows += _rivals(extra)
    rows += [_each(extra, outcome, *called) for outcome, called in COUNTED.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _numbers(run, first, rate, names):
    """What the ledger needs of a run, a Series: discounted money, outcomes, and arrivals over the window."""
    panel = run.panel.set_index("quarter")
    private = panel["vc_private_cny"] + panel["angel_raised_cny"]
    window = panel[panel.index >= first]
    moved = {
        name: window[name].sum()
        for name in ("returnees_china", "foreign_arrivals", "domestic_arrivals", "graduates_stayed", "leavers")
    }
    totals = run.totals(first)[[outcome.name for outcome in OUTCOMES]]
    return pd.Series(
        {
            "cost": effects.discounted(run.cost(names), first, rate),
            "private": effects.discounted(private, first, rate),
            **totals,
            **moved,
        }
    )


# ---------------------------------------------------------------- rows


def _row(block, policy, quantity, unit, estimate, runs, why=""):
    return (block, policy, quantity, unit, *estimate, runs, why)


def _mean(block, policy, quantity, unit, values):
    return _row(block, policy, quantity, unit, intervals.mean(values), len(values))


def quotient(above, below, what):
    """(Estimate, why it is left out or ""): the ratio of two means where the one below can be told from zero."""
    if not below.any():
        return intervals.NOTHING, f"{what}: none"
    ratio = intervals.ratio(above, below)
    if np.isnan(ratio.low) and len(below) >= intervals.FEWEST:
        return intervals.NOTHING, f"{what} cannot be told from zero: {_around(below)}"
    return ratio, ""


def _around(values):
    """A mean with its interval, in words."""
    centre, low, high = map(short, intervals.mean(values))
    return f"{centre} [{low}, {high}]"


def _ratio(block, policy, quantity, unit, above, below, what):
    estimate, why = quotient(above, below, what)
    return _row(block, policy, quantity, unit, estimate, len(above), why)


def _money(extra):
    cost, private = extra["cost"].to_numpy(), extra["private"].to_numpy()
    return [
        _mean("money", "", "public cost, discounted", "yuan", cost),
        _mean("money", "", "additional money of others, discounted", "yuan", private),
        _ratio(
            "money",
            "",
            "true leverage: additional money of others",
            "yuan per public yuan",
            private,
            cost,
            "public cost",
        ),
    ]


def _programme(name, instrument, policy, against, about):
    """Headline leverage, additionality and displacement of one programme."""
    if instrument["arm"] == "both":
        why = "in both arms, with other settings: takers have no twin without it"
        return [_row("additionality", name, "takers", "cases", intervals.NOTHING, len(policy), why)]
    ours, theirs = (policy, against) if instrument["arm"] == "policy" else (against, policy)
    by_seed = [takers.groups(name, instrument, *both) for both in zip(ours, theirs, strict=True)]
    displacement = _displacement(name, instrument, ours, theirs, about["first_quarter"])
    if not any(group.takers for groups in by_seed for group in groups):
        why = f"nobody is on record for having taken it up; it moves {', '.join(instrument['levers'])}"
        row = _row("additionality", name, "takers", "cases", intervals.NOTHING, len(ours), why)
        return [row, *displacement]
    rows = []
    for seeds_of_a_kind in zip(*by_seed, strict=True):
        rows += _headline(name, instrument, seeds_of_a_kind, ours, about)
        rows += _additionality(name, seeds_of_a_kind, about["scale"])
    return rows + displacement


def _headline(name, instrument, groups, runs, about):
    """All other money that stands beside the public money, whatever would also have come without it."""
    money = np.array([group.money for group in groups]) / about["scale"]
    if not money.any():
        return []
    unit = "yuan per public yuan"
    if instrument["announced_cny"] and "guidance_pace" in instrument["levers"]:  # as reported: 300 bn beside 50
        quantity = "headline leverage: other partners' promises over the announced size"
        return [_mean("money", name, quantity, unit, money / instrument["announced_cny"])]
    paid = np.array([run.cost([name]).sum() for run in runs])
    quantity = f"headline leverage: all other money of {groups[0].kind}"
    return [_ratio("money", name, quantity, unit, money, paid, "public cost")]


def _additionality(name, groups, scale):
    """What takers do that they would not have done, from the Groups of all seeds."""
    kind, deed = groups[0].kind, groups[0].deed
    count, pairs = (np.array(each, float) for each in zip(*((g.takers, g.of_twins.pairs) for g in groups), strict=True))
    block = "additionality"
    rows = [_mean(block, name, f"takers: {kind}", "cases", count / scale)]
    if (pairs < count).any():
        rows.append(
            _mean(block, name, "takers without a twin, who are left out below", "cases", (count - pairs) / scale)
        )
    takers, never = ([getattr(group, which) for group in groups] for which in ("of_twins", "never"))
    rows += [
        _share(block, name, f"{deed}, with it", takers, lambda one: one.done, "takers"),
        _share(block, name, f"their twins {deed}, without it", takers, lambda one: one.done_without, "takers"),
        _share(block, name, ADDITIONAL, takers, lambda one: one.done - one.done_without, "takers"),
        _share(block, name, PLACEBO, never, lambda one: one.done - one.done_without, "who never took it up"),
    ]
    did, both = (np.array([getattr(one, what) for one in takers], float) for what in ("done", "done_in_both"))
    rows.append(_ratio(block, name, DEADWEIGHT, "share", both, did, f"takers who {deed}"))
    money, without = (np.array([getattr(g, what) for g in groups], float) for what in ("money", "money_without"))
    if money.any():
        what = "other money of the takers"
        rows.append(_ratio(block, name, f"{what} that would also have come without", "share", without, money, what))
    return rows


def _share(block, name, quantity, deeds, count, who):
    pairs = np.array([one.pairs for one in deeds], float)
    return _ratio(block, name, quantity, "share", np.array([count(one) for one in deeds], float), pairs, who)


def _displacement(name, instrument, ours, theirs, first):
    """Change in the districts aimed at and in all others, of startups and jobs at the end and of entry over the
    window.
    """
    districts = instrument["districts"]
    everywhere = set(ours[0].districts["district"])
    if not districts or set(districts) == everywhere:
        return []
    rows = []
    for column, what, unit in (
        ("startups_alive", "startups alive", "firms"),
        ("startup_jobs", "jobs in startups", "jobs"),
        ("startups_founded", "startups founded", "firms"),
    ):
        change = np.array(
            [
                _by_district(one, column, first) - _by_district(other, column, first)
                for one, other in zip(ours, theirs, strict=True)
            ]
        )
        aimed = np.isin(_codes(ours[0]), districts)
        inside, outside = change[:, aimed].sum(axis=1), change[:, ~aimed].sum(axis=1)
        rows += [
            _mean("displacement", name, f"{what}: in {', '.join(districts)}", unit, inside),
            _mean("displacement", name, f"{what}: in all other districts", unit, outside),
            _ratio(
                "displacement",
                name,
                f"{what}: lost elsewhere per one gained",
                "share",
                -outside,
                inside,
                "change in the districts aimed at",
            ),
        ]
    return rows


def _codes(run):
    return run.districts["district"].drop_duplicates().to_numpy()


def _by_district(run, column, first):
    """A column of the districts at the end, or its sum over the window where it flows; in the order of `_codes`."""
    rows = run.districts[run.districts["quarter"] >= first]
    grouped = rows.groupby("district", sort=False)[column]
    return (grouped.sum() if column == "startups_founded" else grouped.last())[_codes(run)].to_numpy(float)


def _rivals(extra):
    """Whom the city has more, and who of them would otherwise be elsewhere in China."""
    here, china = extra["returnees"].to_numpy(), extra["returnees_china"].to_numpy()
    domestic, stayed, leavers = (
        extra[name].to_numpy() for name in ("domestic_arrivals", "graduates_stayed", "leavers")
    )
    return [
        _mean("rivals", "", "extra returnees", "persons", here),
        _ratio(
            "rivals",
            "",
            "extra returnees who would be elsewhere in China",
            "share",
            here - china,
            here,
            "extra returnees",
        ),
        _mean("rivals", "", "extra foreigners who come", "persons", extra["foreign_arrivals"].to_numpy()),
        _mean("rivals", "", "extra arrivals from elsewhere in China", "persons", domestic),
        _mean("rivals", "", "extra graduates who stay", "persons", stayed),
        _mean("rivals", "", "residents who leave, more", "persons", leavers),
        _mean("rivals", "", "drawn from rival cities", "persons", here - china + domestic + stayed - leavers),
    ]


def _each(extra, outcome, one, several):
    """What one more costs, where cost and number move together."""
    cost, more = extra["cost"].to_numpy(), extra[outcome].to_numpy()
    title = f"cost of one more {one}"
    if not cost.any():
        return _row("cost per", "", title, "yuan", intervals.NOTHING, len(cost), "what differs costs nothing")
    price, why = quotient(cost, more, f"extra {several}")
    if price.value < 0:
        price, why = intervals.NOTHING, f"cost and number move apart: {_around(more)} {several}"
    return _row("cost per", "", title, "yuan", price, len(cost), why)
