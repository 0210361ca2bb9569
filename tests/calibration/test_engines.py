"""The mathematics of the engines on a stand-in model with known answers: no city is simulated here."""

import numpy as np
import pytest
import small
from scipy.stats import chi2

from sim.calibration import (
    emulator,
    feasibility,
    identification,
    method_of_moments,
    posterior,
    priors,
    recovery,
    search,
    sensitivity,
    waves,
)
from sim.calibration.objective import Objective
from sim.calibration.simulations import design
from sim.settings.files import CONFIGS, read_yaml

TRUTH = np.array([0.3, 0.6, 0.5])
SLOPES = np.array(
    [[8.0, 0.0, 0.0], [0.0, 6.0, 0.0], [4.0, -4.0, 0.0], [2.0, 3.0, 0.0], [-3.0, 5.0, 0.0]]
)  # nothing depends on the third
LUCK = 0.1


def model(points, seeds, title=""):
    """Five targets, linear with a slight curve, zero at the truth, plus luck that is a function of the seed."""
    luck = np.array([np.random.default_rng(int(seed)).standard_normal(len(SLOPES)) for seed in seeds])
    linear = (points - TRUTH) @ SLOPES.T
    return linear + 0.02 * linear**2 + LUCK * luck


def stand_in(simulate=model, **more):
    targets = len(SLOPES)
    return Objective(
        ["a", "b", "idle"],
        list("vwxyz"),
        simulate,
        np.array([0.7, 0.3, 0.4]),
        np.ones(targets),
        np.full(targets, LUCK),
        **more,
    )


SMALL = search.Settings(
    prior=64, around=16, radius=0.1, batches=2, batch=12, rounds=6, replicates=12, steps=2, jacobian=2
)


@pytest.fixture(scope="module")
def found_fit():
    return search.fit(stand_in(), SMALL)


def test_the_search_finds_what_was_hidden(found_fit):
    """The standard error is about 0.04 in each; three of them. The idle parameter stays where it was and is named."""
    assert np.abs(found_fit.point - TRUTH)[:2].max() < 0.12
    assert found_fit.point[2] == 0.4
    assert list(found_fit.table["identified"]) == [True, True, False]
    assert found_fit.about["p_value"] > 0.01


def test_what_no_target_sees_goes_to_the_centre_of_its_prior():
    """A warm fit begins where the fit before had left the idle parameter, 0.4; the value of its yaml is 0.55."""
    fit = search.fit(stand_in(centre=np.array([0.5, 0.5, 0.55])), SMALL)
    assert fit.point[2] == 0.55
    assert np.abs(fit.point - TRUTH)[:2].max() < 0.12


def test_each_alone_goes_to_the_centre_where_all_together_are_worse():
    """Two of three would be worse at the centre, the third is seen by no target."""
    objective = stand_in(centre=np.array([0.9, 0.9, 0.55]))
    point = search.sent_back(objective, np.array([0.3, 0.6, 0.1]), [0, 1, 2], SMALL)
    assert list(point) == [0.3, 0.6, 0.55]


def test_the_bias_of_the_scale_is_measured_where_the_search_is():
    """A part of the city that differs from the whole by nothing at the start and by 1.6 half widths at the truth:
    unmeasured, that moves what is found.
    """

    def part(points, seeds, title=""):
        return model(points, seeds) - away(points)

    def away(points):
        return 4.0 * (0.7 - np.asarray(points)[..., :1]) * np.array([1.0, -1.0, 1.0, 1.0, -1.0])

    off = search.fit(stand_in(part), SMALL).point - TRUTH
    met = search.fit(stand_in(part, remeasure=away), SMALL).point - TRUTH
    assert np.abs(met)[:2].max() < 0.12 < 0.15 < np.abs(off)[:2].max()


def test_policy_effects_are_explained_by_what_moves_them():
    """100 points, 33 parameters: of 200 effects that hang on none, one parameter is named falsely in about 5% (here up
    to 9%: three binomial errors); one that moves an effect is found.
    """
    points = design(33, 100, seed=2)
    names = [f"p{i}" for i in range(33)]
    rng = np.random.default_rng(3)
    false = [sensitivity.explanation(points, rng.standard_t(2, 100), names)["beyond_chance"].any() for _ in range(200)]
    assert np.mean(false) < 0.1
    moved = sensitivity.explanation(points, 3.0 * points[:, 4] + 0.4 * rng.standard_normal(100), names)
    assert list(moved.loc[moved["beyond_chance"], "parameter"]) == ["p4"] and moved["rank_correlation"][4] > 0.8
    assert sensitivity.explanation(points, np.zeros(100), names).empty


def test_what_luck_moves_is_no_tautology():
    """A metric in proportion to the input, its square root, and one that luck moves by a half either way."""
    below = np.array([[8.0, 8.0, 9.0], [16.0, 16.0, 9.0], [24.0, 24.0, 9.0]])
    above = below * np.array([[1.5, 1.5**0.5, 0.5], [1.5, 1.5**0.5, 1.5], [1.5, 1.5**0.5, 1.5]])
    elasticity, error = feasibility.elasticities(below, above)
    assert elasticity[:2] == pytest.approx([1.0, 0.5]) and error[:2] == pytest.approx(0.0, abs=1e-12)
    assert error[2] > 5 * feasibility.LARGEST_ERROR


def test_draws_of_an_idle_parameter_are_its_prior(found_fit):
    """200 uniform draws have a mean within 0.5 -+ 0.06 (three standard errors) and reach both ends."""
    idle = found_fit.draws[:, 2]
    assert abs(idle.mean() - 0.5) < 0.06 and idle.min() < 0.05 and idle.max() > 0.95
    assert found_fit.draws[:, 0].std() == pytest.approx(found_fit.table["standard_error"][0], rel=0.25)


def test_a_fit_is_repeated_to_the_bit(found_fit):
    again = search.fit(stand_in(), SMALL)
    assert np.array_equal(again.point, found_fit.point) and np.array_equal(again.draws, found_fit.draws)


def test_standard_errors_are_those_of_repeated_data():
    """300 sets of targets drawn with their error and luck: the spread of the estimates is the standard error within 15%
    (power: sd of a sd over 300 is 4%).
    """
    objective = stand_in()
    omega = np.diag(np.full(5, 0.25 + LUCK**2))
    weight = np.linalg.inv(omega)
    rng = np.random.default_rng(5)
    estimates = []
    for _ in range(300):
        data = np.linalg.cholesky(omega) @ rng.standard_normal(5)
        estimates.append(method_of_moments.gauss_newton(TRUTH, data, SLOPES, omega)[:2])
    expected = np.sqrt(np.diag(np.linalg.inv(SLOPES[:, :2].T @ weight @ SLOPES[:, :2] + np.eye(2) * 12)))
    assert np.std(estimates, axis=0, ddof=1) == pytest.approx(expected, rel=0.15)
    assert method_of_moments.conclude(TRUTH, np.zeros(5), SLOPES, omega, 1).spread[
        :2
    ] * method_of_moments.PRIOR_SD == pytest.approx(expected)
    assert objective.error == pytest.approx(np.sqrt(np.diag(omega)))


def test_j_is_chi_squared_where_the_model_is_right():
    """400 sets of targets at the truth:

    J, three degrees of freedom, has its mean 3 -+ 0.4 (three standard errors) and exceeds the 5% bound in 2 to 8%.
    """
    omega = np.diag(np.full(5, 0.26))
    slopes = SLOPES * 5  # sharp targets, so that the prior does not matter
    rng = np.random.default_rng(6)
    js = []
    for _ in range(400):
        data = np.linalg.cholesky(omega) @ rng.standard_normal(5)
        moved = method_of_moments.gauss_newton(TRUTH, data, slopes, omega)
        js.append(method_of_moments.conclude(moved, data + slopes @ (moved - TRUTH), slopes, omega, 1).j)
    estimate = method_of_moments.conclude(TRUTH, np.zeros(5), slopes, omega, 1)
    assert estimate.freedom == 3
    assert abs(np.mean(js) - 3) < 0.4
    assert 0.02 < np.mean(np.array(js) > chi2.isf(0.05, 3)) < 0.08


def test_j_rejects_targets_that_contradict_each_other():
    """Two targets of one metric, six standard errors to either side."""

    def torn(points, seeds, title):
        one = 8 * (points[:, :1] - 0.5) + 0.05 * np.array(
            [[np.random.default_rng(int(s)).standard_normal()] for s in seeds]
        )
        return np.hstack([one - 3, one + 3])

    fit = search.fit(Objective(["a"], ["low", "high"], torn, np.array([0.2]), np.ones(2), np.full(2, 0.05)), SMALL)
    assert abs(fit.point[0] - 0.5) < 0.1  # between the two
    assert fit.about["p_value"] < 1e-6


def test_a_bias_of_scale_moves_the_fit():
    """What is simulated lies two half widths of every target below the whole: the fit compensates."""
    bias = SLOPES @ np.array([0.1, 0.1, 0.0])
    fit = search.fit(stand_in(bias=bias), SMALL)
    assert np.abs(fit.point - (TRUTH - [0.1, 0.1, 0]))[:2].max() < 0.12


def test_luck_counts_as_that_of_the_whole_city():
    """What was reported is one draw of the city at full size, here with a fifth of the luck of the part that is
    simulated; the mean over seeds has its own.
    """
    objective = stand_in(luck_ratio=np.full(5, 0.2))
    sample = LUCK * np.random.default_rng(8).standard_normal((12, 5))
    assert objective.error == pytest.approx(np.full(5, np.sqrt(0.25 + (0.2 * LUCK) ** 2)))
    assert method_of_moments.covariance(objective, sample) == pytest.approx(
        0.25 * np.eye(5) + np.cov(sample, rowvar=False) * (0.04 + 1 / 12)
    )


@pytest.mark.parametrize("number", range(4))
def test_a_fit_does_not_end_where_its_own_runs_are_worse_than_at_its_start(number):
    """A rugged model that no emulator of a hundred runs can follow, from a good start."""
    shift = np.random.default_rng(number).uniform(0, 6, len(SLOPES))

    def rugged(points, seeds, title=""):
        return model(points, seeds) + 3 * np.sin(40 * points[:, :2] @ np.ones((2, len(SLOPES))) + shift)

    objective = stand_in(rugged)
    grid = design(3, 400, seed=9)
    objective.start = np.append(grid[np.argmin(objective.loss(rugged(grid, np.ones(400))))][:2], 0.4)
    end = search.fit(objective, SMALL._replace(steps=1)).point
    assert search.confirmed(objective, end, SMALL) <= search.confirmed(objective, objective.start, SMALL)


@pytest.mark.parametrize("number", range(4))
def test_a_fit_goes_nowhere_that_is_worse_for_the_whole_city(number):
    """A part of the city that differs from the whole by up to three half widths, otherwise at every point."""
    shift = np.random.default_rng(number).uniform(0, 6, len(SLOPES))

    def wild(points):
        return 3 * np.sin(40 * np.asarray(points)[..., :2].sum(axis=-1, keepdims=True) + shift)

    objective = stand_in(lambda points, seeds, title="": model(points, seeds) - wild(points), remeasure=wild)
    objective.start = np.array([0.34, 0.56, 0.4])
    end = search.fit(objective, SMALL).point
    assert search.confirmed(stand_in(), end, SMALL) <= search.confirmed(stand_in(), objective.start, SMALL)


def test_parameters_that_matter_only_together_do_not_go_back_to_the_start():
    """Three targets see the sum of six parameters, of which none is identified; at the start the sum is ten half
    widths off.
    """

    def together(points, seeds, title=""):
        luck = np.array([np.random.default_rng(int(seed)).standard_normal(5) for seed in seeds])
        alone, their_sum = points[:, :1], points[:, 1:].sum(axis=1, keepdims=True)
        return np.hstack([6 * (alone - 0.3)] * 2 + [8 * (their_sum - 3.6)] * 3) + LUCK * luck

    objective = Objective(
        list("abcdefg"), list("vwxyz"), together, np.array([0.7] + [0.4] * 6), np.ones(5), np.full(5, LUCK)
    )
    fit = search.fit(objective, SMALL)
    assert fit.table["identified"].tolist() == [True] + [False] * 6
    assert fit.point[0] == pytest.approx(0.3, abs=0.06)
    assert fit.point[1:].sum() == pytest.approx(3.6, abs=0.1)


def test_one_impossible_target_does_not_bend_the_others():
    """A sixth target that stays twenty half widths off whatever one does, and pulls on the first parameter."""

    def stubborn(points, seeds, title):
        return np.hstack([model(points, seeds), 20 + 2 * (points[:, :1] - 0.5)])

    objective = Objective(
        ["a", "b", "idle"], list("uvwxyz"), stubborn, np.array([0.7, 0.3, 0.4]), np.ones(6), np.full(6, LUCK)
    )
    assert np.abs(search.fit(objective, SMALL).point - TRUTH)[:2].max() < 0.15


# ---------------------------------------------------------------- emulator


def test_the_emulator_explains_a_smooth_model_and_not_noise():
    points = design(3, 256)
    u = np.hstack([model(points, np.arange(256)), np.random.default_rng(1).standard_normal((256, 1))])
    share = emulator.explained(points, u)
    assert (share[:5] > 0.95).all() and share[5] < 0.1
    fresh = np.random.default_rng(2).random((100, 3))
    fitted = emulator.Emulator(points, u)
    error = (
        fitted.mean(fresh)[:, :5]
        - model(fresh, np.arange(100))
        + LUCK * np.array([np.random.default_rng(s).standard_normal(5) for s in range(100)])
    )
    assert np.sqrt((error**2).mean()) < 2 * LUCK
    assert np.allclose(fitted.predict(fresh)[0], emulator.squeezed(fitted.mean(fresh)))


def test_the_process_sees_what_the_quadratic_cannot():
    """A bump: the quadratic alone explains little of it."""
    points = design(2, 256)
    u = 4 * np.exp(-20 * ((points - 0.5) ** 2).sum(axis=1, keepdims=True))
    fresh = np.random.default_rng(3).random((200, 2))
    truth = 4 * np.exp(-20 * ((fresh - 0.5) ** 2).sum(axis=1, keepdims=True))
    errors = [
        np.sqrt(((kind(points, u).mean(fresh) - truth) ** 2).mean()) for kind in (emulator.Trend, emulator.Emulator)
    ]
    assert errors[1] < 0.2 * errors[0]


# ---------------------------------------------------------------- posterior and ranks


@pytest.fixture(scope="module")
def prior():
    points = design(3, 1024)
    return points, model(points, np.arange(1024))


def test_the_posterior_covers_and_its_ranks_are_uniform(prior):
    """256 truths: a posterior a third too narrow would be caught (the test of `power` says how surely); coverage of
    90% lies within four binomial errors.
    """
    ranked = recovery.ranks(stand_in(), *prior, posterior.Settings(hidden=(32,)))
    tests = recovery.uniformity(ranked).set_index("parameter")
    assert (tests["p_value"] > 0.001).all()
    assert ((tests["covered_90"] > 0.825) & (tests["covered_90"] < 0.975)).all()
    assert tests.loc["a", "correlation"] > 0.9 and abs(tests.loc["idle", "correlation"]) < 0.3


def test_uniformity_has_the_power_it_states():
    power = recovery.power(256).set_index(["posterior_sd_over_true", "shift_in_sd"])["rejected"]
    assert 0.03 < power[(1.0, 0.0)] < 0.08  # its size
    assert power[(0.67, 0.0)] > 0.8 and power[(1.0, 0.5)] > 0.9


def test_ranks_of_an_overconfident_posterior_are_refused():
    """Draws with two thirds of the true spread, at 256 truths."""
    import pandas as pd

    rng = np.random.default_rng(8)
    truth = rng.standard_normal(256)
    draws = (2 / 3) * rng.standard_normal((256, 99))
    low, high = np.quantile(draws, (0.05, 0.95), axis=1)
    frame = pd.DataFrame(
        {
            "parameter": "a",
            "truth": truth,
            "found": 0.0,
            "low": low,
            "high": high,
            "rank": (draws < truth[:, None]).sum(axis=1),
        }
    )
    tests = recovery.uniformity(frame).iloc[0]
    assert tests["p_value"] < 0.001 and tests["covered_90"] < tests["covered_low"]


def test_the_engine_posterior_finds_what_was_hidden():
    fit = posterior.fit(stand_in(), posterior.Settings(prior=512, hidden=(32,)))
    assert np.abs(fit.point - TRUTH)[:2].max() < 0.15
    assert list(fit.table["identified"]) == [True, True, False] and fit.point[2] == 0.4


def test_search_recovers_hidden_truths(prior):
    """Six truths most like the city: the standard error is about 0.06 where identified; the root mean square of twelve
    errors stays below 0.1.
    """
    table = recovery.points_found(stand_in(), *prior, truths=6)
    moving = table[table["parameter"] != "idle"]
    assert np.sqrt(((moving["truth"] - moving["found"]) ** 2).mean()) < 0.1


def test_a_screen_goes_near_the_values_of_all_parameters_that_are_not_free():
    config = small.config(*small.LAKESIDE)
    free = priors.read(["founding.idea_rate"], {})
    rest = {one.name: one for one in priors.fixed(free, config.params)}
    assert "founding.idea_rate" not in rest and "funding.growth_to_exit.2" in rest
    assert {name.partition(".")[0] for name in rest} >= {"sales", "labour", "rents", "listing"}
    decay = rest["knowledge.decay"]
    node = read_yaml(CONFIGS / "mechanism" / "knowledge.yaml")["decay"]
    assert decay.start == node["value"]
    assert decay.low == pytest.approx(node["value"] - 0.25 * (node["value"] - node["low"]))
    assert decay.high == pytest.approx(node["value"] + 0.25 * (node["high"] - node["value"]))


# ---------------------------------------------------------------- identification


def test_every_profile_touches_the_least_loss():
    """A loss with a shallow valley, in which the search stands, and a deep one beyond a ridge: profiles find the deep
    one, and what lies within its 95% set is some of the prior and not none of it.
    """

    def two_valleys(points):
        points = np.atleast_2d(points)
        a, b = points[:, 0], points[:, 1]
        deep, shallow = 8 * (a - 0.85), np.sqrt(3 + 64 * (a - 0.15) ** 2)
        return np.column_stack([np.where(a > 0.5, deep, shallow), 6 * (b - 0.6), *np.zeros((3, len(points)))])

    objective = stand_in()
    best, table = identification.converged(objective, two_valleys, np.array([0.15, 0.6, 0.4]))
    assert best[:2] == pytest.approx([0.85, 0.6], abs=0.01)
    least = table.groupby("parameter")["loss"].min()
    assert least.to_numpy() == pytest.approx(np.full(3, least.min()), abs=0.02)


# ---------------------------------------------------------------- waves


FAMILIES = np.array(["one", "one", "two", "two", "two"])


@pytest.fixture(scope="module")
def matched():
    """Three waves of 24 runs on the stand-in, from a design of 64."""
    points = design(3, 64)
    objective = stand_in()
    return objective, *waves.match(objective, FAMILIES, points, model(points, np.arange(64)), 3, 24)


def test_what_is_left_is_what_the_targets_do_not_rule_out(matched):
    """By the model without luck on 20,000 points: 19 of 20 points left are truly below 3 or within the emulator's error
    of it, they reach to both sides of the truth, and the share left is met within a quarter (subset simulation with 128
    walkers has a standard error of some 12%).
    """
    objective, left, told, _ = matched
    truly = np.abs(model(left.points, np.full(len(left.points), 7)) - LUCK * luck_of(7)).max(axis=1)
    error = np.sqrt(0.25 + LUCK**2)
    assert (truly / error < 3.2).mean() > 0.95
    grid = np.random.default_rng(4).random((20_000, 3))
    share = (np.abs(model(grid, np.full(len(grid), 7)) - LUCK * luck_of(7)).max(axis=1) / error < 3).mean()
    assert told["share_of_prior"].iloc[-1] == pytest.approx(share, rel=0.3)
    for i in (0, 1):
        assert left.points[:, i].min() < TRUTH[i] < left.points[:, i].max()
    assert told["runs"].tolist() == [64, 88, 112, 136] and told["reached"].all()


def luck_of(seed):
    return np.random.default_rng(seed).standard_normal(len(SLOPES))


def test_what_no_target_sees_keeps_its_whole_prior(matched):
    idle = matched[1].points[:, 2]
    assert abs(idle.mean() - 0.5) < 0.1 and idle.min() < 0.1 and idle.max() > 0.9


def test_targets_that_contradict_each_other_widen_their_own_mechanism_alone():
    """The last two targets see one number, four half widths apart: their mechanism misses each by two."""

    def torn(points, seeds, title=""):
        u = model(points, seeds)
        return np.column_stack([u[:, :3], u[:, 0] - 2, u[:, 0] + 2])

    points = design(3, 96)
    families = np.array(["one", "one", "one", "torn", "torn"])
    _, told, missed = waves.match(stand_in(torn), families, points, torn(points, np.arange(96)), 1, 24)
    size = missed.set_index("mechanism")["discrepancy"]
    assert size["torn"] == pytest.approx(np.sqrt(4 - 0.26), abs=0.25) and size["one"] < 0.3
    assert told["reached"].iloc[-1]


def test_where_everything_is_ruled_out_the_waves_say_so():
    """A target twenty half widths off whatever one does, whose mechanism is not allowed to be wrong."""
    points = design(3, 64)
    u = np.column_stack([model(points, np.arange(64))[:, :4], np.full(64, 20.0)])
    objective = stand_in()
    implausible = waves.Implausibility(objective, emulator.Emulator(points, u), np.zeros(5))
    left = waves.walk(implausible, 3, np.random.default_rng(0))
    assert left.level > waves.CUTOFF
