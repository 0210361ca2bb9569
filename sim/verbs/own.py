"""Outcomes of the user's own, from a few words each; `sim compare`, its arms and doses and `sim analyse` take them.

    foreign_arrivals                      a column of the panel of the city
    equity_raised_cny/rounds              a ratio of two columns or outcomes
    startup_jobs by sector                the same of each group: of district and sector the columns of their panels
    startups_failed by experience         of origin, experience and stage, what is counted of startups (COUNTED)

What flows is summed over the window, all else is that of the last quarter; a ratio of which a part flows is that of the
sums over the quarters of the window, so that what flows over what stands is the mean of a quarter. What is counted of
startups is counted once, at the end, and belongs to the group in which a startup is then; money raised, by stage, to
that of the round.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.observables.columns import FLOW, STOCK, TOTAL, YUAN
from sim.observables.outcomes import BY_NAME, BY_PANEL, BY_STARTUP, END, OUTCOMES, WINDOW, Outcome
from sim.observables.panel_columns import CITY, DISTRICT, SECTOR
from sim.settings.refusals import ConfigError, nearest, shown
from sim.statistics import effects, intervals

EXTENSIVE = (FLOW, STOCK, TOTAL)
COUNTED = {  # what is counted of startups by group: unit, and when
    "startups_founded": ("firms", WINDOW),
    "startups_alive": ("firms", END),
    "startups_funded_alive": ("firms", END),
    "startups_failed": ("firms", WINDOW),
    "startups_closed": ("firms", WINDOW),
    "startup_jobs": ("jobs", END),
    "vc_raised_cny": ("yuan", WINDOW),
    "exits": ("firms", WINDOW),
    "exit_value_cny": ("yuan", WINDOW),
}
PANELS = {"district": DISTRICT, "sector": SECTOR}
BY = " by "
ADDED = {"net_spending_cny": ("yuan", FLOW)}  # what a reduced run adds to the panel of the city


class Part(NamedTuple):
    """A column or an outcome without a ratio, as a part of what is asked."""

    name: str
    columns: tuple
    unit: str
    kind: str

    @property
    def flows(self):
        return self.kind == FLOW


def read(asked, key="outcomes"):
    """([Outcome] of the words in the list `asked`, what is wrong as sentences); `key` is how the list is called."""
    example = "should be a list such as [foreign_arrivals,equity_raised_cny/rounds,startup_jobs by sector]"
    if not isinstance(asked, list) or not all(isinstance(words, str) for words in asked):
        return [], [f"{key}={shown(asked)}: {example}"]
    found, problems = [], []
    for words in asked:
        one, wrong = _one(" ".join(words.split()))
        problems += [f"{key}={words}: {text}" for text in wrong]
        if one is not None and one.name in {other.name for other in found}:
            problems.append(f"{key}={words}: stands twice")
        elif one is not None:
            found.append(one)
    return found, problems


def _one(words):
    """(the Outcome of a few words or None, what is wrong with them)."""
    formula, _, by = words.partition(BY)
    known = _known(by)
    if known is None:
        return None, [f"{by}: groups are {', '.join((*BY_PANEL, *BY_STARTUP))}{nearest(by, (*BY_PANEL, *BY_STARTUP))}"]
    names = [name.strip() for name in formula.split("/")]
    if len(names) > 2:
        return None, ["a ratio has two parts"]
    wrong = [f"{name}: {_no_such(name, by, known)}" for name in names if name not in known]
    if wrong:
        return None, wrong
    parts = [known[name] for name in names]
    if not by and len(parts) == 1 and names[0] in BY_NAME:
        return BY_NAME[names[0]], []
    if len(parts) == 1:
        over = WINDOW if parts[0].flows else END
        return Outcome(words, _titled(names[0], by), parts[0].unit, over, parts[0].columns, by=by), []
    flow = any(part.flows for part in parts)
    wrong = [f"{part.name}: is no sum, so it has no ratio to what flows" for part in parts if flow and _index(part)]
    if wrong:
        return None, wrong
    title = f"{_titled(names[0])} per {_one_of(_titled(names[1]))}{_by(by)}"
    whole, per = parts
    return (
        Outcome(
            f"{names[0]}/{names[1]}{_by(by)}",
            title,
            _ratio_unit(whole.unit, per.unit),
            WINDOW if flow else END,
            whole.columns,
            per.columns,
            by=by,
        ),
        [],
    )


def _index(part):
    return part.kind not in EXTENSIVE


def _by(by):
    return f"{BY}{by}" if by else ""


def _known(by):
    """Name -> Part of what can be asked of the city, or by group; None where there is no such group."""
    if not by:
        return _of_the_city()
    counted = {
        name: Part(name, (name,), unit, FLOW if over == WINDOW else STOCK) for name, (unit, over) in COUNTED.items()
    }
    if by in PANELS:
        return counted | {part.name: part for part in _parts(PANELS[by])}
    return counted if by in BY_STARTUP else None


def _of_the_city():
    known = {part.name: part for part in _parts(CITY)}
    known |= {name: Part(name, (name,), unit, kind) for name, (unit, kind) in ADDED.items()}
    kinds = {name: part.kind for name, part in known.items()}
    sums = [each for each in OUTCOMES if not each.per]
    return (
        known
        | {each.name: Part(each.name, each.columns, each.unit, kinds[each.columns[0]]) for each in sums}
        | {each.name: Part(each.name, each.columns, each.unit, "index") for each in OUTCOMES if each.per}
    )


def _parts(columns):
    """The Parts that columns of a panel are, of those in numbers that are no time or trait."""
    return [
        Part(each.name, (each.name,), _unit(each.unit), each.kind)
        for each in columns
        if each.kind not in ("time", "trait")
    ]


def _no_such(name, by, known):
    where = f"is not told by {by}" if by and name in _of_the_city() else "no such column or outcome"
    hint = nearest(name, known)
    if hint or not by:
        return f"{where}{hint or '; `sim list columns city` and `sim list outcomes` name them'}"
    return f"{where}; there is {', '.join(known)}"


def _unit(unit):
    return unit.replace(YUAN, "yuan")


def _ratio_unit(whole, per):
    return "ratio" if whole == per else f"{whole} per {per.removesuffix('s')}"


def _titled(name, by=""):
    """A column in words."""
    words = name.removesuffix("_cny").replace("_in_quarter", "").replace("_to_date", " so far").replace("_", " ")
    words = BY_NAME[name].title if name in BY_NAME else words.removesuffix(" cny")
    return f"{words[:1].upper()}{words[1:]}{_by(by)}".replace("Vc ", "VC ").replace("Lp ", "LP ")


def intended(policies):
    """([Outcome], problems): what each of the instruments `policies` is meant to move beyond what is always there."""
    found, problems = {}, []
    for policy in policies:
        outcomes, wrong = read(list(policy.INTENDED), f"policy.{policy.name}: INTENDED of its class")
        problems += wrong
        for one in outcomes:
            if one.name not in BY_NAME:
                found.setdefault(one.name, one._replace(intended_by=policy.name))
    return list(found.values()), problems


def asked_and_intended(asked, policies):
    """[Outcome] that the words in `asked` describe and that the policies intend, each once. Raises ConfigError where a
    class intends what there is not.
    """
    meant, problems = intended(policies)
    if problems:
        raise ConfigError(problems)
    outcomes = [one for one in read(asked)[0] if one.by or one.name not in BY_NAME]
    names = {one.name for one in outcomes}
    return outcomes + [one for one in meant if one.name not in names]


def _one_of(title):
    """What stands behind `per`."""
    title = title if title.startswith(("VC", "LP")) else title[:1].lower() + title[1:]
    title = title.replace("startups ", "startup ", 1)
    return title.removesuffix("s") if not title.endswith("ss") else title


# ---------------------------------------------------------------- of a comparison


def of(about):
    """([Outcome] of the whole city, [Outcome] by group) of what a comparison says of itself: those that are always
    there, those asked for, those that the policies intend.
    """
    own = [
        Outcome(**{**one, "columns": tuple(one["columns"]), "per": tuple(one["per"])}) for one in about.get("own", ())
    ]
    return [*OUTCOMES, *(one for one in own if not one.by)], [one for one in own if one.by]


def told(outcomes):
    """[Outcome] as the plain dicts from which `of` makes them."""
    return [one._asdict() | {"columns": list(one.columns), "per": list(one.per)} for one in outcomes]


# ---------------------------------------------------------------- by group


def by_group(runs, first, outcomes):
    """Of runs (Reduced) what is told by group: a frame with a row a run and a column a (name of the outcome, group),
    from the quarter `first` on, counts and yuan at full size.
    """
    columns = {}
    dimensions = {outcome.by for outcome in outcomes if not in_panel(outcome)}
    startups = [_startups(run, first) for run in runs] if dimensions else []
    counted = {dimension: _counted(runs, first, startups, dimension) for dimension in dimensions}
    for outcome in outcomes:
        if in_panel(outcome):
            values = _of_panels(runs, first, outcome)
        else:
            values = _of_counts(counted[outcome.by], outcome)
        columns |= {(outcome.name, group): values[group] for group in values}
    return pd.DataFrame(columns)


def in_panel(outcome):
    """Whether there is a panel of its groups that has all columns of an outcome."""
    names = {each.name for each in PANELS.get(outcome.by, ())}
    return names.issuperset((*outcome.columns, *outcome.per))


def _of_panels(runs, first, outcome):
    """A frame with a row a run and a column a district or sector."""
    rows = []
    for run in runs:
        panel = getattr(run, f"{outcome.by}s")
        rows.append(of_panel(panel[panel["quarter"] >= first], outcome))
    return pd.DataFrame(rows).reset_index(drop=True)


def of_panel(window, outcome):
    """A Series by district or sector, of the rows of their panel that are the window."""
    groups = window.groupby(outcome.by, sort=False)
    values = groups[[*outcome.columns, *outcome.per]].agg("sum" if outcome.over == WINDOW else "last").astype(float)
    whole = values[list(outcome.columns)].sum(axis=1)
    return whole / values[list(outcome.per)].sum(axis=1).replace(0, np.nan) if outcome.per else whole


def _of_counts(counted, outcome):
    """The same of what is counted of startups, a frame with columns (what, group)."""
    whole = counted[outcome.columns[0]] if len(outcome.columns) == 1 else sum(counted[name] for name in outcome.columns)
    return whole / counted[outcome.per[0]].replace(0, np.nan) if outcome.per else whole


def _counted(runs, first, startups, dimension):
    """A frame with a row a run and columns (what of COUNTED, group), of runs and the `_startups` of each."""
    sums = [_sums(run, first, table, dimension) for run, table in zip(runs, startups, strict=True)]
    wide = pd.concat([one.unstack() for one in sums], axis=1, keys=range(len(runs))).T.fillna(0.0)
    return wide.div([run.scale for run in runs], axis=0)


def _startups(run, first):
    """A row a startup: by what it is told, and what is counted of it."""
    rows = run.startups
    alive, ended = rows["life"] == "alive", rows["ended"].astype(object).fillna("") >= first
    left = rows["life"].isin(["listed", "acquired"]) & ended
    return rows[["startup_id", *BY_PANEL, *BY_STARTUP]].assign(
        startups_founded=(rows["born"] >= first).astype(float),
        startups_alive=alive.astype(float),
        startups_funded_alive=(alive & (rows["raised_to_date_cny"] > 0)).astype(float),
        startups_failed=((rows["life"] == "failed") & ended).astype(float),
        startups_closed=((rows["life"] == "closed") & ended).astype(float),
        startup_jobs=rows["headcount"].where(alive, 0).astype(float),
        exits=left.astype(float),
        exit_value_cny=rows["exit_value_cny"].where(left, 0).astype(float),
    )


def _sums(run, first, startups, dimension):
    """The sums of a run by group: rows groups, columns those of COUNTED."""
    sums = startups.groupby(dimension)[[name for name in COUNTED if name != "vc_raised_cny"]].sum()
    rounds = run.rounds[(run.rounds["quarter"] >= first) & (run.rounds["investor"] == "fund")]
    if dimension == "stage":
        raised = rounds.groupby("stage")["amount_cny"].sum()
    else:
        places = startups.set_index("startup_id")[dimension]
        raised = rounds["amount_cny"].groupby(rounds["startup_id"].map(places)).sum()
    return sums.join(raised.rename("vc_raised_cny").astype(float), how="outer").fillna(0.0)[list(COUNTED)]


def group_table(ours, theirs, outcomes):
    """One row an outcome and group from two frames of `by_group`: levels, paired difference, interval, p, and q over
    the groups of an outcome.
    """
    if not outcomes:
        return pd.DataFrame(columns=GROUPED)
    columns = list(dict.fromkeys([*ours, *theirs]))
    ours, theirs = (frame.reindex(columns=pd.MultiIndex.from_tuples(columns)) for frame in (ours, theirs))
    rows = [
        _tested(outcome, column, ours[column], theirs[column])
        for outcome in outcomes
        for column in columns
        if column[0] == outcome.name
    ]
    table = pd.DataFrame(rows, columns=TESTED)
    return table.assign(q=effects.q_within(table["p"], table["outcome"]))[GROUPED]


def _tested(outcome, column, ours, theirs):
    """The row of one group from the columns of both arms."""
    pairs = pd.DataFrame({"policy": ours, "against": theirs})
    pairs = pairs.dropna() if outcome.per else pairs.fillna(0.0)
    differences = (pairs["policy"] - pairs["against"]).to_numpy()
    effect, level = intervals.mean(differences), pairs["against"].mean()
    values = (outcome.name, outcome.title, outcome.unit, outcome.over, outcome.by, column[1], pairs["policy"].mean())
    values = *values, level, *effect, 100 * effect.value / level if level else np.nan
    return dict(zip(TESTED, (*values, intervals.p_value(differences), len(differences)), strict=True))


TESTED = [
    *("outcome", "title", "unit", "over", "dimension", "group", "policy", "against", "difference", "low", "high"),
    *("percent", "p", "runs"),
]
GROUPED = [*TESTED[:-1], "q", "runs"]
