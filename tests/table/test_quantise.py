"""f32 weights to f16, i8 and i4 rows, against the rule in NumPy float64."""

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


def encode(weights: np.ndarray[Any, Any], largest: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The rule of i8 and i4, row by row, by search: codes [R, D], and scale and offset [R, 2]."""
    out = []
    for row in weights.astype(np.float64):
        lo, hi = row.min(), row.max()
        offset = np.float16(lo)
        if np.float64(offset) > lo:
            offset = np.nextafter(offset, np.float16(-np.inf))
        with np.errstate(over="ignore"):
            scale = min(np.float16((hi - np.float64(offset)) / largest), np.finfo(np.float16).max)
        while scale > 0 and largest * np.float64(np.nextafter(scale, np.float16(0))) + np.float64(offset) >= hi:
            scale = np.nextafter(scale, np.float16(0))
        while largest * np.float64(scale) + np.float64(offset) < hi:
            scale = np.nextafter(scale, np.float16(np.inf))
        codes = np.zeros(len(row))
        if scale > 0:
            codes = np.clip(np.rint((row - np.float64(offset)) / np.float64(scale)), 0, largest)
        out.append((codes.astype(np.uint8), np.array([scale, offset], dtype=np.float16)))
    codes_, affine = zip(*out, strict=True)
    return np.stack(codes_), np.stack(affine)


def packed(codes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Two codes in a byte, the low half first; a half that is left over is 0."""
    even = np.pad(codes, ((0, 0), (0, codes.shape[1] % 2)))
    return even[:, ::2] | even[:, 1::2] << 4


@pytest.mark.parametrize(("dtype", "largest"), [("i8", 255), ("i4", 15)])
@given(weights=WEIGHTS)
def test_quantised_rows_follow_the_rule(dtype: Any, largest: int, weights: np.ndarray[Any, Any]) -> None:
    table = rf.Table(weights, dtype=dtype)
    codes, affine = encode(weights, largest)
    np.testing.assert_array_equal(table.data[:, :-4], codes if dtype == "i8" else packed(codes))
    # as numbers: the sign of a zero offset is not fixed by the rule
    np.testing.assert_array_equal(np.ascontiguousarray(table.data[:, -4:]).view(np.float16), affine)


@pytest.mark.parametrize("dtype", ["i8", "i4"])
@given(weights=WEIGHTS)
def test_quantised_rows_err_by_half_a_scale_at_most(dtype: Any, weights: np.ndarray[Any, Any]) -> None:
    table = rf.Table(weights, dtype=dtype)
    scale = np.ascontiguousarray(table.data[:, -4:-2]).view(np.float16).astype(np.float64)
    rows = table.rows(np.arange(len(weights))).astype(np.float64)
    assert (np.abs(rows - weights) <= 0.5 * scale + np.spacing(np.abs(rows).astype(np.float32))).all()


@pytest.mark.parametrize(("dtype", "steps"), [("i8", 255), ("i4", 15)])
@given(weights=WEIGHTS)
def test_the_error_is_bounded_by_the_range_of_the_row(dtype: Any, steps: int, weights: np.ndarray[Any, Any]) -> None:
    table = rf.Table(weights, dtype=dtype)
    rows = table.rows(np.arange(len(weights))).astype(np.float64)
    values = weights.astype(np.float64)
    spread = values.max(axis=1) - values.min(axis=1)
    largest = np.abs(values).max(axis=1)
    bound = (spread / 2 / steps + largest * 2**-10 / steps) * (1 + 2**-9) + largest * 2**-22 + 2.0**-24
    assert (np.abs(rows - values).max(axis=1) <= bound).all()


@given(weights=WEIGHTS)
def test_f16_is_the_nearest(weights: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(rf.Table(weights, dtype="f16").data, weights.astype(np.float16).view(np.uint8))


@given(weights=WEIGHTS)
def test_f32_is_untouched(weights: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(rf.Table(weights).data, weights.view(np.uint8))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["f32", "f16", "i8", "i4"])
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
    with pytest.raises(ValueError, match=r"the scale 65600.* of row 1"):
        rf.Table(np.float32([[0, 1], [0, 984000]]), dtype="i4")
    assert rf.Table(np.float32([[65519, -65519]]), dtype="f16").rows([0]).tolist() == [[65504, -65504]]
