"""A comparison as a screen of text."""

import textwrap

from sim.observables import outcomes as outcomes_of
from sim.observables.outcomes import OUTCOMES, WINDOW, group_name
from sim.statistics import effects, intervals
from sim.verbs.comparison import reach
from sim.verbs.comparison.heterogeneity import DIMENSIONS, WHOLE
from sim.verbs.screen import BILLION, MILLION, WIDTH, arms_in_words, between, in_words, probability, short

PURSE = {
    "cost": "C: direct cost, spent and for administration less recovered",
    "tax": "T: extra tax",
    "net_cost": "C - T: net cost",
    "fiscal_return": "T / C: tax brought back per yuan of direct cost",
    "mvpf": "MVPF: what recipients would pay for C, per yuan of C - T",
}
LEVEL = 0.05  # of tests
LEFT_OUT = "left out, its parts cannot be told from zero"
TITLE = 38  # characters of a title that stands in the line of its numbers


def heading(about):
    """What is compared, in a line."""
    ours, theirs = arms_in_words(about)
    lead = "Effect" if about["named"] else "Effect of having it"
    return f"{lead}: {ours} against {theirs}; {about['runs']} pairs from seed {about['seed']}, " + (
        f"scale {about['scale']:g}, {about['first_quarter']} to {about['last_quarter']}"
    )


def screen(comparison):
    """All of a comparison, a part after the other."""
    about, districts = comparison.about, comparison.districts
    names = None if districts is None else dict(zip(districts["code"], districts["name"], strict=True))
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += changes(about)
    lines += equal_cost(about)
    if about.get("identical"):
        lines += textwrap.wrap(
            "BOTH ARMS ARE ONE AND THE SAME: no outcome, cost or tax differs in any pair, so what differs between them "
            "does nothing here.",
            WIDTH,
        )
    lines += [
        "",
        *outcomes(comparison.table, about),
        *reach.lines(comparison.table, about),
        *groups(comparison.by_group, about, names),
        *gainers(comparison.heterogeneity, about, names),
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


def changes(about):
    """What differs: key, value with, value without."""
    rows = [(row["key"], *(short_or_text(row[arm]) for arm in ("policy", "against"))) for row in about["changes"]]
    ours, theirs = arms_in_words(about)
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    head = f"What differs ({ours} | {theirs}):"
    return [head, *(f"  {key:{widths[0]}}  {one:{widths[1]}} | {other}" for key, one, other in rows)]


def short_or_text(value):
    """A setting on the screen."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def equal_cost(about):
    """How large programmes were made to cost the same, where that was asked."""
    lines = []
    for arm, sizes in about.get("equal_cost", {}).items():
        names = ", ".join(sizes["scaled"])
        asked, achieved, low, high = (
            short(sizes[key] and sizes[key] / BILLION) for key in ("asked_cny", "achieved_cny", "low", "high")
        )
        lines += textwrap.wrap(
            f"Equal cost: {names} ({arm}) made {sizes['factor']:.4g} times as large, which costs {achieved} bn yuan "
            f"{between(low, high)} over all seeds; asked {asked}.",
            WIDTH,
        )
    return lines


def outcomes(table, about):
    """Level without, effect, percent, interval, tests and power of every outcome."""
    lines = [f"{_head(about)}{'detects':>9}"]
    whence = {one["name"]: one["intended_by"] for one in about.get("own", ())}
    said = None
    for row in table.itertuples():
        if row.outcome in whence and whence[row.outcome] != said:
            said = whence[row.outcome]
            lines.append(f"What {said} is meant to move:" if said else "Asked for:")
        size, unit = in_words(row.unit)
        title = f"{'* ' if row.primary else ''}{row.title}, {unit} {'S' if row.over == WINDOW else 'E'}"
        numbers = f"{_numbers(row, row.difference_low, row.difference_high)}{short(row.detectable / size):>9}"
        lines += [f"{title:{TITLE}}{numbers}"] if len(title) <= TITLE else [title, f"{'':{TITLE}}{numbers}"]
    return [*lines, *tests(table, about)]


def _head(about):
    """What stands above `_numbers`."""
    level = "base" if about["named"] else "without"
    return f"{'':{TITLE}}{level:>9}{'effect':>10}{'percent':>9} {'95% interval':20}{'p':>6}{'q':>6}"


def _numbers(row, low, high):
    """Level without, effect, percent, interval, p and q of a row."""
    size, _ = in_words(row.unit)
    without, effect, low, high = (short(x / size) for x in (row.against, row.difference, low, high))
    percent = f"{row.percent:+.1f}%" if row.percent == row.percent else "-"
    p, q = (probability(x) for x in (row.p, row.q))
    return f"{without:>9}{effect:>10}{percent:>9} {between(low, high):20}{p:>6}{q:>6}"


def groups(rows, about, districts=None):
    """Outcomes of the user's own that are told by group."""
    lines = []
    for title, part in rows.groupby("title", sort=False):
        head = f"{title}, {in_words(part['unit'].iloc[0])[1]}"
        lines += ["", f"{head} {'S' if part['over'].iloc[0] == WINDOW else 'E'}"]
        lines.append(_head(about))
        for row in part.itertuples():
            name = f"  {group_name(row.dimension, row.group, districts)}"
            lines.append(f"{name:{TITLE}}{_numbers(row, row.low, row.high)}")
    return lines


def gainers(rows, about, districts=None):
    """Who gained: the effect on the outcome that was declared beforehand, or on jobs, by group, where there are pairs
    enough to tell.
    """
    if about["runs"] < intervals.FEWEST:
        return []
    counted, words = outcomes_of.counted(about["primary"])
    rows = rows[rows["outcome"] == counted]
    size, unit = in_words(rows["unit"].iloc[0])
    (whole,) = (row for row in rows[rows["dimension"] == WHOLE].itertuples())
    tested = rows.loc[rows["dimension"] != WHOLE, "p"].notna().sum()
    lead = f"Who gained: {words}, {unit}, {short(whole.difference / size)} in all; by group, * told from zero (q over "
    lines = ["", *textwrap.wrap(lead + f"these {tested} groups below {LEVEL:g})", WIDTH)]
    for dimension in DIMENSIONS:
        part = rows[rows["dimension"] == dimension]
        shown = part[part["q"] < LEVEL] if dimension == "district" else part
        cells = []
        for row in shown.reindex(shown["difference"].abs().sort_values(ascending=False).index).itertuples():
            star, name = "*" if row.q < LEVEL else "", group_name(dimension, row.group, districts)
            effect, *ends = (short(x / size) for x in (row.difference, row.low, row.high))
            cells.append(f"{star}{name} {effect}{f' {between(*ends)}' if ends[0] != '-' else ''}")
        if dimension == "district":
            cells.append(f"{len(part) - len(shown)} of {len(part)} not told from zero")
        lines += textwrap.wrap(f"  {dimension}: {'; '.join(cells)}", WIDTH, subsequent_indent="    ")
    return lines


def tests(table, about):
    """How the table of outcomes is to be read."""
    tested = table[table["p"].notna()]
    found = (tested["p"] < LEVEL).sum()
    primary = table.loc[table["primary"], "title"]
    declared = (
        f"*: the outcome declared beforehand, {primary.iloc[0]}."
        if len(primary)
        else ("No outcome was declared beforehand (primary=NAME), so no single row is a test of the policy.")
    )
    text = (
        f"S: summed over {about['first_quarter']} to {about['last_quarter']}; E: at the end. Differences are paired by "
        f"seed; intervals and p are Student's t. {declared} "
    )
    if about["runs"] < intervals.FEWEST:
        text += f"Fewer than {intervals.FEWEST} pairs give no interval. "
    elif len(tested) < len(table):
        text += "Where all pairs are the same there is nothing to test. "
    if len(tested):
        text += (
            f"{found} of {len(tested)} rows leave zero at 5%, {LEVEL * len(tested):.1f} would by chance alone; q: the "
            "rate of false discoveries at which a row leaves zero. detects: the effect found with 80% power."
        )
    return textwrap.wrap(text, WIDTH)


def tails(table):
    """Median and trimmed mean of what has heavy tails."""
    lines = [
        "Heavy tails (few deals carry the mean): median (sign test) and 20% trimmed mean (Yuen) of the differences"
    ]
    for row in table[table["median"].notna()].itertuples():
        numbers = (row.median, row.median_low, row.median_high, row.trimmed, row.trimmed_low, row.trimmed_high)
        median, low, high, trimmed, *ends = (short(x / BILLION) for x in numbers)
        lines.append(
            f"{f'{row.title}, bn yuan':38}{median:>9} {between(low, high):21}{trimmed:>9} {between(*ends):21}".rstrip()
        )
    return lines


def purse(rows, about):
    """What the treasury pays and gets back."""
    rows = rows.set_index("quantity")
    rate = f"{100 * about['discount_rate']:g}% per year"
    lines = [
        f"Public purse, bn yuan, discounted to {about['first_quarter']} at {rate}; recipients value a yuan at "
        f"{about['wtp']:g}"
    ]
    for name, title in PURSE.items():
        size = BILLION if rows.unit[name] == "yuan" else 1
        value, *ends = (short(x / size) for x in rows.loc[name, ["value", "low", "high"]])
        lines.append(f"{title:60}{value:>9} {between(*ends)}" if value != "-" else f"{title}: {LEFT_OUT}")
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
    """Whom the public yuan reaches first, and what each class then gets more."""
    title = "Public money, m yuan per pair, from the books"
    lines = [f"{title:46}{'first paid to':>14}{'share':>7}{'gets more':>11} 95% interval"]
    for row in rows.itertuples():
        first, more, low, high = (
            short(x / MILLION) for x in (row.first_mean_cny, row.receipts_cny, row.receipts_low, row.receipts_high)
        )
        share = f"{row.first_share:.2f}" if row.first_share == row.first_share else "-"
        name = row._1.replace("_", " ")  # the column `class`, whose name is a word of Python
        lines.append(f"{name:46}{first:>14}{share:>7}{more:>11} {between(low, high)}")
    lines += textwrap.wrap(
        "First paid to: exact. Gets more: net receipts of the class in the arm with it less those without, after all "
        "rounds of spending, other people's money included; not where a public yuan ends.",
        WIDTH,
    )
    return lines


def placebo(event_study, about):
    """Whether the arms are the same before anything that differs is foreseen."""
    size, outcome = effects.placebo(event_study)
    if not (event_study["phase"] == effects.BEFORE).any():
        return "Placebo: what differs is in force or announced from the first quarter, so there is no time before."
    foreseen_from = min(about["announced"] or about["first_quarter"], about["first_quarter"])
    if outcome is None:
        return f"Placebo: before {foreseen_from} no outcome differs in any quarter."
    return f"Placebo: before {foreseen_from} {outcome} DIFFERS by {size:g}: the arms are not what they should be."


def pilot(ours, theirs, runs, outcomes=OUTCOMES):
    """What `runs` pairs would detect, judged by the spread of the totals of a few pairs (two frames): text."""
    low, high = intervals.spread_factors(len(ours))
    lines = [
        f"The smallest effect that {runs} pairs would detect (80% power, two-sided 5%), "
        f"by a pilot of {len(ours)} pairs",
        f"{'':36}{'effect':>12}{'of level':>10}",
    ]
    for outcome in outcomes:
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
