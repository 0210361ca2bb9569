"""Figures of a run or of what a verb found: each drawn from saved tables, never from a running model."""

from importlib import import_module
from itertools import repeat
from pathlib import Path

from sim.plots import (
    attribution,
    box,
    change_map,
    city,
    conditions,
    event_study,
    forest,
    funnel,
    incidence,
    interactions,
    ledger,
    pareto,
    regret,
    reported,
    spread,
    tile_map,
)
from sim.plots.style import WIDTH, Drawing, look, note, save
from sim.plots.tables import read, read_attribution, read_comparison, read_frontier, read_robustness, read_uncertainty

__all__ = [
    "draw",
    "draw_attribution",
    "draw_comparison",
    "draw_frontier",
    "draw_robustness",
    "draw_uncertainty",
    "overview",
    "read",
]


def draw(folder: Path) -> list[Path]:
    """Write `figures/` of the run in `folder`: each figure as SVG and PDF with its data as CSV. Returns the paths."""
    return _draw(folder, read(folder), (city, tile_map, funnel, reported))


def draw_comparison(folder: Path, each=map) -> list[Path]:
    """Write `figures/` of the comparison in `folder`, as `draw` does for a run.

    `each` maps a function over the figures, here or in processes.
    """
    return _draw(folder, read_comparison(folder), (event_study, forest, change_map, ledger, incidence), each)


def draw_attribution(folder: Path) -> list[Path]:
    """Write `figures/` of the attribution in `folder`, as `draw` does for a run."""
    return _draw(folder, read_attribution(folder), (attribution, interactions))


def draw_frontier(folder: Path) -> list[Path]:
    """Write `figures/` of the frontier in `folder`, as `draw` does for a run."""
    return _draw(folder, read_frontier(folder), (pareto,))


def draw_robustness(folder: Path) -> list[Path]:
    """Write `figures/` of the robustness in `folder`, as `draw` does for a run."""
    return _draw(folder, read_robustness(folder), (regret, conditions, box))


def draw_uncertainty(folder: Path) -> list[Path]:
    """Write `figures/` of the uncertainty in `folder`, as `draw` does for a run."""
    return _draw(folder, read_uncertainty(folder), (spread,))


def _draw(folder, tables, modules, each=map):
    (folder / "figures").mkdir(exist_ok=True)
    return [
        path
        for paths in each(_figure, repeat(folder), repeat(tables), [module.__name__ for module in modules])
        for path in paths
    ]


def _figure(folder, tables, name):
    """Write one figure, by the name of its module; returns the paths."""
    module = import_module(name)
    data = module.data(tables)
    return save(module.figure(data), data, folder / "figures" / name.rpartition(".")[2])


@look()
def overview(tables) -> Drawing:
    """The run on one page: the city through time, where its startups are, how they are funded and survive.

    `tables` is what `read` returns.
    """
    lines, tiles, lives = city.data(tables), tile_map.data(tables), funnel.data(tables)
    drawing = Drawing(figsize=(WIDTH, 6.8))
    panels = drawing.subplots(3, 3, height_ratios=(1, 1, 1.35))
    for axes, quantity in zip(panels[:2].flat, city.QUANTITIES, strict=True):
        city.lines(axes, lines, quantity)
    tile_map.tiles(panels[2, 0], tiles, tile_map.QUANTITIES[0], size=6)
    funnel.draw_rounds(panels[2, 1], lives)
    funnel.draw_survival(panels[2, 2], lives)
    note(drawing, f"{city.key(lines)} Map: {tiles['quarter'].iloc[0]}, tile grid, not to scale.")
    return drawing
