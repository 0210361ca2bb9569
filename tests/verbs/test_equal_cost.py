"""Equal cost: the search by hand-made costs, and a programme of the small city."""

import json
import math

import pytest
import small

import sim
from sim.settings import counterfactuals
from sim.settings.refusals import ConfigError
from sim.verbs.comparison import equal_cost


class Cost:
    """A cost as a function of the factor, counted."""

    names = ["it"]

    def __init__(self, of):
        self.of, self.by_factor = of, {}

    def __call__(self, factor):
        return self.by_factor.setdefault(factor, self.of(factor))


@pytest.mark.parametrize("asked", [0.5, 3.0, 20.0, 500.0])
def test_the_factor_is_found(asked):
    """Cost 3 f^0.8: the factor is (asked / 3)^1.25."""
    cost = Cost(lambda f: 3 * f**0.8)
    factor = equal_cost._factor(cost, asked, 1e-6, 1e4, "policy.it.budget")
    assert factor == pytest.approx((asked / 3) ** 1.25, rel=0.01)
    assert len(cost.by_factor) < 15


@pytest.mark.parametrize("asked", [10.1, 10.45, 40.6])
def test_a_cost_in_steps_is_met_at_the_nearest_step(asked):
    """Whole places at one yuan, four to the factor: the step next to what is asked is taken."""
    cost = Cost(lambda factor: float(math.floor(4 * factor)))
    best = equal_cost._factor(cost, asked, 1e-6, 1e4, "policy.it.places_per_quarter")
    assert cost(best) == round(asked)


def test_steps_too_wide_for_what_is_asked_are_refused():
    with pytest.raises(ConfigError, match="the cost jumps from 2 to 3 yuan"):
        equal_cost._factor(
            Cost(lambda factor: float(math.floor(4 * factor))), 2.5, 1e-6, 1e4, "policy.it.places_per_quarter"
        )


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (
            lambda factor: min(factor, 5.0),
            "out of reach: it cost 5 yuan at 50 times their size, where policy.it.budget meets its bound, "
            "1 as they stand",
        ),
        (lambda factor: 0.0, "out of reach: it cost 0 yuan"),
        (lambda factor: 40.0 + factor, "out of reach: it cost 40 yuan at 1e-06 times their size"),
        (lambda factor: 1.0 if factor < 7 else 100.0, "no size of it costs this: near"),
    ],
    ids=["nobody more to pay", "costs nothing", "costs that do not shrink", "a jump"],
)
def test_what_no_scaling_reaches_is_refused(of, message):
    with pytest.raises(ConfigError) as error:
        equal_cost._factor(Cost(of), 20.0, 1e-6, 50.0, "policy.it.budget")
    assert message in str(error.value)


def test_factors_stay_inside_the_bounds_of_every_knob():
    config = small.config(
        *small.LAKESIDE, "policy=[returnee_programme,guidance_fund]", "policy.guidance_fund.sectors=all"
    )
    low, high, knob = equal_cost.reach(config, ["guidance_fund"])
    assert (high, knob) == (1e13 / 50e9, "policy.guidance_fund.size") and low == equal_cost.SMALLEST
    both = equal_cost.reach(config, ["guidance_fund", "returnee_programme"])[1]
    assert both <= high
    larger = counterfactuals.scaled(config, {"guidance_fund": 2.0})
    assert (
        larger.resolved["policy"]["guidance_fund"]["size"]
        == 100e9
        == next(p for p in larger.policies if p.name == "guidance_fund").size
    )
    assert larger.resolved["policy"]["returnee_programme"] == config.resolved["policy"]["returnee_programme"]


def test_a_programme_is_brought_to_its_cost(tmp_path):
    """The purse of the guidance fund, which partners' money alone holds back, is made to cost 2 bn in both arms: in the
    whole city, as the fund joins others in full or not at all.
    """
    words = {
        "configs": str(small.OWN),
        "city": "lakeside",
        "scale": 1.0,
        "end": "2009Q4",
        "runs": 2,
        "store": str(tmp_path),
    }
    words |= {"policy.guidance_fund.start": "2006Q2", "policy.guidance_fund.sectors": "all"}
    comparison = sim.compare(policy=["guidance_fund"], against="none", public_cost=2e9, **words)
    sizes = comparison.about["equal_cost"]["policy"]
    assert sizes["achieved_cny"] == pytest.approx(2e9, rel=equal_cost.WIDEST)
    assert sizes["achieved_cny"] == pytest.approx(comparison.public_purse.set_index("quantity").value["cost"])
    assert sizes["scaled"]["guidance_fund"]["size"] == pytest.approx(50e9 * sizes["factor"])
    assert "made" in str(comparison) and json.loads(json.dumps(comparison.about)) == comparison.about
    with pytest.raises(ConfigError, match="out of reach: guidance_fund"):
        sim.compare(policy=["guidance_fund"], against="none", public_cost=1e13, **words)


def test_each_arm_is_brought_to_the_cost_by_a_factor_of_its_own(tmp_path):
    """One programme against another: 2 bn yuan each, shown for each arm, and the costs of the arms no longer differ."""
    words = {
        "configs": str(small.OWN),
        "city": "lakeside",
        "scale": 1.0,
        "end": "2009Q4",
        "runs": 2,
        "store": str(tmp_path),
    }
    words |= {"policy.guidance_fund.start": "2006Q2", "policy.guidance_fund.sectors": "all"}
    comparison = sim.compare(policy=["guidance_fund"], against=["returnee_programme"], public_cost=2e9, **words)
    sizes = comparison.about["equal_cost"]
    assert {arm: list(sizes[arm]["scaled"]) for arm in sizes} == {
        "policy": ["guidance_fund"],
        "against": ["returnee_programme"],
    }
    assert sizes["policy"]["factor"] < 1 < sizes["against"]["factor"]
    for arm in ("policy", "against"):
        rows = comparison.runs[comparison.runs.arm == arm]
        assert sizes[arm]["achieved_cny"] == pytest.approx(2e9, rel=equal_cost.WIDEST)
        assert rows.net_spending_cny.mean() == pytest.approx(2e9, rel=0.1)  # not discounted, over four years
        assert f"({arm}) made {sizes[arm]['factor']:.4g} times" in " ".join(str(comparison).split())
    assert abs(comparison.public_purse.set_index("quantity").value["cost"]) < 2 * equal_cost.WIDEST * 2e9
