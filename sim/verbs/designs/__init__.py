"""Designs of empirical papers on simulated panels, each beside the truth by common luck, one a file.

    past       what a run remembers of its startups, quarter by quarter
    cutoff     applicants on both sides of a cut-off (regression discontinuity)
    entry      firms that enter a programme one after the other (stacked, event study)
    cities     cities that get a policy at different times (staggered roll-out, instrument)
    sectors    some sectors of a city get it (difference in differences, triple difference)
    districts  some districts get it, their neighbours do not
    runs       the arms that are run for `sim evidence`, and the panels made of them
    papers     the rows of the evidence, each by the estimator of its paper
    verdict    how an estimate is read against the band of a paper
    screen     the evidence as text

A panel is built from runs of two arms with the same luck, so that every row has its twin: the same firm, sector,
district or city in the same quarter, in the city without the policy. An estimator reads the panel without the twins,
as an evaluator would; the truth reads both.
"""
