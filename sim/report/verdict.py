"""What a comparison says, in at most three sentences: what happens, the strongest qualifiers, the price.

The case is the first that holds, and follows from the saved numbers alone. Whether a change is good is not judged.

    too few pairs     no interval can be given
    same              no pair differs
    too few takers    not told from zero, and fewer than ENOUGH_TAKERS take part in a run
    nothing, known    the range holds zero and lies within WORTH_HAVING of the level
    nothing           the range holds zero and is wider
    raises, lowers    the range leaves zero out
"""

import math
from typing import NamedTuple

from sim.report import knobs
from sim.statistics import intervals
from sim.verbs.comparison import ledger

JUDGED_BY = "startup_jobs"  # where no outcome was declared beforehand
MAIN = (
    *("startup_jobs", "startups_founded", "startups_funded_alive", "vc_private_cny", "exits", "returnees"),
    *("wage_cny", "home_rent_cny_m2", "tax_cny"),
)
AIMS = MAIN[:6]  # what programmes are for; one that moves the other way is said beside the verdict
WORTH_HAVING = 0.01  # of the level: a change that can only be smaller is practically none
ENOUGH_TAKERS = 30  # in a run
ANYWAY, DISPLACED, DEAR, ONE_PLACE = 0.5, 0.25, 3, 0.5  # shares, yearly wages
QUARTERS = 4  # of a year
MOST_QUALIFIERS = 2
MOST_NAMED = 4  # instruments together


class Level(NamedTuple):
    """What is compared, in words: what is asked about, and the level that percents are of."""

    it: str
    level: str


def told(low, high):
    """Whether an interval leaves zero out; one that is not there does not."""
    return bool(low > 0 or high < 0)


def subject(words, about):
    """The Level of a comparison, by what each arm has of its own; of a desk, by what was `changed` of history."""
    if about.get("changed"):
        it = _called(words, [_changed(words, *one) for one in about["changed"]])
        return Level(it[:1].upper() + it[1:], words("than_history"))
    by_arm = {"policy": [], "against": [], "both": []}
    for name, instrument in about["instruments"].items():
        by_arm[instrument["arm"]].append(words.name("policies", name))
    ours, theirs, both = (_called(words, names) for names in by_arm.values())
    if ours and theirs:
        return Level(words("in_place", a=ours, b=theirs), words("than_against", b=theirs))
    if ours:
        return Level(ours, words("than_without"))
    struck = shocks(about)
    if struck and not both:
        return Level(_called(words, [words.name("shocks", name) for name in struck]), words("than_not_struck"))
    (name, *others) = about["instruments"]
    numbers = None if others else knobs.of_instrument(about["changes"], name)
    it = knobs.changed(words, both, numbers) if numbers else words("other_settings", a=both or theirs)
    return Level(it, words("than_unchanged"))


def arms(words, about):
    """What the two arms are called: the one that has what is asked about, the other."""
    if about.get("changed"):
        return words("arm_changed"), words("arm_history")
    kinds = {instrument["arm"] for instrument in about["instruments"].values()}
    if "both" in kinds:
        return words("arm_changed"), words("arm_unchanged")
    return (words("arm_struck"), words("arm_spared")) if shocks(about) else (words("with"), words("without"))


def _changed(words, name, how, numbers=()):
    """What was changed, in words."""
    if how == "shock":
        return words.name("shocks", name)
    called = words.name("policies", name)
    return (
        words("preset_without", it=called)
        if how == "off"
        else called
        if how == "on"
        else knobs.changed(words, called, numbers)
    )


def shocks(about):
    """Names of the shocks that one arm has and the other has not, where nothing else differs."""
    keys = [one["key"].split(".") for one in about["changes"]]
    return [key[1] for key in keys] if all(key[0] == "shock" and len(key) == 2 for key in keys) else []


def _called(words, names):
    if len(names) > MOST_NAMED:
        return words("all_of_them", n=len(names))
    return words.lists(names) if names else ""


def judged(found):
    """The row of the outcome by which a comparison is judged: the one declared beforehand, else jobs."""
    name = found["about"]["primary"] or JUDGED_BY
    return found["comparison"].set_index("outcome", drop=False).loc[name]


def case(found):
    """Name of the sentence that the judged outcome calls for."""
    row = judged(found)
    low, high = row["difference_low"], row["difference_high"]
    if row["runs"] < intervals.FEWEST:
        return "too_few_pairs"
    if math.isnan(low):
        return "same"
    if told(low, high):
        return "raises" if row["difference"] > 0 else "lowers"
    if few_takers(found) is not None:
        return "too_few_takers"
    small = max(abs(low), abs(high)) <= WORTH_HAVING * abs(row["against"])
    return "nothing_known" if small else "nothing"


def few_takers(found):
    """How many take part in a run where they are on record and too few, else None."""
    counts = found["ledger"][found["ledger"]["quantity"].str.startswith("takers: ")]["value"]
    most = counts.max() * found["about"]["scale"] if len(counts) else math.inf
    return most if most < ENOUGH_TAKERS else None


def sentences(words, found):
    """The verdict as a list of sentences."""
    row, about, which = judged(found), found["about"], case(found)
    unit, outcome = row["unit"], words.within("outcomes", row["outcome"])
    it, level = subject(words, about)
    values = {
        "n": words.quantity(abs(row["difference"]), unit, 2),
        "p": words.percent(abs(row["percent"]), signed=False),
        "lo": words.quantity(row["difference_low"], unit, 2, signed=True),
        "hi": words.quantity(row["difference_high"], unit, 2, signed=True),
        "m": words.quantity(max(abs(row["difference_low"]), abs(row["difference_high"])), unit, 2),
        "k": words.number(few_takers(found) or 0.0, 2),
    }
    first = words(which, it=it, outcome=outcome, level=level, runs=row["runs"], fewest=intervals.FEWEST, **values)
    last = [] if shocks(about) else [price(words, found, row, which)]  # nobody buys a shock
    if which in ("too_few_pairs", "too_few_takers", "same"):
        return [first, *last]
    return [first, *qualifiers(words, found, row)[:MOST_QUALIFIERS], *last]


# ---------------------------------------------------------------- qualifiers


def qualifiers(words, found, row):
    """The sentences that change how the first one reads, the strongest first."""
    out = []
    sign = row["difference"] if told(row["difference_low"], row["difference_high"]) else 0
    for other in found["comparison"].itertuples():
        if sign and other.outcome in AIMS and other.q < 0.05 and other.difference * sign < 0:
            what = (
                words.within("outcomes", other.outcome)
                if words.language == "zh"
                else words.name("outcomes", other.outcome)
            )
            out.append(words("opposite", outcome=what, n=words.quantity(other.difference, other.unit, 2, signed=True)))
            break
    rows = found["ledger"]
    for lost in rows[rows["quantity"].str.contains("jobs in startups: lost elsewhere")].itertuples():
        if lost.value >= DISPLACED and lost.low > 0:
            out.append(words("displacement", d=words.number(10 * lost.value, 2)))
    for group in anyway(found):
        if group.share >= ANYWAY:
            out.append(words("anyway", who=words.phrase(group.who), a=words.number(round(10 * group.share), 2)))
            break
    if sign:
        out += _one_place(words, found, row)
    return out


class Anyway(NamedTuple):
    """Takers of a kind: of those who did it, which share would also have done so without."""

    policy: str
    who: str
    share: float


def anyway(found):
    """[Anyway] of the kinds of takers that can be measured: enough of them, and the placebo beside holds zero."""
    out, who, placebo = [], "", None
    for row in found["ledger"][found["ledger"]["block"] == "additionality"].itertuples():
        if row.quantity.startswith("takers: "):
            who, enough = row.quantity.removeprefix("takers: "), row.value * found["about"]["scale"] >= ENOUGH_TAKERS
        elif row.quantity == ledger.PLACEBO:
            placebo = row.low <= 0 <= row.high
        elif row.quantity == ledger.DEADWEIGHT and placebo and enough and not math.isnan(row.value):
            out.append(Anyway(row.policy, who, row.value))
    return out


def _one_place(words, found, row):
    """Where a district that is told has half of the whole change or more."""
    there = found["district_effects"]
    for part in there[there["quantity"] == row["outcome"]].itertuples():
        if told(part.low, part.high) and part.difference / row["difference"] >= ONE_PLACE:
            return [words("one_place", district=words.place(part.district))]
    return []


# ---------------------------------------------------------------- price


def purse(found):
    """The public purse by quantity."""
    return found["public_purse"].set_index("quantity")


def cost_of_one_more(words, found, outcome):
    """The row of the ledger, or None: what one more of an outcome costs, where it can be said."""
    entry = words.table["cost_of"].get(outcome)
    rows = found["ledger"]
    rows = rows[rows["quantity"] == f"cost of one more {entry['row']}"] if entry else rows[:0]
    return rows.iloc[0] if len(rows) and not math.isnan(rows.iloc[0]["value"]) else None


def price(words, found, row, which):
    """What it costs the treasury, in a sentence."""
    net, cost = (purse(found).loc[name] for name in ("net_cost", "cost"))
    if which == "raises" and net["high"] < 0:
        ends = {"lo": words.quantity(-net["high"], "yuan", 2), "hi": words.quantity(-net["low"], "yuan", 2)}
        return words("pays", n=words.quantity(-net["value"], "yuan", 2), **ends)
    each = cost_of_one_more(words, found, row["outcome"]) if which == "raises" else None
    if each is not None:
        one, c = words.name("cost_of", row["outcome"]), words.quantity(each["value"], "yuan", 2)
        wage = found["comparison"].set_index("outcome").loc["wage_cny", "against"] * QUARTERS
        if each["value"] > DEAR * wage:
            return words("costly", one=one, c=c, y=words.number(each["value"] / wage, 2))
        return words("costs_each", one=one, c=c)
    if told(cost["low"], cost["high"]):
        return words("costs" if cost["value"] > 0 else "saves", c=words.quantity(abs(cost["value"]), "yuan", 2))
    return words("costs_unknown")
