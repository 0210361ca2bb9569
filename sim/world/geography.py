"""The ground of a city: a grid of cells, each in one district or outside the city.

No outline of the districts is used. Each district gets a region of its published area around its
centre and its anchors, by a capacity-constrained power diagram: a cell c goes to the site s (a
centre or an anchor) of least  |c - s|^2 - w_s  and so to its district, or outside the city where
that is positive; the weights w_s (km2) are moved until every site has its part of the area.
This is a declared stylisation: areas, centres and anchors are right, borders are not, so which
districts are neighbours is read from the city's table and never from the grid.

Sources: Aurenhammer, Hoffmann, Aronov 1998, "Minkowski-type theorems and least-squares
clustering" (weights that give power cells of prescribed area); Arzaghi, Henderson 2008, "Networking
off Madison Avenue" (spillovers are gone at about 750 m); Clark 1951, "Urban population densities"
(density falls exponentially with distance to a centre). Assumed: straight-line fall of spillovers to
zero at their reach, the scale of the fall of density, the detour of roads. The areas are met within
half a per cent or two cells.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from sim.world import kept
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY

REACH_KM = 0.75  # no knowledge passes beyond
DENSITY_KM = 3.0  # density falls by the factor e over this distance from a centre
DETOUR = 1.3  # road over straight line, the usual value for cities
GRID_SHIFT_KM = (0.0137, 0.0241)  # so that no two cells are equally far from a place on round coordinates
SIDES = 4  # neighbours are gone through by so many at once
BLOCK_CELLS = 4  # side of the blocks between which distances are taken


class Stretches(NamedTuple):
    """Cells of a district that lie in a row and whose neighbours lie alike: what passes between cells is one long loop
    for each of them.
    """

    first: np.ndarray  # (stretches,) int64, the first cell
    end: np.ndarray  # (stretches,) int64, the cell after the last
    beside: np.ndarray  # (stretches, 8) int64, neighbours of the first cell, itself where there is none
    weight: np.ndarray  # (stretches, 8) of each of them, 0 where there is none


@dataclass(frozen=True, eq=False)
class Map:
    """Cells of a city and distances (D districts).

    A cell's number is its place on the flattened grid (n places, of which some are outside the city), so
    that values of cells, reshaped, are a map. Row 0 of the grid is the southernmost, column 0 the
    westernmost. All lengths are km.
    """

    shape: tuple  # rows and columns of the grid
    cell_km: float
    cell_x: np.ndarray  # (n,) of the cell's middle, east of the city's centre
    cell_y: np.ndarray  # (n,) north of it
    district_of_cell: np.ndarray  # (n,) int64, NOBODY outside the city
    district_start: np.ndarray  # (D + 1,) cells of d are district_cells[start[d]:start[d + 1]]
    district_cells: np.ndarray  # cells of the city sorted by district
    neighbours: np.ndarray  # (n, 8) int64, cells of the same district within reach, else NOBODY
    neighbour_weight: np.ndarray  # (n, 8) 1 at no distance, 0 at the reach and where nobody is
    district_distance: np.ndarray  # (D, D) mean road distance between tenants, own district too
    adjacency: np.ndarray  # (D, D) bool
    centrality: np.ndarray  # (n,) density, sums to 1 in each district, 0 outside

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def cells_of_district(self, district):
        """Cells of a district, in rising order."""
        return self.district_cells[self.district_start[district] : self.district_start[district + 1]]

    def nearest_cell(self, x, y, district):
        """The cell of a district closest to a point; the first of equals."""
        cells = self.cells_of_district(district)
        return int(cells[np.argmin((self.cell_x[cells] - x) ** 2 + (self.cell_y[cells] - y) ** 2)])

    @cached_property
    def cumulative_centrality(self):
        """Running sum of centrality over `district_cells`: district d covers the stretch from d to d + 1."""
        return np.cumsum(self.centrality[self.district_cells])

    @cached_property
    def stretches(self):
        """The cells of the city as `Stretches`."""
        cells = self.district_cells
        return stretches_of(cells, self.district_of_cell[cells], self.neighbours, self.neighbour_weight)

    def draw_cells(self, districts, u):
        """Cells of given districts at the quantiles `u` of their centrality, int64 of the shape of `districts`."""
        place = np.searchsorted(self.cumulative_centrality, districts + u)
        last = self.district_start[np.asarray(districts) + 1] - 1
        return self.district_cells[np.minimum(place, last)]

    def grid(self, values):
        """Values of the cells, shape (n,), as a view of the grid's shape; writing to it writes to them."""
        return np.reshape(values, self.shape, copy=False)


def build(city):
    """The map of a city (`sim.world.city.City`); the same city in one process is drawn once, and kept for others."""
    whole, anchors = city.districts, city.anchors
    around = whole.area_km2 - np.bincount(anchors.district, anchors.area_km2, len(whole))
    return _build(
        city.cell_km,
        tuple(range(len(whole))) + tuple(anchors.district),
        tuple(whole.x_km) + tuple(anchors.x_km),
        tuple(whole.y_km) + tuple(anchors.y_km),
        tuple(around) + tuple(anchors.area_km2),
        (1.0,) * len(whole) + tuple(anchors.pull),
        tuple(map(tuple, city.adjacency)),
    )


@lru_cache(maxsize=8)
def _build(cell_km, *parts):
    found = kept.arrays("maps", __name__, (cell_km, *parts), lambda: _drawn(cell_km, *parts))
    shape = tuple(found.pop("shape").tolist())
    return Map(shape=shape, cell_km=cell_km, **found)


def _drawn(cell_km, *parts):
    """The arrays of a Map, and its shape."""
    site_district, site_x, site_y, area, pull, adjacency = map(np.array, parts)
    xs, ys = _axes(site_x, site_y, area, cell_km)
    holds = area > 0.0  # the others only draw density
    owner = _divide(site_x[holds], site_y[holds], area[holds], site_district[holds], xs, ys, cell_km)
    owner, xs, ys = _crop(owner.reshape(len(ys), len(xs)), xs, ys)
    x, y = (at.ravel() for at in np.meshgrid(xs, ys))
    district = owner.ravel()
    inside = np.flatnonzero(district != NOBODY)
    neighbours, weight = _neighbours(owner, cell_km)
    count = len(adjacency)
    centrality = np.zeros(len(x))
    centrality[inside] = _centrality(x[inside], y[inside], district[inside], site_x, site_y, site_district, pull)
    return {
        "shape": np.array(owner.shape),
        "cell_x": x,
        "cell_y": y,
        "district_of_cell": district,
        "district_start": np.searchsorted(np.sort(district[inside]), np.arange(count + 1)),
        "district_cells": inside[np.argsort(district[inside], kind="stable")],
        "neighbours": neighbours,
        "neighbour_weight": weight,
        "district_distance": _distances(
            x[inside], y[inside], district[inside], centrality[inside], count, BLOCK_CELLS * cell_km
        ),
        "adjacency": adjacency,
        "centrality": centrality,
    }


def _crop(owner, xs, ys):
    """The part of a grid that holds the city, with one cell of outside all around."""
    row, column = (slice(at.min() - 1, at.max() + 2) for at in np.nonzero(owner != NOBODY))
    return np.ascontiguousarray(owner[row, column]), xs[column], ys[row]


def _axes(site_x, site_y, area, cell_km):
    """Middles of the columns and rows of a grid that surely holds every district."""
    margin = 2.0 * np.sqrt(area.max() / np.pi)
    return tuple(
        (np.arange(np.floor((at.min() - margin) / cell_km), np.ceil((at.max() + margin) / cell_km)) + 0.5) * cell_km
        + shift
        for at, shift in zip((site_x, site_y), GRID_SHIFT_KM, strict=True)
    )


def _divide(site_x, site_y, area, site_district, xs, ys, cell_km):
    """District of each cell of the flattened grid, NOBODY outside.

    The weights are found on a coarse grid first, since each finer one only has to correct them.
    """
    weight = area / np.pi
    for coarse, sweeps in ((4, 30), (2, 15), (1, 30)):
        x, y = (at.ravel() for at in np.meshgrid(xs[coarse // 2 :: coarse], ys[coarse // 2 :: coarse]))
        wanted = _whole_cells(area / (cell_km * coarse) ** 2, site_district)
        weight = _weigh(x, y, site_x, site_y, wanted, weight, (cell_km * coarse) ** 2, sweeps)
    site = _closest(x, y, site_x, site_y, weight)
    return np.where(site == NOBODY, NOBODY, site_district[site])


def _cost(x, y, site_x, site_y):
    """Squared distance of each point to each site, (sites, points)."""
    return (x - site_x[:, None]) ** 2 + (y - site_y[:, None]) ** 2


def _closest(x, y, site_x, site_y, weight):
    """The site each point goes to, NOBODY outside."""
    net = _cost(x, y, site_x, site_y) - weight[:, None]
    best = np.argmin(net, axis=0)
    return np.where(net[best, np.arange(len(best))] < 0.0, best, NOBODY)


def _whole_cells(cells, site_district):
    """Whole numbers of cells, at least 1, rounded so that those of a district sum to its area."""
    order = np.argsort(site_district, kind="stable")
    whole = np.empty(len(cells), np.int64)
    whole[order] = np.diff(np.rint(np.cumsum(cells[order])), prepend=0.0)
    return np.maximum(whole, 1)


@kernel
def _best_of_others(site, costs, weight):
    """Least net cost of each cell at any site but one, or 0 for the outside, (cells,)."""
    best = np.zeros(costs.shape[1])
    for other in range(len(weight)):
        if other != site:
            for cell in range(len(best)):
                best[cell] = min(best[cell], costs[other, cell] - weight[other])
    return best


def _weigh(x, y, site_x, site_y, wanted, weight, cell_area, sweeps):
    """Weights that give each site its number of cells, one site at a time until all agree."""
    weight = weight.copy()
    views = []  # of each site: its own cost of the cells it may get, and that of every site
    for site in range(len(wanted)):
        own = (x - site_x[site]) ** 2 + (y - site_y[site]) ** 2
        near = np.flatnonzero(own < 2.5**2 * cell_area * (wanted[site] / np.pi + 4.0))
        views.append((own[near], _cost(x[near], y[near], site_x, site_y)))
    for _ in range(sweeps):
        moved = 0
        for site, (own, costs) in enumerate(views):
            margin = own - _best_of_others(site, costs, weight)
            moved = max(moved, abs(np.count_nonzero(margin < weight[site]) - wanted[site]))
            last = wanted[site]
            weight[site] = np.partition(margin, (last - 1, last))[last - 1 : last + 1].mean()
        if moved == 0:
            break
    return weight


def _centrality(x, y, district, site_x, site_y, site_district, pull):
    """Density of each cell: what the places of its district draw, falling with distance, (n,)."""
    density = np.zeros(len(x))
    for own, sx, sy, strength in zip(site_district, site_x, site_y, pull, strict=True):
        km = np.sqrt((x - sx) ** 2 + (y - sy) ** 2)
        density += np.where(district == own, strength * np.exp(-km / DENSITY_KM), 0.0)
    density = np.round(density, 12)  # the last bits of exp differ between processors
    return density / np.bincount(district, density)[district]


def _neighbours(owner, cell_km):
    """Cells of the same district within reach and their weights, (n, 8) each; the edge of the grid is outside."""
    if 2 * cell_km <= REACH_KM:
        raise ValueError(f"cells of {cell_km} km are too small: spillovers of {REACH_KM} km would pass the next cell")
    columns = owner.shape[1]
    district = owner.ravel()
    cells = np.flatnonzero(district != NOBODY)
    steps = [(up, right) for up in (-1, 0, 1) for right in (-1, 0, 1) if (up, right) != (0, 0)]
    neighbours = np.full((len(district), len(steps)), NOBODY)
    weight = np.zeros(neighbours.shape)
    for place, (up, right) in enumerate(steps):
        fall = 1.0 - cell_km * np.hypot(up, right) / REACH_KM
        if fall > 0.0:
            there = cells + up * columns + right
            same = district[there] == district[cells]
            neighbours[cells[same], place] = there[same]
            weight[cells[same], place] = fall
    return neighbours, weight


def stretches_of(cells, district, neighbours, weight):
    """The `Stretches` of cells that are sorted by their `district`; SIDES divides the number of their sides."""
    sides = ((0, 0), (0, -neighbours.shape[1] % SIDES))
    weight, beside = np.pad(weight[cells], sides), np.pad(neighbours[cells], sides)
    beside = np.where(weight > 0.0, beside, cells[:, None])
    alike = (np.diff(cells) == 1) & (np.diff(district) == 0)
    alike &= (weight[1:] == weight[:-1]).all(axis=1) & (np.diff(beside, axis=0) == 1).all(axis=1)
    first = np.flatnonzero(np.append(True, ~alike))
    last = np.append(first[1:], len(cells)) - 1
    return Stretches(cells[first], cells[last] + 1, beside[first], weight[first])


def _distances(x, y, district, centrality, count, block_km):
    """Mean road distance between a place drawn by centrality in one district and one in another, (D, D)."""
    key = np.stack([np.floor(x / block_km), np.floor(y / block_km)])
    blocks, block = np.unique(key, axis=1, return_inverse=True)
    block = block.ravel()
    mass = np.zeros((count, blocks.shape[1]))
    np.add.at(mass, (district, block), centrality)
    share = np.bincount(block)
    bx, by = np.bincount(block, x) / share, np.bincount(block, y) / share
    apart = np.hypot(bx[:, None] - bx, by[:, None] - by)
    np.fill_diagonal(apart, block_km / 2)  # within a block, about half its side
    distance = np.round(DETOUR * (mass @ apart @ mass.T), 6)  # rounded: the order of sums differs between processors
    return (distance + distance.T) / 2
