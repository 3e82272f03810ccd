"""f32 weights to f16 and i8 rows, against the rule in NumPy float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import recfast as rf

FINITE_F16 = st.floats(-65504, 65504, width=32)
WEIGHTS = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=FINITE_F16)


def encode_i8(weights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The i8 rule, row by row, by search."""
    out = []
    for row in weights.astype(np.float64):
        lo, hi = row.min(), row.max()
        offset = np.float16(lo)
        if np.float64(offset) > lo:
            offset = np.nextafter(offset, np.float16(-np.inf))
        scale = np.float16((hi - np.float64(offset)) / 255)
        while scale > 0 and 255 * np.float64(np.nextafter(scale, np.float16(0))) + np.float64(offset) >= hi:
            scale = np.nextafter(scale, np.float16(0))
        while 255 * np.float64(scale) + np.float64(offset) < hi:
            scale = np.nextafter(scale, np.float16(np.inf))
        codes = np.zeros(len(row))
        if scale > 0:
            codes = np.clip(np.rint((row - np.float64(offset)) / np.float64(scale)), 0, 255)
        tail = np.array([scale, offset], dtype=np.float16).view(np.uint8)
        out.append(np.concatenate([codes.astype(np.uint8), tail]))
    return np.stack(out)


@given(weights=WEIGHTS)
def test_i8_rows_follow_the_rule(weights: np.ndarray[Any, Any]) -> None:
    table = rf.Table(weights, dtype="i8")
    # the sign of a zero offset is not fixed by the rule
    np.testing.assert_array_equal(table.data[:, : table.dim + 2], encode_i8(weights)[:, : table.dim + 2])
    np.testing.assert_array_equal(
        np.ascontiguousarray(table.data[:, table.dim + 2 :]).view(np.float16),
        np.ascontiguousarray(encode_i8(weights)[:, table.dim + 2 :]).view(np.float16),
    )


@given(weights=WEIGHTS)
def test_i8_errs_by_half_a_scale_at_most(weights: np.ndarray[Any, Any]) -> None:
    table = rf.Table(weights, dtype="i8")
    scale = np.ascontiguousarray(table.data[:, table.dim : table.dim + 2]).view(np.float16).astype(np.float64)
    rows = table.rows(np.arange(len(weights))).astype(np.float64)
    assert (np.abs(rows - weights) <= 0.5 * scale + np.spacing(np.abs(rows).astype(np.float32))).all()


@given(weights=WEIGHTS)
def test_f16_is_the_nearest(weights: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(rf.Table(weights, dtype="f16").data, weights.astype(np.float16).view(np.uint8))


@given(weights=WEIGHTS)
def test_f32_is_untouched(weights: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(rf.Table(weights).data, weights.view(np.uint8))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["f32", "f16", "i8"])
def test_weights_that_are_not_finite_are_refused(dtype: Any, value: float) -> None:
    weights = np.ones((3, 4), np.float32)
    weights[2, 1] = value
    with pytest.raises(ValueError, match=r"must be finite, got .* at row 2, column 1"):
        rf.Table(weights, dtype=dtype)


def test_what_f16_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a weight 1e\+06|a weight 1000000"):
        rf.Table(np.float32([[1e6]]), dtype="f16")
    with pytest.raises(ValueError, match=r"the minimum -100000.* of row 1"):
        rf.Table(np.float32([[0, 1], [-1e5, 0]]), dtype="i8")
    with pytest.raises(ValueError, match=r"the scale .* of row 0"):
        rf.Table(np.float32([[0, 3e38]]), dtype="i8")
    assert rf.Table(np.float32([[65519, -65519]]), dtype="f16").rows([0]).tolist() == [[65504, -65504]]
