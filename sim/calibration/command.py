"""`sim calibrate`: fit the free parameters to the targets, and one task for each question about the fit.

    sim calibrate                             fit; writes the city's calibrated.yaml and results/calibration/
    sim calibrate engine=posterior            the other engine
    sim calibrate warm=true                   from the values fitted before, a small design around them
    sim calibrate task=scale                  metrics at several scales: the bias of simulating a part of the city
    sim calibrate task=waves                  history matching: what is not ruled out, discrepancies
    sim calibrate task=screen                 Morris: which parameters move the targets
    sim calibrate task=recovery               hidden parameters found again; ranks
    sim calibrate task=identification         profiles, singular values
    sim calibrate task=feasibility            which bands were met together; claims.md
    sim calibrate task=predictive             the draws simulated: targets and hold-outs apart
    sim calibrate task=out_of_time            fitted to what was known by 2018, 2019-24 beside naive forecasts
    sim calibrate task=sensitivity            Sobol on the emulator; policy effects to parameters

Each task writes a folder `results/calibration/<task>`, tables and figures; all share the simulations that are kept.
"""

from sim.calibration import (
    feasibility,
    fit,
    identification,
    out_of_time,
    predictive,
    priors,
    recovery,
    scale,
    sensitivity,
    waves,
)
from sim.calibration.simulations import not_here
from sim.calibration.study import ENGINES, Study, ranges
from sim.runs import launchers
from sim.runs.records import announce_compilation
from sim.settings.fields import flag, names, number
from sim.settings.files import CONFIGS, check_new_folder, no_such, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, paths, shown

TASKS = {  # name -> function of a Study, which leaves a folder and returns it
    "fit": fit.task,
    "scale": scale.task,
    "screen": sensitivity.screen,
    "recovery": recovery.task,
    "identification": identification.task,
    "waves": waves.task,
    "feasibility": feasibility.task,
    "predictive": predictive.task,
    "out_of_time": out_of_time.task,
    "sensitivity": sensitivity.task,
}
SIZES = {  # whole numbers of the verb: lowest, highest
    "prior": (0, 1_000_000),
    "around": (0, 100_000),
    "batches": (0, 1000),
    "batch": (1, 10_000),
    "rounds": (0, 1000),
    "waves": (0, 100),
    "replicates": (2, 1000),
    "steps": (0, 20),
    "jacobian": (1, 100),
    "draws": (1, 100_000),
    "truths": (1, 1000),
    "seeds": (1, 1000),
    "full_seeds": (0, 1000),
}


def check(tree, resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    if not isinstance(asked["task"], str) or asked["task"] not in TASKS:
        problems.append(f"task={shown(asked['task'])}: should be one of {', '.join(TASKS)}")
    if not isinstance(asked["engine"], str) or asked["engine"] not in ENGINES:
        problems.append(f"engine={shown(asked['engine'])}: no such engine{nearest(asked['engine'], ENGINES)}")
    for key, (low, high) in SIZES.items():
        number(key, asked[key], int, low, high, problems)
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    problems += launchers.check(tree.get("launcher"))
    problems += check_new_folder("output", asked["output"])
    flag("warm", asked["warm"], problems)
    if not resolved["targets"]:
        problems.append("targets=[]: name at least one")
    problems += not_here(tree) + _lists(asked, resolved)
    listed, mapped = isinstance(asked["free"], list) and asked["free"], isinstance(asked["ranges"], dict)
    if not listed:
        problems.append(f"free={shown(asked['free'])}: should be a list of parameters such as [founding.idea_rate]")
    if not mapped:
        problems.append(f"ranges={shown(asked['ranges'])}: should be {{parameter:[low,high]}} of some that are free")
    return problems + (_parameters(asked) if listed and mapped else [])


def _lists(asked, resolved):
    """What is wrong with the targets left out, and with the scales, policies and inputs that single tasks ask for."""
    problems, scales = [], asked["scales"]
    if not isinstance(scales, list) or not scales:
        problems.append(f"scales={shown(scales)}: should be a list of numbers above 0 and up to 1, such as [0.05,0.1]")
    else:
        for scale in scales:
            number("scales", scale, float, 1e-6, 1.0, problems, "numbers above 0 and up to 1")
    problems += names("left_out", asked["left_out"], "should be a list of ids of targets such as [D28]")[1]
    own_folder = resolved["configs"]
    policies, wrong = names("policies", asked["policies"], "should be a list of policies")
    problems += wrong + [
        f"policies={name}: {no_such('policy', name, own_folder)}"
        for name in policies
        if name not in options("policy", own_folder)
    ]
    inputs, wrong = names("inputs", asked["inputs"], "should be a list of keys such as [city.persons]")
    problems += wrong + [
        f"inputs={key}: no such key{nearest(key, paths(resolved))}"
        for key in inputs
        if not key.startswith("policy.") and feasibility.leaf(resolved, key) is None
    ]
    return problems


def _parameters(asked):
    """What is wrong with the free parameters and their ranges; the file of the verb has ranges of some that may be free
    or not.
    """
    declared = (read_yaml(CONFIGS / "experiment" / "calibrate.yaml") or {}).get("ranges", {})
    problems = [
        f"ranges.{name}: is not among the free parameters{nearest(name, asked['free'])}"
        for name in asked["ranges"]
        if name not in asked["free"] and name not in declared
    ]
    try:
        priors.read(asked["free"], ranges(asked))
    except ConfigError as error:
        problems += error.problems
    return problems


def command(config):
    """The verb: one task, its folder, a screen. Returns the folder; raises FolderError, and ConfigError where the
    task cannot begin.
    """
    announce_compilation()
    folder = TASKS[config.experiment["task"]](Study(config))
    print(f"\nin {folder}")
    return folder
