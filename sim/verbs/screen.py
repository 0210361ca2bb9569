"""A comparison as a screen of text, and the words and numbers that other screens share."""

import textwrap

from sim.observables.outcomes import OUTCOMES, WINDOW
from sim.statistics import effects, intervals

WIDTH, BILLION, MILLION = 106, 1e9, 1e6
PURSE = {
    "cost": "C: direct cost, spent and administration less recovered",
    "tax": "T: extra tax",
    "net_cost": "C - T: net cost",
    "fiscal_return": "T / C: tax brought back by a yuan of direct cost",
    "mcpf": "C / (C - T): direct cost paid for by a yuan of net cost",
}


def heading(about):
    """What is compared, in a line."""
    ours, theirs = (", ".join(about[arm]) or "no policy" for arm in ("policy", "against"))
    return f"{ours} against {theirs}, {about['runs']} pairs from seed {about['seed']}, scale {about['scale']:g}"


def summary(found):
    """The comparison as a screen of text."""
    about = found.about
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += textwrap.wrap(
        f"What differs: {', '.join(f'{name} from {start}' for name, start in about['differing'].items())}.", WIDTH
    )
    lines += scaled(about)
    lines += [
        f"S: summed over {about['first_quarter']} to {about['last_quarter']}; E: at the end. Differences are paired by seed; 95% t-intervals.",
        "",
    ]
    lines += table(found.table) + [
        "",
        *tails(found.table),
        "",
        *purse(found.public_purse, about),
        "",
        *ledger(found.ledger),
        "",
        *incidence(found.incidence),
    ]
    return "\n".join([*lines, "", placebo(found)])


def scaled(about):
    """How large programmes were made to cost the same, where that was asked."""
    said = []
    for arm, found in about.get("equal_cost", {}).items():
        names = ", ".join(found["scaled"])
        said += textwrap.wrap(
            f"Equal cost: {names} ({arm}) made {found['factor']:.4g} times as large, which costs {found['achieved_cny'] / BILLION:.4g} bn yuan "
            f"[{found['low'] / BILLION:.4g}, {found['high'] / BILLION:.4g}] over all seeds; asked {found['asked_cny'] / BILLION:.4g}.",
            WIDTH,
        )
    return said


def table(rows):
    """Level of both arms, difference, interval and power of every outcome."""
    lines = [
        f"{'':34}{'policy':>9}{'against':>9}{'difference':>11} {'95% interval':21}{'runs':>5}{'indep.':>8}{'detects':>9}"
    ]
    for row in rows.itertuples():
        size, unit = in_words(row.unit)
        numbers = (row.policy, row.against, row.difference, row.difference_low, row.difference_high, row.detectable)
        ours, theirs, difference, low, high, detects = (short(x / size) for x in numbers)
        title, needed = (
            f"{row.title}, {unit} {'S' if row.over == WINDOW else 'E'}",
            short(row.runs_independent) if not row.runs_independent > 1e6 else "> 1e6",
        )
        lines.append(
            f"{title:34}{ours:>9}{theirs:>9}{difference:>11} {between(low, high):21}{row.runs:>5}{needed:>8}{detects:>9}"
        )
    return [
        *lines,
        "indep.: runs an arm that independent seeds would need for this interval; detects: effect found with 80% power.",
    ]


def tails(rows):
    """Median and trimmed mean of what has heavy tails."""
    lines = [
        "Heavy tails (few deals carry the mean): median (sign test) and 20% trimmed mean (Yuen) of the differences"
    ]
    for row in rows[rows["median"].notna()].itertuples():
        numbers = (row.median, row.median_low, row.median_high, row.trimmed, row.trimmed_low, row.trimmed_high)
        median, low, high, trimmed, *ends = (short(x / BILLION) for x in numbers)
        lines.append(
            f"{f'{row.title}, bn yuan':34}{median:>9} {between(low, high):21}{trimmed:>9} {between(*ends):21}".rstrip()
        )
    return lines


def purse(rows, about):
    """What the treasury pays and gets back."""
    rows = rows.set_index("quantity")
    lines = [
        f"Public purse, bn yuan, discounted to {about['first_quarter']} at {100 * about['discount_rate']:g}% a year"
    ]
    for name, title in PURSE.items():
        size = BILLION if rows.unit[name] == "yuan" else 1
        value, *ends = (short(x / size) for x in rows.loc[name, ["value", "low", "high"]])
        lines.append(f"{title:60}{value:>9} {between(*ends)}")
    return lines


def ledger(rows):
    """Additionality; what is left out says why."""
    lines = ["Additionality ledger (interval at 95%; what cannot be told from zero carries no ratio)"]
    for row in rows.itertuples():
        size, unit = (MILLION, "m yuan") if row.block == "cost per" else in_words(row.unit)
        title = f"{row.policy + ': ' if row.policy else ''}{row.quantity}"
        if row.why:
            lines += textwrap.wrap(f"{title}: left out, {row.why}", WIDTH, subsequent_indent="    ")
            continue
        value, *ends = (short(x / size) for x in (row.value, row.low, row.high))
        text = f"{title}, {unit}"
        lines += textwrap.wrap(text, 74)[:-1] + [f"{textwrap.wrap(text, 74)[-1]:74}{value:>9} {between(*ends)}"]
    return lines


def incidence(rows):
    """Where the public yuan ends, class by class."""
    lines = [f"{'Where the public yuan ends, from the books':44}{'first paid to':>14}{'ends with':>11} 95% interval"]
    if rows["why"].any():
        return [lines[0], *textwrap.wrap(f"left out: {rows['why'].iloc[0]}", WIDTH)]
    for row in rows.itertuples():
        first, ends, low, high = (
            f"{x + 0.0:.3f}".replace("-0.000", "0.000") if x == x else "-"
            for x in (row.first_share, row.ends_share, row.ends_low, row.ends_high)
        )
        lines.append(f"{getattr(row, '_1').replace('_', ' '):44}{first:>14}{ends:>11} {between(low, high)}")
    return [*lines, f"{'sum':44}{rows['first_share'].sum():>14.3f}{rows['ends_share'].sum():>11.3f}"]


def placebo(found):
    """Whether the arms are the same before anything that differs is known of."""
    size, outcome = effects.placebo(found.event_study)
    before = found.event_study["phase"] == effects.BEFORE
    if not before.any():
        return "Placebo: what differs is in force or announced from the first quarter, so there is no time before."
    known = min(found.about["announced"] or found.about["first_quarter"], found.about["first_quarter"])
    return f"Placebo: before {known} " + (
        "no outcome differs in any quarter."
        if outcome is None
        else f"{outcome} DIFFERS by {size:g}: the arms are not what they should be."
    )


def pilot(ours, theirs, runs):
    """What `runs` pairs would detect, judged by the spread of the totals of a few pairs (two frames): text."""
    low, high = intervals.spread_factors(len(ours))
    lines = [
        f"The smallest effect that {runs} pairs would detect (80% power, two-sided 5%), by a pilot of {len(ours)} pairs",
        f"{'':36}{'effect':>12}{'of level':>10}",
    ]
    for item in OUTCOMES:
        found = intervals.detectable((ours[item.name] - theirs[item.name]).dropna().to_numpy(), runs)
        size, unit = in_words(item.unit)
        level = abs(theirs[item.name].mean())
        lines.append(
            f"{f'{item.title}, {unit}':36}{short(found / size):>12}{f'{short(100 * found / level)}%' if level else '-':>10}"
        )
    return "\n".join(
        [
            *lines,
            f"The spread of {len(ours)} pairs is a guess: the true one is {low:.2g} to {high:.2g} times as large (95%), and with it these effects.",
        ]
    )


# ---------------------------------------------------------------- words and numbers


def in_words(unit):
    """(by what a number is divided, its unit on the screen)."""
    return (BILLION, "bn yuan") if unit == "yuan" else (1, unit)


def short(value):
    """A number in few digits, a dash for none."""
    if value != value:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def between(low, high):
    """An interval from two short numbers."""
    return f"[{low}, {high}]" if "-" not in (low, high) else "-"


def interval(low, high):
    """An interval of numbers, a dash where there is none."""
    return between(short(low), short(high))
