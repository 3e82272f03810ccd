"""hnswlib: its graph, and a filter that asks Python about every item that it meets.

How much of the graph it visits is chosen by filter: the least of some breadths that finds nearly all, or the widest.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from .scenario import DIM, TOP_K, Filter, Items

BREADTHS = tuple(TOP_K * wider for wider in (2, 8, 32, 128))
RECALL = 0.99


class Hnswlib:
    """Approximate: its recall stands beside its time."""

    exact = False

    def __init__(self, items: Items) -> None:
        self._index = hnswlib.Index(space="ip", dim=DIM)
        self._index.init_index(max_elements=len(items.vectors), M=8, ef_construction=40)
        self._index.add_items(items.vectors, num_threads=os.cpu_count() or 1)
        self._index.set_num_threads(1)  # as its documentation says, with a filter in Python
        self.breadth = BREADTHS[0]
        self._queries = items.queries

    def choose(self, recall: Callable[[], float]) -> None:
        """recall: what a search finds with the breadth that is set."""
        for self.breadth in BREADTHS:
            self._index.set_ef(self.breadth)
            if recall() >= RECALL:
                return

    def search(self, number: int, chosen: Filter) -> npt.NDArray[Any]:
        """int64 [K'], empty where it did not find TOP_K items that pass."""
        mask = chosen.mask
        query = self._queries[number % len(self._queries)]
        try:
            ids, _ = self._index.knn_query(query, TOP_K, filter=lambda label: bool(mask[label]))
        except RuntimeError:  # fewer than k
            return np.zeros(0, np.int64)
        return np.asarray(ids[0]).astype(np.int64)
