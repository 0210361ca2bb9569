"""Every file has the types that its codebook declares, so that any two folders are read together by any reader."""

import shutil

import duckdb
import fast
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest
import small

import sim
from sim import cli
from sim.observables import CODEBOOK, written
from sim.observables.codebook import BOOK, KEYS
from sim.observables.columns import KINDS
from sim.runs import records
from sim.sweep import stata, store

QUICK = (*fast.CITY, fast.AT_REST)
LONG = "mechanism.failure_compensation.no_more_than_this_share"
PANDAS = {"string": "str", "int64": "int64", "double": "float64", "bool": "bool"}


def run(folder, *words):
    """The folder of a run of the made-up city."""
    assert cli.main([*QUICK, f"output='{folder}'", *words]) == 0
    return next(folder.glob("*/DONE")).parent


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Name -> folder: a run without policies and one with two, a sweep of a whole number, a comparison."""
    here = tmp_path_factory.mktemp("folders")
    arms = "arms={none:none,visa:[talent_visa]}"
    assert fast.sweep(here / "sweep", arms, seeds="1..2", factors="factors={mechanism.labour.flexibility:[0]}") == 0
    assert cli.main(["collect", str(here / "sweep"), "stata=true"]) == 0
    words = ["policy=[talent_visa]", "policy.talent_visa.start=2006Q2", "against=none", "runs=2", "workers=1"]
    assert cli.main(["compare", *QUICK, *words, f"output='{here / 'compare'}'", f"store='{here / 'kept'}'"]) == 0
    visa = ["policy=[talent_visa,talent_homes]", "policy.talent_visa.start=2006Q1", "policy.talent_homes.start=2006Q1"]
    return {
        "plain": run(here / "plain", "policy=[]"),
        "policies": run(here / "policies", *visa),
        "collected": here / "sweep" / "collected",
        "compare": next((here / "compare").glob("*/DONE")).parent,
    }


def declared(folder):
    """The codebook of a folder."""
    return written.read_csv(folder / "codebook.csv", BOOK)


def types(schema):
    return {field.name: str(field.type) for field in schema}


# ---------------------------------------------------------------- types


@pytest.mark.parametrize("name", ["plain", "policies", "collected"])
def test_every_parquet_file_has_the_types_of_its_codebook(folders, name):
    """Arrow's types are those that R's open_dataset sees."""
    book = declared(folders[name])
    files = sorted(folders[name].glob("*.parquet"))
    assert len(files) >= 6
    for path in files:
        columns = book[book["table"] == path.stem]
        assert types(pyarrow.parquet.read_schema(path)) == dict(zip(columns.column, columns.type, strict=True))


def test_a_shard_has_the_types_of_the_codebook(folders):
    for path in fast.shards(folders["collected"].parent):
        for name, table in store.read_tables(path).items():
            assert types(table.schema) == {"run": "int64"} | {c.name: c.type for c in CODEBOOK[name]}


def test_a_parameter_in_whole_numbers_has_the_type_of_one_with_fractions(folders):
    schema = pyarrow.parquet.read_schema(folders["collected"] / "runs.parquet")
    assert schema.field("mechanism.labour.flexibility").type == pa.float64()


@pytest.mark.parametrize("order", [("plain", "policies"), ("policies", "plain")])
@pytest.mark.parametrize("table", records.TABLES)
def test_a_run_without_policies_and_one_with_are_read_together(folders, table, order):
    paths = [folders[name] / f"{table}.parquet" for name in order]
    frames = [pd.read_parquet(path) for path in paths]
    rows = sum(map(len, frames))
    assert dict(frames[0].dtypes) == dict(frames[1].dtypes)
    assert {c.name: str(frames[0][c.name].dtype).replace("object", "str") for c in CODEBOOK[table]} == {
        c.name: PANDAS[c.type] for c in CODEBOOK[table]
    }
    assert pl.scan_parquet(paths).collect().height == rows
    assert pyarrow.dataset.dataset([str(path) for path in paths]).to_table().num_rows == rows
    assert duckdb.sql(f"select count(*) from read_parquet({[str(path) for path in paths]})").fetchall() == [(rows,)]


def test_tables_of_a_run_without_policies_are_empty(folders):
    """So that the tests above have something to say."""
    plain, policies = (sim.load(folders[name]) for name in ("plain", "policies"))
    assert not len(plain.policy) and not len(plain.applications) and len(policies.policy)
    assert plain.startups["sandbox_from"].isna().all()


@pytest.mark.parametrize("table", store.TABLES)
def test_a_run_and_a_collected_sweep_are_read_together(folders, table):
    one, all_ = (folders[name] / f"{table}.parquet" for name in ("policies", "collected"))
    panel = pl.concat([pl.scan_parquet(one), pl.scan_parquet(all_).drop("run")]).collect()
    assert panel.height == len(pd.read_parquet(one)) + len(pd.read_parquet(all_))
    common = list(KEYS[table])
    assert pl.read_parquet(one).join(pl.read_parquet(all_), on=common).height


@pytest.mark.parametrize("name", ["policies", "collected"])
def test_quarters_sort_and_have_their_year_beside_them(folders, name):
    city = pd.read_parquet(folders[name] / "city.parquet")
    assert city["quarter"].max() == "2006Q2" and len(city[city["quarter"] >= "2006Q2"]) == len(city) / 2
    assert (city["year"] == 2006).all() and city["year"].dtype == "int64"


def test_a_key_names_a_row(folders):
    here = sim.load(folders["policies"])
    for table, key in KEYS.items():
        assert not getattr(here, table).duplicated([*key]).any(), table


def test_missing_values_are_as_declared(folders):
    for table in records.TABLES:
        frame = getattr(sim.load(folders["policies"]), table)
        for column in CODEBOOK[table]:
            assert column.missing == "null" or frame[column.name].notna().all(), (table, column.name)


def test_what_must_have_a_value_is_refused_without():
    columns = CODEBOOK["policy"]
    empty = {column.name: pd.Series([], dtype=object) for column in columns}
    assert types(written.table(columns, empty).schema) == {column.name: column.type for column in columns}
    with pytest.raises(ValueError, match="policy: has no value in some rows"):
        written.table(columns[:1], {"policy": [None]})
    with pytest.raises(ValueError, match="year: year is int64"):
        written.table(columns[2:3], {"year": ["2006"]})


# ---------------------------------------------------------------- csv


def test_csv_files_of_a_comparison_are_of_their_codebook(folders):
    declared_columns = sim.load(folders["compare"]).columns
    book = declared(folders["compare"])
    for name, columns in declared_columns.items():
        path = folders["compare"] / f"{name}.csv"
        frame = written.read_csv(path, columns)
        assert list(frame) == list(book["column"][book["table"] == name]) == [column.name for column in columns]
        for column in columns:
            assert str(frame[column.name].dtype).replace("object", "str") == PANDAS[column.type], (name, column.name)
    assert not len(written.read_csv(folders["compare"] / "anticipation.csv", declared_columns["anticipation"]))


def test_reports_have_the_same_types_with_and_without_rows(folders, tmp_path):
    none = sim.load(run(tmp_path, "policy=[]", "targets=[]")).reported
    some = sim.load(folders["plain"]).reported
    assert len(some) and not len(none) and dict(none.dtypes) == dict(some.dtypes)


TEXTS = ["=1+1", "+1+1", "-1+1", "@sum(A1)", "\t=1", "'=1", "''=1", "=cmd|' /C calc'!A0", "＝1+1"]
PLAIN = ["-1.5", "+3", "-2e-9", "a=b", "'quoted'", "NA", "null", "政策"]


@pytest.mark.parametrize("text", TEXTS + PLAIN)
def test_text_comes_back_from_csv_as_it_was(tmp_path, text):
    written.to_csv(pd.DataFrame({"name": [text, "x"], text: [text, "y"], "n": [-1.5, 2.0]}), tmp_path / "a.csv")
    back = written.read_csv(tmp_path / "a.csv")
    assert list(back) == ["name", text, "n"] and list(back["name"]) == [text, "x"] and list(back["n"]) == [-1.5, 2.0]
    cell = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)["name"][0]
    assert cell == (f"'{text}" if text in TEXTS else text)


def test_no_csv_file_of_a_run_begins_a_formula(tmp_path):
    own = shutil.copytree(small.OWN, tmp_path / "own")
    districts = own / "city" / "lakeside" / "districts.csv"
    table = pd.read_csv(districts, dtype=str, keep_default_na=False)
    table.loc[0, "name"] = "=HYPERLINK(A1)"
    table.to_csv(districts, index=False)
    words = [f"configs='{own}'", *QUICK[1:], f"output='{tmp_path / 'runs'}'"]
    assert cli.main(words) == 0
    cells = 0
    for path in tmp_path.glob("runs/**/*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        cells += (frame == "'=HYPERLINK(A1)").to_numpy().sum()
        assert not frame.map(lambda cell: cell.startswith("=")).to_numpy().any(), path
    assert cells


# ---------------------------------------------------------------- names


def test_a_name_is_of_one_kind_and_one_type_in_all_tables():
    of = {}
    for table, columns in CODEBOOK.items():
        for column in columns:
            assert column.kind in KINDS and column.type in PANDAS
            here = (column.kind, column.type)
            assert of.setdefault(column.name, here) == here, f"{table}.{column.name}"


def test_totals_and_what_funds_and_purses_move_say_so():
    """A total is `_to_date`; the last value of what a fund called, as of what it is worth, is no total."""
    for table, columns in CODEBOOK.items():
        for column in columns:
            assert ("_to_date" in column.name) == (column.kind == "total"), f"{table}.{column.name}"
            if table in ("funds", "policy"):
                assert ("_in_quarter" in column.name) == (
                    column.kind == "flow"
                    or column.unit == "flag"
                    and column.name in ("closed_in_quarter", "ended_in_quarter")
                ), f"{table}.{column.name}"


# ---------------------------------------------------------------- Stata


def test_stata_has_dates_stable_names_and_labels_of_whole_words(folders):
    city = pd.read_parquet(folders["collected"] / "city.parquet")
    path = folders["collected"] / "stata" / "city_1.dta"
    there = pd.read_stata(path)
    assert list(there["quarter"].dt.to_period("Q").astype(str)) == list(city["quarter"])
    assert list(there["year"]) == list(city["year"]) and list(there["workforce"]) == list(city["workforce"])
    with pd.io.stata.StataReader(path) as reader:
        reader.read(1)
        labels, formats = reader.variable_labels(), dict(zip(reader._varlist, reader._fmtlist, strict=True))
    assert formats["quarter"] == "%tq"
    words = {stata.short_name(c.name): (c.meaning, c.unit) for c in store.COLUMNS["city"]}
    for name, label in labels.items():
        meaning, unit = words[name]
        kept = label.removesuffix(f" [{unit}]").removesuffix(" ...")
        assert len(label) <= 80 and meaning.startswith(kept) and meaning[len(kept) :][:1] in ("", " ", ",")


def test_an_empty_table_is_there_for_stata(tmp_path):
    assert fast.sweep(tmp_path, "arms={none:none}", seeds="1..1") == 0
    assert cli.main(["collect", str(tmp_path), "stata=true"]) == 0
    names = {path.name for path in (tmp_path / "collected" / "stata").iterdir()}
    assert names == {"runs.dta", *(f"{name}_1.dta" for name in store.TABLES)}
    policy = pd.read_stata(tmp_path / "collected" / "stata" / "policy_1.dta")
    assert not len(policy) and list(policy) == [column.name for column in store.COLUMNS["policy"]]


@pytest.mark.parametrize("name", [LONG, "policy.x", "a" * 60, "政策.规模", "x-y", *(c.name for c in CODEBOOK["funds"])])
def test_a_name_for_stata_is_valid(name):
    short = stata.short_name(name)
    assert len(short) <= 32 and short.isascii() and short.isidentifier()
    assert stata.short_name(name + "2") != short
    assert "." in name or not name.isascii() or len(name) > 32 or "-" in name or short == name


def test_a_long_name_keeps_its_last_words():
    assert stata.short_name(LONG).startswith("no_more_than_this_share_")
