"""recfast: one table with all rows, one call for all bags."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

import recfast as rf

from .scenario import DIM, Bags, Tables


class Recfast:
    """A table; f32 rows stay where they are."""

    def __init__(self, tables: Tables, dtype: Literal["f32", "i8", "i4"], batches: list[Bags]) -> None:
        f32 = dtype == "f32"
        self.table = (
            rf.Table.from_bytes(tables.weights, dtype="f32", dim=DIM) if f32 else rf.Table(tables.weights, dtype)
        )
        self._batches = batches

    def __call__(self, number: int) -> npt.NDArray[np.float32]:
        """What is timed: float32 [T * B, D]."""
        bags = self._batches[number % len(self._batches)]
        return self.table.bag(bags.ids, bags.offsets)

    def sums(self, number: int) -> npt.NDArray[np.float32]:
        """The same."""
        return self(number)
