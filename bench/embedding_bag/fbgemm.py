"""FBGEMM: its table-batched op over all tables, with 32-bit ids, which it takes faster than 64-bit ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..competitors import Absent
from .scenario import DIM, Bags, Tables

try:
    from fbgemm_gpu.split_embedding_configs import SparseType
    from fbgemm_gpu.split_table_batched_embeddings_ops_common import EmbeddingLocation, PoolingMode
    from fbgemm_gpu.split_table_batched_embeddings_ops_inference import IntNBitTableBatchedEmbeddingBagsCodegen
    from fbgemm_gpu.tbe.utils import quantize_embs
except OSError as error:
    raise Absent(f"does not load beside torch {torch.__version__}") from error

TYPES = {"f32": SparseType.FP32, "i8": SparseType.INT8, "i4": SparseType.INT4}


class Fbgemm:
    """One call for all tables."""

    def __init__(self, tables: Tables, dtype: str, batches: list[Bags]) -> None:
        self._tables = tables.count
        specs = [(str(t), tables.rows, DIM, TYPES[dtype], EmbeddingLocation.HOST) for t in range(tables.count)]
        self._op = IntNBitTableBatchedEmbeddingBagsCodegen(
            embedding_specs=specs, pooling_mode=PoolingMode.SUM, device="cpu", output_dtype=SparseType.FP32
        )
        self._op.initialize_weights()
        self._op.weights_host = torch.from_numpy(np.zeros(self._op.weights_host.shape, np.uint8))  # in huge pages
        parts = np.split(tables.weights, tables.count)
        for (codes, scales), rows in zip(self._op.split_embedding_weights(), parts, strict=True):
            weights, scale_shift = quantize_embs(torch.from_numpy(rows), TYPES[dtype])
            codes.copy_(weights)
            if scales is not None:
                scales.copy_(scale_shift)
        self._batches = [self._own(bags, tables) for bags in batches]

    def __call__(self, number: int) -> Any:
        """What is timed: float [B, T * D]."""
        return self._op(*self._batches[number % len(self._batches)])

    def sums(self, number: int) -> npt.NDArray[np.float32]:
        """The same as [T * B, D]."""
        found = self(number).numpy()
        return np.ascontiguousarray(found.reshape(len(found), self._tables, DIM).swapaxes(0, 1)).reshape(-1, DIM)

    def _own(self, bags: Bags, tables: Tables) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids within their tables, and one offset more than there are bags."""
        ids = torch.from_numpy((bags.ids % tables.rows).astype(np.int32))
        return ids, torch.from_numpy(np.append(bags.offsets, len(bags.ids)).astype(np.int32))
