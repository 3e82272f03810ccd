"""ScaNN: a tree, anisotropic codes of 2 dimensions each, and exact scores for the best of these."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scann import scann_ops_pybind

from .scenario import TOP_K, Floats, Ints, Trained
from .sweep import Setting

LEAVES_READ = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
REORDERED = (150, 200, 300, 500, 700, 1000)


class Scann:
    """Inner products as they are: that is what its codes are made for."""

    def __init__(self, trained: Trained) -> None:
        self._vectors = trained.vectors
        self._leaves = round(2 * len(self._vectors) ** 0.5)
        self.made_with = f"{self._leaves} leaves"
        self.ladders = [
            [{"leaves": leaves, "reorder": reorder} for leaves in LEAVES_READ if leaves <= self._leaves]
            for reorder in REORDERED
        ]

    def build(self) -> None:
        builder = scann_ops_pybind.builder(self._vectors, TOP_K, "dot_product")
        builder = builder.tree(self._leaves, LEAVES_READ[0], training_sample_size=len(self._vectors))
        builder = builder.score_ah(2, anisotropic_quantization_threshold=0.2).reorder(REORDERED[0])
        self._searcher = builder.set_n_training_threads(os.cpu_count() or 1).build()

    def size_bytes(self) -> int:
        with TemporaryDirectory() as folder:
            self._searcher.serialize(folder)
            return sum(path.stat().st_size for path in Path(folder).iterdir())

    def form(self, queries: Floats) -> Floats:
        return queries

    def use(self, setting: Setting) -> None:
        self._leaves_read, self._reordered = setting["leaves"], setting["reorder"]

    def search(self, query: Floats) -> Any:
        return self._searcher.search(query, TOP_K, self._reordered, self._leaves_read)

    def ids(self, found: Any) -> Ints:
        return np.asarray(found[0]).astype(np.int64)
