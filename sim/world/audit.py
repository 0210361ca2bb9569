"""Who holds what between two quarters: money that changes there has moved outside a transfer, and is named."""

import numpy as np

SHOWN = 5  # purses that a message names


def purses(state):
    """Kind of agent -> a copy of its purses, int64 yuan by slot."""
    tables = {name: getattr(state, name).used.cash for name in ("startups", "corporates", "gps", "funds", "lps")}
    treasury = {name: state.treasury.rows[name][:1] for name in ("landlords", "treasury", "world")}
    wealth = state.persons.wealth[: state.persons.count]
    held = {"persons": wealth, **tables, "policies": state.purses.used.cash, **treasury}
    return {name: np.array(values) for name, values in held.items()}


def moved(before, after):
    """Sentences of what differs between two answers of `purses`."""
    lines = []
    for name, values in after.items():
        kept = before[name]
        for slot in np.flatnonzero(values[: len(kept)] != kept[: len(values)]):
            lines.append(f"{name} in slot {slot} by {int(values[slot]) - int(kept[slot]):+d} yuan")
    return lines[:SHOWN] + ([f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else [])
