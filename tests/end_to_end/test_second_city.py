"""Shenzhen has data of its own and the parameters of Shanghai, and no fit of one city sees the numbers of the other."""

import shutil

import numpy as np
import pytest
import small

from sim.calibration import moments
from sim.observables.targets import problems, read_targets
from sim.runs.fingerprint import calibration
from sim.settings import config
from sim.settings.files import CONFIGS, read_yaml
from sim.world.city_files import TRAIT
from sim.world.readers import read_csv

FOLDER, TARGETS = CONFIGS / "city" / "shenzhen", CONFIGS / "targets" / "shenzhen.csv"
OF_THE_CITY = {"workforce", "ideas", "base_wage"}  # all other traits are the technology's


@pytest.fixture(scope="module")
def shenzhen():
    return config.load(["city=shenzhen", "targets=[shenzhen]"])


@pytest.fixture(scope="module")
def shanghai():
    return config.load([])


@pytest.mark.parametrize("name", ["shenzhen", "shanghai"])
def test_borders_join_all_districts(name, request):
    adjacency = request.getfixturevalue(name).city.adjacency
    reached = np.linalg.matrix_power(adjacency + np.eye(len(adjacency), dtype=int), len(adjacency)) > 0
    assert reached.all()


def test_population_is_the_published_total(shenzhen):
    assert shenzhen.city.districts.population.sum() == 17_494_398  # census of 2020, without the Shenshan zone


@pytest.mark.parametrize("table", ["districts", "anchors", "sectors", "institutions", "rivals", "outline"])
def test_every_row_says_what_is_assumed_or_where_it_is_from(table):
    _, rows = read_csv(FOLDER / f"{table}.csv")
    assert rows and not [row for row in rows if not ("assum" in row["source"] or "from memory" in row["source"])]


def test_every_policy_of_its_history_says_where_it_is_from():
    text = (FOLDER / "policies.yaml").read_text("utf-8")
    assert [name for name in read_yaml(FOLDER / "policies.yaml") if f"\n{name}:  # public record" not in text] == []


def test_traits_of_a_technology_are_the_same_in_both(shenzhen, shanghai):
    assert shenzhen.city.sectors == shanghai.city.sectors
    for name in TRAIT:
        same = np.array_equal(shenzhen.city.traits[name], shanghai.city.traits[name])
        assert same != (name in OF_THE_CITY), name


def test_its_parameters_are_those_of_shanghai_and_stand_in_one_place(shenzhen, shanghai):
    assert shenzhen.params == shanghai.params
    assert shenzhen.params != config.load(["calibrated=false"]).params
    assert read_yaml(FOLDER / "reports" / "calibrated.yaml") == {"parameters_of": "shanghai"}
    told = calibration(shenzhen)
    assert told["file"] == "shanghai/reports/calibrated.yaml" and told["stale"]  # it was fitted to other data


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("parameters_of: gone\n", "parameters_of=gone: no such city"),
        ("parameters_of: lakeside\n", "about is missing"),
        ("parameters_of: shenzhen\n", "shenzhen/reports/calibrated.yaml: about is missing"),
        ("parameters_of: null\n", "no such city"),
        ("parameters_of: shanghai\nmechanism: {}\n", "about is missing"),
    ],
)
def test_a_city_that_lends_nothing_is_refused(text, reason, tmp_path):
    shutil.copytree(small.OWN, tmp_path / "own")
    (tmp_path / "own" / "city" / "lakeside" / "reports" / "calibrated.yaml").write_text(text)
    with pytest.raises(config.ConfigError, match=reason):
        config.load([f"configs='{tmp_path / 'own'}'", "city=lakeside", "targets=[lakeside]"])


def test_a_city_of_the_users_own_may_borrow_too(tmp_path, shanghai):
    shutil.copytree(small.OWN, tmp_path / "own")
    (tmp_path / "own" / "city" / "lakeside" / "reports" / "calibrated.yaml").write_text("parameters_of: shanghai\n")
    found = config.load([f"configs='{tmp_path / 'own'}'", "city=lakeside", "targets=[lakeside]"])
    assert found.params == shanghai.params


def test_nothing_is_fitted_to_its_targets(shenzhen):
    assert problems(TARGETS, shenzhen.city) == []
    rows = read_targets(TARGETS)
    assert set(rows.role) == {"holdout", "context"}
    assert not rows.source.eq("").any()


def test_a_fit_observes_no_target_of_another_city_but_one_that_is_chosen(shenzhen, shanghai):
    assert "shenzhen" not in set(moments.read(shanghai).rows["targets"])
    assert set(moments.read(shenzhen).rows["targets"]) == {"shenzhen", "facts", "discipline"}
    asked = config.load(["city=shenzhen", "targets=[shenzhen,record]"])
    assert "record" in set(moments.read(asked).rows["targets"])
