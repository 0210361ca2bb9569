"""`sim compare`: policies against other policies with the same luck, and how sure the difference is.

    comparison.csv        one row per outcome: levels, paired difference, interval, p, what it took and could show
    public_purse.csv      direct cost, extra tax, fiscal return, marginal value of public funds
    ledger.csv            leverage, additionality, displacement, drawn from rivals, cost of one more
    incidence.csv         whom the public yuan reaches first, and what each class then gets more
    heterogeneity.csv     effects by origin, experience, sector, district and stage
    district_effects.csv  effects by district
    by_group.csv          the outcomes of `outcomes=` that are told by group
    admission.csv         the just admitted against the just refused, where a policy keeps score and cut-off
    event_study.csv       paired difference by quarter around the start
    anticipation.csv      differences from the announcement to the start
    runs.csv              one row per arm and seed: outcomes, discounted cost and tax, fingerprint
    policy.yaml, against.yaml   the config of each arm, with the first seed; `sim` runs of it are those compared.
                          `policy` is the arm that has what differs, however the two were written
    codebook.csv          every column of these: type, unit, kind, key, missing code, meaning, reference
    screen.txt            what was printed
    table.tex             comparison.csv as a table for a paper (package booktabs)
    districts.csv         the city's districts and their places on the tile map
    comparison.json       what was compared, versions, machine, time
    figures/              forest, event study, ledger, incidence, flows, map of change: svg and the data of each
    DONE or FAILED        how it ended

With more than two `arms`, and of a dose (`knob` and `values`), the folder is that of `comparison/several.py`.

The window of the comparison opens with the earliest start of a policy that differs between the arms. Flows are summed
over it to the last quarter, stocks, rents and wages are those of the last quarter. Each table of which a file of
`comparison/` has the name is made there, the others by `sim.statistics.effects`.
"""

import io
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat
from typing import ClassVar

import pandas as pd

from sim.observables.written import read_csv
from sim.runs import amount as amounts
from sim.runs import arms, launchers, processes, records
from sim.runs.fingerprint import calibration
from sim.settings import contrast
from sim.settings.fields import number
from sim.settings.refusals import ConfigError
from sim.statistics import effects
from sim.verbs import keys, own, shell
from sim.verbs.comparison import equal_cost, paper, several, views
from sim.verbs.comparison.admission import admission
from sim.verbs.comparison.columns import COLUMNS, KEYS, with_own
from sim.verbs.comparison.district_effects import district_effects
from sim.verbs.comparison.heterogeneity import heterogeneity
from sim.verbs.comparison.incidence import incidence
from sim.verbs.comparison.ledger import ledger
from sim.verbs.comparison.screen import heading, screen
from sim.verbs.comparison.screen import pilot as pilot_screen
from sim.verbs.measures import at_once, workers
from sim.verbs.screen import HEADLINE, effect_in_words

MOST_WORTH = 100.0  # yuan that a recipient would pay for a yuan

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What cannot be compared, as sentences: the keys of the verb and the two sets of policies."""
    problems = keys.check(tree, resolved, {"runs": 2}, ["runs"])
    asked = tree["experiment"]
    if asked["pilot"] is not None:
        pilot_runs = number("pilot", asked["pilot"], int, 2, keys.MOST, problems)
        if pilot_runs and isinstance(asked["runs"], int) and pilot_runs > asked["runs"]:
            problems.append(
                f"pilot={pilot_runs}: should be at most runs, {asked['runs']}, of which it is the beginning"
            )
    problems += keys.check_own(asked)
    number("wtp", asked["wtp"], float, 0.0, MOST_WORTH, problems)
    if several.wanted(asked):
        return problems + several.check(tree, resolved)
    wrong = contrast.check(tree, resolved)
    return problems + wrong + equal_cost.check(tree, resolved, sound=not wrong)


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: compare, write a folder of its own in `config.output`, print a screen; returns the folder. A pilot
    only prints, and returns None.
    """
    if amounts.told(config, amount(config)):
        return None
    if config.experiment["pilot"] is not None:
        print(pilot(config))
        return None
    by_name = _several(config)
    if by_name:
        plan_of_arms = several.plan(config, by_name)
        return shell.command(config, "arms", plan_of_arms, several.compute, several.figures)
    with processes.side_by_side(workers(config)) as each:
        return shell.command(
            config, "comparison", plan(config), partial(compute, each=each), partial(figures, each=each)
        )


def amount(config):
    """The Amount of runs that a config asks for; where sizes are searched that cost the same, at most."""
    asked = config.experiment
    runs = asked["pilot"] or asked["runs"]
    if several.wanted(asked):
        configs = several.each_run(several.read(config, asked), config.seed, runs)
        return amounts.of(configs, asked["store"], at_once(config))
    pair = contrast.of(config)
    configs, searched = several.each_run(pair.arms, config.seed, runs), []
    if asked["public_cost"] is not None:  # of other sizes, which the search finds
        configs, searched = [], configs + [config] * equal_cost.most_runs(pair, runs)
    return amounts.of(configs, asked["store"], at_once(config), searched)


def compare(config):
    """The Comparison that a checked config with the verb `compare` describes; of more than two arms the Arms, of a knob
    the Dose. Runs are kept in its store.
    """
    if config.experiment["pilot"] is not None:
        raise ConfigError(
            [
                "pilot: compares nothing; on the command line it says what `runs` would detect, "
                "as `sim.verbs.compare.pilot(config)` does"
            ]
        )
    by_name = _several(config)
    if by_name:
        return several.compute(config, several.plan(config, by_name))
    return compute(config, plan(config))


def _several(config):
    """Name -> Config of the arms where there are more than two, or of a dose; else nothing."""
    asked = config.experiment
    by_name = several.read(config, asked) if several.wanted(asked) else {}
    return by_name if len(by_name) > 2 or asked["knob"] is not None else {}


def plan(config):
    """What is compared, at equal cost where that is asked; simulates programmes of other sizes to find it.

    Raises ConfigError where no size costs what is asked.
    """
    with arms.accounted() as spent:
        pair = _sized(config)
    about = pair.about | {key: config.experiment[key] for key in ("runs", "primary", "wtp")}
    about |= {"city": config.city.name, "calibration": calibration(config)}
    about["own"] = own.told(own.asked_and_intended(config.experiment["outcomes"], pair.differing))
    about["question"] = heading(about)
    return shell.Plan(about, pair.arms, {"districts.csv": records.districts(config)}, spent)


def compute(config, plan, each=map):
    """The Comparison of a plan; `each` maps a function over the tables, here or in processes."""
    comparison = assess(*_run(config, plan.arms, plan.about["runs"]), plan.about, each)
    return replace(comparison, districts=read_csv(io.StringIO(plan.files["districts.csv"])))


def pilot(config):
    """What `runs` would detect, judged by the spread of a few pairs: text."""
    pair = _sized(config)
    first = pair.about["first_quarter"]
    whole, _ = own.of({"own": own.told(own.asked_and_intended(config.experiment["outcomes"], pair.differing))})
    ours, theirs = (
        pd.DataFrame([run.totals(first, whole) for run in runs])
        for runs in _run(config, pair.arms, config.experiment["pilot"])
    )
    return pilot_screen(ours, theirs, config.experiment["runs"], whole)


def _sized(config):
    """The Contrast of a config, made to cost the same where that is asked."""
    asked = config.experiment
    if several.wanted(asked):
        (base, without), (name, arm) = several.read(config, asked).items()
        return contrast.between(arm, without, {"policy": name, "against": base})
    pair = contrast.of(config)
    if asked["public_cost"] is None:
        return pair
    return equal_cost.sized(pair, asked["public_cost"], asked["runs"], partial(_reduced, config))


def _reduced(config, configs):
    """[Reduced] of the runs of `configs`, kept in the store of the verb's `config`."""
    return arms.run(configs, config.experiment["store"], workers(config), launchers.elsewhere(config.launcher))


def _run(config, by_arm, runs):
    """The arms run: ([Reduced], [Reduced]) in the order of `runs` seeds; pairs are completed one after the other."""
    reduced = _reduced(config, several.each_run(by_arm, config.seed, runs))
    return reduced[::2], reduced[1::2]


# ---------------------------------------------------------------- tables


@dataclass
class Comparison(shell.Result):
    """Two arms over the same seeds.

    `about` says what was compared; the frames are the files described above, `table` is comparison.csv.
    """

    about: dict
    table: pd.DataFrame
    public_purse: pd.DataFrame
    ledger: pd.DataFrame
    incidence: pd.DataFrame
    heterogeneity: pd.DataFrame
    district_effects: pd.DataFrame
    by_group: pd.DataFrame
    admission: pd.DataFrame
    event_study: pd.DataFrame
    anticipation: pd.DataFrame
    runs: pd.DataFrame

    districts: pd.DataFrame | None = None  # of the city, with their places on the tile map; a file of their own

    columns = COLUMNS
    keys = KEYS
    files: ClassVar[dict] = {"table": "comparison"}

    def __post_init__(self):
        """Outcomes of the user's own have columns of their own."""
        self.columns = with_own(COLUMNS, self.about)

    @classmethod
    def remembered(cls, folder, about):
        """The fields that are no tables of the comparison."""
        return {"about": about, "districts": read_csv(folder / "districts.csv")}

    @property
    def headline(self):
        """The effect on the outcome declared beforehand, or else on one that is the same for all."""
        row = self.table.set_index("outcome").loc[self.about["primary"] or HEADLINE]
        ends = row[["difference_low", "difference_high"]]
        return effect_in_words(row["title"], row["unit"], row["difference"], *ends)

    @property
    def texts(self):
        """The table for a paper."""
        return {"table.tex": paper.table(self.table, self.about)}

    @property
    def pairs(self):
        """One row per seed, with the levels of each outcome in both arms (`policy`, `against`) and their `difference`,
        as in `comparison.pairs["startup_jobs"]`.
        """
        return views.pairs(self.runs)

    def effect(self, outcome, by=None):
        """The effect on an outcome: a row of the table, or by `quarter`, `district`, `sector`, `origin`, `experience`
        or `stage` a frame with a row for each. Raises ConfigError where there is none.
        """
        return views.effect(self, outcome, by)

    def plot(self, kind="forest"):
        """A Matplotlib figure: `forest`, `groups`, `event_study`, `ledger`, `incidence`, `flows`, or `map`, of the
        change by district. Raises ConfigError for another kind.
        """
        return views.figure(self, kind)

    def __repr__(self):
        return f"Comparison({heading(self.about)})"

    def __str__(self):
        return screen(self)


def assess(policy, against, about, each=map):
    """The Comparison of two arms, lists of Reduced in the order of the seeds; `each` as in `compute`."""
    parts = dict(zip(PARTS, each(_part, PARTS, repeat(policy), repeat(against), repeat(about)), strict=True))
    rows = parts["runs"]
    ours, theirs = (rows[rows["arm"] == name].set_index("seed") for name in ("policy", "against"))
    told = ours.columns.drop(["arm", "fingerprint"])
    same = {"identical": True} if ours[told].equals(theirs[told]) else {}
    extra = {name: (ours[name] - theirs[name]).to_numpy() for name in ("cost_discounted_cny", "tax_discounted_cny")}
    return Comparison(
        about=about | same | equal_cost.achieved(about, {"policy": ours, "against": theirs}),
        table=effects.table(ours, theirs, about["primary"], own.of(about)[0]),
        public_purse=effects.public_purse(*extra.values(), about["wtp"]),
        **parts,
    )


def _part(name, policy, against, about):
    """A table by its name, which a process can be told."""
    return PARTS[name](policy, against, about)


def _runs(policy, against, about):
    """One row per arm and seed."""
    first, rate, differing = about["first_quarter"], about["discount_rate"], list(about["differing"])
    whole, _ = own.of(about)
    rows = []
    for arm, runs in (("policy", policy), ("against", against)):
        for seed, run in enumerate(runs, about["seed"]):
            purse = {
                "cost_discounted_cny": run.cost(differing),
                "tax_discounted_cny": run.panel.set_index("quarter")["tax_cny"],
            }
            money = {column: effects.discounted(amounts, first, rate) for column, amounts in purse.items()}
            rows.append({"arm": arm, "seed": seed, **run.totals(first, whole), **money, "fingerprint": run.fingerprint})
    return pd.DataFrame(rows)


def _event_study(policy, against, about):
    return effects.event_study(*_quarterly(policy, against, about), *_dates(about), own.of(about)[0])


def _anticipation(policy, against, about):
    return effects.anticipation(*_quarterly(policy, against, about), *_dates(about), own.of(about)[0])


def _dates(about):
    return about["first_quarter"], about["announced"]


def _quarterly(policy, against, about):
    whole, _ = own.of(about)
    return [[run.quarterly(whole) for run in runs] for runs in (policy, against)]


def _by_group(policy, against, about):
    _, grouped = own.of(about)
    return own.group_table(
        *(own.by_group(runs, about["first_quarter"], grouped) for runs in (policy, against)), grouped
    )


PARTS = {  # name of the file -> the table of two arms and of what is compared, the longest to compute first
    "heterogeneity": heterogeneity,
    "ledger": ledger,
    "runs": _runs,
    "event_study": _event_study,
    "anticipation": _anticipation,
    "admission": admission,
    "incidence": incidence,
    "district_effects": district_effects,
    "by_group": _by_group,
}


# ---------------------------------------------------------------- figures


def figures(folder, kinds, each=map):
    """The figures of the comparison in `folder`, as the `kinds` of files; `each` maps a function over them, here or in
    processes.
    """
    from sim import plots

    plots.draw_comparison(folder, kinds, each)
