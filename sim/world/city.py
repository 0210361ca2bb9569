"""A city is data: one yaml of plain numbers and a folder of tables beside it.

`read` turns them into arrays and refuses what does not hold together, all at once.
Least and largest values of every column stand in `city_columns`.
Columns and units of the tables (D districts, S sectors, I institutions, R rivals):

districts.csv     population (persons), area_km2, x_km and y_km (east and north of the city's
                  centre), office_stock_m2 and home_stock_m2 (of the market where tech firms and
                  their people rent, other tenants included), park_stock_m2 (of industrial parks, where
                  those who make things sit), office_rent and home_rent (yuan per
                  m2 and quarter), amenity (log utility), tech_share (of the tech workforce's
                  homes in the first quarter), ring (text), tile_row and tile_col (tile map)
adjacency.csv     a, b (codes), water (1 where the border is mainly water)
anchors.csv       places within a district: area_km2 is the part of its area that lies around them
                  (0 where a place only draws; the rest lies around the centre), pull how densely
                  firms and homes stand there (1 at the centre)
sectors.csv       the traits of `state.SECTOR`; ideas has mean one, trend is growth a year beyond
                  macro_demand, base_wage is yuan a quarter per unit of labour in 2019
institutions.csv  kind, place, first quarter, graduates and ideas a year, share of each sector
rivals.csv        wage and vc_odds relative to the city's, rents as above, amenity and generosity
                  (log utility), reaction (share of a rise in generosity here that it matches),
                  vc_2019 (venture capital raised there in 2019, yuan)
history.csv       one series a column, one quarter a row; history_sources.csv has unit and source
reports/, record/ the calibrated points of the city, fitted to what is reported or to the public record: parameters
                  (calibrated.yaml), draws of them (posterior.csv), and what is normal there, one quarter per row
                  (reference.csv, `world.reference`), made by `sim calibrate` and `sim reference`
policies.yaml     policies in force in history: instrument -> start, end, announced, and knobs that
                  differ from those of its own yaml, such as its sectors
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.world import readers
from sim.world.calendar import quarter_name
from sim.world.city_files import SHOWN, Reader
from sim.world.table import Rows

SWINGS, SWING = ("fundraising", "ipo"), 12  # series that swing, and the quarters of which the mean is taken


@dataclass(frozen=True, eq=False)
class City:
    """What a city's files say. Quarters are integers, tables are numpy record arrays.

    `districts` (D), `anchors` (A), `traits` (S), `institutions` (I) and `rivals` (R) have the
    columns of their files; text columns are tuples beside them; `adjacency` and `water` are
    (D, D) booleans, `institution_mix` is (I, S) and its rows sum to one, and each series of
    `history` has one value a quarter from `first` to `last`. Money is yuan of 2024; counts are
    those at scale 1 (see `SCALARS` and the comments of the city's yaml).
    """

    name: str
    title: str
    sectors: tuple
    first: int
    history_start: int
    last: int
    persons: int
    gps_local_start: int
    gps_local: int
    gps_outside: int
    lps: int
    corporates: int
    corporates_foreign_share: float
    cell_km: float
    origin_local: float
    origin_returnee: float
    origin_foreign: float
    wealth_median: float
    wealth_mean: float
    usd_cny: float
    discount_rate: float
    overseas_pool_per_year: float
    foreign_pool_per_year: float
    domestic_pool_per_year: float
    district_codes: tuple
    district_names: tuple
    district_rings: tuple
    districts: Rows
    adjacency: np.ndarray
    water: np.ndarray
    anchor_names: tuple
    anchors: Rows
    traits: Rows
    institution_names: tuple
    institutions: Rows
    institution_mix: np.ndarray
    rival_names: tuple
    rivals: Rows
    history: dict
    history_sources: dict
    reference: dict | None
    policies: dict
    folder: Path
    point: Path  # folder of the calibrated point whose norms it has, below its own
    still: int = 0  # quarter before which the world outside stands still as it was then; 0 where it never does

    @property
    def origin(self):
        """Shares of the initial population by `kinds.Origin`, shape (3,)."""
        return np.array([self.origin_local, self.origin_returnee, self.origin_foreign])

    @property
    def graduates_per_year(self):
        """Graduates of all institutions a year, at scale 1."""
        return float(self.institutions.graduates_per_year.sum())

    def since(self, quarter):
        """Quarters since the history begins, or since it last stood still."""
        return max(quarter, self.still) - self.first

    def at(self, series, quarter):
        """Value of a history series in a quarter; an IndexError outside the history. While the world stands still it is
        that of the first quarter after, and of what swings from year to year the mean of three years.
        """
        if quarter < self.still:
            first = self.still - self.first
            return float(self.history[series][first : first + (SWING if series in SWINGS else 1)].mean())
        if not self.first <= quarter <= self.last:
            raise IndexError(
                f"{quarter_name(quarter)} is outside {quarter_name(self.first)} to {quarter_name(self.last)}"
            )
        return float(self.history[series][quarter - self.first])

    def mean(self, series, quarter, before, after):
        """Mean of a series from so many quarters before one to so many after it, as far as the history goes; while the
        world stands still what it is then.
        """
        if quarter < self.still:
            return self.at(series, quarter)
        at = quarter - self.first
        return float(self.history[series][max(0, at - before) : at + after + 1].mean())


def read(path):
    """The city of a yaml file and of the folder of the same name beside it; ValueError as `assemble`."""
    path = Path(path)
    return assemble(readers.parse_yaml(readers.read_text(path)), path.with_suffix(""))


def assemble(scalars, folder, point="reports"):
    """The city of a mapping (the yaml's content) and a folder of tables, with what is normal at its calibrated `point`.

    Raises ValueError that lists what is wrong, one problem a line, by file, row and column.
    """
    folder = Path(folder)
    reader = Reader(folder)
    if not isinstance(scalars, Mapping):
        raise ValueError(f"city {folder.name}: 1 problem(s)\n{folder.name}.yaml: should hold numbers by name")
    values = reader.scalars(dict(scalars))
    values |= reader.districts()
    codes = values["district_codes"]
    values |= reader.adjacency(codes)
    values |= reader.anchors(codes, values["districts"].area_km2)
    values |= reader.traits(values["sectors"])
    values |= reader.institutions(codes, values["sectors"])
    values |= reader.rivals()
    values |= reader.history(values["first"], values["history_start"])
    values |= reader.reference(point, values["first"], values["last"], values["sectors"])
    values |= reader.policies()
    reader.people(values)
    reader.ground(values)
    found = reader.problems
    if found:
        more = [f"and {len(found) - SHOWN:,} more of the kind"] if len(found) > SHOWN else []
        raise ValueError("\n".join([f"city {folder.name}: {len(found):,} problem(s)", *found[:SHOWN], *more]))
    return City(**values, folder=folder, point=folder / point)
