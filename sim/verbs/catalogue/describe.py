"""All that is known of one name: what it is, where it is computed, its numbers and their sources, what was found.

A name may be several things (`sandbox` is a policy and a mechanism): each is described. `policy.sandbox`,
`mechanism.sandbox` or `city.tax_cny` say which is meant, `sandbox.places_per_quarter` a knob of it.
"""

import importlib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.observables.codebook import CODEBOOK
from sim.observables.outcomes import OUTCOMES
from sim.settings.config import load
from sim.settings.files import check_own_folder, options, read_yaml
from sim.settings.instruments import CALENDAR
from sim.settings.parameters import mechanisms
from sim.settings.refusals import ConfigError, nearest, shown
from sim.verbs import help
from sim.verbs.catalogue import entries, found, wiring
from sim.verbs.catalogue.text import cell, place, table, wrapped
from sim.verbs.screen import WIDTH, in_words, interval, short
from sim.world.calendar import quarter_name
from sim.world.levers import LEVERS

NUMBERS = ("value", "low", "high", "unit", "source", "note")
MOST_FOUND = 10  # policies listed with an outcome


@dataclass
class Description:
    """What is known of a name: `text`, and where it has them the frames `knobs` (value, bounds, unit, source, note) and
    `effects`.
    """

    name: str
    text: str
    knobs: pd.DataFrame = field(default_factory=pd.DataFrame)
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self):
        return self.text


def describe(name, own_folder=None):
    """The Description of a name. Raises ConfigError with the nearest name where nothing is called so."""
    if refused := check_own_folder(own_folder) if own_folder is not None else []:
        raise ConfigError(refused)
    if not isinstance(name, str):
        raise ConfigError([f"show {name}: nothing is called so; a name is text"])
    parts = [part for kind in DESCRIBED for part in kind(name, own_folder)]
    if not parts:
        raise ConfigError([f"show {name}: nothing is called so{nearest(name, _names(own_folder))}"])
    frames = {
        item: pd.concat([getattr(part, item) for part in parts], ignore_index=True) for item in ("knobs", "effects")
    }
    return Description(name, "\n\n".join(part.text for part in parts), **frames)


def _names(own_folder):
    """All names that there are, those with dots by their last part too."""
    names = [row["name"] for rows, _ in entries.KINDS.values() for row in rows(own_folder)]
    return [*dict.fromkeys([*names, *(name.rpartition(".")[2] for name in names), *options("mechanism")])]


def _asked(name, group):
    """The name without its group in front."""
    return name.removeprefix(f"{group}.")


# ---------------------------------------------------------------- policies and shocks


def _policy(name, own_folder):
    return _instrument("policy", _asked(name, "policy"), own_folder)


def _shock(name, own_folder):
    return _instrument("shock", _asked(name, "shock"), own_folder)


def _instrument(group: str, name: str, own_folder: str | None) -> Iterator[Description]:
    """A policy, shock or bundle, or a knob of one."""
    name, _, knob = name.partition(".")
    path = options(group, own_folder).get(name)
    if path is None:
        return
    declared = read_yaml(path)
    if knob:
        if knob in declared and not knob.startswith("_"):
            yield _knob(f"{group}.{name}.{knob}", declared[knob], path)
        return
    head = [f"{name}, a {group}", *wrapped(help.comment(path))]
    if "_target_" not in declared:
        yield Description(name, "\n".join([*head, *_members(name, declared, own_folder), f"  File: {place(path)}"]))
        return
    instrument = _in_force(group, name, own_folder)
    module = importlib.import_module(type(instrument).__module__)
    knobs = _numbers(path)
    doc = " ".join((module.__doc__ or "").split())
    lines = [head[0], *wrapped(doc)] if doc.startswith(help.comment(path)) else [*head, *wrapped(doc)]
    lines += [f"  Files: {place(path)}, {place(module.__file__)} (class {type(instrument).__name__})"]
    lines += [f"  Write: {group}={shown([name])}, {group}.{name}.<knob>=..."]
    lines += [f"  {line}" for line in _dates(group, name, instrument, own_folder)]
    lines += ["", "  Levers it moves, and the equations that read them", *_levers(instrument)]
    lines += ["", "  Knobs", *table(knobs[["knob", *NUMBERS]].to_dict("records"))] if len(knobs) else []
    others = [key for key in declared if key not in (*CALENDAR, "_target_", *(knobs["knob"] if len(knobs) else ()))]
    lines += [f"  {key}={shown(declared[key])}" for key in others]
    comparisons = found.of_policy(name) if group == "policy" else []
    for each in comparisons:
        together = f", together with {', '.join(each.others)}" if each.others else ""
        lines += ["", *wrapped(f"Effects of having it{together}: {each.about['command']} ({each.version})")]
        lines += table([_effect(row) for row in each.effects.itertuples()])
    if group == "policy" and not comparisons:
        lines += ["", f"  No comparison of it is kept; sim compare 'policy=[history,{name}]' makes one."]
    effects = [each.effects.assign(version=each.version) for each in comparisons]
    yield Description(name, "\n".join(lines), knobs, pd.concat(effects) if effects else pd.DataFrame())


def _in_force(group, name, own_folder):
    """The instrument of a yaml, as a run of the default city has it."""
    from sim.settings.hydra_words import quoted  # with Hydra, which takes its time

    words = [f"{group}=[{name}]", *(["policy=[]"] if group == "shock" else [])]
    config = load([*words, *([f"configs={quoted(own_folder)}"] if own_folder else [])])
    return (config.policies if group == "policy" else config.shocks)[0]


def _members(name, declared, own_folder):
    """What a bundle holds."""
    members = declared.get("members") or {}
    if name == "history":
        return [
            f"  In {city}: {policy}, {dates}"
            for city in options("city", own_folder)
            for policy, dates in entries.in_history(city, own_folder).items()
        ]
    return [
        f"  Member: {member}" + "".join(f", {key} {shown(value)}" for key, value in (settings or {}).items())
        for member, settings in members.items()
    ]


def _dates(group, name, instrument, own_folder):
    """When it is in force."""
    dates = [f"{key} {quarter_name(value)}" for key in CALENDAR if (value := getattr(instrument, key)) is not None]
    yield f"Dates of its file: {', '.join(dates) or 'none; start, end and announced set them'}"
    if group == "policy":
        for city in options("city", own_folder):
            history = entries.in_history(city, own_folder)
            if name in history:
                yield f"In the history of {city}: {history[name]}"


def _levers(instrument):
    """A row for each lever that it moves in full force."""
    rows = []
    for lever, (numbers, sign, pays) in wiring.moves(instrument, load(["policy=[]"]).city).items():
        files = wiring.readers().get(lever, {})
        numbered = [title.partition(" (`")[0] for title in wiring.sections(files)]
        read_in = ", ".join(files) + (f"; docs/model.md {', '.join(numbered)}" if numbered else "")
        by = sign + "; ".join(dict.fromkeys(f"{number:g}" for number in numbers)) + (", paid" if pays else "")
        rows.append(
            {"lever": lever, "by": by, "unit": LEVERS[lever].unit, "read in": read_in, "meaning": LEVERS[lever].meaning}
        )
    return table(rows) if rows else ["  none: it moves nothing in full force"]


def _effect(row):
    size, unit = in_words(row.unit)
    without, effect = (short(value / size) for value in (row.without, row.effect))
    ends = interval(row.low / size, row.high / size)
    return {"outcome": f"{row.title}, {unit}", "without": without, "effect": effect, "95% interval": ends}


# ---------------------------------------------------------------- mechanisms and parameters


def _mechanism(name, _own_folder):
    """A mechanism with all its parameters."""
    path = options("mechanism").get(_asked(name, "mechanism"))
    if path is None:
        return
    file, rows = _file(path.stem), _numbers(path)
    lines = [f"{path.stem}, a mechanism", *_where(path, file)]
    yield Description(name, "\n".join([*lines, "", *table(rows[["knob", *NUMBERS]].to_dict("records"))]), rows)


def _parameter(name, own_folder):
    """Parameters of mechanisms, by `funding.shade` or by their last name alone."""
    asked = _asked(name, "mechanism")
    for mechanism, path in options("mechanism").items():
        for key, node in entries.nodes(path).items():
            if asked not in (f"{mechanism}.{key}", key):
                continue
            one = _knob(f"mechanism.{mechanism}.{key}", node, path)
            lines = [one.text]
            for city in options("city", own_folder):
                fitted = entries.fitted_values(city, own_folder).get(mechanism, {})
                if key in fitted:
                    lines.append(
                        f"  Fitted in {city}, in force there: {shown(fitted[key])} (calibrated=false leaves it)"
                    )
            file = _file(mechanism)
            lines += _where(None, file)
            equation = wiring.equations(key, [file])
            if equation:
                lines += [
                    f"  Equation, docs/model.md {equation[0].partition(' (`')[0]}:",
                    *wrapped(*equation[1], indent=6),
                ]
            yield Description(name, "\n".join(lines), one.knobs)


def _knob(key, node, path):
    """One number of a yaml."""
    if not isinstance(node, dict):
        return Description(key, f"{key}, a setting\n  Value: {cell(node)}\n  File: {place(path)}")
    lines = [f"{key}, a {'parameter' if key.startswith('mechanism') else 'knob'}", *wrapped(node.get("note", ""))]
    low, high = (cell(node.get(end)) for end in ("low", "high"))
    lines += [f"  Value: {cell(node['value'])} {node.get('unit', '')}, from {low} to {high}"]
    lines += [*wrapped(f"Source: {node.get('source', '')}"), f"  File: {place(path)}", f"  Write: {key}=..."]
    return Description(key, "\n".join(lines), _rows({key.rpartition(".")[2]: node}))


def _numbers(path):
    """The numbers of a yaml, a frame."""
    return _rows(entries.nodes(path))


def _rows(nodes):
    rows = [{"knob": key, **{column: node.get(column) for column in NUMBERS}} for key, node in nodes.items()]
    return pd.DataFrame(rows, columns=["knob", *NUMBERS], dtype=object)


def _file(mechanism):
    """The file of a mechanism, below sim/mechanisms."""
    module = importlib.import_module(mechanisms()[mechanism].__module__)
    return Path(module.__file__).relative_to(wiring.MECHANISMS).as_posix()


def _where(path, file):
    """Files of a mechanism, and its sections."""
    lines = [f"  File: {place(path)}"] if path else []
    titles = [title.partition(" (`")[0] for title in wiring.sections([file])]
    return [
        *lines,
        f"  Computed in: sim/mechanisms/{file}" + (f"; docs/model.md {', '.join(titles)}" if titles else ""),
    ]


# ---------------------------------------------------------------- outcomes, columns and the rest


def _outcome(name, _own_folder):
    for each in OUTCOMES:
        if each.name == _asked(name, "outcome"):
            rows = found.of_outcome(each.name)
            lines = [f"{each.name}, an outcome of comparisons", f"  {each.title}, {each.unit}; {each.over}"]
            lines += [f"  Made of the columns {entries.columns_of(each)} of the table city"]
            lines += ["  A few large deals carry its mean: see its median and trimmed mean"] if each.heavy else []
            size, unit = in_words(each.unit)
            if len(rows):
                lines += ["", f"  Largest effects kept in results/policies, {unit}"]
                lines += table(
                    {"having": row.instruments, "effect": short(row.effect / size)}
                    | {"95% interval": interval(row.low / size, row.high / size)}
                    for row in rows.head(MOST_FOUND).itertuples()
                )
            yield Description(name, "\n".join(lines), effects=rows)


def _column(name, _own_folder):
    """Columns of the tables of a run, each once for all tables that have it in the same sense."""
    found_in: dict[Any, list[str]] = {}
    for table_name, declared in CODEBOOK.items():
        for column in declared:
            if name in (column.name, f"{table_name}.{column.name}"):
                found_in.setdefault(column, []).append(table_name)
    for column, tables in found_in.items():
        lines = [f"{column.name}, a column of {', '.join(tables)}", *wrapped(column.meaning)]
        lines += [f"  {column.type}, {column.unit}; {column.kind}; " + f"missing: {column.missing or 'never'}"]
        lines += ["  At full size whatever the scale"] if column.extensive else []
        yield Description(name, "\n".join([*lines, f"  Made by {column.reference}"]))


def _verb(name, own_folder):
    if name in {row["name"] for row in entries.verbs(own_folder)}:
        yield Description(name, help.of_verb(name, own_folder))


def _city(name, own_folder):
    path = options("city", own_folder).get(_asked(name, "city"))
    if path is not None:
        tables = sorted(file.name for file in path.with_suffix("").glob("*"))
        lines = [f"{path.stem}, a city", *wrapped(help.comment(path)), f"  File: {place(path)}"]
        lines += [*wrapped(f"Beside it: {', '.join(tables)}"), ""]
        numbers = {key: value for key, value in read_yaml(path).items() if not isinstance(value, list)}
        yield Description(name, "\n".join([*lines, *(f"  {key}={shown(value)}" for key, value in numbers.items())]))


def _target(name, own_folder):
    for chosen, path in options("targets", own_folder).items():
        for row in entries.target_rows(path):
            if name in (row["id"], f"{chosen}.{row['id']}"):
                lines = [f"  {key}: {text}" for key, text in row.items() if text and key != "id"]
                text = [line for one in lines for line in textwrap.wrap(one, WIDTH, subsequent_indent=" " * 6)]
                yield Description(name, "\n".join([f"{row['id']}, a target of {chosen}", *text]))


DESCRIBED = (_policy, _shock, _outcome, _mechanism, _parameter, _verb, _city, _target, _column)
