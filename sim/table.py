"""Rows of one kind that grow in number."""

import numpy as np


class Table:
    """Rows of one kind of agent with room to grow; `rows` is the whole array, `count` the part in use."""

    def __init__(self, dtype, capacity=16):
        self.rows = np.zeros(max(int(capacity), 1), dtype).view(np.recarray)
        self.count = 0

    def reserve(self, extra):
        """Make room for `extra` more rows, doubling so that growth costs little."""
        wanted = self.count + int(extra)
        if wanted > len(self.rows):
            grown = np.zeros(max(wanted, 2 * len(self.rows)), self.rows.dtype)
            grown[: self.count] = self.rows[: self.count]
            self.rows = grown.view(np.recarray)
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
        return np.ndarray.__getitem__(self.rows, slice(self.count))  # a record array's own slicing is slow

    def __len__(self):
        return self.count
