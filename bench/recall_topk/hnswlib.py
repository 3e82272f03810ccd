"""hnswlib: its graph."""

from __future__ import annotations

import os
from typing import Any

import hnswlib
import numpy as np

from .scenario import DIM, TOP_K, Floats, Ints, Trained, one_dimension_more
from .sweep import BREADTHS, Setting

NEIGHBOURS, CONSTRUCTION = 24, 200


class Hnswlib:
    """Built on all cores, searched on one."""

    made_with = f"M {NEIGHBOURS}, ef_construction {CONSTRUCTION}"
    ladders = (tuple({"ef": n} for n in BREADTHS),)

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.equally_long

    def build(self) -> None:
        self._index = hnswlib.Index(space="l2", dim=DIM + 1)
        self._index.init_index(max_elements=len(self._vectors), M=NEIGHBOURS, ef_construction=CONSTRUCTION)
        self._index.add_items(self._vectors, num_threads=os.cpu_count() or 1)
        self._index.set_num_threads(1)

    def size_bytes(self) -> int:
        return int(self._index.index_file_size())

    def form(self, queries: Floats) -> Floats:
        return one_dimension_more(queries)

    def use(self, setting: Setting) -> None:
        self._index.set_ef(setting["ef"])

    def search(self, query: Floats) -> Any:
        return self._index.knn_query(query, TOP_K)[0]

    def ids(self, found: Any) -> Ints:
        return np.asarray(found[0]).astype(np.int64)
