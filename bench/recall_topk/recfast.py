"""recfast: a retriever, to which the bias is a bias."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

import recfast as rf

from .scenario import TOP_K, TOWER, Floats, Ints, Trained
from .sweep import Setting


class Recfast:
    """Exact: there is nothing to set."""

    ladders = (({},),)

    def __init__(self, trained: Trained, dtype: Literal["i8", "f32"]) -> None:
        self._vectors, self._dtype = trained.vectors, dtype
        self.made_with = f"{dtype}, exact"

    def build(self) -> None:
        self._retriever = rf.Retriever(self._vectors[:, :TOWER], dtype=self._dtype, bias=self._vectors[:, TOWER])

    def size_bytes(self) -> int:
        return self._retriever.size_bytes + self._vectors.nbytes

    def form(self, queries: Floats) -> Floats:
        return np.ascontiguousarray(queries[:, :TOWER])

    def use(self, setting: Setting) -> None:
        del setting

    def search(self, query: Floats) -> rf.TopK:
        return self._retriever.search(query, TOP_K)

    def ids(self, found: Any) -> Ints:
        return np.asarray(found.ids)
