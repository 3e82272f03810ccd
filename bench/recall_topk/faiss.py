"""faiss: everything, inverted lists, and a graph."""

from __future__ import annotations

import os
from typing import Any

import faiss
import numpy as np

from .scenario import DIM, TOP_K, Floats, Ints, Trained, one_dimension_more
from .sweep import BREADTHS, Setting

LISTS_READ = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)  # how many inverted lists are read
NEIGHBOURS, CONSTRUCTION = 24, 200


class Flat:
    """Exact up to float32 rounding."""

    made_with = "exact"
    ladders: tuple[tuple[Setting, ...], ...] = (({},),)

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.vectors

    def build(self) -> None:
        self._index = faiss.IndexFlatIP(DIM)
        self._add()

    def size_bytes(self) -> int:
        return int(faiss.serialize_index(self._index).nbytes)

    def form(self, queries: Floats) -> Floats:
        return queries[:, None]

    def use(self, setting: Setting) -> None:
        del setting

    def search(self, query: Floats) -> Any:
        return self._index.search(query, TOP_K)[1]

    def ids(self, found: Any) -> Ints:
        return np.asarray(found[0])

    def _add(self) -> None:
        """On all cores; searches have one."""
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        if not self._index.is_trained:
            self._index.train(self._vectors)
        self._index.add(self._vectors)
        faiss.omp_set_num_threads(1)


class InvertedLists(Flat):
    """As many lists as twice the square root of the rows."""

    ladders = (tuple({"nprobe": n} for n in LISTS_READ),)

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.equally_long
        self._lists = round(2 * len(self._vectors) ** 0.5)
        self.made_with = f"{self._lists} lists"

    def build(self) -> None:
        self._index = faiss.IndexIVFFlat(faiss.IndexFlatL2(DIM + 1), DIM + 1, self._lists, faiss.METRIC_L2)
        self._add()

    def form(self, queries: Floats) -> Floats:
        return one_dimension_more(queries)[:, None]

    def use(self, setting: Setting) -> None:
        self._index.nprobe = setting["nprobe"]


class Graph(Flat):
    """HNSW."""

    made_with = f"M {NEIGHBOURS}, efConstruction {CONSTRUCTION}"
    ladders = (tuple({"efSearch": n} for n in BREADTHS),)

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.equally_long

    def build(self) -> None:
        self._index = faiss.IndexHNSWFlat(DIM + 1, NEIGHBOURS)
        self._index.hnsw.efConstruction = CONSTRUCTION
        self._add()

    def form(self, queries: Floats) -> Floats:
        return one_dimension_more(queries)[:, None]

    def use(self, setting: Setting) -> None:
        self._index.hnsw.efSearch = setting["efSearch"]
