"""Rows of one kind that grow in number."""

import numpy as np


class Rows(np.ndarray):
    """Records whose fields are attributes, as in `numpy.recarray`, which looks at every attribute in Python and is
    several times slower.
    """

    @classmethod
    def of(cls, array):
        """A structured array as Rows; its single rows have attributes too."""
        return array.view(np.dtype((np.record, array.dtype))).view(cls)

    def __getattr__(self, name):
        fields = self.dtype.fields
        if fields is None or name not in fields:
            raise AttributeError(f"no field {name!r}")
        return np.ndarray.__getitem__(self, name).view(np.ndarray)

    def __setattr__(self, name, value):
        fields = self.dtype.fields
        if fields is not None and name in fields:
            self[name] = value
        else:
            super().__setattr__(name, value)


class Table:
    """Rows of one kind of agent with room to grow; `rows` is the whole array, `count` the part in use."""

    def __init__(self, dtype, capacity=16):
        self.rows = Rows.of(np.zeros(max(int(capacity), 1), dtype))
        self.count = 0

    def reserve(self, extra):
        """Make room for `extra` more rows, doubling so that growth costs little."""
        wanted = self.count + int(extra)
        if wanted > len(self.rows):
            grown = np.zeros(max(wanted, 2 * len(self.rows)), self.rows.dtype)
            grown[: self.count] = self.rows[: self.count]
            self.rows = Rows.of(grown)
        return self.rows

    def append(self, **values):
        """Add one row and return its slot."""
        self.reserve(1)
        slot = self.count
        row = self.row(slot)
        for name, value in values.items():
            row[name] = value
        self.count += 1
        return slot

    def row(self, slot):
        """A view of one row, `row["name"]`; plain records are read and written fastest."""
        return self.rows.view(np.ndarray)[slot]

    @property
    def used(self):
        return self.rows[: self.count]

    def __len__(self):
        return self.count
