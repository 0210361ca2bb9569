"""A comparison as a screen of text."""

import textwrap

from sim.observables.outcomes import OUTCOMES, WINDOW
from sim.statistics import effects, intervals
from sim.verbs.screen import BILLION, MILLION, WIDTH, arms_in_words, between, in_words, short

PURSE = {
    "cost": "C: direct cost, spent and administration less recovered",
    "tax": "T: extra tax",
    "net_cost": "C - T: net cost",
    "fiscal_return": "T / C: tax brought back by a yuan of direct cost",
    "mcpf": "C / (C - T): direct cost paid for by a yuan of net cost",
}


def heading(about):
    """What is compared, in a line."""
    ours, theirs = arms_in_words(about)
    return f"{ours} against {theirs}, {about['runs']} pairs from seed {about['seed']}, scale {about['scale']:g}"


def screen(comparison):
    """All of a comparison, a part after the other."""
    about = comparison.about
    differing = ", ".join(f"{name} from {start}" for name, start in about["differing"].items())
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += textwrap.wrap(f"What differs: {differing}.", WIDTH)
    lines += equal_cost(about)
    if about.get("identical"):
        lines += textwrap.wrap(
            "BOTH ARMS ARE ONE AND THE SAME: no outcome, cost or tax differs in any pair, so what differs between them "
            "does nothing here.",
            WIDTH,
        )
    lines += [
        f"S: summed over {about['first_quarter']} to {about['last_quarter']}; E: at the end. "
        "Differences are paired by seed; 95% t-intervals.",
        "",
        *outcomes(comparison.table),
        "",
        *tails(comparison.table),
        "",
        *purse(comparison.public_purse, about),
        "",
        *ledger(comparison.ledger),
        "",
        *incidence(comparison.incidence),
        "",
        placebo(comparison.event_study, about),
    ]
    return "\n".join(lines)


def equal_cost(about):
    """How large programmes were made to cost the same, where that was asked."""
    lines = []
    for arm, sizes in about.get("equal_cost", {}).items():
        names = ", ".join(sizes["scaled"])
        asked, achieved, low, high = (
            f"{sizes[key] / BILLION:.4g}" for key in ("asked_cny", "achieved_cny", "low", "high")
        )
        lines += textwrap.wrap(
            f"Equal cost: {names} ({arm}) made {sizes['factor']:.4g} times as large, which costs {achieved} bn yuan "
            f"[{low}, {high}] over all seeds; asked {asked}.",
            WIDTH,
        )
    return lines


def outcomes(table):
    """Level of both arms, difference, interval and power of every outcome."""
    lines = [
        f"{'':34}{'policy':>9}{'against':>9}{'difference':>11} {'95% interval':21}"
        f"{'runs':>5}{'indep.':>8}{'detects':>9}"
    ]
    for row in table.itertuples():
        size, unit = in_words(row.unit)
        numbers = (row.policy, row.against, row.difference, row.difference_low, row.difference_high, row.detectable)
        ours, theirs, difference, low, high, detects = (short(x / size) for x in numbers)
        title = f"{row.title}, {unit} {'S' if row.over == WINDOW else 'E'}"
        needed = short(row.runs_independent) if not row.runs_independent > 1e6 else "> 1e6"
        levels = f"{ours:>9}{theirs:>9}"
        effect = f"{difference:>11} {between(low, high):21}"
        lines.append(f"{title:34}{levels}{effect}{row.runs:>5}{needed:>8}{detects:>9}")
    lines.append(
        "indep.: runs an arm that independent seeds would need for this interval; detects: effect found with 80% power."
    )
    return lines


def tails(table):
    """Median and trimmed mean of what has heavy tails."""
    lines = [
        "Heavy tails (few deals carry the mean): median (sign test) and 20% trimmed mean (Yuen) of the differences"
    ]
    for row in table[table["median"].notna()].itertuples():
        numbers = (row.median, row.median_low, row.median_high, row.trimmed, row.trimmed_low, row.trimmed_high)
        median, low, high, trimmed, *ends = (short(x / BILLION) for x in numbers)
        lines.append(
            f"{f'{row.title}, bn yuan':34}{median:>9} {between(low, high):21}{trimmed:>9} {between(*ends):21}".rstrip()
        )
    return lines


def purse(rows, about):
    """What the treasury pays and gets back."""
    rows = rows.set_index("quantity")
    rate = f"{100 * about['discount_rate']:g}% a year"
    lines = [f"Public purse, bn yuan, discounted to {about['first_quarter']} at {rate}"]
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
        *first, last = textwrap.wrap(f"{title}, {unit}", 74)
        lines += [*first, f"{last:74}{value:>9} {between(*ends)}"]
    return lines


def incidence(rows):
    """Where the public yuan ends, class by class."""
    heads = f"{'Where the public yuan ends, from the books':44}{'first paid to':>14}{'ends with':>11} 95% interval"
    if rows["why"].any():
        return [heads, *textwrap.wrap(f"left out: {rows['why'].iloc[0]}", WIDTH)]
    lines = [heads]
    for row in rows.itertuples():
        first, ends, low, high = (
            f"{x + 0.0:.3f}".replace("-0.000", "0.000") if x == x else "-"
            for x in (row.first_share, row.ends_share, row.ends_low, row.ends_high)
        )
        name = row._1.replace("_", " ")  # the column `class`, whose name is a word of Python
        lines.append(f"{name:44}{first:>14}{ends:>11} {between(low, high)}")
    return [*lines, f"{'sum':44}{rows['first_share'].sum():>14.3f}{rows['ends_share'].sum():>11.3f}"]


def placebo(event_study, about):
    """Whether the arms are the same before anything that differs is foreseen."""
    size, outcome = effects.placebo(event_study)
    if not (event_study["phase"] == effects.BEFORE).any():
        return "Placebo: what differs is in force or announced from the first quarter, so there is no time before."
    foreseen_from = min(about["announced"] or about["first_quarter"], about["first_quarter"])
    if outcome is None:
        return f"Placebo: before {foreseen_from} no outcome differs in any quarter."
    return f"Placebo: before {foreseen_from} {outcome} DIFFERS by {size:g}: the arms are not what they should be."


def pilot(ours, theirs, runs):
    """What `runs` pairs would detect, judged by the spread of the totals of a few pairs (two frames): text."""
    low, high = intervals.spread_factors(len(ours))
    lines = [
        f"The smallest effect that {runs} pairs would detect (80% power, two-sided 5%), "
        f"by a pilot of {len(ours)} pairs",
        f"{'':36}{'effect':>12}{'of level':>10}",
    ]
    for outcome in OUTCOMES:
        differences = (ours[outcome.name] - theirs[outcome.name]).dropna().to_numpy()
        effect = intervals.detectable(differences, runs)
        size, unit = in_words(outcome.unit)
        level = abs(theirs[outcome.name].mean())
        share = f"{short(100 * effect / level)}%" if level else "-"
        lines.append(f"{f'{outcome.title}, {unit}':36}{short(effect / size):>12}{share:>10}")
    lines.append(
        f"The spread of {len(ours)} pairs is a guess: the true one is {low:.2g} to {high:.2g} times as large (95%), "
        "and with it these effects."
    )
    return "\n".join(lines)
