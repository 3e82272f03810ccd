"""numpy: the items that pass are picked ahead where they are few; else all are scored, and masked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .scenario import TOP_K, Filter, Items

FEW = 0.2  # of the items: below, picking their vectors is faster than scoring all (both were tried)


class Numpy:
    """Exact up to float32 rounding."""

    exact = True

    def __init__(self, items: Items) -> None:
        self._vectors = items.vectors
        self._queries = items.queries

    def search(self, number: int, chosen: Filter) -> npt.NDArray[Any]:
        """int64 [K']."""
        query = self._queries[number % len(self._queries)]
        if chosen.mask.mean() < FEW:
            rows = np.flatnonzero(chosen.mask)
            scores = self._vectors[rows] @ query
        else:
            rows = np.arange(len(self._vectors))
            scores = np.where(chosen.mask, self._vectors @ query, -np.inf)
        k = min(TOP_K, int(chosen.mask.sum()))
        best = np.argpartition(-scores, k - 1)[:k]
        return rows[best[np.argsort(-scores[best], kind="stable")]]
