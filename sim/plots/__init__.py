"""Figures of a run or of a comparison: each drawn from saved tables, never from a running model."""

from pathlib import Path

from sim.plots import change_map, city, event_study, forest, funnel, ledger, reported, tile_map, waterfall
from sim.plots.saved import read, read_comparison
from sim.plots.style import WIDTH, Drawing, look, note, save

__all__ = ["draw", "draw_comparison", "overview", "read"]


def draw(folder: Path) -> list[Path]:
    """Write `figures/` of the run in `folder`: each figure as SVG and PDF with its data as CSV. Returns the paths."""
    return _draw(folder, read(folder), (city, tile_map, funnel, reported))


def draw_comparison(folder: Path) -> list[Path]:
    """Write `figures/` of the comparison in `folder`, as `draw` does for a run."""
    return _draw(folder, read_comparison(folder), (forest, event_study, ledger, waterfall, change_map))


def _draw(folder, tables, modules):
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    written = []
    for module in modules:
        data = module.data(tables)
        written += save(module.figure(data), data, figures / module.__name__.rpartition(".")[2])
    return written


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
