from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import recfast as rf

from .definitions import encode_one


@given(data=st.data(), rows=st.integers(0, 9), dim=st.integers(1, 7))
def test_vectors_come_as_they_are(data: st.DataObject, rows: int, dim: int) -> None:
    finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
    values = data.draw(arrays(np.float32, (rows, dim), elements=finite))
    feature = rf.Vector("image", dim=dim)
    for source in (values, values.astype(np.float64), values.tolist(), list(values), np.asfortranarray(values)):
        got = encode_one(feature, source)
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1, 2], None], "row 1 is null"),
        ([[1, 2], [1]], "row 1 has 1 numbers"),
        ([[1, 2], []], "row 1 has 0 numbers"),
        ([[1, 2], [1, 2, 3]], "row 1 has 3 numbers"),
        ([[1, 2], [1, None]], "row 1 holds a null, NaN or infinity at position 1"),
        ([[1, 2], [math.nan, 1]], "row 1 holds a null, NaN or infinity at position 0"),
        ([[1, 2], [math.inf, 1]], "row 1 holds a null, NaN or infinity at position 0"),
        ([[1, 2], [1e39, 1]], "row 1 holds a null, NaN or infinity at position 0"),
    ],
)
def test_null_nan_infinity_and_another_length_are_errors(values: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"feature 'image': {message}; a vector has 2 finite numbers"):
        encode_one(rf.Vector("image", dim=2), values)


@pytest.mark.parametrize("values", [[1.0], ["ab"], [{"a": 1}]])
def test_other_types_are_refused(values: list[Any]) -> None:
    with pytest.raises(TypeError, match="feature 'image': expected lists of 2 numbers, got Python"):
        encode_one(rf.Vector("image", dim=2), values)


def test_lists_of_strings_are_refused() -> None:
    with pytest.raises(TypeError, match="feature 'image': expected numbers, got Python strings"):
        encode_one(rf.Vector("image", dim=2), [["a", "b"]])


def test_a_matrix_is_a_vector_per_row() -> None:
    with pytest.warns(PendingDeprecationWarning):
        values = np.matrix([[1.0, 2.0]])
    assert encode_one(rf.Vector("image", dim=2), values).tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("dim", [0, -1, 2**20 + 1])
def test_dim_is_in_range(dim: int) -> None:
    with pytest.raises(ValueError, match="feature 'image': dim is in"):
        rf.Vector("image", dim=dim)
