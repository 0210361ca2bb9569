"""One data set of a sweep, read by other programs; and the certificates: verify, one run after the other by -m."""

import json
import shutil

import duckdb
import fast
import pandas
import polars
import pyarrow.parquet
import pytest

from sim import cli
from sim.sweep import collect, folder_verbs, store

TABLES = ("runs", *store.TABLES)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Two arms, two points, three seeds."""
    folder = tmp_path_factory.mktemp("sweep")
    assert fast.sweep(folder, "arms={none:none,visa:[talent_visa]}", seeds="1..3") == 0
    assert cli.main(["collect", str(folder), "stata=true"]) == 0
    return folder / "collected"


def test_readers_of_python_agree(collected):
    """Mean workforce by arm: pandas, polars and DuckDB."""
    runs, city = pandas.read_parquet(collected / "runs.parquet"), pandas.read_parquet(collected / "city.parquet")
    assert len(runs) == 12 and len(city) == 12 * 2 and set(runs.status) == {"done"}
    ours = city.merge(runs, on="run").groupby("arm", observed=True)["workforce"].mean().to_dict()
    lazy = polars.scan_parquet(collected / "city.parquet").join(
        polars.scan_parquet(collected / "runs.parquet"), on="run"
    )
    theirs = dict(
        lazy.with_columns(polars.col("arm").cast(polars.String))
        .group_by("arm")
        .agg(polars.col("workforce").mean())
        .collect()
        .rows()
    )
    tables = f"'{collected}/city.parquet' join '{collected}/runs.parquet' using (run)"
    query = f"select arm, avg(workforce) from {tables} group by arm"
    assert theirs == pytest.approx(ours) and dict(duckdb.sql(query).fetchall()) == pytest.approx(ours)
    assert runs["mechanism.knowledge.decay"].value_counts().to_dict() == {0.02: 6, 0.04: 6}


def test_tasks_of_which_no_run_has_a_policy_are_collected(tmp_path, monkeypatch):
    """A run a shard; the tables of policies of half of them have no row."""
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 1)
    assert fast.sweep(tmp_path, "arms={none:none,visa:[talent_visa]}", seeds="1..3") == 0
    assert cli.main(["collect", str(tmp_path), "stata=true"]) == 0
    runs, policy = (pandas.read_parquet(tmp_path / "collected" / f"{name}.parquet") for name in ("runs", "policy"))
    assert (
        len(policy) == 6 * 2
        and set(policy.run) == set(runs.run[runs.arm == "visa"])
        and set(policy.policy) == {"talent_visa"}
    )


def test_what_a_plan_lacks_is_empty_for_stata(tmp_path):
    """Two plans in one folder, the second of which has a factor that is text: for the first it is empty, not the word
    None.
    """
    assert fast.sweep(tmp_path, "arms={visa:[talent_visa]}", seeds="1..1") == 0
    assert (
        fast.sweep(
            tmp_path,
            "arms={visa:[talent_visa]}",
            seeds="1..1",
            factors="factors={policy.talent_visa.start:[2006Q1,2006Q2]}",
        )
        == 0
    )
    assert cli.main(["collect", str(tmp_path), "stata=true"]) == 0
    runs = pandas.read_stata(tmp_path / "collected" / "stata" / "runs.dta")
    assert sorted(runs.policy_talent_visa_start) == ["", "", "2006Q1", "2006Q2"]
    assert sorted(runs.mechanism_knowledge_decay.dropna()) == [0.02, 0.04]


def test_stata_gets_the_same_numbers(collected):
    city, there = pandas.read_parquet(collected / "city.parquet"), pandas.read_stata(collected / "stata" / "city_1.dta")
    assert (
        list(there.workforce) == list(city.workforce)
        and list(there.tax_cny) == list(city.tax_cny)
        and list(there.quarter.dt.to_period("Q").astype(str)) == list(city.quarter)
    )
    with pandas.io.stata.StataReader(collected / "stata" / "runs.dta") as reader:
        labels = reader.variable_labels()
    assert "mechanism_knowledge_decay" in labels and labels["seed"] == "seed of the run [number]"


def test_units_and_schema_travel(collected):
    book = pandas.read_csv(collected / "codebook.csv")
    for name in TABLES:
        schema = pyarrow.parquet.read_schema(collected / f"{name}.parquet")
        about = json.loads(schema.metadata[b"sim"])
        assert about["schema"] == store.SCHEMA
        assert list(book[book.table == name].column) == schema.names
        assert book[book.table == name].unit.notna().all()
        if name != "runs":
            assert about["units"] == dict(
                zip(book[book.table == name].column, book[book.table == name].unit, strict=True)
            )


def test_another_schema_is_refused_by_name(collected, monkeypatch):
    assert len(collect.read(collected / "city.parquet")) == 24
    monkeypatch.setattr(collect, "SCHEMA", 99)
    with pytest.raises(ValueError, match=f"is of schema {store.SCHEMA}; this version reads 99"):
        collect.read(collected / "city.parquet")


def test_a_partial_sweep_says_what_is_missing(collected, tmp_path, capsys):
    shutil.copytree(collected.parent, tmp_path / "sweep")
    victim = sorted((tmp_path / "sweep" / "shards").iterdir())[0]
    lost = len(store.read_index(victim)["fingerprints"])
    victim.unlink()
    assert cli.main(["collect", str(tmp_path / "sweep")]) == 0
    assert f"{lost} missing" in capsys.readouterr().out
    runs, city = (
        pandas.read_parquet(tmp_path / "sweep" / "collected" / f"{name}.parquet") for name in ("runs", "city")
    )
    assert (runs.status == "missing").sum() == lost and set(city.run) == set(runs.run[runs.status == "done"])


def test_a_sweep_is_verified_by_a_sample(collected, capsys, monkeypatch):
    assert cli.main(["verify", str(collected.parent), "runs=3"]) == 0
    printed = capsys.readouterr().out
    assert "3 of 12 runs recomputed" in printed and "verified, every bit agrees" in printed

    def other_workforce(path):
        tables = store.read_tables(path)
        city = tables["city"]
        index = city.column_names.index("workforce")
        more = pyarrow.array(city["workforce"].to_numpy() + 1)
        return tables | {"city": city.set_column(index, "workforce", more)}

    monkeypatch.setattr(folder_verbs, "read_tables", other_workforce)
    assert cli.main(["verify", str(collected.parent), "runs=1"]) == 1
    assert "city.workforce differs" in capsys.readouterr().out


def test_a_run_is_verified(tmp_path, capsys):
    assert cli.main(["-m", *fast.CITY, "seed=1,2", f"output={tmp_path}"]) == 0
    assert "2 runs: 2 done" in capsys.readouterr().out
    assert cli.main(["-m", *fast.CITY, "seed=range(1,4)", f"output={tmp_path}", "launcher=joblib"]) == 0
    assert "2 done before" in capsys.readouterr().out
    folder = next(path.parent for path in tmp_path.glob("*/DONE"))
    assert cli.main(["verify", str(folder)]) == 0
    table = pandas.read_parquet(folder / "city.parquet")
    table.loc[0, "workforce"] += 1
    table.to_parquet(folder / "city.parquet")
    assert cli.main(["verify", str(folder)]) == 1
    assert "city.parquet: was changed" in capsys.readouterr().out
