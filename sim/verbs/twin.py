"""`sim twin`: one founder's life in both arms side by side, up to where the two part, and why.

    life.csv      one row an event: quarter, kind, what happens in either arm, whether it is the same
    numbers.csv   one row a quarter and number that differs between the arms
    founders.csv  without `founder`: everybody whose lives part, with the quarter, the event, and the money in either
                  arm
    twin.json     what was compared, where the lives part, versions, machine, time
    policy.yaml, against.yaml   the configs of the two runs
    figures/      two_lives: svg and its data, with a founder
    DONE or FAILED    how it ended

A person has the same number and the same luck in both arms. So lives are one and the same until something that the
policy moved, its own rules or prices and wages and other people's deeds, reaches the person.
"""

import textwrap
from dataclasses import dataclass, replace
from itertools import zip_longest

import pandas as pd

from sim.observables import lives
from sim.observables.codebook import COLUMNS
from sim.runs import arms, common_past
from sim.settings import contrast
from sim.settings.refusals import ConfigError, shown
from sim.verbs import keys, shell
from sim.verbs.screen import WIDTH, arms_in_words, short

LISTED = 10  # founders of each list
NEAR = 5  # numbers that differ, of those told

# ---------------------------------------------------------------- check


def check(tree, resolved):
    """What is wrong with the two arms and with the founder's number, as sentences."""
    founder = tree["experiment"]["founder"]
    right = founder is None or isinstance(founder, int) and not isinstance(founder, bool) and 0 <= founder < 2**63
    problems = [] if right else [f"founder={shown(founder)}: should be the number of a founder, or null for a list"]
    return problems + keys.check_not_here(tree, resolved) + contrast.check(tree, resolved)


# ---------------------------------------------------------------- compute


def command(config):
    """The verb: run both arms, write a folder of its own in `config.output`, print a screen; returns the folder."""
    return shell.command(config, "twin", plan(config), compute, figures)


def twin(config):
    """The Twins, or without a founder the Founders, of a checked config with the verb `twin`.

    Raises ConfigError where the founder is in neither run.
    """
    return compute(config, plan(config))


def figures(folder, kinds):
    """The figure of the two lives in `folder`, as the `kinds` of files."""
    from sim import plots

    plots.draw_twins(folder, kinds)


@dataclass(frozen=True, kw_only=True)
class Lives(shell.Plan):
    """The plan with both arms simulated, as only runs tell whether the founder is there: in each arm the events of all
    founders and the table of startups, and the diary of the one who is asked for.
    """

    events: list
    startups: list
    diaries: list


def plan(config):
    """The Lives to be compared. Raises ConfigError where the founder is in neither run."""
    pair, founder = contrast.of(config), config.experiment["founder"]
    events, startups, diaries = [], [], []
    for arm in pair.arms.values():
        run = common_past.simulate([arms.with_seed(arm, config.seed)], lambda: lives.Diary(founder))
        _, model, diary = next(run)
        tables = model.panels.tables({name: COLUMNS[name] for name in lives.TABLES})
        events.append(lives.events(tables))
        startups.append(tables["startups"])
        diaries.append(diary)
    if founder is not None and not any((rows["founder_id"] == founder).any() for rows in events):
        present = any(diary.numbers for diary in diaries)
        why = "is in the city but founds nothing" if present else "nobody of this number is in the city"
        where = f"seed {config.seed}, scale {config.scale:g}, {pair.about['last_quarter']} the last quarter"
        raise ConfigError([f"founder={founder}: {why} in either arm ({where}); leave founder out for a list"])
    about = pair.about | {"title": f"lives {pair.about['title']}"}
    return Lives(about=about, arms=pair.arms, events=events, startups=startups, diaries=diaries)


def compute(config, lives):
    """The Twins of the founder that `config` asks for, or without one the Founders."""
    founder = config.experiment["founder"]
    if founder is None:
        return Founders(lives.about, _all_parted(lives.events, lives.startups))
    last = lives.about["last_quarter"]
    told = _side_by_side(
        *(
            _story(diary, rows[rows["founder_id"] == founder], last)
            for diary, rows in zip(lives.diaries, lives.events, strict=True)
        )
    )
    numbers = _differing(*(diary.numbers for diary in lives.diaries))
    parting = _parting(told, numbers)
    ours, theirs = arms_in_words(lives.about)
    sample = f"seed {config.seed}, scale {config.scale:g}, to {last}"
    question = f"Founder {founder}: {ours} against {theirs}; {sample}"
    asked = lives.about | {"founder": founder, "parting": parting, "question": question}
    return Twins(asked, founder, told, numbers, parting)


# ---------------------------------------------------------------- tables


@dataclass
class Twins(shell.Result):
    """One founder in both arms.

    `life` and `numbers` are the files described above; `parting` is None where the lives never part.
    """

    about: dict
    founder: int
    life: pd.DataFrame
    numbers: pd.DataFrame
    parting: dict | None

    def plot(self):
        """The two lives, a Matplotlib figure."""
        from sim.plots import two_lives

        return two_lives.figure(two_lives.data({"life": self.life, "numbers": self.numbers, "about": self.about}))

    @property
    def headline(self):
        """Where the lives part."""
        if self.parting is None or self.parting["quarter"] is None:
            return "no event differs"
        return f"they part in {self.parting['quarter']}: {self.parting['kind']}"

    @classmethod
    def read(cls, folder, about):
        """The Twins of a folder; an arm in which nothing happens has the empty text."""
        twins = super().read(folder, about)
        return replace(twins, life=twins.life.fillna({"policy": "", "against": ""}))

    @classmethod
    def remembered(cls, _folder, about):
        """The fields that are no frames."""
        return {"about": about, "founder": about["founder"], "parting": about["parting"]}

    def __repr__(self):
        return f"Twins(founder {self.founder}, {len(self.life)} events)"

    def __str__(self):
        return screen(self)


@dataclass
class Founders(shell.Result):
    """Everybody who founds in either arm and whose lives part: `founders` in the order in which they do."""

    about: dict
    founders: pd.DataFrame

    @property
    def headline(self):
        """How many there are."""
        return f"{len(self.founders)} founders live another life"

    def __repr__(self):
        return f"Founders({len(self.founders)} whose lives part)"

    def __str__(self):
        return screen_of_all(self)


def _story(diary, events, last):
    """All events of a life in one run that ends in the quarter `last`, a frame of quarter, kind, key and text."""
    rows = [*diary.events(last), *events[["quarter", "kind", "key", "text"]].itertuples(index=False, name=None)]
    return pd.DataFrame(rows, columns=["quarter", "kind", "key", "text"])


def _side_by_side(ours, theirs):
    """One row an event of either life, in time: quarter, kind, key, policy, against, same."""
    both = ours.merge(theirs, on=["quarter", "kind", "key"], how="outer", suffixes=("_ours", "_theirs"))
    both = both.rename(columns={"text_ours": "policy", "text_theirs": "against"}).fillna({"policy": "", "against": ""})
    order = both["kind"].map(lives.KINDS.index)
    both = both.assign(order=order).sort_values(["quarter", "order", "key"]).drop(columns="order")
    return both.assign(same=both["policy"] == both["against"]).reset_index(drop=True)


def _differing(ours, theirs):
    """One row a quarter and number that differs: quarter, number, policy, against, percent (of the larger of the
    two).
    """
    rows = []
    for quarter in sorted({*ours, *theirs}):
        one, other = ours.get(quarter, {}), theirs.get(quarter, {})
        for name in {**one, **other}:
            a, b = one.get(name), other.get(name)
            if a != b:
                percent = 100 * (a - b) / max(abs(a), abs(b)) if _is_number(a) and _is_number(b) else float("nan")
                rows.append((quarter, name, a, b, percent))
    return pd.DataFrame(rows, columns=["quarter", "number", "policy", "against", "percent"])


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _parting(told, numbers):
    """Where two lives part: the first event that is not the same, the first number that was not, and those that
    differ then; None where nothing does.
    """
    parted = told[_parts(told, "policy", "against")]
    if parted.empty and numbers.empty:
        return None
    event = {"quarter": None, "kind": None, "policy": "", "against": ""}
    if len(parted):
        event = parted.iloc[0][["quarter", "kind", "policy", "against"]].to_dict()
    first = numbers.iloc[0][["quarter", "number", "policy", "against", "percent"]].to_dict() if len(numbers) else None
    before = numbers["quarter"] < (event["quarter"] or "9999Q4")
    then = numbers[before] if before.any() else numbers  # what the event itself changed would hide what led to it
    then = then[then["quarter"] == then["quarter"].max()].sort_values(
        "percent", key=abs, ascending=False, kind="stable"
    )
    return event | {"first_number": first, "numbers_then": then.head(NEAR).to_dict("records")}


def _parts(events, ours, theirs):
    """Which events part two lives: those not the same, but for a refusal, from which nothing follows."""
    one, other = (events[column].fillna("") for column in (ours, theirs))
    return (one != other) & ~((events["kind"] == "application") & (one + other).str.endswith("refused"))


def _all_parted(events, startups):
    """One row a founder whose lives part, the earliest first."""
    key = ["founder_id", "quarter", "kind", "key"]
    ours, theirs = (rows.drop_duplicates(key) for rows in events)
    both = ours.merge(theirs, on=key, how="outer", suffixes=("_ours", "_theirs"))
    both = both[_parts(both, "text_ours", "text_theirs")].assign(order=lambda rows: rows["kind"].map(lives.KINDS.index))
    first = both.sort_values(["quarter", "order", "key"]).drop_duplicates("founder_id").set_index("founder_id")
    table = first[["quarter", "kind"]].rename(columns={"quarter": "parts", "kind": "at"})
    for arm, firms in zip(("policy", "against"), startups, strict=True):
        by_founder = firms[firms["founder_id"].isin(table.index)].groupby("founder_id")
        table[f"ventures_{arm}"] = by_founder.size().reindex(table.index, fill_value=0)
        table[f"raised_{arm}_cny"] = by_founder["raised_to_date_cny"].sum().reindex(table.index, fill_value=0)
        table[f"life_{arm}"] = by_founder["life"].last().reindex(table.index)
        table[f"origin_{arm}"] = by_founder["origin"].last().reindex(table.index)
    table = table.assign(origin=table.pop("origin_policy").fillna(table.pop("origin_against")))
    return table.sort_values(["parts", "founder_id"]).reset_index()


# ---------------------------------------------------------------- screen


def screen(twins):
    """The two lives as text."""
    half = WIDTH // 2 - 8
    lines = [f"Founder {twins.founder}", *_arms(twins.about), "", f"{'':8}{'policy':{half + 2}}against"]
    parting = (twins.parting["quarter"], twins.parting["kind"]) if twins.parting else None
    marked = False
    for row in twins.life.itertuples():
        if not marked and not row.same and (row.quarter, row.kind) == parting:
            marked = True
            lines += [f"{'':8}{' here their lives part ':-^{WIDTH - 8}}"]
        if row.same:
            lines += _wrapped(row.quarter, row.policy, WIDTH - 8)
        else:
            lines += _columns(row.quarter, row.policy or "-", row.against or "-", half)
    return "\n".join([*lines, "", *_why(twins.parting)])


def _arms(about):
    """What is compared, in lines."""
    lines = [
        line
        for arm, names in zip(("policy", "against"), arms_in_words(about), strict=True)
        for line in textwrap.wrap(f"{arm}: {names}", WIDTH, subsequent_indent=" " * 9)
    ]
    return [*lines, f"seed {about['seed']}, scale {about['scale']:g}, to {about['last_quarter']}"]


def _wrapped(quarter, text, width):
    return [f"{quarter if i == 0 else '':8}{line}" for i, line in enumerate(textwrap.wrap(text, width))]


def _columns(quarter, ours, theirs, half):
    sides = zip_longest(textwrap.wrap(ours, half), textwrap.wrap(theirs, half), fillvalue="")
    return [f"{quarter if i == 0 else '':8}{one:{half + 2}}{other}" for i, (one, other) in enumerate(sides)]


def _why(parting):
    """Why the lives part, in sentences."""
    if parting is None:
        return ["Nothing differs: not an event, not a number of any quarter."]
    sentences, first, then = [], parting["first_number"], parting["numbers_then"]
    if first:
        sentences.append(f"The first number that differs: {_in_both_arms(first)} in {first['quarter']}.")
    if parting["quarter"] is None:
        sentences.append("No event differs: the two lives are one, but for such numbers.")
    else:
        sentences.append(f"They part in {parting['quarter']} at this event: {parting['kind']}.")
        if then:
            numbers = "; ".join(map(_in_both_arms, then))
            sentences.append(f"What differed most at the end of {then[0]['quarter']}: {numbers}.")
    return [line for sentence in sentences for line in textwrap.wrap(sentence, WIDTH)]


def _in_both_arms(row):
    """A number in both arms, in words."""
    ours, theirs = (
        f"{x:,.6g}" if _is_number(x) else "nothing" if x is None else str(x) for x in (row["policy"], row["against"])
    )
    sign = "+" if row["percent"] > 0 else ""
    percent = f" ({sign}{short(row['percent'])}%)" if row["percent"] == row["percent"] else ""
    return f"{row['number']} {ours} against {theirs}{percent}"


def screen_of_all(founders):
    """Whose lives part first, and whose most, as text."""
    rows = founders.founders
    lines = [
        *_arms(founders.about),
        f"{len(rows)} founders live another life in the other arm; sim twin founder=ID tells it.",
    ]
    gap = (rows["raised_policy_cny"] - rows["raised_against_cny"]).abs()
    by_gap = rows.loc[gap.sort_values(ascending=False, kind="stable").index]
    for title, order in (("first", rows), ("most, by money raised", by_gap)):
        lines += [
            "",
            f"Whose lives part {title}",
            f"{'founder':>20}  {'origin':9}{'parts':8}{'at':13}{'raised, m yuan':>18}{'against':>10}"
            "  last venture, against",
        ]
        for row in order.head(LISTED).itertuples():
            ours, theirs = (f"{x / 1e6:,.4g}" for x in (row.raised_policy_cny, row.raised_against_cny))
            ends = ", ".join(x if isinstance(x, str) else "none" for x in (row.life_policy, row.life_against))
            lines.append(f"{row.founder_id:>20}  {row.origin:9}{row.parts:8}{row.at:13}{ours:>18}{theirs:>10}  {ends}")
    return "\n".join(lines)
