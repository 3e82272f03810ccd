"""torch: one table with all rows, one call for all bags; scales and offsets are float32 in i8 rows, f16 in i4 rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from .scenario import Bags, Tables

QUANTISED = {
    "i8": (
        torch.ops.quantized.embedding_bag_byte_prepack,
        torch.ops.quantized.embedding_bag_byte_rowwise_offsets,
    ),
    "i4": (
        torch.ops.quantized.embedding_bag_4bit_prepack,
        torch.ops.quantized.embedding_bag_4bit_rowwise_offsets,
    ),
}


class Torch:
    """`embedding_bag`, and its quantised forms."""

    def __init__(self, tables: Tables, dtype: str, batches: list[Bags]) -> None:
        self._f32 = dtype == "f32"
        self._weights = torch.from_numpy(tables.weights)
        if dtype != "f32":
            pack, self._sum = QUANTISED[dtype]
            packed = pack(self._weights).numpy()
            self._weights = torch.from_numpy(packed.copy())  # memory of numpy, in huge pages like the others
        self._batches = [(torch.from_numpy(b.ids), torch.from_numpy(b.offsets)) for b in batches]

    def __call__(self, number: int) -> Any:
        """What is timed: float [T * B, D]."""
        ids, offsets = self._batches[number % len(self._batches)]
        if self._f32:
            return torch.nn.functional.embedding_bag(ids, self._weights, offsets, mode="sum")
        return self._sum(self._weights, ids, offsets)

    def sums(self, number: int) -> npt.NDArray[np.float32]:
        """The same as an array."""
        found: npt.NDArray[np.float32] = self(number).numpy()
        return found
