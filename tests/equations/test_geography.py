"""Cities are read whole or refused whole, and their ground has the areas it should."""

import csv
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from sim.world import geography
from sim.world.calendar import quarter_name, quarter_of
from sim.world.city import assemble, read
from sim.world.city_files import SERIES, TRAIT
from sim.world.columns import SECTOR
from sim.world.kinds import NOBODY, Institution, RivalKind

ROOT = Path(__file__).parents[2]
SHANGHAI = ROOT / "configs/city/shanghai.yaml"
SHENZHEN = ROOT / "configs/city/shenzhen.yaml"
LAKESIDE = ROOT / "tests/own/city/lakeside.yaml"


@pytest.fixture(scope="module", params=[SHANGHAI, SHENZHEN, LAKESIDE], ids=["shanghai", "shenzhen", "lakeside"])
def city(request):
    return read(request.param)


@pytest.fixture(scope="module")
def ground(city):
    return geography.build(city)


@pytest.fixture(scope="module")
def shanghai():
    return read(SHANGHAI)


# ---------------------------------------------------------------- quarters


def test_quarters_by_hand():
    assert quarter_of("2006Q1") == 8024
    assert quarter_of("2016Q4") == 8067
    assert quarter_name(8024) == "2006Q1"
    assert all(quarter_of(quarter_name(quarter)) == quarter for quarter in range(7900, 8200))


@pytest.mark.parametrize("text", ["2006", "2006Q5", "2006q1", "06Q1", " 2006Q1", "2006Q1\n", "", None, 8024])
def test_bad_quarters_are_refused(text):
    with pytest.raises(ValueError, match="not a quarter"):
        quarter_of(text)


# ---------------------------------------------------------------- the ground


def test_every_cell_is_in_one_district(city, ground):
    assert len(ground) == len(ground.district_of_cell)
    assert np.array_equal(np.unique(ground.district_of_cell), np.arange(NOBODY, len(city.districts)))
    assert np.array_equal(np.sort(ground.district_cells), np.flatnonzero(ground.district_of_cell != NOBODY))
    for district in range(len(city.districts)):
        assert np.all(ground.district_of_cell[ground.cells_of_district(district)] == district)
    on_grid = ground.grid(ground.district_of_cell)
    assert on_grid.shape == ground.shape
    for edge in (on_grid[0], on_grid[-1], on_grid[:, 0], on_grid[:, -1]):
        assert np.all(edge == NOBODY)  # the grid cuts nothing off


def test_areas_match(city, ground):
    cells = np.bincount(ground.district_of_cell[ground.district_cells])
    wanted = city.districts.area_km2 / city.cell_km**2
    assert np.all(np.abs(cells - wanted) <= np.maximum(0.005 * wanted, 2.0))


def test_districts_are_connected(city, ground):
    on_grid = ground.grid(ground.district_of_cell)
    for district in range(len(city.districts)):
        left = on_grid == district
        reached = np.zeros_like(left)
        reached.flat[ground.cells_of_district(district)[0]] = True
        grown = 0
        while np.count_nonzero(reached) > grown:
            grown = np.count_nonzero(reached)
            for axis in (0, 1):
                for step in (1, -1):
                    reached |= np.roll(reached, step, axis) & left
        assert np.array_equal(reached, left), city.district_codes[district]


def test_centres_and_anchors_are_in_their_districts(city, ground):
    where = list(zip(city.districts.x_km, city.districts.y_km, range(len(city.districts)), strict=True))
    where += list(zip(city.anchors.x_km, city.anchors.y_km, city.anchors.district, strict=True))
    for x, y, district in where:
        nearest = np.argmin((ground.cell_x - x) ** 2 + (ground.cell_y - y) ** 2)
        assert ground.district_of_cell[nearest] == district
        assert ground.nearest_cell(x, y, district) == nearest


def test_anchors_of_pudong(shanghai):
    pudong = shanghai.district_codes.index("PD")
    for name in ("Lujiazui", "Zhangjiang", "Lingang"):
        assert shanghai.anchors.district[shanghai.anchor_names.index(name)] == pudong


def test_neighbours_stay_in_the_district_and_are_mutual(city, ground):
    assert ground.neighbours.shape == ground.neighbour_weight.shape == (len(ground), 8)
    cell, place = np.nonzero(ground.neighbours != NOBODY)
    other = ground.neighbours[cell, place]
    assert np.array_equal(ground.district_of_cell[cell], ground.district_of_cell[other])
    apart = np.hypot(ground.cell_x[cell] - ground.cell_x[other], ground.cell_y[cell] - ground.cell_y[other])
    assert np.all((apart > 0) & (apart < geography.REACH_KM))
    assert np.allclose(ground.neighbour_weight[cell, place], 1 - apart / geography.REACH_KM)
    assert np.all(ground.neighbour_weight[ground.neighbours == NOBODY] == 0)
    pairs = set(zip(cell, other, strict=True))
    assert all((b, a) in pairs for a, b in pairs)


def test_stretches_hold_every_cell_once_with_its_neighbours(ground):
    first, end, beside, weight = ground.stretches
    length = end - first
    cells = np.repeat(first, length) + np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    assert np.array_equal(np.sort(cells), np.flatnonzero(ground.district_of_cell != NOBODY))
    assert np.array_equal(ground.district_of_cell[cells], np.repeat(ground.district_of_cell[first], length))
    assert np.array_equal(np.repeat(weight, length, axis=0), ground.neighbour_weight[cells])
    there = np.repeat(beside - first[:, None], length, axis=0) + cells[:, None]
    assert np.array_equal(np.where(ground.neighbours[cells] == NOBODY, cells[:, None], ground.neighbours[cells]), there)
    assert len(first) < len(cells)


def test_inner_cell_by_hand(ground):
    """A cell amid its district has 4 neighbours at 0.5 km (weight 1/3) and 4 at 0.707 km."""
    amid = np.all(ground.neighbours != NOBODY, axis=1)
    assert amid.any()
    weights = np.sort(ground.neighbour_weight[amid][0])
    assert np.allclose(weights, [1 - np.sqrt(0.5) / 0.75] * 4 + [1 / 3] * 4)


def test_distances(city, ground):
    distance = ground.district_distance
    assert np.array_equal(distance, distance.T)
    assert np.all(distance > 0)
    straight = np.hypot(*(np.subtract.outer(at, at) for at in (city.districts.x_km, city.districts.y_km)))
    assert np.corrcoef(straight.ravel(), distance.ravel())[0, 1] > 0.85
    assert np.all(np.diag(distance) < geography.DETOUR * 2 * np.sqrt(city.districts.area_km2))


def test_adjacency_is_the_table(city, ground):
    assert np.array_equal(ground.adjacency, city.adjacency)
    assert np.array_equal(city.adjacency, city.adjacency.T)
    assert not np.diag(city.adjacency).any()
    assert np.all(city.adjacency[city.water])


def test_shanghai_has_38_borders(shanghai):
    assert shanghai.adjacency.sum() == 2 * 38


def test_centrality_is_a_density(city, ground):
    cells = ground.district_cells
    assert np.array_equal(np.flatnonzero(ground.centrality > 0), np.sort(cells))
    assert np.allclose(np.bincount(ground.district_of_cell[cells], ground.centrality[cells]), 1)


def test_density_of_pudong_is_highest_at_its_anchors(shanghai):
    ground = geography.build(shanghai)
    pudong = ground.cells_of_district(shanghai.district_codes.index("PD"))
    peak = pudong[np.argmax(ground.centrality[pudong])]
    zhangjiang = shanghai.anchor_names.index("Zhangjiang")
    assert (
        np.hypot(
            ground.cell_x[peak] - shanghai.anchors.x_km[zhangjiang],
            ground.cell_y[peak] - shanghai.anchors.y_km[zhangjiang],
        )
        < 1
    )


def test_map_is_drawn_fast_once_and_alike(shanghai):
    geography._build.cache_clear()
    start = time.process_time()
    first = geography.build(shanghai)
    assert time.process_time() - start < 4  # about 0.6 s alone on one core
    assert geography.build(read(SHANGHAI)) is first
    geography._build.cache_clear()
    again = geography.build(shanghai)
    for name in ("district_of_cell", "neighbours", "district_distance", "centrality"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not getattr(first, name).flags.writeable


def test_values_are_laid_on_the_grid(ground):
    values = np.arange(1.0, len(ground) + 1)
    laid = ground.grid(values)
    assert laid.shape == ground.shape and np.shares_memory(laid, values)
    assert laid[2, 3] == values[2 * ground.shape[1] + 3]


def test_cells_so_small_that_spillovers_pass_are_refused(shanghai):
    owner = np.zeros((2, 2), np.int64)
    with pytest.raises(ValueError, match="too small"):
        geography._neighbours(owner, 0.3)


# ---------------------------------------------------------------- the data


def test_shares_sum_to_one(city):
    assert np.allclose(city.institution_mix.sum(axis=1), 1)
    assert city.traits.workforce.sum() == pytest.approx(1)
    assert city.districts.tech_share.sum() == pytest.approx(1)
    assert city.origin.sum() == pytest.approx(1)


def test_history_is_complete(city):
    assert quarter_name(city.first) == "2006Q1"
    assert quarter_name(city.last) == "2035Q4"
    assert set(city.history) == set(city.history_sources) == set(SERIES)
    for values in city.history.values():
        assert values.shape == (city.last - city.first + 1,)
        assert np.all(np.isfinite(values))
    for name in ("macro_demand", "fundraising", "rival_wage", "overseas_pool", "foreign_capital"):
        assert np.all(city.history[name] > 0)
    assert city.at("macro_demand", city.last) == city.history["macro_demand"][-1]
    with pytest.raises(IndexError, match="2036Q1"):
        city.at("ipo", city.last + 1)


def test_norms_are_the_columns_of_their_series(city):
    """A quarter a row; of density one path, of the others one a sector in the order of the city's."""
    quarters, sectors = city.last - city.first + 1, len(city.sectors)
    shapes = {series: path.shape for series, path in city.reference.items()}
    by_sector = dict.fromkeys(("knowledge", "offers", "sales"), (quarters, sectors))
    assert shapes == {"density": (quarters,)} | by_sector
    with (city.point / "reference.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    assert last["quarter"] == quarter_name(city.last)
    assert city.reference["density"][-1] == float(last["density"])
    for series in by_sector:
        assert city.reference[series][-1].tolist() == [float(last[f"{series}_{name}"]) for name in city.sectors]


@pytest.mark.parametrize("name", ["macro_demand", "fundraising", "foreign_capital", "rival_wage", "overseas_pool"])
def test_indices_are_one_in_2019(shanghai, name):
    start = quarter_of("2019Q1") - shanghai.first
    assert shanghai.history[name][start : start + 4].mean() == pytest.approx(1, abs=1e-3)


def test_traits_are_columns_of_the_sector_table():
    names = SECTOR.names
    assert list(TRAIT) == list(names[: names.index("base_wage") + 1])


def test_rents_follow_the_rings(shanghai):
    """Ratios of the office rents by ring road, 2024Q1: 5.95, 4.05, 3.00, 2.43 yuan per m2 and day."""
    rent = {
        ring: shanghai.districts.office_rent[[r == ring for r in shanghai.district_rings]]
        for ring in set(shanghai.district_rings)
    }
    assert rent["inner"].mean() / rent["outer"].mean() == pytest.approx(2.45, abs=0.01)
    assert rent["inner-middle"].mean() / rent["inner"].mean() == pytest.approx(0.68, abs=0.01)


def test_tags_of_deals_meet_the_reports(shanghai):
    deals = shanghai.traits.ideas / shanghai.traits.ideas.sum()
    assert deals @ shanghai.traits.hard_tech == pytest.approx(0.68, abs=0.03)
    assert deals @ shanghai.traits.consumer == pytest.approx(0.41, abs=0.03)
    assert deals @ shanghai.traits.capital_need == pytest.approx(1, abs=0.05)
    assert shanghai.traits.workforce @ shanghai.traits.base_wage == pytest.approx(75_000, rel=0.02)


def test_population_and_area_are_the_published_totals(shanghai):
    assert shanghai.districts.population.sum() == 24_870_895
    assert shanghai.districts.area_km2.sum() == pytest.approx(6_340.5)


def test_reported_institutions(shanghai):
    kind, opens = shanghai.institutions.kind, shanghai.institutions.opens
    labs = kind == Institution.LAB
    assert np.count_nonzero(kind == Institution.UNIVERSITY) == 47
    assert np.count_nonzero(labs & (opens < quarter_of("2024Q1"))) == 23
    assert np.count_nonzero(labs & (opens >= quarter_of("2024Q1")) & (opens <= quarter_of("2026Q4"))) == 11


def test_rivals(shanghai):
    kinds = dict(zip(shanghai.rival_names, shanghai.rivals.kind, strict=True))
    assert kinds["Singapore"] == RivalKind.SINGAPORE
    assert kinds["rest_of_china"] == RivalKind.REST
    assert list(kinds.values()).count(RivalKind.RIVAL) == 4


# ---------------------------------------------------------------- refusals


@pytest.fixture
def copy(tmp_path):
    """A copy of the small city and a way to edit its files."""
    shutil.copy(LAKESIDE, tmp_path)
    shutil.copytree(LAKESIDE.with_suffix(""), tmp_path / "lakeside")

    def edit(file, old, new):
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    edit.path = tmp_path / "lakeside.yaml"
    return edit


def refusal(path):
    with pytest.raises(ValueError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("lakeside.yaml", "persons: 3000", "persons: many", "lakeside.yaml, column persons: 'many' is not a number"),
        ("lakeside.yaml", "persons: 3000", "persons: 3000.5", "should be a whole number"),
        ("lakeside.yaml", "persons: 3000", "peersons: 3000", "column peersons: no such key is known"),
        ("lakeside.yaml", "lps: 8\n", "", "column lps: missing"),
        ("lakeside.yaml", "cell_km: 0.5", "cell_km: 0.2", "0.2 should be between 0.4 and 5"),
        ("lakeside.yaml", "origin_local: 0.9", "origin_local: 0.8", "shares sum to 0.9"),
        ("lakeside.yaml", "wealth_mean: 600000", "wealth_mean: 6000", "should be at least wealth_median"),
        ("lakeside.yaml", "first: 2006Q1", "first: 2006", "column first: not a quarter: 2006"),
        ("lakeside.yaml", "history: 2016Q1", "history: 2046Q1", "2046Q1 is not in the quarters of history.csv"),
        ("lakeside.yaml", "name: lakeside", "name: seaside", "'seaside' should be 'lakeside'"),
        ("lakeside.yaml", "  - biotech_medtech", "  - biotech", "sectors.csv, column name: sectors"),
        ("lakeside/districts.csv", "population", "people", "districts.csv, column population: column is missing"),
        ("lakeside/districts.csv", "HA,", "OT,", "districts.csv, column code: 'OT' stands there twice"),
        ("lakeside/districts.csv", "0.4,made up", "0.5,made up", "districts.csv, column tech_share: shares sum to 1.1"),
        ("lakeside/districts.csv", ",made up", ",", "districts.csv, row 2, column source: empty"),
        (
            "lakeside/adjacency.csv",
            "OT,HA,1",
            "OT,XX,1",
            "adjacency.csv, row 2, column b: district 'XX' is not one of OT, HA, MI, HI",
        ),
        ("lakeside/adjacency.csv", "OT,HA,1", "OT,OT,1", "does not border on itself"),
        ("lakeside/anchors.csv", ",10,2,", ",35,2,", "anchors of MI take 35 of its 35 km2"),
        ("lakeside/sectors.csv", "0.85,", "cheap,", "sectors.csv, row 2, column capital_need: 'cheap' is not a number"),
        ("lakeside/sectors.csv", ",1.2,", ",1.5,", "sectors.csv, column ideas: mean is 1.1"),
        (
            "lakeside/institutions.csv",
            "0.5,0.3,0.2",
            "0.5,0.3,0.3",
            "institutions.csv, row 2, column sector shares: shares sum to 1.1",
        ),
        ("lakeside/institutions.csv", "university", "school", "kind 'school' is not one of university, lab"),
        ("lakeside/institutions.csv", "2018Q1", "2018", "institutions.csv, row 5, column from: not a quarter: '2018'"),
        ("lakeside/rivals.csv", ",rest,", ",rival,", "0 rows of kind rest, one is needed"),
        (
            "lakeside/history.csv",
            "2010Q2,",
            "2010Q3,",
            "history.csv, row 19, column quarter: 2010Q3 where 2010Q2 should be",
        ),
        ("lakeside/history_sources.csv", "ipo,", "ipos,", "no row for ipo"),
        (
            "lakeside/reports/reference.csv",
            "\n2006Q1,",
            "\n2006Q1,dense",
            "reports/reference.csv, row 2, column density: 'dense",
        ),
        (
            "lakeside/reports/reference.csv",
            "\n2006Q2,",
            "\n2006Q2,-",
            "reports/reference.csv, row 3, column density: -",
        ),
        (
            "lakeside/reports/reference.csv",
            "\n2006Q2,",
            "\n2006Q2,,",
            "reports/reference.csv row 3: has 12 cells and the header 11",
        ),
        (
            "lakeside/reports/reference.csv",
            "\n2006Q2,",
            "\n2006,",
            "reports/reference.csv, row 3, column quarter: not a quarter: '2006'",
        ),
        (
            "lakeside/reports/reference.csv",
            "\n2006Q2,",
            "\n2006Q3,",
            "reports/reference.csv: should have a row a quarter from 2006Q1 to 2035Q4",
        ),
        (
            "lakeside/reports/reference.csv",
            "offers_ai_software",
            "offers_ai",
            "reports/reference.csv, column offers_ai_software: column is missing",
        ),
        ("lakeside/policies.yaml", "start: 2016Q3", "begin: 2016Q3", "policies.yaml, column sandbox: start is missing"),
        (
            "lakeside/policies.yaml",
            "sandbox:\n  start: 2016Q3\n  sectors: [biotech_medtech, ai_software]",
            "sandbox: 2016Q3",
            "should hold start and, where known, end and announced",
        ),
        ("lakeside/policies.yaml", "end: 2025Q4", "end: 2015Q4", "ends in 2015Q4, before its start"),
        ("lakeside/policies.yaml", "end: 2025Q4", "end: [2025Q4", "policies.yaml is not YAML"),
    ],
)
def test_bad_files_are_refused_by_place(copy, file, old, new, wanted):
    copy(file, old, new)
    assert wanted in refusal(copy.path)


NEEDED = {path.name for path in LAKESIDE.with_suffix("").iterdir() if path.is_file()}


@pytest.mark.parametrize("file", sorted(NEEDED))
def test_a_missing_file_is_named(copy, file):
    (copy.path.with_suffix("") / file).unlink()
    assert f"{file}: file is missing" in refusal(copy.path)


def test_a_city_can_be_read_before_its_norms_are_made(copy):
    shutil.rmtree(copy.path.with_suffix("") / "reports")
    assert read(copy.path).reference is None
    assert read(LAKESIDE).reference is not None


def test_all_problems_are_told_at_once(copy):
    copy("lakeside.yaml", "persons: 3000", "persons: many")
    copy("lakeside/adjacency.csv", "OT,HA,1", "OT,XX,1")
    copy("lakeside/history.csv", "2006Q1,", "2006Q2,")
    text = refusal(copy.path)
    assert "3 problem(s)" in text
    assert all(name in text for name in ("lakeside.yaml", "adjacency.csv", "history.csv"))


def test_an_empty_city_is_refused(tmp_path):
    with pytest.raises(ValueError, match="districts.csv: file is missing"):
        assemble({}, tmp_path)


def test_scalars_can_be_given_directly(copy):
    """What the command line overrides reaches the city without another yaml."""
    city = read(copy.path)
    scalars = {
        **{name: getattr(city, name) for name in ("name", "title", "sectors", "persons", "cell_km")},
        **dict.fromkeys(("gps_local_start", "gps_local", "gps_outside", "lps", "corporates"), 1),
        **dict.fromkeys(("corporates_foreign_share", "origin_local", "usd_cny"), 1.0),
        **dict.fromkeys(("wealth_median", "wealth_mean"), 1000.0),
        "discount_rate": 0.0,
        **dict.fromkeys(("origin_returnee", "origin_foreign", "overseas_pool_per_year", "foreign_pool_per_year"), 0.0),
        "domestic_pool_per_year": 0.0,
        "first": "2006Q1",
        "history": "2016Q1",
    }
    assert assemble(scalars, copy.path.with_suffix("")).lps == 1
