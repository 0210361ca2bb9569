"""The figure of two lives: where the line forks, what stands beside it, and what is left out."""

import pandas as pd
import pytest

from sim.plots import two_lives


def tables(shared, ours, theirs, parting=True, numbers=()):
    """Two lives: `shared` events of both, then so many of each alone."""
    rows = [(f"20{i:02}Q1", f"event {i}", f"event {i}", True) for i in range(shared)]
    rows += [(f"2070Q{1 + i % 4}", f"ours {i}", "", False) for i in range(ours)]
    rows += [(f"2080Q{1 + i % 4}", "", f"theirs {i}", False) for i in range(theirs)]
    life = pd.DataFrame(rows, columns=["quarter", "policy", "against", "same"]).assign(kind="job", key="")
    parted = {"quarter": "2070Q1" if ours else "2080Q1"} if parting else None
    values = pd.DataFrame(numbers, columns=["quarter", "number", "policy", "against", "percent"])
    return {"life": life, "numbers": values, "about": {"parting": parted}}


def drawn(told):
    drawing = two_lives.figure(two_lives.data(told))
    return drawing, [text.get_text() for axes in drawing.axes for text in axes.texts]


def test_what_happens_after_the_parting_stands_at_a_line_of_its_own():
    drawing, texts = drawn(tables(3, 2, 1))
    (axes,) = drawing.axes
    places = {round(float(line.get_xdata()[0]), 2) for line in axes.lines if line.get_marker() == "o"}
    assert places == {0, -two_lives.APART, two_lives.APART}
    assert texts.count("2000Q1 event 0") == 1 and "2070Q1 ours 0" in texts and "2080Q1 theirs 0" in texts


def test_lives_that_never_part_are_one_line():
    drawing, _ = drawn(tables(3, 0, 0, parting=False))
    assert {float(x) for line in drawing.axes[0].lines for x in line.get_xdata()} == {0.0}


@pytest.mark.parametrize(("shared", "first"), [(5, "2000Q1 event 0"), (60, "2037Q1 event 37")])
def test_of_a_long_life_the_earliest_common_events_are_left_out(shared, first):
    drawing, texts = drawn(tables(shared, 2, 1))
    told = next(text for text in texts if "event" in text)
    assert told == first
    assert ("are left out" in drawing.get_supxlabel()) == (shared == 60)


def test_numbers_are_drawn_in_the_quarters_in_which_they_differ():
    drawing, _ = drawn(tables(1, 1, 1, numbers=[("2070Q1", "headcount", 12, 8, 33.3), ("2070Q1", "burn", 1, 2, 50.0)]))
    heads = next(axes for axes in drawing.axes if axes.get_title() == "Heads" or axes.get_title(loc="left") == "Heads")
    assert [list(line.get_ydata()) for line in heads.lines] == [[12], [8]]
