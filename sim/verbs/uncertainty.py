"""`sim uncertainty`: what policies do, given that neither the luck nor the parameters are known.

    effects.csv       one row an outcome: effect, interval, the interval that luck alone would give, both spreads
    (effects.py) differences.csv   one row a draw and seed: paired difference of each outcome draws.csv         the
    parameters of each draw, in the order of `draw` uncertainty.json  what was asked, the fit that the draws are of,
    versions, machine, time policy.yaml, against.yaml   the config of each arm with the first seed, before a draw
    changes its parameters figures/          spread: SVG, PDF and its data DONE or FAILED    how it ended

Draws are the first rows of a file such as `draws.csv` of a fit, whose rows are drawn independently, so that any of
them are a sample. Both arms have every draw with every seed. Arms and window are those of `sim compare`, and so is
the store.
"""

import json
import os
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sim.calibration import policy_effects as effects
from sim.calibration import priors
from sim.runs.fingerprint import premises
from sim.runs.folders import write_csv, write_json, write_text
from sim.settings import pair
from sim.settings.files import options, to_yaml
from sim.settings.refusals import ConfigError, shown
from sim.verbs import screen
from sim.verbs import shell as verb

WIDTH = 126  # of the screen

# ---------------------------------------------------------------- what is asked


def check(tree, resolved):
    """What cannot be asked, as sentences: the keys of the verb, its draws, and the two sets of policies."""
    asked = tree["experiment"]
    problems = verb.check(tree, resolved, {"draws": 2, "runs": 2}, ["runs"])
    sound = not problems
    if sound:
        problems += verb.check_amount(2 * asked["draws"] * asked["runs"])
    try:
        read(asked["file"], asked["draws"] if sound else None)
    except ConfigError as error:
        problems += error.problems
    return problems + pair.check(tree, resolved)


def read(path, count):
    """The first `count` rows (all where None) of a file of draws: a frame of numbers, a column a parameter.

    Raises ConfigError: no such file, a column that is no parameter, too few rows, a value outside the bounds of its
    parameter.
    """
    if not isinstance(path, str) or not path.strip():
        raise ConfigError([f"file={shown(path)}: should be a csv file of draws, a column a parameter"])
    if not Path(path).is_file():
        raise ConfigError([f"file={path}: no such file; `sim calibrate` makes it, results/calibration/fit/draws.csv"])
    try:
        table = pd.read_csv(path, header=None, dtype=str)  # pandas would give a name that stands twice another one
    except (ValueError, OSError) as error:
        raise ConfigError([f"file={path}: cannot be read: {' '.join(str(error).split())}"]) from None
    try:
        parameters = priors.read([str(name) for name in table.iloc[0]], {})
    except ConfigError as error:
        raise ConfigError([f"file={path}: {text.removeprefix('free=')}" for text in error.problems]) from None
    rows = (
        table.iloc[1:][: len(table) if count is None else count]
        .reset_index(drop=True)
        .set_axis([p.name for p in parameters], axis=1)
    )
    if count is not None and len(rows) < count:
        raise ConfigError([f"draws={count}: {path} has only {len(rows)}"])
    values = rows.apply(pd.to_numeric, errors="coerce").astype(float)
    problems = []
    for p in parameters:
        wrong = ~values[p.name].between(p.low, p.high)  # no number is not between
        if wrong.any():
            first = wrong.idxmax()
            problems.append(
                f"file={path}: {p.name}={rows[p.name][first]} in draw {first + 1}: should be a number from {p.low:g} to {p.high:g}"
            )
    if problems:
        raise ConfigError(problems)
    return values


def fitted(config, path):
    """What the fit beside the draws says of itself: date, city, targets, and whether it is stale, of another city,
    model, data or targets.

    None where there is no fit.
    """
    place = Path(path).with_name("fit.json")
    if not place.is_file():
        return None
    fit = json.loads(place.read_text("utf-8"))
    known = set(fit["targets"]) <= set(options("targets", config.resolved["configs"]))
    same = (
        known
        and fit["city"] == config.city.name
        and premises(replace(config, targets=fit["targets"])) == fit["premises"]
    )
    return {key: fit[key] for key in ("date", "city", "targets")} | {"stale": not same}


# ---------------------------------------------------------------- runs and results


@dataclass
class Uncertainty:
    """Effects over draws and seeds. `about` says what was asked; the frames are the files described above."""

    about: dict
    effects: pd.DataFrame
    differences: pd.DataFrame
    draws: pd.DataFrame

    def plot(self):
        """Both intervals of every outcome, a Matplotlib figure."""
        from sim.plots import spread

        return spread.figure(spread.data({"effects": self.effects}))

    def __repr__(self):
        return f"Uncertainty({heading(self.about)})"

    def __str__(self):
        return summary(self)


def command(config):
    """The verb: effects over draws, a folder of its own in `config.output`, a screen. Returns the folder."""
    both, said = _asked(config)
    with verb.result(config, said, "uncertainty.json") as folder:
        for name, arm in both.arms.items():
            write_text(folder / f"{name}.yaml", to_yaml(arm.resolved))
        found = _found(config, both, said)
        for name in ("effects", "differences", "draws"):
            write_csv(folder / f"{name}.csv", getattr(found, name))
        write_json(folder / "uncertainty.json", said | {"status": "running"})
        _draw(folder)
    print(found)
    print(f"\nin {folder}")
    return folder


def uncertainty(config):
    """The Uncertainty that a checked config with the verb `uncertainty` describes. Runs are kept in its store."""
    return _found(config, *_asked(config))


def _asked(config):
    both, asked = pair.of(config), config.experiment
    return both, both.about | {key: asked[key] for key in ("file", "draws", "runs")} | {
        "fit": fitted(config, asked["file"])
    }


def _found(config, both, said):
    asked = config.experiment
    draws = read(asked["file"], asked["draws"])
    seeds = range(config.seed, config.seed + asked["runs"])
    table, differences = effects.over_draws(
        *both.arms.values(), draws, seeds, said["first_quarter"], asked["store"], asked["workers"] or os.cpu_count()
    )
    return Uncertainty(said, table, differences, draws)


def _draw(folder):
    from sim import plots

    plots.draw_uncertainty(folder)


# ---------------------------------------------------------------- on the screen


def heading(said):
    """What is asked, in a line."""
    ours, theirs = (", ".join(said[arm]) or "no policy" for arm in ("policy", "against"))
    return f"{ours} against {theirs}, {said['draws']} draws of {said['runs']} seeds from {said['seed']}, scale {said['scale']:g}"


def summary(found):
    """Effects with both intervals and both spreads as a screen of text."""
    said, fit = found.about, found.about["fit"]
    origin = f", fitted to {fit['city']} on {fit['date']}" if fit else ""
    lines = textwrap.wrap(heading(said), WIDTH) + textwrap.wrap(
        f"Draws: {said['file']}, {len(found.draws.columns)} parameters{origin}.", WIDTH
    )
    if fit and fit["stale"]:
        lines.append("They were fitted to another city, model, data or targets than these; `sim calibrate` fits anew.")
    lines += [
        f"Summed over {said['first_quarter']} to {said['last_quarter']}, or at the end. Differences are paired by draw and seed; 95% t-intervals.",
        "",
    ]
    lines.append(
        f"{'':36}{'effect':>10} {'interval':24}{'luck alone':24}{'sd, parameters':>15}{'sd, luck':>10}{'share':>7}"
    )
    for row in found.effects.itertuples():
        size, unit = screen.in_words(row.unit)
        effect, parameter, luck = (screen.short(value / size) for value in (row.effect, row.parameter_sd, row.luck_sd))
        whole, alone = (
            screen.interval(row.low / size, row.high / size),
            screen.interval(row.luck_low / size, row.luck_high / size),
        )
        share = f"{100 * row.parameter_share:.0f}%" if row.parameter_share == row.parameter_share else "-"
        lines.append(f"{f'{row.title}, {unit}':36}{effect:>10} {whole:24}{alone:24}{parameter:>15}{luck:>10}{share:>7}")
    few = found.effects[found.effects["draws"] < said["draws"]]
    lines += [
        f"{row.title}: {row.draws} draws have a number for every seed, the others are left out."
        for row in few.itertuples()
    ]
    return "\n".join(
        [
            *lines,
            "share: of the variance of one paired difference that draws of the parameters explain, the rest is luck.",
        ]
    )
