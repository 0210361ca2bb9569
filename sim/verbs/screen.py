"""Words and numbers that the screens of the verbs share."""

BILLION, MILLION = 1e9, 1e6
WIDTH = 106  # of a screen, characters


def in_words(unit):
    """(by what a number is divided, its unit on the screen)."""
    return (BILLION, "bn yuan") if unit == "yuan" else (1, unit)


def short(value):
    """A number in few digits, a dash for none."""
    if value is None or value != value:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def between(low, high):
    """An interval from two short numbers."""
    return f"[{low}, {high}]" if "-" not in (low, high) else "-"


def interval(low, high):
    """An interval of numbers, a dash where there is none."""
    return between(short(low), short(high))


def arms_in_words(about):
    """What both arms are called."""
    return [about["names"][arm] for arm in ("policy", "against")]
