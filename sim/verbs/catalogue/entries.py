"""What there is to choose from: of each kind a row per entry, as `sim list` and `sim.catalogue` show them."""

from sim.settings.files import CONFIGS, POINTS, check_own_folder, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown
from sim.settings.shapes import CALIBRATED
from sim.verbs import help
from sim.world import readers


def policies(own_folder=None):
    """Policies and bundles: `history` has the dates that the default city had them."""
    dates = in_history(default_city(), own_folder)
    return [
        {"name": name, "history": dates.get(name, ""), "what": help.first(help.comment(path)), "file": str(path)}
        for name, path in sorted(options("policy", own_folder).items())
    ]


def shocks(own_folder=None):
    """Shocks."""
    return [
        {"name": name, "what": help.first(help.comment(path)), "file": str(path)}
        for name, path in sorted(options("shock", own_folder).items())
    ]


def outcomes(_own_folder=None):
    """The outcomes by which arms are compared."""
    from sim.observables.outcomes import OUTCOMES

    return [
        {"name": each.name, "unit": each.unit, "over": each.over, "what": each.title, "columns": columns_of(each)}
        for each in OUTCOMES
    ]


def columns_of(outcome):
    """The columns of the city's panel that an outcome is made of, in words."""
    return " + ".join(outcome.columns) + (f" over {' + '.join(outcome.per)}" if outcome.per else "")


def parameters(own_folder=None):
    """The parameters of all mechanisms: `value` is that of the file, `fitted` what the default city's fit left."""
    fitted = fitted_values(default_city(), own_folder)
    return [
        {
            "name": f"{mechanism}.{key}",
            **{column: node.get(column) for column in ("value", "low", "high", "unit")},
            "fitted": fitted.get(mechanism, {}).get(key),
            "what": node.get("note", ""),
            "source": node.get("source", ""),
        }
        for mechanism, path in sorted(options("mechanism").items())
        for key, node in nodes(path).items()
    ]


def verbs(own_folder=None):
    """Verbs of the command line."""
    computing = {verb: help.comment(path) for verb, path in options("experiment", own_folder).items()}
    return [
        {"name": verb, "what": help.first(what)}
        for verb, what in {**computing, **{verb: words.what for verb, words in help.WITH_WORDS.items()}}.items()
    ]


def cities(own_folder=None):
    """Cities."""
    return [
        {"name": name, "what": read_yaml(path).get("title", name), "file": str(path)}
        for name, path in sorted(options("city", own_folder).items())
    ]


def targets(own_folder=None):
    """Rows of the sets of targets, which runs are held against."""
    return [
        {
            "name": row["id"],
            "set": name,
            "topic": row.get("mechanism", ""),
            "value": row["value"] or " to ".join(filter(None, (row["low"], row["high"]))),
            "unit": row["unit"],
            "what": row.get("quantity") or row.get("quote", ""),
        }
        for name, path in sorted(options("targets", own_folder).items())
        for row in target_rows(path)
    ]


def columns(_own_folder=None):
    """Columns of the tables of a run, each once for all tables that have it."""
    from sim.observables.codebook import CODEBOOK

    found = {}
    for table, declared in CODEBOOK.items():
        for column in declared:
            row = {"name": column.name, "tables": [], "unit": column.unit, "what": column.meaning}
            found.setdefault((column.name, column.unit, column.meaning), row)["tables"].append(table)
    return [row | {"tables": ", ".join(row["tables"])} for row in found.values()]


KINDS = {  # kind -> (its rows, the columns of them that a screen shows)
    "policies": (policies, ("name", "history", "what")),
    "shocks": (shocks, ("name", "what")),
    "outcomes": (outcomes, ("name", "unit", "over", "what")),
    "parameters": (parameters, ("name", "value", "unit", "what")),
    "verbs": (verbs, ("name", "what")),
    "cities": (cities, ("name", "what")),
    "targets": (targets, ("name", "set", "value", "unit", "what")),
    "columns": (columns, ("name", "tables", "unit", "what")),
}


def chosen(kind, words=(), own_folder=None):
    """Rows of a kind in which all the words stand. Raises ConfigError where there is none."""
    if kind not in KINDS:
        raise ConfigError([f"list {kind}: no such kind{nearest(kind, KINDS)}"])
    if refused := check_own_folder(own_folder) if own_folder is not None else []:
        raise ConfigError(refused)
    rows = KINDS[kind][0](own_folder)
    wanted = [word.casefold() for word in words]
    found = [row for row in rows if all(word in " ".join(map(shown, row.values())).casefold() for word in wanted)]
    if not found:
        names = [row["name"] for row in rows]
        text = " ".join(words)
        raise ConfigError([f"list {kind} {text}: none of {len(rows)} {kind} has these words{nearest(text, names)}"])
    return found


# ---------------------------------------------------------------- what several read


def default_city():
    """The city of a run to which none is told."""
    return next(item["city"] for item in read_yaml(CONFIGS / "config.yaml")["defaults"] if "city" in item)


def in_history(city, own_folder=None):
    """Policy -> its dates in the history of a city, in words."""
    path = options("city", own_folder)[city].with_suffix("") / "policies.yaml"
    history = read_yaml(path) if path.is_file() else None
    return {name: dates_in_words(dates or {}) for name, dates in (history or {}).items()}


def dates_in_words(dates):
    """Start, end and announcement as one text."""
    span = f"{dates.get('start') or 'the beginning'} to {dates.get('end') or 'the end'}"
    return span + (f", announced {dates['announced']}" if dates.get("announced") else "")


def fitted_values(city, own_folder=None):
    """Mechanism -> parameter -> value that a fit left of a city; nothing where there is none, or another city's."""
    path = options("city", own_folder)[city].with_suffix("") / POINTS[0] / CALIBRATED
    return read_yaml(path).get("mechanism", {}) if path.is_file() else {}


def nodes(path):
    """Parameters or knobs of a yaml that have a value with bounds, unit and source."""
    return {key: node for key, node in (read_yaml(path) or {}).items() if isinstance(node, dict) and "value" in node}


def target_rows(path):
    """The rows of a set of targets, as text."""
    return readers.read_csv(path.with_name(read_yaml(path)["file"]))[1]
