"""faiss: a flat index, as it is installed or with batches as matrix products; and one of 8-bit codes."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from .scenario import DIM, TOP_K, Search


class Flat:
    """Exact up to float32 rounding."""

    exact = True

    def __init__(self, search: Search, threshold: int | None = None) -> None:
        """threshold: from how many queries on they are one matrix product; None: as installed."""
        faiss.omp_set_num_threads(1)
        self._index = self._make(search)
        self._threshold = faiss.cvar.distance_compute_blas_threshold if threshold is None else threshold
        self._batches = search.batches

    def _make(self, search: Search) -> Any:
        index = faiss.IndexFlatIP(DIM)
        index.add(search.vectors)
        return index

    def __call__(self, number: int) -> npt.NDArray[np.int64]:
        """What is timed: int64 [B, K]."""
        installed = faiss.cvar.distance_compute_blas_threshold
        faiss.cvar.distance_compute_blas_threshold = self._threshold
        try:
            found: npt.NDArray[np.int64] = self._index.search(self._batches[number % len(self._batches)], TOP_K)[1]
        finally:
            faiss.cvar.distance_compute_blas_threshold = installed
        return found

    def ids(self, number: int) -> npt.NDArray[Any]:
        """The same."""
        return self(number)


class Codes(Flat):
    """8-bit codes without rescoring: its recall stands beside its time."""

    exact = False

    def _make(self, search: Search) -> Any:
        index = faiss.IndexScalarQuantizer(DIM, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        index.train(search.vectors[:100_000])
        index.add(search.vectors)
        return index
