"""The evidence as a screen of text."""

from textwrap import wrap

import numpy as np

from sim.verbs.designs import verdict
from sim.verbs.screen import WIDTH, short


def screen(result):
    """The evidence as text."""
    about, rows = result.about, result.judged
    span = f"{about['first_quarter']} to {about['last_quarter']}"
    lines = [
        "Causal evidence, re-run by the estimators of the papers",
        f"{about['runs']} seeds at scale {about['scale']:g} for firms, {about['cities']} cities at "
        f"{about['city_scale']:g}, from seed {about['seed']}, {span}. In brackets 95%.",
        "",
        f"{'':5}{'':39}{'paper':>6} {'band':>10}  {'by its estimator':<24}{'truth':>7}  power",
    ]
    for row in rows.itertuples():
        band = f"{short(row.band_low)} to {short(row.band_high)}"
        ends = f" ({_end(row.low)} to {_end(row.high)})" if np.isfinite(row.high - row.low) else ""
        power = f"{row.power:.0%}" if row.power == row.power else "-"
        lines.append(
            f"{row.id:5}{row.title:39}{short(row.paper):>6} {band:>10}  {_end(row.estimate) + ends:<24}"
            f"{_end(row.truth):>7}{power:>7}"
        )
        said = f"{row.verdict}{f', {row.reason}' if row.reason else ''}"
        lines += [f"     {part}" for part in _wrapped(said)]
    lines += _findings(result)
    passed = result.checks["passes"]
    own = ", ".join(rows.loc[rows["set_with"], "id"])
    lines += [
        "",
        f"{result.headline}. Placebos: {(passed == 'yes').sum()} of {passed.isin(['yes', 'no']).sum()} pass.",
        f"Set with these papers in hand: {own}. The others were not.",
    ]
    return "\n".join(lines)


def _findings(result):
    """Estimators beside the main one that agree with the paper where the truth does not, or the other way."""
    beside = result.table[(result.table["part"] != "") & (result.table["reads"] != result.table["truth_reads"])]
    beside = beside[(beside["reads"] != verdict.UNTOLD) & (beside["truth_reads"] != verdict.UNTOLD)]
    lines = ["", "Beside them, estimators that say one thing where the truth on the same sample is another:"]
    for row in beside.itertuples():
        lines += _wrapped(
            f"{row.id} {row.part}: {_end(row.estimate)} ({row.reads}), truth {_end(row.truth)} ({row.truth_reads})"
        )
    return lines if len(lines) > 2 else []


def _wrapped(text):
    return wrap(text, WIDTH - 8)


def _end(value):
    """A number in few digits; a dash for what has no bounds."""
    return short(value) if np.isfinite(value) else "-"
