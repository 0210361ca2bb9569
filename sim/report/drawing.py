"""Figures as SVG text: a forest of intervals, tiles of districts, a course with its band, squares.

Words stay text, so that the reader's own fonts set them, Chinese ones too. Colour is direction, never judgement: blue
is more, orange less; what cannot be told from zero is hollow, grey, or hatched and pale. All numbers come ready.
"""

import math
import statistics
from html import escape
from typing import NamedTuple

from sim.report.markup import plain, tag

INK, GREY, MUTE, RULE, PAPER = "#1B2026", "#59636E", "#78828C", "#DCDFE2", "#FFFFFF"
MORE, LESS, HATCH, GROUND = "#0A6AA1", "#B4510A", "#CBD0D4", "#F3F3F1"
WATER, WATERS, BEYOND = "#DDEAF0", "#3F6577", "#EFEDE6"
DIVERGING = ("#8A3D06", "#C46A1F", "#E6A566", "#F6DDBF", "#F4F2EC", "#C9E0EC", "#86BBD8", "#3C8DBB", "#0A5687")
SEQUENTIAL = ("#F3EFE4", "#D9E3E3", "#A9CBD6", "#6AA7C4", "#2E7FAE", "#0A5687", "#06345A")
WIDTH = 360  # of a drawing, in its own pixels
SIZE, SMALL = 12, 11  # of letters
LETTER = 6.2  # width of a small digit
DARK = 0.55  # luminance below which letters are white
LEAST = 1 / 8  # of the reach: a change that is told is never paler
NAMED = 44  # width of a tile from which on it has its name, and not the code


class Row(NamedTuple):
    """A line of a forest: value and interval on its axis, the words at the right; bold where it is what is judged."""

    title: str
    value: float
    low: float
    high: float
    words: str
    strong: bool = False


class Cell(NamedTuple):
    """A district: name and code, where its tile lies, its value (None where it is not told), the words below."""

    name: str
    code: str
    row: int
    column: int
    value: float | None
    words: str


class Series(NamedTuple):
    """A line by quarter with its band; `beside` is another line, dashed, that it is seen beside, with its own band."""

    quarters: list
    values: list
    low: list
    high: list
    beside: tuple | None = None  # (values, low, high)


# ---------------------------------------------------------------- parts


def text(x, y, words, size=SIZE, anchor="start", fill=INK, bold=False, halo=None):
    """Words at a place; a halo keeps them from lines."""
    more = {"font_weight": "700"} if bold else {}
    more |= {"stroke": halo, "stroke_width": 3, "paint_order": "stroke"} if halo else {}
    return tag("text", escape(words), x=x, y=y, font_size=size, text_anchor=anchor, fill=fill, **more)


def line(x1, y1, x2, y2, colour=RULE, width=1.0, dashes=None):
    """A line."""
    more = {"stroke_dasharray": dashes} if dashes else {}
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, **more)


def drawing(height, title, *inside):
    """The whole, as wide as its place; `title` tells it to those who do not see it."""
    return tag(
        "svg",
        *inside,
        viewBox=f"0 0 {WIDTH} {plain(float(height))}",
        role="img",
        aria_label=title,
        class_="drawing",
    )


def ticks(low, high, count=4):
    """Round numbers between two ends, some `count` of them; a multiple of a step each."""
    span = high - low
    if not span > 0:
        return [0.0]
    power = 10 ** math.floor(math.log10(span / count))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if span / (step * power) <= count)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def blended(colours, place):
    """The colour at a place from 0 to 1 along a scale."""
    at = min(max(place, 0.0), 1.0) * (len(colours) - 1)
    i = min(int(at), len(colours) - 2)
    ends = [[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in colours[i : i + 2]]
    return "#" + "".join(f"{round(a + (b - a) * (at - i)):02X}" for a, b in zip(*ends, strict=True))


def ink_on(fill):
    """White or ink, which is read better on a colour."""
    red, green, blue = (int(fill[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return PAPER if 0.299 * red + 0.587 * green + 0.114 * blue < DARK else INK


# ---------------------------------------------------------------- forest


LEFT, RIGHT, STEP = 152, 62, 23  # room of the titles, of the words, of a row
REACH = 5  # the axis ends at so many times the median value, or with the strong row; longer bars are cut


def interval(place, row, y, left, right):
    """The mark of a row: bar and dot, hollow where zero is within; triangles where the bar is cut."""
    told = row.low > 0 or row.high < 0
    colour = (MORE if row.value > 0 else LESS) if told else MUTE
    ends = [min(max(place(end), left), right) for end in (row.low, row.high)]
    out = []
    if not math.isnan(ends[0]) and not math.isnan(row.low):
        out.append(
            tag("rect", x=ends[0], y=y - 2.5, width=max(ends[1] - ends[0], 0.5), height=5, fill=colour, opacity=0.38)
        )
        for end, beyond, way in ((left, place(row.low) < left, 1), (right, place(row.high) > right, -1)):
            if beyond:
                out.append(tag("path", d=f"M{end - 6 * way} {y}l{6 * way} -5v10z", fill=colour))
    at = place(row.value)
    if left <= at <= right:
        out.append(tag("circle", cx=at, cy=y, r=3.5, fill=colour if told else PAPER, stroke=colour, stroke_width=1.6))
    return "".join(out)


MARK, TALL = 128, 20  # of a mark that stands in a line of text


def span(rows, cut=True):
    """(low, high) of an axis that holds the marks of rows; where they may be `cut`, not those far beyond the others."""
    furthest = max((abs(end) for row in rows for end in row[1:4] if not math.isnan(end)), default=0.0)
    limit = _limit(rows) if cut else furthest or 1.0
    low = min([0.0, *(max(min(row.low, row.value), -limit) for row in rows if not math.isnan(row.low))])
    high = max([0.0, *(min(max(row.high, row.value), limit) for row in rows if not math.isnan(row.low))])
    low, high = (low, high) if high > low else (-limit, limit)
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def mark(row, low, high):
    """The mark of a row alone, on the axis from `low` to `high` that it shares with those below and above."""

    def place(value):
        return 2 + (value - low) / (high - low) * (MARK - 4)

    inside = interval(place, row, TALL / 2, 2, MARK - 2) if not math.isnan(row.value) else ""
    zero = line(place(0), 0, place(0), TALL, INK, 1.0, "3 3")
    return tag("svg", zero + inside, viewBox=f"0 0 {MARK} {TALL}", class_="mark", aria_hidden="true")


def axis(low, high, label):
    """The ticks of such marks."""

    def place(value):
        return 2 + (value - low) / (high - low) * (MARK - 4)

    out, free = [], -math.inf
    for tick in ticks(low, high, 3):
        half, at = LETTER * len(label(tick)) / 2, place(tick)
        anchor, x, left = _within(at, half, 0, MARK)
        if left > free:  # or words would touch
            out += [text(x, 12, label(tick), SMALL, anchor, GREY), line(at, 16, at, TALL)]
            free = left + 2 * half + LETTER
    return tag("svg", *out, viewBox=f"0 0 {MARK} {TALL}", class_="mark", aria_hidden="true")


def _within(at, half, left, right):
    """(anchor, x, left end) of words of half a width that stand in the middle of a place, or at the edge beside it."""
    if at - half < left:
        return "start", left, left
    return ("end", right, right - 2 * half) if at + half > right else ("middle", at, at - half)


def _limit(rows):
    """How far the axis goes to either side: a row far beyond the others does not press them together."""

    def furthest(some):
        ends = (abs(end) for row in some for end in (row.value, row.low, row.high) if not math.isnan(end))
        return 1.1 * max(ends, default=0.0)

    middle = statistics.median([abs(row.value) for row in rows if row.value] or [0.0])
    return min(furthest(rows), max(REACH * middle, furthest(row for row in rows if row.strong))) or 1.0


def forest(title, rows, label):
    """Rows on one axis, whose ticks `label` writes; words at the right grey where a row is not told."""
    known = [row for row in rows if not math.isnan(row.value)]
    low, high = span(known)
    left, right, top = LEFT, WIDTH - RIGHT, 22

    def place(value):
        return left + (value - low) / (high - low) * (right - left)

    bottom = top + STEP * len(rows)
    marks = ticks(low, high, 5)
    apart = min((place(b) - place(a) for a, b in zip(marks, marks[1:], strict=False)), default=math.inf)
    if apart < LETTER * (2 + max(len(label(tick)) for tick in marks)):
        marks = ticks(low, high, 3)
    out = [
        line(place(t), top - 4, place(t), bottom, *((RULE,) if t else (INK, 1.0, "3 3")))
        + text(place(t), top - 9, label(t), SMALL, "middle", GREY)
        for t in marks
    ]
    for i, row in enumerate(rows):
        y, told = top + STEP * (i + 0.5), row.low > 0 or row.high < 0
        ink = INK if told or row.strong else GREY
        out.append(text(0, y + 4, row.title, fill=ink, bold=row.strong))
        out.append(interval(place, row, y, left, right) if not math.isnan(row.value) else "")
        out.append(text(WIDTH, y + 4, row.words, anchor="end", fill=INK if told else GREY, bold=told))
    return drawing(bottom + 4, title, *out)


# ---------------------------------------------------------------- districts


def reach_of(cells):
    """The end of a scale of change: the next power of two above the largest that is told, in percent."""
    largest = max((abs(cell.value) for cell in cells if cell.value is not None), default=0.0)
    return 2.0 ** max(0, math.ceil(math.log2(largest))) if largest > 0 else 1.0


def hatching(key):
    """The pattern of what is not told."""
    ground = tag("rect", width=6, height=6, fill=GROUND)
    stripe = tag("rect", width=2, height=6, fill=HATCH)
    return tag(
        "defs",
        tag("pattern", ground, stripe, id=key, width=6, height=6, patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)"),
    )  # fmt: skip


def change_map(title, cells, label, hatched, city=None):
    """Districts coloured by the change that is told, all others hatched and pale; `label` writes the ends of the scale.
    As in the diagram `city`, a `diagram.Diagram`, or as tiles where there is none.
    """
    reach = reach_of(cells)

    def colour(cell):
        if cell.value is None:
            return None
        strength = max(abs(cell.value) / reach, LEAST) * (1 if cell.value > 0 else -1)
        return blended(DIVERGING, 0.5 + strength / 2)

    districts, bottom = _districts(cells, colour, "unsure", city)
    return drawing(bottom + 32, title, hatching("unsure"), districts, _key(bottom, DIVERGING, label, reach, hatched))


def level_map(title, cells, label, city=None):
    """Districts coloured by a level, on a scale of square roots, or one large district would leave the others pale."""
    top = max((cell.value for cell in cells), default=0) or 1.0
    tiles, bottom = _districts(
        cells, lambda cell: blended(SEQUENTIAL, math.sqrt(max(cell.value, 0) / top)), "unsure", city
    )
    key = [tag("rect", x=i * 14, y=bottom + 4, width=14, height=9, fill=c) for i, c in enumerate(SEQUENTIAL)]
    ends = text(0, bottom + 26, label(0), SMALL, fill=GREY), text(98, bottom + 26, label(top), SMALL, "end", GREY)
    return drawing(bottom + 32, title, tiles, *key, *ends)


def _districts(cells, colour, pattern, city):
    """(markup of all districts, their lower end)."""
    return _tiles(cells, colour, pattern) if city is None else _diagram(cells, colour, pattern, city)


def _diagram(cells, colour, pattern, city):
    """The same in the drawn diagram of the city."""
    out = [tag("rect", width=WIDTH, height=city.height, fill=WATER, rx=6)]
    out += [tag("path", d=path, fill=BEYOND) for path in city.beyond]
    names = []
    for cell in cells:
        fill = colour(cell)
        told = fill is not None
        frame = {"stroke": INK, "stroke_width": 0.9} if told else {"stroke": PAPER}
        out.append(tag("path", d=city.cells[cell.code], stroke=PAPER, stroke_width=3.2, fill=PAPER))
        out.append(tag("path", d=city.cells[cell.code], fill=fill or f"url(#{pattern})", **frame))
        x, y, room = city.places[cell.code]
        ink, halo = (ink_on(fill), fill) if told else (INK, GROUND)
        wide = sum(1.0 if ord(sign) > 0x2E80 else 0.52 for sign in cell.name)
        size = max(min(SIZE, 0.92 * room / wide), SMALL - 3.0)
        names.append(text(x, y + (0 if told else 4), cell.name, size, "middle", ink, halo=halo))
        if told:
            names.append(text(x, y + 12, cell.words, min(SIZE - 1, size), "middle", ink, bold=True, halo=halo))
    river = tag("path", d=city.river, fill="none", stroke=WATER, stroke_width=4.5, stroke_linecap="round")
    more = {"font_style": "italic"} if city.language == "en" else {}
    waters = [
        tag("text", escape(name), x=x, y=y, font_size=SMALL, text_anchor="middle", fill=WATERS, **more)
        for name, x, y in city.waters
    ]
    return "".join([*out, river, *waters, *names]), city.height


def _tiles(cells, colour, pattern):
    """(markup of all tiles, their lower end)."""
    first, top = min(cell.column for cell in cells), min(cell.row for cell in cells)
    wide = WIDTH / (max(cell.column for cell in cells) - first + 1)
    high = min(50.0, 0.72 * wide)
    out = []
    for cell in cells:
        x, y, fill = (cell.column - first) * wide, (cell.row - top) * high, colour(cell)
        box = {"x": x + 1.5, "y": y + 1.5, "width": wide - 3, "height": high - 3, "rx": 3}
        told = fill is not None
        frame = {"stroke": INK, "stroke_width": 0.9} if told else {"stroke": RULE}
        out.append(tag("rect", **box, fill=fill or f"url(#{pattern})", **frame))
        ink, halo = (ink_on(fill), None) if told else (GREY, GROUND)
        name = cell.name if wide >= NAMED else cell.code
        middle, size = x + wide / 2, min(SIZE, 0.3 * high, 1.9 * wide / max(len(name), 4))
        lower = cell.words if told else ""
        out.append(text(middle, y + high * (0.44 if lower else 0.58), name, size, "middle", ink, halo=halo))
        if lower:
            out.append(text(middle, y + high * 0.76, lower, size, "middle", ink, bold=True))
    return "".join(out), high * (max(cell.row for cell in cells) - top + 1)


def _key(bottom, colours, label, reach, hatched):
    """The colour bar with its ends, and the swatch of what is not told."""
    out = [tag("rect", x=i * 13, y=bottom + 4, width=13, height=9, fill=c) for i, c in enumerate(colours)]
    end = 13 * len(colours)
    for x, value, anchor in ((0, -reach, "start"), (end / 2, 0, "middle"), (end, reach, "end")):
        out.append(text(x, bottom + 26, label(value), SMALL, anchor, GREY))
    out.append(tag("rect", x=end + 24, y=bottom + 4, width=22, height=9, fill="url(#unsure)", stroke=RULE))
    out.append(text(end + 52, bottom + 13, hatched, SMALL, fill=GREY))
    return "".join(out)


# ---------------------------------------------------------------- course


def course(title, series, label, marks, zero=None, tinted=None):
    """A Series. `marks` are (quarter, words) of vertical lines; `zero` names the line at zero; the ground is `tinted`
    from a quarter on, with the words that say why: (quarter, words).
    """
    quarters = series.quarters
    beside = series.beside or ((), (), ())
    known = [end for part in (*series[1:4], *beside) for end in part if not math.isnan(end)] or [0.0]
    floor, top = min(known + [0.0]), max(known + [0.0])
    floor, top = (floor, top) if top > floor else (-1.0, 1.0)
    room = 0.08 * (top - floor)
    floor, top = floor - (room if floor < 0 else 0.0), top + room
    shown = sorted((quarters.index(quarter), words) for quarter, words in marks if quarter in quarters)
    left, right = 58, WIDTH - 8
    upper = 14 + 12 * max(len(shown), 1)
    lower = upper + 164

    def x(i):
        return left + (right - left) * (i + 0.5) / len(quarters)

    def y(value):
        return lower - (value - floor) / (top - floor) * (lower - upper)

    out = []
    if tinted is not None and tinted[0] in quarters:
        begins = x(quarters.index(tinted[0])) - (right - left) / len(quarters) / 2
        out.append(tag("rect", x=begins, y=upper, width=right - begins, height=lower - upper, fill=BEYOND))
        out.append(text(right - 4, upper + 12, tinted[1], SMALL, "end", GREY))
    for tick in ticks(floor, top, 4):
        out.append(line(left, y(tick), right, y(tick)) if tick else "")
        out.append(text(left - 6, y(tick) + 4, label(tick), SMALL, "end", GREY))
    if series.beside:
        out.append(_band(x, y, *beside, INK))
    out.append(_band(x, y, *series[1:4], MORE))
    out.append(line(left, y(0), right, y(0), INK, 1.0, "3 3") if floor <= 0 < top and not series.beside else "")
    if series.beside:
        out.append(_polyline(x, y, beside[0], INK, "5 3"))
    out.append(_polyline(x, y, series.values, MORE))
    for above, (i, words) in zip(reversed(range(len(shown))), shown, strict=True):  # the first stands highest
        at, raised = (x(i) - (x(1) - x(0)) / 2 if len(quarters) > 1 else left), upper - 12 * above
        wide = sum(SMALL if ord(sign) > 0x2E80 else LETTER for sign in words)
        anchor, aside = ("start", 4) if at + 4 + wide < WIDTH else ("end", -4)
        out.append(line(at, raised - 6, at, lower, INK, 1.0))
        out.append(text(at + aside, raised - 8, words, SMALL, anchor, INK))
    if zero is not None:
        out.append(text(left + 4, y(0) - 5, zero, SMALL, fill=GREY, halo=PAPER))
    firsts = [i for i, quarter in enumerate(quarters) if quarter.endswith("Q1")]
    every = max(1, math.ceil(len(firsts) / 7))
    out += [text(x(i), lower + 16, quarters[i][:4], SMALL, "middle", GREY) for i in firsts[::every]]
    return drawing(lower + 22, title, *out)


def _band(x, y, values, low, high, colour):
    """The ground between two lines; nothing where all pairs are the same and there is no interval."""
    if all(map(math.isnan, low)):
        return ""
    seen = [i for i, value in enumerate(values) if not math.isnan(value)]
    ends = [[end[i] if not math.isnan(end[i]) else values[i] for i in seen] for end in (high, low)]
    there, back = ([f"{x(i):.1f},{y(end):.1f}" for i, end in zip(seen, one, strict=True)] for one in ends)
    return tag("polygon", points=" ".join(there + back[::-1]), fill=colour, opacity=0.2 if colour == MORE else 0.1)


def _polyline(x, y, values, colour, dashes=None):
    points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(values) if not math.isnan(value))
    more = {"stroke_dasharray": dashes} if dashes else {}
    return tag("polyline", points=points, fill="none", stroke=colour, stroke_width=1.6 if dashes else 2.2, **more)


# ---------------------------------------------------------------- squares


def squares(title, without, pattern):
    """A hundred squares, of which `without` would be there anyway: hatched."""
    size, out = WIDTH / 25, [hatching(pattern)]
    for i in range(100):
        box = {"x": (i % 25) * size + 1, "y": (i // 25) * size + 1, "width": size - 2, "height": size - 2, "rx": 2}
        out.append(tag("rect", **box, fill=f"url(#{pattern})" if i < without else MORE, stroke=RULE))
    return drawing(4 * size, title, *out)


# ---------------------------------------------------------------- pairs


def dots(title, values, low, high, label):
    """One dot a pair, stacked where they are close, and below them the range of their average."""
    known = [end for end in (*values, low, high, 0.0) if not math.isnan(end)]
    floor, top = min(known), max(known)
    floor, top = (floor, top) if top > floor else (-1.0, 1.0)
    room = 0.08 * (top - floor)
    floor, top = floor - room, top + room
    size, left, right = 9.6, 14, WIDTH - 14

    def place(value):
        return left + (value - floor) / (top - floor) * (right - left)

    heaps, out = {}, []
    for value in sorted(values):
        heaps.setdefault(round(place(value) / size), []).append(value)
    lower = 16 + size * max(map(len, heaps.values()), default=1)
    for tick in ticks(floor, top, 4):
        at = place(tick)
        out.append(line(at, 4, at, lower + 10, *((RULE,) if tick else (INK, 1.0, "3 3"))))
        anchor, x, _ = _within(at, LETTER * len(label(tick)) / 2, 0, WIDTH)
        out.append(text(x, lower + 24, label(tick), SMALL, anchor, GREY))
    for column, heap in heaps.items():
        for i, value in enumerate(heap):
            colour = MORE if value > 0 else LESS if value < 0 else MUTE
            out.append(
                tag("circle", cx=column * size, cy=lower - size * (i + 0.5), r=size / 2 - 0.6, fill=colour, opacity=0.6)
            )
    if not math.isnan(low):
        out.append(tag("rect", x=place(low), y=lower + 3, width=place(high) - place(low), height=5, fill=INK))
    return drawing(lower + 30, title, *out)
