"""Runs that many tests look at; each worker makes each of them once."""

import pytest
import small


@pytest.fixture(scope="session")
def lakeside():
    """The small made-up city after its 76 quarters with the policies of its history."""
    return small.run(small.config(*small.LAKESIDE))


@pytest.fixture(scope="session")
def shanghai():
    """A hundredth of Shanghai after 76 quarters with the policies of its history."""
    return small.run(small.config(*small.SHANGHAI))
