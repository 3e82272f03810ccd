"""Table.bag against NumPy float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

EPS = np.finfo(np.float32).eps


def pooled(
    values: npt.NDArray[np.float64],
    ids: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float32] | None,
    pooling: str,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The result, and the sum of magnitudes that bounds its rounding."""
    ends = np.append(offsets[1:], len(ids))[: len(offsets)]
    out, magnitude = np.zeros((2, len(offsets), values.shape[1]))
    for bag, (begin, end) in enumerate(zip(offsets, ends, strict=True)):
        rows = values[ids[begin:end]]
        if weights is not None:
            rows = rows * weights[begin:end, None].astype(np.float64)
        if end == begin:
            continue
        out[bag] = rows.max(axis=0) if pooling == "max" else rows.sum(axis=0)
        magnitude[bag] = np.abs(rows).sum(axis=0)
        if pooling == "mean":
            out[bag] /= end - begin
            magnitude[bag] /= end - begin
    return out, magnitude


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, int, list[int], int]:
    dim = draw(st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 64, 85, 163]))
    lengths = draw(st.lists(st.integers(0, 12), max_size=12))
    return draw(st.integers(1, 30)), dim, lengths, draw(st.integers(0, 2**31))


@pytest.mark.parametrize("pooling", ["sum", "mean", "max"])
@pytest.mark.parametrize("dtype", ["f32", "f16", "i8", "i4"])
@given(case=cases(), weighted=st.booleans())
def test_bags_are_pooled_rows(dtype: Any, pooling: Any, dequantise: Any, case: Any, weighted: bool) -> None:
    rows, dim, lengths, seed = case
    rng = np.random.default_rng(seed)
    table = rf.Table(rng.normal(size=(rows, dim)).astype(np.float32), dtype=dtype)
    ids = rng.integers(0, rows, size=sum(lengths))
    offsets = np.cumsum([0, *lengths])[: len(lengths)].astype(np.int64)
    weights = rng.normal(size=len(ids)).astype(np.float32) if weighted and pooling != "max" else None
    bags = table.bag(ids, offsets, weights, pooling=pooling)
    expected, magnitude = pooled(dequantise(table), ids, offsets, weights, pooling)
    assert bags.shape == (len(lengths), dim)
    assert bags.dtype == np.float32
    longest = max(lengths, default=0)
    assert (np.abs(bags - expected) <= (longest + 3) * EPS * magnitude).all()


def test_a_bag_of_one_is_its_row(dtype: Any) -> None:
    table = rf.Table(np.random.default_rng(3).normal(size=(50, 33)).astype(np.float32), dtype=dtype)
    ids = np.arange(50)
    for pooling in ("sum", "mean", "max"):
        np.testing.assert_array_equal(table.bag(ids, ids, pooling=pooling), table.rows(ids))


def test_a_bag_does_not_depend_on_its_neighbours(dtype: Any) -> None:
    rng = np.random.default_rng(4)
    table = rf.Table(rng.normal(size=(50, 85)).astype(np.float32), dtype=dtype)
    ids = rng.integers(0, 50, size=60)
    weights = rng.normal(size=60).astype(np.float32)
    offsets = [0, 1, 1, 20, 47]
    together = table.bag(ids, offsets, weights)
    for bag, (begin, end) in enumerate(zip(offsets, [*offsets[1:], 60], strict=True)):
        np.testing.assert_array_equal(table.bag(ids[begin:end], [0], weights[begin:end])[0], together[bag])


@pytest.mark.parametrize(("pooling", "expected"), [("sum", -2), ("mean", -1), ("max", -1)])
def test_empty_bags_are_zeros(dtype: Any, pooling: Any, expected: int) -> None:
    table = rf.Table(-np.ones((3, 5), np.float32), dtype=dtype)
    bags = table.bag([0, 1], [0, 0, 2, 2], pooling=pooling)
    np.testing.assert_array_equal(bags, np.outer([0, expected, 0, 0], np.ones(5)))
    assert table.bag([], []).shape == (0, 5)
    np.testing.assert_array_equal(table.bag([], [0, 0]), np.zeros((2, 5)))


@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        ([1], r"must start at 0, but offsets\[0\] = 1"),
        ([0, 2, 1], r"offsets\[1\] = 2 is followed by 1"),
        ([0, 4], r"offsets\[1\] = 4 is followed by 3"),
        ([-1, 0], "must start at 0"),
        ([], "3 ids but no bag"),
        ([[0]], "one dimension, got 2"),
    ],
)
def test_wrong_offsets_are_refused(offsets: Any, message: str) -> None:
    table = rf.Table(np.ones((3, 2), np.float32))
    with pytest.raises(ValueError, match=message):
        table.bag([0, 1, 2], offsets)


def test_wrong_options_are_refused() -> None:
    table = rf.Table(np.ones((3, 2), np.float32))
    with pytest.raises(ValueError, match='"sum", "mean" or "max", got "min"'):
        table.bag([0], [0], pooling="min")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not with"):
        table.bag([0], [0], np.ones(1, np.float32), pooling="max")
    with pytest.raises(ValueError, match="2 ids, 1 weights"):
        table.bag([0, 1], [0], np.ones(1, np.float32))
    with pytest.raises(TypeError, match="weights must be float32, got float64"):
        table.bag([0], [0], np.ones(1))
