"""recfast: a retriever."""

from __future__ import annotations

from typing import Any, Literal

import numpy.typing as npt

import recfast as rf

from .scenario import TOP_K, Search


class Recfast:
    """One call for a batch."""

    exact = True

    def __init__(self, search: Search, dtype: Literal["i8", "f16", "f32"]) -> None:
        self._retriever = rf.Retriever(search.vectors, dtype=dtype)
        batches = search.batches
        self._batches = batches[:, 0] if batches.shape[1] == 1 else batches

    def __call__(self, number: int) -> rf.TopK:
        """What is timed."""
        return self._retriever.search(self._batches[number % len(self._batches)], TOP_K)

    def ids(self, number: int) -> npt.NDArray[Any]:
        """int64 [B, K]."""
        found = self(number).ids
        return found[None] if found.ndim == 1 else found
