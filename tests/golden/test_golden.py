"""The golden runs hold: what should change no number changed none. A change of results is blessed: see `golden.py`."""

import golden
import pytest


@pytest.mark.parametrize(
    "name", [name if name == "lakeside" else pytest.param(name, marks=pytest.mark.slow) for name in golden.RUNS]
)
def test_the_bits_are_those_written_down(name):
    differs = golden.differing(name, golden.digests(golden.RUNS[name]))
    assert differs == [], (
        f"{len(differs)} differ, the first {differs[0]}; if they should: python tests/golden/golden.py bless"
    )
