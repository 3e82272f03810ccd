"""usearch: its graph over float32, which needs fewer steps than one over halves."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from usearch.index import Index

from .scenario import DIM, TOP_K, Floats, Ints, Trained, one_dimension_more
from .sweep import BREADTHS, Setting

NEIGHBOURS, CONSTRUCTION = 24, 200


class Usearch:
    """Built on all cores, searched on one."""

    made_with = f"connectivity {NEIGHBOURS}, expansion_add {CONSTRUCTION}"
    ladders = (tuple({"expansion_search": n} for n in BREADTHS),)

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.equally_long

    def build(self) -> None:
        self._index = Index(
            ndim=DIM + 1, metric="l2sq", dtype="f32", connectivity=NEIGHBOURS, expansion_add=CONSTRUCTION
        )
        self._index.add(np.arange(len(self._vectors)), self._vectors, threads=os.cpu_count() or 1)

    def size_bytes(self) -> int:
        return int(self._index.serialized_length)

    def form(self, queries: Floats) -> Floats:
        return one_dimension_more(queries)

    def use(self, setting: Setting) -> None:
        self._index.expansion_search = setting["expansion_search"]

    def search(self, query: Floats) -> Any:
        return self._index.search(query, TOP_K, threads=1)

    def ids(self, found: Any) -> Ints:
        return np.asarray(found.keys).astype(np.int64)
