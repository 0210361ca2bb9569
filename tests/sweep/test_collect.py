"""One data set of a sweep, read by other programs; and the certificates: verify, one run after the other by -m."""

import json
import shutil

import duckdb
import fast
import pandas
import polars
import pyarrow.parquet
import pytest
import small
from SALib.analyze import sobol

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


def test_what_an_arm_lacks_is_empty_for_stata(tmp_path):
    """Two arms, of which one has the policy whose start is a factor: for the other it is empty, not the word None."""
    factors = "factors={policy.talent_visa.start:[2006Q1,2006Q2]}"
    assert fast.sweep(tmp_path, "arms={visa:[talent_visa],none:none}", seeds="1..1", factors=factors) == 0
    assert cli.main(["collect", str(tmp_path), "stata=true"]) == 0
    runs = pandas.read_stata(tmp_path / "collected" / "stata" / "runs.dta")
    assert sorted(runs.policy_talent_visa_start) == ["", "", "2006Q1", "2006Q2"]


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


# ---------------------------------------------------------------- what tells runs apart


def runs_of(folder):
    assert cli.main(["collect", str(folder)]) == 0
    return pandas.read_parquet(folder / "collected" / "runs.parquet")


ARMS = "arms={a:{policy:[talent_visa],mechanism.knowledge.decay:0.02},b:{policy:[talent_visa]},none:none}"


@pytest.mark.parametrize(
    ("arms", "factors", "column", "by_arm"),
    [
        (ARMS, "{}", "mechanism.knowledge.decay", {"a": 0.02, "b": 0.03, "none": 0.03}),  # the default is filled in
        (ARMS, "{}", "policy", {"a": "talent_visa", "b": "talent_visa", "none": ""}),
        ("arms={a:{policy:[talent_visa],policy.talent_visa.added_quarters:12},none:none}", "{}",
         "policy.talent_visa.added_quarters", {"a": 12.0, "none": None}),
        ("arms={a:{mechanism.plans.team.1:3.5},b:[]}", "{}", "mechanism.plans.team.1", {"a": 3.5}),
        ("arms={a:{city.cell_km:1.0},b:[]}", "{}", "city.cell_km", {"a": 1.0, "b": 0.5}),
        ("arms={a:{scale:0.2},b:[]}", "{}", "scale", {"a": 0.2, "b": 0.1}),
        ("arms={visa:[talent_visa],none:none}", "{policy.talent_visa.start:[2006Q2]}",
         "policy.talent_visa.start", {"visa": "2006Q2", "none": None}),
    ],
)  # fmt: skip
def test_every_key_in_which_runs_differ_is_a_column(tmp_path, arms, factors, column, by_arm):
    assert fast.sweep(tmp_path, arms, factors=f"factors={factors}", seeds="1..1") == 0
    runs = runs_of(tmp_path).set_index("arm")
    for arm, value in by_arm.items():
        assert runs[column].isna()[arm] if value is None else runs[column][arm] == value, (arm, runs[column])


def test_what_does_not_differ_is_no_column(tmp_path):
    assert fast.sweep(tmp_path, factors="factors={}", seeds="1..2") == 0
    assert list(runs_of(tmp_path)) == ["run", "arm", "point", "seed", "status", "fingerprint"]


@pytest.mark.parametrize(
    ("second", "keys"),
    [
        ((), {"factors": "factors={}"}),
        ((), {"factors": "factors={mechanism.knowledge.decay:[0.02,0.05]}"}),
        ((), {"seeds": "2..3"}),
        (("arms={other:none}",), {}),
        (("city.cell_km=0.4",), {}),
        ((), {"city": ("scale=0.01", "end=2006Q2")}),
        (("mechanism.plans.plan_quarters=5",), {}),
    ],
)
def test_a_second_design_in_a_folder_is_refused(tmp_path, capsys, second, keys):
    assert fast.sweep(tmp_path, seeds="1..2") == 0
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert fast.sweep(tmp_path, *second, **{"seeds": "1..2", **keys}) == 2
    assert "holds another design, with runs that this one lacks (arm config" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_second_design_is_refused_where_a_policy_is_the_users_own(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(small.OWN)
    assert fast.sweep(tmp_path, "arms={toy:[toy]}", factors="factors={}", seeds="1..2") == 0
    assert fast.sweep(tmp_path, "arms={toy:[toy]}", factors="factors={}", seeds="2..3") == 2
    assert "(arm toy, seed 1)" in capsys.readouterr().err


def test_a_design_that_holds_the_first_takes_its_place(tmp_path, capsys):
    """More seeds, then a value between: every point has one number, and status, collect and verify count the same."""
    wider = "factors={mechanism.knowledge.decay:[0.02,0.03,0.04]}"
    assert fast.sweep(tmp_path, seeds="1..2") == 0 and fast.sweep(tmp_path, seeds="1..3") == 0
    assert fast.sweep(tmp_path, factors=wider, seeds="1..3") == 0
    runs = runs_of(tmp_path)
    assert len(runs) == 9 and not runs.duplicated(["arm", "point", "seed"]).any()
    assert runs.groupby("point")["mechanism.knowledge.decay"].agg(["min", "max"]).T.to_dict("list") == {
        0: [0.02, 0.02],
        1: [0.03, 0.03],
        2: [0.04, 0.04],
    }
    capsys.readouterr()
    for verb, words in {"status": "9 of 9 runs done", "collect": "9 done;", "verify": "9 done\n"}.items():
        assert cli.main([verb, str(tmp_path)]) == 0
        assert words in capsys.readouterr().out


def flipped(path):
    """Change a bit of a table inside a shard, where neither its size nor its index betrays it."""
    content = bytearray(path.read_bytes())
    content[content.index(b"PAR1", content.index(b"district.parquet")) + 1000] ^= 1
    path.write_bytes(content)


def test_status_verify_and_collect_agree_on_what_is_damaged(tmp_path, capsys):
    """Eight runs; one shard is cut, in another a bit flipped."""
    arms = "arms={visa:[talent_visa],none:none}"
    assert fast.sweep(tmp_path, arms, "launcher.batch_seconds=0.1", factors="factors={}", seeds="1..4") == 0
    victims = fast.shards(tmp_path)[:2]
    lost = sum(len(store.read_index(path)["fingerprints"]) for path in victims)
    victims[0].write_bytes(victims[0].read_bytes()[:-40])
    flipped(victims[1])
    capsys.readouterr()
    assert cli.main(["status", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert f"{8 - lost} of 8 runs done" in printed and f"0 failed, {lost} missing" in printed and "2 damaged" in printed
    assert cli.main(["verify", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert f"{8 - lost} done, {lost} missing" in printed
    assert all(f"{path.name}: damaged" in printed for path in victims)
    assert cli.main(["collect", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert f"{lost} missing" in printed.out
    assert f"{victims[0].name}, {victims[1].name} are damaged; they were set aside" in printed.err


def test_salib_analyses_a_collected_sweep_from_its_problem(tmp_path):
    """Names, bounds and groups lie beside the design; the factor that the model answers to has the index."""
    factors = "factors={mechanism.labour.flexibility:null,mechanism.plans.team.1:[2.0,3.0]}"
    assert fast.sweep(tmp_path, "design=saltelli", "points=8", factors=factors, seeds="1..1") == 0
    runs = runs_of(tmp_path).sort_values("point")
    problem = json.loads((tmp_path / "collected" / "problem.json").read_text("utf-8"))
    assert problem == json.loads(next((tmp_path / "plans").glob("*/problem.json")).read_text("utf-8"))
    assert problem["num_vars"] == 2 and problem["groups"] is None and problem["bounds"][1] == [2.0, 3.0]
    low, high = problem["bounds"][0]
    column = runs[problem["names"][0]]
    assert low <= column.min() < column.max() <= high
    indices = sobol.analyze(problem, column.to_numpy(), calc_second_order=False, seed=1)
    assert indices["ST"][0] > 0.5 and indices["ST"][1] == 0
