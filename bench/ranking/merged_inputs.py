"""Encoded rows in the form that is best for peers: all ids in one matrix, all numbers in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recfast_training.program import Emitted


class Merged(NamedTuple):
    """Rows of one merged table, int64 [B, F], and numbers, float32 [B, n]."""

    ids: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float32]


class Layout:
    """Which columns the matrices have.

    Attributes:
        fields: the features of the columns of `ids`.
        starts: int64 [F], where the table of each field starts in the merged table of its width.
        numbers: the features of the columns of `numbers`.
    """

    def __init__(self, emitted: Emitted) -> None:
        """Read them from a program; every width of embeddings must have the same fields."""
        program, _, tables = emitted
        self.numbers = [entry["name"] for entry in program["inputs"] if entry["kind"] == "dense"]
        self.ops: dict[int, list[dict[str, Any]]] = {}
        for op in program["ops"]:
            if op["op"] == "embedding_bag":
                self.ops.setdefault(tables[op["table"]].shape[1], []).append(op)
        (self.fields,) = {tuple(op["inputs"][0] for op in ops) for ops in self.ops.values()}
        lengths = {tuple(len(tables[op["table"]]) for op in ops) for ops in self.ops.values()}
        (rows,) = lengths
        self.starts = np.cumsum([0, *rows[:-1]])

    def merge(self, encoded: Mapping[str, npt.NDArray[Any]]) -> Merged:
        """Put what `recfast_training.encode` returns into the two matrices."""
        ids = np.stack([encoded[name] for name in self.fields], axis=1) + self.starts
        return Merged(ids, np.stack([encoded[name] for name in self.numbers], axis=1))
