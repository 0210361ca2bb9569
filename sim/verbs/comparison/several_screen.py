"""Several arms as a screen of text: a column per arm."""

import textwrap

from sim.observables.outcomes import WINDOW, group_name
from sim.runs.questions import several
from sim.statistics import intervals
from sim.verbs.comparison import reach
from sim.verbs.comparison.screen import LEVEL, short_or_text
from sim.verbs.measures import COST
from sim.verbs.screen import BILLION, WIDTH, in_words, interval, probability, short

GAP = 2  # between columns


def heading(about):
    """What is compared, in a line."""
    base, *others = about["arms"]
    lead = f"Dose of {about['dose']['knob']}" if "dose" in about else "Effects"
    return (
        f"{lead}: {', '.join(others)}, each less {base}; {about['runs']} pairs from seed {about['seed']}, "
        f"scale {about['scale']:g}, {about['first_quarter']} to {about['last_quarter']}"
    )


def title(about):
    """What is asked, in a few words."""
    base, *others = about["arms"]
    return f"dose of {about['dose']['knob']}" if "dose" in about else f"{several(others, 'arms')} against {base}"


def screen(result):
    """All of several arms, a part after the other."""
    about = result.about
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += _changes(about)
    lines += ["", *_effects(result.table, about), *textwrap.wrap(_reading(result.table, about), WIDTH)]
    lines += reach.lines(result.table, about)
    lines += [line for same in _nothing(result.runs, about) for line in textwrap.wrap(same, WIDTH)]
    lines += _groups(result.by_group, about)
    if "dose" in about:
        lines += ["", *_marginal(result.dose, about)]
    lines += ["", *_pairwise(result.pairwise, about)]
    if about["interactions"]:
        lines += ["", *_interactions(result.interactions, about)]
    lines += ["", *textwrap.wrap(_one_arm(about), WIDTH)]
    return "\n".join(lines)


def _changes(about):
    """What each arm has other than the first: key, value there | value in the first."""
    base = next(iter(about["arms"]))
    if "dose" in about:
        unit = about["dose"]["unit"]
        return [f"{base}: the policy is not there. Values{' in ' if unit else ''}{unit}."]
    rows = [
        (name, row["key"], *(short_or_text(row[side]) for side in ("arm", "base")))
        for name, changes in about["arms"].items()
        for row in changes
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [f"  {name:{widths[0]}}  {key:{widths[1]}}  {one:{widths[2]}} | {other}" for name, key, one, other in rows]
    return [f"What differs (arm | {base}):", *lines]


def _effects(table, about):
    """Level of the first arm, and the effect of each other with its interval."""
    base, *others = about["arms"]
    by_arm = {name: rows.set_index("outcome") for name, rows in table.groupby("arm", sort=False)}
    titles, levels, cells = [], [], []
    for row in by_arm[base].itertuples():
        size, unit = in_words(row.unit)
        titles.append(f"{'* ' if row.primary else ''}{row.title}, {unit} {'S' if row.over == WINDOW else 'E'}")
        levels.append(short(row.level / size))
        effects = [by_arm[name].loc[row.Index] for name in others]
        cells.append([(short(one.effect / size), _between(one, size)) for one in effects])
    return _grid(titles, (base, levels), others, cells)


def _between(row, size, low="low", high="high"):
    """The interval of a row, nothing where it has none."""
    ends = interval(row[low] / size, row[high] / size)
    return "" if ends == "-" else ends


def _grid(titles, first, names, cells):
    """Lines: a title, the column `first` (its name, its cells) and a column per name, of (number, interval); intervals
    stand beside their numbers where all columns find room, else below them, and columns that find none go on further
    down.
    """
    name, levels = first
    left, lead = max(map(len, titles)), max(len(name), *map(len, levels)) + GAP
    room = WIDTH - left - lead
    beside = [[f"{number} {ends}".rstrip() for number, ends in row] for row in cells]
    widths = _widths(names, beside)
    together = sum(widths) <= room
    if not together:
        widths = _widths(names, [[max(cell, key=len) for cell in row] for row in cells])
    lines = []
    for columns in _blocks(widths, room):

        def line(title, level, texts, columns=columns):
            shown = "".join(f"{texts[i]:>{widths[i]}}" for i in columns)
            return f"{title:{left}}{level:>{lead}}{shown}".rstrip()

        lines += ["", line("", name, names)] if lines else [line("", name, names)]
        for title, level, row, whole in zip(titles, levels, cells, beside, strict=True):
            lines.append(line(title, level, whole if together else [number for number, _ in row]))
            if not together and any(row[i][1] for i in columns):
                lines.append(line("", "", [ends for _, ends in row]))
    return lines


def _widths(names, cells):
    return [max(len(name), *(len(row[i]) for row in cells)) + GAP for i, name in enumerate(names)]


def _blocks(widths, room):
    """Numbers of the columns in blocks that find room, one at least in each."""
    blocks, used = [], room + 1
    for i, width in enumerate(widths):
        if used + width > room:
            blocks.append([])
            used = 0
        blocks[-1].append(i)
        used += width
    return blocks


def _reading(table, about):
    """How the table of effects is to be read."""
    tested = table[table["p"].notna()]
    primary = table.loc[table["primary"], "title"]
    text = (
        f"S: summed over {about['first_quarter']} to {about['last_quarter']}; E: at the end. Differences are paired by "
        "seed, intervals are Student's t at 95%. "
    )
    text += (
        f"*: the outcome declared beforehand, {primary.iloc[0]}. "
        if len(primary)
        else "No outcome was declared beforehand (primary=NAME), so no single number is a test. "
    )
    if about["runs"] < intervals.FEWEST:
        text += f"Fewer than {intervals.FEWEST} pairs give no interval. "
    if len(tested):
        found = (tested["p"] < LEVEL).sum()
        text += f"{found} of {len(tested)} effects leave zero at 5%, {LEVEL * len(tested):.1f} would by chance alone."
    return text


def _nothing(runs, about):
    """Arms in which no run is another than in the first, as sentences."""
    by_arm = {
        name: rows.drop(columns=["arm", "fingerprint"]).reset_index(drop=True)
        for name, rows in runs.groupby("arm", sort=False)
    }
    base, *others = about["arms"]
    same = [name for name in others if by_arm[name].equals(by_arm[base])]
    return [
        f"{name} and {base} ARE ONE AND THE SAME: no outcome or cost differs in any pair, so what differs does nothing."
        for name in same
    ]


def _marginal(dose, about):
    """What more money brings, from a value of the knob to the next."""
    values = list(about["dose"]["values"])
    rows = {value: part.set_index("outcome") for value, part in dose.groupby("value", sort=False)}
    titles, cells, first = [], [], next(iter(rows.values()))
    for row in first[first.index != COST.name].itertuples():
        size = 1 if row.unit == "yuan" else 1 / BILLION
        unit = "yuan per yuan" if row.unit == "yuan" else f"{row.unit} per bn yuan"
        titles.append(f"{row.title}, {unit}")
        of = [part.loc[row.Index] for part in rows.values()]
        cells.append([(short(x.marginal / size), _between(x, size, "marginal_low", "marginal_high")) for x in of])
    steps = [f"to {value}" for value in values]
    title = f"What more public cost brings from a value of {about['dose']['knob']} to the next (Fieller's intervals)"
    return [*textwrap.wrap(title, WIDTH), *_grid(titles, ("", [""] * len(titles)), steps, cells)]


def _groups(by_group, about):
    """Outcomes of the user's own that are told by group, a column an arm."""
    lines, others = [], list(about["arms"])[1:]
    for title, part in by_group.groupby("title", sort=False):
        size, unit = in_words(part["unit"].iloc[0])
        by_name = {name: rows.set_index("group") for name, rows in part.groupby("arm", sort=False)}
        names = list(dict.fromkeys(part["group"]))
        by = part["dimension"].iloc[0]
        titles = [f"  {group_name(by, name, about['districts'])}" for name in names]
        levels = [short(part[part["group"] == name]["against"].iloc[0] / size) for name in names]
        cells = []
        for name in names:
            of = [by_name[arm].loc[name] if name in by_name[arm].index else None for arm in others]
            cells.append([("-", "") if x is None else (short(x.difference / size), _between(x, size)) for x in of])
        lines += ["", f"{title}, {unit}", *_grid(titles, (next(iter(about["arms"])), levels), others, cells)]
    return lines


def _pairwise(pairwise, about):
    """Every arm against every other, for the primary outcome."""
    if about["primary"] is None:
        return ["Every arm against every other: pairwise.csv; primary=NAME shows an outcome of it here."]
    rows = pairwise[pairwise["outcome"] == about["primary"]]
    size, unit = in_words(rows["unit"].iloc[0])
    width = max(len(f"{row.arm} less {row.other}") for row in rows.itertuples())
    lines = [f"Every arm against every other: {rows['title'].iloc[0]}, {unit}"]
    lines.append(f"  {'':{width}}{'effect':>10} {'95% interval':22}{'p':>7}{'q':>7}")
    for row in rows.itertuples():
        p, q = (probability(x) for x in (row.p, row.q))
        ends = interval(row.low / size, row.high / size)
        lines.append(f"  {f'{row.arm} less {row.other}':{width}}{short(row.effect / size):>10} {ends:22}{p:>7}{q:>7}")
    return [*lines, "q: the rate of false discoveries over these pairs at which one leaves zero."]


def _interactions(interactions, about):
    """Whether one thing does more or less where another is there too: difference in differences."""
    told = interactions[interactions["p"] < LEVEL]
    chosen = interactions[interactions["outcome"] == about["primary"]]
    rows = chosen if len(chosen) else told
    lines = ["Does one do more where the other is there too? Difference in differences, 95% intervals"]
    for row in rows.itertuples():
        size, unit = in_words(row.unit)
        alone, together, more = (short(x / size) for x in (row.alone, row.together, row.effect))
        text = (
            f"{row.title}, {unit}: {row.one} brings {alone} alone and {together} with {row.other} (arm {row.both}); "
            f"difference {more} {interval(row.low / size, row.high / size)}."
        )
        lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    tested = interactions["p"].notna().sum()
    if tested:
        lines.append(
            f"{len(told)} of {tested} differences in interactions.csv leave zero at 5%, {LEVEL * tested:.1f} would by "
            "chance alone."
        )
    return lines


def _one_arm(about):
    """How all that is known of one arm is had."""
    base, *others = about["arms"]
    if "dose" in about:
        return (
            "Ledger, incidence and event study of one value: the same command with "
            f"'arms={{{base}:{{without:[{about['dose']['knob'].split('.')[1]}]}},dose:{{{about['dose']['knob']}:"
            f"{others[0]}}}}}' in place of knob and values; its runs are kept."
        )
    return (
        f"Ledger, incidence and event study of one arm: the same command with {base} and that arm alone in arms; its "
        "runs are kept."
    )
