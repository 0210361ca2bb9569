"""Many short runs: designs of points, crossed with policy arms and seeds, on one machine or a cluster, kept so that
nothing is lost.
"""
