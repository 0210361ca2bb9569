"""`sim attribute`: which policy of a bundle did what, and which of them help or hinder one another.

    shares.csv        one row an outcome and member: Shapley share of the bundle's effect, effect alone and as the
                      last; `bundle` is the whole effect
    interactions.csv  one row an outcome and pair: interaction, and what it is called
    runs.csv          one row a seed and subset of members: outcomes, discounted cost
    attribution.json  what was asked, versions, machine, time
    policy.yaml       the config of the bundle with the first seed
    figures/          attribution and interactions: svg and the data of each
    DONE or FAILED    how it ended

The bundle is compared with the same policies without its members. Up to EXACT members every subset is run with every
seed, and shares are exact up to luck. Beyond, each seed has its own random orders of the members: shares still sum
to the effect for every seed, and as orders differ between seeds the interval over seeds has both in it, luck and the
sampling of orders; the part of the latter stands in `sampling_error` (one standard error). Intervals are Student's t
at 95% over paired seeds.

Interactions are the Shapley interaction index up to EXACT members, and the second difference against none of the
members beyond (`measure` says which). A pair is called complements where together they raise an outcome by more than
apart, substitutes where by less, and not distinguishable where the interval has zero in it; of pairs that do not
interact one in twenty is called either.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from sim.runs import amount as amounts
from sim.runs import arms, questions
from sim.settings import counterfactuals
from sim.statistics import intervals, shapley
from sim.verbs import keys, measures, shell
from sim.verbs.screen import HEADLINE, effect_in_words, in_words, interval, short
from sim.world.calendar import quarter_name

EXACT = 8  # members up to which all subsets are run
SHOWN = (
    "startups_founded",
    "startups_alive",
    "startups_funded_alive",
    "startup_jobs",
    "vc_private_cny",
    "exits",
    "public_cost_cny",
)
INDEX, SECOND = "Shapley interaction index", "second difference against none"
UNSURE = "not distinguishable"

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be attributed, as sentences."""
    asked = tree["experiment"]
    problems = keys.check(tree, resolved, {"runs": 2, "permutations": 2}, ["runs"])
    present = list(resolved["policy"])
    key, members = ("policy", present) if asked["members"] is None else ("members", asked["members"])
    problems += keys.check_names(key, members, present, least=2)
    if problems:
        return problems
    n = len(members)
    subsets = 2**n if n <= EXACT else 2 * asked["permutations"] * n + n**2
    return keys.check_starts(resolved, members) + keys.check_amount(subsets * asked["runs"])


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: attribute, write a folder of its own in `config.output`, print a screen; returns the folder, None where
    it only says how many runs that is.
    """
    if amounts.told(config, amount(config)):
        return None
    return shell.command(config, "attribution", plan(config), compute, figures)


def amount(config):
    """The Amount of runs that a config asks for."""
    about = plan(config).about
    _, games = _games(about)
    configs = _configs(config, about, games)
    return amounts.of(configs, config.experiment["store"], measures.at_once(config))


def attribute(config):
    """The Attribution that a checked config with the verb `attribute` describes. Runs are kept in its store."""
    return compute(config, plan(config))


def plan(config):
    """What is attributed."""
    members = list(config.experiment["members"] or config.resolved["policy"])
    first = measures.first_start(config, members)
    about = shell.about(
        config,
        title=f"shares of {questions.several(members)}",
        members=members,
        first_quarter=first,
        last_quarter=quarter_name(config.end),
    )
    return shell.Plan(about, {"policy": config})


def compute(config, plan):
    """The Attribution of a plan."""
    about = plan.about

    def play(games):
        """An array (games, MEASURES) of (seed, mask) pairs."""
        return measures.measure(config, _configs(config, about, games), about["first_quarter"], about["members"])

    return assess(about, play, measures.MEASURES)


def _games(about):
    """(the orders of each seed, None where every subset is run; the (seed, mask) pairs to be run)."""
    n, seeds = len(about["members"]), range(about["seed"], about["seed"] + about["runs"])
    arrivals = {seed: None if n <= EXACT else shapley.orders(n, about["permutations"], seed) for seed in seeds}
    return arrivals, [(seed, mask) for seed in seeds for mask in _coalitions(n, arrivals[seed])]


def _configs(config, about, games):
    """The config of each game: the bundle with those of its members that are in the mask."""
    bundle, members = config.one_run(), about["members"]
    others = [policy.name for policy in config.policies if policy.name not in members]
    by_mask = {
        mask: counterfactuals.with_only_policies(bundle, [*others, *_named(mask, members)])
        for mask in {mask for _, mask in games}
    }
    return [arms.with_seed(by_mask[mask], seed) for seed, mask in games]


# ---------------------------------------------------------------- tables


@dataclass
class Attribution(shell.Result):
    """A bundle taken apart. `about` says what was asked; the frames are the files described above."""

    about: dict
    shares: pd.DataFrame
    interactions: pd.DataFrame
    runs: pd.DataFrame

    def plot(self):
        """The shares as a Matplotlib figure."""
        from sim.plots import attribution

        return attribution.figure(attribution.data({"shares": self.shares}))

    @property
    def headline(self):
        """The largest share."""
        rows = self.shares[(self.shares["outcome"] == HEADLINE) & (self.shares["policy"] != "bundle")]
        row = rows.loc[rows["share"].abs().idxmax()]
        effect = effect_in_words(row["title"], row["unit"], *row[["share", "share_low", "share_high"]])
        return f"most by {row['policy']}: {effect}"

    def __repr__(self):
        return f"Attribution({', '.join(self.about['members'])}, {self.about['runs']} seeds)"

    def __str__(self):
        return screen(self)


def assess(about, play, kinds):
    """The Attribution of a game: `play` turns a list of (seed, mask), a coalition of members, into an array (pairs,
    kinds), where `kinds` are the Measures of its columns.
    """
    members, seeds = about["members"], range(about["seed"], about["seed"] + about["runs"])
    n = len(members)
    arrivals, games = _games(about)
    values = dict(zip(games, play(games), strict=True))
    by_seed = [{mask: values[seed, mask] for mask in _coalitions(n, arrivals[seed])} for seed in seeds]
    if n <= EXACT:
        whole = [np.array([game[mask] for mask in range(1 << n)]) for game in by_seed]
        parts = np.array([shapley.shares(game) for game in whole])
        errors = np.zeros_like(parts)
        pairs = [shapley.interactions(game) for game in whole]
    else:
        sampled = [shapley.sampled_shares(arrivals[seed], game) for seed, game in zip(seeds, by_seed, strict=True)]
        parts, errors = (np.array(kind) for kind in zip(*sampled, strict=True))
        pairs = [
            {(i, j): shapley.second_difference(game.__getitem__, 0, i, j) for i, j in combinations(range(n), 2)}
            for game in by_seed
        ]
    names = [measure.name for measure in kinds]
    runs = pd.DataFrame(
        [
            {"seed": seed, "members": "+".join(_named(mask, members)), **dict(zip(names, row, strict=True))}
            for (seed, mask), row in values.items()
        ]
    )
    shares = _shares(members, kinds, by_seed, parts, errors)
    return Attribution(about, shares, _interactions(members, kinds, pairs, INDEX if n <= EXACT else SECOND), runs)


def _coalitions(n, arrivals):
    """Masks that are run with one seed."""
    if arrivals is None:
        return range(1 << n)
    few = [1 << i | 1 << j for i in range(n) for j in range(n)]
    all_but_one = ((1 << n) - 1 - (1 << i) for i in range(n))
    along = (mask for order in arrivals for mask in shapley.along(order))
    return sorted({0, (1 << n) - 1, *few, *all_but_one, *along})


def _shares(members, kinds, by_seed, parts, errors):
    """The table of shares from games by seed, and from arrays (seeds, members, kinds) of shares and their errors."""
    full = (1 << len(members)) - 1
    rows = []
    for m, measure in enumerate(kinds):
        valid = [s for s in range(len(by_seed)) if not np.isnan(parts[s, :, m]).any()]
        base = _mean([by_seed[s][0][m] for s in valid])
        head = {"outcome": measure.name, "title": measure.title, "unit": measure.unit}
        tail = {"base": base, "runs": len(valid)}
        for i, name in enumerate(members):
            effects = {
                "alone": _mean([by_seed[s][1 << i][m] - by_seed[s][0][m] for s in valid]),
                "last": _mean([by_seed[s][full][m] - by_seed[s][full ^ 1 << i][m] for s in valid]),
                "sampling_error": np.sqrt((errors[valid, i, m] ** 2).sum()) / max(len(valid), 1),
            }
            rows.append({**head, "policy": name, **_interval(parts[valid, i, m]), **effects, **tail})
        effect = _interval(np.array([by_seed[s][full][m] - by_seed[s][0][m] for s in valid]))
        effects = {"alone": effect["share"], "last": effect["share"], "sampling_error": 0.0}
        rows.append({**head, "policy": "bundle", **effect, **effects, **tail})
    return pd.DataFrame(rows)


def _mean(values):
    return np.mean(values) if values else np.nan


def _interval(values):
    share = intervals.mean(values)
    return {"share": values.mean() if len(values) else np.nan, "share_low": share.low, "share_high": share.high}


def _interactions(members, kinds, pairs, index):
    """The table of interactions from those of each seed, `pairs`: [{(i, j): array (kinds)}]."""
    rows = []
    for m, measure in enumerate(kinds):
        for i, j in combinations(range(len(members)), 2):
            values = np.array([by_pair[i, j][m] for by_pair in pairs])
            values = values[~np.isnan(values)]
            estimate = intervals.mean(values)
            row = {"outcome": measure.name, "title": measure.title, "unit": measure.unit}
            row |= {"one": members[i], "other": members[j], "interaction": estimate.value}
            row |= {"interaction_low": estimate.low, "interaction_high": estimate.high}
            rows.append(row | {"called": called(estimate), "measure": index, "runs": len(values)})
    return pd.DataFrame(rows)


def called(interaction):
    """What a pair with this Estimate of its interaction is called."""
    return "complements" if interaction.low > 0 else "substitutes" if interaction.high < 0 else UNSURE


def _named(mask, members):
    return [name for i, name in enumerate(members) if mask >> i & 1]


# ---------------------------------------------------------------- screen


def screen(attribution):
    """The attribution as text."""
    about, shares = attribution.about, attribution.shares[attribution.shares["outcome"].isin(SHOWN)]
    n = len(about["members"])
    how = "every subset with every seed" if n <= EXACT else f"{2 * about['permutations']} orders a seed"
    lines = [
        f"{n} policies taken apart, {about['runs']} seeds from {about['seed']}, {how}, scale {about['scale']:g}",
        f"Shapley shares of the effect over {about['first_quarter']} to {about['last_quarter']}; "
        "* where the 95% interval is off zero.",
        "",
    ]
    for _, rows in shares.groupby("outcome", sort=False):
        size, unit = in_words(rows["unit"].iloc[0])
        lines.append(f"{rows['title'].iloc[0]}, {unit}")
        for row in rows.itertuples():
            star = "*" if row.share_low > 0 or row.share_high < 0 else " "
            ends = interval(row.share_low / size, row.share_high / size)
            lines.append(f"  {row.policy:30}{short(row.share / size):>10}{star} {ends}".rstrip())
    pairs = attribution.interactions[attribution.interactions["outcome"].isin(SHOWN)]
    sure = pairs[pairs["called"] != UNSURE]
    lines += [
        "",
        f"Pairs ({pairs['measure'].iloc[0]}): {len(sure)} of {len(pairs)} pairs and outcomes distinguishable from "
        f"none; chance alone gives {len(pairs) / 20:.0f}.",
    ]
    for row in sure.itertuples():
        size, unit = in_words(row.unit)
        amount = f"{short(row.interaction / size)} {unit}"
        lines.append(f"  {row.one} and {row.other} are {row.called} in {row.title.lower()}: {amount}")
    return "\n".join(lines)


# ---------------------------------------------------------------- figures


def figures(folder, kinds):
    """The figures of the attribution in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_attribution(folder, kinds)
