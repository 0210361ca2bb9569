"""`sim compare`: policies against other policies with the same luck, and how sure the difference is.

    comparison.csv    one row an outcome: levels, paired difference, interval, what it took and what it could show
    public_purse.csv  direct cost, extra tax, fiscal return, marginal cost of public funds
    ledger.csv        additionality: leverage, deadweight, displacement, drawn from rivals, cost of one more (ledger.py)
    incidence.csv     where the public yuan ends, from the books (incidence.py)
    who.csv           effects by origin, experience, sector, district and stage (who.py)
    places.csv        effects by district (places.py)
    applications.csv  the just admitted against the just refused, where a policy keeps score and cut-off (admission.py)
    event_study.csv   paired difference by quarter around the start
    anticipation.csv  differences from the announcement to the start
    runs.csv          one row an arm and seed: outcomes, discounted cost and tax, fingerprint
    policy.yaml, against.yaml   the config of each arm, with the first seed; `sim` runs of it are those of the
    comparison districts.csv     the city's districts and their places on the tile map comparison.json   what was
    compared, versions, machine, time figures/          forest, event study, ledger, waterfall, map of change: SVG,
    PDF and the data of each DONE or FAILED    how it ended

The window of the comparison opens with the earliest start of a policy that differs between the
arms. Flows are summed over it to the last quarter, stocks, rents and wages are those of the last quarter.
"""

import os
from dataclasses import dataclass
from itertools import repeat

import pandas as pd

from sim.runs import arms, processes
from sim.runs.folders import write_csv, write_text
from sim.settings import pair
from sim.settings.fields import number
from sim.settings.files import to_yaml
from sim.settings.refusals import ConfigError
from sim.statistics import effects
from sim.verbs import screen
from sim.verbs import shell as verb
from sim.verbs.comparison import equal_cost
from sim.verbs.comparison.admission import admission
from sim.verbs.comparison.districts import places
from sim.verbs.comparison.heterogeneity import who
from sim.verbs.comparison.incidence import incidence
from sim.verbs.comparison.ledger import ledger

TABLES = (
    "comparison",
    "public_purse",
    "ledger",
    "incidence",
    "who",
    "places",
    "applications",
    "event_study",
    "anticipation",
    "runs",
)


def check(tree, resolved):
    """What cannot be compared, as sentences: the keys of the verb and the two sets of policies."""
    problems = verb.check(tree, resolved, {"runs": 2}, ["runs"])
    if tree["experiment"]["pilot"] is not None:
        number("pilot", tree["experiment"]["pilot"], int, 2, verb.MOST, problems)
    wrong = pair.check(tree, resolved)
    return problems + wrong + equal_cost.check(tree, resolved, sound=not wrong)


@dataclass
class Comparison:
    """Two arms over the same seeds.

    `about` says what was compared; the frames are the files described above, `table` is comparison.csv.
    """

    about: dict
    table: pd.DataFrame
    public_purse: pd.DataFrame
    ledger: pd.DataFrame
    incidence: pd.DataFrame
    who: pd.DataFrame
    places: pd.DataFrame
    applications: pd.DataFrame
    event_study: pd.DataFrame
    anticipation: pd.DataFrame
    runs: pd.DataFrame

    @property
    def tables(self):
        """Name of the file -> frame."""
        return {name: self.table if name == "comparison" else getattr(self, name) for name in TABLES}

    def plot(self):
        """The forest plot of the comparison, a Matplotlib figure."""
        from sim.plots import forest

        return forest.figure(forest.data({"comparison": self.table}))

    def __repr__(self):
        return f"Comparison({screen.heading(self.about)})"

    def __str__(self):
        return screen.summary(self)


def command(config):
    """The verb: compare, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    if config.experiment["pilot"] is not None:
        print(pilot(config))
        return None
    both = _sized(config)
    about = both.about | {"runs": config.experiment["runs"]}
    with verb.result(config, about, "comparison.json") as folder:
        for name, arm in both.arms.items():
            write_text(folder / f"{name}.yaml", to_yaml(arm.resolved))
        write_text(folder / "districts.csv", (config.city.folder / "districts.csv").read_text("utf-8"))
        reduced = _run(config, both, about["runs"])
        with processes.side_by_side(_workers(config)) as each:
            found = assess(*reduced, about, each)
            for name, table in found.tables.items():
                write_csv(folder / f"{name}.csv", table)
            _draw(folder, each)
    print(found)
    print(f"\nin {folder}")
    return folder


def compare(config):
    """The Comparison that a checked config with the verb `compare` describes. Runs are kept in its store."""
    if config.experiment["pilot"] is not None:
        raise ConfigError(
            [
                "pilot: compares nothing; on the command line it says what `runs` would detect, as `sim.verbs.compare.pilot(config)` does"
            ]
        )
    both = _sized(config)
    about = both.about | {"runs": config.experiment["runs"]}
    return assess(*_run(config, both, about["runs"]), about)


def assess(policy, against, about, each=map):
    """The Comparison of two arms, lists of Reduced in the order of the seeds; `each` maps a function over the tables,
    here or in processes.
    """
    parts = dict(zip(PARTS, each(_part, PARTS, repeat(policy), repeat(against), repeat(about)), strict=True))
    rows = parts["runs"]
    ours, theirs = (rows[rows["arm"] == name].set_index("seed") for name in ("policy", "against"))
    extra = {name: (ours[name] - theirs[name]).to_numpy() for name in ("cost_discounted_cny", "tax_discounted_cny")}
    return Comparison(
        about=about | equal_cost.achieved(about, {"policy": ours, "against": theirs}),
        table=effects.table(ours, theirs),
        public_purse=effects.public_purse(*extra.values()),
        **parts,
    )


def _part(name, policy, against, about):
    return PARTS[name](policy, against, about)


def _runs(policy, against, about):
    """One row an arm and seed."""
    first, rate, differing = about["first_quarter"], about["discount_rate"], list(about["differing"])
    rows = []
    for name, runs in (("policy", policy), ("against", against)):
        for seed, run in enumerate(runs, about["seed"]):
            purse = {
                "cost_discounted_cny": run.cost(differing),
                "tax_discounted_cny": run.panel.set_index("quarter")["tax_cny"],
            }
            money = {column: effects.discounted(amounts, first, rate) for column, amounts in purse.items()}
            rows.append({"arm": name, "seed": seed, **run.totals(first), **money, "fingerprint": run.fingerprint})
    return pd.DataFrame(rows)


def _event_study(policy, against, about):
    return effects.event_study(*_quarterly(policy, against), about["first_quarter"], about["announced"])


def _anticipation(policy, against, about):
    return effects.anticipation(*_quarterly(policy, against), about["first_quarter"], about["announced"])


def _quarterly(*arms_of):
    return [[run.quarterly() for run in runs] for runs in arms_of]


PARTS = {  # name of the file -> the table of two arms and of what is compared
    "who": who,
    "ledger": ledger,
    "runs": _runs,
    "event_study": _event_study,
    "anticipation": _anticipation,
    "applications": admission,
    "incidence": incidence,
    "places": places,
}


def _sized(config):
    """The Pair of a config, made to cost the same where that is asked."""
    both = pair.of(config)
    asked = config.experiment
    if asked["public_cost"] is None:
        return both
    return equal_cost.sized(
        both, asked["public_cost"], asked["runs"], lambda configs: arms.run(configs, asked["store"], _workers(config))
    )


def _run(config, both, runs):
    """The arms run: ([Reduced], [Reduced]) in the order of `runs` seeds; pairs are completed one after the other."""
    seeds = range(config.seed, config.seed + runs)
    configs = [arms.with_seed(arm, seed) for seed in seeds for arm in both.arms.values()]
    reduced = arms.run(configs, config.experiment["store"], _workers(config))
    return reduced[::2], reduced[1::2]


def _workers(config):
    return config.experiment["workers"] or os.cpu_count()


def pilot(config):
    """What `runs` would detect, judged by the spread of a few pairs: text."""
    both = _sized(config)
    first = both.about["first_quarter"]
    ours, theirs = (
        pd.DataFrame([run.totals(first) for run in runs]) for runs in _run(config, both, config.experiment["pilot"])
    )
    return screen.pilot(ours, theirs, config.experiment["runs"])


def _draw(folder, each):
    from sim import plots

    plots.draw_comparison(folder, each)
