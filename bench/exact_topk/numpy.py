"""numpy: a matrix product and argpartition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .scenario import TOP_K, Search


class Numpy:
    """Exact up to float32 rounding."""

    exact = True

    def __init__(self, search: Search) -> None:
        self._vectors = search.vectors
        self._batches = search.batches

    def __call__(self, number: int) -> npt.NDArray[Any]:
        """What is timed: int64 [B, K]."""
        scores = self._batches[number % len(self._batches)] @ self._vectors.T
        rows = np.argpartition(scores, -TOP_K, axis=1)[:, -TOP_K:]
        best = np.argsort(-np.take_along_axis(scores, rows, axis=1), axis=1)
        return np.take_along_axis(rows, best, axis=1)

    def ids(self, number: int) -> npt.NDArray[Any]:
        """The same."""
        return self(number)
