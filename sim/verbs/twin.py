"""`sim twin`: one founder's life in both arms side by side, up to where the two part, and why.

    life.csv      one row an event: quarter, kind, what happens in either arm, whether it is the same
    numbers.csv   one row a quarter and number that differs between the arms
    founders.csv  without `founder`: everybody whose lives part, with the quarter and the event, and the money in
    either arm twin.json     what was compared, where the lives part, versions, machine, time policy.yaml,
    against.yaml   the configs of the two runs DONE or FAILED

A person has the same number and the same luck in both arms. So lives are one and the same until something that
the policy moved, its own rules or prices and wages and other people's deeds, reaches the person.
"""

import textwrap
from dataclasses import dataclass
from itertools import zip_longest

import pandas as pd

from sim.observables.codebook import COLUMNS
from sim.runs import arms, common_past
from sim.runs.folders import write_csv, write_text
from sim.settings import pair
from sim.settings.files import to_yaml
from sim.settings.refusals import ConfigError, shown
from sim.verbs import life
from sim.verbs import shell as verb
from sim.verbs.screen import WIDTH, short

LISTED = 10  # founders of each list
NEAR = 5  # numbers that differ, of those told


def check(tree, resolved):
    """What is wrong with the two arms and with the founder's number, as sentences."""
    founder = tree["experiment"]["founder"]
    right = founder is None or isinstance(founder, int) and not isinstance(founder, bool) and 0 <= founder < 2**63
    problems = [] if right else [f"founder={shown(founder)}: should be the number of a founder, or null for a list"]
    return problems + verb.not_here(tree, resolved) + pair.check(tree, resolved)


@dataclass
class Twins:
    """One founder in both arms.

    `life` and `numbers` are the files described above; `parting` is None where the lives never part.
    """

    about: dict
    founder: int
    life: pd.DataFrame
    numbers: pd.DataFrame
    parting: dict | None

    def __str__(self):
        return _told(self)


@dataclass
class Founders:
    """Everybody who founds in either arm and whose lives part: `founders` in the order in which they do."""

    about: dict
    founders: pd.DataFrame

    def __str__(self):
        return _listed(self)


# ---------------------------------------------------------------- the verb


def command(config):
    """The verb: run both arms, write a folder of its own in `config.output`, print a screen. Returns the folder."""
    found = twin(config)
    both = pair.of(config)
    about = dict(found.about)
    with verb.result(config, about, "twin.json") as folder:
        for name, arm in both.arms.items():
            write_text(folder / f"{name}.yaml", to_yaml(arm.resolved))
        if isinstance(found, Twins):
            about |= {"founder": found.founder, "parting": found.parting}
            write_csv(folder / "life.csv", found.life)
            write_csv(folder / "numbers.csv", found.numbers)
        else:
            write_csv(folder / "founders.csv", found.founders)
    print(found)
    print(f"\nin {folder}")
    return folder


def twin(config):
    """The Twins, or without a founder the Founders, of a checked config with the verb `twin`.

    Raises ConfigError where the founder is in neither run.
    """
    both = pair.of(config)
    about = both.about
    founder = config.experiment["founder"]
    runs = [
        next(common_past.simulate([arms.with_seed(arm, config.seed)], lambda: life.Diary(founder)))
        for arm in both.arms.values()
    ]
    tables, diaries = zip(
        *((model.panels.tables({name: COLUMNS[name] for name in life.WANTED}), diary) for _, model, diary in runs),
        strict=True,
    )
    deeds = [life.events(one) for one in tables]
    if founder is None:
        return Founders(about, _parted(deeds, [one["startups"] for one in tables]))
    if not any((one["founder_id"] == founder).any() for one in deeds):
        here = (
            "is in the city but founds nothing"
            if any(diary.numbers for diary in diaries)
            else "nobody of this number is in the city"
        )
        where = f"seed {config.seed}, scale {config.scale:g}, {about['last_quarter']} the last quarter"
        raise ConfigError([f"founder={founder}: {here} in either arm ({where}); leave founder out for a list"])
    story = _side_by_side(
        *(
            _story(diary, one[one["founder_id"] == founder], about["last_quarter"])
            for diary, one in zip(diaries, deeds, strict=True)
        )
    )
    numbers = _differing(*(diary.numbers for diary in diaries))
    return Twins(about, founder, story, numbers, _parting(story, numbers))


# ---------------------------------------------------------------- two lives


def _story(diary, deeds, last):
    """All events of a life in one run that ends in the quarter `last`, a frame of quarter, kind, key and text."""
    rows = [*diary.events(last), *deeds[["quarter", "kind", "key", "text"]].itertuples(index=False, name=None)]
    return pd.DataFrame(rows, columns=["quarter", "kind", "key", "text"])


def _side_by_side(ours, theirs):
    """One row an event of either life, in time: quarter, kind, key, policy, against, same."""
    both = ours.merge(theirs, on=["quarter", "kind", "key"], how="outer", suffixes=("_ours", "_theirs"))
    both = both.rename(columns={"text_ours": "policy", "text_theirs": "against"}).fillna({"policy": "", "against": ""})
    order = both["kind"].map({kind: place for place, kind in enumerate(life.KINDS)})
    both = (
        both.assign(order=order).sort_values(["quarter", "order", "key"]).drop(columns="order").reset_index(drop=True)
    )
    return both.assign(same=both["policy"] == both["against"])


def _differing(ours, theirs):
    """One row a quarter and number that differs:

    quarter, number, policy, against, percent (of the larger of the two).
    """
    rows = []
    for quarter in sorted({*ours, *theirs}):
        one, other = ours.get(quarter, {}), theirs.get(quarter, {})
        for name in {**one, **other}:
            a, b = one.get(name), other.get(name)
            if a != b:
                numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (a, b))
                rows.append((quarter, name, a, b, 100 * (a - b) / max(abs(a), abs(b)) if numbers else float("nan")))
    return pd.DataFrame(rows, columns=["quarter", "number", "policy", "against", "percent"])


def _parting(story, numbers):
    """Where two lives part:

    the first event that is not the same, the first number that was not, and those that differ then; None where nothing
    does.
    """
    parted = story[_parts(story, "policy", "against")]
    if parted.empty and numbers.empty:
        return None
    found = {"quarter": None, "kind": None, "policy": "", "against": ""}
    if len(parted):
        found = parted.iloc[0][["quarter", "kind", "policy", "against"]].to_dict()
    first = numbers.iloc[0][["quarter", "number", "policy", "against", "percent"]].to_dict() if len(numbers) else None
    before = numbers["quarter"] < (found["quarter"] or "9999Q4")
    then = numbers[before] if before.any() else numbers  # what the event itself changed would hide what led to it
    then = then[then["quarter"] == then["quarter"].max()].sort_values(
        "percent", key=abs, ascending=False, kind="stable"
    )
    return found | {"first_number": first, "numbers_then": then.head(NEAR).to_dict("records")}


def _parts(events, ours, theirs):
    """Which events part two lives: those not the same, but for a refusal, from which nothing follows."""
    one, other = (events[column].fillna("") for column in (ours, theirs))
    return (one != other) & ~((events["kind"] == "application") & (one + other).str.endswith("refused"))


def _parted(deeds, startups):
    """One row a founder whose lives part, the earliest first."""
    ours, theirs = (one.drop_duplicates(["founder_id", "quarter", "kind", "key"]) for one in deeds)
    both = ours.merge(theirs, on=["founder_id", "quarter", "kind", "key"], how="outer", suffixes=("_ours", "_theirs"))
    both = both[_parts(both, "text_ours", "text_theirs")].assign(order=lambda rows: rows["kind"].map(life.KINDS.index))
    first = both.sort_values(["quarter", "order", "key"]).drop_duplicates("founder_id").set_index("founder_id")
    out = first[["quarter", "kind"]].rename(columns={"quarter": "parts", "kind": "at"})
    for arm, firms in zip(("policy", "against"), startups, strict=True):
        own = firms[firms["founder_id"].isin(out.index)].groupby("founder_id")
        out[f"ventures_{arm}"] = own.size().reindex(out.index, fill_value=0)
        out[f"raised_{arm}_cny"] = own["raised_cny"].sum().reindex(out.index, fill_value=0)
        out[f"life_{arm}"] = own["life"].last().reindex(out.index)
        out[f"origin_{arm}"] = own["origin"].last().reindex(out.index)
    out = out.assign(origin=out.pop("origin_policy").fillna(out.pop("origin_against")))
    return out.sort_values(["parts", "founder_id"]).reset_index()


# ---------------------------------------------------------------- on the screen


def _told(found):
    """The two lives as text."""
    lines = [f"Founder {found.founder}", *_arms(found.about), ""]
    half = WIDTH // 2 - 8
    lines += [f"{'':8}{'policy':{half + 2}}against"]
    parted = False
    for row in found.life.itertuples():
        if (
            not parted
            and found.parting
            and (row.quarter, row.kind) == (found.parting["quarter"], found.parting["kind"])
            and not row.same
        ):
            parted = True
            lines += [f"{'':8}{' here their lives part ':-^{WIDTH - 8}}"]
        if row.same:
            lines += _wrapped(row.quarter, row.policy, WIDTH - 8)
        else:
            lines += _columns(row.quarter, row.policy or "-", row.against or "-", half)
    return "\n".join([*lines, "", *_why(found)])


def _arms(about):
    """What is compared, in lines."""
    names = {arm: ", ".join(about[arm]) or "no policy" for arm in ("policy", "against")}
    lines = [
        line
        for arm, said in names.items()
        for line in textwrap.wrap(f"{arm}: {said}", WIDTH, subsequent_indent=" " * 9)
    ]
    return [*lines, f"seed {about['seed']}, scale {about['scale']:g}, to {about['last_quarter']}"]


def _wrapped(quarter, text, width):
    return [f"{quarter if i == 0 else '':8}{line}" for i, line in enumerate(textwrap.wrap(text, width))]


def _columns(quarter, ours, theirs, half):
    sides = zip_longest(textwrap.wrap(ours, half), textwrap.wrap(theirs, half), fillvalue="")
    return [f"{quarter if i == 0 else '':8}{one:{half + 2}}{other}" for i, (one, other) in enumerate(sides)]


def _why(found):
    """Why the lives part, in sentences."""
    parting = found.parting
    if parting is None:
        return ["Nothing differs: not an event, not a number of any quarter."]
    said = []
    if parting["first_number"]:
        said.append(
            f"The first number that differs: {_number(parting['first_number'])} in {parting['first_number']['quarter']}."
        )
    if parting["quarter"] is None:
        said.append("No event differs: the two lives are one, but for such numbers.")
    else:
        said.append(f"They part in {parting['quarter']} at this event: {parting['kind']}.")
        if parting["numbers_then"]:
            then = parting["numbers_then"]
            said.append(
                f"What differed most at the end of {then[0]['quarter']}: {'; '.join(_number(one) for one in then)}."
            )
    return [line for text in said for line in textwrap.wrap(text, WIDTH)]


def _number(row):
    """A number in both arms."""
    values = [
        f"{x:,.6g}" if isinstance(x, (int, float)) and not isinstance(x, bool) else "nothing" if x is None else str(x)
        for x in (row["policy"], row["against"])
    ]
    percent = (
        f" ({'+' if row['percent'] > 0 else ''}{short(row['percent'])}%)" if row["percent"] == row["percent"] else ""
    )
    return f"{row['number']} {values[0]} against {values[1]}{percent}"


def _listed(found):
    """Whose lives part first, and whose most, as text."""
    rows = found.founders
    lines = [
        *_arms(found.about),
        f"{len(rows)} founders live another life in the other arm; sim twin founder=ID tells it.",
        "",
    ]
    gap = (rows["raised_policy_cny"] - rows["raised_against_cny"]).abs()
    for title, some in (
        ("first", rows.head(LISTED)),
        ("most, by money raised", rows.loc[gap.sort_values(ascending=False, kind="stable").index].head(LISTED)),
    ):
        lines += [
            f"Whose lives part {title}",
            f"{'founder':>20}  {'origin':9}{'parts':8}{'at':13}{'raised, m yuan':>18}{'against':>10}  last venture, against",
        ]
        for row in some.itertuples():
            raised = (f"{x / 1e6:,.4g}" for x in (row.raised_policy_cny, row.raised_against_cny))
            ours, theirs = next(raised), next(raised)
            ends = ", ".join(str(x) if isinstance(x, str) else "none" for x in (row.life_policy, row.life_against))
            lines.append(f"{row.founder_id:>20}  {row.origin:9}{row.parts:8}{row.at:13}{ours:>18}{theirs:>10}  {ends}")
        lines.append("")
    return "\n".join(lines[:-1])
