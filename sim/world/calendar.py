"""Quarters: a date of the model is the integer `4 * year + (quarter - 1)`, written `2006Q1`."""

import re

_TEXT = re.compile(r"([0-9]{4})Q([1-4])")


def quarter_of(text):
    """The integer of a quarter written as `2006Q1`; a ValueError says what was found instead."""
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"not a quarter: {text!r} (write a year and a quarter, such as 2006Q1)")
    year, quarter = match.groups()
    return 4 * int(year) + int(quarter) - 1


def quarter_name(quarter):
    """The text of a quarter: 8024 is `2006Q1`."""
    return f"{quarter // 4:04d}Q{quarter % 4 + 1}"
