"""Feasibility of the reports: which bands were met together by any of N directed simulations, and which never.

The search minimises, for each set of targets, the largest distance beyond a band. A search proves nothing: a pair never
met may be met elsewhere in the prior or by another model, and the claims report says so.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration.emulator import Emulator
from sim.calibration.search import improving, minimise

PAIRS = 12  # pairs never met for which the search is directed
EACH = 4  # simulations directed at a target or pair
TAUTOLOGY = (0.8, 1.2)  # elasticity of a metric to an input that says nearly the same
CHANGE = 0.2  # of an input
SEEDS = 8  # of an elasticity
KNOWN = 0.1  # standard error of an elasticity, beyond which luck may have made it


def task(study):
    """Directed simulations, the table of pairs, compatible sets, near-tautologies, and the claims in words."""
    from sim.calibration.command import draw
    from sim.calibration.identification import simulations
    from sim.runs.folders import write_csv, write_json, write_text

    problem = study.problem()
    points, u = simulations(study, problem)
    points, u = directed(problem, points, u)
    inside = np.abs(u + problem.bias) <= 1
    pairs = together(problem.ids, inside)
    each = distances(problem, inside, u + problem.bias)
    sets = compatible(problem.ids, inside)
    inputs = tautologies(study, problem)
    folder = study.folder("feasibility")
    rows = study.moments.rows.iloc[study.places].set_index("id")
    for name, frame in (("targets", each), ("pairs", pairs), ("sets", sets), ("tautologies", inputs)):
        write_csv(folder / f"{name}.csv", frame)
    write_text(folder / "claims.md", claims(rows, each, pairs, sets, inputs, len(points), study))
    never = (pairs["met"] == 0).sum()
    said = f"{len(points)} simulations: {len(each)} bands, {int((each['met'] == 0).sum())} never met, {never} of {len(pairs)} pairs never met together, largest set {int(sets['size'].max())}"
    write_json(folder / "about.json", study.facts(summary=said))
    draw(folder, {"feasibility": pairs})
    print(said)
    return folder


def directed(problem, points, u):
    """The simulations and those directed at targets, and at pairs, that none of them met."""
    rng = np.random.default_rng(3)
    for aims in (singles, couples):
        wanted = aims(problem, u)
        if not wanted:
            continue
        emulator = Emulator(points, u, focus=points[np.argmin(problem.loss(u))])
        chosen = [aimed(problem, emulator, points, u, aim, rng) for aim in wanted]
        fresh = np.concatenate(chosen)
        more = problem.simulate(fresh, 200_000 + len(points) + np.arange(len(fresh)), "directed runs")
        points, u = np.concatenate([points, fresh]), np.concatenate([u, more])
    return points, u


def singles(problem, u):
    """Targets whose band no simulation met."""
    return [[i] for i in np.flatnonzero(~(np.abs(u + problem.bias) <= 1).any(axis=0))]


def couples(problem, u):
    """Pairs never met together though each was met, those that came closest first."""
    distance = np.abs(u + problem.bias)
    inside = distance <= 1
    both = (inside.T.astype(int) @ inside) == 0
    met = inside.any(axis=0)
    found = [
        (np.maximum(distance[:, i], distance[:, j]).min(), i, j)
        for i in range(len(met))
        for j in range(i)
        if both[i, j] and met[i] and met[j]
    ]
    return [[i, j] for _, i, j in sorted(found)[:PAIRS]]


def aimed(problem, emulator, points, u, aim, rng):
    """EACH points for one aim:

    the emulated optimum of these targets alone, and those of the largest expected improvement.
    """
    weight = np.where(np.isin(np.arange(len(problem.ids)), aim), 1.0, 1e-6)
    alone = replace(problem, weight=weight)
    best, _ = minimise(alone, emulator.mean, points[np.argmin(alone.loss(u))])
    return np.concatenate([best[None], improving(alone, emulator, points, u, EACH - 1, 0.15, rng)])


# ---------------------------------------------------------------- tables


def together(ids, inside):
    """One row a pair: simulations that met both bands, and each."""
    met = inside.T.astype(int) @ inside
    rows = [
        {"one": a, "other": b, "met": met[i, j], "met_one": met[i, i], "met_other": met[j, j]}
        for i, a in enumerate(ids)
        for j, b in enumerate(ids)
        if j < i
    ]
    return pd.DataFrame(rows, columns=["one", "other", "met", "met_one", "met_other"])


def distances(problem, inside, u):
    """One row a target: simulations inside its band, least distance beyond it in half widths, side."""
    beyond = np.maximum(np.abs(u) - 1, 0)
    nearest = beyond.argmin(axis=0)
    side = np.where(u[nearest, np.arange(u.shape[1])] < 0, "below", "above")
    least = beyond.min(axis=0)
    return pd.DataFrame(
        {
            "target": problem.ids,
            "met": inside.sum(axis=0),
            "share": inside.mean(axis=0),
            "least_distance": least,
            "side": np.where(least > 0, side, ""),
        }
    )


def compatible(ids, inside):
    """The largest sets of bands met by one simulation, each with what is left out; at most ten."""
    counts = inside.sum(axis=1)
    rows, seen = [], set()
    for i in np.argsort(-counts, kind="stable"):
        key = tuple(np.flatnonzero(inside[i]))
        if any(set(key) <= set(other) for other in seen):
            continue
        seen.add(key)
        rows.append(
            {"size": len(key), "of": len(ids), "left_out": " ".join(name for k, name in enumerate(ids) if k not in key)}
        )
        if len(rows) == 10:
            break
    return pd.DataFrame(rows, columns=["size", "of", "left_out"])


def tautologies(study, problem):
    """One row an input of the config's `inputs` and target: the elasticity of the metric to the input, by runs a
    fifth above and below it.

    A target with an elasticity near one says nearly what the input says, and fitting it teaches little. Where luck
    hides the elasticity nothing is said.
    """
    from dataclasses import replace

    from sim.calibration.simulations import Bank, City

    rows = []
    seeds = 1 + np.arange(SEEDS)
    start = np.repeat(problem.start[None], len(seeds), axis=0)
    for key in study.asked["inputs"]:
        value = leaf(study.config.resolved, key)
        if value is None:
            continue
        levels = []
        for factor in (1 - CHANGE, 1 + CHANGE):
            config = changed(study, key, value * factor)
            model = City(replace(config, scale=study.config.scale), study.parameters, study.moments)
            levels.append(
                Bank(model, study.output / "bank", study.bank.workers).run(start, seeds, f"runs of {key}")[
                    :, study.places
                ]
            )
        elasticity, error = elasticities(*levels)
        near = (elasticity >= TAUTOLOGY[0]) & (elasticity <= TAUTOLOGY[1]) & (error <= KNOWN)
        rows.append(
            pd.DataFrame(
                {
                    "input": key,
                    "target": problem.ids,
                    "elasticity": elasticity,
                    "standard_error": error,
                    "near_tautology": near,
                }
            )
        )
    return (
        pd.concat(rows)
        if rows
        else pd.DataFrame(columns=["input", "target", "elasticity", "standard_error", "near_tautology"])
    )


def elasticities(below, above):
    """(elasticity, standard error) of metrics (seeds, targets) to an input that was lowered and raised by CHANGE, the
    same seeds in both.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        by_seed = np.log(above / below) / np.log((1 + CHANGE) / (1 - CHANGE))
        return by_seed.mean(axis=0), by_seed.std(axis=0, ddof=1) / np.sqrt(len(by_seed))


def leaf(tree, key):
    """The number at a dotted key, or None where this city has no such thing."""
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree if isinstance(tree, (int, float)) and not isinstance(tree, bool) else None


def changed(study, key, value):
    """The config with one number of a policy or of the city set anew."""
    import copy

    from sim.settings.config import load_tree

    tree = copy.deepcopy(study.config.resolved)
    *stem, name = key.split(".")
    place = tree
    for part in stem:
        place = place[part]
    place[name] = round(value) if isinstance(place[name], int) else value
    return load_tree(tree)


# ---------------------------------------------------------------- in words


def claims(rows, each, pairs, sets, inputs, simulations, study):
    """The claims report: Markdown."""
    marked = inputs[inputs["near_tautology"]].groupby("target")["input"].agg(", ".join) if len(inputs) else {}
    lines = [
        "# What the reports say, and what the model can meet",
        "",
        f"{simulations} simulations of {study.config.city.title} at scale {study.config.scale:g}, over the prior and directed at what had not been met. A search proves nothing: what was never",
        "met may lie where no simulation looked, or within reach of another model. A band is met by a single run.",
        "",
    ]
    never = each[each["met"] == 0]
    lines += ["## Bands that no simulation met", ""]
    lines += [
        f"- `{r.target}`: {said(rows, r.target)} The nearest run lies {r.least_distance:.2g} half widths {r.side} the band."
        for r in never.itertuples()
    ] or ["None."]
    apart = pairs[(pairs["met"] == 0) & (pairs["met_one"] > 0) & (pairs["met_other"] > 0)]
    lines += ["", "## Pairs that were never met together, though each was met", ""]
    lines += [
        f"- `{r.one}` with `{r.other}`: {said(rows, r.one)} {said(rows, r.other)} Met alone by {r.met_one} and {r.met_other} runs."
        for r in apart.itertuples()
    ] or ["None."]
    lines += ["", "## Largest sets met by one run", ""]
    lines += [
        f"- {r.size} of {r.of}; left out: {', '.join(f'`{name}`' for name in r.left_out.split()) or 'none'}"
        for r in sets.itertuples()
    ]
    lines += [
        "",
        "## Near-tautologies",
        "",
        "A metric that moves one for one with an input says nearly what the input says; meeting its band is little evidence for the model.",
        "",
    ]
    lines += [f"- `{name}` moves with `{marked[name]}`." for name in getattr(marked, "index", [])] or [
        "None among the inputs tried."
    ]
    return "\n".join(lines) + "\n"


def said(rows, name):
    """What a report says of a target, in its own words where there are any."""
    row = rows.loc[name]
    band = f"{row['low']:g} to {row['high']:g} {row['unit']}"
    return f"“{row['quote']}” ({band})." if row["quote"] else f"{row['quantity'] or name} ({band})."
