"""Numbers of instruments as a reader has them: by name and in a unit, not by key."""

from functools import lru_cache

from sim.settings.files import options, read_yaml

MONEY, SHARE = "yuan", "share"  # how a unit begins


@lru_cache
def _declared(policy):
    """What the package's file of an instrument declares; nothing of one of the user's own."""
    files = options("policy", None)
    return (read_yaml(files[policy]) or {}) if policy in files else {}


def unit_of(policy, knob):
    """The unit of a number of an instrument, as its file has it."""
    node = _declared(policy).get(knob)
    return node.get("unit", "") if isinstance(node, dict) else ""


def written(words, value, unit):
    """A number in its unit: money in the size that it needs, a share in percent."""
    if unit.startswith(SHARE):
        return words.share(value)
    called = words.name("knob_units", unit)
    if unit.startswith(MONEY):
        return words.quantity(value, "yuan") + called.removeprefix(words.name("knob_units", MONEY))
    return f"{words.number(value)}{' ' if words.language == 'en' and called else ''}{called}"


def named(words, knob, value, unit):
    """A number of an instrument with its name."""
    return words("knob_value", knob=words.knob(knob), value=written(words, value, unit))


def setting(words, key):
    """What a setting is called: the instrument or shock, and what of it; a key of another kind as it is."""
    kind, name, *rest = key.split(".")
    table = {"policy": "policies", "shock": "shocks"}.get(kind)
    if table is None or name not in words.table[table] or len(rest) > 1:
        return key
    called = words.name(table, name)
    return f"{called}{words('colon')}{words.knob(rest[0])}" if rest else called


def value_of(words, key, value):
    """The value of a setting; a text as a phrase."""
    kind, *rest = key.split(".")
    if kind == "policy" and len(rest) == 2 and _is_number(value):
        return written(words, value, unit_of(*rest))
    return words.phrase(f"{value}")


def changed(words, called, changes):
    """An instrument of which numbers differ, [(knob, value, value of the other, unit)]: by the number where it is one,
    by how many times where all are the same times larger.
    """
    if len(changes) == 1:
        ((knob, value, other, unit),) = changes
        ends = {"value": written(words, value, unit), "other": written(words, other, unit)}
        return words("setting_in_place", it=called, knob=words.knob(knob), **ends)
    factors = {float(f"{value / other:.6g}") if other else 0.0 for _, value, other, _ in changes}
    if len(factors) == 1 and 0.0 not in factors:
        return words("of_size", it=called, size=words.factor(*factors))
    return words("other_settings", a=called)


def of_instrument(changes, name):
    """Those of the `changes` of a comparison that are numbers of an instrument, as `changed` takes them; None where
    something else of it differs, too.
    """
    found = []
    for one in changes:
        kind, of, *rest = one["key"].split(".")
        if kind != "policy" or of != name or len(rest) != 1 or not (_is_number(one["policy"], one["against"])):
            return None
        found.append((rest[0], one["policy"], one["against"], unit_of(of, rest[0])))
    return found


def _is_number(*values):
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
