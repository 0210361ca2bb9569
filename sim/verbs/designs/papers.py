"""The rows E01 to E07 of the evidence, each from a panel by the estimator of its paper, with the truth beside it.

The first row of an anchor is the one it is judged by, written down before it was computed; those beside it are other
outcomes, windows, controls or estimators of the same design.
"""

import math
from typing import NamedTuple

from sim.statistics import discontinuity, fixed_effects, intervals
from sim.statistics.intervals import Estimate
from sim.verbs.designs import cities, cutoff, entry, sectors

NORMAL = intervals.t_quantile(10**6)
QUARTER = f"the quarter of the decision and the {cutoff.WINDOW} after it"
LATER = f"the {cutoff.WINDOW} quarters after it"
NEUTRAL = {"E03a": 1.0}  # what no effect is, where that is not 0
SET_WITH = ("E01a", "E02a", "E03a", "E06a", "E06b")  # rows that parameters of the model have as their source


class Row(NamedTuple):
    """An estimate with its truth; `part` is empty in the row by which the anchor is judged."""

    id: str
    part: str
    design: str
    estimate: Estimate
    error: float
    truth: Estimate
    truth_error: float
    n: int
    window: str = ""
    bandwidth: float = math.nan


class Check(NamedTuple):
    """What should not be there, or must be known, of a design: an Estimate, and whether it passes (None: it tells)."""

    design: str
    check: str
    value: float
    low: float = math.nan
    high: float = math.nan
    passes: bool | None = None


def around(value, error):
    """An Estimate from a standard error by the normal law."""
    return Estimate(value, value - NORMAL * error, value + NORMAL * error)


# ---------------------------------------------------------------- cut-offs


def grants(panel):
    """E03a: the ratio of the chances of later venture capital, winners over just-losers."""
    reading = cutoff.read(panel, "raises_fund")
    main = _ratio("E03a", "", reading, QUARTER)
    left = reading.jump.left
    ranks = reading.by_rank.times(1 / left) if left > 0 else fixed_effects.NO_EFFECT
    truth = main.truth, main.truth_error
    by_rank = Estimate(*(1 + x for x in ranks.estimate))
    means = Estimate(*(1 + x / left if left > 0 else math.nan for x in reading.means))
    half = (means.high - means.low) / (2 * NORMAL)
    return [
        main,
        Row("E03a", "ranks 1 to 3", "competition effects", by_rank, ranks.error, *truth, ranks.n, QUARTER),
        _ratio("E03a", "any outside equity", cutoff.read(panel, "raises_any"), QUARTER),
        _ratio("E03a", "window opens a quarter later", cutoff.read(panel, "raises_later"), LATER),
        Row("E03a", "difference of means", "the wrong one", means, half, *truth, main.n, QUARTER, main.bandwidth),
    ]


def second_grants(panel):
    """E03b: the jump in the chance of later venture capital, points."""
    return [_points("E03b", "", panel, "raises_fund"), _points("E03b", "any outside equity", panel, "raises_any")]


def desks(panel):
    """E06a: what a desk and cash do to the chance of raising, points."""
    return [_points("E06a", "", panel, "raises_any"), _points("E06a", "from a fund", panel, "raises_fund")]


def schooling(panel, without):
    """E06b: the ratio of the jumps with schooling and without it (`without`, its panel), percent."""
    return [
        _ratio_of_ratios("E06b", part, panel, without, outcome)
        for part, outcome in (("", "raises_any"), ("from a fund", "raises_fund"))
    ]


def _points(anchor, part, panel, outcome):
    read = cutoff.read(panel, outcome)
    jump = Estimate(*(100 * x for x in read.jump.estimate))
    truth = Estimate(*(100 * x for x in read.truth))
    n = read.jump.n_left + read.jump.n_right
    errors = 100 * read.jump.error, 100 * read.truth_error
    return Row(anchor, part, "local linear", jump, errors[0], truth, errors[1], n, QUARTER, read.jump.bandwidth)


def _ratio(anchor, part, read, window):
    estimate, error = discontinuity.ratio(read.jump)
    truth, truth_error = _true_ratio(read)
    n = read.jump.n_left + read.jump.n_right
    return Row(anchor, part, "local linear", estimate, error, truth, truth_error, n, window, read.jump.bandwidth)


def _true_ratio(read):
    """What is true of the admitted, over the level of their twins."""
    if not read.twin_level > 0:
        return intervals.NOTHING, math.nan
    return Estimate(*(1 + x / read.twin_level for x in read.truth)), read.truth_error / read.twin_level


def _ratio_of_ratios(anchor, part, panel, without, outcome):
    reads = [cutoff.read(each, outcome) for each in (panel, without)]
    ours, theirs = (discontinuity.ratio(read.jump) for read in reads)
    true, other = map(_true_ratio, reads)
    estimate, truth = (
        _over(one[0].value, one[1], two[0].value, two[1]) for one, two in ((ours, theirs), (true, other))
    )
    n = sum(read.jump.n_left + read.jump.n_right for read in reads)
    width = reads[0].jump.bandwidth
    return Row(
        anchor, part, "two cut-offs", around(*estimate), estimate[1], around(*truth), truth[1], n, QUARTER, width
    )


def _over(above, above_error, below, below_error):
    """(100 x (above / below - 1), its standard error by the delta method)."""
    if not below > 0 or not above > 0:
        return math.nan, math.nan
    value = above / below
    return 100 * (value - 1), 100 * value * math.hypot(above_error / above, below_error / below)


def checks_of_cutoff(name, panel, outcome):
    """Placebos, the density, the refused, and the twins of a cut-off."""
    rows = []
    for what, jump in cutoff.placebos(panel, outcome):
        passes = None if math.isnan(jump.low) else jump.low <= 0 <= jump.high
        rows.append(Check(name, f"jump of {what}", *jump.estimate, passes))
    p = cutoff.manipulated(panel)
    told = None if math.isnan(p) else p > cutoff.ONLY_BETTER
    rows.append(Check(name, "p of the density at the cut-off", p, passes=told))
    read = cutoff.read(panel, outcome)
    touched = None if math.isnan(read.refused.low) else read.refused.low <= 0 <= read.refused.high
    rows.append(Check(name, "the refused less their twins", *read.refused, touched))
    rows.append(Check(name, "share of twins that exist", read.twins))
    rows.append(
        Check(
            name,
            "the admitted less their twins, missing twins as all or none",
            read.truth.value,
            *cutoff.bounds(panel, cutoff.width_of(read.jump, panel), outcome),
        )
    )
    return rows


# ---------------------------------------------------------------- entry


def sandbox(panel):
    """E01a and E01b: the chance of raising in a quarter and the amount, percent, by three sets of controls."""
    rows = []
    for controls, words in entry.CONTROLS.items():
        rows.append(_entry("E01a", "" if controls == "refused" else words, entry.chance(panel, controls)))
    rows.append(_entry("E01a", "entrants of four quarters or more", entry.chance(panel, old=True)))
    rows.append(_entry("E01b", "", entry.amount(panel), "Poisson"))
    rows.append(_entry("E01b", words_of("matched"), entry.amount(panel, "matched"), "Poisson"))
    rows.append(_entry("E01b", "log(1 + x), x in yuan", entry.amount(panel, how="log", unit=1e-6), "least squares"))
    rows.append(_entry("E01b", "log(1 + x), x in m yuan", entry.amount(panel, how="log"), "least squares"))
    return rows


def words_of(controls):
    """A set of controls in words."""
    return entry.CONTROLS[controls]


def _entry(anchor, part, read, design="stacked by competition"):
    window = f"{entry.SPAN} quarters a side"
    return Row(
        anchor,
        part,
        design,
        read.effect.estimate,
        read.effect.error,
        read.truth,
        read.truth_error,
        read.effect.n,
        window,
    )


# ---------------------------------------------------------------- cities


def forgiveness(panel):
    """E02a: founding, percent; E02b: survival of entrants, points; E02c: jobs lost a job of entrants."""
    births = _cities("E02a", "", panel, "births")
    survival = _cities("E02b", "", panel, "survival", logs=False, factor=100.0)
    jobs = _instrumented("E02c", "", panel, "others_jobs", "entrants_jobs", sign=-1.0, years=cities.AFTER)
    return [births, _staggered(births, panel, "births"), survival, jobs]


def investors(panel):
    """E05: early deals, individual investors, hard-tech entry and jobs in young firms, percent."""
    deals = _cities("E05a", "", panel, "individuals_deals")
    return [
        deals,
        _cities("E05a", "seed rounds", panel, "seed_deals"),
        _staggered(deals, panel, "individuals_deals"),
        _cities("E05b", "", panel, "individuals"),
        _cities("E05c", "", panel, "hard_tech_births"),
        _cities("E05c", "jobs in firms under five years", panel, "young_jobs"),
    ]


def guidance(panel, tenfold):
    """E04: private money a public yuan; beside it a fund ten times as large (`tenfold`, its panel)."""
    return [
        _instrumented("E04", "", panel, "private_bn", "public_bn"),
        _instrumented("E04", "a fund ten times as large", tenfold, "private_bn", "public_bn"),
    ]


def _cities(anchor, part, panel, outcome, logs=True, factor=1.0):
    read = cities.effect(panel, outcome, logs)
    effect = read.effect.times(factor)
    truth = Estimate(*(factor * x for x in read.truth))
    return Row(anchor, part, read.design, effect.estimate, effect.error, truth, factor * read.truth_error, read.cities)


def _staggered(row, panel, outcome):
    """The Row of an outcome by another estimator, beside the same truth."""
    effect, name = cities.callaway_santanna(panel, outcome).percent(), "by Callaway and Sant'Anna"
    return row._replace(part=name, design=name, estimate=effect.estimate, error=effect.error, n=effect.clusters)


def _instrumented(anchor, part, panel, above, below, sign=1.0, years=None):
    effect, strength, ends, truth = cities.ratio(panel, above, below, sign, years)
    estimate = Estimate(effect.value, *ends)
    error = (truth.high - truth.low) / (2 * NORMAL)
    design = f"instrument, F = {strength:.1f}" if strength == strength else "instrument"
    return Row(anchor, part, design, estimate, effect.error, truth, error, effect.clusters)


# ---------------------------------------------------------------- sectors


def laboratories(panel):
    """(rows, checks) of E07: the size of first rounds, percent."""
    read = sectors.read(panel)
    window = f"{sectors.SIDE} quarters a side"
    truth = read.truth, read.truth_error
    net = math.hypot(read.effect.error, read.placebo.error)
    rows = [
        Row("E07", "", "treated sectors", read.effect.estimate, read.effect.error, *truth, read.effect.n, window),
        Row(
            *("E07", "less the same without the policy", "treated sectors"),
            *(around(read.effect.value - read.placebo.value, net), net, *truth, read.effect.n, window),
        ),
        Row(
            "E07",
            "with other cities",
            "triple difference",
            read.triple.estimate,
            read.triple.error,
            *truth,
            read.triple.n,
            window,
        ),
    ]
    checks = []
    for what, estimate in (
        ("the same regression without the policy, percent", read.placebo.estimate),
        ("control sectors less the same without the policy, percent", read.controls),
    ):
        passes = None if math.isnan(estimate.low) else estimate.low <= 0 <= estimate.high
        checks.append(Check("first rounds", what, *estimate, passes))
    return rows, checks
