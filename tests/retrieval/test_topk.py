"""rf.topk against NumPy's lexsort: score descending, NaN last, then lower row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import recfast as rf


def reference(scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
    nan = np.isnan(scores)
    keys = (np.arange(len(scores)), -np.where(nan, 0, scores.astype(np.float64)), nan)
    return np.lexsort(keys)[:k]


FEW_VALUES = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, np.inf, -np.inf, np.nan])
ANY_VALUES = st.floats(width=32, allow_nan=True, allow_infinity=True)


@given(
    scores=st.one_of(
        hnp.arrays(np.float32, st.integers(0, 300), elements=FEW_VALUES),
        hnp.arrays(np.float32, st.integers(0, 40), elements=ANY_VALUES),
    ),
    k=st.integers(1, 400),
)
def test_topk_is_the_head_of_the_sorted_list(scores: npt.NDArray[np.float32], k: int) -> None:
    top = rf.topk(scores, k)
    np.testing.assert_array_equal(top.ids, reference(scores, k))
    np.testing.assert_array_equal(top.scores, scores[top.ids])
    assert top.ids.dtype == np.int64
    assert top.scores.dtype == np.float32
    assert top.counts.tolist() == [min(k, len(scores))]
    assert top.certified


@pytest.mark.parametrize("n", [1000, 50_000])
@pytest.mark.parametrize("k", [1, 50, 3000])
@pytest.mark.parametrize("order", ["random", "ascending", "descending", "ties", "all equal", "mostly NaN"])
def test_long_lists(n: int, k: int, order: str) -> None:
    rng = np.random.default_rng(n + k)
    scores = rng.normal(size=n).astype(np.float32)
    if order == "ascending":
        scores.sort()
    elif order == "descending":
        scores[::-1].sort()
    elif order == "ties":
        scores = rng.integers(0, 5, size=n).astype(np.float32)
    elif order == "all equal":
        scores[:] = 1
    elif order == "mostly NaN":
        scores[rng.random(n) < 0.99] = np.nan
    top = rf.topk(scores, k)
    np.testing.assert_array_equal(top.ids, reference(scores, k))
    np.testing.assert_array_equal(top.scores, scores[top.ids])


@pytest.mark.parametrize("shape", [(0, 5), (1, 0), (4, 3), (3, 2000)])
def test_a_batch_is_its_queries(shape: tuple[int, int]) -> None:
    scores = np.random.default_rng(0).integers(0, 50, size=shape).astype(np.float32)
    top = rf.topk(scores, 7)
    assert top.ids.shape == top.scores.shape == (shape[0], min(7, shape[1]))
    assert top.counts.tolist() == [min(7, shape[1])] * shape[0]
    for query, ids, best in zip(scores, top.ids, top.scores, strict=True):
        np.testing.assert_array_equal(ids, reference(query, 7))
        np.testing.assert_array_equal(best, query[ids])


def test_strided_scores_and_huge_k() -> None:
    scores = np.arange(20, dtype=np.float32).reshape(4, 5)
    assert rf.topk(scores[:, 1], k=2).ids.tolist() == [3, 2]
    assert rf.topk(scores[::2, ::2], k=10**30).ids.tolist() == [[2, 1, 0], [2, 1, 0]]
    assert rf.topk(scores[0], k=np.int8(1)).ids.tolist() == [4]


@pytest.mark.parametrize(
    ("scores", "k", "error", "message"),
    [
        ([1.0], 1, TypeError, "float32, got float64"),
        (np.zeros(3, np.float16), 1, TypeError, "float32, got float16"),
        (np.zeros(3, np.int64), 1, TypeError, "float32, got int64"),
        (np.zeros((1, 1, 1), np.float32), 1, ValueError, "got 3 dimensions"),
        (np.float32(1), 1, ValueError, "got 0 dimensions"),
        (np.zeros(3, np.float32), 0, ValueError, "k must be at least 1, got 0"),
        (np.zeros(3, np.float32), -5, ValueError, "got -5"),
        (np.zeros(3, np.float32), 1.0, TypeError, "integer"),
    ],
)
def test_what_is_refused(scores: Any, k: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rf.topk(scores, k)


def test_a_result_is_frozen_and_readable() -> None:
    top = rf.topk(np.float32([1, 3, 2]), 2)
    with pytest.raises(AttributeError):
        top.ids = top.ids  # type: ignore[misc]
    assert repr(top) == "TopK(2 ids, best 1 at 3)"
    assert repr(rf.topk(np.zeros((3, 9), np.float32), 2)) == "TopK(3x2 ids)"
    assert repr(rf.topk(np.zeros(0, np.float32), 2)) == "TopK(0 ids)"
