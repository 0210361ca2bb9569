"""Rows of a table: fields are attributes, of all rows and of one, read and written."""

import pickle

import numpy as np
import pytest

from sim.world.table import Rows, Table

KIND = np.dtype([("id", "i8"), ("cash", "i8"), ("share", "f8")])


def test_fields_are_attributes_of_all_rows_and_of_one():
    table = Table(KIND)
    for number in range(40):  # past the first capacity
        assert table.append(id=number, cash=10 * number) == number
    rows = table.used
    rows.cash -= 5
    rows.share = 0.5
    rows[3].cash = 7
    table.row(4)["cash"] = 8
    assert (table.used.cash[[2, 3, 4]].tolist(), rows.share.sum(), len(table)) == ([15, 7, 8], 20.0, 40)
    assert type(rows.cash) is np.ndarray and type(rows[rows.cash > 100]) is Rows


def test_what_is_no_field_is_refused():
    rows = Rows.of(np.zeros(2, KIND))
    with pytest.raises(AttributeError, match="no field 'csh'"):
        rows.csh  # noqa: B018
    assert (rows.shape, rows.id.tolist()) == ((2,), [0, 0])


def test_rows_pass_between_processes():
    rows = Rows.of(np.ones(2, KIND))
    again = pickle.loads(pickle.dumps(rows))
    assert (type(again), again.cash.tolist(), again[0].share) == (Rows, [1, 1], 1.0)
