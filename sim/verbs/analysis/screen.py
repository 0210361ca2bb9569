"""A sweep's analysis as a screen of text."""

import textwrap

import numpy as np

from sim.verbs.screen import WIDTH, in_words, interval, probability, short

LEVEL = 0.05


def screen(analysis):
    """The analysis as text."""
    about = analysis.about
    lines = textwrap.wrap(f"{about['question']}; {about['runs_done']} of {about['runs_planned']} runs done", WIDTH)
    lines += _of_arms(analysis.arms, about)
    for name in about["judged"]:
        lines += _of_outcome(analysis, name)
    for target, part in analysis.box.groupby("target", sort=False):
        lines += ["", *_of_box(target, part)]
    if about["left_out"]:
        lines += ["", "Left out:"]
        for text in about["left_out"]:
            lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join([*lines, "", f"in {about.get('folder', '')}"])


def _of_arms(rows, about):
    lines = []
    for arm, part in rows.groupby("arm", sort=False):
        lines += ["", f"{arm} less {about['arms'][0]}"]
        lines.append(f"{'':44}{'level':>10}{'effect':>10}{'percent':>9} {'95% interval':20}{'p':>7}{'q':>7}")
        for row in part.itertuples():
            size, unit = in_words(row.unit)
            level, effect = (short(x / size) for x in (row.level, row.effect))
            percent = f"{row.percent:+.1f}%" if row.percent == row.percent else "-"
            ends = interval(row.low / size, row.high / size)
            title = f"{'* ' if row.primary else ''}{row.title}, {unit}"
            p, q = probability(row.p), probability(row.q)
            shown = f"{level:>10}{effect:>10}{percent:>9} {ends:20}{p:>7}{q:>7}"
            lines += [f"{title:44}{shown}"] if len(title) <= 44 else [title, f"{'':44}{shown}"]
        found, tested = (part["p"] < LEVEL).sum(), part["p"].notna().sum()
        if tested:
            lines.append(f"{found} of {tested} rows leave zero at 5%, {LEVEL * tested:.1f} would by chance alone.")
    return lines


def _of_outcome(analysis, name):
    """Tornado, worth of the surface and indices of an outcome."""
    lines = []
    for target, part in analysis.tornado[analysis.tornado["outcome"] == name].groupby("target", sort=False):
        size, unit = in_words(part["unit"].iloc[0])
        explained = part["explained"].iloc[0]
        lines += ["", f"{part['title'].iloc[0]}, {unit}: {target}, over {part['points'].iloc[0]} points"]
        of = analysis.response
        worth = of[(of["target"] == target) & (of["outcome"] == name)]["explained"]
        said = f"  A straight line in all factors explains {_share(explained)} of the variance over points"
        if len(worth):
            said += f", the response surface {_share(worth.iloc[0])} of that in points left out"
        lines += textwrap.wrap(said + ".", WIDTH, subsequent_indent="  ")
        indices = analysis.indices
        indices = indices[(indices["target"] == target) & (indices["outcome"] == name)].set_index("factor")
        method = indices["method"].iloc[0] if len(indices) else ""
        heads = {"Sobol": "total share", "Morris": "mean |effect|", "delta": "delta"}
        lines.append(
            f"  {'factor':44}{'lowest':>9}{'highest':>9}{'change':>10} {'95% interval':21}"
            f"{heads.get(method, ''):>14}".rstrip()
        )
        for row in part.reindex(part["change"].abs().sort_values(ascending=False).index).itertuples():
            change, ends = short(row.change / size), interval(row.low / size, row.high / size)
            index = ""
            if row.factor in indices.index:
                one = indices.loc[row.factor]
                by = size if method == "Morris" else 1
                index = f"{short(one['total'] / by)} ±{short(one['total_within'] / by)}"
            label = row.factor.removeprefix("mechanism.").removeprefix("policy.")
            ends_of = f"{short(row.lowest):>9}{short(row.highest):>9}"
            lines.append(f"  {label:44}{ends_of}{change:>10} {ends:21}{index:>14}".rstrip())
    return lines


def _share(x):
    return f"{100 * x:.0f}%" if x == x and x > 0 else "none"


def _of_box(target, part):
    row = part.iloc[0]
    limits = []
    for one in part.itertuples():
        ends = [f"from {short(one.low)}" if np.isfinite(one.low) else ""]
        ends += [f"to {short(one.high)}" if np.isfinite(one.high) else ""]
        limits.append(f"{one.factor} {' '.join(filter(None, ends))}")
    return textwrap.wrap(
        f"{target} fails ({row['outcome']}) where {' and '.join(limits)}: {_share(row['density'])} of the points there "
        f"fail, {_share(row['coverage'])} of all failures lie there, {_share(row['share'])} of all points fail; "
        f"permutation test p = {row['p']:.2g}.",
        WIDTH,
    )
