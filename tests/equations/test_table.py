"""Rows of a table: fields are attributes, of all rows and of one, read and written."""

import pickle

import numpy as np
import pytest

from sim.world.kernel import kernel
from sim.world.table import Rows, Schema, Table

KIND = Schema([("id", "i8", 0), ("cash", "i8", -1), ("share", "f8", 0.25)])


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


def test_a_new_row_is_as_the_schema_has_it_also_where_the_table_has_grown():
    table = Table(KIND, capacity=2)
    table.append(id=1, cash=5)
    first = table.extend(100)
    assert (first, len(table)) == (1, 101)
    assert set(table.used.cash[1:].tolist()) == {-1} and set(table.used.share.tolist()) == {0.25}
    table.size[0] += 1  # as a kernel adds one
    assert table.used[-1].cash == -1


def test_what_is_no_field_is_refused():
    rows = Rows.of(KIND.blank(2))
    with pytest.raises(AttributeError, match="no field 'csh'"):
        rows.csh
    assert (rows.shape, rows.cash.tolist()) == ((2,), [-1, -1])


def test_rows_pass_between_processes():
    rows = Rows.of(np.ones(2, KIND.dtype))
    again = pickle.loads(pickle.dumps(rows))
    assert (type(again), again.cash.tolist(), again[0].share) == (Rows, [1, 1], 1.0)


def test_a_kernel_takes_rows_without_asking_them_in_python(monkeypatch):
    rows, asked = Rows.of(KIND.blank(3)), []
    assert _cash_of(rows) == -3  # compiled

    def answer(self, name):
        asked.append(name)
        raise AttributeError(name)

    monkeypatch.setattr(Rows, "__getattr__", answer)
    assert (_cash_of(rows), asked) == (-3, [])


@kernel
def _cash_of(rows):
    cash = 0
    for i in range(len(rows)):
        cash += rows[i].cash
    return cash
