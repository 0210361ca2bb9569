"""Rows of a table: fields are attributes, of all rows and of one, read and written."""

import copy
import gc
import pickle
import weakref

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


def test_a_table_is_freed_with_all_that_was_asked_of_it():
    """A field that is remembered must not hold the rows that remember it: a worker of many runs grew by each."""
    table = Table(KIND, 4)
    table.extend(3)
    kept = [table.rows, table.used, table.rows[1:3], table.used[np.array([0, 2])]]
    seen = [weakref.ref(rows) for rows in kept]
    for rows in kept:
        for name in KIND.names:
            getattr(rows, name)
    del table, kept, rows
    gc.collect()
    assert [reference() for reference in seen] == [None] * len(seen)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_copy_of_a_table_is_whole_and_its_own(copied):
    table = Table(KIND, 4)
    table.extend(2)
    name = KIND.names[0]
    getattr(table.used, name)[:] = 7
    other = copied(table)
    getattr(other.used, name)[0] = 9
    assert getattr(other.rows, name)[:2].tolist() == [9, 7]
    assert getattr(table.rows, name)[:2].tolist() == [7, 7] and other.count == 2
    other.extend(9)
    assert len(other.used) == 11 and len(table.used) == 2
