"""Rows of one kind of agent that grow in number, and the schema that says what a new row is."""

import functools

import numpy as np


class Rows(np.ndarray):
    """Records whose fields are attributes, as in `numpy.recarray`, which looks at every attribute in Python. A field
    that was asked for once is remembered, so that asking again costs as much as any attribute.
    """

    # By the name alone numba knows that it need not look for it, in Python, at every call of a kernel.
    __numba_array_subtype_dispatch__ = True

    @classmethod
    def of(cls, array):
        """A structured array as Rows; its single rows have attributes too."""
        return array.view(_with_attributes(array.dtype)).view(cls)

    def __getattr__(self, name):
        fields = self.dtype.fields
        if fields is None or name not in fields:
            raise AttributeError(f"no field {name!r}")
        column = self.view(np.ndarray)[name]
        if type(self.base) is np.ndarray:  # else the column would hold the rows that hold it, and neither ever be freed
            self.__dict__[name] = column
        return column

    def __setattr__(self, name, value):
        fields = self.dtype.fields
        if fields is not None and name in fields:
            self[name] = value
        else:
            super().__setattr__(name, value)


@functools.cache
def _with_attributes(dtype):
    return np.dtype((np.record, dtype))


class Schema:
    """The columns of one kind of agent, each with its type and with the value that a new row has in it.

    `columns` is a list of (name, type, value) or (name, type, value, bounds); `dtype` is the structured type of a row,
    which kernels see. `bounds` (lowest, highest) are those within which others than the model may write a column;
    one without is the model's own.
    """

    def __init__(self, columns):
        self.dtype = np.dtype([column[:2] for column in columns], align=True)
        self.defaults = {name: value for name, _, value, *_ in columns}
        self.bounds = {name: bounds for name, _, _, *rest in columns for bounds in rest}
        self._row = np.array(tuple(self.defaults.values()), self.dtype)

    @property
    def names(self):
        """Names of the columns, in order."""
        return self.dtype.names

    def blank(self, n):
        """`n` new rows, a structured array."""
        return np.full(n, self._row, self.dtype)


class Table:
    """Rows of one kind of agent with room to grow.

    `rows` is the whole array, `count` the part in use, and `size` the count as int64[1], which a kernel that adds
    rows moves. Rows beyond `count` are blank, so whoever adds one writes only what differs from the schema.
    """

    def __init__(self, schema, capacity=16):
        self.schema = schema
        self.size = np.zeros(1, np.int64)
        self._hold(schema.blank(max(int(capacity), 1)))

    def _hold(self, records):
        """Have an array of records as the whole of the table."""
        self._records, self.rows, self._used = records, Rows.of(records), None

    def __getstate__(self):
        """Of a copy or a pickle: the records, of which the rest are views."""
        return {"schema": self.schema, "size": self.size, "_records": self._records}

    def __setstate__(self, state):
        self.schema, self.size = state["schema"], state["size"]
        self._hold(state["_records"])

    @property
    def count(self):
        return self.size.item()

    @count.setter
    def count(self, value):
        self.size[0] = value

    def reserve(self, extra):
        """Make room for `extra` more rows, doubling so that growth costs little; returns all rows."""
        wanted = self.count + int(extra)
        if wanted > len(self.rows):
            grown = self.schema.blank(max(wanted, 2 * len(self.rows)))
            grown[: self.count] = self.rows[: self.count]
            self._hold(grown)
        return self.rows

    def extend(self, n):
        """Add `n` blank rows and return the slot of the first."""
        self.reserve(n)
        first = self.count
        self.count += int(n)
        return first

    def append(self, **values):
        """Add one row, blank but for `values`, and return its slot."""
        slot = self.extend(1)
        row = self.row(slot)
        for name, value in values.items():
            row[name] = value
        return slot

    def row(self, slot):
        """A view of one row, `row["name"]`; plain records are read and written fastest."""
        return self.rows.view(np.ndarray)[slot]

    @property
    def used(self):
        """The rows in use, the same object until there are more or fewer."""
        if self._used is None or len(self._used) != self.count:
            self._used = Rows.of(self._records[: self.count])
        return self._used

    def __len__(self):
        return self.count
