"""Arrays that are kept for other processes: the same as made, made anew where they are damaged, never needed."""

import numpy as np
import pytest
import small
from damaged import DAMAGES

from sim.world import geography, kept, sources


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache folder."""
    monkeypatch.setattr(sources, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def made(number):
    return lambda: {"one": np.full(3, number), "two": np.eye(2) * number}


def test_what_is_kept_is_what_was_made_and_is_not_written_to(folder):
    first = kept.arrays("maps", "sim.world.geography", (1, "a"), made(7))
    again = kept.arrays("maps", "sim.world.geography", (1, "a"), made(8))
    other = kept.arrays("maps", "sim.world.geography", (1, "b"), made(9))
    assert first["one"].tolist() == again["one"].tolist() == [7, 7, 7] and again["two"].dtype == np.float64
    assert other["one"].tolist() == [9, 9, 9] and len(list((folder / "maps").iterdir())) == 2
    with pytest.raises(ValueError, match="read-only"):
        again["one"][0] = 1


def test_other_code_makes_its_own(folder, monkeypatch):
    kept.arrays("maps", "sim.world.geography", (1,), made(7))
    monkeypatch.setattr(sources, "digest", lambda names: "another")
    assert kept.arrays("maps", "sim.world.geography", (1,), made(8))["one"].tolist() == [8, 8, 8]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_anew(folder, damage):
    kept.arrays("maps", "sim.world.geography", (1,), made(7))
    (file,) = (folder / "maps").iterdir()
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert kept.arrays("maps", "sim.world.geography", (1,), made(7))["one"].tolist() == [7, 7, 7]
    with np.load(file) as whole:
        assert whole["one"].tolist() == [7, 7, 7]


def test_a_folder_that_refuses_costs_time_only(folder):
    folder.write_text("a file where the folder should be")
    assert kept.arrays("maps", "sim.world.geography", (1,), made(7))["one"].tolist() == [7, 7, 7]


def test_a_map_that_was_kept_is_the_map_that_is_drawn(folder):
    city = small.config(*small.LAKESIDE).city
    geography._build.cache_clear()
    drawn = geography.build(city)
    geography._build.cache_clear()
    read = geography.build(city)
    assert read is not drawn and read.shape == drawn.shape and read.cell_km == drawn.cell_km
    for name in geography.Map.__dataclass_fields__:
        one, other = getattr(drawn, name), getattr(read, name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype and np.array_equal(one, other) and not other.flags.writeable, name
