"""The one table of words (`words.yaml`) in a language, and how numbers are written in it."""

import math
import re
from pathlib import Path

from sim.settings.files import read_yaml

LANGUAGES = {"en": "en", "zh": "zh-Hans"}  # -> as HTML has it
MINUS, FULL = "\u2212", 4  # significant digits of a number that stands alone; in a sentence 2
MONEY = {  # language -> (size, what it is called), the largest first
    "en": ((1e9, " bn yuan"), (1e6, " m yuan"), (1, " yuan")),
    "zh": ((1e8, "亿元"), (1e4, "万元"), (1, "元")),
}
SMALLEST = 0.001  # rate that is written in full
COUNTED = {"firms", "jobs", "persons", "cases"}
HOLES = {"1": "(?P<inner>.+?)", "#": r"(?P<plain>[^A-Za-z]*(?:\d{4}Q\d)?)", "*": "(?P<list>.+)"}  # of a phrase


def pattern(text):
    """The regular expression of a phrase: {1} is a phrase again, {#} numbers, {*} names."""
    parts = re.split(r"\{(.)\}", text)
    return re.compile("".join(HOLES[part] if i % 2 else re.escape(part) for i, part in enumerate(parts)))


class Words:
    """The table in one language; `places` are the names of the districts by code, of which texts may hold some."""

    def __init__(self, language, places=()):
        self.language = language
        self.table = read_yaml(Path(__file__).with_name("words.yaml"))
        self.phrases = [
            (pattern(one["en"]), one.get("say", one["en"]) if language == "en" else one["zh"])
            for one in self.table["phrases"]
        ]
        self.places = {code: self.name("districts", name) for code, name in dict(places).items()}

    # ------------------------------------------------------------ names and sentences

    def __call__(self, key, **values):
        """A sentence or label by its name, filled in."""
        return self.table["text"][key][self.language].format(**values)

    def name(self, kind, key):
        """What something is called; what has no entry is called as it is."""
        entry = self.table[kind].get(key)
        return entry[self.language] if entry else str(key)

    def meaning(self, kind, key):
        """What an entry means; nothing where it does not say."""
        return self.table[kind].get(key, {}).get("means", {}).get(self.language, "")

    def within(self, kind, key):
        """A name within a sentence."""
        name = self.name(kind, key)
        return name[:1].lower() + name[1:] if name[1:2].islower() else name

    def city(self, name, title):
        """What a city is called; one that has no entry has its title."""
        entry = self.table["cities"].get(name)
        return entry[self.language] if entry else title

    def place(self, code):
        """What a district is called; one that is not known has its code."""
        return self.places.get(code, code)

    def kinds(self, names):
        """Kind -> those of the instruments that are of it, in the order of the table; others as they are given."""
        table = self.table["kinds"]
        found = {kind: [name for name in one["of"] if name in names] for kind, one in table.items()}
        known = {name for one in table.values() for name in one["of"]}
        return found | {"others": [name for name in names if name not in known]}

    def factor(self, size):
        """How many times its own size a programme has."""
        known = {0.5: "size_half", 1.0: "size_own", 2.0: "size_double"}
        return self(known[size]) if size in known else self("size_times", n=self.number(size))

    def phrase_first(self, text):
        """A text of the ledger at the beginning of a line."""
        said = self.phrase(text)
        return said[:1].upper() + said[1:]

    def knob(self, name):
        """What a number of an instrument is called; one that has no entry by its key."""
        entry = self.table["knobs"].get(name)
        return entry[self.language] if entry else name.replace("_", " ")

    def lists(self, names):
        """Names one after the other."""
        *first, last = names
        return self("and").join([self("comma").join(first), last]) if first else last

    def phrase(self, text):
        """A text that the ledger writes, in this language; one that no phrase fits as it is."""
        for regex, said in self.phrases:
            if found := regex.fullmatch(text):
                parts = found.groupdict()
                inner = self.phrase(parts["inner"]) if "inner" in parts else ""
                plain = self._plain(parts.get("plain", ""))
                codes = parts.get("list", "").split(", ")
                listed = self("comma").join(map(self.place, codes))
                return said.replace("{1}", inner).replace("{#}", plain).replace("{*}", listed)
        return text

    def _plain(self, text):
        """Numbers within a text, with their range as this language writes it."""
        if re.fullmatch(r"\d{4}Q\d", text):
            return self.quarter(text)
        found = re.fullmatch(r"(\S+) \[(\S+), (\S+)\]", text)
        if not found:
            return text.strip()
        value, low, high = (end.replace("-", MINUS) for end in found.groups())
        low_to_high = self("to", low=low, high=high)
        return f"{value} ({low_to_high})" if self.language == "en" else f"{value}（{low_to_high}）"

    # ------------------------------------------------------------ numbers

    def quarter(self, text):
        """`2018Q1` as it is read."""
        return self("quarter", year=text[:4], n="一二三四"[int(text[5]) - 1] if self.language == "zh" else text[5])

    def window(self, first, last):
        """From one quarter to another."""
        return self("to", low=self.quarter(first), high=self.quarter(last))

    def number(self, value, digits=FULL, signed=False):
        """A number in so many significant digits, integers in full from 1,000 on where digits allow."""
        if value is None or math.isnan(value):
            return "–"
        magnitude = math.floor(math.log10(abs(value))) if value else 0
        rounded = round(value, digits - 1 - magnitude)
        decimals = max(0, digits - 1 - magnitude)
        text = f"{abs(rounded):,.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def percent(self, value, signed=True):
        """A percentage: one digit behind the point, two below 1%."""
        if value is None or math.isnan(value):
            return "–"
        decimals = 0 if abs(value) >= 100 or value == 0 else 1 if abs(value) >= 1 else 2
        rounded = round(value, decimals)
        sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
        return f"{sign}{abs(rounded):,.{decimals}f}%"

    def rate(self, value):
        """A small share such as q."""
        return f"<{SMALLEST}" if value < SMALLEST else self.number(value, 2)

    def tick(self, value):
        """A percentage on an axis."""
        return f"{self.number(value, 3, signed=True)}%"

    def share(self, value):
        """A share in percent, without a sign."""
        return self.percent(100 * value, signed=False) if value is not None else "–"

    def size(self, unit, *values):
        """(by what numbers of a unit are divided, what stands behind them) that fits the largest of `values`."""
        if unit != "yuan":
            return self.table["units"].get(unit, {}).get("divide", {}).get(self.language, 1), self._behind(unit)
        largest = max((abs(value) for value in values if not math.isnan(value)), default=0)
        return next((size for size in MONEY[self.language] if largest >= size[0]), MONEY[self.language][-1])

    def scale(self, unit, *values):
        """The same with the name of what is then counted, to stand alone."""
        size, behind = self.size(unit, *values)
        return size, behind.strip() or self.name("units", unit)

    def _behind(self, unit):
        if unit in COUNTED:
            return self.name("units", unit) if self.language == "zh" else ""
        if unit in ("share", "index"):
            return ""
        return f" {self.name('units', unit)}" if self.language == "en" else self.name("units", unit)

    def quantity(self, value, unit, digits=FULL, signed=False):
        """A number with its unit."""
        if value is None or math.isnan(value):
            return "–"
        size, behind = self.size(unit, value)
        return self.number(value / size, digits, signed) + behind

    def range(self, low, high, unit, digits=FULL):
        """Two ends in one unit, which stands once."""
        if math.isnan(low) or math.isnan(high):
            return "–"
        size, behind = self.size(unit, low, high)
        return self("to", low=self.number(low / size, digits), high=self.number(high / size, digits)) + behind
