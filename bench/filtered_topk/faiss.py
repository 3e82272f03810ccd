"""faiss: a flat index and IDSelectorBitmap, whose bitmap is made ahead."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from .scenario import DIM, TOP_K, Filter, Items


class Faiss:
    """Exact, one query at a time."""

    exact = True

    def __init__(self, items: Items) -> None:
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexFlatIP(DIM)
        self._index.add(items.vectors)
        self._queries = items.queries
        self._parameters: dict[int, Any] = {}

    def search(self, number: int, chosen: Filter) -> npt.NDArray[Any]:
        """int64 [K], -1 behind the last."""
        if id(chosen) not in self._parameters:
            bits = np.packbits(chosen.mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
            self._parameters = {id(chosen): faiss.SearchParameters(sel=selector)}
        query = self._queries[number % len(self._queries)][None]
        _, ids = self._index.search(query, TOP_K, params=self._parameters[id(chosen)])
        return np.asarray(ids[0])
