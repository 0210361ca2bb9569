"""Responses: what must be true of the model whatever its parameters, experiment by experiment, over paired seeds.

    .venv/bin/python experiments/responses.py                            ten seeds, scale 0.1: results/responses/
    .venv/bin/python experiments/responses.py --seeds 4 --label work     the fast form, beside those of other labels
    ... --set mechanism.competition.elasticity=0.6                       the same with a setting in all arms

Each experiment changes one thing of the world or of a policy and is held against the same city with the same luck.
`responses.csv` has a row a label, experiment and outcome: the mean of the paired differences in percent of the base,
with a 95% interval over seeds (Student's t). `statements.csv` says of each label whether the statement holds, does
not, or is not decided: the interval reaches over its bound. `levels.csv` has the outcomes of the base themselves.
`responses.svg` shows the labels side by side. A label is a version of the model: *before* is commit 1324976.
"""

import argparse
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from sim.model.ecosystem import Ecosystem
from sim.policies.instrument import Instrument
from sim.settings import config as configs
from sim.statistics import intervals
from sim.world.calendar import quarter_of
from sim.world.kinds import Life

FIRST, LAST = "2016Q1", "2024Q4"
FLOWS = {  # outcome: columns of the city's panel, summed over the window
    "founded": ("startups_founded",),
    "sales": ("startup_revenue_cny",),
    "vc": ("vc_raised_cny",),
    "private vc": ("vc_private_cny",),
    "deals": ("rounds",),
    "listings": ("ipos",),
    "tax": ("tax_cny",),
    "net spending": ("public_spending_cny",),
}
LEVELS = {  # outcome: column of the city's panel at the end
    "alive": "startups_alive",
    "startup jobs": "startup_jobs",
    "workforce": "workforce",
    "wage": "wage_cny",
    "office rent": "office_rent_cny_m2",
    "returnees": "returnee_residents",
}
AI = "ai_software"  # the sector that has more workers
ZONE, HOME = "innovation_zone_yangpu", "YP"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Moves(Instrument):
    """An experiment that moves levers: (name, value, names by axis or None), payer its own purse."""

    moves: tuple = ()
    purse: float = 0.0  # yuan a year at scale 1

    def appropriation(self, quarter):
        return self.purse / 4.0 * self.intensity(quarter)

    def act(self, levers, intensity, slot):
        for name, value, where in self.moves:
            levers.move(
                name, value, ... if where is None else levers.where(**where), payer=slot if self.purse else None
            )


# ---------------------------------------------------------------- experiments


def moved(*moves, start=FIRST, end=None, purse=0.0, shock=False):
    """An experiment that moves levers from a quarter on."""
    one = Moves(
        name="experiment",
        start=quarter_of(start),
        end=None if end is None else quarter_of(end),
        moves=moves,
        purse=purse,
    )
    key = "shocks" if shock else "policies"
    return lambda config: dataclasses.replace(config, **{key: (*getattr(config, key), one)})


def altered(**mechanisms):
    """An experiment with other parameters: mechanism -> parameter -> value, or a function of the value there is."""

    def change(config):
        params = dict(config.params)
        for name, values in mechanisms.items():
            old = params[name]
            new = {key: value(getattr(old, key)) if callable(value) else value for key, value in values.items()}
            params[name] = old._replace(**new)
        return dataclasses.replace(config, params=params)

    return change


def of_the_city(change):
    """An experiment with another city: `change(city)` gives the fields that differ."""
    return lambda config: dataclasses.replace(config, city=dataclasses.replace(config.city, **change(config.city)))


def sized(name, factor):
    """An experiment with a policy in force `factor` times as large, 0 without it."""

    def change(config):
        rest = [one.scaled(factor) if one.name == name else one for one in config.policies]
        return dataclasses.replace(config, policies=tuple(one for one in rest if factor > 0.0 or one.name != name))

    return change


def both(*changes):
    """An experiment that makes several changes."""

    def change(config):
        for one in changes:
            config = one(config)
        return config

    return change


def zone(factor):
    """An experiment with the zone of Yangpu from 2016, `factor` times its money; one yuan where that is 0."""

    def change(config):
        size = configs.load([f"policy=[{ZONE}]", f"policy.{ZONE}.start={FIRST}"]).policies[0]
        size = size.scaled(factor) if factor > 0.0 else dataclasses.replace(size, size=1.0)
        return dataclasses.replace(config, policies=(*config.policies, size))

    return change


def more_workers(city, sector=AI, share=0.1):
    """The field mix of the city with `share` more people in one sector and as many as before in the others."""
    traits = city.traits.copy()
    row = city.sectors.index(sector)
    more = share * float(traits.workforce[row])
    traits.workforce[row] *= 1.0 + share
    traits.workforce[:] = traits.workforce / (1.0 + more)
    return {"traits": traits, "persons": int(city.persons * (1.0 + more))}


def dear_centre(config):
    """Three times the tenants outside the tech economy in the inner ring, so that space there becomes dear."""
    city = config.city
    inner = [code for code, ring in zip(city.district_codes, city.district_rings, strict=True) if ring == "inner"]
    return moved(("tenants", 3.0, {"district": inner}), start="2006Q1", shock=True)(config)


def unmoved_rivals(city):
    """Rivals that do not answer."""
    rivals = city.rivals.copy()
    rivals.reaction[:] = 0.0
    return {"rivals": rivals}


class Experiment(NamedTuple):
    """What changes, against what, and the statements: (outcome, "above" or "below", percent)."""

    change: object
    statements: tuple
    base: object = None  # another experiment that it is held against


UNCOVERED = sized("failure_compensation", 0.0)
COVER = (("loss_cover", 1.0, None), ("loss_registered", 1.0, None))
EXPERIMENTS = {
    "no returnees": Experiment(
        of_the_city(lambda city: {"overseas_pool_per_year": 0.0}),
        (("startup jobs", "below", 0.0), ("sales", "below", 0.0), ("vc", "below", 0.0)),
    ),
    "ideas x 2": Experiment(
        moved(("ideas", 2.0, None), start="2006Q1"),
        (("founded", "above", 50.0), ("sales", "below", 33.0), ("tax", "below", 33.0)),
    ),
    "rents + 75%": Experiment(
        moved(("tenants", 1.75, None), start="2006Q1", shock=True),
        (("founded", "below", 0.0), ("startup jobs", "below", 0.0), ("vc", "below", 0.0)),
    ),
    "dear centre": Experiment(dear_centre, (("outer share", "above", 0.0), ("founded", "below", 0.0))),
    "no agglomeration": Experiment(
        altered(
            density={"output": 0.0, "pay": 0.0},
            knowhow={"spillover": 0.0},
            founding={"knowledge_elasticity": 0.0, "knowledge_bonus": 0.0},
            product={"knowledge_effect": 0.0},
        ),
        (("sales", "below", 0.0),),
    ),
    "rivals do not react": Experiment(of_the_city(unmoved_rivals), (("workforce", "above", 0.0),)),
    "workers + 10% in AI": Experiment(
        of_the_city(more_workers), ((f"sales {AI}", "above", 0.0), (f"alive {AI}", "above", 0.0))
    ),
    "zone": Experiment(zone(1.0), ((f"firms {HOME}", "above", 0.0),), base=zone(0.0)),
    "zone x 10": Experiment(zone(10.0), ((f"firms {HOME}", "above", 0.0), ("alive", "above", 0.0)), base=zone(0.0)),
    "zone of one yuan": Experiment(zone(0.0), ((f"firms {HOME}", "within", 1.0), ("startup jobs", "within", 1.0))),
    "no guidance fund": Experiment(sized("guidance_fund", 0.0), ()),
    "guidance fund x 3": Experiment(sized("guidance_fund", 3.0), (("vc", "above", 0.0),)),
    "guidance fund x 10": Experiment(sized("guidance_fund", 10.0), (("vc", "above", 0.0),)),
    "patient fund x 10": Experiment(sized("patient_capital", 10.0), (("patient", "above", 200.0),)),
    "commitments halved": Experiment(
        moved(("fundraising", 0.5, None), end="2017Q2", shock=True), (("vc 2016", "below", -33.0),)
    ),
    "partners' hours x 2": Experiment(
        altered(pace={"deals_per_partner": lambda x: 2.0 * x}, funding={"screens_per_partner": lambda x: 2.0 * x}),
        (("vc", "below", 33.0),),
    ),
    "full loss cover": Experiment(
        both(UNCOVERED, moved(*COVER, purse=1e12)),
        (("deals", "above", 0.0), ("effort", "below", 0.0)),
        base=UNCOVERED,
    ),
    "no opportunistic rounds": Experiment(altered(plans={"opportunity_rate": 0.0}), (("vc", "above", -40.0),)),
    "window x 3": Experiment(
        moved(("ipo", 3.0, None), start="2006Q1", shock=True),
        (
            ("listings", "above", 0.0),
            ("sales, listed firms too", "above", 0.0),
            ("jobs, listed firms too", "above", 0.0),
        ),
    ),
}


# ---------------------------------------------------------------- runs


def simulate(name, seed, words):
    """{outcome: value} of one run; `name` is an experiment, the base of one ("base of zone"), or "as it is", and
    `words` say what holds in all of them.
    """
    config = dataclasses.replace(configs.load(words), seed=seed, threads=1)
    if name.startswith("base of "):
        config = EXPERIMENTS[name.removeprefix("base of ")].base(config)
    elif name != "as it is":
        config = EXPERIMENTS[name].change(config)
    model = Ecosystem(config)
    while model.quarter <= config.end:
        model.step()
    return outcomes(model)


def outcomes(model):
    """{outcome: value} of a run that has ended, at full size."""
    tables = model.panels.tables()
    city, district = tables["city"].set_index("quarter"), tables["district"]
    window = city.loc[FIRST:LAST]
    found = {name: float(window[list(columns)].sum().sum()) for name, columns in FLOWS.items()}
    found |= {name: float(city[column].iloc[-1]) for name, column in LEVELS.items()}
    found["patient"] = float(window["patient_raised_cny"].sum())
    found["vc 2016"] = float(city.loc["2016Q1":"2016Q4", "vc_raised_cny"].sum())
    found["listed jobs"] = float(city["listed_jobs"].iloc[-1])
    found["jobs, listed firms too"] = found["startup jobs"] + found["listed jobs"]
    found["sales, listed firms too"] = found["sales"] + float(window["listed_revenue_cny"].sum())
    last = district[district["quarter"] == LAST].set_index("district")
    found[f"firms {HOME}"] = float(last.loc[HOME, "startups_alive"])
    found[f"jobs {HOME}"] = float(last.loc[HOME, "startup_jobs"])
    found |= {f"{ring} share": share_of_ring(last, ring) for ring in ("outer", "inner")}
    sector = tables["sector"][tables["sector"]["sector"] == AI].set_index("quarter")
    found[f"sales {AI}"] = float(sector.loc[FIRST:LAST, "revenue_cny"].sum())
    found[f"alive {AI}"] = float(sector["startups_alive"].iloc[-1])
    found[f"jobs {AI}"] = float(sector["startup_jobs"].iloc[-1])
    startups = model.state.startups.used
    funded = (startups.rounds > 0) & (startups.last_round >= quarter_of(FIRST))
    found["effort"] = float(startups.effort[funded].mean())
    found |= work(model, tables)
    found["sales a worker"] = found["sales"] / max(float(window["startup_jobs"].sum()) / 4.0, 1.0)
    return found


def share_of_ring(last, ring):
    """Part of the startups alive in the districts of a ring; `last` is the panel of districts of the last quarter."""
    return float(last.loc[last["ring"] == ring, "startups_alive"].sum() / last["startups_alive"].sum())


def work(model, tables):
    """{outcome: value} of work at the end."""
    startups = model.state.startups.used
    alive = startups[(startups.life == Life.ALIVE) & (startups.headcount >= 3) & (startups.revenue > 0)]
    heads, sales = np.log(alive.headcount), np.log(alive.revenue)
    sector = pd.Series(alive.sector)
    within = [x - pd.Series(x).groupby(sector).transform("mean").to_numpy() for x in (heads, sales)]
    old = (startups.life == Life.ALIVE) & (startups.raised == 0) & (model.quarter - startups.born >= 16)
    city = tables["city"].iloc[-1]
    new = startups.founder_age[startups.born >= quarter_of(FIRST)]
    ages = np.quantile(new, [0.25, 0.75])
    return {
        "elasticity of sales to heads": float((within[0] * within[1]).sum() / (within[0] ** 2).sum()),
        "quartiles of sales a head": float(np.exp(np.subtract(*np.quantile(sales - heads, [0.75, 0.25])))),
        "unemployed share": float(city["searching"] / city["workforce"]),
        "long unemployed share": float(city["long_searching"] / max(city["searching"], 1)),
        "turned share": float(tables["city"]["turned"].sum() / tables["city"]["hires"].sum()),
        "founders' age": float(new.mean()),
        "founders' lower quartile": float(ages[0]),
        "founders' upper quartile": float(ages[1]),
        "heads, self-financed over four years": float(startups.headcount[old].mean()),
        "ten heads or more of them": float((startups.headcount[old] >= 10).mean()),
    }


def wanted(only):
    """Names of all arms that the experiments `only` need, the base first."""
    return ["as it is", *only, *(f"base of {name}" for name in only if EXPERIMENTS[name].base is not None)]


def measure(seeds, words, workers, only):
    """Table of every outcome of every arm and seed."""
    tasks = [(name, seed) for seed in range(1, seeds + 1) for name in wanted(only)]
    found = Parallel(n_jobs=workers, verbose=5)(delayed(simulate)(name, seed, words) for name, seed in tasks)
    return pd.DataFrame([{"arm": name, "seed": seed, **row} for (name, seed), row in zip(tasks, found, strict=True)])


# ---------------------------------------------------------------- tables


def effects(runs, label):
    """One row an experiment and outcome: paired differences in percent of the base, with 95% intervals."""
    rows = []
    arms = {name: table.set_index("seed").drop(columns="arm") for name, table in runs.groupby("arm")}
    for name, experiment in EXPERIMENTS.items():
        if name not in arms:
            continue
        base = arms[f"base of {name}" if experiment.base is not None else "as it is"]
        difference = 100.0 * (arms[name] - base) / base.mean().where(base.mean() != 0.0)
        for outcome in difference.columns:
            found = intervals.mean(difference[outcome].to_numpy(), fewest=2)
            if (difference[outcome] == 0.0).all():  # the same bits in every pair, which no other pair would change
                found = intervals.Estimate(0.0, 0.0, 0.0)
            rows.append(
                {
                    "label": label,
                    "experiment": name,
                    "outcome": outcome,
                    "base": base[outcome].mean(),
                    "percent": found.value,
                    "low": found.low,
                    "high": found.high,
                    "seeds": len(difference),
                }
            )
    return pd.DataFrame(rows)


def levels(runs, label):
    """One row an outcome: its mean in the base, with a 95% interval over seeds."""
    base = runs[runs["arm"] == "as it is"].drop(columns=["arm", "seed"])
    found = [(label, outcome, *intervals.mean(base[outcome].to_numpy(), fewest=2)) for outcome in base.columns]
    return pd.DataFrame(found, columns=["label", "outcome", "mean", "low", "high"])


def kept_with(new, path):
    """The table `new` after what is kept at `path` of other labels."""
    if not path.exists():
        return new
    before = pd.read_csv(path)
    return pd.concat([before[~before["label"].isin(new["label"])], new], ignore_index=True)


def verdicts(table):
    """One row a label and statement: holds, does not hold, or is not decided by these seeds."""
    rows = []
    for label, part in table.groupby("label", sort=False):
        found = part.set_index(["experiment", "outcome"])
        for name, experiment in EXPERIMENTS.items():
            for outcome, side, bound in experiment.statements:
                if (name, outcome) not in found.index:
                    continue
                row = found.loc[(name, outcome)]
                if side == "within":
                    holds, fails = row.low >= -bound and row.high <= bound, row.low > bound or row.high < -bound
                else:
                    holds, fails = row.low > bound, row.high < bound
                    holds, fails = (holds, fails) if side == "above" else (fails, holds)
                verdict = "holds" if holds else "does not hold" if fails else "not decided"
                said = f"{outcome} {side} {bound:g}%"
                rows.append((label, name, said, row.percent, row.low, row.high, verdict))
    return pd.DataFrame(rows, columns=["label", "experiment", "statement", "percent", "low", "high", "verdict"])


def draw(table, place):
    """Dots with intervals: one row an experiment and outcome that a statement speaks of, one colour a label."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    wanted_rows = [(name, outcome) for name, one in EXPERIMENTS.items() for outcome, _, _ in one.statements]
    labels = list(dict.fromkeys(table["label"]))
    found = table.set_index(["label", "experiment", "outcome"])
    figure, axes = plt.subplots(figsize=(8.5, 0.34 * len(wanted_rows) + 1.2), layout="constrained")
    colours = ["#9aa5b1", "#2b6cb0", "#c05621", "#2f855a"]
    for i, label in enumerate(labels):
        for row, (name, outcome) in enumerate(wanted_rows):
            if (label, name, outcome) in found.index:
                one = found.loc[(label, name, outcome)]
                y = row + 0.18 * (i - (len(labels) - 1) / 2)
                shown = np.clip([one.low, one.high, one.percent], -150, 400)
                axes.plot(shown[:2], [y, y], color=colours[i % 4], linewidth=1.6)
                axes.plot(shown[2], y, "o", color=colours[i % 4], markersize=4, label=label if row == 0 else None)
    axes.set_yticks(range(len(wanted_rows)), [f"{name}: {outcome}" for name, outcome in wanted_rows], fontsize=8)
    axes.set_ylim(len(wanted_rows) - 0.4, -0.6)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xticks(
        [-100, -30, -10, -3, 0, 3, 10, 30, 100, 300], ["-100", "-30", "-10", "-3", "0", "3", "10", "30", "100", "300"]
    )
    axes.set_xlabel("effect, percent of the base, with 95% intervals over paired seeds", fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    figure.savefig(place)
    plt.close(figure)


def version():
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=Path(__file__).parent
    )
    return done.stdout.strip() or "unknown"


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--workers", type=int, default=-1)
    parser.add_argument("--label", default="now", help="name of this version of the model in the tables")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of all arms")
    parser.add_argument("--only", action="append", choices=[*EXPERIMENTS], help="an experiment, and no other")
    parser.add_argument("--output", type=Path, default=Path("results/responses"))
    asked = parser.parse_args(words)
    if asked.seeds < 2:
        parser.error("--seeds: at least 2, for an interval")
    asked.output.mkdir(parents=True, exist_ok=True)
    runs = measure(asked.seeds, [f"scale={asked.scale}", *asked.set], asked.workers, asked.only or EXPERIMENTS)
    table = effects(runs, asked.label).assign(scale=asked.scale, version=version())
    table = kept_with(table, asked.output / "responses.csv")
    table.to_csv(asked.output / "responses.csv", index=False, float_format="%.6g")
    kept_with(levels(runs, asked.label), asked.output / "levels.csv").to_csv(
        asked.output / "levels.csv", index=False, float_format="%.6g"
    )
    statements = verdicts(table)
    statements.to_csv(asked.output / "statements.csv", index=False, float_format="%.4g")
    draw(table, asked.output / "responses.svg")
    mine = statements[statements["label"] == asked.label]
    print(mine.to_string(index=False, float_format=lambda x: f"{x:.1f}"))
    print(f"\n{(mine['verdict'] == 'holds').sum()} of {len(mine)} hold; in {asked.output}")


if __name__ == "__main__":
    sys.exit(main())
