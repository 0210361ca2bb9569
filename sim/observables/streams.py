"""Streams that the tables of a comparison tell of: people who come and go, and public money to whom it reaches first;
and where the ribbons lie by which they are drawn.
"""

from typing import NamedTuple

COMERS = {  # text of the ledger -> who comes more
    "extra returnees": "returnees",
    "extra foreigners who come": "foreigners",
    "extra arrivals from elsewhere in China": "domestic",
    "extra graduates who stay": "graduates",
}
LEAVERS = {"residents who leave, more": "leavers"}


class Stream(NamedTuple):
    """Persons or yuan per pair at full size, with the interval; `value` is what it adds where that is told."""

    name: str
    value: float
    low: float
    high: float


class Ribbon(NamedTuple):
    """Upper and lower end at the bar, and at the place of its name."""

    top: float
    bottom: float
    name_top: float
    name_bottom: float


def people(ledger):
    """([Stream] of whom the city gains, [Stream] of whom it loses, [Stream] that cannot be told from zero), the widest
    first.
    """
    rows = ledger[ledger["block"] == "rivals"].set_index("quantity")
    gains, losses, untold = [], [], []
    for quantity, name in {**COMERS, **LEAVERS}.items():
        if quantity not in rows.index:
            continue
        value, low, high = (float(rows.loc[quantity, end]) for end in ("value", "low", "high"))
        adds = value if quantity in COMERS else -value
        told = low > 0 or high < 0
        (untold if not told else gains if adds > 0 else losses).append(Stream(name, value, low, high))
    return *(sorted(part, key=lambda one: -abs(one.value)) for part in (gains, losses)), untold


def money(incidence):
    """[Stream] of the classes that the purse pays more, the widest first: exact, so without an interval."""
    rows = incidence[incidence["first_mean_cny"] > 0].sort_values("first_mean_cny", ascending=False)
    nothing = float("nan")
    return [Stream(row["class"], row["first_mean_cny"], nothing, nothing) for row in rows.to_dict("records")]


def ribbons(values, whole, height, room):
    """([Ribbon] of values of which `whole` is as high as `height`, how high they stand): one below the other at the
    bar, from its upper end; their names have at least `room` each, so that no ribbon rises above the bar.
    """
    wide = [height * abs(value) / whole for value in values]
    places = [max(width, room) for width in wide]
    at_bar, at_name, out = 0.0, 0.0, []
    for width, place in zip(wide, places, strict=True):
        top = at_name + (place - width) / 2
        out.append(Ribbon(at_bar, at_bar + width, top, top + width))
        at_bar, at_name = at_bar + width, at_name + place
    return out, max(sum(places), height)
