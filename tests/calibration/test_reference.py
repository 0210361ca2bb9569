"""The verb `sim reference`: a city's norms are made from runs without norms, and runs are held against them."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest
import small
import yaml

from sim import cli
from sim.calibration import reference as verb
from sim.model import spin_up
from sim.model.ecosystem import Ecosystem
from sim.settings import config as configs
from sim.world import geography, reference

SECTORS = ("ai_software", "biotech_medtech", "advanced_manufacturing")


@pytest.fixture
def own(tmp_path):
    """A copy of the small made-up city that has no norms yet; gives (words that choose it, folder of its tables)."""
    shutil.copytree(small.OWN, tmp_path / "own")
    folder = tmp_path / "own/city/lakeside/reports"
    for file in (reference.FILE, reference.ABOUT):
        (folder / file).unlink()
    return (f"configs={tmp_path / 'own'}", "city=lakeside", "calibrated=false", "scale=0.1"), folder


def make(words, *more):
    """Norms of the city at a scale of a tenth, in this process."""
    assert cli.main(["reference", *words, "workers=1", *more]) == 0


def read(folder):
    return pd.read_csv(folder / reference.FILE)


def config(words, *more):
    return small.config(*(word for word in words if word != "calibrated=false"), *more)


# ---------------------------------------------------------------- what it writes


def test_it_writes_a_row_a_quarter_and_what_made_them(own, capsys):
    words, folder = own
    before = {path.name for path in folder.iterdir()}
    make(words, "seed=7", "seeds=2")
    assert {path.name for path in folder.iterdir()} - before == {"reference.csv", "reference.yaml"}
    made = read(folder)
    columns = [f"{series}_{sector}" for series in ("knowledge", "offers", "sales") for sector in SECTORS]
    assert list(made.columns) == ["quarter", "density", *columns]
    assert list(made.quarter) == [f"{year}Q{quarter}" for year in range(2006, 2036) for quarter in (1, 2, 3, 4)]
    values = made.drop(columns="quarter")
    assert np.isfinite(values).all(axis=None) and (values >= 0.0).all(axis=None) and (made.density > 0.0).all()
    assert (values > 0.0).any(axis=0).all()
    about = yaml.safe_load((folder / "reference.yaml").read_text("utf-8"))
    assert (about["city"], about["scale"], about["seeds"]) == ("lakeside", 0.1, [7, 8])
    assert {"sim", "reference", "city=lakeside", "scale=0.1", "seeds=2"} <= set(about["command"].split())
    assert "120 quarters" in capsys.readouterr().out


def test_norms_are_means_of_logs_over_seeds(own):
    """Of two runs the square root of the product; none where one of them has none."""
    words, folder = own
    tables = []
    for seed, seeds in ((7, 2), (7, 1), (8, 1)):
        make(words, f"seed={seed}", f"seeds={seeds}")
        tables.append(read(folder).drop(columns="quarter").to_numpy())
    both, *alone = tables
    np.testing.assert_allclose(both, np.sqrt(alone[0] * alone[1]), rtol=1e-6)
    assert ((alone[0] > 0.0) != (alone[1] > 0.0)).any() and (alone[0] != alone[1]).any()


def test_what_is_typical_by_hand():
    runs = [{"sales": np.array([[1.0, 2.0], [0.0, 3.0]])}, {"sales": np.array([[4.0, 2.0], [5.0, 27.0]])}]
    np.testing.assert_allclose(verb.typical(runs, "sales"), [[2.0, 2.0], [0.0, 9.0]])


def test_norms_that_are_there_are_not_looked_at_when_they_are_made(own):
    words, folder = own
    make(words, "seed=7", "seeds=1")
    first = (folder / reference.FILE).read_bytes()
    table = read(folder)
    table.iloc[:, 1:] *= 3.0
    table.to_csv(folder / reference.FILE, index=False)
    make(words, "seed=7", "seeds=1")
    assert (folder / reference.FILE).read_bytes() == first


# ---------------------------------------------------------------- what is refused


def test_a_city_without_norms_is_not_run_and_is_told_how_to_make_them(own, refused):
    words, _ = own
    refused(
        " ".join(("run", *words)),
        ("city=lakeside", "has no reports/reference.csv", "`sim reference configs=", "city=lakeside` makes it"),
    )


def test_a_fit_comes_before_norms(own):
    """Norms are those of a calibrated point: a new city is fitted first."""
    words, _ = own
    fitted = configs.load(["experiment=calibrate", *words])
    assert fitted.city.reference is None


def test_each_point_of_a_city_has_norms_of_its_own(own, refused, capsys):
    words, folder = own
    make(words, "seeds=1")
    capsys.readouterr()
    record = [word for word in words if word != "calibrated=false"] + ["calibrated=record"]
    refused(" ".join(("run", *record)), ("has no record/reference.csv", "city=lakeside calibrated=record` makes it"))
    make(record, "seed=9", "seeds=1")
    held, other = configs.load(record), configs.load(words)
    assert (held.city.point, other.city.point) == (folder.with_name("record"), folder)
    assert not np.array_equal(held.city.reference["density"], other.city.reference["density"])
    assert configs.varied(other, {"calibrated": "record"}).city.point == held.city.point


@pytest.mark.parametrize("word", ["calibrated=true", "calibrated=reprots", "calibrated=1", "calibrated=[reports]"])
def test_a_point_is_named_or_none(own, refused, word):
    words, _ = own
    refused(" ".join(("run", *words[:2], word)), ("calibrated=", "should be reports, record or false"))


@pytest.mark.parametrize("word", ["seeds=0", "seeds=half", "workers=0"])
def test_what_cannot_be_asked_is_refused_before_anything_is_run(own, refused, word):
    words, _ = own
    refused(" ".join(("reference", *words, word)), (word.split("=")[0],))


# ---------------------------------------------------------------- runs that are held against them


def observed(model):
    """Name -> numbers that a run remembers, column by column."""
    found = {name: values for name, values in small.arrays(model).items() if name.startswith("panels.")}
    return {name: values for name, values in found.items() if "/" in name and values.dtype.kind in "fi"}


def close(name, ours, theirs):
    """Whether two columns are the same up to rounding: norms have eight digits, and money is of whole yuan."""
    yuan = name.endswith("_cny")
    if ours.dtype.kind == "i" and not yuan:
        return np.array_equal(ours, theirs)
    return ours.shape == theirs.shape and np.allclose(
        ours, theirs, rtol=1e-6, atol=10.0 if yuan else 1e-6, equal_nan=True
    )


def begun_without_norms(config):
    """The state of a city without norms before its first quarter."""
    return spin_up.begin(config, geography.build(config.city), Ecosystem)


def ended(model):
    """The model after its last quarter."""
    while model.quarter <= model.config.end:
        model.step()
    return model


def test_a_run_held_against_its_own_path_is_the_run_without_norms(own):
    """From one state before the first quarter, that of the city without norms: there is no path before."""
    words, folder = own
    make(words, "seed=7", "seeds=1")

    def runs(seed):
        """Columns of a run that is held against the path of seed 7, and of the same run without norms."""
        held = configs.load([*words, f"seed={seed}"])
        free = dataclasses.replace(held, city=dataclasses.replace(held.city, reference=None))
        assert held.city.point == folder and held.city.reference is not None
        return [observed(ended(Ecosystem(one, begun=begun_without_norms(free)))) for one in (held, free)]

    ours, theirs = runs(7)
    assert ours["panels.city/startups_founded"].sum() > 10
    assert ours.keys() == theirs.keys() and [name for name in ours if not close(name, ours[name], theirs[name])] == []
    ours, theirs = runs(8)  # its luck is not what is normal
    assert not close("revenue_cny", ours["panels.sector/revenue_cny"], theirs["panels.sector/revenue_cny"])


@pytest.fixture
def stale(own, tmp_path, capsys):
    """Whether a short run of the city says that its norms are of another point."""
    words, _ = own

    def said(*more):
        capsys.readouterr()
        assert cli.main(["run", *words, "end=2006Q2", f"output={tmp_path / 'runs'}", *more]) == 0
        return "city=lakeside` makes it anew" in capsys.readouterr().err

    return said


def test_runs_say_when_norms_are_of_another_point(own, stale):
    """Other data of the city make them stale; parameters of a run do not, as they are held against what is fixed."""
    words, folder = own
    make(words, "seeds=1")
    assert not stale() and not stale("mechanism.knowledge.decay=0.05")
    districts = folder.parent / "districts.csv"
    text = districts.read_text("utf-8")
    districts.write_text(text.replace("OT,Old Town,0,0,90000", "OT,Old Town,0,0,80000"), "utf-8")
    assert stale()


@pytest.mark.parametrize("word", ["mechanism.founding.idea_rate=0.01", "policy=[]"])
def test_what_is_made_at_another_point_does_not_pass_for_the_norms_of_the_city(own, stale, word):
    """Other parameters and other policies than those of its history are refused, or said to be another point."""
    words, _ = own
    refused = cli.main(["reference", *words, "workers=1", "seeds=1", word]) == 2
    assert refused or stale()
