"""The norms that cities carry are those of their calibrated points."""

import pytest
import small

from sim.runs.fingerprint import norms
from sim.settings import config


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["calibrated=record"],
        ["city=shenzhen"],
        ["city=shenzhen", "calibrated=record"],
        [f"configs='{small.OWN}'", "city=lakeside"],
    ],
    ids=["shanghai", "shanghai's record", "shenzhen", "shenzhen with the record", "lakeside"],
)
def test_no_city_has_stale_norms(words):
    """`sim reference` makes them anew where data, the fit or a value of a yaml has changed."""
    assert norms(config.load(words))["stale"] is False


def test_a_parameter_of_the_run_makes_no_norms_stale():
    """They stay as they are while parameters vary; only the point itself counts."""
    assert norms(config.load(["mechanism.competition.elasticity=0.6", "scale=0.1"]))["stale"] is False
