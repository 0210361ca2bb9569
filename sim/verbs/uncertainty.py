"""`sim uncertainty`: what policies do, given that neither the luck nor the parameters are known.

    effects.csv       one row an outcome: effect, interval, the interval that luck alone would give, both spreads
    differences.csv   one row a draw and seed: paired difference of each outcome
    draws.csv         the parameters of each draw, in the order of `draw`
    uncertainty.json  what was asked, the fit that the draws are of, versions, machine, time
    policy.yaml, against.yaml   the config of each arm with the first seed, before a draw changes its parameters
    figures/          spread: svg and its data
    DONE or FAILED    how it ended

Draws are the first rows of a file such as `draws.csv` of a fit, whose rows are drawn independently, so that any of
them are a sample. Both arms have every draw with every seed. Arms and window are those of `sim compare`, and so is
the store. The split of the variance is that of `sim.calibration.policy_effects`.
"""

import json
import os
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sim.calibration import policy_effects, priors
from sim.runs import amount as amounts
from sim.runs.fingerprint import premises
from sim.runs.launchers import elsewhere
from sim.settings import contrast
from sim.settings.files import POINTS, POSTERIOR, check_place, options, posterior
from sim.settings.refusals import ConfigError
from sim.settings.shapes import read_calibrated
from sim.verbs import keys, shell
from sim.verbs.measures import at_once, workers
from sim.verbs.screen import HEADLINE, arms_in_words, effect_in_words, in_words, interval, short
from sim.world import readers

WIDTH = 126  # of the screen, characters

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be asked, as sentences: the keys of the verb, its draws, and the two sets of policies."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"draws": 2, "runs": 2}, ["runs"])
    sound = not problems
    if sound:
        problems += keys.check_amount(2 * asked["draws"] * asked["runs"])
    try:
        read(source(asked["file"], resolved), asked["draws"] if sound else None)
    except ConfigError as error:
        problems += error.problems
    return problems + contrast.check(tree, resolved)


def source(file, resolved):
    """The file of draws: `file` of the verb, or where that is null what the fit of the city left in its folder."""
    if file is not None:
        return file
    fitted = posterior(resolved["city"], resolved["calibrated"], resolved["configs"])
    if fitted is not None and not fitted.is_file():
        city, point = fitted.parts[-3:-1]
        made = f"sim calibrate city={city}" + (f" calibrated={point}" if point != POINTS[0] else "")
        raise ConfigError([f"file=null: {city} has no {point}/{fitted.name}; `{made}` makes it"])
    return str(fitted)


def read(path, count):
    """The first `count` rows (all where None) of a file of draws: a frame of numbers, a column a parameter.

    Raises ConfigError: no such file, a column that is no parameter, too few rows, a value outside the bounds of its
    parameter.
    """
    refused = check_place("file", path, "csv file of draws, a column a parameter")
    if not refused and not os.path.isfile(path):
        refused = [f"file={path}: no such file; `sim calibrate` makes it, {POSTERIOR} of the city"]
    if refused:
        raise ConfigError(refused)
    try:
        columns, rows = readers.read_csv(path)
    except readers.Unreadable as error:
        raise ConfigError([f"file={path}: {problem}" for problem in error.problems]) from None
    try:
        parameters = priors.read(columns, {})
    except ConfigError as error:
        raise ConfigError([f"file={path}: {text.removeprefix('free=')}" for text in error.problems]) from None
    rows = pd.DataFrame(rows, columns=columns, dtype=str).set_axis([p.name for p in parameters], axis=1)
    if count is not None and len(rows) < count:
        raise ConfigError([f"draws={count}: {path} has only {len(rows)}"])
    rows = rows.head(len(rows) if count is None else count)
    values = pd.DataFrame({name: pd.Series(map(readers.number, rows[name]), dtype=float) for name in rows})
    problems = []
    for p in parameters:
        wrong = ~values[p.name].between(p.low, p.high)  # no number is not between
        if wrong.any():
            first = wrong.idxmax()
            problems.append(
                f"file={path}: {p.name}={rows[p.name][first]} in draw {first + 1}: "
                f"should be a number from {p.low:g} to {p.high:g}"
            )
    if problems:
        raise ConfigError(problems)
    return values


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: effects over draws, a folder of its own in `config.output`, a screen; returns the folder, None where it
    only says how many runs that is.
    """
    if amounts.told(config, amount(config)):
        return None
    return shell.command(config, "uncertainty", plan(config), compute, figures)


def amount(config):
    """The Amount of runs that a config asks for."""
    asked = config.experiment
    draws = read(source(asked["file"], config.resolved), asked["draws"])
    seeds = range(config.seed, config.seed + asked["runs"])
    configs = policy_effects.configs(*plan(config).arms.values(), draws, seeds)
    return amounts.of(configs, asked["store"], at_once(config))


def uncertainty(config):
    """The Uncertainty that a checked config with the verb `uncertainty` describes. Runs are kept in its store."""
    return compute(config, plan(config))


def plan(config):
    """What is compared, over how many draws of what file, and what fit these are of."""
    pair, asked = contrast.of(config), config.experiment
    about = pair.about | {key: asked[key] for key in ("draws", "runs")}
    about["title"] += f" over {asked['draws']} draws"
    about["file"] = asked["file"] or f"{POSTERIOR} of {config.city.name}"
    return shell.Plan(about | {"fit": fitted(config, asked["file"])}, pair.arms)


def compute(config, plan):
    """The Uncertainty of a plan."""
    asked = config.experiment
    draws = read(source(asked["file"], config.resolved), asked["draws"])
    seeds = range(config.seed, config.seed + asked["runs"])
    first = plan.about["first_quarter"]
    effects, differences = policy_effects.over_draws(
        *plan.arms.values(), draws, seeds, first, asked["store"], workers(config), elsewhere(config.launcher)
    )
    return Uncertainty(plan.about, effects, differences, draws)


def fitted(config, path):
    """What the fit of the draws (`path`, or the city's own where that is None) says of itself: date, city, targets, and
    whether it is stale, of another city, model, data or targets.

    None where there is no fit.
    """
    if path is None:
        fit = read_calibrated(config.city.point)[0].get("about")
    else:
        file = Path(path).with_name("fit.json")
        fit = json.loads(file.read_text("utf-8")) if file.is_file() else None
    if fit is None:
        return None
    same = (
        set(fit["targets"]) <= set(options("targets", config.resolved["configs"]))
        and fit["city"] == config.city.name
        and premises(replace(config, targets=fit["targets"])) == fit["premises"]
    )
    return {key: fit[key] for key in ("date", "city", "targets")} | {"stale": not same}


# ---------------------------------------------------------------- tables


@dataclass
class Uncertainty(shell.Result):
    """Effects over draws and seeds. `about` says what was asked; the frames are the files described above."""

    about: dict
    effects: pd.DataFrame
    differences: pd.DataFrame
    draws: pd.DataFrame

    def plot(self):
        """Both intervals of every outcome, a Matplotlib figure."""
        from sim.plots import spread

        return spread.figure(spread.data({"effects": self.effects}))

    @property
    def headline(self):
        """The effect on the outcome that headlines show."""
        row = self.effects.set_index("outcome").loc[HEADLINE]
        return effect_in_words(row["title"], row["unit"], *row[["effect", "low", "high"]])

    def __repr__(self):
        return f"Uncertainty({heading(self.about)})"

    def __str__(self):
        return screen(self)


# ---------------------------------------------------------------- screen


def heading(about):
    """What is asked, in a line."""
    ours, theirs = arms_in_words(about)
    sample = f"{about['draws']} draws of {about['runs']} seeds from {about['seed']}"
    return f"{ours} against {theirs}, {sample}, scale {about['scale']:g}"


def screen(uncertainty):
    """Effects with both intervals and both spreads as text."""
    about, fit = uncertainty.about, uncertainty.about["fit"]
    origin = f", fitted to {fit['city']} on {fit['date']}" if fit else ""
    lines = textwrap.wrap(heading(about), WIDTH)
    lines += textwrap.wrap(f"Draws: {about['file']}, {len(uncertainty.draws.columns)} parameters{origin}.", WIDTH)
    if fit and fit["stale"]:
        lines.append("They were fitted to another city, model, data or targets than these; `sim calibrate` fits anew.")
    lines += [
        f"Summed over {about['first_quarter']} to {about['last_quarter']}, or at the end. "
        "Differences are paired by draw and seed; 95% t-intervals.",
        "",
        f"{'':36}{'effect':>10} {'interval':24}{'luck alone':24}{'sd, parameters':>15}{'sd, luck':>10}{'share':>7}",
    ]
    for row in uncertainty.effects.itertuples():
        size, unit = in_words(row.unit)
        effect, parameter, luck = (short(value / size) for value in (row.effect, row.parameter_sd, row.luck_sd))
        whole = interval(row.low / size, row.high / size)
        alone = interval(row.luck_low / size, row.luck_high / size)
        share = f"{100 * row.parameter_share:.0f}%" if row.parameter_share == row.parameter_share else "-"
        lines.append(f"{f'{row.title}, {unit}':36}{effect:>10} {whole:24}{alone:24}{parameter:>15}{luck:>10}{share:>7}")
    lines += [
        f"{row.title}: {row.draws} draws have a number for every seed, the others are left out."
        for row in uncertainty.effects.itertuples()
        if row.draws < about["draws"]
    ]
    lines.append(
        "share: of the variance of one paired difference that draws of the parameters explain, the rest is luck."
    )
    return "\n".join(lines)


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figures of the uncertainty in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_uncertainty(folder, kinds)
