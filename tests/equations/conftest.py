"""The year by hand, lived once."""

import one_year
import pytest


@pytest.fixture(scope="session")
def tables():
    """The tables of the year by hand at scale 0.5."""
    return one_year.simulate(scale=0.5)[0]
