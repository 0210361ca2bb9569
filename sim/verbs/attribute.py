"""`sim attribute`: which policy of a bundle did what, and which of them help or hinder one another.

    shares.csv        one row an outcome and member: Shapley share of the bundle's effect, effect alone and as the
    last; `bundle` is the whole effect interactions.csv  one row an outcome and pair: interaction, and what it is
    called runs.csv          one row a seed and subset of members: outcomes, discounted cost attribution.json  what
    was asked, versions, machine, time policy.yaml       the config of the bundle with the first seed figures/
    attribution and interactions: SVG, PDF and the data of each DONE or FAILED    how it ended

The bundle is held against the same policies without its members. Up to EXACT members every subset is run with every
seed, and shares are exact up to luck. Beyond, each seed has its own random orders of the members: shares still sum
to the effect for every seed, and as orders differ between seeds the interval over seeds holds both, luck and the
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

from sim.runs import arms
from sim.runs.folders import write_csv, write_text
from sim.settings import variants
from sim.statistics import intervals, shapley
from sim.verbs import screen
from sim.verbs import shell as verb
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


def check(tree, resolved):
    """What cannot be attributed, as sentences."""
    asked = tree["experiment"]
    problems = verb.check(tree, resolved, {"runs": 2, "permutations": 2}, ["runs"])
    present = list(resolved["policy"])
    members = present if asked["members"] is None else asked["members"]
    name = "policy" if asked["members"] is None else "members"
    problems += verb.check_names(name, members, present, least=2)
    if problems:
        return problems
    subsets = (
        2 ** len(members) if len(members) <= EXACT else 2 * asked["permutations"] * len(members) + len(members) ** 2
    )
    return verb.check_starts(resolved, members) + verb.check_amount(subsets * asked["runs"])


@dataclass
class Attribution:
    """A bundle taken apart. `about` says what was asked; the frames are the files described above."""

    about: dict
    shares: pd.DataFrame
    interactions: pd.DataFrame
    runs: pd.DataFrame

    def plot(self):
        """The shares as a Matplotlib figure."""
        from sim.plots import attribution

        return attribution.figure(attribution.data({"shares": self.shares}))

    def __repr__(self):
        return f"Attribution({', '.join(self.about['members'])}, {self.about['runs']} seeds)"

    def __str__(self):
        return summary(self)


def command(config):
    """The verb: attribute, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    said = describe(config)
    with verb.result(config, said, "attribution.json") as folder:
        write_text(folder / "policy.yaml", variants.yaml_of(config))
        found = _attribute(config, said)
        for name in ("shares", "interactions", "runs"):
            write_csv(folder / f"{name}.csv", getattr(found, name))
        _draw(folder)
    print(found)
    print(f"\nin {folder}")
    return folder


def attribute(config):
    """The Attribution that a checked config with the verb `attribute` describes. Runs are kept in its store."""
    return _attribute(config, describe(config))


def describe(config):
    """What is attributed, as a plain dict."""
    members = config.experiment["members"] or list(config.resolved["policy"])
    return verb.about(
        config,
        members=list(members),
        first_quarter=verb.opening(config, members),
        last_quarter=quarter_name(config.end),
    )


def _attribute(config, said):
    members, base = said["members"], config.one_run()
    others = [policy.name for policy in config.policies if policy.name not in members]

    def values(wanted):
        """An array (wanted, MEASURES) of (seed, mask) pairs."""
        sets = {mask: variants.chosen(base, [*others, *_named(mask, members)]) for mask in {mask for _, mask in wanted}}
        return verb.measure(
            [arms.with_seed(sets[mask], seed) for seed, mask in wanted],
            config.experiment,
            said["first_quarter"],
            members,
        )

    return assess(said, values, verb.MEASURES)


def assess(said, values, measures):
    """The Attribution of a game: `values` turns a list of (seed, mask) into an array (pairs, measures)."""
    members, seeds = said["members"], range(said["seed"], said["seed"] + said["runs"])
    n = len(members)
    arrivals = {seed: None if n <= EXACT else shapley.orders(n, said["permutations"], seed) for seed in seeds}
    wanted = [(seed, mask) for seed in seeds for mask in _coalitions(n, arrivals[seed])]
    found = dict(zip(wanted, values(wanted), strict=True))
    games = [{mask: found[seed, mask] for mask in _coalitions(n, arrivals[seed])} for seed in seeds]
    if n <= EXACT:
        whole = [np.array([game[mask] for mask in range(1 << n)]) for game in games]
        parts = np.array([shapley.shares(game) for game in whole])
        errors = np.zeros_like(parts)
        both = [shapley.interactions(game) for game in whole]
    else:
        sampled = [shapley.sampled_shares(arrivals[seed], game) for seed, game in zip(seeds, games, strict=True)]
        parts, errors = (np.array(kind) for kind in zip(*sampled, strict=True))
        both = [
            {(i, j): shapley.second_difference(game.__getitem__, 0, i, j) for i, j in combinations(range(n), 2)}
            for game in games
        ]
    rows = [
        {
            "seed": seed,
            "members": "+".join(_named(mask, members)),
            **dict(zip([m.name for m in measures], row, strict=True)),
        }
        for (seed, mask), row in found.items()
    ]
    table = _shares(members, measures, games, parts, errors)
    return Attribution(
        said, table, _interactions(members, measures, both, INDEX if n <= EXACT else SECOND), pd.DataFrame(rows)
    )


def _coalitions(n, arrivals):
    """Masks that are run with one seed."""
    if arrivals is None:
        return range(1 << n)
    few = [1 << i | 1 << j for i in range(n) for j in range(n)]
    return sorted(
        {
            0,
            (1 << n) - 1,
            *few,
            *((1 << n) - 1 - (1 << i) for i in range(n)),
            *(mask for order in arrivals for mask in shapley.along(order)),
        }
    )


def _shares(members, measures, games, parts, errors):
    full = (1 << len(members)) - 1
    rows = []
    for m, measure in enumerate(measures):
        valid = [s for s, game in enumerate(games) if not np.isnan(parts[s, :, m]).any()]
        of = {"outcome": measure.name, "title": measure.title, "unit": measure.unit}
        base = np.mean([games[s][0][m] for s in valid]) if valid else np.nan
        for i, name in enumerate(members):
            own = _interval(parts[valid, i, m])
            alone = np.mean([games[s][1 << i][m] - games[s][0][m] for s in valid]) if valid else np.nan
            last = np.mean([games[s][full][m] - games[s][full ^ 1 << i][m] for s in valid]) if valid else np.nan
            error = np.sqrt((errors[valid, i, m] ** 2).sum()) / max(len(valid), 1)
            rows.append(
                {
                    **of,
                    "policy": name,
                    **own,
                    "alone": alone,
                    "last": last,
                    "sampling_error": error,
                    "base": base,
                    "runs": len(valid),
                }
            )
        effect = _interval(np.array([games[s][full][m] - games[s][0][m] for s in valid]))
        rows.append(
            {
                **of,
                "policy": "bundle",
                **effect,
                "alone": effect["share"],
                "last": effect["share"],
                "sampling_error": 0.0,
                "base": base,
                "runs": len(valid),
            }
        )
    return pd.DataFrame(rows)


def _interval(values):
    found = intervals.mean(values)
    return {"share": values.mean() if len(values) else np.nan, "share_low": found.low, "share_high": found.high}


def _interactions(members, measures, both, measured):
    rows = []
    for m, measure in enumerate(measures):
        for i, j in combinations(range(len(members)), 2):
            values = np.array([pairs[i, j][m] for pairs in both])
            values = values[~np.isnan(values)]
            found = intervals.mean(values)
            row = {
                "outcome": measure.name,
                "title": measure.title,
                "unit": measure.unit,
                "one": members[i],
                "other": members[j],
            }
            row |= {"interaction": found.value, "interaction_low": found.low, "interaction_high": found.high}
            rows.append(row | {"called": called(found), "measure": measured, "runs": len(values)})
    return pd.DataFrame(rows)


def called(found):
    """What a pair with this Estimate of its interaction is called."""
    return "complements" if found.low > 0 else "substitutes" if found.high < 0 else UNSURE


def _named(mask, members):
    return [name for i, name in enumerate(members) if mask >> i & 1]


def _draw(folder):
    from sim import plots

    plots.draw_attribution(folder)


# ---------------------------------------------------------------- on the screen


def summary(found):
    """The attribution as a screen of text."""
    said, table = found.about, found.shares[found.shares["outcome"].isin(SHOWN)]
    how = (
        "every subset with every seed" if len(said["members"]) <= EXACT else f"{2 * said['permutations']} orders a seed"
    )
    lines = [
        f"{len(said['members'])} policies taken apart, {said['runs']} seeds from {said['seed']}, {how}, scale {said['scale']:g}"
    ]
    lines += [
        f"Shapley shares of the effect over {said['first_quarter']} to {said['last_quarter']}; * where the 95% interval is off zero.",
        "",
    ]
    for outcome, rows in table.groupby("outcome", sort=False):
        size, unit = screen.in_words(rows["unit"].iloc[0])
        lines.append(f"{rows['title'].iloc[0]}, {unit}")
        for row in rows.itertuples():
            sure = "*" if row.share_low > 0 or row.share_high < 0 else " "
            lines.append(
                f"  {row.policy:30}{screen.short(row.share / size):>10}{sure} {screen.interval(row.share_low / size, row.share_high / size)}".rstrip()
            )
    pairs = found.interactions[found.interactions["outcome"].isin(SHOWN)]
    sure = pairs[pairs["called"] != UNSURE]
    count = f"{len(sure)} of {len(pairs)} pairs and outcomes distinguishable from none; chance alone gives {len(pairs) / 20:.0f}."
    lines += ["", f"Pairs ({pairs['measure'].iloc[0]}): {count}"]
    for row in sure.itertuples():
        size, unit = screen.in_words(row.unit)
        lines.append(
            f"  {row.one} and {row.other} are {row.called} in {row.title.lower()}: {screen.short(row.interaction / size)} {unit}"
        )
    return "\n".join(lines)
