"""Words and numbers that the screens of the verbs share."""

BILLION, MILLION = 1e9, 1e6
HEADLINE = "startups_funded_alive"  # outcome of a headline where none was declared beforehand
WIDTH = 106  # of a screen, characters


def in_words(unit):
    """(by what a number is divided, its unit on the screen)."""
    if unit.startswith("yuan per ") and not unit.endswith(("quarter", "year", "yuan")):  # for each round, firm, person
        return MILLION, f"m {unit}"
    return (BILLION, "bn yuan") if unit == "yuan" else (1, unit)


def short(value):
    """A number in few digits, a dash for none."""
    if value is None or value != value:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def probability(p):
    """A p or a q on the screen."""
    return "-" if p != p else "<.001" if p < 0.0005 else f"{p:.3f}"


def between(low, high):
    """An interval from two short numbers."""
    return f"[{low}, {high}]" if "-" not in (low, high) else "-"


def interval(low, high):
    """An interval of numbers, a dash where there is none."""
    return between(short(low), short(high))


def effect_in_words(title, unit, effect, low, high):
    """An effect with its interval in a line, without it where there is none."""
    size, unit = in_words(unit)
    ends = interval(low / size, high / size)
    sign = "+" if effect > 0 else ""
    return f"{title} {sign}{short(effect / size)}{f' {ends}' if ends != '-' else ''} {unit}"


def arms_in_words(about):
    """What both arms are called."""
    return [about["names"][arm] for arm in ("policy", "against")]
