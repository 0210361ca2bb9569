"""Figures of a run or of what a verb found: each drawn from saved tables, never from a running model."""

from collections.abc import Sequence
from importlib import import_module
from itertools import repeat
from pathlib import Path

from sim.plots import (
    arms,
    arms_by_outcome,
    attribution,
    box,
    change_map,
    city,
    conditions,
    dose,
    event_study,
    flows,
    forest,
    funnel,
    groups,
    incidence,
    interactions,
    ledger,
    natural_experiments,
    pareto,
    partial_dependence,
    regret,
    reported,
    spread,
    surface,
    tile_map,
    tornado,
    two_lives,
)
from sim.plots.style import WIDTH, Drawing, cite, look, note, save
from sim.plots.tables import (
    caption,
    read,
    read_analysis,
    read_arms,
    read_attribution,
    read_comparison,
    read_evidence,
    read_frontier,
    read_robustness,
    read_twins,
    read_uncertainty,
)

__all__ = [
    "draw",
    "draw_analysis",
    "draw_arms",
    "draw_attribution",
    "draw_comparison",
    "draw_evidence",
    "draw_frontier",
    "draw_robustness",
    "draw_twins",
    "draw_uncertainty",
    "overview",
    "read",
]


def draw(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the run in `folder`: each as the `kinds` of files (svg, pdf, png) with its data as csv.

    Returns the paths.
    """
    return _draw(folder, read(folder), (city, tile_map, funnel, reported), kinds)


def draw_comparison(folder: Path, kinds: Sequence[str] = ("svg",), each=map) -> list[Path]:
    """Write `figures/` of the comparison in `folder`, as `draw` does for a run.

    `each` maps a function over the figures, here or in processes.
    """
    return _draw(
        folder,
        read_comparison(folder),
        (event_study, forest, groups, change_map, ledger, incidence, flows),
        kinds,
        each,
    )


def draw_arms(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the arms, or of the dose, in `folder`, as `draw` does for a run."""
    tables = read_arms(folder)
    return _draw(folder, tables, (arms, arms_by_outcome, *((dose,) if "dose" in tables else ())), kinds)


def draw_attribution(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the attribution in `folder`, as `draw` does for a run."""
    return _draw(folder, read_attribution(folder), (attribution, interactions), kinds)


def draw_evidence(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the evidence in `folder`, as `draw` does for a run."""
    return _draw(folder, read_evidence(folder), (natural_experiments,), kinds)


def draw_frontier(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the frontier in `folder`, as `draw` does for a run."""
    return _draw(folder, read_frontier(folder), (pareto,), kinds)


def draw_robustness(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the robustness in `folder`, as `draw` does for a run."""
    return _draw(folder, read_robustness(folder), (regret, conditions, box), kinds)


def draw_twins(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the two lives in `folder`, as `draw` does for a run; of a list of founders there are none."""
    return _draw(folder, read_twins(folder), (two_lives,), kinds) if (folder / "life.csv").is_file() else []


def draw_uncertainty(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the uncertainty in `folder`, as `draw` does for a run."""
    return _draw(folder, read_uncertainty(folder), (spread,), kinds)


def draw_analysis(folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write `figures/` of the analysis of a sweep in `folder`, as `draw` does for a run."""
    tables = read_analysis(folder)
    modules = ((tornado, "tornado"), (partial_dependence, "response"), (surface, "surface"))
    return _draw(folder, tables, [module for module, table in modules if len(tables[table])], kinds)


def _draw(folder, tables, modules, kinds, each=map):
    (folder / "figures").mkdir(exist_ok=True)
    names = [module.__name__ for module in modules]
    return [
        path
        for paths in each(_figure, repeat(folder), repeat(tables), names, repeat(kinds), repeat(caption(folder)))
        for path in paths
    ]


def _figure(folder, tables, name, kinds, of):
    """Write one figure, by the name of its module; returns the paths."""
    module = import_module(name)
    data = module.data(tables)
    drawing = module.figure(data)
    cite(drawing, of)
    return save(drawing, data, folder / "figures" / name.rpartition(".")[2], kinds)


@look()
def overview(tables) -> Drawing:
    """The run on one page: the city through time, where its startups are, how they are funded and survive.

    `tables` is what `read` returns.
    """
    lines, tiles, lives = city.data(tables), tile_map.data(tables), funnel.data(tables)
    drawing = Drawing(figsize=(WIDTH, 7.6))
    above, below = drawing.subfigures(2, 1, height_ratios=(1, 0.9))
    for axes, quantity in zip(above.subplots(2, 3).flat, city.QUANTITIES, strict=True):
        city.lines(axes, lines, quantity)
    place, rounds, survival = below.subplots(1, 3, width_ratios=(1.7, 1, 1))
    tile_map.tiles(place, tiles, tile_map.QUANTITIES[0], size=5.8)
    funnel.draw_rounds(rounds, lives)
    funnel.draw_survival(survival, lives)
    note(drawing, f"{city.key(lines)} Map: {tiles['quarter'].iloc[0]}. {tile_map.GRID}")
    return drawing
