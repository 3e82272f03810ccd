"""recfast: the filter inside of the scan, its bitmap cached by expression."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

import recfast as rf

from .scenario import TOP_K, Filter, Items


class Recfast:
    """A retriever with price and brand as attributes."""

    exact = True

    def __init__(self, items: Items) -> None:
        attributes = {"price": items.price, "brand": items.brand}
        self._retriever = rf.Retriever(items.vectors, attributes=attributes)
        self._queries = items.queries
        self._fresh = count(1)

    def search(self, number: int, chosen: Filter | None) -> npt.NDArray[Any]:
        """int64 [K'], of all items without a filter."""
        where = None if chosen is None else chosen.expression()
        return self._retriever.search(self._queries[number % len(self._queries)], TOP_K, where=where).ids

    def search_cold(self, number: int, chosen: Filter) -> npt.NDArray[Any]:
        """The same with an expression that was never evaluated before: its price differs by less than any item's."""
        query = self._queries[number % len(self._queries)]
        where = chosen.expression(np.finfo(np.float64).eps * next(self._fresh))
        return self._retriever.search(query, TOP_K, where=where).ids
