"""The drawn diagram of a city, from `outline.csv` in its folder: where water and districts lie, not their borders.

A row of `outline.csv` is a point in km from the centre, as those of `districts.csv`:

    outline   of the mainland, closed
    river     from one point of the outline to another; it parts the mainland in two
    island    `name` begins with the code of the district that it belongs to; closed
    seat      of a district that needs more than its centre; all seats of a district are joined
    beyond    neighbouring land, drawn plain; closed
    water     where the name of a water stands

Distances from the centre shrink as r -> 9.5 asinh(r / 9.5 km), so that inner districts have room for a name. On either
bank the mainland is shared among the seats by a power diagram whose cells have areas that grow with area^0.39 of the
district. Neighbours of the model are those of `adjacency.csv`, never those of the drawing.
"""

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.report import drawing
from sim.report.drawing import WIDTH
from sim.settings.files import options
from sim.settings.refusals import ConfigError
from sim.world import readers

FILE = "outline.csv"
KINDS = ("outline", "river", "island", "seat", "beyond", "water")
SHRINK = 9.5  # km
WEST = 1.0  # km of the centre, from which distances shrink
SHARE = 0.39  # exponent of the area
ROUNDS, STEP = 120, 0.35
GAP, ROUND = 0.13, 0.8  # km between a cell and its border; of a corner, after shrinking
MARGIN = 1.2  # km around
FINE = 20  # places tried for a name, in either direction


class Diagram(NamedTuple):
    """Paths of SVG in a drawing `WIDTH` wide and `height` high, and where names stand."""

    height: float
    beyond: tuple
    cells: dict  # code -> path
    places: dict  # code -> (x, y, room for a name)
    river: str
    waters: tuple  # (name, x, y)
    language: str = "en"


def of(words, config, codes):
    """The Diagram of the city of a resolved config in the language of `words`, None where the city has no outline, or
    other districts.
    """
    files = options("city", config.get("configs"))
    name = config["city"]["name"]
    folder = files[name].with_suffix("") if name in files else None
    if folder is None or not (folder / FILE).is_file():
        return None
    try:
        found = read(folder)
    except (KeyError, ValueError, IndexError, ZeroDivisionError, readers.Unreadable) as error:
        raise ConfigError([f"city {name}: {FILE} cannot be drawn: {type(error).__name__} {error}"]) from None
    if set(found.cells) != set(codes):
        return None
    waters = tuple((words.name("waters", name), x, y) for name, x, y in found.waters)
    return found._replace(waters=waters, language=words.language)


def cell(words, one, value, said):
    """The Cell of a row of districts with their layout: its value, and the words below its name."""
    return drawing.Cell(words.place(one.district), one.district, one.tile_row, one.tile_col, value, said)


@lru_cache
def read(folder):
    """The Diagram of the folder of a city."""
    _, rows = readers.read_csv(Path(folder) / FILE)
    strange = sorted({row["kind"] for row in rows} - set(KINDS))
    if strange:
        raise ValueError(f"kind {', '.join(strange)} is none of {', '.join(KINDS)}")
    _, districts = readers.read_csv(Path(folder) / "districts.csv")
    parts = {}
    for row in rows:
        parts.setdefault(row["kind"], {}).setdefault(row["name"], []).append(_shrunk(row))
    (mainland,), (river,) = parts["outline"].values(), parts["river"].values()
    area = {row["code"]: float(row["area_km2"]) for row in districts}
    islands = {}
    for name, points in parts.get("island", {}).items():
        islands.setdefault(name.split()[0], []).append(points)
    seats = {row["code"]: [_shrunk(row)] for row in districts if row["code"] not in islands}
    seats |= parts.get("seat", {})
    cells = {}
    for bank in _banks(mainland, river):
        here = [(code, seat) for code, places in seats.items() for seat in places if _inside(seat, bank)]
        shares = [area[code] ** SHARE / len(seats[code]) for code, _ in here]
        for (code, _), cell in zip(here, _power(bank, [seat for _, seat in here], shares), strict=True):
            cells.setdefault(code, []).append(cell)
    cells = {code: [_joined(polygons)] for code, polygons in cells.items()} | islands
    return _drawn(cells, river, parts)


def _shrunk(row):
    x, y = float(row["x_km"]) + WEST, float(row["y_km"])
    r = math.hypot(x, y)
    by = SHRINK * math.asinh(r / SHRINK) / r if r else 1.0
    return x * by - WEST, y * by


# ---------------------------------------------------------------- polygons


def _banks(mainland, river):
    """The mainland in two: the outline from the river's one end to the other, closed by the river."""
    start, end = (min(range(len(mainland)), key=lambda i: math.dist(mainland[i], river[e])) for e in (0, -1))
    turned = mainland[start:] + mainland[:start]
    cut = (end - start) % len(mainland)
    return turned[: cut + 1] + river[-2:0:-1], turned[cut:] + turned[:1] + river[1:-1]


def _inside(point, polygon):
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def _area(polygon):
    """Signed: above zero where the points go against the clock."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True)) / 2


def _centre(polygon):
    size = _area(polygon)
    x = y = 0.0
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return x / (6 * size), y / (6 * size)


def _middle(polygon):
    """(a point far from all edges, how wide the polygon is there): where a name has room."""
    xs, ys = zip(*polygon, strict=True)
    best = (0.0, _centre(polygon), 0.0)
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    for i in range(1, FINE):
        y = min(ys) + (max(ys) - min(ys)) * i / FINE
        crossed = sorted(a + (c - a) * (y - b) / (d - b) for (a, b), (c, d) in edges if (b > y) != (d > y))
        for left, right in zip(crossed[::2], crossed[1::2], strict=True):
            for x in (left + (right - left) * k / FINE for k in range(1, FINE)):
                near = min(_apart((x, y), *edge) for edge in edges)
                if near > best[0]:
                    best = (near, (x, y), 2 * min(x - left, right - x))
    return best[1:]


def _apart(point, one, other):
    """Distance of a point from an edge; sideways it counts less, as names are wide."""
    (x, y), (a, b), (c, d) = ((u / 1.6, v) for u, v in (point, one, other))
    size = (c - a) ** 2 + (d - b) ** 2
    t = min(max(((x - a) * (c - a) + (y - b) * (d - b)) / size, 0.0), 1.0) if size else 0.0
    return math.hypot(x - a - t * (c - a), y - b - t * (d - b))


def _clipped(polygon, a, b, c):
    """The part of a polygon where a x + b y <= c."""
    out = []
    sides = [a * x + b * y - c for x, y in polygon]
    for i, (one, side) in enumerate(zip(polygon, sides, strict=True)):
        other, beyond = polygon[(i + 1) % len(polygon)], sides[(i + 1) % len(polygon)]
        if side <= 0:
            out.append(one)
        if (side < 0 < beyond) or (beyond < 0 < side):
            t = side / (side - beyond)
            out.append((one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1])))
    return out


def _power(bank, seats, shares):
    """A polygon a seat: the power diagram of a bank in which areas are as the `shares`."""
    whole = abs(_area(bank))
    wanted = [whole * share / sum(shares) for share in shares]
    weights = [0.0] * len(seats)
    cells = []
    for _ in range(ROUNDS):
        cells = [_cell(bank, seats, weights, i) for i in range(len(seats))]
        areas = [abs(_area(cell)) if len(cell) > 2 else 0.0 for cell in cells]
        if max(abs(area / want - 1) for area, want in zip(areas, wanted, strict=True)) < 0.02:
            break
        weights = [w + STEP * (want - area) for w, area, want in zip(weights, areas, wanted, strict=True)]
    return cells


def _cell(bank, seats, weights, i):
    x, y = seats[i]
    cell = bank
    for j, (u, v) in enumerate(seats):
        if j != i and cell:
            cell = _clipped(cell, 2 * (u - x), 2 * (v - y), u * u + v * v - x * x - y * y + weights[i] - weights[j])
    return cell


def _joined(polygons):
    """One polygon of two that share an edge."""
    whole, *rest = polygons
    for other in rest:
        near = [(i, j) for i, p in enumerate(whole) for j, q in enumerate(other) if math.dist(p, q) < 1e-6]
        (i, j), (k, _) = near[0], near[-1]
        n, m = len(whole), len(other)
        if (i + 1) % n != k:  # from the one end of the edge to the other, as `whole` goes
            (i, j), k = near[-1], near[0][0]
        whole = [whole[(k + step) % n] for step in range(n)] + [other[(j + step) % m] for step in range(1, m - 1)]
    return whole


def _inset(polygon, by):
    """A polygon whose edges lie `by` further in."""
    sign = 1 if _area(polygon) > 0 else -1
    out, n = [], len(polygon)
    for i in range(n):
        (x0, y0), (x1, y1), (x2, y2) = polygon[i - 1], polygon[i], polygon[(i + 1) % n]
        normals = []
        for dx, dy in ((x1 - x0, y1 - y0), (x2 - x1, y2 - y1)):
            size = math.hypot(dx, dy) or 1.0
            normals.append((-dy / size * sign, dx / size * sign))
        (a, b), (c, d) = normals
        long = max(1 + a * c + b * d, 0.5)  # a sharp corner is not drawn out
        out.append((x1 + by * (a + c) / long, y1 + by * (b + d) / long))
    return out


# ---------------------------------------------------------------- paths


def _drawn(cells, river, parts):
    points = [point for polygons in cells.values() for polygon in polygons for point in polygon]
    left, right = min(x for x, _ in points) - MARGIN, max(x for x, _ in points) + MARGIN
    low, top = min(y for _, y in points) - 1.6 * MARGIN, max(y for _, y in points) + MARGIN
    by = WIDTH / (right - left)

    def place(point):
        return (point[0] - left) * by, (top - point[1]) * by

    def path(polygon, inset=0.0):
        return _rounded([place(point) for point in _inset(_simple(polygon), inset)], ROUND * by)

    names = {}
    for code, polygons in cells.items():
        largest = max(polygons, key=lambda polygon: abs(_area(polygon)))
        point, room = _middle(largest)
        names[code] = (*place(point), by * room)
    return Diagram(
        (top - low) * by,
        tuple(path(polygon) for polygon in parts.get("beyond", {}).values()),
        {code: " ".join(path(polygon, GAP) for polygon in polygons) for code, polygons in cells.items()},
        names,
        _rounded([place(point) for point in river], ROUND * by, closed=False),
        tuple((name, *place(point)) for name, (point,) in parts.get("water", {}).items()),
    )


def _simple(polygon):
    """Without points that lie on the one before."""
    kept = [point for i, point in enumerate(polygon) if math.dist(point, polygon[i - 1]) > 1e-3]
    return kept if len(kept) > 2 else polygon


def _rounded(points, radius, closed=True):
    """A path along points whose corners are rounded."""
    n = len(points)
    out = [] if closed else [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for i in range(n) if closed else range(1, n - 1):
        before, here, after = points[i - 1], points[i], points[(i + 1) % n]
        ends = []
        for other in (before, after):
            size = math.dist(here, other) or 1.0
            t = min(radius / size, 0.45)
            ends.append((here[0] + t * (other[0] - here[0]), here[1] + t * (other[1] - here[1])))
        out.append(f"{'L' if out else 'M'}{ends[0][0]:.1f} {ends[0][1]:.1f}")
        out.append(f"Q{here[0]:.1f} {here[1]:.1f} {ends[1][0]:.1f} {ends[1][1]:.1f}")
    return "".join([*out, "Z" if closed else f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"])
