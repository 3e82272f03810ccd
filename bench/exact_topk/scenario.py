"""The vectors, the queries, and what has to come back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

DIM, TOP_K, SEED, BATCHES = 64, 100, 20170105, 8
ROUNDING = 1e-5  # of |q| |x|: by how much float32 sums may be off


@dataclass(frozen=True)
class Search:
    """What is searched, and for what.

    Attributes:
        vectors: float32 [N, D], normal.
        batches: float32 [., B, D]: the queries of each call, normal.
    """

    vectors: npt.NDArray[np.float32]
    batches: npt.NDArray[np.float32]

    @cached_property
    def exact(self) -> npt.NDArray[np.float64]:
        """The scores of the first batch: float64 [B, N], summed over the dimensions in order."""
        total = np.zeros((self.batches.shape[1], len(self.vectors)))
        for d in range(DIM):
            total += self.batches[0][:, d, None].astype(np.float64) * self.vectors[:, d].astype(np.float64)
        return total


def make_search(rows: int, queries: int) -> Search:
    """Random vectors: no structure helps to leave some out."""
    rng = np.random.default_rng(SEED)
    vectors = rng.standard_normal((rows, DIM), dtype=np.float32)
    return Search(vectors, rng.standard_normal((BATCHES, queries, DIM), dtype=np.float32))


def compare(found: npt.NDArray[Any], search: Search, *, exact: bool, identical: bool = False) -> float:
    """The recall of an answer to the first batch.

    Args:
        found: int [B, K], best first.
        search: what was asked.
        exact: whether nothing may be missing but for what float32 sums cannot tell apart.
        identical: whether ids must be those of float64 sums rounded to float32, ties to the lower row.

    Raises:
        AssertionError: the answer is not what it should be.
    """
    recalls = []
    for ids, scores, query in zip(found, search.exact, search.batches[0], strict=True):
        right = np.argsort(-scores.astype(np.float32), kind="stable")[:TOP_K]
        assert len(np.unique(ids)) == len(right), "an id came back twice, or too few came back"
        if identical:
            np.testing.assert_array_equal(ids, right)
        doubt = ROUNDING * np.linalg.norm(query) * np.linalg.norm(search.vectors[right], axis=1).max()
        if exact:
            assert scores[ids].min() >= scores[right[-1]] - doubt, "a better one is missing"
        recalls.append(np.isin(right, ids).mean())
    return float(np.mean(recalls))
