"""Designs visit the points that they are named for."""

import numpy as np
import pytest
from SALib.analyze import morris, sobol

from sim.settings.refusals import ConfigError
from sim.sweep import designs

BASE = {"a.b.x": 0.5, "a.b.n": 3, "a.b.y": 0.1}


def made(design, factors, points=None, file=None, seed=1):
    asked = {"design": design, "factors": factors, "points": points, "file": file, "design_seed": seed}
    assert designs.check(asked) == []
    return designs.points(asked, BASE.get, None)


def test_a_grid_is_every_combination():
    assert made("grid", {"a.b.x": [0, 1], "a.b.n": [1, 2, 3]}) == {
        "a.b.x": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
        "a.b.n": [1, 2, 3, 1, 2, 3],
    }
    assert made("grid", {}) == {} and designs.size({}) == 1


def test_a_latin_hypercube_has_one_point_in_each_slice():
    design = made("latin", {"a.b.x": [2.0, 4.0], "a.b.y": [-1.0, 0.0]}, 50)
    for values, low, width in ((design["a.b.x"], 2.0, 2.0), (design["a.b.y"], -1.0, 1.0)):
        assert sorted(int((v - low) / width * 50) for v in values) == list(range(50))


def test_whole_numbers_get_their_fair_share():
    design = made("sobol", {"a.b.n": [1, 4]}, 1024)["a.b.n"]
    assert all(isinstance(n, int) for n in design)
    assert np.bincount(design, minlength=5).tolist() == [0, 256, 256, 256, 256]


def test_saltelli_points_give_the_indices_of_a_known_function():
    """y = 3 x + 1 z over the unit square: variance 9/12 + 1/12, so first-order indices 0.9 and 0.1."""
    design = made("saltelli", {"a.b.x": [0.0, 1.0], "a.b.y": [0.0, 1.0]}, 512)
    x, y = (np.array(design[key]) for key in ("a.b.x", "a.b.y"))
    assert len(x) == 512 * 4
    problem = {"num_vars": 2, "names": ["x", "y"], "bounds": [[0, 1]] * 2}
    indices = sobol.analyze(problem, 3 * x + y, calc_second_order=False, seed=1)
    assert indices["S1"] == pytest.approx([0.9, 0.1], abs=0.02)
    assert indices["ST"] == pytest.approx([0.9, 0.1], abs=0.02)


def test_morris_trajectories_give_the_effects_of_a_known_function():
    design = made("morris", {"a.b.x": [0.0, 1.0], "a.b.y": [0.0, 2.0]}, 10)
    points = np.array([design["a.b.x"], design["a.b.y"]]).T
    assert len(points) == 10 * 3
    effects = morris.analyze(
        {"num_vars": 2, "names": ["x", "y"], "bounds": [[0, 1], [0, 2]]},
        points,
        5 * points[:, 0] - points[:, 1],
        num_levels=4,
    )
    assert list(effects["mu"]) == pytest.approx([5.0, -2.0])  # SALib's effects are those of the unit cube
    assert list(effects["sigma"]) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_draws_follow_their_weights(tmp_path):
    """Of 4,000 draws with weights 3 to 1, 3,000 in expectation; 5 standard errors are 137."""
    path = tmp_path / "draws.csv"
    path.write_text("chain,a.b.x,weight\n1,0.25,3\n2,0.75,1\n3,0.5,0\n", "utf-8")
    design = made("draws", {}, 4000, str(path))
    assert list(design) == ["a.b.x"]
    assert abs(design["a.b.x"].count(0.25) - 3000) < 137 and 0.5 not in design["a.b.x"]
    assert made("rows", {}, None, str(write(tmp_path, "a.b.x,a.b.n\n0.1,2\n0.3,4.0\n"))) == {
        "a.b.x": [0.1, 0.3],
        "a.b.n": [2, 4],
    }


def write(folder, text):
    path = folder / "rows.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_design_repeats():
    one, two, other = (made("latin", {"a.b.x": [0.0, 1.0]}, 20, seed=seed) for seed in (1, 1, 2))
    assert one == two != other


def test_bounds_are_those_of_the_yaml():
    assert designs.bounds("mechanism.knowledge.decay") == (0.005, 0.1)
    assert designs.bounds("policy.sandbox.places_per_quarter") == (0, 500)
    with pytest.raises(ConfigError, match="has no bounds"):
        designs.bounds("city.persons")
