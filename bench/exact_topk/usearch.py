"""usearch: its exact search."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from usearch.index import MetricKind, search

from .scenario import TOP_K, Search


class Usearch:
    """Exact up to float32 rounding."""

    exact = True

    def __init__(self, wanted: Search) -> None:
        self._vectors = wanted.vectors
        self._batches = wanted.batches

    def __call__(self, number: int) -> Any:
        """What is timed."""
        batch = self._batches[number % len(self._batches)]
        return search(self._vectors, batch, TOP_K, MetricKind.IP, exact=True, threads=1)

    def ids(self, number: int) -> npt.NDArray[Any]:
        """int [B, K]."""
        found = self(number).keys
        return found.reshape(-1, found.shape[-1])
