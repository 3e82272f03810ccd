"""Table.bag against torch.nn.functional.embedding_bag."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import recfast as rf


@pytest.mark.parametrize("dim", [1, 16, 85])
@pytest.mark.parametrize("pooling", ["sum", "mean", "max"])
def test_bags_are_those_of_torch(dtype: Any, pooling: Any, dim: int, dequantise: Any) -> None:
    rng = np.random.default_rng(dim)
    table = rf.Table(rng.normal(size=(100, dim)).astype(np.float32), dtype=dtype)
    lengths = rng.integers(0, 8, size=50)
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    ids = rng.integers(0, 100, size=lengths.sum())
    expected = torch.nn.functional.embedding_bag(
        torch.from_numpy(ids), torch.from_numpy(dequantise(table)), torch.from_numpy(offsets), mode=pooling
    )
    np.testing.assert_allclose(table.bag(ids, offsets, pooling=pooling), expected.numpy(), rtol=0, atol=1e-5)


def test_weighted_bags_are_those_of_torch(dtype: Any, dequantise: Any) -> None:
    rng = np.random.default_rng(1)
    table = rf.Table(rng.normal(size=(100, 33)).astype(np.float32), dtype=dtype)
    ids = rng.integers(0, 100, size=90)
    offsets = np.arange(0, 90, 9)
    weights = rng.normal(size=90).astype(np.float32)
    expected = torch.nn.functional.embedding_bag(
        torch.from_numpy(ids),
        torch.from_numpy(dequantise(table)),
        torch.from_numpy(offsets),
        mode="sum",
        per_sample_weights=torch.from_numpy(weights.astype(np.float64)),
    )
    np.testing.assert_allclose(table.bag(ids, offsets, weights), expected.numpy(), rtol=0, atol=1e-5)
