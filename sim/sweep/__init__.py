"""Many short runs: designs of points, crossed with policy arms and seeds, on one machine or a cluster, kept so that
nothing is lost.

    command.py       `sim sweep`
    designs.py       the points of the parameter space
    plans.py         arms x points x seeds, each run with its fingerprint
    task.py          what a task does
    store.py         shards, in which runs are kept
    folder_verbs.py  `sim status`, `collect`, `rerun`, `verify`, `task`
    collect.py       one data set of a sweep, and stata.py the same for Stata
    told_apart.py    the columns by which its runs are told apart
    multirun.py      `sim -m`, Hydra's own sweep
    replicate.py     `sim replicate`: what is committed in results/, rebuilt and compared
"""
